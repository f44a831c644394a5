//! `assay new scenario --from FILE`: recorded requests as a scenario.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::arguments::{Common, FromRecordedArguments};
use crate::context::CliContext;
use crate::documents;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use assay_engine::plan::Library;
use assay_suite::Suite;
use assay_suite::human::{count_of, number};
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Paint, Severity, SourceFile, harmless};

use super::call::Call;
use super::linking::{Linker, reads_as_variable};
use super::matching::{Base, Unmatched};
use super::recorded::{Recorded, Recording};
use super::secrets::{Secrets, credentials};
use super::source::{self, documents_of_suite, listed, shown_name, slug, written};
use super::steps::{Step, own_wait, without_polls};

/// Nobody reads a scenario of more requests.
const MOST_REQUESTS: usize = 1_000;

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
    let made = draft.made(&recording)?;
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

/// A request, and the call that it is.
type MatchedCall<'r, 's> = (&'r Recorded, Call<'s>);
/// The requests that are calls, and why the others are none.
type Matched<'r, 's> = (Vec<MatchedCall<'r, 's>>, Vec<(&'r Recorded, Unmatched)>);

fn too_many(request: &Recorded) -> CliError {
    let message =
        format!("from here on there are more than {} requests, the most that a scenario has", number(MOST_REQUESTS));
    let mistake = Diagnostic::error(&request.place.place(), message);
    let mistake = mistake.help("cut the recording into parts, and make a scenario of each");
    CliError::painted(ExitCode::BadDocuments, mistake.render(Paint::Plain))
}

impl<'s> Draft<'s> {
    /// Makes the scenario, without the steps in which `assay check` would find mistakes.
    fn made(&self, recording: &Recording) -> Result<Made, CliError> {
        let (mut made, mut secrets) = (Made::default(), Secrets::of(self.suite));
        let (mut calls, left_out) = self.calls(recording, &mut secrets)?;
        left_out.iter().for_each(|(request, reason)| made.leave_out(request, reason, &secrets));
        loop {
            let mistakes = self.written(&calls, &secrets, &mut made);
            if mistakes.is_empty() {
                return Ok(made);
            }
            // What the document forbids is no step; others may have taken values from it, so all is made again.
            for (number, (request, call)) in std::mem::take(&mut calls).into_iter().enumerate() {
                match mistakes.get(&number) {
                    Some(message) => made.leave_out(request, &Unmatched::Obstacle(message.clone()), &secrets),
                    None => calls.push((request, call)),
                }
            }
        }
    }

    /// The requests that are calls, and why the others are none.
    fn calls<'r>(&self, recording: &'r Recording, secrets: &mut Secrets<'s>) -> Result<Matched<'r, 's>, CliError> {
        let (mut calls, mut left_out) = (Vec::new(), Vec::new());
        let Some(base) = Base::of(&recording.requests, self.suite) else {
            let all = recording.requests.iter().map(|request| (request, Unmatched::NoOperation));
            return Ok((calls, all.collect()));
        };
        for request in &recording.requests {
            match base.call(request, secrets) {
                Ok(call) if call.arguments.iter().any(|(_, value)| reads_as_variable(value)) => {
                    let reason = "a value of it would be read as a variable".to_owned();
                    left_out.push((request, Unmatched::Obstacle(reason)));
                }
                Ok(_) if calls.len() == MOST_REQUESTS => return Err(too_many(request)),
                Ok(call) => {
                    secrets.learn(request, &call);
                    calls.push((request, call));
                }
                Err(reason) => left_out.push((request, reason)),
            }
        }
        Ok((calls, left_out))
    }

    /// Writes the steps; the mistakes that a check finds in them, by the numbers of their calls.
    fn written(
        &self,
        calls: &[MatchedCall<'_, '_>],
        secrets: &Secrets<'_>,
        made: &mut Made,
    ) -> BTreeMap<usize, String> {
        let steps = calls.iter().enumerate();
        let steps = steps.map(|(number, (request, call))| Step::new(self.suite, request, number, call.clone()));
        let mut steps = without_polls(steps.collect());
        let mut linker = Linker::new(secrets);
        linker.link(&mut steps);
        let title = Value::from(self.title.as_str());
        let mut text =
            format!("# Made from {} by `assay new scenario`.\n- scenario: {title}\n  tags: [recorded]\n", self.from);
        if self.suite.formats.len() > 1 {
            text.push_str(&format!("  formats: [{}]\n", self.suite.usual_format()));
        }
        text.push_str("  steps:\n");
        let (mut lines, mut line) = (Vec::new(), text.matches('\n').count() + 1);
        let mut position = 0;
        while let Some(step) = steps.get(position) {
            let wait = own_wait(self.suite, &steps, position);
            position += 1 + usize::from(wait.is_some());
            let written = step.written(self.suite, wait);
            lines.push((line, step.call));
            let before = written.find("\n    await:").map(|at| written[..=at].matches('\n').count());
            lines.extend(wait.zip(before).map(|(wait, before)| (line + before, wait.call)));
            line += written.matches('\n').count();
            text.push_str(&written);
        }
        (made.text, made.steps, made.requests) = (text, steps.len(), calls.len());
        (made.wanted, made.secret) = (linker.wanted, linker.secret);
        made.dropped = dropped(calls, secrets);
        made.dropped.extend(linker.remarks);
        made.credentials = calls.iter().flat_map(|(request, call)| credentials(request, call)).collect();
        self.mistakes(&made.text, &lines)
    }

    fn mistakes(&self, text: &str, lines: &[(usize, usize)]) -> BTreeMap<usize, String> {
        let mut found = BTreeMap::new();
        if lines.is_empty() {
            return found;
        }
        let (mut documents, mut mistakes) = (documents_of_suite(self.documents, self.suite), Diagnostics::new());
        documents.insert(SourceFile::new(self.path.as_str(), text));
        Library::read(&documents, &mut mistakes).check_expansion(&mut mistakes);
        for mistake in mistakes.iter().filter(|mistake| mistake.severity == Severity::Error) {
            let line =
                mistake.place.as_ref().filter(|place| place.file.path == self.path).map(|place| place.line as usize);
            let before = line.map_or(0, |line| lines.partition_point(|(start, _)| *start <= line));
            if let Some((_, call)) = before.checked_sub(1).and_then(|step| lines.get(step)) {
                found.entry(*call).or_insert_with(|| mistake.message.clone());
            }
        }
        found
    }
}

impl Made {
    fn leave_out(&mut self, request: &Recorded, reason: &Unmatched, secrets: &Secrets<'_>) {
        match reason {
            Unmatched::Static => self.static_files += 1,
            Unmatched::OtherHost => self.other_hosts += 1,
            Unmatched::Preflight => self.preflights += 1,
            reason => {
                let Recorded { place, method, address, .. } = request;
                let (method, path) = (secrets.hidden(method), address.shown(|part| secrets.hidden(part)));
                let reason = secrets.hidden(&reason.to_string());
                self.left_out.push(format!("{place}: {method} {path}: {reason}"));
            }
        }
    }

    /// What became of the requests, for people.
    fn report(&self, recording: &Recording) -> String {
        let all = count_of(recording.requests.len(), "request", "requests");
        let mut text = format!("{} of {all} became steps\n", self.requests);
        let mut line = |line: String| text.push_str(&(harmless::line(&line) + "\n"));
        listed(&self.left_out, "requests").for_each(|request| line(format!("left out: {request}")));
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
        listed(&self.dropped, "lines").for_each(|dropped| line(format!("without: {dropped}")));
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
fn dropped(calls: &[MatchedCall<'_, '_>], secrets: &Secrets<'_>) -> Vec<String> {
    let unknown = calls.iter().filter(|(_, call)| !call.unknown.is_empty());
    let shown = unknown.map(|(request, call)| {
        let names: Vec<_> = call.unknown.iter().map(|name| format!("`{}`", secrets.hidden(name))).collect();
        format!("{} of {}, which {} does not document", names.join(", "), request.place, call.operation.name.value)
    });
    shown.collect()
}
