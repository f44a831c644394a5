//! The keys that lead to a place, for documents whose lines are not shown.

use super::diagnostic::Diagnostics;
use super::node::{Node, NodeKind};
use super::place::Place;

impl Node {
    /// The keys that lead to the value at a place, or to the mapping of the key there. An unknown key, and one without a value,
    /// may be a secret that was written in the wrong way: they are left out.
    fn keys_to(&self, place: &Place) -> Option<Vec<String>> {
        if self.place.bytes.start == place.bytes.start {
            return Some(Vec::new());
        }
        if let NodeKind::List(items) = &self.kind {
            return items.iter().find_map(|item| item.keys_to(place));
        }
        self.pairs().iter().find_map(|(key, value)| {
            if key.place.bytes.start == place.bytes.start {
                return Some(Vec::new());
            }
            let own = (!matches!(value.kind, NodeKind::Null)).then(|| key.value.clone());
            value.keys_to(place).map(|keys| own.into_iter().chain(keys).collect())
        })
    }
}

impl Diagnostics {
    /// The same, each preceded by the keys that lead to its place: for a document whose lines are not shown.
    #[must_use]
    pub fn with_keys_of(self, document: &Node) -> Self {
        let named = self.into_iter().map(|mut diagnostic| {
            let place = diagnostic.place.as_ref();
            if let Some(keys) = place.and_then(|place| document.keys_to(place)).filter(|keys| !keys.is_empty()) {
                diagnostic.message = format!("{}: {}", keys.join("."), diagnostic.message);
            }
            diagnostic
        });
        let mut all = Self::new();
        all.extend(named);
        all
    }
}
