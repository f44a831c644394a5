//! Each rule, and each reason.

use std::time::Duration;

use indexmap::IndexMap;

use assay_formats::record::load::{
    Level, LevelPromise, LoadRecord, Model, Outcome, ProfileEnding, RecordedProfile, Totals,
};
use assay_formats::record::load_reader::samples::{
    answered, latency, observed, operation, profile, promise, record, with,
};
use assay_formats::record::{ClockOffset, Ending};
use assay_suite::Quantile;

use super::{JudgedLevel, LevelVerdict, Measure, Needs, Reachable, certainly_violated, forecast, judge_levels};

use LevelVerdict::{Inconclusive, Invalid, Met, Violated};

/// The verdict on the only promise of a run.
fn judge(promised: LevelPromise, totals: Totals) -> JudgedLevel {
    let mut planned = profile(vec![promised]);
    planned.judged = IndexMap::from([(operation("Get"), totals.due)]);
    one(&record(vec![(planned, observed(totals))]))
}

fn one(record: &LoadRecord) -> JudgedLevel {
    judge_levels(record).remove(0).remove(0)
}

/// 3,000 requests of which so many are slow.
fn slow(number: u64) -> Totals {
    answered(&[(100_000, 3_000 - number), (400_000, number)])
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_response_time_is_judged_by_how_many_are_beyond_its_limit() {
    // Of 3,000 requests 30 may be slower: up to 20 are surely few, from 40 on surely many.
    let table = [(0, Met), (20, Met), (24, Inconclusive), (30, Inconclusive), (36, Inconclusive), (41, Violated)];
    for (number, verdict) in table {
        let judged = judge(latency(Quantile::P99, 300), slow(number));
        assert_eq!(judged.verdict, verdict, "{number}: {judged:?}");
        assert_eq!((judged.samples, judged.beyond), (3_000, (number, number)));
        assert_eq!(judged.reason.is_empty(), verdict != Inconclusive, "{judged:?}");
    }
}

#[test]
fn failures_of_every_kind_are_slower_than_any_limit() {
    for outcome in [Outcome::WrongAnswer, Outcome::Throttled, Outcome::Refused, Outcome::TimedOut, Outcome::Broken] {
        let judged = judge(latency(Quantile::P99, 300), with(answered(&[(100_000, 2_950)]), outcome, 50));
        assert_eq!((judged.verdict, judged.beyond), (Violated, (50, 50)), "{outcome:?}");
        assert_eq!(judged.observed, Measure::Endless);
        assert!(matches!(judged.interval, Some((Measure::Endless, Measure::Endless))), "{judged:?}");
    }
    let judged = judge(latency(Quantile::P50, 300), with(answered(&[(100_000, 2_950)]), Outcome::Broken, 50));
    assert!(matches!(judged.observed, Measure::Time(time) if time.as_millis() == 100), "{judged:?}");
}

#[test]
fn a_limit_inside_a_bucket_is_judged_from_both_ends() {
    // 2,000,400 ns are not distinguished from 2 ms: they are neither surely beyond nor surely within.
    let judged = judge(latency(Quantile::P99, 2), answered(&[(1_000, 2_900), (2_000, 100)]));
    assert_eq!((judged.verdict, judged.beyond, judged.needs), (Inconclusive, (0, 100), None));
    assert!(judged.reason.starts_with("0 to 100 of 3\u{202f}000 requests took longer than 2 ms"), "{}", judged.reason);
}

#[test]
fn the_interval_is_that_of_the_ranks() {
    let totals = answered(&(1..=100).map(|millis| (millis * 1_000, 1)).collect::<Vec<_>>());
    let judged = judge(latency(Quantile::P50, 300), totals);
    let Some((Measure::Time(low), Measure::Time(high))) = judged.interval else { panic!("{judged:?}") };
    assert_eq!((low.as_millis(), high.as_millis()), (40, 61));
}

#[test]
fn an_undecided_promise_says_what_would_decide_it() {
    let judged = judge(latency(Quantile::P99, 300), slow(24));
    let needs = judged.needs.unwrap();
    assert!((4_000..8_000).contains(&needs.samples), "{judged:?}");
    assert_eq!(needs.time, Some(secs(needs.samples.div_ceil(100))));
    assert!(judged.reason.contains("it is called met after"), "{}", judged.reason);
    // With as many as that, it is decided.
    let enough = needs.samples.next_multiple_of(125);
    let decided = answered(&[(100_000, enough / 125 * 124), (400_000, enough / 125)]);
    assert_eq!(judge(latency(Quantile::P99, 300), decided).verdict, Met);

    let judged = judge(latency(Quantile::P99, 300), slow(36));
    assert!(judged.reason.contains("it is called violated after"), "{}", judged.reason);
    assert!(judged.needs.unwrap().samples > 3_000);

    let judged = judge(latency(Quantile::P99, 300), slow(30));
    assert_eq!(judged.needs, None);
    assert!(judged.reason.ends_with("no number of requests is likely to decide it."), "{}", judged.reason);

    let judged = judge(latency(Quantile::P99_9, 300), answered(&[(100_000, 1_000)]));
    assert_eq!(judged.needs.map(|needs| needs.samples), Some(2_995));
}

#[test]
fn many_promises_of_one_run_want_more_evidence_of_each() {
    // 20 slow ones of 3,000 are few enough for one promise alone, and too many for one of two that are as doubtful.
    let twice = |first: u64, second: u64| {
        let run = |number| (profile(vec![latency(Quantile::P99, 300)]), observed(slow(number)));
        let judged = judge_levels(&record(vec![run(first), run(second)]));
        (judged[0][0].verdict, judged[1][0].verdict)
    };
    assert_eq!(twice(20, 20), (Inconclusive, Inconclusive));
    assert_eq!(twice(20, 5), (Met, Met));
    assert_eq!(twice(41, 41), (Inconclusive, Inconclusive));
    assert_eq!(twice(41, 90), (Violated, Violated));
}

#[test]
fn invalid_promises_take_no_part_in_the_correction() {
    let run = |totals| (profile(vec![latency(Quantile::P99, 300)]), observed(totals));
    let mut late = slow(20);
    (0..100).for_each(|_| late.lateness.record(Duration::from_millis(2)));
    let judged = judge_levels(&record(vec![run(slow(20)), run(late)]));
    assert_eq!((judged[0][0].verdict, judged[1][0].verdict), (Met, Invalid));
}

#[test]
fn a_success_rate_is_judged_by_its_failures() {
    let rate = |share, failed| {
        let totals = with(answered(&[(100_000, 3_000 - failed)]), Outcome::Refused, failed);
        judge(promise(Level::SuccessRate(share)), totals)
    };
    let table =
        [(0.99, 0, Met), (0.99, 20, Met), (0.99, 30, Inconclusive), (0.99, 41, Violated), (0.9999, 0, Inconclusive)];
    for (share, failed, verdict) in table {
        assert_eq!(rate(share, failed).verdict, verdict, "{share} {failed}");
    }
    let judged = rate(0.99, 30);
    assert_eq!(judged.observed, Measure::Share(0.99));
    let Some((Measure::Share(low), Measure::Share(high))) = judged.interval else { panic!("{judged:?}") };
    assert!(low < 0.99 && high > 0.99 && high - low < 0.01, "{judged:?}");
}

#[test]
fn that_none_ever_fails_can_be_violated_and_never_met() {
    let all = |totals| judge(promise(Level::SuccessRate(1.0)), totals);
    let judged = all(answered(&[(100_000, 3_000)]));
    assert_eq!((judged.verdict, judged.needs), (Inconclusive, None));
    assert!(judged.reason.ends_with("No number of requests shows that none ever fails."), "{}", judged.reason);
    assert_eq!(all(with(answered(&[(100_000, 2_999)]), Outcome::Broken, 1)).verdict, Violated);
}

#[test]
fn a_promise_of_no_operation_is_about_all_of_them() {
    let mut level = latency(Quantile::P99, 300);
    level.operation = None;
    let mut both = observed(answered(&[(100_000, 2_000)]));
    both.judged.insert(operation("Put"), answered(&[(400_000, 1_000)]));
    let judged = one(&record(vec![(profile(vec![level]), both)]));
    assert_eq!((judged.verdict, judged.samples, judged.beyond), (Violated, 3_000, (1_000, 1_000)));
}

/// 3,000 requests in 30 seconds, of which so many fail.
fn throughput(promised: f64, failed: u64, change: impl FnOnce(&mut RecordedProfile)) -> JudgedLevel {
    let mut planned = profile(vec![promise(Level::Throughput(promised))]);
    change(&mut planned);
    one(&record(vec![(planned, observed(with(answered(&[(100_000, 3_000 - failed)]), Outcome::Throttled, failed)))]))
}

#[test]
fn a_throughput_is_kept_if_what_may_be_asked_is_answered() {
    // 99 of 100 are enough where nothing else is promised.
    for (promised, failed, verdict) in [
        (100.0, 0, Met),
        (100.0, 30, Met),
        (100.0, 31, Violated),
        (50.0, 1_000, Met),
        (101.0, 0, Met),
        (102.0, 0, Inconclusive),
    ] {
        let judged = throughput(promised, failed, |_| {});
        assert_eq!(judged.verdict, verdict, "{promised} {failed}: {judged:?}");
    }
    assert_eq!(throughput(100.0, 0, |_| {}).observed, Measure::Rate(100.0));
    let promised = |planned: &mut RecordedProfile| planned.promises.push(promise(Level::SuccessRate(0.9)));
    assert_eq!(throughput(100.0, 300, promised).verdict, Met);
    let reason = throughput(102.0, 0, |_| {}).reason;
    assert_eq!(reason, "The profile offers only 100/s on average, 102/s is promised. Raise its rate.");
}

#[test]
fn a_throughput_takes_its_time() {
    let short = |seconds: u64, rate: u64, promised: f64| {
        let mut planned = profile(vec![promise(Level::Throughput(promised))]);
        planned.lasts = planned.warm_up + secs(seconds);
        planned.judged = IndexMap::from([(operation("Get"), seconds * rate)]);
        one(&record(vec![(planned, observed(answered(&[(1_000, seconds * rate)])))]))
    };
    assert_eq!(short(10, 100, 100.0).verdict, Met);
    let judged = short(9, 100, 100.0);
    assert_eq!((judged.verdict, judged.needs), (Inconclusive, Some(Needs { samples: 1_000, time: Some(secs(10)) })));
    // 60 a minute: a minute.
    let judged = short(59, 1, 1.0);
    assert_eq!((judged.verdict, judged.needs), (Inconclusive, Some(Needs { samples: 60, time: Some(secs(60)) })));
    assert_eq!(judged.reason, "The rate was kept for 59 s; it takes 1 min 00 s to be sure of it.");
    assert_eq!(short(60, 1, 1.0).verdict, Met);
}

#[test]
fn a_deployment_that_lags_behind_does_not_keep_its_rate() {
    let lagging = |seconds| {
        let mut observed = observed(answered(&[(100_000, 3_000)]));
        observed.lagged_seconds = seconds;
        one(&record(vec![(profile(vec![promise(Level::Throughput(100.0))]), observed)]))
    };
    assert_eq!(lagging(1).verdict, Met);
    let judged = lagging(30);
    assert_eq!(judged.verdict, Inconclusive);
    assert!(judged.reason.contains("came 30 s after the last request was due"), "{}", judged.reason);
}

#[test]
fn a_saturated_deployment_is_judged_by_rate_and_success_only() {
    let mut planned = profile(vec![
        latency(Quantile::P50, 300),
        promise(Level::Throughput(90.0)),
        promise(Level::SuccessRate(0.99)),
        promise(Level::Throughput(200.0)),
    ]);
    planned.model = Model::Open { due: None, peak: None };
    planned.judged = IndexMap::new();
    let judged = judge_levels(&record(vec![(planned.clone(), observed(slow(0)))])).remove(0);
    assert_eq!([0, 1, 2, 3].map(|index: usize| judged[index].verdict), [Inconclusive, Met, Met, Inconclusive]);
    assert!(judged[0].reason.contains("saturated"), "{}", judged[0].reason);
    assert!(judged[3].reason.starts_with("With 8 in flight only 100/s were asked for"), "{}", judged[3].reason);
}

#[test]
fn a_late_generator_says_nothing_of_the_deployment() {
    for level in [latency(Quantile::P99, 300), latency(Quantile::P99, 1), promise(Level::Throughput(100.0))] {
        let mut totals = slow(0);
        (0..3).for_each(|_| totals.lateness.record(Duration::from_micros(1_200)));
        assert_ne!(judge(level.clone(), totals.clone()).verdict, Invalid);
        (0..3).for_each(|_| totals.lateness.record(Duration::from_micros(1_200)));
        let judged = judge(level, totals);
        assert_eq!((judged.verdict, judged.needs), (Invalid, None));
        assert_eq!(
            judged.reason,
            "The generator was late: at TP99.9 by 1.2 ms, allowed is 300 µs. Free the machine, lower the rate, or use several \
             generators (`--shard`)."
        );
    }
}

#[test]
fn too_few_in_flight_are_the_profiles_fault_unless_answers_are_too_slow() {
    let unsent = |slow: u64, number| {
        let totals = answered(&[(100_000, 3_000 - slow - number), (400_000, slow)]);
        judge(latency(Quantile::P99, 300), with(totals, Outcome::NotSent, number))
    };
    // 3 of 3,000 are not above 0.1 %.
    assert_eq!(unsent(0, 3).verdict, Met);
    let judged = unsent(0, 100);
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.ends_with("Raise `in_flight`."), "{}", judged.reason);
    assert_eq!(unsent(200, 100).verdict, Violated);
}

