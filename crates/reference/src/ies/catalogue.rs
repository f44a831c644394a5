//! The catalogue: what services can be made of.

use serde_json::{Value, json};

use crate::fault::{Fault, Faults};

use super::refusal::ApiError;

/// A service definition.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its id.
    pub id: &'static str,
    /// The id of its only template.
    pub template: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Who may use it.
    pub audience: Audience,
}

/// Who may use a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The tenants of the preset data.
    PresetTenants,
    /// Others.
    Others,
}

/// The definition of the examples.
pub const OPEN: Definition = Definition {
    id: "8c34e27ed6644bbfbce93a41a05cb7ab",
    template: "e77fc5e21e1e42c9933ec9574c33a5d8",
    name: "IES_TMF_OpenHack_Nice",
    audience: Audience::PresetTenants,
};

/// One that is not for the tenants of the preset data; made up.
pub const FOREIGN: Definition = Definition {
    id: "2f6b1c0a9d8e47f3a5c4b3e2d1f0a9b8",
    template: "5d3c2b1a0f9e48d7b6a5948372615040",
    name: "IES_of_somebody_else",
    audience: Audience::Others,
};

/// When both were made, in milliseconds since 1970.
const CREATED: i64 = 1_493_948_644_546;

const ALL: [Definition; 2] = [OPEN, FOREIGN];

impl Definition {
    fn is_usable(&self) -> bool {
        self.audience == Audience::PresetTenants
    }

    /// What the list and the details have in common.
    fn fields(&self, categories: &Value) -> Value {
        json!({
            "categories": categories,
            "createdAt": CREATED,
            "creator": "om_team",
            "description": self.name,
            "domain": "stack",
            "format": "JSON",
            "formatVersion": "2017-05-5",
            "name": self.name,
            "offlineAt": 0,
            "onlineAt": 0,
            "publishTenantType": ["om_team", "op_tenant"],
            "refCount": 6,
            "serviceDefId": self.id,
            "serviceType": "service",
            "status": "active",
            "systemDef": false,
            "tenantId": "db58f937c61141b3a92f28899cbb1555",
            "version": "v2",
        })
    }
}

/// The definition with an id, if the tenants of the preset data may use it.
pub fn usable(id: &str) -> Option<Definition> {
    ALL.into_iter().find(|definition| definition.id == id && definition.is_usable())
}

/// The list of definitions. Pages are counted from 0, as the example has it.
pub fn list(faults: &Faults) -> Value {
    let shown = ALL.into_iter().filter(|known| known.is_usable() || faults.has(Fault::IesForeignDefinitionListed));
    let mut data: Vec<_> = shown.map(|definition| definition.fields(&Value::Null)).collect();
    if faults.has(Fault::IesDefinitionInSeconds) {
        data.iter_mut().for_each(|definition| definition["createdAt"] = json!(CREATED / 1000));
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
    let definition = usable(id).ok_or_else(unknown)?;
    let mut details = definition.fields(&json!([]));
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
