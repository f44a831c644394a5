//! The parts of a path, for those who ask beforehand whether it can lead anywhere.

use std::iter::Peekable;
use std::str::Chars;

use super::Path;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPart {
    /// Whether it looks at any depth (`..`).
    pub descends: bool,
    /// What it selects: one thing, or several (`['a', 'b']`).
    pub selectors: Vec<Selector>,
}

/// What a part of a path selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// A field.
    Name(String),
    /// Items of a list, by their numbers.
    Index,
    /// All fields or items.
    Any,
    /// Those that meet conditions, in which these paths start from each of them.
    Filter(Vec<Vec<PathPart>>),
}

impl Path {
    /// The parts of the path.
    pub fn parts(&self) -> Vec<PathPart> {
        let text = self.to_string();
        Parts { rest: text.chars().peekable() }.after_start()
    }
}

/// Reads the text of a path that is known to be one.
struct Parts<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parts<'_> {
    /// What follows `$` or `@`.
    fn after_start(mut self) -> Vec<PathPart> {
        self.rest.next();
        self.parts()
    }

    fn parts(&mut self) -> Vec<PathPart> {
        let mut parts = Vec::new();
        loop {
            // Blanks may be between parts, and after the last one.
            let mut ahead = self.rest.clone();
            while ahead.next_if(|character| character.is_whitespace()).is_some() {}
            if !matches!(ahead.peek(), Some('.' | '[')) {
                return parts;
            }
            self.rest = ahead;
            let dots = std::iter::from_fn(|| self.rest.next_if_eq(&'.')).count();
            let selectors = match self.rest.peek() {
                Some('[') => self.brackets(),
                Some('*') => {
                    self.rest.next();
                    vec![Selector::Any]
                }
                _ => vec![Selector::Name(self.name())],
            };
            parts.push(PathPart { descends: dots > 1, selectors });
        }
    }

    /// A name as it is after a dot. A variable in it is a part of it.
    fn name(&mut self) -> String {
        let goes_on = |character: &char| {
            character.is_alphanumeric() || matches!(character, '_' | '-' | '$' | '{' | '}') || !character.is_ascii()
        };
        std::iter::from_fn(|| self.rest.next_if(goes_on)).collect()
    }

    fn brackets(&mut self) -> Vec<Selector> {
        self.rest.next();
        let mut selectors = Vec::new();
        while let Some(first) = self.rest.peek().copied() {
            match first {
                ']' => {
                    self.rest.next();
                    break;
                }
                '\'' | '"' => selectors.push(Selector::Name(self.quoted())),
                '?' => selectors.push(Selector::Filter(self.filter())),
                '*' => {
                    self.rest.next();
                    selectors.push(Selector::Any);
                }
                _ if first.is_whitespace() || first == ',' => drop(self.rest.next()),
                _ => {
                    while self.rest.next_if(|character| !matches!(character, ',' | ']')).is_some() {}
                    selectors.push(Selector::Index);
                }
            }
        }
        selectors
    }

    /// A text in quotes, with its escapes decoded.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        let Some(quote) = self.rest.next() else { return text };
        while let Some(character) = self.rest.next().filter(|character| *character != quote) {
            match (character, self.rest.peek()) {
                ('\\', Some('u')) => {
                    self.rest.next();
                    let digits: String = self.rest.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                ('\\', Some(_)) => text.extend(self.rest.next()),
                _ => text.push(character),
            }
        }
        text
    }

    /// The paths in a condition that start from what it is asked of.
    fn filter(&mut self) -> Vec<Vec<PathPart>> {
        let (mut paths, mut open) = (Vec::new(), 0_usize);
        while let Some(character) = self.rest.peek().copied() {
            match character {
                '\'' | '"' => drop(self.quoted()),
                '@' | '$' => {
                    self.rest.next();
                    let path = self.parts();
                    paths.extend((character == '@').then_some(path));
                }
                ']' | ',' if open == 0 => break,
                _ => {
                    match character {
                        '(' => open += 1,
                        ')' => open = open.saturating_sub(1),
                        _ => {}
                    }
                    self.rest.next();
                }
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[PathPart]) -> String {
        let selector = |selector: &Selector| match selector {
            Selector::Name(name) => name.clone(),
            Selector::Index => "#".to_owned(),
            Selector::Any => "*".to_owned(),
            Selector::Filter(paths) => {
                format!("?{}", paths.iter().map(|path| written(path)).collect::<Vec<_>>().join("&"))
            }
        };
        let part = |part: &PathPart| {
            let selectors: Vec<_> = part.selectors.iter().map(selector).collect();
            format!("{}({})", if part.descends { ".." } else { "" }, selectors.join(","))
        };
        parts.iter().map(part).collect()
    }

    #[test]
    fn the_parts_of_paths_are_found() {
        for (path, expected) in [
            ("$", ""),
            ("$.zone[0].id", "(zone)(#)(id)"),
            ("$['a b'][\"c\\u00e9\"].d_1", "(a b)(cé)(d_1)"),
            ("$.a[1:3, 'x'][*].*", "(a)(#,x)(*)(*)"),
            ("$..id", "..(id)"),
            ("$..[*].id", "..(*)(id)"),
            ("$.zone[?@.name == 'a.b]'].id", "(zone)(?(name))(id)"),
            ("$.z[?(@.a[0].b && count(@.c[*]) > 1 || $.d)]", "(z)(?(a)(#)(b)&(c)(*))"),
            ("$.z[?@.a[?@.b == 1]]", "(z)(?(a)(?(b)))"),
            ("$.${items}[*].${field}", "(${items})(*)(${field})"),
        ] {
            let path = Path::parse(path).unwrap();
            assert_eq!(written(&path.parts()), expected, "{path}");
        }
    }
}
