//! How the operations on one resource go together: each case creates what it looks at.

use std::sync::Arc;

use serde_json::Value;

use assay_suite::source::Located;
use assay_suite::{Company, Law, LawKind, Operation, OperationName, RequirementId, Resource, Rule, Variable};

use super::breaking;
use super::build::{
    About, Arguments, Call, accepted, at_path, created, either_as_documented, field, fields_of, identity, in_header,
    member, of_data, prepared, refused, scenario,
};
use super::compare::{compare, property};
use super::lists::paged;
use super::maker::{Maker, Scenarios};
use super::positive::replaced;
use super::subject::Subject;
use super::value::{Extent, Variant};
use crate::scenario::step::{CallOptions, Source, Step};
use crate::scenario::{Expectation, Matcher, Template};

/// The entity tag of what the case has created.
pub(super) fn created_tag() -> Variable {
    Variable("created_etag".to_owned())
}

/// The version of what the case has created.
fn created_version() -> Variable {
    Variable("created_version".to_owned())
}

impl<'a> Maker<'a> {
    pub(super) fn laws(&self, resource: &'a Resource, scenarios: &mut Scenarios) {
        let (Some(create), Some(key)) = (&resource.create, &resource.created_key) else { return };
        let Some(create) = self.operation(create) else { return };
        for law in &resource.laws {
            let subject = Subject { resource, create, key, law };
            let Some(steps) = self.steps(&subject) else { continue };
            let about = About {
                title: title(law.kind),
                operation: create,
                label: resource.variable.0.clone(),
                subject: law.requirement.clone(),
                place: &law.place,
                tag: "stateful",
            };
            let mut made = scenario(self.suite, about, steps);
            // Where a number may be given again, another case could have it by now.
            if matches!(law.kind, LawKind::Gone | LawKind::Alone | LawKind::Cascade | LawKind::Kept | LawKind::Counted)
                && self.is_numbered(resource)
                && let Some(made) = Arc::get_mut(&mut made)
            {
                made.company = Company::Alone;
            }
            scenarios.push(made);
        }
    }

    /// Whether a number is the identity of a thing.
    fn is_numbered(&self, resource: &Resource) -> bool {
        let read = resource.read.as_ref().and_then(|read| self.operation(read)?.contract.as_deref());
        let input = read.and_then(|contract| contract.input(&resource.parameter));
        input.is_some_and(|input| input.schema.get("type").is_some_and(|kind| kind == "integer"))
    }

