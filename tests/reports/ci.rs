//! What other programs read: each report against what its format asks for.

use assay_report::{ctrf, github, gitlab, sarif};
use serde_json::{Value, json};

use super::builder::{EVIL, told_as};
use super::forbidden;
use super::realistic::realistic;

fn read(report: &str) -> Value {
    assert_eq!(report.find(forbidden), None);
    serde_json::from_str(report).unwrap()
}

fn fits(schema: &Value, value: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// What CTRF asks for, as far as a report of ours has it; anything else is refused, as CTRF does.
fn ctrf_schema() -> Value {
    let text = json!({"type": "string"});
    let count = json!({"type": "integer", "minimum": 0});
    json!({
        "type": "object",
        "required": ["results", "reportFormat", "specVersion"],
        "additionalProperties": false,
        "properties": {
            "reportFormat": {"const": "CTRF"},
            "specVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
            "generatedBy": text,
            "results": {
                "type": "object",
                "required": ["tool", "summary", "tests"],
                "additionalProperties": false,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["name"],
                        "additionalProperties": false,
                        "properties": {"name": {"type": "string", "minLength": 1}, "version": text}
                    },
                    "summary": {
                        "type": "object",
                        "required": ["tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"],
                        "additionalProperties": false,
                        "properties": {
                            "tests": count, "passed": count, "failed": count, "skipped": count, "pending": count,
                            "other": count, "flaky": count, "suites": count, "start": count, "stop": count
                        }
                    },
                    "tests": {"type": "array", "items": {
                        "type": "object",
                        "required": ["name", "status", "duration"],
                        "additionalProperties": false,
                        "properties": {
                            "name": {"type": "string", "minLength": 1},
                            "status": {"enum": ["passed", "failed", "skipped", "pending", "other"]},
                            "duration": {"type": "integer"},
                            "suite": {"type": "array", "minItems": 1, "items": text},
                            "rawStatus": text,
                            "message": text,
                            "filePath": text,
                            "line": {"type": "integer"},
                            "tags": {"type": "array", "items": text},
                            "flaky": {"type": "boolean"}
                        }
                    }}
                }
            }
        }
    })
}

#[test]
fn ctrf_has_a_test_for_each_case() {
    let run = realistic();
    let report = read(&ctrf(&run).unwrap());
    fits(&ctrf_schema(), &report);
    let summary = &report["results"]["summary"];
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(count("tests"), run.cases.len() as u64);
    assert_eq!(count("passed") + count("failed") + count("skipped"), count("tests"));
    assert_eq!(summary["start"], 1_741_064_767_000_u64);
    fits(&ctrf_schema(), &read(&ctrf(&told_as(EVIL)).unwrap()));
}

/// What SARIF 2.1.0 (3.13 to 3.30) asks for, as far as a report of ours has it.
fn sarif_schema() -> Value {
    let message =
        json!({"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}});
    let region = json!({"type": "object", "required": ["startLine"], "properties": {
        "startLine": {"type": "integer", "minimum": 1}
    }});
    let location = json!({"type": "object", "properties": {"physicalLocation": {
        "type": "object",
        "required": ["artifactLocation"],
        "properties": {"region": region}
    }}});
    let result = json!({
        "type": "object",
        "required": ["message", "ruleId"],
        "properties": {
            "message": message,
            "level": {"enum": ["none", "note", "warning", "error"]},
            "occurrenceCount": {"type": "integer", "minimum": 1},
            "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
            "locations": {"type": "array", "items": location}
        }
    });
    let rule = json!({"type": "object", "required": ["id"], "properties": {"shortDescription": message}});
    let driver = json!({
        "type": "object",
        "required": ["name"],
        "properties": {"rules": {"type": "array", "uniqueItems": true, "items": rule}}
    });
    let run = json!({
        "type": "object",
        "required": ["tool", "results"],
        "properties": {
            "tool": {"type": "object", "required": ["driver"], "properties": {"driver": driver}},
            "invocations": {"type": "array", "items": {"type": "object", "required": ["executionSuccessful"]}},
            "results": {"type": "array", "items": result}
        }
    });
    json!({
        "type": "object",
        "required": ["version", "runs"],
        "properties": {"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": run}}
    })
}

#[test]
fn sarif_has_a_result_for_each_finding_and_a_rule_for_each_requirement() {
    let run = realistic();
    let report = read(&sarif(&run).unwrap());
    fits(&sarif_schema(), &report);
    let results = report["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), run.causes().len());
    let rules = report["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(results.iter().all(|result| rules.iter().any(|rule| rule["id"] == result["ruleId"])));
    fits(&sarif_schema(), &read(&sarif(&told_as(EVIL)).unwrap()));
}

#[test]
fn code_quality_has_an_entry_for_each_finding() {
    let run = realistic();
    for (run, count) in [(&run, run.causes().len()), (&told_as(EVIL), 1)] {
        let report = read(&gitlab(run).unwrap());
        let schema = json!({"type": "array", "minItems": count, "maxItems": count, "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "location", "severity"],
            "properties": {
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {"type": "object", "required": ["path", "lines"], "properties": {
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}}
                }}
            }
        }});
        fits(&schema, &report);
        let fingerprints: std::collections::BTreeSet<_> =
            report.as_array().unwrap().iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), count);
    }
}

#[test]
fn paths_are_below_the_root_of_the_repository() {
    let mut run = told_as("what is wrong");
    for case in &mut run.cases {
        "./shop.yaml:7:5".clone_into(&mut case.place);
        case.findings.iter_mut().for_each(|finding| "./shop.yaml:7:5".clone_into(&mut finding.place));
    }
    let uri = read(&sarif(&run).unwrap())["runs"][0]["results"][0]["locations"][0]["physicalLocation"].clone();
    assert_eq!(uri["artifactLocation"]["uri"], "shop.yaml");
    assert_eq!(read(&gitlab(&run).unwrap())[0]["location"]["path"], "shop.yaml");
    assert_eq!(read(&ctrf(&run).unwrap())["results"]["tests"][0]["filePath"], "shop.yaml");
    assert!(github(&run).contains("file=shop.yaml,line=7"));
}

#[test]
fn github_has_one_command_a_line_whatever_a_server_says() {
    let command = regex::Regex::new(r"^::(error|warning) ((file|line|title)=[^:,]*,?)+::.+$").unwrap();
    for run in [realistic(), told_as(EVIL)] {
        let report = github(&run);
        assert_eq!(report.find(forbidden), None);
        assert_eq!(report.lines().count(), run.causes().len());
        report.lines().for_each(|line| assert!(command.is_match(line), "{line}"));
    }
    assert!(github(&realistic()).contains("file=scenarios/common/lists.yaml,line=38,title=violates CN-031"));
}
