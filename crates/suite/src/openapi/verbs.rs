//! What a POST does that is about no thing of a kind: by the words of its path and of its name, and by what it needs.

use crate::{Effect, InputKind, Operation};

/// Words of what removes, ends or replaces what there is, perhaps all of it.
const REMOVING: [&str; 38] = [
    "cancel",
    "clean",
    "cleanup",
    "clear",
    "deactivate",
    "delete",
    "deleteall",
    "destroy",
    "disable",
    "drop",
    "empty",
    "erase",
    "evict",
    "expire",
    "expunge",
    "flush",
    "halt",
    "kill",
    "logout",
    "overwrite",
    "prune",
    "purge",
    "reboot",
    "remove",
    "reset",
    "restart",
    "restore",
    "revert",
    "revoke",
    "rollback",
    "shutdown",
    "stop",
    "suspend",
    "terminate",
    "truncate",
    "uninstall",
    "unregister",
    "wipe",
];
/// Words of what changes many things at once, or what there is.
const CHANGING: [&str; 11] =
    ["archive", "batch", "bulk", "merge", "migrate", "move", "patch", "rename", "set", "sync", "update"];
/// Words of what only looks.
const READING: [&str; 14] = [
    "aggregate",
    "calculate",
    "count",
    "estimate",
    "filter",
    "find",
    "list",
    "lookup",
    "mget",
    "paginate",
    "preview",
    "query",
    "search",
    "validate",
];

/// The effect of a POST that has nothing in its path and is no creation of a kind of things. What its words say that it removes is not
/// taken for a creation; nor is what needs no body: such a request says of nothing what it should be.
pub(super) fn effect(operation: &Operation, has_created: bool) -> Effect {
    let path = operation.request.as_ref().map(|request| request.path.as_str()).unwrap_or_default();
    let last = words(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
    let named = words(&operation.name.value.0);
    let says = |known: &[&str]| last.iter().chain(&named).any(|word| known.contains(&word.as_str()));
    let needs_body = operation
        .contract
        .as_ref()
        .is_some_and(|contract| contract.inputs.iter().any(|input| input.kind == InputKind::Body && input.is_required));
    match () {
        () if says(&REMOVING) => Effect::Removes,
        () if has_created => Effect::Creates,
        () if says(&CHANGING) => Effect::Changes,
        () if last.iter().any(|word| READING.contains(&word.as_str())) => Effect::Reads,
        () if needs_body => Effect::Creates,
        () => Effect::Changes,
    }
}

/// The words of a name, in lower case: `bulkDelete`, `bulk-delete` and `bulk_delete` have the same.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (was_lower && letter.is_uppercase()) {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_words() {
        for name in ["bulkDelete", "bulk-delete", "bulk_delete", "BulkDelete"] {
            assert_eq!(words(name), ["bulk", "delete"], "{name}");
        }
        assert_eq!(words("flows:cancel"), ["flows", "cancel"]);
    }
}
