//! Reads `OpenAPI` documents: 3.0, 3.1, 3.2, and Swagger 2.0.
//!
//! The document stays the source: each requirement that is read from it has its line there.

mod files;
mod laws;
mod links;
mod lists;
mod operations;
mod overlay;
mod parameters;
mod requirements;
mod resources;
mod responses;
mod rules;
mod schema;
mod security;
mod servers;
mod shape;
mod verbs;

use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::{Diagnostic, Diagnostics, Documents, Located, Node, NodeKind, Place, SourceFile};
use crate::{
    AnswerFormat, ConformanceProfile, Described, Document, Encoding, Envelope, RequirementId, Signing, StatusPattern,
    Style, Suite, SuiteName,
};

use files::{Files, Resolver};

/// The versions of `OpenAPI` that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    /// Swagger 2.0.
    Swagger2,
    /// 3.0.
    V30,
    /// 3.1 and what follows: schemas are JSON Schema.
    V31,
}

impl Version {
    fn is_before_31(self) -> bool {
        self < Self::V31
    }

    /// Reads `openapi: 3.1.0` or `swagger: "2.0"`.
    fn read(root: &Node, mistakes: &mut Diagnostics) -> Option<Self> {
        const HELP: &str = "assay reads OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0";
        let (key, node) = match (root.field("openapi"), root.field("swagger")) {
            (Some(node), _) => ("openapi", node),
            (None, Some(node)) => ("swagger", node),
            (None, None) => {
                let mistake = Diagnostic::error(&root.place, "this is no OpenAPI document: it has no `openapi`");
                mistakes.add(mistake.help("write `openapi: 3.1.0` at its head"));
                return None;
            }
        };
        let text = lenient_text(node).unwrap_or_default();
        let version = match (key, text.as_str()) {
            ("swagger", text) if text == "2" || text.starts_with("2.") => Some(Self::Swagger2),
            ("openapi", text) if text.starts_with("3.0") => Some(Self::V30),
            ("openapi", text) if text == "3" || text.starts_with("3.") => Some(Self::V31),
            _ => None,
        };
        if version.is_none() {
            mistakes.add(Diagnostic::error(&node.place, format!("`{text}` is not a version that is read")).help(HELP));
        }
        version
    }
}

/// The other files that a document refers to, as their paths are written in it.
pub fn references(file: &Arc<SourceFile>) -> Vec<String> {
    Node::parse_large(file).map(|node| files::references(&node)).unwrap_or_default()
}

/// A relative path as a document refers to it, seen from the document; none if it leads above it.
pub fn referred(from: &str, reference: &str) -> Option<String> {
    files::joined(from, reference).ok()
}

/// The names of the security schemes of a document, whether or not an operation asks for them.
pub fn security_schemes(file: &Arc<SourceFile>) -> Vec<String> {
    let Ok(root) = Node::parse_large(file) else { return Vec::new() };
    let of_3 = root.field("components").and_then(|components| components.field("securitySchemes"));
    let schemes = of_3.or_else(|| root.field("securityDefinitions")).map(Node::pairs).unwrap_or_default();
    schemes.iter().map(|(name, _)| name.value.clone()).collect()
}

/// A name for the suite of a document: that of its file, or of its title where the file's says nothing.
pub fn suite_name(file: &Arc<SourceFile>) -> String {
    let title = || {
        let root = Node::parse_large(file).ok()?;
        lenient_text(root.field("info")?.field("title")?)
    };
    let stem = file.stem().to_lowercase();
    let is_version =
        stem.trim_start_matches('v').chars().all(|letter| letter.is_ascii_digit() || "._-".contains(letter));
    let says_nothing =
        is_version || matches!(stem.as_str(), "openapi" | "swagger" | "api" | "spec" | "latest" | "index");
    let text = if says_nothing { title().unwrap_or(stem) } else { stem };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.take(4).collect::<Vec<_>>().join("-").to_lowercase();
    if name.is_empty() || name == "common" || name == "assay" { "api".to_owned() } else { name }
}

/// The document that a `suite.yaml` names under `openapi`, if it names one.
pub fn named(suite: &Node) -> Option<Located<String>> {
    let node = suite.field("openapi")?;
    Some(Located { value: lenient_text(node).unwrap_or_default(), place: node.place.clone() })
}

/// Reads a suite whose document is one of `OpenAPI`, with what is added to it.
pub fn read(suite: &Node, documents: &Documents, folder: &str, mistakes: &mut Diagnostics) -> Option<Suite> {
    let mut found = Diagnostics::new();
    let read = read_suite(suite, documents, folder, &mut found);
    let usable = !found.has_errors();
    mistakes.extend(found.without_repetition().gathered());
    read.filter(|_| usable)
}

