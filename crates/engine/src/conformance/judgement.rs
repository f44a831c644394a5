//! What is written of a case's outcome: without secrets, and so that a record can be judged again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::interpreter::{CaseOutcome, CaseSecrets, LONGEST_EVIDENCE, Session};
use crate::plan::Case;
use crate::verdict::{Finding, Verdict};
use assay_formats::record::{Part, RecordedCase, RecordedFinding, RecordedJudgement, RecordedPlace};
use assay_suite::Variable;
use assay_suite::http::Exchange;
use assay_suite::source::{Documents, Place, SourceFile};

use super::tape::replay_case;

/// Of the answers of one case so many bytes are kept to be judged again.
const MOST_KEPT: usize = 64 << 20;
/// What a reader sees of a verdict that the record does not show.
const AS_IN_THE_RUN: &str =
    "the verdict is that of the run: it rests on secrets, which the record does not hold, so it can't be judged again";

/// The exchanges of one case as they are recorded.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Exchanges>>);

#[derive(Default)]
struct Exchanges {
    all: Vec<(Part, Exchange)>,
    bytes: usize,
    /// Whether something was taken out of an answer.
    withheld: bool,
}

impl Kept {
    /// One more: as it came, and as it is recorded.
    pub fn add(&self, part: Part, came: &Exchange, recorded: &Exchange) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.withheld |= came.outcome != recorded.outcome;
        kept.bytes += recorded.outcome.as_ref().map_or(0, |response| response.body.len());
        let fits = kept.bytes <= MOST_KEPT;
        kept.all.push((part, if fits { recorded.clone() } else { recorded.evidence(LONGEST_EVIDENCE) }));
    }

    fn take(&self) -> Exchanges {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The variables that a case is given.
type Given = Arc<BTreeMap<Variable, Value>>;

/// What was given to cases, and how it may be written: most cases of a run share it.
#[derive(Clone, Default)]
pub(super) struct GivenAsWritten(Arc<Mutex<Vec<(Given, Given)>>>);

impl GivenAsWritten {
    fn of(&self, given: &Given, secrets: &CaseSecrets) -> Given {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, written)) = all.iter().find(|(known, _)| Arc::ptr_eq(known, given)) {
            return Arc::clone(written);
        }
        let written = given.iter().map(|(name, value)| (name.clone(), secrets.redactor().variable(name, value)));
        let written = Arc::new(written.collect());
        all.push((Arc::clone(given), Arc::clone(&written)));
        written
    }
}

/// The outcome of a case as it may be written; and what the record has to hold of it, if its exchanges don't show it.
pub(super) async fn as_written(
    session: &Session,
    case: &Case,
    outcome: CaseOutcome,
    kept: &Kept,
    secrets: &CaseSecrets,
    given: &GivenAsWritten,
) -> (CaseOutcome, Option<Box<RecordedJudgement>>) {
    let Exchanges { all, bytes, withheld } = kept.take();
    // What a report plans with.
    let given = given.of(&case.given, secrets);
    if !withheld && given == case.given {
        return (with_words(outcome, all, |text| secrets.words(text)), None);
    }
    if bytes <= MOST_KEPT {
        let case = Case { given, ..case.clone() };
        let mut again = replay_case(&case, session.schemas(), session.run(), all.clone(), session.inventories()).await;
        if is_alike(&outcome, &again) {
            (again.evidence, again.sightings) = (outcome.evidence, outcome.sightings);
            return (with_words(again, all, |text| secrets.words(text)), None);
        }
    }
    let outcome = with_words(outcome, all, |text| secrets.text(text));
    let judged = recorded(&outcome);
    (outcome, Some(Box::new(judged)))
}

/// Whether two outcomes say the same of the same places.
fn is_alike(one: &CaseOutcome, other: &CaseOutcome) -> bool {
    let said = |outcome: &CaseOutcome| {
        let findings = outcome.findings.iter().map(|finding| (finding.verdict, finding.place.to_string()));
        (outcome.verdict, outcome.steps_run, outcome.notices.len(), findings.collect::<Vec<_>>())
    };
    said(one) == said(other)
}

