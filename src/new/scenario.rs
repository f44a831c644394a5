//! `assay new scenario --from FILE`: recorded requests as a scenario.

use std::collections::BTreeSet;

use assay_engine::deployment::is_secret_argument;
use assay_engine::plan::Library;
use assay_suite::Suite;
use assay_suite::human::count_of;
use assay_suite::source::{Diagnostics, Documents, Severity, SourceFile};
use serde_json::Value;

use super::linking::{Linker, reads_as_variable};
use super::matching::{Base, Call, Unmatched};
use super::recorded::{Recorded, Recording};
use super::source::{self, documents_of_suite, shown_name, slug, written};
use super::steps::{Step, without_polls};
use crate::arguments::{Common, FromRecordedArguments};
use crate::output::stdout;
use crate::{CliContext, CliError, ExitCode, documents};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &FromRecordedArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let suite = source::suite(common, command, &library)?;
    let recording = source::read(&command.from)?;
    let title = source::title(command);
    let path = format!("scenarios/{}/{}.yaml", suite.name.value, slug(&title));
    let output = source::output(common, command, &path)?;
    let draft = Draft { suite, documents: &library.documents, path, title, from: shown_name(&command.from) };
    let made = draft.made(&recording);
    if made.steps == 0 {
        let message = format!("error: none of the requests became a step\n{}", made.report(&recording).trim_end());
        return Err(CliError::new(ExitCode::CouldNotRun, message));
    }
    stdout!("{}", written(&output, &made.text)?);
    stdout!("{}", made.report(&recording).trim_end());
    Ok(ExitCode::Conforms)
}

/// What a scenario is made for.
struct Draft<'a> {
    suite: &'a Suite,
    documents: &'a Documents,
    path: String,
    title: String,
    from: String,
}

/// A scenario, and what became of the requests.
#[derive(Default)]
struct Made {
    text: String,
    steps: usize,
    /// How many requests are in the steps: several may ask for one job.
    requests: usize,
    /// The requests that are no steps: where, what, and why.
    left_out: Vec<String>,
    static_files: usize,
    other_hosts: usize,
    preflights: usize,
    /// Arguments that were left out of steps.
    dropped: Vec<String>,
    wanted: BTreeSet<String>,
    secret: BTreeSet<String>,
    credentials: BTreeSet<String>,
}

