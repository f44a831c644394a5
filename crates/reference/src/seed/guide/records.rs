//! What has happened: usage, events, alerts, jobs.

use serde_json::{Value, json};

use crate::command::happening;
use crate::command::usage::{self, Day, Meter};
use crate::fault::Fault;
use crate::present;
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::seed::moment;
use crate::world::{Job, Memory, Outcome, Owner, Record, kind};

use super::Seeding;

/// The day whose usage the guide's example is about, and the day after.
const USAGE_DAY: Day = Day::new(jiff::civil::date(2013, 7, 1));

/// The types of alerts, by their numbers.
const ALERTS: [&str; 26] = [
    "MEMORY",
    "CPU",
    "STORAGE",
    "STORAGE_ALLOCATED",
    "PUBLIC_IP",
    "PRIVATE_IP",
    "HOST",
    "USERVM",
    "DOMAIN_ROUTER",
    "CONSOLE_PROXY",
    "ROUTING: lost connection to default route",
    "STORAGE_MISC",
    "USAGE_SERVER",
    "MANAGMENT_NODE",
    "DOMAIN_ROUTER_MIGRATE",
    "CONSOLE_PROXY_MIGRATE",
    "USERVM_MIGRATE",
    "VLAN",
    "SSVM",
    "USAGE_SERVER_RESULT",
    "STORAGE_DELETE",
    "failed to update the resource count of an account",
    "USAGE_SANITY_RESULT",
    "DIRECT_ATTACHED_PUBLIC_IP",
    "LOCAL_STORAGE",
    "resource limit exceeded by a recurring snapshot",
];

/// Adds all of it.
pub fn fill(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    types(seeding)?;
    alerts(seeding)?;
    usage(seeding)?;
    jobs(seeding)
}

fn types(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    let missing = seeding.world.rules.faults.has(Fault::CloudstackUsageTypeMissing);
    for (number, description) in usage::TYPES.into_iter().filter(|(number, _)| *number != 14 || !missing) {
        let shown = fields(json!({"usagetypeid": number, "description": description}));
        let record = Record::new(Owner::Everyone, shown).hiding("id", number.to_string());
        seeding.world.add(kind::USAGE_TYPE, record)?;
    }
    for (name, _) in seeding.world.rules.model.events() {
        let shown = fields(json!({"name": name}));
        seeding.world.add(kind::EVENT_TYPE, Record::new(Owner::Everyone, shown).hiding("id", name.as_str()))?;
    }
    let root = seeding.people.root;
    for name in ["VM.CREATE", "VM.START", "VOLUME.CREATE"] {
        happening::add(seeding.world, root, name, "made for the demonstration");
    }
    Ok(())
}

fn alerts(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    let unknown = seeding.world.rules.faults.has(Fault::CloudstackAlertTypeUnknown);
    for (number, description) in ALERTS.iter().enumerate() {
        let number = if number == 25 && unknown { 26 } else { number };
        let pairs = [("type", number.to_string()), ("description", (*description).to_owned())];
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let root = seeding.people.root;
        let alert = seeding.make(kind::ALERT, description, root, &pairs)?;
        if number == 0 {
            seeding.name("alert", &alert);
        }
    }
    Ok(())
}

