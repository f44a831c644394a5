//! Removes what an earlier run left, by the open obligations of its record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::plan::{Case, PlannedCall};
use crate::scenario::{Bindings, Template};
use crate::verdict::judge_answer;
use assay_formats::record::{ObligationKind, OpenObligation, Origin};
use assay_schema::Schemas;
use assay_suite::Variable;
use assay_suite::http::Exchange;
use assay_suite::source::{Located, Place, SourceFile};
use assay_suite::{Encoding, OperationName, Suite, SuiteName};

use super::created::origin;
use super::exchanger::Exchanger;
use super::obligations::{Accepted, HeldObligation, Knowledge, Standing};
use super::saved::located;
use super::state::{Interpreter, Memory};

/// The record names what the documents do not have.
#[derive(Debug, thiserror::Error)]
#[error("what is to be removed is of suite `{0}`, and no document describes it: name its folder with `--documents`")]
pub struct Unknown(SuiteName);

/// How long an undoing waits.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// For a job.
    pub longest_job: Duration,
    /// For what the earlier run may have asked for, and did not live to see the end of.
    pub patience: Duration,
}

/// Meets the obligations of one case or journey of an earlier run, the latest first, as that run would have done.
///
/// # Errors
///
/// If a suite that it is of is not known; nothing is asked then.
pub async fn undo_open(
    known: &BTreeMap<SuiteName, Arc<Suite>>,
    schemas: &Schemas,
    open_obligations: &BTreeMap<u64, OpenObligation>,
    waits: Waits,
    exchanger: Box<dyn Exchanger + '_>,
) -> Result<(), Unknown> {
    let of = |open: &OpenObligation| {
        let name = &open.obligation.suite;
        known.get(name).cloned().ok_or_else(|| Unknown(name.clone()))
    };
    let suites = open_obligations.values().map(of).collect::<Result<Vec<_>, _>>()?;
    let Some((suite, open)) = suites.first().zip(open_obligations.values().next()) else { return Ok(()) };
    let case = remains(suite, open.obligation.format, waits.longest_job);
    // It is asked for no name of its own.
    let mut interpreter = Interpreter::new(&case, schemas, "", exchanger);
    interpreter.memory = Memory::Partial;
    interpreter.patience = waits.patience;
    for ((number, open), suite) in open_obligations.iter().zip(suites) {
        interpreter.take_over(*number, open, &suite);
    }
    interpreter.report_changes();
    interpreter.undo_all().await;
    Ok(())
}

impl Interpreter<'_> {
    /// Takes over an obligation of an earlier run. If it recorded the answer to a request, but did not come to look at it, that is done here.
    fn take_over(&mut self, number: u64, open: &OpenObligation, suite: &Arc<Suite>) {
        let (account, kind) = (open.obligation.account.clone(), open.obligation.kind.clone());
        if kind.is_withheld() {
            self.exchanger.left_over(&format!("{kind}: what names it is a secret, which the record does not hold"));
            return;
        }
        let answered = open.answered.as_ref().filter(|exchange| exchange.outcome.is_ok());
        let look = match (&kind, answered) {
            (ObligationKind::Request { operation, origin, .. }, Some(exchange)) => {
                Some((operation.clone(), origin.clone(), exchange.clone()))
            }
            _ => None,
        };
        let (suite_of, standing) = (Arc::clone(suite), Standing::Named);
        let obligation = HeldObligation { number, suite: suite_of, account: account.clone(), kind, standing };
        self.obligations.take_over(obligation);
        if let Some((operation, origin, exchange)) = look {
            match self.look_at(suite, &operation, (account, origin.as_ref()), &exchange) {
                Knowledge::Whole => self.obligations.met(number),
                Knowledge::Unclear(why) => self.obligations.unclear(number, &why),
                Knowledge::None | Knowledge::Kept => {}
            }
        }
    }

    fn look_at(
        &mut self,
        suite: &Arc<Suite>,
        operation: &OperationName,
        (account, origin): (Option<String>, Option<&Origin>),
        exchange: &Exchange,
    ) -> Knowledge {
        self.suite = Arc::clone(suite);
        let place = Place::start_of(&self.case.scenario.file);
        let call = PlannedCall { account, ..PlannedCall::plain(operation, Vec::new(), self.case.format, place) };
        let judged = judge_answer(self.asked(&call), &[], exchange, &self.bindings);
        if !judged.accepted {
            return Knowledge::Whole;
        }
        self.obligations.accepted(&Accepted {
            suite,
            call: &call,
            sent: &[],
            unique: &self.unique,
            origin,
            answer: judged.value.as_ref(),
            located: located(&judged).as_ref(),
        })
    }
}

/// Notes what is there of what requests are about to create, as a case does before it sends one.
pub async fn take_inventories(
    suite: &Arc<Suite>,
    schemas: &Schemas,
    calls: &[&PlannedCall],
    bindings: &Bindings,
    exchanger: Box<dyn Exchanger + '_>,
) {
    let Some(first) = calls.first() else { return };
    let case = remains(suite, first.answered, Duration::ZERO);
    let mut interpreter = Interpreter::new(&case, schemas, "", exchanger);
    interpreter.bindings.extend(bindings.iter().map(|(name, value)| (name.clone(), value.clone())));
    for call in calls {
        interpreter.take_inventory(call, &known_arguments(call, bindings)).await;
    }
}

/// How what a request creates is distinguished from what others created; nothing if it creates nothing that is removed.
pub fn origin_of(suite: &Suite, call: &PlannedCall, bindings: &Bindings, unique: &str) -> Option<Origin> {
    let operation = suite.operations.get(call.operation.as_str())?;
    let undo = operation.undo.as_ref().filter(|undo| undo.sets_back().is_none())?;
    let unique = Value::from(unique);
    let mut bindings = bindings.clone();
    bindings.insert(Variable::unique(), unique.clone());
    Some(origin(suite, operation, undo, &known_arguments(call, &bindings), &unique))
}

/// The arguments whose values are known.
fn known_arguments(call: &PlannedCall, bindings: &Bindings) -> Vec<(String, Value)> {
    let known = |(name, value): &(String, Template)| Some((name.clone(), value.resolve(bindings).ok()?));
    call.arguments.iter().filter_map(known).collect()
}

/// A case without steps, which has only to remove what is left.
fn remains(suite: &Arc<Suite>, format: Encoding, longest_job: Duration) -> Case {
    let place = Place::start_of(&SourceFile::new("the record", ""));
    let title = Located { value: "what an earlier run left is removed".to_owned(), place };
    Case::bare(String::new(), title, suite, format, longest_job)
}
