//! How far a run is: a bar for a person in front of a terminal, a few lines for a log, or what libtest prints.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use libtest_mimic::{Arguments as Libtest, ColorSetting, Conclusion, Trial};

use crate::context::CliContext;
use crate::output::{Sink, stderr};
use assay_engine::conformance::{Collected, Watcher};
use assay_engine::interpreter::{CaseOutcome, refused_as_absent};
use assay_engine::verdict::Verdict;
use assay_suite::human;
use assay_suite::source::Paint;

/// Runs with fewer cases are over before a line of a log helps anybody.
const FEW: usize = 1000;

/// Runs trials. Unless libtest's output is asked for by its arguments, findings are reported once the run is over, by their causes.
pub(super) fn run(
    trials: Vec<Trial>,
    mut libtest: Libtest,
    surroundings: &CliContext<'_>,
    collected: &Collected,
    to: Sink,
) -> Conclusion {
    if libtest.format.is_some() || libtest.quiet || libtest.logfile.is_some() {
        return run_libtest(libtest, trials, to, surroundings.paint());
    }
    libtest.logfile = Some(nowhere().to_owned());
    if surroundings.terminal {
        let bar = progress_bar(trials.len());
        collected.watch(watcher(&bar));
        let conclusion = libtest_mimic::run(&libtest, trials);
        bar.finish_and_clear();
        return conclusion;
    }
    if trials.len() >= FEW {
        collected.watch(logger(trials.len()));
    }
    libtest_mimic::run(&libtest, trials)
}

/// A line for each tenth of the cases.
fn logger(cases: usize) -> Watcher {
    let (done, against) = (AtomicUsize::new(0), AtomicUsize::new(0));
    Box::new(move |outcome| {
        let found = usize::from(is_against(outcome));
        let against = against.fetch_add(found, Ordering::Relaxed) + found;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done * 10 / cases > (done - 1) * 10 / cases {
            stderr!(
                "{} of {} cases, {} not as documented",
                human::number(done),
                human::number(cases),
                human::number(against)
            );
        }
    })
}

/// Whether a case is counted as not as documented while the others run. What only met an operation that the deployment may not
/// have is one finding in the end.
fn is_against(outcome: &CaseOutcome) -> bool {
    outcome.verdict > Verdict::DeviatesAsKnown && refused_as_absent(outcome).is_none()
}

/// Runs trials by libtest, which need not know that whoever reads what it prints may be gone.
pub(super) fn run_libtest(mut libtest: Libtest, trials: Vec<Trial>, to: Sink, paint: Paint) -> Conclusion {
    #[cfg(unix)]
    if let Some(relay) = libtest.logfile.is_none().then(|| super::output::Relay::to(to)).flatten() {
        libtest.logfile = Some(relay.path().to_owned());
        if paint == Paint::Colour && libtest.color.is_none() {
            libtest.color = Some(ColorSetting::Always);
        }
        let conclusion = libtest_mimic::run(&libtest, trials);
        relay.finish();
        return conclusion;
    }
    libtest_mimic::run(&libtest, trials)
}

/// A file that takes everything and keeps nothing.
fn nowhere() -> &'static str {
    if cfg!(windows) { "NUL" } else { "/dev/null" }
}

/// Moves a bar on, and shows the number of failures.
fn watcher(bar: &ProgressBar) -> Watcher {
    let bar = bar.clone();
    let against = AtomicUsize::new(0);
    Box::new(move |outcome| {
        if is_against(outcome) {
            let count = against.fetch_add(1, Ordering::Relaxed) + 1;
            bar.set_message(format!("{count} not as documented"));
        }
        bar.inc(1);
    })
}

fn progress_bar(cases: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(u64::try_from(cases).ok(), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} cases, {elapsed}  {msg}");
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