impl Draft<'_> {
    /// Makes the scenario, without the steps in which `assay check` would find mistakes.
    fn made(&self, recording: &Recording) -> Made {
        let mut made = Made::default();
        let Some(base) = Base::of(&recording.requests, self.suite) else {
            for request in &recording.requests {
                made.leave_out(request, &Unmatched::NoOperation);
            }
            return made;
        };
        let mut calls: Vec<(&Recorded, Call<'_>)> = Vec::new();
        for request in &recording.requests {
            match base.call(request, self.suite) {
                Ok(call) if call.arguments.iter().any(|(_, value)| reads_as_variable(value)) => {
                    let reason = "a value of it would be read as a variable".to_owned();
                    made.leave_out(request, &Unmatched::Obstacle(reason));
                }
                Ok(call) => calls.push((request, call)),
                Err(reason) => made.leave_out(request, &reason),
            }
        }
        loop {
            let mistakes = self.written(&calls, &mut made);
            if mistakes.is_empty() {
                return made;
            }
            // What the document forbids is no step; others may have taken values from it, so all is made again.
            for (place, message) in mistakes {
                let Some(at) = calls.iter().position(|(request, _)| request.place == place) else { return made };
                let (request, _) = calls.remove(at);
                made.leave_out(request, &Unmatched::Obstacle(message));
            }
        }
    }

    /// Writes the steps; the mistakes that a check finds in them, with the places of their requests.
    fn written(&self, calls: &[(&Recorded, Call<'_>)], made: &mut Made) -> Vec<(String, String)> {
        let steps = calls.iter().map(|(request, call)| Step::new(self.suite, request, call.clone())).collect();
        let mut steps = without_polls(steps);
        let mut linker = Linker::new(self.suite, secrets(self.suite, calls));
        linker.link(&mut steps);
        let title = Value::from(self.title.as_str());
        let mut text =
            format!("# Made from {} by `assay new scenario`.\n- scenario: {title}\n  tags: [recorded]\n", self.from);
        if self.suite.formats.len() > 1 {
            text.push_str(&format!("  formats: [{}]\n", self.suite.usual_format()));
        }
        text.push_str("  steps:\n");
        let mut lines = Vec::new();
        for step in &steps {
            lines.push((text.matches('\n').count() + 1, step.place));
            text.push_str(&step.written(self.suite));
        }
        (made.text, made.steps, made.requests) = (text, steps.len(), calls.len());
        (made.wanted, made.secret) = (linker.wanted, linker.secret);
        made.dropped = dropped(calls);
        made.dropped.extend(linker.remarks);
        made.credentials = calls.iter().flat_map(|(request, call)| credentials(request, call)).collect();
        self.mistakes(&made.text, &lines)
    }

    fn mistakes(&self, text: &str, lines: &[(usize, &str)]) -> Vec<(String, String)> {
        if lines.is_empty() {
            return Vec::new();
        }
        let (mut documents, mut mistakes) = (documents_of_suite(self.documents, self.suite), Diagnostics::new());
        documents.insert(SourceFile::new(self.path.as_str(), text));
        Library::read(&documents, &mut mistakes).check_expansion(&mut mistakes);
        let mut found: Vec<(String, String)> = Vec::new();
        for mistake in mistakes.iter().filter(|mistake| mistake.severity == Severity::Error) {
            let line =
                mistake.place.as_ref().filter(|place| place.file.path == self.path).map(|place| place.line as usize);
            let step = line.and_then(|line| lines.iter().rev().find(|(start, _)| *start <= line));
            if let Some((_, place)) = step.filter(|(_, place)| found.iter().all(|(known, _)| known != place)) {
                found.push(((*place).to_owned(), mistake.message.clone()));
            }
        }
        found
    }
}

impl Made {
    fn leave_out(&mut self, request: &Recorded, reason: &Unmatched) {
        match reason {
            Unmatched::Static => self.static_files += 1,
            Unmatched::OtherHost => self.other_hosts += 1,
            Unmatched::Preflight => self.preflights += 1,
            reason => {
                let Recorded { place, method, address, .. } = request;
                self.left_out.push(format!("{place}: {method} {}: {reason}", address.shown()));
            }
        }
    }

    /// What became of the requests, for people.
    fn report(&self, recording: &Recording) -> String {
        let all = count_of(recording.requests.len(), "request", "requests");
        let mut text = format!("{} of {all} became steps\n", self.requests);
        let mut line = |line: String| text.push_str(&(line + "\n"));
        self.left_out.iter().for_each(|request| line(format!("left out: {request}")));
        let counted = [
            (self.static_files, "for static files"),
            (self.other_hosts, "to other hosts"),
            (self.preflights, "of a browser for permission (OPTIONS)"),
        ];
        for (number, what) in counted {
            if number > 0 {
                line(format!("left out: {} {what}", count_of(number, "request", "requests")));
            }
        }
        self.dropped.iter().for_each(|dropped| line(format!("without: {dropped}")));
        let mut seen = BTreeSet::new();
        recording
            .remarks
            .iter()
            .filter(|remark| seen.insert(remark.as_str()))
            .for_each(|remark| line(format!("without: {remark}")));
        if !self.credentials.is_empty() {
            let names: Vec<_> = self.credentials.iter().map(String::as_str).collect();
            line(format!("without: {}, which the target file gives", names.join(", ")));
        }
        for name in &self.wanted {
            let value =
                if self.secret.contains(name) { format!("\"${{{}}}\"", name.to_uppercase()) } else { "...".to_owned() };
            line(format!("the target file has to give, under `variables`: {name}: {value}"));
        }
        text
    }
}

/// What the requests had and no step has.
fn dropped(calls: &[(&Recorded, Call<'_>)]) -> Vec<String> {
    let unknown = calls.iter().filter(|(_, call)| !call.unknown.is_empty());
    let shown = unknown.map(|(request, call)| {
        let names: Vec<_> = call.unknown.iter().map(|name| format!("`{name}`")).collect();
        format!("{} of {}, which {} does not document", names.join(", "), request.place, call.operation.name.value)
    });
    shown.collect()
}

/// What of a request says who asks.
fn credentials(request: &Recorded, call: &Call<'_>) -> Vec<String> {
    let names = request.headers.iter().map(|(name, _)| name.to_lowercase());
    names.filter(|name| is_credential(name)).chain(call.credentials.iter().cloned()).collect()
}

fn is_credential(header: &str) -> bool {
    ["authorization", "cookie", "token", "api-key", "apikey", "secret", "session"]
        .iter()
        .any(|part| header.contains(part))
}

/// Texts of secrets in headers and queries: they may be elsewhere, too.
fn secrets(suite: &Suite, calls: &[(&Recorded, Call<'_>)]) -> Vec<String> {
    const SHORTEST: usize = 8;
    let mut secrets = BTreeSet::new();
    for (request, call) in calls {
        let headers = request.headers.iter().filter(|(name, _)| is_credential(&name.to_lowercase()));
        let words = headers.flat_map(|(_, value)| {
            value
                .split([' ', ';', ',', ':'])
                .flat_map(|word| [word, word.split_once('=').map_or("", |(_, value)| value)])
        });
        let query = request
            .address
            .query
            .iter()
            .filter(|(name, _)| is_secret_argument(suite, &call.operation.name.value.0, name));
        secrets.extend(
            words
                .chain(query.map(|(_, value)| value.as_str()))
                .filter(|word| word.len() >= SHORTEST)
                .map(str::to_owned),
        );
    }
    secrets.into_iter().collect()
}
