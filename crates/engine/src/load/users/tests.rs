//! Users on a small server on loopback. No test depends on how quick anything is, only on what is counted.

mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use tokio::sync::watch;

use self::server::{Answer, LIST, Server, good, refuses, refuses_zones, throttles};
use super::{UsersError, Visit, operations, run_users};
use crate::deployment::Target;
use crate::interpreter::Session;
use crate::load::collector::{Gathered, StopReason, StopSignal};
use crate::load::set_up::SetUp;
use crate::plan::{Case, Choice, ConformancePlan, Library, PlannedLoad, PlannedProfile, PlannedUsers, Readiness};
use crate::profile::{Abort, Rate, SearchBounds};
use crate::scenario::Bindings;
use assay_formats::record::load::{Model, ObservedOperation, Outcome, Phase, RecordedProfile, Shard};
use assay_suite::OperationName;
use assay_suite::Variable;
use assay_suite::source::{Diagnostics, Documents, Paint, SourceFile};

const SUITE: &str = r#"
suite: t
title: T
document: {title: D}
request: {style: query, operation_parameter: command}
signing: cloudstack
answers: {formats: {json: {response: json}}, envelope: "{operation}response", refusals: [4xx]}
"#;
const OPERATIONS: &str = r"
operations:
  listZones: {group: Z, source: a, effect: reads}
  listHosts: {group: Z, source: a, effect: reads}
  listThings: {group: Z, source: a, effect: reads, list: {items: thing, key: id}}
  createThing:
    group: Z
    source: a
    effect: creates
    parameters: {name: {required: true}}
    undo: {call: deleteThing, with: {id: $.thing.id}}
  deleteThing:
    group: Z
    source: a
    effect: removes
    parameters: {id: {required: true}}
";
const SCENARIOS: &str = r#"
- scenario: looks around
  steps:
  - call: listZones
  - call: listHosts
- scenario: creates
  steps:
  - call: createThing
    with: {name: "assay-${unique}"}
    save: {thing: $.thing.id}
- scenario: creates in vain
  steps:
  - call: createThing
    with: {name: "assay-${unique}"}
  - call: listZones
- scenario: expects what is not there
  steps:
  - call: listZones
    expect: {$.count: 7}
- scenario: expects a refusal
  steps:
  - call: listZones
    expect: {outcome: refused}
"#;

const HOUR: Duration = Duration::from_secs(3_600);