    fn steps(&self, subject: &Subject<'a>) -> Option<Vec<Step>> {
        let Subject { resource, law, .. } = subject;
        let sent = self.good(subject.create, Extent::All, Variant::First, &law.requirement.0)?;
        let mut steps = vec![Self::creating(subject, sent.clone(), created())];
        let place = &law.place;
        match law.kind {
            LawKind::ReadBack => {
                let expect = self.as_sent(subject, resource.read.as_ref()?, &sent);
                steps.push(self.on_created(resource, resource.read.as_ref()?, expect, law)?);
            }
            LawKind::Listed => steps.push(self.listed(subject)?),
            LawKind::Gone => {
                let gone = refused(&[404, 410], place);
                let remove = self.operation(resource.remove.as_ref()?)?;
                let arguments = self.good(remove, Extent::Required, Variant::First, &law.requirement.0)?;
                steps.extend(self.changing(subject, remove, arguments, accepted(place)));
                steps.push(self.on_created(resource, resource.read.as_ref()?, gone, law)?);
                steps.extend(self.listed_no_more(subject));
                steps.extend(self.changed_after_removal(subject));
                steps.extend(self.removed_again(subject));
            }
            LawKind::Alone => return self.removed_alone(subject, sent),
            LawKind::Replaced | LawKind::Idempotent => {
                let replace = resource.replace.as_ref()?;
                let operation = self.operation(replace)?;
                let body = self.good(operation, Extent::All, Variant::Second, &law.requirement.0)?;
                let times = if law.kind == LawKind::Idempotent { 2 } else { 1 };
                for _ in 0..times {
                    steps.extend(self.changing(subject, operation, body.clone(), accepted(place)));
                }
                let expect = self.as_sent(subject, resource.read.as_ref()?, &body);
                steps.push(self.on_created(resource, resource.read.as_ref()?, expect, law)?);
                if law.kind == LawKind::Idempotent {
                    steps.extend(self.listed_once(subject));
                } else {
                    steps.extend(self.replaced_without(subject, operation, &body).unwrap_or_default());
                    steps.extend(self.replaced_by_defaults(subject, operation).unwrap_or_default());
                }
            }
            LawKind::Untouched => {
                let before = steps.len();
                for update in [&resource.replace, &resource.patch].into_iter().flatten() {
                    steps.extend(self.untouched(subject, update, &sent).unwrap_or_default());
                }
                if steps.len() == before {
                    return None;
                }
            }
            LawKind::Patched => {
                let patch = self.operation(resource.patch.as_ref()?)?;
                let (body, rest) = self.patch(subject, patch, &sent)?;
                steps.extend(self.changing(subject, patch, body, accepted(place)));
                let expect = self.as_sent(subject, resource.read.as_ref()?, &rest);
                steps.push(self.on_created(resource, resource.read.as_ref()?, expect, law)?);
                // Fields that only a change has. That all at once are refused decides nothing here.
                if let Some(all) = self.good(patch, Extent::All, Variant::Second, &law.requirement.0) {
                    steps.extend(self.changing(subject, patch, all.clone(), prepared(place)));
                    let expect = self.as_sent(subject, resource.read.as_ref()?, &all);
                    steps.push(self.on_created(resource, resource.read.as_ref()?, expect, law)?);
                    steps.extend(self.removed_by_null(subject, patch, &all).unwrap_or_default());
                }
            }
            LawKind::Distinct => {
                let again = self.good(subject.create, Extent::All, Variant::Second, &law.requirement.0)?;
                let mut step = Self::creating(subject, again, Variable("other".to_owned()));
                let other = Matcher::Not(Template::Variable(created()));
                step.expect.extend(field(subject.key, other, place));
                step.verifies = vec![Located { value: law.requirement.0.clone(), place: place.clone() }];
                steps.push(step);
            }
            LawKind::Located | LawKind::NotModified | LawKind::Versioned | LawKind::Guarded => {
                return self.by_headers(subject, sent);
            }
            LawKind::NotCreated
            | LawKind::Unique
            | LawKind::Renamed
            | LawKind::Defaults
            | LawKind::Within
            | LawKind::Cascade
            | LawKind::Kept
            | LawKind::Private => return self.relation(subject, sent),
            LawKind::ReadOnly => return self.read_only(subject, sent),
            LawKind::Counted => return self.counted_by_others(subject, &sent),
            LawKind::Referring => return self.referring(subject, &sent),
        }
        Some(steps)
    }

    /// Of two that were created one is removed: the other is as it was.
    fn removed_alone(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (resource, law, place) = (subject.resource, subject.law, &subject.law.place);
        let other = Variable("other".to_owned());
        let second = self.good(subject.create, Extent::All, Variant::Second, &law.requirement.0)?;
        // What is called as a thing of another kind, and put twice, is one.
        if let (Some(Source::Sent(one)), Some(Source::Sent(other))) =
            (identity(subject.key, &sent), identity(subject.key, &second))
            && one == other
        {
            return None;
        }
        let remove = self.operation(resource.remove.as_ref()?)?;
        let removal = self.good(remove, Extent::Required, Variant::First, &law.requirement.0)?;
        let read = self.operation(resource.read.as_ref()?)?;
        let look = self.good(read, Extent::Required, Variant::First, &law.requirement.0)?;
        let look = replaced(look, &resource.parameter, Template::Variable(other.clone()));
        let expect = self.as_sent(subject, &read.name.value, &sent);
        let mut steps = vec![Self::creating(subject, sent, other), Self::creating(subject, second, created())];
        steps.extend(self.changing(subject, remove, removal, prepared(place)));
        let call = Call { operation: read, arguments: look, save: Vec::new() };
        steps.push(call.step(expect, vec![law.requirement.clone()]));
        Some(steps)
    }

    /// A replacement without what has a default, after which that is as the document says.
    fn replaced_by_defaults(&self, subject: &Subject<'a>, replace: &Operation) -> Option<Vec<Step>> {
        let (sent, expect) = self.without_defaults(subject, replace)?;
        let mut steps = self.changing(subject, replace, sent, accepted(&subject.law.place));
        steps.push(self.on_created(subject.resource, subject.resource.read.as_ref()?, expect, subject.law)?);
        Some(steps)
    }

    /// A change that is refused, and that what was created is as it was.
    fn untouched(&self, subject: &Subject<'a>, update: &OperationName, sent: &Arguments) -> Option<Vec<Step>> {
        let (resource, law, place) = (subject.resource, subject.law, &subject.law.place);
        let operation = self.operation(update)?;
        let contract = operation.contract.as_deref()?;
        let wrong = self.wrong_body(operation, &law.requirement)?;
        let refusal = refused(&of_data(contract, &[]), place);
        let statuses = refusal.into_iter().filter(|one| !matches!(one.value, Expectation::Form)).collect();
        let mut steps = self.changing(subject, operation, wrong, statuses);
        let expect = self.as_sent(subject, resource.read.as_ref()?, sent);
        steps.push(self.on_created(resource, resource.read.as_ref()?, expect, law)?);
        Some(steps)
    }

