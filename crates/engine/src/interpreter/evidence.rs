//! What a run showed of a deployment, and which verdicts need more than that.
//!
//! A refusal shows something only of a deployment that takes good requests, and an empty list only of one that has lists with
//! items. Cases share what they showed; what none did is asked for once.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Purpose;
use crate::verdict::{Finding, Verdict, Witness};
use assay_suite::source::Place;
use assay_suite::{RequirementId, SuiteName};

/// An operation of a suite.
pub(super) type Operation = (SuiteName, String);

/// What a case showed of the deployment, and what its verdict rests on.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Operations that took a request, and answered in the documented shape.
    pub(super) accepted: BTreeSet<Operation>,
    /// Operations that refused a request which they should have taken, and by which status.
    pub(super) refused: BTreeMap<Operation, BTreeSet<u16>>,
    /// Lists that showed items.
    pub(super) listed: BTreeSet<Operation>,
    pub(super) needs: Vec<Need>,
}

/// What must have been observed for an expectation to be met by more than nothing.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) witness: Witness,
    pub(super) of: Operation,
    /// The status by which the request was refused.
    pub(super) status: u16,
    pub(super) place: Place,
    pub(super) requirements: Vec<RequirementId>,
    pub(super) purpose: Purpose,
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
    pub(super) fn add(&mut self, other: &Self) {
        self.accepted.extend(other.accepted.iter().cloned());
        self.listed.extend(other.listed.iter().cloned());
        for (operation, statuses) in &other.refused {
            self.refused.entry(operation.clone()).or_default().extend(statuses);
        }
    }

    /// What the verdict of a need lacks in all that is known; nothing if it lacks nothing.
    pub(super) fn lacks(&self, need: &Need) -> Option<String> {
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
    pub(super) fn questions(&self) -> Vec<Question> {
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
    pub(super) fn answers(&self) -> Vec<Question> {
        let takes = self.accepted.iter().map(|(suite, _)| Question::Takes(suite.clone()));
        let lists = self.listed.iter().map(|(suite, operation)| Question::Lists(suite.clone(), operation.clone()));
        takes.chain(lists).collect()
    }
}

impl Need {
    pub(super) fn finding(&self, observed: String) -> Finding {
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
