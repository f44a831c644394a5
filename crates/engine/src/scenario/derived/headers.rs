//! What the headers of answers promise of what was created: where it is, and in which state.

use assay_suite::source::Located;
use assay_suite::{ADDRESS, HEADER, LawKind, Operation, OperationName, Variable};

use super::build::{Arguments, Call, accepted, answered_with, created, in_header, located, prepared, undecided};
use super::laws::created_tag;
use super::maker::Maker;
use super::positive::replaced;
use super::subject::Subject;
use super::value::{Extent, Variant};
use crate::scenario::step::Step;
use crate::scenario::{Expectation, Matcher, Template};

/// A tag that no state has.
const STALE: &str = "\"assay-no-such-state\"";

impl<'a> Maker<'a> {
    /// The steps of a law on headers.
    pub(super) fn by_headers(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        match subject.law.kind {
            LawKind::Located => self.located(subject, sent),
            LawKind::NotModified => self.not_modified(subject, sent),
            LawKind::Versioned => self.versioned(subject, sent),
            LawKind::Guarded => self.guarded(subject, sent),
            _ => None,
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "all that make steps are called alike")]
    fn located(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let location = Variable("location".to_owned());
        let mut create = Self::creating(subject, sent.clone(), created());
        let place = &subject.law.place;
        create.save.push((location.clone(), located(in_header("location"), place)));
        let read = subject.resource.read.as_ref()?;
        let operation = self.operation(read)?;
        let mut arguments = self.good(operation, Extent::Required, Variant::First, &subject.law.requirement.0)?;
        arguments.push((ADDRESS.to_owned(), Template::Variable(location)));
        // What was only taken on may have a place of its own that says how far it is.
        let is_created = subject.create.contract.as_deref()?.exactly(201).is_some();
        let mut expect = if is_created { self.as_sent(subject, read, &sent) } else { accepted(place) };
        // A redirection leads there, too.
        expect.push(undecided(&[301, 302, 303, 307, 308], place));
        Some(vec![create, Self::on_created_with(subject.resource, operation, arguments, expect, subject.law)])
    }

    fn not_modified(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let place = &subject.law.place;
        let create = Self::creating(subject, sent, created());
        let first = self.reading_tag(subject, created_tag())?;
        let same = self.reading_if(subject, Template::Variable(created_tag()), answered_with(&[304], place))?;
        let other = self.reading_if(subject, Template::text(STALE), accepted(place))?;
        Some(vec![create, first, same, other])
    }

    /// Reads what was created if it has not this tag.
    fn reading_if(&self, subject: &Subject<'a>, tag: Template, expect: Vec<Located<Expectation>>) -> Option<Step> {
        let operation = self.operation(subject.resource.read.as_ref()?)?;
        let arguments = self.good(operation, Extent::Required, Variant::First, &subject.law.requirement.0)?;
        let arguments = with_header(operation, arguments, "if-none-match", tag);
        Some(Self::on_created_with(subject.resource, operation, arguments, expect, subject.law))
    }

    /// The changes of one of it, with what they are sent. What they have in common differs from one to the next.
    fn changes(&self, subject: &Subject<'a>) -> Vec<(&'a Operation, Arguments)> {
        let resource = subject.resource;
        let each = [(&resource.replace, Variant::Second), (&resource.patch, Variant::First)].into_iter();
        // Where there is no replacement, what was created has the first values.
        let each = each
            .map(|(name, variant)| if resource.replace.is_none() { (name, Variant::Second) } else { (name, variant) });
        let change = |(name, variant): (&Option<OperationName>, Variant)| {
            let operation = self.operation(name.as_ref()?)?;
            Some((operation, self.good(operation, Extent::All, variant, &subject.law.requirement.0)?))
        };
        each.filter_map(change).collect()
    }

    fn versioned(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let place = &subject.law.place;
        let changes = self.changes(subject);
        changes.first()?;
        let mut steps = vec![Self::creating(subject, sent, created())];
        for (number, (operation, arguments)) in changes.into_iter().enumerate() {
            let before = Variable(format!("etag_before_{number}"));
            let mut reading = self.reading_tag(subject, before.clone())?;
            if self.is_by_tag(subject) {
                reading.expect.push(located(Expectation::Header("etag".to_owned(), Matcher::Present), place));
                reading.verifies = vec![located(subject.law.requirement.0.clone(), place)];
            }
            steps.push(reading);
            steps.extend(self.changing(subject, operation, arguments, prepared(place)));
            let other =
                located(Expectation::Header("etag".to_owned(), Matcher::Not(Template::Variable(before))), place);
            let expect = accepted(place).into_iter().chain([other]).collect();
            steps.push(self.on_created(subject.resource, subject.resource.read.as_ref()?, expect, subject.law)?);
        }
        Some(steps)
    }

