//! Records on disk: no one writes over what still has to be removed, no one reads what is not as it was written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::proxy::{Moment, Side, Signal};
use super::stage::{Stage, count, new_things, printed};

const RUN: [&str; 4] = ["test", "--suite", "cloudn", "--quiet"];
const SHORT: [&str; 7] = ["test", "--suite", "cloudn", "--target", "target.yaml", "--quiet", "zones"];

/// Kills a run into a folder at a moment at which it has something to remove.
fn killed_with_something_to_remove(stage: &Stage, folder: &str) {
    for request in (400..1_200).step_by(50) {
        let moment = Moment { request, side: Side::Between, signal: Signal::Kill };
        stage.strike(&RUN, folder, moment);
        let record = stage.folder.path().join(folder).join("run.jsonl");
        if count(&record, "obligation_opened") > count(&record, "obligation_met") {
            return;
        }
    }
    panic!("at no moment was there something to remove");
}

#[test]
fn a_record_that_has_something_to_remove_is_moved_aside_and_told_until_it_is_removed() {
    let stage = Stage::new("cloudn");
    let before = stage.things();
    killed_with_something_to_remove(&stage, "out");
    let next = || stage.assay(&[&SHORT[..], &["--output", "out"]].concat());
    let second = next();
    assert_eq!(second.status.code(), Some(0), "{}", printed(&second));
    let folder = fs::read_dir(stage.folder.path().join("out")).unwrap();
    let aside = folder.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let aside: Vec<_> = aside.filter(|name| name.starts_with("unfinished-")).collect();
    let [aside] = aside.as_slice() else { panic!("{aside:?}: {}", printed(&second)) };
    let undo = format!("assay undo out/{aside} --target target.yaml");
    assert!(printed(&second).contains(&undo), "{}", printed(&second));
    // The next run shows it again: the record of the one before had nothing to remove, and was written over.
    assert!(printed(&next()).contains(&undo));
    let undone = stage.assay(&["undo", &format!("out/{aside}"), "--target", "target.yaml"]);
    assert!(matches!(undone.status.code(), Some(0 | 4)), "{}", printed(&undone));
    if undone.status.code() == Some(0) {
        assert!(new_things(&before, &stage.things()).is_empty());
        assert!(!printed(&next()).contains("assay undo"), "there is nothing to remove any more");
    }
}

#[test]
fn a_compressed_record_is_moved_aside_and_gone_on_with_as_any_other() {
    let stage = Stage::new("cloudn");
    killed_with_something_to_remove(&stage, "out");
    let record = stage.folder.path().join("out/run.jsonl");
    let compressed = zstd::encode_all(fs::File::open(&record).unwrap(), 3).unwrap();
    fs::write(record.with_extension("jsonl.zst"), compressed).unwrap();
    fs::remove_file(&record).unwrap();
    let next = stage.assay(&[&SHORT[..], &["--output", "out"]].concat());
    let aside = printed(&next).split_whitespace().find(|word| word.starts_with("out/unfinished-")).map(str::to_owned);
    let aside = aside.unwrap_or_else(|| panic!("{}", printed(&next)));
    assert!(!stage.folder.path().join("out/run.jsonl.zst").exists() && record.exists());
    let undone = stage.assay(&["undo", &aside, "--target", "target.yaml"]);
    assert!(matches!(undone.status.code(), Some(0 | 4)), "{}", printed(&undone));
    let gone_on_with = stage.folder.path().join(&aside).join("run.jsonl");
    assert!(count(&gone_on_with, "undone") > 0, "{}", printed(&undone));
}

#[test]
fn a_compressed_record_that_is_damaged_is_kept() {
    let stage = Stage::new("cloudn");
    let out = stage.folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let mut damaged = zstd::encode_all(&b"{\"event\":\"run_started\",\"run\":\"7\"}\n".repeat(1_000)[..], 3).unwrap();
    damaged.truncate(damaged.len() / 2);
    fs::write(out.join("run.jsonl.zst"), &damaged).unwrap();
    let next = stage.assay(&[&SHORT[..], &["--output", "out"]].concat());
    assert!(printed(&next).contains("its record is kept in out/unfinished-"), "{}", printed(&next));
    let kept = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path().join("run.jsonl.zst"));
    assert_eq!(kept.filter_map(|path| fs::read(path).ok()).collect::<Vec<_>>(), [damaged]);
}

