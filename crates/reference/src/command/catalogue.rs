//! What a cloud is made of and set to, for clients that ask for it first: `CloudStack`'s guide has none of these lists.

use serde_json::{Value, json};

use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Fields, World, kind};
use assay_suite::Suite;

use super::call::Call;

/// The family of every operating system here.
const FAMILY: &str = "Other";

/// `listOsTypes`.
#[expect(clippy::unnecessary_wraps, reason = "other lists can be refused")]
pub fn os_types(world: &World, _: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let family = world.ids.named(FAMILY);
    let shown = world.store.of(kind::OS_TYPE).map(|known| {
        fields(json!({"id": known.id(), "oscategoryid": family, "description": known.text("description")}))
    });
    Ok(shown.filter(|item| is_meant(item, call, &["id", "oscategoryid", "description"])).collect())
}

/// `listOsCategories`.
#[expect(clippy::unnecessary_wraps, reason = "other lists can be refused")]
pub fn os_categories(world: &World, _: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let family = fields(json!({"id": world.ids.named(FAMILY), "name": FAMILY}));
    Ok([family].into_iter().filter(|item| is_meant(item, call, &["id", "name"])).collect())
}

/// Whether an item has what the parameters of these names ask for.
fn is_meant(item: &Fields, call: &Call<'_>, names: &[&str]) -> bool {
    names.iter().all(|name| {
        let shown = item.get(*name).and_then(Value::as_str);
        call.arguments.get(name).is_none_or(|wanted| shown == Some(wanted))
    })
}
