//! Why a report can't be made.

/// Why a report can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The page's template is at odds with what it is given.
    #[error("the page can't be rendered: {0}")]
    Html(#[from] minijinja::Error),
    /// A chart can't be drawn.
    #[error("a chart can't be drawn: {0}")]
    Chart(String),
    /// The summary holds what JSON can't express.
    #[error("the JSON can't be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The summary holds what `JUnit`'s XML can't express.
    #[error("the JUnit XML can't be written: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}
