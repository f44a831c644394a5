//! Reads `await` of a call: the call, and the wait for the job that it is given, are two steps.

use std::time::Duration;

use crate::scenario::step::{Action, Await, JobEnd, Source, Step, StepRole};
use crate::scenario::{Expectation, Outcome, Path, Template};
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind, Place};

use super::expectation;
use super::parts::{LONGEST_UNSAID, read_ends, read_save, read_within};

/// Where an answer names its job, whatever suite is asked.
const ID: &str = "$.${job_field}";

/// What a call says of its own job.
pub(super) struct OwnJob<'a> {
    place: &'a Place,
    node: &'a Node,
}

/// What must hold of the job.
struct Wanted {
    within: Duration,
    ends: JobEnd,
    expect: Vec<Located<Expectation>>,
    save: Vec<(Variable, Located<Source>)>,
    verifies: Vec<Located<String>>,
}

impl<'a> OwnJob<'a> {
    /// What a call says of its own job. A text is the id of another one.
    pub fn of(fields: &mut Fields<'a>) -> Option<Self> {
        fields.place_of("call")?;
        let place = fields.place_of("await")?;
        let node = fields.take("await").filter(|node| !matches!(node.kind, NodeKind::Text(_)))?;
        Some(Self { place, node })
    }

    /// Reports what is not of the call but of its job, and what the two can't be with.
    pub fn refuse_others(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) {
        for (name, help) in [("within", "write `await: {within: 10m}`"), ("ends", "write `await: {ends: failed}`")] {
            fields.refuse(name, &format!("`{name}` is of the job that this call awaits"), help, mistakes);
        }
        for name in ["each", "until"] {
            let message = format!("a call with `{name}` is made several times, and `await` is of one job");
            fields.refuse(name, &message, "save the job's id, and await it in a step of its own", mistakes);
        }
    }

    /// The step that follows the job; the call keeps the job's id for it.
    pub fn follows(&self, call: &mut Step, job: &Variable, mistakes: &mut Diagnostics) -> Option<Step> {
        let Wanted { within, ends, expect, save, verifies } = self.wanted(mistakes)?;
        let account = match &call.action.value {
            Action::Call(call) => call.options.account.clone(),
            Action::Await(_) | Action::Paginate(_) => None,
        };
        let wait = Await { job: self.at(Template::Variable(job.clone())), within, account, ends };
        let action = self.at(Action::Await(wait));
        expectation::check(&action, &expect, mistakes);
        check_given(call, mistakes);
        call.save.insert(0, (job.clone(), self.at(Source::Path(Path::parse(ID).ok()?))));
        let suite = call.suite.clone();
        Some(Step { action, suite, each: Vec::new(), expect, save, verifies, role: StepRole::Tests })
    }

    fn at<T>(&self, value: T) -> Located<T> {
        Located { value, place: self.place.clone() }
    }

    fn wanted(&self, mistakes: &mut Diagnostics) -> Option<Wanted> {
        match &self.node.kind {
            NodeKind::Boolean(true) => Some(Wanted {
                within: LONGEST_UNSAID,
                ends: JobEnd::Succeeded,
                expect: Vec::new(),
                save: Vec::new(),
                verifies: Vec::new(),
            }),
            NodeKind::Map(_) => {
                let mut fields = self.node.fields("`await` of a call", mistakes)?;
                let wanted = Wanted {
                    within: read_within(&mut fields, mistakes),
                    ends: read_ends(&mut fields, mistakes),
                    expect: fields.take("expect").map(|node| expectation::read(node, mistakes)).unwrap_or_default(),
                    save: fields.take("save").map(|node| read_save(node, mistakes)).unwrap_or_default(),
                    verifies: fields.texts("verifies", mistakes),
                };
                fields.finish(mistakes);
                Some(wanted)
            }
            _ => {
                let mistake =
                    Diagnostic::error(&self.node.place, "`await` of a call is true, or says what must hold of its job");
                mistakes.add(mistake.help("write `await: true`, or `await: {expect: {$.jobstatus: 1}}`"));
                None
            }
        }
    }
}

/// A call that is refused is given no job.
fn check_given(call: &Step, mistakes: &mut Diagnostics) {
    for expectation in &call.expect {
        if matches!(expectation.value, Expectation::Outcome(Outcome::Refused | Outcome::Fails)) {
            let mistake = Diagnostic::error(&expectation.place, "a call that is refused has no job to await");
            mistakes.add(mistake.help("remove `await`; that the job fails is `await: {ends: failed}`"));
        }
    }
}
