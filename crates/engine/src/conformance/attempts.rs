//! A case that is run again after it failed. Each attempt is recorded as a case of its own, by the case's name and its number.

use crate::interpreter::CaseOutcome;
use crate::plan::Case;
use crate::verdict::Verdict;

/// What a run does about a case that fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions {
    /// How often the case is run again.
    pub retries: u32,
    /// Whether other cases are begun after it.
    pub at_failure: AtFailure,
}

/// Whether further cases are begun after one failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtFailure {
    /// They are.
    #[default]
    Continue,
    /// They are skipped.
    Stop,
}

/// Why a case was skipped after another had failed.
pub(super) const NOT_BEGUN_AFTER_FAILURE: &str = "an earlier case failed, and the run stops then (--fail-fast)";

/// The name of an attempt, counted from 1; the first is called as its case.
pub(super) fn name(case: &str, attempt: u32) -> String {
    if attempt <= 1 { case.to_owned() } else { format!("{case} (attempt {attempt})") }
}

/// The case of an attempt. What it creates has names of its own.
pub(super) fn of_case(case: &Case, attempt: u32) -> Case {
    let vlan_user = case.vlan_user.filter(|_| attempt <= 1);
    Case { name: name(&case.name, attempt), vlan_user, ..case.clone() }
}

/// Whether a case is worth another attempt.
pub(super) fn is_failed(outcome: &CaseOutcome) -> bool {
    matches!(outcome.verdict, Verdict::Violates | Verdict::CouldNotRun | Verdict::Inconclusive)
}

/// What all attempts of a case come to. Where not all came to the same, the case is flaky, and the first failure is its evidence.
pub(super) fn settle(case: &str, mut attempts: Vec<CaseOutcome>) -> Option<CaseOutcome> {
    let count = attempts.len();
    let last = attempts.pop()?;
    let took = attempts.iter().map(|attempt| attempt.took).sum::<std::time::Duration>() + last.took;
    let first = attempts.into_iter().next();
    let settled = match first {
        Some(first) if !is_failed(&last) => {
            let notice = format!("flaky: attempt 1 {}, attempt {count} {}", first.verdict, last.verdict);
            let reason = Some(match first.reason {
                Some(reason) => format!("{notice}; {reason}"),
                None => notice,
            });
            let (evidence, sightings) = (last.evidence, last.sightings);
            let findings = first.findings.into_iter().map(|mut finding| {
                finding.verdict = finding.verdict.min(Verdict::Flaky);
                finding
            });
            let findings = findings.collect();
            CaseOutcome { verdict: Verdict::Flaky, reason, evidence, sightings, findings, ..first }
        }
        Some(_) => {
            let mut last = last;
            last.notices.push(format!("it failed in each of {count} attempts"));
            last
        }
        None => last,
    };
    Some(CaseOutcome { case: case.to_owned(), took, ..settled })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(verdict: Verdict) -> CaseOutcome {
        CaseOutcome { verdict, reason: None, ..CaseOutcome::skipped("a", String::new()) }
    }

    #[test]
    fn a_case_that_fails_and_then_conforms_is_flaky() {
        let settled = settle("a", vec![outcome(Verdict::Violates), outcome(Verdict::Conforms)]).unwrap();
        assert_eq!(settled.verdict, Verdict::Flaky);
        assert_eq!(settled.reason.as_deref(), Some("flaky: attempt 1 violates, attempt 2 conforms"));
    }

    #[test]
    fn a_case_that_always_fails_is_not_flaky() {
        let settled = settle("a", vec![outcome(Verdict::Violates), outcome(Verdict::Violates)]).unwrap();
        assert_eq!((settled.verdict, settled.notices.len()), (Verdict::Violates, 1));
        assert_eq!(settle("a", vec![outcome(Verdict::Conforms)]).unwrap().verdict, Verdict::Conforms);
    }
}
