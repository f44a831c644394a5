//! In which states of a thing an operation is refused, as far as the document says by which words: "the issue is closed already".

use serde_json::Value;

use crate::http::Method;
use crate::{Effect, Operation, OperationName, RequirementId, Resource, StateLaw, States, Through, Way};

use super::by_name::Operations;
use super::shape::Shape;

/// So many laws on the states of one kind of things are tested.
const MOST_LAWS: usize = 40;
/// So many listed values of a field are its states.
const MOST_STATES: usize = 20;

/// A state: what a field shows, and the words that the document has for it.
struct State {
    field: String,
    value: Value,
    words: Vec<String>,
    /// Whether what was created has it, as far as the order of the values tells.
    is_first: bool,
}

/// What a document says of a state where an operation is refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It is refused in it.
    Refused,
    /// It is refused in any other.
    Needed,
}

/// What is known of the states of a kind of things.
pub(super) fn of<'s>(
    resource: &Resource,
    operations: &Operations,
    answer: &dyn Fn(&str) -> Option<Shape<'s>>,
) -> States {
    let found = || {
        resource.created_key.as_ref().filter(|key| key.matches('.').count() <= 1)?;
        let create = operations.get(resource.create.as_ref()?)?;
        let read = answer(&resource.read.as_ref()?.0)?;
        let sent = create.contract.as_deref()?.body().map(|body| Shape::of(&body.schema));
        let states = states(read, sent);
        let acts: Vec<_> = operations.values().filter(|operation| is_within(operation, resource)).collect();
        let own = [&resource.replace, &resource.patch, &resource.remove].into_iter().flatten();
        let own = own.filter_map(|name| operations.get(name));
        let ways: Vec<_> = acts.iter().filter_map(|act| way(act, resource, &states)).collect();
        let mut finder = Finder { resource, states: &states, ways, laws: Vec::new(), admitted: Vec::new() };
        acts.iter().copied().chain(own).for_each(|operation| finder.laws_of(operation));
        finder.laws.truncate(MOST_LAWS);
        let ways = finder.ways.into_iter().map(|(way, _)| way).collect();
        Some(States { ways, laws: finder.laws, admitted: finder.admitted })
    };
    found().unwrap_or_default()
}

/// The states that reading shows and no creation sets.
fn states(read: Shape<'_>, sent: Option<Shape<'_>>) -> Vec<State> {
    let mut states = Vec::new();
    for (name, field) in read.properties() {
        if sent.is_some_and(|sent| sent.property(name).is_some()) {
            continue;
        }
        let listed = field.keyword("enum").and_then(Value::as_array);
        if field.value_type() == Some("boolean") {
            let words = words(name).into_iter().filter(|word| word != "is").collect();
            states.push(State { field: name.to_owned(), value: Value::Bool(true), words, is_first: false });
        } else if let Some(listed) = listed.filter(|listed| listed.len() <= MOST_STATES) {
            for (number, value) in listed.iter().enumerate().filter(|(_, value)| value.is_string()) {
                let words = words(value.as_str().unwrap_or_default());
                states.push(State { field: name.to_owned(), value: value.clone(), words, is_first: number == 0 });
            }
        }
    }
    states.retain(|state| !state.words.is_empty());
    states
}

/// Whether an operation changes something by a path that goes on after that of one thing, and names nothing else.
fn is_within(operation: &Operation, resource: &Resource) -> bool {
    let path = operation.request.as_ref().map(|request| request.path.as_str()).unwrap_or_default();
    let further = path.strip_prefix(&resource.path()).and_then(|further| further.strip_prefix('/'));
    operation.effect != Effect::Reads && further.is_some_and(|further| !further.contains('{') && !further.is_empty())
}

/// The state into which an action leads: the one that the document says it becomes, or that is called as the action.
fn way(act: &Operation, resource: &Resource, states: &[State]) -> Option<(Way, Vec<(usize, Said)>)> {
    let request = act.request.as_ref().filter(|request| matches!(request.method, Method::Post | Method::Put))?;
    let last = request.path.strip_prefix(&resource.path())?.trim_matches('/');
    let contract = act.contract.as_deref()?;
    // What goes on afterwards leads on.
    if last.contains('/') || contract.exactly(201).is_some() || contract.exactly(202).is_some() {
        return None;
    }
    let said = clauses(&contract.prose);
    let becomes = |state: &&State| {
        said.iter().any(|clause| {
            let verb = clause.iter().position(|word| matches!(word.as_str(), "becomes" | "become"));
            verb.is_some_and(|verb| clause[verb + 1..].starts_with(&state.words))
        })
    };
    let by_name = || states.iter().find_map(|state| is_done(last, state).map(|value| (state, value)));
    let (state, value, is_said) = match states.iter().find(becomes) {
        Some(state) => (state, state.value.clone(), true),
        None => by_name().map(|(state, value)| (state, value, false))?,
    };
    let requirement = RequirementId(format!("{}.leads-to.{}", act.name.value, shown(&state.field, &value)));
    let (operation, field, place) = (act.name.value.clone(), state.field.clone(), act.name.place.clone());
    Some((Way { operation, field, value, is_said, requirement, place }, said_of(act, states)))
}