/// An outcome with its exchanges as they are recorded, and its texts as they may be written.
fn with_words(mut outcome: CaseOutcome, kept: Vec<(Part, Exchange)>, words: impl Fn(&str) -> String) -> CaseOutcome {
    for finding in &mut outcome.findings {
        finding.expected = words(&finding.expected);
        finding.observed = words(&finding.observed);
    }
    outcome.notices.iter_mut().for_each(|notice| *notice = words(notice));
    outcome.reason = outcome.reason.map(|reason| words(&reason));
    if !outcome.exchanges.is_empty() {
        outcome.exchanges = clipped(kept);
    }
    outcome
}

fn clipped(exchanges: Vec<(Part, Exchange)>) -> Vec<(Part, Exchange)> {
    exchanges.into_iter().map(|(part, exchange)| (part, exchange.evidence(LONGEST_EVIDENCE))).collect()
}

fn recorded(outcome: &CaseOutcome) -> RecordedJudgement {
    let place = |place: &Place| RecordedPlace { path: place.file.path.clone(), line: place.line, column: place.column };
    let finding = |finding: &Finding| RecordedFinding {
        verdict: finding.verdict.to_string(),
        expected: finding.expected.clone(),
        observed: finding.observed.clone(),
        place: place(&finding.place),
        requirements: finding.requirements.clone(),
        exchange: finding.exchange,
        deviation: finding.deviation.as_ref().map(place),
    };
    RecordedJudgement {
        verdict: outcome.verdict.to_string(),
        reason: outcome.reason.clone(),
        findings: outcome.findings.iter().map(finding).collect(),
        notices: outcome.notices.clone(),
        steps_run: outcome.steps_run,
    }
}

/// The outcome that a record holds.
pub(super) fn outcome(
    case: &Case,
    judged: &RecordedJudgement,
    recorded: &RecordedCase,
    documents: &Documents,
    replayed: CaseOutcome,
) -> CaseOutcome {
    let verdict = |name: &str| Verdict::ALL.into_iter().find(|verdict| verdict.to_string() == name);
    // A record that says what no run says decides nothing.
    let verdict = |name: &str| verdict(name).unwrap_or(Verdict::Inconclusive);
    let place = |place: &RecordedPlace| {
        let file = documents.get(&place.path).cloned().unwrap_or_else(|| SourceFile::new(place.path.as_str(), ""));
        Place::at(&file, place.line, place.column)
    };
    let findings = judged.findings.iter().map(|finding| Finding {
        verdict: verdict(&finding.verdict),
        expected: finding.expected.clone(),
        observed: finding.observed.clone(),
        place: place(&finding.place),
        requirements: finding.requirements.clone(),
        exchange: finding.exchange.filter(|number| *number < recorded.exchanges.len()),
        deviation: finding.deviation.as_ref().map(place),
    });
    let came_to = verdict(&judged.verdict);
    let (first, last) = (recorded.exchanges.first(), recorded.exchanges.last());
    let took = first.zip(last).map(|((_, first), (_, last))| last.timing.ended().saturating_sub(first.timing.sent()));
    CaseOutcome {
        case: case.name.clone(),
        verdict: came_to,
        reason: judged.reason.clone(),
        findings: findings.collect(),
        notices: judged.notices.iter().cloned().chain([AS_IN_THE_RUN.to_owned()]).collect(),
        steps_run: judged.steps_run,
        exchange_count: recorded.exchanges.len(),
        exchanges: if came_to == Verdict::Conforms { Vec::new() } else { clipped(recorded.exchanges.clone()) },
        took: took.unwrap_or_default(),
        evidence: replayed.evidence,
        sightings: replayed.sightings,
    }
}
