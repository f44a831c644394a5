//! Every fault of Cloudn breaks its promise, which the cloud keeps without it; those of other suites are shown by scenarios.

use super::*;
use crate::FaultKind;

/// Whether a promise is kept.
type Probe = fn(&mut Client) -> bool;

#[test]
fn every_fault_breaks_a_promise_that_is_kept_without_it() {
    let probes: Vec<(Fault, Probe)> = [signing(), answers(), lists(), jobs(), fields(), machines(), others()].concat();
    let is_probed = |fault: &&Fault| fault.suite() == "cloudn" && fault.kind() != FaultKind::Behaviour;
    for fault in Fault::all().iter().filter(is_probed) {
        let found = probes.iter().find(|(probed, _)| probed == fault);
        let (_, kept) = found.unwrap_or_else(|| panic!("nothing shows the fault {fault}"));
        assert!(kept(&mut Client::new()), "the promise that {fault} breaks is not kept without it");
        assert!(!kept(&mut Client::with_fault(*fault)), "{fault} breaks nothing");
    }
}

/// The status of a request that lists zones with some parameters in place of others.
fn zones(client: &Client, further: &[(&str, &str)], key: &str, secret: &str) -> u16 {
    let mut parameters = vec![("command", "listZones")];
    parameters.extend(further);
    if !key.is_empty() {
        parameters.push(("apikey", key));
    }
    client.send_raw(&signed(&parameters, secret)).status
}

/// The status of a request that expires.
fn expiring(client: &Client, seconds: i64, version: &str) -> u16 {
    let expires = (client.now + jiff::SignedDuration::from_secs(seconds)).strftime("%Y-%m-%dT%H:%M:%S%z").to_string();
    dated(client, &expires, version)
}

fn dated(client: &Client, expires: &str, version: &str) -> u16 {
    let given = [("expires", expires), ("signatureVersion", version)];
    let given: Vec<_> = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    zones(client, &given, &client.keys[0].0, &client.keys[0].1)
}

fn signing() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::SignatureNotChecked, |c| {
            c.send_raw(&format!("command=listZones&apikey={}&signature=rubbish", c.keys[0].0)).status == 401
        }),
        (Fault::UnsignedAccepted, |c| c.send_raw(&format!("command=listZones&apikey={}", c.keys[0].0)).status == 401),
        (Fault::KeylessAccepted, |c| zones(c, &[], "", &c.keys[0].1) == 401),
        (Fault::UnknownKeyAccepted, |c| zones(c, &[], "unknown", &c.keys[0].1) == 401),
        (Fault::ForeignSecretAccepted, |c| zones(c, &[], &c.keys[0].0, "another") == 401),
        (Fault::ExpiredAccepted, |c| expiring(c, -60, "3") == 401),
        (Fault::MalformedExpiryAccepted, |c| dated(c, "tomorrow", "3") == 401),
        // Noon nine hours ahead of UTC is long past when it is noon in UTC.
        (Fault::ExpiryOffsetIgnored, |c| {
            let local = c.now.strftime("%Y-%m-%dT%H:%M:%S");
            dated(c, &format!("{local}+0900"), "3") == 401 && dated(c, &format!("{local}-0900"), "3") == 200
        }),
        (Fault::ExpiryAloneAccepted, |c| expiring(c, 60, "") == 401),
        (Fault::VersionAloneAccepted, |c| dated(c, "", "3") == 401),
        (Fault::VersionIgnored, |c| expiring(c, 60, "2") == 401),
    ]
}

