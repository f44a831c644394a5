//! The project's load profiles, applied to the reference cloud and to targets that lack something.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support;
use assay_engine::deployment::Target;
use assay_engine::plan::{Library, LoadChoice, LoadPlan, PlannedDue, PlannedLoad, PlannedProfile, Readiness};
use assay_engine::profile::Data;
use assay_formats::record::load::{Level, Model};
use assay_suite::Quantile;
use assay_suite::SuiteName;
use assay_suite::source::{Diagnostics, Paint, SourceFile};

/// The plan for a target, found without mistakes.
fn planned(library: &Library, target: &Target, choice: &LoadChoice) -> LoadPlan {
    let mut mistakes = Diagnostics::new();
    let plan = LoadPlan::new(library, target, choice, &mut mistakes);
    assert_eq!(mistakes.render(Paint::Plain), "");
    plan
}

fn of_suite(name: &str) -> LoadChoice {
    LoadChoice { suites: vec![SuiteName(name.to_owned())], ..LoadChoice::default() }
}

#[tokio::test]
async fn every_profile_can_be_run_against_the_reference_cloud() {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let plan = planned(&library, &reference.target, &LoadChoice::default());
    let mut names = BTreeSet::new();
    for profile in plan.profiles() {
        assert_eq!(profile.readiness, Readiness::Ready, "{}", profile.recorded.name);
        assert!(names.insert(profile.recorded.name.clone()), "{} is there twice", profile.recorded.name);
    }
    for suite in ["esm::", "hicloud::", "cloudn::"] {
        assert!(names.iter().any(|name| name.starts_with(suite)), "{suite} has no profile");
    }
}

#[tokio::test]
async fn each_of_the_27_service_levels_of_esm_is_promised_with_its_requirements() {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let plan = planned(&library, &reference.target, &of_suite("esm"));
    assert_eq!(plan.rounds.iter().map(Vec::len).collect::<Vec<_>>(), [&[15][..], &[1; 12]].concat());
    let documented = library.suites[&SuiteName("esm".into())].operations.values();
    let documented = documented.filter(|operation| operation.service_level.is_some());
    let asked: BTreeSet<_> = plan.profiles().map(|profile| profile.portions[0].operation.0.clone()).collect();
    assert_eq!(asked, documented.map(|operation| operation.name.value.0.clone()).collect());
    for profile in plan.profiles() {
        let promises = &profile.recorded.promises;
        assert_eq!(promises.len(), 4, "{}", profile.recorded.name);
        assert!(promises.iter().all(|promise| promise.requirements.len() == 1), "{}", profile.recorded.name);
    }
    let fast = &plan.rounds[1][0].recorded;
    assert_eq!(fast.model, Model::Open { due: Some(260_000), peak: Some(4000.0) });
    assert_eq!(fast.judged.values().copied().collect::<Vec<_>>(), [240_000]);
    let micros = Duration::from_micros;
    assert_eq!(fast.lateness, [(Quantile::P50, micros(200)), (Quantile::P99_9, micros(500))]);
    let slow = &plan.rounds[0][0].recorded;
    assert_eq!(slow.judged.values().copied().collect::<Vec<_>>(), [300]);
    assert!(slow.promises.iter().any(|promise| promise.level == Level::Throughput(1.0)));
}

#[tokio::test]
async fn the_service_levels_are_verified_and_nothing_of_them_is_open() {
    let library = support::library();
    let reference = support::reference(&library, support::quick()).await;
    let plan = support::plan(&library, &reference.target, &["esm"]);
    let coverage = assay_report::coverage(&plan);
    let by_load = coverage.suites[0].requirements.iter().filter(|requirement| !requirement.profiles.is_empty());
    let by_load: Vec<_> = by_load.map(|requirement| requirement.id.0.as_str()).collect();
    assert_eq!(by_load, ["ESM-041", "ESM-044", "ESM-045", "ESM-046", "ESM-047", "ESM-050", "ESM-051", "ESM-052"]);
    assert_eq!(coverage.suites[0].open, 0);
}

