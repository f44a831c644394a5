//! The requests that a run makes by itself: to remove what a case created, and to learn what is there.

use crate::plan::PlannedCall;
use crate::scenario::Template;
use crate::verdict::{JudgedAnswer, judge_answer};
use assay_formats::record::Part;
use assay_suite::OperationName;
use assay_suite::source::Place;

use super::ownership::Arguments;
use super::state::Interpreter;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// What a case has to remove.
    Undo,
    /// What is there before anything is created.
    Survey,
}

/// Why a removal came to nothing.
pub(super) enum NotRemoved {
    /// The deployment refuses it, as it says.
    Refused(String),
    /// It says that the thing is busy: it can be removed later.
    Busy(String),
    /// Anything else.
    Failed(String),
}

impl From<NotRemoved> for String {
    fn from(why: NotRemoved) -> Self {
        let (NotRemoved::Refused(why) | NotRemoved::Busy(why) | NotRemoved::Failed(why)) = why;
        why
    }
}

impl Interpreter<'_> {
    /// Makes one request that must be accepted; the error says what came instead. Nothing comes of it where nothing is any more.
    pub(super) async fn ask_to_undo(
        &mut self,
        operation: &OperationName,
        arguments: Arguments,
        account: Option<&str>,
    ) -> Result<Option<JudgedAnswer>, NotRemoved> {
        self.ask_for(Asking::Undo, operation, arguments, account).await
    }

    /// The same, for what it is.
    pub(super) async fn ask_for(
        &mut self,
        asking: Asking,
        operation: &OperationName,
        arguments: Arguments,
        account: Option<&str>,
    ) -> Result<Option<JudgedAnswer>, NotRemoved> {
        /// What a web server says of what is not there, or not any more.
        const NOT_FOUND: [u16; 2] = [404, 410];
        /// What it says when it can be asked again later (RFC 6585, 4; RFC 9110, 15.6.4).
        const LATER: [u16; 2] = [429, 503];
        let case = self.case;
        let templates =
            arguments.iter().map(|(name, value)| (name.clone(), Template::Literal(value.clone()))).collect();
        let call = PlannedCall::plain(operation, templates, case.format, Place::start_of(&case.scenario.file));
        let call = PlannedCall { account: account.map(str::to_owned), ..call };
        let exchange = match asking {
            Asking::Undo => self.exchange(Part::Undo, &call, arguments).await,
            Asking::Survey => self.survey(&call, arguments).await,
        };
        let exchange = exchange.map_err(|none| NotRemoved::Failed(none.to_string()))?;
        let judged = judge_answer(self.asked(&call), &[], &exchange, &self.bindings);
        if judged.accepted {
            return Ok(Some(judged));
        }
        let observed = judged.departures.first().map(|(_, departure)| departure.observed.clone());
        let why = observed.unwrap_or_else(|| "it was refused".to_owned());
        match exchange.outcome {
            Ok(response) if NOT_FOUND.contains(&response.status) => Ok(None),
            Ok(response) if LATER.contains(&response.status) || self.suite.says_busy(&response.body) => {
                Err(NotRemoved::Busy(why))
            }
            Ok(_) => Err(NotRemoved::Refused(why)),
            Err(_) => Err(NotRemoved::Failed(why)),
        }
    }
}
