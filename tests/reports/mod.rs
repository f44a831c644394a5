//! Reports of runs that never were: hostile servers, empty and broken runs, and large ones.

mod builder;
mod causes;
mod changes;
mod ci;
mod load;
mod load_runs;
mod realistic;
mod safety;
mod unread;

use std::collections::BTreeMap;

use builder::{case, hostile, requirement, suite, summary};
use quick_xml::Reader;
use quick_xml::events::Event;
use realistic::realistic;

use assay_engine::verdict::Verdict;
use assay_report::{Ending, Summary, html, json, junit, markdown};

const LARGE: usize = 3000;

/// Whether a character has no place in any report.
fn forbidden(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
}

fn large(verdict: Verdict) -> Summary {
    let cases: Vec<_> = (0..LARGE)
        .map(|index| {
            case("cloudn", "a list holds what was created", &format!("listVirtualMachines.p{index}::json"), verdict)
        })
        .collect();
    let suite = suite("cloudn", vec![requirement("CN-031", "A promise.", "1-3", Some(LARGE))], &cases);
    summary(cases, vec![suite])
}

fn empty() -> Summary {
    summary(Vec::new(), Vec::new())
}

/// The start tags of a page, each with its name.
fn tags(page: &str) -> BTreeMap<String, usize> {
    let tag = regex::Regex::new("<([a-z0-9]+)[ >]").unwrap();
    let mut tags = BTreeMap::new();
    tag.captures_iter(page).for_each(|found| *tags.entry(found[1].to_owned()).or_default() += 1);
    tags
}

#[test]
fn a_hostile_server_puts_nothing_into_the_page() {
    let page = html(&hostile()).unwrap();
    assert_eq!(page.find(forbidden), None);
    let tags = tags(&page);
    assert_eq!((tags["script"], tags["style"], tags.get("img")), (1, 1, None));
    assert_eq!((page.matches("</script>").count(), page.matches("<!--").count()), (1, 0));
    // Between tags a quote is harmless; within them every value was escaped.
    let attribute = regex::Regex::new(r"<[a-z][^>]*\son[a-z]+\s*=").unwrap();
    assert!(!attribute.is_match(&page));
    assert!(page.contains(r"\u202e") && page.contains(r"\u0000") && page.contains(r"\u001b[31m"));
    // Two bodies of a megabyte are there as their beginnings.
    assert!(page.contains("the record has the whole body"));
    assert!(page.len() < 300 * 1024, "{} bytes", page.len());
}

#[test]
fn the_policy_allows_the_page_its_own_script_and_style() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let page = html(&realistic()).unwrap();
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    let policy = policy.replace("&#x2f;", "/").replace("&#x27;", "'");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for element in ["style", "script"] {
        let inline = page.split(&format!("<{element}>")).nth(1).unwrap().split("</").next().unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(inline));
        assert!(policy.contains(&format!("{element}-src 'sha256-{hash}'")), "{element}: {policy}");
    }
    // The policy would forbid them, and nothing would be seen of it.
    assert!(!page.contains(" style=\"") && !page.contains("http-equiv=\"refresh"));
}

#[test]
fn the_page_tells_the_verdict_and_the_evidence() {
    let page = html(&realistic()).unwrap();
    assert!(page.contains("<h1>The deployment violates its documents.</h1>"));
    assert!(page.contains("page and pagesize must be given together"));
    assert!(page.contains("scenarios&#x2f;common&#x2f;lists.yaml:38:7"));
    assert!(page.contains("--target staging.yaml") && page.contains("--exact"));
    assert!(page.contains("<a href=\"#failure-1\">"));
    assert!(!page.contains("Partial."));
}

#[test]
fn a_large_page_stays_small() {
    let page = html(&large(Verdict::Conforms)).unwrap();
    assert!(page.len() < 1_500_000, "{} bytes", page.len());
    assert_eq!(page.matches("<tr data-verdict=\"conforms\" data-suite").count(), LARGE);
}

#[test]
fn an_empty_run_has_reports() {
    let empty = empty();
    assert!(html(&empty).unwrap().contains("<h1>Nothing was tested.</h1>"));
    assert!(markdown(&empty).contains("Nothing was tested."));
    assert!(junit(&empty).unwrap().contains("tests=\"0\""));
    assert!(json(&empty).unwrap().contains("\"cases\": []"));
}

