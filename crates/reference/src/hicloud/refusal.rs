//! Why a request is refused. The document shows no refusal: status and fields are this cloud's own.

use serde_json::{Map, Value};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    code: &'static str,
    text: std::borrow::Cow<'static, str>,
}

impl ApiError {
    /// It goes to another path than that of all orders.
    pub const NO_SUCH_PATH: Self = Self::fixed(404, "NoSuchPath", "orders go to another path");
    /// It is no GET.
    pub const NOT_GET: Self = Self::fixed(405, "MethodNotAllowed", "orders are sent with GET");

    const fn fixed(status: u16, code: &'static str, text: &'static str) -> Self {
        Self { status, code, text: std::borrow::Cow::Borrowed(text) }
    }

    /// A refusal with a status, a code for programs, and words for people.
    pub fn new(status: u16, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into().into() }
    }

    /// It does not prove who sent it.
    pub fn credentials(text: &'static str) -> Self {
        Self::fixed(401, "AuthFailure", text)
    }

    /// A parameter is missing, or has a value that it can't have.
    pub fn parameter(text: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameter", text)
    }

    /// What it is about is not in a state that allows it.
    pub fn state(text: impl Into<String>) -> Self {
        Self::new(409, "OrderProcessFail", text)
    }

    /// The fields of the answer.
    pub fn fields(&self) -> Map<String, Value> {
        fields([("errorCode", self.code.into()), ("errorMessage", self.text.as_ref().into())])
    }
}

/// What an order answers, besides the id of its request.
pub type Answer = Result<Map<String, Value>, ApiError>;

/// Fields of an answer.
pub fn fields<const COUNT: usize>(fields: [(&str, Value); COUNT]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
