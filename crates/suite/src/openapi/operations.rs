//! Paths and their operations.

use indexmap::IndexMap;

use crate::Company;
use crate::http::Method;
use crate::source::{Diagnostic, Located, Node};
use crate::{
    Availability, Contract, Effect, Operation, OperationName, OwnPaging, PathMethods, RequestLine, RequirementId,
    StatusPattern,
};

use super::paths::{collection, usable_name};
use super::reader::Reader;
use super::responses::{is_redirection, is_success};
use super::values::{cite, is_true, lenient_text};

/// So many operations are read; more are reported, and left out.
const MOST_OPERATIONS: usize = 20_000;

/// What the paths of a document describe.
#[derive(Default)]
pub(super) struct Operations {
    pub operations: IndexMap<OperationName, Operation>,
    /// Which methods are documented for each path.
    pub methods: Vec<PathMethods>,
}

/// The methods by the keys that they have in a path.
const METHODS: [(&str, Method); 8] = [
    ("get", Method::Get),
    ("put", Method::Put),
    ("post", Method::Post),
    ("delete", Method::Delete),
    ("options", Method::Options),
    ("head", Method::Head),
    ("patch", Method::Patch),
    ("trace", Method::Trace),
];

impl<'n> Reader<'_, 'n> {
    /// All operations, in the document's order.
    pub(super) fn operations(&mut self) -> Operations {
        let mut found = Operations::default();
        for (path, item) in self.root.field("paths").map(Node::pairs).unwrap_or_default() {
            if path.value.starts_with("x-") {
                continue;
            }
            if !path.value.starts_with('/') {
                let message = format!("the path `{}` does not begin with /", path.value);
                self.wrong(&path.place, message, "write it as it follows the address of the server");
                continue;
            }
            if found.operations.len() > MOST_OPERATIONS {
                let message = format!("the document has more than {MOST_OPERATIONS} operations");
                self.mistakes.add(Diagnostic::warning(&path.place, message).help("the others are not tested"));
                break;
            }
            if let Some(item) = self.resolved(item) {
                self.path(path, item, &mut found);
            }
        }
        found
    }

    fn path(&mut self, path: &'n Located<String>, item: &'n Node, found: &mut Operations) {
        let (mut documented, mut asked_by) = (Vec::new(), None);
        for (key, node) in item.pairs() {
            let Some((_, method)) = METHODS.iter().find(|(name, _)| *name == key.value) else {
                if matches!(key.value.as_str(), "query" | "additionalOperations") {
                    let message = format!("operations under `{}` are not tested", key.value);
                    let mistake = Diagnostic::warning(&key.place, message);
                    self.mistakes.add(mistake.help("assay sends the methods of OpenAPI 3.1"));
                }
                continue;
            };
            documented.push(*method);
            let Some(operation) = self.operation((path, item), (key, node), *method) else { continue };
            if *method == Method::Get || asked_by.is_none() {
                asked_by = operation.request.clone().map(|request| (operation.name.value.clone(), request));
            }
            found.operations.insert(operation.name.value.clone(), operation);
        }
        head_of(asked_by.as_ref(), &documented, found);
        if let Some((operation, request)) = asked_by {
            let requirement = RequirementId(format!("{}.methods", path.value));
            let place = path.place.clone();
            found.methods.push(PathMethods { requirement, place, operation, request, documented });
        }
    }

    fn operation(
        &mut self,
        (path, item): (&'n Located<String>, &'n Node),
        (key, node): (&'n Located<String>, &'n Node),
        method: Method,
    ) -> Option<Operation> {
        let name = self.name(&path.value, method, node);
        let Some(mut request) = RequestLine::parse(&format!("{method} {}", path.value)) else {
            self.wrong(&path.place, "the query of this path can't be read", "describe it by parameters");
            return None;
        };
        let inputs = self.inputs(&name, item, node, &path.value);
        for parameter in inputs.parameters.iter().filter(|one| one.location == crate::Location::Path) {
            let Some(wire) = &parameter.wire else { continue };
            let (of_path, of_argument) = (format!("{{{}}}", wire.name), format!("{{{}}}", parameter.name.value));
            request.path = request.path.replace(&of_path, &of_argument);
        }
        let security = self.security(node);
        let responses = self.responses(&name, node);
        // What documents a redirection alone is answered by one.
        let has_success = responses.iter().any(|response| is_success(response.status));
        let succeeds: Vec<StatusPattern> = responses
            .iter()
            .filter(|response| match has_success {
                true => is_success(response.status),
                false => is_redirection(response.status),
            })
            .filter_map(|response| response.status.pattern())
            .collect();
        let asks = !security.is_optional && !security.parameters.is_empty();
        let carriers: Vec<_> = security.parameters.iter().map(|parameter| parameter.name.value.clone()).collect();
        let contract = Contract {
            place: key.place.clone(),
            prose: ["summary", "description"]
                .into_iter()
                .filter_map(|key| lenient_text(node.field(key)?))
                .fold(String::new(), |all, text| format!("{all}{text}\n")),
            inputs: inputs.taken,
            media_types: inputs.media_types,
            responses,
            exists: RequirementId(name.clone()),
            status: RequirementId(format!("{name}.status")),
            security: asks.then(|| (RequirementId(format!("{name}.security")), carriers)),
            is_deprecated: is_true(node, "deprecated"),
            head_of: None,
        };
        let parameters = inputs.parameters.into_iter().chain(security.parameters);
        let mut by_name = IndexMap::new();
        for parameter in parameters {
            // A parameter that is called as a scheme is not its credential.
            by_name.entry(parameter.name.value.clone()).or_insert(parameter);
        }
        Some(Operation {
            name: Located { value: OperationName(name), place: key.place.clone() },
            group: collection(&path.value).to_owned(),
            source: cite(&key.place),
            effect: effect(method),
            name_only: false,
            availability: Availability::Offered,
            request: Some(request),
            succeeds,
            refusals: Vec::new(),
            asynchronous: false,
            answer: None,
            result: None,
            list: None,
            paging: OwnPaging::None,
            service_level: None,
            parameters: by_name,
            exactly_one: None,
            at_least_one: None,
            echoes: Vec::new(),
            envelopes: Vec::new(),
            undo: None,
            no_undo: None,
            belongs_to: Vec::new(),
            alters: Vec::new(),
            number: crate::Number::default(),
            company: Company::default(),
            needs: Vec::new(),
            unique: Vec::new(),
            ascending: Vec::new(),
            used_by: Vec::new(),
            contract: Some(Box::new(contract)),
        })
    }

    /// The `operationId`, or the method and the path; no two operations have one name.
    fn name(&mut self, path: &str, method: Method, node: &'n Node) -> String {
        let of_path = || usable_name(&format!("{}-{path}", method.name().to_lowercase()));
        let id = node.field("operationId");
        let written = id.and_then(lenient_text).map(|id| usable_name(&id)).filter(|id| !id.is_empty());
        if let (Some(id), Some(written)) = (id, &written)
            && self.names.contains(written)
        {
            let mistake = Diagnostic::warning(&id.place, format!("another operation is called `{written}`"));
            self.mistakes.add(mistake.help("give each operation an `operationId` of its own"));
        }
        let mut name = written.filter(|name| !self.names.contains(name)).unwrap_or_else(of_path);
        while self.names.contains(&name) {
            name.push('2');
        }
        self.names.insert(name.clone());
        name
    }
}

/// Notes that HEAD answers as GET does, without the body, where both are documented (RFC 9110, 9.3.2).
fn head_of(get: Option<&(OperationName, RequestLine)>, documented: &[Method], found: &mut Operations) {
    let Some((get, line)) = get.filter(|(_, line)| line.method == Method::Get) else { return };
    if !documented.contains(&Method::Head) {
        return;
    }
    let is_it = |operation: &&mut Operation| {
        operation.request.as_ref().is_some_and(|own| own.method == Method::Head && own.path == line.path)
    };
    if let Some(contract) = found.operations.values_mut().find(is_it).and_then(|head| head.contract.as_mut()) {
        contract.head_of = Some((RequirementId(format!("{}.as-get", contract.exists)), get.clone()));
    }
}

fn effect(method: Method) -> Effect {
    match method {
        Method::Get | Method::Head | Method::Options | Method::Trace => Effect::Reads,
        Method::Post => Effect::Creates,
        Method::Put | Method::Patch => Effect::Changes,
        Method::Delete => Effect::Removes,
    }
}