#[test]
fn a_plan_that_was_not_reached_says_nothing() {
    let with_ending = |ending: ProfileEnding| {
        let mut observed = observed(answered(&[(100_000, 2_900)]));
        observed.ending = Some(ending);
        one(&record(vec![(profile(vec![latency(Quantile::P99, 300)]), observed)]))
    };
    let judged = with_ending(ProfileEnding::Completed);
    assert_eq!(judged.verdict, Invalid);
    assert!(
        judged.reason.starts_with("Only 2\u{202f}900 of 3\u{202f}000 planned requests became due"),
        "{}",
        judged.reason
    );
    // What somebody stopped is judged by what there is.
    assert_eq!(with_ending(ProfileEnding::Interrupted).verdict, Met);
    assert_eq!(with_ending(ProfileEnding::CouldNotRun("no key".into())).verdict, Invalid);
}

#[test]
fn what_ended_the_run_is_violated_however_much_was_still_planned() {
    let totals = || answered(&[(100_000, 28), (400_000, 12)]);
    let mut promises = vec![latency(Quantile::P99, 300)];
    assert!(certainly_violated(&promises[0], &totals(), None));
    promises.extend((0..10).map(|_| promise(Level::SuccessRate(0.99))));
    let mut stopped = observed(totals());
    stopped.ending = Some(ProfileEnding::Aborted("TP99".into()));
    let judged = judge_levels(&record(vec![(profile(promises), stopped)])).remove(0);
    assert_eq!((judged[0].verdict, judged[1].verdict), (Violated, Inconclusive));
}

