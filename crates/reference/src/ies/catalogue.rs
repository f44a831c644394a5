//! The catalogue: what services can be made of.

use serde_json::{Value, json};

use crate::fault::{Fault, Faults};

use super::facts::{Definition, facts};
use super::refusal::ApiError;

/// What the list and the details of a definition have in common.
fn shown(definition: &Definition, categories: &Value) -> Value {
    let mut shown = facts().definition_shows.clone();
    for (field, value) in [
        ("categories", categories.clone()),
        ("description", definition.name.as_str().into()),
        ("name", definition.name.as_str().into()),
        ("serviceDefId", definition.id.as_str().into()),
    ] {
        shown.insert(field.to_owned(), value);
    }
    shown.into()
}

/// The definition with an id, if the tenants of the preset data may use it; anyone's by a fault.
pub fn usable(id: &str, anyones: Fault, faults: &Faults) -> Option<&'static Definition> {
    let is_theirs = |definition: &Definition| !definition.foreign || faults.has(anyones);
    facts().definitions.iter().find(|definition| definition.id == id && is_theirs(definition))
}

/// The list of definitions. Pages are counted from 0, as the example has it.
pub fn list(faults: &Faults) -> Value {
    let listed = |known: &&Definition| !known.foreign || faults.has(Fault::IesForeignDefinitionListed);
    let listed = facts().definitions.iter().filter(listed);
    let mut data: Vec<_> = listed.map(|definition| shown(definition, &Value::Null)).collect();
    if faults.has(Fault::IesDefinitionInSeconds) {
        for definition in &mut data {
            definition["createdAt"] = json!(definition["createdAt"].as_i64().unwrap_or_default() / 1000);
        }
    }
    let mut list = json!({"currentPage": 0, "data": data, "pageSize": 10, "totalNum": data.len(), "totalPageNum": 1});
    if let Some(fields) = list.as_object_mut().filter(|_| faults.has(Fault::IesPageCountMissing)) {
        fields.remove("totalPageNum");
    }
    list
}

/// The details of a definition.
pub fn details(id: &str, faults: &Faults) -> Result<Value, ApiError> {
    let unknown = || {
        let status = if faults.has(Fault::IesUnknownDefinitionIsBad) { 400 } else { 404 };
        ApiError { status, text: format!("there is no definition {id}") }
    };
    let definition = usable(id, Fault::IesForeignDefinitionRead, faults).ok_or_else(unknown)?;
    let mut details = shown(definition, &json!([]));
    details["pkgFileName"] = json!(format!("{}_V2_20170505.zip", definition.name));
    details["templates"] = json!([{
        "id": definition.template,
        "name": format!("{}.json", definition.name),
        "type": "VTL",
        "url": format!("/rest/catalog/v1/servicedefs/{id}/templates/{}", definition.template),
    }]);
    if let Some(fields) = details.as_object_mut().filter(|_| faults.has(Fault::IesPackageMissing)) {
        fields.remove("pkgFileName");
    }
    Ok(details)
}
