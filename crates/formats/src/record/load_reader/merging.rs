//! The reading itself: line by line, one record after another, into sums.

use std::io::BufRead;
use std::time::Duration;

use serde::Deserialize;

use crate::histogram::{Histogram, NotAHistogram};
use crate::record::clock::ClockOffset;
use crate::record::event::{OLDEST, RunEnding};
use crate::record::lines::{BadLine, End, Line, Lines, complaint};
use crate::record::load::{
    Interval, LOAD_FORMAT, LevelPromise, LoadEvent, LoadStarted, ObservedOperation, Phase, ProfileEnding,
    RecordedProfile, Shard,
};
use crate::record::obligation::{Change, Ledger, ObligationOwner};
use crate::record::reader::Ending;
use assay_suite::OperationName;

use super::blocks::PromiseBlocks;
use super::error::{LoadRecordError, Unusable};
use super::observed::{LoadRecord, ObservedProfile};
use super::timeline::{LATEST, Timeline};
use super::totals::Totals;

/// Records that are being added up.
pub(super) struct Merging {
    record: LoadRecord,
    profiles: Vec<MergingProfile>,
    /// What was left over, and is still ledger, in the record that is read.
    leftovers: Leftovers,
}

/// What is left of one record.
#[derive(Default)]
struct Leftovers {
    left_over: Vec<(String, String)>,
    not_removable: Vec<(String, String)>,
    ledger: Ledger,
    /// Whether somebody removed afterwards what could be removed.
    undone: bool,
}

/// A profile that is being added up.
struct MergingProfile {
    observed: ObservedProfile,
    promises: Vec<LevelPromise>,
    timeline: Timeline,
    /// How each generator's part in it ended, so far.
    endings: Vec<Option<ProfileEnding>>,
    /// When each generator began it, in microseconds since 1970.
    began_us: Vec<i64>,
    /// The first and the last second in which judged requests were due.
    due: Option<(u64, u64)>,
    /// The last second in which a judged request had an outcome.
    known: u64,
}

/// The beginning of a record, as far as it is the same in every format.
#[derive(Deserialize)]
struct Beginning {
    event: String,
    format: u32,
}

impl Merging {
    /// Adds a record to what was read before.
    pub(super) fn read(before: Option<Self>, record: usize, input: impl BufRead) -> Result<Self, LoadRecordError> {
        let mut lines = Lines::of(input);
        let unreadable = |error| LoadRecordError::Unreadable { record, error };
        let empty = || LoadRecordError::NoBeginning { record, line: BadLine::none() };
        let first = lines.next().ok_or_else(empty)?.map_err(unreadable)?;
        let started = beginning(record, &first)?;
        let (mut merging, began) = match before {
            None => (Self::begin(started.clone()), started),
            Some(merging) => (merging.join(record, &started)?, started),
        };
        merging.profiles.iter_mut().for_each(|profile| profile.endings.push(None));
        let mut ending = Ending::Broken;
        for line in lines {
            let line = line.map_err(unreadable)?;
            match line.check(began.format) {
                Err(_) if line.end == End::CutOff => break,
                checked => checked.map_err(|(line, damage)| LoadRecordError::Damaged { record, line, damage })?,
            }
            match serde_json::from_slice(&line.text) {
                Ok(LoadEvent::LoadEnded { at_us, ending: as_run }) => {
                    merging.record.took_us = merging.record.took_us.max(at_us);
                    ending = Ending::Run(as_run);
                }
                Ok(event) => merging.take(&began, event).map_err(|error| LoadRecordError::Unusable {
                    record,
                    line: line.bad_at(0),
                    error,
                })?,
                Err(_) if line.end == End::CutOff => break,
                Err(error) => return Err(no_event(record, &line, &error)),
            }
        }
        merging.record.ending = worse(merging.record.ending, ending);
        merging.close(ending);
        Ok(merging)
    }

