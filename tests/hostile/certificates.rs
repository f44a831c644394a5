//! TLS is verified, unless the target file says otherwise; then the terminal and every report say so, too.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::run::{Place, Run};
use super::survival::{level, outcomes, set, verdicts};
use super::yard::{parameter, right};

const TOKEN: &str = "a-token-for-nobody-else";

/// Certificates for this machine that no one vouches for, and their keys. They are of no use elsewhere.
const ONE: (&[u8], &[u8]) = (include_bytes!("certificates/one.crt.der"), include_bytes!("certificates/one.key.der"));
const TWO: (&[u8], &[u8]) = (include_bytes!("certificates/two.crt.der"), include_bytes!("certificates/two.key.der"));

fn config((certificate, key): (&'static [u8], &'static [u8])) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from(certificate)];
    Arc::new(versions.with_no_client_auth().with_single_cert(chain, PrivatePkcs8KeyDer::from(key).into()).unwrap())
}

/// A yard behind TLS. Each connection carries one request, and each second one gets the second certificate.
struct Secure {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Secure {
    fn showing(first: (&'static [u8], &'static [u8]), second: (&'static [u8], &'static [u8])) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (counted, configs) = (Arc::clone(&requests), [config(first), config(second)]);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let (config, counted) = (Arc::clone(&configs[number % 2]), Arc::clone(&counted));
                thread::spawn(move || answer(config, stream, &counted));
            }
        });
        Self { address, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// A target file, with what it says of TLS.
    fn target(&self, place: &Place, tls: &str) {
        let text = format!(
            "target: the secure yard\nsuites:\n  yard: {{url: \"https://{}/api\", credentials: {{token: {TOKEN}}}}}\n\
             limits: {{deadline: 10s}}\n{tls}",
            self.address
        );
        place.write("target.yaml", &text);
    }
}

fn answer(config: Arc<ServerConfig>, stream: TcpStream, requests: &AtomicUsize) {
    let Ok(connection) = ServerConnection::new(config) else { return };
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let (mut line, mut header) = (String::new(), String::new());
    if reader.read_line(&mut line).unwrap_or_default() == 0 {
        return;
    }
    requests.fetch_add(1, Ordering::SeqCst);
    while reader.read_line(&mut header).is_ok_and(|read| read > 2) {}
    let address = line.split(' ').nth(1).unwrap_or_default();
    let xml = parameter(address, "format") == Some("xml");
    let body = right(parameter(address, "action").unwrap_or_default(), xml);
    let kind = if xml { "text/xml" } else { "application/json" };
    let length = body.len();
    let stream = reader.get_mut();
    // Whoever hangs up early has seen enough.
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.conn.send_close_notify();
    let _ = stream.flush();
}

/// A command on a machine that trusts the first certificate.
fn trusting_the_first(place: &Place, arguments: &[&str]) -> Command {
    let mut command = place.command(arguments);
    let certificate = format!("{}/tests/hostile/certificates/one.pem", env!("CARGO_MANIFEST_DIR"));
    command.env("SSL_CERT_FILE", certificate).env_remove("SSL_CERT_DIR");
    command
}

/// A run of either command that leaves every report.
macro_rules! reported {
    ($($argument:expr),*) => {
        &[$($argument,)* "--target", "target.yaml", "--output", "run", "--report", "json=report.json", "--report", "markdown=report.md"]
    };
}

const TEST: &[&str] = reported!("test", "--quiet", "documented");
const LOAD: &[&str] = reported!("load", "yard::");
/// What no one can miss.
const WARNING: &str = "TLS WAS NOT VERIFIED";

#[test]
fn a_certificate_that_no_one_vouches_for_is_refused() {
    for arguments in [TEST, LOAD, &["call", "yard", "listTools", "--target", "target.yaml"]] {
        let (place, secure) = (Place::new(), Secure::showing(ONE, TWO));
        secure.target(&place, "");
        let run = place.run(arguments);
        assert_eq!(run.status.code(), Some(3), "{}", run.printed);
        assert!(run.printed.contains("certificate"), "{}", run.printed);
        assert!(!run.printed.contains(WARNING), "{}", run.printed);
        assert_eq!(secure.requests(), 0, "a request was sent to whoever asked for it");
    }
}

