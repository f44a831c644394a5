//! Texts of which each case has one of its own, where a schema has no room for its name.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use assay_suite::{Variable, plain};
use serde_json::Value;

use super::pattern::Pattern;

/// So many texts are tried, one after the other, until one is not taken.
const MOST: u64 = 8;
/// For each so many seeds.
const TRIES: u64 = 32;

/// A text that is chosen for a case: by its name, and by how many others were taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// What it is chosen from.
    pub choice: Choice,
    /// What distinguishes it from others of the case.
    pub key: u64,
    /// The key of the one that it must not be equal to.
    pub other: Option<u64>,
}

/// What a text is chosen from.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// The texts that a pattern matches.
    Matching {
        /// The pattern.
        pattern: String,
        /// The fewest letters.
        least: usize,
        /// The most.
        most: usize,
    },
    /// Those that are listed, the first one first.
    Listed(Vec<String>),
}

impl Chosen {
    /// The variable that counts how many were taken.
    pub fn refused(&self) -> Variable {
        refused(self.key)
    }

    /// How many there are to try.
    pub fn tries(&self) -> u64 {
        match &self.choice {
            Choice::Matching { .. } => MOST,
            Choice::Listed(values) => MOST.min(values.len() as u64),
        }
    }

    /// The text for a case, or the variable that it lacks.
    pub(super) fn text(&self, bindings: &BTreeMap<Variable, Value>) -> Result<String, Variable> {
        match &self.choice {
            Choice::Matching { pattern, least, most } => {
                let of_case = plain(bindings.get(&Variable::unique()).ok_or_else(Variable::unique)?);
                let (pattern, lengths) = (Pattern::read(pattern), *least..=*most);
                let texts =
                    |key: u64| texts(&pattern, &lengths, &of_case, key.wrapping_add(count(bindings, key) * TRIES));
                let other = self.other.and_then(|other| texts(other).next());
                texts(self.key).find(|text| Some(text) != other.as_ref()).ok_or_else(Variable::unique)
            }
            Choice::Listed(values) => {
                let refused = count(bindings, self.key);
                let place = usize::try_from(refused).unwrap_or_default() % values.len().max(1);
                values.get(place).cloned().ok_or_else(Variable::unique)
            }
        }
    }
}

fn refused(key: u64) -> Variable {
    Variable(format!("refused_{key:x}"))
}

/// How many texts of a key were taken.
fn count(bindings: &BTreeMap<Variable, Value>, key: u64) -> u64 {
    bindings.get(&refused(key)).and_then(Value::as_u64).unwrap_or_default()
}

/// The texts for a case from a seed on: the first may be one that the pattern looks ahead for, or that of another.
fn texts<'a>(
    pattern: &'a Pattern,
    lengths: &'a RangeInclusive<usize>,
    of_case: &'a str,
    first: u64,
) -> impl Iterator<Item = String> + 'a {
    (0..TRIES).filter_map(move |more| pattern.distinct(lengths, hashed(of_case, first.wrapping_add(more))))
}

/// A hash of a text.
fn hashed(text: &str, key: u64) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325 ^ key, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn each_case_has_a_text_of_its_own_and_another_where_that_is_taken() {
        let choice = Choice::Matching { pattern: "^[A-Z]{5}$".to_owned(), least: 0, most: usize::MAX };
        let chosen = Chosen { choice, key: 7, other: None };
        let mut texts = BTreeSet::new();
        for case in 0..100 {
            for refused in 0..3 {
                let bindings = BTreeMap::from([
                    (Variable::unique(), json!(format!("{case:012x}"))),
                    (chosen.refused(), json!(refused)),
                ]);
                let text = chosen.text(&bindings).unwrap();
                assert!(text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_uppercase()), "{text}");
                assert_eq!(chosen.text(&bindings), Ok(text.clone()));
                texts.insert(text);
            }
        }
        assert!(texts.len() > 297, "{}", texts.len());
        assert_eq!(chosen.text(&BTreeMap::new()), Err(Variable::unique()));
    }

    #[test]
    fn one_of_two_is_never_the_other() {
        let choice = Choice::Matching { pattern: "^[AB]$".to_owned(), least: 0, most: 9 };
        for case in 0..50 {
            let bindings = BTreeMap::from([(Variable::unique(), json!(case))]);
            let [one, other] = [(7, None), (8, Some(7))]
                .map(|(key, other)| Chosen { choice: choice.clone(), key, other }.text(&bindings).unwrap());
            assert_ne!(one, other);
        }
    }

    #[test]
    fn what_is_listed_is_tried_in_turn() {
        let chosen =
            Chosen { choice: Choice::Listed(vec!["open".to_owned(), "closed".to_owned()]), key: 7, other: None };
        let text = |refused: u64| chosen.text(&BTreeMap::from([(chosen.refused(), json!(refused))])).unwrap();
        assert_eq!([text(0), text(1), text(2)], ["open", "closed", "open"]);
        assert_eq!(chosen.tries(), 2);
    }
}
