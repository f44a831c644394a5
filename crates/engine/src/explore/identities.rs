//! Which identifier of the deployment is which of the model: by where each appears first.

use std::collections::{BTreeMap, BTreeSet};

/// How an identifier of the deployment and one of the model relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// They are known to mean the same.
    Same,
    /// Neither was seen before; from now on they mean the same.
    New,
    /// One of them is known to mean something else.
    Different,
}

/// The identifiers of a walk.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities {
    of_deployment: BTreeMap<String, String>,
    of_model: BTreeMap<String, String>,
    /// What the walk created, by the model's identifiers.
    own: BTreeSet<String>,
}

impl Identities {
    /// Relates two identifiers that are in the same place.
    pub fn relate(&mut self, deployment: &str, model: &str) -> Relation {
        match (self.of_deployment.get(deployment), self.of_model.get(model)) {
            (Some(known), Some(_)) if known == model => Relation::Same,
            (None, None) => {
                self.of_deployment.insert(deployment.to_owned(), model.to_owned());
                self.of_model.insert(model.to_owned(), deployment.to_owned());
                Relation::New
            }
            _ => Relation::Different,
        }
    }

    /// Notes that the walk created what the model identifies so.
    pub fn own(&mut self, model: &str) {
        self.own.insert(model.to_owned());
    }

    /// The model's identifier of what the deployment identifies so.
    pub fn model_of(&self, deployment: &str) -> Option<&str> {
        self.of_deployment.get(deployment).map(String::as_str)
    }

    /// Whether an identifier of the model is known.
    pub fn knows(&self, model: &str) -> bool {
        self.of_model.contains_key(model)
    }

    /// Whether the walk created what the model identifies so.
    pub fn is_own(&self, model: &str) -> bool {
        self.own.contains(model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_related_by_their_first_appearance() {
        let mut identities = Identities::default();
        assert_eq!(identities.relate("d1", "m1"), Relation::New);
        assert_eq!(identities.relate("d1", "m1"), Relation::Same);
        assert_eq!(identities.model_of("d1"), Some("m1"));
    }

    #[test]
    fn an_identifier_given_to_two_things_shows() {
        let mut identities = Identities::default();
        identities.relate("d1", "m1");
        assert_eq!(identities.relate("d1", "m2"), Relation::Different);
        assert_eq!(identities.relate("d2", "m1"), Relation::Different);
    }
}
