//! `assay new profile --from FILE`: recorded requests as a load profile that asks for them again, at the times at which they
//! were sent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::arguments::{Common, FromRecordedArguments};
use crate::context::CliContext;
use crate::documents;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use assay_engine::plan::Library;
use assay_suite::human::{count_of, duration, number};
use assay_suite::source::{Diagnostics, Documents, Severity, SourceFile, harmless};
use assay_suite::{Effect, Operation, Presence, Suite, plain};

use super::call::Call;
use super::matching::{Base, Unmatched};
use super::recorded::{Recorded, Spot};
use super::secrets::{Secrets, credentials};
use super::source::{self, documents_of_suite, listed, not_there, shown_name, slug, written};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &FromRecordedArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let suite = source::suite(common, command, &library)?;
    let recording = source::read(&command.from)?;
    let title = source::title(command);
    let usual = format!("scenarios/{}/load/{}.yaml", suite.name.value, slug(&title));
    let output = source::output(common, command, &usual)?;
    let trace_file = output.with_extension("csv");
    not_there(&trace_file)?;
    let mut trace = Trace { remarks: recording.remarks, ..Trace::default() };
    let mut secrets = Secrets::of(suite);
    trace.add_all(recording.requests, &mut secrets);
    trace.hide(&secrets);
    let trace_name = trace_file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let profile = profile(&title, &shown_name(&command.from), &trace_name);
    trace.drop_mistaken(&documents_of_suite(&library.documents, suite), suite, (&profile, &trace_name));
    if trace.arrivals.is_empty() {
        let message = format!("error: none of the requests became an arrival\n{}", trace.report(&secrets).trim_end());
        return Err(CliError::new(ExitCode::CouldNotRun, message));
    }
    let shown = written(&output, &profile)?;
    stdout!("{shown}");
    stdout!("{}", written(&trace_file, &trace.csv())?);
    stdout!("{}", trace.report(&secrets).trim_end());
    Ok(ExitCode::Conforms)
}

fn profile(title: &str, from: &str, trace: &str) -> String {
    format!(
        "# Made from {from} by `assay new profile`.\n- profile: {}\n  tags: [recorded]\n  \
         arrivals: {{trace: {{file: {}, scale: 1}}}}   # scale: 2 asks twice as fast\n  \
         service_level: nothing   # or what is promised: {{tp99: 200ms, availability: 99.9%}}\n",
        Value::from(title),
        Value::from(trace)
    )
}

/// One recorded request that is asked for again.
struct Arrival<'s> {
    /// Where it was recorded.
    place: Spot,
    at: Timestamp,
    operation: &'s Operation,
    arguments: Vec<(String, String)>,
}

impl Arrival<'_> {
    fn name(&self) -> &str {
        &self.operation.name.value.0
    }

    /// What it has in common with others that a check finds wrong with it.
    fn shape(&self) -> (String, Vec<String>) {
        (self.name().to_owned(), self.arguments.iter().map(|(name, _)| name.clone()).collect())
    }
}

/// The arrivals, and what became of the other requests.
#[derive(Default)]
struct Trace<'s> {
    arrivals: Vec<Arrival<'s>>,
    /// How many requests there were.
    recorded: usize,
    /// What of the file is no request.
    remarks: Vec<String>,
    /// Why requests were left out, and how many.
    left_out: BTreeMap<String, usize>,
    /// Arguments that no operation documents.
    unknown: BTreeSet<String>,
    /// Names of what says who asks.
    credentials: BTreeSet<String>,
    /// Arguments that had a secret, and how many requests had it.
    secret: BTreeMap<String, usize>,
}

impl<'s> Trace<'s> {
    fn add_all(&mut self, requests: Vec<Recorded>, secrets: &mut Secrets<'s>) {
        self.recorded = requests.len();
        let Some(base) = Base::of(&requests, secrets.suite) else {
            return self.leave_out(Unmatched::NoOperation.to_string(), requests.len());
        };
        for request in requests {
            match arrival(&base, &request, secrets) {
                Ok((arrival, call)) => {
                    secrets.learn(&request, &call);
                    self.arrivals.push(arrival);
                    self.credentials.extend(credentials(&request, &call));
                    self.unknown.extend(call.unknown);
                }
                Err(reason) => self.leave_out(reason, 1),
            }
        }
        // A server may write down a request when it has answered it.
        self.arrivals.sort_by_key(|arrival| arrival.at);
        self.spread();
    }

    /// Takes secrets out of the arrivals. An argument that must be given takes its request with it.
    fn hide(&mut self, secrets: &Secrets<'_>) {
        for mut arrival in std::mem::take(&mut self.arrivals) {
            let (operation, arguments) = (arrival.operation, std::mem::take(&mut arrival.arguments));
            let is_secret = |(name, value): &(String, String)| secrets.holds(&operation.name.value.0, name, value);
            let (hidden, open): (Vec<_>, Vec<_>) = arguments.into_iter().partition(is_secret);
            let is_needed = |name: &str| {
                operation.parameters.get(name).is_some_and(|parameter| parameter.presence == Presence::Required)
            };
            if let Some((name, _)) = hidden.iter().find(|(name, _)| is_needed(name)) {
                self.leave_out(format!("its `{name}` is a secret ({})", operation.name.value.0), 1);
                continue;
            }
            for (name, _) in hidden {
                *self.secret.entry(name).or_default() += 1;
            }
            arrival.arguments = open;
            self.arrivals.push(arrival);
        }
    }

    fn leave_out(&mut self, reason: String, requests: usize) {
        if requests > 0 {
            *self.left_out.entry(reason).or_default() += requests;
        }
    }

