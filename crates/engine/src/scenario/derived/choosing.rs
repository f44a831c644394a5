//! What lists leave out that are asked for by several filters, by a text, or by a value that only the server sets.

use serde_json::Value;

use assay_suite::{Demand, Input, LawKind, ListFilter, ListLaw, Resource, Variable};

use super::build::{Arguments, Call, accepted, field, fields_of, identity, input_of, member, prepared};
use super::compare::{is_free, property};
use super::lists::{Listing, one, other, paged};
use super::maker::Maker;
use super::positive::replaced;
use super::value::{comparable, flattened};
use crate::scenario::step::Step;
use crate::scenario::template::Part;
use crate::scenario::{Matcher, Template};

/// So many values of a filter are tried.
const MOST_VALUES: usize = 6;
/// So long are the texts that are looked for.
const LONGEST_SOUGHT: u64 = 24;
/// A word that nothing has in it.
const NOWHERE: &str = "zzqxjv";

impl<'a> Maker<'a> {
    /// The list by each value of a filter that only the server sets: no item has another one.
    pub(super) fn of_each_value(&self, listing: &Listing<'a>, law: &ListLaw, filter: &ListFilter) -> Option<Vec<Step>> {
        let place = &law.place;
        let steps = self.values_of_server(listing, filter)?.into_iter().map(|value| {
            let mut expect = accepted(place);
            let only = Matcher::OrAbsent(Template::Literal(value.clone()));
            expect.extend(field(&member(&listing.items, &filter.field), only, place));
            listing.asked(vec![(filter.parameter.clone(), Template::Literal(value))], expect, law)
        });
        Some(steps.collect())
    }

    /// The listed values of a filter whose field no creation sets.
    fn values_of_server(&self, listing: &Listing<'a>, filter: &ListFilter) -> Option<Vec<Value>> {
        let body = listing.create.contract.as_deref()?.body()?;
        let sent = flattened(&body.schema, &body.schema)?;
        if sent.get("properties").and_then(|fields| fields.get(&filter.field)).is_some() {
            return None;
        }
        let (root, item) = self.items_of(&listing.operation.name.value)?;
        let shown = flattened(root, property(root, item, &filter.field)?)?;
        let input = input_of(listing.operation, &filter.parameter)?;
        let asked = flattened(&input.schema, &input.schema)?;
        let listed = |schema: &serde_json::Map<String, Value>| schema.get("enum").and_then(Value::as_array).cloned();
        let (shown, asked) = (listed(&shown)?, listed(&asked)?);
        let values: Vec<_> = asked.into_iter().filter(|value| value.is_string() && shown.contains(value)).collect();
        (values.len() > 1).then(|| values.into_iter().take(MOST_VALUES).collect())
    }

    /// Two filters at once, of which each leaves out one of two things; or the second is of the server's.
    pub(super) fn together(&self, listing: &Listing<'a>, law: &ListLaw, filters: &[ListFilter]) -> Option<Vec<Step>> {
        let place = &law.place;
        let (root, item) = self.items_of(&listing.operation.name.value)?;
        let differing = filters.iter().filter_map(|filter| {
            let is_plain = !is_free(root, property(root, item, &filter.field)?);
            let values = (listing.value(0, &filter.field)?, listing.value(1, &filter.field)?);
            let is_scalar = !matches!(values.0, Template::Map(_) | Template::List(_));
            (is_plain && is_scalar && values.0 != values.1).then_some((filter, values))
        });
        let differing: Vec<_> = differing.collect();
        let ids = member(&listing.items, &listing.key);
        let without = |arguments: Arguments, left_out: &[Variable]| {
            let mut expect = accepted(place);
            for variable in left_out {
                expect.extend(field(&ids, Matcher::Excludes(Template::Variable(variable.clone())), place));
            }
            listing.asked(arguments, expect, law)
        };
        let mut steps = Vec::new();
        if let [(first, (value, _)), (second, (_, value_of_other)), ..] = differing.as_slice() {
            let given =
                vec![(first.parameter.clone(), value.clone()), (second.parameter.clone(), value_of_other.clone())];
            steps.push(without(given, &[one(), other()]));
        }
        if let Some((first, (value, _))) = differing.first()
            && let Some((second, values)) =
                filters.iter().find_map(|filter| Some((filter, self.values_of_server(listing, filter)?)))
        {
            steps.extend(values.into_iter().map(|state| {
                let given = vec![
                    (first.parameter.clone(), value.clone()),
                    (second.parameter.clone(), Template::Literal(state)),
                ];
                without(given, &[other()])
            }));
        }
        (!steps.is_empty()).then_some(steps)
    }

