//! What a scenario is repeated for: operations, and parameters of operations.

use assay_suite::{Availability, Effect, Location, Operation, Presence, Suite};

/// What a scenario is repeated for.
#[derive(Clone, Debug)]
pub struct ForEach {
    /// The operations; each is bound to `$operation`.
    pub operations: OperationChoice,
    /// Their parameters, if it is repeated for those too; each is bound to `$parameter`.
    pub parameters: Option<ParameterChoice>,
}

/// Which operations.
#[derive(Clone, Debug)]
pub struct OperationChoice {
    /// These only; any when none are named.
    pub named: Vec<assay_suite::source::Located<String>>,
    /// Not these.
    pub except: Vec<assay_suite::source::Located<String>>,
    /// With this effect.
    pub effect: Option<Effect>,
    /// With a job, or without.
    pub job: Option<bool>,
    /// Lists, or others.
    pub list: Option<bool>,
    /// Only named by the document, or described.
    pub name_only: Option<bool>,
    /// With required parameters that can be left out, or without: those of the path can't.
    pub required: Option<bool>,
    /// Lists that are cut into pages, or others.
    pub paged: Option<bool>,
    /// Whose answers repeat what a request says besides what it must, or others.
    pub echoes: Option<bool>,
    /// Under this heading.
    pub group: Option<String>,
    /// Still offered, or removed.
    pub availability: Availability,
}

impl Default for OperationChoice {
    fn default() -> Self {
        Self {
            named: Vec::new(),
            except: Vec::new(),
            effect: None,
            job: None,
            list: None,
            name_only: None,
            required: None,
            paged: None,
            echoes: None,
            group: None,
            availability: Availability::Offered,
        }
    }
}

impl OperationChoice {
    /// Whether an operation of a suite is meant.
    pub fn includes(&self, suite: &Suite, operation: &Operation) -> bool {
        let name = &operation.name.value.0;
        let required = operation
            .parameters
            .values()
            .any(|parameter| parameter.presence == Presence::Required && parameter.location != Location::Path);
        (self.named.is_empty() || self.named.iter().any(|named| named.value == *name))
            && !self.except.iter().any(|except| except.value == *name)
            && self.effect.is_none_or(|effect| effect == operation.effect)
            && self.job.is_none_or(|job| job == operation.asynchronous)
            && self.list.is_none_or(|list| list == operation.list.is_some())
            && self.name_only.is_none_or(|name_only| name_only == operation.name_only)
            && self.required.is_none_or(|wanted| wanted == required)
            && self.paged.is_none_or(|paged| paged == suite.paging_of(operation).is_some())
            && self.echoes.is_none_or(|echoes| echoes == operation.optional_echoes().next().is_some())
            && self.group.as_ref().is_none_or(|group| *group == operation.group)
            && (self.availability == operation.availability || self.named.iter().any(|named| named.value == *name))
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
    /// Those of the former that take any value, neither one of a few nor true or false; no item has `$unmatched`.
    OpenFilter,
    /// Those that narrow a list to the items with their text in `$field`.
    Search,
    /// The first of several sets of which exactly one must be given; `$partner` is each other set.
    ExactlyOne,
    /// The first of several sets of which at least one must be given.
    AtLeastOne,
    /// Those with a least number; `$wrong` is below it, `$right` is that number.
    Minimum,
    /// Those with a greatest number; `$wrong` is above it, `$right` is that number.
    Maximum,
    /// Those with a least length; `$wrong` is shorter.
    MinimumLength,
    /// Those with a greatest length; `$wrong` is longer.
    MaximumLength,
    /// Those with a pattern; `$wrong` does not match it.
    Pattern,
    /// Those that are not text; `$wrong` is of no such type.
    Typed,
    /// Those that carry a credential and must be given; `$wrong` is an unknown one.
    Credential,
}

impl ParameterChoice {
    /// All choices, with the names that scenarios give them.
    pub const NAMES: [(&'static str, Self); 16] = [
        ("required", Self::Required),
        ("paired", Self::Paired),
        ("excluded", Self::Excluded),
        ("enumerated", Self::Enumerated),
        ("filter", Self::Filter),
        ("open_filter", Self::OpenFilter),
        ("search", Self::Search),
        ("exactly_one", Self::ExactlyOne),
        ("at_least_one", Self::AtLeastOne),
        ("minimum", Self::Minimum),
        ("maximum", Self::Maximum),
        ("minimum_length", Self::MinimumLength),
        ("maximum_length", Self::MaximumLength),
        ("pattern", Self::Pattern),
        ("typed", Self::Typed),
        ("credential", Self::Credential),
    ];
}
