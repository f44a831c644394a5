//! The deployment and the model, asked for the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::interpreter::{NoExchange, OpenCase};
use crate::plan::{PlannedAction, PlannedStep};
use crate::scenario::{Bindings, Template};
use crate::verdict::shown;
use assay_schema::Schemas;
use assay_suite::{Effect, OperationName, Presence, Suite, Variable, plain};

use super::compare::{Comparison, Difference, DifferenceKind, paths_of};
use super::identities::Identities;
use super::laws::{Breach, Deed, Law, Ledger, Made};
use super::observation::{Answers, Came, Observed, observe};

/// The paths at which the model has shown values, by operation.
pub(super) type Shown = BTreeMap<OperationName, BTreeSet<String>>;

/// The deployment and the model, asked for the same by one walk.
pub(super) struct Pair<'c> {
    pub deployment: OpenCase<'c>,
    /// None where there is no model: then laws decide.
    pub model: Option<OpenCase<'c>>,
    suite: &'c Suite,
    schemas: &'c Schemas,
    identities: Identities,
    /// What the walk has given values to.
    sent: BTreeSet<String>,
    ledger: Ledger,
    /// The arguments of the requests whose jobs are still to be followed, by operation.
    of_jobs: BTreeMap<OperationName, Vec<(String, Value)>>,
    /// How long a change may go on after its answer, where no job shows when it has ended.
    settles: Duration,
}

/// What came of a step.
pub(super) enum Taken {
    /// It was not done: something that it needs is not there, or is not the run's own.
    Skipped,
    /// It was done.
    Done(Box<Done>),
}

/// What came of a step that was done.
pub(super) struct Done {
    /// The operation that was asked for, or whose job was followed.
    pub operation: OperationName,
    /// What the model answered; without one, what the deployment did.
    pub model: Observed,
    /// What both answered, in a few words.
    pub answers: Answers,
    /// What was kept of the model's answer, and whether the walk created it.
    pub saved: Vec<(Variable, String, Made)>,
    /// Where they disagree, the weightiest first.
    pub disagreements: Vec<Disagreement>,
}

/// Where deployment and model disagree.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The operation.
    pub operation: OperationName,
    /// In what.
    pub aspect: Aspect,
    /// What the model does.
    pub expected: String,
    /// What the deployment does.
    pub observed: String,
    /// What the model answers there, if it is about an answer.
    pub(super) difference: Option<Difference>,
}

/// In what two answers disagree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Whether the request is carried out.
    Outcome,
    /// The status.
    Status,
    /// What is at a path of the answer.
    At(String),
    /// Whether a list has an item.
    Item(String),
    /// In what a law says.
    Law(Law),
}

impl std::fmt::Display for Aspect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outcome => f.write_str("outcome"),
            Self::Status => f.write_str("status"),
            Self::At(path) | Self::Item(path) => f.write_str(path),
            Self::Law(law) => write!(f, "law: {}", law.name().replace('-', " ")),
        }
    }
}

impl Disagreement {
    /// What all disagreements of its kind have in common.
    pub fn group(&self) -> (OperationName, Aspect) {
        (self.operation.clone(), self.aspect.clone())
    }
}

impl<'c> Pair<'c> {
    pub fn new(
        deployment: OpenCase<'c>,
        model: Option<OpenCase<'c>>,
        (suite, schemas): (&'c Suite, &'c Schemas),
        settles: Duration,
    ) -> Self {
        let mut identities = Identities::default();
        for (variable, value) in deployment.bindings() {
            let of_model = model.as_ref().unwrap_or(&deployment).bindings().get(variable);
            if let (Value::String(one), Some(Value::String(other))) = (value, of_model) {
                identities.relate(one, other);
            }
        }
        Self {
            deployment,
            model,
            suite,
            schemas,
            identities,
            sent: BTreeSet::new(),
            ledger: Ledger::default(),
            of_jobs: BTreeMap::new(),
            settles,
        }
    }

    /// The values of the variables where it is decided what is right: at the model, if there is one.
    pub fn bindings(&self) -> &Bindings {
        self.model.as_ref().unwrap_or(&self.deployment).bindings()
    }

