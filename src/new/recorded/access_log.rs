//! Access logs of web servers and proxies: the common and the combined format, and lines of JSON.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::fmt::strtime;
use regex::Regex;
use serde_json::Value;

use assay_suite::human::count_of;
use assay_suite::source::SourceFile;

use super::error::RecordingError;
use super::limits::{MOST_REQUESTS, is_long_line};
use super::recording::{Recorded, RecordedAnswer, Recording};
use super::spot::Spot;

/// The time, the request line and the status of a line in the common format, and of those that begin or go on otherwise.
static COMMON: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\[(\d{1,2}/\w{3}/\d{4}:[\d:]{8} [+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3})\b"#).ok());
/// How the common format writes a time.
const TIME: &str = "%d/%b/%Y:%H:%M:%S %z";

/// Names of fields in lines of JSON, as nginx, Caddy, Traefik, Envoy and cloud balancers are set up to write them.
const TIMES: [&str; 11] = [
    "time",
    "timestamp",
    "@timestamp",
    "ts",
    "time_iso8601",
    "time_local",
    "msec",
    "start_time",
    "StartUTC",
    "startedDateTime",
    "date",
];
const METHODS: [&str; 6] = ["method", "request_method", "http_method", "requestMethod", "RequestMethod", "verb"];
const TARGETS: [&str; 9] =
    ["uri", "request_uri", "url", "requestUrl", "path", "request_path", "RequestPath", "target", "original_path"];
const STATUSES: [&str; 6] = ["status", "status_code", "response_code", "DownstreamStatus", "statusCode", "code"];
/// From here on a number of the time of day is in milliseconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// What a line says.
struct Entry {
    at: Timestamp,
    method: String,
    target: String,
    status: u16,
}

/// Whether a text is an access log: its first line is one of such a log.
pub(super) fn is_one(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    // A HAR file may be one line.
    first.is_some_and(|line| !is_long_line(line) && entry(line).is_some())
}

pub(super) fn read(file: &Arc<SourceFile>) -> Result<Recording, RecordingError> {
    let (mut recording, path) = (Recording::default(), Arc::from(file.path.as_str()));
    let (mut others, mut first) = (0, None);
    for (number, line) in (1_u32..).zip(file.text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let Some(Entry { at, method, target, status }) = entry(line) else {
            others += 1;
            first.get_or_insert(number);
            continue;
        };
        let mut recorded = Recorded::new(Spot::line(&path, number), &method, &target);
        recorded.at = Some(at);
        recorded.answer = Some(RecordedAnswer { status, media_type: String::new(), location: None, body: None });
        recording.add(recorded, MOST_REQUESTS)?;
    }
    if let Some(first) = first {
        let lines = count_of(others, "line that shows", "lines that show");
        recording.remarks.push(format!("{lines} no request, the first at {}:{first}:1", file.path));
    }
    Ok(recording)
}

fn entry(line: &str) -> Option<Entry> {
    if line.trim_start().starts_with('{') { of_json(&serde_json::from_str(line).ok()?) } else { of_common(line) }
}

fn of_common(line: &str) -> Option<Entry> {
    let found = COMMON.as_ref()?.captures(line)?;
    let (method, target) = request_line(&found[2])?;
    Some(Entry { at: timestamp(&found[1])?, method, target, status: found[3].parse().ok()? })
}

/// `GET /items HTTP/1.1`. What a server could not read as a request it writes otherwise.
fn request_line(line: &str) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_method && !target.is_empty()).then(|| (method.to_owned(), target.to_owned()))
}

fn of_json(line: &Value) -> Option<Entry> {
    // Caddy writes the request as an object within the line.
    let request = line.get("request").or_else(|| line.get("httpRequest"));
    let objects = [Some(line), request];
    let field = |names: &[&str]| {
        objects.into_iter().flatten().find_map(|object| names.iter().find_map(|name| object.get(*name)))
    };
    let of_line = request.and_then(Value::as_str).and_then(request_line);
    let (method, target) = match of_line {
        Some(found) => found,
        None => (field(&METHODS)?.as_str()?.to_uppercase(), field(&TARGETS)?.as_str()?.to_owned()),
    };
    let status = match field(&STATUSES)? {
        Value::String(status) => status.parse().ok()?,
        status => u16::try_from(status.as_u64()?).ok()?,
    };
    let at = match field(&TIMES)? {
        Value::String(text) => timestamp(text)?,
        number => of_seconds(number.as_f64()?)?,
    };
    Some(Entry { at, method, target, status })
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let common = || strtime::parse(TIME, text).and_then(|parsed| parsed.to_timestamp()).ok();
    text.parse().ok().or_else(common).or_else(|| of_seconds(text.parse().ok()?))
}

/// Seconds or milliseconds since 1970.
fn of_seconds(number: f64) -> Option<Timestamp> {
    let seconds = if number >= MILLISECONDS_FROM { number / 1e3 } else { number };
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Option<String> {
        entry(line).map(|Entry { at, method, target, status }| format!("{at} {method} {target} {status}"))
    }

    #[test]
    fn lines_of_many_servers_say_the_same() {
        let lines = [
            r#"127.0.0.1 - frank [10/Oct/2026:13:55:36 +0200] "GET /items?q=a%22b HTTP/1.0" 200 2326"#,
            r#"shop.example:443 10.0.0.1 - - [10/Oct/2026:11:55:36 +0000] "GET /items?q=a%22b HTTP/1.1" 200 9 "-" "curl/8 \"x\"""#,
            r#"{"time":"2026-10-10T11:55:36Z","request":"GET /items?q=a%22b HTTP/1.1","status":"200"}"#,
            r#"{"level":"info","ts":1791633336.0,"request":{"method":"GET","uri":"/items?q=a%22b"},"status":200}"#,
            r#"{"StartUTC":"2026-10-10T11:55:36Z","RequestMethod":"GET","RequestPath":"/items?q=a%22b","DownstreamStatus":200}"#,
            r#"{"msec":"1791633336.000","method":"get","request_uri":"/items?q=a%22b","status":200}"#,
        ];
        for line in lines {
            assert_eq!(shown(line).as_deref(), Some("2026-10-10T11:55:36Z GET /items?q=a%22b 200"), "{line}");
        }
    }

    #[test]
    fn what_shows_no_request_is_none() {
        for line in [
            r#"127.0.0.1 - - [10/Oct/2026:13:55:36 +0200] "\x16\x03\x01" 400 0"#,
            r#"127.0.0.1 - - [10/Oct/2026:13:55:36 +0200] "-" 408 0"#,
            r#"{"log": {"entries": []}}"#,
            r#"{"time":"yesterday","method":"GET","path":"/","status":200}"#,
            "curl https://shop.example/items",
        ] {
            assert_eq!(shown(line), None, "{line}");
        }
    }
}
