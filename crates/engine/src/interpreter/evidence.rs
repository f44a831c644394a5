//! What a run showed of a deployment, and which verdicts need more than that.
//!
//! A refusal shows something only of a deployment that takes good requests, and an empty list only of one that has lists with
//! items. Cases share what they showed; what none did is asked for once.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{PlannedCall, PlannedStep, Purpose};
use crate::scenario::{Expectation, Outcome};
use crate::verdict::{Finding, JudgedAnswer, Verdict, Witness, judge_answer, rests_on};
use assay_formats::record::Part;
use assay_suite::source::{Located, Place};
use assay_suite::{Effect, Encoding, Presence, RequirementId, Suite, SuiteName};

use super::lists::plainest;
use super::walk::Interpreter;
use super::{CaseOutcome, NoExchange};

/// An operation of a suite.
type Operation = (SuiteName, String);

/// What a case showed of the deployment, and what its verdict rests on.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Operations that took a request, and answered in the documented shape.
    accepted: BTreeSet<Operation>,
    /// Operations that refused a request which they should have taken, and by which status.
    refused: BTreeMap<Operation, BTreeSet<u16>>,
    /// Lists that showed items.
    listed: BTreeSet<Operation>,
    needs: Vec<Need>,
}

/// What must have been observed for an expectation to be met by more than nothing.
#[derive(Clone, Debug)]
struct Need {
    witness: Witness,
    of: Operation,
    /// The status by which the request was refused.
    status: u16,
    place: Place,
    requirements: Vec<RequirementId>,
    purpose: Purpose,
}

/// Something that a run asks for once, if none of its cases showed it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Whether the suite takes any request.
    Takes(SuiteName),
    /// Whether a list has items.
    Lists(SuiteName, String),
}

impl Evidence {
    fn add(&mut self, other: &Self) {
        self.accepted.extend(other.accepted.iter().cloned());
        self.listed.extend(other.listed.iter().cloned());
        for (operation, statuses) in &other.refused {
            self.refused.entry(operation.clone()).or_default().extend(statuses);
        }
    }

    /// What the verdict of a need lacks in all that is known; nothing if it lacks nothing.
    fn lacks(&self, need: &Need) -> Option<String> {
        let (suite, operation) = &need.of;
        match need.witness {
            Witness::Items if self.listed.contains(&need.of) => None,
            Witness::Items => {
                Some(format!("{operation} never showed an item in this run: with one it could be decided"))
            }
            Witness::Acceptance if self.accepted.contains(&need.of) => None,
            Witness::Acceptance => {
                let alike = self.refused.get(&need.of).is_some_and(|statuses| statuses.contains(&need.status));
                if alike {
                    return Some(format!(
                        "{operation} answered good requests with status {}, too: with one that is accepted it could be \
                         decided",
                        need.status
                    ));
                }
                let takes_any = self.accepted.iter().any(|(known, _)| known == suite);
                (!takes_any).then(|| {
                    format!("no request of {suite} was accepted in this run: with one that is it could be decided")
                })
            }
        }
    }

    /// What a case still has to learn before its verdict says anything.
    fn questions(&self) -> Vec<Question> {
        let unmet = self.needs.iter().filter(|need| self.lacks(need).is_some());
        let mut questions: Vec<_> = unmet
            .map(|need| match need.witness {
                Witness::Acceptance => Question::Takes(need.of.0.clone()),
                Witness::Items => Question::Lists(need.of.0.clone(), need.of.1.clone()),
            })
            .collect();
        questions.sort();
        questions.dedup();
        questions
    }

    /// The questions that this answers.
    fn answers(&self) -> Vec<Question> {
        let takes = self.accepted.iter().map(|(suite, _)| Question::Takes(suite.clone()));
        let lists = self.listed.iter().map(|(suite, operation)| Question::Lists(suite.clone(), operation.clone()));
        takes.chain(lists).collect()
    }
}

/// Withdraws the verdicts of cases that conform by what no case of the run showed to mean anything. The run must be over: what
/// one case lacks another may have shown.
pub fn withdraw_unfounded(outcomes: &mut [CaseOutcome]) {
    let mut known = Evidence::default();
    outcomes.iter().for_each(|outcome| known.add(&outcome.evidence));
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.verdict == Verdict::Conforms) {
        let needs = std::mem::take(&mut outcome.evidence.needs);
        for need in &needs {
            let Some(observed) = known.lacks(need) else { continue };
            let is_told = |finding: &Finding| finding.observed == observed && finding.place == need.place;
            if !outcome.findings.iter().any(is_told) {
                outcome.findings.push(need.finding(observed.clone()));
            }
        }
        outcome.evidence.needs = needs;
        let worst = outcome.findings.iter().map(|finding| finding.verdict).max();
        outcome.verdict = worst.unwrap_or(Verdict::Conforms);
    }
}

