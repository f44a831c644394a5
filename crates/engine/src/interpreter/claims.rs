//! Removes a thing that is proven to be the run's own, and shows that it is gone.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::plan::PlannedCall;
use crate::scenario::Template;
use assay_formats::record::{ObligationKind, Presence, removal};
use assay_suite::{Effect, Location, Operation, Several, Undo};
use assay_suite::{Variable, plain};

use super::asking::NotRemoved;
use super::lists::{is_going, is_underway};
use super::looks::{Known, Look, Sight, lists_for, looks};
use super::obligations::Standing;
use super::ownership::{Bearing, Identity, Source, Undoing, bearing, identifies, identities, is_simple};
use super::polling::PollInterval;
use super::removal::{Claimed, Gone, LeftOver, Outcome, Removal, Thing};
use super::state::{Interpreter, Memory};

/// Why what has no name of the run, and is in no list, stays.
const UNLISTED: &str =
    "it has no name of the run, and no list shows it: that none showed it before the run proves nothing";

/// How often it is looked again whether what was removed is gone.
const LOOKS_AGAIN: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(150), Duration::from_millis(400)];

/// How long it is waited for what an earlier run began to remove.
const LONGEST_REMOVAL: Duration = Duration::from_secs(5);

/// What is known of whether something may be removed.
enum Claim {
    /// It is the run's own; and how it is looked at, if it can be.
    Own(Option<Box<Look>>),
    /// It is only changed, by what the request itself named: there is nothing to look at.
    Change,
    /// It is on its way out already.
    Going,
    /// It is being removed, and still there.
    Underway,
    /// No list shows it, and nothing reads it alone.
    Unlisted,
    /// It is not there.
    Absent,
    /// Its document has nothing that would show it.
    Blind(String),
    /// It was there before the run.
    WasThere(String),
    /// It has another name than the run gave it.
    Foreign(String),
    /// It may be somebody else's: for this reason.
    Unproven(String),
}

