//! Variables within recorded texts.

/// What begins and ends the name of a variable in a recorded text. No file has these letters by chance.
pub(super) const VARIABLE: (char, char) = ('\u{e000}', '\u{e001}');

/// A variable of the file, within a text.
pub(super) fn placeholder(name: &str) -> String {
    format!("{}{name}{}", VARIABLE.0, VARIABLE.1)
}

/// The parts of a text: what is literal, and the names of variables.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(VARIABLE.0) {
        let Some((name, after)) = after.split_once(VARIABLE.1) else { break };
        if !before.is_empty() {
            parts.push(Part::Literal(before));
        }
        parts.push(Part::Variable(name));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest));
    }
    parts
}

/// A part of a recorded text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Literal(&'a str),
    Variable(&'a str),
}
