//! Promises that the cloud can break on purpose, each as narrowly as it can be broken. `data/faults.yaml` lists them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use assay_suite::source::{Diagnostic, Diagnostics, Node};

use super::data;

/// What kind of promise a fault breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// Who may ask, and until when.
    Signing,
    /// In what form an answer comes.
    Format,
    /// What is refused.
    Errors,
    /// How lists are cut into pages and counted.
    Paging,
    /// What is listed.
    Filters,
    /// How jobs are accepted, followed and listed.
    Jobs,
    /// What a resource shows.
    Fields,
    /// What a command does.
    State,
    /// What anybody expects of an API, whatever its document says: laws show it.
    Behaviour,
    /// How quickly it is answered: what load alone can show.
    Speed,
}

impl FaultKind {
    /// All kinds, with the names that the list gives them.
    const NAMES: [(&'static str, Self); 10] = [
        ("signing", Self::Signing),
        ("format", Self::Format),
        ("errors", Self::Errors),
        ("paging", Self::Paging),
        ("filters", Self::Filters),
        ("jobs", Self::Jobs),
        ("fields", Self::Fields),
        ("state", Self::State),
        ("behaviour", Self::Behaviour),
        ("speed", Self::Speed),
    ];
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, kind)| kind == self).map(|(name, _)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

/// A name that is no fault's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault named `{0}`")]
pub struct UnknownFault(pub String);

include!(concat!(env!("OUT_DIR"), "/faults.rs"));

/// What the list says of a fault.
#[derive(Debug)]
struct Listed {
    name: String,
    suite: String,
    kind: FaultKind,
    description: String,
}

static LISTED: LazyLock<Vec<Listed>> = LazyLock::new(|| {
    let mut mistakes = Diagnostics::new();
    // A test holds that the list has none.
    data::node("faults.yaml", &mut mistakes).map(|list| read(&list, &mut mistakes)).unwrap_or_default()
});

/// Reads the list: suites, kinds of promises, names with a sentence each.
fn read(list: &Node, mistakes: &mut Diagnostics) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for (suite, kinds) in list.entries("the list of faults", mistakes).unwrap_or_default() {
        for (kind, faults) in kinds.entries("a suite", mistakes).unwrap_or_default() {
            let kind = Node::of_text(kind, &kind.place).choice("a kind of fault", &FaultKind::NAMES, mistakes);
            for (name, description) in faults.entries("a kind of fault", mistakes).unwrap_or_default() {
                if listed.iter().any(|known| known.name == name.value) {
                    let mistake = Diagnostic::error(&name.place, format!("there are two faults `{}`", name.value));
                    mistakes.add(mistake.help("give this one another name"));
                }
                let description = description.text("what a fault does", mistakes);
                if let (Some(kind), Some(description)) = (kind, description) {
                    let (name, suite) = (name.value.clone(), suite.value.clone());
                    listed.push(Listed { name, suite, kind, description: description.value });
                }
            }
        }
    }
    listed
}

impl Fault {
    /// All of them, ordered by what they break.
    pub fn all() -> &'static [Self] {
        ALL
    }

    fn listed(self) -> Option<&'static Listed> {
        LISTED.get(self as usize)
    }

    /// The name by which it is asked for.
    pub fn name(self) -> &'static str {
        NAMES.get(self as usize).copied().unwrap_or_default()
    }

    /// What it does, in one sentence.
    pub fn description(self) -> &'static str {
        self.listed().map_or("", |listed| listed.description.as_str())
    }

    /// The suite whose promise it breaks.
    pub fn suite(self) -> &'static str {
        self.listed().map_or("", |listed| listed.suite.as_str())
    }

    /// What kind of promise it breaks.
    pub fn kind(self) -> FaultKind {
        self.listed().map_or(FaultKind::State, |listed| listed.kind)
    }

    /// The fault with a name.
    pub fn from_name(name: &str) -> Result<Self, UnknownFault> {
        Self::all().iter().copied().find(|fault| fault.name() == name).ok_or_else(|| UnknownFault(name.to_owned()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

thread_local! {
    /// The faults that the work under way on this thread has asked for, while somebody wants to know.
    static CONSULTED: RefCell<Option<BTreeSet<Fault>>> = const { RefCell::new(None) };
}

/// Does some work of the cloud, and gives the faults that it asked for: no other fault can have changed what it did.
pub(super) fn consulted_by<T>(work: impl FnOnce() -> T) -> (T, BTreeSet<Fault>) {
    let before = CONSULTED.replace(Some(BTreeSet::new()));
    let done = work();
    (done, CONSULTED.replace(before).unwrap_or_default())
}

/// Asks for faults once more: on them depends what is looked at.
pub(super) fn consult_again(faults: &BTreeSet<Fault>) {
    CONSULTED.with_borrow_mut(|consulted| consulted.as_mut().map(|all| all.extend(faults)));
}

/// The faults that a cloud was started with.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(BTreeSet<Fault>);

impl Faults {
    /// These faults.
    pub fn new(faults: &[Fault]) -> Self {
        Self(faults.iter().copied().collect())
    }

    /// Those that break the promises of some suites. What several suites have in common is broken for one alone.
    pub fn of_suites(&self, suites: &[&str]) -> Self {
        Self(self.0.iter().copied().filter(|fault| suites.contains(&fault.suite())).collect())
    }

    /// Whether a promise is broken.
    pub fn has(&self, fault: Fault) -> bool {
        CONSULTED.with_borrow_mut(|consulted| consulted.as_mut().map(|faults| faults.insert(fault)));
        self.0.contains(&fault)
    }

    /// Makes a check, unless the fault says that it is not made.
    pub fn check<E>(&self, skipped_by: Fault, check: impl FnOnce() -> Result<(), E>) -> Result<(), E> {
        if self.has(skipped_by) { Ok(()) } else { check() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_find_their_fault() {
        let names: BTreeSet<_> = Fault::all().iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::all().len());
        for fault in Fault::all() {
            assert_eq!(Fault::from_name(fault.name()), Ok(*fault));
            assert!(
                fault.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            );
            assert!(fault.description().ends_with('.'));
        }
    }

    #[test]
    fn the_list_is_read_as_it_is_compiled() {
        let mut mistakes = Diagnostics::new();
        let list = data::node("faults.yaml", &mut mistakes).unwrap();
        let listed = read(&list, &mut mistakes);
        assert!(!mistakes.has_errors(), "{}", data::tests::written(&mistakes));
        assert_eq!(listed.iter().map(|fault| fault.name.as_str()).collect::<Vec<_>>(), NAMES);
    }

    #[test]
    fn every_fault_is_asked_for_somewhere() {
        let asked = data::tests::sources();
        let is_asked = |fault: &&Fault| {
            let named = format!("Fault::{fault:?}");
            let whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
            asked.iter().any(|text| {
                text.match_indices(&named).any(|(at, _)| whole(&text[at + named.len()..]))
                    || text.contains(&format!(": {}", fault.name()))
                    || text.contains(&format!("{}: ", fault.name()))
            })
        };
        let unasked: Vec<_> = Fault::all().iter().filter(|fault| !is_asked(fault)).collect();
        assert!(unasked.is_empty(), "{unasked:?}");
    }

    #[test]
    fn a_name_that_is_no_faults_is_refused() {
        assert_eq!(Fault::from_name("everything"), Err(UnknownFault("everything".into())));
    }
}
