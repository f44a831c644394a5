//! The steps of which the cases of laws are made.

use std::time::Duration;

use assay_suite::source::{Located, Place};
use assay_suite::{Operation, StatusPattern, Suite, Variable};

use super::request::Arguments;
use crate::scenario::step::{Action, Await, Call, CallOptions, JobEnd, Source, Step, StepRole};
use crate::scenario::{Expectation, Matcher, Outcome, Path, Template};

/// The longest that a job may take, if the target does not say less.
const LONGEST_JOB: Duration = Duration::from_secs(10 * 60);

fn located<T>(value: T, place: &Place) -> Located<T> {
    Located { value, place: place.clone() }
}

/// That a look is accepted. One that is not decides nothing about what it was to show.
fn accepted() -> Vec<Expectation> {
    let others = ["3xx", "4xx", "5xx"].into_iter().filter_map(StatusPattern::new).collect();
    vec![Expectation::Outcome(Outcome::Accepted), Expectation::Undecided(others)]
}

/// Steps on their way to a scenario. All are where the operation that they are about is written.
#[expect(clippy::struct_field_names, reason = "the steps are what it gathers")]
pub(super) struct Steps<'a> {
    suite: &'a Suite,
    /// The law, by which the steps that test are named.
    law: &'a str,
    place: &'a Place,
    steps: Vec<Step>,
    jobs: usize,
}

/// What is done by a request: which operation, by which account, with what.
pub(super) struct Request<'a> {
    pub operation: &'a Operation,
    pub account: Option<&'a str>,
    pub arguments: Arguments,
}

impl<'a> Request<'a> {
    /// A request of the main account.
    pub fn new(operation: &'a Operation, arguments: Arguments) -> Self {
        Self { operation, account: None, arguments }
    }

    /// The same by an account.
    pub fn by(self, account: &'a str) -> Self {
        Self { account: Some(account), ..self }
    }
}

impl<'a> Steps<'a> {
    pub fn new(suite: &'a Suite, law: &'a str, place: &'a Place) -> Self {
        Self { suite, law, place, steps: Vec::new(), jobs: 0 }
    }

    pub fn finish(self) -> Vec<Step> {
        self.steps
    }

    /// Does something, waits until it is done, and keeps what is at a path of its answer or of its job's result.
    pub fn prepare(&mut self, request: Request<'_>, save: &[(&str, &str)]) -> Option<()> {
        let account = request.account.map(str::to_owned);
        let is_job = request.operation.asynchronous;
        let jobs = self.suite.jobs.as_ref().filter(|_| is_job);
        let kept = |path: &str| {
            jobs.and_then(|jobs| jobs.result.as_ref())
                .map_or(path.to_owned(), |result| format!("$.{result}{}", path.trim_start_matches('$')))
        };
        let mut sources = Vec::new();
        for (name, path) in save {
            let path = if is_job { kept(path) } else { (*path).to_owned() };
            sources.push((Variable((*name).to_owned()), Source::Path(Path::parse(&path).ok()?)));
        }
        if !is_job {
            self.add(request, Vec::new(), sources, StepRole::Prepares);
            return Some(());
        }
        self.jobs += 1;
        let job = Variable(format!("law_job_{}", self.jobs));
        let id = Path::parse(&format!("$.{}", jobs?.id)).ok()?;
        self.add(request, Vec::new(), vec![(job.clone(), Source::Path(id))], StepRole::Prepares);
        let action = Action::Await(Await {
            job: located(Template::Variable(job), self.place),
            within: LONGEST_JOB,
            account,
            ends: JobEnd::Succeeded,
        });
        self.push(action, Vec::new(), sources, StepRole::Prepares);
        Some(())
    }

    /// Reads, and keeps what is read.
    pub fn read(&mut self, request: Request<'_>, save: Vec<(Variable, Source)>) {
        // It is what later answers are compared with, and asked for again where they differ.
        self.add(request, accepted(), save, StepRole::Tests);
    }

