//! The steps by which the cloud is filled. `data/cloudstack/seed.yaml` lists them.

use std::sync::LazyLock;

use assay_suite::source::{Diagnostic, Diagnostics, Fields, Node, Paint};
use serde_json::Value;

use crate::command::{Chosen, Place, add_stickiness, give_tag, nic};
use crate::data;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::resource::security_group::{Direction, Peer, Ports, Traffic, rule};
use crate::world::{AccountIndex, Kind, Owner, Record, kind};

use super::Seeding;
use super::machines::{NewGuest, NewImage, disk, group, machine, snapshots};

/// The document.
const PATH: &str = "cloudstack/seed.yaml";

/// Takes all steps. A test holds that the document has no mistakes.
pub fn fill(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    static STEPS: LazyLock<Option<Node>> = LazyLock::new(|| data::node(PATH, &mut Diagnostics::new()));
    let mut mistakes = Diagnostics::new();
    let steps = STEPS.as_ref().and_then(|document| document.field("steps")).map(Node::one_or_many);
    for step in steps.unwrap_or_default() {
        take(seeding, step, &mut mistakes)?;
        if mistakes.has_errors() {
            return Err(ApiError::value(mistakes.render(Paint::Plain)));
        }
    }
    Ok(())
}

/// What most steps have.
struct Step<'a, 'b> {
    fields: Fields<'b>,
    mistakes: &'a mut Diagnostics,
}

impl Step<'_, '_> {
    fn text(&mut self, name: &'static str) -> Option<String> {
        self.fields.text(name, self.mistakes).map(|text| text.value)
    }

    fn flag(&mut self, name: &'static str, otherwise: bool) -> bool {
        self.fields.take(name).and_then(|node| node.boolean("this", self.mistakes)).unwrap_or(otherwise)
    }

    fn number(&mut self, name: &'static str) -> Option<u64> {
        self.fields.take(name).and_then(|node| node.whole_number("this", self.mistakes))
    }

    /// The kind that a step is about, if it is of this sort.
    fn kind(&mut self, seeding: &Seeding<'_>, name: &'static str) -> Option<Kind> {
        let node = self.fields.take(name)?;
        let rows = seeding.world.rules.model.rows();
        data::named(node, "kind", rows.map(|row| (row.kind.key(), row.kind)), self.mistakes)
    }

    /// Whose something is; the root administrator's where nothing is said.
    fn owner(&mut self, seeding: &Seeding<'_>) -> AccountIndex {
        let node = self.fields.take("owner");
        let name = node.and_then(|node| node.text("`owner`", self.mistakes).map(|name| (node, name.value)));
        let Some((node, name)) = name else { return seeding.people.root };
        let found = seeding.world.accounts.find(|account| account.name == name);
        if found.is_none() {
            let mistake = Diagnostic::error(&node.place, format!("there is no account `{name}`"));
            self.mistakes.add(mistake.help("write the name of an account that the cloud begins with"));
        }
        found.unwrap_or(seeding.people.root)
    }

    /// Names and values, in which `$name` is a value that has a name.
    fn pairs(&mut self, seeding: &Seeding<'_>, name: &'static str) -> Result<Vec<(String, Value)>, ApiError> {
        let pairs = self.fields.take(name).map(Node::pairs).unwrap_or_default().iter();
        pairs.map(|(name, node)| Ok((name.value.clone(), resolved(seeding, &node.to_json())?))).collect()
    }
}

/// A value in which names refer to what they name, and `{id: text}` for the id that follows from a text.
fn resolved(seeding: &Seeding<'_>, value: &Value) -> Result<Value, ApiError> {
    Ok(match value {
        Value::String(text) if text.starts_with('$') => {
            let values = text.split(',').map(|name| seeding.value(name.trim_start_matches('$')));
            values.collect::<Result<Vec<_>, _>>()?.join(",").into()
        }
        Value::Object(entries) => match entries.get("id").and_then(Value::as_str) {
            Some(text) if entries.len() == 1 => seeding.world.ids.named(text).into(),
            _ => {
                let entries = entries.iter().map(|(name, value)| Ok((name.clone(), resolved(seeding, value)?)));
                Value::Object(entries.collect::<Result<_, ApiError>>()?)
            }
        },
        Value::Array(items) => items.iter().map(|item| resolved(seeding, item)).collect::<Result<_, _>>()?,
        other => other.clone(),
    })
}

