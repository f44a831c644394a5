//! The way to the model: nothing of it is recorded, and what can't be removed there ends with it.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::deployment::RequestSpec;
use crate::interpreter::{Exchanger, Inventories, NoExchange, Session};
use assay_formats::record::{Change, Part};
use assay_suite::http::Exchange;

/// The way to the model.
pub(super) struct ToModel(pub Session);

impl Exchanger for ToModel {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.0.exchange(part, ask).await })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.0.pause(duration).await;
        })
    }

    fn changed(&mut self, _change: Change) {}

    fn left_over(&mut self, _what: &str) {}

    fn unproven(&mut self, _what: &str) {}

    fn inventories(&self) -> &Inventories {
        self.0.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.0.survey(ask).await })
    }
}
