//! What a hostile server does: a table that reads as a list.

use std::io::Read;
use std::thread::sleep;
use std::time::Duration;

use flate2::Compression;
use flate2::read::{GzEncoder, ZlibEncoder};

use super::yard::{Then, Visit, honest};

/// Something that a hostile server does when it is asked for its nails.
pub struct Behaviour {
    pub name: &'static str,
    pub play: fn(&mut Visit, &Elsewhere) -> Then,
    /// What cases may come to that ask for nails.
    pub verdicts: &'static [&'static str],
    /// What requests for nails come to under load, where that is tried.
    pub under_load: Option<&'static str>,
}

/// An address that a hostile server would have visited.
pub struct Elsewhere(pub String);

const COULD_NOT_RUN: &[&str] = &["could-not-run"];
const VIOLATES: &[&str] = &["violates"];
/// Where JSON was asked for it violates; in XML what is in entities is not read (XML 1.0, 4.2), so it decides nothing.
const NOT_READ: &[&str] = &["inconclusive", "violates"];
const CONFORMS: &[&str] = &["conforms"];

const TEN_GIGABYTES: u64 = 10 << 30;
const DEEP: usize = 100_000;
/// A little less than the longest body that is read.
const NEARLY_FULL: usize = (8 << 20) - 4096;

const fn row(
    name: &'static str,
    play: fn(&mut Visit, &Elsewhere) -> Then,
    verdicts: &'static [&'static str],
    under_load: Option<&'static str>,
) -> Behaviour {
    Behaviour { name, play, verdicts, under_load }
}

pub const BEHAVIOURS: &[Behaviour] = &[
    row("resets the connection", |_, _| Then::Close, COULD_NOT_RUN, Some("broken")),
    row("hangs up without a word", hangs_up, COULD_NOT_RUN, None),
    row("stalls before its answer", stalls, COULD_NOT_RUN, Some("timed_out")),
    row("stalls within the headers", stalls_in_headers, COULD_NOT_RUN, None),
    row("stalls within the body", stalls_in_body, COULD_NOT_RUN, Some("timed_out")),
    row("sends one byte a second", one_byte_a_second, COULD_NOT_RUN, Some("timed_out")),
    row("announces an answer without end", announces, COULD_NOT_RUN, Some("timed_out")),
    row("declares a body of 10 GB and sends it", declared_flood, COULD_NOT_RUN, Some("wrong_answer")),
    row("streams 10 GB in chunks", chunked_flood, COULD_NOT_RUN, Some("wrong_answer")),
    row("sends headers without end", endless_headers, COULD_NOT_RUN, Some("broken")),
    row("sends one header without end", endless_header, COULD_NOT_RUN, Some("broken")),
    row("sends the size of a chunk without end", endless_chunk_size, COULD_NOT_RUN, None),
    row("sends trailers without end", endless_trailers, COULD_NOT_RUN, None),
    row("declares more than it sends, and hangs up", too_long_a_length, COULD_NOT_RUN, Some("broken")),
    row("declares more than it sends, and waits", too_long_a_length_kept, COULD_NOT_RUN, None),
    row("declares less than it sends", too_short_a_length, VIOLATES, Some("wrong_answer")),
    row("declares two lengths", two_lengths, COULD_NOT_RUN, None),
    row("declares a negative length", negative_length, COULD_NOT_RUN, None),
    row("sends a second answer that nobody asked for", second_answer, CONFORMS, None),
    row("claims compression that is none", untrue_encoding, VIOLATES, None),
    row("sends a bomb of gzip, 10 MB in 10 KB", gzip_bomb, VIOLATES, Some("wrong_answer")),
    row("sends a bomb of gzip, 7 GB in 7 MB", long_gzip_bomb, VIOLATES, None),
    row("sends a bomb of deflate", deflate_bomb, VIOLATES, None),
    row("sends what is not UTF-8", not_utf8, VIOLATES, Some("wrong_answer")),
    row("nests 100,000 levels", nested, VIOLATES, Some("wrong_answer")),
    row("fills the longest body with tiny values", tiny_values, VIOLATES, None),
    row("makes up 200,000 names of fields", many_names, VIOLATES, None),
    row("streams ten million elements", ten_million, COULD_NOT_RUN, Some("wrong_answer")),
    row("laughs a billion times", billion_laughs, NOT_READ, Some("wrong_answer")),
    row("refers to a file", external_file, NOT_READ, None),
    row("refers to another address", external_address, NOT_READ, None),
    row("redirects to another host", redirects, VIOLATES, Some("refused")),
    row("redirects to itself", redirects_to_itself, VIOLATES, None),
    row("speaks another protocol", other_protocol, COULD_NOT_RUN, None),
    row("speaks HTTP/2 unasked", unasked_http2, COULD_NOT_RUN, None),
    row("answers with status 999", status_999, VIOLATES, None),
];

