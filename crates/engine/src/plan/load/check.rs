//! What is wrong with the variables and arguments of a profile, as far as it shows before a run.

use std::collections::BTreeSet;

use crate::plan::case::PlannedStep;
use crate::plan::needs;
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, closest, misspelt};

use super::apply::{Applied, Context};

impl Applied<'_> {
    /// Reports variables that can't be what was meant.
    pub(super) fn check_variables(
        &self,
        context: &Context<'_>,
        set_up: &[PlannedStep],
        requests: &[PlannedStep],
        mistakes: &mut Diagnostics,
    ) {
        let data = &self.profile.data;
        let drawn = |variable: &Variable| data.iter().any(|(name, _)| name.value == *variable);
        for step in set_up {
            if let Some(variable) = needs::uses(step).into_iter().find(drawn) {
                let message = format!("{variable} is drawn for each request, and this is done once before them");
                let mistake = Diagnostic::error(&step.place, message);
                mistakes.add(mistake.help("write a value, or save one under another name"));
            }
        }
        let used: Vec<_> =
            requests.iter().flat_map(|step| needs::uses(step).into_iter().map(move |v| (step, v))).collect();
        for (name, _) in data.iter().filter(|_| self.operation.is_none()) {
            if used.iter().all(|(_, variable)| *variable != name.value) {
                let near = closest(&name.value.0, used.iter().map(|(_, variable)| variable.0.as_str()));
                let help = near.map_or("remove it, or give it to a parameter".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
                let mistake = Diagnostic::error(&name.place, format!("no request uses {}", name.value));
                mistakes.add(mistake.help(help));
            }
        }
        let known = self.known_variables(context, set_up.iter().chain(requests));
        for (step, variable) in used {
            let near = misspelt(&variable.0, known.iter().map(|variable| variable.0.as_str()));
            if let Some(near) = near.filter(|_| !known.contains(&variable)) {
                mistakes.add(needs::unprovided(&step.place, &variable, near));
            }
        }
    }

    /// The variables that a request of this profile can use.
    fn known_variables<'s>(
        &self,
        context: &Context<'_>,
        steps: impl Iterator<Item = &'s PlannedStep>,
    ) -> BTreeSet<Variable> {
        let suite = context.suite;
        let fixtures = context.library.written.fixtures.iter().filter(|fixture| fixture.scope.includes(suite));
        let mut known = needs::suite_values(suite);
        known.extend(fixtures.flat_map(|fixture| &fixture.provides).map(|name| name.value.clone()));
        known.extend(steps.flat_map(|step| &step.save).map(|(name, _)| name.clone()));
        known.extend(self.profile.data.iter().map(|(name, _)| name.value.clone()));
        known.extend(self.bindings.keys().chain(context.given.keys()).cloned());
        known.insert(Variable::unique());
        known
    }
}
