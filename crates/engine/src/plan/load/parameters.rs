//! The names that profiles give parameters.

use assay_suite::source::{Diagnostic, Diagnostics, Located, closest};
use assay_suite::{Operation, Suite};

/// Reports arguments that an operation has no parameter for. Of one that the document only names nothing is known.
pub(super) fn check_parameters<'n, T>(
    suite: &Suite,
    operation: &Operation,
    names: impl Iterator<Item = &'n str>,
    at: &Located<T>,
    mistakes: &mut Diagnostics,
) {
    let paging = suite.paging_of(operation).into_iter().flat_map(|paging| [paging.start.parameter(), &paging.size]);
    let known: Vec<_> = operation.parameters.keys().map(String::as_str).chain(paging).collect();
    for name in names.filter(|_| !operation.name_only) {
        if known.iter().any(|known| head(known) == head(name)) {
            continue;
        }
        let help = match closest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it: not a documented parameter".to_owned(),
        };
        let message = format!("{} has no parameter `{name}`", operation.name.value);
        mistakes.add(Diagnostic::error(&at.place, message).help(help));
    }
}

/// A parameter's name without what numbers it: `InstanceId` of `InstanceId.1`, `details` of `details[0].key`.
fn head(name: &str) -> &str {
    name.split(['.', '[']).next().unwrap_or(name)
}
