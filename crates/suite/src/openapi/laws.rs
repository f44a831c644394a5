//! What holds for the operations on one kind of things, taken together.

use crate::{Contract, Law, LawKind, ListLaw, Operation, OperationName, Paged, RequirementId, Resource, States};

use super::by_name::Operations;
use super::lists;
use super::shape::Shape;
use super::states;
use crate::{LOCATION, SENT};

/// What holds for one resource.
pub(super) struct Found {
    pub laws: Vec<Law>,
    pub list_laws: Vec<ListLaw>,
    pub paged: Option<Paged>,
    pub states: States,
}

/// The laws of each resource, and those of its list.
pub(super) fn all<'s>(
    resources: &[Resource],
    operations: &Operations,
    answer: impl Fn(&str) -> Option<Shape<'s>>,
) -> Vec<Found> {
    let of = |resource: &Resource| {
        let (list_laws, paged) = lists::laws(resource, operations, &answer);
        let list = resource.list.as_ref().map(|(list, _)| list);
        // What a page lacks decides nothing unless it is known to be the last.
        let list = list.filter(|list| paged.is_some() || operations.get(*list).is_some_and(lists::is_whole));
        let finder = Finder { resource, list, resources, operations, answer: &answer };
        let states = states::of(resource, operations, &answer);
        Found { laws: finder.laws(), list_laws, paged, states }
    };
    resources.iter().map(of).collect()
}

struct Finder<'a, 's> {
    resource: &'a Resource,
    /// The list in which one of it is looked for.
    list: Option<&'a OperationName>,
    resources: &'a [Resource],
    operations: &'a Operations,
    answer: &'a dyn Fn(&str) -> Option<Shape<'s>>,
}

