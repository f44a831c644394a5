//! Recorded requests become a scenario that is free of mistakes, runs as it is and holds no secret.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::openapi::shop::{RunningShop, TOKEN, document};

/// What was recorded with the requests, and may be in no scenario and no message.
const SECRETS: [&str; 4] = ["a-recorded-token-4711", "a-recorded-cookie", "a-recorded-password", "dark"];

/// A folder with recorded files, the shop's document and a target file for a shop.
struct Folder(TempDir);

impl Folder {
    fn new(shop: &RunningShop) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        for file in ["shop.har", "shop.sh", "shop.postman_collection.json"] {
            std::fs::copy(tests.join("new_scenario").join(file), folder.0.path().join(file)).unwrap();
        }
        std::fs::copy(document(), folder.0.path().join("shop.yaml")).unwrap();
        folder.write(
            "target.yaml",
            &format!(
                "target: shop\nsuites:\n  shop:\n    url: {}/v1\n    credentials: {{bearer: \"${{SHOP_TOKEN}}\"}}\n\
                 allow: [reads, creates]\nvariables: {{email: b@shop.example}}\n",
                shop.url
            ),
        );
        folder
    }

    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.0.path().join(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.path().join(path)).unwrap()
    }

    /// The exit code, and what is printed.
    fn assay(&self, arguments: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.args(arguments.split(' ')).current_dir(self.0.path()).env("SHOP_TOKEN", TOKEN);
        let output = command.output().unwrap();
        let printed = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        (output.status.code(), printed.concat())
    }
}

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Makes a scenario of a file, holds that it is sound, runs and has no secret; what was printed, and the scenario.
fn imported(file: &str) -> (String, String) {
    let shop = RunningShop::start(None);
    let folder = Folder::new(&shop);
    let (code, printed) = folder.assay(&format!("new scenario bought --openapi shop.yaml --from {file}"));
    assert_eq!(code, Some(0), "{printed}");
    let scenario = folder.read("scenarios/shop/bought.yaml");
    for secret in SECRETS {
        assert!(!scenario.contains(secret) && !printed.contains(secret), "{secret}: {printed}{scenario}");
    }
    let (code, checked) = folder.assay("check --openapi shop.yaml");
    assert!(code == Some(0) && checked.contains("no mistakes"), "{checked}{scenario}");
    for _ in 0..2 {
        let (_, ran) = folder.assay("test --openapi shop.yaml --target target.yaml --tag recorded --allow-untested");
        assert!(ran.contains("1 conforms"), "{ran}{scenario}");
    }
    assert_eq!(shop.things(), 0, "what was created is removed: {scenario}");
    let (code, again) = folder.assay(&format!("new scenario bought --openapi shop.yaml --from {file}"));
    assert!(code == Some(3) && again.contains("is there already"), "{again}");
    folder.assay(&format!("new scenario bought --openapi shop.yaml --from {file} --output again.yaml"));
    assert_eq!(folder.read("again.yaml"), scenario, "the same file makes the same scenario");
    (printed, scenario)
}

#[test]
fn a_network_log_of_a_browser_becomes_a_scenario() {
    let (printed, scenario) = imported("shop.har");
    assert_contains(
        &printed,
        &[
            "7 of 13 requests became steps",
            "GET /v1/basket: no operation of the suite has this method and path",
            "GET /v1/orders: it has no answer",
            "2 requests for static files",
            "1 request to other hosts",
            "`_` of shop.har:",
            "authorization, cookie, which the target file gives",
        ],
    );
    assert_contains(
        &scenario,
        &[
            r#"{"productId":"$productId"}"#,
            r#""product_id":"$productId""#,
            r#"{"orderId":"$orderId"}"#,
            r#"save: {"orderId":"$.id"}"#,
            r#"{"outcome":"refused","status":404}"#,
            r#""name":"Atlas-${unique}""#,
        ],
    );
    assert!(!scenario.contains("7b0d5f36"), "{scenario}");
}