fn take(seeding: &mut Seeding<'_>, node: &Node, mistakes: &mut Diagnostics) -> Result<(), ApiError> {
    let Some(fields) = node.fields("a step", mistakes) else { return Ok(()) };
    let mut step = Step { fields, mistakes };
    let taken = take_step(seeding, &mut step)?;
    if !taken {
        let mistake = Diagnostic::error(&node.place, "nothing says what is done");
        let help =
            "write one of: make, record, change, name, group, image, machine, disk, snapshots, stickiness, limits";
        step.mistakes.add(mistake.help(help));
    }
    step.fields.finish(step.mistakes);
    Ok(())
}

/// Takes a step, if it is one of those that there are.
fn take_step(seeding: &mut Seeding<'_>, step: &mut Step<'_, '_>) -> Result<bool, ApiError> {
    for (name, value) in step.pairs(seeding, "name")? {
        seeding.name(&name, value.as_str().unwrap_or_default());
    }
    let variable = step.text("as");
    let named = |seeding: &mut Seeding<'_>, id: &str| variable.iter().for_each(|name| seeding.name(name, id));
    let made = if let Some(kind) = step.kind(seeding, "make") {
        let name = step.text("named").or_else(|| variable.clone()).unwrap_or_default();
        let owner = step.owner(seeding);
        let given = step.pairs(seeding, "with")?;
        let given: Vec<_> =
            given.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())).collect();
        let id = seeding.make(kind, &name, owner, &given)?;
        named(seeding, &id);
        Some((kind, id))
    } else if let Some(kind) = step.kind(seeding, "record") {
        Some((kind, record(seeding, step, kind)?))
    } else if let Some(kind) = step.kind(seeding, "change") {
        let id = step.text("id").unwrap_or_default();
        Some((kind, seeding.value(id.trim_start_matches('$'))?))
    } else if let Some(name) = step.text("group") {
        Some((kind::SECURITY_GROUP, groups(seeding, step, &name)?))
    } else if let Some(kind) = step.kind(seeding, "image") {
        Some((kind, image(seeding, step, kind, variable.as_deref().unwrap_or_default())?))
    } else if let Some(name) = step.text("machine") {
        Some((kind::MACHINE, guest(seeding, step, &name)?))
    } else if let Some(name) = step.text("disk") {
        let owner = step.owner(seeding);
        Some((kind::VOLUME, disk(seeding, &name, owner)?))
    } else if let Some(volume) = step.text("snapshots") {
        let (owner, volume) = (step.owner(seeding), seeding.value(volume.trim_start_matches('$'))?);
        let interval = step.text("interval").unwrap_or_else(|| "MANUAL".to_owned());
        let times = step.number("times").unwrap_or(1);
        Some((kind::SNAPSHOT, snapshots(seeding, &volume, owner, &interval, times)?))
    } else if let Some(rule) = step.text("stickiness") {
        let rule = seeding.value(rule.trim_start_matches('$'))?;
        let given = step.pairs(seeding, "with")?;
        let text = |name: &str| given.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_str());
        let [name, method, about] = ["name", "method", "description"].map(|name| text(name).unwrap_or_default());
        Some((kind::STICKINESS, add_stickiness(seeding.world, &rule, name, method, about)?))
    } else if let Some(limits) = step.fields.take("limits") {
        let owner = step.owner(seeding);
        for (key, most) in limits.pairs() {
            let most = usize::try_from(most.to_json().as_u64().unwrap_or_default()).unwrap_or_default();
            seeding.world.limits.set(owner, Kind::of(&key.value, &key.value), Some(most));
        }
        None
    } else {
        return Ok(step.fields.place_of("name").is_some());
    };
    if let Some((kind, id)) = made {
        named(seeding, &id);
        complete(seeding, step, kind, &id)?;
    }
    Ok(true)
}

