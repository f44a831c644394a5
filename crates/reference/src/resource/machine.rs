//! Virtual machines.

use std::fmt;

use crate::world::Record;

/// The states of a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being started.
    Starting,
    /// Running.
    Running,
    /// Being stopped.
    Stopping,
    /// Stopped.
    Stopped,
    /// Destroyed; it can be recovered.
    Destroyed,
    /// Being removed for good.
    Expunging,
}

impl State {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Starting, "Starting"),
        (Self::Running, "Running"),
        (Self::Stopping, "Stopping"),
        (Self::Stopped, "Stopped"),
        (Self::Destroyed, "Destroyed"),
        (Self::Expunging, "Expunging"),
    ];

    /// The state that a machine is in.
    pub fn of(machine: &Record) -> Self {
        let shown = machine.text("state");
        Self::NAMES.iter().find(|(_, name)| *name == shown).map_or(Self::Stopped, |(state, _)| *state)
    }

    /// The state as answers name it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a machine boots from.
pub enum Image {
    /// A template.
    Template(Record),
    /// An installation medium; its root disk is empty.
    Iso(Record),
}

impl Image {
    /// The template or ISO itself.
    pub fn record(&self) -> &Record {
        match self {
            Self::Template(record) | Self::Iso(record) => record,
        }
    }

    /// What a machine is made from that boots from it.
    pub fn arguments(&self) -> Vec<(&'static str, String)> {
        let [id, name, text] = match self {
            Self::Template(_) => ["templateid", "templatename", "templatedisplaytext"],
            Self::Iso(_) => ["isoid", "isoname", "isodisplaytext"],
        };
        let image = self.record();
        vec![
            (id, image.id().to_owned()),
            (name, image.text("name").to_owned()),
            (text, image.text("displaytext").to_owned()),
            ("ostypeid", image.text("ostypeid").to_owned()),
            ("passwordenabled", image.is_true("passwordenabled").to_string()),
        ]
    }
}
