//! What is due when.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// What happens to a world when it is due.
pub type Event<W> = Box<dyn FnOnce(&mut W) + Send>;

/// The place of an event in the agenda; events of one moment keep the order in which they were entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Appointment(Timestamp, u64);

/// What is due when.
pub struct Agenda<W> {
    events: BTreeMap<Appointment, Event<W>>,
    entered: u64,
}

impl<W> Default for Agenda<W> {
    fn default() -> Self {
        Self { events: BTreeMap::new(), entered: 0 }
    }
}

impl<W> Agenda<W> {
    /// Enters an event.
    pub fn enter(&mut self, due: Timestamp, event: Event<W>) -> Appointment {
        let appointment = Appointment(due, self.entered);
        self.entered += 1;
        self.events.insert(appointment, event);
        appointment
    }

    /// Strikes an event out, if it is still to come.
    pub fn cancel(&mut self, appointment: Appointment) {
        self.events.remove(&appointment);
    }

    /// Takes the next event that is due by a moment, with the moment it was due at.
    pub fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Event<W>)> {
        let next = self.events.first_entry()?;
        let due = next.key().0;
        (due <= now).then(|| (due, next.remove()))
    }
}
