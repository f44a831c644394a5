//! The shapes of commands: what is done by what data says of a kind and of a command.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::fault::Fault;
use crate::model::{Among, Answers, Command, Departure, Gone, Journey, Whose};
use crate::policy::{Checks, Dialect};
use crate::present;
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::world::{Fields, Kind, Record, World};

use super::call::{Call, Reply, begin};
use super::guard;
use super::kinds::{self, Given, user_of};

/// Creates one of a kind from the parameters, at once or by a job.
pub fn create(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, ApiError> {
    let reply = create_good(world, call, kind);
    if reply.is_err() && world.rules.faults.has(Fault::CloudstackRefusedLeavesThing) {
        leave_like(world, call, kind);
    }
    reply
}

/// Adds one like another of its kind, with the name of the call.
fn leave_like(world: &mut World, call: &Call<'_>, kind: Kind) {
    let Some((mut record, name)) = world.store.of(kind).next().cloned().zip(call.arguments.get("name")) else { return };
    record.set("id", world.ids.fresh());
    record.set("name", name);
    let _ = world.add(kind, record);
}

fn create_good(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, ApiError> {
    let command = call.command;
    guard::check_all(world, call, None)?;
    let derived = command.derives.map_or_else(|| Ok(Vec::new()), |derives| derives.derive(world, call))?;
    let arguments = call.arguments.with(derived);
    let owner = match &command.owner_of {
        Some((of, by)) => world.store.existing(*of, call.arguments.need(by)?)?.owner,
        None => call.owner(),
    };
    let given = Given { arguments: &arguments, caller: call.account, owner };
    let network = call.arguments.get("networkid").map(str::to_owned);
    let former = network.and_then(|network| world.former.remove(&(kind, network)));
    let former = former.filter(|_| world.rules.faults.has(Fault::CloudstackIdentityReused));
    let id = former.unwrap_or_else(|| world.ids.fresh());
    let mut record = kinds::make(world, kind, &id, given)?;
    let set = |settings| kinds::settings(world, settings, given, &record.fields);
    let (sets, hides) = (set(&command.sets)?, set(&command.hides)?);
    apply(&mut record, sets, hides);
    for adjust in &command.adjust {
        adjust.adjust(&arguments, &mut record);
    }
    let Some(journey) = &command.journey else { return reply_with(world, call, kind, record) };
    if let Some(through) = &journey.through {
        record.set("state", through.as_str());
    }
    let id = world.add(kind, record)?;
    let created = id.clone();
    let job = move |world: &mut World| finish(world, (command, journey), (kind, &id), &arguments);
    Ok(begin(world, call, Some(created), Box::new(job)))
}

/// Adds what a command has created and answers as it says.
fn reply_with(world: &mut World, call: &Call<'_>, kind: Kind, record: Record) -> Result<Reply, ApiError> {
    let shows = &call.command.cloudn_shows;
    let shown: Option<Fields> = (world.rules.dialect == Dialect::Cloudn && !shows.is_empty())
        .then(|| shows.iter().filter_map(|name| record.fields.get_key_value(name)).map(cloned).collect());
    match (shown, call.command.answers) {
        (Some(shown), _) => {
            world.add(kind, record)?;
            Ok(Reply::Content(fields(json!({kind.name(): shown}))))
        }
        (None, Answers::Resource) => add(world, kind, record),
        (None, answers) => {
            let id = world.add(kind, record)?;
            answer(world, kind, &id, answers)
        }
    }
}

fn cloned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

/// Adds a new resource and shows it.
pub fn add(world: &mut World, kind: Kind, record: Record) -> Result<Reply, ApiError> {
    let id = world.add(kind, record)?;
    let content = shown(world, kind, &id)?;
    let rules = Arc::clone(&world.rules);
    world.store.change(kind, &id, |record| kinds::forget(&rules.faults, record));
    if rules.faults.has(Fault::CloudstackCreatedNotKept) {
        world.store.remove(kind, &id);
    }
    Ok(Reply::Created { content, id })
}

type Settings = Vec<(String, Value)>;

/// What a command sets, shown and not shown.
fn settings(world: &World, call: &Call<'_>, fields: &Fields) -> Result<(Settings, Settings), ApiError> {
    let set = |settings| kinds::settings(world, settings, call.given(), fields);
    Ok((set(&call.command.sets)?, set(&call.command.hides)?))
}

fn apply(record: &mut Record, sets: Settings, hides: Settings) {
    record.fields.extend(sets);
    record.hidden.extend(hides);
}

/// What a call names of a kind, which the account may change.
pub fn named<'a>(world: &'a World, call: &Call<'_>, kind: Kind) -> Result<&'a Record, ApiError> {
    let by = call.command.by.as_deref().unwrap_or(&world.rules.model.row(kind).named_by);
    let Some(setting) = &call.command.found_by else {
        return world.own(kind, call.arguments.need(by)?, call.account);
    };
    let (field, wanted) = (setting.field.as_str(), call.arguments.need(&setting.field)?);
    let own = setting.among == Among::Own;
    let fits = |known: &&Record| {
        known.fields.get(field).is_some_and(|value| written(value) == wanted) && (!own || known.owner == call.owner())
    };
    let mut found = world.store.of(kind).filter(fits);
    let found = if setting.among == Among::Last { found.last() } else { found.next() };
    let found = found.ok_or_else(|| match field {
        "id" => ApiError::unknown(kind, wanted),
        _ => ApiError::value(format!("there is no {kind} with the {field} {wanted}")),
    })?;
    world.own(kind, found.id(), call.account)
}

fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Changes what the parameters say.
pub fn update(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, ApiError> {
    let record = match named(world, call, kind) {
        Err(refusal) if world.rules.faults.has(Fault::CloudstackForeignAttemptCounts) => {
            let id = call.arguments.get("id").unwrap_or_default().to_owned();
            world.store.change(kind, &id, |record| record.set("name", "changed"));
            return Err(refusal);
        }
        named => named?,
    };
    guard::check_all(world, call, Some(record))?;
    let id = record.id().to_owned();
    kinds::change(world, kind, &id, call.given())?;
    answer(world, kind, &id, call.command.answers)
}

/// Changes what the command sets, at once or by a job.
pub fn change(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, ApiError> {
    let (record, command) = (named(world, call, kind)?, call.command);
    let id = record.id().to_owned();
    if let Some(journey) = &command.journey {
        let again = journey.again.as_deref() == Some(record.text("state"));
        if again && world.rules.policy.checks == Checks::Server {
            return Ok(Reply::Content(present::named(world, kind, record)));
        }
    }
    guard::check_from(world, call, kind, record)?;
    guard::check_all(world, call, Some(record))?;
    let (sets, hides) = settings(world, call, &record.fields)?;
    world.store.change(kind, &id, |record| {
        apply(record, sets, hides);
        for adjust in &command.adjust {
            adjust.adjust(call.arguments, record);
        }
    });
    lapse(world, call, kind, &id);
    let Some(journey) = &command.journey else {
        let content = arrive(world, command, (kind, &id), call.arguments)?;
        return match command.answers {
            Answers::Resource => Ok(Reply::Content(content)),
            answers => answer(world, kind, &id, answers),
        };
    };
    if let Some(through) = &journey.through {
        world.store.change(kind, &id, |record| record.set("state", through.as_str()));
    }
    let arguments = call.arguments.clone();
    let job = move |world: &mut World| finish(world, (command, journey), (kind, &id), &arguments);
    Ok(begin(world, call, None, Box::new(job)))
}

/// What faults make of a machine by an update that does not name it.
fn lapse(world: &mut World, call: &Call<'_>, kind: Kind, id: &str) {
    if call.name() != "updateVirtualMachine" {
        return;
    }
    let lapses = |fault, parameter| world.rules.faults.has(fault) && call.arguments.get(parameter).is_none();
    let flag = lapses(Fault::UpdateResetsFlag, "haenable");
    let group = lapses(Fault::UpdateResetsGroup, "group");
    world.store.change(kind, id, |machine| {
        if flag {
            machine.set("haenable", false);
        }
        if group {
            machine.set("group", "");
            machine.set("groupid", "");
        }
    });
}

/// Ends a change of state that took a job's time.
fn finish(
    world: &mut World,
    (command, journey): (&Command, &Journey),
    (kind, id): (Kind, &str),
    arguments: &Arguments,
) -> Result<Fields, ApiError> {
    let state = world.store.existing(kind, id)?.text("state");
    let broken = journey.ends.iter().find(|(fault, _)| world.rules.faults.has(*fault));
    let end = broken.map_or(&journey.to, |(_, instead)| instead);
    let from = command.from.as_ref().map(|from| from.states.as_slice()).unwrap_or_default();
    let under_way = match &journey.through {
        Some(through) => state == through,
        None => from.iter().any(|known| known == state),
    };
    if state != end && !under_way {
        let called = command.from.as_ref().map_or("changed", |from| from.called.as_str());
        return Err(ApiError::state(format!("the {kind} {id} is {state} and was not {called}")));
    }
    world.store.change(kind, id, |record| record.set("state", end.as_str()));
    arrive(world, command, (kind, id), arguments)
}

/// What follows from a change that was made, and what is shown of it.
fn arrive(
    world: &mut World,
    command: &Command,
    (kind, id): (Kind, &str),
    arguments: &Arguments,
) -> Result<Fields, ApiError> {
    for then in &command.then {
        then.follow(world, id, arguments)?;
    }
    let content = shown(world, kind, id)?;
    let gone = match command.gone {
        Some(Gone::Always) => true,
        Some(Gone::By(fault)) => world.rules.faults.has(fault),
        None => false,
    };
    if gone {
        world.store.remove(kind, id);
    }
    Ok(content)
}

/// Deletes one, unless it is in use. What is nothing without it goes with it.
pub fn delete(world: &mut World, call: &Call<'_>, kind: Kind) -> Result<Reply, ApiError> {
    let record = named(world, call, kind)?;
    guard::check_all(world, call, Some(record))?;
    let (id, row) = (record.id().to_owned(), world.rules.model.row(kind));
    let network = record.text("networkid").to_owned();
    if row.departs(Departure::TakesUsers) && world.rules.policy.checks == Checks::Server {
        while let Some((user, of)) = user_of(world, kind, &id) {
            world.store.remove(user, &of);
            super::tag::forget(world, &of);
        }
    }
    let is_kept = row.whose != Whose::Everyones || !world.rules.faults.has(Fault::CloudstackUsedIsDeleted);
    if let Some((user, of)) = user_of(world, kind, &id).filter(|_| is_kept) {
        return Err(ApiError::new(Reason::InUse, format!("the {kind} {id} is used by the {user} {of}")));
    }
    let kept_by = call.command.kept_by.is_some_and(|fault| world.rules.faults.has(fault));
    if kept_by || world.rules.faults.has(Fault::CloudstackDeleteKeeps) {
        return Ok(Reply::Success);
    }
    world.store.remove(kind, &id);
    if !network.is_empty() {
        if world.rules.faults.has(Fault::CloudstackDeleteTakesSiblings) {
            let siblings = world.store.of(kind).filter(|other| other.text("networkid") == network);
            let siblings: Vec<_> = siblings.map(|other| other.id().to_owned()).collect();
            siblings.iter().for_each(|sibling| drop(world.store.remove(kind, sibling)));
        }
        world.former.insert((kind, network), id.clone());
    }
    if !(row.departs(Departure::KeepsTags) && world.rules.policy.checks == Checks::Server) {
        super::tag::forget(world, &id);
    }
    for (other, field) in &row.takes_along {
        let along = world.store.of(*other).filter(|record| record.text(field) == id);
        let along: Vec<_> = along.map(|record| record.id().to_owned()).collect();
        along.iter().for_each(|gone| drop(world.store.remove(*other, gone)));
    }
    Ok(Reply::Success)
}

/// Lists what data gives, narrowed by some parameters.
pub fn items(call: &Call<'_>, items: &[Value], narrowed_by: &[String]) -> Vec<Fields> {
    let is_meant = |item: &&Value| {
        narrowed_by.iter().all(|name| {
            let shown = item.get(name).and_then(Value::as_str);
            call.arguments.get(name).is_none_or(|wanted| shown == Some(wanted))
        })
    };
    items.iter().filter(is_meant).cloned().map(fields).collect()
}

/// What a command answers that has changed a resource.
fn answer(world: &World, kind: Kind, id: &str, answers: Answers) -> Result<Reply, ApiError> {
    Ok(match answers {
        Answers::Success => Reply::Success,
        Answers::Resource => Reply::Content(shown(world, kind, id)?),
        Answers::List | Answers::Items => {
            let item = present::shown(world, kind, world.store.existing(kind, id)?);
            let mut list = fields(json!({"count": 1, kind.name(): [item]}));
            if answers == Answers::Items {
                list.shift_remove("count");
            }
            Reply::Content(list)
        }
    })
}

/// A resource under the name of its kind.
pub fn shown(world: &World, kind: Kind, id: &str) -> Result<Fields, ApiError> {
    Ok(present::named(world, kind, world.store.existing(kind, id)?))
}
