//! Bodies of requests and answers, laid out to be read. Only white space between tokens is ever added: what was sent is
//! evidence.

use serde::Serialize;
use serde::de::IgnoredAny;

use assay_suite::source::harmless;

/// What is longer is not laid out: it would only take time.
const MOST_LAID_OUT: usize = 1024 * 1024;

/// A body, or its beginning.
#[derive(Serialize)]
pub(super) struct Body {
    text: String,
    /// What is missing of it, or not as it was sent.
    note: Option<String>,
}

impl Body {
    /// At most `most` bytes of a body; `lossy` when it was not UTF-8.
    pub(super) fn new(body: &str, lossy: bool, most: usize) -> Self {
        let laid_out = laid_out(body);
        let (start, clipped) = harmless::clipped(&laid_out, most);
        let mut notes = Vec::new();
        if clipped && start.is_empty() {
            notes.push(format!("{} left out here; the record has the whole body.", size(body.len())));
        } else if clipped {
            notes.push(format!(
                "The first {} of {}; the record has the whole body.",
                size(start.len()),
                size(laid_out.len())
            ));
        }
        if lossy {
            notes.push("Not UTF-8: what could not be read is shown as \u{fffd}.".to_owned());
        }
        Self { text: harmless::lines(start), note: (!notes.is_empty()).then(|| notes.join(" ")) }
    }
}

fn size(bytes: usize) -> String {
    if bytes < 10 * 1024 { format!("{bytes} bytes") } else { format!("{} KB", bytes / 1024) }
}

fn laid_out(body: &str) -> String {
    let trimmed = body.trim();
    if trimmed.len() > MOST_LAID_OUT {
        return body.to_owned();
    }
    match trimmed.as_bytes().first() {
        Some(b'{' | b'[') if serde_json::from_str::<IgnoredAny>(trimmed).is_ok() => json(trimmed),
        Some(b'<') => xml(trimmed),
        _ => body.to_owned(),
    }
}

/// Puts members and items of valid JSON on lines of their own. Numbers and repeated names stay as they were sent.
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for character in text.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        match character {
            ' ' | '\t' | '\n' | '\r' => {}
            '{' | '[' => {
                depth += 1;
                out.push(character);
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                let content = out.trim_end().len();
                if out[..content].ends_with(['{', '[']) {
                    out.truncate(content);
                } else {
                    new_line(&mut out, depth);
                }
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            character => {
                in_string = character == '"';
                out.push(character);
            }
        }
    }
    out
}

/// Puts elements that follow each other without text between them on lines of their own.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (before, tag_on) = rest.split_at(start);
        let end = tag_on.find('>').map_or(tag_on.len(), |end| end + 1);
        let (tag, after) = tag_on.split_at(end);
        let closes = tag.starts_with("</");
        if closes {
            depth = depth.saturating_sub(1);
        }
        if !before.trim().is_empty() {
            out.push_str(before);
        } else if out.ends_with('>') && !(closes && opened_last(&out, tag)) {
            new_line(&mut out, depth);
        }
        out.push_str(tag);
        if !closes && !tag.ends_with("/>") && !tag.starts_with("<?") && !tag.starts_with("<!") {
            depth += 1;
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether an end tag ends the element that begins right before it.
fn opened_last(out: &str, end_tag: &str) -> bool {
    let name = end_tag.trim_start_matches("</").trim_end_matches('>').trim();
    let last = out.rfind('<').map(|start| &out[start + 1..]).unwrap_or_default();
    last.strip_prefix(name).is_some_and(|rest| rest.starts_with(['>', ' ']))
}

fn new_line(out: &mut String, depth: usize) {
    // Deep nesting would push everything out of sight.
    const DEEPEST: usize = 24;
    out.push('\n');
    out.push_str(&"  ".repeat(depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_nothing_else() {
        let body = r#" {"a":[1.10,{"b":"x , \" ] y"},[],{ }],"a":1e400} "#;
        let expected = "{\n  \"a\": [\n    1.10,\n    {\n      \"b\": \"x , \\\" ] y\"\n    },\n    [],\n    {}\n  ],\n  \"a\": 1e400\n}";
        assert_eq!(json(body.trim()), expected);
        assert_eq!(laid_out("[1,"), "[1,");
    }

    #[test]
    fn xml_is_laid_out() {
        let body = "<?xml version=\"1.0\"?><r c=\"1\"><count>2</count><zone><name/><id></id></zone></r>";
        let expected = "<?xml version=\"1.0\"?>\n<r c=\"1\">\n  <count>2</count>\n  <zone>\n    <name/>\n    <id></id>\n  </zone>\n</r>";
        assert_eq!(xml(body), expected);
    }

    #[test]
    fn what_is_not_xml_stays() {
        for text in ["<", "<a", "< >>", "<html><<>", "<a></b></c>"] {
            assert_eq!(xml(text).replace(['\n', ' '], ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn a_long_body_is_clipped_and_says_so() {
        let body = Body::new(&"é".repeat(6000), true, 8192);
        assert_eq!(body.text.len(), 8192);
        let note = body.note.unwrap_or_default();
        assert!(note.starts_with("The first 8192 bytes of 11 KB") && note.contains("Not UTF-8"), "{note}");
    }
}
