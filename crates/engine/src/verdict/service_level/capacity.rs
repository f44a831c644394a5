//! What the looks of one step of a capacity search show together.

use crate::statistics::{Course, Evidence, Trend};
use assay_formats::record::load::{LoadRecord, ObservedProfile, RecordedProfile, Totals};
use assay_formats::record::load_reader::{PromiseBlock, PromiseBlocks};

use super::condition::unusable;
use super::sample::{Sample, real};
use super::settling::settling;

/// The evidence of a step, and why there is none if the generator is the limit.
#[derive(Clone, Debug, PartialEq)]
pub struct StepEvidence {
    /// For the search.
    pub evidence: Evidence,
    /// What kept the generator from making the load.
    pub reason: Option<String>,
}

/// What the looks of a step show: records of one profile each, the last look last. All promises of the profile have to hold.
pub fn capacity_evidence(looks: &[LoadRecord]) -> StepEvidence {
    let seen: Vec<_> =
        looks.iter().filter_map(|look| Some((look, look.started.profiles.first()?, look.profiles.first()?))).collect();
    let reason = seen.iter().find_map(|(look, planned, observed)| unusable(look, planned, observed));
    let last = seen.last().and_then(|(_, planned, observed)| settling(planned, observed));
    let course = match (&reason, last.map(|settling| settling.trend)) {
        (Some(_), _) => Course::GeneratorLimit,
        (None, Some(Trend::Rising)) => Course::Rising,
        (None, _) => Course::Steady,
    };
    let profiles: Vec<_> = seen.iter().map(|(_, planned, observed)| (*planned, *observed)).collect();
    let samples = samples(&profiles);
    let tests = real(samples.len().max(1) as u64);
    let p_kept = samples.iter().map(Sample::p_met).fold(0.0, f64::max);
    let p_broken = samples.iter().map(Sample::p_violated).fold(1.0, f64::min);
    let margins = samples.iter().map(|sample| (real(sample.at_most) / real(sample.size.max(1)) / sample.allowed).ln());
    let evidence = Evidence {
        p_kept: if samples.is_empty() { 1.0 } else { p_kept },
        p_broken: (p_broken * tests).min(1.0),
        margin: margins.fold(f64::NEG_INFINITY, f64::max),
        course,
    };
    StepEvidence { evidence, reason }
}

/// The requests of each promise, over all looks.
fn samples(profiles: &[(&RecordedProfile, &ObservedProfile)]) -> Vec<Sample> {
    let Some((planned, _)) = profiles.first() else { return Vec::new() };
    let samples = planned.promises.iter().enumerate().filter_map(|(index, promise)| {
        let mut totals = Totals::default();
        let mut blocks: Vec<PromiseBlock> = Vec::new();
        for (_, observed) in profiles {
            totals.add(&observed.of(promise.operation.as_ref()));
            blocks.extend(observed.blocks.get(index).into_iter().flat_map(PromiseBlocks::blocks));
        }
        let sample = Sample::of(promise.level, &totals).filter(|sample| sample.size > 0 && sample.allowed > 0.0)?;
        Some(sample.in_blocks(&blocks))
    });
    samples.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_formats::record::load::{Outcome, ProfileEnding};
    use assay_formats::record::load_reader::samples::{answered, latency, observed, profile, record, with};
    use assay_suite::Quantile;

    fn look(totals: Totals) -> LoadRecord {
        record(vec![(profile(vec![latency(Quantile::P99, 300)]), observed(totals))])
    }

    #[test]
    fn looks_of_a_step_add_up() {
        let kept = |looks: usize| {
            let looks: Vec<_> = (0..looks).map(|_| look(answered(&[(100_000, 2_990), (400_000, 10)]))).collect();
            capacity_evidence(&looks).evidence
        };
        assert!(kept(3).p_kept < kept(1).p_kept / 1e6, "{:?} {:?}", kept(3), kept(1));
        assert!(kept(1).margin < 0.0 && kept(1).p_broken > 0.9, "{:?}", kept(1));
        let broken = capacity_evidence(&[look(answered(&[(100_000, 2_900), (400_000, 100)]))]).evidence;
        assert!(broken.p_broken < 1e-9 && broken.margin > 1.0, "{broken:?}");
    }

    #[test]
    fn a_look_that_the_generator_did_not_make_is_no_evidence() {
        let limited = capacity_evidence(&[look(with(answered(&[(100_000, 2_000)]), Outcome::GeneratorLimit, 1_000))]);
        assert_eq!(limited.evidence.course, Course::GeneratorLimit);
        assert!(limited.reason.is_some_and(|reason| reason.contains("ulimit -n")));
    }

    #[test]
    fn a_look_that_ended_early_because_it_was_broken_is_evidence() {
        let mut early = look(answered(&[(100_000, 100), (400_000, 100)]));
        early.profiles[0].ending = Some(ProfileEnding::Aborted("TP99".to_owned()));
        let found = capacity_evidence(&[early]);
        assert_eq!((found.evidence.course, found.reason), (Course::Steady, None));
        assert!(found.evidence.p_broken < 1e-9);
    }
}