    /// A text that one of two things has in a field, and a word that none has.
    pub(super) fn sought(
        listing: &Listing<'a>,
        law: &ListLaw,
        parameter: &str,
        fields: &[String],
        resource: &Resource,
    ) -> Option<Vec<Step>> {
        let place = &law.place;
        let input = input_of(listing.operation, parameter)?;
        let said = input.description.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        let holds_whole = has(&["contain", "substring"]);
        let any_case =
            has(&["regardless of case", "case-insensitive", "case insensitive", "ignoring case", "ignores case"]);
        let body = listing.create.contract.as_deref()?.body()?;
        let ids = member(&listing.items, &listing.key);
        let has_all = resource.paged.is_some() || resource.laws.iter().any(|law| law.kind == LawKind::Listed);
        let (mut steps, mut found) = (Vec::new(), 0);
        for (number, name) in fields.iter().enumerate() {
            let sent = fields_of(&listing.sent[0], &body.argument)?;
            if !sent.iter().any(|(known, _)| known == name) || !has_room(body, name) {
                continue;
            }
            let text = |word: &str| {
                Template::Text(vec![Part::Literal(format!("{word}{number}-")), Part::Variable(Variable::unique())])
            };
            let changed = |(known, value): &(String, Template)| {
                (known.clone(), if known == name { text("sought") } else { value.clone() })
            };
            let sent =
                replaced(listing.sent[0].clone(), &body.argument, Template::Map(sent.iter().map(changed).collect()));
            let holder = Variable(format!("sought_{number}"));
            let save = vec![(holder.clone(), identity(listing.created_key, &sent)?)];
            steps.push(Call { operation: listing.create, arguments: sent, save }.step(prepared(place), Vec::new()));
            let words = if any_case { vec!["sought", "SOUGHT"] } else { vec!["sought"] };
            for word in words.into_iter().filter(|_| has_all) {
                let mut expect = accepted(place);
                let arguments = paged(resource, place, vec![(parameter.to_owned(), text(word))], &mut expect);
                expect.extend(field(&ids, Matcher::Includes(Template::Variable(holder.clone())), place));
                if holds_whole {
                    expect.extend(field(&ids, Matcher::Excludes(Template::Variable(other())), place));
                }
                steps.push(listing.asked(arguments, expect, law));
            }
            found += 1;
        }
        let nowhere = Template::Text(vec![Part::Literal(NOWHERE.to_owned()), Part::Variable(Variable::unique())]);
        let mut expect = accepted(place);
        expect.extend(field(&ids, Matcher::Excludes(Template::Variable(other())), place));
        steps.push(listing.asked(vec![(parameter.to_owned(), nowhere)], expect, law));
        (found > 0).then_some(steps)
    }

    /// The two things of a list that a filter by something else tells apart: only the first refers to it.
    pub(super) fn told_apart(&self, mut listing: Listing<'a>, filter: &ListFilter) -> Listing<'a> {
        let Some(body) = listing.create.contract.as_deref().and_then(|contract| contract.body()) else {
            return listing;
        };
        let Some(linked) = self.links.get(&comparable(&filter.field)) else { return listing };
        let is_own = self.created.get(&listing.create.name.value).is_some_and(|own| own.variable == *linked);
        let schema = flattened(&body.schema, &body.schema).unwrap_or_default();
        let is_known = schema.get("properties").and_then(|fields| fields.get(&filter.field)).is_some();
        let is_required = body
            .rules
            .iter()
            .any(|rule| rule.path.is_empty() && rule.demand == Demand::Required(Some(filter.field.clone())));
        if is_own || !is_known || is_required {
            return listing;
        }
        for (number, sent) in listing.sent.iter_mut().enumerate() {
            let Some((_, Template::Map(fields))) = sent.iter_mut().find(|(name, _)| *name == body.argument) else {
                continue;
            };
            fields.retain(|(name, _)| *name != filter.field);
            if number == 0 {
                fields.push((filter.field.clone(), Template::Variable(linked.clone())));
            }
        }
        listing
    }
}

/// Whether a field of a body may have a text of the length that is looked for.
fn has_room(body: &Input, name: &str) -> bool {
    let schema = flattened(&body.schema, &body.schema).unwrap_or_default();
    let property = schema.get("properties").and_then(|fields| fields.get(name));
    let Some(property) = property.and_then(|property| flattened(&body.schema, property)) else { return false };
    let length = |key: &str| property.get(key).and_then(Value::as_u64);
    let is_plain = !["pattern", "format", "enum", "const"].iter().any(|key| property.contains_key(*key));
    is_plain
        && length("maxLength").is_none_or(|most| most >= LONGEST_SOUGHT)
        && length("minLength").is_none_or(|least| least <= 16)
}
