//! What a request says: a pure function of its number, so that all generators of a load make the same.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use serde_json::Value;

use crate::deployment::{Recurring, Repeated, RequestSpecError, Target, Wire};
use crate::interpreter::Session;
use crate::plan::{PlannedArrivals, PlannedDue, PlannedPortion, PlannedProfile, chance, pace};
use crate::profile::{Data, Trace, TracedArrival};
use crate::scenario::{Bindings, Template};
use assay_suite::Variable;

/// So much of a run's name is in the names that its requests make up.
const RUN_IN_NAMES: usize = 8;

/// Makes the requests of a profile.
pub(super) struct Requests {
    portions: Vec<Portion>,
    sources: Vec<(Variable, Source)>,
    seed: u64,
    trace: Option<Trace>,
    /// Requests of a trace, by portion and by the names of the arguments that the trace gives them.
    traced: BTreeMap<(usize, Vec<String>), Repeated>,
    target: Arc<Target>,
}

/// Where the value of a variable comes from in each request anew.
enum Source {
    /// What the profile says.
    Data(Data),
    /// A name that no other request of any run has: it begins with this.
    Unique(String),
}

struct Portion {
    recurring: Recurring,
    repeated: Repeated,
    varying: Vec<Template>,
    weight: u64,
}

/// Why a profile's requests can't be made.
#[derive(Debug, thiserror::Error)]
pub enum RequestsError {
    /// The target can't be asked.
    #[error(transparent)]
    Request(#[from] RequestSpecError),
    /// A variable is undefined.
    #[error("variable {variable} of {operation} is undefined: set it in the target file, in `data` or in `set_up`")]
    NoValue {
        /// The variable.
        variable: Variable,
        /// The operation.
        operation: String,
    },
}

/// What no request of another run has in its name, and no other of this one, if it is of a request with a number.
pub(super) fn unique_name(run: &str, number: Option<u64>) -> String {
    let run: String = run.chars().filter(char::is_ascii_alphanumeric).take(RUN_IN_NAMES).collect();
    number.map_or(run.clone(), |number| format!("{run}{number}"))
}

impl Requests {
    /// The requests of a profile, with what is known when it begins.
    pub fn new(
        profile: &PlannedProfile,
        arrivals: &PlannedArrivals,
        bindings: &Bindings,
        session: &Session,
    ) -> Result<Self, RequestsError> {
        let target = session.target();
        let data = profile.data.iter().map(|(variable, data)| (variable.clone(), Source::Data(data.clone())));
        let mut sources: Vec<_> = data.collect();
        sources.push((Variable::unique(), Source::Unique(unique_name(session.run(), None))));
        let mut known = bindings.clone();
        known.retain(|variable, _| !sources.iter().any(|(varies, _)| varies == variable));
        let portion = |portion: &PlannedPortion| Portion::new(portion, profile, target, &known, &sources);
        let portions = profile.portions.iter().map(portion).collect::<Result<Vec<_>, _>>()?;
        let trace = match &arrivals.due {
            PlannedDue::Trace(trace) => Some(trace.clone()),
            PlannedDue::Shape(_) => None,
        };
        let (seed, traced, target) = (arrivals.seed, BTreeMap::new(), Arc::clone(target));
        Ok(Self { portions, sources, seed, trace, traced, target })
    }

    /// Which portion of the mix a request is of.
    pub fn portion(&self, number: u64) -> usize {
        if let Some(arrival) = self.arrival(number) {
            return arrival.portion;
        }
        pace::portion(self.portions.iter().map(|portion| portion.weight), self.seed, number)
    }

    /// The request with a number, of its portion of the mix.
    pub fn wire(&mut self, portion: usize, number: u64) -> Result<Wire, RequestsError> {
        let given = self.arrival(number).map(|arrival| arrival.arguments.clone()).unwrap_or_default();
        let chosen = &mut self.portions[portion];
        if given.is_empty() {
            let values = values(&chosen.varying, &self.sources, number, &chosen.recurring.operation)?;
            return Ok(chosen.repeated.wire(&values)?);
        }
        let (names, given): (Vec<_>, Vec<_>) = given.into_iter().unzip();
        let own = chosen.recurring.varying.iter().zip(&chosen.varying).filter(|(name, _)| !names.contains(name));
        let (own_names, own): (Vec<_>, Vec<_>) = own.map(|(name, template)| (name.clone(), template)).unzip();
        let mut values = values(own, &self.sources, number, &chosen.recurring.operation)?;
        values.extend(given);
        let repeated = match self.traced.entry((portion, names)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let names = &unknown.key().1;
                let mut recurring = chosen.recurring.clone();
                recurring.arguments.retain(|(name, _)| !names.contains(name));
                recurring.varying = own_names.into_iter().chain(names.iter().cloned()).collect();
                unknown.insert(Repeated::new(&self.target, recurring)?)
            }
        };
        Ok(repeated.wire(&values)?)
    }

