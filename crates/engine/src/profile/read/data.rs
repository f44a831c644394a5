//! Reads the values of variables in each request anew.

use std::sync::Arc;

use serde_json::Value;

use crate::profile::Data;
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind};

use super::arrivals::SEED;
use super::sources::Sources;
use super::table;

/// The keys that determine data that are no list.
const SOURCES: [&str; 3] = ["csv", "counter", "random"];

pub(super) fn read(node: &Node, sources: Sources<'_>, mistakes: &mut Diagnostics) -> Vec<(Located<Variable>, Data)> {
    let entries = node.entries("`data`", mistakes).unwrap_or_default();
    let data = entries.iter().filter_map(|(name, node)| {
        let name = Variable::read(name, mistakes);
        let data = read_data(node, sources, mistakes);
        name.zip(data)
    });
    data.collect()
}

fn read_data(node: &Node, sources: Sources<'_>, mistakes: &mut Diagnostics) -> Option<Data> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        let values = node.some("a list of values", mistakes);
        let values: Vec<_> = values.iter().filter_map(|node| node.single("a value", mistakes)).collect();
        return (!values.is_empty()).then(|| Data::Values(values.into_iter().map(Node::to_sent).collect()));
    }
    let mut fields = node.fields("a variable's data", mistakes)?;
    let said: Vec<_> = SOURCES.into_iter().filter(|name| fields.place_of(name).is_some()).collect();
    let data = match said.as_slice() {
        ["csv"] => read_column(&mut fields, sources, mistakes),
        ["counter"] => fields.take("counter").and_then(|node| read_counter(node, mistakes)),
        ["random"] => fields.take("random").and_then(|node| read_random(node, mistakes)),
        _ => {
            for name in SOURCES {
                fields.take(name);
            }
            let mistake = Diagnostic::error(&node.place, "data are a list, or one of: csv, counter, random");
            mistakes.add(mistake.help("write [a, b], {csv: zones.csv, column: id} or {counter: {from: 1}}"));
            None
        }
    };
    fields.finish(mistakes);
    data
}

/// A column of a CSV file. Empty cells are empty values, so that columns of one file stay rows.
fn read_column(fields: &mut Fields<'_>, sources: Sources<'_>, mistakes: &mut Diagnostics) -> Option<Data> {
    let name = fields.need_text("csv", mistakes);
    let column = fields.need_text("column", mistakes);
    let (name, column) = name.zip(column)?;
    let table = table::read(&name, sources, mistakes)?;
    let index = table.column(&column.value, &column.place, mistakes)?;
    let cell = |row: &Located<Vec<String>>| row.value.get(index).cloned().unwrap_or_default();
    let values: Vec<_> = table.rows.iter().map(|row| Value::from(cell(row))).collect();
    if values.iter().all(|value| value == "") {
        let mistake = Diagnostic::error(&column.place, format!("column `{}` has no values", column.value));
        mistakes.add(mistake.help("write a line for each value below the first"));
        return None;
    }
    Some(Data::Values(Arc::from(values)))
}

fn read_counter(node: &Node, mistakes: &mut Diagnostics) -> Option<Data> {
    let mut fields = node.fields("`counter`", mistakes)?;
    let from = fields.take("from").and_then(|node| node.whole_number("`from`", mistakes));
    fields.finish(mistakes);
    Some(Data::Counter { from: from.unwrap_or_default() })
}

fn read_random(node: &Node, mistakes: &mut Diagnostics) -> Option<Data> {
    let mut fields = node.fields("`random`", mistakes)?;
    let from = fields.need("from", mistakes).and_then(|node| node.whole_number("`from`", mistakes));
    let to = fields.need("to", mistakes).and_then(|node| node.whole_number("`to`", mistakes));
    let seed = fields.take("seed").and_then(|node| node.whole_number("`seed`", mistakes)).unwrap_or(SEED);
    if let (Some(from), Some(to), Some(place)) = (from, to, fields.place_of("to"))
        && from > to
    {
        let mistake = Diagnostic::error(place, "`to` can't be below `from`");
        mistakes.add(mistake.help("write the least number as `from`"));
    }
    fields.finish(mistakes);
    let (from, to) = from.zip(to).filter(|(from, to)| from <= to)?;
    Some(Data::Random { from, to, seed })
}
