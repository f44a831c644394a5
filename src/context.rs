//! What the program is started with.

use std::ffi::OsString;

use assay_suite::source::Paint;

/// What the program is started with.
pub struct CliContext<'a> {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// Looks up an environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a person sees the standard output.
    pub terminal: bool,
}

impl CliContext<'_> {
    /// Whether text may be coloured (see no-color.org).
    pub(crate) fn paint(&self) -> Paint {
        let plain = (self.environment)("NO_COLOR").is_some_and(|value| !value.is_empty());
        if self.terminal && !plain { Paint::Colour } else { Paint::Plain }
    }
}
