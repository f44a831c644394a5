//! The true capacity of simulated servers is inside the interval, and nothing is claimed of those that have none.

use std::time::Duration;

use assay_formats::chance::Chance;

use super::servers::{Arrivals, Degrading, Promise, Queue, Seen, Server, TokenBucket, Wearing};
use super::{Capacity, Course, Ending, Evidence, Search, SearchPlan, StepVerdict};

fn plan(from: f64) -> SearchPlan {
    SearchPlan {
        from,
        to: 100_000.0,
        width: 0.05,
        significance: 0.05,
        shortest: Duration::from_secs(3),
        decisive: Duration::from_secs(15),
        fewest: 2_000.0,
        recovery: Duration::from_secs(2),
        within: Duration::from_secs(3_600),
    }
}

fn whole(seconds: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand seconds")]
    let seconds = seconds.ceil() as u32;
    seconds
}

fn search(
    plan: SearchPlan,
    server: &mut dyn Server,
    arrivals: Arrivals,
    promise: Promise,
    seed: u64,
) -> (Capacity, f64) {
    let (mut search, mut chance, mut seen) = (Search::new(plan), Chance(seed * 7_919 + 5), Seen::default());
    let mut took = 0.0;
    loop {
        let look = match search.next_look() {
            Ok(look) => look,
            Err(capacity) => return (capacity, took),
        };
        if look.is_new {
            seen = Seen::default();
        }
        server.rest(look.pause.as_secs_f64());
        let seconds = whole(look.lasts.as_secs_f64());
        seen.look(server, (look.rate, seconds), arrivals, promise, &mut chance);
        took += f64::from(seconds) + look.pause.as_secs_f64();
        search.observe(seen.evidence(promise), Duration::from_secs(seconds.into()));
    }
}

/// So many searches: the truth is inside the interval in 95 of 100, and the interval is as narrow as it is to be in as many; the
/// others say that they could not decide.
fn holds(runs: u64, truth: impl Fn(f64) -> f64, one: impl Fn(f64, u64) -> (Capacity, f64)) {
    let (mut inside, mut found, mut widest, mut took) = (0, 0, 0.0_f64, 0.0);
    for seed in 0..runs {
        // Each run has a capacity of its own, so that no grid of rates fits by luck.
        let scale = 1.0 + Chance(seed).above_zero();
        let (capacity, seconds) = one(scale, seed);
        took += seconds;
        let (Some(low), Some(high)) = (capacity.low, capacity.high) else { panic!("{seed}: {capacity:?}") };
        inside += u64::from((low..=high).contains(&truth(scale)));
        match capacity.ending {
            Ending::Found => {
                found += 1;
                widest = widest.max(high / low - 1.0);
            }
            ending => println!("{seed}: {ending:?}, {low} to {high}, truth {}", truth(scale)),
        }
    }
    let mean = took / f64::from(u32::try_from(runs).unwrap());
    println!("inside {inside} and found {found} of {runs}, at most {:.2} % wide, {mean:.0} s", widest * 100.0);
    assert!(inside * 100 >= runs * 95 && found * 100 >= runs * 95, "inside {inside}, found {found}");
    assert!(widest <= 0.0501, "{widest}");
}

#[test]
fn the_rate_of_a_token_bucket_is_inside_the_interval() {
    let promise = Promise { limit: 0.1, may: 0.001 };
    holds(
        100,
        |scale| 700.0 * scale / 0.999,
        |scale, seed| {
            let mut bucket = TokenBucket { rate: 700.0 * scale, tokens: 0.0, last: 0.0 };
            search(SearchPlan { fewest: 8_000.0, ..plan(50.0) }, &mut bucket, Arrivals::Even, promise, seed)
        },
    );
}

#[test]
fn the_capacity_of_a_queue_is_inside_the_interval() {
    let promise = Promise { limit: 0.003, may: 0.1 };
    holds(
        20,
        |scale| 7_000.0 * scale - 10.0_f64.ln() / promise.limit,
        |scale, seed| {
            let mut queue = Queue { service: 1.0 / (7_000.0 * scale), free_at: 0.0 };
            search(plan(500.0), &mut queue, Arrivals::Poisson, promise, seed)
        },
    );
}

