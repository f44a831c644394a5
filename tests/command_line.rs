//! The program as a person uses it: exit codes, messages, reports, interruption.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_assay");

/// Enough of the suite to see everything, and quick.
const FEW: &str = "cloudn::zones::";

fn assay(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

fn target(folder: &TempDir, url: &str) -> String {
    let file = path(folder, "target.yaml");
    let limits = "limits: {deadline: 500ms}";
    let suite = format!("suites: {{cloudn: {{url: \"{url}\", api_key: key-of-a-test, secret_key: secret-of-a-test}}}}");
    std::fs::write(&file, format!("target: somewhere\n{suite}\n{limits}\n")).unwrap();
    file
}

/// A test run against a target, which must not get as far as its first case.
fn refused(url: &str, says: &str) {
    let folder = TempDir::new().unwrap();
    let (file, output) = (target(&folder, url), path(&folder, "out"));
    let run = assay(&["test", "--target", &file, "--output", &output]);
    let error = text(&run.stderr);
    assert_eq!(run.status.code(), Some(3), "{error}");
    assert!(error.contains(says), "{error}");
    assert_eq!(error.trim().lines().count(), 1, "one clear message: {error}");
    let everything = format!("{error}{}", text(&run.stdout));
    assert!(!everything.contains("secret-of-a-test") && !everything.contains("key-of-a-test"), "{everything}");
}

/// A server that answers every request with the same bytes.
fn answering(answer: &str) -> String {
    let answer = answer.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/client/api", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Whoever hangs up early has seen enough.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn an_unreachable_target_is_reported_once() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&format!("http://{free}/client/api"), "no connection");
}

#[test]
fn a_web_page_is_no_api() {
    refused(
        &answering(
            "HTTP/1.1 200 OK\r\ncontent-length: 34\r\nconnection: close\r\n\r\n<!DOCTYPE html><html>Hi</html>    ",
        ),
        "HTML page",
    );
    refused(
        &answering("HTTP/1.1 404 Not Found\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>"),
        "404",
    );
}

#[test]
fn an_empty_answer_is_no_api() {
    refused(&answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"), "empty");
}

#[test]
fn what_answers_everything_alike_is_no_api() {
    let alike = |status: &str, header: &str| {
        let body = "content-length: 15\r\nconnection: close\r\n\r\n{\"message\":\"x\"}";
        answering(&format!("HTTP/1.1 {status}\r\n{header}content-type: application/json\r\n{body}"))
    };
    refused(
        &alike("302 Found", "location: /login\r\n"),
        "every request has the same answer, status 302: x, which leads to /login",
    );
    for status in ["301 Moved Permanently", "404 Not Found", "500 Internal Server Error"] {
        refused(&alike(status, ""), "every request has the same answer");
    }
}

#[test]
fn what_is_not_http_is_no_api() {
    refused(&answering("SSH-2.0-OpenSSH_9.2\r\n"), "broke");
}

#[test]
fn a_plain_port_is_not_secure() {
    let url = answering("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").replace("http://", "https://");
    refused(&url, "connection");
}

#[test]
fn a_target_that_never_answers_is_given_up_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/client/api", listener.local_addr().unwrap());
    refused(&url, "before the deadline");
}

#[test]
fn wrong_keys_are_reported_once() {
    let cloud = Served::new(&[]);
    let text = std::fs::read_to_string(&cloud.target).unwrap();
    let url = text.lines().find_map(|line| line.trim().strip_prefix("url: ")).unwrap();
    refused(url.trim_matches('"'), "the keys are not accepted");
}

#[test]
fn exit_codes_tell_what_happened() {
    let folder = TempDir::new().unwrap();
    let output = path(&folder, "out");
    let code = |arguments: &[&str]| {
        let mut all = vec!["test", "--output", &output];
        all.extend(arguments);
        assay(&all).status.code()
    };
    assert_eq!(code(&[FEW]), Some(0));
    // Only an example shows the field that this fault renames: that decides nothing, unless the run is strict.
    assert_eq!(code(&["--fault", "network-type-renamed", FEW]), Some(4));
    assert_eq!(code(&["--strict", "--fault", "network-type-renamed", FEW]), Some(1));
    assert_eq!(code(&["--no-such-option"]), Some(2));
    assert_eq!(code(&["no case is called this"]), Some(2));
    assert_eq!(code(&["--fault", "no-such-fault"]), Some(2));
    assert_eq!(code(&["--target", "no-such-file.yaml"]), Some(3));
    let bad = path(&folder, "bad.yaml");
    std::fs::write(&bad, "target: t\nsuits: {}\n").unwrap();
    assert_eq!(code(&["--target", &bad]), Some(5));
}

fn json(file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// What a report describes the cases, without what differs between two readings of a clock.
fn verdicts(report: &Value) -> Vec<String> {
    let cases = report["cases"].as_array().unwrap();
    cases.iter().map(|case| format!("{} {} {}", case["name"], case["verdict"], case["findings"])).collect()
}

#[test]
fn a_record_is_judged_again_as_it_was_judged() {
    let folder = TempDir::new().unwrap();
    let (output, first, second) = (path(&folder, "out"), path(&folder, "first.json"), path(&folder, "second.json"));
    let wanted = format!("json={first}");
    let run = assay(&["test", "--fault", "password-missing", "--output", &output, "--report", &wanted, "machine"]);
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stdout));
    let again = assay(&["report", &output, "--report", &format!("json={second}")]);
    assert_eq!(again.status.code(), Some(1), "{}", text(&again.stderr));
    let (first, second) = (json(&first), json(&second));
    assert!(verdicts(&first).len() > 50);
    assert_eq!(verdicts(&first), verdicts(&second));
    let is_there = |name: &str| folder.path().join("out").join(name).is_file();
    assert!(is_there("report.html") && is_there("junit.xml"));
    // A long record is compressed when its run is over.
    assert_ne!(is_there("run.jsonl"), is_there("run.jsonl.zst"));
}

