//! From one test run to another: what fails anew, what is fixed, and what was not tested any more.

mod comparison;
mod html;
mod json;
mod markdown;
mod terminal;

pub use comparison::{Changes, ChangesVerdict, changes};
pub use html::changes_html;
pub use json::changes_json;
pub use markdown::changes_markdown;
pub use terminal::changes_terminal;
