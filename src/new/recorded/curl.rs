//! Command lines of curl, as people keep them and as browsers copy them.

use std::sync::Arc;

use assay_suite::source::SourceFile;

use super::address::form;
use super::body::Body;
use super::error::RecordingError;
use super::recording::{Recorded, Recording};
use super::shell::{Command, Commands};
use super::spot::Spot;

/// So many requests are read. Whoever has more has a log of another kind.
const MOST_REQUESTS: usize = 2_000;
/// So many remarks are made.
const MOST_REMARKS: usize = 20;

/// The long names of short options.
const SHORT: [(char, &str); 34] = [
    ('X', "request"),
    ('H', "header"),
    ('d', "data"),
    ('G', "get"),
    ('F', "form"),
    ('u', "user"),
    ('b', "cookie"),
    ('I', "head"),
    ('A', "user-agent"),
    ('e', "referer"),
    ('o', "output"),
    ('w', "write-out"),
    ('m', "max-time"),
    ('x', "proxy"),
    ('E', "cert"),
    ('c', "cookie-jar"),
    ('T', "upload-file"),
    ('D', "dump-header"),
    ('K', "config"),
    ('r', "range"),
    ('s', "silent"),
    ('S', "show-error"),
    ('k', "insecure"),
    ('L', "location"),
    ('i', "include"),
    ('v', "verbose"),
    ('f', "fail"),
    ('O', "remote-name"),
    ('g', "globoff"),
    ('N', "no-buffer"),
    ('C', "continue-at"),
    ('Y', "speed-limit"),
    ('y', "speed-time"),
    ('U', "proxy-user"),
];

/// Options that take a value, besides those that are used.
const WITH_VALUE: [&str; 31] = [
    "output",
    "write-out",
    "max-time",
    "proxy",
    "cert",
    "cookie-jar",
    "dump-header",
    "config",
    "range",
    "continue-at",
    "speed-limit",
    "speed-time",
    "proxy-user",
    "cacert",
    "capath",
    "key",
    "connect-timeout",
    "retry",
    "retry-delay",
    "retry-max-time",
    "resolve",
    "interface",
    "limit-rate",
    "max-redirs",
    "user-agent",
    "referer",
    "noproxy",
    "ciphers",
    "connect-to",
    "unix-socket",
    "aws-sigv4",
];

/// Options that say how curl itself works: they are ignored without a word.
const OF_CURL: [&str; 15] = [
    "silent",
    "show-error",
    "insecure",
    "location",
    "include",
    "verbose",
    "fail",
    "compressed",
    "globoff",
    "no-buffer",
    "output",
    "write-out",
    "user-agent",
    "referer",
    "http1.1",
];

pub(super) fn read(file: &Arc<SourceFile>) -> Result<Recording, RecordingError> {
    let (mut recording, mut commands) = (Recording::default(), Commands::of(file));
    while let Some(command) = commands.next_command()? {
        // A prompt may have been copied with the command.
        let words = command.words.iter().skip_while(|word| ["$", "%", ">"].contains(&word.as_str()));
        let mut words = words.map(String::as_str);
        match words.next() {
            Some(first) if first.rsplit('/').next().is_some_and(|name| ["curl", "curl.exe"].contains(&name)) => {
                request(&commands.place(command.line), &command, words, &mut recording)?;
            }
            _ => recording.remarks.push(format!("line {}, which is no curl command", command.line)),
        }
        recording.remarks.truncate(MOST_REMARKS);
    }
    if recording.requests.is_empty() {
        return Err(RecordingError::Unknown(Spot::start(&file.path)));
    }
    Ok(recording)
}

/// Where the data of a command goes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum DataGoes {
    #[default]
    IntoBody,
    IntoQuery,
}

/// What the options of a command say.
#[derive(Default)]
struct Options {
    urls: Vec<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    form: Vec<(String, String)>,
    /// The media type that an option implies.
    media_type: Option<&'static str>,
    data_goes: DataGoes,
    obstacle: Option<String>,
    ignored: Vec<String>,
}

fn request<'a>(
    place: &Spot,
    command: &Command,
    words: impl Iterator<Item = &'a str>,
    recording: &mut Recording,
) -> Result<(), RecordingError> {
    let mut options = Options::default();
    options.read(words);
    recording.remarks.extend(options.ignored.iter().map(|name| format!("`{name}` of line {}", command.line)));
    if options.urls.is_empty() {
        options.urls.push(String::new());
        options.obstacle.get_or_insert("it has no address".to_owned());
    }
    options.urls.iter().try_for_each(|url| recording.add(options.request(place, url), MOST_REQUESTS))
}