#[test]
fn a_run_ends_early_only_when_it_is_certain() {
    let level = latency(Quantile::P99, 300);
    for (number, certain) in [(30, false), (41, false), (55, false), (70, true)] {
        assert_eq!(certainly_violated(&level, &slow(number), None), certain, "{number}");
    }
    assert!(!certainly_violated(&level, &Totals::default(), None));
    assert!(!certainly_violated(&promise(Level::Throughput(1e9)), &slow(0), None));
}

#[test]
fn without_the_records_of_all_generators_only_a_violation_is() {
    let partly = |number| {
        let mut record = record(vec![(profile(vec![latency(Quantile::P99, 300)]), observed(slow(number)))]);
        record.started.shard.of = 4;
        record.missing = vec![2, 3];
        one(&record)
    };
    let judged = partly(0);
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.starts_with("The record of generator 2, 3 of 4 is not here"), "{}", judged.reason);
    assert_eq!(partly(90).verdict, Violated);
}

#[test]
fn the_record_of_a_killed_generator_shows_nothing_kept() {
    let killed = |number| {
        let mut record = record(vec![(profile(vec![latency(Quantile::P99, 300)]), observed(slow(number)))]);
        record.ending = Ending::Broken;
        one(&record)
    };
    let judged = killed(0);
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.starts_with("The record breaks off"), "{}", judged.reason);
    assert_eq!(killed(90).verdict, Violated);
}

