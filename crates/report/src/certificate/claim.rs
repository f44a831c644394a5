//! What a certificate claims: what was tested, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::coverage::{Gap, RequirementCoverage, RequirementStanding};
use crate::summary::{Ending, SuiteSummary, Summary};
use assay_engine::verdict::Verdict;
use assay_suite::source::{Documents, harmless};
use assay_suite::{RequirementId, Suite};

use super::digest::digest;

/// The type of in-toto statements.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// The type of their predicate.
const PREDICATE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// What a certificate is about, besides what the record holds.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The conformance profile.
    pub profile: String,
    /// What was tested.
    pub implementation: String,
    /// Its version.
    pub version: Option<String>,
}

/// What a statement rests on.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The SHA-256 of the record, in hexadecimal.
    pub record: &'a str,
    /// The documents of the record.
    pub documents: &'a Documents,
    /// The suites of the run.
    pub suites: &'a [Arc<Suite>],
    /// The tags that its scenarios were chosen by; empty if all were taken.
    pub tags: &'a [String],
    /// The run, judged.
    pub summary: &'a Summary,
}

/// Why a statement can't be made.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The suite has no such profile.
    #[error("the suite `{suite}` has no conformance profile `{profile}`\n  help: it has {known}")]
    NoProfile {
        /// The suite.
        suite: String,
        /// The profile that was asked for.
        profile: String,
        /// Those that it has.
        known: String,
    },
    /// The run was not completed.
    #[error("the run was not completed: only a completed run can be certified")]
    Partial,
}

/// What a run showed of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateResult {
    /// All of it conforms.
    Passed,
    /// All of it was tested, and what does not conform is a known deviation.
    Deviates,
    /// Nothing violates it, and something of it was not tested.
    Undecided,
    /// Something violates it.
    Failed,
}

impl CertificateResult {
    /// As in-toto names it, which has no name for what is not decided: the claim is not shown.
    fn name(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Deviates => "WARNED",
            Self::Undecided | Self::Failed => "FAILED",
        }
    }

    /// In words, for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Deviates => "passed with known deviations",
            Self::Undecided => "not decided",
            Self::Failed => "failed",
        }
    }
}

/// How a requirement is part of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// The profile names it, or it belongs to a suite that people wrote.
    Owed,
    /// It was found in an `OpenAPI` document, and counts if assay has a case for it.
    IfThereIsACase,
}

/// What became of the requirements of a profile.
#[derive(Clone, Debug, Default)]
struct Results {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    deviating: BTreeSet<String>,
    untested: BTreeMap<String, &'static str>,
    /// What no case can decide.
    out_of_scope: BTreeMap<String, &'static str>,
}

impl Results {
    fn take(&mut self, requirement: &RequirementCoverage, membership: Membership, verdict: Option<Verdict>) {
        let id = requirement.id.0.clone();
        match (requirement.standing, verdict) {
            (RequirementStanding::Untestable, _) => {
                self.out_of_scope.insert(id, "no request can decide it");
            }
            (_, Some(Verdict::Violates)) => {
                self.failed.insert(id);
            }
            (RequirementStanding::Verified, Some(Verdict::DeviatesAsKnown)) => {
                self.deviating.insert(id);
            }
            (RequirementStanding::Verified, Some(Verdict::Conforms)) => {
                self.passed.insert(id);
            }
            (RequirementStanding::Open, _) if requirement.gap == Some(Gap::Load) => {
                self.out_of_scope.insert(id, "decided by load runs");
            }
            (RequirementStanding::Open, _)
                if matches!(requirement.gap, Some(Gap::NoCase | Gap::Waiting))
                    && membership == Membership::IfThereIsACase =>
            {
                self.out_of_scope.insert(id, "assay has no case for it");
            }
            (_, verdict) => {
                let reason = match (requirement.gap, verdict) {
                    (Some(gap), _) => gap.counted(),
                    (None, Some(Verdict::Flaky)) => "flaky",
                    (None, Some(Verdict::CouldNotRun)) => "could not run",
                    (None, _) => "not decided by all of its cases",
                };
                self.untested.insert(id, reason);
            }
        }
    }

    fn result(&self) -> CertificateResult {
        let nothing_is_shown = self.passed.is_empty() && self.deviating.is_empty();
        if !self.failed.is_empty() {
            CertificateResult::Failed
        // What is left untested voids the claim.
        } else if !self.untested.is_empty() || nothing_is_shown {
            CertificateResult::Undecided
        } else if self.deviating.is_empty() {
            CertificateResult::Passed
        } else {
            CertificateResult::Deviates
        }
    }
}

/// The statement of a certificate. Made again from the same evidence, it is the same.
pub fn statement(claim: &Claim, evidence: Evidence<'_>) -> Result<Value, CertificateError> {
    let Evidence { record, documents, suites, tags, summary } = evidence;
    if summary.run.ending != Ending::Completed {
        return Err(CertificateError::Partial);
    }
    // A run may choose cases of some suites alone: only those are certified, and named.
    let is_run = |suite: &&Arc<Suite>| {
        summary.suites.iter().any(|found| found.name == suite.name.value.0 && found.counts.total() > 0)
    };
    let suites: Vec<_> = suites.iter().filter(is_run).collect();
    let mut results = Results::default();
    for suite in &suites {
        let of_run = summary.suites.iter().find(|found| found.name == suite.name.value.0);
        add(&mut results, claim, (suite, tags), of_run)?;
    }
    let run = &summary.run;
    Ok(json!({
        "_type": STATEMENT,
        "subject": [{"name": "run.jsonl", "digest": {"sha256": record}}],
        "predicateType": PREDICATE,
        "predicate": {
            "result": results.result().name(),
            "configuration": configuration(documents),
            "passedTests": results.passed,
            "warnedTests": results.deviating,
            "failedTests": results.failed,
            "implementation": {"name": claim.implementation, "version": claim.version},
            "profile": claim.profile,
            "suites": suites.iter().map(|suite| suite_of(suite)).collect::<Vec<_>>(),
            "untested": results.untested,
            "outOfScope": results.out_of_scope,
            "run": {
                "id": run.id,
                "started": run.started,
                "target": run.target,
                "certificates": run.certificates,
                "cases": summary.counts,
            },
            "tool": {"name": "assay", "version": run.assay},
        },
    }))
}

