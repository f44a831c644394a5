//! Reads a suite whose document is one of `OpenAPI`.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::answer::Shapes;
use crate::conventions::{AnswerFormat, Encoding, Envelope, Signing, Style};
use crate::described::Described;
use crate::name::SuiteName;
use crate::profile::ConformanceProfile;
use crate::requirement::RequirementId;
use crate::source::{Diagnostic, Diagnostics, Documents, Node};
use crate::status::StatusPattern;
use crate::suite::{Document, Suite};

use super::document::named;
use super::files::{Files, Resolver, joined};
use super::reader::Reader;

use super::values::lenient_text;
use super::version::Version;
use super::{links, overlay, requirements, resources, servers};

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
    let resources = resources::infer(&schemas, &name.value, &mut operations, &overlay, mistakes);
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
        failures: Vec::new(),
        busy: Vec::new(),
        shapes: Shapes::new(),
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
    let path = absolute.or_else(|| joined(&format!("{folder}suite.yaml"), &named.value).ok());
    let found = path.filter(|path| documents.get(path).is_some());
    if found.is_none() {
        let mistake = Diagnostic::error(&named.place, format!("there is no {folder}{}", named.value));
        mistakes.add(mistake.help("write the OpenAPI document's path, seen from this file"));
    }
    found
}
