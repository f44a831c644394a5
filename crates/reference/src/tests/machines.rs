use serde_json::json;

use super::*;

#[test]
fn a_machine_lives_and_dies() {
    let mut client = Client::new();
    let id = client.deploy(&[("name", "one"), ("group", "tests")]);
    let machine = client.machine(&id);
    assert_eq!(machine["state"], "Running");
    assert_eq!(machine["displayname"], "one");
    assert_eq!(machine["group"], "tests");
    let password = machine["password"].clone();
    assert!(password.as_str().is_some_and(|password| password.len() == 8));

    client.done("stopVirtualMachine", &[("id", &id)]);
    assert_eq!(client.machine(&id)["state"], "Stopped");
    client.done("resetPasswordForVirtualMachine", &[("id", &id)]);
    assert_ne!(client.machine(&id)["password"], password);
    client.done("startVirtualMachine", &[("id", &id)]);
    client.done("rebootVirtualMachine", &[("id", &id)]);
    assert_eq!(client.machine(&id)["state"], "Running");

    client.done("destroyVirtualMachine", &[("id", &id)]);
    assert_eq!(client.machine(&id)["state"], "Destroyed");
    assert_eq!(client.call("recoverVirtualMachine", &[("id", &id)])["virtualmachine"]["state"], "Stopped");
    client.done("destroyVirtualMachine", &[("id", &id)]);
    client.wait(EXPUNGE_AFTER);
    assert_eq!(client.machine(&id)["state"], "Expunging");
    assert_eq!(client.refusal("recoverVirtualMachine", &[("id", &id)]), 431);
    client.wait(JOB_TIME);
    assert_eq!(client.machine(&id), Value::Null);
    assert_eq!(client.call("listVolumes", &[("virtualmachineid", &id)]), json!({"count": 0}));
}

#[test]
fn a_recovered_machine_is_not_expunged() {
    let mut client = Client::new();
    let id = client.deploy(&[]);
    client.done("destroyVirtualMachine", &[("id", &id)]);
    client.call("recoverVirtualMachine", &[("id", &id)]);
    client.wait(EXPUNGE_AFTER * 2);
    assert_eq!(client.machine(&id)["state"], "Stopped");
    assert_eq!(client.first("listVolumes", &[("virtualmachineid", &id)], "volume")["destroyed"], false);
}

#[test]
fn a_machine_passes_through_the_states_between() {
    let client = Client::new();
    let id = client.id("zone");
    let (offering, template) = (client.id("offering"), client.id("template"));
    let parameters = [("zoneid", id.as_str()), ("serviceofferingid", &offering), ("templateid", &template)];
    client.call("deployVirtualMachine", &parameters);
    let starting = client.call("listVirtualMachines", &[("state", "Starting")]);
    assert_eq!(starting["count"], 1);
    let id = starting["virtualmachine"][0]["id"].as_str().unwrap();
    assert_eq!(client.refusal("stopVirtualMachine", &[("id", id)]), 431);
}

#[test]
fn states_limit_what_can_be_done() {
    let mut client = Client::new();
    let id = client.deploy(&[]);
    let other = client.id("other_offering");
    assert_eq!(client.refusal("startVirtualMachine", &[("id", &id)]), 431);
    assert_eq!(client.refusal("recoverVirtualMachine", &[("id", &id)]), 431);
    assert_eq!(client.refusal("resetPasswordForVirtualMachine", &[("id", &id)]), 431);
    assert_eq!(client.refusal("changeServiceForVirtualMachine", &[("id", &id), ("serviceofferingid", &other)]), 431);
    client.done("stopVirtualMachine", &[("id", &id)]);
    let changed = client.call("changeServiceForVirtualMachine", &[("id", &id), ("serviceofferingid", &other)]);
    let machine = &changed["virtualmachine"];
    assert_eq!(
        (&machine["serviceofferingname"], &machine["cpunumber"], &machine["memory"]),
        (&json!("v2"), &json!(2), &json!(4096))
    );
    let stuck = client.id("expunging_vm");
    assert_eq!(client.refusal("recoverVirtualMachine", &[("id", &stuck)]), 431);
    client.wait(EXPUNGE_AFTER * 2);
    assert_eq!(client.machine(&stuck)["state"], "Expunging");
}

#[test]
fn only_templates_that_support_it_give_passwords() {
    let mut client = Client::new();
    let template = client.id("template_without_password");
    let id = client.deploy(&[("templateid", &template)]);
    let machine = client.machine(&id);
    assert_eq!(machine.get("password"), None);
    assert_eq!(machine["passwordenabled"], false);
    assert_eq!(machine["displayname"], machine["name"]);
    client.done("stopVirtualMachine", &[("id", &id)]);
    assert_eq!(client.refusal("resetPasswordForVirtualMachine", &[("id", &id)]), 431);
}