    /// A record is read. A run that was killed could not report what it left.
    fn close(&mut self, ending: Ending) {
        let Leftovers { mut left_over, not_removable, ledger, undone } = std::mem::take(&mut self.leftovers);
        if ending == Ending::Broken && !undone {
            let unreported = ledger.unreported(&left_over);
            left_over.extend(unreported);
        }
        left_over.extend(not_removable.iter().cloned());
        self.record.not_removable.extend(not_removable);
        self.record.left_over.extend(left_over);
        self.record.ledger.push(ledger);
    }

    fn begin(started: LoadStarted) -> Self {
        Self {
            leftovers: Leftovers::default(),
            profiles: started.profiles.iter().map(MergingProfile::new).collect(),
            record: LoadRecord {
                shards: vec![started.shard],
                missing: Vec::new(),
                profiles: Vec::new(),
                left_over: Vec::new(),
                not_removable: Vec::new(),
                ledger: Vec::new(),
                clocks: Vec::new(),
                ending: Ending::Run(RunEnding::Completed),
                took_us: 0,
                started,
            },
        }
    }

    /// Another generator's record joins, if it is of the same load.
    fn join(mut self, record: usize, started: &LoadStarted) -> Result<Self, LoadRecordError> {
        if let Some(difference) = difference(&self.record.started, started) {
            return Err(LoadRecordError::OtherLoad { record, difference });
        }
        if let Some(earlier) = self.record.shards.iter().position(|shard| *shard == started.shard) {
            return Err(LoadRecordError::SameShard { earlier: earlier + 1, record, shard: started.shard });
        }
        self.record.shards.push(started.shard);
        Ok(self)
    }

    fn take(&mut self, began: &LoadStarted, event: LoadEvent) -> Result<(), Unusable> {
        match event {
            // A second beginning says nothing new; the end is taken where the record ends.
            LoadEvent::LoadStarted(_) | LoadEvent::LoadEnded { .. } => {}
            LoadEvent::ProfileStarted { profile, at_us } => {
                let profile = self.profile(profile)?;
                let earliest = profile.observed.started_us.map_or(at_us, |earlier| earlier.min(at_us));
                profile.observed.started_us = Some(earliest);
                let since = i64::try_from(at_us).unwrap_or(i64::MAX);
                profile.began_us.push(began.started.as_microsecond().saturating_add(since));
                self.record.took_us = self.record.took_us.max(at_us);
            }
            LoadEvent::Interval(interval) if interval.second > LATEST => {
                return Err(Unusable::TooLate(interval.second));
            }
            LoadEvent::Interval(interval) => {
                self.profile(interval.profile)?.add(&interval)?;
                self.clock(began.shard, interval.clock);
            }
            LoadEvent::ProfileEnded { profile, at_us, ending } => {
                let profile = self.profile(profile)?;
                profile.observed.ended_us = profile.observed.ended_us.max(Some(at_us));
                if let Some(own) = profile.endings.last_mut() {
                    *own = Some(ending);
                }
                self.record.took_us = self.record.took_us.max(at_us);
            }
            LoadEvent::ObligationOpened { profile, journey, number, obligation } => {
                self.leftovers
                    .ledger
                    .take(&ObligationOwner { name: profile, journey }, Change::ObligationOpened { number, obligation });
            }
            LoadEvent::ObligationMet { profile, journey, number } => {
                self.leftovers.ledger.take(&ObligationOwner { name: profile, journey }, Change::Met { number });
            }
            LoadEvent::Answered { profile, journey, number, exchange } => {
                self.leftovers.ledger.answer(&ObligationOwner { name: profile, journey }, number, &exchange);
            }
            LoadEvent::NotRemovable { profile, what } => self.leftovers.not_removable.push((profile, what)),
            LoadEvent::Inventory { of, there } => {
                let owner = ObligationOwner { name: String::new(), journey: None };
                self.leftovers.ledger.take(&owner, Change::Inventory { of, there });
            }
            LoadEvent::LeftOver { profile, what } => self.leftovers.left_over.push((profile, what)),
            LoadEvent::Undone { left_over } => {
                self.leftovers.left_over = left_over;
                self.leftovers.undone = true;
            }
        }
        Ok(())
    }

    fn clock(&mut self, shard: Shard, shown: Option<ClockOffset>) {
        let Some(shown) = shown else { return };
        match self.record.clocks.iter_mut().find(|(known, _)| *known == shard) {
            Some((_, known)) => *known = known.and(shown),
            None => self.record.clocks.push((shard, shown)),
        }
    }

