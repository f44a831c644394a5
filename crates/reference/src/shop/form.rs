//! Forms, as browsers and programs send them.

use crate::arguments::decode;

/// The pairs of a query, or of a form in a body.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The parts of a `multipart/form-data` body (RFC 7578), by name; nothing if it is none.
pub fn parts(media_type: &str, body: &str) -> Option<Vec<(String, String)>> {
    let boundary = media_type.strip_prefix("multipart/form-data")?.split_once("boundary=")?.1.trim().trim_matches('"');
    let (begin, end) = (format!("--{boundary}"), format!("--{boundary}--"));
    if boundary.is_empty() || !body.trim_end().ends_with(&end) {
        return None;
    }
    let parts = body.split(begin.as_str()).skip(1).take_while(|part| !part.starts_with("--"));
    let part = |part: &str| {
        let (head, content) = part.trim_start_matches("\r\n").split_once("\r\n\r\n")?;
        let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
        let name = disposition.split_once(" name=\"")?.1.split_once('"')?.0;
        Some((name.to_owned(), content.strip_suffix("\r\n").unwrap_or(content).to_owned()))
    };
    parts.map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_and_contents() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nA b\r\n--x\r\nContent-Disposition: \
                    form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: image/png\r\n\r\n12\r\n34\r\n--x--\r\n";
        let expected = [("caption".to_owned(), "A b".to_owned()), ("file".to_owned(), "12\r\n34".to_owned())];
        assert_eq!(parts("multipart/form-data; boundary=x", body).unwrap(), expected);
        assert_eq!(parts("application/json", body), None);
        assert_eq!(parts("multipart/form-data; boundary=x", "--x\r\n"), None);
    }
}
