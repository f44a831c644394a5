//! Arguments must be what the operation documents, where the request is to be accepted.

use serde_json::Value;

use crate::plan::case::PlannedCall;
use crate::scenario::{Bindings, CallOptions, Template};
use assay_suite::source::{Diagnostic, Diagnostics, Located, Place, closest, misspelt};
use assay_suite::{Location, Operation, Parameter, Presence, Signing, Style, Suite, ValueType, Variable, plain};

/// Whether a step counts on what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Wanted {
    /// The request is to be accepted.
    Accepted,
    /// So were the requests of a trace; what these lacked they lack.
    Replayed,
    /// It may be refused: what is wrong with it may be what is tested.
    Perhaps,
}

/// A request, and where its parts are written.
pub(in crate::plan) struct Request<'a> {
    pub suite: &'a Suite,
    pub operation: &'a Operation,
    pub call: &'a PlannedCall,
    /// The ways of asking that it was made from; what is in the last goes before.
    pub option_layers: Vec<&'a CallOptions>,
    pub wanted: Wanted,
}

impl Request<'_> {
    /// Reports arguments that the operation has no parameter for, values that it does not take, and parameters that it can't do without.
    pub fn check(&self, mistakes: &mut Diagnostics) {
        // Of an operation that the document only names nothing is known.
        if self.operation.name_only {
            return;
        }
        for (name, value) in &self.call.arguments {
            let (key, at) = self.written(name);
            match parameter(self.operation, name) {
                None if name.contains('$') || is_convention(self.suite, self.operation, name) => {}
                None => mistakes.extend(self.unknown(name, &key)),
                Some(parameter) if self.wanted == Wanted::Accepted && parameter.name.value == *name => {
                    mistakes.extend(wrong_value(parameter, value, &at));
                }
                Some(_) => {}
            }
        }
        for options in &self.option_layers {
            for name in options.without.iter().chain(&options.add) {
                self.left_out(name, mistakes);
            }
        }
        if self.wanted == Wanted::Accepted {
            self.missing(mistakes);
        }
    }

    /// Where the name and the value of an argument are written; where the request is for those that are documented.
    fn written(&self, name: &str) -> (Place, Place) {
        let arguments = self.option_layers.iter().rev().flat_map(|options| &options.with);
        let found = arguments.into_iter().find(|(key, _)| key.value.as_literal() == Some(name));
        found.map_or_else(
            || (self.call.place.clone(), self.call.place.clone()),
            |(key, value)| (key.place.clone(), value.place.clone()),
        )
    }

    /// The name of a parameter that is given or left out; those that come from variables are right.
    fn left_out(&self, name: &Located<Template>, mistakes: &mut Diagnostics) {
        let Some(name_is) = name.value.as_literal() else { return };
        if parameter(self.operation, name_is).is_none() && !is_convention(self.suite, self.operation, name_is) {
            mistakes.extend(self.unknown(name_is, &name.place));
        }
    }

    fn unknown(&self, name: &str, place: &Place) -> Option<Diagnostic> {
        let names = || self.operation.parameters.keys().map(String::as_str);
        // A name in other letters is written so on purpose: to see whether their case counts.
        if matches!(self.suite.style, Style::Query { .. }) && names().any(|known| known.eq_ignore_ascii_case(name)) {
            return None;
        }
        let message = format!("{} has no parameter `{name}`", self.operation.name.value);
        match self.wanted {
            Wanted::Accepted | Wanted::Replayed => {
                let help = match closest(name, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "remove it, or list it under `parameters` in operations.yaml".to_owned(),
                };
                Some(Diagnostic::error(place, message).help(help))
            }
            // One that is not documented may be what is to be refused.
            Wanted::Perhaps => {
                let near = misspelt(name, names())?;
                Some(Diagnostic::warning(place, message).help(format!("did you mean `{near}`?")))
            }
        }
    }

    /// Without a parameter of its path a request can't be made.
    fn missing(&self, mistakes: &mut Diagnostics) {
        let needed = self.operation.parameters.values().filter(|parameter| {
            let is_needed = parameter.presence == Presence::Required || parameter.location == Location::Path;
            is_needed && parameter.credential.is_none()
        });
        for parameter in needed {
            let name = &parameter.name.value;
            let is_given = self.call.arguments.iter().any(|(given, _)| head(given) == head(name));
            if is_given || self.call.withheld.contains(name) {
                continue;
            }
            let message = format!("{} needs `{name}`", self.operation.name.value);
            mistakes
                .add(Diagnostic::error(&self.call.place, message).help(format!("give it under `with`: {name}: ...")));
        }
    }
}

