//! The structure of pages: templates, style, script and policy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, HtmlEscape, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::ReportError;
use assay_suite::human;

/// What is on several pages.
const PARTS: &str = include_str!("../../../../reports/html/parts.html.jinja");

const STYLE: &str = include_str!("../../../../reports/html/style.css");

const SCRIPT: &str = include_str!("../../../../reports/html/script.js");

/// The structure of a page.
#[derive(Clone, Copy)]
pub(crate) struct Template {
    /// Its name, which ends in `.html`: that decides that everything is escaped for HTML.
    pub(crate) name: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
}

/// What a page has besides what all have.
#[derive(Clone, Copy, Default)]
pub(crate) struct Own {
    /// Its style.
    pub(crate) style: &'static str,
    /// Its script.
    pub(crate) script: &'static str,
    /// What its script may fetch.
    pub(crate) fetches: Fetches,
}

/// What a page's script may fetch.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Fetches {
    /// Nothing: the page is all there is.
    #[default]
    Nothing,
    /// What is served next to the page.
    OwnServer,
}

/// A page in the style of all reports, with a style of its own besides.
pub(crate) fn render(template: Template, style: &'static str, page: impl Serialize) -> Result<String, ReportError> {
    render_own(template, Own { style, ..Own::default() }, page)
}

/// A page in the style of all reports, and what it has besides.
pub(crate) fn render_own(template: Template, own: Own, page: impl Serialize) -> Result<String, ReportError> {
    let text = format!("{PARTS}{}", template.text);
    let mut environment = Environment::new();
    // Lines that hold nothing but a tag render as nothing.
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter("number", human::number);
    environment.add_filter("prose", prose);
    environment.add_template(template.name, &text)?;
    let (style, script) = (unix_lines(STYLE) + &unix_lines(own.style), unix_lines(SCRIPT) + &unix_lines(own.script));
    let fetches = if own.fetches == Fetches::OwnServer { "; connect-src 'self'" } else { "" };
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'{fetches}",
        hash(&style),
        hash(&script)
    );
    let page = Value::from(Serde(page));
    let context = context! {
        policy,
        style => Value::from_safe_string(style),
        script => Value::from_safe_string(script),
        page,
    };
    Ok(environment.get_template(template.name)?.render(context)?)
}

/// A sentence for people: what is in backticks is shown as code.
#[expect(clippy::needless_pass_by_value, reason = "a filter is called with what it owns")]
fn prose(text: String) -> Value {
    let escaped = |part: &str| HtmlEscape(part).to_string();
    let parts: Vec<_> = text.split('`').collect();
    // Without a partner the last backtick is itself.
    let pairs = (parts.len() - 1) / 2;
    let mut html = escaped(parts[0]);
    for pair in parts[1..].chunks(2).take(pairs) {
        html += &["<code>", &escaped(pair[0]), "</code>", &escaped(pair[1])].concat();
    }
    for alone in &parts[2 * pairs + 1..] {
        html += &["`", &escaped(alone)].concat();
    }
    Value::from_safe_string(html)
}

/// A browser hashes what it parsed, and it parses every line end as one character.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_in_a_sentence_is_marked_and_nothing_else_is() {
        let shown = |text: &str| prose(text.to_owned()).to_string();
        assert_eq!(shown("use `--shard 1/2`, or <b>"), "use <code>--shard 1&#x2f;2</code>, or &lt;b&gt;");
        assert_eq!(shown("`a` and `<i>` and `b"), "<code>a</code> and <code>&lt;i&gt;</code> and `b");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn style_and_script_end_where_their_elements_end() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
    }
}
