//! The products of the shop: pages, filters, entity tags and merge patches.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::api::Incoming;
use crate::fault::Fault;

use super::answer::{Answer, BASE, Refusal, object, wrong};
use super::customer::Customer;
use super::form::pairs;
use super::state::Shop;

/// The most that a page has, and what it has where nothing is said.
const LONGEST_PAGE: usize = 100;
const USUAL_PAGE: usize = 50;
const CATEGORIES: [&str; 3] = ["book", "toy", "tool"];
const FIELDS: [&str; 6] = ["name", "sku", "price", "category", "stock", "tags"];

static SKU: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^[A-Z]{3}-[0-9]{4}$").ok());

/// What a list is asked for.
#[derive(Default)]
struct Wanted {
    limit: usize,
    after: Option<usize>,
    category: Option<String>,
    sort: Option<String>,
}

impl Shop {
    pub(super) fn products(&self, customer: Customer, method: &str, request: &Incoming) -> Result<Answer, Refusal> {
        match method {
            "GET" => self.list_products(customer, &request.query),
            "POST" => self.create_product(customer, &request.body),
            "PATCH" | "PUT" if self.has(Fault::ShopUndocumentedMethodTaken) => Ok(Answer::json(200, &json!({}))),
            _ => Err(Refusal::Method("GET, HEAD, POST")),
        }
    }

    fn wanted(&self, query: &str) -> Result<Wanted, Refusal> {
        let mut wanted = Wanted { limit: USUAL_PAGE, ..Wanted::default() };
        for (name, value) in pairs(query) {
            match name.as_str() {
                "limit" => match value.parse::<usize>() {
                    Ok(0) if self.has(Fault::ShopLimitZeroTaken) => {}
                    Ok(number @ 1..=LONGEST_PAGE) => wanted.limit = number,
                    Err(_) if self.has(Fault::ShopLimitAsTextTaken) => {}
                    _ => return wrong("limit"),
                },
                "cursor" => match value.strip_prefix('c').and_then(|number| number.parse().ok()) {
                    Some(after) => wanted.after = Some(after),
                    None => return wrong("cursor"),
                },
                "category" if !CATEGORIES.contains(&value.as_str()) => return wrong("category"),
                "category" if !self.has(Fault::ShopCategoryIsNotKept) => wanted.category = Some(value),
                "sort" if !["name", "price", "-price"].contains(&value.as_str()) => return wrong("sort"),
                "sort" if !self.has(Fault::ShopSortIsNotKept) => wanted.sort = Some(value),
                _ => {}
            }
        }
        Ok(wanted)
    }

