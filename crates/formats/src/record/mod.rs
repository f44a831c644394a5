//! The record of a run: a stream of events, one JSON object a line, from which every verdict and report can be made again.
//!
//! Events are only ever appended, each as one line with its checksum; what has to be removed is on the disk before the run goes
//! on. A record that ends early is readable up to where it ends. Secrets are replaced before an event is made;
//! where a verdict rests on one, the event of the case's end has the verdict.

mod checksum;
mod clock;
mod event;
mod gates;
mod inventory;
mod lines;
pub mod load;
pub mod load_reader;
mod obligation;
mod reader;
mod shard;
mod survey;
mod writer;

pub use checksum::Damage;
pub use clock::{ClockOffset, Side, Skew};
pub use event::{
    Event, FORMAT, OLDEST, Part, RecordedFinding, RecordedJudgement, RecordedPlace, RecordedService, RecordedTarget,
    RunEnding, RunStarted, Strictness,
};
pub use gates::{Gates, Share, Untested};
pub use inventory::{Inventory, InventoryOf, Presence};
pub use lines::BadLine;
pub use obligation::{
    Change, Ledger, Obligation, ObligationKind, ObligationOwner, OpenObligation, Origin, UniqueName, removal,
};
pub use reader::{Ending, Record, RecordError, RecordedCase};
pub use survey::Survey;
pub use writer::{RecordWriter, WriteError};
