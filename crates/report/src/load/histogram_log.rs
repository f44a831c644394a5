//! The histograms of a load run as an `HdrHistogram` log, for the tools of others.
//!
//! A line for each second, operation and clock: response (due to last byte), service (sent to last byte), lateness (due to
//! sent). What was not judged is tagged `warm-up`, so that adding all lines of a tag up gives what the verdicts rest on.

use std::io::{self, Write};

use assay_formats::record::load::{Interval, LoadEvent, LoadStarted, Phase};
use assay_formats::{EncodedHistogram, NotAHistogram};

/// Why a log can't be written.
#[derive(Debug, thiserror::Error)]
pub enum HistogramLogError {
    /// Where it is written to, it can't be.
    #[error("the histogram log could not be written: {0}")]
    Unwritable(#[from] io::Error),
    /// The record holds what is no histogram.
    #[error("second {second} of {profile} can't be read: {source}; the record was altered or is damaged")]
    Damaged {
        /// The profile.
        profile: String,
        /// The second, from the profile's first due moment.
        second: u64,
        /// Why.
        source: NotAHistogram,
    },
}

/// A log that is being written. Events of several records of one run can be given one after the other: lines of the same
/// tag add up.
pub struct HistogramLog<'a> {
    out: &'a mut dyn Write,
    profiles: Vec<Profile>,
}

struct Profile {
    tag: String,
    /// From the start of the run, in seconds.
    begins: f64,
    /// The lines of the latest second, which may be cut short by the end of the profile.
    latest: Vec<LogLine>,
}

/// A line of the log, but for how long its interval is.
struct LogLine {
    tag: String,
    /// From the start of the run, in seconds.
    start: f64,
    /// The longest time, in milliseconds.
    longest: f64,
    histogram: EncodedHistogram,
}

impl<'a> HistogramLog<'a> {
    /// Writes the head of a log.
    pub fn begin(out: &'a mut dyn Write, started: &LoadStarted) -> Result<Self, HistogramLogError> {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 are less than 2^52")]
        let seconds = started.started.as_millisecond() as f64 / 1e3;
        let date = started.started.strftime("%a %b %d %H:%M:%S UTC %Y");
        writeln!(out, "#[Histogram log format version 1.3]")?;
        writeln!(
            out,
            "#[Recorded by assay {}; values are nanoseconds, Interval_Max is milliseconds]",
            one_word(&started.assay)
        )?;
        writeln!(out, "#[StartTime: {seconds:.3} (seconds since epoch), {date}]")?;
        writeln!(out, "#[BaseTime: {seconds:.3} (seconds since epoch)]")?;
        writeln!(out, "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"")?;
        let profiles = started.profiles.iter().map(|profile| Profile {
            tag: one_word(&profile.name),
            begins: 0.0,
            latest: Vec::new(),
        });
        Ok(Self { out, profiles: profiles.collect() })
    }

    /// Writes what an event of the record holds of histograms; the others say only when a profile begins.
    #[allow(clippy::cast_precision_loss, reason = "a run is shorter than 2^52 microseconds")]
    pub fn add(&mut self, event: &LoadEvent) -> Result<(), HistogramLogError> {
        match event {
            LoadEvent::ProfileStarted { profile, at_us } => {
                if let Some(profile) = self.profiles.get_mut(*profile) {
                    profile.begins = *at_us as f64 / 1e6;
                }
                Ok(())
            }
            LoadEvent::Interval(interval) => self.add_interval(interval),
            LoadEvent::ProfileEnded { profile, at_us, .. } => self.write_latest(*profile, *at_us as f64 / 1e6),
            _ => Ok(()),
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a run is shorter than 2^52 seconds")]
    fn add_interval(&mut self, interval: &Interval) -> Result<(), HistogramLogError> {
        let Some(profile) = self.profiles.get(interval.profile) else { return Ok(()) };
        let start = profile.begins + interval.second as f64;
        if profile.latest.first().is_some_and(|line| line.start < start) {
            self.write_latest(interval.profile, f64::INFINITY)?;
        }
        let Some(profile) = self.profiles.get_mut(interval.profile) else { return Ok(()) };
        let phase = match interval.phase {
            Phase::Judged => "",
            Phase::WarmUp => "/warm-up",
        };
        for (operation, observed) in &interval.operations {
            let clocks =
                [("response", &observed.response), ("service", &observed.service), ("lateness", &observed.lateness)];
            for (clock, histogram) in
                clocks.into_iter().filter(|(_, histogram)| **histogram != EncodedHistogram::default())
            {
                let decoded = histogram.decode().map_err(|source| HistogramLogError::Damaged {
                    profile: profile.tag.clone(),
                    second: interval.second,
                    source,
                })?;
                let longest = decoded.longest().as_secs_f64() * 1e3;
                let tag = format!("{}/{}/{clock}{phase}", profile.tag, one_word(&operation.0));
                profile.latest.push(LogLine { tag, start, longest, histogram: histogram.clone() });
            }
        }
        Ok(())
    }

    /// Writes the lines of a profile's latest second, which lasts no longer than until `ended`.
    fn write_latest(&mut self, profile: usize, ended: f64) -> Result<(), HistogramLogError> {
        let lines = self.profiles.get_mut(profile).map(|profile| std::mem::take(&mut profile.latest));
        for LogLine { tag, start, longest, histogram } in lines.unwrap_or_default() {
            let length = (ended - start).clamp(0.001, 1.0);
            writeln!(self.out, "Tag={tag},{start:.3},{length:.3},{longest:.3},{}", histogram.0)?;
        }
        Ok(())
    }

    /// Writes what is still held back; to be called after the last event of each record.
    pub fn finish_record(&mut self) -> Result<(), HistogramLogError> {
        (0..self.profiles.len()).try_for_each(|profile| self.write_latest(profile, f64::INFINITY))
    }
}

/// Writes the log of a record's events.
pub fn histogram_log<'a>(
    out: &mut dyn Write,
    started: &LoadStarted,
    events: impl IntoIterator<Item = &'a LoadEvent>,
) -> Result<(), HistogramLogError> {
    let mut log = HistogramLog::begin(out, started)?;
    events.into_iter().try_for_each(|event| log.add(event))?;
    log.finish_record()
}

/// What a tag can hold: no commas, no white space, no line ends.
fn one_word(text: &str) -> String {
    let spoils = |character: char| character == ',' || character.is_whitespace() || character.is_control();
    text.replace(spoils, "_")
}
