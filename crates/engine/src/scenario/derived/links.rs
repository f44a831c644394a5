//! What operations take that others give: the producers and consumers that cases are made by.

use serde_json::Value;

use assay_suite::{InputKind, OperationName, Resource, Suite, Variable};

use super::maker::Maker;
use super::request::is_closed;
use super::value::Links;
use super::value::{comparable, flattened, own_name};

/// Fields within each other beyond this depth are not looked at.
const DEEPEST: usize = 4;
/// So many fields of one body are looked at.
const MOST_FIELDS: usize = 2_000;

/// Something that an operation takes and another gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The operation that takes it.
    pub operation: OperationName,
    /// Where: `path.productId`, `body.items[].product_id`.
    pub taken: String,
    /// The variable by which it goes from one to the other.
    pub variable: Variable,
    /// The operations that give it, with the paths in their answers; none where the target has to.
    pub given: Vec<(OperationName, String)>,
}

/// All links between the operations of a suite that an `OpenAPI` document describes.
pub fn links(suite: &Suite) -> Vec<Linked> {
    let Some(described) = suite.described.as_deref() else { return Vec::new() };
    let maker = Maker::new(suite, described);
    let mut found = Vec::new();
    for operation in suite.operations.values() {
        let inputs = operation.contract.iter().flat_map(|contract| &contract.inputs);
        for input in inputs {
            let mut taken = Vec::new();
            let name = format!("{}.{}", input.kind.name(), input.name());
            match input.kind {
                InputKind::Path => {
                    let known = maker.variable_of(operation, &input.argument).cloned();
                    let variable = known.or_else(|| (!is_closed(input)).then(|| own_name(&input.argument)));
                    taken.extend(variable.map(|variable| (name, variable)));
                }
                InputKind::Body => {
                    let mut walk = Walk { root: &input.schema, links: &maker.links, left: MOST_FIELDS, taken };
                    walk.fields(&input.schema, "body", 0);
                    taken = walk.taken;
                }
                InputKind::Query | InputKind::Header | InputKind::Cookie => {
                    let variable = maker.links.get(&comparable(&input.argument));
                    taken.extend(variable.map(|variable| (name, variable.clone())));
                }
            }
            let own = maker.created.get(&operation.name.value).map(|resource| &resource.variable);
            found.extend(taken.into_iter().filter(|(_, variable)| Some(variable) != own).map(|(taken, variable)| {
                Linked {
                    operation: operation.name.value.clone(),
                    taken,
                    given: described.resources.iter().filter(|one| one.variable == variable).flat_map(given).collect(),
                    variable,
                }
            }));
        }
    }
    found
}

fn given(resource: &Resource) -> Vec<(OperationName, String)> {
    let created = resource.create.clone().zip(resource.created_key.clone());
    created.into_iter().chain(resource.list.clone()).collect()
}

struct Walk<'a> {
    root: &'a Value,
    links: &'a Links,
    left: usize,
    taken: Vec<(String, Variable)>,
}

impl Walk<'_> {
    fn fields(&mut self, schema: &Value, at: &str, depth: usize) {
        let Some(schema) = flattened(self.root, schema).filter(|_| depth <= DEEPEST) else { return };
        for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            let at = format!("{at}.{name}");
            match self.links.get(&comparable(name)) {
                Some(variable) => self.taken.push((at, variable.clone())),
                None => self.fields(field, &at, depth + 1),
            }
        }
        if let Some(items) = schema.get("items") {
            self.fields(items, &format!("{at}[]"), depth + 1);
        }
    }
}
