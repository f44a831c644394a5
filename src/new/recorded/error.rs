//! Why a recording can't be read.

use assay_suite::human::number;
use assay_suite::source::Diagnostic;

use super::spot::Spot;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordingError {
    #[error("this is neither a HAR file, a Postman collection, a curl command line nor an access log")]
    Unknown(Spot),
    #[error("this is a Postman collection of another version than 2.1")]
    Version(Spot),
    #[error("there is no list of {what} here")]
    NoList { what: &'static str, place: Spot },
    #[error("the quote that begins here does not end")]
    OpenQuote(Spot),
    #[error("the JSON breaks off or goes wrong here")]
    NoJson(Spot),
    #[error("duplicate key `{name}`")]
    Duplicate { name: &'static str, place: Spot },
    #[error("{what} is longer than {most} MiB, the most that is read")]
    TooLong { what: &'static str, most: u64, place: Spot },
    #[error("from here on there are more than {} {what}, the most that are read", number(*.most))]
    TooMany { what: &'static str, most: usize, place: Spot },
    #[error("{}", .0.message)]
    Syntax(Diagnostic),
}

impl RecordingError {
    /// The error with its place and what to do. The file has secrets, so none of its lines is shown.
    pub fn diagnostic(&self) -> Diagnostic {
        let (place, help) = match self {
            Self::Syntax(mistake) => return mistake.clone().kept_private(),
            Self::Unknown(place) => (
                place,
                "save the network log of a browser as HAR, export a collection, copy a request as curl (bash), or name an access \
                 log (common, combined, or lines of JSON)",
            ),
            Self::Version(place) => (place, "export it as Collection v2.1"),
            Self::NoList { place, .. } | Self::NoJson(place) => (place, "save or export the file again, whole"),
            Self::OpenQuote(place) => (place, "close the quote, or copy the command as curl (bash)"),
            Self::Duplicate { place, .. } => (place, "keep one of them, or make one of both"),
            Self::TooLong { place, .. } | Self::TooMany { place, .. } => {
                (place, "cut the recording to the requests that matter, or into several files")
            }
        };
        Diagnostic::error(&place.place(), self.to_string()).help(help)
    }
}