/// What is made of what was made.
fn complete(seeding: &mut Seeding<'_>, step: &mut Step<'_, '_>, kind: Kind, id: &str) -> Result<(), ApiError> {
    for (name, value) in step.pairs(seeding, "set")? {
        seeding.world.store.change(kind, id, |record| record.set(&name, value));
    }
    for (name, value) in step.pairs(seeding, "hide")? {
        seeding.world.store.change(kind, id, |record| drop(record.hidden.insert(name, value)));
    }
    if step.flag("everyones", false) {
        seeding.world.store.change(kind, id, |record| record.owner = Owner::Everyone);
    }
    if let Some(account) = step.text("granted") {
        let account = seeding.value(account.trim_start_matches('$'))?;
        seeding.world.store.change(kind, id, |record| record.granted.push(account));
    }
    if let Some(network) = step.text("on") {
        let network = seeding.value(network.trim_start_matches('$'))?;
        let network = seeding.world.store.existing(kind::NETWORK, &network)?.clone();
        let guest = nic(seeding.world, &network, Place::Default, &Chosen::default());
        seeding.world.store.change(kind, id, |record| record.set("nic", vec![guest]));
    }
    if let Some(of) = step.text("tag") {
        give_tag(seeding.world, (&of, kind), id, super::TAG)?;
    }
    if let Some(port) = step.number("ports") {
        let port = u16::try_from(port).unwrap_or_default();
        let traffic = Traffic::Tcp(Ports { first: port, last: port });
        let rule = rule(&seeding.world.ids.fresh(), traffic, &Peer::Block("0.0.0.0/0".into()));
        seeding.world.store.change(kind, id, |group| {
            group.change_items(Direction::Ingress.field(), |rules| rules.push(rule));
        });
    }
    Ok(())
}

/// Adds a record as it is, to which everybody has access. Its id.
fn record(seeding: &mut Seeding<'_>, step: &mut Step<'_, '_>, kind: Kind) -> Result<String, ApiError> {
    let own = step.fields.take("id").map(|node| resolved(seeding, &node.to_json())).transpose()?;
    let shown = step.pairs(seeding, "fields")?;
    let mut record = Record::new(Owner::Everyone, fields(Value::Object(shown.into_iter().collect())));
    if let Some(id) = own {
        record = record.hiding("id", id);
    }
    seeding.world.add(kind, record)
}

/// Adds a security group, or so many numbered ones. The id of the last.
fn groups(seeding: &mut Seeding<'_>, step: &mut Step<'_, '_>, name: &str) -> Result<String, ApiError> {
    let owner = match step.text("project") {
        Some(project) => {
            let project = seeding.value(project.trim_start_matches('$'))?;
            let owner = seeding.world.accounts.of_project(&project);
            owner.ok_or_else(|| ApiError::unknown(kind::PROJECT, &project))?
        }
        None => step.owner(seeding),
    };
    let Some(times) = step.number("times") else { return group(seeding, name, owner) };
    let mut last = String::new();
    for number in 1..=times {
        last = group(seeding, &format!("{name}-{number:03}"), owner)?;
    }
    Ok(last)
}

fn image(seeding: &mut Seeding<'_>, step: &mut Step<'_, '_>, kind: Kind, name: &str) -> Result<String, ApiError> {
    let provided = step.fields.place_of("owner").is_none();
    let owner = step.owner(seeding);
    let image = NewImage {
        variable: name,
        kind,
        owner: if provided { Owner::Everyone } else { Owner::Account(owner) },
        public: step.flag("public", provided),
        featured: step.flag("featured", provided),
        ready: step.flag("ready", true),
        passwords: step.flag("passwords", false),
        hypervisor: step.text("hypervisor").unwrap_or_else(|| "XenServer".to_owned()),
    };
    image.add(seeding)
}

fn guest(seeding: &mut Seeding<'_>, step: &mut Step<'_, '_>, name: &str) -> Result<String, ApiError> {
    let named = |text: String| text.trim_start_matches('$').to_owned();
    let owner = step.owner(seeding);
    let chosen = NewGuest {
        variable: name,
        owner,
        network: step.text("network").map(named),
        template: step.text("template").map_or_else(|| "template".to_owned(), named),
        state: step.text("state").unwrap_or_else(|| "Running".to_owned()),
    };
    machine(seeding, &chosen)
}
