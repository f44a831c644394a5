//! Where asynchronous work is done, and how it is told to end.

use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::{ExitCode, Refusal};

/// The runtime that requests, and the embedded cloud, run in.
pub(super) fn runtime() -> Result<Runtime, Refusal> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Refusal::could_not("the program can't start", error))
}

/// Waits for somebody to stop the program.
pub(super) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The first signal ends a run in good order, and says so; the second ends the program.
pub(super) async fn stop_on_signal(stop: watch::Sender<bool>, told: &'static str) {
    signal().await;
    eprintln!("\n{told} Once more to stop at once.");
    // With nobody to tell, the run is over already.
    let _ = stop.send(true);
    signal().await;
    std::process::exit(i32::from(ExitCode::Interrupted as u8));
}
