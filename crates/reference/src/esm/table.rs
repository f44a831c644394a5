//! Rows that are written once, and of which a page is asked for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::fault::{Fault, Faults, consult_again, consulted_by};

use super::column::{Column, moment};

/// How many rows a table has.
const ROWS: usize = 60;

/// What an operation lists.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The operation.
    pub operation: String,
    /// What is before the records in its answer: more than their number.
    pub heading: Heading,
    /// The fields of a record.
    pub columns: Vec<(String, Column)>,
    /// The parameters that narrow the list, with the value by which each row is meant.
    pub facets: Vec<(String, Column)>,
    /// Whether a window of time narrows it.
    pub window: Window,
    /// What faults break of it.
    pub faults: Vec<(Fault, Effect)>,
}

/// What a fault breaks of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// A field holds this.
    Set(String, Value),
    /// Fields are not there.
    Drop(Vec<String>),
    /// A field has another name.
    Rename(String, String),
    /// A parameter is not looked at.
    Ignore(String),
    /// Something else is before the records.
    Heading(Heading),
    /// The rows are those of another table.
    RowsOf(String),
    /// The number of records is that of the page.
    TotalOfPage,
    /// The number of records grows with every answer.
    TotalDrifts,
}

/// What is before the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    /// `code`, `msg` and `total`.
    Message,
    /// `total`.
    Total,
}

/// Whether a window of time narrows a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// It does.
    Narrows,
    /// It does; from 0 to 0 is all of time (samples of 4.1.13 to 4.1.15).
    NarrowsUnlessZero,
    /// There is none.
    None,
}

/// What is asked of a table.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    /// From this moment on.
    pub begin: i64,
    /// Up to this moment.
    pub end: i64,
    /// The values of the parameters that narrow it.
    pub facets: Vec<(&'a str, String)>,
    /// So many records are left out at the beginning.
    pub offset: usize,
    /// So many are answered at most.
    pub size: usize,
}

/// The rows of an operation, as they are written in answers.
#[derive(Debug)]
pub(super) struct Table {
    plan: Plan,
    rows: Vec<Row>,
    /// The faults that were asked for when the rows were written.
    consulted: BTreeSet<Fault>,
}

#[derive(Debug)]
struct Row {
    moment: i64,
    facets: Vec<String>,
    json: String,
}

impl Effect {
    /// Whether it shows in the rows, as they are written when the cloud starts.
    fn is_of_rows(&self) -> bool {
        matches!(self, Self::Set(..) | Self::Drop(_) | Self::Rename(..) | Self::Heading(_))
    }

    fn spoil(&self, fields: &mut Map<String, Value>) {
        match self {
            Self::Set(name, value) => {
                fields.entry(name.clone()).and_modify(|old| *old = value.clone());
            }
            Self::Drop(names) => names.iter().for_each(|name| drop(fields.shift_remove(name))),
            Self::Rename(name, to) => {
                let renamed = |(known, value)| (if known == *name { to.clone() } else { known }, value);
                *fields = std::mem::take(fields).into_iter().map(renamed).collect();
            }
            _ => {}
        }
    }
}

impl Table {
    /// Writes all rows, as some faults break them.
    pub(super) fn new(plan: &Plan, faults: &Faults) -> Self {
        let mut plan = plan.clone();
        let spoiled = plan.faults.iter().filter(|(_, effect)| effect.is_of_rows());
        let spoiled = spoiled.filter(|(fault, _)| faults.has(*fault)).map(|(_, effect)| effect.clone());
        let (spoiled, consulted) = consulted_by(|| spoiled.collect::<Vec<_>>());
        let row = |number: usize| {
            let mut fields: Map<_, _> =
                plan.columns.iter().map(|(name, column)| (name.clone(), column.value(number))).collect();
            spoiled.iter().for_each(|effect| effect.spoil(&mut fields));
            let facets = plan.facets.iter().map(|(_, column)| plain(&column.value(number)));
            Row { moment: moment(number), facets: facets.collect(), json: Value::Object(fields).to_string() }
        };
        let rows = (0..ROWS).map(row).collect();
        for effect in spoiled {
            if let Effect::Heading(heading) = effect {
                plan.heading = heading;
            }
        }
        Self { plan, rows, consulted }
    }

