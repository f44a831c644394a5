//! Every fault of CloudStack's guide breaks its promise, which the cloud keeps without it.

use serde_json::json;

use super::super::api::{Api, Incoming};
use super::super::query::Unguarded;
use super::*;
use crate::FaultKind;

/// Whether a promise is kept.
type Probe = fn(&mut Client) -> bool;

#[test]
fn every_fault_breaks_a_promise_that_is_kept_without_it() {
    let probes: Vec<(Fault, Probe)> = [refusals(), lists(), jobs(), shown(), done()].concat();
    let is_probed = |fault: &&Fault| fault.suite() == "cloudstack" && fault.kind() != FaultKind::Behaviour;
    for fault in Fault::all().iter().filter(is_probed) {
        let found = probes.iter().find(|(probed, _)| probed == fault);
        let (_, kept) = found.unwrap_or_else(|| panic!("nothing shows the fault {fault}"));
        assert!(kept(&mut Client::of_guide(&[])), "the promise that {fault} breaks is not kept without it");
        assert!(!kept(&mut Client::of_guide(&[*fault])), "{fault} breaks nothing");
    }
}

fn listed(client: &Client, command: &str, parameters: &[(&str, &str)], items: &str, field: &str) -> Vec<Value> {
    let answer = client.call(command, parameters);
    let items = answer[items].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item[field].clone()).collect()
}

fn sees(client: &Client, parameters: &[(&str, &str)], machine: &str) -> bool {
    let (status, answer) = client.ask("listVirtualMachines", parameters);
    let machines = answer["virtualmachine"].as_array().cloned().unwrap_or_default();
    status == 200 && machines.iter().any(|shown| shown["name"] == machine)
}

fn unsigned(client: &Client) -> u16 {
    let door = Unguarded { service: Arc::clone(&client.service), account: client.integration.unwrap() };
    let request = Incoming {
        method: "GET".into(),
        path: "/client/api".into(),
        query: "command=listZones".into(),
        ..Incoming::default()
    };
    door.answer(&request, client.now).status
}

fn refusals() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::CloudstackUserMayGetUser, |c| {
            let key = c.id("user_api_key");
            c.sign_in("user");
            c.ask("getUser", &[("userapikey", &key)]).0 == 401
        }),
        (Fault::CloudstackDomainAdminMayCreateZones, |c| {
            c.sign_in("domain-admin");
            c.ask("createZone", &[]).0 == 401
        }),
        (Fault::CloudstackRemovedCommandAccepted, |c| c.ask("createConfiguration", &[]).0 == 432),
        (Fault::CloudstackErrorCodeWrong, |c| {
            c.ask("createSecurityGroup", &[("name", "default")]).1["cserrorcode"] == 4350
        }),
        (Fault::CloudstackRefusedWithoutText, |c| c.ask("createVPC", &[]).1["errortext"].is_string()),
        (Fault::CloudstackIntegrationPortClosed, |c| unsigned(c) == 200),
        (Fault::CloudstackExpiryAlwaysCounts, |c| {
            c.ask("listZones", &[("expires", "2011-10-10T12:00:00+0530")]).0 == 200
        }),
        (Fault::CloudstackLargePageAccepted, |c| c.ask("listZones", &[("page", "1"), ("pagesize", "501")]).0 == 431),
        (Fault::CloudstackThrottleIgnored, |c| {
            c.sign_in("throttled");
            (0..5).for_each(|_| drop(c.ask("listZones", &[])));
            c.ask("listZones", &[]).0 == 429
        }),
        (Fault::CloudstackApiLimitNotReset, |c| {
            let id = c.id("throttled_account_id");
            c.sign_in("throttled");
            c.call("listZones", &[]);
            c.sign_in("root-admin");
            c.call("resetApiLimit", &[("account", &id)]);
            c.sign_in("throttled");
            c.call("getApiLimit", &[])["apilimit"]["apiIssued"] == 1
        }),
        (Fault::CloudstackLimitIgnored, |c| {
            let (zone, disk) = (c.id("zone"), c.id("disk_offering"));
            c.sign_in("full");
            c.ask("createVolume", &[("name", "more"), ("zoneid", &zone), ("diskofferingid", &disk)]).0 == 535
        }),
    ]
}

fn lists() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::CloudstackAdminSeesAll, |c| !sees(c, &[], "user_vm")),
        (Fault::CloudstackRecursionIgnored, |c| {
            sees(c, &[("domainid", &c.id("sales_domain")), ("isrecursive", "true")], "europe_vm")
        }),
        (Fault::CloudstackAlwaysRecursive, |c| !sees(c, &[("domainid", &c.id("sales_domain"))], "europe_vm")),
        (Fault::CloudstackForeignAccountListed, |c| {
            c.sign_in("user");
            !sees(c, &[("account", "other-user"), ("domainid", &c.id("research_domain"))], "foreign_vm")
        }),
        (Fault::CloudstackListallShowsProjects, |c| {
            let names = listed(c, "listSecurityGroups", &[("listall", "true")], "securitygroup", "name");
            !names.contains(&json!("of-project"))
        }),
        (Fault::CloudstackProjectIgnored, |c| {
            let project = c.id("project");
            listed(c, "listSecurityGroups", &[("projectid", &project)], "securitygroup", "name") == ["of-project"]
        }),
        (Fault::CloudstackCommunityShowsFeatured, |c| templates(c, "community") == ["community_template"]),
        (Fault::CloudstackSharedNotListed, |c| {
            c.sign_in("user");
            templates(c, "sharedexecutable") == ["shared_template"]
        }),
        (Fault::CloudstackSelfShowsUnready, |c| templates(c, "selfexecutable") == ["own_template"]),
    ]
}