fn answers() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::JsonByDefault, |c| c.send(Method::Get, &[("command", "listDiskOfferings")]).body.starts_with('<')),
        (Fault::XmlDespiteJson, |c| {
            c.send(Method::Get, &[("command", "listZones"), ("response", "json")]).body.starts_with('{')
        }),
        (Fault::ErrorsInXml, |c| {
            c.send(Method::Get, &[("command", "listTemplates"), ("response", "json")]).body.starts_with('{')
        }),
        (Fault::XmlUnescaped, |c| {
            let featured = [("command", "listTemplates"), ("templatefilter", "featured")];
            c.send(Method::Get, &featured).body.contains(" &amp; tools")
        }),
        (Fault::ListEnvelopeWrong, |c| {
            c.send(Method::Get, &[("command", "listDiskOfferings")]).body.contains("<listdiskofferingsresponse>")
        }),
        (Fault::JobEnvelopeWrong, |c| {
            let reboot = [("command", "rebootVirtualMachine"), ("id", &c.id("tagged_vm"))];
            c.send(Method::Get, &reboot).body.contains("<rebootvirtualmachineresponse>")
        }),
        (Fault::UnknownCommandAccepted, |c| c.send(Method::Get, &[("command", "makeCoffee")]).status == 432),
        (Fault::MissingCommandAccepted, |c| c.send(Method::Get, &[]).status == 400),
        (Fault::MissingParameterAccepted, |c| c.ask("deleteVolume", &[]).0 == 431),
        (Fault::ExcludedPairAccepted, |c| {
            let (zone, offering, template) = (c.id("zone"), c.id("offering"), c.id("template"));
            let group = c.id("tagged_group");
            let both = [("securitygroupids", group.as_str()), ("securitygroupnames", "web")];
            let needed = [("zoneid", zone.as_str()), ("serviceofferingid", &offering), ("templateid", &template)];
            c.ask("deployVirtualMachine", &[&needed[..], &both].concat()).0 == 431
        }),
        (Fault::UnpairedAccepted, |c| c.ask("listVolumes", &[("account", "demo")]).0 == 431),
        (Fault::UnknownValueAccepted, |c| c.ask("listTemplates", &[("templatefilter", "all")]).0 == 431),
        (Fault::BothAlternativesAccepted, |c| {
            c.call("createSecurityGroup", &[("name", "new")]);
            c.ask("deleteSecurityGroup", &[("id", &c.id("tagged_group")), ("name", "new")]).0 == 431
        }),
        (Fault::NoAlternativeAccepted, |c| c.ask("deleteSecurityGroup", &[]).0 == 431),
        (Fault::ErrorsWithStatus200, |c| c.ask("queryAsyncJobResult", &[("jobid", "none")]).0 == 431),
        (Fault::UserdataTooLongAccepted, |c| userdata(c, &"QUFB".repeat(513)) == 431),
        (Fault::UserdataUnencodedAccepted, |c| userdata(c, "hello!") == 431),
        (Fault::UserdataByPostAccepted, |c| {
            let update = [("command", "updateVirtualMachine"), ("id", &c.id("tagged_vm")), ("userdata", "QUFB")];
            c.send(Method::Post, &update).status == 431
        }),
        (Fault::BadCidrAccepted, |c| {
            let rule = [("securitygroupname", "web"), ("cidrlist", "192.0.2.0/33")];
            c.ask("authorizeSecurityGroupIngress", &rule).0 == 431
        }),
        (Fault::BadUrlAccepted, |c| upload(c, "ftp://127.0.0.1/disk.vhd").0 == 431),
    ]
}

fn userdata(client: &Client, userdata: &str) -> u16 {
    client.ask("updateVirtualMachine", &[("id", &client.id("tagged_vm")), ("userdata", userdata)]).0
}

fn upload(client: &Client, url: &str) -> (u16, Value) {
    let zone = client.id("zone");
    client.ask("uploadVolume", &[("format", "VHD"), ("name", "new"), ("url", url), ("zoneid", &zone)])
}

/// How many items a list has.
fn count(client: &Client, command: &str, parameters: &[(&str, &str)]) -> u64 {
    let answer = client.call(command, parameters);
    let items = answer.as_object().unwrap().values().find_map(Value::as_array);
    items.map_or(0, |items| items.len() as u64)
}

