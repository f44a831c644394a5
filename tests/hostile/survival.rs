//! Against a server of which one operation, or one address, is hostile, a run ends in good time and with little memory; what
//! it says of that operation is right, and what it says of all others stays as it was.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use super::behaviours::{BEHAVIOURS, Behaviour, Elsewhere};
use super::run::{Place, Run};
use super::yard::{Then, Yard, honestly};

/// More memory than any run needs, in MB, without optimisations: eight answers of 8 MiB at once, each in a few copies.
const MOST_MEMORY: u64 = 400;
/// How many runs are under way at once: most of their time they wait for a deadline.
const AT_ONCE: usize = 3;

/// A target file; an honest answer is a matter of milliseconds.
fn target(place: &Place, yard: &Yard, outpost: &str) {
    let text = format!(
        "target: the yard\nsuites:\n  yard:\n    url: http://{}/api\n    credentials: {{token: a-token-of-a-test}}\n{outpost}\
         limits: {{deadline: 4s}}\n",
        yard.address
    );
    place.write("target.yaml", &text);
}

/// An account that asks at an address of its own.
fn outpost(address: SocketAddr) -> String {
    format!(
        "    accounts: {{outpost: {{url: \"http://{address}/api\", credentials: {{token: another-token-of-a-test}}}}}}\n"
    )
}

/// A server that is honest but for its nails.
fn hostile(behaviour: &'static Behaviour, elsewhere: &Yard) -> Yard {
    // Another name for this machine, and so another host.
    let elsewhere = Elsewhere(format!("http://localhost:{}", elsewhere.address.port()));
    Yard::serve(move |visit| match visit.operation() {
        "listNails" => (behaviour.play)(visit, &elsewhere),
        _ => honestly(visit),
    })
}

/// What a behaviour came to.
struct Row {
    name: String,
    came_to: String,
    took: Duration,
    most_memory: Option<u64>,
}

fn row(name: &str, came_to: String, run: &Run) -> Row {
    assert!(
        run.most_memory.is_none_or(|most| most < MOST_MEMORY),
        "{name}: {} MB are too much",
        run.most_memory.unwrap_or_default()
    );
    Row { name: name.to_owned(), came_to, took: run.took, most_memory: run.most_memory }
}

fn print(title: &str, rows: &[Row]) {
    println!("\n| {title} | came to | s | MB |\n|:--|:--|--:|--:|");
    for row in rows {
        let memory = row.most_memory.map_or("?".to_owned(), |most| most.to_string());
        println!("| {} | {} | {:.1} | {memory} |", row.name, row.came_to, row.took.as_secs_f64());
    }
}

/// Does this for each, some at once, and keeps the order.
fn for_each<'a, T: Sync>(all: &'a [T], done: impl Fn(&'a T) -> Row + Sync) -> Vec<Row> {
    let (next, rows) = (Mutex::new(0..all.len()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(index) = next.lock().unwrap().next() else { return };
                    let row = done(&all[index]);
                    rows.lock().unwrap().push((index, row));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(index, _)| *index);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Verdicts of the cases that ask what is hostile, and of all others that were run.
pub fn verdicts(report: &Value, is_hostile: impl Fn(&str) -> bool) -> (BTreeSet<String>, BTreeSet<String>) {
    let cases = report["cases"].as_array().unwrap();
    let of = |which: bool| {
        let chosen = cases.iter().filter(|case| is_hostile(text(case, "name")) == which);
        // What only a law asks for is not decided by an answer that has not the documented form.
        let is_open_law =
            |case: &&Value| text(case, "name").contains("::laws::") && text(case, "verdict") == "inconclusive";
        let chosen = chosen.filter(|case| !is_open_law(case));
        let verdicts = chosen.map(|case| text(case, "verdict").to_owned()).filter(|verdict| verdict != "skipped");
        verdicts.collect()
    };
    (of(true), of(false))
}

pub fn set(verdicts: &[&str]) -> BTreeSet<String> {
    verdicts.iter().map(|verdict| (*verdict).to_owned()).collect()
}

fn joined(verdicts: &BTreeSet<String>) -> String {
    verdicts.iter().cloned().collect::<Vec<_>>().join(", ")
}

const TEST: [&str; 5] = ["test", "--quiet", "--target", "target.yaml", "--report"];

#[test]
fn an_operation_that_is_hostile_harms_its_own_cases_only() {
    let rows = for_each(BEHAVIOURS, |behaviour| {
        let (place, elsewhere) = (Place::new(), Yard::witness());
        let yard = hostile(behaviour, &elsewhere);
        target(&place, &yard, "");
        let run = place.run(&[&TEST[..], &["json=report.json"]].concat());
        let (nails, others) = verdicts(&place.json("report.json"), |name| name.contains("listNails"));
        let name = behaviour.name;
        assert_eq!(nails, set(behaviour.verdicts), "a server that {name}:\n{}", run.printed);
        assert_eq!(others, set(&["conforms"]), "a server that {name} harms others:\n{}", run.printed);
        assert_eq!(elsewhere.connections(), 0, "a server that {name} has another visited: {:?}", elsewhere.asked());
        row(name, joined(&nails), &run)
    });
    print("`assay test`: an operation that", &rows);
}

#[test]
fn an_address_that_can_not_be_reached_harms_its_own_cases_only() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let (full, _waiting) = full();
    let addresses = [
        ("refuses connections", nobody),
        ("stalls at connecting", full.local_addr().unwrap()),
        ("never accepts", deaf.local_addr().unwrap()),
    ];
    let rows = for_each(&addresses, |(name, address)| {
        let (place, yard) = (Place::new(), Yard::serve(honestly));
        target(&place, &yard, &outpost(*address));
        let run = place.run(&[&TEST[..], &["json=report.json"]].concat());
        let (there, others) = verdicts(&place.json("report.json"), |name| name.contains("outpost"));
        assert_eq!(there, set(&["could-not-run"]), "an address that {name}:\n{}", run.printed);
        assert_eq!(others, set(&["conforms"]), "an address that {name} harms others:\n{}", run.printed);
        row(name, joined(&there), &run)
    });
    print("`assay test`: an address that", &rows);
}

/// A listener whose queue of connections has no place left, and what fills it.
fn full() -> (TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
        waiting.push(stream);
        assert!(waiting.len() < 10_000, "the queue has no end");
    }
    (listener, waiting)
}

