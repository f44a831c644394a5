//! A load run as one page that needs nothing else, in the style of the conformance report and under the same policy.

mod axis;
mod capacity;
mod chart;
mod charts;
mod figure;
mod over_time;
mod page;
mod report;
mod style;

pub use capacity::capacity_html;
pub use report::load_html;
pub(super) use style::STYLE;