/// The parameter that an argument is for. A parameter's name may end in what numbers it, or lead into a body.
fn parameter<'a>(operation: &'a Operation, name: &str) -> Option<&'a Parameter> {
    let exact = operation.parameters.get(name);
    exact.or_else(|| operation.parameters.values().find(|known| head(&known.name.value) == head(name)))
}

/// Whether a name is one of the suite's conventions: these are parameters of every operation.
fn is_convention(suite: &Suite, operation: &Operation, name: &str) -> bool {
    let paging = suite
        .paging_of(operation)
        .into_iter()
        .chain(&suite.paging)
        .flat_map(|paging| [paging.start.parameter(), &paging.size]);
    let formats = suite.formats.iter().flat_map(|format| &format.parameters).map(|(name, _)| name.as_str());
    let (names, fixed) = match &suite.style {
        Style::Query { operation_parameter, fixed, .. } => (Some(operation_parameter.as_str()), fixed.as_slice()),
        Style::Rest => (None, [].as_slice()),
    };
    let signing: &[&str] = match suite.signing {
        Signing::CloudStack => &["apikey", "signature", "signatureVersion", "expires"],
        Signing::Ec2 => &["AWSAccessKeyId", "Signature", "SignatureVersion", "SignatureMethod", "Timestamp", "Expires"],
        Signing::Hicloud | Signing::Token => &[],
    };
    let own = operation.request.iter().flat_map(|line| &line.query).map(|(name, _)| name.as_str());
    let fixed = fixed.iter().map(|(name, _)| name.as_str());
    let mut all = paging.chain(formats).chain(names).chain(fixed).chain(own).chain(signing.iter().copied());
    all.any(|known| known.eq_ignore_ascii_case(name))
}

/// A parameter's name without what numbers it: `InstanceId` of `InstanceId.1`, `details` of `details[0].key`.
fn head(name: &str) -> &str {
    name.split(['.', '[']).next().unwrap_or(name)
}

/// Why a value is not one that a parameter takes, where that can be said before a run.
pub(super) fn wrong_value(parameter: &Parameter, value: &Template, place: &Place) -> Option<Diagnostic> {
    let stand_in = Bindings::from([(Variable::unique(), Value::from("0123456789ab"))]);
    let value = value.resolve(&stand_in).ok()?;
    let items = match &value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(_) | Value::Null => return None,
        single => vec![single],
    };
    let texts = items.into_iter().map(plain);
    let wrong = texts.filter(|text| !text.is_empty()).find_map(|text| wrong_text(parameter, &text))?;
    let (message, help) = wrong;
    Some(Diagnostic::error(place, message).help(help))
}

fn wrong_text(parameter: &Parameter, text: &str) -> Option<(String, String)> {
    let name = &parameter.name.value;
    let is_documented = |text: &str| parameter.values.iter().any(|known| known.eq_ignore_ascii_case(text));
    // A list may be written in one piece.
    if let Some(text) =
        text.split(',').find(|part| !parameter.values.is_empty() && !is_documented(text) && !is_documented(part))
    {
        let help = match closest(text, parameter.values.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of: {}", parameter.values.join(", ")),
        };
        return Some((format!("`{text}` is not among the documented values of `{name}`"), help));
    }
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    let (is_of_type, kind) = match parameter.value_type {
        Some(ValueType::Integer) => (is_number && !text.contains(['.', 'e', 'E']), "a whole number"),
        Some(ValueType::Number) => (is_number, "a number"),
        Some(ValueType::Boolean) => {
            (["true", "false"].iter().any(|known| known.eq_ignore_ascii_case(text)), "true or false")
        }
        Some(ValueType::Text | ValueType::Array | ValueType::Object) | None => (true, ""),
    };
    if !is_of_type {
        return Some((format!("`{name}` is {kind}, and this is `{text}`"), format!("write {kind}")));
    }
    let (bounds, length) = (&parameter.bounds, text.chars().count() as u64);
    let limit = |limit: Option<f64>| limit.zip(text.parse::<f64>().ok());
    let bound = if let Some((least, _)) = limit(bounds.minimum).filter(|(least, number)| number < least) {
        format!("at least {least}")
    } else if let Some((most, _)) = limit(bounds.maximum).filter(|(most, number)| number > most) {
        format!("at most {most}")
    } else if let Some(least) = bounds.minimum_length.filter(|least| length < *least) {
        format!("at least {least} characters long")
    } else if let Some(most) = bounds.maximum_length.filter(|most| length > *most) {
        format!("at most {most} characters long")
    } else if bounds.whole_pattern().is_some_and(|pattern| !pattern.is_match(text)) {
        format!("like `{}`", bounds.pattern.as_deref().unwrap_or_default())
    } else {
        return None;
    };
    Some((format!("`{name}` is {bound}, and this is `{text}`"), "write a value that is documented".to_owned()))
}
