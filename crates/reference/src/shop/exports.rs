//! Exports of the shop: accepted at once, and made later.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fault::Fault;

use super::answer::{Answer, Refusal, object, wrong};
use super::customer::Customer;
use super::state::Shop;

impl Shop {
    pub(super) fn exports(
        &self,
        customer: Customer,
        method: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Answer, Refusal> {
        match method {
            "GET" => {
                let mut stocks = self.stocks();
                let all: Vec<_> = stocks.of(customer).exports.values().map(|one| self.shown_export(one, now)).collect();
                Ok(Answer::json(200, &json!(all)))
            }
            "POST" => self.create_export(customer, body, now),
            _ => Err(Refusal::Method("GET, HEAD, POST")),
        }
    }

    fn create_export(&self, customer: Customer, body: &str, now: Timestamp) -> Result<Answer, Refusal> {
        let fields = object(body)?;
        let what = fields.get("what").and_then(Value::as_str);
        let takes_any = self.has(Fault::ShopAnyExportTaken);
        if !what.is_some_and(|what| takes_any || ["products", "orders"].contains(&what)) {
            return wrong("what");
        }
        let id = uuid::Uuid::new_v4().to_string();
        let export = json!({"id": id, "what": what, "status": "running"});
        self.stocks().of(customer).exports.insert(id.clone(), (export.clone(), now + self.job_time));
        let status = if self.has(Fault::ShopExportWithAnotherStatus) { 200 } else { 202 };
        let answer = Answer::json(status, &export);
        let to = if self.has(Fault::ShopExportLeadsNowhere) { "nowhere" } else { id.as_str() };
        Ok(answer.located(&format!("/exports/{to}")))
    }

    pub(super) fn export(&self, customer: Customer, method: &str, id: &str, now: Timestamp) -> Result<Answer, Refusal> {
        let mut stocks = self.stocks();
        let exports = &mut stocks.of(customer).exports;
        let export = exports.get(id).cloned().ok_or(Refusal::Unknown)?;
        match method {
            "GET" => Ok(Answer::json(200, &self.shown_export(&export, now))),
            "DELETE" => {
                exports.remove(id);
                Ok(Answer::empty(204))
            }
            _ => Err(Refusal::Method("GET, HEAD, DELETE")),
        }
    }

    fn shown_export(&self, (export, done_at): &(Value, Timestamp), now: Timestamp) -> Value {
        let mut shown = export.clone();
        if self.has(Fault::ShopExportStatusUndocumented) {
            shown["status"] = json!("complete");
        } else if now >= *done_at {
            shown["status"] = json!("done");
        }
        shown
    }
}
