//! Requests that break one rule are refused for that.

use serde_json::Value;

use assay_suite::source::Place;
use assay_suite::{
    CONTENT_TYPE, Contract, Demand, Input, InputKind, Operation, RAW_BODY, RequirementId, ResponseStatus, Rule,
    UNKNOWN_CREDENTIAL, is_json,
};

use super::breaking;
use super::build::{About, Arguments, Call, of_data, refused, scenario, without};
use super::maker::{Maker, Scenarios};
use super::positive::{reads, refusal_requirements, replaced};
use super::request::Condition;
use super::value::{Extent, Variant};
use crate::scenario::Template;
use crate::scenario::step::CallOptions;

impl Maker<'_> {
    pub(super) fn negative(&self, operation: &Operation, scenarios: &mut Scenarios) {
        let Some(contract) = operation.contract.as_deref() else { return };
        for input in &contract.inputs {
            let is_condition = Condition::of(input).is_some();
            // What else breaks a condition is its value, of which only an answer can tell.
            let rules = input.rules.iter().filter(|rule| !is_condition || rule.demand == Demand::Required(None));
            for rule in rules {
                self.broken_rule(operation, contract, input, rule, scenarios);
            }
        }
        self.bodies(operation, contract, scenarios);
        self.credentials(operation, contract, scenarios);
        self.not_there(operation, contract, scenarios);
    }

    fn broken_rule(
        &self,
        operation: &Operation,
        contract: &Contract,
        input: &Input,
        rule: &Rule,
        scenarios: &mut Scenarios,
    ) {
        if !breaking::can_break(contract, input.kind, &rule.demand) {
            return;
        }
        let id = &rule.requirement;
        let Some(arguments) = self.breaking(operation, input, rule) else { return };
        let more: &[u16] = match (input.kind, &rule.demand) {
            // A name that can't be one is that of nothing.
            (InputKind::Path, _) => &[404],
            (InputKind::Body, Demand::MaxLength(_) | Demand::MaxItems(_)) => &[413],
            (_, Demand::MaxLength(_)) => &[414, 431],
            (InputKind::Body, Demand::Required(None)) => &[411, 415],
            (InputKind::Header, Demand::Required(None)) if Condition::of(input).is_some() => &[412, 428],
            _ => &[],
        };
        let statuses = of_data(contract, more);
        let (title, label, subject) = (title(&rule.demand), id.0.clone(), id.clone());
        let about = About { title, operation, label, subject, place: &rule.place, tag: "negative" };
        self.refusal(about, contract, arguments, CallOptions::default(), &statuses, scenarios);
        let title = "null in the place of a value is refused";
        // A merge patch says by null what is to be removed (RFC 7396).
        let is_patch = contract.media_types.iter().any(|one| one.contains("merge-patch"));
        if input.kind == InputKind::Body
            && !is_patch
            && let Some(arguments) = self.breaking_by(operation, input, rule, breaking::without_value)
        {
            let about = About {
                title,
                operation,
                label: id.0.clone(),
                subject: id.clone(),
                place: &rule.place,
                tag: "negative",
            };
            self.refusal(about, contract, arguments, CallOptions::default(), &statuses, scenarios);
        }
    }

    /// The arguments of a request that breaks a rule and keeps to all others.
    fn breaking(&self, operation: &Operation, input: &Input, rule: &Rule) -> Option<Arguments> {
        let id = &rule.requirement.0;
        if rule.path.is_empty() && rule.demand == Demand::Required(None) {
            let mut arguments = self.good(operation, Extent::Required, Variant::First, id)?;
            let before = arguments.len();
            arguments.retain(|(name, _)| *name != input.argument);
            return (arguments.len() < before).then_some(arguments);
        }
        self.breaking_by(operation, input, rule, |good, rule| breaking::broken(good, rule, input.kind))
    }

    /// The arguments of a good request in which the value of an input is changed so.
    fn breaking_by(
        &self,
        operation: &Operation,
        input: &Input,
        rule: &Rule,
        change: impl Fn(&Template, &Rule) -> Option<Template>,
    ) -> Option<Arguments> {
        let id = &rule.requirement.0;
        for extent in [Extent::Required, Extent::All] {
            let arguments = self.good(operation, extent, Variant::First, id)?;
            let known = arguments.iter().find(|(name, _)| *name == input.argument).map(|(_, value)| value.clone());
            let good = known.or_else(|| self.argument(operation, input, extent, Variant::First, id))?;
            let Some(wrong) = change(&good, rule) else { continue };
            if self.judge.is_good(input, &wrong) != Some(true) {
                return Some(replaced(arguments, &input.argument, wrong));
            }
        }
        None
    }

    fn refusal(
        &self,
        about: About<'_>,
        contract: &Contract,
        arguments: Arguments,
        options: CallOptions,
        statuses: &[u16],
        scenarios: &mut Scenarios,
    ) {
        let verifies = refusal_requirements(contract, &about.subject, statuses);
        let call = Call { operation: about.operation, arguments, save: Vec::new() };
        let step = call.with_options(options, refused(statuses, about.place), verifies);
        scenarios.push(scenario(self.suite, about, vec![step]));
    }

    /// Bodies that are malformed, or of another media type.
    fn bodies(&self, operation: &Operation, contract: &Contract, scenarios: &mut Scenarios) {
        let (Some(body), Some(media_type)) = (contract.body(), contract.media_types.first()) else { return };
        let name = &operation.name.value.0;
        let Some(arguments) = self.good(operation, Extent::Required, Variant::First, &format!("{name}.body")) else {
            return;
        };
        let place = &contract.place;
        if is_json(media_type) {
            let subject = RequirementId(format!("{name}.body.malformed"));
            let mut arguments = arguments.clone();
            arguments.retain(|(known, _)| *known != body.argument);
            arguments.push((RAW_BODY.to_owned(), Template::text("{\"assay\": ")));
            let title = "a malformed body is refused";
            let about = About { title, operation, label: name.clone(), subject, place, tag: "negative" };
            self.refusal(about, contract, arguments, CallOptions::default(), &of_data(contract, &[]), scenarios);
        }
        // That a server is lenient breaks nothing, unless the document says by which status it is not.
        if contract.responses.iter().any(|response| response.status == ResponseStatus::Exactly(415)) {
            let subject = RequirementId(format!("{name}.body.media-type"));
            let mut arguments = arguments;
            if !arguments.iter().any(|(known, _)| *known == body.argument) {
                arguments.push((RAW_BODY.to_owned(), Template::text("assay")));
            }
            arguments.push((CONTENT_TYPE.to_owned(), Template::text("application/x-assay")));
            let title = "a body of another media type is refused";
            let about = About { title, operation, label: name.clone(), subject, place, tag: "negative" };
            self.refusal(about, contract, arguments, CallOptions::default(), &[415], scenarios);
        }
    }

    /// Requests without a credential, and with an unknown one.
    fn credentials(&self, operation: &Operation, contract: &Contract, scenarios: &mut Scenarios) {
        let Some((requirement, carriers)) = &contract.security else { return };
        let name = &operation.name.value.0;
        let place: &Place = &contract.place;
        let Some(arguments) = self.good(operation, Extent::Required, Variant::First, &format!("{name}.security"))
        else {
            return;
        };
        let about = |title| {
            let (label, subject) = (name.clone(), requirement.clone());
            About { title, operation, label, subject, place, tag: "security" }
        };
        let statuses = [401, 403];
        let options = without(carriers, place);
        let title = "a request without a credential is refused";
        self.refusal(about(title), contract, arguments.clone(), options, &statuses, scenarios);
        let mut arguments = arguments;
        arguments.extend(carriers.iter().map(|carrier| (carrier.clone(), Template::text(UNKNOWN_CREDENTIAL))));
        let title = "a request with an unknown credential is refused";
        self.refusal(about(title), contract, arguments, CallOptions::default(), &statuses, scenarios);
    }

    /// What is not there is not found.
    fn not_there(&self, operation: &Operation, contract: &Contract, scenarios: &mut Scenarios) {
        if !reads(operation)
            || !contract.responses.iter().any(|response| response.status == ResponseStatus::Exactly(404))
        {
            return;
        }
        let name = &operation.name.value.0;
        let Some(mut arguments) = self.good(operation, Extent::Required, Variant::First, name) else { return };
        let Some((input, unknown)) = self.unknown(operation, contract) else { return };
        arguments = replaced(arguments, input, unknown);
        let place = &contract.place;
        let title = "what does not exist is not found";
        let (label, subject) = (name.clone(), contract.exists.clone());
        let about = About { title, operation, label, subject, place, tag: "negative" };
        self.refusal(about, contract, arguments, CallOptions::default(), &[404, 410], scenarios);
    }

    /// The last part of a path that names a thing, and the name of nothing.
    pub(super) fn unknown<'c>(&self, operation: &Operation, contract: &'c Contract) -> Option<(&'c str, Template)> {
        let names_a_thing =
            |input: &&Input| input.kind == InputKind::Path && self.variable_of(operation, &input.argument).is_some();
        let last = contract.inputs.iter().rev().find(names_a_thing)?;
        Some((last.argument.as_str(), self.unprovided(last)?))
    }

    /// The name of nothing, of the type that names have.
    fn unprovided(&self, input: &Input) -> Option<Template> {
        let candidates = [
            Template::Literal(Value::from(987_654_321)),
            Template::text("00000000-0000-4000-8000-00000000dead"),
            Template::Literal(Value::from(9_999)),
            Template::parse(&Value::from("assay-no-such-${unique}")),
        ];
        candidates.into_iter().find(|candidate| self.judge.is_good(input, candidate) == Some(true))
    }
}

/// What a case of a broken rule is called.
fn title(demand: &Demand) -> &'static str {
    match demand {
        Demand::Required(None) => "a request without what is required is refused",
        Demand::Required(Some(_)) => "a value without a required field is refused",
        Demand::Type(_) => "a value of another type is refused",
        Demand::OneOf(_) => "a value that is not listed is refused",
        Demand::Minimum(_) | Demand::Above(_) => "a number below the least is refused",
        Demand::Maximum(_) | Demand::Below(_) => "a number above the greatest is refused",
        Demand::MultipleOf(_) => "a number that is no multiple is refused",
        Demand::MinLength(_) => "a text that is too short is refused",
        Demand::MaxLength(_) => "a text that is too long is refused",
        Demand::Pattern(_) => "a text that its pattern does not allow is refused",
        Demand::Format(_) => "a text of another format is refused",
        Demand::MinItems(_) => "a list that is too short is refused",
        Demand::MaxItems(_) => "a list that is too long is refused",
        Demand::UniqueItems => "a list with an item twice is refused",
        Demand::MinFields(_) => "an object with too few fields is refused",
        Demand::NoOtherFields => "a field that is not documented is refused",
    }
}