fn add(
    results: &mut Results,
    claim: &Claim,
    (suite, tags): (&Suite, &[String]),
    of_run: Option<&SuiteSummary>,
) -> Result<(), CertificateError> {
    let Some(profile) = suite.profiles.get(&claim.profile) else {
        return Err(CertificateError::NoProfile {
            suite: suite.name.value.0.clone(),
            profile: claim.profile.clone(),
            known: suite.profiles.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        });
    };
    let included =
        |id: &RequirementId| suite.requirements.get(id).is_some_and(|requirement| profile.includes(requirement));
    let membership = |id: &RequirementId| {
        // Of scenarios that were chosen by tags, others may have a case.
        let may_lack_one = suite.described.is_some() && tags.is_empty() && !profile.requirements.contains(id);
        if may_lack_one { Membership::IfThereIsACase } else { Membership::Owed }
    };
    for requirement in of_run.into_iter().flat_map(|found| &found.coverage.requirements) {
        if included(&requirement.id) {
            let verdict = of_run.and_then(|found| found.requirements.get(&requirement.id)).copied();
            results.take(requirement, membership(&requirement.id), verdict);
        }
    }
    Ok(())
}

fn suite_of(suite: &Suite) -> Value {
    let document = &suite.document;
    json!({
        "name": suite.name.value.0,
        "document": {"title": document.title, "version": document.version, "date": document.date},
    })
}

/// A group of documents, as in-toto describes what a result depends on.
#[derive(Serialize)]
struct Resource {
    name: String,
    digest: BTreeMap<&'static str, String>,
}

/// The digests of the documents, by folder: `suites/cloudn`.
fn configuration(documents: &Documents) -> Vec<Resource> {
    let mut folders: BTreeMap<String, BTreeMap<&str, String>> = BTreeMap::new();
    for file in documents.iter() {
        let mut parts = file.path.split('/');
        let folder = match (parts.next(), parts.next(), parts.next()) {
            (Some(kind), Some(name), Some(_)) => format!("{kind}/{name}"),
            _ => file.path.clone(),
        };
        folders.entry(folder).or_default().insert(&file.path, digest(file.text.as_bytes()));
    }
    let resources = folders.into_iter().map(|(name, files)| {
        let mut list = String::new();
        for (path, digest) in files {
            // Writing to a string can't fail.
            let _ = writeln!(list, "{digest}  {path}");
        }
        Resource { name, digest: BTreeMap::from([("sha256", digest(list.as_bytes()))]) }
    });
    resources.collect()
}

/// What a statement claims, as far as it can't be seen in the record.
pub fn claim_of(statement: &Value) -> Option<Claim> {
    let predicate = &statement["predicate"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Some(Claim {
        profile: text(&predicate["profile"])?,
        implementation: text(&predicate["implementation"]["name"])?,
        version: text(&predicate["implementation"]["version"]),
    })
}

/// What a statement says that the run came to.
pub fn result_of(statement: &Value) -> Option<CertificateResult> {
    let predicate = &statement["predicate"];
    let is_violated = || predicate["failedTests"].as_array().is_some_and(|failed| !failed.is_empty());
    match predicate["result"].as_str()? {
        "PASSED" => Some(CertificateResult::Passed),
        "WARNED" => Some(CertificateResult::Deviates),
        "FAILED" if is_violated() => Some(CertificateResult::Failed),
        "FAILED" => Some(CertificateResult::Undecided),
        _ => None,
    }
}

/// Where two statements differ, as JSON pointers; nothing if they are the same.
pub fn differences(stated: &Value, judged: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(stated, judged, "", &mut found);
    found
}

fn compare(stated: &Value, judged: &Value, at: &str, found: &mut Vec<String>) {
    match (stated, judged) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<_> = one.keys().chain(other.keys()).collect();
            for name in names {
                let null = &Value::Null;
                compare(one.get(name).unwrap_or(null), other.get(name).unwrap_or(null), &format!("{at}/{name}"), found);
            }
        }
        (one, other) if one == other => {}
        _ => found.push(at.to_owned()),
    }
}

/// What a certificate says, a line for each thing, for people.
pub fn described(statement: &Value) -> String {
    let predicate = &statement["predicate"];
    let text = |value: &Value| harmless::line(value.as_str().unwrap_or_default());
    let count = |name: &str| match &predicate[name] {
        Value::Array(items) => items.len(),
        Value::Object(items) => items.len(),
        _ => 0,
    };
    let suites: Vec<_> =
        predicate["suites"].as_array().into_iter().flatten().map(|suite| text(&suite["name"])).collect();
    let implementation = &predicate["implementation"];
    let version = match &implementation["version"] {
        Value::Null => String::new(),
        version => format!(", version {}", text(version)),
    };
    let words = result_of(statement).map_or("unknown", CertificateResult::words);
    format!(
        "implementation  {}{version}\nprofile         {} of {}\nresult          {words}: {} requirements conform, {} deviate \
         as known, {} are violated, {} were not tested, {} are out of scope",
        text(&implementation["name"]),
        text(&predicate["profile"]),
        suites.join(", "),
        count("passedTests"),
        count("warnedTests"),
        count("failedTests"),
        count("untested"),
        count("outOfScope")
    )
}
