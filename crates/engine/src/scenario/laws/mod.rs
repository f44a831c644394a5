//! Laws: what anybody expects of an API that keeps things, whatever its document says. They become cases of every operation that
//! they fit.

mod lists;
mod refused;
mod request;
mod resource;
mod steps;
mod strangers;
mod things;
mod unknown;
mod updates;

use std::collections::BTreeSet;
use std::sync::Arc;

use assay_schema::Schemas;
use assay_suite::source::Place;
use assay_suite::{Company, Operation, RequirementId, Suite, Variable};

use super::{Derived, Scenario, Scope, Step, Written};

/// What is expected of every API.
#[derive(Clone, Debug)]
pub struct Law {
    /// Which it is.
    pub name: LawName,
    /// What holds where it is kept, as a sentence.
    pub title: String,
    /// How it is tested, and of what.
    pub text: String,
    /// Where it is written.
    pub place: Place,
}

/// The laws that cases are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LawName {
    /// A list asked for twice is the same.
    RepeatedReadIsEqual,
    /// A filter leaves the items that fit and no others.
    FilterFilters,
    /// What was created is listed with what it was asked for with.
    CreatedIsReadBack,
    /// Removing one of two leaves the other.
    RemoveExactlyOne,
    /// What is created after something was removed has another identity.
    IdentitiesAreGivenOnce,
    /// An update of one field leaves the others.
    UpdateKeepsTheRest,
    /// Another account does not see what is not its own.
    OthersSeeNothing,
    /// Another account is refused, and nothing changes.
    OthersChangeNothing,
    /// A parameter that is not given means its default.
    DefaultIsAsGiven,
    /// What is refused creates nothing.
    RefusedCreatesNothing,
    /// What names nothing that there is, is refused.
    UnknownIsRefused,
    /// What the state of a thing does not allow is refused.
    StateIsRespected,
    /// What something else uses is not removed.
    UsedIsKept,
    /// A second one of what there can be only one of is refused.
    TakenIsRefused,
    /// A wrong value is refused.
    WrongValueIsRefused,
}

impl LawName {
    /// All of them, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 15] = [
        ("repeated-read-is-equal", Self::RepeatedReadIsEqual),
        ("filter-filters", Self::FilterFilters),
        ("created-is-read-back", Self::CreatedIsReadBack),
        ("remove-exactly-one", Self::RemoveExactlyOne),
        ("identities-are-given-once", Self::IdentitiesAreGivenOnce),
        ("update-keeps-the-rest", Self::UpdateKeepsTheRest),
        ("others-see-nothing", Self::OthersSeeNothing),
        ("others-change-nothing", Self::OthersChangeNothing),
        ("default-is-as-given", Self::DefaultIsAsGiven),
        ("refused-creates-nothing", Self::RefusedCreatesNothing),
        ("unknown-is-refused", Self::UnknownIsRefused),
        ("state-is-respected", Self::StateIsRespected),
        ("used-is-kept", Self::UsedIsKept),
        ("taken-is-refused", Self::TakenIsRefused),
        ("wrong-value-is-refused", Self::WrongValueIsRefused),
    ];

    /// The law with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, law)| *law)
    }

    /// Its name, by which requirements claim it as a kind of promise.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, law)| *law == self).map(|(name, _)| *name).unwrap_or_default()
    }

    /// The name by which findings and known deviations refer to it, where no requirement promises it.
    pub fn id(self) -> RequirementId {
        RequirementId::of_law(&self.name().replace('-', " "))
    }
}

/// Adds the cases of the laws for a suite.
pub(crate) fn add(suite: &Suite, schemas: &Schemas, written: &mut Written) {
    let owned = strangers::variables_owned(suite, written);
    let laws = std::mem::take(&mut written.laws);
    for law in &laws {
        let maker = Maker { suite, schemas, law, owned: &owned };
        written.scenarios.extend(maker.scenarios());
    }
    written.laws = laws;
}

/// Makes the scenarios of one law for one suite.
struct Maker<'a> {
    suite: &'a Suite,
    schemas: &'a Schemas,
    law: &'a Law,
    /// The variables that name what a fixture made and what belongs to an account.
    owned: &'a BTreeSet<Variable>,
}

impl Maker<'_> {
    fn scenarios(&self) -> Vec<Arc<Scenario>> {
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
    fn subject(&self, operation: &Operation) -> RequirementId {
        let mut promised = self.suite.requirements_for(self.law.name.name(), &operation.name.value);
        promised.next().map_or_else(|| self.law.name.id(), |requirement| requirement.id.value.clone())
    }

    /// The steps as a scenario about an operation. One format is enough: laws are about what is kept, not how it is written.
    fn scenario(&self, operation: &Operation, company: Company, steps: Vec<Step>) -> Arc<Scenario> {
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
}