    /// A change of what was created. Where it has to name the state that it rests on, that is read before.
    pub(super) fn changing(
        &self,
        subject: &Subject<'a>,
        operation: &Operation,
        arguments: Arguments,
        expect: Vec<Located<Expectation>>,
    ) -> Vec<Step> {
        let (resource, law) = (subject.resource, subject.law);
        let guard = operation.contract.as_deref().and_then(|contract| contract.header("if-match"));
        let guard = guard.filter(|guard| arguments.iter().any(|(name, _)| *name == guard.argument));
        let (mut steps, mut arguments) = (Vec::new(), arguments);
        if let Some((argument, body)) = resting_on(resource, &arguments, &created_version())
            && let Some(read) = self.reading_version(subject)
        {
            steps.push(read);
            arguments = replaced(arguments, &argument, body);
        }
        if let Some(guard) = guard
            && let Some(read) = self.reading_tag(subject, created_tag())
        {
            steps.push(read);
            arguments = replaced(arguments, &guard.argument, Template::Variable(created_tag()));
        }
        steps.push(Self::on_created_with(resource, operation, arguments, expect, law));
        steps
    }

    /// Reads what was created, and keeps its version.
    fn reading_version(&self, subject: &Subject<'a>) -> Option<Step> {
        let (resource, law) = (subject.resource, subject.law);
        let operation = self.operation(resource.read.as_ref()?)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?;
        let arguments = replaced(arguments, &resource.parameter, Template::Variable(created()));
        let source = at_path(&member("$", resource.version.as_ref()?))?;
        let call = Call { operation, arguments, save: vec![(created_version(), source)] };
        Some(call.step(prepared(&law.place), Vec::new()))
    }

    /// A change that rests on a version which another change has taken since.
    pub(super) fn on_taken_version(&self, subject: &Subject<'a>) -> Option<Vec<Step>> {
        let (resource, law) = (subject.resource, subject.law);
        let operation = self.operation(resource.replace.as_ref().or(resource.patch.as_ref())?)?;
        let arguments = self.good(operation, Extent::All, Variant::Second, &law.requirement.0)?;
        let (argument, body) = resting_on(resource, &arguments, &created_version())?;
        let mut steps = self.changing(subject, operation, arguments.clone(), prepared(&law.place));
        let again = replaced(arguments, &argument, body);
        let expect = refused(&[409, 412], &law.place);
        steps.push(Self::on_created_with(resource, operation, again, expect, law));
        Some(steps)
    }

    /// Reads what was created, and keeps its entity tag.
    pub(super) fn reading_tag(&self, subject: &Subject<'a>, tag: Variable) -> Option<Step> {
        let (resource, law) = (subject.resource, subject.law);
        let operation = self.operation(resource.read.as_ref()?)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?;
        let arguments = replaced(arguments, &resource.parameter, Template::Variable(created()));
        let call = Call { operation, arguments, save: vec![(tag, in_header("etag"))] };
        Some(call.step(prepared(&law.place), Vec::new()))
    }

    /// What was removed can't be changed, where the document says that what is not there is not found.
    fn changed_after_removal(&self, subject: &Subject<'a>) -> Option<Step> {
        let (resource, law) = (subject.resource, subject.law);
        let operation = self.operation(resource.patch.as_ref().or(resource.replace.as_ref())?)?;
        let contract = operation.contract.as_deref()?;
        // A replacement may create what is not there.
        let creates = contract.exactly(201).is_some() || resource.create.as_ref() == Some(&operation.name.value);
        if creates || contract.header("if-match").is_some() {
            return None;
        }
        let expect = match contract.exactly(404) {
            Some(_) => refused(&[404, 410], &law.place),
            None => either_as_documented(&law.place),
        };
        let arguments = self.good(operation, Extent::All, Variant::Second, &law.requirement.0)?;
        Some(Self::on_created_with(resource, operation, arguments, expect, law))
    }

    /// What was removed is removed once more: whether that is refused is the server's to say, by a documented status.
    fn removed_again(&self, subject: &Subject<'a>) -> Option<Step> {
        let (resource, law) = (subject.resource, subject.law);
        let operation = self.operation(resource.remove.as_ref()?)?;
        if operation.contract.as_deref()?.header("if-match").is_some() {
            return None;
        }
        let arguments = self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?;
        Some(Self::on_created_with(resource, operation, arguments, either_as_documented(&law.place), law))
    }

