//! From the bytes of a body to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::Malformed;

/// Whether something of a body was lost on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    None,
    /// Bytes that are no text in the encoding that the body has to have: U+FFFD replaces them.
    Some,
}

/// No encoding has a longer name.
const LONGEST_NAME: usize = 40;
/// So far the declaration of an XML document is looked for.
const LONGEST_DECLARATION: usize = 512;

/// The text of a body. JSON is UTF-8 (RFC 8259, 8.1); XML may be in any encoding that it declares, or that its content type
/// does, and in UTF-16 by its mark (XML 1.0, 4.3.3; RFC 7303, 3). A mark before the text is no part of it.
pub fn of<'b>(body: &'b [u8], content_type: Option<&str>) -> (Cow<'b, str>, Loss) {
    let declared = content_type.and_then(charset);
    let marked = Encoding::for_bom(body);
    if let Some((_, mark)) = marked.filter(|(encoding, _)| *encoding == UTF_8) {
        return utf_8(&body[mark..]);
    }
    let (encoding, rest) = match marked.map_or_else(|| unmarked_utf_16(body), |(encoding, _)| Some(encoding)) {
        Some(encoding) => (encoding, marked.map_or(body, |(_, mark)| &body[mark..])),
        None if is_xml(body) => {
            let named = declared.clone().or_else(|| declaration(&String::from_utf8_lossy(start(body))));
            (named.and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(UTF_8), body)
        }
        None => (UTF_8, body),
    };
    if encoding == UTF_8 {
        return utf_8(rest);
    }
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(rest);
    match decoded.filter(|text| agree(encoding, text, declared.as_deref())) {
        Some(text) => (text, Loss::None),
        None => utf_8(body),
    }
}

fn utf_8(body: &[u8]) -> (Cow<'_, str>, Loss) {
    let text = String::from_utf8_lossy(body);
    let loss = if matches!(text, Cow::Owned(_)) { Loss::Some } else { Loss::None };
    (text, loss)
}

/// The `charset` of a content type.
pub fn charset(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.next().map(|(_, value)| value.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty())
}

/// Why a body that lost something can't be judged by its text. An encoding that XML may be in, and that is not known here, is
/// no fault of the answer.
pub fn undecodable(format: assay_suite::Encoding, text: &str, content_type: Option<&str>) -> Malformed {
    let declared = content_type.and_then(charset).or_else(|| declaration(text));
    let unknown =
        declared.filter(|name| format == assay_suite::Encoding::Xml && Encoding::for_label(name.as_bytes()).is_none());
    if let Some(name) = unknown {
        let name: String = name.chars().take(LONGEST_NAME).collect();
        return Malformed::not_read(format!(
            "the body is undecodable: it is said to be in {name:?}, which is not known here"
        ));
    }
    let before: String = text.chars().take_while(|character| *character != char::REPLACEMENT_CHARACTER).collect();
    let (line, column) =
        (before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count() + 1);
    Malformed::new(format!("the body is not UTF-8: it is undecodable from line {line}, column {column} on"))
}

fn start(body: &[u8]) -> &[u8] {
    &body[..body.len().min(LONGEST_DECLARATION)]
}

fn is_xml(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// UTF-16 without a mark, by the first character of XML (XML 1.0, appendix F).
fn unmarked_utf_16(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [0, b'<', ..] => Some(UTF_16BE),
        [b'<', 0, ..] => Some(UTF_16LE),
        _ => None,
    }
}

/// The encoding that the declaration of an XML document names.
pub fn declaration(text: &str) -> Option<String> {
    let (declaration, _) = text.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name.to_owned())
}

/// Whether text that was read in an encoding is XML that nothing says to be in another.
fn agree(encoding: &'static Encoding, text: &str, declared: Option<&str>) -> bool {
    let of_utf_16 = |encoding: &'static Encoding| encoding == UTF_16LE || encoding == UTF_16BE;
    let fits = |name: &str| {
        let named = Encoding::for_label(name.as_bytes());
        // `UTF-16` alone says nothing of the order of bytes.
        named.is_none_or(|named| named == encoding || of_utf_16(named) && of_utf_16(encoding))
    };
    let own: String = text.chars().take(LONGEST_DECLARATION).collect();
    // What the content type says counts more than the declaration (RFC 7303, 3.2), but not more than the bytes.
    let named = declared.map(str::to_owned).or_else(|| declaration(&own));
    text.trim_start().starts_with('<') && named.is_none_or(|name| fits(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn xml_is_read_in_the_encoding_that_it_is_in() {
        let latin = |declared: &str| {
            let text = format!("<?xml version=\"1.0\"{declared}?><a>\u{fc}</a>");
            text.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect::<Vec<_>>()
        };
        let marked = "\u{feff}<a>\u{fc}</a>";
        for (body, content_type) in [
            (b"\xef\xbb\xbf<a>\xc3\xbc</a>".to_vec(), None),
            (utf_16(marked, u16::to_le_bytes), None),
            (utf_16(marked, u16::to_be_bytes), Some("text/xml; charset=utf-16")),
            (utf_16(&marked[3..], u16::to_be_bytes), Some("application/xml;charset=\"UTF-16BE\"")),
            (utf_16("\u{feff}<?xml version='1.0' encoding='UTF-16'?><a>\u{fc}</a>", u16::to_le_bytes), None),
            (latin(" encoding=\"ISO-8859-1\""), Some("application/xml")),
            (latin(" encoding='windows-1252'"), None),
            (latin(""), Some("text/xml; Charset=ISO-8859-1")),
            (latin(" encoding='utf-8'"), Some("text/xml; charset=latin1")),
        ] {
            let (text, loss) = of(&body, content_type);
            assert!(text.ends_with("<a>\u{fc}</a>"), "{text} {content_type:?}");
            assert_eq!(loss, Loss::None, "{text} {content_type:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_not_read() {
        let marked = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>";
        for (body, content_type) in [
            (utf_16(marked, u16::to_le_bytes), None),
            (utf_16("\u{feff}<a/>", u16::to_le_bytes), Some("text/xml; charset=UTF-8")),
            (b"<a>\xfc</a>".to_vec(), Some("text/xml")),
            (b"<a>\xfc</a>".to_vec(), Some("text/xml; charset=utf-8")),
        ] {
            assert_eq!(of(&body, content_type).1, Loss::Some, "{content_type:?}");
        }
    }

    #[test]
    fn json_is_utf_8_with_a_mark_or_without() {
        assert_eq!(of(b"\xef\xbb\xbf{\"a\": \"\xc3\xbc\"}", None), (Cow::Borrowed("{\"a\": \"\u{fc}\"}"), Loss::None));
        assert_eq!(of(b"{}", Some("application/json; charset=iso-8859-1")), (Cow::Borrowed("{}"), Loss::None));
        assert_eq!(of(b"{\"a\": \"\xfc\"}", Some("application/json; charset=iso-8859-1")).1, Loss::Some);
        assert_eq!(of(&utf_16("\u{feff}{\"a\": 1}", u16::to_le_bytes), Some("application/json")).1, Loss::Some);
        assert_eq!(of(b"", None), (Cow::Borrowed(""), Loss::None));
    }
}
