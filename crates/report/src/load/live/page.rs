//! The page that shows a run while it runs: what it shows its script fetches from where the page is from.

use serde::Serialize;

use crate::ReportError;
use crate::html::{Fetches, Own, Template, render_own, text};
use assay_formats::record::load::{LoadStarted, Shard};

const PAGE: Template =
    Template { name: "live.html", text: include_str!("../../../../../reports/html/live.html.jinja") };
const STYLE: &str =
    concat!(include_str!("../../../../../reports/html/load.css"), include_str!("../../../../../reports/html/live.css"));
const SCRIPT: &str = include_str!("../../../../../reports/html/live.js");

#[derive(Serialize)]
struct Page {
    target: String,
    run: String,
    assay: String,
    shard: Option<String>,
}

/// The page, which is the same as long as the run takes.
pub fn live_page(started: &LoadStarted) -> Result<String, ReportError> {
    let page = Page {
        target: text(&started.target.name),
        run: text(&started.run),
        assay: text(&started.assay),
        shard: (started.shard != Shard::WHOLE).then(|| started.shard.to_string()),
    };
    render_own(PAGE, Own { style: STYLE, script: SCRIPT, fetches: Fetches::OwnServer }, page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_end_where_their_elements_end() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
    }

    #[test]
    fn the_script_makes_no_markup_of_what_it_fetches() {
        for maker in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("] {
            assert!(!SCRIPT.contains(maker), "{maker}");
        }
    }
}
