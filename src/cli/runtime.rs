//! Where asynchronous work is done, and how it is told to end.

use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::record::RecordWriter;

use super::{ExitCode, Refusal};

/// The runtime that requests, and the embedded cloud, run in.
pub(super) fn runtime() -> Result<Runtime, Refusal> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Refusal::could_not("the program can't start", error))
}

/// The signals by which somebody stops the program: SIGINT, as of Ctrl-C, and SIGTERM.
pub(super) struct Signals {
    #[cfg(unix)]
    listening: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

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
            Self { listening: listening.ok() }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        if let Some((interrupted, terminated)) = &mut self.listening {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The first signal ends a run in good order, and says so; the second ends the program.
pub(super) async fn stop_on_signal(mut signals: Signals, stop: watch::Sender<bool>, told: &'static str) {
    signals.next().await;
    eprintln!("\n{told} Once more to stop at once.");
    // With nobody to tell, the run is over already.
    let _ = stop.send(true);
    signals.next().await;
    std::process::exit(i32::from(ExitCode::Interrupted as u8));
}

/// Stops a run as soon as its record can't be written: what is observed after that would be lost.
pub(super) fn stop_when_it_fails(record: &RecordWriter, stop: &watch::Sender<bool>) {
    let stop = stop.clone();
    record.when_it_fails(move |error| {
        eprintln!("\nerror: {error}. Stopping: what was created is removed first.");
        // With nobody to tell, the run is over already.
        let _ = stop.send(true);
    });
}
