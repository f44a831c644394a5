//! How what is created relates to what is there: to others of its name, to what it is in, and to who asks.

use serde_json::Value;

use assay_suite::source::{Located, Place};
use assay_suite::{Effect, LawKind, Operation, OperationName, Resource, Variable};

use super::build::{
    Arguments, Call, accepted, created, field, fields_of, identity, located, member, of_account, of_data, prepared,
    refused, undecided,
};
use super::compare::{is_free, property, shows};
use super::laws::created_tag;
use super::lists::paged;
use super::maker::Maker;
use super::positive::replaced;
use super::subject::Subject;
use super::value::{Extent, Variant, flattened, literal, names};
use crate::scenario::step::{CallOptions, Step};
use crate::scenario::{Expectation, Matcher, Outcome, Template};

/// The account of a target that shares nothing with its main one.
const NEIGHBOUR: &str = "neighbour";

impl<'a> Maker<'a> {
    /// The steps of a law on relations.
    pub(super) fn relation(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        match subject.law.kind {
            LawKind::NotCreated => self.not_created(subject, &sent),
            LawKind::Unique => Some(Self::unique(subject, sent)),
            LawKind::Renamed => self.renamed(subject, sent),
            LawKind::Defaults => self.defaults(subject),
            LawKind::Within => self.within(subject, sent),
            LawKind::Cascade | LawKind::Kept => self.cascade(subject, sent),
            LawKind::Private => self.private(subject, sent),
            _ => None,
        }
    }

    fn not_created(&self, subject: &Subject<'a>, sent: &Arguments) -> Option<Vec<Step>> {
        let (law, place) = (subject.law, &subject.law.place);
        let contract = subject.create.contract.as_deref()?;
        let (list, path) = subject.resource.list.as_ref()?;
        let wrong = self.wrong_body(subject.create, &law.requirement)?;
        let body = contract.body()?;
        let of =
            |arguments: &Arguments| arguments.iter().find(|(name, _)| *name == body.argument).map(|(_, v)| v.clone());
        let (Some(Template::Map(good)), Some(Template::Map(bad))) = (of(sent), of(&wrong)) else { return None };
        // What nothing else has shows in the list which one it was.
        let listed = self.items_of(list)?;
        let is_own = |(name, value): &&(String, Template)| {
            let is_unique = value.variables().iter().any(|variable| **variable == Variable::unique());
            is_unique && good.iter().any(|(known, _)| known == name) && property(listed.0, listed.1, name).is_some()
        };
        let (name, value) = bad.iter().find(is_own)?;
        let call = Call { operation: subject.create, arguments: wrong.clone(), save: Vec::new() };
        let refusal = refused(&of_data(contract, &[]), place);
        let statuses = refusal.into_iter().filter(|one| !matches!(one.value, Expectation::Form)).collect();
        let refused = call.step(statuses, vec![law.requirement.clone()]);
        let operation = self.operation(list)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?;
        let (all, _) = path.split_once("[0]")?;
        let mut expect = accepted(place);
        expect.extend(field(&member(&format!("{all}[*]"), name), Matcher::Excludes(value.clone()), place));
        let arguments = paged(subject.resource, &subject.law.place, arguments, &mut expect);
        let list = Call { operation, arguments, save: Vec::new() };
        Some(vec![refused, list.step(expect, vec![law.requirement.clone()])])
    }

    /// The schema of the items of a list, and the one that it is complete in.
    pub(super) fn items_of(&self, list: &OperationName) -> Option<(&'a Value, &'a Value)> {
        let root = self.schema_of(list)?;
        let items = self.operation(list)?.list.as_ref()?.items.clone();
        let whole = if items.is_empty() { root } else { property(root, root, &items)? };
        let mut waiting = vec![whole];
        for _ in 0..32 {
            let schema = waiting.pop()?;
            if let Some(items) = schema.get("items") {
                return Some((root, items));
            }
            let referred = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            waiting.extend(referred.and_then(|pointer| root.pointer(pointer)));
            for keyword in ["allOf", "oneOf", "anyOf"] {
                waiting.extend(schema.get(keyword).and_then(Value::as_array).into_iter().flatten());
            }
        }
        None
    }

