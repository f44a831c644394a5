//! Links: what an answer gives to other operations (`OpenAPI` 3.1.1, 4.8.20).

use crate::http::Method;
use crate::source::{Diagnostic, Diagnostics, Node, NodeKind, closest};
use crate::{Link, Operation, OperationName, Resource};

use super::by_name::Operations;
use super::paths::usable_name;
use super::reader::Reader;
use super::values::lenient_text;

impl<'n> Reader<'_, 'n> {
    /// The links of an answer that lead to an operation by values of its body.
    pub(super) fn links(&mut self, response: &'n Node) -> Vec<Link> {
        let written = response.field("links").map(Node::pairs).unwrap_or_default();
        written.iter().filter_map(|(_, node)| self.link(node)).collect()
    }

    fn link(&mut self, node: &'n Node) -> Option<Link> {
        let node = self.resolved(node)?;
        let (target, operation) = match (node.field("operationId"), node.field("operationRef")) {
            (Some(target), _) => (target, usable_name(&lenient_text(target)?)),
            (None, Some(target)) => (target, self.referred_operation(target)?),
            (None, None) => {
                let help = "write the `operationId` that the link leads to";
                self.wrong(&node.place, "a link needs `operationId` or `operationRef`", help);
                return None;
            }
        };
        let given = node.field("parameters").map(Node::pairs).unwrap_or_default();
        let parameters = given.iter().filter_map(|(name, value)| {
            let NodeKind::Text(text) = &value.kind else { return None };
            let name = name.value.rsplit_once('.').map_or(name.value.as_str(), |(_, name)| name);
            Some((name.to_owned(), path_of(text)?))
        });
        Some(Link {
            operation: OperationName(operation),
            parameters: parameters.collect(),
            place: target.place.clone(),
        })
    }

    /// The name of the operation that a reference leads to.
    fn referred_operation(&mut self, target: &'n Node) -> Option<String> {
        let text = lenient_text(target)?;
        let found = self.resolver.target(&text, &target.place).map_err(|mistake| self.mistakes.add(mistake)).ok()?;
        if let Some(id) = found.field("operationId").and_then(lenient_text) {
            return Some(usable_name(&id));
        }
        let (before, method) = text.rsplit_once('/')?;
        let path = before.rsplit_once('/')?.1.replace("~1", "/").replace("~0", "~");
        let method = Method::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(method))?.0;
        Some(usable_name(&format!("{}-{path}", method.to_lowercase())))
    }
}

/// The path into an answer that a runtime expression names; none for what is not in its body.
fn path_of(expression: &str) -> Option<String> {
    let pointer = expression.strip_prefix("$response.body#")?;
    let parts = pointer.strip_prefix('/')?.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let written = parts.map(|part| match part.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) if part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => format!(".{part}"),
        Err(_) => format!("[{}]", serde_json::Value::from(part)),
    });
    Some(format!("${}", written.collect::<String>()))
}

/// Reports links that lead to no operation.
pub(super) fn check(operations: &mut Operations, mistakes: &mut Diagnostics) {
    let known: Vec<String> = operations.keys().map(|name| name.0.clone()).collect();
    let responses = operations.values_mut().filter_map(|operation| operation.contract.as_mut());
    for response in responses.flat_map(|contract| &mut contract.responses) {
        response.links.retain(|link| {
            let is_known = known.contains(&link.operation.0);
            if !is_known {
                let near = closest(&link.operation.0, known.iter().map(String::as_str));
                let help = near.map_or("write the `operationId` of one that is described".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
                let message = format!("this link leads to no operation: there is no `{}`", link.operation);
                mistakes.add(Diagnostic::warning(&link.place, message).help(help));
            }
            is_known
        });
    }
}

/// Where the answer of an operation gives the identity of a resource, by a link to an operation on one.
pub(super) fn identity(resource: &Resource, operation: &Operation) -> Option<String> {
    let on_one = [&resource.read, &resource.replace, &resource.patch, &resource.remove];
    let contract = operation.contract.as_deref()?;
    contract.successes().flat_map(|response| &response.links).find_map(|link| {
        let is_on_one = on_one.iter().any(|name| name.as_ref() == Some(&link.operation));
        let given = link.parameters.iter().find(|(name, _)| *name == resource.parameter);
        given.filter(|_| is_on_one).map(|(_, path)| path.clone())
    })
}
