//! Every kind of wrong answer is found: a proxy between the harness and the reference cloud changes real answers, in one way and
//! for one operation at a time, and a case must say that a promise is broken.
//!
//! `cargo test --test cloud mutants::` tries a sample (`ASSAY_MUTANTS_OF_EACH=6 ASSAY_MUTANTS_SEED=7` a larger one, and another);
//! `just mutants` all, which takes hours. Both print the table. What survives, and why, is in
//! `tests/mutants.yaml`.

mod change;
mod described;
mod forms;
mod jobs;
mod lists;
mod memory;
mod mutant;
mod operator;
mod proxy;
mod table;
mod tamper;
mod trial;
mod wire;

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use mutant::Mutant;
use table::{Known, Results};
use trial::{Came, Ground, shuffling};

use assay_suite::fits;

/// So many mutants are tried at once: some of the time is spent waiting for jobs.
const AT_ONCE: usize = 4;
/// So many mutants of each operator and suite are in a sample, unless `ASSAY_MUTANTS_OF_EACH` says otherwise: it is to take
/// less than two minutes.
const OF_EACH: u64 = 1;
/// The least share of mutants that must be found, in percent.
const FOUND: f64 = 95.0;

/// Mutants in an order that a seed gives.
fn shuffled(mut mutants: Vec<Mutant>, seed: u64) -> Vec<Mutant> {
    mutants.sort_by_cached_key(|mutant| shuffling(seed, &mutant.to_string()));
    mutants
}

/// A few of each operator and suite, at fields that are always there.
fn sample(mutants: Vec<Mutant>, seed: u64) -> Vec<Mutant> {
    let of_each = number("ASSAY_MUTANTS_OF_EACH").unwrap_or(OF_EACH);
    let mut taken: BTreeMap<_, u64> = BTreeMap::new();
    let few = |mutant: &Mutant| {
        let taken = taken.entry((mutant.operator, mutant.suite.name.value.clone())).or_default();
        *taken += 1;
        *taken <= of_each
    };
    shuffled(mutants, seed).into_iter().filter(|mutant| !mutant.aims_at_what_may_be_missing()).filter(few).collect()
}

async fn judged(ground: &Ground, mutants: &[Mutant]) -> Vec<Came> {
    let trials = stream::iter(mutants).map(|mutant| async move {
        let started = std::time::Instant::now();
        let came = ground.judge(mutant).await;
        if std::env::var_os("ASSAY_MUTANTS_TOLD").is_some() {
            eprintln!("{:>6} ms {mutant}: {came:?}", started.elapsed().as_millis());
        }
        came
    });
    trials.buffered(AT_ONCE).collect().await
}

/// What these mutants came to must be what the table says.
fn check(results: &Results<'_>) {
    let unexplained = results.unexplained();
    assert!(results.false_alarms().is_empty(), "false alarms:\n{}", results.false_alarms().join("\n"));
    assert!(unexplained.is_empty(), "not found, and not in tests/mutants.yaml:\n{}", unexplained.join("\n"));
    assert!(results.found_percent() >= FOUND, "only {:.1} % are found", results.found_percent());
}

/// Prints the table of what so many mutants of so many came to.
fn tell(ground: &Ground, results: &Results<'_>, (tried, all): (usize, usize)) {
    let suites: Vec<_> = ground.library.suites.keys().map(|name| name.0.clone()).collect();
    println!("{tried} of {all} mutants were tried.\n\n{}", results.markdown(&suites));
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_a_promise_is_found_and_what_breaks_none_is_not_reported() {
    let (known, ground) = (Known::read(), Ground::new().await);
    let all = ground.mutants();
    let names: Vec<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(known.stale(&names), [""; 0], "tests/mutants.yaml speaks of mutants that there are not");
    let sample = sample(all, number("ASSAY_MUTANTS_SEED").unwrap_or(5));
    let mut results = Results::new(&known);
    for (mutant, came) in sample.iter().zip(judged(&ground, &sample).await) {
        results.add(mutant, &came);
    }
    tell(&ground, &results, (sample.len(), names.len()));
    check(&results);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: just mutants"]
async fn all_mutants() {
    let (known, ground) = (Known::read(), Ground::new().await);
    let wanted = std::env::var("ASSAY_MUTANTS").unwrap_or_else(|_| "*".to_owned());
    let mut mutants = ground.mutants();
    let all = mutants.len();
    let patterns: Vec<_> = wanted.split(';').collect();
    mutants.retain(|mutant| patterns.iter().any(|pattern| fits(pattern, &mutant.to_string())));
    let mut results = Results::new(&known);
    for (mutant, came) in mutants.iter().zip(judged(&ground, &mutants).await) {
        results.add(mutant, &came);
    }
    tell(&ground, &results, (mutants.len(), all));
    check(&results);
}

/// How many cases are run at once, one round after the other.
const THREADS: [usize; 5] = [1, 2, 4, 8, 16];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: just mutants"]
async fn nothing_is_reported_whatever_the_order_and_the_number_of_threads() {
    let ground = Ground::new().await;
    let rounds = number("ASSAY_MUTANTS_ROUNDS").unwrap_or(20);
    for (seed, threads) in (0..rounds).zip(THREADS.iter().cycle()) {
        let reported = ground.run_unchanged(seed, *threads).await;
        assert_eq!(reported, [""; 0], "seed {seed}, {threads} at once");
        println!("seed {seed}, {threads} at once: no false alarm");
    }
}
