//! Records are read as they were written, one or many.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::samples::{operation, profile, started};
use super::{LoadRecord, LoadRecordError, MOST_MISTAKES, MOST_PARTS};
use crate::Histogram;
use crate::record::load::{Interval, LoadEvent, LoadStarted, ObservedOperation, Outcome, Phase, ProfileEnding, Shard};
use crate::record::{ClockOffset, Ending, RecordWriter, RunEnding};

/// Lines of a record, as the writer writes them.
fn lines(events: &[LoadEvent]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    let writer = RecordWriter::new(file.reopen().unwrap());
    events.iter().for_each(|event| writer.write(event));
    writer.finish().unwrap();
    std::io::read_to_string(file).unwrap()
}

/// The same as a record of the first format, whose lines have no checksums: it can be altered.
fn without_checksums(text: &str) -> String {
    let bare = text.lines().map(|line| line.split(",\"crc32\":").next().unwrap().to_owned() + "}\n");
    bare.collect::<String>().replacen("\"format\":2", "\"format\":1", 1)
}

fn shard(number: u32, of: u32) -> LoadStarted {
    LoadStarted { shard: Shard { number, of }, run: format!("run {number}"), ..started(vec![profile(Vec::new())]) }
}

fn begins(started: &LoadStarted) -> LoadEvent {
    LoadEvent::LoadStarted(Box::new(started.clone()))
}

/// A second in which so many requests were due and answered, each a microsecond slower than the one before.
fn second(second: u64, phase: Phase, micros: impl IntoIterator<Item = u64>) -> LoadEvent {
    let (mut histogram, mut lateness) = (Histogram::new(), Histogram::new());
    for micros in micros {
        histogram.record(Duration::from_micros(micros));
        lateness.record(Duration::from_micros(7));
    }
    let observed = ObservedOperation {
        due: histogram.len(),
        outcomes: [(Outcome::Success, histogram.len())].into(),
        statuses: [(200, histogram.len())].into(),
        failures: BTreeMap::new(),
        response: histogram.encode(),
        service: histogram.encode(),
        lateness: lateness.encode(),
        checked: 1,
        mistakes: vec![format!("mistake {second}")],
    };
    LoadEvent::Interval(Box::new(Interval {
        profile: 0,
        second,
        phase,
        operations: [(operation("Get"), observed)].into(),
        clock: None,
    }))
}

fn ends(ending: ProfileEnding) -> LoadEvent {
    LoadEvent::ProfileEnded { profile: 0, at_us: 5_000_000, ending }
}

fn over() -> LoadEvent {
    LoadEvent::LoadEnded { at_us: 6_000_000, ending: RunEnding::Completed }
}

fn begun_at(at_us: u64) -> LoadEvent {
    LoadEvent::ProfileStarted { profile: 0, at_us }
}

fn read(texts: &[&str]) -> Result<LoadRecord, LoadRecordError> {
    LoadRecord::read(texts.iter().map(|text| text.as_bytes()))
}

/// A whole record of a generator that makes each `of`th of 9,000 requests in 90 seconds.
fn record_of(number: u32, of: u32) -> String {
    let mut events = vec![begins(&shard(number, of)), begun_at(u64::from(number) * 1_000)];
    for at in 0..90 {
        let all = 0..100_u64;
        let own = all.filter(|request| request % u64::from(of) == u64::from(number) - 1);
        let phase = if at < 10 { Phase::WarmUp } else { Phase::Judged };
        events.push(second(at, phase, own.map(|request| 500 + 37 * request + at)));
    }
    events.extend([ends(ProfileEnding::Completed), over()]);
    lines(&events)
}

