//! Good requests.

use std::cell::Cell;

use crate::scenario::{Choice, Chosen, Part, Template};
use assay_suite::{Effect, Input, InputKind, Operation, Variable};

use super::build::Arguments;
use super::maker::{Maker, version_variable};
use super::value::{BUDGET, Extent, Generator, Variant, own_name, seed};

/// Parameters that say where a page begins: only the page before has their values.
const MARKS: [&str; 14] = [
    "cursor",
    "after",
    "before",
    "marker",
    "pagetoken",
    "nexttoken",
    "continuationtoken",
    "startingafter",
    "endingbefore",
    "nextcursor",
    "nextpagetoken",
    "pagekey",
    "token",
    "exclusivestartkey",
];

impl Maker<'_> {
    /// The arguments of a good request; none where a value of one can't be made.
    pub(super) fn good(
        &self,
        operation: &Operation,
        extent: Extent,
        variant: Variant,
        label: &str,
    ) -> Option<Arguments> {
        let contract = operation.contract.as_ref()?;
        let mut arguments = Arguments::new();
        for input in &contract.inputs {
            let is_wanted = input.is_required
                || (extent == Extent::All && !has_own_syntax(input))
                || Self::is_usual(operation, input);
            if !is_wanted {
                continue;
            }
            match self.argument(operation, input, extent, variant, label) {
                Some(value) => arguments.push((input.argument.clone(), value)),
                None if input.is_required => return None,
                None => {}
            }
        }
        Some(arguments)
    }

    fn is_usual(operation: &Operation, input: &Input) -> bool {
        operation.parameters.get(&input.argument).is_some_and(|parameter| parameter.usual)
    }

    /// A good value of one input.
    pub(super) fn argument(
        &self,
        operation: &Operation,
        input: &Input,
        extent: Extent,
        variant: Variant,
        label: &str,
    ) -> Option<Template> {
        let parameter = operation.parameters.get(&input.argument);
        if let Some(condition) = Condition::of(input) {
            return match condition {
                Condition::Match => self.tag_of(operation).map(Template::Variable).or_else(|| any_state(input)),
                Condition::Other if input.is_required => any_state(input),
                Condition::Other => None,
                Condition::Key => Some(Template::parse(&KEY.into())),
            };
        }
        let written = parameter.and_then(|parameter| parameter.value.as_ref());
        if let Some(node) = written.filter(|_| Self::is_usual(operation, input)) {
            return Some(Template::parse(&node.to_sent()));
        }
        let name = super::value::comparable(&input.argument);
        if input.kind == InputKind::Path
            && let Some(variable) = self.variable_of(operation, &input.argument)
        {
            let is_chosen =
                self.created.get(&operation.name.value).is_some_and(|resource| resource.chooses(&input.argument));
            if !is_chosen {
                return Some(Template::Variable(variable.clone()));
            }
            // What a PUT creates is called as a thing of another kind, or as nothing else is.
            return match self.links.get(&name).filter(|linked| *linked != variable) {
                Some(linked) => Some(Template::Variable(linked.clone())),
                None => self.name_of_own(input, variant, label),
            };
        }
        if !input.is_required && MARKS.contains(&name.as_str()) {
            return None;
        }
        if input.kind != InputKind::Body {
            let example = input.examples.first().map(super::value::literal);
            let value = example.or_else(|| written.map(|node| super::value::literal(&node.to_json())));
            if let Some(value) = value.filter(|value| self.judge.is_good(input, value) != Some(false)) {
                return Some(value);
            }
        }
        // What an optional filter names may not exist: what it excludes shows nothing.
        if !input.is_required && input.kind == InputKind::Query && self.links.contains_key(&name) {
            return None;
        }
        // What is in a path and is of no known kind the target has to name.
        if input.kind == InputKind::Path && !is_closed(input) {
            return Some(Template::Variable(own_name(&input.argument)));
        }
        let made = self.made(operation, input, &input.schema, (extent, variant), label);
        made.or_else(|| input.examples.first().map(super::value::literal))
    }

    /// A value of an input, made by its schema or by one that allows less.
    pub(super) fn made(
        &self,
        operation: &Operation,
        input: &Input,
        schema: &serde_json::Value,
        (extent, variant): (Extent, Variant),
        label: &str,
    ) -> Option<Template> {
        let own: Option<&Variable> = self.created.get(&operation.name.value).map(|resource| &resource.variable);
        let seed = seed(&format!("{label}.{}", input.argument));
        let generator =
            Generator { root: schema, extent, variant, seed, links: &self.links, own, budget: &Cell::new(BUDGET) };
        let made = generator.value(&input.argument).map(|value| self.on_version(operation, input, value));
        let made = made.map(|value| self.with_choices(operation, input, value, seed));
        made.filter(|value| self.judge.is_good(input, value) != Some(false))
    }
}

