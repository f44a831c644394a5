//! Walks, and what is done about a disagreement: it is shrunk, reproduced and written down.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::conformance::RecordedSession;
use crate::interpreter::{NoExchange, OpenCase, Session};
use crate::plan::{Case, Drafts, Library, PlannedAction, PlannedStep, Readiness};
use crate::scenario::{Bindings, Template};
use assay_suite::source::{Place, SourceFile};
use assay_suite::{Effect, OperationName, RequirementId, Suite, Variable};

use super::atlas::{Atlas, acts_on_own, made_by, subject};
use super::coverage::Reached;
use super::dice::Dice;
use super::generator::{Broken, Drawn, Generator};
use super::laws::Made;
use super::model::ToModel;
use super::observation::Came;
use super::pair::{Aspect, Disagreement, Done, Pair, Shown, Taken};
use super::render::{self, Written};
use super::requirements::{About, RequirementIndex, names_of};
use super::sequence::SequenceStep;
use super::shrink::{Links, Shrinker};
use super::world::{Owner, Thing, World};

/// How an exploration is made.
#[derive(Clone, Copy, Debug)]
pub struct Exploration {
    /// What chance is made from.
    pub seed: u64,
    /// How many requests a walk makes up, at most.
    pub steps: usize,
    /// How many walks there are, at most.
    pub walks: Option<u64>,
    /// How long it may take.
    pub lasts: Duration,
    /// How long a change may go on after its answer, in an API without jobs.
    pub settles: Duration,
}

/// What an exploration came to.
#[derive(Debug, Default)]
pub struct Explored {
    /// How many walks there were.
    pub walks: u64,
    /// How many steps were done, those of shrinking included.
    pub steps: u64,
    /// What was reached.
    pub reached: Reached,
    /// Where deployment and model disagree, each kind once, in the order in which they were found.
    pub counterexamples: Vec<Counterexample>,
    /// Why it ended before its time.
    pub interrupted: Option<String>,
}

/// The shortest sequence found that shows a disagreement.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Where they disagree.
    pub disagreement: Disagreement,
    /// The requirements that it breaks; none where the document does not decide it.
    pub requirements: Vec<RequirementId>,
    /// The walk that found it.
    pub walk: u64,
    /// How many steps had been done by then.
    pub after_steps: u64,
    /// How much time had passed by then.
    pub after: Duration,
    /// The operations of its requests.
    pub calls: Vec<String>,
    /// Its steps, and what both answered.
    pub sequence: Vec<SequenceStep>,
    /// How often it was shown again, of two times.
    pub reproduced: u32,
    /// How often walks came upon it.
    pub times: u64,
    /// What it says, as the title of its scenario.
    pub title: String,
    /// The scenario file.
    pub scenario: String,
}

/// How often a counterexample is tried again.
const REPRODUCTIONS: u32 = 2;
/// How many sequences are tried to find a shorter one.
const MOST_TRIES: usize = 60;

/// Explores one suite of a deployment.
pub struct Explorer<'a> {
    suite: &'a Arc<Suite>,
    library: &'a Library,
    deployment: &'a RecordedSession,
    model: Option<&'a Session>,
    of_deployment: Drafts<'a>,
    of_model: Drafts<'a>,
    atlas: Atlas<'a>,
    requirement_index: RequirementIndex<'a>,
    choice: Exploration,
    began: Instant,
    place: Place,
}

/// A walk that is over.
struct Walked {
    steps: Vec<render::Shown>,
    found: Option<Disagreement>,
    broken: Option<Broken>,
    /// What the variables stood for at the model.
    bindings: Bindings,
}

impl<'a> Explorer<'a> {
    /// Of a suite that both serve; without a model by laws alone.
    pub fn new(
        library: &'a Library,
        suite: &'a Arc<Suite>,
        deployment: &'a RecordedSession,
        model: Option<&'a Session>,
        choice: Exploration,
    ) -> Self {
        let of_deployment = Drafts::new(library, deployment.session().target(), suite);
        let of_model = Drafts::new(library, model.unwrap_or(deployment.session()).target(), suite);
        let atlas = Atlas::new(&of_deployment);
        let requirement_index = RequirementIndex::new(library, suite);
        let place = Place::start_of(&SourceFile::new("explore", ""));
        let began = Instant::now();
        Self {
            suite,
            library,
            deployment,
            model,
            of_deployment,
            of_model,
            atlas,
            requirement_index,
            choice,
            began,
            place,
        }
    }