impl Need {
    fn finding(&self, observed: String) -> Finding {
        let operation = if self.of.1.is_empty() { "a request without an operation" } else { &self.of.1 };
        let expected = match self.witness {
            Witness::Acceptance => format!("{operation} is refused where a good request is accepted"),
            Witness::Items => format!("{operation} leaves out what it otherwise shows"),
        };
        let verdict = if self.purpose == Purpose::Scenario { Verdict::Inconclusive } else { Verdict::CouldNotRun };
        Finding {
            verdict,
            expected,
            observed,
            place: self.place.clone(),
            requirements: self.requirements.clone(),
            exchange: None,
            deviation: None,
        }
    }
}

impl Interpreter<'_> {
    /// Keeps what an answer shows of the deployment, and what its verdict rests on.
    pub(super) fn observe(
        &mut self,
        step: &PlannedStep,
        call: &PlannedCall,
        expect: &[Located<Expectation>],
        judged: &JudgedAnswer,
    ) {
        let of = (self.suite.name.value.clone(), call.operation.clone());
        self.keep(&of, judged);
        let expects_more = expect.iter().any(|expectation| {
            matches!(expectation.value, Expectation::Outcome(outcome) if outcome != Outcome::Accepted)
                || matches!(expectation.value, Expectation::Status(_))
        });
        let Some(status) = judged.status else { return };
        if !judged.accepted && !expects_more && call.sign.is_empty() {
            self.evidence.refused.entry(of.clone()).or_default().insert(status);
        }
        if !judged.departures.is_empty() {
            return;
        }
        for (index, witness) in rests_on(self.asked(call), expect, judged) {
            let place = index.and_then(|index| expect.get(index)).map_or(&call.place, |found| &found.place).clone();
            let requirements = if step.purpose == Purpose::Scenario { step.verifies.clone() } else { Vec::new() };
            let (of, purpose) = (of.clone(), step.purpose.clone());
            self.evidence.needs.push(Need { witness, of, status, place, requirements, purpose });
        }
    }

    fn keep(&mut self, of: &Operation, judged: &JudgedAnswer) {
        if judged.documented {
            self.evidence.accepted.insert(of.clone());
        }
        if judged.items.is_some_and(|items| items > 0) {
            self.evidence.listed.insert(of.clone());
        }
    }

    /// Asks for what the verdict of the case rests on, if no case of the run showed it.
    pub(super) async fn ask_for_witnesses(&mut self) -> Result<(), NoExchange> {
        self.exchanger.shown(&self.evidence.answers());
        for (number, question) in self.evidence.questions().into_iter().enumerate() {
            let part = Part::Witness(number);
            let (Question::Takes(suite) | Question::Lists(suite, _)) = &question;
            let known = self.case.steps.iter().filter_map(|step| step.suite.as_ref());
            let suite = known.chain([&self.case.suite]).find(|known| known.name.value == *suite).cloned();
            let Some(suite) = suite else { continue };
            let Some((operation, arguments)) = self.witness(&suite, &question) else { continue };
            if !self.exchanger.wants(part, &question) {
                continue;
            }
            self.suite = suite;
            let format =
                self.suite.formats.iter().map(|format| format.encoding).find(|known| *known == self.case.format);
            let format = format.or(self.suite.formats.first().map(|format| format.encoding)).unwrap_or(Encoding::Json);
            let place = Place::start_of(&self.case.scenario.file);
            let name = assay_suite::OperationName(operation.clone());
            let call = PlannedCall::plain(&name, Vec::new(), format, place);
            let exchange = self.exchange(part, &call, arguments).await?;
            let judged = judge_answer(self.asked(&call), &[], &exchange, &self.bindings);
            self.keep(&(self.suite.name.value.clone(), operation), &judged);
            self.exchanger.shown(&self.evidence.answers());
        }
        Ok(())
    }

    /// The plainest request that answers a question.
    fn witness(&self, suite: &Suite, question: &Question) -> Option<(String, Vec<(String, serde_json::Value)>)> {
        let mut lists = suite.operations.values().filter(|operation| {
            let is_meant = match question {
                Question::Takes(_) => true,
                Question::Lists(_, name) => operation.name.value.0 == *name,
            };
            let has_format = operation.effect == Effect::Reads && operation.list.is_some();
            let is_bare = operation.parameters.values().all(|parameter| {
                parameter.presence == Presence::Optional || parameter.credential.is_some() || parameter.value.is_some()
            });
            is_meant && has_format && is_bare
        });
        lists.find_map(|list| Some((list.name.value.0.clone(), plainest(suite, list, &[], &self.bindings)?)))
    }
}