/// The names of the plans on a page of two.
fn page(client: &Client, number: &str) -> Vec<String> {
    let answer = client.call("listServiceOfferings", &[("page", number), ("pagesize", "2")]);
    let items = answer["serviceoffering"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

fn templates(client: &Client, filter: &str, further: &[(&str, &str)]) -> u64 {
    count(client, "listTemplates", &[&[("templatefilter", filter)], further].concat())
}

fn lists() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::PageAloneAccepted, |c| c.ask("listZones", &[("page", "1")]).0 == 431),
        (Fault::SizeAloneAccepted, |c| c.ask("listZones", &[("pagesize", "1")]).0 == 431),
        (Fault::PageSizeIgnored, |c| page(c, "1").len() == 2),
        (Fault::PageNumberIgnored, |c| page(c, "2") != page(c, "1")),
        (Fault::PagesFromZero, |c| page(c, "1") == ["vQ", "v1"]),
        (Fault::PageOverfull, |c| page(c, "1").len() <= 2),
        (Fault::LastPageRepeated, |c| page(c, "4").is_empty()),
        (Fault::ItemRepeated, |c| page(c, "2") == ["v2", "v4"]),
        (Fault::ItemLost, |c| page(c, "3") == ["v8"]),
        (Fault::CountOffByOne, |c| c.call("listZones", &[])["count"] == 2),
        (Fault::CountOfWhole, |c| c.call("listZones", &[("page", "1"), ("pagesize", "1")])["count"] == 1),
        (Fault::DefaultPageUnlimited, |c| {
            c.account = 2;
            count(c, "listSecurityGroups", &[]) == 500
        }),
        (Fault::IdFilterIgnored, |c| count(c, "listDiskOfferings", &[("id", &c.id("disk_offering"))]) == 1),
        (Fault::NameFilterIgnored, |c| count(c, "listServiceOfferings", &[("name", "v1")]) == 1),
        (Fault::ZoneFilterIgnored, |c| count(c, "listVirtualMachines", &[("zoneid", &c.id("other_zone"))]) == 1),
        (Fault::StateFilterIgnored, |c| count(c, "listVirtualMachines", &[("state", "Stopped")]) == 1),
        (Fault::TypeFilterIgnored, |c| count(c, "listVolumes", &[("type", "DATADISK")]) == 3),
        (Fault::KeywordIgnored, |c| templates(c, "executable", &[("keyword", "golden")]) == 1),
        (Fault::TagsIgnored, |c| {
            let tagged = [("tags[0].key", "role"), ("tags[0].value", "demonstration")];
            count(c, "listVirtualMachines", &tagged) == 1
        }),
        (Fault::MachineFilterIgnored, |c| {
            count(c, "listSecurityGroups", &[("virtualmachineid", &c.id("tagged_vm"))]) == 1
        }),
        (Fault::SelfShowsFeatured, |c| templates(c, "self", &[]) == 2),
        (Fault::FeaturedShowsOwn, |c| templates(c, "featured", &[]) == 3),
        (Fault::ExecutableShowsUnready, |c| templates(c, "executable", &[]) == 4),
        (Fault::ForeignMachinesListed, |c| count(c, "listVirtualMachines", &[("id", &c.id("foreign_vm"))]) == 0),
        (Fault::ForeignVolumesListed, |c| count(c, "listVolumes", &[("id", &c.id("foreign_volume"))]) == 0),
    ]
}

/// The job that a command begins, when it is finished and looked at for the first time.
fn finished(client: &mut Client, command: &str, machine: &str) -> (String, Value) {
    let job = client.call(command, &[("id", machine)])["jobid"].as_str().unwrap_or_default().to_owned();
    client.wait(JOB_TIME);
    let shown = client.ask("queryAsyncJobResult", &[("jobid", &job)]).1;
    (job, shown)
}

