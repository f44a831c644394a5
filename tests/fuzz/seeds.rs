//! What readers are given to begin with: good and wrong documents of the project, and records of small runs.

use std::path::Path;

use assay_formats::Histogram;

use super::readers::BASE;

/// The beginnings for a reader.
pub fn seeds(reader: &str) -> Vec<Vec<u8>> {
    let (folders, own): (&[&str], Vec<String>) = match reader {
        "suite" => (
            &[
                "documents/base/suites",
                "documents/wrong/suite",
                "documents/wrong/operations",
                "documents/wrong/requirements",
                "documents/wrong/deviations",
            ],
            vec![OPERATIONS.to_owned(), DEVIATIONS.to_owned()],
        ),
        "scenario" => (
            &[
                "documents/wrong/scenario",
                "documents/wrong/fixture",
                "documents/wrong/common",
                "documents/wrong/remark",
            ],
            vec![SCENARIO.to_owned()],
        ),
        "profile" => (&["documents/wrong/profile", "documents/base/scenarios/mini/load"], vec![PROFILE.to_owned()]),
        "trace" => (&["documents/wrong/trace"], vec!["at,operation,id\n0,listZones,a\n1m 3s,queryJob,\n".to_owned()]),
        "schema" => (&["documents/base/schemas", "documents/wrong/schema"], Vec::new()),
        "target" => (&["documents/wrong/target"], vec![TARGET.to_owned()]),
        "record" => (&["documents/wrong/record"], vec![record()]),
        "load_record" => (&["documents/wrong/load_record"], vec![load_record()]),
        "jsonpath" => (&[], PATHS.map(str::to_owned).to_vec()),
        "answer_json" => (&[], JSON.map(str::to_owned).to_vec()),
        "answer_xml" => (&[], XML.map(str::to_owned).to_vec()),
        other => panic!("nobody reads {other}"),
    };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut seeds: Vec<_> = own.into_iter().map(String::into_bytes).collect();
    folders.iter().for_each(|folder| collect(&tests.join(folder), &mut seeds));
    seeds
}

fn collect(path: &Path, seeds: &mut Vec<Vec<u8>>) {
    if path.is_dir() {
        let mut below: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        below.sort();
        below.iter().for_each(|path| collect(path, seeds));
    } else {
        seeds.push(std::fs::read(path).unwrap());
    }
}

const OPERATIONS: &str = "shared: {paging: {page: {}, pagesize: {}}}
operations:
  queryJob: {group: Jobs, source: '1', effect: reads, parameters: {jobid: {required: true, value: $job}}}
  listZones:
    group: Zones
    source: '2'
    effect: reads
    name_only: false
    include: [paging]
    list: {items: zone, key: id}
    paging: {page: page, size: pagesize, first: 1, default: 50, count: count, counts: whole}
    parameters:
      id: {filters: id, type: uuid, in: query, pattern: '^[a-z]+$'}
      name: {searches: name, minimum_length: 1, maximum_length: 9}
      size: {minimum: 1, maximum: 1.5, with: [id], excludes: [name], values: [a, b]}
    exactly_one: [[id], [name, size]]
    at_least_one: [[id, name]]
    service_level: {throughput: 60/min, availability: 99.9%, tp50: 2ms, tp99.9: 5ms}
    status: 200
    refusals: [4xx, 531]
  createZone:
    {group: Zones, source: '3', effect: creates, job: true, undo: {call: removeZone, with: {id: $.zone.id}}}
  removeZone: {group: Zones, source: '4', effect: removes, parameters: {id: {required: true, value: $zone}}}
";

const DEVIATIONS: &str = "server: moto
deviations:
- requirements: [MI-001, MI-002]
  operations: listZones
  cases: '*::json'
  observed: A list has no count.
  since: '2013'
  why: nobody counts
";

/// Scenarios with all that one can hold.
pub const SCENARIO: &str = "- fixture: [zone, job]
  steps:
  - {call: createZone, with: {name: '${unique}'}, save: {job: $.jobid, zone: header.location}}
  - {call: createZone, with: {name: b}, await: {within: 1m, ends: failed, expect: {$.jobstatus: 2}, save: {failed: $.jobid}, verifies: MI-001}}
  - {await: $job, within: 10m, ends: succeeded, expect: {state: terminal, $.jobresult: {type: object}}}