    /// Where times are only known to the second, the requests of each second are spread over it.
    fn spread(&mut self) {
        if self.arrivals.iter().any(|arrival| arrival.at.subsec_nanosecond() != 0) {
            return;
        }
        for second in self.arrivals.chunk_by_mut(|one, other| one.at == other.at) {
            let among = i32::try_from(second.len()).unwrap_or(i32::MAX);
            for (number, arrival) in (0..).zip(second) {
                arrival.at += SignedDuration::from_secs(1) * number / among;
            }
        }
    }

    /// Leaves out what a check of the profile finds wrong, and all that says the same names: what the document forbids is not
    /// asked for.
    fn drop_mistaken(&mut self, documents: &Documents, suite: &Suite, (profile, trace): (&str, &str)) {
        let folder = format!("scenarios/{}/load", suite.name.value);
        let trace_path = format!("{folder}/{trace}");
        // Each round drops a request at least.
        while !self.arrivals.is_empty() {
            let (mut documents, mut mistakes) = (documents.clone(), Diagnostics::new());
            documents.insert(SourceFile::new(format!("{folder}/recorded.yaml"), profile));
            documents.insert(SourceFile::new(trace_path.as_str(), self.csv()));
            Library::read(&documents, &mut mistakes).check_expansion(&mut mistakes);
            let mistaken = mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).find_map(|mistake| {
                let place = mistake.place.as_ref().filter(|place| place.file.path == trace_path)?;
                // The first line has the names of the columns.
                let arrival = self.arrivals.get((place.line as usize).checked_sub(2)?)?;
                Some((arrival.shape(), format!("{} ({}, at {})", mistake.message, arrival.name(), arrival.place)))
            });
            let Some((shape, reason)) = mistaken else { return };
            let before = self.arrivals.len();
            self.arrivals.retain(|arrival| arrival.shape() != shape);
            self.leave_out(reason, before - self.arrivals.len());
        }
    }

    fn csv(&self) -> String {
        let named = self.arrivals.iter().flat_map(|arrival| arrival.arguments.iter().map(|(name, _)| name.as_str()));
        let columns: BTreeSet<&str> = named.collect();
        let mut csv = csv::Writer::from_writer(Vec::new());
        // Nothing fails that is written into memory.
        let _ = csv.write_record(["at", "operation"].into_iter().chain(columns.iter().copied()));
        let first = self.arrivals.first().map(|arrival| arrival.at).unwrap_or_default();
        for arrival in &self.arrivals {
            let at = arrival.at.duration_since(first);
            let at = format!("{}.{:03}", at.as_secs(), at.subsec_millis());
            let value = |name: &&str| {
                let found = arrival.arguments.iter().find(|(known, _)| known == name);
                found.map_or("", |(_, value)| value.as_str())
            };
            let cells = [at.as_str(), arrival.name()].into_iter().chain(columns.iter().map(value));
            let _ = csv.write_record(cells);
        }
        csv.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// What became of the requests, for people.
    fn report(&self, secrets: &Secrets<'_>) -> String {
        let all = count_of(self.recorded, "request", "requests");
        let lasts = match (self.arrivals.first(), self.arrivals.last()) {
            (Some(first), Some(last)) => {
                format!(" within {}", duration(last.at.duration_since(first.at).as_secs_f64()))
            }
            _ => String::new(),
        };
        let mut text = format!("{} of {all} became arrivals{lasts}\n", number(self.arrivals.len()));
        let mut line = |line: String| text.push_str(&(harmless::line(&line) + "\n"));
        let left_out = self.left_out.iter().map(|(reason, number)| {
            format!("{}: {}", count_of(*number, "request", "requests"), secrets.hidden(reason))
        });
        listed(&left_out.collect::<Vec<_>>(), "reasons").for_each(|left_out| line(format!("left out: {left_out}")));
        self.remarks.iter().for_each(|remark| line(format!("left out: {remark}")));
        let named = |names: &BTreeSet<String>| {
            let names: Vec<_> = names.iter().map(|name| secrets.hidden(name)).collect();
            listed(&names, "names").collect::<Vec<_>>().join(", ")
        };
        if !self.unknown.is_empty() {
            line(format!("without: {}, which the operations do not document", named(&self.unknown)));
        }
        if !self.credentials.is_empty() {
            line(format!("without: {}, which the target file gives", named(&self.credentials)));
        }
        for (name, number) in &self.secret {
            let requests = count_of(*number, "request", "requests");
            line(format!("without: {name} of {requests}, where its value is a secret: give it with `mix`"));
        }
        text
    }
}

/// A request that is asked for again, or why it is not.
fn arrival<'s>(base: &Base, request: &Recorded, secrets: &Secrets<'s>) -> Result<(Arrival<'s>, Call<'s>), String> {
    let call = base.call(request, secrets).map_err(|reason| reason.to_string())?;
    let at = request.at.ok_or("the file does not say when it was sent")?;
    let operation = call.operation;
    let name = &operation.name.value.0;
    if call.operation.effect != Effect::Reads {
        return Err(format!("it changes something ({name})"));
    }
    if let Some(answer) = request.answer.as_ref().filter(|answer| answer.status >= 400) {
        return Err(format!("it was answered with status {}", answer.status));
    }
    let is_flat = |(_, value): &(String, Value)| !matches!(value, Value::Array(_) | Value::Object(_));
    if !call.arguments.iter().all(is_flat) {
        return Err(format!("an argument of it is a list or an object ({name})"));
    }
    let arguments = call.arguments.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    Ok((Arrival { place: request.place.clone(), at, operation, arguments }, call))
}
