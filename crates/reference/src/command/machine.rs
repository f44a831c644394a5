//! What can be done to machines besides starting and stopping them: where they are, whose they are, what is in their drive.

use crate::present;
use crate::refusal::ApiError;
use crate::resource::machine::State;
use crate::world::{Owner, Record, Role, World, kind, written};

use super::call::{Call, Reply};
use super::lifecycle::check_state;
use super::scope::named_account;
use super::{generic, kinds};

fn chosen<'a>(world: &'a World, call: &Call<'_>, parameter: &str) -> Result<&'a Record, ApiError> {
    world.own(kind::MACHINE, call.arguments.need(parameter)?, call.account)
}

fn shown(world: &World, id: &str) -> Result<Reply, ApiError> {
    Ok(Reply::Content(generic::shown(world, kind::MACHINE, id)?))
}

/// `migrateVirtualMachine`: to another host while it runs, or to another storage pool while it does not.
pub fn migrate(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let machine = chosen(world, call, "virtualmachineid")?;
    let id = machine.id().to_owned();
    if let Some(pool) = call.arguments.get("storageid") {
        check_state(machine, &[State::Stopped], "moved to another storage pool")?;
        let pool = world.usable(kind::STORAGE_POOL, pool, call.account)?.text("name").to_owned();
        for disk in world.store.of_mut(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id) {
            disk.set("storage", pool.clone());
        }
        return shown(world, &id);
    }
    check_state(machine, &[State::Running], "moved to another host")?;
    let host = world.usable(kind::HOST, call.arguments.need("hostid")?, call.account)?;
    let (host, name) = (host.id().to_owned(), host.text("name").to_owned());
    world.store.change(kind::MACHINE, &id, |machine| {
        machine.set("hostid", host);
        machine.set("hostname", name);
    });
    shown(world, &id)
}

/// `assignVirtualMachine`: to another account of the same domain, while it is stopped; its disks go with it.
pub fn assign(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let machine = chosen(world, call, "virtualmachineid")?;
    let id = machine.id().to_owned();
    check_state(machine, &[State::Stopped], "given to another account")?;
    let account = named_account(world, call, call.arguments.need("account")?)?;
    let owner = Owner::Account(account);
    let domain = world.accounts.domain_of(owner).clone();
    if domain.id != world.accounts.domain_of(machine.owner).id {
        return Err(ApiError::value(format!("the machine {id} stays in its domain")));
    }
    let name = world.accounts.get(account).name.clone();
    let give = |record: &mut Record| {
        record.owner = owner;
        record.set("account", name.clone());
        record.set("domainid", domain.id.clone());
        record.set("domain", domain.name.clone());
    };
    world.store.change(kind::MACHINE, &id, give);
    for disk in world.store.of_mut(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id) {
        give(disk);
    }
    shown(world, &id)
}

/// `restoreVirtualMachine`: its root disk is as its template again.
pub fn restore(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let machine = chosen(world, call, "virtualmachineid")?;
    check_state(machine, &[State::Running, State::Stopped], "restored")?;
    let id = machine.id().to_owned();
    let moment = written(world.now);
    let root = |disk: &&Record| disk.text("virtualmachineid") == id && disk.text("type") == "ROOT";
    let old: Vec<_> = world.store.of(kind::VOLUME).filter(root).map(|disk| disk.id().to_owned()).collect();
    for disk in old {
        // What was written on it is gone: the disk is another one.
        if let Some(mut disk) = world.store.remove(kind::VOLUME, &disk) {
            disk.set("id", world.ids.fresh());
            disk.set("created", moment.clone());
            world.add(kind::VOLUME, disk)?;
        }
    }
    shown(world, &id)
}

/// Refuses a key pair that neither the owner of a machine nor the caller has.
pub fn check_key(world: &World, call: &Call<'_>, owner: Owner, name: &str) -> Result<(), ApiError> {
    let known = |key: &Record| key.text("name") == name && (key.owner == owner || key.owner == call.owner());
    if world.store.of(kind::KEY_PAIR).any(known) {
        return Ok(());
    }
    Err(ApiError::value(format!("there is no key pair named {name}")))
}

/// The same of the key pair that a call names for the machine that it names (4.1.4).
pub fn check_chosen_key(world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let owner = chosen(world, call, "id")?.owner;
    check_key(world, call, owner, call.arguments.need("keypair")?)
}

/// `createSSHKeyPair`.
pub fn create_key(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = world.ids.fresh();
    let mut key = kinds::make(world, kind::KEY_PAIR, &id, call.given())?;
    let digits: Vec<_> =
        id.replace('-', "").as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned()).collect();
    key.set("fingerprint", digits.join(":"));
    key.set("privatekey", format!("-----BEGIN RSA PRIVATE KEY-----{id}-----END RSA PRIVATE KEY-----"));
    let name = format!("{id} {}", key.text("name"));
    let key = key.hiding("id", name);
    let shown = present::named(world, kind::KEY_PAIR, &key);
    world.add(kind::KEY_PAIR, key)?;
    Ok(Reply::Content(shown))
}

/// Refuses an installation medium that is neither public nor the caller's to use.
pub fn check_medium(world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let iso = world.store.existing(kind::ISO, call.arguments.need("id")?)?;
    let public = iso.is_true("ispublic") || world.accounts.get(call.account).role == Role::RootAdmin;
    if public { Ok(()) } else { world.usable(kind::ISO, iso.id(), call.account).map(|_| ()) }
}
