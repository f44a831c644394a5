//! An `OpenAPI` document is a suite: a shop that keeps to its own conforms, and each fault of one that does not is found.

mod board;
mod kinds;
mod named;
mod register;
pub mod shop;
mod small;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;

use serde_json::Value;
use tempfile::TempDir;

use assay_reference::Fault;
use kinds::{Kind, Running};
use shop::{NEIGHBOUR, RunningShop, TOKEN, document};

/// A folder with a target file for a shop.
fn folder(shop: &RunningShop) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let target = format!(
        "target: shop\nsuites:\n  shop:\n    url: {}/v1\n    credentials: {{bearer: \"${{SHOP_TOKEN}}\"}}\n    \
         accounts: {{neighbour: {{credentials: {{bearer: \"${{NEIGHBOUR_TOKEN}}\"}}}}}}\nallow: [reads, creates, changes]\n",
        shop.url
    );
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::copy(document(), folder.path().join("shop.yaml")).unwrap();
    folder
}

fn assay(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command
        .current_dir(folder.path())
        .args(arguments)
        .env("SHOP_TOKEN", TOKEN)
        .env("NEIGHBOUR_TOKEN", NEIGHBOUR)
        .output()
        .unwrap()
}

/// What a run came to: its exit code, what it printed, and its report.
struct Run {
    code: Option<i32>,
    printed: String,
    report: Value,
}

fn test(folder: &TempDir) -> Run {
    test_document(folder, "shop.yaml")
}

fn test_document(folder: &TempDir, document: &str) -> Run {
    test_with(folder, document, &[])
}

fn test_with(folder: &TempDir, document: &str, more: &[&str]) -> Run {
    let arguments = ["test", "--openapi", document, "--target", "target.yaml", "--report", "json=report.json"];
    let output = assay(folder, &[&arguments, more].concat());
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap_or_else(|_| panic!("{printed}"));
    Run { code: output.status.code(), printed, report: serde_json::from_str(&report).unwrap() }
}

impl Run {
    /// The requirements that are violated.
    fn violated(&self) -> Vec<String> {
        let requirements = self.report["suites"][0]["requirements"].as_object().unwrap();
        let violated = requirements.iter().filter(|(_, verdict)| *verdict == "violates");
        violated.map(|(id, _)| id.clone()).collect()
    }
}

#[test]
fn a_shop_that_keeps_to_its_document_conforms_and_nothing_is_left() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let run = test(&folder);
    assert_eq!(run.violated(), [""; 0], "{}", run.printed);
    assert_eq!(run.code, Some(0), "{}", run.printed);
    assert!(run.printed.contains("20 of 20 operations of the document were tested."), "{}", run.printed);
    assert_eq!(shop.things(), 0, "{}", run.printed);
    assert_eq!(run.report["left_over"].as_array().map(Vec::len), Some(0));
    assert!(!run.printed.contains(TOKEN) && !run.report.to_string().contains(TOKEN));
}

#[test]
fn each_fault_is_found_by_the_requirement_that_it_breaks() {
    let (faults, missed) = (shop::faults(), Mutex::new(Vec::new()));
    let listed = Fault::all().iter().filter(|fault| fault.suite() == "shop").count();
    assert!(faults.len() == listed && listed >= 60, "{} of {listed} faults are in the table", faults.len());
    let try_each = |faults: &[(Fault, String)]| {
        for (fault, requirement) in faults {
            let shop = RunningShop::start(Some(*fault));
            let run = test(&folder(&shop));
            if !run.violated().contains(requirement) {
                missed.lock().unwrap().push(format!("{fault}: {requirement} is not among {:?}", run.violated()));
            }
        }
    };
    std::thread::scope(|scope| {
        faults.chunks(faults.len().div_ceil(2)).for_each(|half| drop(scope.spawn(|| try_each(half))));
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), faults.len(), missed.join("\n"));
}

#[test]
fn without_permission_to_create_a_run_reads_and_says_what_it_left_out() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let output = assay(&folder, &["test", "--openapi", "shop.yaml", "--target", &shop.url]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("of 20 operations of the document were tested."), "{printed}");
    assert_ne!(output.status.code(), Some(0), "{printed}");
    assert_eq!(shop.things(), 0);
}