    fn profile(&mut self, number: usize) -> Result<&mut MergingProfile, Unusable> {
        self.profiles.get_mut(number).ok_or(Unusable::UnknownProfile(number))
    }

    pub(super) fn finish(self) -> LoadRecord {
        let Self { mut record, profiles, .. } = self;
        let planned = record.started.profiles.iter();
        record.profiles = planned.zip(profiles).map(|(planned, profile)| profile.finish(planned)).collect();
        record.shards.sort_by_key(|shard| shard.number);
        record.clocks.sort_by_key(|(shard, _)| shard.number);
        let all = 1..=record.started.shard.of;
        record.missing = all.filter(|number| record.shards.iter().all(|shard| shard.number != *number)).collect();
        record
    }
}

impl MergingProfile {
    fn new(planned: &RecordedProfile) -> Self {
        let blocks = vec![PromiseBlocks::default(); planned.promises.len()];
        Self {
            observed: ObservedProfile { blocks, ..ObservedProfile::default() },
            promises: planned.promises.clone(),
            timeline: Timeline::new(planned.lasts),
            endings: Vec::new(),
            began_us: Vec::new(),
            due: None,
            known: 0,
        }
    }

    fn add(&mut self, interval: &Interval) -> Result<(), NotAHistogram> {
        let second = interval.second;
        for (name, operation) in &interval.operations {
            let totals = Totals::try_from(operation)?;
            if interval.phase == Phase::Judged {
                if totals.due > 0 {
                    let (first, last) = self.due.unwrap_or((second, second));
                    self.due = Some((first.min(second), last.max(second)));
                }
                if totals.ended() > 0 {
                    self.known = self.known.max(second);
                }
                for (promise, blocks) in self.promises.iter().zip(&mut self.observed.blocks) {
                    if promise.is_about(name) {
                        blocks.add(second, promise.level, &totals);
                    }
                }
                self.observed.judged.entry(name.clone()).or_default().add(&totals);
            }
            self.timeline.add(second, &totals);
        }
        Ok(())
    }

    fn finish(mut self, planned: &RecordedProfile) -> ObservedProfile {
        let mut observed = self.observed;
        observed.timeline = self.timeline.finish();
        observed.judged.values_mut().for_each(Totals::pack);
        let place = |name: &OperationName| planned.judged.get_index_of(name).unwrap_or(usize::MAX);
        observed.judged.sort_by(|a, _, b, _| (place(a), a).cmp(&(place(b), b)));
        if let Some((first, last)) = self.due {
            observed.judged_seconds = last - first + 1;
            observed.lagged_seconds = self.known.saturating_sub(last);
        }
        let (first, last) = (self.began_us.iter().min(), self.began_us.iter().max());
        let apart = first.zip(last).map_or(0, |(first, last)| last.abs_diff(*first));
        observed.apart = Duration::from_micros(apart);
        self.endings.sort_by_key(|ending| weight(ending.as_ref()));
        observed.ending = self.endings.pop().flatten();
        observed
    }
}

impl Totals {
    /// Keeps of its histograms only what is needed to look at them.
    pub fn pack(&mut self) {
        self.response.pack();
        self.service.pack();
        self.lateness.pack();
    }

    /// The same in little memory.
    pub(super) fn packed(&self) -> Self {
        Self {
            response: self.response.packed(),
            service: self.service.packed(),
            lateness: self.lateness.packed(),
            outcomes: self.outcomes.clone(),
            statuses: self.statuses.clone(),
            failures: self.failures.clone(),
            mistakes: self.mistakes.clone(),
            ..*self
        }
    }

    /// Forgets everything, and keeps the memory of the histograms.
    pub fn clear(&mut self) {
        let Self { due, outcomes, statuses, failures, response, service, lateness, checked, mistakes } = self;
        (*due, *checked) = (0, 0);
        outcomes.clear();
        statuses.clear();
        failures.clear();
        mistakes.clear();
        [response, service, lateness].into_iter().for_each(Histogram::clear);
    }
}

