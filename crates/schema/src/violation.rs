//! What is wrong with a value, in a message of bounded length.

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaViolation {
    /// Where in the value, as a JSON Pointer; empty for the whole.
    pub pointer: String,
    /// What the schema asks for there, against what is there.
    pub message: String,
}

/// A server's value can be of any length; a message is not.
pub(crate) fn bounded(message: &str) -> String {
    const LONGEST: usize = 300;
    if message.chars().count() <= LONGEST {
        return message.to_owned();
    }
    let (start, end): (String, String) = (
        message.chars().take(LONGEST / 2).collect(),
        message.chars().rev().take(LONGEST / 2).collect::<Vec<_>>().into_iter().rev().collect(),
    );
    format!("{start} […] {end}")
}
