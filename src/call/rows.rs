//! What is shown of an answer, as rows or as a document: the items of a list, or one object.

use serde_json::{Map, Value};

use assay_suite::source::harmless;
use assay_suite::{plain, value_at};

use super::filter::Filter;
use crate::arguments::CallOutput;

/// A longer cell of a table is cut.
const WIDEST: usize = 40;

/// What an answer shows.
pub(super) struct Shown {
    value: Value,
    /// The fields that were asked for.
    columns: Vec<String>,
}

impl Shown {
    /// What a filter lets through of the items of a list, or of an object.
    pub fn new(value: Value, filter: Option<&Filter>, columns: &[String]) -> Self {
        let value = match filter {
            Some(filter) => filter.apply(value),
            None => value,
        };
        Self { value, columns: columns.to_vec() }
    }

    /// As it is printed.
    pub fn render(&self, output: CallOutput) -> String {
        match output {
            CallOutput::Csv => self.csv(),
            CallOutput::Table => self.table(),
            CallOutput::Json | CallOutput::Body => format!("{:#}\n", self.chosen()),
            CallOutput::Yaml => yaml(&self.chosen()),
        }
    }

    fn items(&self) -> &[Value] {
        self.value.as_array().map_or(std::slice::from_ref(&self.value), Vec::as_slice)
    }

    /// The fields that were asked for; all where none were.
    fn chosen(&self) -> Value {
        if self.columns.is_empty() {
            return self.value.clone();
        }
        let of = |item: &Value| {
            let field = |name: &String| Some((name.clone(), value_at(item, name)?.clone()));
            Value::Object(self.columns.iter().filter_map(field).collect::<Map<_, _>>())
        };
        match &self.value {
            Value::Array(items) => items.iter().map(of).collect::<Vec<_>>().into(),
            one => of(one),
        }
    }

    /// The first line and those below it. Without columns all fields that hold no others are shown, in the order in which they
    /// appear; what has no fields is one column.
    fn lines(&self) -> Vec<Vec<String>> {
        let items = self.items();
        let columns = if self.columns.is_empty() { columns_of(items) } else { self.columns.clone() };
        let cell = |item: &Value, column: &String| {
            let is_value = !item.is_object() && self.columns.is_empty();
            let value = if is_value { Some(item) } else { value_at(item, column) };
            value.filter(|value| !value.is_null()).map(plain).unwrap_or_default()
        };
        let rows = items.iter().map(|item| columns.iter().map(|column| cell(item, column)).collect());
        std::iter::once(columns.clone()).chain(rows).collect()
    }

    fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        self.lines().iter().for_each(|line| {
            // Writing to memory can't fail.
            let _ = writer.write_record(line);
        });
        writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn table(&self) -> String {
        let shown = |cell: &String| {
            let cell = harmless::line(cell);
            let cut = cell.chars().count() > WIDEST;
            if cut { cell.chars().take(WIDEST - 1).chain(['…']).collect() } else { cell }
        };
        aligned(&self.lines().iter().map(|line| line.iter().map(shown).collect()).collect::<Vec<_>>())
    }
}

/// Lines of cells, each column as wide as its widest.
pub(super) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |line: &Vec<String>| {
        let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

fn columns_of(items: &[Value]) -> Vec<String> {
    let mut columns = Vec::new();
    for (name, value) in items.iter().filter_map(|item| item.as_object()).flatten() {
        if !value.is_object() && !value.is_array() && !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    if columns.is_empty() && items.iter().any(|item| !item.is_object()) {
        columns.push("value".to_owned());
    }
    columns
}

/// One line for each value, so that nothing of a text is folded.
fn yaml(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    // JSON is YAML, too.
    serde_saphyr::to_string_with_options(value, options).unwrap_or_else(|_| format!("{value:#}\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn shown(value: Value, columns: &[&str]) -> Shown {
        let columns: Vec<_> = columns.iter().map(|name| (*name).to_owned()).collect();
        Shown::new(value, None, &columns)
    }

    #[test]
    fn an_object_is_one_row_and_its_lists_are_left_out() {
        let rows = shown(json!({"id": 7, "name": "a, b", "nic": []}), &[]);
        assert_eq!(rows.render(CallOutput::Csv), "id,name\n7,\"a, b\"\n");
        assert_eq!(rows.render(CallOutput::Table), "id  name\n7   a, b\n");
    }

    #[test]
    fn a_wide_cell_and_what_commands_a_terminal_are_cut_out_of_a_table() {
        let rows = shown(json!({"id": "x".repeat(50), "name": "\u{1b}[31m"}), &["id", "name"]);
        let table = rows.render(CallOutput::Table);
        assert!(table.contains(&format!("{}…", "x".repeat(39))) && !table.contains('\u{1b}'), "{table}");
    }

    #[test]
    fn documents_have_the_chosen_fields_with_their_types() {
        let machines = json!([{"id": 7, "state": "no", "nic": [{"ip": "192.0.2.1"}], "tag": null}, {"id": 8}]);
        let rows = shown(machines.clone(), &["id", "state", "nic"]);
        let json: Value = serde_json::from_str(&rows.render(CallOutput::Json)).unwrap();
        assert_eq!(json, json!([{"id": 7, "state": "no", "nic": [{"ip": "192.0.2.1"}]}, {"id": 8}]));
        let written = rows.render(CallOutput::Yaml);
        assert_eq!(written, "- id: 7\n  state: \"no\"\n  nic:\n  - ip: \"192.0.2.1\"\n- id: 8\n");
        assert_eq!(shown(json!(["a", "b"]), &[]).render(CallOutput::Csv), "value\na\nb\n");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            "[-?:,{}#&*!|>'\"%@` \n\ty~0-9.e+]{0,8}",
            Just("yes".to_owned()),
            Just("0x1f".to_owned()),
            Just("2026-11-30".to_owned()),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z: #-]{1,6}", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// Whatever a server sends, YAML says the same as JSON.
        #[test]
        fn yaml_is_read_as_it_was(value in any_value()) {
            let written = yaml(&value);
            let read: Value = serde_saphyr::from_str(&written).unwrap();
            prop_assert_eq!(read, value, "{}", written);
        }
    }
}