    /// What it is a table of.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The answer to a choice: the number of all records that are meant, and those of one page.
    pub(super) fn answer(&self, choice: &Choice<'_>, count: Count) -> String {
        consult_again(&self.consulted);
        let meant = self.rows.iter().filter(|row| self.means(choice, row));
        let (mut total, mut page) = (0_usize, String::new());
        let end = choice.offset.saturating_add(choice.size);
        for (number, row) in meant.enumerate() {
            total += 1;
            if (choice.offset..end).contains(&number) {
                page.push_str(if page.is_empty() { "" } else { "," });
                page.push_str(&row.json);
            }
        }
        total = match count {
            Count::All => total,
            Count::AllAnd(more) => total + more,
            Count::Page => total.min(end).saturating_sub(choice.offset),
        };
        match self.plan.heading {
            Heading::Message => format!(r#"{{"code":"0","msg":"success","total":{total},"list":[{page}]}}"#),
            Heading::Total => format!(r#"{{"total":{total},"list":[{page}]}}"#),
        }
    }

    fn means(&self, choice: &Choice<'_>, row: &Row) -> bool {
        let within = match self.plan.window {
            Window::None => true,
            Window::NarrowsUnlessZero if (choice.begin, choice.end) == (0, 0) => true,
            Window::Narrows | Window::NarrowsUnlessZero => (choice.begin..=choice.end).contains(&row.moment),
        };
        let facets = self.plan.facets.iter().zip(&row.facets);
        within
            && facets.into_iter().all(|((name, _), value)| {
                let asked = choice.facets.iter().find(|(asked, _)| *asked == name.as_str());
                asked.is_none_or(|(_, asked)| asked == value)
            })
    }
}

/// What the number before the records counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// All records that are meant.
    All,
    /// So many more.
    AllAnd(usize),
    /// Those of the page.
    Page,
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "what a test relies on is there, or the test fails")]

    use super::*;

    fn plan() -> Plan {
        let cycle = |texts: [&str; 2]| Column::Cycle(1, texts.map(str::to_owned).into());
        Plan {
            operation: "test".to_owned(),
            heading: Heading::Total,
            columns: vec![("id".to_owned(), Column::Numbered(String::new())), ("kind".to_owned(), cycle(["a", "b"]))],
            facets: vec![("sort".to_owned(), cycle(["even", "odd"]))],
            window: Window::NarrowsUnlessZero,
            faults: Vec::new(),
        }
    }

    fn answer(begin: i64, end: i64, facets: &[(&str, &str)], offset: usize, size: usize) -> (u64, Vec<String>) {
        let choice = Choice {
            begin,
            end,
            facets: facets.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            offset,
            size,
        };
        let answer = Table::new(&plan(), &Faults::default()).answer(&choice, Count::All);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let ids = answer["list"].as_array().unwrap().iter().map(|record| plain(&record["id"]));
        (answer["total"].as_u64().unwrap(), ids.collect())
    }

    #[test]
    fn a_page_is_a_part_of_all_that_is_meant() {
        assert_eq!(answer(0, i64::MAX, &[], 58, 10), (60, vec!["59".to_owned(), "60".to_owned()]));
        assert_eq!(answer(0, i64::MAX, &[], 0, 0), (60, Vec::new()));
        assert_eq!(answer(0, i64::MAX, &[], usize::MAX, usize::MAX), (60, Vec::new()));
    }

    #[test]
    fn facets_and_windows_narrow() {
        assert_eq!(answer(0, i64::MAX, &[("sort", "odd")], 0, 2), (30, vec!["2".to_owned(), "4".to_owned()]));
        assert_eq!(answer(0, i64::MAX, &[("sort", "none")], 0, 2), (0, Vec::new()));
        assert_eq!(answer(moment(1), moment(2), &[], 0, 9), (2, vec!["2".to_owned(), "3".to_owned()]));
        assert_eq!(answer(moment(2), moment(1), &[], 0, 9), (0, Vec::new()));
        assert_eq!(answer(0, 0, &[], 0, 1), (60, vec!["1".to_owned()]));
    }
}
