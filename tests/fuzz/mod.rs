//! Readers meet texts that no one would write: changed seeds, so many for each reader in `cargo test`, and for as many
//! seconds as `FUZZ_SECONDS` says in the long form (`just fuzz`). Chance is the same each time, unless `FUZZ_SEED` is given.
//! The guided form are the targets of `fuzz/`.

mod mutation;
pub mod readers;
pub mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use assay_formats::chance;
use mutation::Chance;
use readers::{READERS, Reader};

/// So many texts are tried where nothing is said.
const TRIED: u64 = 150;
/// The program's own thread has so much.
const STACK: usize = 8 * 1024 * 1024;
/// What takes longer hangs. The slowest text takes a hundredth of it.
const HANGS: Duration = Duration::from_secs(60);
/// As much memory as libFuzzer allows.
const MOST_MEMORY_KB: u64 = 2 * 1024 * 1024;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name} is a whole number")))
}

/// The file that holds what is being read: what is in it when the process dies killed it.
fn last(reader: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{reader}"))
}

/// Runs a reader for its time, on a thread that is watched, and shows how many texts it read, and the slowest.
fn run((name, read): Reader) -> (u64, Duration) {
    let seconds = number("FUZZ_SECONDS").map(Duration::from_secs);
    let mut chance = Chance(chance::Chance(number("FUZZ_SEED").unwrap_or(1)));
    let (printed, tells) = channel();
    let work = move || {
        let (seeds, began) = (seeds::seeds(name), Instant::now());
        let (mut tried, mut slowest) = (0, Duration::ZERO);
        // First what no one changed.
        let mut unchanged = seeds.clone().into_iter();
        while seconds.map_or(tried < TRIED + seeds.len() as u64, |seconds| began.elapsed() < seconds) {
            let text = unchanged.next().unwrap_or_else(|| chance.mutant(&seeds));
            std::fs::write(last(name), &text).unwrap();
            let begins = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| read(&text)));
            (tried, slowest) = (tried + 1, slowest.max(begins.elapsed()));
            assert!(done.is_ok(), "{name} panics: {} holds the text", last(name).display());
            let _ = printed.send(());
        }
        (tried, slowest)
    };
    let worker = thread::Builder::new().stack_size(STACK).spawn(work).unwrap();
    loop {
        match tells.recv_timeout(HANGS) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => panic!("{name} hangs: {} holds the text", last(name).display()),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The most memory that this process ever had, in KiB, where the system shows.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[test]
fn readers_end_without_a_panic_and_in_bounded_memory() {
    let only = std::env::var("FUZZ_ONLY").ok();
    for reader in READERS.into_iter().filter(|(name, _)| only.as_deref().is_none_or(|only| only == *name)) {
        let (tried, slowest) = run(reader);
        let memory = most_memory();
        eprintln!(
            "{:<12} {tried:>9} texts, the slowest {slowest:.1?}, memory {} MB",
            reader.0,
            memory.unwrap_or(0) / 1024
        );
        assert!(memory.is_none_or(|memory| memory < MOST_MEMORY_KB), "{} takes {memory:?} KiB", reader.0);
        // What is left there when the process dies killed it.
        std::fs::remove_file(last(reader.0)).unwrap();
    }
}

/// The seeds reach what they are for: a reader that refuses them all would be tested for nothing.
#[test]
fn good_seeds_are_good() {
    use assay_formats::record::Record;
    use assay_formats::record::load::LoadRecord;
    let record = seeds::seeds("record").remove(0);
    let record = Record::read(record.as_slice()).unwrap();
    assert_eq!((record.cases.len(), record.skipped.len()), (1, 1));
    let load = seeds::seeds("load_record").remove(0);
    let load = LoadRecord::read([load.as_slice()]).unwrap();
    assert_eq!(load.profiles[0].of(None).due, 156);
}

/// Writes the seeds for the targets of `fuzz/`, a folder for each.
#[test]
#[ignore = "fuzz/run.sh calls it"]
fn seeds_are_written() {
    let folder = PathBuf::from(std::env::var("FUZZ_SEEDS").unwrap());
    for (reader, _) in READERS {
        std::fs::create_dir_all(folder.join(reader)).unwrap();
        for (number, seed) in seeds::seeds(reader).into_iter().enumerate() {
            std::fs::write(folder.join(reader).join(format!("seed-{number}")), seed).unwrap();
        }
    }
}