fn hangs_up(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    Then::Close
}

fn stalls(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.wait();
    Then::Close
}

fn stalls_in_headers(visit: &mut Visit, elsewhere: &Elsewhere) -> Then {
    visit.write(b"HTTP/1.1 200 OK\r\ncontent-ty");
    stalls(visit, elsewhere)
}

fn stalls_in_body(visit: &mut Visit, elsewhere: &Elsewhere) -> Then {
    visit.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"listnails");
    stalls(visit, elsewhere)
}

fn one_byte_a_second(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    for byte in answer.bytes() {
        if !visit.write(&[byte]) {
            break;
        }
        sleep(Duration::from_secs(1));
    }
    Then::Close
}

fn announces(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.repeat(&b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000), TEN_GIGABYTES);
    Then::Close
}

fn declared_flood(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {TEN_GIGABYTES}\r\n\r\n").as_bytes());
    visit.repeat(&[b' '; 1 << 14], TEN_GIGABYTES);
    Then::Close
}

/// Begins an answer in chunks.
fn chunks(visit: &mut Visit) {
    visit.headers();
    visit.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
}

/// A piece as a chunk.
fn chunk(piece: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
    chunk.extend_from_slice(piece);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

fn chunked_flood(visit: &mut Visit, _: &Elsewhere) -> Then {
    chunks(visit);
    visit.repeat(&chunk(&[b' '; 1 << 14]), TEN_GIGABYTES);
    Then::Close
}

fn endless_headers(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.write(b"HTTP/1.1 200 OK\r\n");
    visit.repeat(&b"x-more: and more\r\n".repeat(1000), TEN_GIGABYTES);
    Then::Close
}

fn endless_header(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.write(b"HTTP/1.1 200 OK\r\nx-more: ");
    visit.repeat(&[b'x'; 1 << 12], TEN_GIGABYTES);
    Then::Close
}

fn endless_chunk_size(visit: &mut Visit, _: &Elsewhere) -> Then {
    chunks(visit);
    visit.write(b"1;why=");
    visit.repeat(&[b'x'; 1 << 12], TEN_GIGABYTES);
    Then::Close
}

fn endless_trailers(visit: &mut Visit, _: &Elsewhere) -> Then {
    chunks(visit);
    visit.write(b"0\r\n");
    visit.repeat(b"x-more: and more\r\n", TEN_GIGABYTES);
    Then::Close
}

fn too_long_a_length(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    visit.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len() + 1).as_bytes());
    Then::Close
}

fn too_long_a_length_kept(visit: &mut Visit, elsewhere: &Elsewhere) -> Then {
    too_long_a_length(visit, elsewhere);
    visit.wait();
    Then::Close
}

fn too_short_a_length(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    visit.write(format!("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{body}").as_bytes());
    Then::Next
}

fn two_lengths(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    visit.write(
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\ncontent-length: 5\r\n\r\n{body}", body.len()).as_bytes(),
    );
    Then::Close
}

fn negative_length(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    visit.write(format!("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{body}").as_bytes());
    Then::Close
}

