//! Values that break one rule and keep to all others, and values that just keep to it.

use serde_json::{Number, Value, json};

use crate::scenario::pattern::Pattern;
use crate::scenario::{Choice, Chosen, Part, Template};
use assay_suite::{Contract, Demand, InputKind, Rule, is_json};

use super::value::number_value;

/// Texts and lists longer than this are not sent.
const LONGEST: u64 = 100_000;

/// What is at a path of a value.
pub(super) fn at<'t>(value: &'t mut Template, path: &[String]) -> Option<&'t mut Template> {
    let Some((first, rest)) = path.split_first() else { return Some(value) };
    let inner = match value {
        Template::Map(fields) => fields.iter_mut().find(|(name, _)| name == first).map(|(_, value)| value),
        Template::List(items) if first == "*" => items.first_mut(),
        _ => None,
    };
    at(inner?, rest)
}

/// Whether a request can break a demand at all: what a form holds is text, whatever it means.
pub(super) fn can_break(contract: &Contract, kind: InputKind, demand: &Demand) -> bool {
    let is_text = kind == InputKind::Body && contract.media_types.first().is_some_and(|one| !is_json(one));
    !(is_text && matches!(demand, Demand::Type(_)))
}

/// A good value, changed so that it breaks one rule; none where that can't be.
pub(super) fn broken(good: &Template, rule: &Rule, kind: InputKind) -> Option<Template> {
    let mut value = good.clone();
    let place = at(&mut value, &rule.path)?;
    match &rule.demand {
        Demand::Required(None) => return None,
        Demand::Required(Some(field)) => {
            let Template::Map(fields) = place else { return None };
            let before = fields.len();
            fields.retain(|(name, _)| name != field);
            if fields.len() == before {
                return None;
            }
        }
        Demand::NoOtherFields => {
            let Template::Map(fields) = place else { return None };
            fields.push(("assay_undocumented".to_owned(), Template::Literal(Value::Bool(true))));
        }
        Demand::MinFields(least) => {
            let Template::Map(fields) = place else { return None };
            fields.truncate(usize::try_from(least.checked_sub(1)?).ok()?);
        }
        Demand::MinItems(least) => {
            let Template::List(items) = place else { return None };
            items.truncate(usize::try_from(least.checked_sub(1)?).ok()?);
        }
        Demand::MaxItems(most) => {
            let Template::List(items) = place else { return None };
            let first = items.first()?.clone();
            items.resize(usize::try_from((*most).min(LONGEST) + 1).ok()?, first);
        }
        Demand::UniqueItems => {
            let Template::List(items) = place else { return None };
            items.insert(0, items.first()?.clone());
        }
        demand => {
            let wrong = wrong_scalar(place, demand, kind)?;
            *place = wrong;
        }
    }
    Some(value)
}

/// A good value with null in the place of what a rule says the type of; none where null is of that type.
pub(super) fn without_value(good: &Template, rule: &Rule) -> Option<Template> {
    let Demand::Type(types) = &rule.demand else { return None };
    if rule.path.is_empty() || types.iter().any(|name| name == "null") {
        return None;
    }
    let mut value = good.clone();
    *at(&mut value, &rule.path)? = Template::Literal(Value::Null);
    Some(value)
}

/// A value in place of a scalar that breaks what is asked of it.
fn wrong_scalar(good: &Template, demand: &Demand, kind: InputKind) -> Option<Template> {
    let literal = |value: Value| Some(Template::Literal(value));
    let text = |length: u64| (length <= LONGEST).then(|| fitted(good, usize::try_from(length).ok()?)).flatten();
    match demand {
        Demand::Type(types) => literal(of_other_type(types, kind)?),
        Demand::OneOf(values) => {
            let is_text = values.iter().any(Value::is_string);
            let wrong = if is_text { json!("assay-no-such-value") } else { json!(987_654_321) };
            (!values.contains(&wrong) && !values.is_empty()).then_some(Template::Literal(wrong))
        }
        Demand::Minimum(least) => literal(moved(least, Side::Below, usual_step(least))?),
        Demand::Maximum(most) => literal(moved(most, Side::Above, usual_step(most))?),
        Demand::Above(bound) | Demand::Below(bound) => literal(Value::Number(bound.clone())),
        Demand::MultipleOf(factor) => {
            let number = number_of(good)?;
            literal(number_value(number + factor / 2.0)).filter(|_| (*factor - 1.0).abs() > f64::EPSILON)
        }
        Demand::MinLength(least) => {
            let shorter = least.checked_sub(1)?;
            // Without a part of its path a request is about another resource.
            if shorter == 0 && kind == InputKind::Path { None } else { text(shorter) }
        }
        Demand::MaxLength(most) => text(most + 1),
        Demand::Pattern(pattern) => {
            let candidates = ["assay!", "~", "ä ö", "%00", "0", "A"];
            let pattern = Pattern::read(pattern);
            literal(Value::from(candidates.into_iter().find(|text| pattern.refuses(text))?))
        }
        Demand::Format(_) => literal(json!("assay-of-no-format")),
        Demand::Required(_)
        | Demand::NoOtherFields
        | Demand::MinFields(_)
        | Demand::MinItems(_)
        | Demand::MaxItems(_)
        | Demand::UniqueItems => None,
    }
}

