//! Reads what a step must observe.

use crate::scenario::step::Action;
use crate::scenario::{Expectation, Outcome, PagingCheck};
use assay_suite::StatusPattern;
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, NodeKind};

use super::{matcher, path};

const OUTCOMES: [(&str, Outcome); 4] =
    [("accepted", Outcome::Accepted), ("refused", Outcome::Refused), ("fails", Outcome::Fails), ("any", Outcome::Any)];

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<Located<Expectation>> {
    let located = |value, place: &assay_suite::source::Place| Located { value, place: place.clone() };
    if let NodeKind::Text(text) = &node.kind {
        if text == "documented" {
            let documented = [Expectation::Outcome(Outcome::Accepted), Expectation::Form];
            return documented.map(|expectation| located(expectation, &node.place)).into();
        }
        let mut names: Vec<_> = OUTCOMES.iter().map(|(name, outcome)| (*name, Some(*outcome))).collect();
        names.push(("documented", None));
        let outcome = node.choice("`expect`", &names, mistakes).flatten();
        return outcome.map(|outcome| located(Expectation::Outcome(outcome), &node.place)).into_iter().collect();
    }
    let mut expectations = Vec::new();
    for (key, value) in node.entries("`expect`", mistakes).unwrap_or_default() {
        match key.value.as_str() {
            "outcome" => {
                let outcome = value.choice("`outcome`", &OUTCOMES, mistakes);
                expectations.extend(outcome.map(|outcome| located(Expectation::Outcome(outcome), &key.place)));
            }
            "form" => {
                let form = value.choice("`form`", &[("documented", Expectation::Form)], mistakes);
                expectations.extend(form.map(|form| located(form, &key.place)));
            }
            "state" => {
                let stays = value.choice("`state`", &[("terminal", Expectation::TerminalState)], mistakes);
                expectations.extend(stays.map(|stays| located(stays, &key.place)));
            }
            "status" => {
                value.some("`status`", mistakes);
                let statuses = StatusPattern::read(value, mistakes);
                expectations.push(located(Expectation::Status(statuses), &key.place));
            }
            "pages" => {
                let checks = value.one_or_many().iter();
                let checks = checks.filter_map(|node| node.choice("`pages`", &PagingCheck::NAMES, mistakes));
                expectations.extend(checks.map(|check| located(Expectation::Paging(check), &key.place)));
            }
            "headers" => {
                for (name, value) in value.entries("`headers`", mistakes).unwrap_or_default() {
                    let header = matcher::read(value, mistakes)
                        .map(|matcher| Expectation::Header(name.value.to_lowercase(), matcher));
                    expectations.extend(header.map(|header| located(header, &name.place)));
                }
            }
            "body" => {
                let body = matcher::read(value, mistakes).map(Expectation::Body);
                expectations.extend(body.map(|body| located(body, &key.place)));
            }
            path if path.starts_with('$') => {
                let path = path::read(key, mistakes);
                let matcher = matcher::read(value, mistakes);
                let field = path.zip(matcher).map(|(path, matcher)| Expectation::Field(path.value, matcher));
                expectations.extend(field.map(|field| located(field, &key.place)));
            }
            other => {
                let mistake = Diagnostic::error(&key.place, format!("nothing can be expected of `{other}`"));
                mistakes.add(
                    mistake.help(
                        "write outcome, form, stays, status, headers, body, pages, or a path such as $.zone[0].id",
                    ),
                );
            }
        }
    }
    expectations
}

/// What a step does not look at must not be expected of it: it would seem to hold.
pub(super) fn check(action: &Located<Action>, expect: &[Located<Expectation>], mistakes: &mut Diagnostics) {
    for expectation in expect {
        let (name, wanted) = match (&action.value, &expectation.value) {
            (Action::Call(_), Expectation::Paging(_) | Expectation::TerminalState) => {
                ("call", "an outcome, form, status, or a path such as $.zone[0].id")
            }
            (
                Action::Await(_),
                Expectation::Outcome(_)
                | Expectation::Status(_)
                | Expectation::Header(..)
                | Expectation::Recent(_)
                | Expectation::Body(_)
                | Expectation::Whole(_)
                | Expectation::Total(_)
                | Expectation::Paging(_),
            ) => ("await", "form, stays, or a path such as $.jobresult; `ends` of the step says how the job ends"),
            (Action::Paginate(_), Expectation::Paging(_)) => continue,
            (Action::Paginate(_), _) => ("paginate", "pages"),
            _ => continue,
        };
        let mistake = Diagnostic::error(&expectation.place, format!("`{name}` does not look at this"));
        mistakes.add(mistake.help(format!("of `{name}` can be expected: {wanted}")));
    }
}