impl TryFrom<&ObservedOperation> for Totals {
    type Error = NotAHistogram;

    fn try_from(observed: &ObservedOperation) -> Result<Self, NotAHistogram> {
        Ok(Self {
            due: observed.due,
            outcomes: observed.outcomes.clone(),
            statuses: observed.statuses.clone(),
            failures: observed.failures.clone(),
            response: observed.response.decode()?,
            service: observed.service.decode()?,
            lateness: observed.lateness.decode()?,
            checked: observed.checked,
            mistakes: observed.mistakes.clone(),
        })
    }
}

/// Reads the first line. The format is looked at first: another one may have other fields.
fn beginning(record: usize, line: &Line) -> Result<LoadStarted, LoadRecordError> {
    let none = || LoadRecordError::NoBeginning { record, line: line.bad_at(0) };
    let damaged = |(line, damage)| LoadRecordError::Damaged { record, line, damage };
    let beginning = serde_json::from_slice(&line.text).ok().filter(|found: &Beginning| found.event == "load_started");
    let of_other_format = |found: &&Beginning| !(OLDEST..=LOAD_FORMAT).contains(&found.format);
    if let Some(Beginning { format, .. }) = beginning.as_ref().filter(of_other_format) {
        return Err(LoadRecordError::OtherFormat { record, found: *format });
    }
    line.check(beginning.as_ref().map_or(OLDEST, |found| found.format)).map_err(damaged)?;
    beginning.ok_or_else(none)?;
    match serde_json::from_slice(&line.text) {
        Ok(LoadEvent::LoadStarted(started)) => Ok(*started),
        Ok(_) => Err(none()),
        Err(error) => Err(no_event(record, line, &error)),
    }
}

fn no_event(record: usize, line: &Line, error: &serde_json::Error) -> LoadRecordError {
    LoadRecordError::NotAnEvent { record, line: line.no_event(error), error: complaint(error) }
}

/// Why two records are not of one load.
fn difference(one: &LoadStarted, other: &LoadStarted) -> Option<String> {
    let Shard { of, .. } = one.shard;
    if other.shard.of != of {
        return Some(format!("one of {of} generators, the other of {}", other.shard.of));
    }
    if one.profiles.len() != other.profiles.len() {
        return Some(format!("{} profiles there, {} here", one.profiles.len(), other.profiles.len()));
    }
    let mut pairs = one.profiles.iter().zip(&other.profiles);
    pairs.find(|(one, other)| one != other).map(|(one, other)| match one.name == other.name {
        true => format!("`{}` was planned otherwise", one.name),
        false => format!("`{}` there, `{}` here", one.name, other.name),
    })
}

fn worse(one: Ending, other: Ending) -> Ending {
    let weight = |ending| match ending {
        Ending::Run(RunEnding::Completed) => 0,
        Ending::Run(RunEnding::Interrupted) => 1,
        Ending::Broken => 2,
    };
    if weight(other) > weight(one) { other } else { one }
}

/// The weightier of several generators' endings is that of the profile.
fn weight(ending: Option<&ProfileEnding>) -> u8 {
    match ending {
        Some(ProfileEnding::Completed) => 0,
        Some(ProfileEnding::Interrupted) => 1,
        // The record breaks off.
        None => 2,
        Some(ProfileEnding::Aborted(_)) => 3,
        Some(ProfileEnding::CouldNotRun(_)) => 4,
        Some(ProfileEnding::GeneratorLimit(_)) => 5,
    }
}

impl LoadRecord {
    /// Reads the record of one generator, or those of several that shared one load. A last line that was cut off is left
    /// out.
    ///
    /// # Errors
    ///
    /// If a record can't be read, is none, or does not belong to the same load as the first.
    pub fn read<R: BufRead>(inputs: impl IntoIterator<Item = R>) -> Result<Self, LoadRecordError> {
        let mut merging: Option<Merging> = None;
        for (index, input) in inputs.into_iter().enumerate() {
            merging = Some(Merging::read(merging, index + 1, input)?);
        }
        merging.map(Merging::finish).ok_or(LoadRecordError::NoRecords)
    }
}