/// Whether a state is what an action is called for, `closed` of `close`; or of `unarchive` that it is not `archived`.
fn is_done(action: &str, state: &State) -> Option<Value> {
    let verb: String = action.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    let [word] = state.words.as_slice() else { return None };
    let is_of = |verb: &str| {
        let stem = verb.strip_suffix('e').or_else(|| verb.strip_suffix('y')).unwrap_or(verb);
        let ending = word.strip_prefix(stem);
        stem.len() > 2
            && ending.is_some_and(|ending| ending.len() <= 4 && (ending.ends_with('d') || ending.ends_with("en")))
    };
    if is_of(&verb) {
        return Some(state.value.clone());
    }
    let undone = verb.strip_prefix("un").filter(|verb| state.value == Value::Bool(true) && is_of(verb));
    undone.map(|_| Value::Bool(false))
}

struct Finder<'a> {
    resource: &'a Resource,
    states: &'a [State],
    /// What leads into states, with what is said of the states that it needs.
    ways: Vec<(Way, Vec<(usize, Said)>)>,
    laws: Vec<StateLaw>,
    admitted: Vec<(OperationName, OperationName)>,
}

impl Finder<'_> {
    fn laws_of(&mut self, operation: &Operation) {
        let said = said_of(operation, self.states);
        for (index, _) in said.iter().filter(|(_, said)| *said == Said::Refused) {
            let state = &self.states[*index];
            for (way, said) in &self.ways {
                if leads_to(way, state) && is_open(self.states, said) {
                    let through = Through::Way(way.operation.clone());
                    add(&mut self.laws, operation, self.resource, through, (&state.field, &state.value));
                }
            }
        }
        let needed: Vec<_> =
            said.iter().filter(|(_, said)| *said == Said::Needed).map(|(index, _)| &self.states[*index]).collect();
        let Some(first) = needed.first() else { return };
        for (way, said) in &self.ways {
            if way.field != first.field || way.operation == operation.name.value || !is_open(self.states, said) {
                continue;
            }
            if needed.iter().any(|state| leads_to(way, state)) {
                // Before something led there it was not so.
                if said.iter().all(|(_, said)| *said == Said::Refused) && !needed.iter().any(|state| state.is_first) {
                    add(&mut self.laws, operation, self.resource, Through::Creation, (&way.field, &way.value));
                    self.admitted.push((operation.name.value.clone(), way.operation.clone()));
                }
            } else {
                add(
                    &mut self.laws,
                    operation,
                    self.resource,
                    Through::Way(way.operation.clone()),
                    (&way.field, &way.value),
                );
            }
        }
    }
}

/// Whether an action that needs these states can be done with what was just created.
fn is_open(states: &[State], said: &[(usize, Said)]) -> bool {
    let mut needed = said.iter().filter(|(_, said)| *said == Said::Needed).peekable();
    needed.peek().is_none() || needed.any(|(index, _)| states[*index].is_first)
}

fn leads_to(way: &Way, state: &State) -> bool {
    way.field == state.field && way.value == state.value
}

fn add(
    laws: &mut Vec<StateLaw>,
    operation: &Operation,
    resource: &Resource,
    through: Through,
    (field, value): (&str, &Value),
) {
    let Some(conflict) = operation.contract.as_deref().and_then(|contract| contract.exactly(409)) else { return };
    let state = match through {
        Through::Way(_) => shown(field, value),
        Through::Creation => format!("not-{}", shown(field, value)),
    };
    let requirement = RequirementId(format!("{}.refused.{state}", operation.name.value));
    if laws.iter().any(|law| law.requirement == requirement) {
        return;
    }
    let text = match through {
        Through::Way(_) => {
            format!("{} is refused where the {} is {}", operation.name.value, resource.noun, shown(field, value))
        }
        Through::Creation => {
            format!("{} is refused where the {} is not {}", operation.name.value, resource.noun, shown(field, value))
        }
    };
    laws.push(StateLaw {
        operation: operation.name.value.clone(),
        through,
        field: field.to_owned(),
        value: value.clone(),
        text,
        requirement,
        place: conflict.place.clone(),
    });
}

