//! What a run creates it removes, or reports: the reference cloud holds the same before and after every suite, with and without
//! faults.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use support::{Reference, library, plan, quick, reference_of};
use tokio::sync::watch;

use crate::support;
use assay_engine::conformance::RecordedSession;
use assay_engine::plan::{Case, Library};
use assay_formats::record::RecordWriter;
use assay_reference::{Behaviour, Fault, Held, RunningCloud, Settings};
use assay_suite::SuiteName;

/// Faults that touch what is created and how it is removed, by suite.
const FAULTS: [(&str, &str); 6] = [
    ("cloudn", "delete-leaves-volume"),
    ("cloudn", "revoke-leaves-rule"),
    ("ec2", "ec2-delete-leaves-snapshot"),
    ("hicloud", "hicloud-terminate-leaves"),
    ("cloudstack", "cloudstack-tags-kept"),
    ("hicloud", "hicloud-policy-not-deleted"),
];

/// What a run of cases came to.
struct Came {
    /// What there is that was not there before.
    new: Vec<Held>,
    /// What was there before and is gone.
    gone: Vec<Held>,
    /// What the run said that it left.
    left_over: Vec<String>,
    /// What it removed, without being able to show that it is gone.
    unproven: Vec<String>,
}

/// Runs the cases of suites that a filter chooses, and compares what there is before and after.
async fn ran(library: &Library, settings: Settings, suites: &[&str], chosen: impl Fn(&Case) -> bool) -> Came {
    // The machines of the EC2 side are those of cloudn.
    let served: BTreeSet<_> = suites.iter().chain(&["cloudn"]).map(|name| SuiteName((*name).to_owned())).collect();
    let Reference { cloud, target } = reference_of(library, settings, &served).await;
    let plan = plan(library, &target, suites);
    let cases: Vec<_> = plan.cases.iter().filter(|case| chosen(case)).cloned().collect();
    assert!(!cases.is_empty(), "{suites:?}: no case is chosen");
    let before = cloud.inventory();
    let (_stop, stopped) = watch::channel(false);
    let record = RecordWriter::new(std::io::sink());
    let session = RecordedSession::new(target, library.schemas.clone(), record, "inventory".into(), stopped).unwrap();
    let run = stream::iter(&cases).map(|case| {
        let (session, case) = (session.clone(), Arc::clone(case));
        async move { drop(tokio::spawn(async move { session.run(&case).await }).await.unwrap()) }
    });
    run.buffer_unordered(8).collect::<Vec<_>>().await;
    let after = at_rest(&cloud).await;
    let ids = |held: &[Held]| -> BTreeSet<_> { held.iter().map(|one| (one.kind.clone(), one.id.clone())).collect() };
    let (known, there) = (ids(&before), ids(&after));
    let is_in = |ids: &BTreeSet<(String, String)>, held: &Held| ids.contains(&(held.kind.clone(), held.id.clone()));
    Came {
        new: after.into_iter().filter(|held| !is_in(&known, held)).collect(),
        gone: before.into_iter().filter(|held| !is_in(&there, held)).collect(),
        left_over: session.left_over().into_iter().map(|(_, what)| what).collect(),
        unproven: session.unproven().into_iter().map(|(_, what)| what).collect(),
    }
}

