//! What a scenario is repeated for: operations, and parameters of operations.

use crate::suite::{Effect, Operation};

/// What a scenario is repeated for.
#[derive(Clone, Debug)]
pub struct ForEach {
    /// The operations; each is bound to `$operation`.
    pub operations: OperationChoice,
    /// Their parameters, if it is repeated for those too; each is bound to `$parameter`.
    pub parameters: Option<ParameterChoice>,
}

/// Which operations.
#[derive(Clone, Debug, Default)]
pub struct OperationChoice {
    /// These only; any when none are named.
    pub named: Vec<crate::source::Located<String>>,
    /// Not these.
    pub except: Vec<crate::source::Located<String>>,
    /// With this effect.
    pub effect: Option<Effect>,
    /// With a job, or without.
    pub job: Option<bool>,
    /// Lists, or others.
    pub list: Option<bool>,
    /// Described by the document, or only named.
    pub detailed: Option<bool>,
    /// With required parameters, or without.
    pub required: Option<bool>,
}

impl OperationChoice {
    /// Whether an operation is meant.
    pub fn includes(&self, operation: &Operation) -> bool {
        let name = &operation.name.value.0;
        let required = operation.parameters.values().any(|p| p.presence == crate::suite::Presence::Required);
        (self.named.is_empty() || self.named.iter().any(|named| named.value == *name))
            && !self.except.iter().any(|except| except.value == *name)
            && self.effect.is_none_or(|effect| effect == operation.effect)
            && self.job.is_none_or(|job| job == operation.asynchronous)
            && self.list.is_none_or(|list| list == operation.list.is_some())
            && self.detailed.is_none_or(|detailed| detailed == operation.detailed)
            && self.required.is_none_or(|wanted| wanted == required)
    }
}

/// Which parameters of an operation, and what else is bound with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterChoice {
    /// Those that must be given.
    Required,
    /// Those that need another, `$partner`.
    Paired,
    /// Those that exclude another, `$partner`.
    Excluded,
    /// Those whose values the document lists.
    Enumerated,
    /// Those that narrow a list to the items with their value in `$field`.
    Filter,
    /// Those that narrow a list to the items with their text in `$field`.
    Search,
    /// The first of several sets of which exactly one must be given; `$partner` is each other set.
    ExactlyOne,
    /// The first of several sets of which at least one must be given.
    AtLeastOne,
}

impl ParameterChoice {
    /// All choices, with the names that scenarios give them.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("required", Self::Required),
        ("paired", Self::Paired),
        ("excluded", Self::Excluded),
        ("enumerated", Self::Enumerated),
        ("filter", Self::Filter),
        ("search", Self::Search),
        ("exactly_one", Self::ExactlyOne),
        ("at_least_one", Self::AtLeastOne),
    ];
}
