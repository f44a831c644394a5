//! Paths, and names that are made of them.

/// A text as the name of an operation, which is in commands and names of cases.
pub(super) fn usable_name(text: &str) -> String {
    let usable = text.chars().map(|c| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '-' });
    usable.collect::<String>().split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The path of all things of a kind: without the name of one at its end.
pub(super) fn collection(path: &str) -> &str {
    match plain_path(path).rsplit_once('/') {
        Some((before, last)) if last.starts_with('{') && last.ends_with('}') => plain_path(before),
        _ => path,
    }
}

/// A path without a final `/`: with one it is the path of the same.
pub(super) fn plain_path(path: &str) -> &str {
    let plain = path.trim_end_matches('/');
    if plain.is_empty() { "/" } else { plain }
}

/// The names in braces of a path.
pub(super) fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
