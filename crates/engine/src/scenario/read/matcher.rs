//! Reads what a value must be.

use crate::scenario::{Matcher, Template};
use assay_suite::Order;
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, NodeKind, closest};

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Matcher> {
    let NodeKind::Map(entries) = &node.kind else {
        return Some(Matcher::Equals(Template::parse(&node.to_json())));
    };
    if entries.is_empty() {
        mistakes.add(
            Diagnostic::error(&node.place, "a matcher can't be empty").help("write what must hold: {present: true}"),
        );
    }
    let mut matchers: Vec<_> = entries.iter().filter_map(|(name, node)| read_operator(name, node, mistakes)).collect();
    if matchers.len() == 1 { matchers.pop() } else { Some(Matcher::All(matchers)) }
}

const OPERATORS: [&str; 17] = [
    "equals", "not", "one_of", "matches", "contains", "includes", "excludes", "at_least", "at_most", "times", "type",
    "distinct", "sorted", "sum", "percent", "present", "absent",
];

const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

fn read_operator(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Matcher> {
    let value = || Template::parse(&node.to_json());
    let number = |mistakes: &mut Diagnostics| node.exact_number(&format!("`{}`", name.value), mistakes);
    match name.value.as_str() {
        "equals" => Some(Matcher::Equals(value())),
        "not" => Some(Matcher::Not(value())),
        "one_of" => Some(Matcher::OneOf(node.one_or_many().iter().map(|n| Template::parse(&n.to_json())).collect())),
        "matches" => {
            let pattern = node.text("a pattern", mistakes)?;
            match regex::Regex::new(&pattern.value) {
                Ok(regex) => Some(Matcher::Matches(regex)),
                Err(error) => {
                    let complaint = error.to_string();
                    let why = complaint.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    let mistake = Diagnostic::error(&node.place, format!("this is not a regular expression: {why}"));
                    mistakes.add(mistake.help("write \\ before a character that is meant literally"));
                    None
                }
            }
        }
        "contains" => Some(Matcher::Contains(value())),
        "includes" => Some(Matcher::Includes(value())),
        "excludes" => Some(Matcher::Excludes(value())),
        "at_least" => number(mistakes).map(Matcher::AtLeast),
        "at_most" => number(mistakes).map(Matcher::AtMost),
        "distinct" => {
            let distinct = node.boolean("`distinct`", mistakes)?;
            if !distinct {
                mistakes.add(Diagnostic::error(&node.place, "`distinct` can't be false").help("remove it"));
            }
            distinct.then_some(Matcher::Distinct)
        }
        "sorted" => node.choice("`sorted`", &Order::NAMES, mistakes).map(Matcher::Sorted),
        "sum" => {
            let fields = read_fields(node, mistakes);
            if fields.len() < 3 {
                mistakes.add(
                    Diagnostic::error(&node.place, "`sum` needs the fields that are added and that of their sum")
                        .help("write the sum last: {sum: [used, free, size]}"),
                );
            }
            Some(Matcher::Sum(fields))
        }
        "percent" => {
            let fields: Option<[String; 3]> = read_fields(node, mistakes).try_into().ok();
            if fields.is_none() {
                let mistake = Diagnostic::error(&node.place, "`percent` needs three fields");
                mistakes.add(mistake.help("write part, whole and percentage: {percent: [used, size, usage]}"));
            }
            fields.map(Matcher::Percent)
        }
        "times" => node.whole_number("`times`", mistakes).map(Matcher::Times),
        "type" => {
            node.choice("`type`", &TYPES.map(|name| (name, name)), mistakes).map(|name| Matcher::Type(name.to_owned()))
        }
        "present" => node.boolean("`present`", mistakes).map(|is| if is { Matcher::Present } else { Matcher::Absent }),
        "absent" => node.boolean("`absent`", mistakes).map(|is| if is { Matcher::Absent } else { Matcher::Present }),
        other => {
            let help = match closest(other, OPERATORS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of: {}", OPERATORS.join(", ")),
            };
            mistakes.add(Diagnostic::error(&name.place, format!("there is no matcher `{other}`")).help(help));
            None
        }
    }
}

/// Names of fields of an object.
fn read_fields(node: &Node, mistakes: &mut Diagnostics) -> Vec<String> {
    node.texts("the name of a field", mistakes).into_iter().map(|name| name.value).collect()
}
