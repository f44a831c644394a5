//! What only the server sets: fields that can only be read, and how many things are in another; and what a thing refers to.

use serde_json::{Value, json};

use assay_suite::{Resource, Variable, counts, refers_by_name};

use super::build::{
    Arguments, Call, accepted, at_path, created, field, fields_of, identity, located, member, prepared, refused,
};
use super::compare::property;
use super::maker::Maker;
use super::positive::replaced;
use super::subject::Subject;
use super::value::{Extent, Variant, comparable, flattened};
use crate::scenario::step::Step;
use crate::scenario::{Expectation, Matcher, Outcome, Template};

impl<'a> Maker<'a> {
    /// Changes that give values to what can only be read: refused or not, they are not there afterwards.
    pub(super) fn read_only(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (resource, law, place) = (subject.resource, subject.law, &subject.law.place);
        let read = resource.read.as_ref()?;
        let root = self.schema_of(read)?;
        let shown = flattened(root, root)?;
        // By another identity a faulty server would change what is another's, and this would not be found again.
        let identity = resource.created_key.as_deref().and_then(|key| key.rsplit('.').next());
        let names = shown.get("properties")?.as_object()?.keys();
        let names = names.filter(|name| Some(name.as_str()) != identity && name.as_str() != "id");
        let forced: Vec<_> = names
            .filter_map(|name| {
                let schema = flattened(root, property(root, root, name)?)?;
                let is_read_only = schema.get("readOnly") == Some(&Value::Bool(true));
                forced(&schema)
                    .filter(|_| is_read_only && resource.version.as_ref() != Some(name))
                    .map(|value| (name, value))
            })
            .collect();
        if forced.is_empty() {
            return None;
        }
        let mut steps = vec![Self::creating(subject, sent, created())];
        let before = steps.len();
        for update in [&resource.replace, &resource.patch].into_iter().flatten() {
            let operation = self.operation(update)?;
            let Some(body) = operation.contract.as_deref().and_then(|contract| contract.body()) else { continue };
            let Some(arguments) = self.good(operation, Extent::All, Variant::Second, &law.requirement.0) else {
                continue;
            };
            let Some(mut fields) = fields_of(&arguments, &body.argument).cloned() else { continue };
            fields.retain(|(name, _)| !forced.iter().any(|(known, _)| *known == name));
            fields.extend(forced.iter().map(|(name, value)| ((*name).clone(), Template::Literal(value.clone()))));
            let arguments = replaced(arguments, &body.argument, Template::Map(fields));
            let expect = vec![located(Expectation::Outcome(Outcome::Any), place)];
            steps.extend(self.changing(subject, operation, arguments, expect));
            let mut expect = accepted(place);
            for (name, value) in &forced {
                let matcher = Matcher::Excludes(Template::Literal(value.clone()));
                expect.extend(field(&member("$", name), matcher, place));
            }
            steps.push(self.on_created(resource, read, expect, law)?);
        }
        (steps.len() > before).then_some(steps)
    }

    /// What a thing is created in, or refers to, counts it: more are there with it than before and after.
    pub(super) fn counted_by_others(&self, subject: &Subject<'a>, sent: &Arguments) -> Option<Vec<Step>> {
        let (resource, law, place) = (subject.resource, subject.law, &subject.law.place);
        let id = &law.requirement;
        let remove = self.operation(resource.remove.as_ref()?)?;
        if remove.contract.as_deref()?.header("if-match").is_some_and(|guard| guard.is_required) {
            return None;
        }
        let mut steps = Vec::new();
        for holder in &self.described.resources {
            let Some((path, sent)) = self.counting(holder, subject, sent) else { continue };
            let number = steps.len();
            let own = Variable(format!("holder_{number}"));
            let create = self.operation(holder.create.as_ref()?)?;
            let with = self.good(create, Extent::All, Variant::First, &id.0)?;
            let save = vec![(own.clone(), identity(holder.created_key.as_ref()?, &with)?)];
            steps.push(Call { operation: create, arguments: with, save }.step(prepared(place), Vec::new()));
            let read = self.operation(holder.read.as_ref()?)?;
            let look = self.good(read, Extent::Required, Variant::First, &id.0)?;
            let look = replaced(look, &holder.parameter, Template::Variable(own.clone()));
            let reading =
                |expect, save, verifies| Call { operation: read, arguments: look.clone(), save }.step(expect, verifies);
            let before = Variable(format!("count_{number}"));
            steps.push(reading(prepared(place), vec![(before.clone(), at_path(&path)?)], Vec::new()));
            let sent: Vec<_> = sent.into_iter().map(|(name, value)| (name, with_holder(value, &own))).collect();
            steps.push(Self::creating(subject, sent, created()));
            let mut expect = accepted(place);
            expect.extend(field(&path, Matcher::Not(Template::Variable(before.clone())), place));
            steps.push(reading(expect, Vec::new(), vec![id.clone()]));
            let removal = self.good(remove, Extent::Required, Variant::First, &id.0)?;
            let removal = match resource.parents.iter().find(|(_, variable)| *variable == holder.variable) {
                Some((argument, _)) => replaced(removal, argument, Template::Variable(own)),
                None => removal,
            };
            steps.push(Self::on_created_with(resource, remove, removal, prepared(place), law));
            let mut expect = accepted(place);
            expect.extend(field(&path, Matcher::Equals(Template::Variable(before)), place));
            steps.push(reading(expect, Vec::new(), vec![id.clone()]));
        }
        (!steps.is_empty()).then_some(steps)
    }