impl<'a> Finder<'a, '_> {
    fn laws(&self) -> Vec<Law> {
        let Resource { create: Some(create), created_key: Some(key), .. } = self.resource else { return Vec::new() };
        let resource = self.resource;
        // What an address calls it a list may write in another way.
        let list = self.list.filter(|_| !key.starts_with(LOCATION));
        let (read, remove, replace) = (resource.read.as_ref(), resource.remove.as_ref(), resource.replace.as_ref());
        let both = |other: Option<&OperationName>| read.and(other).cloned();
        let update = replace.or(resource.patch.as_ref());
        let parent = self.parent();
        let removal = parent.and_then(|parent| parent.remove.as_ref());
        let kept = removal.filter(|removal| self.is_kept(removal));
        let about = [
            (LawKind::ReadBack, read.cloned()),
            (LawKind::Listed, list.cloned()),
            (LawKind::Gone, both(remove)),
            (LawKind::Alone, both(remove)),
            (LawKind::Replaced, both(replace)),
            (LawKind::Idempotent, both(replace)),
            (LawKind::Untouched, both(update)),
            (LawKind::Patched, both(resource.patch.as_ref())),
            (
                LawKind::Distinct,
                Some(create.clone()).filter(|_| ![SENT, LOCATION].iter().any(|start| key.starts_with(start))),
            ),
            (LawKind::NotCreated, list.and(Some(create)).cloned()),
            (LawKind::Unique, Some(create.clone()).filter(|_| self.refuses_what_is_taken(create))),
            (LawKind::Renamed, update.cloned().filter(|update| self.refuses_what_is_taken(update))),
            (LawKind::Defaults, read.cloned().filter(|read| self.has_defaults(create, read))),
            (LawKind::Located, read.cloned().filter(|_| self.has_location(create))),
            (LawKind::NotModified, read.cloned().filter(|read| self.is_conditional(read))),
            (LawKind::Versioned, both(update).filter(|_| read.is_some_and(|read| self.has_tag(read)))),
            (LawKind::Guarded, both(update).filter(|update| self.is_guarded(update))),
            (LawKind::Within, read.cloned().filter(|_| parent.is_some())),
            (LawKind::Cascade, removal.filter(|_| kept.is_none()).and(read).cloned()),
            (LawKind::Kept, kept.and(read).cloned()),
            (LawKind::Private, read.cloned().filter(|read| self.is_protected(read))),
            (LawKind::ReadOnly, both(update).filter(|_| read.is_some_and(|read| self.has_read_only(read)))),
            (LawKind::Counted, both(remove).filter(|_| self.is_counted())),
            (LawKind::Referring, Some(create.clone()).filter(|create| self.refers(create))),
        ];
        let law = |(kind, operation): (LawKind, Option<OperationName>)| {
            let operation = self.operation(&operation?)?;
            let requirement = RequirementId(format!("{}.{}", resource.variable.0, kind.name()));
            Some(Law { kind, requirement, place: operation.name.place.clone() })
        };
        about.into_iter().filter_map(law).collect()
    }

    fn operation(&self, name: &OperationName) -> Option<&'a Operation> {
        self.operations.get(name)
    }

    fn contract(&self, name: &OperationName) -> Option<&'a Contract> {
        self.operation(name)?.contract.as_deref()
    }

    /// What one of these is created in, where that can be created, too.
    fn parent(&self) -> Option<&'a Resource> {
        let (_, variable) = self.resource.parents.last()?;
        self.resources
            .iter()
            .find(|known| known.variable == *variable && known.create.is_some() && known.created_key.is_some())
    }

    /// Whether the document says of the answer 409 that it is about what exists already. It may be about anything.
    fn refuses_what_is_taken(&self, create: &OperationName) -> bool {
        const SIGNS: [&str; 6] = ["exist", "taken", "duplicate", "unique", "already in use", "in use already"];
        // Such as `the shop has a product with this name`.
        const SAME: [&str; 4] = ["with this ", "with the same ", "has this ", "has the same "];
        const OTHERS: [&str; 5] = ["has a ", "has an ", "another ", "there is a", "already "];
        let conflict = self.contract(create).and_then(|contract| contract.exactly(409));
        conflict.is_some_and(|conflict| {
            let text = conflict.description.to_lowercase();
            let says = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
            (says(&SIGNS) && !text.contains("not exist")) || (says(&SAME) && says(&OTHERS))
        })
    }

    /// Whether the document says of a removal's answer 409 that these are still there: that the project has issues.
    fn is_kept(&self, removal: &OperationName) -> bool {
        const BEFORE: [&str; 13] = [
            "has", "have", "having", "had", "contains", "contain", "holds", "with", "still", "any", "its", "the",
            "existing",
        ];
        let conflict = self.contract(removal).and_then(|contract| contract.exactly(409));
        let text = conflict.map(|conflict| conflict.description.to_lowercase()).unwrap_or_default();
        let noun = self.resource.noun.to_lowercase();
        let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let is_noun =
            |word: &str| word.strip_prefix(noun.as_str()).is_some_and(|ending| matches!(ending, "" | "s" | "es"));
        !text.contains("not ")
            && !text.contains("no ")
            && words.windows(2).any(|pair| matches!(pair, [before, word] if BEFORE.contains(before) && is_noun(word)))
    }

    fn has_defaults(&self, create: &OperationName, read: &OperationName) -> bool {
        let Some(body) = self.contract(create).and_then(Contract::body) else { return false };
        let Some(answer) = (self.answer)(&read.0) else { return false };
        let sent = Shape::of(&body.schema);
        let has_default = |(name, field): (&str, Shape<'_>)| {
            field.keyword("default").is_some_and(|default| !default.is_null()) && answer.property(name).is_some()
        };
        sent.properties().into_iter().any(has_default)
    }

    fn has_read_only(&self, read: &OperationName) -> bool {
        let is_read_only =
            |field: Shape<'_>| field.keyword("readOnly").and_then(serde_json::Value::as_bool) == Some(true);
        (self.answer)(&read.0)
            .is_some_and(|answer| answer.properties().into_iter().any(|(_, field)| is_read_only(field)))
    }

    /// Whether reading another thing shows how many of these it has.
    fn is_counted(&self) -> bool {
        let shows = |holder: &Resource| {
            let answer = holder.read.as_ref().and_then(|read| (self.answer)(&read.0));
            let fields = answer.map(Shape::properties).unwrap_or_default();
            fields
                .into_iter()
                .any(|(name, field)| field.value_type() == Some("integer") && crate::counts(name, &self.resource.noun))
        };
        self.resources.iter().any(|holder| holder.variable != self.resource.variable && shows(holder))
    }

    /// Whether a creation says by a field which thing of another kind it refers to.
    fn refers(&self, create: &OperationName) -> bool {
        let Some(contract) = self.contract(create) else { return false };
        let Some(body) = contract.body() else { return false };
        let refers = |name: &str, said: &str, of: &Resource| {
            let plain =
                |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            let name = plain(name);
            let is_linked = [of.variable.0.clone(), format!("{}Id", of.noun), format!("{}Uuid", of.noun)];
            of.created_key.is_some()
                && is_linked.iter().any(|linked| plain(linked) == name)
                && crate::refers_by_name(said, of, contract, self.resource)
        };
        Shape::of(&body.schema).properties().into_iter().any(|(name, field)| {
            let said = field.keyword("description").and_then(serde_json::Value::as_str).unwrap_or_default();
            self.resources.iter().any(|of| of.variable != self.resource.variable && refers(name, said, of))
        })
    }

    fn has_location(&self, create: &OperationName) -> bool {
        let contract = self.contract(create);
        let answers = [201, 202].into_iter().filter_map(|status| contract?.exactly(status));
        answers.into_iter().any(|answer| answer.headers.iter().any(|header| header.name == "location"))
    }

    fn has_tag(&self, read: &OperationName) -> bool {
        let successes = self.contract(read).into_iter().flat_map(Contract::successes);
        successes.into_iter().any(|response| response.headers.iter().any(|header| header.name == "etag"))
    }

    fn is_conditional(&self, read: &OperationName) -> bool {
        let documents =
            |contract: &Contract| contract.exactly(304).is_some() || contract.header("if-none-match").is_some();
        self.contract(read).is_some_and(documents)
    }

    fn is_guarded(&self, update: &OperationName) -> bool {
        let documents = |contract: &Contract| contract.exactly(412).is_some() || contract.header("if-match").is_some();
        // A conflict of a change that names its version is about that.
        let by_version = |contract: &Contract| self.resource.version.is_some() && contract.exactly(409).is_some();
        self.contract(update).is_some_and(|contract| documents(contract) || by_version(contract))
    }

    /// Whether it is asked who reads it: without that nothing can be kept from others.
    fn is_protected(&self, read: &OperationName) -> bool {
        self.contract(read).is_some_and(|contract| contract.security.is_some())
    }
}