/// The shop says where its document is, as many servers do.
#[test]
fn a_document_is_read_from_a_server() {
    let shop = RunningShop::start(None);
    let (folder, address) = (folder(&shop), format!("{}/openapi.yaml", shop.url));
    let run = test_document(&folder, &address);
    assert_eq!((run.code, shop.things()), (Some(0), 0), "{}", run.printed);
    assert!(run.printed.contains("20 of 20 operations of the document were tested."), "{}", run.printed);
    // The record holds the document.
    let again = assay(&folder, &["report", "reports/latest"]);
    assert_eq!(again.status.code(), Some(0));
    let secret = format!("{address}?key=a-secret-of-the-document");
    let (run, record) = (test_document(&folder, &secret), folder.path().join("reports/latest/run.jsonl"));
    let everything = run.printed + &run.report.to_string() + &std::fs::read_to_string(record).unwrap();
    assert!(!everything.contains("a-secret-of-the-document"));
    let with_user = address.replace("http://", "http://me:a-secret-password@");
    let refused = assay(&folder, &["check", "--openapi", &with_user]);
    let printed = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && !printed.contains("a-secret-password"), "{printed}");
    let nothing = assay(&folder, &["check", "--openapi", &format!("{}/none.yaml", shop.url)]);
    let printed = String::from_utf8_lossy(&nothing.stderr).into_owned();
    assert!(nothing.status.code() == Some(3) && printed.contains("can't be read: status 404"), "{printed}");
}

#[test]
fn a_record_is_judged_again_by_the_document_that_it_holds() {
    let shop = RunningShop::start(Some(Fault::ShopPriceAsText));
    let folder = folder(&shop);
    let first = test(&folder);
    let arguments = ["report", "reports/latest/run.jsonl", "--report", "json=again.json"];
    std::fs::remove_file(folder.path().join("shop.yaml")).unwrap();
    let output = assay(&folder, &arguments);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let again = std::fs::read_to_string(folder.path().join("again.json")).unwrap_or_else(|_| panic!("{printed}"));
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["suites"][0]["requirements"], first.report["suites"][0]["requirements"]);
}

/// Every requirement is verified by the plan, or has a reason.
#[test]
fn coverage_accounts_for_each_requirement() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let output = assay(&folder, &["coverage", "--openapi", "shop.yaml", "--suite", "shop", "--format", "json"]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let coverage: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed}"));
    let suite = &coverage["suites"][0];
    assert_eq!(suite["operations_tested"], suite["operations_documented"], "{printed}");
    let requirements = suite["requirements"].as_array().unwrap();
    assert!(requirements.len() > 100, "{}", requirements.len());
    assert!(requirements.iter().all(|one| one["source"].as_str().unwrap().starts_with("./shop.yaml:")));
}

#[test]
fn mistakes_of_a_document_have_their_places() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let whole = std::fs::read_to_string(document()).unwrap();
    let wrong = whole.replacen("schemas/Category\"", "schemas/Categroy\"", 1);
    std::fs::write(folder.path().join("shop.yaml"), wrong).unwrap();
    let output = assay(&folder, &["check", "--openapi", "shop.yaml"]);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(5), "{printed}");
    assert!(
        printed.contains("./shop.yaml:30:52") && printed.contains("did you mean `#/components/schemas/Category`?"),
        "{printed}"
    );
}