#[test]
fn a_partial_run_says_so() {
    for (ending, printed) in
        [(Ending::Interrupted, "The run was interrupted"), (Ending::Broken, "The record breaks off")]
    {
        let mut summary = large(Verdict::Conforms);
        summary.run.ending = ending;
        let headline = "The deployment conforms to its document as far as it was tested.";
        for report in [html(&summary).unwrap(), markdown(&summary)] {
            assert!(report.contains(printed) && report.contains(headline));
        }
        assert!(junit(&summary).unwrap().contains(printed));
        assert!(json(&summary).unwrap().contains(&format!("\"ending\": \"{}\"", format!("{ending:?}").to_lowercase())));
    }
}

#[test]
fn json_counts_what_the_summary_counts() {
    for summary in [realistic(), hostile(), empty()] {
        let text = json(&summary).unwrap();
        assert_eq!(text.find(forbidden), None);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["format"], 1);
        let counts: BTreeMap<Verdict, usize> = serde_json::from_value(read["counts"].clone()).unwrap();
        assert_eq!(counts, summary.counts.0);
        assert_eq!(read["cases"].as_array().unwrap().len(), summary.cases.len());
        assert_eq!(read["run"]["target"], summary.run.target.as_str());
    }
}

#[test]
fn markdown_stays_short_and_holds_no_markup_of_a_server() {
    let mut many = large(Verdict::Violates);
    let evil = hostile();
    many.cases.truncate(40);
    many.cases.iter_mut().for_each(|case| {
        case.findings.clone_from(&evil.cases[0].findings);
        case.scenario.clone_from(&evil.cases[0].scenario);
        case.reason.clone_from(&evil.cases[0].reason);
    });
    many.left_over = vec![evil.left_over[0].clone(); 500];
    for summary in [&evil, &many, &realistic()] {
        let page = markdown(summary);
        assert!(page.len() < 64 * 1024, "{} bytes", page.len());
        assert_eq!(page.find(forbidden), None);
        let elements: Vec<_> = tags(&page).into_keys().collect();
        assert_eq!(elements, ["code"]);
        assert!(!page.contains('`') && !page.contains("](") && !page.contains("http://") && !page.contains("@some"));
    }
    assert!(markdown(&many).contains(" more"));
}

#[test]
fn markdown_shows_requirement_expectation_and_observation() {
    insta::assert_snapshot!(markdown(&realistic()));
}

/// The elements of an XML document with their attributes, in order; every character of it must be allowed.
fn elements(xml: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut reader = Reader::from_str(xml);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute.value.to_string();
                    (attribute.key.as_ref().to_owned(), value)
                });
                elements.push((tag.name().as_ref().to_owned(), attributes.collect()));
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

#[test]
fn junit_has_a_test_case_for_each_case() {
    let summary = realistic();
    let xml = junit(&summary).unwrap();
    let elements = elements(&xml);
    let count = |name: &str| elements.iter().filter(|(element, _)| element == name).count();
    let of = |verdict| summary.counts.of(verdict);
    assert_eq!((count("testsuites"), count("testsuite")), (1, summary.suites.len()));
    assert_eq!(count("testcase"), summary.cases.len());
    let failing = of(Verdict::Violates) + of(Verdict::StaleDeviation) + of(Verdict::Inconclusive);
    assert_eq!(count("failure"), failing);
    assert_eq!(count("error"), of(Verdict::CouldNotRun));
    assert_eq!(count("skipped"), of(Verdict::Skipped));
    let (_, first) = elements.iter().find(|(element, _)| element == "testcase").unwrap();
    assert_eq!(first["classname"], "cloudn.lists");
    assert!(first["name"].starts_with("lists::") && first["file"] == "scenarios/common/lists.yaml", "{first:?}");
    assert!(elements.iter().any(|(element, found)| element == "property" && found["value"] == "CN-031"));
    let inconclusive = elements.iter().filter(|(element, _)| element == "failure");
    assert!(inconclusive.into_iter().any(|(_, found)| found["message"].starts_with("inconclusive: ")));
    for (element, found) in elements.iter().filter(|(element, _)| element == "testsuite") {
        assert_eq!(found["timestamp"], "2025-03-04T05:06:07Z", "{element}");
    }
}

#[test]
fn junit_holds_no_character_that_xml_forbids() {
    let xml = junit(&hostile()).unwrap();
    assert_eq!(xml.find(forbidden), None);
    let elements = elements(&xml);
    let known =
        ["testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped", "system-out"];
    assert!(elements.iter().all(|(element, _)| known.contains(&element.as_str())));
    assert!(xml.len() < 200 * 1024, "{} bytes", xml.len());
}