/// What a run printed, and each report that it left, by name.
fn reports(place: &Place, run: &Run) -> Vec<(String, String)> {
    let read = |name: &str| (name.to_owned(), std::fs::read_to_string(place.path(name)).unwrap());
    let mut all = vec![("the terminal".to_owned(), run.printed.clone())];
    all.extend(["run/report.html", "run/junit.xml", "report.md"].map(read));
    all
}

#[test]
fn where_the_target_file_says_so_anybody_is_believed_and_every_report_tells() {
    // Two seconds of load leave something open, and are invalid where the machine held the generator up.
    for (arguments, codes) in [(TEST, &[0][..]), (LOAD, &[0, 3, 4])] {
        let (place, secure) = (Place::new(), Secure::showing(ONE, TWO));
        secure.target(&place, "tls: not verified\n");
        let run = place.run(arguments);
        assert!(run.status.code().is_some_and(|code| codes.contains(&code)), "{}", run.printed);
        for (name, text) in reports(&place, &run) {
            assert!(text.contains(WARNING), "{name} does not tell it: {text}");
        }
        assert_eq!(place.json("report.json")["run"]["certificates"], "not_verified");
        assert!(
            run.printed.starts_with("warning: TLS WAS NOT VERIFIED"),
            "it is said before anything is sent: {}",
            run.printed
        );
        let again = place.run(&["report", "run"]);
        assert!(again.printed.contains(WARNING), "a record says it, too: {}", again.printed);
    }
}

#[test]
fn a_server_that_can_be_verified_needs_no_word_of_it() {
    let (place, secure) = (Place::new(), Secure::showing(ONE, ONE));
    secure.target(&place, "tls: verified\n");
    let run = place.watch(trusting_the_first(&place, TEST));
    assert_eq!(run.status.code(), Some(0), "{}", run.printed);
    for (name, text) in reports(&place, &run) {
        assert!(!text.contains(WARNING), "{name}: {text}");
    }
}

#[test]
fn a_server_that_changes_its_certificate_is_not_believed_after_that() {
    let (place, secure) = (Place::new(), Secure::showing(ONE, TWO));
    secure.target(&place, "");
    let run = place.watch(trusting_the_first(&place, TEST));
    let (all, _) = verdicts(&place.json("report.json"), |_| true);
    assert_eq!(all, set(&["conforms", "could-not-run"]), "{}", run.printed);
    println!("\n| `assay test`: a server that changes its certificate | {all:?} |");

    let (place, secure) = (Place::new(), Secure::showing(ONE, TWO));
    secure.target(&place, "");
    let run = place.watch(trusting_the_first(&place, LOAD));
    // Whichever profile has the first connection keeps it.
    let report = place.json("report.json");
    let all: BTreeSet<_> = ["listNails", "listTools"].iter().flat_map(|name| outcomes(&report, name)).collect();
    assert_eq!(all, set(&["broken", "success"]), "{}", run.printed);
    let verdicts = ["nails", "tools"].map(|profile| level(&report, profile));
    // Where the machine held the generator up, that comes first.
    assert!(verdicts.iter().any(|verdict| ["violated", "invalid"].contains(&verdict.as_str())), "{}", run.printed);
    println!("| `assay load`: a server that changes its certificate | violated: {all:?} |");
}

#[test]
fn an_address_with_a_password_is_refused_and_not_shown() {
    let place = Place::new();
    let text = "target: t\nsuites:\n  yard: {url: \"https://somebody:hunter2@127.0.0.1/\", credentials: {token: t}}\n";
    place.write("target.yaml", text);
    let run = place.run(&["test", "--target", "target.yaml"]);
    assert_eq!(run.status.code(), Some(5), "{}", run.printed);
    assert!(run.printed.contains("no user and no password"), "{}", run.printed);
}