fn library() -> Library {
    let mut documents = Documents::default();
    let texts = [
        ("suites/t/suite.yaml", SUITE),
        ("suites/t/operations.yaml", OPERATIONS),
        ("suites/t/requirements.yaml", "requirements: {}\n"),
        ("scenarios/t/s.yaml", SCENARIOS),
    ];
    texts.into_iter().for_each(|(path, text)| documents.insert(SourceFile::new(path, text)));
    for name in ["listZones", "listHosts", LIST, "createThing", "deleteThing", "common/error"] {
        documents.insert(SourceFile::new(format!("schemas/t/{name}.json"), r#"{"type": "object"}"#));
    }
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(Paint::Plain));
    library
}

/// A run against a server.
struct Stage {
    server: Server,
    session: Session,
    library: Library,
    stop: watch::Sender<bool>,
}

impl Stage {
    async fn new(answer: Answer) -> Self {
        let (server, library) = (Server::new(answer).await, library());
        let text = format!(
            "target: t\nallow: [reads, creates, changes, removes]\n\
             suites: {{t: {{url: \"http://{}/api\", api_key: K, secret_key: geheim}}}}\n",
            server.address
        );
        let mut mistakes = Diagnostics::new();
        let target = Target::read(&SourceFile::new("t.yaml", text), &|_| None, &mut mistakes);
        let target = target.unwrap_or_else(|| panic!("{}", mistakes.render(Paint::Plain)));
        let (stop, stopped) = watch::channel(false);
        let session = Session::new(Arc::new(target), library.schemas.clone(), "run".to_owned(), stopped).unwrap();
        Self { server, session, library, stop }
    }

    /// The steps of a scenario.
    fn case(&self, scenario: &str) -> Arc<Case> {
        let mut mistakes = Diagnostics::new();
        let plan = ConformancePlan::new(&self.library, self.session.target(), &Choice::default(), &mut mistakes);
        assert!(!mistakes.has_errors(), "{}", mistakes.render(Paint::Plain));
        let names: Vec<_> = plan.cases.iter().map(|case| case.name.clone()).collect();
        let found = plan.cases.iter().find(|case| case.scenario.title.value == scenario);
        Arc::clone(found.unwrap_or_else(|| panic!("{names:?}")))
    }

    /// Has users make a scenario's journey.
    async fn users(&self, scenario: &str, users: Users) -> Came {
        let planned = users.planned(self.case(scenario));
        let profile = profile(&planned);
        let operations = operations(&planned.journey);
        let ((gathered, taken), left_over) = (channel(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&left_over);
        let visit = Visit {
            place: 0,
            profile: &profile,
            users: &planned,
            operations: &operations,
            bindings: &users.bindings,
            halt: Arc::clone(&users.halt),
            shard: users.shard,
            session: &self.session,
            gathered,
            left_over: Box::new(move |what| kept.lock().unwrap().push(what)),
            changes: Box::new(|_, _| {}),
        };
        let ended = run_users(visit, Instant::now()).await;
        let left_over = left_over.lock().unwrap().clone();
        Came { ended, taken, operations, left_over }
    }
}

/// Users as a test wants them.
struct Users {
    count: u32,
    think: Duration,
    stays: Duration,
    warm_up: Duration,
    shard: Shard,
    bindings: Bindings,
    halt: Arc<StopSignal>,
}

impl Default for Users {
    fn default() -> Self {
        Self {
            count: 5,
            think: Duration::from_millis(100),
            stays: Duration::from_secs(2),
            warm_up: Duration::ZERO,
            shard: Shard::WHOLE,
            bindings: Bindings::new(),
            halt: Arc::default(),
        }
    }
}

impl Users {
    fn planned(&self, journey: Arc<Case>) -> PlannedUsers {
        PlannedUsers {
            count: self.count.try_into().unwrap(),
            hatch_rate: Rate::per_second(1_000.0),
            think_time: (self.think, self.think),
            stays: self.stays,
            warm_up: self.warm_up,
            seed: 1,
            journey,
        }
    }
}

fn profile(users: &PlannedUsers) -> PlannedProfile {
    let suite = Arc::clone(&users.journey.suite);
    PlannedProfile {
        recorded: RecordedProfile {
            name: "t::users".to_owned(),
            title: "users".to_owned(),
            suite: suite.name.value.clone(),
            place: "p.yaml:1:1".to_owned(),
            model: Model::Closed { users: users.count.get() },
            warm_up: users.warm_up,
            lasts: users.stays,
            in_flight: users.count.get(),
            judged: IndexMap::new(),
            lateness: Vec::new(),
            promises: Vec::new(),
        },
        suite,
        given: Arc::default(),
        load: PlannedLoad::Closed(users.clone()),
        portions: Vec::new(),
        data: Vec::new(),
        set_up: None,
        in_flight: users.count.get(),
        checked: 0.0,
        deadline: Duration::from_secs(5),
        search: SearchBounds::default(),
        abort: Abort::Never,
        readiness: Readiness::Ready,
    }
}

/// What came of users.
struct Came {
    ended: Result<(), UsersError>,
    taken: Receiver<Gathered>,
    operations: Vec<OperationName>,
    left_over: Vec<String>,
}

impl Came {
    /// What was observed of each operation in each phase.
    fn observed(self) -> BTreeMap<(Phase, String), ObservedOperation> {
        let mut sums: BTreeMap<_, ObservedOperation> = BTreeMap::new();
        for gathered in self.taken.try_iter() {
            for phase in [Phase::WarmUp, Phase::Judged] {
                for (name, observed) in gathered.book.observed(phase, &self.operations) {
                    let sum = sums.entry((phase, name.0)).or_default();
                    sum.due += observed.due;
                    sum.mistakes.extend(observed.mistakes);
                    observed
                        .outcomes
                        .iter()
                        .for_each(|(outcome, count)| *sum.outcomes.entry(*outcome).or_default() += count);
                }
            }
        }
        sums
    }

    /// What was observed of one operation in the judged phase.
    fn judged(self, operation: &str) -> ObservedOperation {
        self.observed().remove(&(Phase::Judged, operation.to_owned())).unwrap_or_default()
    }
}

fn only(outcome: Outcome, count: u64) -> BTreeMap<Outcome, u64> {
    BTreeMap::from([(outcome, count)])
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_a_journey_is_counted_with_its_operation_and_thinking_bounds_how_many_there_are() {
    let stage = Stage::new(good).await;
    let came = stage.users("looks around", Users::default()).await;
    came.ended.as_ref().unwrap();
    let observed = came.observed();
    for operation in ["listZones", "listHosts"] {
        let asked = stage.server.asked(operation);
        let observed = &observed[&(Phase::Judged, operation.to_owned())];
        assert_eq!((observed.due, &observed.outcomes), (asked, &only(Outcome::Success, asked)), "{operation}");
        // Five users, who think a tenth of a second between journeys, for two seconds; each may begin one more.
        assert!((1..=5 * 21).contains(&asked), "{operation}: {asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_judged_if_it_was_sent_after_the_warm_up() {
    let stage = Stage::new(good).await;
    let warm_up = Duration::from_secs(60);
    let came = stage.users("looks around", Users { warm_up, stays: Duration::from_secs(1), ..Users::default() }).await;
    let observed = came.observed();
    assert!(observed.keys().all(|(phase, _)| *phase == Phase::WarmUp), "{observed:?}");
    assert_eq!(observed[&(Phase::WarmUp, "listZones".to_owned())].due, stage.server.asked("listZones"));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_who_are_reported_to_come_back_later_do() {
    let stage = Stage::new(throttles).await;
    let came = stage.users("looks around", Users { think: Duration::ZERO, ..Users::default() }).await;
    let asked = stage.server.asked("listZones");
    let observed = came.judged("listZones");
    assert_eq!(observed.outcomes, only(Outcome::Throttled, asked));
    // Each gets `Retry-After: 1`, and stays for two seconds.
    assert!((1..=5 * 3).contains(&asked), "{asked}");
    assert_eq!(stage.server.asked("listHosts"), 0, "a journey ends where it fails");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_journey_creates_it_removes_and_that_is_not_counted() {
    let stage = Stage::new(good).await;
    let came = stage.users("creates", Users::default()).await;
    assert!(came.left_over.is_empty(), "{:?}", came.left_over);
    assert_eq!(came.operations, [OperationName("createThing".to_owned())]);
    let created = came.judged("createThing").outcomes;
    assert_eq!(created, only(Outcome::Success, stage.server.asked("createThing")));
    assert_eq!(stage.server.asked("deleteThing"), stage.server.asked("createThing"));
    let names = stage.server.arguments("createThing", "name");
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "each journey has names of its own: {names:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_stay_and_what_was_created_is_removed() {
    let stage = Stage::new(good).await;
    let halt = Arc::new(StopSignal::default());
    let users = Users { stays: HOUR, halt: Arc::clone(&halt), ..Users::default() };
    let (came, ()) = tokio::join!(stage.users("creates", users), stage.server.ends(&halt, "createThing", 20));
    came.ended.as_ref().unwrap();
    assert_eq!(stage.server.asked("deleteThing"), stage.server.asked("createThing"));
    let observed = came.judged("createThing");
    assert_eq!(observed.due, observed.outcomes.values().sum::<u64>());
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_that_run_together_are_ended_alone() {
    let stage = Stage::new(good).await;
    let (halt, other) = (Arc::new(StopSignal::default()), Arc::new(StopSignal::default()));
    halt.set(StopReason::Aborted);
    let ended = stage.users("creates", Users { halt, ..Users::default() });
    let stays = stage.users("looks around", Users { stays: HOUR, halt: Arc::clone(&other), ..Users::default() });
    // The second ends by itself only, after the first has: it is still asking then.
    let then = async {
        ended.await.ended.unwrap();
        stage.server.ends(&other, "listHosts", stage.server.asked("listHosts") + 20).await;
    };
    let (stayed, ()) = tokio::join!(stays, then);
    assert_eq!(stage.server.asked("createThing"), 0);
    assert_eq!(stayed.judged("listHosts").due, stage.server.asked("listHosts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_its_step_does_not_expect_is_wrong_and_an_expected_refusal_is_good() {
    let stage = Stage::new(good).await;
    let wrong = stage.users("expects what is not there", Users::default()).await.judged("listZones");
    assert_eq!(wrong.outcomes, only(Outcome::WrongAnswer, stage.server.asked("listZones")));
    assert!(wrong.mistakes[0].contains("$.count"), "{:?}", wrong.mistakes);
    let stage = Stage::new(refuses).await;
    let refused = stage.users("expects a refusal", Users::default()).await.judged("listZones");
    assert_eq!(refused.outcomes, only(Outcome::Success, stage.server.asked("listZones")));
    let unexpected = stage.users("looks around", Users::default()).await.judged("listZones");
    assert_eq!(unexpected.outcomes.keys().collect::<Vec<_>>(), [&Outcome::Refused]);
}

#[tokio::test(flavor = "multi_thread")]
async fn generators_share_the_users() {
    let stage = Stage::new(good).await;
    let mut counts = Vec::new();
    for (number, all) in [(1, 3), (2, 5)] {
        // Each user makes one journey.
        let (shard, halt) = (Shard { number, of: 2 }, Arc::new(StopSignal::default()));
        let users = Users { think: HOUR, stays: HOUR, shard, halt: Arc::clone(&halt), ..Users::default() };
        let (came, ()) = tokio::join!(stage.users("creates", users), stage.server.ends(&halt, "createThing", all));
        counts.push(came.judged("createThing").due);
    }
    assert_eq!(counts, [3, 2]);
    let names = stage.server.arguments("createThing", "name");
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 5, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_up_is_there_until_it_is_torn_down() {
    let stage = Stage::new(good).await;
    let case = stage.case("creates");
    let (bindings, set_up) = SetUp::prepare(&case, &stage.session, |_| {}).await.unwrap();
    assert_eq!(bindings[&Variable("thing".to_owned())], "1");
    assert_eq!(stage.server.asked("deleteThing"), 0);
    stage.stop.send(true).unwrap();
    assert!(set_up.tear_down().await.is_empty());
    assert_eq!(stage.server.arguments("deleteThing", "id"), ["1"], "in a stopped run, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_fails_leaves_nothing_and_says_why() {
    let stage = Stage::new(refuses_zones).await;
    let case = stage.case("creates in vain");
    let Err(failed) = SetUp::prepare(&case, &stage.session, |_| {}).await else { panic!("it was refused") };
    assert!(failed.reason.contains("listZones is accepted"), "{failed}");
    assert_eq!((stage.server.asked("deleteThing"), failed.left_over.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_removed_is_reported() {
    let keeps: Answer =
        |command, number| if command == "deleteThing" { refuses(command, number) } else { good(command, number) };
    let stage = Stage::new(keeps).await;
    let case = stage.case("creates");
    let (_, set_up) = SetUp::prepare(&case, &stage.session, |_| {}).await.unwrap();
    assert!(set_up.tear_down().await[0].contains("deleteThing id=1"));
    let halt = Arc::new(StopSignal::default());
    let users = Users { count: 1, stays: HOUR, halt: Arc::clone(&halt), ..Users::default() };
    let (came, ()) = tokio::join!(stage.users("creates", users), stage.server.ends(&halt, "createThing", 2));
    assert!(came.left_over[0].contains("deleteThing id="), "{:?}", came.left_over);
}
