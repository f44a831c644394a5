//! One request and its answer on the page.

use serde::Serialize;

use crate::summary::ExchangeSummary;
use assay_suite::http::{Exchange, Request};
use assay_suite::human;
use assay_suite::source::harmless;

use super::body::Body;

/// What is longer is clipped: addresses, and command lines.
const LONGEST_URL: usize = 4 * 1024;
const LONGEST_CURL: usize = 8 * 1024;
/// A single header's value.
const LONGEST_HEADER: usize = 1024;
/// The headers of one message.
const MOST_HEADERS: usize = 40;

/// A request and its answer.
#[derive(Serialize)]
pub(super) struct ExchangeView {
    /// Its number within the case, counted from 1.
    pub(super) number: usize,
    part: String,
    /// The request in one line.
    asked: String,
    /// The answer in a word or two.
    answered: String,
    took: String,
    /// Whether a finding points at it.
    decides: bool,
    open: bool,
    /// The request line without the query.
    request_line: String,
    /// The query, a parameter a line.
    parameters: Vec<String>,
    request_headers: Vec<(String, String)>,
    request_body: Option<Body>,
    answer_line: String,
    answer_headers: Vec<(String, String)>,
    answer_body: Option<Body>,
    curl: Option<String>,
}

impl ExchangeView {
    /// An exchange of whose bodies at most so many bytes are shown.
    pub(super) fn new(number: usize, summary: &ExchangeSummary, decides: bool, open: bool, most: usize) -> Self {
        let Exchange { request, outcome, timing, .. } = &summary.exchange;
        let (address, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let (answered, answer_line, answer_headers, answer_body) = match outcome {
            Ok(response) => (
                response.status.to_string(),
                format!("{} {}", response.status, reason_phrase(response.status)),
                headers(&response.headers),
                (!response.body.is_empty()).then(|| Body::new(&response.body, response.lossy, most)),
            ),
            Err(failure) => {
                let rendered = format!("{}: {}", failure.kind, harmless::short_line(&failure.message, LONGEST_HEADER));
                ("no answer".to_owned(), rendered, Vec::new(), None)
            }
        };
        Self {
            number,
            part: harmless::line(&summary.part),
            asked: asked(request),
            answered,
            #[allow(clippy::cast_precision_loss, reason = "shown with three digits")]
            took: human::duration(timing.took_us as f64 / 1e6),
            decides,
            open,
            request_line: format!("{} {}", request.method, harmless::short_line(address, LONGEST_URL)),
            parameters: parameters(query),
            request_headers: headers(&request.headers),
            request_body: request.body.as_ref().map(|body| Body::new(body, false, most)),
            answer_line: answer_line.trim_end().to_owned(),
            answer_headers,
            answer_body,
            curl: (summary.curl.len() <= LONGEST_CURL).then(|| harmless::line(&summary.curl)),
        }
    }
}

/// Method, path and query; the host is the same all over a report.
fn asked(request: &Request) -> String {
    let after_scheme = request.url.split_once("://").map_or(request.url.as_str(), |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("/", |slash| &after_scheme[slash..]);
    format!("{} {}", request.method, harmless::short_line(path, 200))
}

fn parameters(query: &str) -> Vec<String> {
    if query.is_empty() {
        return Vec::new();
    }
    let (query, clipped) = harmless::clipped(query, LONGEST_URL);
    let parameters = query.split('&').enumerate();
    let mut parameters: Vec<_> = parameters
        .map(|(index, parameter)| format!("{}{}", if index == 0 { '?' } else { '&' }, harmless::line(parameter)))
        .collect();
    if clipped {
        parameters.push("…".to_owned());
    }
    parameters
}

fn headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let shown = headers.iter().take(MOST_HEADERS);
    let shown = shown
        .map(|(name, value)| (harmless::short_line(name, LONGEST_HEADER), harmless::short_line(value, LONGEST_HEADER)));
    let mut shown: Vec<_> = shown.collect();
    if headers.len() > MOST_HEADERS {
        shown.push(("…".to_owned(), format!("{} more", headers.len() - MOST_HEADERS)));
    }
    shown
}

/// What a status is commonly called. `CloudStack`'s own 431 and 530 to 535 are not.
fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