/// Hangs up on every third connection; each carries one request.
fn every_third_dropped() -> Yard {
    let mut number = 0;
    let door = move |stream| {
        number += 1;
        (number % 3 != 0).then_some(stream)
    };
    Yard::behind(door, |visit| {
        visit.headers();
        let body = visit.right();
        visit.send("200 OK", "connection: close\r\n", body.as_bytes());
        Then::Close
    })
}

#[test]
fn a_server_that_drops_every_third_connection_is_not_called_wrong() {
    let (place, yard) = (Place::new(), every_third_dropped());
    target(&place, &yard, "");
    let run = place.run(&[&TEST[..], &["json=report.json", "documented"]].concat());
    let (all, _) = verdicts(&place.json("report.json"), |_| true);
    assert_eq!(all, set(&["conforms", "could-not-run"]), "{}", run.printed);
    print("`assay test`: a server that", &[row("drops every third connection", joined(&all), &run)]);
}

/// What requests for an operation came to, and how many.
pub fn outcomes(report: &Value, operation: &str) -> BTreeSet<String> {
    let profiles = report["profiles"].as_array().unwrap();
    let operations = profiles.iter().flat_map(|profile| profile["operations"].as_array().unwrap());
    let found = operations.filter(|found| text(found, "operation") == operation);
    found.flat_map(|found| found["outcomes"].as_object().unwrap().keys().cloned()).collect()
}

/// The verdict on the service level of an operation's profile.
pub fn level(report: &Value, profile: &str) -> String {
    let profiles = report["profiles"].as_array().unwrap();
    let found = profiles.iter().find(|found| text(found, "name").ends_with(profile)).unwrap();
    text(&found["levels"][0], "verdict").to_owned()
}

const LOAD: [&str; 5] = ["load", "yard::", "--target", "target.yaml", "--report"];

#[test]
fn under_load_too_an_operation_that_is_hostile_harms_itself_only() {
    let tried: Vec<_> = BEHAVIOURS.iter().filter_map(|behaviour| Some((behaviour, behaviour.under_load?))).collect();
    let rows = for_each(&tried, |(behaviour, outcome)| {
        let (place, elsewhere) = (Place::new(), Yard::witness());
        let yard = hostile(behaviour, &elsewhere);
        target(&place, &yard, "");
        let run = place.run(&[&LOAD[..], &["json=report.json"]].concat());
        let report = place.json("report.json");
        let (nails, tools) = (outcomes(&report, "listNails"), outcomes(&report, "listTools"));
        let name = behaviour.name;
        // What waits for answers leaves no connection to others, which are not sent then.
        // On a busy machine anything may be too slow; that a generator was late makes a level invalid, and never met.
        let slow = set(&["not_sent", "timed_out"]);
        let expected: BTreeSet<_> = slow.iter().cloned().chain([(*outcome).to_owned()]).collect();
        let verdict = level(&report, "nails");
        assert!(nails.is_subset(&expected), "a server that {name}: {nails:?}\n{}", run.printed);
        assert!(["violated", "invalid"].contains(&verdict.as_str()), "a server that {name}:\n{}", run.printed);
        let others: BTreeSet<_> = tools.difference(&slow).cloned().collect();
        assert_eq!(others, set(&["success"]), "a server that {name} harms others:\n{}", run.printed);
        assert_eq!(elsewhere.connections(), 0, "a server that {name} has another visited: {:?}", elsewhere.asked());
        row(name, format!("{verdict}: {}", joined(&nails)), &run)
    });
    print("`assay load`: an operation that", &rows);
}

#[test]
fn under_load_dropped_connections_are_failures_and_the_others_are_not() {
    let (place, yard) = (Place::new(), every_third_dropped());
    target(&place, &yard, "");
    let run = place.run(&[&LOAD[..], &["json=report.json"]].concat());
    let report = place.json("report.json");
    let all: BTreeSet<_> = ["listNails", "listTools"].iter().flat_map(|name| outcomes(&report, name)).collect();
    assert_eq!(all, set(&["broken", "success"]), "{}", run.printed);
    print("`assay load`: a server that", &[row("drops every third connection", joined(&all), &run)]);
}

#[test]
fn a_server_that_is_gone_when_load_begins_is_reported_once() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place::new();
    let mut yard = Yard::witness();
    yard.address = nobody;
    target(&place, &yard, "");
    let run = place.run(&[&LOAD[..], &["json=report.json"]].concat());
    assert_eq!(run.status.code(), Some(3), "{}", run.printed);
    assert!(run.printed.contains("can't be reached"), "{}", run.printed);
    print("`assay load`: a server that", &[row("is gone", "could not run".into(), &run)]);
}
