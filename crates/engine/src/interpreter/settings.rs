//! What is one of its kind is changed and set back: to what the run read before it changed anything there.

use std::sync::Arc;

use serde_json::Value;

use crate::plan::PlannedCall;
use assay_formats::record::{Change, InventoryOf, ObligationKind, Origin};
use assay_suite::openapi::writable_fields;
use assay_suite::{Operation, Undo};

use super::asking::Asking;
use super::obligations::HeldObligation;
use super::ownership::Arguments;
use super::state::Interpreter;

impl HeldObligation {
    /// Whether it is to set back what was changed. What its arguments name is not the run's own.
    pub fn sets_back(&self) -> bool {
        let ObligationKind::Thing { origin: Some(origin), .. } = &self.kind else { return false };
        let operation = self.suite.operations.get(&origin.operation);
        operation.and_then(|operation| operation.undo.as_ref()).is_some_and(|undo| undo.sets_back().is_some())
    }
}

impl Interpreter<'_> {
    /// A request is about to change what is one of its kind: there is an obligation to set it back, for a change that is not heard of
    /// again may have been made.
    pub(super) async fn keep_what_is(&mut self, call: &PlannedCall, sent: &[(String, Value)]) -> Option<u64> {
        let suite = Arc::clone(&self.suite);
        let operation = suite.operations.get(call.operation.as_str())?;
        let undo = operation.undo.as_ref().filter(|undo| undo.sets_back().is_some())?;
        // A record that is judged again changes nothing.
        if self.exchanger.inventories().ended() {
            return None;
        }
        let arguments = self.setting_back(operation, undo, call, sent).await?;
        let origin = Some(Origin::of(operation.name.value.clone()));
        let kind = ObligationKind::Thing { call: undo.call.value.clone(), arguments, origin };
        Some(self.obligations.open(&suite, call.account.clone(), kind))
    }

    /// A change was made that can't be set back.
    pub(super) fn is_not_set_back(&mut self, call: &PlannedCall) {
        let what = format!("what {} changed is not set back: it could not be read before", call.operation);
        self.exchanger.changed(Change::NotRemovable { what });
    }

    /// The arguments by which it is set back to what is there when the run first changes it.
    async fn setting_back(
        &mut self,
        operation: &Operation,
        undo: &Undo,
        call: &PlannedCall,
        sent: &[(String, Value)],
    ) -> Option<Arguments> {
        let suite = Arc::clone(&self.suite);
        let (body, read) = undo.sets_back()?;
        let in_path =
            |name: &str| operation.request.as_ref().is_some_and(|line| line.path.contains(&format!("{{{name}}}")));
        let asked: Arguments = sent.iter().filter(|(name, _)| in_path(name)).cloned().collect();
        let of = InventoryOf {
            suite: suite.name.value.clone(),
            account: call.account.clone(),
            list: read.clone(),
            arguments: asked.iter().map(|(name, value)| (name.clone(), assay_suite::plain(value))).collect(),
        };
        let cell = self.exchanger.inventories().state(&of);
        let account = call.account.as_deref();
        let before = cell
            .get_or_init(|| async {
                let answer = self.ask_for(Asking::Survey, &read, asked, account).await.ok()??;
                answer.value
            })
            .await
            .clone()?;
        let set = suite.operations.get(&undo.call.value)?.contract.as_deref()?.body()?;
        let value_of = |(name, written): &(String, assay_suite::source::Located<String>)| {
            let value = match written.value.strip_prefix("$request.") {
                _ if name == body => writable(before.clone(), &writable_fields(set)),
                Some(sent_as) => sent.iter().find(|(known, _)| known == sent_as)?.1.clone(),
                None => Value::from(written.value.as_str()),
            };
            Some((name.clone(), value))
        };
        undo.with.iter().map(value_of).collect()
    }
}

/// What was read, with the fields alone that can be written.
fn writable(value: Value, fields: &[String]) -> Value {
    match value {
        Value::Object(read) if !fields.is_empty() => {
            Value::Object(read.into_iter().filter(|(name, _)| fields.contains(name)).collect())
        }
        other => other,
    }
}
