//! Access logs and HAR files become a load profile that runs as it is and holds no secret.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::openapi::shop::document;

const LOG: &str = r#"
10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /client/api?command=listZones&apikey=a-recorded-key&signature=a-signature HTTP/1.1" 200 17 "-" "x"
10.0.0.2 - - [10/Oct/2026:13:55:36 +0000] "GET /client/api?command=listTemplates&templatefilter=featured&keyword=a%20b HTTP/1.1" 200 17 "-" "x"
10.0.0.2 - - [10/Oct/2026:13:55:38 +0000] "GET /client/api?command=deployVirtualMachine&zoneid=7 HTTP/1.1" 200 17 "-" "x"
10.0.0.2 - - [10/Oct/2026:13:55:37 +0000] "GET /client/api?command=listZones HTTP/1.1" 401 17 "-" "x"
10.0.0.2 - - [10/Oct/2026:13:55:37 +0000] "\x16\x03\x01" 400 0 "-" "-"
10.0.0.2 - - [10/Oct/2026:13:55:37 +0000] "GET /client/api?command=listEverything HTTP/1.1" 200 17 "-" "x"
10.0.0.2 - - [10/Oct/2026:13:55:37 +0000] "GET /client/api?command=listZones&keyword=z HTTP/1.1" 200 17 "-" "x"
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("access.log"), LOG.trim_start()).unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    std::fs::copy(tests.join("new_scenario/shop.har"), folder.path().join("shop.har")).unwrap();
    std::fs::copy(document(), folder.path().join("shop.yaml")).unwrap();
    folder
}

/// The exit code, and what is printed.
fn assay(folder: &TempDir, arguments: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    let output = command.args(arguments.split(' ')).current_dir(folder.path()).output().unwrap();
    let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (output.status.code(), printed.concat())
}

#[test]
fn an_access_log_becomes_a_profile_of_what_only_reads() {
    let folder = folder();
    let (code, printed) = assay(&folder, "new profile --suite cloudn --from access.log");
    assert_eq!(code, Some(0), "{printed}");
    for part in [
        "3 of 6 requests became arrivals within 1.0 s",
        "1 request: it changes something (deployVirtualMachine)",
        "1 request: it was answered with status 401",
        "1 request: the suite has no operation `listEverything`",
        "1 line that shows no request, the first at access.log:5:1",
        "without: apikey, signature, which the target file gives",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let trace = std::fs::read_to_string(folder.path().join("scenarios/cloudn/load/access.csv")).unwrap();
    // What came within one second is spread over it.
    assert_eq!(
        trace,
        "at,operation,keyword,templatefilter\n0.000,listZones,,\n0.500,listTemplates,a b,featured\n1.000,listZones,z,\n"
    );
    let (code, printed) = assay(&folder, "load --suite cloudn access");
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("listZones: 2 requests") && printed.contains("listTemplates: 1 request"), "{printed}");
    let (code, printed) = assay(&folder, "new profile --suite cloudn --from access.log");
    assert_eq!(code, Some(3), "{printed}");
    assert!(printed.contains("is there already; nothing was written"), "{printed}");
}

#[test]
fn a_har_file_says_when_its_requests_were_sent() {
    let folder = folder();
    let (code, printed) = assay(&folder, "new profile bought --openapi shop.yaml --from shop.har");
    assert_eq!(code, Some(0), "{printed}");
    let trace = std::fs::read_to_string(folder.path().join("scenarios/shop/load/bought.csv")).unwrap();
    let profile = std::fs::read_to_string(folder.path().join("scenarios/shop/load/bought.yaml")).unwrap();
    assert!(trace.contains("getProduct") && profile.contains("bought.csv"), "{trace}{profile}");
    assert!(![trace, profile, printed].concat().contains("a-recorded"));
}

#[test]
fn secrets_in_arguments_are_left_out_and_what_says_who_asks_is_named() {
    let folder = folder();
    let entry = |path: &str, second: u8| {
        let headers = r#"[{"name": "Cookie", "value": "SID=a-recorded-cookie"}, {"name": "X-Api-Key", "value": "a-recorded-key"}]"#;
        format!(
            r#"{{"startedDateTime": "2026-10-10T13:55:0{second}Z", "request": {{"method": "GET",
             "url": "http://h/v1{path}", "headers": {headers}}}, "response": {{"status": 200}}}}"#
        )
    };
    let entries = [
        entry("/products?limit=2&cursor=Bearer%20a-recorded-word", 1),
        entry("/products?cursor=https://u:a-recorded-word@h/", 2),
        entry("/products?cursor=a-recorded-cookie", 3),
        entry("/products/a-recorded-key", 4),
        entry("/products?cursor=p2", 5),
    ];
    let archive = format!("{{\"log\": {{\"entries\": [{}]}}}}", entries.join(","));
    std::fs::write(folder.path().join("secrets.har"), archive).unwrap();
    let (code, printed) = assay(&folder, "new profile --openapi shop.yaml --from secrets.har");
    assert_eq!(code, Some(0), "{printed}");
    let trace = std::fs::read_to_string(folder.path().join("scenarios/shop/load/secrets.csv")).unwrap();
    assert!(!trace.contains("a-recorded") && !printed.contains("a-recorded"), "{printed}{trace}");
    assert!(trace.contains("p2") && trace.lines().count() == 5, "{trace}");
    for part in [
        "4 of 5 requests became arrivals",
        "1 request: its `productId` is a secret (getProduct)",
        "without: cookie, x-api-key, which the target file gives",
        "without: cursor of 3 requests, where its value is a secret",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

#[test]
fn messages_spell_out_the_control_characters_of_a_log() {
    let folder = folder();
    let line = |target: &str| format!("h - - [10/Oct/2026:13:55:36 +0000] \"GET {target} HTTP/1.1\" 200 1\n");
    let log = line("/client/api?command=listZones") + &line("/client/api?command=list%1b[31mZones%0Aleft");
    std::fs::write(folder.path().join("steering.log"), log).unwrap();
    let (code, printed) = assay(&folder, "new profile --suite cloudn --from steering.log");
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("the suite has no operation `list\\u001b[31mZones\\nleft`"), "{printed:?}");
}
