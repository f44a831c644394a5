//! Snapshots of volumes.

use serde_json::json;

use super::fields;
use crate::world::{Origin, Record};

/// A snapshot of a volume. The Cloudn manual only names the command; the fields are those of CloudStack 4.1.
pub fn of_volume(id: &str, volume: &Record, origin: &Origin) -> Record {
    let snapshot = fields(json!({
        "id": id,
        "account": origin.account,
        "domainid": origin.domain.id,
        "domain": origin.domain.name,
        "snapshottype": "MANUAL",
        "volumeid": volume.id(),
        "volumename": volume.text("name"),
        "volumetype": volume.text("type"),
        "created": origin.created,
        "name": format!("{}_{}", volume.text("name"), origin.created),
        "intervaltype": "MANUAL",
        "state": "BackedUp",
        "tags": [],
    }));
    Record::new(origin.owner, snapshot)
        .hiding("size", volume.number("size"))
        .hiding("zoneid", volume.text("zoneid"))
        .hiding("templateid", volume.hidden_text("templateid"))
}