#[test]
fn a_postman_collection_becomes_a_scenario() {
    let (printed, scenario) = imported("shop.postman_collection.json");
    assert_contains(
        &printed,
        &[
            "6 of 7 requests became steps",
            "POST /v1/reviews: no operation of the suite has this method and path",
            "its authorization, which the target file gives",
            "under `variables`: email",
        ],
    );
    assert_contains(
        &scenario,
        &[
            r#"save: {"productId":"$.id"}"#,
            r#"{"productId":"$productId"}"#,
            r#""product_id":"$productId","quantity":2,"email":"$email""#,
            r#"{"orderId":"$orderId"}"#,
            r#""limit":5"#,
        ],
    );
}

#[test]
fn curl_command_lines_become_a_scenario() {
    let (printed, scenario) = imported("shop.sh");
    assert_contains(
        &printed,
        &[
            "5 of 6 requests became steps",
            "shop.sh:9:1: GET /v1/reviews: no operation of the suite has this method and path",
            "`--retry` of line 5",
            "authorization, cookie, which the target file gives",
        ],
    );
    assert_contains(
        &scenario,
        &[
            r#"save: {"productId":"$.id"}"#,
            r#"{"productId":"$productId"}"#,
            r#""product_id":"$productId""#,
            r#""note":"it's a gift""#,
        ],
    );
}

#[test]
fn commands_of_a_query_api_are_known_by_their_parameter() {
    let folder = Folder::empty();
    let address = "http://127.0.0.1:8080/client/api?command=listZones";
    let text = format!(
        "curl '{address}&available=true&response=json&apiKey=a-recorded-key&signature=cmVjb3JkZWQ%3D'\n\
         curl '{address}Often&apiKey=a-recorded-key&signature=cmVjb3JkZWQ%3D'\n"
    );
    folder.write("zones.sh", &text);
    let (code, printed) = folder.assay("new scenario --suite cloudstack --from zones.sh");
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("1 of 2 requests became steps"), "{printed}");
    assert!(printed.contains("the suite has no operation `listZonesOften`"), "{printed}");
    assert!(printed.contains("apiKey, signature, which the target file gives"), "{printed}");
    let scenario = folder.read("scenarios/cloudstack/zones.yaml");
    assert!(scenario.contains("call: \"listZones\"\n    with: {\"available\":"), "{scenario}");
    assert!(!scenario.contains("recorded-key") && !scenario.contains("cmVjb3JkZWQ"), "{scenario}");
    let (code, checked) = folder.assay("check");
    assert_eq!(code, Some(0), "{checked}");
    let (_, ran) = folder.assay("test --suite cloudstack --tag recorded");
    assert!(ran.contains("1 conforms"), "{ran}");
}

/// An entry of a network log.
fn entry(query: &str, answer: &Value) -> Value {
    let url = format!("http://127.0.0.1:8080/client/api?{query}&response=json&sessionkey=a-recorded-key");
    let content = json!({"mimeType": "application/json", "text": answer.to_string()});
    let response = json!({"status": 200, "headers": [], "content": content});
    json!({"request": {"method": "GET", "url": url, "headers": []}, "response": response})
}

