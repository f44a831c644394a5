//! What a deployment says of its own operations, against what is documented.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use assay_suite::{Availability, Operation, Presence, Suite, ValueType};

/// How a deployment's operations differ from the documented ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Discovery {
    /// How many operations it has.
    pub offered: usize,
    /// Documented operations that it lacks.
    pub lacking: Vec<String>,
    /// Operations that the document says are gone, and that it has.
    pub removed: Vec<String>,
    /// Operations that it has and that are not documented.
    pub undocumented: Vec<String>,
    /// Operations that both have, but not alike.
    pub differences: Vec<Difference>,
}

/// One difference of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The operation.
    pub operation: String,
    /// The parameter; none if it is the operation itself.
    pub parameter: Option<String>,
    /// What differs.
    pub kind: DifferenceKind,
}

/// The ways in which operations differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    /// Documented with a job, offered without, or the other way round.
    Asynchrony,
    /// Documented, not offered.
    Lacking,
    /// Offered, not documented.
    Undocumented,
    /// Required there, not in the document.
    RequiredThere,
    /// Required by the document, not there.
    OptionalThere,
    /// Of another type.
    Type,
}

impl DifferenceKind {
    /// What differs, as a person would say it of an operation or a parameter.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Asynchrony => "has a job on one side only",
            Self::Lacking => "is documented, but not there",
            Self::Undocumented => "is there, but not documented",
            Self::RequiredThere => "is required there, optional in the document",
            Self::OptionalThere => "is optional there, required by the document",
            Self::Type => "is of another type there",
        }
    }
}

impl Discovery {
    /// Whether the deployment keeps all that is documented; it may have more.
    pub fn is_as_documented(&self) -> bool {
        let more = |difference: &Difference| difference.kind == DifferenceKind::Undocumented;
        self.lacking.is_empty() && self.removed.is_empty() && self.differences.iter().all(more)
    }
}

/// Compares the answer of `listApis` (CloudStack API; a list `api` of commands with their `params`) with a suite. The error
/// says what is wrong with the answer.
pub fn discover(suite: &Suite, answer: &Value) -> Result<Discovery, String> {
    let listed = answer.get("api").and_then(Value::as_array).ok_or("it has no list `api`")?;
    let mut discovery = Discovery { offered: listed.len(), ..Discovery::default() };
    let mut offered = BTreeSet::new();
    for entry in listed {
        let Some(name) = entry.get("name").and_then(Value::as_str) else { continue };
        offered.insert(name);
        match suite.operations.get(name) {
            None => discovery.undocumented.push(name.to_owned()),
            Some(operation) if operation.availability == Availability::Removed => {
                discovery.removed.push(name.to_owned());
            }
            Some(operation) => compare(suite, operation, entry, &mut discovery.differences),
        }
    }
    let documented = suite.operations.values().filter(|operation| operation.availability == Availability::Offered);
    let lacking = documented.map(|operation| &operation.name.value.0).filter(|name| !offered.contains(name.as_str()));
    discovery.lacking = lacking.cloned().collect();
    Ok(discovery)
}

fn compare(suite: &Suite, operation: &Operation, entry: &Value, differences: &mut Vec<Difference>) {
    let name = &operation.name.value.0;
    let mut differs = |parameter: Option<&str>, kind| {
        differences.push(Difference { operation: name.clone(), parameter: parameter.map(str::to_owned), kind });
    };
    if entry.get("isasync").and_then(Value::as_bool).is_some_and(|there| there != operation.asynchronous) {
        differs(None, DifferenceKind::Asynchrony);
    }
    let there: Vec<_> = entry.get("params").and_then(Value::as_array).into_iter().flatten().collect();
    let name_of = |parameter: &Value| parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let mut seen = BTreeSet::new();
    for parameter in operation.parameters.values() {
        let name = base(&parameter.name.value);
        // A map is documented by several of its elements.
        if !seen.insert(name) {
            continue;
        }
        let named = |found: &&&Value| base(&name_of(found)) == name.to_lowercase();
        let Some(found) = there.iter().find(named) else {
            differs(Some(name), DifferenceKind::Lacking);
            continue;
        };
        let required = found.get("required").and_then(Value::as_bool);
        match (parameter.presence, required) {
            (Presence::Required, Some(false)) => differs(Some(name), DifferenceKind::OptionalThere),
            (Presence::Optional, Some(true)) => differs(Some(name), DifferenceKind::RequiredThere),
            _ => {}
        }
        let kind = found.get("type").and_then(Value::as_str).and_then(value_type);
        let is_element = |name: &str| name.contains('[');
        let whole = !is_element(&parameter.name.value) && !is_element(&name_of(found));
        if let Some((documented, there)) = parameter.value_type.zip(kind)
            && whole
            && documented != there
        {
            differs(Some(name), DifferenceKind::Type);
        }
    }
    // What all lists take, one whose pages can't be held against each other takes as well.
    let paging = suite.paging_of(operation).or(suite.paging.as_ref()).filter(|_| operation.list.is_some());
    let of_pages = |name: &str| paging.is_some_and(|paging| name == paging.size || name == paging.start.parameter());
    let names: BTreeSet<_> = there.iter().map(|found| base(&name_of(found)).to_owned()).collect();
    for name in names {
        let documented = operation.parameters.keys().any(|known| base(known).to_lowercase() == name);
        if !documented && !of_pages(&name) {
            differs(Some(&name), DifferenceKind::Undocumented);
        }
    }
}

