//! A shop that keeps to its document, or breaks one promise of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use regex::Regex;
use serde_json::{Value, json};

pub const TOKEN: &str = "a-token-of-the-shop";
/// That of another customer, who has a shop of his own.
pub const NEIGHBOUR: &str = "a-token-of-the-neighbour";

/// Each fault that the shop can have, and the requirement that it breaks.
pub const FAULTS: [(&str, &str); 46] = [
    ("health-is-json", "health.200.content-type"),
    ("list-with-another-status", "listProducts.status"),
    ("list-as-html", "listProducts.200.content-type"),
    ("list-without-items", "listProducts.200.body"),
    ("price-as-text", "getProduct.200.body"),
    ("create-without-location", "createProduct.201.header.Location"),
    ("create-with-another-status", "createProduct.status"),
    ("long-name-taken", "createProduct.body.name.maxLength"),
    ("empty-name-taken", "createProduct.body.name.minLength"),
    ("free-product-taken", "createProduct.body.price.exclusiveMinimum"),
    ("dear-product-taken", "createProduct.body.price.maximum"),
    ("dearest-product-refused", "createProduct.body.price.maximum"),
    ("any-category-taken", "createProduct.body.category.enum"),
    ("tools-refused", "createProduct.body.category.enum"),
    ("any-sku-taken", "createProduct.body.sku.pattern"),
    ("no-name-taken", "createProduct.body.name.required"),
    ("equal-tags-taken", "createProduct.body.tags.uniqueItems"),
    ("many-tags-taken", "createProduct.body.tags.maxItems"),
    ("surplus-taken", "createProduct.body.additionalProperties"),
    ("stock-as-text-taken", "createProduct.body.stock.type"),
    ("fails-at-a-malformed-body", "createProduct.body.malformed"),
    ("fails-at-a-long-name", "createProduct.body.name.maxLength"),
    ("limit-zero-taken", "listProducts.query.limit.minimum"),
    ("limit-as-text-taken", "listProducts.query.limit.type"),
    ("no-credential-taken", "getProduct.security"),
    ("any-credential-taken", "createProduct.security"),
    ("deleted-product-stays", "productId.gone"),
    ("stock-is-not-stored", "productId.read-back"),
    ("replacement-is-not-stored", "productId.replaced"),
    ("refused-replacement-is-stored", "productId.untouched"),
    ("change-clears-tags", "productId.patched"),
    ("order-is-not-listed", "orderId.listed"),
    ("replacing-adds-up", "orderId.idempotent"),
    ("no-allow", "/products.methods"),
    ("undocumented-method-taken", "/products.methods"),
    ("trace-in-a-refusal", "no-stack-trace"),
    ("refusal-as-html", "createProduct.400.content-type"),
    ("unknown-product-found", "getProduct"),
    ("limit-is-not-kept", "listProducts.query.limit.limits"),
    ("category-is-not-kept", "listProducts.query.category.filters"),
    ("location-of-another", "productId.located"),
    ("refused-order-is-kept", "orderId.not-created"),
    ("allow-without-a-method", "/products.methods"),
    ("neighbour-reads", "productId.private"),
    ("neighbour-removes", "orderId.private"),
    ("deleted-product-is-changed", "productId.gone"),
];

#[derive(Default)]
struct Stock {
    products: BTreeMap<u64, Value>,
    orders: BTreeMap<String, Value>,
    made: u64,
}

/// The shop, and what is wrong with it.
pub struct Shop {
    stock: Mutex<Stock>,
    fault: Option<&'static str>,
}

/// Serves on loopback until the runtime is dropped.
pub(super) fn serve(router: Router) -> (String, tokio::runtime::Runtime) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, router).await.unwrap();
    });
    (url, runtime)
}

/// A shop that runs until this is dropped.
pub struct RunningShop {
    pub url: String,
    shop: Arc<Shop>,
    _runtime: tokio::runtime::Runtime,
}

