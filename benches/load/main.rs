//! What the load engine is held to, measured next to other tools in one run. `just bench NAME` runs one of them;
//! docs/benchmarks.md says what each shows and how it is measured.

#[cfg(target_os = "linux")]
mod assay_load;
#[cfg(target_os = "linux")]
mod bench;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod command_line;
#[cfg(target_os = "linux")]
mod failure;
#[cfg(target_os = "linux")]
mod goose_load;
#[cfg(target_os = "linux")]
mod hold;
#[cfg(target_os = "linux")]
mod samples;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod table;
#[cfg(target_os = "linux")]
mod tools;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    command_line::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("The benches read /proc and wait by timerfd: run them on Linux.");
}