/// A library of the small API with one profile.
fn with_profile(text: &str, table: &str) -> Library {
    let mut documents = super::wrong::base();
    documents.insert(SourceFile::new("scenarios/mini/load/x.yaml", text));
    documents.insert(SourceFile::new("scenarios/mini/load/x.csv", table));
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    assert_eq!(mistakes.render(Paint::Plain), "");
    library
}

fn target(rest: &str) -> Target {
    let text =
        format!("target: t\nsuites: {{mini: {{url: \"http://127.0.0.1:1/\", api_key: a, secret_key: b}}}}\n{rest}");
    Target::read(&SourceFile::new("t.yaml", text), &|_| None, &mut Diagnostics::new()).unwrap()
}

fn only(library: &Library, target: &Target, choice: &LoadChoice) -> PlannedProfile {
    planned(library, target, choice).rounds.remove(0).remove(0)
}

const READS: &str = "
profile: zones are read
arrivals: {warm_up: 2s, shape: [{from: 0/s, to: 10/s, for: 4s}, {mean: 10/s, amplitude: 5/s, period: 2s, for: 4s}]}
mix: [{call: listZones, with: {id: $zone}, weight: 3}, {call: listZones}, {call: queryJob, with: {jobid: a}}]
data: {zone: [a, b]}
service_level: {tp99: 50ms, throughput: 5/s}
";

#[test]
fn what_is_judged_is_what_is_due_after_the_warm_up() {
    let profile = only(&with_profile(READS, ""), &target(""), &LoadChoice::default());
    // 20 in the ramp, of which 5 in the warm-up, and 40 in the waves.
    assert_eq!(profile.recorded.model, Model::Open { due: Some(60), peak: Some(15.0) });
    assert_eq!(profile.recorded.judged.values().copied().collect::<Vec<_>>(), [44, 11]);
    // Of several operations an own service level is of all together.
    assert!(profile.recorded.promises.iter().all(|promise| promise.operation.is_none()));
    assert_eq!(profile.recorded.promises.len(), 2);
}

#[test]
fn another_length_changes_the_time_and_not_the_rates() {
    let choice = LoadChoice { lasts: Some(Duration::from_secs(14)), seed: Some(9), ..LoadChoice::default() };
    let profile = only(&with_profile(READS, ""), &target(""), &choice);
    assert_eq!(profile.recorded.lasts, Duration::from_secs(16));
    assert_eq!(profile.recorded.model, Model::Open { due: Some(120), peak: Some(15.0) });
    let PlannedLoad::Open(arrivals) = &profile.load else { panic!("it is of the open model") };
    assert_eq!(arrivals.seed, 9);
}

#[test]
fn a_throughput_is_promised_only_by_a_profile_that_reaches_it() {
    let text = READS.replace("throughput: 5/s", "throughput: 16/s");
    let profile = only(&with_profile(&text, ""), &target(""), &LoadChoice::default());
    assert!(!profile.recorded.promises.iter().any(|promise| matches!(promise.level, Level::Throughput(_))));
}

#[test]
fn a_trace_is_replayed_from_its_first_line_with_its_own_arguments() {
    let text = "
profile: a recorded morning
arrivals: {trace: {file: x.csv, scale: 2}, warm_up: 2s}
service_level: nothing
";
    let table = "at,operation,id\n100,listZones,a\n1m 42s,queryJob,\n106.0,listZones,\n";
    let profile = only(&with_profile(text, table), &target(""), &LoadChoice::default());
    let PlannedLoad::Open(arrivals) = &profile.load else { panic!("it is of the open model") };
    let PlannedDue::Trace(trace) = &arrivals.due else { panic!("it is a trace") };
    let moments: Vec<_> = trace.arrivals.iter().map(|arrival| trace.moment(arrival).as_millis()).collect();
    assert_eq!(moments, [0, 1000, 3000]);
    let asked = trace.arrivals.iter().map(|arrival| profile.portions[arrival.portion].operation.0.as_str());
    assert_eq!(asked.collect::<Vec<_>>(), ["listZones", "queryJob", "listZones"]);
    assert_eq!(trace.arrivals.iter().map(|arrival| arrival.arguments.len()).collect::<Vec<_>>(), [1, 0, 0]);
    assert_eq!(
        profile.recorded.judged.iter().map(|(name, count)| (name.0.as_str(), *count)).collect::<Vec<_>>(),
        [("listZones", 1)]
    );
}

