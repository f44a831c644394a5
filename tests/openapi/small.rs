//! A small server: it answers from what it keeps, until it is dropped.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;

use super::shop::serve;

/// A status, a body unless it is null, and a header besides.
pub type Answer = (u16, Value, Option<(&'static str, String)>);

/// What a server does with a request.
pub trait Serves: Send + Sync + 'static {
    fn answer(&self, method: &str, path: &str, query: &str, body: Option<Value>) -> Answer;
}

/// A server that runs until this is dropped.
pub struct Running<S> {
    pub url: String,
    pub server: Arc<S>,
    _runtime: tokio::runtime::Runtime,
}

impl<S: Serves> Running<S> {
    pub fn of(server: S) -> Self {
        let server = Arc::new(server);
        let (url, runtime) = serve(Router::new().fallback(answer::<S>).with_state(Arc::clone(&server)));
        Self { url, server, _runtime: runtime }
    }
}

async fn answer<S: Serves>(State(server): State<Arc<S>>, parts: Parts, body: Bytes) -> Response {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let body = serde_json::from_slice(&body).ok();
    let (status, value, header) = server.answer(parts.method.as_str(), path, query, body);
    let mut response = Response::builder().status(status);
    if let Some((name, value)) = header {
        response = response.header(name, value);
    }
    if value.is_null() {
        return response.body(Body::empty()).unwrap();
    }
    response.header("content-type", "application/json").body(Body::from(value.to_string())).unwrap()
}
