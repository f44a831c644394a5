//! The pictures of a product: files in a form, below what they belong to.

use serde_json::{Value, json};

use crate::api::Incoming;
use crate::fault::Fault;

use super::answer::{Answer, Refusal, wrong};
use super::customer::Customer;
use super::form::parts;
use super::state::Shop;

/// The longest caption, in characters.
const LONGEST_CAPTION: usize = 60;

impl Shop {
    pub(super) fn pictures(
        &self,
        customer: Customer,
        method: &str,
        product: u64,
        request: &Incoming,
    ) -> Result<Answer, Refusal> {
        if !self.stocks().of(customer).products.contains_key(&product) {
            return Err(Refusal::Unknown);
        }
        match method {
            "GET" => {
                let mut stocks = self.stocks();
                let all = stocks.of(customer).pictures.iter();
                let hidden = self.has(Fault::ShopPictureIsNotListed);
                let shown: Vec<_> =
                    all.filter(|((of, _), _)| *of == product && !hidden).map(|(_, picture)| picture.clone()).collect();
                Ok(Answer::json(200, &json!(shown)))
            }
            "POST" => self.create_picture(customer, product, request),
            _ => Err(Refusal::Method("GET, HEAD, POST")),
        }
    }

    fn create_picture(&self, customer: Customer, product: u64, request: &Incoming) -> Result<Answer, Refusal> {
        let form = request.header("content-type").and_then(|media_type| parts(media_type, &request.body));
        let Some(form) = form else { return Err(Refusal::Data("this is no form".to_owned())) };
        let part = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if part("file").is_none() && !self.has(Fault::ShopNoFileTaken) {
            return wrong("file");
        }
        let caption = part("caption").unwrap_or_default();
        let length = caption.chars().count();
        let is_long = length > LONGEST_CAPTION && !self.has(Fault::ShopLongCaptionTaken);
        if length == 0 || is_long {
            return wrong("caption");
        }
        let mut stocks = self.stocks();
        let id = stocks.next_number();
        let caption = if self.has(Fault::ShopCaptionIsNotStored) { "a picture" } else { caption };
        let picture = json!({"id": id, "caption": caption});
        stocks.of(customer).pictures.insert((product, id), picture.clone());
        Ok(Answer::json(201, &picture).located(&format!("/products/{product}/pictures/{id}")))
    }

    pub(super) fn picture(&self, customer: Customer, method: &str, key: (u64, u64)) -> Result<Answer, Refusal> {
        let mut stocks = self.stocks();
        let pictures = &mut stocks.of(customer).pictures;
        let exact = pictures.get(&key).cloned();
        let of_another = || pictures.iter().find(|((_, id), _)| *id == key.1).map(|(_, picture)| picture.clone());
        let shown_anyway = || if self.has(Fault::ShopPictureOfAnotherProduct) { of_another() } else { None };
        let picture: Value = exact.or_else(shown_anyway).ok_or(Refusal::Unknown)?;
        match method {
            "GET" => Ok(Answer::json(200, &picture)),
            "DELETE" => {
                pictures.remove(&key);
                Ok(Answer::empty(204))
            }
            _ => Err(Refusal::Method("GET, HEAD, DELETE")),
        }
    }
}