fn jobs() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::JobIdMissing, |c| {
            let stopped = c.deploy(&[]);
            c.done("stopVirtualMachine", &[("id", &stopped)]);
            c.call("startVirtualMachine", &[("id", &stopped)]).get("jobid").is_some()
        }),
        (Fault::JobNeverEnds, |c| {
            let machine = c.id("tagged_vm");
            finished(c, "rebootVirtualMachine", &machine).1["jobstatus"] == 1
        }),
        (Fault::JobGoesBackwards, |c| {
            let machine = c.id("tagged_vm");
            let (job, _) = finished(c, "rebootVirtualMachine", &machine);
            c.call("queryAsyncJobResult", &[("jobid", &job)])["jobstatus"] == 1
        }),
        (Fault::FailedJobSucceeds, |c| {
            c.call("queryAsyncJobResult", &[("jobid", &c.id("failed_job"))])["jobstatus"] == 2
        }),
        (Fault::UnknownJobPending, |c| c.ask("queryAsyncJobResult", &[("jobid", "none")]).0 == 431),
        (Fault::ForeignJobShown, |c| c.ask("queryAsyncJobResult", &[("jobid", &c.id("foreign_job"))]).0 == 531),
        (Fault::JobResultMissing, |c| {
            let machine = c.id("tagged_vm");
            finished(c, "rebootVirtualMachine", &machine).1.get("jobresult").is_some()
        }),
        (Fault::JobStatusUndocumented, |c| {
            let machine = c.id("tagged_vm");
            finished(c, "rebootVirtualMachine", &machine).1["jobstatus"] != 7
        }),
        (Fault::JobCommandWrong, |c| {
            let machine = c.id("tagged_vm");
            finished(c, "rebootVirtualMachine", &machine).1["cmd"] == "rebootVirtualMachine"
        }),
        (Fault::JobSuccessMissing, |c| {
            let rule = c.first("listSecurityGroups", &[("securitygroupname", "web")], "securitygroup");
            let rule = rule["ingress"][0]["ruleid"].as_str().unwrap().to_owned();
            c.run("revokeSecurityGroupIngress", &[("id", &rule)]).1["success"] == true
        }),
        (Fault::FinishedJobsListed, |c| count(c, "listAsyncJobs", &[("keyword", "stopVirtualMachine")]) == 0),
        (Fault::ForeignJobsListed, |c| count(c, "listAsyncJobs", &[]) == 4),
    ]
}

fn fields() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::MachineStateMissing, |c| c.machine(&c.id("expunging_vm")).get("state").is_some()),
        (Fault::CpuNumberAsText, |c| c.first("listServiceOfferings", &[], "serviceoffering")["cpunumber"] == 1),
        (Fault::NetworkTypeRenamed, |c| c.first("listZones", &[], "zone")["networktype"] == "Basic"),
        (Fault::PublicZoneHasDomain, |c| c.first("listZones", &[], "zone")["domainname"].is_null()),
        (Fault::PasswordLeaked, |c| {
            let machine = c.deploy(&[("templateid", &c.id("template_without_password"))]);
            c.machine(&machine).get("password").is_none()
        }),
        (Fault::PasswordMissing, |c| {
            let machine = c.deploy(&[]);
            c.machine(&machine).get("password").is_some()
        }),
        (Fault::DeviceOfDetachedShown, |c| {
            c.first("listVolumes", &[("name", "data-2")], "volume").get("deviceid").is_none()
        }),
        (Fault::DisplayNameMadeUp, |c| {
            let machine = c.deploy(&[("name", "named")]);
            c.machine(&machine)["displayname"] == "named"
        }),
        (Fault::IsoMachineHasTemplate, |c| {
            c.first("listVirtualMachines", &[("isoid", &c.id("iso"))], "virtualmachine")["templateid"] == "-1"
        }),
        (Fault::DiskSizeInBytes, |c| c.first("listDiskOfferings", &[], "diskoffering")["disksize"] == 20),
        (Fault::FeaturedNotMarked, |c| {
            c.first("listTemplates", &[("templatefilter", "featured")], "template")["isfeatured"] == true
        }),
        (Fault::ParentTemplateMade, |c| {
            let featured = c.first("listTemplates", &[("templatefilter", "featured")], "template");
            featured.get("sourcetemplateid").is_none()
        }),
        (Fault::RuleWithoutCidr, |c| {
            let web = c.first("listSecurityGroups", &[("securitygroupname", "web")], "securitygroup");
            web["ingress"][0]["cidr"] == "0.0.0.0/0"
        }),
        (Fault::ExtractUrlMissing, |c| {
            let extract = [("id", c.id("tagged_volume")), ("zoneid", c.id("zone"))];
            let extract = extract.each_ref().map(|(name, id)| (*name, id.as_str()));
            let result = c.done("extractVolume", &[&extract[..], &[("mode", "HTTP_DOWNLOAD")]].concat());
            result["volume"]["url"].is_string()
        }),
    ]
}