impl RunningShop {
    pub fn start(fault: Option<&'static str>) -> Self {
        let shop = Arc::new(Shop { stock: Mutex::default(), fault });
        let (url, runtime) = serve(Router::new().fallback(answer).with_state(Arc::clone(&shop)));
        Self { url, shop, _runtime: runtime }
    }

    /// How many things are in the shop.
    pub fn things(&self) -> usize {
        let stock = self.shop.stock.lock().unwrap();
        stock.products.len() + stock.orders.len()
    }
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn json_answer(status: u16, value: &Value) -> Answer {
    let headers = vec![("content-type", "application/json".to_owned())];
    Answer { status, headers, body: value.to_string() }
}

async fn answer(State(shop): State<Arc<Shop>>, parts: Parts, body: Bytes) -> Response {
    let Answer { status, headers, body } = shop.answer(&parts, &body);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Customer {
    Main,
    Neighbour,
}

/// Why a request is refused.
enum Refusal {
    Data(String),
    Unknown,
    Taken,
    Credential,
    Method(&'static str),
    Broken,
}

impl Shop {
    fn has(&self, fault: &str) -> bool {
        self.fault == Some(fault)
    }

    fn answer(&self, parts: &Parts, body: &Bytes) -> Answer {
        self.routed(parts, body).unwrap_or_else(|refusal| self.refusal(&refusal))
    }

    fn refusal(&self, refusal: &Refusal) -> Answer {
        let (status, detail) = match refusal {
            Refusal::Data(why) => (400, why.as_str()),
            Refusal::Unknown => (404, "there is no such thing"),
            Refusal::Taken => (409, "the name is taken"),
            Refusal::Credential => (401, "who asks?"),
            Refusal::Method(_) => (405, "not this method"),
            Refusal::Broken => (500, "the shop burns"),
        };
        let trace =
            if status == 400 && self.has("trace-in-a-refusal") { "Traceback (most recent call last)" } else { detail };
        let html = status == 400 && self.has("refusal-as-html");
        let media_type = if html { "text/html" } else { "application/problem+json" };
        let mut headers = vec![("content-type", media_type.to_owned())];
        if let Refusal::Method(allowed) = refusal
            && !self.has("no-allow")
        {
            let allowed = if self.has("allow-without-a-method") { "GET" } else { *allowed };
            headers.push(("allow", allowed.to_owned()));
        }
        Answer { status, headers, body: json!({"title": "refused", "status": status, "detail": trace}).to_string() }
    }

    fn routed(&self, parts: &Parts, body: &Bytes) -> Result<Answer, Refusal> {
        let path = parts.uri.path().strip_prefix("/v1").ok_or(Refusal::Unknown)?;
        if path == "/health" {
            let media_type = if self.has("health-is-json") { "application/json" } else { "text/plain" };
            let open = || Answer {
                status: 200,
                headers: vec![("content-type", media_type.to_owned())],
                body: "\"open\"".to_owned(),
            };
            return if parts.method == "GET" { Ok(open()) } else { Err(Refusal::Method("GET")) };
        }
        let customer = self.admit(parts)?;
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (parts.method.as_str(), segments.as_slice()) {
            ("GET", ["products" | "orders"]) if customer == Customer::Neighbour => {
                let is_list = path == "/orders";
                Ok(json_answer(200, &if is_list { json!([]) } else { json!({"items": []}) }))
            }
            ("GET", ["products", _]) if customer == Customer::Neighbour && self.has("neighbour-reads") => {
                self.product("GET", segments[1], body)
            }
            ("DELETE", ["orders", id]) if customer == Customer::Neighbour && self.has("neighbour-removes") => {
                self.one_order("DELETE", id, body)
            }
            (_, [_, _]) if customer == Customer::Neighbour => Err(Refusal::Unknown),
            ("GET", ["products"]) => self.list(parts.uri.query().unwrap_or_default()),
            ("POST", ["products"]) => self.create(body),
            ("PATCH" | "PUT", ["products"]) if self.has("undocumented-method-taken") => {
                Ok(json_answer(200, &json!({})))
            }
            (_, ["products"]) => Err(Refusal::Method("GET, POST")),
            (method, ["products", id]) => self.product(method, id, body),
            ("GET", ["orders"]) => {
                let stock = self.stock.lock().unwrap();
                let hidden = usize::from(self.has("order-is-not-listed"));
                let shown: Vec<_> = stock.orders.values().skip(hidden * stock.orders.len()).collect();
                Ok(json_answer(200, &json!(shown)))
            }
            ("POST", ["orders"]) => self.order(body),
            (_, ["orders"]) => Err(Refusal::Method("GET, POST")),
            (method, ["orders", id]) => self.one_order(method, id, body),
            _ => Err(Refusal::Unknown),
        }
    }

    fn admit(&self, parts: &Parts) -> Result<Customer, Refusal> {
        let given = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
        match given.map(|given| given.strip_prefix("Bearer ").unwrap_or_default()) {
            Some(TOKEN) => Ok(Customer::Main),
            Some(NEIGHBOUR) => Ok(Customer::Neighbour),
            Some(_) if self.has("any-credential-taken") => Ok(Customer::Main),
            None if self.has("no-credential-taken") => Ok(Customer::Main),
            _ => Err(Refusal::Credential),
        }
    }

    fn list(&self, query: &str) -> Result<Answer, Refusal> {
        let (mut limit, mut category) = (100, None);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "limit" => match value.parse::<usize>() {
                    Ok(0) if self.has("limit-zero-taken") => {}
                    Ok(number @ 1..=100) => limit = number,
                    Err(_) if self.has("limit-as-text-taken") => {}
                    _ => return Err(Refusal::Data("limit is from 1 to 100".to_owned())),
                },
                "category" if !["book", "toy", "tool"].contains(&value) => {
                    return Err(Refusal::Data("there is no such category".to_owned()));
                }
                "category" if !self.has("category-is-not-kept") => category = Some(value),
                _ => {}
            }
        }
        let stock = self.stock.lock().unwrap();
        let is_wanted = |product: &&Value| category.is_none_or(|category| product["category"] == category);
        let limit = if self.has("limit-is-not-kept") { 100 } else { limit };
        let items: Vec<_> = stock.products.values().filter(is_wanted).take(limit).collect();
        let body = if self.has("list-without-items") { json!({"products": items}) } else { json!({"items": items}) };
        let mut answer = json_answer(if self.has("list-with-another-status") { 203 } else { 200 }, &body);
        if self.has("list-as-html") {
            answer.headers = vec![("content-type", "text/html".to_owned())];
        }
        Ok(answer)
    }

    fn create(&self, body: &Bytes) -> Result<Answer, Refusal> {
        let mut product = self.checked_product(body)?;
        let mut stock = self.stock.lock().unwrap();
        if stock.products.values().any(|known| known["name"] == product["name"]) {
            return Err(Refusal::Taken);
        }
        stock.made += 1;
        let id = stock.made;
        product["id"] = json!(id);
        if self.has("stock-is-not-stored") {
            product["stock"] = json!(0);
        }
        stock.products.insert(id, product.clone());
        let mut answer = json_answer(if self.has("create-with-another-status") { 200 } else { 201 }, &product);
        if !self.has("create-without-location") {
            let id = if self.has("location-of-another") { 1_000_000 } else { id };
            answer.headers.push(("location", format!("/v1/products/{id}")));
        }
        Ok(answer)
    }

    fn product(&self, method: &str, id: &str, body: &Bytes) -> Result<Answer, Refusal> {
        let id: u64 = id.parse().map_err(|_| Refusal::Unknown)?;
        let known = self.stock.lock().unwrap().products.get(&id).cloned();
        if known.is_none() && method == "GET" && self.has("unknown-product-found") {
            let product = json!({"id": id, "name": "none", "sku": "NON-0000", "price": 1, "category": "toy"});
            return Ok(json_answer(200, &product));
        }
        if known.is_none() && method == "PATCH" && self.has("deleted-product-is-changed") {
            return Ok(json_answer(
                200,
                &json!({"id": id, "name": "none", "sku": "NON-0000", "price": 1, "category": "toy"}),
            ));
        }
        let known = known.ok_or(Refusal::Unknown)?;
        let store = |product: Value| drop(self.stock.lock().unwrap().products.insert(id, product));
        match method {
            "GET" if self.has("price-as-text") => {
                let mut product = known;
                product["price"] = json!(product["price"].to_string());
                Ok(json_answer(200, &product))
            }
            "GET" => Ok(json_answer(200, &known)),
            "PUT" => {
                if self.has("refused-replacement-is-stored")
                    && let Ok(Value::Object(fields)) = serde_json::from_slice(body)
                {
                    let mut product = known;
                    fields.into_iter().for_each(|(name, value)| product[name] = value);
                    store(product);
                }
                let mut product = self.checked_product(body)?;
                product["id"] = json!(id);
                if !self.has("replacement-is-not-stored") {
                    store(product.clone());
                }
                Ok(json_answer(200, &product))
            }
            "PATCH" => {
                let Ok(Value::Object(fields)) = serde_json::from_slice(body) else {
                    return Err(Refusal::Data("this is no object".to_owned()));
                };
                let mut product = known;
                for (name, value) in fields {
                    product[name] = value;
                }
                if self.has("change-clears-tags") {
                    product["category"] = json!("toy");
                    product["name"] = json!("changed");
                }
                let mut sent = product.clone();
                sent.as_object_mut().unwrap().remove("id");
                self.checked_value(&sent)?;
                store(product.clone());
                Ok(json_answer(200, &product))
            }
            "DELETE" => {
                if self.has("deleted-product-stays") {
                    return Ok(Answer { status: 204, headers: Vec::new(), body: String::new() });
                }
                self.stock.lock().unwrap().products.remove(&id);
                Ok(Answer { status: 204, headers: Vec::new(), body: String::new() })
            }
            _ => Err(Refusal::Method("GET, PUT, PATCH, DELETE")),
        }
    }

    fn checked_product(&self, body: &Bytes) -> Result<Value, Refusal> {
        match serde_json::from_slice(body) {
            Ok(value) => self.checked_value(&value).map(|()| value),
            Err(_) if self.has("fails-at-a-malformed-body") => Err(Refusal::Broken),
            Err(_) => Err(Refusal::Data("this is not JSON".to_owned())),
        }
    }

    fn checked_value(&self, value: &Value) -> Result<(), Refusal> {
        let wrong = |what: &str| Err(Refusal::Data(format!("{what} is wrong")));
        let Value::Object(fields) = value else { return wrong("the product") };
        let known = ["name", "sku", "price", "category", "stock", "tags"];
        if fields.keys().any(|name| !known.contains(&name.as_str())) && !self.has("surplus-taken") {
            return wrong("a field");
        }
        match fields.get("name").map(|name| name.as_str().map(|name| name.chars().count())) {
            None if self.has("no-name-taken") => {}
            Some(Some(0)) if self.has("empty-name-taken") => {}
            Some(Some(41..)) if self.has("long-name-taken") => {}
            Some(Some(41..)) if self.has("fails-at-a-long-name") => return Err(Refusal::Broken),
            Some(Some(1..=40)) => {}
            _ => return wrong("name"),
        }
        let sku = fields.get("sku").and_then(Value::as_str);
        let is_sku = |sku: &str| Regex::new("^[A-Z]{3}-[0-9]{4}$").unwrap().is_match(sku);
        if !sku.is_some_and(|sku| is_sku(sku) || self.has("any-sku-taken")) {
            return wrong("sku");
        }
        match fields.get("price").and_then(Value::as_f64) {
            Some(price) if price <= 0.0 && price > -1.0 && self.has("free-product-taken") => {}
            Some(price) if price > 100_000.0 && self.has("dear-product-taken") => {}
            Some(100_000.0) if self.has("dearest-product-refused") => return wrong("price"),
            Some(price) if price > 0.0 && price <= 100_000.0 => {}
            _ => return wrong("price"),
        }
        match fields.get("category").and_then(Value::as_str) {
            Some("tool") if self.has("tools-refused") => return wrong("category"),
            Some("book" | "toy" | "tool") => {}
            Some(_) if self.has("any-category-taken") => {}
            _ => return wrong("category"),
        }
        match fields.get("stock") {
            None => {}
            Some(Value::String(_)) if self.has("stock-as-text-taken") => {}
            Some(stock) if stock.as_i64().is_some_and(|stock| (0..=10_000).contains(&stock)) => {}
            _ => return wrong("stock"),
        }
        let Some(tags) = fields.get("tags") else { return Ok(()) };
        let Value::Array(tags) = tags else { return wrong("tags") };
        let texts: BTreeSet<_> = tags.iter().filter_map(Value::as_str).collect();
        let is_many = tags.len() > 5 && !self.has("many-tags-taken");
        let is_short = |tag: &Value| tag.as_str().is_some_and(|tag| tag.chars().count() <= 20);
        let repeats = texts.len() < tags.len()
            && !self.has("equal-tags-taken")
            && !(self.has("many-tags-taken") && tags.len() > 5);
        if is_many || repeats || !tags.iter().all(is_short) {
            return wrong("tags");
        }
        Ok(())
    }

    fn checked_order(&self, body: &Bytes) -> Result<Value, Refusal> {
        let wrong = |what: &str| Err(Refusal::Data(format!("{what} is wrong")));
        let Ok(order @ Value::Object(_)) = serde_json::from_slice::<Value>(body) else { return wrong("the order") };
        if !order["quantity"].as_i64().is_some_and(|quantity| (1..=99).contains(&quantity)) {
            return wrong("quantity");
        }
        if !order["email"].as_str().is_some_and(|email| email.contains('@')) {
            return wrong("email");
        }
        let note = &order["note"];
        if !(note.is_null() || note.as_str().is_some_and(|note| note.chars().count() <= 100)) {
            return wrong("note");
        }
        let Some(product) = order["product_id"].as_u64() else { return wrong("product_id") };
        if !self.stock.lock().unwrap().products.contains_key(&product) {
            return Err(Refusal::Unknown);
        }
        Ok(order)
    }

    fn order(&self, body: &Bytes) -> Result<Answer, Refusal> {
        let checked = self.checked_order(body);
        if let (Err(_), true, Ok(order)) = (&checked, self.has("refused-order-is-kept"), serde_json::from_slice(body)) {
            let mut order: Value = order;
            order["id"] = json!("00000000-0000-4000-8000-000000000002");
            self.stock.lock().unwrap().orders.insert("refused".to_owned(), order);
        }
        let mut order = checked?;
        if order.get("note") == Some(&Value::Null) {
            return Err(Refusal::Data("note is wrong".to_owned()));
        }
        let mut stock = self.stock.lock().unwrap();
        stock.made += 1;
        let id = format!("{:08x}-0000-4000-8000-000000000001", stock.made);
        order["id"] = json!(id);
        stock.orders.insert(id, order.clone());
        Ok(json_answer(201, &order))
    }

    fn one_order(&self, method: &str, id: &str, body: &Bytes) -> Result<Answer, Refusal> {
        let known = self.stock.lock().unwrap().orders.get(id).cloned().ok_or(Refusal::Unknown)?;
        match method {
            "GET" => Ok(json_answer(200, &known)),
            "PUT" => {
                let mut order = self.checked_order(body)?;
                order["id"] = json!(id);
                if self.has("replacing-adds-up") && known["quantity"] == order["quantity"] {
                    order["quantity"] = json!(order["quantity"].as_i64().unwrap() + 1);
                }
                self.stock.lock().unwrap().orders.insert(id.to_owned(), order.clone());
                Ok(json_answer(200, &order))
            }
            "DELETE" => {
                self.stock.lock().unwrap().orders.remove(id);
                Ok(Answer { status: 204, headers: Vec::new(), body: String::new() })
            }
            _ => Err(Refusal::Method("GET, PUT, DELETE")),
        }
    }
}