impl Options {
    fn read<'a>(&mut self, mut words: impl Iterator<Item = &'a str>) {
        while let Some(word) = words.next() {
            if let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
                self.option(name, value, &mut words);
            } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
                self.short(short, &mut words);
            } else {
                self.urls.push(word.to_owned());
            }
        }
    }

    /// Short options in one word; the rest of the word is the value of one that takes a value.
    fn short<'a>(&mut self, letters: &str, words: &mut impl Iterator<Item = &'a str>) {
        for (at, letter) in letters.char_indices() {
            let rest = letters.get(at + letter.len_utf8()..).filter(|rest| !rest.is_empty());
            let Some((_, name)) = SHORT.iter().find(|(short, _)| *short == letter) else {
                self.ignore(format!("-{letter}"));
                continue;
            };
            if takes_value(name) {
                return self.option(name, rest, words);
            }
            self.option(name, None, words);
        }
    }

    fn option<'a>(&mut self, name: &str, value: Option<&str>, words: &mut impl Iterator<Item = &'a str>) {
        let value = match value {
            Some(value) => value.to_owned(),
            None if takes_value(name) => words.next().unwrap_or_default().to_owned(),
            None => String::new(),
        };
        match name {
            "url" => self.urls.push(value),
            "request" => self.method = Some(value),
            "head" => self.method = Some("HEAD".to_owned()),
            "get" => self.data_goes = DataGoes::IntoQuery,
            "header" => self.headers.extend(header(&value)),
            "user" => self.headers.push(("Authorization".to_owned(), value)),
            "oauth2-bearer" => self.headers.push(("Authorization".to_owned(), format!("Bearer {value}"))),
            "cookie" => self.headers.push(("Cookie".to_owned(), value)),
            "data" | "data-ascii" | "data-binary" if value.starts_with('@') => self.file(),
            "data" | "data-ascii" | "data-binary" | "data-raw" => self.data.push(value),
            "json" if value.starts_with('@') => self.file(),
            "json" => {
                self.media_type = Some("application/json");
                self.data.push(value);
            }
            "data-urlencode" => self.encoded(&value),
            "form" | "form-string" => match value.split_once('=') {
                Some((_, content)) if name == "form" && content.starts_with(['@', '<']) => self.file(),
                Some((field, content)) => self.form.push((field.to_owned(), content.to_owned())),
                None => {}
            },
            "upload-file" => self.file(),
            name if OF_CURL.contains(&name) => {}
            name => self.ignore(format!("--{name}")),
        }
    }

    fn ignore(&mut self, option: String) {
        if self.ignored.len() < MOST_REMARKS {
            self.ignored.push(option);
        }
    }

    fn file(&mut self) {
        self.obstacle = Some("it sends a file".to_owned());
    }

    /// `content`, `=content` or `name=content`, which curl encodes.
    fn encoded(&mut self, value: &str) {
        let encode =
            |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        match value.split_once('=') {
            Some(("", content)) => self.data.push(encode(content)),
            Some((name, content)) => self.data.push(format!("{name}={}", encode(content))),
            None if value.contains('@') => self.file(),
            None => self.data.push(encode(value)),
        }
    }

    fn request(&self, place: &Spot, url: &str) -> Recorded {
        let has_body = !self.form.is_empty() || !self.data.is_empty() && self.data_goes == DataGoes::IntoBody;
        let usual = if has_body { "POST" } else { "GET" };
        let mut recorded = Recorded::new(place.clone(), self.method.as_deref().unwrap_or(usual), url);
        recorded.headers.clone_from(&self.headers);
        recorded.obstacle.clone_from(&self.obstacle);
        let data = self.data.join("&");
        if self.data_goes == DataGoes::IntoQuery {
            recorded.address.query.extend(form(&data));
        } else if !self.form.is_empty() {
            recorded.body = Body::Form(self.form.clone());
        } else {
            let media_type = recorded.header("content-type").or(self.media_type);
            recorded.body = Body::of(&data, media_type.unwrap_or("application/x-www-form-urlencoded"));
        }
        recorded
    }
}

fn takes_value(name: &str) -> bool {
    const USED: [&str; 15] = [
        "url",
        "request",
        "header",
        "user",
        "oauth2-bearer",
        "cookie",
        "data",
        "data-ascii",
        "data-binary",
        "data-raw",
        "json",
        "data-urlencode",
        "form",
        "form-string",
        "upload-file",
    ];
    USED.contains(&name) || WITH_VALUE.contains(&name)
}

/// `Name: value`; `Name:` removes a header.
fn header(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once(':')?;
    let value = value.trim();
    (!value.is_empty()).then(|| (name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(text: &str) -> Recorded {
        read(&SourceFile::new("a.sh", text)).unwrap().requests.remove(0)
    }

    #[test]
    fn data_makes_a_post_and_get_puts_it_into_the_query() {
        let posted = one("curl http://h/x -d a=1 --data-urlencode 'b=x y&z'");
        assert_eq!(posted.method, "POST");
        assert_eq!(posted.body, Body::Form(vec![("a".into(), "1".into()), ("b".into(), "x y&z".into())]));
        let got = one("curl -sSG http://h/x?q=1 -d a=1");
        assert_eq!((got.method.as_str(), got.address.query.len()), ("GET", 2));
        assert_eq!(one("curl -XDELETE --url=http://h/x").method, "DELETE");
        assert_eq!(one("curl -I http://h/x").method, "HEAD");
        assert_eq!(one("curl h --json '{\"a\":1}'").body, Body::Json(json!({"a": 1})));
        assert_eq!(one("curl h -H 'content-type: application/json' --data-raw '[1]'").body, Body::Json(json!([1])));
    }

    #[test]
    fn what_is_ignored_is_named_and_files_are_not_read() {
        let recording =
            read(&SourceFile::new("a.sh", "cd x\ncurl --retry 3 --http3 http://h -d @/etc/passwd")).unwrap();
        assert_eq!(
            recording.remarks,
            ["line 1, which is no curl command", "`--retry` of line 2", "`--http3` of line 2"]
        );
        assert_eq!(recording.requests[0].obstacle.as_deref(), Some("it sends a file"));
        assert_eq!(recording.requests[0].address.origin, "http://h");
    }
}