    fn guarded(&self, subject: &Subject<'a>, sent: Arguments) -> Option<Vec<Step>> {
        let (place, resource) = (&subject.law.place, subject.resource);
        let read = resource.read.as_ref()?;
        if resource.version.is_some() {
            let mut steps = vec![Self::creating(subject, sent, created())];
            steps.extend(self.on_taken_version(subject)?);
            return Some(steps);
        }
        let changes = self.changes(subject);
        let (operation, arguments) = changes.first().cloned()?;
        let removal = resource.remove.as_ref().and_then(|remove| self.operation(remove));
        let removal = removal.and_then(|removal| {
            Some((removal, self.good(removal, Extent::Required, Variant::First, &subject.law.requirement.0)?))
        });
        // The others only where the document says so of them.
        let says = |operation: &Operation| operation.contract.as_deref().is_some_and(|one| one.exactly(412).is_some());
        let others = changes.into_iter().skip(1).chain(removal).filter(|(operation, _)| says(operation));
        let mut steps = vec![Self::creating(subject, sent.clone(), created())];
        for (operation, arguments) in [(operation, arguments.clone())].into_iter().chain(others) {
            let stale = with_header(operation, arguments, "if-match", Template::text(STALE));
            let mut expect = answered_with(&[412], place);
            expect.push(undecided(&[400, 401, 403, 405, 415, 422, 428], place));
            steps.push(Self::on_created_with(resource, operation, stale, expect, subject.law));
        }
        let unchanged = self.as_sent(subject, read, &sent);
        steps.push(self.on_created(resource, read, unchanged, subject.law)?);
        let Some(current) = self.reading_tag(subject, created_tag()).filter(|_| self.has_tag(read)) else {
            return Some(steps);
        };
        steps.push(current);
        let good = with_header(operation, arguments, "if-match", Template::Variable(created_tag()));
        steps.push(Self::on_created_with(resource, operation, good, accepted(place), subject.law));
        Some(steps)
    }

    /// Whether a request names the entity tag that was read: then there has to be one.
    fn is_by_tag(&self, subject: &Subject<'a>) -> bool {
        let resource = subject.resource;
        let mut changes = [&resource.replace, &resource.patch].into_iter().flatten();
        resource.read.iter().any(|read| self.takes_header(read, "if-none-match"))
            || changes.any(|change| self.takes_header(change, "if-match"))
    }

    /// Whether a request of an operation has a documented header.
    pub(super) fn takes_header(&self, operation: &OperationName, header: &str) -> bool {
        let contract = self.operation(operation).and_then(|operation| operation.contract.as_deref());
        contract.is_some_and(|contract| contract.header(header).is_some())
    }

    /// Whether an operation documents the entity tag of what it reads.
    pub(super) fn has_tag(&self, read: &OperationName) -> bool {
        let contract = self.operation(read).and_then(|read| read.contract.as_deref());
        contract.is_some_and(|contract| {
            contract.successes().any(|response| response.headers.iter().any(|header| header.name == "etag"))
        })
    }

    /// HEAD is answered as GET is.
    pub(super) fn heads(&self, operation: &Operation, scenarios: &mut super::maker::Scenarios) {
        let Some(contract) = operation.contract.as_deref() else { return };
        let Some((requirement, get)) = &contract.head_of else { return };
        let label = &operation.name.value.0;
        let Some(read) = self.operation(get) else { return };
        let (Some(read_arguments), Some(arguments)) = (
            self.good(read, Extent::Required, Variant::First, label),
            self.good(operation, Extent::Required, Variant::First, label),
        ) else {
            return;
        };
        let place = &contract.place;
        let has_body = |response: &assay_suite::DocumentedResponse| !response.content.is_empty();
        let media_type = Variable("media_type".to_owned());
        let has_type = read.contract.as_deref().is_some_and(|read| read.successes().all(has_body));
        let mut save = if has_type { vec![(media_type.clone(), in_header("content-type"))] } else { Vec::new() };
        let tag = Some(created_tag()).filter(|_| self.has_tag(get));
        save.extend(tag.clone().map(|tag| (tag, in_header("etag"))));
        let first = Call { operation: read, arguments: read_arguments, save };
        let mut expect = accepted(place);
        if has_type {
            let same = Matcher::Equals(Template::Variable(media_type));
            expect.push(located(Expectation::Header("content-type".to_owned(), same), place));
        }
        expect.extend(tag.map(|tag| {
            located(Expectation::Header("etag".to_owned(), Matcher::Equals(Template::Variable(tag))), place)
        }));
        let then = Call { operation, arguments: arguments.clone(), save: Vec::new() };
        let steps = vec![first.step(prepared(place), Vec::new()), then.step(expect, vec![requirement.clone()])];
        let about = |title| {
            let (label, subject) = (label.clone(), requirement.clone());
            super::build::About { title, operation, label, subject, place, tag: "positive" }
        };
        scenarios.push(super::build::scenario(self.suite, about("HEAD is answered as GET is"), steps));
        let Some((input, unknown)) = self.unknown(operation, contract) else { return };
        let arguments = replaced(arguments, input, unknown);
        let call = Call { operation, arguments, save: Vec::new() };
        let step = call.step(super::build::refused(&[404, 410], place), vec![requirement.clone()]);
        let title = "HEAD of what does not exist is not found";
        scenarios.push(super::build::scenario(self.suite, about(title), vec![step]));
    }
}

/// Arguments with a header, whether it is documented or not.
fn with_header(operation: &Operation, arguments: Arguments, name: &str, value: Template) -> Arguments {
    let documented = operation.contract.as_deref().and_then(|contract| contract.header(name));
    let argument = documented.map_or_else(|| format!("{HEADER}{name}"), |input| input.argument.clone());
    replaced(arguments, &argument, value)
}
