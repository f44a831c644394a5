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