    fn list_products(&self, customer: Customer, query: &str) -> Result<Answer, Refusal> {
        let wanted = self.wanted(query)?;
        let mut stocks = self.stocks();
        let all = stocks.of(customer).products.values();
        let is_wanted =
            |product: &&Value| wanted.category.as_ref().is_none_or(|category| product["category"] == *category);
        let mut found: Vec<Value> = all.filter(is_wanted).cloned().collect();
        drop(stocks);
        let price = |product: &Value| product["price"].as_f64().unwrap_or_default();
        match wanted.sort.as_deref() {
            Some("name") => found.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str())),
            Some("price") => found.sort_by(|one, other| price(one).total_cmp(&price(other))),
            Some(_) => found.sort_by(|one, other| price(other).total_cmp(&price(one))),
            None => {}
        }
        let begin = wanted.after.unwrap_or_default();
        let begin = if begin > 0 && self.has(Fault::ShopCursorIsIgnored) { 0 } else { begin };
        let begin = if begin > 0 && self.has(Fault::ShopCursorRepeats) { begin - 1 } else { begin };
        let begin = if begin > 0 && self.has(Fault::ShopCursorSkips) { begin + 1 } else { begin };
        let limit = if self.has(Fault::ShopLimitIsNotKept) { LONGEST_PAGE } else { wanted.limit };
        let end = (begin + limit).min(found.len());
        let next = (end < found.len() && !self.has(Fault::ShopNoNextPage)).then(|| format!("c{end}"));
        let items = found.get(begin..end).unwrap_or_default();
        let of_items = if self.has(Fault::ShopListWithoutItems) { "products" } else { "items" };
        let status = if self.has(Fault::ShopListWithAnotherStatus) { 203 } else { 200 };
        let mut answer = Answer::json(status, &json!({of_items: items, "next_cursor": next}));
        if let Some(next) = next {
            let others = pairs(query).into_iter().filter(|(name, _)| name != "cursor");
            let others: String = others.map(|(name, value)| format!("{name}={value}&")).collect();
            answer = answer.with("link", format!("<{BASE}/products?{others}cursor={next}>; rel=\"next\""));
        }
        if self.has(Fault::ShopListAsHtml) {
            answer.0.content_type = "text/html";
        }
        Ok(answer)
    }

    fn create_product(&self, customer: Customer, body: &str) -> Result<Answer, Refusal> {
        let mut product = self.checked_product(body)?;
        let mut stocks = self.stocks();
        let name = product.get("name").cloned().unwrap_or_default();
        let is_taken = stocks.of(customer).products.values().any(|known| known["name"] == name);
        if is_taken && !self.has(Fault::ShopEqualNamesTaken) {
            return Err(Refusal::Taken);
        }
        let id = if self.has(Fault::ShopIdentityGivenTwice) { 1 } else { stocks.next_number() };
        product.insert("id".to_owned(), json!(id));
        if self.has(Fault::ShopStockIsNotStored) {
            product.insert("stock".to_owned(), json!(0));
        }
        let product = Value::Object(product);
        stocks.of(customer).products.insert(id, product.clone());
        let status = if self.has(Fault::ShopCreateWithAnotherStatus) { 200 } else { 201 };
        let answer = Answer::json(status, &product);
        Ok(match () {
            () if self.has(Fault::ShopCreateWithoutLocation) => answer,
            () if self.has(Fault::ShopLocationOfAnother) => answer.located("/products/1000000"),
            () => answer.located(&format!("/products/{id}")),
        })
    }

    pub(super) fn product(
        &self,
        customer: Customer,
        method: &str,
        id: u64,
        request: &Incoming,
    ) -> Result<Answer, Refusal> {
        // A neighbour who may look into the main shop.
        let looks = customer == Customer::Neighbour && method == "GET" && self.has(Fault::ShopNeighbourReads);
        let owner = if looks { Customer::Main } else { customer };
        let known = self.stocks().of(owner).products.get(&id).cloned();
        let none = || json!({"id": id, "name": "none", "sku": "NON-0000", "price": 1, "category": "toy"});
        let found = known.or_else(|| match method {
            "GET" => self.has(Fault::ShopUnknownProductFound).then(none),
            "PATCH" => self.has(Fault::ShopDeletedProductIsChanged).then(none),
            _ => None,
        });
        let known = match method {
            "GET" | "PUT" | "PATCH" | "DELETE" => found.ok_or(Refusal::Unknown)?,
            _ => return Err(Refusal::Method("GET, HEAD, PUT, PATCH, DELETE")),
        };
        match method {
            "GET" => Ok(self.shown(known, request)),
            "PUT" => self.replace_product(customer, id, &known, request),
            "PATCH" => self.change_product(customer, id, known, &request.body),
            _ => Ok(self.remove_product(customer, id)),
        }
    }

    fn shown(&self, mut product: Value, request: &Incoming) -> Answer {
        let tag = self.tag(&product);
        if request.header("if-none-match") == Some(tag.as_str()) && !self.has(Fault::ShopNotModifiedIgnored) {
            return Answer::empty(304).with("etag", tag);
        }
        if self.has(Fault::ShopPriceAsText) {
            product["price"] = json!(product["price"].to_string());
        }
        let answer = Answer::json(200, &product);
        if self.has(Fault::ShopNoEtag) { answer } else { answer.with("etag", tag) }
    }

    fn tag(&self, product: &Value) -> String {
        if self.has(Fault::ShopEtagStaysTheSame) {
            return "\"0\"".to_owned();
        }
        let mut hasher = DefaultHasher::new();
        if self.has(Fault::ShopEtagForgetsStock) {
            product["name"].to_string().hash(&mut hasher);
        } else {
            product.to_string().hash(&mut hasher);
        }
        format!("\"{:x}\"", hasher.finish())
    }

    fn replace_product(
        &self,
        customer: Customer,
        id: u64,
        known: &Value,
        request: &Incoming,
    ) -> Result<Answer, Refusal> {
        let store = |product: &Value| drop(self.stocks().of(customer).products.insert(id, product.clone()));
        if self.has(Fault::ShopRefusedReplacementIsStored)
            && let Ok(fields) = object(&request.body)
        {
            let mut product = known.clone();
            fields.into_iter().for_each(|(name, value)| product[name] = value);
            store(&product);
        }
        let mut product = self.checked_product(&request.body)?;
        let wants = request.header("if-match");
        let is_stale = wants.is_some_and(|tag| tag != "*" && tag != self.tag(known));
        if is_stale && !self.has(Fault::ShopStaleReplacementTaken) {
            return Err(Refusal::Changed);
        }
        let is_other = |(other, product): (&u64, &Value), name: &Value| *other != id && product["name"] == *name;
        let name = product.get("name").cloned().unwrap_or_default();
        let is_taken = self.stocks().of(customer).products.iter().any(|one| is_other(one, &name));
        if is_taken && !self.has(Fault::ShopTakenNameByReplacement) {
            return Err(Refusal::Taken);
        }
        product.insert("id".to_owned(), json!(id));
        let product = Value::Object(product);
        if !self.has(Fault::ShopReplacementIsNotStored) {
            store(&product);
        }
        Ok(Answer::json(200, &product).with("etag", self.tag(&product)))
    }

    /// A merge patch (RFC 7396).
    fn change_product(&self, customer: Customer, id: u64, known: Value, body: &str) -> Result<Answer, Refusal> {
        let (mut product, changes) = (known, object(body)?);
        if changes.is_empty() {
            return wrong("what changes nothing");
        }
        for (name, value) in changes {
            if value.is_null() && FIELDS[4..].contains(&name.as_str()) {
                product.as_object_mut().map(|fields| fields.remove(&name));
                if name == "stock" {
                    product[name] = json!(0);
                }
            } else {
                product[name] = value;
            }
        }
        if self.has(Fault::ShopChangeClearsTags) {
            product["category"] = json!("toy");
            product["name"] = json!("changed");
        }
        let mut sent = product.as_object().cloned().unwrap_or_default();
        sent.remove("id");
        let checked = self.checked_fields(&sent);
        if checked.is_ok() || self.has(Fault::ShopRefusedChangeIsStored) {
            self.stocks().of(customer).products.insert(id, product.clone());
        }
        checked.map(|()| Answer::json(200, &product))
    }

    fn remove_product(&self, customer: Customer, id: u64) -> Answer {
        let mut stocks = self.stocks();
        let stock = stocks.of(customer);
        if !self.has(Fault::ShopDeletedProductStays) {
            stock.products.remove(&id);
        }
        if !self.has(Fault::ShopPicturesStay) {
            stock.pictures.retain(|(product, _), _| *product != id);
        }
        Answer::empty(if self.has(Fault::ShopDeleteWithAnotherStatus) { 200 } else { 204 })
    }

    fn checked_product(&self, body: &str) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_str(body) {
            Ok(Value::Object(mut fields)) => {
                self.checked_fields(&fields)?;
                let stock = i32::from(self.has(Fault::ShopAnotherDefault));
                fields.entry("stock").or_insert_with(|| json!(stock));
                Ok(fields)
            }
            Ok(_) => wrong("the product"),
            Err(_) if self.has(Fault::ShopFailsAtAMalformedBody) => Err(Refusal::Broken),
            Err(_) => Err(Refusal::Data("this is not JSON".to_owned())),
        }
    }

    fn checked_fields(&self, fields: &Map<String, Value>) -> Result<(), Refusal> {
        if fields.keys().any(|name| !FIELDS.contains(&name.as_str())) && !self.has(Fault::ShopSurplusTaken) {
            return wrong("a field");
        }
        self.checked_name(fields.get("name"))?;
        let sku = fields.get("sku").and_then(Value::as_str);
        let is_sku = |sku: &str| SKU.as_ref().is_some_and(|pattern| pattern.is_match(sku));
        if !sku.is_some_and(|sku| is_sku(sku) || self.has(Fault::ShopAnySkuTaken)) {
            return wrong("sku");
        }
        match fields.get("price").and_then(Value::as_f64) {
            Some(price) if price <= 0.0 && price > -1.0 && self.has(Fault::ShopFreeProductTaken) => {}
            Some(price) if price > 100_000.0 && self.has(Fault::ShopDearProductTaken) => {}
            Some(100_000.0) if self.has(Fault::ShopDearestProductRefused) => return wrong("price"),
            Some(price) if price > 0.0 && price <= 100_000.0 => {}
            _ => return wrong("price"),
        }
        match fields.get("category").and_then(Value::as_str) {
            Some("tool") if self.has(Fault::ShopToolsRefused) => return wrong("category"),
            Some(category) if CATEGORIES.contains(&category) => {}
            Some(_) if self.has(Fault::ShopAnyCategoryTaken) => {}
            _ => return wrong("category"),
        }
        match fields.get("stock") {
            None => {}
            Some(Value::String(_)) if self.has(Fault::ShopStockAsTextTaken) => {}
            Some(stock) if stock.as_i64().is_some_and(|stock| (0..=10_000).contains(&stock)) => {}
            _ => return wrong("stock"),
        }
        self.checked_tags(fields.get("tags"))
    }

    fn checked_name(&self, name: Option<&Value>) -> Result<(), Refusal> {
        match name.map(|name| name.as_str().map(|name| name.chars().count())) {
            None if self.has(Fault::ShopNoNameTaken) => Ok(()),
            Some(Some(0)) if self.has(Fault::ShopEmptyNameTaken) => Ok(()),
            Some(Some(41..)) if self.has(Fault::ShopLongNameTaken) => Ok(()),
            Some(Some(41..)) if self.has(Fault::ShopFailsAtALongName) => Err(Refusal::Broken),
            Some(Some(1..=40)) => Ok(()),
            _ => wrong("name"),
        }
    }

    fn checked_tags(&self, tags: Option<&Value>) -> Result<(), Refusal> {
        let Some(tags) = tags else { return Ok(()) };
        let Value::Array(tags) = tags else { return wrong("tags") };
        let texts: BTreeSet<_> = tags.iter().filter_map(Value::as_str).collect();
        let takes_many = self.has(Fault::ShopManyTagsTaken);
        let is_many = tags.len() > 5 && !takes_many;
        let is_short = |tag: &Value| tag.as_str().is_some_and(|tag| tag.chars().count() <= 20);
        let repeats =
            texts.len() < tags.len() && !self.has(Fault::ShopEqualTagsTaken) && !(takes_many && tags.len() > 5);
        if is_many || repeats || !tags.iter().all(is_short) { wrong("tags") } else { Ok(()) }
    }
}
