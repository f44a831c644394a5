//! The steps that make and change resources.

use serde_json::Value;

use crate::arguments::Arguments;
use crate::command::{Chosen, Given, Place, give_tag, kinds, nic};
use crate::fault::consulted_by;
use crate::refusal::ApiError;
use crate::resource::security_group::{Direction, Peer, Ports, Traffic, rule};
use crate::resource::volume;
use crate::world::{AccountIndex, Kind, Owner, Record, kind, written};

use super::seeding::Seeding;
use super::step::{Rule, Step};

/// The tag of everything that is tagged here.
const TAG: (&str, &str) = ("role", "demonstration");

impl Seeding<'_> {
    /// Takes a step.
    pub fn take(&mut self, step: &Step) -> Result<(), ApiError> {
        let Some(kind) = step.only_kind() else { return self.take_whole(step) };
        let (taken, consulted) = consulted_by(|| self.take_whole(step));
        self.world.store.depends(kind, consulted);
        taken
    }

    fn take_whole(&mut self, step: &Step) -> Result<(), ApiError> {
        let faults = &self.world.rules.faults;
        if step.only_with.is_some_and(|fault| !faults.has(fault)) || step.unless.is_some_and(|fault| faults.has(fault))
        {
            return Ok(());
        }
        for (name, value) in &step.name {
            let value = self.resolved(value)?;
            self.name(name, value.as_str().unwrap_or_default());
        }
        let made = match self.make(step)? {
            None => self.add_person(step)?,
            made => made,
        };
        let Some((kind, id)) = made else { return self.note(step) };
        if let Some(variable) = &step.variable {
            self.name(variable, &id);
        }
        self.complete(step, kind, &id)
    }

    /// Makes, adds or finds the resource that a step is about. Its kind and its id; that of the last if there are several.
    fn make(&mut self, step: &Step) -> Result<Option<(Kind, String)>, ApiError> {
        if let Some(kind) = step.make {
            let mut last = String::new();
            for number in 1..=step.times.unwrap_or(1) {
                last = self.make_one(step, kind, step.times.map(|_| number))?;
            }
            return Ok(Some((kind, last)));
        }
        if let Some(kind) = step.record {
            let mut record = Record::new(Owner::Everyone, self.fields(&step.fields)?);
            if let Some(id) = &step.id {
                record = record.hiding("id", self.resolved(id)?);
            }
            return Ok(Some((kind, self.world.add(kind, record)?)));
        }
        if let Some(kind) = step.change {
            let id = self.resolved(step.id.as_ref().unwrap_or(&Value::Null))?;
            return Ok(Some((kind, id.as_str().unwrap_or_default().to_owned())));
        }
        let Some(name) = &step.machine else { return Ok(None) };
        Ok(Some((kind::MACHINE, self.machine(step, name)?)))
    }

    /// Makes one of a kind, as a request would; its id follows from the name. The provider gives it, who may use everything.
    fn make_one(&mut self, step: &Step, kind: Kind, number: Option<u64>) -> Result<String, ApiError> {
        let numbered = number.map(|number| format!("{number:03}")).unwrap_or_default();
        let mut arguments = Arguments::default();
        for (name, value) in self.fields(&step.with)? {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            arguments.set(&name, value.replace("{n}", &numbered));
        }
        let owner = self.owner(step)?;
        let name = step
            .named
            .as_ref()
            .or(step.variable.as_ref())
            .map_or_else(String::new, |name| name.replace("{n}", &numbered));
        let id = self.world.ids.named(&format!("{kind} {name} of {}", self.world.accounts.owner(owner).name));
        let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner };
        let id = kinds::order(self.world, kind, &id, given)?;
        self.register(kind, owner, &id);
        Ok(id)
    }

    /// What is made of what was made.
    fn complete(&mut self, step: &Step, kind: Kind, id: &str) -> Result<(), ApiError> {
        let (set, hide) = (self.fields(&step.set)?, self.fields(&step.hide)?);
        let granted = step.granted.as_ref().map(|account| self.value(account)).transpose()?;
        let nic = match &step.on {
            Some(network) => {
                let network = self.world.store.existing(kind::NETWORK, &self.value(network)?)?.clone();
                Some(nic(self.world, &network, Place::Default, &Chosen::default()))
            }
            None => None,
        };
        let attached =
            step.attached.as_ref().map(|(machine, device)| Ok::<_, ApiError>((self.value(machine)?, *device)));
        let (attached, now) = (attached.transpose()?, written(self.world.now));
        self.world.store.change(kind, id, |record| {
            record.fields.extend(set);
            record.hidden.extend(hide);
            record.granted.extend(granted);
            if step.everyones {
                record.owner = Owner::Everyone;
            }
            if let Some(nic) = nic {
                record.set("nic", vec![nic]);
            }
            if let Some((machine, device)) = attached {
                volume::attach(record, &machine, device, &now);
            }
        });
        if let Some(of) = &step.tag {
            give_tag(self.world, (of, kind), id, TAG)?;
        }
        for chosen in &step.rules {
            self.add_rule(id, chosen);
        }
        Ok(())
    }

    fn add_rule(&mut self, group: &str, chosen: &Rule) {
        let ports = Ports { first: chosen.port, last: chosen.port };
        let traffic = match chosen.protocol.as_str() {
            "tcp" => Traffic::Tcp(ports),
            "udp" => Traffic::Udp(ports),
            "icmp" => Traffic::Icmp { message: chosen.port.into(), code: 0 },
            _ => Traffic::All,
        };
        let direction = if chosen.egress { Direction::Egress } else { Direction::Ingress };
        let rule = rule(&self.world.ids.fresh(), traffic, &Peer::Block(chosen.cidr.clone()));
        self.world.store.change(kind::SECURITY_GROUP, group, |group| {
            group.change_items(direction.field(), |rules| rules.push(rule));
        });
    }
}