- scenario: zones are listed
  tags: [lists, 東京]
  formats: [json, xml]
  for_each: {operation: {effect: reads, job: false, except: [queryJob]}, parameter: filter}
  steps:
  - call: $operation
    with: {$parameter: a, id: [1, b], name: 'zone-${unique}', at: {b: 1.5}}
    add: [$partners]
    without: name
    method: POST
    account: neighbour
    format: default
    sign: {omit: signature, form: [reversed], version: 3, expires: -1m}
    each: [{}, {with: {a: 1.5}}]
    expect: {outcome: any, status: [4xx, 401], form: documented, headers: {x: {matches: 'x+'}}, body: {contains: a}}
    verifies: [MI-001, filters]
  - call: listZones
    expect:
      $.zone[0].id: {type: string, at_least: 1, times: 2, one_of: [a, $zone], sum: [a, b, c], percent: [a, b, c]}
      '$.zone[?@.name == ''${zone}''].id': {distinct: true, includes: a, excludes: b, not: c}
    until: {$.count: 2}
    within: 1s
  - {paginate: listZones, expect: {pages: [size, unique, complete, count, past_end]}}
";

const PROFILE: &str = "- profile: $operation is asked for
  tags: [reads]
  for_each: {operation: [listZones, queryJob]}
  arrivals:
    warm_up: 1s
    spacing: poisson
    seed: 7
    shape:
    - {rate: 10/s, for: 10s}
    - {from: 0/s, to: 100/min, for: 1m}
    - {steps: [1/s, 2/s], each: 5s}
    - {base: 10/s, peak: 20/s, for: 10s}
    - {mean: 10/s, amplitude: 5/s, period: 2s, for: 4s}
  mix: [{call: $operation, with: {id: $zone}, weight: 3}]
  data: {zone: [a, b]}
  service_level: {tp50: 2ms, tp99.9: 5ms, availability: 99.9%, throughput: 5/s}
  in_flight: 8
  check: 1%
  deadline: 2s
  abort: {after: 10s}
- profile: users
  users: {count: 3, hatch_rate: 1/s, think_time: 1s..3s, warm_up: 1s, for: 10s, journey: [{call: listZones}]}
  set_up: [{call: listZones, save: {zone: '$.zone[0].id'}}]
  data: {n: {counter: {from: 5}}, r: {random: {from: 1, to: 9, seed: 3}}}
  service_level: documented
";

/// A target file with all that one can hold.
pub const TARGET: &str = "target: staging
suites:
  cloudn:
    url: \"https://cloud.example/client/api\"
    api_key: \"${KEY}\"
    secret_key: s
    credentials: {token: t}
    accounts: {neighbour: {api_key: k, secret_key: s, url: 'http://other.example:8096/'}}
    variables: {host: h}
allow: [reads, creates, load]
variables: {zone: 1b02e74c, größe: 4, both: [a]}
limits: {rate: 20/s, in_flight: 8, deadline: 30s, longest_job: 10m}
server: cloudstack-4.1
";

const PATHS: [&str; 6] = [
    "$.zone[0].id",
    "$.zone[?@.name == 'ROOT' && length(@.id) > 3]['a', 1:2]..*\n{\"zone\": [{\"name\": \"ROOT\", \"id\": \"abcd\"}]}",
    "$.${items}[?match(@.name, 'a.*b') || !@.id || count(@.*) >= 1e1].tags[-1:0:-2]",
    "$..[?value(@.a) != null][*]",
    "$['zone'][\"id\"][\"\\u0041\"]",
    "$[?search(@.name, '(a+)+$')]\n[{\"name\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}]",
];

const JSON: [&str; 3] = [
    r#"{"listzonesresponse": {"count": 1, "zone": [{"id": "ü", "tags": [], "within": {"count": 0}}]}}"#,
    r#"{"count": 1e3, "size": -0.5, "open": true, "name": "\ud83d\ude00\u0000", "zone": null}"#,
    r#"{"errorresponse": {"errorcode": 431, "errortext": "no"}}"#,
];

const XML: [&str; 2] = [
    "<?xml version='1.0'?><listzonesresponse a='b'><count>1</count><zone><id/><![CDATA[x]]><!-- --><tags>&#228;&amp;</tags>\
     </zone><zone><within><count>2</count></within></zone></listzonesresponse>",
    "<r xmlns:a=\"urn:b\"><a:name>\u{e4}</a:name><open>true</open><size>1.5</size>\n</r>",
];

fn line(value: &serde_json::Value) -> String {
    format!("{value}\n")
}

fn target() -> serde_json::Value {
    serde_json::json!({
        "name": "staging",
        "services": {"mini": {"url": "http://127.0.0.1:1/", "accounts": [], "variables": {"finished_job": "j"}}},
        "allow": ["reads"], "variables": {"zone": "a"}, "longest_job": {"secs": 600, "nanos": 0}, "server": "moto",
    })
}

