//! Which operation a request is for, and what is said when there is none.

use jiff::Timestamp;
use serde_json::json;

use crate::api::{Api, Incoming, Outgoing};
use crate::fault::Fault;
use crate::inventory::Held;

use super::answer::{Answer, BASE, Refusal};
use super::state::Shop;
use super::stock::Stock;

impl Api for Shop {
    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        // HEAD is answered as GET, and the listener leaves the body out.
        let method = if request.method == "HEAD" { "GET" } else { request.method.as_str() };
        self.routed(request, method, now).map_or_else(|refusal| self.refusal(&refusal), |Answer(answer)| answer)
    }

    fn inventory(&self, _now: Timestamp) -> Vec<Held> {
        let stocks = self.stocks();
        let of_stock = |stock: &Stock| {
            let products = stock.products.iter().map(|(id, it)| Held::new("product", &id.to_string(), it.to_string()));
            let pictures =
                stock.pictures.iter().map(|((_, id), it)| Held::new("picture", &id.to_string(), it.to_string()));
            let orders = stock.orders.iter().map(|(id, it)| Held::new("order", id, it.to_string()));
            let exports = stock.exports.iter().map(|(id, (it, _))| Held::new("export", id, it.to_string()));
            products.chain(pictures).chain(orders).chain(exports).collect::<Vec<_>>()
        };
        stocks.of.values().flat_map(of_stock).collect()
    }
}

impl Shop {
    fn routed(&self, request: &Incoming, method: &str, now: Timestamp) -> Result<Answer, Refusal> {
        if request.path == DOCUMENT_PATH && method == "GET" {
            let body = include_str!("../../data/shop/openapi.yaml").to_owned();
            return Ok(Answer(Outgoing { status: 200, content_type: "application/yaml", headers: Vec::new(), body }));
        }
        let path = request.path.strip_prefix(BASE).ok_or(Refusal::Unknown)?;
        match (method, path) {
            ("GET", "/health") => return Ok(self.health()),
            (_, "/health") => return Err(Refusal::Method("GET")),
            ("POST", "/token") => return self.token(request, now),
            ("POST", "/login") => return self.login(request),
            _ => {}
        }
        let customer = self.admit(request, now)?;
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match segments.as_slice() {
            ["products"] => self.products(customer, method, request),
            ["products", id] => self.product(customer, method, number(id)?, request),
            ["products", product, "pictures"] => self.pictures(customer, method, number(product)?, request),
            ["products", product, "pictures", id] => self.picture(customer, method, (number(product)?, number(id)?)),
            ["orders"] => self.orders(customer, method, &request.body),
            ["orders", id] => self.one_order(customer, method, id, &request.body),
            ["exports"] => self.exports(customer, method, &request.body, now),
            ["exports", id] => self.export(customer, method, id, now),
            _ => Err(Refusal::Unknown),
        }
    }

    fn health(&self) -> Answer {
        let content_type = if self.has(Fault::ShopHealthIsJson) { "application/json" } else { "text/plain" };
        Answer(Outgoing { status: 200, content_type, headers: Vec::new(), body: "\"open\"".to_owned() })
    }

    /// A refusal as RFC 9457 writes it.
    fn refusal(&self, refusal: &Refusal) -> Outgoing {
        let (status, detail) = match refusal {
            Refusal::Data(why) => (400, why.as_str()),
            Refusal::Credential => (401, "who asks?"),
            Refusal::Unknown => (404, "there is no such thing"),
            Refusal::Method(_) => (405, "not this method"),
            Refusal::Taken => (409, "the name is taken"),
            Refusal::Changed => (412, "it was changed meanwhile"),
            Refusal::Broken => (500, "the shop burns"),
        };
        let is_data = status == 400;
        let detail =
            if is_data && self.has(Fault::ShopTraceInARefusal) { "Traceback (most recent call last)" } else { detail };
        let is_html = is_data && self.has(Fault::ShopRefusalAsHtml);
        let content_type = if is_html { "text/html" } else { "application/problem+json" };
        let mut headers = Vec::new();
        if let Refusal::Method(allowed) = refusal
            && !self.has(Fault::ShopNoAllow)
        {
            let allowed = if self.has(Fault::ShopAllowWithoutAMethod) { "GET" } else { *allowed };
            headers.push(("allow", allowed.to_owned()));
        }
        if status == 401 {
            headers.push(("www-authenticate", "Bearer".to_owned()));
        }
        let body = json!({"title": "refused", "status": status, "detail": detail}).to_string();
        Outgoing { status, content_type, headers, body }
    }
}

/// Where its document is.
const DOCUMENT_PATH: &str = "/openapi.yaml";

fn number(id: &str) -> Result<u64, Refusal> {
    id.parse().map_err(|_| Refusal::Unknown)
}
