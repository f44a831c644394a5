//! What each operation lists. `data/esm/tables.yaml` says it.

use std::sync::LazyLock;

use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind};
use serde_json::Value;

use crate::data;
use crate::fault::Fault;

use super::column::{Column, Form};
use super::table::{Effect, Heading, Plan, Window};

/// The tables, and the values that requests can be made with.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Every table there is.
    pub plans: Vec<Plan>,
    values: Vec<(String, Vec<String>)>,
}

impl Tables {
    /// The tables of the demonstration. A test holds that they have no mistakes.
    pub(super) fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Tables> = LazyLock::new(|| Tables::read(&mut Diagnostics::new()));
        &EMBEDDED
    }

    /// The first of some values.
    pub(super) fn first(&self, name: &str) -> &str {
        let named = self.values.iter().find(|(known, _)| known == name);
        named.and_then(|(_, values)| values.first()).map_or("", String::as_str)
    }

    fn read(mistakes: &mut Diagnostics) -> Self {
        data::node("esm/tables.yaml", mistakes).map_or_else(Self::default, |document| Self::of(&document, mistakes))
    }

    /// The tables of a document.
    pub(super) fn of(document: &Node, mistakes: &mut Diagnostics) -> Self {
        let Some(mut fields) = document.fields("the tables", mistakes) else { return Self::default() };
        let values = fields.need("values", mistakes).map(Node::pairs).unwrap_or_default();
        let tables = fields.need("tables", mistakes).map(Node::pairs).unwrap_or_default();
        fields.finish(mistakes);
        let texts = |node: &Node, mistakes: &mut _| texts(node.texts("a value", mistakes));
        Self {
            values: values.iter().map(|(name, node)| (name.value.clone(), texts(node, mistakes))).collect(),
            plans: tables.iter().filter_map(|(name, node)| plan(&name.value, node, mistakes)).collect(),
        }
    }
}

fn texts(texts: Vec<Located<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn plan(operation: &str, node: &Node, mistakes: &mut Diagnostics) -> Option<Plan> {
    let mut fields = node.fields("a table", mistakes)?;
    let headings = [("message", Heading::Message), ("total", Heading::Total)];
    let windows = [("narrows", Window::Narrows), ("unless-zero", Window::NarrowsUnlessZero)];
    let heading = fields.take("heading").and_then(|node| node.choice("`heading`", &headings, mistakes));
    let window = fields.take("window").and_then(|node| node.choice("`window`", &windows, mistakes));
    let mut columns = |name| {
        let entries = fields.take(name).map(Node::pairs).unwrap_or_default();
        let read = entries.iter().filter_map(|(name, node)| Some((name.value.clone(), column(node, mistakes)?)));
        read.collect()
    };
    let (facets, columns) = (columns("facets"), columns("fields"));
    let faults = fields.take("faults").map(Node::pairs).unwrap_or_default().iter();
    let faults = faults.filter_map(|(name, node)| {
        let known = Fault::all().iter().map(|fault| (fault.name(), *fault));
        let fault = data::named(&Node::of_text(name, &name.place), "fault", known, mistakes)?;
        Some((fault, effect(node, &headings, mistakes)?))
    });
    let faults = faults.collect();
    fields.finish(mistakes);
    let (heading, window) = (heading.unwrap_or(Heading::Total), window.unwrap_or(Window::None));
    Some(Plan { operation: operation.to_owned(), heading, columns, facets, window, faults })
}

/// What a fault breaks of a table.
fn effect(node: &Node, headings: &[(&str, Heading)], mistakes: &mut Diagnostics) -> Option<Effect> {
    let mut fields = node.fields("what a fault breaks", mistakes)?;
    let pair = |node: &Node| node.pairs().first().map(|(name, value)| (name.value.clone(), value.to_json()));
    let effect = if let Some((name, value)) = fields.take("set").and_then(pair) {
        Some(Effect::Set(name, value))
    } else if let Some((name, to)) = fields.take("rename").and_then(pair) {
        to.as_str().map(|to| Effect::Rename(name, to.to_owned()))
    } else if let Some(node) = fields.take("drop") {
        Some(Effect::Drop(texts(node.texts("a field", mistakes))))
    } else if let Some(name) = fields.text("ignore", mistakes) {
        Some(Effect::Ignore(name.value))
    } else if let Some(node) = fields.take("heading") {
        node.choice("`heading`", headings, mistakes).map(Effect::Heading)
    } else if let Some(name) = fields.text("rows_of", mistakes) {
        Some(Effect::RowsOf(name.value))
    } else {
        let totals = [("page", Effect::TotalOfPage), ("drifts", Effect::TotalDrifts)];
        fields.need("total", mistakes).and_then(|node| node.choice("`total`", &totals, mistakes))
    };
    fields.finish(mistakes);
    effect
}

fn column(node: &Node, mistakes: &mut Diagnostics) -> Option<Column> {
    if let NodeKind::Text(text) = &node.kind {
        return Some(Column::Text(text.clone()));
    }
    let mut fields = node.fields("a field", mistakes)?;
    let column = filled(&mut fields, mistakes);
    if column.is_none() {
        let mistake = Diagnostic::error(&node.place, "the value of this field is not given");
        let help = "write a text, or one of: cycle, codes, count, terabytes, numbered, id, moment, address";
        mistakes.add(mistake.help(help));
        return None;
    }
    fields.finish(mistakes);
    column
}

/// Makes a column of a number.
type OfNumber = fn(i64) -> Column;

fn filled(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Column> {
    if let Some(cycle) = fields.take("cycle") {
        let rows = fields.take("rows").and_then(|node| node.whole_number("`rows`", mistakes)).unwrap_or(1);
        return Some(Column::Cycle(usize::try_from(rows).ok()?, texts(cycle.texts("a text", mistakes))));
    }
    if let Some(codes) = fields.take("codes") {
        return Some(Column::Codes(codes.one_or_many().iter().map(Node::to_json).collect::<Vec<Value>>()));
    }
    if let Some(prefix) = fields.text("numbered", mistakes) {
        return Some(Column::Numbered(prefix.value));
    }
    if let Some(prefix) = fields.text("address", mistakes) {
        return Some(Column::Address(prefix.value));
    }
    if let Some(form) = fields.text("moment", mistakes) {
        let milliseconds = form.value == "milliseconds";
        return Some(Column::Moment(if milliseconds { Form::Milliseconds } else { Form::Written(form.value) }));
    }
    let numbers: [(&'static str, OfNumber); 3] =
        [("count", Column::Count), ("terabytes", Column::Terabytes), ("id", Column::Id)];
    numbers.iter().find_map(|(name, column)| fields.take(name).and_then(|node| node.to_json().as_i64()).map(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_have_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let tables = Tables::read(&mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        assert_eq!(tables.plans.len(), 23);
    }
}