/// The example of 6.4, and a record of every other type.
fn usage(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    let days = [USAGE_DAY, USAGE_DAY.next()];
    seeding.name("usage_day", "2013-07-01");
    seeding.name("usage_day_after", "2013-07-02");
    let id = |seeding: &mut Seeding<'_>, variable: &str| {
        let id = seeding.world.ids.named(&format!("used {variable}"));
        seeding.name(variable, &id);
        id
    };
    let (offering, other) = (seeding.value("offering")?, seeding.value("other_offering")?);
    let (template, parent) = (seeding.value("own_template")?, seeding.value("template")?);
    let machine = |id: &str, name: &str, offering: &str| json!({"virtualmachineid": id, "name": name, "offeringid": offering, "templateid": parent, "usageid": id, "type": "XenServer"});
    let (used, upgraded, bare) = (id(seeding, "usage_vm"), id(seeding, "upgraded_vm"), id(seeding, "baremetal_vm"));
    let from = |hours: i64| (USAGE_DAY.at(hours), USAGE_DAY.at(48));
    let till = |from: i64, to: i64| (USAGE_DAY.at(from), USAGE_DAY.at(to));
    let mut meters = vec![
        meter(1, "usage-vm running", vec![till(12, 18), from(23)], machine(&used, "usage-vm", &offering)),
        meter(2, "usage-vm allocated", vec![from(12)], machine(&used, "usage-vm", &offering)),
        meter(1, "upgraded-vm running, small", vec![till(0, 10)], machine(&upgraded, "upgraded-vm", &offering)),
        meter(1, "upgraded-vm running, large", vec![till(10, 24)], machine(&upgraded, "upgraded-vm", &other)),
        meter(
            7,
            "bare-metal template",
            vec![],
            json!({"virtualmachineid": bare, "usageid": bare, "offeringid": "", "templateid": "", "size": 0}),
        ),
    ];
    let disk = seeding.value("disk_offering")?;
    for (usage_type, variable, shows) in [
        (3, "usage_address", json!({"issourcenat": false, "iselastic": false})),
        (
            6,
            "usage_volume",
            json!({"offeringid": disk, "type": "XenServer", "templateid": template, "size": 5_368_709_120_u64, "virtualsize": 5_368_709_120_u64}),
        ),
        (
            7,
            "usage_template",
            json!({"offeringid": disk, "templateid": parent, "size": 8_589_934_592_u64, "virtualsize": 8_589_934_592_u64}),
        ),
        (8, "usage_iso", json!({"offeringid": disk, "size": 734_003_200, "virtualsize": 734_003_200})),
        (9, "usage_snapshot", json!({"offeringid": disk, "size": 5_368_709_120_u64, "virtualsize": 5_368_709_120_u64})),
        (11, "usage_policy", json!({})),
        (12, "usage_rule", json!({})),
        (13, "usage_network_offering", json!({"virtualmachineid": used})),
        (14, "usage_vpn_user", json!({})),
        (4, "usage_router", json!({"type": "DomainRouter"})),
        (5, "usage_router", json!({"type": "DomainRouter"})),
    ] {
        let known = seeding.value(variable);
        let used = known.or_else(|_| Ok::<_, ApiError>(id(seeding, variable)))?;
        let mut shows = fields(shows);
        shows.insert("usageid".into(), used.as_str().into());
        if usage_type == 13 {
            shows.insert("offeringid".into(), used.as_str().into());
        }
        let spans = if matches!(usage_type, 4 | 5) { vec![till(0, 24)] } else { vec![till(0, 48)] };
        meters.push(meter(usage_type, variable, spans, Value::Object(shows)));
    }
    let (zone, root) = (seeding.value("zone")?, seeding.people.root);
    for day in days {
        let of_day = meters.iter().filter(|meter| day == USAGE_DAY || matches!(meter.usage_type, 1 | 2));
        let of_day = of_day.filter(|meter| day == USAGE_DAY || meter.description.starts_with("usage-vm"));
        for meter in of_day {
            let record = usage::record(seeding.world, root, &zone, meter, day);
            seeding.world.add(kind::USAGE, record)?;
        }
    }
    Ok(())
}

fn meter(usage_type: u8, description: &str, spans: Vec<(jiff::Timestamp, jiff::Timestamp)>, shows: Value) -> Meter {
    let description = format!("{description} (type {usage_type})");
    Meter { usage_type, description, spans, shows }
}

fn jobs(seeding: &mut Seeding<'_>) -> Result<(), ApiError> {
    seeding.world.advance(moment(1));
    let (root, other) = (seeding.people.root, seeding.people.other);
    let pending = seeding.world.register("deployVirtualMachine", root);
    seeding.name("pending_job", &pending);
    let foreign = seeding.world.register("createVolume", other);
    seeding.name("foreign_job", &foreign);
    let machine = seeding.value("tagged_vm")?;
    let machine = seeding.world.store.existing(kind::MACHINE, &machine)?;
    let result = present::named(seeding.world, kind::MACHINE, machine);
    let text = "Unable to deploy virtual machine id = 100 due to not enough capacity";
    for (variable, command, outcome) in [
        ("finished_job", "rebootVirtualMachine", Outcome::Succeeded(result)),
        ("failed_job", "deployVirtualMachine", Outcome::Failed(ApiError::new(Reason::Capacity, text))),
    ] {
        let id = seeding.world.ids.fresh();
        let job =
            Job { outcome, memory: Memory::Lasting, ..Job::pending(id.clone(), command, root, seeding.world.now) };
        seeding.world.jobs.insert(job);
        seeding.name(variable, &id);
    }
    Ok(())
}
