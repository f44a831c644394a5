//! What a list operation lists.

use serde_json::Value;

use crate::value::value_at;

/// What a list operation lists.
#[derive(Clone, Debug)]
pub struct List {
    /// The field of the answer that holds the items.
    pub items: String,
    /// The field that identifies an item; none if only all of its fields do.
    pub key: Option<String>,
    /// The fields of an item that change by themselves: what is measured.
    pub volatile: Vec<String>,
    /// The field of an item that says when it was created.
    pub created: Option<String>,
}

impl List {
    /// The items of an answer; none where it has no such field.
    pub fn items_of<'a>(&self, answer: &'a Value) -> &'a [Value] {
        let items = value_at(answer, &self.items);
        items.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}