    /// Walks until the time is over, or the run is stopped. `found` is informed of each counterexample.
    pub async fn explore(&self, found: impl Fn(&Counterexample)) -> Explored {
        let (mut explored, mut shown) = (Explored::default(), Shown::new());
        while explored.interrupted.is_none() && self.has_time() {
            if self.choice.walks.is_some_and(|most| explored.walks >= most) {
                break;
            }
            let number = explored.walks;
            explored.walks += 1;
            match Box::pin(self.walk(number, &mut explored, &mut shown)).await {
                Ok(walked) => {
                    if let Err(none) = Box::pin(self.look_into(number, walked, &mut explored, &mut shown, &found)).await
                    {
                        explored.interrupted = Some(none.to_string());
                    }
                }
                Err(none) => explored.interrupted = Some(none.to_string()),
            }
        }
        explored
    }

    fn has_time(&self) -> bool {
        self.began.elapsed() < self.choice.lasts && !self.deployment.session().is_stopped()
    }

    fn case_name(&self, what: &str) -> String {
        format!("{}::explore::{what}::{}", self.suite.name.value, self.of_deployment.format())
    }

    fn pair<'c>(&'c self, deployment: &'c Case, model: &'c Case) -> Pair<'c> {
        let (schemas, run) = (&self.library.schemas, self.deployment.session().run());
        let to_deployment = self.deployment.open(deployment);
        let deployment = OpenCase::begin(deployment, schemas, run, to_deployment);
        let to_model = self.model.cloned();
        let model = to_model.map(|session| OpenCase::begin(model, schemas, run, Box::new(ToModel(session))));
        Pair::new(deployment, model, (self.suite, schemas), self.choice.settles)
    }

    /// One walk, up to its first disagreement. What it created is removed.
    async fn walk(&self, number: u64, explored: &mut Explored, shown: &mut Shown) -> Result<Walked, NoExchange> {
        let name = self.case_name(&format!("walk-{number}"));
        let (one, other) =
            (self.of_deployment.case(name.clone(), "a walk"), self.of_model.case(name.clone(), "a walk"));
        let mut pair = self.pair(&one, &other);
        let walked = self.walk_on(&mut pair, number, explored, shown).await;
        let bindings = pair.bindings().clone();
        end(pair).await;
        self.deployment.close(&one);
        walked.map(|walked| Walked { bindings, ..walked })
    }

    async fn walk_on(
        &self,
        pair: &mut Pair<'_>,
        number: u64,
        explored: &mut Explored,
        shown: &mut Shown,
    ) -> Result<Walked, NoExchange> {
        let mut walked = Walked { steps: Vec::new(), found: None, broken: None, bindings: Bindings::new() };
        let (mut world, began) = (World::default(), Instant::now());
        let dice = Dice::new(self.choice.seed, number);
        let mut generator = Generator { drafts: &self.of_deployment, atlas: &self.atlas, dice, last_look: None };
        for _ in 0..self.choice.steps {
            if !self.has_time() {
                break;
            }
            let Some(drawn) = generator.next(&world, &explored.reached) else { break };
            world.named += 1;
            let Some(steps) = drawn.steps(&self.of_deployment, world.named, &self.place) else { continue };
            let Some(steps) = self.with_fixtures(pair, &walked, steps) else { continue };
            self.note_reached(&drawn, &world, pair, &mut explored.reached);
            for step in steps {
                let Taken::Done(done) = pair.take(&step, shown).await? else { continue };
                explored.steps += 1;
                walked.steps.push(shown_of(&step, &done, began.elapsed()));
                self.learn(&step, &done, &mut world, &mut explored.reached);
                let disagreement = new_of(&done.disagreements, &mut explored.counterexamples);
                if let Some(disagreement) = disagreement {
                    walked.found = Some(disagreement);
                    walked.broken.clone_from(&drawn.broken);
                    return Ok(walked);
                }
                if done.disagreements.iter().any(|found| found.aspect == Aspect::Outcome) {
                    // From here on the two have come apart.
                    return Ok(walked);
                }
            }
        }
        Ok(walked)
    }

    /// The steps with those of the fixtures that they need; none if the target does not allow them.
    fn with_fixtures(
        &self,
        pair: &Pair<'_>,
        walked: &Walked,
        steps: Vec<Arc<PlannedStep>>,
    ) -> Option<Vec<Arc<PlannedStep>>> {
        let mut all = self.of_deployment.fixtures(steps.first()?, &pair.known())?;
        all.extend(steps);
        let so_far = walked.steps.iter().map(|shown| Arc::clone(&shown.step));
        let whole: Vec<_> = so_far.chain(all.iter().cloned()).collect();
        let is_allowed = self.of_deployment.readiness(&whole) == Readiness::Ready;
        (is_allowed && acts_on_own(self.suite, &whole)).then_some(all)
    }

    fn note_reached(&self, drawn: &Drawn, world: &World, pair: &Pair<'_>, reached: &mut Reached) {
        let Some(operation) = self.suite.operations.get(drawn.operation.as_str()) else { return };
        let acted_on = subject(operation, &drawn.arguments).and_then(|position| drawn.arguments.get(position));
        let id = acted_on.and_then(|(_, value)| value.resolve(pair.bindings()).ok());
        let state = id.map(|id| assay_suite::plain(&id)).and_then(|id| world.state_of(&id).map(str::to_owned));
        reached.note(&operation.name.value, state.as_deref());
    }

    /// Learns from what the model answers.
    fn learn(&self, step: &PlannedStep, done: &Done, world: &mut World, reached: &mut Reached) {
        if let Some(value) = &done.model.value {
            world.see(value);
        }
        let Some(operation) = self.suite.operations.get(&done.operation) else { return };
        if done.model.came == Came::Accepted {
            reached.note_accepted(&operation.name.value);
        }
        for (variable, id, made) in &done.saved {
            let known = self.atlas.kind_of(variable).cloned();
            let Some(kind) = known.or_else(|| made_by(self.suite, operation).map(|(_, kind)| kind)) else { continue };
            let is_job = matches!(&step.action, PlannedAction::Call { .. }) && operation.asynchronous;
            if is_job {
                continue;
            }
            let owner = if *made == Made::Here { Owner::Walk } else { Owner::Target };
            let owner = if world.is_own(id) { Owner::Walk } else { owner };
            world.add(Thing { variable: variable.clone(), kind, id: id.clone(), owner });
            world.touched = Some(variable.clone());
        }
        let PlannedAction::Call { calls, .. } = &step.action else { return };
        let Some(call) = calls.first() else { return };
        let acted_on = subject(operation, &call.arguments).and_then(|position| call.arguments.get(position));
        match (operation.effect, acted_on) {
            (Effect::Reads, _) => world.touched = None,
            (effect, Some((_, Template::Variable(variable)))) if done.model.came == Came::Accepted => {
                if world.thing(variable).is_some() {
                    world.touched = Some(variable.clone());
                }
                let id = world.thing(variable).map(|thing| thing.id.clone());
                if let (Effect::Removes, Some(id)) = (effect, id) {
                    world.remove(&id);
                }
            }
            _ => {}
        }
    }

    /// Shrinks what a walk found, reproduces it and writes it down.
    async fn look_into(
        &self,
        number: u64,
        walked: Walked,
        explored: &mut Explored,
        shown: &mut Shown,
        found: &impl Fn(&Counterexample),
    ) -> Result<(), NoExchange> {
        let Some(disagreement) = walked.found.clone() else { return Ok(()) };
        let (after_steps, after) = (explored.steps, self.began.elapsed());
        let mut best = walked;
        let links = best.steps.iter().map(|shown| links(&shown.step)).collect();
        let mut shrinker = Shrinker::new(links);
        let all: Vec<_> = best.steps.iter().map(|shown| Arc::clone(&shown.step)).collect();
        for attempt in 0..MOST_TRIES {
            let Some(candidate) = shrinker.next() else { break };
            let steps: Vec<_> = candidate.iter().filter_map(|step| all.get(*step).cloned()).collect();
            let name = format!("walk-{number}-shrunk-{attempt}");
            let again = Box::pin(self.again(&name, &steps, explored, shown)).await?;
            let shows = again.found.as_ref().is_some_and(|again| again.group() == disagreement.group());
            shrinker.tried(shows);
            if shows {
                best = Walked { broken: best.broken, ..again };
            }
        }
        let steps: Vec<_> = best.steps.iter().map(|shown| Arc::clone(&shown.step)).collect();
        let mut reproduced = 0;
        for attempt in 0..REPRODUCTIONS {
            let name = format!("walk-{number}-again-{attempt}");
            let again = Box::pin(self.again(&name, &steps, explored, shown)).await?;
            reproduced += u32::from(again.found.is_some_and(|again| again.group() == disagreement.group()));
        }
        let mut counterexample = self.written(number, &best, &disagreement);
        (counterexample.after_steps, counterexample.after, counterexample.reproduced) =
            (after_steps, after, reproduced);
        found(&counterexample);
        explored.counterexamples.push(counterexample);
        Ok(())
    }

    /// Does the same steps again, up to the first disagreement.
    async fn again(
        &self,
        what: &str,
        steps: &[Arc<PlannedStep>],
        explored: &mut Explored,
        shown: &mut Shown,
    ) -> Result<Walked, NoExchange> {
        let name = self.case_name(what);
        let (one, other) =
            (self.of_deployment.case(name.clone(), "a walk"), self.of_model.case(name.clone(), "a walk"));
        let mut pair = self.pair(&one, &other);
        let mut walked = Walked { steps: Vec::new(), found: None, broken: None, bindings: Bindings::new() };
        let (mut interrupted, began) = (None, Instant::now());
        for step in steps {
            match pair.take(step, shown).await {
                Err(none) => {
                    interrupted = Some(none);
                    break;
                }
                Ok(Taken::Skipped) => {}
                Ok(Taken::Done(done)) => {
                    explored.steps += 1;
                    walked.steps.push(shown_of(step, &done, began.elapsed()));
                    walked.found = new_of(&done.disagreements, &mut explored.counterexamples);
                    if walked.found.is_some() {
                        break;
                    }
                }
            }
        }
        walked.bindings = pair.bindings().clone();
        end(pair).await;
        self.deployment.close(&one);
        interrupted.map_or(Ok(walked), Err)
    }

    fn written(&self, walk: u64, walked: &Walked, disagreement: &Disagreement) -> Counterexample {
        let calls: Vec<_> = walked.steps.iter().filter_map(|shown| called(&shown.step)).collect();
        let arguments = walked.steps.iter().rev().find_map(|shown| match &shown.step.action {
            PlannedAction::Call { calls, .. } => calls.first().map(|call| names_of(&call.arguments)),
            _ => None,
        });
        let effect = |name: &String| self.suite.operations.get(name.as_str()).map(|operation| operation.effect);
        let written = calls.iter().rev().filter(|name| effect(name) != Some(Effect::Reads));
        let written: Vec<_> = written.map(|name| OperationName(name.clone())).collect();
        let requirements = self.requirement_index.broken(&About {
            operation: &disagreement.operation,
            written: &written,
            difference: disagreement.difference.as_ref(),
            broken: walked.broken.as_ref(),
            law: if let Aspect::Law(law) = disagreement.aspect { Some(law) } else { None },
            arguments: &arguments.unwrap_or_default(),
        });
        let redact = |text: &str| self.deployment.session().without_secrets(text);
        let what = match &disagreement.aspect {
            Aspect::Outcome | Aspect::Status => disagreement.expected.clone(),
            Aspect::At(path) | Aspect::Item(path) => format!("{path} is {}", disagreement.expected),
            Aspect::Law(_) => format!("{}: {}", disagreement.aspect, disagreement.expected),
        };
        let title = redact(&format!("{}: {what}", calls.join(", ")));
        let remark = format!("Written by assay explore: seed {}, walk {walk}", self.choice.seed);
        let written = Written {
            suite: self.suite,
            format: self.of_deployment.format(),
            title: &title,
            remark: &remark,
            steps: &walked.steps,
            disagreement,
            requirements: &requirements,
            bindings: &walked.bindings,
        };
        let scenario = redact(&written.scenario());
        let (expected, observed) = (redact(&disagreement.expected), redact(&disagreement.observed));
        Counterexample {
            disagreement: Disagreement { expected, observed, ..disagreement.clone() },
            requirements,
            walk,
            after_steps: 0,
            after: Duration::ZERO,
            calls,
            sequence: walked.steps.iter().map(|shown| SequenceStep::of(shown, &redact)).collect(),
            reproduced: 0,
            times: 1,
            title,
            scenario,
        }
    }
}