#[test]
fn the_capacity_of_a_server_that_degrades_is_inside_the_interval() {
    let promise = Promise { limit: 0.1, may: 0.01 };
    holds(
        40,
        |scale| 700.0 * scale * (1.0 - 0.01 * 100.0_f64.ln() / promise.limit),
        |scale, seed| {
            let mut server = Degrading { service: 0.01, capacity: 700.0 * scale, last: 0.0, distance: 0.0 };
            search(plan(50.0), &mut server, Arrivals::Even, promise, seed)
        },
    );
}

#[test]
fn a_server_that_wears_out_has_no_capacity() {
    let promise = Promise { limit: 0.1, may: 0.001 };
    for seed in 0..20 {
        let mut server = Wearing(TokenBucket { rate: 700.0, tokens: 0.0, last: 0.0 });
        let (capacity, _) =
            search(SearchPlan { fewest: 8_000.0, ..plan(50.0) }, &mut server, Arrivals::Even, promise, seed);
        assert!(capacity.ending != Ending::Found, "{seed}: {capacity:#?}");
    }
}

/// Evidence of a server with a sharp limit.
fn sharp(rate: f64, limit: f64) -> Evidence {
    let (p_kept, p_broken) = if rate <= limit { (1e-9, 1.0) } else { (1.0, 1e-9) };
    Evidence { p_kept, p_broken, margin: if rate <= limit { -9.0 } else { 9.0 }, course: Course::Steady }
}

fn answered(plan: SearchPlan, answer: impl Fn(f64) -> Evidence) -> Capacity {
    let mut search = Search::new(plan);
    loop {
        match search.next_look() {
            Ok(look) => search.observe(answer(look.rate), look.lasts),
            Err(capacity) => return capacity,
        }
    }
}

#[test]
fn the_generator_is_named_where_it_is_the_limit() {
    let capacity = answered(plan(100.0), |rate| {
        let course = if rate > 5_000.0 { Course::GeneratorLimit } else { Course::Steady };
        Evidence { course, ..sharp(rate, f64::INFINITY) }
    });
    let Ending::GeneratorLimit(rate) = capacity.ending else { panic!("{capacity:#?}") };
    assert!(rate > 5_000.0 && capacity.low.is_some_and(|low| low > 4_000.0), "{capacity:#?}");
    assert_eq!(capacity.high, None);
}

#[test]
fn what_holds_at_the_highest_rate_and_what_never_holds_is_said() {
    let all = answered(SearchPlan { to: 3_000.0, ..plan(100.0) }, |rate| sharp(rate, f64::INFINITY));
    assert_eq!((all.ending, all.low), (Ending::AboveHighest, Some(3_000.0)));
    let none = answered(plan(100.0), |rate| sharp(rate, 0.0));
    assert_eq!((none.ending, none.low), (Ending::BelowLowest, None));
}

#[test]
fn a_search_that_can_not_decide_stops_and_keeps_what_it_knows() {
    // Between 900 and 1,100 nothing decides.
    let capacity = answered(plan(100.0), |rate| match rate {
        rate if rate > 900.0 && rate < 1_100.0 => {
            Evidence { p_kept: 0.4, p_broken: 0.6, margin: 0.0, course: Course::Steady }
        }
        rate => sharp(rate, 1_000.0),
    });
    assert_eq!(capacity.ending, Ending::Undecided, "{capacity:#?}");
    let (low, high) = (capacity.low.unwrap(), capacity.high.unwrap());
    assert!((800.0..=900.0).contains(&low) && (1_100.0..1_300.0).contains(&high), "{low} {high}");
    assert!(capacity.steps.iter().any(|step| step.verdict == Some(StepVerdict::Undecided)));
}

#[test]
fn a_search_ends_in_time() {
    let short = SearchPlan { within: Duration::from_secs(20), ..plan(100.0) };
    let capacity = answered(short, |rate| sharp(rate, 50_000.0));
    assert_eq!(capacity.ending, Ending::OutOfTime);
    assert!(capacity.steps.iter().map(|step| step.measured).sum::<Duration>() <= short.within);
}

#[test]
fn what_held_and_holds_no_more_after_too_much_is_not_settled() {
    let mut search = Search::new(plan(100.0));
    let mut overloaded = 0;
    let capacity = loop {
        match search.next_look() {
            // After too much three times it does not recover.
            Ok(look) => {
                overloaded += u32::from(look.rate > 1_000.0);
                let limit = if overloaded > 2 { 500.0 } else { 1_000.0 };
                search.observe(sharp(look.rate, limit), look.lasts);
            }
            Err(capacity) => break capacity,
        }
    };
    assert!(matches!(capacity.ending, Ending::NotSettled(_)), "{capacity:#?}");
}
