//! Plain values of an HTTP conversation. Nothing here sends anything.

use std::fmt;
use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The HTTP method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or asks with parameters in the body.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
    /// Changes a part.
    Patch,
    /// Reads without a body in the answer.
    Head,
    /// Asks what can be done.
    Options,
    /// Asks for the request itself.
    Trace,
}

impl Method {
    /// All methods, by the names that HTTP gives them.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("GET", Self::Get),
        ("POST", Self::Post),
        ("PUT", Self::Put),
        ("DELETE", Self::Delete),
        ("PATCH", Self::Patch),
        ("HEAD", Self::Head),
        ("OPTIONS", Self::Options),
        ("TRACE", Self::Trace),
    ];

    /// The name that HTTP gives it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, method)| *method == self).map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was asked. In a record every secret in it is already replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address, with its query.
    pub url: String,
    /// Header names and values in the order they were sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body, if one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Header names (in lower case) and values in the order they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced, and `lossy` says so.
    pub body: String,
    /// Whether the body was not UTF-8.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lossy: bool,
}

impl Response {
    /// The value of a header, whose name is given in lower case: all of its lines as one list.
    pub fn header(&self, name: &str) -> Option<String> {
        field_values(&self.headers, name).into_iter().next()
    }
}

/// The values of a header field, whose name is given in lower case. Its lines are one list, with commas between (RFC 9110,
/// 5.3); those of `Set-Cookie` are not.
pub fn field_values(headers: &[(String, String)], name: &str) -> Vec<String> {
    let lines = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
    let lines: Vec<_> = lines.collect();
    if name.eq_ignore_ascii_case("set-cookie") || lines.is_empty() {
        return lines.into_iter().map(str::to_owned).collect();
    }
    vec![lines.join(", ")]
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// What the network said, without secrets.
    pub message: String,
}

impl Failure {
    /// Nothing complete came within this time.
    pub fn deadline(deadline: Duration) -> Self {
        Self { kind: FailureKind::Deadline, message: format!("nothing complete within {deadline:?}") }
    }

    /// No connection could be made: the deployment can't be reached, or this machine has nothing left to connect with.
    pub fn to_connect(error: &io::Error) -> Self {
        Self::of_io(FailureKind::Connect, error)
    }

    /// An operation of the network failed: a failure of this kind, unless a limit of this machine is the cause.
    pub fn of_io(kind: FailureKind, error: &io::Error) -> Self {
        match own_limit(error) {
            Some(advice) => Self { kind: FailureKind::OwnLimit, message: format!("{error}: {advice}") },
            None => Self { kind, message: error.to_string() },
        }
    }
}

/// The kinds of failure after which a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection could be made.
    Connect,
    /// No connection could be made because this machine lacks something: it says nothing about the deployment.
    OwnLimit,
    /// The connection could not be made secure.
    Tls,
    /// The connection broke, or what came was not HTTP.
    Broken,
    /// The deadline passed first.
    Deadline,
    /// The answer was longer than a run accepts.
    TooLong,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "no connection",
            Self::OwnLimit => "this machine is at a limit of its own",
            Self::Tls => "no secure connection",
            Self::Broken => "the connection broke",
            Self::Deadline => "no whole answer before the deadline",
            Self::TooLong => "the answer is too long",
        })
    }
}

/// What to do when an operation failed because this machine, and not the other one, has reached a limit: it names the limit.
/// Nothing if it did not.
pub fn own_limit(error: &io::Error) -> Option<&'static str> {
    /// Out of processes or threads; a connection without a local port, too.
    const EAGAIN: i32 = 11;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    /// The numbers of Linux.
    const EADDRINUSE: i32 = 98;
    const ENOBUFS: i32 = 105;
    let number = error.raw_os_error().filter(|_| cfg!(unix));
    let of_linux = number.filter(|_| cfg!(target_os = "linux"));
    match (number, of_linux, error.kind()) {
        (Some(EMFILE), ..) => Some("open files (EMFILE): raise `ulimit -n`, or lower `in_flight` and `--test-threads`"),
        (Some(ENFILE), ..) => Some("open files of the system (ENFILE): raise `fs.file-max`, or end other programs"),
        (_, Some(ENOBUFS), _) => Some("socket buffers (ENOBUFS): raise `net.core.wmem_max`, or lower `in_flight`"),
        (_, Some(EAGAIN), _) => {
            Some("processes or local ports (EAGAIN): raise `ulimit -u` or `net.ipv4.ip_local_port_range`")
        }
        (_, Some(EADDRINUSE), _) | (.., io::ErrorKind::AddrNotAvailable) => Some(
            "local ports: raise `net.ipv4.ip_local_port_range`, set `net.ipv4.tcp_tw_reuse=1`, or use several generators \
             (`--shard`)",
        ),
        (.., io::ErrorKind::OutOfMemory) => Some("memory (ENOMEM): free memory, or lower `in_flight`"),
        (.., io::ErrorKind::PermissionDenied) => Some("the local firewall: allow connections to the deployment"),
        _ => None,
    }
}