/// The page shows what happens: each of its commands is carried out, one after the other.
#[test]
fn the_documentation_is_carried_out() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.md")).unwrap();
    let fence = regex::Regex::new(r"(?ms)^```(\w+)\n(.*?)^```$").unwrap();
    let shop = RunningShop::start(None);
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(document(), folder.path().join("shop.yaml")).unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let (mut codes, mut overlay) = (Vec::new(), false);
    for block in fence.captures_iter(&page) {
        let text = block[2].replace("http://127.0.0.1:8000", &shop.url);
        match (&block[1], text.split(':').next().unwrap()) {
            ("yaml", "target") => write("target.yaml", &text),
            ("yaml", name @ ("suite" | "operations")) => {
                overlay = true;
                write(&format!("suites/shop/{name}.yaml"), &text);
            }
            ("console", _) => {
                let arguments: Vec<_> = text.split_whitespace().skip(1).collect();
                codes.push(assay(&folder, &arguments).status.code());
            }
            (language, begin) => panic!("this test does not know what to do with {language}: {begin}"),
        }
    }
    // Without credentials and permissions not all could be tested.
    assert_eq!(codes, [Some(0), Some(0), Some(4), Some(0), Some(0), Some(0)]);
    assert!(overlay);
    write("suites/shop/shop.yaml", &std::fs::read_to_string(document()).unwrap());
    let output = assay(&folder, &["check", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(shop.things(), 0);
}

/// A run against a small server, which may create things there.
fn test_kind(kind: Kind) -> (Run, usize) {
    let server = Running::start(kind);
    let folder = tempfile::tempdir().unwrap();
    let target = format!("target: a\nsuites:\n  things:\n    url: {}\nallow: [reads, creates]\n", server.url);
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::write(folder.path().join("things.yaml"), kind.document()).unwrap();
    (test_document(&folder, "things.yaml"), server.things())
}

#[test]
fn what_keeps_to_its_document_conforms_whatever_it_is_like_and_nothing_is_left() {
    for kind in [Kind::Slash, Kind::Runs, Kind::Files, Kind::Patterns, Kind::Sparse] {
        let (run, things) = test_kind(kind);
        assert_eq!(run.violated(), [""; 0], "{kind:?}\n{}", run.printed);
        assert_eq!(run.code, Some(0), "{kind:?}\n{}", run.printed);
        assert_eq!(things, 0, "{kind:?}\n{}", run.printed);
    }
}

/// A run against a server whose things are named by who creates them, and what is there afterwards.
fn test_named(fault: Option<named::Fault>) -> (Run, Vec<String>) {
    let server = named::Running::start(fault);
    let folder = tempfile::tempdir().unwrap();
    let target = format!("target: a\nsuites:\n  named:\n    url: {}\nallow: [reads, creates, changes]\n", server.url);
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::write(folder.path().join("named.yaml"), named::DOCUMENT).unwrap();
    (test_document(&folder, "named.yaml"), server.things())
}

#[test]
fn what_is_named_by_who_creates_it_is_tested_and_removed() {
    let (run, things) = test_named(None);
    assert_eq!(run.violated(), [""; 0], "{}", run.printed);
    assert_eq!(run.code, Some(0), "{}", run.printed);
    assert!(run.printed.contains("11 of 11 operations of the document were tested."), "{}", run.printed);
    assert_eq!(things, [""; 0], "{}", run.printed);
    for (fault, requirement) in named::FAULTS {
        let (run, things) = test_named(Some(fault));
        assert!(run.violated().contains(&requirement.to_owned()), "{fault:?}: {:?}\n{}", run.violated(), run.printed);
        // What the server does not remove is reported, as far as it is there.
        let left = run.report["left_over"].as_array().map_or(0, Vec::len);
        assert!(things.is_empty() || left > 0, "{fault:?}: {things:?}\n{}", run.printed);
    }
}

/// A run against a register, and what is there before and afterwards.
fn test_register(fault: Option<register::Fault>) -> (Run, [Vec<String>; 2]) {
    let server = register::Running::start(fault);
    let before = server.things();
    let folder = tempfile::tempdir().unwrap();
    let target = format!(
        "target: a\nsuites:\n  register:\n    url: {}\nvariables: {{tenant: acme}}\nallow: [reads, creates, changes]\n",
        server.url
    );
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::write(folder.path().join("register.yaml"), register::DOCUMENT).unwrap();
    // What a fault takes with something is what was created before it: one case after the other.
    let run = test_with(&folder, "register.yaml", &["--test-threads", "1"]);
    (run, [before, server.things()])
}

/// A pattern has no room for a name, and some of what it allows is taken; what is in a tenant is the run's own, though the tenant is not;
/// labels go with what they are of; settings are set back; a state is reached from the first one; an address names what was created.
#[test]
fn what_is_told_apart_by_its_pattern_alone_is_tested_and_all_is_as_it_was() {
    let (run, [before, after]) = test_register(None);
    assert_eq!(run.violated(), [""; 0], "{}", run.printed);
    assert!(run.printed.contains("13 of 13 operations of the document were tested."), "{}", run.printed);
    assert!(!run.printed.contains("could not run"), "{}", run.printed);
    for requirement in ["moveCode", "code_code.gone", "note.gone", "putSettings", "createCode.body.capacity.maximum"] {
        let verdict = &run.report["suites"][0]["requirements"][requirement];
        assert_eq!(verdict, "conforms", "{requirement}\n{}", run.printed);
    }
    assert_eq!((run.report["left_over"].as_array().map(Vec::len), after), (Some(0), before), "{}", run.printed);
}

#[test]
fn each_fault_of_a_register_is_found() {
    for (fault, requirement) in register::FAULTS {
        let (run, _) = test_register(Some(fault));
        assert!(run.violated().contains(&requirement.to_owned()), "{fault:?}: {:?}\n{}", run.violated(), run.printed);
        if fault == register::Fault::AllowsNothingElse {
            let causes = run.report["causes"].as_array().unwrap().iter();
            assert_eq!(causes.filter(|cause| cause["verdict"] == "violates").count(), 1, "{}", run.printed);
        }
    }
}

/// What was there before is on the second page of its list: the run has read that, too.
#[test]
fn what_an_address_names_and_was_there_before_stays() {
    let (run, [before, after]) = test_register(Some(register::Fault::NamesAnother));
    assert!(before.iter().all(|thing| after.contains(thing)), "{after:?}\n{}", run.printed);
    assert!(run.report["left_over"].as_array().is_some_and(|left| !left.is_empty()), "{}", run.printed);
}

#[test]
fn what_waits_for_a_variable_is_said_to() {
    let server = register::Running::start(None);
    let folder = tempfile::tempdir().unwrap();
    let target =
        format!("target: a\nsuites:\n  register:\n    url: {}\nallow: [reads, creates, changes]\n", server.url);
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::write(folder.path().join("register.yaml"), register::DOCUMENT).unwrap();
    let run = test_document(&folder, "register.yaml");
    assert!(run.printed.contains("0 of 13 operations tested (13 waiting for a variable)"), "{}", run.printed);
}

/// YAML would read such names as numbers or truth values.
#[test]
fn a_document_may_be_called_as_anything() {
    let folder = tempfile::tempdir().unwrap();
    let document = Kind::Slash.document().replace("title: Pets", "title: 7");
    for name in ["1.json", "true.yaml", "null.yaml", "1e3.yaml"] {
        std::fs::write(folder.path().join(name), &document).unwrap();
        let output = assay(&folder, &["list", "operations", "--openapi", name]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && printed.contains("createPet"), "{name}\n{printed}");
        assert!(!printed.contains("listZones"), "only what the document has\n{printed}");
    }
}

#[test]
fn what_is_no_api_is_said_in_a_few_lines() {
    for (kind, expected) in [
        (Kind::Everything, "every request has the same answer, 200 {}, and so has /assay-no-such-path"),
        (Kind::Login, "redirected to /login, status 302: are address and credentials good?"),
    ] {
        let (run, _) = test_kind(kind);
        assert!(run.printed.contains(expected), "{}", run.printed);
        assert!(run.printed.lines().count() < 40 && run.code == Some(3), "{:?}\n{}", run.code, run.printed);
    }
}

/// Whoever chooses cases has not left out the others.
#[test]
fn a_run_of_chosen_cases_is_green_when_they_conform() {
    let (broken, sound) = (RunningShop::start(Some(Fault::ShopPriceAsText)), RunningShop::start(None));
    let folder = folder(&broken);
    let run = test(&folder);
    assert_eq!(run.code, Some(1), "{}", run.printed);
    let target = folder.path().join("target.yaml");
    let mended = std::fs::read_to_string(&target).unwrap().replace(&broken.url, &sound.url);
    std::fs::write(&target, mended).unwrap();
    let again = run.printed.lines().find_map(|line| line.trim().strip_prefix("again "));
    let again = again.unwrap_or_else(|| panic!("{}", run.printed)).trim();
    let again: Vec<_> = again.split_whitespace().skip(1).map(|word| word.trim_matches('\'')).collect();
    assert!(again.contains(&"--exact"), "{again:?}");
    let rerun = ["test", "--openapi", "shop.yaml", "--target", "target.yaml", "--rerun", "reports/latest"];
    for arguments in [&[&rerun[..], &["--output", "again"]].concat()[..], &again] {
        let output = assay(&folder, arguments);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains("operations of the document were tested."), "{printed}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}\n{printed}");
    }
}