    /// Where a thing shows how many of a kind it has, and what one of those is created with in it.
    fn counting(&self, holder: &Resource, subject: &Subject<'a>, sent: &Arguments) -> Option<(String, Arguments)> {
        let resource = subject.resource;
        if holder.variable == resource.variable || holder.created_key.is_none() {
            return None;
        }
        let root = self.schema_of(holder.read.as_ref()?)?;
        let shown = flattened(root, root)?;
        let mut names = shown.get("properties")?.as_object()?.keys();
        let name = names.find(|name| counts(name, &resource.noun))?;
        let in_holder = Template::Variable(holder_variable());
        // Only what it is in directly is in it alone.
        let sent = match resource.parents.last() {
            Some((argument, variable)) if *variable == holder.variable => replaced(sent.clone(), argument, in_holder),
            _ => {
                // Both are in the same thing, as far as they are in one.
                let shares =
                    holder.parents.iter().all(|(_, known)| resource.parents.iter().any(|(_, own)| own == known));
                let body = subject.create.contract.as_deref()?.body().filter(|_| shares)?;
                let schema = flattened(&body.schema, &body.schema)?;
                let mut fields = schema.get("properties")?.as_object()?.keys();
                let link = fields.find(|name| self.links.get(&comparable(name)) == Some(&holder.variable))?;
                let mut given = fields_of(sent, &body.argument)?.clone();
                given.retain(|(name, _)| name != link);
                given.push((link.clone(), in_holder));
                replaced(sent.clone(), &body.argument, Template::Map(given))
            }
        };
        Some((member("$", name), sent))
    }

    /// A creation that refers to what there is not.
    pub(super) fn referring(&self, subject: &Subject<'a>, sent: &Arguments) -> Option<Vec<Step>> {
        let (law, place) = (subject.law, &subject.law.place);
        let contract = subject.create.contract.as_deref()?;
        let body = contract.body()?;
        let schema = flattened(&body.schema, &body.schema)?;
        let mut steps = Vec::new();
        for (name, property) in schema.get("properties")?.as_object()? {
            let Some(linked) = self.links.get(&comparable(name)) else { continue };
            let Some(of) = self.described.resources.iter().find(|known| known.variable == *linked) else { continue };
            let schema = flattened(&body.schema, property).unwrap_or_default();
            let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
            if *linked == subject.resource.variable || !refers_by_name(said, of, contract, subject.resource) {
                continue;
            }
            let unknown = match schema.get("format").and_then(Value::as_str) {
                Some("uuid") => json!("00000000-0000-4000-8000-00000000dead"),
                None if is_of(&schema, "integer") => json!(987_654_321),
                _ => continue,
            };
            let mut fields = fields_of(sent, &body.argument)?.clone();
            fields.retain(|(known, _)| known != name);
            fields.push((name.clone(), Template::Literal(unknown)));
            let arguments = replaced(sent.clone(), &body.argument, Template::Map(fields));
            if arguments
                .iter()
                .any(|(name, value)| *name == body.argument && self.judge.is_good(body, value) == Some(false))
            {
                continue;
            }
            let call = Call { operation: subject.create, arguments, save: Vec::new() };
            steps.push(call.step(refused(&[400, 404, 409, 410, 422], place), vec![law.requirement.clone()]));
        }
        (!steps.is_empty()).then_some(steps)
    }
}

/// A variable in whose place that of what counts is put.
fn holder_variable() -> Variable {
    Variable("holder".to_owned())
}

fn with_holder(value: Template, own: &Variable) -> Template {
    match value {
        Template::Variable(variable) if variable == holder_variable() => Template::Variable(own.clone()),
        Template::Map(fields) => {
            Template::Map(fields.into_iter().map(|(name, value)| (name, with_holder(value, own))).collect())
        }
        other => other,
    }
}

fn is_of(schema: &serde_json::Map<String, Value>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name == kind,
        Some(Value::Array(names)) => names.iter().any(|name| name == kind),
        _ => false,
    }
}

/// A value that no server gives by itself, of a field that can only be read.
fn forced(schema: &serde_json::Map<String, Value>) -> Option<Value> {
    if schema.contains_key("enum") || schema.contains_key("const") || schema.contains_key("pattern") {
        return None;
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => Some(json!("2001-02-03T04:05:06Z")),
        Some("date") => Some(json!("2001-02-03")),
        Some("uuid") => Some(json!("00000000-0000-4000-8000-00000000dead")),
        Some("email") => Some(json!("read-only@example.com")),
        Some(_) => None,
        None if is_of(schema, "string") => Some(json!("assay-read-only")),
        None if is_of(schema, "integer") => Some(json!(987_654)),
        None => None,
    }
}
