//! What can be said on the command line.

mod call;
mod command_line;
mod finished;
mod load;
mod new;
mod reports;
mod serve;
mod shown;
mod target;
mod test;
mod value;

pub use call::{CallArguments, CallOutput, CallRequest, DoctorArguments, GivenValue, ShellArguments};
pub(super) use command_line::command;
pub use command_line::{Arguments, Command, Common};
pub use finished::{
    BadgeArguments, CertifyArguments, CompareArguments, HistoryArguments, ReportArguments, UndoArguments,
    VerifyArguments,
};
pub use load::{LoadArguments, Scheduler};
pub use new::{FromRecordedArguments, NewCommand, NewSuiteArguments, SuiteStyle};
pub use reports::{ReportFormat, ReportWanted};
pub use serve::{Behaviour, ServeArguments};
pub use shown::{CheckArguments, CoverageArguments, DiscoverArguments, ListArguments, Listed, OutputFormat};
pub use target::{TargetCommand, TargetInitArguments};
pub use test::{ExploreArguments, TestArguments};
pub use value::Encoding;
pub(super) use value::duration;
