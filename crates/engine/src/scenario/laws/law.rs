//! What is expected of every API, whatever its document says.

use assay_suite::RequirementId;
use assay_suite::source::Place;

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