/// What a case was given follows from the plan of its run, and not from one that is made of other documents.
#[test]
fn a_record_is_judged_by_other_documents_with_what_its_cases_were_given() {
    let folder = TempDir::new().unwrap();
    let (output, documents) = (path(&folder, "out"), folder.path().to_str().unwrap());
    let run = assay(&["test", "--output", &output, "cloudstack::vpcs::a-private-gateway-that-was-made-is-listed"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stdout));
    let scenarios = folder.path().join("scenarios/cloudstack");
    std::fs::create_dir_all(&scenarios).unwrap();
    let first = "scenario: another user of VLANs\nsteps:\n- {call: listZones, with: {keyword: $unique_vlan}}\n";
    std::fs::write(scenarios.join("aaa.yaml"), first).unwrap();
    let again = assay(&["report", &output, "--judge-by", documents]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stdout));
}

#[test]
fn a_record_that_breaks_off_is_reported_as_partial() {
    let folder = TempDir::new().unwrap();
    let output = path(&folder, "out");
    assert_eq!(assay(&["test", "--output", &output, FEW]).status.code(), Some(0));
    let record = Path::new(&output).join("run.jsonl");
    let whole = std::fs::read(&record).unwrap();
    std::fs::write(&record, &whole[..whole.len() - 700]).unwrap();
    let report = assay(&["report", &output]);
    assert_eq!(report.status.code(), Some(3), "{}", text(&report.stderr));
    assert!(text(&report.stdout).contains("The record breaks off"), "{}", text(&report.stdout));
}

/// A reference cloud in a process of its own; it ends with the test.
struct Served {
    process: Child,
    target: String,
    _folder: TempDir,
}

impl Served {
    fn new(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let target = path(&folder, "target.yaml");
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--write-target", &target])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.map_while(Result::ok).any(|line| line.contains("Ctrl-C"));
        assert!(ready, "the cloud did not start");
        Self { process, target, _folder: folder }
    }