/// What a state is called.
fn shown(field: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => field.to_owned(),
        Value::Bool(false) => format!("not-{field}"),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// What the description of an operation's conflict says of states.
fn said_of(operation: &Operation, states: &[State]) -> Vec<(usize, Said)> {
    let conflict = operation.contract.as_deref().and_then(|contract| contract.exactly(409));
    let mut found = Vec::new();
    for clause in clauses(conflict.map(|conflict| conflict.description.as_str()).unwrap_or_default()) {
        for (index, state) in states.iter().enumerate() {
            let at = clause.windows(state.words.len()).position(|words| words == state.words.as_slice());
            let said = at.and_then(|at| said_at(&clause, at, state.words.len()));
            found.extend(said.map(|said| (index, said)));
        }
    }
    // What is said both ways is not understood.
    let both = found.clone();
    found.retain(|(index, said)| !both.iter().any(|(other, another)| other == index && another != said));
    found
}

/// What the words before and after a state say of it.
fn said_at(clause: &[String], at: usize, length: usize) -> Option<Said> {
    let before = |window: usize, words: &[&str]| {
        clause[at.saturating_sub(window)..at].iter().any(|word| words.contains(&word.as_str()))
    };
    let is_not = before(3, &["not", "isn", "aren", "wasn", "no"]);
    let is_only = before(3, &["only", "must", "unless", "until"]);
    let is = before(3, &["is", "are", "was", "been", "already", "once", "when", "while", "if"])
        || clause.get(at + length).is_some_and(|word| word == "already");
    match (is_not, is_only) {
        (true, false) | (false, true) => Some(Said::Needed),
        (true, true) => Some(Said::Refused),
        (false, false) => is.then_some(Said::Refused),
    }
}

/// The words of each part of a text that says one thing.
fn clauses(text: &str) -> Vec<Vec<String>> {
    let text =
        text.to_lowercase().replace(" or the ", ". the ").replace(" or it ", ". it ").replace(" and the ", ". the ");
    let parts = text.split(['.', ';', ',', ':', '(', ')', '\n']).map(words).filter(|words| !words.is_empty());
    parts.collect()
}

/// The words of a text or a name, in small letters: `in_progress` and `inProgress` are two.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower) {
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

    fn said(text: &str, state: &str) -> Option<&'static str> {
        let state = words(state);
        let all = clauses(text);
        let found = all.iter().find_map(|clause| {
            let at = clause.windows(state.len()).position(|part| part == state.as_slice())?;
            said_at(clause, at, state.len())
        });
        found.map(|said| if said == Said::Refused { "refused" } else { "needed" })
    }

    #[test]
    fn a_description_says_in_which_state_an_operation_is_refused() {
        assert_eq!(said("The issue is closed already, or the project is archived", "closed"), Some("refused"));
        assert_eq!(said("The issue is closed already, or the project is archived", "archived"), Some("refused"));
        assert_eq!(said("The issue is not open, or the project is archived", "open"), Some("needed"));
        assert_eq!(said("The task isn't in progress", "in_progress"), Some("needed"));
        assert_eq!(said("Only draft invoices can be sent", "draft"), Some("needed"));
        assert_eq!(said("Already cancelled", "cancelled"), Some("refused"));
        assert_eq!(said("An order must not be shipped", "shipped"), Some("refused"));
        assert_eq!(said("It does not accept changes once closed", "closed"), Some("refused"));
        assert_eq!(said("The shop has a new product with this name", "new"), None);
        assert_eq!(said("Conflict", "open"), None);
    }

    #[test]
    fn an_action_leads_to_the_state_that_is_called_for_it() {
        let state =
            |value: Value, word: &str| State { field: "f".to_owned(), value, words: words(word), is_first: false };
        let text = |word: &str| state(Value::from(word), word);
        let leads = |action: &str, state: &State| is_done(action, state);
        for (action, word) in [
            ("close", "closed"),
            ("cancel", "cancelled"),
            ("cancel", "canceled"),
            ("ship", "shipped"),
            ("submit", "submitted"),
            ("verify", "verified"),
        ] {
            assert_eq!(leads(action, &text(word)), Some(Value::from(word)), "{action}");
        }
        assert_eq!(leads("open", &text("closed")), None);
        assert_eq!(leads("pay", &text("pending")), None);
        assert_eq!(leads("archive", &state(Value::Bool(true), "archived")), Some(Value::Bool(true)));
        assert_eq!(leads("unarchive", &state(Value::Bool(true), "archived")), Some(Value::Bool(false)));
    }
}