/// A map is documented by its elements, `tags[0].key`, and listed as a whole, `tags`.
fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

/// The type that a CloudStack server's name for one means.
fn value_type(name: &str) -> Option<ValueType> {
    match name {
        "string" | "uuid" | "date" | "tzdate" => Some(ValueType::Text),
        "integer" | "long" | "short" => Some(ValueType::Integer),
        "float" | "double" => Some(ValueType::Number),
        "boolean" => Some(ValueType::Boolean),
        "list" => Some(ValueType::Array),
        "map" => Some(ValueType::Object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_suite::SuiteFiles;
    use assay_suite::source::{Diagnostics, SourceFile};

    fn suite() -> Suite {
        let operations = "operations:\n  listZones:\n    {group: Zone, source: a, effect: reads, parameters: {\"tags[0].key\": {}, id: {}, \
                          available: {type: boolean}, name: {required: true}}}\n  deployZone: {group: Zone, source: a, \
                          effect: creates, job: true}\n  gone: {group: Zone, source: a, effect: reads, removed: true}\n";
        let conventions = "suite: s\ntitle: S\ndocument: {title: S}\nrequest: {style: query, operation_parameter: command}\n\
                           signing: cloudstack\nanswers: {formats: {json: {}}, envelope: a, refusals: [4xx]}\n";
        let mut mistakes = Diagnostics::new();
        let files = SuiteFiles {
            suite: &SourceFile::new("suites/s/suite.yaml", conventions),
            operations: &SourceFile::new("suites/s/operations.yaml", operations),
            requirements: &SourceFile::new("suites/s/requirements.yaml", "requirements: {}\n"),
            variables: None,
            deviations: Vec::new(),
        };
        Suite::read(&files, &mut mistakes).unwrap()
    }

    fn found(api: &Value) -> Discovery {
        discover(&suite(), &json!({"count": 1, "api": api})).unwrap()
    }

    #[test]
    fn what_is_as_documented_has_no_difference() {
        let api = json!([
            {"name": "listZones", "isasync": false, "params": [
                {"name": "tags", "type": "map"}, {"name": "id", "type": "uuid", "required": false}, {"name": "available", "type": "boolean"},
                {"name": "name", "required": true}]},
            {"name": "deployZone", "isasync": true, "params": []}]);
        let discovery = found(&api);
        assert!(discovery.is_as_documented(), "{discovery:?}");
        assert_eq!((discovery.offered, discovery.undocumented.len()), (2, 0));
    }

    #[test]
    fn a_map_is_one_parameter_however_it_is_listed_and_pages_are_of_every_list() {
        let operations = "operations:\n  listTags:\n    {group: Tags, source: a, effect: reads, list: {items: tag}, paging: none, \
                          parameters: {\"tags[0].key\": {type: string}, \"tags[0].value\": {type: string}}}\n";
        let conventions = "suite: s\ntitle: S\ndocument: {title: S}\nrequest: {style: query, operation_parameter: command}\n\
                           signing: cloudstack\nanswers: {formats: {json: {}}, envelope: a, refusals: [4xx]}\n\
                           paging: {page: page, size: pagesize}\n";
        let files = SuiteFiles {
            suite: &SourceFile::new("suites/s/suite.yaml", conventions),
            operations: &SourceFile::new("suites/s/operations.yaml", operations),
            requirements: &SourceFile::new("suites/s/requirements.yaml", "requirements: {}\n"),
            variables: None,
            deviations: Vec::new(),
        };
        let suite = Suite::read(&files, &mut Diagnostics::new()).unwrap();
        let pages = json!([{"name": "page", "type": "integer"}, {"name": "pagesize", "type": "integer"}]);
        for tags in [
            json!([{"name": "tags", "type": "map"}]),
            json!([{"name": "tags[0].key", "type": "string"}, {"name": "tags[0].value", "type": "string"}]),
        ] {
            let params: Vec<_> =
                [&pages, &tags].into_iter().flat_map(|list| list.as_array().unwrap().clone()).collect();
            let answer = json!({"api": [{"name": "listTags", "params": params}]});
            let found = discover(&suite, &answer).unwrap();
            assert!(found.differences.is_empty(), "{found:?}");
        }
        let none = discover(&suite, &json!({"api": [{"name": "listTags", "params": []}]})).unwrap();
        assert_eq!(none.differences.len(), 1, "{none:?}");
    }

    #[test]
    fn every_kind_of_difference_is_reported() {
        let api = json!([
            {"name": "listZones", "isasync": true, "params": [
                {"name": "tags"}, {"name": "id", "required": true}, {"name": "available", "type": "string"},
                {"name": "name", "required": false}, {"name": "more"}]},
            {"name": "gone"}, {"name": "listOthers"}]);
        let discovery = found(&api);
        assert_eq!(discovery.lacking, ["deployZone"]);
        assert_eq!(discovery.removed, ["gone"]);
        assert_eq!(discovery.undocumented, ["listOthers"]);
        let kinds: Vec<_> = discovery.differences.iter().map(|difference| difference.kind).collect();
        let expected = [
            DifferenceKind::Asynchrony,
            DifferenceKind::RequiredThere,
            DifferenceKind::Type,
            DifferenceKind::OptionalThere,
            DifferenceKind::Undocumented,
        ];
        assert_eq!(kinds, expected);
        assert!(!discovery.is_as_documented());
    }

    #[test]
    fn an_answer_of_another_form_is_refused() {
        assert!(discover(&suite(), &json!({"zone": []})).is_err());
    }
}
