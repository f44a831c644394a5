//! What a POST does that is about no thing of a kind: by the words of its path and of its name, and by what it needs.

use std::collections::HashSet;

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
/// Words of what only looks, whatever comes before them.
const READING: [&str; 5] = ["find", "lookup", "mget", "paginate", "search"];
/// Words of what only looks where they are done to something: `/logs/query` asks for logs, `/query` may store a query. Each names a
/// thing as well.
const ASKING: [&str; 5] = ["aggregate", "count", "filter", "list", "query"];
/// Words that say of a reading how much is read, or by what.
const MANNERS: [&str; 9] = ["advanced", "all", "batch", "bulk", "by", "full", "multi", "similar", "text"];

/// The effect of a POST that has nothing in its path and is no creation of a kind of things. What its words say that it removes is not
/// taken for a creation; nor is what needs no body: such a request says of nothing what it should be.
pub(super) fn effect(operation: &Operation, got: &HashSet<String>) -> Effect {
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
        () if documents(operation, 201) => Effect::Creates,
        () if only_reads(operation, got) => Effect::Reads,
        () if says(&CHANGING) => Effect::Changes,
        () if needs_body => Effect::Creates,
        () => Effect::Changes,
    }
}

fn documents(operation: &Operation, status: u16) -> bool {
    operation.contract.as_ref().is_some_and(|contract| contract.exactly(status).is_some())
}

/// Whether the words of a POST say for certain that it only reads: the last part of its path is a word of looking and nothing else but
/// its manner, and its answer is not that of a creation. What says that it keeps, removes or changes something does so, whatever it
/// finds before. `got` has the paths that GET takes: a word that names a thing as well is one there.
pub(super) fn only_reads(operation: &Operation, got: &HashSet<String>) -> bool {
    let path = operation.request.as_ref().map(|request| request.path.as_str()).unwrap_or_default();
    let (before, last) = path.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
    // A method of its own is written after a colon: `/things:query`.
    let (on, verb) = last.rsplit_once(':').map_or((before, last), |(on, verb)| (on, verb));
    let is_done_to_something =
        words(on).iter().any(|word| !is_version(word) && word != "api") && !got.contains(path.trim_end_matches('/'));
    let is = |word: &String, known: &[&str]| known.contains(&word.as_str());
    let verb = words(verb);
    let is_manner = |word: &String| is(word, &MANNERS);
    // `batchGet` reads many: `get` alone of a POST says nothing.
    let looks = |word: &String| {
        is(word, &READING) || (is_done_to_something && is(word, &ASKING)) || (verb.len() > 1 && word == "get")
    };
    let says_more = || words(&operation.name.value.0).iter().any(|word| is(word, &REMOVING) || is(word, &STORING));
    verb.iter().any(looks)
        && verb.iter().all(|word| looks(word) || is_manner(word))
        && ![201, 202].into_iter().any(|status| documents(operation, status))
        && !says_more()
}

/// Words of what keeps something, wherever they stand in the name of an operation.
const STORING: [&str; 14] = [
    "add", "and", "create", "insert", "make", "move", "new", "or", "replace", "save", "set", "start", "store", "update",
];

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|number| number.chars().all(|digit| digit.is_ascii_digit()))
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
