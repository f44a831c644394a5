//! Where the software behind a document departs from it. `data/policy.yaml` has the questions and the answers of each server.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use assay_suite::source::Diagnostics;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::data;

include!(concat!(env!("OUT_DIR"), "/policy.rs"));

/// Which server the cloud plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// The one that the document describes.
    #[default]
    Documented,
    /// Apache CloudStack 4.1, as its public source answers.
    CloudStack41,
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::CloudStack41 => "cloudstack-4.1",
        })
    }
}

/// Whose document the cloud answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The manual of Cloudn, whose accounts are all alike.
    Cloudn,
    /// The developer's guide of CloudStack 4.1.
    CloudStack,
}

/// The document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// What the code is made of.
    #[serde(rename = "questions")]
    _questions: IgnoredAny,
    servers: HashMap<String, Policy>,
}

static DOCUMENT: LazyLock<Document> =
    LazyLock::new(|| data::document("policy.yaml", &mut Diagnostics::new()).unwrap_or_default());

impl Policy {
    /// What a server does.
    pub fn of(behaviour: Behaviour) -> Self {
        Self::named(&behaviour.to_string())
    }

    /// What a server does where it answers to a document.
    pub fn of_dialect(behaviour: Behaviour, dialect: Dialect) -> Self {
        match (behaviour, dialect) {
            (Behaviour::Documented, Dialect::CloudStack) => Self::named("guide"),
            // The names of the public source are those of the guide's commands.
            (Behaviour::CloudStack41, Dialect::CloudStack) => Self { surface: Surface::Source, ..Self::of(behaviour) },
            _ => Self::of(behaviour),
        }
    }

    fn named(server: &str) -> Self {
        DOCUMENT.servers.get(server).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_have_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let document: Option<Document> = data::document("policy.yaml", &mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        assert_eq!(document.unwrap().servers.len(), 2);
    }
}
