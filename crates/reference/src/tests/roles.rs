use serde_json::json;

use super::*;

#[test]
fn a_command_that_is_not_for_the_role_is_refused() {
    let mut client = Client::of_guide(&[]);
    let key = client.id("user_api_key");
    for (account, expected) in [("root-admin", 200), ("domain-admin", 401), ("user", 401)] {
        client.sign_in(account);
        assert_eq!(client.ask("getUser", &[("userapikey", &key)]).0, expected, "{account}");
    }
    for (account, expected) in [("root-admin", 200), ("domain-admin", 200), ("user", 401)] {
        client.sign_in(account);
        assert_eq!(client.ask("listRouters", &[]).0, expected, "{account}");
    }
    let mut played = Client::guide_with(Behaviour::CloudStack41, &[]);
    played.sign_in("user");
    assert_eq!(played.ask("getUser", &[("userapikey", &key)]).0, 432);
}

#[test]
fn what_a_role_may_touch() {
    let mut client = Client::of_guide(&[]);
    let machine = |client: &Client, name: &str| client.id(name);
    let rename = |client: &Client, name: &str| {
        client.ask("updateVirtualMachine", &[("id", &machine(client, name)), ("displayname", "renamed")]).0
    };
    client.sign_in("user");
    assert_eq!(["user_vm", "europe_vm", "foreign_vm"].map(|name| rename(&client, name)), [200, 531, 531]);
    client.sign_in("domain-admin");
    assert_eq!(["user_vm", "europe_vm", "foreign_vm"].map(|name| rename(&client, name)), [200, 200, 531]);
    client.sign_in("root-admin");
    assert_eq!(["user_vm", "europe_vm", "foreign_vm"].map(|name| rename(&client, name)), [200, 200, 200]);
}

#[test]
fn an_account_that_is_full_is_given_no_more() {
    let mut client = Client::of_guide(&[]);
    let volume = client.id("full_volume");
    client.sign_in("full");
    let (zone, disk) = (client.id("zone"), client.id("disk_offering"));
    let volume_of = [("name", "one more"), ("zoneid", zone.as_str()), ("diskofferingid", &disk)];
    for (command, parameters) in
        [("createVolume", &volume_of[..]), ("createSnapshot", &[("volumeid", volume.as_str())])]
    {
        let (status, answer) = client.ask(command, parameters);
        assert_eq!((status, &answer["cserrorcode"]), (535, &json!(4370)), "{command}: {answer}");
    }
}

#[test]
fn only_one_account_is_throttled() {
    let mut client = Client::of_guide(&[]);
    client.sign_in("throttled");
    let statuses: Vec<_> = (0..6).map(|_| client.ask("listZones", &[]).0).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
    client.wait(Duration::from_secs(8));
    let limit = client.call("getApiLimit", &[]);
    assert_eq!((&limit["apilimit"]["apiIssued"], &limit["apilimit"]["apiAllowed"]), (&json!(1), &json!(4)));
    let id = client.id("throttled_account_id");
    client.sign_in("root-admin");
    client.call("resetApiLimit", &[("account", &id)]);
    client.sign_in("throttled");
    assert_eq!(client.call("getApiLimit", &[])["apilimit"]["apiIssued"], 1);
}

#[test]
fn a_disabled_account_asks_in_vain() {
    let mut client = Client::of_guide(&[]);
    let domain = client.id("sales_domain");
    client.done("disableAccount", &[("account", "user"), ("domainid", &domain), ("lock", "false")]);
    client.sign_in("user");
    assert_eq!(client.ask("listZones", &[]).0, 401);
}

#[test]
fn projects_have_members_and_invitations() {
    let mut client = Client::of_guide(&[]);
    client.sign_in("user");
    let project = client.done("createProject", &[("name", "ours"), ("displaytext", "ours")])["project"]["id"].clone();
    let project = project.as_str().unwrap().to_owned();
    client.done("addAccountToProject", &[("projectid", &project), ("account", "root-admin")]);
    let members = |client: &Client| client.call("listProjectAccounts", &[("projectid", &project)])["count"].clone();
    assert_eq!(members(&client), 1, "who is invited is no member yet");
    client.sign_in("root-admin");
    let invitation = client.first("listProjectInvitations", &[("projectid", &project)], "projectinvitation");
    assert_eq!(invitation["state"], "Pending");
    client.done("updateProjectInvitation", &[("projectid", &project), ("accept", "true")]);
    assert_eq!(members(&client), 2);
    let (status, _) = client.ask("createSecurityGroup", &[("name", "of-ours"), ("projectid", &project)]);
    assert_eq!(status, 200);
    let group = client.first("listSecurityGroups", &[("projectid", &project)], "securitygroup");
    assert_eq!((&group["project"], group.get("account")), (&json!("ours"), None));
}
