//! How what an operation created is found again, shown and removed.

use crate::list::List;
use crate::name::OperationName;
use crate::source::{Diagnostic, Diagnostics, Located};

/// How what an operation created is removed again.
#[derive(Clone, Debug)]
pub struct Undo {
    /// How to learn what is to be removed, where the answer does not say: it is then known as `$found`.
    pub find: Option<Find>,
    /// The list that shows it, where that is not one of the operation's group.
    pub shown_by: Option<ShownBy>,
    /// The operation that removes it.
    pub call: Located<OperationName>,
    /// An operation that must be carried out before, with the same arguments.
    pub first: Option<OperationName>,
    /// Its arguments: literals, `$found`, paths into the answer (`$.id`) or the job's result, arguments of the request that created it
    /// (`$request.volumeid`), the identity that this chose ([`SENT`]) or that of the answer's address ([`LOCATION`]), or what was
    /// there before ([`BEFORE`]).
    pub with: Vec<(String, Located<String>)>,
    /// What it means that a path leads to several values.
    pub several: Several,
    /// When the deployment may refuse the removal, where that can last longer than a run waits.
    pub unless: Option<String>,
}

/// What it means that a path of an undoing leads to several values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Several {
    /// That the answer is not the documented one: nothing is removed by it.
    #[default]
    Wrong,
    /// All of them were created: each is removed.
    All,
    /// The answer shows a group into which something was put: what was not in it before is removed.
    New,
}

impl Several {
    /// What documents may say of several values.
    pub const NAMES: [(&'static str, Self); 2] = [("all", Self::All), ("new", Self::New)];
}

/// A list that shows what an operation created.
#[derive(Clone, Debug)]
pub struct ShownBy {
    /// The operation that lists it.
    pub call: Located<OperationName>,
    /// Its arguments: literals, or arguments of the request that created it (`$request.volumeid`).
    pub with: Vec<(String, Located<String>)>,
    /// What it lists.
    pub list: List,
}

/// How to learn what is to be removed.
#[derive(Clone, Debug)]
pub struct Find {
    /// The operation that reports it.
    pub call: Located<OperationName>,
    /// Its arguments: literals, or paths into the answer.
    pub with: Vec<(String, Located<String>)>,
    /// The path in its answer to what is to be removed.
    pub take: Located<String>,
}

/// The placeholder for what was looked up.
pub const FOUND: &str = "$found";

impl Undo {
    /// The names that lead to what an argument of the removal takes from the answer, the outermost first; none of a literal.
    pub fn way(&self, argument: &str) -> Vec<String> {
        let Some((_, written)) = self.with.iter().find(|(name, _)| name == argument) else { return Vec::new() };
        match &self.find {
            Some(find) if written.value == FOUND => way(&find.take.value),
            _ => way(&written.value),
        }
    }

    /// The argument that is to be as it was before, and the operation that reads it: what was changed is set back.
    pub fn sets_back(&self) -> Option<(&str, OperationName)> {
        let before =
            |written: &Located<String>| written.value.strip_prefix(BEFORE).map(|read| OperationName(read.to_owned()));
        self.with.iter().find_map(|(name, written)| Some((name.as_str(), before(written)?)))
    }

    /// Reports paths that lead to whatever there is, unless it is said what several values mean.
    pub(super) fn check_paths(&self, mistakes: &mut Diagnostics) {
        if self.several != Several::Wrong {
            return;
        }
        let of_find = self.find.iter().flat_map(|find| &find.with);
        for (_, written) in self.with.iter().chain(of_find) {
            if let Some(selector) = widest_selector(&written.value) {
                let message = format!("`{selector}` leads to whatever the answer names, which may not be the run's");
                let help = "lead to one value by its documented place; or say `several: all` if all of them were created, \
                            `several: new` if the answer shows a group that something was put into";
                mistakes.add(Diagnostic::error(&written.place, message).help(help));
            }
        }
    }
}

/// The first selector of a path that takes whatever there is.
fn widest_selector(path: &str) -> Option<&'static str> {
    pieces(path).into_iter().find_map(|piece| match piece {
        Piece::Descendants => Some(".."),
        Piece::Every => Some("*"),
        Piece::Slice => Some(":"),
        Piece::Name(_) | Piece::Other => None,
    })
}

/// What begins the place of an identity that the request chose, by its argument and the fields within: `$sent.body.name`.
pub const SENT: &str = "$sent.";

/// What begins the name of the field that items have the identity in which the `Location` of the answer ends with: `$location.id`.
pub const LOCATION: &str = "$location.";

/// What begins the name of the operation that reads what is to be as it was before: `$before.readSettings`.
pub const BEFORE: &str = "$before.";

/// The names on a path; what chooses among items has none. What the request chose is called in items as it is there.
pub fn way(path: &str) -> Vec<String> {
    if let Some(place) = path.strip_prefix(SENT).or(path.strip_prefix(LOCATION)) {
        return place.rsplit('.').next().map(str::to_owned).into_iter().collect();
    }
    let name = |piece| if let Piece::Name(name) = piece { Some(name) } else { None };
    pieces(path).into_iter().filter_map(name).collect()
}

/// A piece of a path.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Name(String),
    Every,
    Descendants,
    Slice,
    /// An index, a filter, or several of anything.
    Other,
}

