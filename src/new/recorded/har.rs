//! HTTP archives (HAR 1.2), as the network logs of browsers are saved.

use assay_suite::source::{Node, NodeKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Body, Recorded, RecordedAnswer, Recording, RecordingError, body, items, pairs, status, text};

pub(super) fn read(document: &Node) -> Result<Recording, RecordingError> {
    let entries = document.at_pointer("/log/entries").map(|entries| (&entries.kind, &entries.place));
    match entries {
        Some((NodeKind::List(entries), _)) => {
            Ok(Recording { requests: entries.iter().map(recorded).collect(), remarks: Vec::new() })
        }
        found => {
            let place = found.map_or(&document.place, |(_, place)| place).clone();
            Err(RecordingError::NoList { what: "entries", place })
        }
    }
}

fn recorded(entry: &Node) -> Recorded {
    let Some(request) = entry.field("request") else {
        let mut recorded = Recorded::new(&entry.place, "", "");
        recorded.obstacle = Some("the entry has no request".to_owned());
        return recorded;
    };
    let mut recorded = Recorded::new(&entry.place, text(request, "method"), text(request, "url"));
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
    recorded.answer = entry.field("response").and_then(answer);
    if recorded.answer.is_none() {
        // Browsers write status 0 for what was cancelled or blocked.
        recorded.obstacle = Some("it has no answer: it was cancelled or blocked".to_owned());
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
            return body::json(written);
        }
        STANDARD.decode(written).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok())
    });
    Some(RecordedAnswer { status, media_type, location, body })
}
