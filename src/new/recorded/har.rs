//! HTTP archives (HAR 1.2), as the network logs of browsers are saved. They are long, so one entry is read after another.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use assay_suite::human::count_of;
use assay_suite::source::{Diagnostic, Node, NodeKind, SourceFile};

use super::body;
use super::body::Body;
use super::error::RecordingError;
use super::fields::{items, pairs, status, text};
use super::limits::MOST_REQUESTS;
use super::outline::{Outline, Wrong};
use super::recording::{Recorded, RecordedAnswer, Recording};
use super::spot::{Spot, Spots};

/// Why an entry has no answer: browsers write status 0 for what was cancelled or blocked.
const NO_ANSWER: &str = "it has no answer: it was cancelled or blocked";
const NO_STATUS: &str = "the status of its answer is none of HTTP";

/// The requests of an archive; nothing of a file that is none.
pub(super) fn read(file: &Arc<SourceFile>) -> Result<Option<Recording>, RecordingError> {
    let mut reader = Reader::of(file);
    let archive = reader.document();
    archive.map_err(|stop| match stop {
        Stop::Wrong(Wrong(at)) => RecordingError::NoJson(reader.spots.at(at)),
        Stop::Refused(error) => error,
    })
}

/// Why reading ends.
enum Stop {
    Wrong(Wrong),
    Refused(RecordingError),
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<RecordingError> for Stop {
    fn from(error: RecordingError) -> Self {
        Self::Refused(error)
    }
}

struct Reader<'f> {
    text: &'f str,
    outline: Outline<'f>,
    spots: Spots<'f>,
    /// How many entries hold no request, and where the first is.
    others: usize,
    first_other: Option<Spot>,
}

impl<'f> Reader<'f> {
    fn of(file: &'f SourceFile) -> Self {
        let (outline, spots) = (Outline::of(&file.text), Spots::of(&file.path, &file.text));
        Self { text: &file.text, outline, spots, others: 0, first_other: None }
    }

    fn document(&mut self) -> Result<Option<Recording>, Stop> {
        let archive = self.field("log", |reader| reader.field("entries", Self::entries))?.flatten();
        self.outline.end()?;
        Ok(archive)
    }

    /// What is read of a field of the object that comes next; nothing where there is no such object or field.
    fn field<T>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut(&mut Self) -> Result<T, Stop>,
    ) -> Result<Option<T>, Stop> {
        let (mut found, mut fields) = (None, 0);
        if !self.outline.takes(b'{') {
            self.outline.value()?;
            return Ok(None);
        }
        while self.outline.has_more(fields, b'}')? {
            fields += 1;
            let at = self.outline.at();
            if self.outline.key()? != name {
                self.outline.value()?;
            } else if found.is_some() {
                return Err(RecordingError::Duplicate { name, place: self.spots.at(at) }.into());
            } else {
                found = Some(read(self)?);
            }
        }
        Ok(found)
    }

    fn entries(&mut self) -> Result<Recording, Stop> {
        let at = self.outline.at();
        if !self.outline.takes(b'[') {
            return Err(RecordingError::NoList { what: "entries", place: self.spots.at(at) }.into());
        }
        let (mut recording, mut entries) = (Recording::default(), 0);
        while self.outline.has_more(entries, b']')? {
            entries += 1;
            let range = self.outline.value()?;
            let place = self.spots.at(range.start);
            if let Some(recorded) = entry(&self.text[range], &place)? {
                recording.add(recorded, MOST_REQUESTS)?;
            } else {
                self.others += 1;
                self.first_other.get_or_insert(place);
            }
        }
        if let Some(first) = &self.first_other {
            let others = count_of(self.others, "entry that holds", "entries that hold");
            recording.remarks.push(format!("{others} no request, the first at {first}"));
        }
        Ok(recording)
    }
}

/// The request of an entry; nothing where it has none with an address.
fn entry(written: &str, place: &Spot) -> Result<Option<Recorded>, RecordingError> {
    if !written.starts_with('{') {
        return Ok(None);
    }
    // The name says that it is JSON and nothing else.
    let entry = Node::parse_large(&SourceFile::new("entry.json", written)).map_err(|mistake| {
        let within = mistake.place.as_ref().map_or_else(|| place.clone(), |at| place.within(at.line, at.column));
        RecordingError::Syntax(Diagnostic { place: Some(within.place()), ..mistake })
    })?;
    let request = entry.field("request").filter(|request| !text(request, "url").trim().is_empty());
    Ok(request.map(|request| recorded(&entry, request, place)))
}

