//! Postman collections, version 2.1. Of their scripts what they keep of an answer is read; nothing is executed.

use std::sync::LazyLock;

use regex::Regex;

use assay_suite::source::{Node, NodeKind};

use super::body;
use super::body::Body;
use super::error::RecordingError;
use super::fields::{items, pairs, status, text};
use super::placeholder::placeholder;
use super::recording::{Recorded, RecordedAnswer, Recording};
use super::spot::Spot;

/// Folders within each other beyond this depth are not looked into; JSON itself is not read deeper.
const DEEPEST: usize = 64;

/// `pm.environment.set("id", pm.response.json().data[0].id)`, with any name for the answer.
static KEPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let call = r"(?:pm\.(?:environment|collectionVariables|globals|variables)\.set|postman\.set\w+Variable)";
    let value = r#"(?:pm\.response\.json\(\)|[A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\d+\]|\[["'][^"'\]]+["']\])+)"#;
    Regex::new(&format!(r#"{call}\(\s*["']([^"']+)["']\s*,\s*{value}(?:\.toString\(\))?\s*\)"#)).ok()
});

pub(super) fn read(document: &Node) -> Result<Recording, RecordingError> {
    let schema = document.at_pointer("/info/schema");
    if !schema.is_some_and(|schema| matches!(&schema.kind, NodeKind::Text(text) if text.contains("v2.1"))) {
        return Err(RecordingError::Version(Spot::from(schema.map_or(&document.place, |schema| &schema.place))));
    }
    if !matches!(document.field("item").map(|items| &items.kind), Some(NodeKind::List(_))) {
        return Err(RecordingError::NoList { what: "requests", place: Spot::from(&document.place) });
    }
    let mut recording = Recording::default();
    // Where the API is does not matter, but an address may begin with a variable that holds a part of its path.
    let known = pairs(items(document, "variable"), "key");
    folder(document, &known, 0, &mut recording);
    Ok(recording)
}

fn folder(node: &Node, known: &[(String, String)], depth: usize, recording: &mut Recording) {
    note_authorization(node, recording);
    for item in items(node, "item") {
        if item.field("item").is_some() && depth < DEEPEST {
            folder(item, known, depth + 1, recording);
        } else if let Some(request) = item.field("request") {
            recording.requests.push(recorded(item, request, known));
            note_authorization(request, recording);
        }
    }
}

fn note_authorization(node: &Node, recording: &mut Recording) {
    if node.field("auth").is_some_and(|auth| !matches!(auth.kind, NodeKind::Null)) {
        recording.remarks.push("its authorization, which the target file gives".to_owned());
    }
}

fn recorded(item: &Node, request: &Node, known: &[(String, String)]) -> Recorded {
    let method = Some(text(request, "method")).filter(|method| !method.is_empty()).unwrap_or("GET");
    let address = match &request.kind {
        NodeKind::Text(address) => address.clone(),
        _ => address(request),
    };
    let mut recorded = Recorded::new(Spot::from(&item.place), method, &marked(&resolved(&address, known)));
    if let Some(query) = request.at_pointer("/url/query") {
        let list = if let NodeKind::List(list) = &query.kind { list.as_slice() } else { &[] };
        recorded.address.query = marked_pairs(pairs(list, "key"));
    }
    recorded.headers = marked_pairs(pairs(items(request, "header"), "key"));
    sent(request, &mut recorded);
    let examples: Vec<_> = items(item, "response").iter().filter_map(answer).collect();
    let good = examples.iter().position(|answer| (200..300).contains(&answer.status));
    recorded.answer = examples.into_iter().nth(good.unwrap_or(0));
    recorded.saves = items(item, "event").iter().flat_map(kept).collect();
    recorded
}

/// The address, with the values of `:name` in its path.
fn address(request: &Node) -> String {
    let Some(url) = request.field("url") else { return String::new() };
    if let NodeKind::Text(text) = &url.kind {
        return text.clone();
    }
    let raw = text(url, "raw");
    let given = pairs(items(url, "variable"), "key");
    let (before, query) =
        raw.split_once('?').map_or((raw, String::new()), |(before, query)| (before, format!("?{query}")));
    let filled = before.split('/').map(|part| {
        let name = part.strip_prefix(':').filter(|name| !name.is_empty());
        let value = name.map(|name| {
            given
                .iter()
                .find(|(known, value)| known == name && !value.is_empty())
                .map_or_else(|| format!("{{{{{name}}}}}"), |(_, value)| value.clone())
        });
        value.unwrap_or_else(|| part.to_owned())
    });
    filled.collect::<Vec<_>>().join("/") + &query
}

/// An address whose beginning is a known variable, with its value.
fn resolved(address: &str, known: &[(String, String)]) -> String {
    let name = address.trim().strip_prefix("{{").and_then(|rest| rest.split_once("}}"));
    let value = name.and_then(|(name, rest)| {
        let (_, value) = known.iter().find(|(known, value)| known == name.trim() && !value.is_empty())?;
        Some(format!("{}{rest}", value.trim_end_matches('/')))
    });
    value.unwrap_or_else(|| address.to_owned())
}

fn sent(request: &Node, recorded: &mut Recorded) {
    let Some(body) = request.field("body") else { return };
    match text(body, "mode") {
        "raw" => {
            let media_type = recorded.header("content-type").unwrap_or_default().to_owned();
            recorded.body = Body::of(&marked(text(body, "raw")), &media_type);
        }
        "urlencoded" => recorded.body = Body::Form(marked_pairs(pairs(items(body, "urlencoded"), "key"))),
        "formdata" if items(body, "formdata").iter().any(|field| text(field, "type") == "file") => {
            recorded.obstacle = Some("it sends a file".to_owned());
        }
        "formdata" => recorded.body = Body::Form(marked_pairs(pairs(items(body, "formdata"), "key"))),
        "" => {}
        mode => recorded.obstacle = Some(format!("its body is of the mode `{mode}`")),
    }
}

/// An example that was saved with the request.
fn answer(example: &Node) -> Option<RecordedAnswer> {
    let headers = pairs(items(example, "header"), "key");
    let header = |wanted: &str| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone())
    };
    Some(RecordedAnswer {
        status: status(example, "code")?,
        media_type: header("content-type").unwrap_or_default(),
        location: header("location"),
        body: body::of_answer(text(example, "body")),
    })
}

/// What a script keeps of the answer.
fn kept(event: &Node) -> Vec<(String, String)> {
    let lines = event.at_pointer("/script/exec").map(|exec| match &exec.kind {
        NodeKind::Text(text) => text.clone(),
        NodeKind::List(_) => exec.leaves().into_iter().map(|line| line.value).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    });
    let (Some(lines), Some(pattern)) = (lines, KEPT.as_ref()) else { return Vec::new() };
    let found = pattern.captures_iter(&lines);
    found.map(|found| (found[1].to_owned(), format!("${}", &found[2]))).collect()
}

/// A text with its variables marked. Dynamic ones are what a case has of its own.
fn marked(text: &str) -> String {
    let mut marked = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        marked.push_str(before);
        let name = match name.trim() {
            "$randomInt" | "$timestamp" => "unique_number",
            name if name.starts_with('$') => "unique",
            name => name,
        };
        marked.push_str(&placeholder(name));
        rest = after;
    }
    marked + rest
}

fn marked_pairs(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(name, value)| (name, marked(&value))).collect()
}
