//! Certificates as people use them: made, verified by judging again, and refused where anything was changed.

use std::path::Path;
use std::process::{Command, Output};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::openapi::shop::{NEIGHBOUR, RunningShop, TOKEN, document};

/// A certified run of few cases, and all that belongs to it.
struct Certified {
    folder: TempDir,
}

fn assay(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// How a public key of Ed25519 begins (RFC 8410).
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

fn write_keys(folder: &Path, name: &str) {
    let key = Ed25519KeyPair::generate().unwrap();
    let private = key.to_pkcs8v1().unwrap();
    let public = [PREFIX.as_slice(), key.public_key().as_ref()].concat();
    std::fs::write(folder.join(format!("{name}.pem")), pem("PRIVATE KEY", private.as_ref())).unwrap();
    std::fs::write(folder.join(format!("{name}-public.pem")), pem("PUBLIC KEY", &public)).unwrap();
}

/// The suite of the run: a profile that few cases decide.
fn write_suite(folder: &Path, profile: &str) {
    let suite = folder.join("suites/cloudn");
    std::fs::create_dir_all(&suite).unwrap();
    let brought = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/cloudn/requirements.yaml");
    let requirements = std::fs::read_to_string(brought).unwrap();
    std::fs::write(suite.join("requirements.yaml"), format!("{requirements}\nprofiles:\n  zones: {profile}\n"))
        .unwrap();
}

impl Certified {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        write_keys(folder.path(), "key");
        write_keys(folder.path(), "other");
        write_suite(folder.path(), "{text: Zones., requirements: [CN-158, CN-160]}");
        let certified = Self { folder };
        let tested = certified.run(&["test", "--documents", "", "--output", "run", "cloudn::zones::"]);
        assert_eq!(tested.status.code(), Some(0), "{}", text(&tested));
        let made =
            certified.run(&["certify", "run", "--profile", "zones", "--key", "key.pem", "--implementation", "a cloud"]);
        assert_eq!(made.status.code(), Some(0), "{}", text(&made));
        certified
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Runs a command whose files are in the folder; an empty name is the folder itself.
    fn run(&self, arguments: &[&str]) -> Output {
        let is_file = |word: &str| word.is_empty() || word == "run" || word.contains('.') || word.contains('/');
        let arguments: Vec<_> =
            arguments.iter().map(|word| if is_file(word) { self.path(word) } else { (*word).to_owned() }).collect();
        assay(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn verify(&self) -> Output {
        self.run(&["verify", "run/certificate.json", "--key", "key-public.pem", "--documents", ""])
    }

    /// Compresses the record as that of a long run is.
    fn compress(&self) {
        let path = self.path("run/run.jsonl");
        let compressed = zstd::encode_all(std::fs::File::open(&path).unwrap(), 3).unwrap();
        std::fs::write(format!("{path}.zst"), compressed).unwrap();
        std::fs::remove_file(path).unwrap();
    }

    /// Must be refused while a file is changed by this.
    fn refuses(&self, file: &str, change: impl Fn(&mut Vec<u8>), says: &str) {
        let path = self.path(file);
        let sound = std::fs::read(&path).unwrap();
        let mut changed = sound.clone();
        change(&mut changed);
        assert_ne!(sound, changed);
        std::fs::write(&path, changed).unwrap();
        let verified = self.verify();
        std::fs::write(&path, sound).unwrap();
        assert_ne!(verified.status.code(), Some(0), "{}", text(&verified));
        assert!(text(&verified).contains(says), "{}", text(&verified));
    }
}

#[test]
fn a_certificate_is_verified_by_judging_again_and_any_change_is_found() {
    let certified = Certified::new();
    let verified = certified.verify();
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    for says in ["implementation  a cloud", "profile         zones of cloudn", "passed: 2 requirements conform"] {
        assert!(text(&verified).contains(says), "{}", text(&verified));
    }

    let foreign = certified.run(&["verify", "run/certificate.json", "--key", "other-public.pem", "--documents", ""]);
    assert_eq!(foreign.status.code(), Some(1), "{}", text(&foreign));
    // The suite that the program brings has no such profile: it is not the one that was tested.
    let untrusted = certified.run(&["verify", "run/certificate.json", "--key", "key-public.pem"]);
    assert!(text(&untrusted).contains("suites/cloudn/requirements.yaml"), "{}", text(&untrusted));

    let middle = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    };
    certified.refuses("run/certificate.json", middle, "not verified");
    certified.refuses("run/run.jsonl", middle, "not the record that it names");
    let other_text = |bytes: &mut Vec<u8>| {
        let changed = String::from_utf8(bytes.clone()).unwrap().replacen("Zones.", "Zonez.", 1);
        *bytes = changed.into_bytes();
    };
    certified.refuses("suites/cloudn/requirements.yaml", other_text, "other documents");

    certified.compress();
    let verified = certified.verify();
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    certified.refuses("run/run.jsonl.zst", middle, "");

    let drawn = certified.run(&["badge", "run/certificate.json", "--key", "key-public.pem", "--output", "badge.svg"]);
    assert_eq!(drawn.status.code(), Some(0), "{}", text(&drawn));
    let badge = std::fs::read_to_string(certified.path("badge.svg")).unwrap();
    assert!(badge.starts_with("<svg") && badge.contains("cloudn zones: passed"), "{badge}");
}

#[test]
fn a_requirement_that_was_not_tested_voids_the_claim() {
    let folder = TempDir::new().unwrap();
    write_keys(folder.path(), "key");
    write_suite(folder.path(), "{text: Zones., requirements: [CN-158, CN-031]}");
    let certified = Certified { folder };
    let tested = certified.run(&["test", "--documents", "", "--output", "run", "cloudn::zones::"]);
    assert_eq!(tested.status.code(), Some(0), "{}", text(&tested));
    let made = certified.run(&["certify", "run", "--profile", "zones", "--key", "key.pem"]);
    assert_eq!(made.status.code(), Some(4), "{}", text(&made));
    assert!(text(&made).contains("not decided") && text(&made).contains("1 were not tested"), "{}", text(&made));
    let unknown = certified.run(&["certify", "run", "--profile", "cor", "--key", "key.pem"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown));
    assert!(text(&unknown).contains("no conformance profile `cor`"), "{}", text(&unknown));
}

/// A folder with the document of a shop and a target file for it, and the keys of who certifies it.
fn of_shop(shop: &RunningShop) -> Certified {
    let folder = TempDir::new().unwrap();
    write_keys(folder.path(), "key");
    std::fs::copy(document(), folder.path().join("shop.yaml")).unwrap();
    let target = format!(
        "target: shop\nsuites:\n  shop:\n    url: {}/v1\n    credentials: {{bearer: {TOKEN}}}\n    accounts: \
         {{neighbour: {{credentials: {{bearer: {NEIGHBOUR}}}}}}}\nallow: [reads, creates, changes, removes]\n",
        shop.url
    );
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    Certified { folder }
}

#[test]
fn a_run_by_an_openapi_document_is_certified_and_verified_wherever_the_document_is() {
    let shop = RunningShop::start(None);
    let certified = of_shop(&shop);
    let tested = certified.run(&["test", "--openapi", "shop.yaml", "--target", "target.yaml", "--output", "run"]);
    assert_eq!(tested.status.code(), Some(0), "{}", text(&tested));
    // What no case is about is in no profile that the document does not name.
    let made = certified.run(&["certify", "run", "--key", "key.pem"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made));
    assert!(text(&made).contains("core of shop") && text(&made).contains("0 were not tested"), "{}", text(&made));

    let verified = |document: &[&str]| {
        let certificate = ["verify", "run/certificate.json", "--key", "key-public.pem"];
        certified.run(&[certificate.as_slice(), document].concat())
    };
    let sound = verified(&["--openapi", "shop.yaml"]);
    assert_eq!(sound.status.code(), Some(0), "{}", text(&sound));
    let elsewhere = certified.folder.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::copy(document(), elsewhere.join("shop.yaml")).unwrap();
    let moved = verified(&["--openapi", "elsewhere/shop.yaml"]);
    assert_eq!(moved.status.code(), Some(0), "{}", text(&moved));

    let unnamed = verified(&[]);
    assert!(unnamed.status.code() == Some(1) && text(&unnamed).contains("with `--openapi`"), "{}", text(&unnamed));
    let changed = std::fs::read_to_string(document()).unwrap().replacen("Shop", "Shed", 1) + "\n";
    std::fs::write(elsewhere.join("shop.yaml"), changed).unwrap();
    let other = verified(&["--openapi", "elsewhere/shop.yaml"]);
    assert!(other.status.code() == Some(1) && text(&other).contains("shop.yaml"), "{}", text(&other));
}

#[test]
fn cases_that_were_not_chosen_leave_an_openapi_profile_undecided() {
    let shop = RunningShop::start(None);
    let certified = of_shop(&shop);
    let chosen = ["test", "--openapi", "shop.yaml", "--target", "target.yaml", "--output", "run", "--allow-untested"];
    let tested = certified.run(&[chosen.as_slice(), &["listProducts"]].concat());
    assert_eq!(tested.status.code(), Some(0), "{}", text(&tested));
    let made = certified.run(&["certify", "run", "--key", "key.pem"]);
    assert_eq!(made.status.code(), Some(4), "{}", text(&made));
    assert!(text(&made).contains("not decided") && text(&made).contains("0 are violated"), "{}", text(&made));
}