fn recorded(entry: &Node, request: &Node, place: &Spot) -> Recorded {
    let mut recorded = Recorded::new(place.clone(), text(request, "method"), text(request, "url"));
    recorded.at = text(entry, "startedDateTime").parse().ok();
    recorded.headers = pairs(items(request, "headers"), "name");
    if let Some(data) = request.field("postData") {
        let fields = pairs(items(data, "params"), "name");
        let media_type = text(data, "mimeType");
        recorded.body = match Body::of(text(data, "text"), media_type) {
            Body::Text(_) | Body::None if !fields.is_empty() => Body::Form(fields),
            body => body,
        };
    }
    let response = entry.field("response");
    recorded.answer = response.and_then(answer);
    if recorded.answer.is_none() {
        let status = response.and_then(|response| response.field("status")).map(|status| &status.kind);
        let is_none = matches!(status, None | Some(NodeKind::Null | NodeKind::Integer(0)));
        recorded.obstacle = Some(if is_none { NO_ANSWER } else { NO_STATUS }.to_owned());
    }
    recorded
}

fn answer(response: &Node) -> Option<RecordedAnswer> {
    let status = status(response, "status")?;
    let headers = pairs(items(response, "headers"), "name");
    let location = headers.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("location")).map(|(_, value)| value);
    let content = response.field("content");
    let media_type = content.map(|content| text(content, "mimeType").to_lowercase()).unwrap_or_default();
    let body = content.and_then(|content| {
        let written = text(content, "text");
        if text(content, "encoding") != "base64" {
            return body::of_answer(written);
        }
        let decoded = STANDARD.decode(written).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        body::of_answer(&decoded?)
    });
    Some(RecordedAnswer { status, media_type, location, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Option<Recording>, RecordingError> {
        read(&SourceFile::new("a.har", text))
    }

    #[test]
    fn entries_know_their_places_and_those_without_a_request_are_counted() {
        let entry = r#"{"request": {"method": "get", "url": "http://h/é"}, "response": {"status": 200}}"#;
        let text = format!("{{\"log\": {{\"creator\": [1], \"entries\": [1, {entry},\n  null, {entry}]}}}}");
        let recording = read_text(&text).unwrap().unwrap();
        let places: Vec<_> = recording.requests.iter().map(|request| request.place.to_string()).collect();
        assert_eq!(places, ["a.har:1:41", "a.har:2:9"]);
        assert_eq!(recording.remarks, ["2 entries that hold no request, the first at a.har:1:38"]);
    }

    #[test]
    fn a_status_that_is_none_is_distinguished_from_no_answer() {
        for (status, obstacle) in
            [("200", None), ("0", Some(NO_ANSWER)), ("-5", Some(NO_STATUS)), ("1e308", Some(NO_STATUS))]
        {
            let entry = format!(r#"{{"request": {{"url": "http://h/"}}, "response": {{"status": {status}}}}}"#);
            let recording = read_text(&format!("{{\"log\": {{\"entries\": [{entry}]}}}}")).unwrap().unwrap();
            assert_eq!(recording.requests[0].obstacle.as_deref(), obstacle, "{status}");
        }
    }

    #[test]
    fn what_is_no_archive_is_told_from_one_that_is_broken() {
        assert!(read_text("{\"info\": {}}").unwrap().is_none());
        assert!(read_text("{\"log\": {}}").unwrap().is_none());
        for (text, place) in [
            ("{\"log\": {\"entries\": [\n {\"request\" 1}]}}", "a.har:2:13"),
            ("{\"log\": {\"entries\": [\n {\"a\": 1, \"a\": 2}]}}", "a.har:2:11"),
            ("{\"log\": {\"entries\": [], \"entries\": []}}", "a.har:1:25"),
            ("{\"log\": {\"entries\": []}", "a.har:1:24"),
        ] {
            let error = read_text(text).unwrap_err().diagnostic();
            assert_eq!(error.place.unwrap().to_string(), place, "{text}: {}", error.message);
        }
    }
}