#[test]
fn several_generators_give_exactly_what_one_would_have_given() {
    let whole = read(&[&record_of(1, 1)]).unwrap();
    let texts = [3, 1, 4, 2].map(|number| record_of(number, 4));
    let merged = read(&texts.each_ref().map(String::as_str)).unwrap();
    let (one, many) = (&whole.profiles[0], &merged.profiles[0]);
    let (one, many) = (&one.judged[&operation("Get")], &many.judged[&operation("Get")]);
    assert_eq!(many.response.encode(), one.response.encode());
    assert_eq!(many.service.encode(), one.service.encode());
    assert_eq!(many.lateness.encode(), one.lateness.encode());
    assert_eq!((many.due, &many.outcomes), (8_000, &one.outcomes));
    assert_eq!((&many.statuses, one.statuses[&200]), (&one.statuses, 8_000));
    assert_eq!(merged.shards.iter().map(|shard| shard.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(merged.missing.is_empty());
    assert_eq!(merged.profiles[0].judged_seconds, 80);
    assert_eq!(merged.profiles[0].apart, Duration::from_millis(3));
    for (one, many) in whole.profiles[0].timeline.iter().zip(&merged.profiles[0].timeline) {
        assert_eq!((one.second, one.seconds, one.totals.due), (many.second, many.seconds, many.totals.due));
        assert_eq!(one.totals.response, many.totals.response);
        assert_eq!(one.totals.statuses, many.totals.statuses);
    }
}

#[test]
fn the_warm_up_is_in_the_timeline_only() {
    let record = read(&[&record_of(1, 1)]).unwrap();
    let observed = &record.profiles[0];
    assert_eq!(observed.of(None).due, 8_000);
    assert_eq!(observed.timeline.iter().map(|part| part.totals.due).sum::<u64>(), 9_000);
    assert_eq!(observed.of(Some(&operation("Put"))).due, 0);
}

#[test]
fn what_generator_is_missing_is_reported() {
    let texts = [4, 1, 2].map(|number| record_of(number, 4));
    let record = read(&texts.each_ref().map(String::as_str)).unwrap();
    assert_eq!(record.missing, [3]);
    assert_eq!(record.ending, Ending::Run(RunEnding::Completed));
}

#[test]
fn a_line_that_was_cut_off_is_left_out() {
    let text = record_of(1, 1);
    let cut = &text[..text.rfind("load_ended").unwrap()];
    let record = read(&[cut]).unwrap();
    assert_eq!(record.ending, Ending::Broken);
    assert_eq!(record.profiles[0].of(None).due, 8_000);
    // In the midst, it is a mistake.
    let tear = |text: &str| text.replacen(r#"{"event":"interval""#, r#"{"event":"inter"#, 1);
    let error = read(&[&tear(&without_checksums(&text))]).unwrap_err().to_string();
    assert!(error.starts_with("line 3 of record 1 is no event of a load run"), "{error}");
    let error = read(&[&tear(&text)]).unwrap_err().to_string();
    assert!(error.starts_with("line 3 of record 1 is damaged: its checksum does not match"), "{error}");
}

#[test]
fn the_worst_ending_of_several_counts() {
    let with = |number: u32, ending: Option<ProfileEnding>| {
        let mut events = vec![begins(&shard(number, 2)), begun_at(0)];
        events.extend(ending.map(ends));
        lines(&events)
    };
    let aborted = ProfileEnding::Aborted("TP50".to_owned());
    let failed = ProfileEnding::CouldNotRun("no key".to_owned());
    let completed = || Some(ProfileEnding::Completed);
    let table = [
        (completed(), completed(), completed()),
        (completed(), Some(ProfileEnding::Interrupted), Some(ProfileEnding::Interrupted)),
        (None, Some(ProfileEnding::Interrupted), None),
        (Some(aborted.clone()), None, Some(aborted.clone())),
        (Some(failed.clone()), Some(aborted), Some(failed)),
    ];
    for (one, other, wanted) in table {
        let record = read(&[&with(1, one), &with(2, other)]).unwrap();
        assert_eq!(record.profiles[0].ending, wanted);
        assert_eq!(record.ending, Ending::Broken);
    }
}

#[test]
fn a_timeline_has_parts_of_equal_whole_seconds_and_a_longer_last_one() {
    let mut long = started(vec![profile(Vec::new())]);
    long.profiles[0].lasts = Duration::from_millis(479_500);
    let mut events = vec![begins(&long)];
    events.extend([0, 3, 478, 479, 500].map(|at| second(at, Phase::Judged, [900])));
    let record = read(&[&lines(&events)]).unwrap();
    let timeline = &record.profiles[0].timeline;
    assert_eq!(timeline.len() as u64, MOST_PARTS);
    assert!(
        timeline[..239].iter().enumerate().all(|(index, part)| (part.second, part.seconds) == (index as u64 * 2, 2))
    );
    assert_eq!((timeline[239].second, timeline[239].seconds, timeline[239].totals.due), (478, 23, 3));
    assert_eq!((timeline[0].totals.due, timeline[1].totals.due), (1, 1));
}

#[test]
fn answers_after_the_last_due_second_are_reported() {
    let mut late = second(7, Phase::Judged, [900]);
    if let LoadEvent::Interval(interval) = &mut late {
        interval.operations.values_mut().for_each(|operation| operation.due = 0);
    }
    let events = [begins(&shard(1, 1)), second(2, Phase::Judged, [900]), second(4, Phase::Judged, [900]), late];
    let record = read(&[&lines(&events)]).unwrap();
    assert_eq!((record.profiles[0].judged_seconds, record.profiles[0].lagged_seconds), (3, 3));
}

#[test]
fn only_the_first_few_mistakes_are_kept() {
    let record = read(&[&record_of(1, 1)]).unwrap();
    let mistakes = &record.profiles[0].judged[&operation("Get")].mistakes;
    assert_eq!((mistakes.len(), mistakes[0].as_str()), (MOST_MISTAKES, "mistake 10"));
}

#[test]
fn what_does_not_belong_together_is_refused_with_what_to_do() {
    let mut other = shard(2, 2);
    other.profiles[0].in_flight += 1;
    let other = lines(&[begins(&other)]);
    let mut format: Value = serde_json::from_str(&lines(&[begins(&shard(1, 1))])).unwrap();
    format["format"] = 9.into();
    format["shard"] = "of another format".into();
    let strange = lines(&[begins(&shard(1, 1)), LoadEvent::ProfileStarted { profile: 3, at_us: 0 }]);
    let bad = without_checksums(&record_of(1, 1)).replacen("HISTF", "XXXXX", 1);
    let (one, two) = (record_of(1, 2), record_of(2, 2));
    let table: [(&[&str], &str); 9] = [
        (&[], "there is no record to read: name at least one"),
        (&["{\"event\":\"run_started\",\"format\":1}\n"], "record 1 is no record of a load run"),
        (&[&one, ""], "record 2 is no record of a load run"),
        (
            &[&format.to_string()],
            "record 1 has format 9, this assay reads formats 1 to 2: use the version that wrote it",
        ),
        (&[&one, &other], "record 2 is of another load than record 1: `esm/load/get.yaml: get` was planned otherwise"),
        (&[&one, &record_of(2, 3)], "record 2 is of another load than record 1: one of 2 generators, the other of 3"),
        (&[&one, &two, &one], "records 1 and 3 are both of generator 1 of 2: give one record of each generator"),
        (&[&strange], "line 2 of record 1 can't be used: it is about profile 3"),
        (&[&bad], "line 3 of record 1 can't be used: this is no encoded histogram"),
    ];
    for (texts, wanted) in table {
        let error = read(texts).unwrap_err().to_string();
        assert!(error.starts_with(wanted), "{error}");
    }
}

#[test]
fn every_flipped_bit_of_a_record_is_found_with_its_line() {
    let text = record_of(1, 1);
    for at in (0..text.len() - 1).step_by(97) {
        let mut flipped = text.clone().into_bytes();
        flipped[at] ^= 1 << (at % 7);
        let line = text.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        let error = LoadRecord::read([flipped.as_slice()]).unwrap_err();
        let known = match &error {
            LoadRecordError::Damaged { line: found, .. } => found.number == line,
            LoadRecordError::NoBeginning { .. } | LoadRecordError::OtherFormat { .. } => line == 1,
            _ => false,
        };
        assert!(known, "byte {at} in line {line}: {error}");
    }
}

#[test]
fn each_generator_has_a_clock_of_its_own() {
    let record = |number: u32, ahead_us: i64| {
        let shown = |second, from_us: i64| {
            let LoadEvent::Interval(mut interval) = self::second(second, Phase::Judged, [1_000]) else {
                unreachable!()
            };
            interval.clock = Some(ClockOffset { least_us: from_us, most_us: from_us + 2_000_000 });
            LoadEvent::Interval(interval)
        };
        lines(&[begins(&shard(number, 2)), begun_at(0), shown(0, ahead_us), shown(1, ahead_us + 500_000), over()])
    };
    let clocks = read(&[&record(2, 9_000_000), &record(1, -500_000)]).unwrap().clocks;
    let expected = [(1, (0, 1_500_000)), (2, (9_500_000, 11_000_000))];
    let found: Vec<_> = clocks.iter().map(|(shard, at)| (shard.number, (at.least_us, at.most_us))).collect();
    assert_eq!(found, expected);
}
