//! The files of an `OpenAPI` document, and where its references lead.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use percent_encoding::percent_decode_str;

use crate::source::{Diagnostic, Diagnostics, Documents, Node, NodeKind, Place};

/// So many references may follow one another; more are a circle.
const LONGEST_CHAIN: usize = 32;

/// A document and the files that it refers to, parsed.
pub(super) struct Files {
    root: String,
    /// The folder that no reference leads out of; empty, or with a final `/`.
    folder: String,
    parsed: BTreeMap<String, Node>,
}

impl Files {
    /// Parses a document and, one after the other, all that it refers to.
    pub fn load(documents: &Documents, root: &str, mistakes: &mut Diagnostics) -> Option<Self> {
        let folder = root.rfind('/').map_or("", |end| &root[..=end]).to_owned();
        let mut files = BTreeMap::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            let Some(file) = documents.get(&path).filter(|_| !files.contains_key(&path)) else { continue };
            if is_page(&file.text) {
                let mistake =
                    Diagnostic::error(&Place::start_of(file), "this is an HTML page, not an OpenAPI document");
                mistakes.add(mistake.help(OF_A_PAGE));
                continue;
            }
            match Node::parse_large(file) {
                Ok(node) => {
                    let named = references(&node).into_iter().filter_map(|reference| joined(&path, &reference).ok());
                    waiting.extend(named.filter(|named| !files.contains_key(named)));
                    files.insert(path, node);
                }
                Err(mistake) => mistakes.add(mistake),
            }
        }
        files.contains_key(root).then(|| Self { root: root.to_owned(), folder, parsed: files })
    }
}

/// Follows references.
pub(super) struct Resolver<'n> {
    files: &'n Files,
    known: RefCell<HashMap<String, &'n Node>>,
}

impl<'n> Resolver<'n> {
    pub fn new(files: &'n Files) -> Self {
        Self { files, known: RefCell::default() }
    }

    /// The document itself.
    pub fn root(&self) -> &'n Node {
        // It was parsed before all others.
        &self.files.parsed[&self.files.root]
    }

    /// What a value is: itself, or what it refers to in the end.
    pub fn resolve(&self, node: &'n Node) -> Result<&'n Node, Diagnostic> {
        let mut found = node;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = reference(found) else { return Ok(found) };
            found = self.target(reference.0, reference.1)?;
        }
        Err(Diagnostic::error(&node.place, "this reference leads in a circle").help("let one of them be described"))
    }

    /// What a reference leads to at once.
    pub fn target(&self, text: &str, at: &'n Place) -> Result<&'n Node, Diagnostic> {
        let (file, pointer) = text.split_once('#').unwrap_or((text, ""));
        let path = match file {
            "" => at.file.path.clone(),
            _ if file.contains("://") || file.starts_with("//") => {
                let mistake = Diagnostic::error(at, format!("`{text}` {}", address_of(file)));
                return Err(mistake.help("save the file next to this document and refer to it by its relative path"));
            }
            file => joined(&at.file.path, file).map_err(|why| Diagnostic::error(at, why).help(BELOW))?,
        };
        // The folder itself may be above the current one.
        if path.strip_prefix(&self.files.folder).is_none_or(|below| below.starts_with("../")) {
            return Err(Diagnostic::error(at, format!("`{text}` leads out of the document's folder")).help(BELOW));
        }
        let key = format!("{path}#{pointer}");
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known);
        }
        let Some(document) = self.files.parsed.get(&path) else {
            let mistake = Diagnostic::error(at, format!("there is no file {path}, or it can't be read"));
            return Err(mistake.help("the path is relative to the file that holds the reference"));
        };
        let pointer = percent_decode_str(pointer).decode_utf8_lossy();
        let found = if pointer.is_empty() || pointer.starts_with('/') {
            document.at_pointer(&pointer)
        } else {
            anchored(document, &pointer, 0)
        };
        let Some(found) = found else {
            let mistake = Diagnostic::error(at, format!("`{text}` leads to nothing"));
            return Err(mistake.help(nearest(document, &pointer)));
        };
        self.known.borrow_mut().insert(key, found);
        Ok(found)
    }
}

/// What is said of a reference by an address: its scheme is as often one of files as one of the network.
fn address_of(file: &str) -> &'static str {
    let is_of_a_file = file.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
    if is_of_a_file { "leads to a file by its address" } else { "leads to the network, which is never asked" }
}

const BELOW: &str = "refer to a file below the folder of the document";

const OF_A_PAGE: &str = "give the document that the page shows: its address most often ends with .json or .yaml";

/// Whether a text is a page for browsers: many servers show their document on one.
fn is_page(text: &str) -> bool {
    let head: String = text.trim_start().chars().take(2_000).collect::<String>().to_lowercase();
    head.starts_with('<') && (head.starts_with("<!doctype html") || head.contains("<html"))
}

/// What a value refers to, if it is a reference, and where that is written.
pub(super) fn reference(node: &Node) -> Option<(&str, &Place)> {
    let target = node.field("$ref")?;
    match &target.kind {
        NodeKind::Text(text) => Some((text, &target.place)),
        _ => None,
    }
}

/// The other files that a document refers to, as it writes them.
pub(super) fn references(node: &Node) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![node]);
    while let Some(node) = waiting.pop() {
        if let Some((text, _)) = reference(node) {
            let file = text.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !found.iter().any(|known| known == file) {
                found.push(file.to_owned());
            }
        }
        match &node.kind {
            NodeKind::List(items) => waiting.extend(items),
            NodeKind::Map(entries) => waiting.extend(entries.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    found
}

/// A relative path, seen from a file. The error says why there is none.
pub(super) fn joined(from: &str, reference: &str) -> Result<String, String> {
    let reference = percent_decode_str(reference).decode_utf8_lossy();
    if reference.starts_with('/') || reference.contains('\\') || reference.contains(':') {
        return Err(format!("`{reference}` is not a relative path"));
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in reference.split('/') {
        match part {
            "." | "" => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." && !last.is_empty() => drop(parts.pop()),
                _ => return Err(format!("`{reference}` leads out of the document's folder")),
            },
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn anchored<'n>(node: &'n Node, name: &str, depth: usize) -> Option<&'n Node> {
    if depth > LONGEST_CHAIN {
        return None;
    }
    let is_it =
        |key: &str| node.field(key).is_some_and(|node| matches!(&node.kind, NodeKind::Text(text) if text == name));
    if is_it("$anchor") || is_it("$id") {
        return Some(node);
    }
    match &node.kind {
        NodeKind::List(items) => items.iter().find_map(|item| anchored(item, name, depth + 1)),
        NodeKind::Map(entries) => entries.iter().find_map(|(_, value)| anchored(value, name, depth + 1)),
        _ => None,
    }
}

/// What may have been meant by a pointer that leads nowhere.
fn nearest(document: &Node, pointer: &str) -> String {
    let Some((folder, name)) = pointer.rsplit_once('/') else { return "begin it with #/".to_owned() };
    let known = document.at_pointer(folder).map(Node::pairs).unwrap_or_default();
    match crate::source::closest(name, known.iter().map(|(key, _)| key.value.as_str())) {
        Some(near) => format!("did you mean `#{folder}/{near}`?"),
        None => format!("describe it below `#{folder}`"),
    }
}