#[test]
fn what_the_requests_need_is_set_up_before_and_not_measured() {
    let text = "
profile: testers make zones
users: {count: 3, think_time: 1s..2s, for: 10s, journey: [{call: removeZone, with: {id: $made}}, {call: listZones, with: {id: $zone}}]}
set_up: [{call: createZone, with: {name: z}, save: {made: $.zone.id}}]
service_level: {tp50: 1s, throughput: 1/s}
";
    let library = with_profile(text, "");
    let profile = only(&library, &target("allow: [creates]\nvariables: {zone: z}"), &LoadChoice::default());
    assert_eq!(profile.readiness, Readiness::Ready);
    assert_eq!(profile.set_up.as_ref().map(|case| case.steps.len()), Some(1));
    let PlannedLoad::Closed(users) = &profile.load else { panic!("it is of the closed model") };
    assert_eq!(users.journey.steps.len(), 2);
    // No one knows how often users ask, so no throughput is promised of them.
    assert_eq!(profile.recorded.promises.len(), 1);
    let reason = |target: &Target| match only(&library, target, &LoadChoice::default()).readiness {
        Readiness::Skipped(reason) => reason,
        Readiness::Ready => String::new(),
    };
    assert!(reason(&target("allow: [creates]")).contains("$zone"));
    assert!(reason(&target("variables: {zone: z}")).contains("allow: [reads, creates]"));
}

#[test]
fn a_target_elsewhere_is_loaded_only_with_its_leave() {
    let library = with_profile(READS, "");
    let at = |url: &str, rest: &str| {
        let text = format!("target: t\nsuites: {{mini: {{url: \"{url}\", api_key: a, secret_key: b}}}}\n{rest}");
        let target = Target::read(&SourceFile::new("t.yaml", text), &|_| None, &mut Diagnostics::new()).unwrap();
        let target = Target { variables: target_variables(), ..target };
        only(&library, &target, &LoadChoice::default()).readiness
    };
    assert_eq!(at("http://localhost:8080/", ""), Readiness::Ready);
    assert_eq!(at("https://cloud.example/", "allow: [load]"), Readiness::Ready);
    let Readiness::Skipped(reason) = at("https://cloud.example/", "allow: [creates]") else { panic!("it is loaded") };
    assert!(reason.contains("allow: [reads, creates, load]"), "{reason}");
}

fn target_variables() -> std::collections::BTreeMap<assay_suite::Variable, serde_json::Value> {
    [(assay_suite::Variable("finished_job".to_owned()), "j".into())].into()
}

#[test]
fn a_name_that_no_profile_has_is_reported_with_the_nearest() {
    let library = with_profile(READS, "");
    let choice = |name: &str| LoadChoice { names: vec![name.to_owned()], ..LoadChoice::default() };
    for name in ["mini::x", "zones-are-read", "load/x.yaml"] {
        assert_eq!(planned(&library, &target(""), &choice(name)).profiles().count(), 1, "{name}");
    }
    let plan = planned(&library, &target(""), &choice("mini::x::zone-are-read"));
    assert_eq!(plan.profiles().count(), 0);
    assert_eq!(plan.unknown[0].near.as_deref(), Some("mini::x::zones-are-read"));
}

#[test]
fn columns_of_one_file_stay_rows() {
    let profile = "
- profile: pairs
  arrivals: {shape: [{rate: 1/s, for: 3s}]}
  mix: [{call: createZone, with: {name: $name, kind: $kind}}]
  data: {name: {csv: x.csv, column: name}, kind: {csv: x.csv, column: kind}}
  service_level: nothing
";
    let library = with_profile(profile, "name,kind\na,basic\nb,\nc,advanced\n");
    let data = only(&library, &target(""), &LoadChoice::default()).data;
    let columns: Vec<_> = data.iter().map(|(_, data)| data).collect();
    let [Data::Values(names), Data::Values(kinds)] = columns.as_slice() else { panic!("{columns:?}") };
    assert_eq!((names.len(), kinds.len()), (3, 3));
    assert_eq!(kinds[1], "");
}
