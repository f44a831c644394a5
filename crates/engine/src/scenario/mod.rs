//! Scenarios as people write them: what to do, what to expect, which promises that verifies.

mod chosen;
pub(crate) mod derived;
mod document;
mod expectation;
mod for_each;
pub(crate) mod laws;
mod path_parts;
mod pattern;
mod read;
mod step;
mod template;

pub use chosen::{Choice, Chosen};
pub use derived::{Linked, links};
pub use document::{Allowed, Capabilities, Derived, Fixture, Scenario, Scope, Statuses, StyleName, Written};
pub use expectation::{Ending, Expectation, Matcher, Next, Outcome, PagingCheck, Path};
pub use expectation::{Narrowing, Said, Total, Unchanged};
pub use for_each::{ForEach, OperationChoice, ParameterChoice};
pub use laws::{Law, LawName};
pub use path_parts::{PathPart, Selector};
pub use read::read;
pub(crate) use read::{read_manner, read_operation_choice, read_steps, template as read_template};
pub use step::{
    Action, Await, Call, CallOptions, JobEnd, RequestedFormat, SignatureTrait, SignedPart, Source, Step, StepRole,
    Taken, Until,
};
pub use template::{Bindings, Part, Template};
