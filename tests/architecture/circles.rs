//! Circles between the modules of a crate. What a module names is followed through imports and re-exports to the file that
//! defines it; what is there for tests alone is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use regex::Regex;

/// A path, such as that of a module or of something in one.
pub type Segments = Vec<String>;

static USE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(pub(?:\([^)]*\))? ?)?\buse ([^;<]+);").unwrap());
static PATH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\.?)\b([A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)").unwrap());

/// What a module imports or hands on, by the names that it has here, and the paths in its code.
struct Module {
    imports: BTreeMap<String, Segments>,
    named: Vec<Segments>,
}

impl Module {
    fn read(text: &str) -> Self {
        let code = code(text.parse().unwrap());
        let (mut imports, mut named) = (Vec::new(), Vec::new());
        for found in USE.captures_iter(&code) {
            let begins = imports.len();
            leaves(&[], &found[2], &mut imports);
            // Of a trait the import may be all that is seen. What is handed on is not used by that.
            if found.get(1).is_none() {
                named.extend(imports[begins..].iter().map(|(_, path)| path.clone()));
            }
        }
        let imports: BTreeMap<String, Segments> = imports.into_iter().collect();
        let others = USE.replace_all(&code, "");
        for found in PATH.captures_iter(&others).filter(|found| found[1].is_empty()) {
            let path: Segments = found[2].split("::").map(str::to_owned).collect();
            named.extend(match imports.get(&path[0]) {
                Some(import) => Some([import.as_slice(), &path[1..]].concat()),
                None => Some(path).filter(|path| path.len() > 1),
            });
        }
        Self { imports, named }
    }
}

/// Code without comments, literals, and what is there for tests alone; blanks are between words.
fn code(tokens: TokenStream) -> String {
    let (mut text, mut tokens) = (String::new(), tokens.into_iter());
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) => {
                let blank = if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') { " " } else { "" };
                text += &format!("{blank}{word}");
            }
            TokenTree::Literal(_) => text.push('0'),
            TokenTree::Punct(mark) => text.push(mark.as_char()),
            TokenTree::Group(group) => {
                let inside = code(group.stream());
                if text.ends_with('#') && inside.starts_with("cfg(") && inside.contains("test") {
                    tokens.find(ends_item);
                } else {
                    text += &match group.delimiter() {
                        Delimiter::Brace => format!("{{{inside}}}"),
                        Delimiter::Bracket => format!("[{inside}]"),
                        Delimiter::Parenthesis | Delimiter::None => format!("({inside})"),
                    };
                }
            }
        }
    }
    text
}

fn ends_item(token: &TokenTree) -> bool {
    let is_block = |group: &Group| group.delimiter() == Delimiter::Brace;
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';')
        || matches!(token, TokenTree::Group(group) if is_block(group))
}

/// The names that a tree of imports brings, and the paths to them.
fn leaves(prefix: &[String], tree: &str, found: &mut Vec<(String, Segments)>) {
    let mut depth = 0;
    let split = tree.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    for part in split.filter(|part| !part.is_empty()) {
        let (before, group) = part.split_once('{').map_or((part, None), |(before, rest)| (before, Some(rest)));
        let (before, name) = before.split_once(" as ").map_or((before, None), |(path, name)| (path, Some(name)));
        let segments = before.split("::").filter(|segment| !segment.is_empty()).map(str::to_owned);
        let mut path: Segments = prefix.iter().cloned().chain(segments).collect();
        if let Some(group) = group {
            leaves(&path, group.strip_suffix('}').unwrap(), found);
            continue;
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        found.push((name.or(path.last().map(String::as_str)).unwrap().to_owned(), path));
    }
}

/// The module that defines what a path leads to; none if another crate does.
fn home(modules: &BTreeMap<Segments, Module>, from: &[String], path: &[String]) -> Option<Segments> {
    let child = |at: &[String], name: &String| [at, std::slice::from_ref(name)].concat();
    let mut at = from.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => (at, rest) = (Segments::new(), &path[1..]),
        "self" => rest = &path[1..],
        "super" => {}
        _ if !modules.contains_key(&child(&at, &path[0])) => return None,
        _ => {}
    }
    while let [name, after @ ..] = rest {
        let handed_on = modules.get(&at)?.imports.get(name).filter(|_| at != from || path[0] == "self");
        let is_module = modules.contains_key(&child(&at, name));
        match handed_on {
            _ if name == "super" => drop(at.pop()),
            // A function may be called as the module that it is handed on from.
            Some(import) if !is_module || after.is_empty() => return home(modules, &at, &[import, after].concat()),
            _ if is_module => at.push(name.clone()),
            _ => return Some(at),
        }
        rest = after;
    }
    None
}