fn templates(client: &Client, filter: &str) -> Vec<Value> {
    listed(client, "listTemplates", &[("templatefilter", filter)], "template", "name")
}

fn jobs() -> Vec<(Fault, Probe)> {
    vec![(Fault::CloudstackAcceptanceWithoutId, |c| {
        let (zone, offering, template) = (c.id("zone"), c.id("offering"), c.id("template"));
        let given = [("zoneid", zone.as_str()), ("serviceofferingid", &offering), ("templateid", &template)];
        c.call("deployVirtualMachine", &given)["id"].is_string()
    })]
}

fn usage(client: &Client, usage_type: &str, field: &str) -> Vec<Value> {
    let day = client.id("usage_day");
    let given = [("startdate", day.as_str()), ("enddate", &day), ("type", usage_type)];
    listed(client, "listUsageRecords", &given, "usagerecord", field)
}

fn shown() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::CloudstackInlineShown, |c| {
            c.first("listF5LoadBalancers", &[], "f5loadbalancer").get("inline").is_none()
        }),
        (Fault::CloudstackNicWithoutIp6, |c| c.machine(&c.id("ipv6_vm"))["nic"][0]["ip6address"].is_string()),
        (Fault::CloudstackAccountWithoutVpcs, |c| c.first("listAccounts", &[], "account")["vpclimit"].is_string()),
        (Fault::CloudstackUsageHoursWrong, |c| usage(c, "1", "rawusage")[0] == "7"),
        (Fault::CloudstackNetworkUsageAsText, |c| usage(c, "4", "usage") == [Value::Null]),
        (Fault::CloudstackUsageTypeMissing, |c| c.call("listUsageTypes", &[])["count"] == 13),
        (Fault::CloudstackAlertTypeUnknown, |c| {
            listed(c, "listAlerts", &[], "alert", "type").iter().all(|number| number.as_u64() <= Some(25))
        }),
    ]
}

/// The tags of a resource after a call about one of them.
fn retagged(client: &mut Client, command: &str, of: (&str, &str), key: &str) -> Vec<Value> {
    let machine = client.id(of.1);
    let given = [
        ("resourceids", machine.as_str()),
        ("resourcetype", of.0),
        ("tags[0].key", key),
        ("tags[0].value", "demonstration"),
    ];
    client.done(command, &given);
    listed(client, "listTags", &[("resourceid", &machine)], "tag", "key")
}

fn nic(client: &Client, machine: &str) -> Value {
    client.machine(machine)["nic"][0]["id"].clone()
}

/// A stopped machine of a name on a network of its own.
fn named_on(client: &mut Client, network: &str) -> String {
    let network = client.id(network);
    client.deploy(&[("name", "twin"), ("networkids", &network)])
}

fn done() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::CloudstackTagsForgotten, |c| {
            retagged(c, "createTags", ("Snapshot", "tagged_snapshot"), "city").contains(&json!("city"))
        }),
        (Fault::CloudstackTagsKept, |c| retagged(c, "deleteTags", ("UserVm", "tagged_vm"), "role").is_empty()),
        (Fault::CloudstackStartvmIgnored, |c| {
            let machine = c.deploy(&[("startvm", "false")]);
            c.machine(&machine)["state"] == "Stopped"
        }),
        (Fault::CloudstackDefaultNicRemoved, |c| {
            let machine = c.id("tagged_vm");
            let nic = nic(c, &machine);
            c.ask("removeNicFromVirtualMachine", &[("virtualmachineid", &machine), ("nicid", nic.as_str().unwrap())]).0
                == 431
        }),
        (Fault::CloudstackNameTwiceOnNetwork, |c| {
            let (one, _) = (named_on(c, "network"), named_on(c, "second_network"));
            let network = c.id("second_network");
            c.ask("addNicToVirtualMachine", &[("virtualmachineid", &one), ("networkid", &network)]).0 == 431
        }),
        (Fault::CloudstackSystemVmChangedRunning, |c| {
            let (machine, offering) = (c.id("system_vm"), c.id("system_offering"));
            c.ask("changeServiceForSystemVm", &[("id", &machine), ("serviceofferingid", &offering)]).0 == 431
        }),
        (Fault::CloudstackAllocatedRangeUpdated, |c| {
            c.ask("updateStorageNetworkIpRange", &[("id", &c.id("used_storage_range")), ("endip", "192.0.2.220")]).0
                == 536
        }),
        (Fault::CloudstackAclOnAnyNetwork, |c| {
            c.ask("createNetworkACL", &[("networkid", &c.id("network")), ("protocol", "tcp")]).0 == 431
        }),
        (Fault::CloudstackProjectStaysActive, |c| {
            let project = c.id("project");
            c.done("suspendProject", &[("id", &project)])["project"]["state"] == "Suspended"
        }),
    ]
}
