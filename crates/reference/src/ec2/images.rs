//! Images: the templates of the native API.

use serde_json::{Value, json};

use crate::command::Reply;
use crate::fault::Fault;
use crate::resource::machine::State;
use crate::world::{AccountIndex, Owner, Record, World, kind};

use super::call::{self, Answer, Call, done, items, named};
use super::failure::Failure;
use super::native::Command;

/// What is known of a template and not shown: the names of accounts that may launch it.
const PERMITTED: &str = "accounts that may launch it";

fn permitted(template: &Record) -> Vec<Value> {
    template.hidden.get(PERMITTED).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Whether an account can see an image, and launch it when it is ready.
fn shows_to(world: &World, template: &Record, account: AccountIndex) -> bool {
    let name = &world.accounts.get(account).name;
    let shared = permitted(template).iter().any(|entity| entity.as_str() == Some(name));
    template.owner == Owner::Account(account) || template.is_true("ispublic") || shared
}

fn unknown(id: &str) -> Failure {
    Failure::unknown("InvalidAMIID.NotFound", "image", id)
}

/// An image that machines of the account can be launched from.
pub fn launchable<'a>(world: &'a World, call: &Call<'_>, id: &str) -> Result<&'a Record, Failure> {
    let anyones = world.rules.faults.has(Fault::Ec2ForeignImageLaunched);
    let is_shown = |template: &&Record| anyones || shows_to(world, template, call.account);
    let template = world.store.get(kind::TEMPLATE, id).filter(is_shown);
    let any = world.store.of(kind::TEMPLATE).next().filter(|_| world.rules.faults.has(Fault::Ec2UnknownImageLaunched));
    let template = template.or(any).ok_or_else(|| unknown(id))?;
    if template.is_true("isready") {
        return Ok(template);
    }
    Err(Failure::new("InvalidAMIID.Unavailable", format!("the image {id} is not ready")))
}

/// An image that the account may change.
fn own(world: &World, call: &Call<'_>) -> Result<String, Failure> {
    let id = call.parameters.need("ImageId")?;
    let anyones = world.rules.faults.has(Fault::Ec2ForeignImageChanged);
    let is_shown = |template: &&Record| anyones || shows_to(world, template, call.account);
    let template = world.store.get(kind::TEMPLATE, id).filter(is_shown);
    match template.ok_or_else(|| unknown(id))?.owner {
        Owner::Account(account) if account == call.account => Ok(id.to_owned()),
        Owner::Account(_) if anyones => Ok(id.to_owned()),
        _ => Err(Failure::new("UnauthorizedOperation", format!("the image {id} belongs to another account"))),
    }
}

fn image(world: &World, template: &Record) -> Value {
    json!({
        "imageId": template.id(),
        "imageLocation": template.text("name"),
        "imageState": if template.is_true("isready") { "available" } else { "pending" },
        "imageOwnerId": call::owner(world, template),
        "isPublic": template.is_true("ispublic"),
        "architecture": "x86_64",
        "imageType": "machine",
        "name": template.text("name"),
        "description": template.text("displaytext"),
        "rootDeviceType": "ebs",
        "hypervisor": "xen",
    })
}

/// `DescribeImages`: of all that the account can see those that are named, and of these the given owners'.
pub fn describe(world: &mut World, call: &Call<'_>) -> Answer {
    let templates = world.store.of(kind::TEMPLATE).filter(|template| shows_to(world, template, call.account));
    let templates = named(call, "ImageId", templates.collect(), unknown)?;
    let owners = call.parameters.numbered("Owner");
    let own = |template: &Record| template.owner == Owner::Account(call.account);
    let is_wanted = |template: &&Record| {
        let owner = call::owner(world, template);
        owners.is_empty() || owners.iter().any(|wanted| *wanted == owner || (*wanted == "self" && own(template)))
    };
    let templates = templates.into_iter().filter(is_wanted);
    Ok(json!({"imagesSet": items(templates.map(|template| image(world, template)))}))
}

/// `CreateImage`: of the root disk of a machine, which is stopped for it (2-2).
pub fn create(world: &mut World, call: &Call<'_>) -> Answer {
    let machine = call::own(world, call, call.parameters.need("InstanceId")?)?;
    let (id, os_type, state) = (machine.id().to_owned(), machine.text("guestosid").to_owned(), State::of(machine));
    if !matches!(state, State::Running | State::Stopping | State::Stopped) {
        return Err(Failure::new("IncorrectState", format!("the machine {id} is {state}")));
    }
    let is_root = |disk: &&Record| disk.text("virtualmachineid") == id && disk.number("deviceid") == 0;
    let root = world.store.of(kind::VOLUME).find(is_root).map(|disk| disk.id().to_owned());
    let root = root.ok_or_else(|| Failure::new("IncorrectState", format!("the machine {id} has no root disk")))?;
    let given = call.parameters.need("Name")?;
    let name = if world.rules.faults.has(Fault::Ec2ImageNameLost) { "image" } else { given };
    if !world.rules.faults.has(Fault::Ec2ImageLeavesRunning) {
        call::stop_one(world, call, &id)?;
    }
    let arguments = [("volumeid", &*root), ("name", name), ("displaytext", name), ("ostypeid", &*os_type)];
    let command = Command { suite: call.native, account: call.account, name: "createTemplate", arguments: &arguments };
    let Reply::Content(made) = command.carry_out(world)? else { return Ok(done()) };
    let image = made.get("template").and_then(|template| template.get("id")).cloned();
    Ok(json!({"imageId": image}))
}

/// `DeregisterImage`.
pub fn deregister(world: &mut World, call: &Call<'_>) -> Answer {
    let id = own(world, call)?;
    if world.rules.faults.has(Fault::Ec2DeregisterLeavesImage) {
        return Ok(done());
    }
    Command { suite: call.native, account: call.account, name: "deleteTemplate", arguments: &[("id", &id)] }
        .carry_out(world)?;
    Ok(done())
}

/// `ModifyImageAttribute`: which accounts may launch an image. The group `all` makes it public.
pub fn modify(world: &mut World, call: &Call<'_>) -> Answer {
    let id = own(world, call)?;
    let indexed = |action: &str, entity: &str| -> Vec<String> {
        let numbers = 1..=20;
        let names = numbers.map(|number| format!("LaunchPermission.{action}.{number}.{entity}"));
        names.filter_map(|name| call.parameters.get(&name).map(str::to_owned)).collect()
    };
    let (added, removed) = (indexed("Add", "UserId"), indexed("Remove", "UserId"));
    for entity in added.iter().chain(&removed) {
        if !world.accounts.iter().any(|account| account.name == *entity) {
            return Err(Failure::new("InvalidParameterValue", format!("there is no account {entity}")));
        }
    }
    let (opened, closed) = (indexed("Add", "Group"), indexed("Remove", "Group"));
    let gives = !world.rules.faults.has(Fault::Ec2PermissionNotGiven);
    let takes = !world.rules.faults.has(Fault::Ec2PermissionNotTaken);
    let renames = world.rules.faults.has(Fault::Ec2PermissionRenames);
    world.store.change(kind::TEMPLATE, &id, |template| {
        let mut permitted = permitted(template);
        if gives {
            permitted.extend(added.into_iter().map(Value::String));
        }
        if takes {
            permitted.retain(|entity| !removed.iter().any(|gone| entity.as_str() == Some(gone)));
        }
        template.hidden.insert(PERMITTED.to_owned(), Value::Array(permitted));
        if renames {
            template.set("name", "image");
        }
        for (groups, public) in [(opened, true), (closed, false)] {
            if groups.iter().any(|group| group == "all") {
                template.set("ispublic", public);
            }
        }
    });
    Ok(done())
}
