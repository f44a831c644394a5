//! A badge: what a certificate says, as a small picture for a README.

use assay_suite::source::harmless;

use super::certificate::{CertificateResult, result_of};

/// The widths of a character and of the space around a text, in pixels.
const CHARACTER: usize = 7;
const PADDING: usize = 12;
/// What is longer is clipped.
const LONGEST: usize = 60;

/// The badge of a statement, as SVG.
pub fn badge(statement: &serde_json::Value) -> String {
    let predicate = &statement["predicate"];
    let suites = predicate["suites"].as_array().into_iter().flatten().filter_map(|suite| suite["name"].as_str());
    let suites: Vec<_> = suites.collect();
    let profile = predicate["profile"].as_str().unwrap_or_default();
    let result = result_of(statement).unwrap_or(CertificateResult::Failed);
    let colour = match result {
        CertificateResult::Passed => "#1a7f37",
        CertificateResult::Deviates | CertificateResult::Undecided => "#8a5800",
        CertificateResult::Failed => "#b42318",
    };
    drawn(&format!("{} {profile}", suites.join(", ")), result.words(), colour)
}

fn drawn(label: &str, result: &str, colour: &str) -> String {
    let label = harmless::short_line(label, LONGEST);
    let width = |text: &str| text.chars().count() * CHARACTER + PADDING;
    let (left, right) = (width(&label), width(result));
    let label = escaped(&label);
    let all = left + right;
    let (middle_left, middle_right) = (left / 2, left + right / 2);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"{label}: {result}\">\
         <title>{label}: {result}</title>\
         <rect width=\"{left}\" height=\"20\" fill=\"#444\"/><rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{middle_left}\" y=\"14\">{label}</text><text x=\"{middle_right}\" y=\"14\">{result}</text></g></svg>\n"
    )
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}
