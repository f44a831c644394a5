//! A reference cloud in a process of its own, and what is between it and a run: it sees every request and every answer,
//! and may change the answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use regex::Regex;

use super::run::{PROGRAM, Place};

/// A request and its answer on their way.
pub struct Passing {
    pub method: String,
    /// Path and query.
    pub address: String,
    pub headers: String,
    pub body: String,
    pub status: u16,
    pub answer_headers: String,
    pub answer: Vec<u8>,
}

impl Passing {
    pub fn is_accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A reference cloud, which ends with the test.
pub struct Cloud {
    process: Child,
    /// The target file that it wrote.
    pub target: String,
}

impl Cloud {
    pub fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--write-target", "cloud.yaml"])
            .args(arguments)
            .current_dir(place.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line.contains("Ctrl-C")), "the cloud did not start");
        Self { process, target: std::fs::read_to_string(place.path("cloud.yaml")).unwrap() }
    }

    /// The target file of somebody who goes through `see`, which is reported the suite.
    pub fn behind(&self, see: impl Fn(&str, &mut Passing) + Send + Sync + 'static) -> String {
        let (url, see) = (Regex::new("http://(127.0.0.1:[0-9]+)").unwrap(), Arc::new(see));
        let mut suite = String::new();
        let lines = self.target.lines().map(|line| {
            if let Some(name) = line.strip_prefix("  ").filter(|name| !name.starts_with(' ')) {
                name.trim_end_matches(':').clone_into(&mut suite);
            }
            let Some(found) = url.captures(line) else { return line.to_owned() };
            let (of, see) = (suite.clone(), Arc::clone(&see));
            let between = stand_between(found[1].parse().unwrap(), move |passing| see(&of, passing));
            line.replace(&found[1], &between.to_string())
        });
        lines.map(|line| format!("{line}\n")).collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address that passes everything on to another.
fn stand_between(upstream: SocketAddr, see: impl Fn(&mut Passing) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let see = Arc::new(see);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let see = Arc::clone(&see);
            // Either end may hang up at any time.
            thread::spawn(move || drop(pass_on(stream, upstream, &*see)));
        }
    });
    address
}

fn pass_on(stream: TcpStream, upstream: SocketAddr, see: &impl Fn(&mut Passing)) -> std::io::Result<()> {
    let (mut near, mut far) = (BufReader::new(stream), BufReader::new(TcpStream::connect(upstream)?));
    near.get_ref().set_nodelay(true)?;
    far.get_ref().set_nodelay(true)?;
    loop {
        let (line, headers, body) = message(&mut near)?;
        far.get_mut().write_all(&[line.as_bytes(), headers.as_bytes(), b"\r\n", &body].concat())?;
        let (status, answer_headers, answer) = message(&mut far)?;
        let mut words = line.split(' ').map(str::to_owned);
        let mut passing = Passing {
            method: words.next().unwrap_or_default(),
            address: words.next().unwrap_or_default(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            status: status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default(),
            answer_headers,
            answer,
        };
        let first = passing.status;
        see(&mut passing);
        let status = if passing.status == first { status } else { format!("HTTP/1.1 {} Changed\r\n", passing.status) };
        let kept = passing.answer_headers.lines().filter(|line| !line.to_lowercase().starts_with("content-length"));
        let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
        let head = format!("{status}{kept}content-length: {}\r\n\r\n", passing.answer.len());
        near.get_mut().write_all(&[head.as_bytes(), &passing.answer].concat())?;
    }
}

/// The first line of a message, its headers, and its body.
fn message(from: &mut BufReader<TcpStream>) -> std::io::Result<(String, String, Vec<u8>)> {
    let (mut first, mut headers) = (String::new(), String::new());
    if from.read_line(&mut first)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? <= 2 {
            break;
        }
        headers.push_str(&line);
    }
    let length = headers.lines().filter_map(|line| line.split_once(':'));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, length)| length);
    let length = length.find_map(|length| length.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((first, headers, body))
}
