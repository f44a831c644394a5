//! What makes the scenarios of a law for a suite.

use std::collections::BTreeSet;
use std::sync::Arc;

use assay_schema::Schemas;
use assay_suite::{Company, List, Operation, RequirementId, Suite, Variable};

use super::law::{Law, LawName};
use crate::scenario::document::{Derived, Scenario, Scope};
use crate::scenario::step::Step;

/// Makes the scenarios of one law for one suite.
pub(super) struct Maker<'a> {
    pub(super) suite: &'a Suite,
    pub(super) schemas: &'a Schemas,
    pub(super) law: &'a Law,
    /// The variables that name what a fixture made and what belongs to an account.
    pub(super) owned: &'a BTreeSet<Variable>,
}

impl Maker<'_> {
    pub(super) fn scenarios(&self) -> Vec<Arc<Scenario>> {
        match self.law.name {
            LawName::RepeatedReadIsEqual => self.repeated_reads(),
            LawName::FilterFilters => self.filters(),
            LawName::CreatedIsReadBack => self.read_back(),
            LawName::RemoveExactlyOne => self.remove_one(),
            LawName::IdentitiesAreGivenOnce => self.identities(),
            LawName::UpdateKeepsTheRest => self.updates(),
            LawName::OthersSeeNothing => self.seen_by_others(),
            LawName::OthersChangeNothing => self.changed_by_others(),
            LawName::DefaultIsAsGiven => self.defaults(),
            LawName::RefusedCreatesNothing => self.refused_creations(),
            LawName::UnknownIsRefused => self.unknown_names(),
            LawName::StateIsRespected => self.refused_things(),
            LawName::UsedIsKept => self.used_things(),
            LawName::TakenIsRefused => self.taken(),
            LawName::WrongValueIsRefused => self.wrong_values(),
        }
    }

    /// The requirement of the document that says so, or else the law.
    pub(super) fn subject(&self, operation: &Operation) -> RequirementId {
        let mut promised = self.suite.requirements_for(self.law.name.name(), &operation.name.value);
        promised.next().map_or_else(|| self.law.name.id(), |requirement| requirement.id.value.clone())
    }

    /// The steps as a scenario about an operation. One format is enough: laws are about what is kept, not how it is written.
    pub(super) fn scenario(&self, operation: &Operation, company: Company, steps: Vec<Step>) -> Arc<Scenario> {
        Arc::new(Scenario {
            title: assay_suite::source::Located { value: self.law.title.clone(), place: self.law.place.clone() },
            file: Arc::clone(&self.law.place.file),
            tags: vec!["laws".to_owned()],
            scope: Scope::Suite(self.suite.name.value.clone()),
            formats: vec![self.suite.usual_format()],
            for_each: None,
            steps,
            derived: Some(Derived {
                operation: operation.name.value.clone(),
                label: operation.name.value.0.clone(),
                subject: self.subject(operation),
            }),
            company,
        })
    }

    /// The fields of a list's items that change by themselves. An item may say which job is at work on it, and how far that is.
    pub(super) fn volatile(&self, list: &List) -> Vec<String> {
        let of_jobs = self.suite.jobs.iter().flat_map(|jobs| [&jobs.id, &jobs.status]);
        list.volatile.iter().chain(of_jobs).cloned().collect()
    }
}
