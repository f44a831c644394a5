//! Requests by hand: what `assay call` takes and shows, and the lines of `assay shell`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_assay");

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn assay(folder: &TempDir, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).current_dir(folder.path()).output().unwrap()
}

/// What a command prints that goes well.
fn printed(folder: &TempDir, arguments: &[&str]) -> String {
    let output = assay(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output.stderr));
    said(&output.stdout)
}

fn json_of(folder: &TempDir, arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(folder, arguments)).unwrap()
}

/// Carries out lines, with a state folder of their own.
fn lines(folder: &TempDir, arguments: &[&str], lines: &str) -> Output {
    let mut shell = Command::new(PROGRAM)
        .arg("shell")
        .args(arguments)
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    shell.wait_with_output().unwrap()
}

/// A server that gives the same answer always, and says what it was asked.
fn server(body: &Value) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, requests) = channel();
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ";
    let answer = format!("{head}{}\r\n\r\n{body}", body.len());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = vec![0; 1 << 16];
            let mut length = stream.read(&mut bytes).unwrap_or_default();
            // The body of a request may come by itself.
            let wants = said(&bytes[..length]).to_lowercase();
            if wants.contains("content-length:") && wants.ends_with("\r\n\r\n") {
                length += stream.read(&mut bytes[length..]).unwrap_or_default();
            }
            // The test may be over.
            let _ = asked.send(said(&bytes[..length]));
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, requests)
}

fn cloudn_at(folder: &TempDir, url: &str) {
    let suite = format!("cloudn: {{url: \"{url}/client/api\", api_key: key-of-a-test, secret_key: secret-of-a-test}}");
    write(folder, "target.yaml", &format!("target: somewhere\nsuites:\n  {suite}\n"));
}

#[test]
fn items_are_chosen_and_shown_as_documents() {
    let folder = TempDir::new().unwrap();
    let zones = ["call", "cloudn", "listZones", "--columns", "name,networktype"];
    let with = |more: &[&'static str]| [&zones, more].concat();
    let all = json!([{"name": "jp-e1a", "networktype": "Basic"}, {"name": "jp-e1b", "networktype": "Basic"}]);
    assert_eq!(json_of(&folder, &with(&["--output", "json"])), all);
    let yaml = printed(&folder, &with(&["--output", "yaml"]));
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap(), all, "{yaml}");
    assert!(yaml.starts_with("- name: jp-e1a\n"), "{yaml}");
    let one = printed(&folder, &with(&["--filter", "@.name == 'jp-e1b'"]));
    assert_eq!(one, "name    networktype\njp-e1b  Basic\n");
    assert_eq!(
        json_of(&folder, &["call", "cloudn", "listZones", "--filter", "$[*].name"]),
        json!(["jp-e1a", "jp-e1b"])
    );
    let wrong = assay(&folder, &["call", "cloudn", "listZones", "--filter", "name = x"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong.stderr).contains("error: --filter can't be read"), "{}", said(&wrong.stderr));
}

#[test]
fn all_pages_are_one_list() {
    let folder = TempDir::new().unwrap();
    let ids = |arguments: &[&str]| {
        let list = ["call", "cloudstack", "listServiceOfferings", "--filter", "$[*].id"];
        json_of(&folder, &[&list, arguments].concat())
    };
    let (whole, paged) = (ids(&[]), ids(&["pagesize=1", "--all"]));
    assert!(whole.as_array().unwrap().len() > 2 && whole == paged, "{whole} {paged}");
    // A document may ask for the beginning of a page beside its length.
    let capacity =
        ["call", "esm", "physical-capacity", "begin_time=1", "end_time=9999999999999", "page_size=7", "--all"];
    let (whole, paged) =
        (json_of(&folder, &[&capacity[..5], &["page_size=1000", "--all"]].concat()), json_of(&folder, &capacity));
    assert!(whole.as_array().unwrap().len() > 1 && whole == paged, "{whole} {paged}");
    let page = assay(&folder, &["call", "cloudn", "listZones", "page=2", "pagesize=1", "--all"]);
    assert!(page.status.code() == Some(2) && said(&page.stderr).contains("`page`"), "{}", said(&page.stderr));
    let none = assay(&folder, &["call", "cloudn", "queryAsyncJobResult", "jobid=1", "--all"]);
    assert!(none.status.code() == Some(2) && said(&none.stderr).contains("is no list"), "{}", said(&none.stderr));
}

