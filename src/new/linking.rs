//! Values of recorded requests that are not the same in another run: what came from earlier answers, secrets, new names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use assay_engine::scenario::Template;
use assay_suite::{Location, Operation, Variable, plain};

use super::recorded::{Part, Spot, parts};
use super::secrets::Secrets;
use super::steps::{Step, said, variable_name};

/// A longer text is a value of its own, and nothing that names something.
const LONGEST: usize = 4096;

/// Where a value came from.
#[derive(Clone, Debug)]
struct Origin {
    step: usize,
    path: String,
    /// The name of the field.
    field: String,
    value: Value,
    /// Whether the answer was that of a creation.
    is_new: bool,
}

/// The places of answers that show a text.
type Origins = BTreeMap<String, Vec<Origin>>;

/// So many values of an answer are looked at.
const MOST_VALUES: usize = 100_000;
/// So many values of all answers are kept.
const MOST_ORIGINS: usize = 200_000;
/// So many places of one text are kept, and as many again that name something.
const MOST_PLACES: usize = 16;

/// Where a value is used.
struct Use<'a> {
    step: usize,
    argument: &'a str,
    field: &'a str,
    /// Where in the request the argument is.
    location: Location,
}

impl Use<'_> {
    /// Whether it names something by its identity.
    fn names_something(&self) -> bool {
        self.location == Location::Path || is_identity(self.field)
    }
}

/// What is known of the steps so far.
pub(super) struct Linker<'s> {
    secrets: &'s Secrets<'s>,
    origins: Origins,
    /// How many values of answers they are.
    kept: usize,
    /// What was created without an answer that shows it, and is given by a path: the step, and the path.
    created: BTreeSet<(usize, String)>,
    /// The last parts of the addresses of what was created, and where the first answer with each is.
    located: BTreeMap<String, Spot>,
    /// The steps that first sent a value.
    sent: BTreeMap<String, usize>,
    /// The names that were made unique, by what they were.
    unique: BTreeMap<String, String>,
    /// All names of variables, with what they mean: a place in the answers, or the name in the file.
    taken: BTreeMap<String, String>,
    /// The names that were given, by what they were wanted as and what they mean; and the latest number after each.
    named: BTreeMap<(String, String), String>,
    numbers: BTreeMap<String, usize>,
    /// The variables that the target has to give.
    pub wanted: BTreeSet<String>,
    /// Those among them that are secret.
    pub secret: BTreeSet<String>,
    /// What could not be linked, and why.
    pub remarks: Vec<String>,
}

impl<'s> Linker<'s> {
    pub fn new(secrets: &'s Secrets<'s>) -> Self {
        let (origins, kept, created, located, sent, unique) = Default::default();
        let (taken, named, numbers, wanted, secret, remarks) = Default::default();
        Self { secrets, origins, kept, created, located, sent, unique, taken, named, numbers, wanted, secret, remarks }
    }