fn shown_of(step: &Arc<PlannedStep>, done: &Done, at: Duration) -> render::Shown {
    let (came, status) = (done.model.came, done.model.status);
    render::Shown { step: Arc::clone(step), came, status, answers: done.answers.clone(), at }
}

/// Removes what a walk created, on both sides.
async fn end(pair: Pair<'_>) {
    let of_model = async {
        if let Some(model) = pair.model {
            model.undo().await;
        }
    };
    tokio::join!(pair.deployment.undo(), of_model);
}

/// The first disagreement of a kind that is not known yet; the others are counted.
fn new_of(found: &[Disagreement], known: &mut [Counterexample]) -> Option<Disagreement> {
    let mut new = None;
    let mut counted: BTreeSet<(OperationName, Aspect)> = BTreeSet::new();
    for disagreement in found {
        let group = disagreement.group();
        match known.iter_mut().find(|known| known.disagreement.group() == group) {
            Some(known) if counted.insert(group) => known.times += 1,
            Some(_) => {}
            None => {
                new.get_or_insert_with(|| disagreement.clone());
            }
        }
    }
    new
}

fn links(step: &PlannedStep) -> Links {
    let given = Variable::of_a_case();
    let uses = step.variables().into_iter().filter(|variable| !given.contains(variable)).map(|variable| variable.0);
    let saves = step.save.iter().map(|(variable, _)| variable.0.clone());
    Links { uses: uses.collect(), saves: saves.collect() }
}

/// The operation of a step that asks for one.
fn called(step: &PlannedStep) -> Option<String> {
    match &step.action {
        PlannedAction::Call { calls, .. } => calls.first().map(|call| call.operation.clone()),
        PlannedAction::Paginate(call) => Some(call.operation.clone()),
        PlannedAction::Await { .. } => None,
    }
}