#[test]
fn secrets_within_bodies_become_variables_of_the_target() {
    let folder = Folder::empty();
    std::fs::copy(document(), folder.0.path().join("shop.yaml")).unwrap();
    let long = "a-recorded-secret".repeat(400);
    folder.write(
        "orders.sh",
        &format!(
            "curl -XPOST http://h/v1/orders -H 'X-Token: a-recorded-token' --json '{{\"product_id\": 1, \"quantity\": 1, \
             \"email\": \"a@b.example\", \"note\": \"say a-recorded-token\", \"password\": \"{long}\", \
             \"credentials\": {{\"value\": \"a-recorded-value\"}}, \"text\": \"password=a-recorded-word\"}}'\n"
        ),
    );
    let (code, printed) = folder.assay("new scenario --openapi shop.yaml --from orders.sh");
    let scenario = folder.read("scenarios/shop/orders.yaml");
    assert!(code == Some(0) && !printed.contains("a-recorded"), "{printed}");
    assert!(!scenario.contains("a-recorded"), "{scenario}");
    assert!(scenario.contains(r#""password":"$password""#), "{scenario}");
    assert!(printed.contains("under `variables`: password: \"${PASSWORD}\""), "{printed}");
}

#[test]
fn requests_that_ask_for_a_job_become_one_step_that_awaits_it() {
    let folder = Folder::empty();
    let [zone, offering, job, volume] =
        [1, 2, 3, 4].map(|number| format!("0{number}a1b2c3-0000-4000-8000-00000000000f"));
    let asked = |status: u8, result: Value| {
        let answer = json!({"jobid": job, "jobstatus": status, "jobresult": result});
        entry(&format!("command=queryAsyncJobResult&jobid={job}"), &json!({"queryasyncjobresultresponse": answer}))
    };
    let entries = [
        entry("command=listZones", &json!({"listzonesresponse": {"count": 1, "zone": [{"id": zone}]}})),
        entry(
            "command=listDiskOfferings",
            &json!({"listdiskofferingsresponse": {"count": 1, "diskoffering": [{"id": offering}]}}),
        ),
        entry(
            &format!("command=createVolume&name=data&diskofferingid={offering}&zoneid={zone}"),
            &json!({"createvolumeresponse": {"jobid": job}}),
        ),
        asked(0, json!({})),
        asked(1, json!({"volume": {"id": volume, "name": "data"}})),
        entry(
            &format!("command=listVolumes&id={volume}"),
            &json!({"listvolumesresponse": {"count": 1, "volume": [{"id": volume}]}}),
        ),
    ];
    folder.write("volume.har", &json!({"log": {"entries": entries}}).to_string());
    let (code, printed) = folder.assay("new scenario --suite cloudstack --from volume.har");
    assert!(code == Some(0) && printed.contains("6 of 6 requests became steps"), "{printed}");
    let scenario = folder.read("scenarios/cloudstack/volume.yaml");
    let awaited = "    await:\n      save: {\"id\":\"$.jobresult.volume.id\"}\n  - call: \"listVolumes\"";
    assert!(scenario.contains(awaited) && scenario.matches("await").count() == 1, "{scenario}");
    assert!(!scenario.contains("a-recorded-key"), "{scenario}");
    let (_, ran) = folder.assay("test --suite cloudstack --tag recorded");
    assert!(ran.contains("1 conforms"), "{ran}{scenario}");
}

#[test]
fn what_is_no_recording_is_refused_with_its_place_and_without_its_text() {
    let folder = Folder::empty();
    for (text, message) in [
        ("{\"log\": {\"entries\": [\n  {\"token\" \"a-secret\"}]}}", "recorded.har:2:12"),
        ("{\"log\": {\"entries\": 7}}", "there is no list of entries here"),
        ("{\"a-secret\": 1}", "neither a HAR file, a Postman collection, a curl command line nor an access log"),
        (
            "{\"info\": {\"schema\": \"https://schema.getpostman.com/json/collection/v2.0.0/\"}, \"item\": []}",
            "export it as",
        ),
        ("curl 'a-secret", "recorded.har:1:1"),
        ("a-secret", "neither a HAR file"),
        ("", "neither a HAR file"),
    ] {
        folder.write("recorded.har", text);
        let (code, printed) = folder.assay("new scenario --suite cloudstack --from recorded.har");
        assert_eq!(code, Some(5), "{text}: {printed}");
        assert!(printed.contains(message) && !printed.contains("a-secret"), "{text}: {printed}");
    }
}

/// A network log of requests to the shop: methods, paths, bodies and headers.
fn archive(requests: &[(&str, &str, Value, Value)]) -> String {
    let entries = requests.iter().map(|(method, path, body, headers)| {
        let data = if body.is_null() {
            Value::Null
        } else {
            json!({"mimeType": "application/json", "text": body.to_string()})
        };
        let request =
            json!({"method": method, "url": format!("http://h/v1{path}"), "headers": headers, "postData": data});
        json!({"request": request, "response": {"status": 200, "headers": [], "content": {}}})
    });
    json!({"log": {"entries": entries.collect::<Vec<_>>()}}).to_string()
}

fn shop_folder() -> Folder {
    let folder = Folder::empty();
    std::fs::copy(document(), folder.0.path().join("shop.yaml")).unwrap();
    folder
}

#[test]
fn tokens_in_bodies_and_credentials_in_paths_stay_in_the_recording() {
    let folder = shop_folder();
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhLXJlY29yZGVkIn0.YS1yZWNvcmRlZA";
    let headers = json!([{"name": "Authorization", "value": "Bearer a-recorded-token"}]);
    let note = json!({"product_id": 1, "quantity": 1, "email": "a@b.example", "note": token});
    folder.write(
        "recorded.har",
        &archive(&[
            ("POST", "/orders", note, headers),
            ("GET", "/nosuch/Basic%20dXNlcjpTVVBFUlNFQ1JFVA==", Value::Null, json!([])),
            ("GET", "/nosuch/a-recorded-token", Value::Null, json!([])),
            ("GET", &format!("/nosuch/{token}"), Value::Null, json!([])),
        ]),
    );
    let (code, printed) = folder.assay("new scenario --openapi shop.yaml --from recorded.har");
    assert_eq!(code, Some(0), "{printed}");
    let scenario = folder.read("scenarios/shop/recorded.yaml");
    for secret in ["eyJ", "dXNlcjpT", "a-recorded-token"] {
        assert!(!scenario.contains(secret) && !printed.contains(secret), "{secret}: {printed}{scenario}");
    }
    assert!(scenario.contains(r#""note":"$note""#), "{scenario}");
    assert_contains(&printed, &["/v1/nosuch/Basic [redacted]: no operation", "/v1/nosuch/[redacted]: no operation"]);
}

#[test]
fn messages_spell_out_the_control_characters_of_a_recording() {
    let folder = shop_folder();
    folder.write(
        "calls.sh",
        "curl 'http://h/v1/products?limit=2' --\u{1b}[31mfoo\ncurl 'http://h/v1/\u{1b}]0;pwned\u{7}x%0Aleft'\n",
    );
    let (code, printed) = folder.assay("new scenario --openapi shop.yaml --from calls.sh");
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.chars().all(|character| character == '\n' || !character.is_control()), "{printed:?}");
    assert_contains(
        &printed,
        &["`--\\u001b[31mfoo` of line 1", "GET /v1/\\u001b]0;pwned\\u0007x\\nleft: no operation"],
    );
}

#[test]
fn entries_without_a_request_and_without_a_status_are_told_apart() {
    let folder = shop_folder();
    let asked = |status: Value| json!({"request": {"method": "GET", "url": "http://h/v1/products"}, "response": {"status": status}});
    let entries =
        json!([1, null, "x", {}, {"request": {"url": []}}, asked(json!(200)), asked(json!(1e308)), asked(json!(0))]);
    folder.write("recorded.har", &json!({"log": {"entries": entries}}).to_string());
    let (code, printed) = folder.assay("new scenario --openapi shop.yaml --from recorded.har");
    assert_eq!(code, Some(0), "{printed}");
    assert_contains(
        &printed,
        &[
            "1 of 3 requests became steps",
            "5 entries that hold no request, the first at recorded.har:1:20",
            "GET /v1/products: the status of its answer is none of HTTP",
            "GET /v1/products: it has no answer: it was cancelled or blocked",
        ],
    );
}

#[test]
fn a_recording_that_nobody_reads_is_refused_with_a_place() {
    let folder = shop_folder();
    let call = "curl http://h/v1/products\n";
    folder.write("thousand.sh", &call.repeat(1_001));
    folder.write("thousands.sh", &call.repeat(2_001));
    folder.write("line.sh", &format!("{call}curl 'http://h/v1/products?limit={}'\n", "9".repeat((1 << 20) + 1)));
    std::fs::File::create(folder.0.path().join("long.har")).unwrap().set_len((32 << 20) + 1).unwrap();
    for (file, place, message) in [
        ("thousand.sh", "1001:1", "the most that a scenario has"),
        ("thousands.sh", "2001:1", "the most that are read"),
        ("line.sh", "2:1", "this line is longer than 1 MiB"),
        ("long.har", "1:1", "the recording is longer than 32 MiB"),
    ] {
        let (code, printed) = folder.assay(&format!("new scenario --openapi shop.yaml --from {file}"));
        assert_eq!(code, Some(5), "{printed}");
        assert_contains(&printed, &[&format!("{file}:{place}"), message, "cut the recording"]);
    }
}
