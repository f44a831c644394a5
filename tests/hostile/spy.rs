//! What a run does to a deployment, as a spy sees it: no more than the target file allows, and nothing to what was there before.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use regex::Regex;

use crate::support;
use assay_engine::plan::Library;
use assay_suite::{Effect, Operation, Style, Suite};

use super::run::Place;
use super::through::{Cloud, Passing};

/// A request, as the spy understands it.
#[derive(Clone, Debug)]
struct Seen {
    suite: String,
    operation: String,
    /// What the document says it does; nothing of an operation that it does not know.
    effect: Option<Effect>,
    accepted: bool,
    arguments: Vec<(String, String)>,
    /// All that looks like a name of something in the answer.
    printed: BTreeSet<String>,
}

/// The pairs of a query or a form.
fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// What is in the braces of a path, if an address has this path.
fn in_path(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (parts, found): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let mut named = Vec::new();
    for (part, found) in parts.iter().zip(&found) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => named.push((name.to_owned(), (*found).to_owned())),
            None if part == found => {}
            None => return None,
        }
    }
    (parts.len() == found.len()).then_some(named)
}

/// The operation of a REST API that a request is for, and what is in its path: the one with the fewest braces.
fn by_path<'s>(suite: &'s Suite, method: &str, path: &str) -> Option<(&'s Operation, Vec<(String, String)>)> {
    let fitting = suite.operations.values().filter_map(|operation| {
        let line = operation.request.as_ref().filter(|line| line.method.name() == method)?;
        // The address of a target may have a path of its own.
        let own = line.path.matches('/').count();
        let from = path.match_indices('/').map(|(at, _)| at).rev().nth(own.checked_sub(1)?)?;
        Some((operation, in_path(&line.path, &path[from..])?))
    });
    fitting.min_by_key(|(_, named)| named.len())
}

/// All that looks like a name of something.
fn names(text: &str) -> BTreeSet<String> {
    let name = Regex::new(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:i|vol|snap|ami)-[0-9a-f]{8,}\b|\b[A-Z]{2}\d{9,}\b").unwrap();
    name.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}

fn understood(suite: &Suite, passing: &Passing) -> Seen {
    let (path, query) = passing.address.split_once('?').unwrap_or((&passing.address, ""));
    let mut arguments = pairs(query);
    let operation = match &suite.style {
        Style::Query { operation_parameter, .. } => {
            arguments.extend(pairs(&passing.body));
            let named = arguments.iter().find(|(name, _)| name.eq_ignore_ascii_case(operation_parameter));
            named.map(|(_, operation)| operation.clone()).unwrap_or_default()
        }
        Style::Rest => {
            let found = by_path(suite, &passing.method, path);
            let (operation, named) =
                found.map_or_else(Default::default, |(operation, named)| (operation.name.value.0.clone(), named));
            arguments.extend(named);
            arguments.push(("body".to_owned(), passing.body.clone()));
            operation
        }
    };
    let known = suite.operations.get(operation.as_str());
    Seen {
        suite: suite.name.value.0.clone(),
        effect: known.map(|known| known.effect),
        accepted: passing.is_accepted(),
        printed: names(&String::from_utf8_lossy(&passing.answer)),
        operation,
        arguments,
    }
}

/// Notes all that passes; `tell` is informed of each.
struct Spy {
    seen: Arc<Mutex<Vec<Seen>>>,
    target: String,
}

impl Spy {
    fn before(cloud: &Cloud, library: &Arc<Library>, tell: Sender<Seen>) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (notes, library) = (Arc::clone(&seen), Arc::clone(library));
        let target = cloud.behind(move |suite, passing| {
            let suite = library.suites.values().find(|known| known.name.value.0 == suite).unwrap();
            let understood = understood(suite, passing);
            notes.lock().unwrap().push(understood.clone());
            // Whoever listened may have heard enough.
            let _ = tell.send(understood);
        });
        Self { seen, target }
    }

    /// A target file that allows this; what its writer says when `None`.
    fn target(&self, place: &Place, allow: Option<&str>) {
        let others = self.target.lines().filter(|line| !line.starts_with("allow:"));
        let mut text: String = others.map(|line| format!("{line}\n")).collect();
        text.extend(allow.map(|allow| format!("allow: {allow}\n")));
        place.write("target.yaml", &text);
    }

    /// What was seen since the last asking.
    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn library() -> Arc<Library> {
    Arc::new(support::library())
}

fn run(place: &Place, arguments: &[&str]) -> (i32, String) {
    let mut all = vec!["test", "--quiet", "--target", "target.yaml", "--output", "run"];
    all.extend(arguments);
    let run = place.run(&all);
    (run.status.code().unwrap_or(-1), run.printed)
}

/// What was there before the run, by what reading it printed.
fn census(seen: &[Seen]) -> BTreeSet<String> {
    seen.iter().filter(|seen| seen.effect == Some(Effect::Reads)).flat_map(|seen| seen.printed.clone()).collect()
}

