//! References between schemas: URI references (JSON Schema 2020-12, core 8.2.3.1), in which a space is written `%20`.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// Schemas live at addresses below this one, which nothing ever resolves.
const ROOT: &str = "https://assay.invalid/schemas/";

/// What can't be in the path of a URI (RFC 3986, 3.3), and the percent sign itself.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Where a reference leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// To a part of the same file.
    Same(String),
    /// To a part of another file, by its path below `schemas/`.
    File(String, String),
    /// Above `schemas/`.
    Outside,
    /// To something on the net.
    Elsewhere,
}

impl Reference {
    /// Reads a reference that is in a file. The part is a JSON Pointer, a name, or empty for the file as such.
    pub fn parse(from: &str, text: &str) -> Self {
        let (file, part) = text.split_once('#').unwrap_or((text, ""));
        let part = decoded(part);
        match file {
            "" => Self::Same(part),
            file if file.contains("://") => Self::Elsewhere,
            file => match join(from, &decoded(file)) {
                Some(path) => Self::File(path, part),
                None => Self::Outside,
            },
        }
    }
}

/// The address of a schema.
pub(super) fn address(path: &str) -> String {
    format!("{ROOT}{}", utf8_percent_encode(path, ENCODED))
}

/// The path of the schema at an address.
pub(super) fn path_of(address: &str) -> String {
    decoded(address.strip_prefix(ROOT).unwrap_or(address))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A relative reference, seen from a file; none if it leads above all schemas.
fn join(from: &str, reference: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if reference.starts_with('/') {
        return None;
    }
    for part in reference.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_uris() {
        let file = |path: &str, part: &str| Reference::File(path.to_owned(), part.to_owned());
        for (text, expected) in [
            ("common/item.json", file("shop/common/item.json", "")),
            ("common/an%20item.json", file("shop/common/an item.json", "")),
            ("./common/%E5%93%81.json#/$defs/a%25b", file("shop/common/品.json", "/$defs/a%b")),
            ("../other/x.json", file("other/x.json", "")),
            ("../../x.json", Reference::Outside),
            ("/x.json", Reference::Outside),
            ("#/$defs/a%20b", Reference::Same("/$defs/a b".to_owned())),
            ("https://example.org/x.json", Reference::Elsewhere),
        ] {
            assert_eq!(Reference::parse("shop/createItem.json", text), expected, "{text}");
        }
    }

    #[test]
    fn the_address_of_a_path_leads_back_to_it() {
        for path in ["shop/an item.json", "a%20b/c#d.json", "品/x.json"] {
            assert_eq!(path_of(&address(path)), path);
        }
    }
}