#[test]
fn a_generator_that_was_stopped_while_others_went_on_shows_nothing_kept() {
    let stopped = |of, number| {
        let mut seen = observed(slow(number));
        seen.ending = Some(ProfileEnding::Interrupted);
        let mut record = record(vec![(profile(vec![latency(Quantile::P99, 300)]), seen)]);
        record.started.shard.of = of;
        one(&record)
    };
    let judged = stopped(4, 0);
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.starts_with("A generator was stopped before its end"), "{}", judged.reason);
    assert_eq!(stopped(4, 90).verdict, Violated);
    // Until it was stopped, the only generator made the whole load.
    assert_eq!(stopped(1, 0).verdict, Met);
}

#[test]
fn what_this_machine_lacks_is_never_the_deployments_fault() {
    let judged = judge(promise(Level::SuccessRate(0.99)), with(slow(0), Outcome::GeneratorLimit, 500));
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.contains("this machine is at a limit of its own"), "{}", judged.reason);
}

#[test]
fn a_generator_that_could_not_begin_for_its_own_limits_makes_the_run_invalid() {
    let mut nothing = observed(Totals::default());
    nothing.ending = Some(ProfileEnding::GeneratorLimit("open files (EMFILE): raise `ulimit -n`".to_owned()));
    let judged = one(&record(vec![(profile(vec![latency(Quantile::P99, 300)]), nothing)]));
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.ends_with("raise `ulimit -n`"), "{}", judged.reason);
}