/// The requests that changed or removed something that was there before, printed once for each operation and argument. An
/// argument that only says where or of what kind something is to be names nothing that is changed.
fn trespasses(seen: &[Seen], before: &BTreeSet<String>) -> BTreeMap<String, usize> {
    const ONLY_SAYS_WHERE: &[&str] =
        &["zoneid", "domainid", "serviceofferingid", "templateid", "networkid", "diskofferingid", "ostypeid"];
    let mut found = BTreeMap::new();
    let acted =
        seen.iter().filter(|seen| seen.accepted && matches!(seen.effect, Some(Effect::Changes | Effect::Removes)));
    for seen in acted {
        let subject = seen.arguments.iter().filter(|(name, _)| !ONLY_SAYS_WHERE.contains(&name.as_str()));
        for (name, value) in subject {
            if names(value).iter().any(|value| before.contains(value)) {
                *found.entry(format!("{} {} {name}", seen.suite, seen.operation)).or_default() += 1;
            }
        }
    }
    found
}

/// How many requests of each effect were seen.
fn effects(seen: &[Seen]) -> BTreeMap<String, usize> {
    let mut effects = BTreeMap::new();
    for seen in seen {
        let effect = seen.effect.map_or("unknown".to_owned(), |effect| effect.to_string());
        *effects.entry(effect).or_default() += 1;
    }
    effects
}

/// The suites with few cases whole, and of the large one what has most to remove.
const CHOSEN: &[&[&str]] = &[&["--suite", "cloudn"], &["--suite", "ec2"], &["--suite", "hicloud"], &["--suite", "ies"]];

#[test]
fn a_run_that_is_allowed_nothing_only_reads() {
    let (place, library, (tell, _told)) = (Place::new(), library(), channel());
    let cloud = Cloud::start(&place, &["--job-time", "10ms"]);
    let spy = Spy::before(&cloud, &library, tell);
    spy.target(&place, None);
    let (code, printed) = run(&place, &[]);
    let seen = spy.take();
    assert!([0, 3, 4].contains(&code), "{code}: {printed}");
    assert!(seen.len() > 100, "the spy sees nothing: {}", seen.len());
    let wrong: BTreeSet<_> = seen
        .iter()
        .filter(|seen| {
            seen.effect.is_some_and(|effect| effect != Effect::Reads) || seen.effect.is_none() && seen.accepted
        })
        .map(|seen| format!("{} {} {:?}", seen.suite, seen.operation, seen.effect))
        .collect();
    assert!(wrong.is_empty(), "more than reads: {wrong:#?}");
    println!("\n| a default run | {} requests seen: {:?} |", seen.len(), effects(&seen));
}

#[test]
fn a_run_that_may_create_changes_and_removes_what_it_made_and_nothing_else() {
    let (place, library, (tell, _told)) = (Place::new(), library(), channel());
    let cloud = Cloud::start(&place, &["--job-time", "10ms"]);
    let spy = Spy::before(&cloud, &library, tell);
    let mut all = BTreeMap::new();
    let mut things = 0;
    for suite in CHOSEN {
        spy.target(&place, None);
        run(&place, suite);
        let before = census(&spy.take());
        things += before.len();
        spy.target(&place, Some("[reads, creates]"));
        let (code, printed) = run(&place, suite);
        let seen = spy.take();
        assert!([0, 1, 4, 6].contains(&code), "{code}: {printed}");
        let effects = effects(&seen);
        println!("\n| {suite:?}, allowed to create | {} things before | {effects:?} |", before.len());
        all.extend(trespasses(&seen, &before));
    }
    assert!(things > 100, "{things} are little that could be harmed");
    assert!(all.is_empty(), "what was there before was changed or removed: {all:#?}");
}

#[test]
fn a_run_that_is_stopped_removes_what_it_made_and_nothing_else() {
    let (place, library, (tell, printed)) = (Place::new(), library(), channel());
    let cloud = Cloud::start(&place, &["--job-time", "200ms"]);
    let spy = Spy::before(&cloud, &library, tell);
    spy.target(&place, None);
    run(&place, &["--suite", "cloudn"]);
    let before = census(&spy.take());
    spy.target(&place, Some("[reads, creates]"));
    printed.try_iter().for_each(drop);
    let arguments = ["test", "--quiet", "--target", "target.yaml", "--output", "run", "cloudn::virtual-machines::"];
    let mut child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let made = |seen: &Seen| seen.accepted && seen.effect == Some(Effect::Creates);
    let mut patience =
        std::iter::repeat_with(|| printed.recv_timeout(Duration::from_secs(60)).expect("the run creates nothing"));
    assert!(patience.by_ref().filter(made).nth(2).is_some());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let seen = spy.take();
    let trespasses = trespasses(&seen, &before);
    assert!(trespasses.is_empty(), "what was there before was changed or removed: {trespasses:#?}");
    let effects = effects(&seen);
    assert!(effects.contains_key("removes"), "what was made is still there: {effects:?}");
    println!("\n| a run that is stopped | {effects:?} |");
}
