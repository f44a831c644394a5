//! Where asynchronous work is done, and how it is stopped.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stderr;
use assay_formats::record::RecordWriter;

/// The runtime that requests, and the embedded cloud, run in.
pub(super) fn runtime() -> Result<Runtime, CliError> {
    let cannot = |error| CliError::could_not("the program can't start", error);
    threads_can_be_started().map_err(cannot)?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build().map_err(cannot)
}

/// The threads on which requests are sent and answered.
const WORKERS: usize = 2;

/// Where a limit of processes leaves no threads, a runtime would panic.
fn threads_can_be_started() -> std::io::Result<()> {
    // One more than the workers: names are looked up on a thread of their own.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Arc::new(std::sync::Mutex::new(wait));
    let start = |_| {
        let wait = std::sync::Arc::clone(&wait);
        // All of them are there at once: each waits for the end of the channel.
        std::thread::Builder::new().spawn(move || drop(wait.lock().map(|wait| wait.recv())))
    };
    let started: Vec<_> = (0..=WORKERS).map(start).collect();
    drop(go);
    let mut outcome = Ok(());
    for thread in started {
        match thread {
            // It does not panic.
            Ok(thread) => drop(thread.join()),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// The signals by which somebody stops the program: SIGINT, as of Ctrl-C, SIGTERM, and SIGHUP, as of a connection that is lost.
pub(super) struct Signals {
    #[cfg(unix)]
    listening: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
    /// SIGHUP, unless the program was started to survive it, as by `nohup`.
    #[cfg(unix)]
    hung_up: Option<tokio::signal::unix::Signal>,
    /// Listened to, it does not end the program: what can't be written any more is an error.
    #[cfg(unix)]
    _file_size: Option<tokio::signal::unix::Signal>,
}

/// SIGXFSZ, as Linux, macOS and the BSDs number it.
#[cfg(unix)]
const FILE_SIZE_EXCEEDED: i32 = 25;

impl Signals {
    /// Listens from now on: one that comes before anybody waits for it is not lost. Within a runtime.
    pub fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listening = signal(SignalKind::interrupt()).and_then(|interrupted| {
                let terminated = signal(SignalKind::terminate())?;
                Ok((interrupted, terminated))
            });
            let hung_up = if ignores_hangups() { None } else { signal(SignalKind::hangup()).ok() };
            let file_size = signal(SignalKind::from_raw(FILE_SIZE_EXCEEDED));
            Self { listening: listening.ok(), hung_up, _file_size: file_size.ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some((interrupted, terminated)) = &mut self.listening {
            let hung_up = async {
                match &mut self.hung_up {
                    Some(hung_up) => drop(hung_up.recv().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
                () = hung_up => {}
            }
            return;
        }
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Whether whoever started the program wants it to go on after its terminal is gone.
#[cfg(unix)]
fn ignores_hangups() -> bool {
    // The masks are hexadecimal, and SIGHUP is the first of the signals.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u128::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// What signals a program and then its group, as `timeout` does, sends the same signal twice: within this time it is one.
const ONE_SIGNAL: Duration = Duration::from_secs(1);

/// The first signal ends a run in good order, and says so; the second ends the program.
pub(super) async fn stop_on_signal(mut signals: Signals, stop: watch::Sender<bool>, notice: &'static str) {
    signals.next().await;
    // Without a receiver, the run is over already.
    let _ = stop.send(true);
    let first = Instant::now();
    stderr!("\n{notice} Once more to stop at once.");
    signals.next().await;
    while first.elapsed() < ONE_SIGNAL {
        signals.next().await;
    }
    std::process::exit(i32::from(ExitCode::Interrupted as u8));
}

/// Stops a run as soon as its record can't be written: what is observed after that would be lost.
pub(super) fn stop_when_it_fails(record: &RecordWriter, stop: &watch::Sender<bool>) {
    let stop = stop.clone();
    record.when_it_fails(move |error| {
        stderr!("\nerror: {error}. Stopping: what was created is removed first.");
        // Without a receiver, the run is over already.
        let _ = stop.send(true);
    });
}
