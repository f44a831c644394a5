//! The orders of the shop.

use serde_json::{Map, Value, json};

use crate::fault::Fault;

use super::answer::{Answer, Refusal, object, wrong};
use super::customer::Customer;
use super::state::Shop;

impl Shop {
    pub(super) fn orders(&self, customer: Customer, method: &str, body: &str) -> Result<Answer, Refusal> {
        match method {
            "GET" => {
                let mut stocks = self.stocks();
                let is_hidden = self.has(Fault::ShopOrderIsNotListed);
                let stock = stocks.of(customer);
                let shown = stock.orders.values().chain(&stock.deleted_orders).filter(|_| !is_hidden);
                let shown: Vec<_> = shown.cloned().collect();
                Ok(Answer::json(200, &json!(shown)))
            }
            "POST" => self.create_order(customer, body),
            _ => Err(Refusal::Method("GET, HEAD, POST")),
        }
    }

    fn create_order(&self, customer: Customer, body: &str) -> Result<Answer, Refusal> {
        let keep = |mut order: Map<String, Value>| {
            let id = uuid::Uuid::new_v4().to_string();
            order.insert("id".to_owned(), json!(id));
            let order = Value::Object(order);
            self.stocks().of(customer).orders.insert(id, order.clone());
            order
        };
        match (self.checked_order(customer, body), object(body)) {
            (Ok(order), _) => Ok(Answer::json(201, &keep(order))),
            (Err(refusal), Ok(order)) => {
                if self.has(Fault::ShopRefusedOrderIsKept) {
                    keep(order);
                }
                Err(refusal)
            }
            (Err(refusal), Err(_)) => Err(refusal),
        }
    }

    pub(super) fn one_order(&self, customer: Customer, method: &str, id: &str, body: &str) -> Result<Answer, Refusal> {
        if uuid::Uuid::parse_str(id).is_err() && self.has(Fault::ShopFailsAtAMalformedId) {
            return Err(Refusal::Broken);
        }
        // A neighbour who may throw away what the main shop ordered.
        let throws = customer == Customer::Neighbour && method == "DELETE" && self.has(Fault::ShopNeighbourRemoves);
        let owner = if throws { Customer::Main } else { customer };
        let known = self.stocks().of(owner).orders.get(id).cloned().ok_or(Refusal::Unknown)?;
        match method {
            "GET" => Ok(Answer::json(200, &known)),
            "PUT" => {
                let mut order = self.checked_order(customer, body)?;
                order.insert("id".to_owned(), json!(id));
                if self.has(Fault::ShopReplacingAddsUp) && order.get("quantity") == known.get("quantity") {
                    let quantity = known["quantity"].as_i64().unwrap_or_default();
                    order.insert("quantity".to_owned(), json!(quantity + 1));
                }
                let order = Value::Object(order);
                self.stocks().of(customer).orders.insert(id.to_owned(), order.clone());
                Ok(Answer::json(200, &order))
            }
            "DELETE" => {
                let mut stocks = self.stocks();
                let stock = stocks.of(owner);
                let deleted = stock.orders.remove(id).filter(|_| self.has(Fault::ShopDeletedOrderIsListed));
                stock.deleted_orders.extend(deleted);
                Ok(Answer::empty(204))
            }
            _ => Err(Refusal::Method("GET, HEAD, PUT, DELETE")),
        }
    }

    fn checked_order(&self, customer: Customer, body: &str) -> Result<Map<String, Value>, Refusal> {
        let order = object(body)?;
        let field = |name: &str| order.get(name).unwrap_or(&Value::Null);
        let quantity = field("quantity").as_i64();
        let is_many = quantity == Some(100) && self.has(Fault::ShopManyOrdered);
        if !is_many && !quantity.is_some_and(|quantity| (1..=99).contains(&quantity)) {
            return wrong("quantity");
        }
        let is_email =
            |email: &str| email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        if !field("email").as_str().is_some_and(is_email) {
            return wrong("email");
        }
        let note = order.get("note");
        if note.is_some_and(|note| note.as_str().is_none_or(|note| note.chars().count() > 100)) {
            return wrong("note");
        }
        let Some(product) = field("product_id").as_u64() else { return wrong("product_id") };
        let is_known = self.stocks().of(customer).products.contains_key(&product);
        if is_known || self.has(Fault::ShopUnknownProductOrdered) { Ok(order) } else { Err(Refusal::Unknown) }
    }
}