/// The state of a new machine after some commands.
fn state_after(client: &mut Client, commands: &[&str]) -> Value {
    let machine = client.deploy(&[]);
    for command in commands {
        client.run(command, &[("id", &machine)]);
    }
    client.machine(&machine)["state"].clone()
}

/// The code with which a command is refused to a machine in a state; 200 if it is not.
fn refused(client: &Client, command: &str, machine: &str, further: &[(&str, &str)]) -> u16 {
    client.ask(command, &[&[("id", machine)], further].concat()).0
}

fn machines() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::DeployLeavesStopped, |c| state_after(c, &[]) == "Running"),
        (Fault::StartLeavesStopped, |c| state_after(c, &["stopVirtualMachine", "startVirtualMachine"]) == "Running"),
        (Fault::StopLeavesRunning, |c| state_after(c, &["stopVirtualMachine"]) == "Stopped"),
        (Fault::RebootLeavesStopped, |c| state_after(c, &["rebootVirtualMachine"]) == "Running"),
        (Fault::DestroyForgets, |c| state_after(c, &["destroyVirtualMachine"]) == "Destroyed"),
        (Fault::RecoverLeavesDestroyed, |c| {
            let machine = c.deploy(&[]);
            c.done("destroyVirtualMachine", &[("id", &machine)]);
            c.call("recoverVirtualMachine", &[("id", &machine)]);
            c.machine(&machine)["state"] == "Stopped"
        }),
        (Fault::RecoverExpunging, |c| refused(c, "recoverVirtualMachine", &c.id("expunging_vm"), &[]) == 431),
        (Fault::RecoverRunning, |c| refused(c, "recoverVirtualMachine", &c.id("tagged_vm"), &[]) == 431),
        (Fault::ChangeWhileRunning, |c| {
            let offering = c.id("other_offering");
            refused(c, "changeServiceForVirtualMachine", &c.id("tagged_vm"), &[("serviceofferingid", &offering)]) == 431
        }),
        (Fault::ChangeLeavesMemory, |c| {
            let machine = c.deploy(&[]);
            c.done("stopVirtualMachine", &[("id", &machine)]);
            let change = [("id", machine.as_str()), ("serviceofferingid", &c.id("other_offering"))];
            c.call("changeServiceForVirtualMachine", &change)["virtualmachine"]["memory"] == 4_096
        }),
        (Fault::ResetWhileRunning, |c| refused(c, "resetPasswordForVirtualMachine", &c.id("tagged_vm"), &[]) == 431),
        (Fault::ResetWithoutSupport, |c| {
            let machine = c.deploy(&[("templateid", &c.id("template_without_password"))]);
            c.done("stopVirtualMachine", &[("id", &machine)]);
            refused(c, "resetPasswordForVirtualMachine", &machine, &[]) == 431
        }),
        (Fault::ResetKeepsPassword, |c| {
            let machine = c.deploy(&[]);
            let old = c.machine(&machine)["password"].clone();
            c.done("stopVirtualMachine", &[("id", &machine)]);
            c.done("resetPasswordForVirtualMachine", &[("id", &machine)])["virtualmachine"]["password"] != old
        }),
        (Fault::UpdateForgetsDisplayName, |c| {
            let update = [("id", c.id("tagged_vm")), ("displayname", "new".into())];
            let update = update.each_ref().map(|(name, value)| (*name, value.as_str()));
            c.call("updateVirtualMachine", &update)["virtualmachine"]["displayname"] == "new"
        }),
        (Fault::UpdateForgetsAvailability, |c| {
            let update = [("id", c.id("tagged_vm")), ("haenable", "true".into())];
            let update = update.each_ref().map(|(name, value)| (*name, value.as_str()));
            c.call("updateVirtualMachine", &update)["virtualmachine"]["haenable"] == true
        }),
        (Fault::DataDiskForgotten, |c| {
            let machine = c.deploy(&[("diskofferingid", &c.id("disk_offering"))]);
            count(c, "listVolumes", &[("virtualmachineid", &machine)]) == 2
        }),
        (Fault::SecurityGroupsForgotten, |c| {
            let machine = c.deploy(&[("securitygroupnames", "web")]);
            c.machine(&machine)["securitygroup"][0]["name"] == "web"
        }),
    ]
}

