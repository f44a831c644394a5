//! `assay load` as a person uses it, against the embedded reference cloud. Rates are low: nothing here depends on speed.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use assay_formats::record::load::{LoadEvent, Phase, Totals};

const PROFILES: &str = r"
- profile: an easy promise
  arrivals: {shape: [{rate: 50/s, for: 2s}]}
  mix: [{call: tenant-resource-ecs, weight: 3}, {call: tenant-resource-evs}]
  check: 100%
  service_level: {tp50: 60s}
- profile: a hard promise
  arrivals: {shape: [{rate: 50/s, for: 2s}], spacing: poisson, seed: 3}
  mix: [{call: tenant-resource-ecs}]
  service_level: {tp50: 1s}
- profile: a promise for which there is too little
  arrivals: {shape: [{rate: 20/s, for: 1s}]}
  mix: [{call: tenant-resource-ecs}]
  service_level: {tp99.9: 60s}
- profile: a short search
  arrivals: {shape: [{rate: 20/s, for: 2s}]}
  mix: [{call: tenant-resource-ecs}]
  search: {from: 20/s, to: 40/s, within: 4s}
  service_level: {tp50: 60s}
- profile: people
  users: {count: 3, for: 2s, think_time: 100ms, journey: [{call: tenant-resource-ecs}, {call: tenant-resource-evs}]}
  service_level: {tp50: 60s}
";

/// A folder with these profiles.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("scenarios/esm/load");
    fs::create_dir_all(&profiles).unwrap();
    fs::write(profiles.join("quick.yaml"), PROFILES).unwrap();
    folder
}

fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.current_dir(folder.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn assay(folder: &TempDir, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn read(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap()
}

#[test]
fn a_run_shows_what_to_expect_and_leaves_what_reports_are_made_from_again() {
    let folder = folder();
    let run = assay(&folder, &["load", "an-easy-promise", "--output", "run", "--report", "json=first.json"]);
    assert_eq!(code(&run), 0, "{}", printed(&run));
    let text = printed(&run);
    assert!(text.contains("an easy promise: 2.0 s, 100 requests"), "{text}");
    assert!(text.contains("1 met"), "{text}");
    let again = assay(&folder, &["report", "run", "--report", "json=again.json", "--report", "html=again.html"]);
    assert_eq!(code(&again), 0, "{}", printed(&again));
    assert_eq!(json(&folder.path().join("first.json")), json(&folder.path().join("again.json")));
    assert_eq!(read(&folder, "run/report.html"), read(&folder, "again.html"));
    assert!(read(&folder, "run/histograms.hlog").starts_with("#[Histogram log format version 1.3]\n"));
    let summary = json(&folder.path().join("first.json"));
    let operations = summary["profiles"][0]["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 2, "{operations:?}");
    assert_eq!(summary["profiles"][0]["levels"][0]["samples"], 100);
}

#[test]
fn the_exit_code_and_junit_tell_what_the_service_levels_came_to() {
    let folder = folder();
    let violated = assay(&folder, &["load", "a-hard-promise", "--output", "hard", "--latency", "2s"]);
    assert_eq!(code(&violated), 1, "{}", printed(&violated));
    assert!(read(&folder, "hard/junit.xml").contains("<failure"), "{}", read(&folder, "hard/junit.xml"));
    let inconclusive = assay(&folder, &["load", "too-little", "--output", "little"]);
    assert_eq!(code(&inconclusive), 4, "{}", printed(&inconclusive));
    let text = printed(&inconclusive);
    assert!(text.contains("that takes 2") && text.contains("995 requests"), "{text}");
    assert!(read(&folder, "little/junit.xml").contains("<skipped"), "{}", read(&folder, "little/junit.xml"));
}

#[test]
fn a_dry_run_does_nothing() {
    let folder = folder();
    let dry = assay(&folder, &["load", "an-easy-promise", "--dry-run", "--output", "run"]);
    assert_eq!(code(&dry), 0, "{}", printed(&dry));
    assert!(!folder.path().join("run").exists());
}

#[test]
fn a_report_on_the_standard_output_is_alone_there() {
    let folder = folder();
    let run = assay(&folder, &["load", "an-easy-promise", "--output", "run", "--report", "json=-"]);
    assert_eq!(code(&run), 0, "{}", printed(&run));
    let summary: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(summary["verdict"], "met");
    assert!(String::from_utf8_lossy(&run.stderr).contains("an easy promise: 2.0 s, 100 requests"), "{}", printed(&run));
    let again = assay(&folder, &["report", "run", "--report", "json=-"]);
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap(), summary);
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_descriptors_makes_a_run_invalid_and_is_reported_how_to_raise_them() {
    let folder = folder();
    let mut cloud = served(&folder, &["--latency", "1s"]);
    let script = format!("ulimit -n 30; exec {} load a-hard-promise --target target.yaml", env!("CARGO_BIN_EXE_assay"));
    let run = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    cloud.0.kill().unwrap();
    assert_eq!(code(&run), 3, "{}", printed(&run));
    assert!(printed(&run).contains("invalid") && printed(&run).contains("raise `ulimit -n`"), "{}", printed(&run));
}

#[test]
fn a_search_of_a_capacity_says_what_it_knows_when_its_time_is_over() {
    let folder = folder();
    let run = assay(&folder, &["load", "a-short-search", "--capacity", "--output", "run", "--report", "json=-"]);
    assert_eq!(code(&run), 4, "{}", printed(&run));
    let summary: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&summary["verdict"], &summary["steps"][0]["verdict"]), (&"out-of-time".into(), &"passed".into()));
    assert_eq!(summary, json(&folder.path().join("run/capacity.json")));
    assert!(read(&folder, "run/capacity.html").contains("Latency by rate"), "{}", read(&folder, "run/capacity.html"));
    // Each look has a record of its own.
    let look = assay(&folder, &["report", "run/look-001"]);
    assert!(printed(&look).contains("TP50 within 1 min"), "{}", printed(&look));
    let dry = assay(&folder, &["load", "a-short-search", "--capacity", "--dry-run"]);
    assert_eq!(code(&dry), 0, "{}", printed(&dry));
}

#[test]
fn a_capacity_is_that_of_one_profile_with_a_rate_and_a_promise() {
    let folder = folder();
    let several = assay(&folder, &["load", "quick", "--capacity"]);
    assert!(code(&several) == 2 && printed(&several).contains("name one of them"), "{}", printed(&several));
    let users = assay(&folder, &["load", "quick::people", "--capacity"]);
    assert!(code(&users) == 2 && printed(&users).contains("no rate that can be raised"), "{}", printed(&users));
}

#[test]
fn users_walk_through_their_journey() {
    let folder = folder();
    let run = assay(&folder, &["load", "quick::people", "--output", "run", "--report", "json=run.json"]);
    assert_eq!(code(&run), 0, "{}", printed(&run));
    let summary = json(&folder.path().join("run.json"));
    let operations = summary["profiles"][0]["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 2, "{operations:?}");
}

#[test]
fn generators_that_share_a_load_add_up_to_one() {
    let folder = folder();
    let mut cloud = served(&folder, &[]);
    let start_at = (Timestamp::now() + SignedDuration::from_secs(8)).to_string();
    let generators: Vec<_> = ["1/2", "2/2"]
        .into_iter()
        .zip(["one", "two"])
        .map(|(shard, output)| {
            let arguments = ["load", "an-easy-promise", "--target", "target.yaml", "--shard", shard];
            let mut generator = command(&folder, &arguments);
            generator.args(["--start-at", &start_at, "--output", output]).spawn().unwrap()
        })
        .collect();
    for generator in generators {
        let output = generator.wait_with_output().unwrap();
        assert!([0, 3].contains(&code(&output)), "{}", printed(&output));
    }
    let both = assay(&folder, &["report", "one", "two", "--report", "json=both.json"]);
    assert_eq!(code(&both), 0, "{}", printed(&both));
    let summary = json(&folder.path().join("both.json"));
    assert_eq!(summary["profiles"][0]["levels"][0]["samples"], 100);
    assert_eq!(summary["run"]["generators"], 2);
    let twice = assay(&folder, &["report", "one", "one"]);
    assert_eq!(code(&twice), 3, "{}", printed(&twice));
    cloud.0.kill().unwrap();
}

#[test]
fn a_slower_run_is_a_regression() {
    let folder = folder();
    let before = assay(&folder, &["load", "an-easy-promise", "--output", "before"]);
    assert_eq!(code(&before), 0, "{}", printed(&before));
    let after = assay(&folder, &["load", "an-easy-promise", "--output", "after", "--latency", "2s"]);
    assert_eq!(code(&after), 0, "{}", printed(&after));
    let compared = assay(&folder, &["compare", "before", "after", "--report", "markdown=compared.md"]);
    assert_eq!(code(&compared), 7, "{}", printed(&compared));
    assert!(read(&folder, "compared.md").contains("TP50"));
    let same = assay(&folder, &["compare", "before", "before"]);
    assert_ne!(code(&same), 7, "{}", printed(&same));
}

#[test]
fn a_deployment_elsewhere_is_loaded_with_leave_only() {
    let folder = folder();
    let target = "target: elsewhere\nsuites:\n  esm:\n    url: http://192.0.2.1/\n    credentials: {token: t, app_code: a, hcso_app_code: b}\nvariables: {host: h}\n";
    fs::write(folder.path().join("elsewhere.yaml"), target).unwrap();
    let refused = assay(&folder, &["load", "an-easy-promise", "--target", "elsewhere.yaml"]);
    assert_eq!(code(&refused), 3, "{}", printed(&refused));
    assert!(printed(&refused).contains("allow: [reads, load]"), "{}", printed(&refused));
}

#[test]
fn a_profile_that_is_not_there_is_reported() {
    let folder = folder();
    let refused = assay(&folder, &["load", "no-such-profile"]);
    assert_eq!(code(&refused), 2, "{}", printed(&refused));
    assert!(printed(&refused).contains("assay list profiles"), "{}", printed(&refused));
}

/// The counts of each second of a record's judged requests, added up from the first on: those answered, and those at most so long.
fn answered_so_far(record: &Path, longest: Duration) -> Vec<(u64, u64)> {
    let text = fs::read_to_string(record).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<LoadEvent>(line).unwrap());
    let mut so_far = Totals::default();
    let mut counts = vec![(0, 0)];
    for event in events {
        let LoadEvent::Interval(interval) = event else { continue };
        if interval.phase == Phase::Judged {
            interval.operations.values().for_each(|observed| so_far.add(&Totals::try_from(observed).unwrap()));
            let within = so_far.response.steps().take_while(|(time, _)| *time <= longest).last();
            counts.push((so_far.response.len(), within.map_or(0, |(_, count)| count)));
        }
    }
    counts
}

#[test]
fn a_run_is_shown_while_it_runs_as_its_record_tells_it() {
    let folder = folder();
    let arguments = ["load", "a-hard-promise", "--live=127.0.0.1:0", "--output", "run"];
    let mut run = Ended(command(&folder, &arguments).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(run.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let shown = lines.find(|line| line.starts_with("The run is shown at")).unwrap();
    let address = shown.split('/').nth(2).unwrap().to_owned();
    let ask = |path: &str, host: &str| asked(&address, path, host).unwrap_or_default();
    let page = ask("/", &address);
    assert!(page.contains("200 OK") && page.contains("connect-src &#x27;self&#x27;"), "{page}");
    assert!(ask("/metrics", "evil.example").contains("403 Forbidden"));
    // What is seen last before the run is over; it lasts long enough for some.
    let (mut last, mut document) = (String::new(), Value::Null);
    loop {
        let metrics = ask("/metrics", &address);
        let json = ask("/live.json", &address);
        let Some((_, body)) = json.split_once("\r\n\r\n").filter(|_| metrics.contains("200 OK")) else { break };
        (last, document) = (metrics, serde_json::from_str(body).unwrap());
        std::thread::sleep(Duration::from_millis(50));
    }
    run.0.wait().unwrap();
    let value = |start: &str, label: &str| {
        let of = format!("assay_load_response_seconds_{start}");
        let mut judged = last.lines().filter(|line| line.starts_with(&of) && line.contains("phase=\"judged\""));
        let line = judged.find(|line| line.contains(label));
        line.and_then(|line| line.rsplit_once(' ')).map_or(0, |(_, count)| count.parse::<u64>().unwrap())
    };
    assert_eq!(document["profiles"][0]["title"], "a hard promise", "{document}");
    let longest = Duration::from_micros(630);
    let seen = (value("count", "phase"), value("bucket", "le=\"0.00063\""));
    let recorded = answered_so_far(&folder.path().join("run/run.jsonl"), longest);
    assert!(recorded.contains(&seen), "{seen:?} {recorded:?}");
}

/// The answer to a request, with its head; nothing where nobody answers.
fn asked(address: &str, path: &str, host: &str) -> Option<String> {
    let mut connection = TcpStream::connect(address).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    Some(answer)
}

#[test]
fn an_address_that_is_taken_is_reported_before_there_is_any_load() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let live = format!("--live={}", taken.local_addr().unwrap());
    let refused = assay(&folder, &["load", "an-easy-promise", &live, "--output", "run"]);
    assert_eq!(code(&refused), 3, "{}", printed(&refused));
    assert!(printed(&refused).contains("name another address"), "{}", printed(&refused));
    assert!(!folder.path().join("run").exists());
}

/// A reference cloud whose target file is `target.yaml`.
fn served(folder: &TempDir, arguments: &[&str]) -> Ended {
    let serve = [&["serve", "--listen", "127.0.0.1:0", "--write-target", "target.yaml"], arguments].concat();
    let cloud = Ended(command(folder, &serve).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while !folder.path().join("target.yaml").exists() {
        std::thread::sleep(Duration::from_millis(50));
    }
    cloud
}

/// A process of this test's own, which does not outlive it.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
