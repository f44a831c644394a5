//! An answer as rows: the items of a list, or its one object.

use serde_json::Value;

use assay_suite::source::harmless;
use assay_suite::{Operation, plain};

use crate::arguments::CallOutput;

/// A longer cell of a table is cut.
const WIDEST: usize = 40;

/// What an answer shows, column by column.
pub(super) struct Rows {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    /// The rows of an answer. Without `columns` all fields that hold no others are shown, in the order in which they appear.
    pub fn of(answer: &Value, operation: Option<&Operation>, columns: &[String]) -> Self {
        let list = operation.and_then(|operation| operation.list.as_ref());
        let items = match list {
            Some(list) => list.items_of(answer).iter().collect(),
            None => vec![unwrapped(answer)],
        };
        let columns = if columns.is_empty() { columns_of(&items) } else { columns.to_vec() };
        let cell = |item: &&Value, column: &String| {
            assay_suite::value_at(item, column).filter(|value| !value.is_null()).map(plain).unwrap_or_default()
        };
        let rows = items.iter().map(|item| columns.iter().map(|column| cell(item, column)).collect()).collect();
        Self { columns, rows }
    }

    /// As it is printed.
    pub fn render(&self, output: CallOutput) -> String {
        match output {
            CallOutput::Csv => self.csv(),
            CallOutput::Body | CallOutput::Table => self.table(),
        }
    }

    fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing to memory can't fail.
        let _ = writer.write_record(&self.columns);
        self.rows.iter().for_each(|row| {
            let _ = writer.write_record(row);
        });
        writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn table(&self) -> String {
        let shown = |cell: &String| {
            let cell = harmless::line(cell);
            let cut = cell.chars().count() > WIDEST;
            if cut { cell.chars().take(WIDEST - 1).chain(['…']).collect() } else { cell }
        };
        let lines: Vec<Vec<String>> =
            std::iter::once(&self.columns).chain(&self.rows).map(|row| row.iter().map(shown).collect()).collect();
        let width = |column: usize| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<_> = (0..self.columns.len()).map(width).collect();
        let line = |line: &Vec<String>| {
            let cells: Vec<_> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            format!("{}\n", cells.join("  ").trim_end())
        };
        lines.iter().map(line).collect()
    }
}

/// What is in an object that has nothing but another one.
fn unwrapped(answer: &Value) -> &Value {
    match answer.as_object().map(|fields| fields.values().collect::<Vec<_>>()).as_deref() {
        Some([inner @ Value::Object(_)]) => inner,
        _ => answer,
    }
}

fn columns_of(items: &[&Value]) -> Vec<String> {
    let mut columns = Vec::new();
    for (name, value) in items.iter().filter_map(|item| item.as_object()).flatten() {
        if !value.is_object() && !value.is_array() && !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_one_row_and_its_lists_are_left_out() {
        let rows = Rows::of(&json!({"vm": {"id": 7, "name": "a, b", "nic": []}}), None, &[]);
        assert_eq!(rows.render(CallOutput::Csv), "id,name\n7,\"a, b\"\n");
        assert_eq!(rows.render(CallOutput::Table), "id  name\n7   a, b\n");
    }

    #[test]
    fn a_wide_cell_and_what_commands_a_terminal_are_cut_out_of_a_table() {
        let rows = Rows::of(&json!({"id": "x".repeat(50), "name": "\u{1b}[31m"}), None, &["id".into(), "name".into()]);
        let table = rows.render(CallOutput::Table);
        assert!(table.contains(&format!("{}…", "x".repeat(39))) && !table.contains('\u{1b}'), "{table}");
    }
}
