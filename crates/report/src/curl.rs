//! A request as a command line that runs as it is. Where a secret was, it has a variable of the environment.

use assay_suite::http::{Method, Request};

/// What a secret begins with that was replaced, and what it ends with.
const MARK: (&str, &str) = ("[redacted", "]");
/// The same in an address, where brackets are encoded.
const ENCODED_MARK: (&str, &str) = ("%5Bredacted", "%5D");

/// The command line that sends a request.
pub(super) fn curl(request: &Request) -> String {
    let mut words = vec!["curl --globoff".to_owned()];
    match (request.method, &request.body) {
        (Method::Get, None) | (Method::Post, Some(_)) => {}
        (Method::Head, _) => words.push("--head".to_owned()),
        (method, _) => words.push(format!("--request {method}")),
    }
    for (name, value) in &request.headers {
        // A server names its own length, and `curl` that of what it sends.
        if !name.eq_ignore_ascii_case("content-length") {
            words.push(format!("--header {}", word(&format!("{name}: {value}"))));
        }
    }
    if let Some(body) = &request.body {
        words.push(format!("--data-raw {}", word(body)));
    }
    words.push(word(&request.url));
    words.join(" ")
}

/// A word that a POSIX shell takes as it is, but for the variables of secrets.
fn word(text: &str) -> String {
    let mut word = String::new();
    let mut rest = text;
    let mut before = String::new();
    while let Some((start, end)) = first_mark(rest) {
        before.push_str(&rest[..start]);
        if start > 0 {
            word.push_str(&quoted(&rest[..start]));
        }
        word.push_str(&format!("\"${{{}}}\"", variable(&before)));
        rest = &rest[end..];
    }
    if !rest.is_empty() || word.is_empty() {
        word.push_str(&quoted(rest));
    }
    word
}

/// Where the first replaced secret begins and ends.
fn first_mark(text: &str) -> Option<(usize, usize)> {
    let found = |(begin, close): (&str, &str)| {
        let start = text.find(begin)?;
        let length = text[start..].find(close)? + close.len();
        Some((start, start + length))
    };
    [MARK, ENCODED_MARK].into_iter().filter_map(found).min()
}

/// The name of a variable for a secret, from the last name before it: of a parameter, a header or a field.
fn variable(before: &str) -> String {
    const SCHEMES: [&str; 3] = ["bearer", "basic", "token"];
    let words = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let name = words.filter(|word| !word.is_empty()).find(|word| !SCHEMES.contains(&word.to_lowercase().as_str()));
    let name: String =
        name.unwrap_or("secret").chars().map(|c| if c == '-' { '_' } else { c.to_ascii_uppercase() }).collect();
    // A variable's name begins with a letter.
    if name.starts_with(|c: char| c.is_ascii_digit()) { format!("SECRET_{name}") } else { name }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method, url: url.to_owned(), headers, body: body.map(str::to_owned) }
    }

    #[test]
    fn secrets_are_variables_of_the_environment() {
        let headers = [("Authorization", "Bearer [redacted]"), ("X-Auth-Token", "[redacted 1a2b3c4d]")];
        let url = "http://h/api?apikey=[redacted]&signature=%5Bredacted%5D&a=b";
        let line = curl(&request(Method::Get, url, &headers, None));
        assert_eq!(
            line,
            "curl --globoff --header 'Authorization: Bearer '\"${AUTHORIZATION}\" --header 'X-Auth-Token: '\"${X_AUTH_TOKEN}\" \
             'http://h/api?apikey='\"${APIKEY}\"'&signature='\"${SIGNATURE}\"'&a=b'"
        );
    }

    #[test]
    fn the_method_and_the_body_are_those_of_the_request() {
        let body = "{\"password\":\"[redacted 1a2b3c4d]\",\"name\":\"it's @me\"}";
        let line = curl(&request(Method::Put, "http://h/", &[], Some(body)));
        assert_eq!(
            line,
            "curl --globoff --request PUT --data-raw '{\"password\":\"'\"${PASSWORD}\"'\",\"name\":\"it'\\''s @me\"}' 'http://h/'"
        );
        assert_eq!(
            curl(&request(Method::Delete, "http://h/1", &[], None)),
            "curl --globoff --request DELETE 'http://h/1'"
        );
    }
}
