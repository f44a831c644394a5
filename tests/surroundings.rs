//! The program among others: readers that are gone, files that are none, links in circles, clients that never end.

#![cfg(unix)]
use std::fs;
use std::io::{BufRead, BufReader, Write, pipe};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Enough of a suite to have something to tell, and quick.
const FEW: &str = "cloudn::zones::";

/// The program in a folder of its own.
fn assay(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    assay(folder, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A pipe that no one reads any more.
fn closed() -> Stdio {
    let (_, writer) = pipe().unwrap();
    writer.into()
}

fn make_pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn a_reader_that_is_gone_makes_no_error() {
    let folder = TempDir::new().unwrap();
    let commands: [&[&str]; 8] = [
        &["list", "operations"],
        &["list", "operations", "--format", "json"],
        &["coverage"],
        &["check"],
        &["completions", "bash"],
        &["man"],
        &["help"],
        &["test", "--list"],
    ];
    for arguments in commands {
        let ran = assay(folder.path(), arguments).stdout(closed()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((ran.status.code(), text(&ran.stderr)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn a_run_is_carried_out_though_no_one_reads_what_it_prints() {
    let folder = TempDir::new().unwrap();
    let ran = assay(folder.path(), &["test", FEW]).stdout(closed()).stderr(closed()).status().unwrap();
    assert_eq!(ran.code(), Some(0));
    assert!(folder.path().join("reports/latest/report.html").is_file());
    let reported = assay(folder.path(), &["report", "reports/latest"]).stdout(closed()).status().unwrap();
    let undone =
        assay(folder.path(), &["undo", "reports/latest", "--target", "reference"]).stdout(closed()).status().unwrap();
    assert_eq!((reported.code(), undone.code()), (Some(0), Some(0)));
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_find_no_place_are_an_error() {
    let folder = TempDir::new().unwrap();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = assay(folder.path(), &["list", "suites"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(ran.status.code(), Some(3));
    assert!(text(&ran.stderr).contains("could not be written"), "{}", text(&ran.stderr));
}

#[test]
fn what_a_program_reads_is_alone_on_the_standard_output() {
    let folder = TempDir::new().unwrap();
    let lines = run(folder.path(), &["test", "--format", "json", FEW]);
    let said = text(&lines.stdout);
    assert!(!said.is_empty() && said.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{said}");
    assert!(text(&lines.stderr).contains("The record and the reports are in"), "the summary is a message then");
    let report = run(folder.path(), &["test", "--report", "json=-", FEW]);
    assert!(serde_json::from_slice::<Value>(&report.stdout).is_ok(), "{}", text(&report.stdout));
}

#[test]
fn pipes_and_devices_are_refused_and_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    make_pipe(&at.join("pipe"));
    make_pipe(&at.join("documents/scenarios/shop/a.yaml"));
    make_pipe(&at.join("out/run.jsonl"));
    let commands: [&[&str]; 9] = [
        &["serve", "--listen", "127.0.0.1:0", "--write-target", "pipe"],
        &["report", "pipe"],
        &["undo", "pipe", "--target", "pipe"],
        &["compare", "pipe", "pipe"],
        &["check", "pipe"],
        &["test", "--target", "pipe"],
        &["load", "--target", "pipe"],
        &["list", "scenarios", "--documents", "documents"],
        &["test", "--output", "out", FEW],
    ];
    for arguments in commands {
        let ran = run(at, arguments);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(3), "{arguments:?}: {said}");
        assert!(said.contains("a pipe, not a file"), "{arguments:?}: {said}");
    }
    let device = run(at, &["report", "/dev/zero"]);
    assert_eq!(device.status.code(), Some(3));
    assert!(text(&device.stderr).contains("a device, not a file"), "{}", text(&device.stderr));
}

#[test]
fn two_reports_do_not_share_the_standard_output() {
    let folder = TempDir::new().unwrap();
    let two = ["--report", "sarif=-", "--report", "json=-"];
    for command in [&["test", FEW][..], &["report", "reports/latest"], &["test", FEW, "--report", "github"]] {
        let ran = run(folder.path(), &[command, &two].concat());
        assert_eq!((ran.status.code(), text(&ran.stdout)), (Some(2), String::new()), "{command:?}");
        assert!(text(&ran.stderr).contains("reports go to the standard output: "), "{}", text(&ran.stderr));
    }
    assert!(!folder.path().join("reports").exists(), "nothing was run");
}

#[test]
fn a_folder_in_place_of_the_file_of_defaults_is_an_error() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("assay.yaml")).unwrap();
    let ran = run(folder.path(), &["test", FEW]);
    assert_eq!(ran.status.code(), Some(3));
    assert!(text(&ran.stderr).contains("assay.yaml can't be read: it is a folder"), "{}", text(&ran.stderr));
}

#[test]
fn the_shop_says_how_it_is_tested() {
    let folder = TempDir::new().unwrap();
    let serve = ["serve", "--api", "shop", "--listen", "127.0.0.1:0", "--write-target", "target.yaml"];
    let mut cloud = assay(folder.path(), &serve).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(cloud.stdout.take().unwrap()).lines().map_while(Result::ok);
    let printed: Vec<_> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
    let test = printed.iter().find_map(|line| line.trim().strip_prefix("assay ")).map(str::to_owned);
    let tested = test.as_deref().map(|test| run(folder.path(), &test.split(' ').collect::<Vec<_>>()));
    cloud.kill().unwrap();
    cloud.wait().unwrap();
    let tested = tested.unwrap_or_else(|| panic!("{printed:?}"));
    assert_eq!(tested.status.code(), Some(0), "{test:?}: {}{}", text(&tested.stdout), text(&tested.stderr));
}

#[test]
fn links_in_circles_come_to_an_end() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("suites")).unwrap();
    for name in ["l1", "l2"] {
        symlink(".", folder.path().join("suites").join(name)).unwrap();
    }
    let ran = run(folder.path(), &["check"]);
    let said = text(&ran.stdout) + &text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(5), "{said}");
    assert!(said.contains("this is a link to a folder that it is in"), "{said}");
}

#[test]
fn documents_have_a_greatest_length() {
    let folder = TempDir::new().unwrap();
    let file = fs::File::create(folder.path().join("long.yaml")).unwrap();
    file.set_len(65 << 20).unwrap();
    let ran = run(folder.path(), &["check", "long.yaml"]);
    assert_eq!(ran.status.code(), Some(3));
    assert!(text(&ran.stderr).contains("it is longer than 64 MiB"), "{}", text(&ran.stderr));
}

#[test]
fn reports_of_several_records_say_where_they_are_and_replace_none() {
    let folder = TempDir::new().unwrap();
    for output in ["one", "two", "other/one"] {
        assert_eq!(run(folder.path(), &["test", "--output", output, FEW]).status.code(), Some(0));
    }
    let both = run(folder.path(), &["report", "one", "two", "--report", "json=both.json"]);
    assert_eq!(both.status.code(), Some(0));
    for name in ["one-both.json", "two-both.json"] {
        assert!(folder.path().join(name).is_file() && text(&both.stderr).contains(name), "{}", text(&both.stderr));
    }
    let same = run(folder.path(), &["report", "one", "other/one", "--report", "json=same.json"]);
    assert_eq!(same.status.code(), Some(2), "{}", text(&same.stderr));
    assert!(!folder.path().join("one-same.json").exists());
}

#[test]
fn the_cloud_ends_though_a_client_holds_half_a_request() {
    let folder = TempDir::new().unwrap();
    let mut cloud = assay(folder.path(), &["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(cloud.stdout.take().unwrap()).lines().map_while(Result::ok);
    let printed: Vec<_> = lines.take_while(|line| !line.contains("Ctrl-C")).collect();
    let address = printed[0].split("http://").nth(1).unwrap().split('/').next().unwrap();
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost: ").unwrap();
    assert!(Command::new("kill").args(["-TERM", &cloud.id().to_string()]).status().unwrap().success());
    assert_eq!(cloud.wait().unwrap().code(), Some(0));
    drop(client);
}
