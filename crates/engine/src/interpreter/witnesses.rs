//! Asks for what verdicts rest on, and withdraws those that rest on nothing.

use crate::plan::{PlannedCall, PlannedStep, Purpose};
use crate::scenario::{Expectation, Outcome};
use crate::verdict::{Finding, JudgedAnswer, Verdict, judge_answer, rests_on};
use assay_formats::record::Part;
use assay_suite::source::{Located, Place};
use assay_suite::{Effect, Encoding, Presence, Suite};

use super::evidence::{Evidence, Need, Operation, Question};
use super::exchanger::NoExchange;
use super::lists::plainest;
use super::outcome::CaseOutcome;
use super::state::Interpreter;

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