/// The record of a run of the small API, with a good answer and with none.
fn record() -> String {
    let mut record = line(&serde_json::json!({
        "event": "run_started", "format": 1, "assay": "0.1.0", "run": "r", "started": "2025-03-04T05:06:07Z",
        "target": target(), "suites": ["mini"], "tags": [], "strictness": "everything", "repeat": ["--strict"],
    }));
    for (path, text) in BASE {
        record += &line(&serde_json::json!({"event": "document", "path": path, "text": text}));
    }
    let request = serde_json::json!({
        "method": "GET", "url": "http://127.0.0.1:1/?command=listZones&response=json", "headers": [["accept", "*/*"]],
        "body": null,
    });
    let answered = serde_json::json!({"Ok": {
        "status": 200, "headers": [["content-type", "application/json"]],
        "body": "{\"listZonesresponse\": {\"zone\": [{\"id\": 5}]}}", "lossy": false,
    }});
    let failed = serde_json::json!({"Err": {"kind": "deadline", "message": "nobody answers"}});
    let case = "mini::zones::zones-are-listed::json";
    record += &line(&serde_json::json!({"event": "case_started", "case": case, "at_us": 1}));
    for outcome in [answered, failed] {
        record += &line(&serde_json::json!({
            "event": "exchanged", "case": case, "part": {"step": 0},
            "exchange": {"request": request, "outcome": outcome, "timing": {"sent_us": 1, "took_us": 2}},
        }));
    }
    record += &line(&serde_json::json!({"event": "left_over", "case": case, "what": "removeZone id=1"}));
    record += &line(&serde_json::json!({"event": "case_ended", "case": case, "at_us": 9}));
    record += &line(
        &serde_json::json!({"event": "case_skipped", "case": "mini::zones::a-good-request-is-accepted::queryJob::xml", "reason": "no"}),
    );
    record + &line(&serde_json::json!({"event": "run_ended", "at_us": 10, "ending": "completed"}))
}

/// The record of a load run of a few seconds.
fn load_record() -> String {
    let mut histogram = Histogram::new();
    (1..=50_u64).for_each(|millis| histogram.record(std::time::Duration::from_millis(millis)));
    let encoded = histogram.encode().0;
    let seconds = |secs: u64| serde_json::json!({"secs": secs, "nanos": 0});
    let requirement = serde_json::json!({"id": "MI-001", "text": "Fast.", "source": "1"});
    let latency = serde_json::json!({"latency": {"quantile": 0.5, "limit": seconds(1)}});
    let promises: Vec<_> =
        [latency, serde_json::json!({"success_rate": 0.99}), serde_json::json!({"throughput": 10.0})]
            .into_iter()
            .map(|level| serde_json::json!({"operation": "listZones", "level": level, "requirements": [requirement]}))
            .collect();
    let profile = serde_json::json!({
        "name": "mini::zones::zones-are-read", "title": "zones are read", "suite": "mini", "place": "a.yaml:1:1",
        "model": {"open": {"due": 200, "peak": 50.0}}, "warm_up": seconds(1), "lasts": seconds(4), "in_flight": 64,
        "lateness": [[0.5, {"secs": 0, "nanos": 200_000}]], "judged": {"listZones": 150}, "promises": promises,
    });
    let mut record = line(&serde_json::json!({
        "event": "load_started", "format": 1, "assay": "0.1.0", "run": "r", "started": "2025-03-04T05:06:07Z",
        "target": target(), "shard": {"number": 1, "of": 2}, "repeat": ["--target", "t.yaml"], "profiles": [profile],
    }));
    record += &line(&serde_json::json!({"event": "profile_started", "profile": 0, "at_us": 5}));
    for second in 0..4 {
        record += &line(&serde_json::json!({
            "event": "interval", "profile": 0, "second": second, "phase": if second == 0 { "warm_up" } else { "judged" },
            "operations": {"listZones": {
                "due": 52, "outcomes": {"success": 50, "timed_out": 2}, "response": encoded, "service": encoded,
                "lateness": encoded, "checked": 1, "mistakes": ["$.zone: missing"],
            }},
        }));
    }
    record += &line(&serde_json::json!({"event": "left_over", "profile": "mini::zones", "what": "removeZone id=1"}));
    record +=
        &line(&serde_json::json!({"event": "profile_ended", "profile": 0, "at_us": 9, "ending": {"aborted": "slow"}}));
    record + &line(&serde_json::json!({"event": "load_ended", "at_us": 10, "ending": "completed"}))
}