impl Interpreter<'_> {
    /// Why a step must not change or remove what it names: an answer named it, and it is not the run's own.
    pub(super) async fn is_not_own(&mut self, call: &PlannedCall, sent: &[(String, Value)]) -> Option<String> {
        let suite = Arc::clone(&self.suite);
        match suite.operations.get(call.operation.as_str()) {
            Some(operation) if !matches!(operation.effect, Effect::Changes | Effect::Removes) => return None,
            Some(operation) => {
                if let Some(why) = self.leads_elsewhere(call, operation, sent) {
                    return Some(why);
                }
            }
            None if suite.is_undocumented_removal(&call.operation) => {}
            None => return None,
        }
        let obligation = self.obligations.unseen(sent).filter(|one| one.suite.name.value == suite.name.value)?;
        let ObligationKind::Thing { origin: Some(origin), arguments, .. } = &obligation.kind else { return None };
        let creating = suite.operations.get(&origin.operation)?;
        let undo = creating.undo.as_ref()?;
        let thing = Thing::of(&obligation, origin.clone())?;
        let is_simple = arguments.iter().all(|(_, value)| is_simple(value));
        match self.claim(creating, undo, &thing).await {
            Claim::Own(_) => self.obligations.is_own(obligation.number),
            Claim::WasThere(why) | Claim::Foreign(why) | Claim::Unproven(why) => return Some(why),
            Claim::Absent => return Some("what the answer named is not there".to_owned()),
            Claim::Unlisted | Claim::Blind(_) if !is_simple => {
                return Some("what the answer named is no plain identity".to_owned());
            }
            // What no list of its kind shows may be the run's all the same: its group or its project has it.
            Claim::Change | Claim::Going | Claim::Underway | Claim::Unlisted | Claim::Blind(_) => {}
        }
        None
    }

    /// What an answer gave leads to something else than one thing.
    fn leads_elsewhere(&self, call: &PlannedCall, operation: &Operation, sent: &[(String, Value)]) -> Option<String> {
        let is_saved = |name: &str| {
            let template = call.arguments.iter().find(|(known, _)| known == name).map(|(_, template)| template);
            let variables = template.map(Template::variables).unwrap_or_default();
            let known = |variable: &Variable| {
                self.case.given.contains_key(variable) || self.case.bindings.contains_key(variable)
            };
            variables.into_iter().any(|variable| !known(variable))
        };
        sent.iter().filter(|(name, _)| is_saved(name)).find_map(|(name, value)| {
            let parameter = operation.parameters.get(name)?;
            let is_needed = parameter.presence == assay_suite::Presence::Required;
            let names_one = parameter.location == Location::Path || (is_needed && value.is_string());
            let what = identifies(value).err().filter(|_| names_one)?;
            Some(format!("{name} is {what}"))
        })
    }

    /// Removes a thing if it is the run's own. Otherwise it is reported, and what was created in its stead is looked for.
    pub(super) async fn undo_thing(&mut self, thing: Thing<'_>, left: &mut LeftOver) -> Outcome {
        let suite = Arc::clone(&self.suite);
        let operation = suite.operations.get(&thing.origin.operation);
        let Some((operation, undo)) = operation.and_then(|found| Some((found, found.undo.as_ref()?))) else {
            let what = format!("{}, but no document says what it is", removal(thing.call, &thing.arguments));
            self.exchanger.left_over(&what);
            return Outcome::Left;
        };
        match self.settled_claim(operation, undo, &thing).await {
            Claim::Change => {
                let removal = Removal::of(&thing, Claimed::Unseen);
                self.remove_or_keep(removal, left).await
            }
            Claim::Own(look) => {
                let identities = identities(&self.suite, undo, &thing.origin, &thing.arguments);
                let known = look.zip(decisive(&identities)).map(|(look, identity)| {
                    let known = Known { identity: identity.clone(), name: thing.origin.name.clone() };
                    Claimed::Seen(look, Box::new(known))
                });
                let claimed = known.unwrap_or(Claimed::Unseen);
                let is_blind = matches!(claimed, Claimed::Unseen);
                let outcome = self.remove_or_keep(Removal::of(&thing, claimed), left).await;
                // That it is gone with what it was in only its absence would show.
                if outcome == Outcome::Met && is_blind && thing.standing != Standing::Removed {
                    self.report_unproven(&thing);
                }
                outcome
            }
            Claim::Going | Claim::Underway if thing.standing == Standing::Doubtful => {
                self.undo_halfway(operation, undo, &thing, left).await
            }
            Claim::Underway if self.memory == Memory::Partial => {
                Self::stays(&thing, NotRemoved::Failed("it is being removed already, and still there".to_owned()), left)
            }
            Claim::Going | Claim::Underway => Outcome::Met,
            Claim::Absent | Claim::Unlisted => self.undo_absent(operation, &thing, left).await,
            Claim::WasThere(_) if undo.several == Several::New => Outcome::Met,
            Claim::WasThere(why) | Claim::Foreign(why) | Claim::Unproven(why) | Claim::Blind(why) => {
                self.undo_another(operation, &thing, &why, left).await
            }
        }
    }

    /// The job that was to create a thing failed, and it is said to be on its way out: that may be for ever.
    async fn undo_halfway(
        &mut self,
        operation: &Operation,
        undo: &Undo,
        thing: &Thing<'_>,
        left: &mut LeftOver,
    ) -> Outcome {
        let Err(why) = self.remove(thing.call, thing.arguments.clone(), thing.account).await else {
            return Outcome::Met;
        };
        if !matches!(self.claim(operation, undo, thing).await, Claim::Going | Claim::Underway | Claim::Own(_)) {
            return Outcome::Met;
        }
        Self::stays(thing, why, left)
    }

    fn stays(thing: &Thing<'_>, why: NotRemoved, left: &mut LeftOver) -> Outcome {
        let (call, arguments, origin) = (thing.call.clone(), thing.arguments.clone(), Some(thing.origin.clone()));
        let kind = ObligationKind::Thing { call, arguments: arguments.clone(), origin };
        left.keep(Some(thing.number), arguments, &kind, why);
        Outcome::Left
    }

    /// What is known of it once a removal of which not all is known had time to end.
    async fn settled_claim(&mut self, operation: &Operation, undo: &Undo, thing: &Thing<'_>) -> Claim {
        let mut pauses = PollInterval::default();
        let mut patience = self.patience.min(LONGEST_REMOVAL);
        loop {
            let claim = self.claim(operation, undo, thing).await;
            if !matches!(claim, Claim::Underway) || self.memory == Memory::Whole || patience.is_zero() {
                return claim;
            }
            let pause = pauses.next_pause().min(patience);
            self.exchanger.pause(pause).await;
            patience -= pause;
        }
    }

    fn report_unproven(&mut self, thing: &Thing<'_>) {
        let removal = removal(thing.call, &thing.arguments);
        self.exchanger.unproven(&format!("{removal} was accepted, but nothing shows whether it is gone"));
    }

    /// What an answer named is not there. If no removal explains that, the answer may have named it wrongly.
    async fn undo_absent(&mut self, operation: &Operation, thing: &Thing<'_>, left: &mut LeftOver) -> Outcome {
        if !matches!(thing.standing, Standing::Named | Standing::Seen) || self.memory == Memory::Partial {
            return Outcome::Met;
        }
        if thing.origin.name.is_some()
            && let Some(outcome) = self.undo_orphans(operation, thing, left).await
        {
            return outcome;
        }
        if !self.obligations.has_removed() && !left.went_before(&thing.arguments) {
            let named = removal(thing.call, &thing.arguments);
            self.exchanger.unproven(&format!("{named}: there is nothing to remove, though it was created before"));
        }
        Outcome::Met
    }

    /// What an answer named is not the run's own: what the run created is looked for by its name.
    async fn undo_another(
        &mut self,
        operation: &Operation,
        thing: &Thing<'_>,
        why: &str,
        left: &mut LeftOver,
    ) -> Outcome {
        if thing.origin.name.is_some()
            && let Some(outcome) = self.undo_orphans(operation, thing, left).await
        {
            return outcome;
        }
        let named = removal(thing.call, &thing.arguments);
        let what = format!(
            "what {} created, if anything: {named} would remove what its answer names, but {why}",
            operation.name.value
        );
        self.exchanger.left_over(&what);
        Outcome::Left
    }

    /// Removes what has the name that a request gave, if a list shows it; nothing if none does.
    async fn undo_orphans(&mut self, operation: &Operation, thing: &Thing<'_>, left: &mut LeftOver) -> Option<Outcome> {
        self.remove_named(operation, &thing.origin, thing.number, thing.account, left).await
    }

    async fn claim(&mut self, operation: &Operation, undo: &Undo, thing: &Thing<'_>) -> Claim {
        let suite = Arc::clone(&self.suite);
        if undo.sets_back().is_some() {
            return Claim::Change;
        }
        let identities = identities(&suite, undo, &thing.origin, &thing.arguments);
        let Some(identity) = decisive(&identities) else {
            return Claim::Unproven("its arguments name nothing".to_owned());
        };
        if let Some((identity, what)) = identities.iter().find_map(|one| Some((one, identifies(&one.value).err()?))) {
            return Claim::Unproven(format!("its {} is {what}", identity.parameter));
        }
        let all_given = identities.iter().all(|identity| identity.source == Source::Request);
        match Undoing::of(&suite, operation, undo) {
            Undoing::Changing if all_given => return Claim::Change,
            Undoing::SettingBack if identities.iter().any(|identity| identity.source == Source::Request) => {
                return Claim::Change;
            }
            Undoing::Changing | Undoing::SettingBack | Undoing::Removing => {}
        }
        match self.claim_new(operation, thing, identity).await {
            Claim::Blind(_) | Claim::Unproven(_) | Claim::Own(None)
                if self.is_around_gone(undo, &thing.arguments, thing.account).await =>
            {
                Claim::Absent
            }
            claim => claim,
        }
    }

    async fn claim_new(&mut self, operation: &Operation, thing: &Thing<'_>, identity: &Identity) -> Claim {
        let suite = Arc::clone(&self.suite);
        let lists = lists_for(self, operation, &thing.origin);
        let shown = format!("{} {}", identity.field(), plain(&identity.value));
        let before = match (self.was_there(&lists, identity, thing.account), identity.source) {
            (Some(Presence::There), _) | (Some(Presence::Going), Source::Answer) => {
                return Claim::WasThere(format!("{shown} was there before the run"));
            }
            (before, _) => before,
        };
        let looks = looks(&suite, operation, identity, (&thing.origin, &thing.arguments), lists);
        let nothing_shows = match (before, looks.is_empty()) {
            (None, true) => {
                "its document has no list and no operation that reads it, by which to show that it is the run's"
            }
            (None, false) => "nothing shows that it was not there before the run, or that it has a name of the run",
            (Some(_), _) => "nothing shows it",
        };
        if thing.standing == Standing::Seen && before.is_some() && thing.origin.name.is_some() {
            // How it was seen is not known: that it is gone only its reading alone says, for a list may hide it.
            if let Some(look) = looks.iter().rev().find(|look| matches!(look, Look::Read(..))) {
                return Claim::Own(Some(Box::new(look.clone())));
            }
        }
        let known = Known { identity: identity.clone(), name: thing.origin.name.clone() };
        let is_named = known.name.is_some();
        // What nobody else would call anything names the run's own or nothing.
        let is_chosen = identity.source == Source::Request
            && is_simple(&identity.value)
            && thing.origin.name.as_ref().is_some_and(|name| plain(&identity.value).contains(&name.unique));
        match self.look_for_it(&looks, &known, thing.account).await {
            (Sight::Shown(item), _) if is_underway(&item) => Claim::Underway,
            (Sight::Shown(item), _) if is_going(&item) => Claim::Going,
            (Sight::Shown(_), look) if is_chosen => Claim::Own(look.map(Box::new)),
            (Sight::Shown(item), look) => match (bearing(thing.origin.name.as_ref(), &item), before) {
                (Bearing::Foreign, _) => Claim::Foreign(format!("{shown} has not the name that the run gave it")),
                (Bearing::Own, _) => Claim::Own(look.map(Box::new)),
                // What no list shows now was in none before, whosever it is.
                (Bearing::Silent, Some(_))
                    if !matches!(look, Some(Look::Read(..)))
                        || Box::pin(self.is_listed(&looks, &known, thing.account)).await =>
                {
                    Claim::Own(look.map(Box::new))
                }
                (Bearing::Silent, Some(_)) => Claim::Unproven(UNLISTED.to_owned()),
                (Bearing::Silent, None) if self.is_of_own(&item, thing).await => Claim::Own(look.map(Box::new)),
                (Bearing::Silent, None) => Claim::Unproven(nothing_shows.to_owned()),
            },
            (Sight::Absent, _) if looks.iter().any(|look| matches!(look, Look::Read(..))) => Claim::Absent,
            (Sight::Absent, _) => Claim::Unlisted,
            (Sight::Unknown, _) if is_chosen => Claim::Own(None),
            (Sight::Unknown, _) if before.is_some() && is_named && is_simple(&identity.value) => Claim::Own(None),
            (Sight::Unknown, _) if looks.is_empty() => Claim::Blind(nothing_shows.to_owned()),
            (Sight::Unknown, _) => Claim::Unproven(nothing_shows.to_owned()),
        }
    }

    /// Whether a list that is read to its end shows a thing.
    async fn is_listed(&mut self, looks: &[Look], known: &Known, account: Option<&str>) -> bool {
        for look in looks.iter().filter(|look| matches!(look, Look::Whole(_))) {
            if matches!(self.see(look, known, account).await, Sight::Shown(_)) {
                return true;
            }
        }
        false
    }

    /// Whether an item names something that the case created before it and that the request named, by an identity that can't be
    /// guessed: what was created for the run's own is the run's. What others made may have been attached to it since.
    async fn is_of_own(&mut self, item: &Value, thing: &Thing<'_>) -> bool {
        let suite = Arc::clone(&self.suite);
        for older in self.obligations.owners_of(item, &thing.origin, thing.number) {
            let ObligationKind::Thing { origin: Some(origin), .. } = &older.kind else { continue };
            let creating =
                suite.operations.get(&origin.operation).filter(|_| older.suite.name.value == suite.name.value);
            let Some((creating, undo)) = creating.and_then(|found| Some((found, found.undo.as_ref()?))) else {
                continue;
            };
            let Some(owner) = Thing::of(&older, origin.clone()) else { continue };
            // Only what is older is asked for, so that this ends.
            if matches!(Box::pin(self.claim(creating, undo, &owner)).await, Claim::Own(_)) {
                self.obligations.is_own(older.number);
                return true;
            }
        }
        false
    }

    /// Whether what was removed is gone: asked as it was seen before, and again a little later if it still shows.
    pub(super) async fn is_gone(&mut self, look: &Look, thing: &Known, account: Option<&str>) -> Gone {
        let mut pauses = LOOKS_AGAIN.into_iter();
        loop {
            let mut sight = self.see(look, thing, account).await;
            // What is asked for alone may be refused once it is gone: the whole list shows it.
            if let (Sight::Unknown, Look::Narrow(list, _)) = (&sight, look) {
                sight = self.see(&Look::Whole(list.clone()), thing, account).await;
            }
            match sight {
                Sight::Absent => return Gone::Shown,
                Sight::Shown(item) if is_going(&item) => return Gone::Shown,
                // Another has the identity that the run chose by now.
                Sight::Shown(item) if bearing(thing.name.as_ref(), &item) == Bearing::Foreign => return Gone::Shown,
                Sight::Unknown => return Gone::Unknown,
                Sight::Shown(_) => {}
            }
            let Some(pause) = pauses.next() else { return Gone::StillThere };
            self.exchanger.pause(pause).await;
        }
    }
}

/// What decides whose a thing is: what the answer gave, or else what the request chose.
fn decisive(identities: &[Identity]) -> Option<&Identity> {
    identities.iter().find(|identity| identity.source == Source::Answer).or(identities.first())
}