/// Whether a deployment has to prove by its certificate that it is the one that was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certificates {
    /// It has to.
    #[default]
    Verified,
    /// Whoever answers is believed.
    NotVerified,
}

impl Certificates {
    /// Both, by the words that target files have for them.
    pub const NAMES: [(&'static str, Self); 2] = [("verified", Self::Verified), ("not verified", Self::NotVerified)];

    /// What a person must know where whoever answers is believed.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::Verified => None,
            Self::NotVerified => Some(
                "TLS WAS NOT VERIFIED: the target file says `tls: not verified`. Whoever stood between could read the keys \
                 and write the answers.",
            ),
        }
    }
}

/// When a request was sent and how long its answer took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// From the start of the run to the sending, in microseconds.
    pub sent_us: u64,
    /// From the sending to the last byte of the answer, in microseconds.
    pub took_us: u64,
}

impl Timing {
    /// From the start of the run to the last byte of the answer.
    pub fn ended(&self) -> Duration {
        Duration::from_micros(self.sent_us.saturating_add(self.took_us))
    }

    /// From the start of the run to the sending.
    pub fn sent(&self) -> Duration {
        Duration::from_micros(self.sent_us)
    }
}

/// Whether a request that is sent twice does the same as one that is sent once (RFC 9110, 9.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotence {
    /// It does: it may be sent again when its connection was lost.
    Idempotent,
    /// It may do more: it is sent again only where it is certain that it was not carried out.
    NotIdempotent,
}

/// How often a request was sent until it was answered, or until nothing came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// Once.
    #[default]
    Once,
    /// Twice: the first connection was closed before anything of an answer came (RFC 9112, 9.3.1).
    Twice,
}

impl Sent {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_once(&self) -> bool {
        *self == Self::Once
    }
}

/// A request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked.
    pub request: Request,
    /// What was answered, or why nothing was.
    pub outcome: Result<Response, Failure>,
    /// When.
    pub timing: Timing,
    /// How often it was sent.
    #[serde(default, skip_serializing_if = "Sent::is_once")]
    pub sent: Sent,
}

impl Exchange {
    /// The same with an answer of at most so many bytes: enough to show what came, where the record has the rest.
    #[must_use]
    pub fn evidence(&self, longest: usize) -> Self {
        let outcome = match &self.outcome {
            Ok(response) if response.body.len() > longest => {
                let end = (0..=longest).rev().find(|end| response.body.is_char_boundary(*end)).unwrap_or_default();
                let body = format!("{}… ({} bytes)", &response.body[..end], response.body.len());
                Ok(Response { status: response.status, headers: response.headers.clone(), body, lossy: response.lossy })
            }
            outcome => outcome.clone(),
        };
        Self { request: self.request.clone(), outcome, timing: self.timing, sent: self.sent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_header_are_one_list() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [
            pair("vary", "Accept"),
            pair("set-cookie", "a=1, 2"),
            pair("Vary", " Origin "),
            pair("set-cookie", "b=3"),
            pair("age", ""),
        ];
        assert_eq!(field_values(&headers, "vary"), ["Accept, Origin"]);
        assert_eq!(field_values(&headers, "set-cookie"), ["a=1, 2", "b=3"]);
        assert_eq!(field_values(&headers, "age"), [""]);
        assert_eq!(field_values(&headers, "etag"), [""; 0]);
    }

    #[test]
    fn limits_of_this_machine_are_distinguished_from_a_deployment_that_is_not_there() {
        let kind = |error| Failure::to_connect(&error).kind;
        assert_eq!(kind(io::Error::from(io::ErrorKind::ConnectionRefused)), FailureKind::Connect);
        assert_eq!(kind(io::Error::from(io::ErrorKind::AddrNotAvailable)), FailureKind::OwnLimit);
        assert_eq!(kind(io::Error::from(io::ErrorKind::OutOfMemory)), FailureKind::OwnLimit);
        if cfg!(target_os = "linux") {
            let limits = [
                (11, "ulimit -u"),
                (12, "memory"),
                (13, "firewall"),
                (23, "fs.file-max"),
                (24, "ulimit -n"),
                (98, "ip_local_port_range"),
                (99, "ip_local_port_range"),
                (105, "ENOBUFS"),
            ];
            for (number, names) in limits {
                let failure = Failure::of_io(FailureKind::Broken, &io::Error::from_raw_os_error(number));
                assert_eq!(failure.kind, FailureKind::OwnLimit, "{number}");
                assert!(failure.message.contains(names), "{}", failure.message);
            }
        }
    }

    #[test]
    fn what_the_other_end_does_is_no_limit_of_this_machine() {
        // EPIPE, ENETUNREACH, ECONNRESET, ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH
        for number in [32, 101, 104, 110, 111, 113] {
            let failure = Failure::of_io(FailureKind::Broken, &io::Error::from_raw_os_error(number));
            assert!(!cfg!(target_os = "linux") || failure.kind == FailureKind::Broken, "{}", failure.message);
        }
    }
}
