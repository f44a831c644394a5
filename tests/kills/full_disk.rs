//! A disk that is full: printed, and what was written stays readable.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::stage::{Stage, count, new_things, printed};

/// Runs the program so that no file can become longer than so many blocks of 512 bytes. The signal that the system sends then
/// is the program's to take.
fn within(stage: &Stage, blocks: u64, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_assay");
    let script = format!("ulimit -f {blocks}; exec {program} {arguments} --target target.yaml --output run");
    Command::new("sh").args(["-c", &script]).current_dir(stage.folder.path()).output().unwrap()
}

/// How long the record is where its first case begins, in blocks.
fn blocks_before(record: &Path, event: &str) -> u64 {
    let text = fs::read_to_string(record).unwrap();
    let begins = text.find(&format!("{{\"event\":\"{event}")).unwrap();
    (begins as u64).div_ceil(512)
}

#[test]
fn a_test_run_on_a_full_disk_says_so_removes_what_it_created_and_can_be_reported() {
    let stage = Stage::new("cloudn");
    let whole = stage.assay(&["test", "--suite", "cloudn", "--target", "target.yaml", "--output", "whole", "zones"]);
    assert_eq!(whole.status.code(), Some(0), "{}", printed(&whole));
    let documents = blocks_before(&stage.folder.path().join("whole/run.jsonl"), "case_");
    let before = stage.things();
    for room in [200, 1_000] {
        let run = within(&stage, documents + room, "test --suite cloudn --quiet");
        let text = printed(&run);
        assert_eq!(run.status.code(), Some(3), "{text}");
        assert!(text.contains("the record could not be written"), "{text}");
        assert!(text.contains("what was written before stays readable"), "{text}");
        let left = new_things(&before, &stage.things());
        assert!(left.is_empty(), "{left:#?}");
        let record = stage.folder.path().join("run/run.jsonl");
        assert!(count(&record, "exchanged") > 10, "nothing was written");
        let report = stage.assay(&["report", "run", "--report", "json=again.json", "--report", "html=again.html"]);
        assert_eq!(report.status.code(), Some(3), "{}", printed(&report));
        assert!(printed(&report).contains("breaks off"), "{}", printed(&report));
        fs::remove_dir_all(stage.folder.path().join("run")).unwrap();
    }
}

#[test]
fn a_run_that_can_write_nothing_says_so_and_creates_nothing() {
    let stage = Stage::new("cloudn");
    let before = stage.things();
    for command in ["test --suite cloudn", "load host-detail"] {
        let run = within(&stage, 0, command);
        let text = printed(&run);
        assert_eq!(run.status.code(), Some(3), "{text}");
        assert!(text.contains("the record could not be written"), "{text}");
    }
    assert!(new_things(&before, &stage.things()).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_system_says_of_a_full_disk_is_reported() {
    let stage = Stage::new("cloudn");
    let folder = stage.folder.path().join("full");
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.join("run.jsonl")).unwrap();
    let run = stage.start(&["test", "--suite", "cloudn", "zones"], "full").wait_with_output().unwrap();
    assert_eq!(run.status.code(), Some(3), "{}", printed(&run));
    assert!(printed(&run).contains("the record could not be written: No space left"), "{}", printed(&run));
}