#[test]
fn the_message_of_an_invalid_run_names_the_limit_and_not_another_mistake() {
    let mut totals = with(slow(0), Outcome::GeneratorLimit, 500);
    let message = "this machine is at a limit of its own: Too many open files: raise `ulimit -n`";
    totals.mistakes = vec!["status 500: oops".to_owned(), message.to_owned()];
    let judged = judge(promise(Level::SuccessRate(0.99)), totals);
    assert!(judged.reason.ends_with("Too many open files: raise `ulimit -n`"), "{}", judged.reason);
}

#[test]
fn what_was_refused_while_the_generators_clock_was_wrong_is_not_the_deployments_fault() {
    let judge = |ahead_s: i64, refused| {
        let totals = with(slow(0), Outcome::Refused, refused);
        let mut record = record(vec![(profile(vec![promise(Level::SuccessRate(0.99))]), observed(totals))]);
        let (least_us, most_us) = (ahead_s * 1_000_000, (ahead_s + 2) * 1_000_000);
        record.clocks = vec![(record.started.shard, ClockOffset { least_us, most_us })];
        one(&record)
    };
    assert_eq!(judge(600, 1_000).verdict, Invalid);
    assert!(judge(600, 1_000).reason.contains("10 min 00 s behind the deployment's"), "{}", judge(600, 1_000).reason);
    assert!(judge(-600, 1_000).reason.contains("ahead of"), "{}", judge(-600, 1_000).reason);
    // A small skew refuses nothing, and a large one without refusals harms nothing.
    assert_eq!(judge(5, 1_000).verdict, Violated);
    assert_eq!(judge(600, 0).verdict, Met);
}

#[test]
fn generators_that_did_not_begin_together_say_nothing() {
    let mut apart = observed(slow(0));
    apart.apart = secs(1);
    let judge = |observed| one(&record(vec![(profile(vec![latency(Quantile::P99, 300)]), observed)]));
    assert_eq!(judge(apart.clone()).verdict, Met);
    apart.apart = secs(90);
    let judged = judge(apart);
    assert_eq!(judged.verdict, Invalid);
    assert!(judged.reason.starts_with("The generators began 1 min 30 s apart"), "{}", judged.reason);
}

