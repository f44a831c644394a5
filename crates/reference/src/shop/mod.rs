//! An online shop: an API of today, with an `OpenAPI` document of its own. It keeps to `data/shop/openapi.yaml`.

mod access;
mod answer;
mod customer;
mod exports;
mod form;
mod opening;
mod orders;
mod pictures;
mod products;
mod routes;
mod state;
mod stock;

pub use opening::{NAME, open};