/// The circles between modules, given by their paths and texts: their members, and what ties them.
pub fn circles(texts: impl Iterator<Item = (Segments, String)>) -> BTreeMap<String, String> {
    let modules: BTreeMap<_, _> = texts.map(|(path, text)| (path, Module::read(&text))).collect();
    let mut ties: BTreeMap<&Segments, BTreeMap<Segments, String>> = BTreeMap::new();
    for (from, module) in &modules {
        let homes = module.named.iter().filter_map(|path| Some((home(&modules, from, path)?, path.join("::"))));
        ties.entry(from).or_default().extend(homes.filter(|(to, _)| to != from));
    }
    let reached = |from: &Segments| {
        let (mut reached, mut waiting) = (BTreeSet::new(), vec![from]);
        while let Some(next) = waiting.pop() {
            waiting.extend(ties[next].keys().filter(|to| reached.insert((*to).clone())));
        }
        reached
    };
    let all: BTreeMap<_, _> = modules.keys().map(|module| (module, reached(module))).collect();
    let mut circles = BTreeMap::new();
    for module in modules.keys().filter(|module| all[module].contains(*module)) {
        let members: Vec<_> = all[module].iter().filter(|other| all[other].contains(module)).collect();
        let within = members.iter().flat_map(|from| ties[from].iter().map(move |(to, name)| (from, to, name)));
        let within = within.filter(|(_, to, _)| members.contains(to));
        let rendered = within.map(|(from, to, name)| format!("{} -> {} ({name})", from.join("::"), to.join("::")));
        let names: Vec<_> = members.iter().map(|member| member.join("::")).collect();
        circles.insert(names.join(", "), rendered.collect::<Vec<_>>().join("\n  "));
    }
    circles
}

#[test]
fn a_circle_is_found_through_re_exports_and_not_in_tests() {
    let found = |texts: &[(&str, &str)]| {
        let path = |path: &str| path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        circles(texts.iter().map(|(name, text)| (path(name), (*text).to_owned()))).into_keys().collect::<Vec<_>>()
    };
    let face = ("", "mod a; mod b; pub use a::{A, c::{self, C as D}}; pub use b::b;");
    let a = ("a", "// crate::b::B\nuse super::b::B; pub struct A(B);");
    assert_eq!(found(&[face, a, ("b", "use crate::A; pub struct B(A); pub fn b() {}")]), ["a, b"]);
    assert_eq!(found(&[face, a, ("b", "pub fn b() { let _ = \"crate::A\"; A::new(super::A); }")]), ["a, b"]);
    assert_eq!(
        found(&[face, ("a", "struct A; fn f() { crate::b() }"), ("b", "#[x(y = crate::A)] struct B;")]),
        ["a, b"]
    );
    assert_eq!(found(&[("", "mod a; use a::A; struct B(A);"), ("a", "use super::B; pub struct A(B);")]), [", a"]);
    for b in ["pub struct B;", "#[cfg(test)] use crate::{A};", "#[cfg(test)] mod tests { use crate::A; }", "use x::A;"]
    {
        assert!(found(&[face, a, ("b", b)]).is_empty(), "{b}");
    }
}