    fn call(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["call", "cloudn"];
        all.extend(arguments);
        all.extend(["--target", &self.target]);
        serde_json::from_slice(&assay(&all).stdout).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_removes_what_it_created_and_reports() {
    let cloud = Served::new(&["--job-time", "400ms"]);
    let folder = TempDir::new().unwrap();
    let output = path(&folder, "out");
    let mut run = Command::new(PROGRAM)
        .args(["test", "--target", &cloud.target, "--output", &output, "cloudn::virtual-machines::"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let made = |cloud: &Served| {
        let machines = cloud.call(&["listVirtualMachines"]);
        let machines = machines["listvirtualmachinesresponse"]["virtualmachine"].as_array().unwrap().clone();
        let alive =
            machines.into_iter().filter(|machine| machine["state"] == "Running" || machine["state"] == "Starting");
        alive.count()
    };
    let seeded = made(&cloud);
    let patience = Instant::now() + Duration::from_secs(60);
    while made(&cloud) <= seeded + 1 {
        assert!(Instant::now() < patience, "the run creates nothing");
        std::thread::sleep(Duration::from_millis(50));
    }
    // The same signal twice at once, as `timeout` sends it to a process and its group, is one.
    let process = run.id().to_string();
    assert!(Command::new("kill").args(["-INT", &process, &process]).status().unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert_eq!(made(&cloud), seeded, "what was created is still there");
    let page = std::fs::read_to_string(Path::new(&output).join("report.html")).unwrap();
    assert!(page.to_lowercase().contains("interrupted"));
}

#[test]
fn a_signature_is_explained_without_its_secret() {
    let call = assay(&["call", "cloudn", "listZones", "keyword=Two Words", "--explain"]);
    let printed = text(&call.stderr);
    assert_eq!(call.status.code(), Some(0), "{printed}{}", text(&call.stdout));
    assert!(printed.contains("keyword=two%20words"), "{printed}");
    assert!(printed.contains("HMAC-SHA1"), "{printed}");
    let cloud = Served::new(&[]);
    let keys = std::fs::read_to_string(&cloud.target).unwrap();
    for key in keys.lines().filter_map(|line| line.trim().strip_prefix("secret_key: ")) {
        assert!(!printed.contains(key.trim_matches('"')), "a secret key is shown");
    }
}

#[test]
fn call_shows_items_as_rows_and_waits_for_jobs() {
    let cloud = Served::new(&["--job-time", "700ms"]);
    let call = |arguments: &[&str]| {
        let output = assay(&[&["call", "cloudn"], arguments, &["--target", &cloud.target]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let table = call(&["listZones", "--output", "table", "--columns", "name,networktype"]);
    assert_eq!(table, "name    networktype\njp-e1a  Basic\njp-e1b  Basic\n");
    let volumes = call(&["listVolumes", "--output", "csv", "--columns", "id,state"]);
    let (volume, _) = volumes.lines().nth(1).unwrap().split_once(',').unwrap();
    let snapshot = call(&["createSnapshot", &format!("volumeid={volume}"), "--wait", "--columns", "state"]);
    assert_eq!(snapshot, "state\nBackedUp\n");
    let wrong = assay(&["call", "cloudn", "listZones", "keyword:=no json"]);
    assert!(text(&wrong.stderr).contains("after := comes JSON"), "{}", text(&wrong.stderr));
}

#[test]
fn check_shows_all_mistakes_at_once() {
    let folder = TempDir::new().unwrap();
    let scenarios = folder.path().join("scenarios/cloudn");
    std::fs::create_dir_all(&scenarios).unwrap();
    let wrong =
        "scenario: wrong\nsteps:\n- {call: listZone, exepct: accepted}\n- {call: listZones, verifies: [CN-999]}\n";
    std::fs::write(scenarios.join("wrong.yaml"), wrong).unwrap();
    let check = assay(&["check", folder.path().to_str().unwrap()]);
    let printed = text(&check.stdout);
    assert_eq!(check.status.code(), Some(5), "{printed}");
    for part in ["did you mean `expect`?", "did you mean `listZones`?", "CN-999", "wrong.yaml:3:"] {
        assert!(printed.contains(part), "{part} is not printed:\n{printed}");
    }
}

#[test]
fn the_cloud_stays_on_loopback_unless_told_otherwise() {
    let serve = assay(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(serve.status.code(), Some(3), "{}", text(&serve.stderr));
    assert!(text(&serve.stderr).contains("loopback"), "{}", text(&serve.stderr));
}

#[test]
fn an_exploration_shows_each_sequence_with_what_both_answered() {
    let folder = TempDir::new().unwrap();
    let output = path(&folder, "explored");
    let explore = ["explore", "--suite", "cloudn", "--seed", "1", "--walks", "40", "--for", "60s"];
    let run = assay(&[&explore[..], &["--fault", "stop-leaves-running", "--output", &output]].concat());
    assert_eq!(run.status.code(), Some(1), "{}", text(&run.stderr));
    let explored = json(&format!("{output}/explore.json"));
    let found = explored["suites"][0]["disagreements"].as_array().unwrap();
    let is_stopped = |step: &Value| step["operation"] == "stopVirtualMachine" && step["model"] == "200, carried out";
    assert!(found.iter().any(|one| one["sequence"].as_array().unwrap().iter().any(is_stopped)), "{explored:#}");
    let page = std::fs::read_to_string(format!("{output}/explore.html")).unwrap();
    assert!(page.contains("<b>stopVirtualMachine</b>") && page.contains("Reference cloud"));
}