/// The second would be taken for the answer to somebody else's request.
/// Both come at once: one that comes while the next request is under way can't be distinguished from the answer to that.
fn second_answer(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let ((status, body), more) = (honest(visit), r#"{"listtoolsresponse": "of nobody"}"#);
    let (first, second) = (visit.head(status, "", body.len()), visit.head("200 OK", "", more.len()));
    visit.write([&first, body.as_str(), &second, more].concat().as_bytes());
    Then::Next
}

fn untrue_encoding(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    visit.send("200 OK", "content-encoding: gzip\r\n", body.as_bytes());
    Then::Next
}

/// Ten megabytes of nothing.
const NOTHING: &[u8] = &[0; 10_000_000];

fn gzip() -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(NOTHING, Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

fn deflate() -> Vec<u8> {
    let mut packed = Vec::new();
    ZlibEncoder::new(NOTHING, Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

fn gzip_bomb(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.send("200 OK", "content-encoding: gzip\r\n", &gzip());
    Then::Next
}

fn long_gzip_bomb(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.send("200 OK", "content-encoding: gzip\r\n", &gzip().repeat(700));
    Then::Next
}

fn deflate_bomb(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.send("200 OK", "content-encoding: deflate\r\n", &deflate());
    Then::Next
}

fn not_utf8(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let mut body = visit.right().into_bytes();
    let name = body.windows(3).position(|three| three == b"one").unwrap();
    body[name..name + 3].copy_from_slice(b"\xff\xfe\xc0");
    visit.send("200 OK", "", &body);
    Then::Next
}

fn nested(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.answer(&format!("{{\"listnailsresponse\": {}", "[".repeat(DEEP)), &"<a>".repeat(DEEP));
    Then::Next
}

fn tiny_values(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let json = format!("{{\"listnailsresponse\": {{\"nail\": [{}0]}}}}", "0,".repeat(NEARLY_FULL / 2));
    let xml = format!("<listnailsresponse>{}</listnailsresponse>", "<a/>".repeat(NEARLY_FULL / 4));
    visit.answer(&json, &xml);
    Then::Next
}

fn many_names(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let names = 0..200_000;
    let json: Vec<_> = names.clone().map(|name| format!("\"a{name}\":0")).collect();
    let xml: String = names.map(|name| format!("<a{name}>0</a{name}>")).collect();
    let json = format!("{{\"listnailsresponse\": {{{}}}}}", json.join(","));
    visit.answer(&json, &format!("<listnailsresponse>{xml}</listnailsresponse>"));
    Then::Next
}

fn ten_million(visit: &mut Visit, _: &Elsewhere) -> Then {
    chunks(visit);
    visit.write(&chunk(b"<listnailsresponse>"));
    visit.repeat(&chunk("<nail/>".repeat(1000).as_bytes()), 10_000 * 7_006);
    visit.write(&chunk(b"</listnailsresponse>"));
    visit.write(b"0\r\n\r\n");
    Then::Close
}

fn billion_laughs(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let mut entities = "<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..10 {
        entities.push_str(&format!("<!ENTITY a{level} \"{}\">", format!("&a{};", level - 1).repeat(10)));
    }
    let bomb = format!("<!DOCTYPE r [{entities}]><listnailsresponse>&a9;</listnailsresponse>");
    visit.answer(&bomb, &bomb);
    Then::Next
}

fn external(visit: &mut Visit, what: &str) -> Then {
    visit.headers();
    let xml = format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"{what}\">]><listnailsresponse>&x;</listnailsresponse>");
    visit.answer(&xml, &xml);
    Then::Next
}

fn external_file(visit: &mut Visit, _: &Elsewhere) -> Then {
    external(visit, "file:///etc/hostname")
}

fn external_address(visit: &mut Visit, elsewhere: &Elsewhere) -> Then {
    external(visit, &elsewhere.0)
}

fn redirects(visit: &mut Visit, elsewhere: &Elsewhere) -> Then {
    visit.headers();
    let there = format!("location: {}{}\r\n", elsewhere.0, visit.address);
    visit.send("307 Temporary Redirect", &there, b"");
    Then::Next
}

fn redirects_to_itself(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let there = format!("location: {}\r\n", visit.address);
    visit.send("302 Found", &there, b"");
    Then::Next
}

fn other_protocol(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.write(b"SSH-2.0-OpenSSH_9.2\r\n");
    Then::Close
}

fn unasked_http2(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    visit.write(b"\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0");
    Then::Close
}

fn status_999(visit: &mut Visit, _: &Elsewhere) -> Then {
    visit.headers();
    let body = visit.right();
    visit.send("999 Whatever", "", body.as_bytes());
    Then::Next
}
