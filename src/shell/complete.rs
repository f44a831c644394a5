//! What a line may go on with: operations, parameters, their values, options.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use clap::CommandFactory;
use rustyline::completion::{Candidate, Completer};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

use assay_suite::source::harmless;
use assay_suite::{Demand, Operation, Parameter, Presence, Suite, ValueType, plain};

use super::line::Line;
use super::live::{LiveValue, LiveValues};
use super::words::{Partial, partial, quoted};

/// So many are offered.
const MOST_OFFERED: usize = 200;
/// So much of the name of a thing is shown, in bytes.
const LONGEST_LABEL: usize = 60;

/// Something that a line may go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// What is put into the line.
    text: String,
    /// What is shown among others.
    shown: String,
}

impl Offer {
    /// A word, after which another may begin.
    fn word(text: &str) -> Self {
        Self { text: format!("{} ", quoted(text)), shown: text.to_owned() }
    }

    /// A word that goes on with a value.
    fn opening(text: String) -> Self {
        Self { shown: text.clone(), text }
    }

    /// An argument with its value.
    fn value(name: &str, value: &LiveValue) -> Self {
        let label = harmless::short_line(&value.label, LONGEST_LABEL);
        let shown = if label.is_empty() { value.text.clone() } else { format!("{}  {label}", value.text) };
        Self { text: format!("{} ", quoted(&format!("{name}={}", value.text))), shown }
    }
}

impl Candidate for Offer {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

/// The names of operations that are completed: those of the document, until the deployment has said which it has.
pub(super) type Operations = Rc<RefCell<BTreeSet<String>>>;

/// Completes lines by the documents of a suite, and by what a deployment has.
pub(super) struct Completion<'a> {
    suite: &'a Suite,
    operations: Operations,
    accounts: BTreeSet<String>,
    live: LiveValues<'a>,
}

impl<'a> Completion<'a> {
    pub fn new(suite: &'a Suite, operations: Operations, accounts: BTreeSet<String>, live: LiveValues<'a>) -> Self {
        Self { suite, operations, accounts, live }
    }

    /// What the deployment had may be otherwise after the next line.
    pub fn forget(&self) {
        self.live.forget();
    }
}

impl Completer for Completion<'_> {
    type Candidate = Offer;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Offer>)> {
        let written = partial(line.get(..pos).unwrap_or_default());
        let live = |operation: &Operation, parameter: &Parameter| self.live.values_of(operation, parameter);
        Ok((written.start, offers(self.suite, &self.operations.borrow(), &self.accounts, &written, live)))
    }
}

impl Hinter for Completion<'_> {
    type Hint = String;
}

impl Highlighter for Completion<'_> {}

impl Validator for Completion<'_> {}

impl Helper for Completion<'_> {}

/// What a line may go on with at its end.
fn offers(
    suite: &Suite,
    operations: &BTreeSet<String>,
    accounts: &BTreeSet<String>,
    written: &Partial,
    live: impl Fn(&Operation, &Parameter) -> Vec<LiveValue>,
) -> Vec<Offer> {
    let before: Vec<_> = written.before.iter().map(String::as_str).collect();
    let operations = || operations.iter().map(String::as_str);
    let offers: Vec<_> = match before.as_slice() {
        [] => operations().chain(["help", "sync", "exit"]).map(Offer::word).collect(),
        ["help" | "?"] => operations().map(Offer::word).collect(),
        ["help" | "?", ..] => Vec::new(),
        [.., option] if takes_value(option) => values_of_option(option, accounts),
        _ if written.last.starts_with('-') => options(),
        [operation, ..] => match suite.operations.get(*operation) {
            Some(operation) => arguments(operation, &before, &written.last, live),
            None => Vec::new(),
        },
    };
    // Letters' case is no matter to a person; what is put in is as the document has it.
    let wanted = written.last.to_lowercase();
    let fits = |offer: &Offer| {
        let text = super::words::split(&offer.text).ok().and_then(|words| words.into_iter().next());
        text.unwrap_or_default().to_lowercase().starts_with(&wanted)
    };
    offers.into_iter().filter(fits).take(MOST_OFFERED).collect()
}

fn options() -> Vec<Offer> {
    let line = Line::command();
    let names = line.get_arguments().filter_map(|argument| argument.get_long());
    names.map(|name| Offer::word(&format!("--{name}"))).collect()
}

/// Whether the word after an option is its value.
fn takes_value(option: &str) -> bool {
    let name = option.strip_prefix("--").filter(|name| !name.is_empty() && !name.contains('='));
    let line = Line::command();
    let found = name.and_then(|name| line.get_arguments().find(|argument| argument.get_long() == Some(name)));
    found.is_some_and(|argument| argument.get_action().takes_values() && !argument.is_require_equals_set())
}

fn values_of_option(option: &str, accounts: &BTreeSet<String>) -> Vec<Offer> {
    if option == "--as" {
        return accounts.iter().map(|account| Offer::word(account)).collect();
    }
    let line = Line::command();
    let argument = line.get_arguments().find(|argument| argument.get_long() == option.strip_prefix("--"));
    let values = argument.map(clap::Arg::get_possible_values).unwrap_or_default();
    values.iter().map(|value| Offer::word(value.get_name())).collect()
}