    fn unique(subject: &Subject<'a>, sent: Arguments) -> Vec<Step> {
        let first = Self::creating(subject, sent.clone(), created());
        let save =
            identity(subject.key, &sent).map(|source| (Variable("other".to_owned()), source)).into_iter().collect();
        let again = Call { operation: subject.create, arguments: sent, save };
        let requirement = subject.law.requirement.clone();
        vec![first, again.step(refused(&[409], &subject.law.place), vec![requirement])]
    }

    /// Of two that were created one is given the name of the other.
    fn renamed(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (resource, law, place) = (subject.resource, subject.law, &subject.law.place);
        let operation = self.operation(resource.replace.as_ref().or(resource.patch.as_ref())?)?;
        let body = operation.contract.as_deref()?.body()?;
        let second = self.good(subject.create, Extent::All, Variant::Second, &law.requirement.0)?;
        let change = self.good(operation, Extent::All, Variant::Second, &law.requirement.0)?;
        let taken = sent.iter().filter(|(name, _)| self.is_body(subject, name));
        let taken: Vec<_> = taken.filter_map(|(name, _)| fields_of(&sent, name)).flatten().collect();
        let is_own = |value: &Template| {
            !value.chosen().is_empty() || value.variables().into_iter().any(|variable| *variable == Variable::unique())
        };
        let mut fields = fields_of(&change, &body.argument)?.clone();
        let mut is_renamed = false;
        for (name, value) in &mut fields {
            if let Some((_, taken)) = taken.iter().find(|(known, value)| known == name && is_own(value)) {
                *value = taken.clone();
                is_renamed = true;
            }
        }
        let change = replaced(change, &body.argument, Template::Map(fields));
        let mut steps = vec![
            Self::creating(subject, sent, Variable("other".to_owned())),
            Self::creating(subject, second, created()),
        ];
        steps.extend(self.changing(subject, operation, change, refused(&[409], place)));
        is_renamed.then_some(steps)
    }

    fn defaults(&self, subject: &Subject<'a>) -> Option<Vec<Step>> {
        let (sent, expect) = self.without_defaults(subject, subject.create)?;
        let create = Self::creating(subject, sent, created());
        Some(vec![create, self.on_created(subject.resource, subject.resource.read.as_ref()?, expect, subject.law)?])
    }

    /// A request with nothing that has a default, and that the defaults are read after it; none where nothing has one.
    pub(super) fn without_defaults(
        &self,
        subject: &Subject<'a>,
        operation: &Operation,
    ) -> Option<(Arguments, Vec<Located<Expectation>>)> {
        let (law, place) = (subject.law, &subject.law.place);
        let body = operation.contract.as_deref()?.body()?;
        let mut sent = self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?;
        let whole = flattened(&body.schema, &body.schema)?;
        let must = names(&whole, "required");
        let properties = whole.get("properties").and_then(Value::as_object)?;
        let root = self.schema_of(subject.resource.read.as_ref()?)?;
        let mut expect = accepted(place);
        let answer = flattened(root, root).unwrap_or_default();
        let (before, needed) = (expect.len(), names(&answer, "required"));
        for (name, schema) in properties {
            let default = flattened(&body.schema, schema).and_then(|schema| schema.get("default").cloned());
            let default = default.filter(|default| !default.is_null() && !default.is_object() && !default.is_array());
            let (Some(default), Some(shown)) = (default, property(root, root, name)) else { continue };
            if must.contains(&name.as_str()) || is_free(root, shown) {
                continue;
            }
            if let Some((_, Template::Map(fields))) = sent.iter_mut().find(|(known, _)| *known == body.argument) {
                fields.retain(|(known, _)| known != name);
            }
            expect.extend(field(&member("$", name), shows(&needed, name, literal(&default)), place));
        }
        (expect.len() > before).then_some((sent, expect))
    }

    /// What a resource is in, and the argument that names it.
    fn parent(&self, subject: &Subject<'a>) -> Option<(&'a Resource, &'a Operation, &'a str)> {
        let (argument, variable) = subject.resource.parents.last()?;
        let parent = self.described.resources.iter().find(|known| known.variable == *variable)?;
        Some((parent, self.operation(parent.create.as_ref()?)?, argument))
    }

    /// Creates what the created is in, or could be in.
    fn creating_parent(&self, subject: &Subject<'a>, variant: Variant, variable: Variable) -> Option<Step> {
        let (parent, create, _) = self.parent(subject)?;
        let arguments = self.good(create, Extent::All, variant, &subject.law.requirement.0)?;
        let save = vec![(variable, identity(parent.created_key.as_ref()?, &arguments)?)];
        Some(Call { operation: create, arguments, save }.step(prepared(&subject.law.place), Vec::new()))
    }

