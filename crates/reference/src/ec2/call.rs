//! What EC2's actions have in common: what is asked of them, what they answer, and how they name what is the native API's.

use std::sync::Arc;

use serde_json::{Value, json};

use assay_suite::Suite;

use crate::fault::Fault;
use crate::resource::machine::State;
use crate::world::{AccountIndex, Owner, Record, World, kind};

use super::failure::Failure;
use super::native::Command;
use super::parameters::Parameters;

/// A request that is known to come from an account.
pub struct Call<'a> {
    /// The account.
    pub account: AccountIndex,
    /// The parameters.
    pub parameters: &'a Parameters,
    /// What the native API documents.
    pub native: &'a Arc<Suite>,
}

/// What an action answers, within its envelope.
pub type Answer = Result<Value, Failure>;

/// That an action was carried out which has nothing to show.
pub fn done() -> Value {
    json!({"return": true})
}

/// A list, as EC2 shows it.
pub fn items(items: impl Iterator<Item = Value>) -> Value {
    json!({"item": items.collect::<Vec<_>>()})
}

/// Of these resources those that a numbered parameter names, or all if it names none.
pub fn named<'a>(
    call: &Call<'_>,
    parameter: &str,
    known: Vec<&'a Record>,
    unknown: impl Fn(&str) -> Failure,
) -> Result<Vec<&'a Record>, Failure> {
    let ids = call.parameters.numbered(parameter);
    if ids.is_empty() {
        return Ok(known);
    }
    let find = |id: &str| known.iter().find(|record| record.id() == id).copied().ok_or_else(|| unknown(id));
    ids.into_iter().map(find).collect()
}

/// A moment in EC2's form, from the native one.
pub fn moment(native: &str) -> String {
    native.strip_suffix("+0000").map_or_else(|| native.to_owned(), |moment| format!("{moment}.000Z"))
}

/// Whose something is, as the sample of the manual shows it: domain and account.
pub fn owner(world: &World, record: &Record) -> String {
    format!("{}:{}", world.accounts.domain().name, world.accounts.owner(record.owner).name)
}

/// A machine of the account.
pub fn own<'a>(world: &'a World, call: &Call<'_>, id: &str) -> Result<&'a Record, Failure> {
    let anyones = world.rules.faults.has(Fault::Ec2ForeignMachineChanged);
    let is_own = |machine: &&Record| anyones || machine.owner == Owner::Account(call.account);
    let machine = world.store.get(kind::MACHINE, id).filter(is_own);
    machine.ok_or_else(|| Failure::unknown("InvalidInstanceID.NotFound", "instance", id))
}

/// A native command of the account that asks.
pub fn native<'a>(call: &'a Call<'_>, name: &'a str, arguments: &'a [(&'a str, &'a str)]) -> Command<'a> {
    Command { suite: call.native, account: call.account, name, arguments }
}

/// Stops a machine that is not stopped yet.
pub fn stop_one(world: &mut World, call: &Call<'_>, id: &str) -> Result<(), Failure> {
    match State::of(own(world, call, id)?) {
        State::Stopping | State::Stopped => Ok(()),
        _ => native(call, "stopVirtualMachine", &[("id", id)]).carry_out(world).map(|_| ()),
    }
}

/// The name of the device at which a volume is attached.
pub fn device(volume: &Record) -> String {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
    let number = usize::try_from(volume.number("deviceid")).unwrap_or_default();
    let letter = LETTERS.chars().nth(number).unwrap_or('z');
    if number == 0 { "/dev/sda1".to_owned() } else { format!("/dev/sd{letter}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_ec2_does() {
        assert_eq!(moment("2013-06-13T09:00:00+0000"), "2013-06-13T09:00:00.000Z");
    }
}
