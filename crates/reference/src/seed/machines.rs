//! The machines that a cloud begins with.

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::command::{Chosen, Given, Place, flat_nic, kinds, nic, put_into_group};
use crate::policy::Dialect;
use crate::refusal::ApiError;
use crate::resource::machine::Image;
use crate::resource::volume::{self, GIGABYTE};
use crate::world::{AccountIndex, Kind, Record, kind, written};

use super::seeding::Seeding;
use super::step::Step;

impl Seeding<'_> {
    /// Adds a machine with its root disk. Its id.
    pub fn machine(&mut self, step: &Step, name: &str) -> Result<String, ApiError> {
        let owner = self.owner(step)?;
        let chosen = step;
        let of = |kind: Kind, chosen: Option<&String>, otherwise: &str| {
            self.world.store.existing(kind, &self.value(chosen.map_or(otherwise, String::as_str))?).cloned()
        };
        let zone = of(kind::ZONE, chosen.zone.as_ref(), "$zone")?;
        let offering = of(kind::SERVICE_OFFERING, chosen.offering.as_ref(), "$offering")?;
        let image = match &chosen.iso {
            Some(iso) => Image::Iso(of(kind::ISO, Some(iso), "")?),
            None => Image::Template(of(kind::TEMPLATE, chosen.template.as_ref(), "$template")?),
        };
        let groups = chosen.security_groups.iter().map(|group| Ok(json!({"id": self.value(group)?})));
        let groups = groups.collect::<Result<Vec<Value>, ApiError>>()?;
        let id = self.world.ids.named(&format!("machine {name} of {}", self.world.accounts.owner(owner).name));

        let mut further = image.arguments();
        further.extend([
            ("name", name.to_owned()),
            ("displayname", name.to_owned()),
            ("zoneid", zone.id().to_owned()),
            ("serviceofferingid", offering.id().to_owned()),
            ("state", chosen.state.clone().unwrap_or_else(|| "Running".to_owned())),
        ]);
        let arguments = Arguments::default().with(further);
        let given = Given { arguments: &arguments, caller: AccountIndex::FIRST, owner };
        let mut machine = kinds::make(self.world, kind::MACHINE, &id, given)?;
        machine.set("securitygroup", groups);
        match self.world.rules.dialect {
            Dialect::Cloudn => {
                machine.set("nic", vec![flat_nic(self.world, zone.id())]);
                if machine.is_true("passwordenabled") {
                    machine.set("password", self.world.ids.password());
                }
            }
            Dialect::CloudStack => self.place(step, &image, &mut machine)?,
        }
        self.world.add(kind::MACHINE, machine)?;
        self.root_disk((&id, name), given, &zone, &image)?;
        put_into_group(self.world, &id, chosen.group.as_deref())?;
        self.register(kind::MACHINE, owner, &id);
        if step.variable.is_none() {
            self.name(name, &id);
        }
        Ok(id)
    }

    /// Completes a machine as CloudStack does: on a network, and on a host while it runs.
    fn place(&mut self, step: &Step, image: &Image, machine: &mut Record) -> Result<(), ApiError> {
        let owner = self.world.accounts.owner(machine.owner).name.clone();
        let network = match &step.network {
            Some(network) => self.value(network)?,
            None => self.world.ids.named(&format!("{} own of {owner}", kind::NETWORK)),
        };
        let network = self.world.store.existing(kind::NETWORK, &network)?.clone();
        machine.set("nic", vec![nic(self.world, &network, Place::Default, &Chosen::default())]);
        machine.set("hypervisor", image.record().text("hypervisor"));
        machine.set("keypair", "demonstration");
        machine.set("instancename", format!("i-2-{}-VM", self.world.ids.number()));
        if machine.text("state") == "Running" {
            let host = self.world.store.existing(kind::HOST, &self.value("$host")?)?;
            machine.set("hostid", host.id());
            machine.set("hostname", host.text("name"));
        }
        Ok(())
    }

    fn root_disk(
        &mut self,
        (machine, name): (&str, &str),
        given: Given<'_>,
        zone: &Record,
        image: &Image,
    ) -> Result<(), ApiError> {
        let guide = self.world.rules.dialect == Dialect::CloudStack;
        let size = if guide { 8 * GIGABYTE } else { image.record().number("size") };
        let further = vec![
            ("name", format!("ROOT-{name}")),
            ("zoneid", zone.id().to_owned()),
            ("type", volume::ROOT.to_owned()),
            ("size", size.to_string()),
            ("serviceofferingid", given.arguments.need("serviceofferingid")?.to_owned()),
            ("templateid", given.arguments.get("templateid").unwrap_or_default().to_owned()),
        ];
        let arguments = Arguments::default().with(further);
        let id = self.world.ids.named(&format!("root disk of {machine}"));
        let mut disk = kinds::make(self.world, kind::VOLUME, &id, Given { arguments: &arguments, ..given })?;
        if guide {
            disk.set("storage", "primary-1");
        }
        volume::attach(&mut disk, machine, 0, &written(self.world.now));
        self.world.add(kind::VOLUME, disk).map(|_| ())
    }
}
