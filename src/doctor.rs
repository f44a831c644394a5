//! `assay doctor`: what of this machine a long run may come up against.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use assay_engine::deployment::{Redactor, RequestSpec};
use assay_formats::record::{ClockOffset, Side};
use assay_reference::Settings;
use assay_suite::source::harmless;
use assay_suite::{Effect, Suite};

use super::arguments::{Common, DoctorArguments};
use super::runtime::runtime;
use super::{documents, request, target};

/// A load run with many connections needs so many open files.
const FILES: u64 = 4096;
/// And so many local ports, where each request opens a connection of its own.
const PORTS: u64 = 16_384;

/// What was looked at.
struct Check {
    what: &'static str,
    found: String,
    /// What to do, if something should be done.
    advice: Option<String>,
}

impl Check {
    fn new(what: &'static str, found: impl Into<String>, advice: Option<&str>) -> Self {
        Self { what, found: found.into(), advice: advice.map(str::to_owned) }
    }
}

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &DoctorArguments,
) -> Result<ExitCode, CliError> {
    let mut checks = vec![processors()];
    checks.extend(read("/proc/self/limits").as_deref().and_then(open_files));
    checks.extend(read("/proc/sys/net/ipv4/ip_local_port_range").as_deref().and_then(local_ports));
    checks.extend(read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").as_deref().map(governor));
    checks.push(output_folder(&command.output));
    if let Some(name) = &command.target {
        checks.extend(clocks(surroundings, common, name)?);
    }
    for Check { what, found, advice } in &checks {
        let mark = if advice.is_some() { "look" } else { "ok" };
        stdout!("{}", harmless::line(&format!("{mark:<5} {what:<14} {found}")));
        if let Some(advice) = advice {
            stdout!("      {:<14} {}", "", harmless::line(advice));
        }
    }
    let is_well = checks.iter().all(|check| check.advice.is_none());
    Ok(if is_well { ExitCode::Conforms } else { ExitCode::Inconclusive })
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn processors() -> Check {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let advice = (count < 2).then_some("with one processor the generator and what it measures share it: use a second");
    Check::new("processors", count.to_string(), advice)
}

/// From `/proc/self/limits`.
fn open_files(limits: &str) -> Option<Check> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?;
    let is_low = soft.parse::<u64>().is_ok_and(|files| files < FILES);
    let advice = "a load profile with many connections needs more: `ulimit -n 65536`";
    Some(Check::new("open files", soft, is_low.then_some(advice)))
}

/// From `ip_local_port_range`.
fn local_ports(range: &str) -> Option<Check> {
    let mut ends = range.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    let ports = last.checked_sub(first)? + 1;
    let advice =
        "where a deployment closes connections they run out: `sysctl net.ipv4.ip_local_port_range=\"1024 65535\"`";
    Some(Check::new("local ports", format!("{ports} ({first} to {last})"), (ports < PORTS).then_some(advice)))
}

fn governor(name: &str) -> Check {
    let name = name.trim();
    let advice = "response times vary with the clock of the processor: set the governor to `performance` to measure";
    Check::new("CPU governor", name, (name != "performance").then_some(advice))
}

fn output_folder(folder: &Path) -> Check {
    // The folder of a run need not be there yet.
    let there = folder.ancestors().find(|path| path.is_dir()).unwrap_or_else(|| Path::new("."));
    let is_writable = can_write_in(there);
    let advice = (!is_writable).then_some("nothing can be written there: name another folder with --output");
    Check::new("output", there.display().to_string(), advice)
}

/// Whether a file can be made in a folder; it is removed at once.
fn can_write_in(folder: &Path) -> bool {
    let path = folder.join(format!(".assay-doctor-{}", std::process::id()));
    let made = fs::File::create_new(&path).is_ok();
    if made {
        let _ = fs::remove_file(&path);
    }
    made
}

/// What the date of one answer of each suite shows: signatures and bounds in time depend on the clock.
fn clocks(surroundings: &CliContext<'_>, common: &Common, name: &str) -> Result<Vec<Check>, CliError> {
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let opened = runtime.block_on(target::open(surroundings, &library, name, Settings::default()))?;
    let suites = library.suites.values().filter(|suite| opened.target.services.contains_key(&suite.name.value));
    let redactor = Redactor::of(&opened.target);
    let mut checks = Vec::new();
    for suite in suites {
        let Some(operation) = harmless_operation(suite) else { continue };
        let ask = RequestSpec::plain(suite, operation, suite.formats.first().map(|format| format.encoding));
        let exchange = runtime.block_on(request::send(&opened.target, request::prepare(&opened.target, &ask)?))?;
        // What fails may repeat a key in its message.
        let exchange = redactor.for_its_asker(exchange);
        let date = match &exchange.outcome {
            Err(failure) => {
                let found = format!("{} does not answer: {}", suite.name.value, failure.message);
                checks.push(Check::new("deployment", found, Some("look at `url` and the network")));
                continue;
            }
            Ok(response) => response.header("date"),
        };
        let took = Duration::from_micros(exchange.timing.took_us);
        let skew = date.and_then(|date| ClockOffset::of_date(&date, took)?.apart());
        checks.push(match skew {
            None => Check::new("clock", format!("{}: no difference is seen", suite.name.value), None),
            Some(skew) => {
                let side = match skew.side {
                    Side::Ahead => "ahead of",
                    Side::Behind => "behind",
                };
                let found = format!("this machine is {:.1} s {side} {}", skew.by.as_secs_f64(), suite.name.value);
                Check::new("clock", found, Some("signed requests expire by it: set the clock by NTP"))
            }
        });
    }
    Ok(checks)
}

/// An operation that only reads and asks for nothing.
fn harmless_operation(suite: &Suite) -> Option<&str> {
    let reads =
        |operation: &&assay_suite::Operation| operation.effect == Effect::Reads && operation.obligatory().is_empty();
    suite.operations.values().find(reads).map(|operation| operation.name.value.0.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_a_load_run_reaches_is_said_with_what_to_do() {
        let limits = "Limit    Soft Limit  Hard Limit  Units\nMax open files   1024   524288   files\n";
        let check = open_files(limits).unwrap();
        assert!(check.found == "1024" && check.advice.unwrap().contains("ulimit -n"));
        assert!(open_files("Max open files unlimited unlimited files").unwrap().advice.is_none());
        assert!(local_ports("32768\t60999\n").unwrap().advice.is_none());
        assert!(local_ports("32768 33000").unwrap().advice.is_some());
        assert!(local_ports("nothing").is_none() && open_files("").is_none());
        assert!(governor("powersave\n").advice.is_some() && governor("performance").advice.is_none());
    }
}
