//! Reads paths into answers.

use crate::scenario::Path;
use assay_suite::source::{Diagnostic, Diagnostics, Located};

pub(super) fn read(text: &Located<String>, mistakes: &mut Diagnostics) -> Option<Located<Path>> {
    const HELP: &str = "paths are JSONPath (RFC 9535), such as $.zone[0].id or $.zone[?@.name == 'a'].id";
    match parse_path(&text.value) {
        Ok(path) => Some(Located { value: path, place: text.place.clone() }),
        Err(message) => {
            mistakes.add(Diagnostic::error(&text.place, message).help(HELP));
            None
        }
    }
}

fn parse_path(path: &str) -> Result<Path, String> {
    if !path.starts_with('$') {
        return Err("a path begins with $".to_owned());
    }
    if path.rsplit_once("${").is_some_and(|(_, rest)| !rest.contains('}')) {
        return Err("the `${` of this path has no `}`".to_owned());
    }
    Path::parse(path).map_err(|complaint| match readable(&complaint, path) {
        Some(readable) => format!("this is not a path: `{readable}` makes sense, what follows does not"),
        None if complaint.starts_with("at position") => "this is not a path".to_owned(),
        None => format!("this is not a path: {complaint}"),
    })
}

/// The part of a path before the position that a complaint about it names.
fn readable<'a>(complaint: &str, path: &'a str) -> Option<&'a str> {
    let position = complaint.strip_prefix("at position ")?.split(',').next()?.parse().ok()?;
    path.get(..position).filter(|readable| !readable.is_empty() && !path.contains("${"))
}