/// The parameters that are not given yet, those first that must be; or the values of one.
fn arguments(
    operation: &Operation,
    before: &[&str],
    last: &str,
    live: impl Fn(&Operation, &Parameter) -> Vec<LiveValue>,
) -> Vec<Offer> {
    if let Some((name, _)) = last.split_once('=') {
        let Some(parameter) = operation.parameters.get(name) else { return Vec::new() };
        let documented = documented_values(operation, parameter);
        let values = if documented.is_empty() { live(operation, parameter) } else { documented };
        return values.iter().map(|value| Offer::value(name, value)).collect();
    }
    let is_given = |name: &str| before.iter().any(|word| word.split('=').next() == Some(name));
    let free = operation.parameters.values().filter(|parameter| {
        // The target has credentials.
        parameter.credential.is_none() && !is_given(&parameter.name.value)
    });
    let (required, optional): (Vec<_>, Vec<_>) = free.partition(|parameter| parameter.presence == Presence::Required);
    required.iter().chain(&optional).map(|parameter| Offer::opening(format!("{}=", parameter.name.value))).collect()
}

/// The values that the document names.
fn documented_values(operation: &Operation, parameter: &Parameter) -> Vec<LiveValue> {
    let mut values = parameter.values.clone();
    let input = operation.contract.as_ref().and_then(|contract| contract.input(&parameter.name.value));
    for rule in input.iter().flat_map(|input| &input.rules).filter(|rule| rule.path.is_empty()) {
        match &rule.demand {
            Demand::OneOf(known) => values.extend(known.iter().map(plain)),
            Demand::Type(types) if types.as_slice() == ["boolean"] => values.extend(truths()),
            _ => {}
        }
    }
    if parameter.value_type == Some(ValueType::Boolean) {
        values.extend(truths());
    }
    let mut known = BTreeSet::new();
    values.retain(|value| known.insert(value.clone()));
    values.into_iter().map(LiveValue::unnamed).collect()
}

fn truths() -> [String; 2] {
    ["true".to_owned(), "false".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents;
    use assay_engine::plan::Library;
    use assay_suite::SuiteName;
    use assay_suite::source::Diagnostics;
    use std::path::Path;

    /// What cloudn's lines may go on with; what is asked of a deployment has one value.
    fn offered(line: &str) -> Vec<String> {
        offered_of(line, &[])
    }

    /// The same where the deployment has said that it has these.
    fn offered_of(line: &str, synced: &[&str]) -> Vec<String> {
        let library = Library::read(&documents::documents(Path::new("/nonexistent")).unwrap(), &mut Diagnostics::new());
        let suite = &library.suites[&SuiteName("cloudn".to_owned())];
        let live = |_: &Operation, parameter: &Parameter| {
            let text = format!("a {}", parameter.name.value);
            vec![LiveValue { text, label: "first\u{1b}[31m".to_owned() }]
        };
        let accounts = ["neighbour".to_owned()].into();
        let documented = suite.operations.keys().map(|name| name.0.clone());
        let operations = match synced {
            [] => documented.collect(),
            synced => synced.iter().map(ToString::to_string).collect(),
        };
        offers(suite, &operations, &accounts, &partial(line), live).into_iter().map(|offer| offer.text).collect()
    }

    #[test]
    fn operations_parameters_and_values_are_completed() {
        assert_eq!(offered("listzo"), ["listZones "]);
        assert_eq!(offered("help listzo"), ["listZones "]);
        assert_eq!(offered_of("list", &["listApis", "startRouter"]), ["listApis "]);
        assert!(offered("listZones x").is_empty() && offered("noSuch ").is_empty());
        assert_eq!(offered("deployVirtualMachine ")[..3], ["serviceofferingid=", "templateid=", "zoneid="]);
        assert!(!offered("deployVirtualMachine zoneid=1 ").contains(&"zoneid=".to_owned()));
        assert_eq!(offered("deployVirtualMachine keyboard=d"), ["keyboard=de ", "keyboard=de-ch "]);
        assert_eq!(offered("destroyVirtualMachine id="), ["'id=a id' "]);
        assert_eq!(offered("destroyVirtualMachine id='a"), ["'id=a id' "]);
    }

    #[test]
    fn options_and_their_values_are_completed() {
        assert_eq!(offered("listZones --out"), ["--output "]);
        assert_eq!(offered("listZones --output y"), ["yaml "]);
        assert_eq!(offered("listZones --as "), ["neighbour "]);
        assert!(offered("listZones --wait i").contains(&"id=".to_owned()));
    }

    #[test]
    fn what_a_server_calls_a_thing_steers_no_terminal() {
        let value = LiveValue { text: "7".to_owned(), label: "a\u{1b}[31m\u{202e}b".to_owned() };
        assert_eq!(Offer::value("id", &value).shown, "7  a\\u001b[31m\\u202eb");
    }
}
