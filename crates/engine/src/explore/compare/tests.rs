use serde_json::json;

use super::*;

const MACHINE: &str = "11111111-1111-4111-8111-111111111111";
const ITS_TWIN: &str = "22222222-2222-4222-8222-222222222222";
const OTHERS: &str = "33333333-3333-4333-8333-333333333333";

fn own_machine() -> Identities {
    let mut identities = Identities::default();
    identities.relate(ITS_TWIN, MACHINE);
    identities.own(MACHINE);
    identities
}

fn machines() -> List {
    List { items: "virtualmachine".to_owned(), key: Some("id".to_owned()), volatile: Vec::new(), created: None }
}

fn kinds(deployment: &Value, model: &Value, list: Option<&List>) -> Vec<(String, DifferenceKind)> {
    let shown = BTreeSet::from(["$.attachedto".to_owned()]);
    let sent = BTreeSet::from(["assay-1".to_owned()]);
    let mut identities = own_machine();
    let mut comparison = Comparison { identities: &mut identities, sent: &sent, shown: &shown, list };
    let found = comparison.differences(deployment, model).into_iter();
    let mut kinds: Vec<_> = found.map(|found| (found.path, found.kind)).collect();
    // The order of fields is no matter.
    kinds.sort();
    kinds
}

#[test]
fn identifiers_times_addresses_and_extensions_may_differ() {
    let model = json!({"id": MACHINE, "created": "2026-01-01T00:00:00Z", "ip": "10.0.0.1", "state": "Running"});
    let deployment =
        json!({"id": ITS_TWIN, "created": "2025-01-01T00:00:00Z", "ip": "10.0.0.9", "state": "Running", "more": 1});
    assert_eq!(kinds(&deployment, &model, None), []);
}

#[test]
fn a_state_a_lost_field_and_one_that_stays_are_found() {
    let model = json!({"state": "Running", "name": "x"});
    let deployment = json!({"state": "Stopped", "attachedto": "y"});
    let expected = [
        ("$.attachedto".to_owned(), DifferenceKind::Unexpected),
        ("$.name".to_owned(), DifferenceKind::Missing),
        ("$.state".to_owned(), DifferenceKind::Value),
    ];
    assert_eq!(kinds(&deployment, &model, None), expected);
}

#[test]
fn what_the_walk_gave_must_come_back() {
    assert_eq!(kinds(&json!({"name": "assay-2"}), &json!({"name": "assay-1"}), None).len(), 1);
    assert_eq!(kinds(&json!({"name": "pool2"}), &json!({"name": "pool1"}), None), []);
}

#[test]
fn an_identifier_that_means_something_else_is_found() {
    assert_eq!(kinds(&json!({"id": OTHERS}), &json!({"id": MACHINE}), None).len(), 1);
    assert_eq!(kinds(&json!({"id": ITS_TWIN}), &json!({"id": OTHERS}), None).len(), 1);
}

#[test]
fn what_others_have_is_no_matter_of_a_list() {
    let model = json!({"count": 1, "virtualmachine": [{"id": MACHINE, "state": "Running"}]});
    let deployment = json!({"count": 2, "virtualmachine": [{"id": OTHERS}, {"id": ITS_TWIN, "state": "Running"}]});
    assert_eq!(kinds(&deployment, &model, Some(&machines())), []);
}

#[test]
fn a_list_that_lacks_or_still_has_what_the_walk_created_is_found() {
    let (has, lacks) = (json!({"virtualmachine": [{"id": MACHINE}]}), json!({}));
    let path = "$.virtualmachine[*]".to_owned();
    assert_eq!(kinds(&lacks, &has, Some(&machines())), [(path.clone(), DifferenceKind::ItemMissing)]);
    let still = json!({"virtualmachine": [{"id": ITS_TWIN}]});
    assert_eq!(kinds(&still, &lacks, Some(&machines())), [(path, DifferenceKind::ItemUnexpected)]);
}

#[test]
fn names_of_what_the_walk_did_not_create_may_differ() {
    let of = |id: &str, name: &str| json!({"zoneid": id, "zonename": name});
    assert_eq!(kinds(&of(OTHERS, "Tokyo"), &of("44444444-4444-4444-8444-444444444444", "zone"), None), []);
    assert_eq!(kinds(&of(ITS_TWIN, "Tokyo"), &of(MACHINE, "zone"), None).len(), 1);
}

#[test]
fn the_order_of_items_is_free() {
    let model = json!({"rules": [{"port": 1}, {"port": 2}]});
    assert_eq!(kinds(&json!({"rules": [{"port": 2}, {"port": 1}]}), &model, None), []);
    assert_eq!(kinds(&json!({"rules": [{"port": 2}, {"port": 3}]}), &model, None).len(), 1);
}