    /// Replaces what is not the same in another run.
    pub fn link(&mut self, steps: &mut [Step<'_>]) {
        for (position, step) in steps.iter().enumerate() {
            let own = step.saves.iter().map(|(name, path)| (name.clone(), format!("{position} {path}")));
            self.taken.extend(own);
        }
        for position in 0..steps.len() {
            let mut arguments = std::mem::take(&mut steps[position].arguments);
            for (name, value) in &mut arguments {
                let location = steps[position].operation.parameters.get(name.as_str()).map(|found| found.location);
                let location = location.unwrap_or(Location::Query);
                self.replace(steps, &Use { step: position, argument: name, field: name, location }, value);
            }
            steps[position].arguments = arguments;
            self.remember(&steps[position], position);
        }
    }

    /// Keeps what an answer holds for the steps that follow.
    fn remember(&mut self, step: &Step<'_>, position: usize) {
        let mut found = Vec::new();
        if let Some(answer) = step.answer.filter(|_| self.kept < MOST_ORIGINS).and_then(|answer| self.said(answer)) {
            leaves(&answer, "$".to_owned(), "", &mut found);
        }
        if let Some(location) = step.location {
            if let Some((_, last)) = location.rsplit_once('/') {
                self.located.entry(last.to_owned()).or_insert_with(|| step.place.clone());
            }
            found.push(("header.location".to_owned(), "location".to_owned(), Value::from(location)));
        }
        for (path, field, value) in found {
            let origin = Origin { step: position, path, field, value: value.clone(), is_new: step.creates() };
            let known = self.origins.entry(plain(&value)).or_default();
            if known.len() < if is_identity(&origin.field) { 2 * MOST_PLACES } else { MOST_PLACES } {
                known.push(origin);
                self.kept += 1;
                if self.kept == MOST_ORIGINS {
                    let place = step.place;
                    self.remarks
                        .push(format!("variables for what answers after {place} show: there is too much of it"));
                }
            }
        }
    }

    fn said(&self, answer: &str) -> Option<Value> {
        said(self.secrets.suite, answer)
    }

    fn replace(&mut self, steps: &mut [Step<'_>], usage: &Use<'_>, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(steps, usage, item)),
            Value::Object(fields) => {
                // What is within a secret is secret, whatever it is called.
                let is_secret = self.is_secret(steps, usage);
                for (name, value) in fields.iter_mut() {
                    let field = if is_secret { usage.field } else { name };
                    self.replace(steps, &Use { field, ..*usage }, value);
                }
            }
            Value::String(_) | Value::Number(_) => {
                if let Some(replacement) = self.replacement(steps, usage, value) {
                    *value = Value::from(replacement);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn replacement(&mut self, steps: &mut [Step<'_>], usage: &Use<'_>, value: &Value) -> Option<String> {
        let text = plain(value);
        if text.is_empty() {
            return None;
        }
        if text.len() > LONGEST {
            return self.has_secret(steps, usage, &text).then(|| self.secret_of_target(usage.field, &text));
        }
        if let Some(origin) = self.origin(steps, usage, value) {
            return Some(self.saved(steps, &origin, usage.field));
        }
        let is_variable = parts(&text).iter().any(|part| matches!(part, Part::Variable(_)));
        let is_kept =
            |part: &Part<'_>| matches!(part, Part::Variable(name) if self.taken.contains_key(&variable_name(name)));
        if usage.names_something() && !parts(&text).iter().any(is_kept) {
            let first = self.sent.get(&text).copied();
            if let Some(origin) = created(steps, usage, first, &self.created) {
                self.created.insert((origin.step, origin.path.clone()));
                self.origins.entry(text).or_default().push(origin.clone());
                return Some(self.saved(steps, &origin, usage.field));
            }
        }
        if usage.names_something() {
            self.note_located(steps, usage, &text);
        }
        self.sent.entry(text.clone()).or_insert(usage.step);
        if is_variable {
            return Some(self.with_variables(&text, usage.field));
        }
        if self.has_secret(steps, usage, &text) {
            return Some(self.secret_of_target(usage.field, &text));
        }
        self.made_unique(&steps[usage.step], usage, &text)
    }

    fn is_secret(&self, steps: &[Step<'_>], usage: &Use<'_>) -> bool {
        self.secrets.has_name(&steps[usage.step].operation.name.value.0, usage.field)
    }

    /// Whether a value is a secret, or holds one.
    fn has_secret(&self, steps: &[Step<'_>], usage: &Use<'_>, text: &str) -> bool {
        self.secrets.holds(&steps[usage.step].operation.name.value.0, usage.field, text)
    }

    /// An identity that only the end of an address showed can't be saved.
    fn note_located(&mut self, steps: &[Step<'_>], usage: &Use<'_>, text: &str) {
        if let Some(first) = self.located.get(text) {
            let (field, place) = (usage.field, steps[usage.step].place);
            self.remarks.push(format!(
                "a variable for `{field}` of {place}: only the header Location of {first} has it, as a part of an address"
            ));
        }
    }

    /// Where a value came from, if it says enough to be no coincidence: that of a thing which the argument removes goes first.
    fn origin(&self, steps: &[Step<'_>], usage: &Use<'_>, value: &Value) -> Option<Origin> {
        let text = plain(value);
        let creates = steps[usage.step].creates();
        let fits = |origin: &&Origin| {
            let has_type = origin.value.is_null() || origin.value.is_number() == value.is_number();
            let names_the_new = origin.is_new && usage.names_something() && is_identity(&origin.field);
            let finds_the_new = origin.is_new && !creates && plain_name(&origin.field) == plain_name(usage.field);
            (has_type || usage.location != Location::Body) && (names_the_new || finds_the_new || is_specific(&text))
        };
        let fitting: Vec<_> = self.origins.get(&text)?.iter().filter(fits).collect();
        let removed = |origin: &&&Origin| undone_by(steps[origin.step].operation, usage.field).is_some();
        fitting.iter().find(removed).or(fitting.first()).map(|origin| (*origin).clone())
    }

    /// The variable that an earlier step saves.
    fn saved(&mut self, steps: &mut [Step<'_>], origin: &Origin, field: &str) -> String {
        let step = &mut steps[origin.step];
        let known = step.saves.iter().find(|(_, path)| *path == origin.path).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| {
            let name = self.name(field, &format!("{} {}", origin.step, origin.path));
            step.saves.push((name.clone(), origin.path.clone()));
            name
        });
        format!("${name}")
    }

    /// A name that means this and nothing else.
    fn name(&mut self, wanted: &str, meaning: &str) -> String {
        let wanted = variable_name(wanted.rsplit('.').next().unwrap_or(wanted));
        let key = (wanted, meaning.to_owned());
        if let Some(name) = self.named.get(&key) {
            return name.clone();
        }
        let (wanted, of_a_case) = (&key.0, Variable::of_a_case());
        // The numbers before are those of other meanings.
        let mut number = self.numbers.get(wanted).copied().unwrap_or(1);
        let mut name = if number == 1 { wanted.clone() } else { format!("{wanted}_{number}") };
        while of_a_case.iter().any(|known| known.0 == name)
            || self.taken.get(&name).is_some_and(|known| known != meaning)
        {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.taken.insert(name.clone(), meaning.to_owned());
        self.numbers.insert(wanted.clone(), number);
        self.named.insert(key, name.clone());
        name
    }

    /// The variable of a secret: the target gives it.
    fn secret_of_target(&mut self, field: &str, text: &str) -> String {
        let name = self.name(field, &format!("target {text}"));
        self.wanted.insert(name.clone());
        self.secret.insert(name.clone());
        format!("${name}")
    }

    /// A text with variables of the file as variables of the scenario.
    fn with_variables(&mut self, text: &str, field: &str) -> String {
        let parts = parts(text);
        let is_whole = parts.len() == 1;
        let written = parts.iter().map(|part| match part {
            Part::Literal(text) => (*text).to_owned(),
            Part::Variable(name) => {
                let name = variable_name(name);
                let is_of_case = Variable::of_a_case().iter().any(|known| known.0 == name);
                if !is_of_case && !self.taken.contains_key(&name) {
                    self.taken.insert(name.clone(), "target".to_owned());
                }
                if self.taken.get(&name).is_some_and(|meaning| meaning.starts_with("target")) {
                    self.wanted.insert(name.clone());
                    if self.secrets.has_name("", &name) || self.secrets.has_name("", field) {
                        self.secret.insert(name.clone());
                    }
                }
                if is_whole { format!("${name}") } else { format!("${{{name}}}") }
            }
        });
        written.collect()
    }

    /// A name that is given to something new, so that it can be given in each run.
    fn made_unique(&mut self, step: &Step<'_>, usage: &Use<'_>, text: &str) -> Option<String> {
        if let Some(unique) = self.unique.get(text).filter(|_| usage.field == "name") {
            return Some(unique.clone());
        }
        let may_be_longer = step.creates() && usage.field == "name" && takes_longer(step, usage.argument, text);
        may_be_longer.then(|| {
            let unique = format!("{text}-${{unique}}");
            self.unique.insert(text.to_owned(), unique.clone());
            unique
        })
    }
}

/// The step that created what a request names, where the file has no answer that shows it: the latest one whose undo is
/// given an argument of this name.
fn created(
    steps: &[Step<'_>],
    usage: &Use<'_>,
    first_sent: Option<usize>,
    taken: &BTreeSet<(usize, String)>,
) -> Option<Origin> {
    let earlier = steps[..usage.step].iter().enumerate().rev();
    let mut unseen = earlier.filter(|(at, step)| {
        step.answer.is_none() && step.location.is_none() && step.creates() && first_sent.is_none_or(|first| first > *at)
    });
    unseen.find_map(|(at, step)| {
        let path = undone_by(step.operation, usage.field).filter(|_| !step.operation.asynchronous)?;
        let (path, field) = (path.to_owned(), usage.field.to_owned());
        let key = (at, path);
        (!taken.contains(&key)).then(|| Origin { step: at, path: key.1, field, value: Value::Null, is_new: true })
    })
}

/// The path to what an operation created, if its removal is given that by an argument of this name.
fn undone_by<'s>(operation: &'s Operation, field: &str) -> Option<&'s str> {
    let undo = operation.undo.as_ref().filter(|undo| undo.find.is_none())?;
    let given = undo.with.iter().find(|(name, _)| plain_name(argument_name(name)) == plain_name(argument_name(field)));
    given.map(|(_, path)| path.value.as_str()).filter(|path| path.starts_with("$."))
}

/// The name of an argument without where it is.
fn argument_name(name: &str) -> &str {
    name.split(" in ").next().unwrap_or(name)
}

/// Whether a text would hardly be in two places by chance.
fn is_specific(text: &str) -> bool {
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    let has_space = text.chars().any(char::is_whitespace);
    !has_space && (text.chars().count() >= 6 && has_digit || text.len() >= 20)
}

/// Whether a field names something by its identity.
fn is_identity(field: &str) -> bool {
    let plain = plain_name(field);
    plain.ends_with("id") || plain.ends_with("ids") || plain.ends_with("uuid")
}

fn plain_name(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a name may have more letters after it.
fn takes_longer(step: &Step<'_>, argument: &str, text: &str) -> bool {
    const ADDED: u64 = 20;
    let Some(parameter) = step.operation.parameters.get(argument) else { return false };
    let length = text.chars().count() as u64 + ADDED;
    let contract = step.operation.contract.as_ref().filter(|_| parameter.location == Location::Body);
    let Some(input) = contract.and_then(|contract| contract.input(argument)) else {
        let bounds = &parameter.bounds;
        return parameter.values.is_empty()
            && bounds.pattern.is_none()
            && bounds.maximum_length.is_none_or(|most| most >= length);
    };
    let refer = |schema: &Value| {
        let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| input.schema.pointer(pointer)).cloned().unwrap_or_else(|| schema.clone())
    };
    let name = refer(&input.schema).pointer("/properties/name").map(refer);
    name.is_some_and(|name| {
        let is_free = ["enum", "const", "pattern", "format", "$ref"].iter().all(|key| name.get(*key).is_none());
        is_free && name.get("maxLength").and_then(Value::as_u64).is_none_or(|most| most >= length)
    })
}

/// Whether a value would be taken for one with variables, though it has none.
pub(super) fn reads_as_variable(value: &Value) -> bool {
    !Template::parse(value).variables().is_empty()
}

/// The texts and numbers of an answer, with their paths and the names of their fields.
fn leaves(value: &Value, path: String, field: &str, found: &mut Vec<(String, String, Value)>) {
    match value {
        _ if found.len() >= MOST_VALUES => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{path}[{index}]"), field, found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_plain = Variable::is_name(&name.to_lowercase()) && !name.starts_with('_');
                let key = if is_plain {
                    format!(".{name}")
                } else {
                    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
                };
                leaves(value, format!("{path}{key}"), name, found);
            }
        }
        Value::String(text) if !text.is_empty() && text.len() <= LONGEST => {
            found.push((path, field.to_owned(), value.clone()));
        }
        Value::Number(_) => found.push((path, field.to_owned(), value.clone())),
        _ => {}
    }
}
