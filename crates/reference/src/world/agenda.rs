//! What is due when.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::World;

/// What happens to the world when it is due.
pub type Event = Box<dyn FnOnce(&mut World) + Send>;

/// The place of an event in the agenda; events of one moment keep the order in which they were entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Appointment(Timestamp, u64);

/// What is due when.
#[derive(Default)]
pub struct Agenda {
    events: BTreeMap<Appointment, Event>,
    entered: u64,
}

impl Agenda {
    /// Enters an event.
    pub fn enter(&mut self, due: Timestamp, event: Event) -> Appointment {
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
    pub fn take_due(&mut self, now: Timestamp) -> Option<(Timestamp, Event)> {
        let next = self.events.first_entry()?;
        let due = next.key().0;
        (due <= now).then(|| (due, next.remove()))
    }
}