#[test]
fn a_document_above_the_current_folder_is_read() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let below = folder.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    for (current, document) in [("a", "../shop.yaml"), ("a/b", "../../shop.yaml")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.current_dir(folder.path().join(current)).args(["check", "--openapi", document]);
        let output = command.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("20 operations, no mistakes"), "{printed}");
    }
}

/// What a command prints, and its exit code.
fn said(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, String) {
    let output = assay(folder, arguments);
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), printed)
}

#[test]
fn explore_refuses_a_document_however_it_is_named() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    for more in [&[][..], &["--suite", "shop"], &["--target", "target.yaml"]] {
        let (code, printed) = said(&folder, &[&["explore", "--openapi", "shop.yaml"], more].concat());
        assert_eq!(code, Some(2), "{more:?}\n{printed}");
        assert!(printed.contains("shop is described by an OpenAPI document"), "{more:?}\n{printed}");
    }
}

#[test]
fn a_credential_that_the_document_does_not_have_is_a_mistake() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let target = folder.path().join("target.yaml");
    let sound = std::fs::read_to_string(&target).unwrap();
    for (name, help) in [
        ("tokn", "call it as a security scheme of the document: bearer, oauth, session"),
        ("sesion", "did you mean `session`?"),
        ("bearr", "did you mean `bearer`?"),
    ] {
        std::fs::write(&target, sound.replacen("{bearer:", &format!("{{{name}:"), 1)).unwrap();
        let commands = [&["check", "target.yaml", "--openapi", "shop.yaml"][..], &["test", "--openapi", "shop.yaml"]];
        for (command, target) in commands.into_iter().zip([&[][..], &["--target", "target.yaml"]]) {
            let (code, printed) = said(&folder, &[command, target].concat());
            assert_eq!(code, Some(5), "{name}: {printed}");
            assert!(printed.contains("target.yaml:5:19") && printed.contains(help), "{name}: {printed}");
        }
    }
    // No operation asks for this one, but the document has it.
    std::fs::write(&target, sound.replacen("{bearer:", "{session: x, bearer:", 1)).unwrap();
    let (code, printed) = said(&folder, &["check", "target.yaml", "--openapi", "shop.yaml"]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn mistakes_of_a_document_from_a_server_are_at_its_address() {
    let page = "openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {$ref: 'file:///etc/passwd'}}}}}\n";
    let url = serving(page);
    let folder = tempfile::tempdir().unwrap();
    let (code, printed) = said(&folder, &["check", "--openapi", &format!("{url}/specs/a.yaml?key=a-secret")]);
    assert_eq!(code, Some(5), "{printed}");
    assert!(printed.contains(&format!("{url}/specs/a.yaml:2:")), "{printed}");
    assert!(printed.contains("leads to a file by its address") && !printed.contains("a-secret"), "{printed}");
    for document in ["file:///a.yaml", "ftp://127.0.0.1/a.yaml"] {
        let (code, printed) = said(&folder, &["check", "--openapi", document]);
        assert!(code == Some(2) && printed.contains("http:// or https://, or the path of a file"), "{printed}");
    }
    let (code, printed) = said(&folder, &["check", "--openapi", &serving("<!doctype html>\n<html></html>\n")]);
    assert!(code == Some(5) && printed.contains("this is an HTML page"), "{printed}");
}

/// The address of a server that answers everything with a text.
fn serving(text: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
            // Whoever hangs up early has seen enough.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all((head + text).as_bytes());
        }
    });
    url
}

#[test]
fn call_says_what_the_command_line_lacks() {
    let shop = RunningShop::start(None);
    let folder = folder(&shop);
    let arguments = ["call", "shop", "getProduct", "--openapi", "shop.yaml", "--target", "target.yaml"];
    let (code, printed) = said(&folder, &arguments);
    assert!(code == Some(2) && printed.contains("write productId=VALUE"), "{printed}");
}

#[test]
fn a_suite_is_laid_out_around_a_document_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("suites/shop");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::copy(document(), own.join("api.yaml")).unwrap();
    let (code, printed) = said(&folder, &["new", "suite", "shop", "--from", "suites/shop/api.yaml"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(own.join("suite.yaml").is_file() && !own.join("suites").exists(), "{printed}");
    let (code, printed) = said(&folder, &["check"]);
    assert_eq!(code, Some(0), "{printed}");
}