/// The rules of a new group in a direction, after an ingress rule was authorised.
fn rules(client: &mut Client, direction: &str) -> Vec<Value> {
    client.call("createSecurityGroup", &[("name", "new")]);
    let rule = [("securitygroupname", "new"), ("cidrlist", "192.0.2.0/24")];
    let result = client.done("authorizeSecurityGroupIngress", &rule);
    result["securitygroup"][direction].as_array().unwrap().clone()
}

/// A new detached volume.
fn volume(client: &mut Client) -> String {
    let (zone, offering) = (client.id("zone"), client.id("disk_offering"));
    let create = [("name", "new"), ("zoneid", zone.as_str()), ("diskofferingid", &offering)];
    client.done("createVolume", &create)["volume"]["id"].as_str().unwrap().to_owned()
}

fn others() -> Vec<(Fault, Probe)> {
    vec![
        (Fault::RuleForgotten, |c| rules(c, "ingress").len() == 1),
        (Fault::RuleInWrongDirection, |c| rules(c, "egress").is_empty()),
        (Fault::RuleProtocolNotAll, |c| rules(c, "ingress")[0]["protocol"] == "all"),
        (Fault::RevokeLeavesRule, |c| {
            let rule = rules(c, "ingress")[0]["ruleid"].as_str().unwrap().to_owned();
            c.done("revokeSecurityGroupIngress", &[("id", &rule)]);
            let group = c.first("listSecurityGroups", &[("securitygroupname", "new")], "securitygroup");
            group["ingress"].as_array().is_some_and(Vec::is_empty)
        }),
        (Fault::AttachLeavesDetached, |c| {
            let volume = volume(c);
            let machine = c.id("tagged_vm");
            c.done("attachVolume", &[("id", &volume), ("virtualmachineid", &machine)]);
            c.volume(&volume)["virtualmachineid"] == machine
        }),
        (Fault::DetachLeavesAttached, |c| {
            let volume = c.id("tagged_volume");
            c.done("detachVolume", &[("id", &volume)]);
            c.volume(&volume).get("virtualmachineid").is_none()
        }),
        (Fault::DeleteAttached, |c| c.ask("deleteVolume", &[("id", &c.id("tagged_volume"))]).0 == 431),
        (Fault::DeleteLeavesVolume, |c| {
            let volume = volume(c);
            c.call("deleteVolume", &[("id", &volume)]);
            c.volume(&volume).is_null()
        }),
        (Fault::VolumeForgotten, |c| {
            let volume = volume(c);
            !c.volume(&volume).is_null()
        }),
        (Fault::UploadIsRoot, |c| {
            upload(c, "http://127.0.0.1/disk.vhd");
            c.first("listVolumes", &[("name", "new")], "volume")["type"] == "DATADISK"
        }),
    ]
}