#[test]
fn a_server_that_repeats_a_page_ends_the_list() {
    let folder = TempDir::new().unwrap();
    let (url, requests) = server(&json!({"listzonesresponse": {"count": 2, "zone": [{"id": "1"}, {"id": "2"}]}}));
    cloudn_at(&folder, &url);
    let list = assay(&folder, &["call", "cloudn", "listZones", "pagesize=2", "--all", "--target", "target.yaml"]);
    assert_eq!(list.status.code(), Some(4));
    let warning = said(&list.stderr);
    assert!(warning.contains("page 2 has nothing that the pages before it did not have"), "{warning}");
    assert_eq!(serde_json::from_slice::<Value>(&list.stdout).unwrap(), json!([{"id": "1"}, {"id": "2"}]));
    assert_eq!(requests.try_iter().count(), 2);
}

#[test]
fn help_on_an_operation_has_its_parameters_and_its_chapter() {
    let folder = TempDir::new().unwrap();
    let help = printed(&folder, &["call", "cloudn", "listVirtualMachines", "--help"]);
    for part in
        ["reads; a list of `virtualmachine`", "version 1.1: 1-4) listVirtualMachines", "one of all, group, nics"]
    {
        assert!(help.contains(part), "{part} is not in\n{help}");
    }
    let help = printed(&folder, &["call", "esm", "--help", "physical-capacity"]);
    let page_size = help.lines().find(|line| line.starts_with("page_size")).unwrap().to_owned();
    assert!(page_size.contains("required") && page_size.contains("integer  0 to 1000"), "{page_size}");
    assert!(help.contains("GET /rest/dataapi/homs/open-api/v1/host-physical/capacity"), "{help}");
    assert!(printed(&folder, &["call", "cloudn", "--help"]).contains("38 operations"));
    assert!(printed(&folder, &["call", "--help"]).contains("--filter <CONDITION|JSONPATH>"));
    let near = assay(&folder, &["call", "cloudn", "listZone", "--help"]);
    assert!(near.status.code() == Some(2) && said(&near.stderr).contains("did you mean `listZones`?"));
}

