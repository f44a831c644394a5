//! What a record has still to remove, without reading the rest of it: a record may be long.

use std::collections::BTreeSet;
use std::io::{BufRead, Error};

use serde::Deserialize;

use super::event::OLDEST;
use super::lines::{Line, Lines};

/// What is known of a record after a look at its first line and at what it has to remove.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The name of the run.
    pub run: String,
    /// The arguments by which the same deployment is asked again.
    pub repeat: Vec<String>,
    /// How many obligations are open; lines that are damaged count, for they may hold one.
    pub open: usize,
}

#[derive(Deserialize)]
struct Beginning {
    event: String,
    run: String,
    #[serde(default)]
    repeat: Vec<String>,
}

/// An obligation, of a case or of a profile's journey.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    #[serde(alias = "profile")]
    case: String,
    #[serde(default)]
    journey: Option<u64>,
    number: u64,
}

/// Events by which an obligation begins, and by which it ends; the second of each is what earlier versions wrote.
const OPENED: [&str; 2] = ["obligation_opened", "owes"];
const MET: [&str; 2] = ["obligation_met", "met"];

impl Survey {
    /// Looks at a record; nothing if it does not begin like one.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn of(input: impl BufRead) -> Result<Option<Self>, Error> {
        let mut lines = Lines::of(input);
        let Some(first) = lines.next().transpose()? else { return Ok(None) };
        let beginning = serde_json::from_slice::<Beginning>(&first.text);
        let is_one = |beginning: &Beginning| matches!(beginning.event.as_str(), "run_started" | "load_started");
        let Some(Beginning { run, repeat, .. }) = beginning.ok().filter(is_one) else { return Ok(None) };
        let (mut open, mut damaged) = (BTreeSet::new(), 0);
        for line in lines {
            let line = line?;
            let opened = OPENED.iter().any(|event| is_of(&line, event));
            if !opened && !MET.iter().any(|event| is_of(&line, event)) {
                continue;
            }
            match serde_json::from_slice::<Key>(&line.text) {
                Ok(key) if opened && line.check(OLDEST).is_ok() => drop(open.insert(key)),
                Ok(key) if line.check(OLDEST).is_ok() => drop(open.remove(&key)),
                _ => damaged += usize::from(opened),
            }
        }
        Ok(Some(Self { run, repeat, open: open.len() + damaged }))
    }
}

/// Whether a line is of an event, as the writer begins it.
fn is_of(line: &Line, event: &str) -> bool {
    let rest = line.text.strip_prefix(b"{\"event\":\"");
    rest.and_then(|rest| rest.strip_prefix(event.as_bytes())).is_some_and(|rest| rest.starts_with(b"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINNING: &str = r#"{"event":"run_started","format":1,"run":"r","repeat":["--target","t.yaml"]}"#;

    fn open(lines: &[&str]) -> usize {
        let text = [&[BEGINNING], lines].concat().join("\n");
        Survey::of(text.as_bytes()).unwrap().unwrap().open
    }

    #[test]
    fn an_obligation_that_is_not_met_is_open() {
        let opened =
            |number: u64| format!(r#"{{"event":"obligation_opened","case":"a","number":{number},"obligation":{{}}}}"#);
        let met = r#"{"event":"obligation_met","case":"a","number":1}"#;
        assert_eq!(open(&[]), 0);
        assert_eq!(open(&[&opened(1), &opened(2), met]), 1);
        assert_eq!(open(&[&opened(1), r#"{"event":"met","profile":"a","journey":3,"number":1}"#]), 1);
        assert_eq!(open(&[&opened(1), met]), 0);
        // As earlier versions wrote it.
        let (owes, met) = (r#"{"event":"owes","case":"b","number":1}"#, r#"{"event":"met","case":"b","number":1}"#);
        assert_eq!((open(&[owes]), open(&[owes, met])), (1, 0));
    }

    #[test]
    fn a_damaged_line_may_hold_an_obligation() {
        assert_eq!(open(&[r#"{"event":"obligation_opened","case":"a","number":"#]), 1);
        assert!(Survey::of(&b"something else"[..]).unwrap().is_none());
    }
}