/// Good values, changed so that they are at the edge of what a rule of these allows, the one that is nearest to it first; none where
/// a rule has no edge. What else is asked of them may refuse the nearest.
pub(super) fn edges(good: &Template, rule: &Rule, rules: &[Rule]) -> Vec<Template> {
    let next_to = |bound, side| [Step::Cent, Step::One].map(|step| moved(bound, side, step)).into_iter().flatten();
    let within: Vec<Value> = match &rule.demand {
        Demand::Above(bound) => next_to(bound, Side::Above).collect(),
        Demand::Below(bound) => next_to(bound, Side::Below).collect(),
        Demand::Minimum(bound) if is_rounded(bound) => inside(bound, Side::Above, rule, rules).into_iter().collect(),
        Demand::Maximum(bound) if is_rounded(bound) => inside(bound, Side::Below, rule, rules).into_iter().collect(),
        _ => return edge(good, rule).into_iter().collect(),
    };
    let changed = within.into_iter().filter_map(|number| {
        let mut value = good.clone();
        let place = at(&mut value, &rule.path)?;
        let right = Template::Literal(number);
        (*place != right).then(|| *place = right)?;
        Some(value)
    });
    changed.collect()
}

/// Whether a bound is too large for its digits: what was meant is another number nearby.
fn is_rounded(bound: &Number) -> bool {
    bound.as_f64().is_some_and(|known| bound.is_f64() && known.abs() > 9e15)
}

