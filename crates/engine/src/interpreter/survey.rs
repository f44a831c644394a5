//! Reads one list of each kind, for each account, before the first create of that kind.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::plan::PlannedCall;
use assay_formats::record::{Change, Inventory, InventoryOf, Presence};
use assay_suite::{Operation, Suite};

use super::asking::Asking;
use super::created::origin;
use super::lists::{WholeList, is_going, lists_of};
use super::ownership::{Identity, Undoing, stem};
use super::state::Interpreter;

impl Interpreter<'_> {
    /// Notes what is there of the kind that a request is about to create, unless the run has noted it before.
    pub(super) async fn take_inventory(&mut self, call: &PlannedCall, arguments: &[(String, Value)]) {
        let suite = Arc::clone(&self.suite);
        let Some(operation) = suite.operations.get(call.operation.as_str()) else { return };
        let Some(undo) = &operation.undo else { return };
        if self.exchanger.inventories().ended() || !may_remove(&suite, operation, arguments) {
            return;
        }
        let origin = origin(&suite, operation, undo, arguments, &self.unique);
        for list in lists_of(&suite, operation, &origin.given, &self.bindings) {
            let of = of_list(&suite, call.account.as_deref(), &list);
            let cell = self.exchanger.inventories().cell(&of);
            let account = call.account.as_deref();
            cell.get_or_init(|| self.read_inventory(&suite, &of, &list, account)).await;
        }
    }

    async fn read_inventory(
        &mut self,
        suite: &Suite,
        of: &InventoryOf,
        list: &WholeList,
        account: Option<&str>,
    ) -> Option<Arc<Inventory>> {
        let mut items = self.items_of(list, &[], account, Asking::Survey).await;
        if items.is_err() {
            // A lost answer must not cost a whole run its proofs.
            items = self.items_of(list, &[], account, Asking::Survey).await;
        }
        let (items, fields) = (items.ok()?, identifying(suite));
        let fields = fields.iter().map(String::as_str).collect();
        let mut there = Inventory::default();
        items.iter().for_each(|item| there.add(item, &fields, is_going));
        self.exchanger.changed(Change::Inventory { of: of.clone(), there: there.clone() });
        Some(Arc::new(there))
    }

    /// Whether something was there before the run; nothing if that is not known.
    pub(super) fn was_there(
        &self,
        lists: &[WholeList],
        identity: &Identity,
        account: Option<&str>,
    ) -> Option<Presence> {
        let mut presence = None;
        for list in lists {
            let there = self.exchanger.inventories().known(&of_list(&self.suite, account, list));
            match there.map(|there| there.presence(&identity.way, &identity.value)) {
                Some(Presence::There) => return Some(Presence::There),
                None => return None,
                Some(Presence::Going) => presence = Some(Presence::Going),
                Some(Presence::Absent) => presence = presence.or(Some(Presence::Absent)),
            }
        }
        presence
    }
}

fn of_list(suite: &Suite, account: Option<&str>, list: &WholeList) -> InventoryOf {
    InventoryOf {
        suite: suite.name.value.clone(),
        account: account.map(str::to_owned),
        list: list.operation.clone(),
        arguments: list.plain_arguments(),
    }
}

/// The fields by which an API's removals identify things.
fn identifying(suite: &Suite) -> BTreeSet<String> {
    let undoings = suite.operations.values().filter_map(|operation| operation.undo.as_ref());
    undoings.flat_map(|undo| undo.with.iter().filter_map(|(argument, _)| undo.way(argument).pop())).collect()
}

/// Whether undoing a request may remove something: what it changes, and names itself, is only changed back.
fn may_remove(suite: &Suite, operation: &Operation, arguments: &[(String, Value)]) -> bool {
    let Some(undo) = &operation.undo else { return false };
    let is_given = |name: &str| arguments.iter().any(|(known, _)| stem(known).eq_ignore_ascii_case(stem(name)));
    match Undoing::of(suite, operation, undo) {
        Undoing::Removing => true,
        Undoing::Changing => undo.with.iter().any(|(name, _)| !undo.way(name).is_empty() && !is_given(name)),
        Undoing::SettingBack => false,
    }
}