#[test]
fn values_and_bodies_come_from_files() {
    let folder = TempDir::new().unwrap();
    let (url, requests) = server(&json!({}));
    cloudn_at(&folder, &url);
    write(&folder, "name.txt", "two words");
    write(&folder, "more.json", r#"{"description": "of a file", "account": null}"#);
    let group = ["call", "cloudn", "createSecurityGroup", "name=@name.txt", "--body", "more.json"];
    assay(&folder, &[&group[..], &["--target", "target.yaml"]].concat());
    let asked = requests.recv().unwrap();
    assert!(asked.contains("name=two%20words") && asked.contains("description=of%20a%20file"), "{asked}");
    let keys = "{token: t-of-a-test, app_code: a-of-a-test, hcso_app_code: h-of-a-test}";
    write(&folder, "esm.yaml", &format!("target: x\nsuites:\n  esm: {{url: \"{url}\", credentials: {keys}}}\n"));
    write(&folder, "body.json", r#"{"a": [1, null]}"#);
    let query = ["call", "esm", "screen-data-query", "share_id=7", "--body", "body.json", "--target", "esm.yaml"];
    assay(&folder, &query);
    let asked = requests.recv().unwrap();
    assert!(asked.starts_with("POST /rest/dlvapp-engine/v1/screens/data/7 "), "{asked}");
    assert!(asked.ends_with(r#"{"a": [1, null]}"#), "{asked}");
    let gone = assay(&folder, &["call", "cloudn", "listZones", "name=@nowhere"]);
    assert!(gone.status.code() == Some(3) && said(&gone.stderr).contains("nowhere can't be read"));
}

#[test]
fn a_target_has_a_name_for_every_command() {
    let folder = TempDir::new().unwrap();
    let (url, _requests) = server(&json!({"listzonesresponse": {"count": 0}}));
    cloudn_at(&folder, &url);
    write(&folder, "assay.yaml", "targets: {staging: target.yaml}\n");
    printed(&folder, &["call", "cloudn", "listZones", "--target", "staging"]);
    printed(&folder, &["call", "cloudn", "listZones", "--target", "target.yaml"]);
    assert_eq!(lines(&folder, &["--suite", "cloudn", "--target", "staging"], "listZones\n").status.code(), Some(0));
    let near = assay(&folder, &["discover", "--target", "stagin"]);
    assert_eq!(near.status.code(), Some(2));
    assert!(said(&near.stderr).contains("did you mean `staging`?"), "{}", said(&near.stderr));
    write(&folder, "assay.yaml", "targets: {reference: target.yaml}\n");
    assert_eq!(assay(&folder, &["call", "cloudn", "listZones"]).status.code(), Some(5));
}

#[test]
fn lines_of_a_script_are_carried_out_one_after_another() {
    let folder = TempDir::new().unwrap();
    let script = "# groups\n\ncreateSecurityGroup name='by hand'\n\
                  listSecurityGroups --filter \"@.name == 'by hand'\" --output csv --columns name\nhelp listZones\n";
    let ran = lines(&folder, &["--suite", "cloudn"], script);
    let out = said(&ran.stdout);
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran.stderr));
    assert!(out.contains("\nname\nby hand\n") && out.contains("listZones: reads"), "{out}");
    // What goes wrong is told, and what comes after it is carried out.
    let script = "listZone\nlistZones name='x\nlistZones --output csv --columns name\nexit\nlistVolumes\n";
    let ran = lines(&folder, &["--suite", "cloudn"], script);
    let out = said(&ran.stdout);
    assert!(out.contains("there is no command listZone") && out.ends_with("\nname\njp-e1a\njp-e1b\n"), "{out}");
    assert!(said(&ran.stderr).contains("the quote ' does not end"), "{}", said(&ran.stderr));
    assert_eq!(ran.status.code(), Some(1), "the first line is refused by the server");
    assert!(!folder.path().join("assay/history").exists(), "a script is no history");
}

#[test]
fn a_shell_asks_which_operations_a_deployment_has() {
    let folder = TempDir::new().unwrap();
    let ran = lines(&folder, &["--suite", "cloudstack"], "sync\n");
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran.stderr));
    assert!(said(&ran.stdout).contains("operations are there; "), "{}", said(&ran.stdout));
    // What has no such list says so, and the next line is carried out.
    let ran = lines(&folder, &["--suite", "ies"], "sync\nhelp\n");
    assert_eq!(ran.status.code(), Some(3), "{}", said(&ran.stderr));
    let said_of_it = said(&ran.stderr);
    assert!(said_of_it.contains("does not describe its operations"), "{said_of_it}");
    assert!(said(&ran.stdout).contains("sync "), "{}", said(&ran.stdout));
}

#[test]
fn the_lines_of_a_shell_have_its_defaults_and_no_secrets_of_the_target() {
    let folder = TempDir::new().unwrap();
    let (url, requests) = server(&json!({"listzonesresponse": {"zone": [{"id": "secret-of-a-test\u{1b}[31m"}]}}));
    cloudn_at(&folder, &url);
    let arguments = ["--suite", "cloudn", "--target", "target.yaml", "--output", "table"];
    let ran = lines(&folder, &arguments, "listZones --explain\nlistZones --body -\n");
    let all = format!("{}{}", said(&ran.stdout), said(&ran.stderr));
    assert!(!all.contains("secret-of-a-test") && !all.contains("key-of-a-test") && !all.contains('\u{1b}'), "{all}");
    assert!(said(&ran.stdout).starts_with("id\n"), "{all}");
    assert_eq!((ran.status.code(), requests.try_iter().count()), (Some(2), 1), "{all}");
}
