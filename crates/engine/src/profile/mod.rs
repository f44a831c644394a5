//! Load profiles as people write them: `scenarios/<api>/load/*.yaml`. When requests are due, what they ask, what is promised.

mod parts;
mod read;
mod shape;
mod written;

pub use parts::{
    Abort, Arrivals, Data, Due, Load, OperationsWithLevel, OwnServiceLevel, Portion, Profile, Promised, SearchBounds,
    Spacing, Trace, TracedArrival, Users,
};
pub use read::read;
pub use shape::{Form, Rate, Segment, Shape};
pub use written::{WrittenForm, WrittenRate, WrittenSegment, WrittenShape};