impl Maker<'_> {
    /// What a change says of the version that it rests on is what was read of it.
    fn on_version(&self, operation: &Operation, input: &Input, value: Template) -> Template {
        let resource = self.resource_of(operation).filter(|_| operation.effect == Effect::Changes);
        match (resource.and_then(|resource| Some((resource, resource.version.as_ref()?))), value) {
            (Some((resource, field)), Template::Map(mut fields)) if input.kind == InputKind::Body => {
                let version = fields.iter_mut().find(|(name, _)| name == field);
                version.into_iter().for_each(|(_, value)| *value = Template::Variable(version_variable(resource)));
                Template::Map(fields)
            }
            (_, value) => value,
        }
    }

    /// Where a listed value may be refused for what there is, by 409, the others are tried after it: a state into which nothing leads
    /// from the first one, or a key that is taken.
    fn with_choices(&self, operation: &Operation, input: &Input, value: Template, key: u64) -> Template {
        let conflicts = operation.contract.as_deref().is_some_and(|contract| contract.exactly(409).is_some());
        let (Template::Map(mut fields), true) = (value.clone(), conflicts && input.kind == InputKind::Body) else {
            return value;
        };
        let acts = operation.effect == Effect::Changes && self.resource_of(operation).is_none();
        let identity = self.created.get(&operation.name.value).and_then(|resource| resource.created_key.as_deref());
        let names = |field: &str| identity.and_then(|key| key.rsplit('.').next()) == Some(field);
        for (name, value) in fields.iter_mut().filter(|(name, _)| acts || names(name)) {
            let listed = super::compare::listed_texts(&input.schema, name);
            if let Some(first) = value.as_literal().filter(|first| listed.len() > 1 && listed.contains(first)) {
                let others = listed.iter().filter(|other| *other != &first);
                let values = [&first].into_iter().chain(others).map(|text| (*text).to_owned()).collect();
                let key = key.wrapping_add(super::value::seed(name));
                *value =
                    Template::Text(vec![Part::Chosen(Chosen { choice: Choice::Listed(values), key, other: None })]);
            }
        }
        Template::Map(fields)
    }

    /// A name that nothing else has, by the schema of where it is; none where it allows no such name.
    fn name_of_own(&self, input: &Input, variant: Variant, label: &str) -> Option<Template> {
        let budget = Cell::new(BUDGET);
        let (extent, seed, links) = (Extent::Required, seed(label), &self.links);
        let generator = Generator { root: &input.schema, extent, variant, seed, links, own: None, budget: &budget };
        let formats = input.schema.get("format").and_then(serde_json::Value::as_str) == Some("uuid");
        let made = if formats { Some(Template::parse(&KEY.into())) } else { generator.value("name") };
        made.filter(|name| {
            let is_own = name.variables().into_iter().any(|variable| *variable == Variable::unique());
            is_own && self.judge.is_good(input, name) != Some(false)
        })
    }
}

/// A text of the form of a UUID that no other case has.
const KEY: &str = "00000000-0000-4000-8000-${unique}";

/// A header on which it depends whether a request is carried out (RFC 9110, 13.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// `If-Match`.
    Match,
    /// Another one, or one of a part.
    Other,
    /// By which a request that is sent again is known (draft-ietf-httpapi-idempotency-key-header).
    Key,
}

impl Condition {
    /// The one that an input is, if it is one.
    pub fn of(input: &Input) -> Option<Self> {
        if input.kind != InputKind::Header {
            return None;
        }
        match input.name().to_ascii_lowercase().as_str() {
            "if-match" => Some(Self::Match),
            "if-none-match" | "if-modified-since" | "if-unmodified-since" | "if-range" | "range" => Some(Self::Other),
            "idempotency-key" | "x-idempotency-key" => Some(Self::Key),
            _ => None,
        }
    }
}

/// Any state of what is asked for.
fn any_state(input: &Input) -> Option<Template> {
    input.is_required.then(|| Template::text("*"))
}

/// Whether the document says so little of an optional header that any value may be wrong: it has a syntax of its own.
fn has_own_syntax(input: &Input) -> bool {
    let is_text = input.schema.get("type").is_none_or(|kind| kind == "string");
    let says = ["pattern", "default"].into_iter().any(|key| input.schema.get(key).is_some());
    input.kind == InputKind::Header && is_text && !says && input.examples.is_empty() && !is_closed(input)
}

/// Whether only what an earlier answer gave can be the value of an input.
pub(super) fn is_given(input: &Input) -> bool {
    let is_mark = !input.is_required && MARKS.contains(&super::value::comparable(&input.argument).as_str());
    is_mark || Condition::of(input).is_some()
}

/// Whether a document lists the values of an input, or says by their format what they are.
pub(super) fn is_closed(input: &Input) -> bool {
    let has = |key: &str| input.schema.get(key).is_some();
    let format = input.schema.get("format").and_then(serde_json::Value::as_str).unwrap_or_default();
    has("enum") || has("const") || ["date", "date-time", "ipv4", "ipv6"].contains(&format)
}