    /// Reads what was created in something.
    fn reading_in(&self, subject: &Subject<'a>, parent: &Variable, expect: Vec<Located<Expectation>>) -> Option<Step> {
        let (_, _, argument) = self.parent(subject)?;
        let operation = self.operation(subject.resource.read.as_ref()?)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &subject.law.requirement.0)?;
        let arguments = replaced(arguments, argument, Template::Variable(parent.clone()));
        Some(Self::on_created_with(subject.resource, operation, arguments, expect, subject.law))
    }

    fn within(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (_, _, argument) = self.parent(subject)?;
        let place = &subject.law.place;
        let (own, other) = (Variable("own_parent".to_owned()), Variable("other_parent".to_owned()));
        let sent = replaced(sent, argument, Template::Variable(own.clone()));
        let mut steps = vec![
            self.creating_parent(subject, Variant::First, own.clone())?,
            self.creating_parent(subject, Variant::Second, other.clone())?,
            Self::creating(subject, sent, created()),
            self.reading_in(subject, &own, accepted(place))?,
            self.reading_in(subject, &other, refused(&[400, 403, 404, 410, 422], place))?,
        ];
        steps.extend(self.list_of_another(subject, argument, &other));
        Some(steps)
    }

    /// The list of what is in another thing has not what was created.
    fn list_of_another(&self, subject: &Subject<'a>, argument: &str, other: &Variable) -> Option<Step> {
        let in_other = |arguments| replaced(arguments, argument, Template::Variable(other.clone()));
        self.list_without(subject, in_other, &[401, 403, 404], CallOptions::default())
    }

    /// The list has not what was removed.
    pub(super) fn listed_no_more(&self, subject: &Subject<'a>) -> Option<Step> {
        let is_listed = subject.resource.laws.iter().any(|law| law.kind == LawKind::Listed);
        self.list_without(subject, |arguments| arguments, &[401, 403, 404], CallOptions::default())
            .filter(|_| is_listed)
    }

    /// A list that has not what was created, asked for with these arguments in this way. A refusal by these statuses decides nothing.
    fn list_without(
        &self,
        subject: &Subject<'a>,
        with: impl FnOnce(Arguments) -> Arguments,
        soft: &[u16],
        options: CallOptions,
    ) -> Option<Step> {
        let (list, path) = subject.resource.list.as_ref()?;
        let (law, place, operation) = (subject.law, &subject.law.place, self.operation(list)?);
        let arguments = with(self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?);
        let mut expect = accepted(place);
        expect.push(undecided(soft, place));
        let all = path.replacen("[0]", "[*]", 1);
        expect.extend(field(&all, Matcher::Excludes(Template::Variable(created())), place));
        let arguments = paged(subject.resource, &subject.law.place, arguments, &mut expect);
        let call = Call { operation, arguments, save: Vec::new() };
        Some(call.with_options(options, expect, vec![law.requirement.clone()]))
    }

    fn cascade(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (parent, _, argument) = self.parent(subject)?;
        let (law, place) = (subject.law, &subject.law.place);
        let own = Variable("own_parent".to_owned());
        let sent = replaced(sent, argument, Template::Variable(own.clone()));
        let remove = self.operation(parent.remove.as_ref()?)?;
        // One whose removal must name its state is not followed.
        if remove.contract.as_deref()?.header("if-match").is_some_and(|guard| guard.is_required) {
            return None;
        }
        let arguments = self.good(remove, Extent::Required, Variant::First, &law.requirement.0)?;
        let arguments = replaced(arguments, &parent.parameter, Template::Variable(own.clone()));
        let removal = Call { operation: remove, arguments, save: Vec::new() };
        let mut steps = vec![
            self.creating_parent(subject, Variant::First, own.clone())?,
            Self::creating(subject, sent.clone(), created()),
        ];
        if law.kind == LawKind::Kept {
            steps.push(removal.step(refused(&[409], place), vec![law.requirement.clone()]));
            steps.push(self.reading_in(subject, &own, accepted(place))?);
            return Some(steps);
        }
        // A server may ask that it is emptied first.
        let mut expect = accepted(place);
        expect.push(undecided(&[400, 403, 405, 409, 412, 422, 423, 428], place));
        steps.push(removal.step(expect, Vec::new()));
        steps.push(self.reading_in(subject, &own, refused(&[400, 403, 404, 410], place))?);
        // Nothing is created in what is gone, where the document says how that is refused.
        if subject.create.contract.as_deref()?.exactly(404).is_some() {
            let save =
                identity(subject.key, &sent).map(|source| (Variable("other".to_owned()), source)).into_iter().collect();
            let again = Call { operation: subject.create, arguments: sent, save };
            steps.push(again.step(refused(&[400, 403, 404, 410, 422], place), vec![law.requirement.clone()]));
        }
        Some(steps)
    }

    #[expect(clippy::needless_pass_by_value, reason = "all that make steps are called alike")]
    fn private(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (resource, law, place) = (subject.resource, subject.law, &subject.law.place);
        let read = resource.read.as_ref()?;
        let mut steps = vec![Self::creating(subject, sent.clone(), created())];
        let guarded = |name: &OperationName| self.takes_header(name, "if-match");
        let all = [&resource.replace, &resource.patch, &resource.remove];
        if all.into_iter().flatten().any(guarded) {
            steps.extend(self.reading_tag(subject, created_tag()));
        }
        steps.extend(self.list_of_neighbour(subject));
        // Each account may have a name of its own of what a PUT creates: then it has one once that was sent.
        let creates = |name: &OperationName| resource.create.as_ref() == Some(name);
        let mut writes = [&resource.replace, &resource.patch, &resource.remove];
        if resource.replace.as_ref().is_some_and(creates) {
            writes.reverse();
        }
        let acts = self.acts_on(resource);
        for name in [&resource.read].into_iter().chain(writes).flatten().chain(acts) {
            let operation = self.operation(name)?;
            let Some(arguments) = self.good(operation, Extent::All, Variant::Second, &law.requirement.0) else {
                continue;
            };
            let mut arguments = replaced(arguments, &resource.parameter, Template::Variable(created()));
            if let Some(guard) = operation.contract.as_deref().and_then(|contract| contract.header("if-match")) {
                arguments = replaced(arguments, &guard.argument, Template::Variable(created_tag()));
            }
            let call = Call { operation, arguments, save: Vec::new() };
            let is_told = match () {
                () if resource.remove.as_ref() == Some(name) => documents_missing(operation),
                () => !creates(name),
            };
            // A removal of what is not there may be accepted, and so may another of its name: what came of it is read below.
            let expect = if is_told {
                refused_to_others(place)
            } else {
                vec![located(Expectation::Outcome(Outcome::Any), place)]
            };
            steps.push(call.with_options(of_account(NEIGHBOUR), expect, vec![law.requirement.clone()]));
        }
        steps.push(self.on_created(resource, read, self.as_sent(subject, read, &sent), law)?);
        Some(steps)
    }

    /// The operations that do something with one thing, or in it: their paths go on after its own.
    fn acts_on(&self, resource: &Resource) -> impl Iterator<Item = &'a OperationName> {
        let within = format!("{}/{{{}}}/", resource.collection.trim_end_matches('/'), resource.parameter);
        let acts = self.suite.operations.values().filter(move |operation| {
            let path = operation.request.as_ref().map(|request| request.path.as_str()).unwrap_or_default();
            let further = path.strip_prefix(within.as_str());
            operation.effect != Effect::Reads && further.is_some_and(|further| !further.contains('{'))
        });
        acts.map(|operation| &operation.name.value)
    }

    /// The list of another account has not what was created.
    fn list_of_neighbour(&self, subject: &Subject<'a>) -> Option<Step> {
        // What is in something that the other account does not see is not listed to it at all.
        if !subject.resource.parents.is_empty() {
            return None;
        }
        self.list_without(subject, |arguments| arguments, &[401, 403], of_account(NEIGHBOUR))
    }
}

/// Whether an operation says by which status it answers where nothing is.
fn documents_missing(operation: &Operation) -> bool {
    let contract = operation.contract.as_deref();
    contract.is_some_and(|contract| [404, 410].iter().any(|status| contract.exactly(*status).is_some()))
}

/// That something is refused because it is another's.
fn refused_to_others(place: &Place) -> Vec<Located<Expectation>> {
    let refusal = refused(&[401, 403, 404, 410], place);
    refusal.into_iter().filter(|one| !matches!(one.value, Expectation::Form)).collect()
}