/// What there is once removals that were accepted have ended: an API without jobs does not say when.
async fn at_rest(cloud: &RunningCloud) -> Vec<Held> {
    for _ in 0..100 {
        let held = cloud.inventory();
        if !held.iter().any(|one| one.shows.contains("\"status\":\"Deleting\"")) {
            return held;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cloud.inventory()
}

/// Operations of which nothing takes back what they do, as reports say it, with the kind of what they make.
const NOT_REMOVABLE: [(&str, &str); 4] = [
    ("what addSwift created is not removed", "swift"),
    ("what createVirtualRouterElement created is not removed", "virtualrouterelement"),
    ("what create-query-job created is not removed", "query job"),
    ("what ldapConfig changed is not set back", "ldapconfig"),
];

impl Came {
    /// What is new, and not reported.
    fn unreported(&self) -> Vec<&Held> {
        let text = [&self.left_over[..], &self.unproven].concat().join("\n");
        let mut not_removable: Vec<_> =
            NOT_REMOVABLE.iter().map(|(report, kind)| (*kind, text.matches(report).count())).collect();
        // A disk has no name of its own: the report says for which offering it came with a machine.
        let mut disks = text.matches("a data disk that deployVirtualMachine created for ").count();
        let mut is_reported = |held: &&Held| {
            if held.shows.contains("\"name\":\"DATA-") && disks > 0 {
                disks -= 1;
                return true;
            }
            let stays = not_removable.iter_mut().find(|(kind, left)| *kind == held.kind && *left > 0);
            if let Some((_, left)) = stays {
                *left -= 1;
                return true;
            }
            let address = held.shows.split("\"publicipid\":\"").nth(1).and_then(|rest| rest.split('"').next());
            let names = [Some(held.id.as_str()), unique_part(&held.shows), address];
            names.into_iter().flatten().any(|name| text.contains(name))
        };
        self.new.iter().filter(|held| !is_reported(held)).collect()
    }

    /// Reports of what stays for which nothing stays.
    fn overreported(&self) -> Vec<String> {
        let text = self.left_over.join("\n");
        let differs = NOT_REMOVABLE.iter().filter_map(|(report, kind)| {
            let reported = text.matches(report).count();
            let there = self.new.iter().filter(|held| held.kind == *kind).count();
            (reported > there).then(|| format!("{report}: {reported} reported, {there} there"))
        });
        differs.collect()
    }

    fn assert_reported(&self, what: &str) {
        let unreported = self.unreported();
        assert!(unreported.is_empty(), "{what}: {} left without a report: {unreported:#?}", unreported.len());
        let overreported = self.overreported();
        assert!(overreported.is_empty(), "{what}: {overreported:?}");
        assert!(self.gone.is_empty(), "{what}: removed, and not made by the run: {:#?}", self.gone);
    }
}

/// What nothing else has in its name: `assay-` and what follows.
fn unique_part(shows: &str) -> Option<&str> {
    let name = shows.split_once("assay-")?.1.split('"').next()?;
    // `assay-new-` is followed by it, too.
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).find(|part| part.len() >= 8)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_suite_leaves_the_cloud_as_it_was_or_reports_what_stays() {
    let library = library();
    for suite in ["cloudn", "ec2", "hicloud", "ies", "esm", "cloudstack"] {
        let came = ran(&library, quick(), &[suite], |_| true).await;
        came.assert_reported(suite);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_its_time_is_left_as_it_was_or_what_stays_is_reported() {
    let library = library();
    let settings = Settings { behaviour: Behaviour::CloudStack41, ..quick() };
    let in_json = |case: &Case| case.format == assay_suite::Encoding::Json;
    for suite in ["cloudn", "cloudstack"] {
        ran(&library, settings.clone(), &[suite], in_json).await.assert_reported(suite);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_fault_keeps_from_being_removed_is_reported() {
    let library = library();
    for (suite, name) in FAULTS {
        let fault = Fault::from_name(name).unwrap();
        let settings = Settings { faults: vec![fault], ..quick() };
        let creates = |case: &Case| {
            let first = case.suite.formats.first().map(|format| format.encoding);
            case.isolation != assay_engine::plan::Isolation::None && first == Some(case.format)
        };
        let came = ran(&library, settings, &[suite], creates).await;
        let unreported = came.unreported();
        assert!(unreported.is_empty(), "{name}: left without a report: {unreported:#?}");
        assert!(came.gone.is_empty(), "{name}: removed, and not made by the run: {:#?}", came.gone);
    }
}
