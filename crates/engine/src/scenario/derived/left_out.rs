//! What a change takes away: what a replacement leaves out, and what a merge patch sets to null.

use serde_json::Value;

use assay_suite::Operation;

use super::build::{Arguments, accepted, field, fields_of, member, prepared};
use super::maker::Maker;
use super::positive::replaced;
use super::subject::Subject;
use super::value::{Extent, Variant, flattened};
use crate::scenario::step::Step;
use crate::scenario::{Matcher, Template};

impl<'a> Maker<'a> {
    /// A replacement without what may be left out, after which nothing has the text that it had. What a server gives
    /// by itself is not known, but it is no text that only this case has.
    pub(super) fn replaced_without(
        &self,
        subject: &Subject<'a>,
        replace: &Operation,
        before: &Arguments,
    ) -> Option<Vec<Step>> {
        let name = replace.name.value.0.to_lowercase();
        if !["replac", "overwrit"].iter().any(|word| name.contains(word)) {
            return None;
        }
        let body = replace.contract.as_deref()?.body()?;
        let least = self.good(replace, Extent::Required, Variant::Second, &subject.law.requirement.0)?;
        let (before, now) = (fields_of(before, &body.argument)?, fields_of(&least, &body.argument)?);
        let is_gone = |name: &str| !now.iter().any(|(known, _)| known == name);
        // One of the few texts that a pattern allows may be what the server gives.
        let is_own = |value: &Template| matches!(value, Template::Text(_)) && value.chosen().is_empty();
        let gone = before.iter().filter(|(name, value)| is_gone(name) && is_own(value));
        self.changed_and_gone(subject, replace, least.clone(), gone, accepted(&subject.law.place))
    }

    /// A merge patch that sets what may be null to null, after which that has not the value that it had (RFC 7396).
    pub(super) fn removed_by_null(
        &self,
        subject: &Subject<'a>,
        patch: &Operation,
        before: &Arguments,
    ) -> Option<Vec<Step>> {
        let contract = patch.contract.as_deref()?;
        if !contract.media_types.first()?.contains("merge-patch") {
            return None;
        }
        let body = contract.body()?;
        let schema = flattened(&body.schema, &body.schema)?;
        let takes_null = |name: &str| {
            let property = schema.get("properties").and_then(|all| all.get(name));
            let property = property.and_then(|property| flattened(&body.schema, property));
            let kinds = property.as_ref().and_then(|property| property.get("type")?.as_array());
            kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
        };
        let before = fields_of(before, &body.argument)?;
        let is_removed = |(name, value): &&(String, Template)| takes_null(name) && matches!(value, Template::Text(_));
        let gone: Vec<_> = before.iter().filter(is_removed).collect();
        let least = self.good(patch, Extent::Required, Variant::Second, &subject.law.requirement.0)?;
        let mut sent = fields_of(&least, &body.argument)?.clone();
        sent.retain(|(name, _)| !gone.iter().any(|(known, _)| known == name));
        sent.extend(gone.iter().map(|(name, _)| (name.clone(), Template::Literal(Value::Null))));
        let sent = Template::Map(sent);
        if self.judge.is_good(body, &sent) == Some(false) {
            return None;
        }
        let arguments = replaced(least, &body.argument, sent);
        self.changed_and_gone(subject, patch, arguments, gone.into_iter(), prepared(&subject.law.place))
    }

    /// A change, after which none of these fields has its value.
    fn changed_and_gone<'f>(
        &self,
        subject: &Subject<'a>,
        operation: &Operation,
        arguments: Arguments,
        gone: impl Iterator<Item = &'f (String, Template)>,
        expect: Vec<assay_suite::source::Located<crate::scenario::Expectation>>,
    ) -> Option<Vec<Step>> {
        let place = &subject.law.place;
        let around = subject.key.rsplit_once('.').map_or("$", |(around, _)| around);
        let base = if around.starts_with('$') { around } else { "$" };
        let gone = gone.filter_map(|(name, value)| field(&member(base, name), Matcher::Excludes(value.clone()), place));
        let gone: Vec<_> = gone.collect();
        if gone.is_empty() {
            return None;
        }
        let mut steps = self.changing(subject, operation, arguments, expect);
        let shown = accepted(place).into_iter().chain(gone).collect();
        steps.push(self.on_created(subject.resource, subject.resource.read.as_ref()?, shown, subject.law)?);
        Some(steps)
    }
}
