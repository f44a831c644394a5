//! The requests of a file, and what came of them.

use jiff::Timestamp;

use super::address::Address;
use super::body::Body;
use super::error::RecordingError;
use super::spot::Spot;

/// The requests of a file, in its order.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    pub requests: Vec<Recorded>,
    /// What of the file is no request, and is not used.
    pub remarks: Vec<String>,
}

impl Recording {
    /// Takes one more request, unless these are as many as are read.
    pub(super) fn add(&mut self, request: Recorded, most: usize) -> Result<(), RecordingError> {
        if self.requests.len() >= most {
            return Err(RecordingError::TooMany { what: "requests", most, place: request.place });
        }
        self.requests.push(request);
        Ok(())
    }
}

/// One request, and the answer to it where the file has one.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub place: Spot,
    /// When it was sent, where the file says so.
    pub at: Option<Timestamp>,
    pub method: String,
    pub address: Address,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub answer: Option<RecordedAnswer>,
    /// What a script of the file keeps of the answer: the name, and the path.
    pub saves: Vec<(String, String)>,
    /// Why it can't become a step, where its reader can tell.
    pub obstacle: Option<String>,
}

impl Recorded {
    pub(super) fn new(place: Spot, method: &str, address: &str) -> Self {
        Self {
            place,
            at: None,
            method: method.to_uppercase(),
            address: Address::parse(address),
            headers: Vec::new(),
            body: Body::None,
            answer: None,
            saves: Vec::new(),
            obstacle: None,
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What came.
#[derive(Debug)]
pub(crate) struct RecordedAnswer {
    pub status: u16,
    pub media_type: String,
    pub location: Option<String>,
    /// The text of the body, where it is JSON.
    pub body: Option<String>,
}