#[test]
fn nothing_observed_is_inconclusive_and_says_why() {
    let table = [
        (Some(ProfileEnding::CouldNotRun("no key".into())), "It could not be set up: no key"),
        (Some(ProfileEnding::Interrupted), "It was interrupted before a request was judged."),
        (Some(ProfileEnding::Aborted("TP50".into())), "The profile ended early, before a request was judged: TP50"),
        (Some(ProfileEnding::Completed), "No request was judged."),
        (None, "The run ended before the profile began."),
    ];
    for (ending, reason) in table {
        let mut nothing = observed(Totals::default());
        nothing.ending = ending;
        let judged = one(&record(vec![(profile(vec![latency(Quantile::P99_9, 300)]), nothing)]));
        assert_eq!(
            (judged.verdict, judged.samples, judged.observed, judged.interval),
            (Inconclusive, 0, Measure::Nothing, None)
        );
        assert!(judged.reason.starts_with(reason), "{}", judged.reason);
        assert_eq!(judged.needs, Some(Needs { samples: 2_995, time: Some(secs(30)) }));
    }
}

/// A profile that asks once a second for so many judged requests.
fn once_a_second(promises: Vec<LevelPromise>, number: u64) -> RecordedProfile {
    let mut planned = profile(promises);
    planned.lasts = planned.warm_up + secs(number);
    planned.judged = IndexMap::from([(operation("Get"), number)]);
    planned
}

#[test]
fn a_run_that_can_reach_no_verdict_is_known_before_it_starts() {
    let promises = vec![latency(Quantile::P99_9, 300), latency(Quantile::P50, 200), promise(Level::Throughput(1.0))];
    let judged = forecast(&[once_a_second(promises.clone(), 300)]).remove(0);
    assert_eq!(
        [0, 1, 2].map(|index: usize| judged[index].reachable),
        [Reachable::TooFew, Reachable::Reachable, Reachable::Reachable]
    );
    // 50 minutes, as the other promise takes nothing away once it is met.
    assert_eq!(judged[0].needs, Some(Needs { samples: 2_995, time: Some(secs(2_995)) }));
    assert_eq!(judged[0].alone, judged[0].needs);
    assert_eq!(judged[1].needs, Some(Needs { samples: 6, time: Some(secs(6)) }));
    let judged = forecast(&[once_a_second(promises, 3_000)]).remove(0);
    assert!(judged.iter().all(|forecast| forecast.reachable == Reachable::Reachable), "{judged:?}");
}

#[test]
fn many_promises_need_longer_runs() {
    let profiles: Vec<_> = (0..27).map(|_| once_a_second(vec![latency(Quantile::P99_9, 300)], 3_000)).collect();
    let judged = forecast(&profiles).remove(26).remove(0);
    assert_eq!((judged.reachable, judged.planned), (Reachable::TooFew, Some(3_000)));
    // ln(0.05 / 27) / ln(0.999)
    assert_eq!(judged.needs.map(|needs| needs.samples), Some(6_289));
    assert_eq!(judged.alone.map(|needs| needs.samples), Some(2_995));
}

#[test]
fn what_a_run_can_never_show_is_known_before_it_starts() {
    let judged = |planned: RecordedProfile| forecast(&[planned]).remove(0).remove(0);
    assert_eq!(judged(once_a_second(vec![promise(Level::SuccessRate(1.0))], 300)).reachable, Reachable::Never);
    assert_eq!(judged(once_a_second(vec![promise(Level::Throughput(2.0))], 300)).reachable, Reachable::RateTooLow);
    let short = judged(once_a_second(vec![promise(Level::Throughput(1.0))], 30));
    assert_eq!((short.reachable, short.needs.map(|needs| needs.samples)), (Reachable::TooFew, Some(60)));
    let mut saturated = profile(vec![latency(Quantile::P99, 300)]);
    saturated.model = Model::Open { due: None, peak: None };
    saturated.judged = IndexMap::new();
    assert_eq!(judged(saturated).reachable, Reachable::NotJudged);
    let mut users = profile(vec![latency(Quantile::P99, 300)]);
    users.model = Model::Closed { users: 3 };
    users.judged = IndexMap::new();
    let judged = judged(users);
    assert_eq!((judged.reachable, judged.needs), (Reachable::Unknown, Some(Needs { samples: 299, time: None })));
}