fn read_suite(suite: &Node, documents: &Documents, folder: &str, mistakes: &mut Diagnostics) -> Option<Suite> {
    let mut fields = suite.fields("a suite", mistakes)?;
    let name = fields.need_text("suite", mistakes).map(|name| name.map(SuiteName));
    let title = fields.text("title", mistakes).map(|title| title.value);
    fields.take("openapi");
    let refusals = fields.take("refusals").map(|node| StatusPattern::read(node, mistakes));
    let throttled = fields.take("throttled").map(|node| StatusPattern::read(node, mistakes));
    fields.finish(mistakes);
    let name = name?;
    let path = document_path(suite, documents, folder, mistakes)?;
    let files = Files::load(documents, &path, mistakes)?;
    let resolver = Resolver::new(&files);
    let root = resolver.root();
    let version = Version::read(root, mistakes)?;
    let info = root.field("info");
    let of_info = |key: &str| info.and_then(|info| info.field(key)).and_then(lenient_text);
    let document_title = of_info("title").unwrap_or_else(|| path.clone());
    let mut reader = Reader {
        suite: &name.value,
        resolver: &resolver,
        root,
        version,
        mistakes,
        schemas: Vec::new(),
        names: std::collections::HashSet::new(),
    };
    let read = reader.operations();
    let schemas = std::mem::take(&mut reader.schemas);
    let suite_name = name.value.0.clone();
    if read.operations.is_empty() {
        let named =
            |key: &str| root.pairs().iter().find(|(known, _)| known.value == key).map(|(known, _)| &known.place);
        // What the API sends is received by those who use it.
        let (place, message) = match (root.field("paths"), named("webhooks")) {
            (Some(paths), _) if !paths.pairs().is_empty() => (&paths.place, "the document describes no operation"),
            (_, Some(webhooks)) => (webhooks, "the document describes webhooks alone, which the API calls itself"),
            (paths, None) => (paths.map_or(&root.place, |paths| &paths.place), "the document describes no operation"),
        };
        let mistake = Diagnostic::error(place, message);
        mistakes.add(mistake.help("describe each operation under `paths`, by its path and method"));
        return None;
    }
    let server = servers::first(root, version);
    let mut operations: IndexMap<_, _> = read.operations;
    let overlay = overlay::read(documents, folder, &mut operations, mistakes);
    links::check(&mut operations, mistakes);
    let resources = resources::infer(&schemas, &suite_name, &mut operations, &overlay, mistakes);
    let no_trace = RequirementId("no-stack-trace".to_owned());
    let mut requirements = requirements::all(&operations, &resources, &read.methods, &no_trace, root);
    overlay::requirements(documents, folder, &mut requirements, mistakes);
    let described = Described {
        document: path,
        base_path: server.path,
        server: server.address,
        schemas,
        resources,
        methods: read.methods,
        no_trace,
    };
    let every = |pattern: &str| StatusPattern::new(pattern).into_iter().collect::<Vec<_>>();
    Some(Suite {
        name,
        title: title.unwrap_or_else(|| document_title.clone()),
        document: Document { title: document_title, version: of_info("version"), date: None },
        // What the document describes and the deployment has not is a violation.
        absent: Vec::new(),
        style: Style::Rest,
        signing: Signing::Token,
        formats: vec![AnswerFormat { encoding: Encoding::Json, parameters: Vec::new() }],
        envelope: Envelope::None,
        refusal_envelope: None,
        refusals: refusals.unwrap_or_else(|| every("4xx")),
        throttled: throttled.unwrap_or_else(|| every("429")),
        lacking: Vec::new(),
        busy: Vec::new(),
        paging: None,
        jobs: None,
        operations,
        requirements,
        profiles: ConformanceProfile::usual(),
        deviations: overlay.deviations,
        variables: overlay.variables,
        stranger: None,
        described: Some(Arc::new(described)),
    })
}

/// The path of the document of a suite. It is relative to `suite.yaml`.
fn document_path(suite: &Node, documents: &Documents, folder: &str, mistakes: &mut Diagnostics) -> Option<String> {
    let named = named(suite)?;
    // What the command line names need not be in a folder of suites.
    let absolute = documents.get(&named.value).map(|_| named.value.clone()).filter(|_| named.value.contains('/'));
    let path = absolute.or_else(|| files::joined(&format!("{folder}suite.yaml"), &named.value).ok());
    let found = path.filter(|path| documents.get(path).is_some());
    if found.is_none() {
        let mistake = Diagnostic::error(&named.place, format!("there is no {folder}{}", named.value));
        mistakes.add(mistake.help("write the OpenAPI document's path, seen from this file"));
    }
    found
}

/// Reads the parts of a document.
struct Reader<'a, 'n> {
    suite: &'a SuiteName,
    resolver: &'a Resolver<'n>,
    root: &'n Node,
    version: Version,
    mistakes: &'a mut Diagnostics,
    /// The schemas of answers, by their paths.
    schemas: Vec<(String, serde_json::Value)>,
    /// The names of the operations so far.
    names: std::collections::HashSet<String>,
}

impl<'n> Reader<'_, 'n> {
    /// What a value is, or what it refers to; a reference that leads nowhere is a mistake.
    fn resolved(&mut self, node: &'n Node) -> Option<&'n Node> {
        self.resolver.resolve(node).map_err(|mistake| self.mistakes.add(mistake)).ok()
    }

    fn wrong(&mut self, place: &Place, message: impl Into<String>, help: &str) {
        self.mistakes.add(Diagnostic::error(place, message).help(help));
    }
}

/// A text, or a number as it is written: titles and versions are often written without quotes.
fn lenient_text(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Text(text) => Some(text.clone()),
        NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Boolean(_) => Some(crate::plain(&node.to_sent())),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => None,
    }
}

/// `file:line`, by which people find it.
fn cite(place: &Place) -> String {
    format!("{}:{}", place.file.path, place.line)
}

#[cfg(test)]
mod tests;
