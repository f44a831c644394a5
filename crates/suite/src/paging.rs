//! How lists are cut into pages.

/// How lists are cut into pages.
#[derive(Clone, Debug)]
pub struct Paging {
    /// How a request says where its page begins.
    pub start: PageStart,
    /// The parameter that holds the page's length.
    pub size: String,
    /// The page's length when none is asked for.
    pub default: Option<u64>,
    /// What is counted, if anything is.
    pub count: Option<Count>,
}

/// How a request says where its page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageStart {
    /// By the page's number.
    Number {
        /// The parameter that holds it.
        parameter: String,
        /// The number of the first page.
        first: u64,
    },
    /// By the number of items before it.
    Offset {
        /// The parameter that holds it.
        parameter: String,
    },
    /// By a mark that the page before gave.
    Marker {
        /// The parameter that holds it; the first page is asked for without.
        parameter: String,
        /// The field of an answer that holds the mark of the next page; it is blank on the last.
        next: String,
    },
}

impl PageStart {
    /// The parameter that says it.
    pub fn parameter(&self) -> &str {
        match self {
            Self::Number { parameter, .. } | Self::Offset { parameter } | Self::Marker { parameter, .. } => parameter,
        }
    }
}

/// The field of a list answer that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its name.
    pub field: String,
    /// What it counts.
    pub counts: Counts,
}

/// What the count of a list answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// The items in this answer.
    Answer,
    /// The items of the whole list.
    Whole,
}