    /// Whether both know all that a step names.
    fn is_known(&self, step: &PlannedStep) -> bool {
        let known = |bindings: &Bindings, variable: &Variable| bindings.contains_key(variable);
        let mut variables = step.variables().into_iter();
        variables.all(|name| known(self.bindings(), &name) && known(self.deployment.bindings(), &name))
    }

    /// What is known of both.
    pub fn known(&self) -> Bindings {
        let of_both = self.bindings().iter().filter(|(name, _)| self.deployment.bindings().contains_key(*name));
        of_both.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// Asks both for a step, and compares what they answer.
    pub async fn take(&mut self, step: &PlannedStep, all_shown: &mut Shown) -> Result<Taken, NoExchange> {
        if !self.is_known(step) {
            return Ok(Taken::Skipped);
        }
        self.note_sent(step);
        let before = self.bindings().clone();
        let Some(to_model) = &mut self.model else { return self.take_by_laws(step, &before).await };
        let (deployment, model) = tokio::join!(self.deployment.take(step), to_model.take(step));
        let (Some(deployment), Some(model)) = (deployment?, model?) else { return Ok(Taken::Skipped) };
        let Some(operation) = step.operations().first().cloned() else { return Ok(Taken::Skipped) };
        let observed = observe(self.suite, self.schemas, step, &deployment);
        let expected = observe(self.suite, self.schemas, step, &model);
        let mut disagreements = by_outcome(&operation, &observed, &expected);
        let shown_by = all_shown.entry(operation.clone()).or_default();
        if let Some(value) = &expected.value {
            paths_of(value, shown_by);
        }
        if let (true, Some(one), Some(other)) = (disagreements.is_empty(), &observed.value, &expected.value) {
            let list = self.suite.operations.get(&operation).and_then(|operation| operation.list.as_ref());
            let list =
                list.filter(|_| matches!(step.action, PlannedAction::Call { .. }) && expected.came == Came::Accepted);
            let (identities, sent) = (&mut self.identities, &self.sent);
            let mut comparison = Comparison { identities, sent, shown: shown_by, list };
            let found = comparison.differences(one, other).into_iter();
            disagreements.extend(found.map(|difference| Disagreement::at(&operation, difference)));
        }
        let saved = self.saved(step, &operation, &before);
        if self.may_go_on(&operation, [&observed, &expected]) {
            tokio::time::sleep(self.settles).await;
        }
        let answers = Answers { deployment: observed.brief(), model: Some(expected.brief()) };
        Ok(Taken::Done(Box::new(Done { operation, model: expected, answers, saved, disagreements })))
    }

    /// Whether what was asked for may go on after it was accepted, and nothing shows when it ends. The two may be quicker and
    /// slower; what is asked for in between, they may answer differently.
    fn may_go_on(&self, operation: &OperationName, answers: [&Observed; 2]) -> bool {
        let changes = self.suite.operations.get(operation).is_some_and(|operation| operation.effect != Effect::Reads);
        self.suite.jobs.is_none() && changes && answers.iter().any(|answer| answer.came == Came::Accepted)
    }

    /// Asks the deployment alone: what it answers is compared with what the walk did before.
    async fn take_by_laws(&mut self, step: &PlannedStep, before: &Bindings) -> Result<Taken, NoExchange> {
        let Some(exchange) = self.deployment.take(step).await? else { return Ok(Taken::Skipped) };
        let Some(name) = step.operations().first().cloned() else { return Ok(Taken::Skipped) };
        let observed = observe(self.suite, self.schemas, step, &exchange);
        let saved = self.saved(step, &name, before);
        let suite = step.suite.as_deref().unwrap_or(self.suite);
        let Some(operation) = suite.operations.get(&name) else { return Ok(Taken::Skipped) };
        let sent = match &step.action {
            PlannedAction::Call { calls, .. } => {
                let arguments = calls.first().map(|call| call.arguments.as_slice()).unwrap_or_default();
                let known =
                    |(name, value): &(String, Template)| Some((name.clone(), value.resolve(self.bindings()).ok()?));
                arguments.iter().filter_map(known).collect()
            }
            _ => self.of_jobs.get(&name).cloned().unwrap_or_default(),
        };
        let is_accepted_only = matches!(&step.action, PlannedAction::Call { .. })
            && operation.asynchronous
            && observed.came == Came::Accepted;
        let mut breaches = Vec::new();
        if is_accepted_only {
            // What comes of it the job shows.
            self.of_jobs.insert(name.clone(), sent);
        } else {
            let made: Vec<_> = saved.iter().map(|(_, id, made)| (id.clone(), *made)).collect();
            let is_named = |(known, _): &&(String, Value)| known == "id";
            let required = |(known, _): &&(String, Value)| {
                operation.parameters.get(known).is_some_and(|found| found.presence == Presence::Required)
            };
            let subject = sent.iter().find(is_named).or_else(|| sent.iter().find(required));
            let subject = subject.map(|(_, value)| plain(value));
            let deed = Deed { operation, sent: &sent, observed: &observed, made: &made, subject: subject.as_deref() };
            breaches = self.ledger.note(&deed);
        }
        let disagreements = breaches.into_iter().map(|Breach { law, expected, observed }| Disagreement {
            operation: name.clone(),
            aspect: Aspect::Law(law),
            expected,
            observed,
            difference: None,
        });
        let disagreements = disagreements.collect();
        let answers = Answers { deployment: observed.brief(), model: None };
        Ok(Taken::Done(Box::new(Done { operation: name, model: observed, answers, saved, disagreements })))
    }

    /// What a step gives values to is repeated as it is.
    fn note_sent(&mut self, step: &PlannedStep) {
        let PlannedAction::Call { calls, .. } = &step.action else { return };
        for (_, value) in calls.iter().flat_map(|call| &call.arguments) {
            // The value of a variable is an identity, or is the same for both.
            let is_text = !matches!(value, Template::Variable(_));
            if let Ok(value) = value.resolve(self.bindings())
                && is_text
            {
                self.sent.insert(plain(&value));
            }
        }
    }

    fn saved(
        &mut self,
        step: &PlannedStep,
        operation: &OperationName,
        before: &Bindings,
    ) -> Vec<(Variable, String, Made)> {
        let effect = self.suite.operations.get(operation).map(|operation| operation.effect);
        let made = if effect == Some(Effect::Creates) { Made::Here } else { Made::Elsewhere };
        let mut saved = Vec::new();
        for (variable, _) in &step.save {
            let bindings = (self.deployment.bindings().get(variable), self.bindings().get(variable));
            let (Some(one), Some(other)) = bindings else { continue };
            if before.get(variable) == Some(other) {
                continue;
            }
            let (one, other) = (plain(one), plain(other));
            self.identities.relate(&one, &other);
            if made == Made::Here {
                self.identities.own(&other);
            }
            saved.push((variable.clone(), other, made));
        }
        saved
    }
}

impl Disagreement {
    fn at(operation: &OperationName, difference: Difference) -> Self {
        let path = difference.path.clone();
        let aspect = match difference.kind {
            DifferenceKind::ItemMissing | DifferenceKind::ItemUnexpected => Aspect::Item(path),
            DifferenceKind::Value | DifferenceKind::Missing | DifferenceKind::Unexpected => Aspect::At(path),
        };
        let say = |value: &Value| if value.is_null() { "nothing".to_owned() } else { shown(value) };
        let (expected, observed) = (say(&difference.expected), say(&difference.observed));
        Self { operation: operation.clone(), aspect, expected, observed, difference: Some(difference) }
    }
}

fn by_outcome(operation: &OperationName, observed: &Observed, expected: &Observed) -> Vec<Disagreement> {
    let with_status = |observed: &Observed| {
        let status = observed.status.map_or_else(|| "no status".to_owned(), |status| format!("status {status}"));
        format!("it {} ({status})", observed.came.describe())
    };
    let aspect = match (observed.came == expected.came, observed.status == expected.status) {
        (true, true) => return Vec::new(),
        (true, false) => Aspect::Status,
        (false, _) => Aspect::Outcome,
    };
    let (expected, observed) = (with_status(expected), with_status(observed));
    vec![Disagreement { operation: operation.clone(), aspect, expected, observed, difference: None }]
}