    /// The line of the trace that a request is made by, if there is a trace.
    fn arrival(&self, number: u64) -> Option<&TracedArrival> {
        self.trace.as_ref()?.arrivals.get(usize::try_from(number).ok()?)
    }
}

impl Portion {
    fn new(
        planned: &PlannedPortion,
        profile: &PlannedProfile,
        target: &Arc<Target>,
        known: &Bindings,
        sources: &[(Variable, Source)],
    ) -> Result<Self, RequestsError> {
        let call = &planned.call;
        let bound = call.arguments.iter().map(|(name, template)| (name.clone(), template.bind(known)));
        let (fixed, varying): (Vec<_>, Vec<_>) = bound.partition(|(_, template)| template.variables().is_empty());
        let fixed = fixed.into_iter().map(|(name, template)| Ok((name, template.resolve(known)?)));
        let fixed = fixed.collect::<Result<_, _>>().map_err(|variable| no_value(variable, &call.operation))?;
        let (names, varying): (Vec<_>, Vec<_>) = varying.into_iter().unzip();
        let unknown = varying.iter().flat_map(Template::variables);
        let mut unknown = unknown.filter(|variable| !sources.iter().any(|(varies, _)| varies == *variable));
        if let Some(variable) = unknown.next() {
            return Err(no_value(variable.clone(), &call.operation));
        }
        let recurring = Recurring {
            suite: Arc::clone(&profile.suite),
            operation: call.operation.clone(),
            arguments: fixed,
            varying: names,
            withheld: call.withheld.clone(),
            format: call.asked,
            method: call.method,
            account: call.account.clone(),
            traits: call.sign.clone(),
        };
        let repeated = Repeated::new(target, recurring.clone())?;
        Ok(Self { recurring, repeated, varying, weight: u64::from(planned.weight.get()) })
    }
}

/// What templates say in the request with a number.
fn values<'t>(
    templates: impl IntoIterator<Item = &'t Template>,
    sources: &[(Variable, Source)],
    number: u64,
    operation: &str,
) -> Result<Vec<Value>, RequestsError> {
    let values = templates.into_iter().map(|template| value(template, sources, number));
    values.collect::<Result<_, _>>().map_err(|variable| no_value(variable, operation))
}

fn no_value(variable: Variable, operation: &str) -> RequestsError {
    RequestsError::NoValue { variable, operation: operation.to_owned() }
}

/// What a template says in the request with a number.
fn value(template: &Template, sources: &[(Variable, Source)], number: u64) -> Result<Value, Variable> {
    let drawn = |source: &Source| match source {
        Source::Data(data) => drawn(data, number),
        Source::Unique(run) => Value::from(format!("{run}{number}")),
    };
    if let Template::Variable(variable) = template {
        let found = sources.iter().find(|(known, _)| known == variable);
        return found.map(|(_, source)| drawn(source)).ok_or_else(|| variable.clone());
    }
    let drawn: Bindings = sources.iter().map(|(variable, source)| (variable.clone(), drawn(source))).collect();
    template.resolve(&drawn)
}

/// The value of a variable in the request with a number.
pub(super) fn drawn(data: &Data, number: u64) -> Value {
    match data {
        Data::Values(values) => {
            let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
            let place = number.checked_rem(count).and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| values.get(place)).cloned().unwrap_or(Value::Null)
        }
        Data::Counter { from } => Value::from(from.wrapping_add(number)),
        Data::Random { from, to, seed } => {
            let count = to.saturating_sub(*from).saturating_add(1);
            Value::from(from.saturating_add(chance::below(count, *seed, number)))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_variable_is_for_depends_on_the_number_alone() {
        let values = || Data::Values(Arc::from([json!("a"), json!("b"), json!("c")]));
        assert_eq!(
            [0, 1, 2, 3].map(|number| drawn(&values(), number)),
            [json!("a"), json!("b"), json!("c"), json!("a")]
        );
        assert_eq!(drawn(&Data::Counter { from: 10 }, 5), json!(15));
        let random = || Data::Random { from: 5, to: 7, seed: 1 };
        let all: Vec<_> = (0..100).map(|number| drawn(&random(), number).as_u64().unwrap()).collect();
        assert!([5, 6, 7].iter().all(|value| all.contains(value)), "{all:?}");
        assert!(all.iter().all(|value| (5..=7).contains(value)), "{all:?}");
        assert_eq!(drawn(&random(), 42), drawn(&random(), 42));
    }

    #[test]
    fn a_unique_name_is_another_in_each_request_and_in_each_run() {
        let name = |run: &str, number| {
            let sources = [(Variable::unique(), Source::Unique(run.to_owned()))];
            value(&Template::parse(&json!("vm-${unique}")), &sources, number).unwrap()
        };
        assert_eq!(name("ab12", 7), json!("vm-ab127"));
        assert_ne!(name("ab12", 7), name("ab12", 8));
        assert_ne!(name("ab12", 7), name("cd34", 7));
    }
}
