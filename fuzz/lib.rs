//! The readers that `tests/fuzz` has, for libFuzzer.

#[path = "../tests/fuzz/readers.rs"]
mod readers;

pub use readers::{READERS, Reader};

/// Gives bytes to the reader with a name.
pub fn one(name: &str, bytes: &[u8]) {
    if let Some((_, read)) = READERS.iter().find(|(known, _)| *known == name) {
        read(bytes);
    }
}
