//! The facts of the cloud: documents in `data/`, compiled in, and read with places and diagnostics like every other one.

mod typed;

use std::sync::Arc;

use assay_suite::source::{Diagnostic, Diagnostics, Node, SourceFile};
use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

pub use typed::read;

static DATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/data");

/// A document, by its path below `data/`.
pub fn file(path: &str, mistakes: &mut Diagnostics) -> Option<Arc<SourceFile>> {
    let text = DATA.get_file(path).and_then(|file| file.contents_utf8());
    if text.is_none() {
        mistakes.add(Diagnostic::error_anywhere(format!("there is no document data/{path}")));
    }
    text.map(|text| SourceFile::new(format!("data/{path}"), text))
}

/// What a document holds.
pub fn node(path: &str, mistakes: &mut Diagnostics) -> Option<Node> {
    let file = file(path, mistakes)?;
    Node::parse(&file).map_err(|mistake| mistakes.add(mistake)).ok()
}

/// What a document holds, as a value.
pub fn document<T: DeserializeOwned>(path: &str, mistakes: &mut Diagnostics) -> Option<T> {
    let node = node(path, mistakes)?;
    read(&node, mistakes)
}

/// Finds what a name means; a name that is undefined is a mistake.
pub fn named<'a, T>(
    name: &Node,
    what: &str,
    known: impl IntoIterator<Item = (&'a str, T)>,
    mistakes: &mut Diagnostics,
) -> Option<T> {
    let text = name.text(what, mistakes)?.value;
    let mut names = Vec::new();
    for (candidate, value) in known {
        if candidate == text {
            return Some(value);
        }
        names.push(candidate);
    }
    let near = assay_suite::source::closest(&text, names);
    let mistake = Diagnostic::error(&name.place, format!("there is no {what} `{text}`"));
    mistakes.add(match near {
        Some(near) => mistake.help(format!("did you mean `{near}`?")),
        None => mistake.help(format!("write the name of {what} that there is")),
    });
    None
}

/// Finds the behaviour that a name means.
pub fn behaviour<T: Copy>(name: &Node, known: &[(&'static str, T)], mistakes: &mut Diagnostics) -> Option<T> {
    named(name, "behaviour", known.iter().copied(), mistakes)
}

#[cfg(test)]
pub mod tests {
    use std::path::Path;

    use assay_suite::source::{Diagnostics, Paint};

    /// Mistakes as a person reads them.
    pub fn written(mistakes: &Diagnostics) -> String {
        mistakes.render(Paint::Plain)
    }

    /// The texts of all sources and documents but for the list of faults itself.
    pub fn sources() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders = vec![root.join("src"), root.join("data")];
        let mut texts = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("data/faults.yaml") {
                    texts.push(std::fs::read_to_string(path).unwrap());
                }
            }
        }
        texts
    }
}
