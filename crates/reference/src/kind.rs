//! The kinds of resources. `data/cloudstack/kinds.yaml` describes them, and what code refers to is made of it.

use std::fmt;

use assay_suite::source::closest;
use serde::de::{Deserialize, Deserializer, Error};

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The name that data gives it.
    key: &'static str,
    /// The name that answers give one of it.
    shown: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

impl Kind {
    /// The kind that data names so. Names of kinds that no code knows are kept for as long as the program runs.
    pub fn of(key: &str, shown: &str) -> Self {
        let kept = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        KINDS
            .iter()
            .find(|kind| kind.key == key)
            .copied()
            .unwrap_or_else(|| Self { key: kept(key), shown: kept(shown) })
    }

    /// The name that answers give one of the kind.
    pub fn name(self) -> &'static str {
        self.shown
    }

    /// The name that data gives it.
    pub fn key(self) -> &'static str {
        self.key
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown)
    }
}

/// One of the kinds that are compiled in.
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        KINDS.iter().find(|kind| kind.key == name).copied().ok_or_else(|| {
            let near = closest(&name, KINDS.iter().map(|kind| kind.key));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            D::Error::custom(format!("there is no kind `{name}`{near}"))
        })
    }
}