    /// The step that creates what the case looks at.
    pub(super) fn creating(subject: &Subject<'a>, arguments: Arguments, variable: Variable) -> Step {
        let save = identity(subject.key, &arguments).map(|source| (variable, source)).into_iter().collect();
        Call { operation: subject.create, arguments, save }.step(prepared(&subject.law.place), Vec::new())
    }

    /// A request about what was created, with whatever else it needs.
    pub(super) fn on_created(
        &self,
        resource: &Resource,
        name: &OperationName,
        expect: Vec<Located<Expectation>>,
        law: &Law,
    ) -> Option<Step> {
        let operation = self.operation(name)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &law.requirement.0)?;
        Some(Self::on_created_with(resource, operation, arguments, expect, law))
    }

    pub(super) fn on_created_with(
        resource: &Resource,
        operation: &Operation,
        arguments: Arguments,
        expect: Vec<Located<Expectation>>,
        law: &Law,
    ) -> Step {
        let arguments = replaced(arguments, &resource.parameter, Template::Variable(created()));
        let call = Call { operation, arguments, save: Vec::new() };
        call.with_options(CallOptions::default(), expect, vec![law.requirement.clone()])
    }

    /// That the list holds what was created.
    fn listed(&self, subject: &Subject<'a>) -> Option<Step> {
        let (list, path) = subject.resource.list.as_ref()?;
        let operation = self.operation(list)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &subject.law.requirement.0)?;
        let mut expect = accepted(&subject.law.place);
        let all = path.replacen("[0]", "[*]", 1);
        expect.extend(field(&all, Matcher::Includes(Template::Variable(created())), &subject.law.place));
        let arguments = paged(subject.resource, &subject.law.place, arguments, &mut expect);
        let call = Call { operation, arguments, save: Vec::new() };
        Some(call.step(expect, vec![subject.law.requirement.clone()]))
    }

    /// That the list holds what was created once and no more.
    fn listed_once(&self, subject: &Subject<'a>) -> Option<Step> {
        let is_whole = subject.resource.laws.iter().any(|law| law.kind == LawKind::Listed);
        let mut step = self.listed(subject).filter(|_| is_whole)?;
        let (_, path) = subject.resource.list.as_ref()?;
        step.expect.extend(field(&path.replacen("[0]", "[*]", 1), Matcher::Distinct, &subject.law.place));
        Some(step)
    }

    /// That an answer repeats what was sent, as far as its schema has fields of the same names.
    pub(super) fn as_sent(
        &self,
        subject: &Subject<'a>,
        read: &OperationName,
        sent: &Arguments,
    ) -> Vec<Located<Expectation>> {
        let place = &subject.law.place;
        let mut expect = accepted(place);
        let schema = self.schema_of(read);
        // What surrounds the identity surrounds the rest.
        let in_answer = subject.key.strip_prefix("$.").unwrap_or_default();
        let around = in_answer.rsplit_once('.').map(|(around, _)| around);
        let Some(root) = schema else { return expect };
        let base = around.map_or_else(|| "$".to_owned(), |around| format!("$.{around}"));
        let shape = around.map_or(Some(root), |around| property(root, root, around));
        let Some(shape) = shape else { return expect };
        for (_, value) in sent.iter().filter(|(name, _)| self.is_body(subject, name)) {
            if let Template::Map(fields) = value {
                // A change gives another version than it rests on.
                let is_kept = |(name, _): &&(String, Template)| subject.resource.version.as_ref() != Some(name);
                let fields: Vec<_> = fields.iter().filter(is_kept).cloned().collect();
                compare(root, shape, &base, &fields, place, &mut expect);
            }
        }
        expect
    }

    pub(super) fn is_body(&self, subject: &Subject<'_>, name: &str) -> bool {
        let operations =
            [Some(&subject.create.name.value), subject.resource.replace.as_ref(), subject.resource.patch.as_ref()];
        let bodies =
            operations.into_iter().flatten().filter_map(|name| self.operation(name)?.contract.as_ref()?.body());
        bodies.into_iter().any(|body| body.argument == name)
    }

    pub(super) fn schema_of(&self, operation: &OperationName) -> Option<&'a Value> {
        let path = self.suite.answer_schema(&operation.0);
        self.schemas.get(path.as_str()).copied()
    }

    /// A request that breaks a rule of its body.
    pub(super) fn wrong_body(&self, operation: &Operation, label: &RequirementId) -> Option<Arguments> {
        let contract = operation.contract.as_deref()?;
        let body = contract.body()?;
        let arguments = self.good(operation, Extent::All, Variant::Second, &label.0)?;
        let good = arguments.iter().find(|(name, _)| *name == body.argument).map(|(_, value)| value.clone())?;
        // A wrong value in one of several fields shows whether the others were changed all the same.
        let mut rules: Vec<&Rule> = body.rules.iter().filter(|rule| rule.path.len() == 1).collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.path.clone()));
        let wrong = rules.into_iter().chain(&body.rules).find_map(|rule| {
            let wrong = breaking::can_break(contract, body.kind, &rule.demand)
                .then(|| breaking::broken(&good, rule, body.kind))
                .flatten()?;
            (self.judge.is_good(body, &wrong) == Some(false)).then_some(wrong)
        })?;
        Some(replaced(arguments, &body.argument, wrong))
    }

    /// A change of one field: its arguments, and what is to be read after it.
    fn patch(&self, subject: &Subject<'a>, patch: &Operation, sent: &Arguments) -> Option<(Arguments, Arguments)> {
        let body = patch.contract.as_deref()?.body()?;
        let all = self.good(patch, Extent::All, Variant::Second, &subject.law.requirement.0)?;
        let least = self.good(patch, Extent::Required, Variant::Second, &subject.law.requirement.0)?;
        let fields = fields_of(&all, &body.argument)?;
        let sent_body = sent.iter().find(|(name, _)| self.is_body(subject, name))?;
        let Template::Map(before) = &sent_body.1 else { return None };
        // A field of the body that was sent before with another value.
        let changed = fields.iter().find(|(name, value)| {
            let is_scalar = matches!(value, Template::Literal(_) | Template::Text(_));
            is_scalar && before.iter().any(|(known, old)| known == name && old != value)
        })?;
        let mut sent_now = fields_of(&least, &body.argument).cloned().unwrap_or_default();
        sent_now.retain(|(name, _)| *name != changed.0);
        sent_now.push(changed.clone());
        let mut after = before.clone();
        for (name, value) in &sent_now {
            match after.iter_mut().find(|(known, _)| known == name) {
                Some((_, old)) => *old = value.clone(),
                None => after.push((name.clone(), value.clone())),
            }
        }
        let arguments = replaced(least, &body.argument, Template::Map(sent_now));
        Some((arguments, vec![(sent_body.0.clone(), Template::Map(after))]))
    }
}

