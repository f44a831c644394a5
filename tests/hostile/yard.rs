//! A server that a test can have answer as it likes, byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It takes another request.
    Next,
    /// It ends.
    Close,
}

/// The first line of a request, and the connection that it came by: the rest of the request may still be on its way.
pub struct Visit {
    /// What it asks for: path and query.
    pub address: String,
    reader: BufReader<TcpStream>,
    read: bool,
}

impl Visit {
    /// The value of a parameter, as it travels.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.address, name)
    }

    pub fn operation(&self) -> &str {
        self.parameter("action").unwrap_or_default()
    }

    pub fn is_xml(&self) -> bool {
        self.parameter("format") == Some("xml")
    }

    /// The headers of the request, which are read by this.
    pub fn headers(&mut self) -> String {
        let mut headers = String::new();
        while !self.read {
            let mut line = String::new();
            self.read = self.reader.read_line(&mut line).unwrap_or_default() <= 2;
            headers.push_str(&line);
        }
        headers
    }

    /// Writes to the connection; whether that still goes.
    pub fn write(&mut self, bytes: &[u8]) -> bool {
        self.reader.get_mut().write_all(bytes).is_ok()
    }

    /// Writes this again and again, until so many bytes are written or no one takes them any more.
    pub fn repeat(&mut self, piece: &[u8], bytes: u64) {
        let mut left = bytes;
        while left > 0 && self.write(piece) {
            left = left.saturating_sub(piece.len() as u64);
        }
    }

    /// Says nothing more until the other end hangs up.
    pub fn wait(&mut self) {
        let mut ignored = [0; 1024];
        while self.reader.read(&mut ignored).is_ok_and(|read| read > 0) {}
    }

    /// An answer in JSON or XML, as it was asked for.
    pub fn answer(&mut self, json: &str, xml: &str) {
        let body = if self.is_xml() { xml } else { json };
        self.send("200 OK", "", body.as_bytes());
    }

    /// A whole answer; `more` are further headers, each with its line's end.
    pub fn send(&mut self, status: &str, more: &str, body: &[u8]) {
        let head = self.head(status, more, body.len());
        let _ = self.write(head.as_bytes()) && self.write(body);
    }

    /// What comes before a body of so many bytes.
    pub fn head(&self, status: &str, more: &str, length: usize) -> String {
        let kind = if self.is_xml() { "text/xml" } else { "application/json" };
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{more}\r\n")
    }

    /// The body of a right answer.
    pub fn right(&self) -> String {
        right(self.operation(), self.is_xml())
    }
}

/// The value of a parameter of an address, as it travels.
pub fn parameter<'a>(address: &'a str, name: &str) -> Option<&'a str> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The body of a right answer.
pub fn right(operation: &str, xml: bool) -> String {
    let operation = operation.to_lowercase();
    let item = operation.trim_start_matches("list").trim_end_matches('s');
    if xml {
        return format!("<{operation}response><{item}><id>one</id></{item}></{operation}response>");
    }
    json!({format!("{operation}response"): {item: [{"id": "one"}]}}).to_string()
}

/// The status and the body of what the book of the yard says.
pub fn honest(visit: &Visit) -> (&'static str, String) {
    let known = ["listTools", "listNails", "listScrews"].contains(&visit.operation());
    if known && visit.parameter("token").is_some() {
        ("200 OK", visit.right())
    } else if visit.is_xml() {
        ("400 Bad Request", "<error><errortext>no</errortext></error>".to_owned())
    } else {
        ("400 Bad Request", r#"{"error": {"errortext": "no"}}"#.to_owned())
    }
}

/// Answers as the book of the yard says.
pub fn honestly(visit: &mut Visit) -> Then {
    visit.headers();
    let (status, body) = honest(visit);
    visit.send(status, "", body.as_bytes());
    Then::Next
}

/// A server, for as long as the test runs.
pub struct Yard {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Yard {
    /// Answers each request by `answer`.
    pub fn serve(answer: impl Fn(&mut Visit) -> Then + Send + Sync + 'static) -> Self {
        Self::behind(Some, answer)
    }

    /// Lets in whom `door` lets in, and answers each request by `answer`.
    pub fn behind(
        mut door: impl FnMut(TcpStream) -> Option<TcpStream> + Send + 'static,
        answer: impl Fn(&mut Visit) -> Then + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, asked) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let yard = Self { address, connections: Arc::clone(&connections), asked: Arc::clone(&asked) };
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                connections.fetch_add(1, Ordering::SeqCst);
                let Some(stream) = door(stream) else { continue };
                let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
                thread::spawn(move || visited(stream, &*answer, &asked));
            }
        });
        yard
    }

    /// One that must not be visited.
    pub fn witness() -> Self {
        Self::serve(honestly)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The addresses that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn visited(stream: TcpStream, answer: &impl Fn(&mut Visit) -> Then, asked: &Mutex<Vec<String>>) {
    // Its buffer is a byte: what is not read yet stays with the kernel, which resets a connection that is closed over it.
    let mut reader = BufReader::with_capacity(1, stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return;
        }
        let address = line.split(' ').nth(1).unwrap_or_default().to_owned();
        asked.lock().unwrap().push(address.clone());
        let mut visit = Visit { address, reader, read: false };
        if answer(&mut visit) == Then::Close {
            return;
        }
        reader = visit.reader;
    }
}
