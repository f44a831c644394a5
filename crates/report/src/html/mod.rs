//! A run as one page that needs nothing else: no network, no other file, and no script to be read.
//!
//! The page's structure, style and script are in `reports/html`. What a server sent is escaped by the template engine,
//! and made harmless before; the page's own policy forbids every script and style but the two it brings, by their hashes.

mod body;
mod card;
mod coverage;
mod exchange;
mod exploration;
mod fragments;
mod page;
mod report;
mod template;

pub use exploration::{Exploration, exploration_html};
pub(super) use fragments::{Fact, Segment, segments, slug, text};
pub use report::html;
pub(super) use template::{Fetches, Own, Template, render, render_own};
