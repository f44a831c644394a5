//! What is to be removed, how that is asked for, and what could not be.

use assay_formats::record::{ObligationKind, Origin};
use assay_suite::{Effect, OperationName};

use super::asking::NotRemoved;
use super::looks::{Known, Look};
use super::obligations::{HeldObligation, Standing};
use super::ownership::Arguments;

/// Something that an answer named, to be removed.
pub(super) struct Thing<'a> {
    pub number: u64,
    pub call: &'a OperationName,
    pub arguments: Arguments,
    pub origin: Origin,
    pub account: Option<&'a str>,
    pub standing: Standing,
}

impl<'a> Thing<'a> {
    /// Of an obligation; nothing if it is another kind.
    pub fn of(obligation: &'a HeldObligation, origin: Origin) -> Option<Self> {
        let ObligationKind::Thing { call, arguments, .. } = &obligation.kind else { return None };
        let HeldObligation { number, standing, account, .. } = obligation;
        let account = account.as_deref();
        Some(Self { number: *number, call, arguments: arguments.clone(), origin, account, standing: *standing })
    }
}

/// What could not be removed.
#[derive(Default)]
pub(super) struct LeftOver {
    pub left: Vec<Left>,
    /// The number of the obligation that is being seen to.
    pub of: u64,
    /// What is looked for in its stead.
    pub sought: Option<ObligationKind>,
    /// By which arguments whole things were removed.
    removed: Vec<Arguments>,
}

/// Something that could not be removed.
pub(super) struct Left {
    /// The number of the obligation, if it is met by the removal of this alone.
    pub number: Option<u64>,
    /// The number of the obligation in any case.
    pub of: u64,
    /// The arguments of its removal.
    pub arguments: Arguments,
    /// The message.
    pub what: String,
    /// Whether it can be removed later, as the deployment says.
    pub busy: bool,
    /// What it was found by, where that is not what the obligation names.
    pub sought: Option<ObligationKind>,
    /// How it was seen, and by whom.
    pub claimed: Claimed,
    pub account: Option<String>,
}

impl LeftOver {
    /// Keeps something to be tried again when the run is over.
    pub fn postpone(&mut self, what: String) {
        let (of, arguments) = (self.of, Arguments::new());
        let (claimed, account) = (Claimed::Unseen, None);
        self.left.push(Left { number: None, of, arguments, what, busy: true, sought: None, claimed, account });
    }

    /// Keeps what a removal came to nothing for.
    pub fn keep(&mut self, number: Option<u64>, arguments: Arguments, kind: &ObligationKind, why: NotRemoved) {
        let busy = matches!(why, NotRemoved::Busy(_));
        let what = format!("{kind}, but {}", String::from(why));
        let (of, sought) = (self.of, self.sought.clone());
        let (claimed, account) = (Claimed::Unseen, None);
        self.left.push(Left { number, of, arguments, what, busy, sought, claimed, account });
    }

    /// How what was kept last was seen: so it is looked for again when what it was in is gone.
    pub fn seen(&mut self, claimed: Claimed, account: Option<&str>) {
        if let Some(last) = self.left.last_mut() {
            (last.claimed, last.account) = (claimed, account.map(str::to_owned));
        }
    }

    /// What is kept from here on was found by this.
    pub fn seek(&mut self, sought: Option<ObligationKind>) {
        self.sought = sought;
    }

    /// What belonged to a thing that was removed after it should be gone as well: the interface of a machine, with the machine,
    /// and that a volume is attached, with the volume. What only changes a thing leaves the thing itself.
    pub fn gone_with(&mut self, removed: &Arguments, effect: Option<Effect>) -> Vec<Left> {
        let is_whole = effect == Some(Effect::Removes) && removed.len() == 1;
        let is_gone = |left: &Left| (is_whole || left.arguments.len() > 1) && is_part(&left.arguments, removed);
        let (gone, left) = std::mem::take(&mut self.left).into_iter().partition::<Vec<_>, _>(is_gone);
        self.left = left;
        if effect != Some(Effect::Changes) && removed.len() == 1 {
            self.removed.push(removed.clone());
        }
        gone
    }

    /// Whether what these arguments remove belonged to a thing that was removed before it.
    pub fn went_before(&self, arguments: &Arguments) -> bool {
        arguments.len() > 1 && self.removed.iter().any(|removed| is_part(arguments, removed))
    }
}

/// Whether the arguments of a removal name what others removed.
fn is_part(arguments: &Arguments, removed: &Arguments) -> bool {
    removed.iter().any(|(_, value)| arguments.iter().any(|(_, known)| known == value))
}

/// A removal.
pub(super) struct Removal<'a> {
    /// The number of the obligation, if it is met by this alone.
    pub number: Option<u64>,
    pub operation: &'a OperationName,
    pub arguments: Arguments,
    pub account: Option<&'a str>,
    pub origin: Option<Origin>,
    pub claimed: Claimed,
}

/// How something that is to be removed was seen.
pub(super) enum Claimed {
    /// In this way: by that it is seen to be gone.
    Seen(Box<Look>, Box<Known>),
    /// Not at all.
    Unseen,
}

impl<'a> Removal<'a> {
    pub fn of(thing: &Thing<'a>, claimed: Claimed) -> Self {
        Self {
            number: Some(thing.number),
            operation: thing.call,
            arguments: thing.arguments.clone(),
            account: thing.account,
            origin: Some(thing.origin.clone()),
            claimed,
        }
    }
}

/// Whether an obligation is met.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is.
    Met,
    /// Something is left, and reported.
    Left,
}

/// Whether something that was removed is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// It is.
    Shown,
    /// It is there all the same.
    StillThere,
    /// Nothing shows it.
    Unknown,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_not_be_undone_is_gone_with_the_thing_and_not_with_a_change_of_it() {
        let volume = vec![("id".to_owned(), json!("v"))];
        let left_of = |number, arguments| {
            let (what, sought) = (String::new(), None);
            let (claimed, account) = (Claimed::Unseen, None);
            let (number, of) = (Some(number), number);
            let left = vec![Left { number, of, arguments, what, busy: false, sought, claimed, account }];
            LeftOver { left, of, ..LeftOver::default() }
        };
        let left = || left_of(7, volume.clone());
        let gone = |mut left: LeftOver, with: &Arguments, effect| {
            left.gone_with(with, effect).into_iter().filter_map(|gone| gone.number).collect::<Vec<_>>()
        };
        assert_eq!(gone(left(), &volume, Some(Effect::Removes)), [7]);
        assert_eq!(gone(left(), &volume, Some(Effect::Changes)), [0; 0]);
        let interface = vec![("machine".to_owned(), json!("v")), ("id".to_owned(), json!("n"))];
        assert_eq!(gone(left(), &interface, Some(Effect::Removes)), [0; 0]);
        let mut left = left_of(8, interface);
        assert_eq!(left.gone_with(&volume, None).len(), 1);
        assert!(left.left.is_empty());
        let tag = vec![("resource".to_owned(), json!("v")), ("key".to_owned(), json!("k"))];
        assert!(left.went_before(&tag) && !left.went_before(&volume));
    }
}