/// The whole number next to a rounded bound that is within whatever was meant by it; none where a number of its kind need not be whole,
/// or is longer than any that is meant.
fn inside(bound: &Number, side: Side, rule: &Rule, rules: &[Rule]) -> Option<Value> {
    let is_whole = |one: &Rule| {
        let names =
            |types: &[String]| types.iter().any(|name| name == "integer") && !types.iter().any(|name| name == "number");
        one.path == rule.path && matches!(&one.demand, Demand::Type(types) if names(types))
    };
    rules.iter().find(|one| is_whole(one))?;
    let near = match side {
        Side::Above => bound.as_f64()?.next_up(),
        Side::Below => bound.as_f64()?.next_down(),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the largest is compared before")]
    let near = (near.abs() <= i64::MAX as f64).then_some(near as i64)?;
    // An odd one is none that floating point has.
    Some(Value::from(if matches!(side, Side::Above) { near.checked_add(1)? } else { near.checked_sub(1)? }))
}

/// A good value, changed so that it is at the very edge of what a rule allows.
fn edge(good: &Template, rule: &Rule) -> Option<Template> {
    let mut value = good.clone();
    let place = at(&mut value, &rule.path)?;
    let right = match &rule.demand {
        Demand::Minimum(bound) | Demand::Maximum(bound) => Template::Literal(Value::Number(bound.clone())),
        Demand::MinLength(length) | Demand::MaxLength(length) if *length <= 10_000 => {
            fitted(place, usize::try_from(*length).ok()?)?
        }
        Demand::MinItems(count) | Demand::MaxItems(count) if *count <= 100 => {
            let Template::List(items) = &*place else { return None };
            let mut items = items.clone();
            let first = items.first()?.clone();
            items.resize(usize::try_from(*count).ok()?, first);
            Template::List(items)
        }
        // A list of nothing is a list.
        Demand::Type(types) if types.iter().all(|name| name == "array") => {
            let Template::List(_) = &*place else { return None };
            Template::List(Vec::new())
        }
        _ => return None,
    };
    if *place == right {
        return None;
    }
    *place = right;
    Some(value)
}

/// The values that a rule lists, each in a value that is good otherwise.
pub(super) fn listed(good: &Template, rule: &Rule) -> Vec<(usize, Template)> {
    const MOST: usize = 12;
    let Demand::OneOf(values) = &rule.demand else { return Vec::new() };
    let each = values.iter().take(MOST).enumerate().filter(|_| values.len() > 1).filter_map(|(number, listed)| {
        let mut value = good.clone();
        let place = at(&mut value, &rule.path)?;
        *place = super::value::literal(listed);
        Some((number + 1, value))
    });
    each.collect()
}

/// To which side of a bound a number is moved.
#[derive(Clone, Copy)]
enum Side {
    Below,
    Above,
}

/// By how much a number is moved.
#[derive(Clone, Copy)]
enum Step {
    One,
    /// A hundredth: what has a price has no less.
    Cent,
}

/// The step beyond a bound that a number of its kind can be moved by.
fn usual_step(bound: &Number) -> Step {
    if bound.is_f64() { Step::Cent } else { Step::One }
}

/// A number next to a bound, with all of its digits; none where JSON as it is written here has no such number.
fn moved(bound: &Number, side: Side, step: Step) -> Option<Value> {
    let whole = bound.as_i64().map(i128::from).or(bound.as_u64().map(i128::from));
    let next = match (step, side, whole) {
        (Step::One, Side::Below, Some(whole)) => whole - 1,
        (Step::One, Side::Above, Some(whole)) => whole + 1,
        (Step::One, _, None) => return None,
        (Step::Cent, side, _) => {
            let step = if matches!(side, Side::Below) { -0.01 } else { 0.01 };
            return bound.as_f64().map(|bound| number_value(bound + step));
        }
    };
    i64::try_from(next).map(Value::from).or_else(|_| u64::try_from(next).map(Value::from)).ok()
}

fn number_of(template: &Template) -> Option<f64> {
    match template {
        Template::Literal(value) => value.as_f64(),
        _ => None,
    }
}

/// A text with so many characters, as like the good one as can be.
fn fitted(good: &Template, length: usize) -> Option<Template> {
    if let Some(chosen) = good.chosen().first() {
        return fitted_choice(chosen, length);
    }
    let text = match good {
        Template::Literal(Value::String(text)) => text.clone(),
        Template::Text(_) => "assay-0123456789ab".to_owned(),
        _ => return None,
    };
    // What no other case has is first, where there is room for it.
    let is_unique = matches!(good, Template::Text(_));
    if is_unique && length >= 12 {
        let padding = "x".repeat(length - 12);
        return Some(Template::parse(&Value::from(format!("${{unique}}{padding}"))));
    }
    Some(Template::text(&padded(&text, length)))
}

/// The same of one that is chosen for the case: its pattern has one of that length, or else none is right.
fn fitted_choice(chosen: &Chosen, length: usize) -> Option<Template> {
    let Choice::Matching { pattern, .. } = &chosen.choice else { return None };
    let read = Pattern::read(pattern);
    if read.distinct(&(length..=length), chosen.key).is_some() {
        let choice = Choice::Matching { pattern: pattern.clone(), least: length, most: length };
        return Some(Template::Text(vec![Part::Chosen(Chosen { choice, key: chosen.key, other: None })]));
    }
    let text = read.matching(&(0..=usize::MAX), chosen.key)?;
    Some(Template::text(&padded(&text, length)))
}

fn padded(text: &str, length: usize) -> String {
    text.chars().chain(std::iter::repeat('a')).take(length).collect()
}

/// A value of none of some types; none where a request can't say one.
fn of_other_type(types: &[String], kind: InputKind) -> Option<Value> {
    let has = |name: &str| types.iter().any(|known| known == name);
    if kind != InputKind::Body {
        return match () {
            () if has("string") => None,
            () if has("integer") || has("number") => Some(json!("many")),
            () if has("boolean") => Some(json!("perhaps")),
            () => None,
        };
    }
    match () {
        () if !has("string") => Some(json!("assay")),
        () if !has("object") => Some(json!({"assay": true})),
        () => None,
    }
}
