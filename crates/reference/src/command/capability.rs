//! `listCapabilities`: what the cloud can do, as one object.

use serde_json::json;

use crate::refusal::Refusal;
use crate::resource::fields;
use crate::world::World;

use super::{Call, Reply};

/// `listCapabilities`.
#[expect(clippy::unnecessary_wraps, reason = "commands may refuse; this one never does")]
pub fn list(_world: &mut World, _call: &Call<'_>) -> Result<Reply, Refusal> {
    Ok(Reply::Content(fields(json!({"capability": {
        "securitygroupsenabled": true,
        "cloudstackversion": "4.1.0",
        "userpublictemplateenabled": true,
        "supportELB": "false",
        "projectinviterequired": false,
        "allowusercreateprojects": true,
        "customdiskofferingmaxsize": 1024,
    }}))))
}