#[test]
fn a_machine_can_be_made_from_an_iso() {
    let mut client = Client::new();
    let (iso, disk) = (client.id("iso"), client.id("disk_offering"));
    let id = client.deploy(&[("templateid", &iso), ("diskofferingid", &disk)]);
    let machine = client.machine(&id);
    assert_eq!((&machine["templateid"], &machine["isoid"]), (&json!("-1"), &json!(iso)));
    let volumes = client.call("listVolumes", &[("virtualmachineid", &id)]);
    assert_eq!(volumes["count"], 1);
    assert_eq!(volumes["volume"][0]["type"], "ROOT");
    assert_eq!(volumes["volume"][0]["diskofferingid"], disk);
}

#[test]
fn a_template_that_is_not_ready_or_elsewhere_is_refused() {
    let client = Client::new();
    let (zone, other, offering) = (client.id("zone"), client.id("other_zone"), client.id("offering"));
    let deploy = |zone: &str, template: &str| {
        let parameters = [("zoneid", zone), ("serviceofferingid", &offering), ("templateid", template)];
        client.refusal("deployVirtualMachine", &parameters)
    };
    assert_eq!(deploy(&zone, &client.id("unready_template")), 431);
    assert_eq!(deploy(&other, &client.id("own_template")), 431);
    assert_eq!(deploy(&zone, "nothing"), 431);
}

#[test]
fn a_data_disk_comes_with_a_template() {
    let mut client = Client::new();
    let disk = client.id("disk_offering");
    let id = client.deploy(&[("diskofferingid", &disk)]);
    let data = client.call("listVolumes", &[("virtualmachineid", &id), ("type", "DATADISK")]);
    assert_eq!((&data["count"], &data["volume"][0]["deviceid"]), (&json!(1), &json!(1)));
    client.done("destroyVirtualMachine", &[("id", &id)]);
    let volume = client.volume(data["volume"][0]["id"].as_str().unwrap());
    assert_eq!(volume.get("deviceid"), None, "a destroyed machine lets go of its data disks");
}

#[test]
fn user_data_is_short_encoded_and_got() {
    let client = Client::new();
    let id = client.id("tagged_vm");
    let update = |userdata: &str| client.ask("updateVirtualMachine", &[("id", &id), ("userdata", userdata)]).0;
    assert_eq!(update("aGVsbG8="), 200);
    assert_eq!(update("hello!"), 431);
    assert_eq!(update(&"QUFB".repeat(512)), 200);
    assert_eq!(update(&"QUFB".repeat(513)), 431);
    let posted = [("command", "updateVirtualMachine"), ("id", id.as_str()), ("userdata", "aGVsbG8=")];
    assert_eq!(client.send(Method::Post, &posted).status, 431);
    assert_eq!(client.send(Method::Post, &posted[..2]).status, 200);
}

#[test]
fn an_update_is_shown() {
    let mut client = Client::new();
    let id = client.deploy(&[]);
    client.call("updateVirtualMachine", &[("id", &id), ("displayname", "new"), ("haenable", "true"), ("group", "g")]);
    let machine = client.machine(&id);
    assert_eq!(
        (&machine["displayname"], &machine["haenable"], &machine["group"]),
        (&json!("new"), &json!(true), &json!("g"))
    );
    let group = machine["groupid"].as_str().unwrap();
    assert_eq!(client.call("listVirtualMachines", &[("groupid", group)])["count"], 1);
    assert_eq!(client.refusal("updateVirtualMachine", &[("id", &id), ("ostypeid", "none")]), 431);
}

#[test]
fn cloudstack_finds_out_in_the_job() {
    let mut client = Client::with(Behaviour::CloudStack41, &[], None);
    let id = client.id("tagged_vm");
    let job = client.call("startVirtualMachine", &[("id", &id)])["jobid"].as_str().unwrap().to_owned();
    client.wait(JOB_TIME);
    let failed = client.call("queryAsyncJobResult", &[("jobid", &job)]);
    assert_eq!((&failed["jobstatus"], &failed["jobresultcode"]), (&json!(2), &json!(530)));
    assert_eq!(failed["jobresult"]["errorcode"], 431);
    assert_eq!(failed["cmd"], "org.apache.cloudstack.api.command.user.vm.StartVMCmd");
}