#[test]
fn only_one_run_at_a_time_writes_to_a_folder() {
    let stage = Stage::new("cloudn");
    let mut first = stage.start(&RUN, "out");
    let record = stage.folder.path().join("out/run.jsonl");
    while count(&record, "exchanged") < 5 {
        assert!(first.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::yield_now();
    }
    for second in [&SHORT[..], &["load", "--target", "target.yaml", "host-detail"]] {
        let refused = stage.assay(&[second, &["--output", "out"]].concat());
        assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
        assert!(printed(&refused).contains("another run is writing to out"), "{}", printed(&refused));
    }
    let refused = stage.assay(&["undo", "out", "--target", "target.yaml"]);
    assert!(
        printed(&refused).contains("another run is writing to out") || printed(&refused).contains("Nothing is left")
    );
    Signal::Terminate.send(first.id());
    first.wait().unwrap();
    assert_eq!(stage.assay(&["report", "out"]).status.code(), Some(130));
}

#[test]
fn a_record_is_for_its_owner_alone() {
    let stage = Stage::new("cloudn");
    let run = stage.assay(&[&SHORT[..], &["--output", "out"]].concat());
    assert_eq!(run.status.code(), Some(0), "{}", printed(&run));
    let mode = fs::metadata(stage.folder.path().join("out/run.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_flipped_bit_is_found_where_it_is() {
    let stage = Stage::new("cloudn");
    stage.assay(&[&SHORT[..], &["--output", "out"]].concat());
    let record = stage.folder.path().join("out/run.jsonl");
    let whole = fs::read(&record).unwrap();
    let lines = whole.split_inclusive(|byte| *byte == b'\n').count();
    for place in [1, lines / 2, lines - 2] {
        let before: usize = whole.split_inclusive(|byte| *byte == b'\n').take(place).map(<[u8]>::len).sum();
        let mut flipped = whole.clone();
        flipped[before + 30] ^= 4;
        fs::write(&record, &flipped).unwrap();
        for command in [&["report", "out"][..], &["undo", "out", "--target", "target.yaml"]] {
            let refused = stage.assay(command);
            assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
            assert!(printed(&refused).contains("this line is damaged"), "{}", printed(&refused));
            assert!(printed(&refused).contains(&format!("run.jsonl:{}:1", place + 1)), "{}", printed(&refused));
        }
    }
}

#[test]
fn a_record_of_the_first_format_is_still_read() {
    let stage = Stage::new("cloudn");
    stage.assay(&[&SHORT[..], &["--output", "out"]].concat());
    let record = stage.folder.path().join("out/run.jsonl");
    let text = fs::read_to_string(&record).unwrap();
    let bare = text.lines().map(|line| line.split(",\"crc32\":").next().unwrap().to_owned() + "}\n");
    let first = bare.collect::<String>().replacen("\"format\":2", "\"format\":1", 1);
    assert_ne!(first, text);
    fs::write(&record, first).unwrap();
    let report = stage.assay(&["report", "out"]);
    assert_eq!(report.status.code(), Some(0), "{}", printed(&report));
}

#[test]
fn a_folder_that_is_removed_under_a_run_is_reported() {
    let stage = Stage::new("cloudn");
    let mut run = stage.start(&RUN, "out");
    let folder = stage.folder.path().join("out");
    while count(&folder.join("run.jsonl"), "exchanged") < 5 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended by itself");
        std::thread::yield_now();
    }
    fs::rename(&folder, stage.folder.path().join("elsewhere")).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(printed(&output).contains("out/run.jsonl was removed"), "{}", printed(&output));
}

#[test]
fn a_run_that_is_to_survive_its_terminal_goes_on_when_that_is_gone() {
    let stage = Stage::new("cloudn");
    let run = format!("exec {} test --suite cloudn --target target.yaml --quiet zones --output out", program());
    let script = format!("trap '' HUP; {run} & sleep 0; kill -HUP $!; wait $!");
    let output = Command::new("sh").args(["-c", &script]).current_dir(stage.folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}

fn program() -> String {
    Path::new(env!("CARGO_BIN_EXE_assay")).display().to_string()
}
