//! `extractVolume` (Cloudn Compute 1-10) and `extractTemplate`, which the manual only names.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Fields, Kind, Record, World, kind, written};

use super::call::{Call, Reply, begin};

/// `extractVolume`, `extractTemplate`: makes one available for download, or uploads it; a volume by a job.
pub fn extract(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let kind = call.command.of.unwrap_or(kind::VOLUME);
    let record = world.own(kind, call.arguments.need("id")?, call.account)?;
    if kind == kind::VOLUME {
        let zone = world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?;
        if record.text("zoneid") != zone.id() {
            return Err(ApiError::value(format!("the volume {} is not in the zone {}", record.id(), zone.id())));
        }
    }
    check_extractable(record)?;
    let order = Order::read(world, call, kind, record.id())?;
    if kind == kind::VOLUME {
        return Ok(begin(world, call, None, Box::new(move |world| order.result(world))));
    }
    Ok(Reply::Content(order.result(world)?))
}

fn check_extractable(record: &Record) -> Result<(), ApiError> {
    if record.is_true("isextractable") {
        return Ok(());
    }
    Err(ApiError::value(format!("{} can't be extracted", record.id())))
}

/// What is to be extracted, and how.
struct Order {
    kind: Kind,
    id: String,
    mode: String,
    account: String,
    target: Option<String>,
}

impl Order {
    fn read(world: &World, call: &Call<'_>, kind: Kind, id: &str) -> Result<Self, ApiError> {
        Ok(Self {
            kind,
            id: id.to_owned(),
            mode: call.arguments.need("mode")?.to_owned(),
            account: world.accounts.get(call.account).id.clone(),
            target: call.arguments.get("url").map(str::to_owned),
        })
    }

    /// The 13 fields of CN-212, three of them in mixed case.
    fn result(&self, world: &mut World) -> Result<Fields, ApiError> {
        let extract = world.ids.fresh();
        let record = world.store.existing(self.kind, &self.id)?;
        let (state, url) = if self.mode == "FTP_UPLOAD" {
            // Where nothing says where to upload to, the cloud has a place of its own: `url` is optional (CN-209).
            let target = self.target.clone().unwrap_or_else(|| format!("ftp://127.0.0.1/{extract}.vhd"));
            ("UPLOADED", target)
        } else {
            ("DOWNLOAD_URL_CREATED", format!("http://127.0.0.1/userdata/{extract}.vhd"))
        };
        let mut shown = fields(json!({
            "id": self.id,
            "accountId": self.account,
            "created": written(world.now),
            "extractId": extract,
            "extractMode": self.mode,
            "name": record.text("name"),
            "state": state,
            "status": "Completed",
            "storagetype": self.kind.name(),
            "uploadpercentage": 100,
            "zoneid": record.text("zoneid"),
            "zonename": record.text("zonename"),
            "url": url,
        }));
        if world.rules.faults.has(Fault::ExtractUrlMissing) {
            shown.shift_remove("url");
        }
        Ok(Fields::from_iter([(self.kind.name().to_owned(), Value::Object(shown))]))
    }
}