    /// Reads, and expects something of what is at paths.
    pub fn expect(
        &mut self,
        request: Request<'_>,
        fields: Vec<(String, Matcher)>,
        save: Vec<(Variable, Source)>,
    ) -> Option<()> {
        let mut expect = accepted();
        for (path, matcher) in fields {
            expect.push(Expectation::Field(Path::parse(&path).ok()?, matcher));
        }
        self.add(request, expect, save, StepRole::Tests);
        Some(())
    }

    /// Expects of the answer just read, besides, that the time at a path is its own.
    pub fn expect_recent(&mut self, path: &str) -> Option<()> {
        let recent = located(Expectation::Recent(Path::parse(path).ok()?), self.place);
        self.steps.last_mut()?.expect.push(recent);
        Some(())
    }

    /// Reads as somebody who may be refused, and expects something of what is shown.
    pub fn expect_if_accepted(&mut self, request: Request<'_>, path: &str, matcher: Matcher) -> Option<()> {
        let field = Expectation::Field(Path::parse(path).ok()?, matcher);
        let refusals = self.suite.refusals_of(&request.operation.name.value.0);
        let is_failure = |status: &u16| !refusals.iter().any(|refusal| refusal.matches(*status));
        let failures = (500..600).filter(is_failure).filter_map(|status: u16| StatusPattern::new(&status.to_string()));
        let failed = Expectation::Undecided(failures.collect());
        self.add(request, vec![Expectation::Outcome(Outcome::Any), failed, field], Vec::new(), StepRole::Tests);
        Some(())
    }

    /// Asks for what is to be refused, at once or when its job has failed.
    pub fn refused(&mut self, request: Request<'_>) {
        let outcome = if request.operation.asynchronous { Outcome::Fails } else { Outcome::Refused };
        self.add(request, vec![Expectation::Outcome(outcome)], Vec::new(), StepRole::Tests);
    }

    /// Asks for what need not be refused.
    pub fn attempt(&mut self, request: Request<'_>) {
        self.add(request, vec![Expectation::Outcome(Outcome::Any)], Vec::new(), StepRole::Tests);
    }

    /// Asks for what is to be refused by an operation that the document does not have. Whether it has a job only its answer
    /// shows, and a deployment may not have it either.
    pub fn refused_by_name(&mut self, operation: &str, parameter: &str, value: Template) {
        let named = |name: &str| located(Template::text(name), self.place);
        let with = vec![(named(parameter), located(value, self.place))];
        let options = CallOptions { with, ..CallOptions::default() };
        let action = Action::Call(Call { operation: named(operation), options, until: None });
        let absent = self.suite.absent.iter().flat_map(|absent| absent.statuses.iter().cloned()).collect();
        let expect = vec![Expectation::Outcome(Outcome::Fails), Expectation::Undecided(absent)];
        self.push(action, expect, Vec::new(), StepRole::Tests);
    }

    fn add(&mut self, request: Request<'_>, expect: Vec<Expectation>, save: Vec<(Variable, Source)>, role: StepRole) {
        let Request { operation, account, arguments } = request;
        let named = |name: &str| located(Template::text(name), self.place);
        let mut options = CallOptions { account: account.map(str::to_owned), ..CallOptions::default() };
        for (name, value) in arguments {
            match value {
                Some(value) => options.with.push((named(&name), located(value, self.place))),
                None => options.add.push(named(&name)),
            }
        }
        let action = Action::Call(Call { operation: named(&operation.name.value.0), options, until: None });
        self.push(action, expect, save, role);
    }

    fn push(&mut self, action: Action, expect: Vec<Expectation>, save: Vec<(Variable, Source)>, role: StepRole) {
        let verifies = match role {
            StepRole::Tests => vec![located(self.law.to_owned(), self.place)],
            StepRole::Prepares => Vec::new(),
        };
        self.steps.push(Step {
            action: located(action, self.place),
            suite: None,
            each: Vec::new(),
            expect: expect.into_iter().map(|expectation| located(expectation, self.place)).collect(),
            save: save.into_iter().map(|(variable, source)| (variable, located(source, self.place))).collect(),
            verifies,
            role,
        });
    }
}
