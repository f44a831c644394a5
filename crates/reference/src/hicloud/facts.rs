//! What the cloud knows and begins with. `data/hicloud/cloud.yaml` says it.

use std::sync::LazyLock;

use assay_suite::source::Diagnostics;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::data;

/// The document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The versions that an order may have, the current one first.
    pub versions: Vec<String>,
    /// Templates, with the specifications that each can be ordered in.
    templates: IndexMap<String, Vec<String>>,
    /// The specifications from the smallest to the greatest.
    sizes: Vec<String>,
    /// The most machines of one order.
    pub most_machines: usize,
    /// The business tag of all machines.
    pub business_tag: String,
    /// The load of a machine without visitors, in percent.
    pub idle: f64,
    /// The load that the visitors of one policy make, in percent of one machine.
    pub visitors: f64,
    /// What is shown of a machine's file system.
    pub disk: Map<String, Value>,
    /// The numbers of the customers, by the names of their accounts.
    pub customers: IndexMap<String, String>,
    /// When keys were given away, in milliseconds since 1970.
    pub keys_given: u64,
    /// When the machines were ordered, in seconds since 1970.
    pub ordered: i64,
    /// What each customer has.
    pub machines: Vec<Seeded>,
}

/// A machine that a customer begins with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seeded {
    /// Its name.
    pub name: String,
    /// What it was made from.
    pub template: String,
    /// Its size.
    pub specification: String,
    /// Whether it runs.
    #[serde(default)]
    pub runs: bool,
    /// Whether it is watched.
    #[serde(default)]
    pub monitored: bool,
}

/// What is known. A test holds that the document has no mistakes.
pub fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> =
        LazyLock::new(|| data::document("hicloud/cloud.yaml", &mut Diagnostics::new()).unwrap_or_default());
    &FACTS
}

impl Facts {
    /// Whether a template can be ordered in a specification.
    pub fn goes_with(&self, template: &str, specification: &str) -> bool {
        self.templates.get(template).is_some_and(|of| of.iter().any(|known| known == specification))
    }

    /// Whether there is such a template.
    pub fn is_template(&self, template: &str) -> bool {
        self.templates.contains_key(template)
    }

    /// Which of the sizes a specification is; none if there is no such specification.
    pub fn size(&self, specification: &str) -> Option<usize> {
        self.sizes.iter().position(|known| known == specification)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_have_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let facts: Option<Facts> = data::document("hicloud/cloud.yaml", &mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        let facts = facts.unwrap();
        let pairs = facts.templates.values().flatten();
        assert!(pairs.clone().all(|specification| facts.size(specification).is_some()));
        assert_eq!(pairs.count(), 25);
    }
}
