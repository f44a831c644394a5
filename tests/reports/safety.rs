//! Pages of runs in which everything that a server, or a record, can say is markup: their structure is that of a harmless run.

use std::collections::{BTreeMap, BTreeSet};

use assay_engine::verdict::{Tolerance, compare};
use assay_formats::record::load::{ProfileEnding, RecordedProfile};
use assay_report::{Summary, comparison_html, html, load_html};
use assay_suite::OperationName;

use super::builder::{EVIL, hostile, told_as};
use super::load_runs::{Judged, mixed, summary};
use super::{forbidden, tags};

/// Each text of a load run that others write is this one: the deployment's, and those of a record that somebody altered.
fn load_told_as(text: &str) -> Judged {
    let (mut record, mut levels) = mixed();
    let own = || text.to_owned();
    let run = &mut record.started;
    (run.assay, run.run, run.target.name, run.target.server) = (own(), own(), own(), Some(own()));
    run.repeat = vec![own(), own()];
    run.target.services.values_mut().for_each(|service| service.url = own());
    run.profiles.iter_mut().for_each(|profile| profile_told_as(profile, text));
    for (number, observed) in record.profiles.iter_mut().enumerate() {
        observed.judged =
            std::mem::take(&mut observed.judged).into_values().map(|totals| (OperationName(own()), totals)).collect();
        observed.judged[0].mistakes = vec![own(), format!("$.list[0]: {text}")];
        observed.ending = Some(match number % 2 {
            0 => ProfileEnding::CouldNotRun(own()),
            _ => ProfileEnding::Aborted(own()),
        });
    }
    levels.iter_mut().flatten().filter(|level| !level.reason.is_empty()).for_each(|level| level.reason = own());
    record.left_over = vec![(own(), own())];
    (record, levels)
}

fn profile_told_as(profile: &mut RecordedProfile, text: &str) {
    let own = || text.to_owned();
    (profile.name, profile.title, profile.place) = (own(), own(), own());
    for promise in &mut profile.promises {
        promise.operation = Some(OperationName(own()));
        for requirement in &mut promise.requirements {
            (requirement.id.0, requirement.text, requirement.source) = (own(), own(), own());
        }
    }
}

/// The pages in which a text is wherever one of others can.
fn pages(text: &str) -> Vec<(&'static str, String)> {
    let printed: Summary = told_as(text);
    let load = load_told_as(text);
    let comparison = compare(&load.0, &load.0, Tolerance::new(0.05).unwrap());
    vec![
        ("test", html(&printed).unwrap()),
        ("large bodies", html(&hostile()).unwrap()),
        ("load", load_html(&summary(&load)).unwrap()),
        ("comparison", comparison_html(&comparison).unwrap()),
    ]
}

/// The tags of a page in which nothing is quoted that a tag could end by: the template engine escapes `<` and `>`.
fn written_tags(page: &str) -> Vec<&str> {
    let tag = regex::Regex::new("<[a-z][^>]*>").unwrap();
    tag.find_iter(page).map(|found| found.as_str()).collect()
}

/// The attributes of a tag.
fn attributes(tag: &str) -> BTreeMap<String, String> {
    let attribute = regex::Regex::new(r#"\s([^\s=">]+)(?:="([^"]*)")?"#).unwrap();
    attribute
        .captures_iter(tag)
        .map(|found| (found[1].to_owned(), found.get(2).map_or("", |value| value.as_str()).to_owned()))
        .collect()
}

#[test]
fn what_others_say_changes_nothing_in_the_structure_of_a_page() {
    for ((name, evil), (_, harmless)) in pages(EVIL).into_iter().zip(pages("harmless")) {
        let (evil, harmless) = (tags(&evil), tags(&harmless));
        let (evil, harmless): (BTreeSet<_>, BTreeSet<_>) = (evil.keys().collect(), harmless.keys().collect());
        // A title or a body of several lines may bring more of what is there, and nothing else.
        assert!(evil.is_subset(&harmless), "{name}: {:?}", evil.difference(&harmless).collect::<Vec<_>>());
    }
}

#[test]
fn no_page_has_what_acts_or_fetches() {
    for (name, page) in pages(EVIL) {
        assert_eq!(page.find(forbidden), None, "{name}");
        let tags = tags(&page);
        assert_eq!((tags["script"], tags["style"]), (1, 1), "{name}");
        for element in ["img", "iframe", "object", "embed", "base", "video", "audio", "foreignobject", "image"] {
            assert_eq!(tags.get(element), None, "{name}");
        }
        for tag in written_tags(&page) {
            for (attribute, value) in attributes(tag) {
                let acts =
                    attribute.starts_with("on") || ["style", "src", "srcset", "action"].contains(&attribute.as_str());
                assert!(!acts, "{name}: {tag}");
                // A page's icon is empty, so that none is fetched.
                let within = value.starts_with('#') || value == "data:,";
                assert!(!attribute.ends_with("href") || within, "{name}: {tag}");
                assert!(attribute.chars().all(|c| c.is_ascii_alphanumeric() || "-:_".contains(c)), "{name}: {tag}");
            }
        }
        assert!(!page.contains("javascript:alert") || !page.contains("=\"javascript:"), "{name}");
    }
}

#[test]
fn what_was_said_is_told_all_the_same() {
    for (name, page) in pages(EVIL) {
        assert!(page.contains("&lt;script&gt;alert(1)"), "{name}");
        // Steering characters are spelt out, and so seen.
        assert!(page.contains(r"\u202e") && page.contains(r"\u0000"), "{name}");
    }
}