/// The body of a change that rests on another version, and the argument that it is; none where it says none.
fn resting_on(resource: &Resource, arguments: &Arguments, version: &Variable) -> Option<(String, Template)> {
    let field = resource.version.as_ref()?;
    let says = |fields: &[(String, Template)]| {
        fields.iter().any(|(name, value)| name == field && matches!(value, Template::Variable(_)))
    };
    arguments.iter().find_map(|(argument, value)| match value {
        Template::Map(fields) if says(fields) => {
            let other = |(name, value): &(String, Template)| {
                let value = if name == field { Template::Variable(version.clone()) } else { value.clone() };
                (name.clone(), value)
            };
            Some((argument.clone(), Template::Map(fields.iter().map(other).collect())))
        }
        _ => None,
    })
}

fn title(kind: LawKind) -> &'static str {
    match kind {
        LawKind::ReadBack => "what was created is read as it was sent",
        LawKind::Listed => "what was created is listed",
        LawKind::Gone => "what was removed is gone",
        LawKind::Alone => "of two only the removed one is gone",
        LawKind::Replaced => "what was replaced is read as it was sent",
        LawKind::Idempotent => "replacing twice does no more than once",
        LawKind::Untouched => "a refused change changes nothing",
        LawKind::Patched => "a change alters what it names and nothing else",
        LawKind::Distinct => "two that are created have two identities",
        LawKind::NotCreated => "a refused creation creates nothing",
        LawKind::Unique => "a second one of a name that is taken is refused",
        LawKind::Renamed => "a change to a name that is taken is refused",
        LawKind::Defaults => "what is not given has its default",
        LawKind::Located => "Location leads to what was created",
        LawKind::NotModified => "what has not changed is not sent again",
        LawKind::Versioned => "a change gives another entity tag",
        LawKind::Guarded => "a change that rests on an old state is refused",
        LawKind::Within => "a thing is found in what it was created in and nowhere else",
        LawKind::Cascade => "a thing is gone with what it was created in",
        LawKind::ReadOnly => "what can only be read is not set",
        LawKind::Counted => "what counts things counts those that there are",
        LawKind::Referring => "what refers to nothing is refused",
        LawKind::Kept => "what has something in it is not removed",
        LawKind::Private => "another account can neither see change nor remove it",
    }
}