/// The pieces of a path; none of a text that is no path.
fn pieces(path: &str) -> Vec<Piece> {
    let Some(mut rest) = path.strip_prefix('$').filter(|rest| rest.starts_with(['.', '['])) else { return Vec::new() };
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            pieces.push(Piece::Descendants);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after);
            pieces.push(bracketed(after[..end].trim()));
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            let after = rest.strip_prefix('.').unwrap_or(rest);
            let end = after.find(['.', '[']).unwrap_or(after.len());
            match &after[..end] {
                "" => {}
                "*" => pieces.push(Piece::Every),
                name => pieces.push(Piece::Name(name.to_owned())),
            }
            rest = &after[end..];
        }
    }
    pieces
}

/// Where the bracket closes that was opened before this text.
fn closing(text: &str) -> usize {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return at,
            (None, ']') => depth -= 1,
            (None, _) => {}
        }
    }
    text.len()
}

/// What is in brackets.
fn bracketed(text: &str) -> Piece {
    let of_quotes = |quote| text.strip_prefix(quote)?.strip_suffix(quote).filter(|name| !name.contains(quote));
    if let Some(name) = of_quotes('\'').or_else(|| of_quotes('"')) {
        return Piece::Name(name.to_owned());
    }
    let is_filter = text.starts_with('?');
    match text {
        "*" => Piece::Every,
        _ if !is_filter && text.split(',').any(|one| one.trim() == "*") => Piece::Every,
        _ if !is_filter && !text.contains(['\'', '"']) && text.contains(':') => Piece::Slice,
        _ => Piece::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_on_a_path_are_distinguished_from_what_chooses_among_items() {
        let names = |path: &str| way(path).join("/");
        assert_eq!(names("$.machine.nic[?@.isdefault == false].id"), "machine/nic/id");
        assert_eq!(names("$['a.b'][0].id"), "a.b/id");
        assert_eq!(names("$['service','createServiceResponse'].service_id"), "service_id");
        assert_eq!(names("$..id"), "id");
        assert_eq!(names("true"), "");
        assert_eq!(names("$found"), "");
    }

    #[test]
    fn a_path_that_takes_whatever_there_is_shows() {
        for (path, selector) in
            [("$..id", ".."), ("$.set[*].id", "*"), ("$.set.*.id", "*"), ("$[1:3].id", ":"), ("$[0,*].id", "*")]
        {
            assert_eq!(widest_selector(path), Some(selector), "{path}");
        }
        for path in ["$.id", "$[0].id", "$['*'].id", "$['a','b'].id", "$.nic[?@.a == '*'].id", "forced", "a..b"] {
            assert_eq!(widest_selector(path), None, "{path}");
        }
    }
}
