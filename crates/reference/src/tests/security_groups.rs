use serde_json::json;

use super::*;

/// A new group. Its id.
fn group(client: &Client) -> String {
    let created = client.call("createSecurityGroup", &[("name", "new")]);
    created["securitygroup"]["id"].as_str().unwrap().to_owned()
}

fn shown(client: &Client, id: &str) -> Value {
    client.first("listSecurityGroups", &[("id", id)], "securitygroup")
}

#[test]
fn a_group_is_created_once_and_deleted_by_id_or_name() {
    let client = Client::new();
    let created = client.call("createSecurityGroup", &[("name", "new"), ("description", "made by a test")]);
    let fields: Vec<_> = created["securitygroup"].as_object().unwrap().keys().cloned().collect();
    let mut expected = ["id", "name", "description", "account", "domainid", "domain"];
    assert_eq!(fields.len(), expected.len());
    expected.sort_unstable();
    assert!(fields.iter().all(|field| expected.contains(&field.as_str())));
    assert_eq!(client.refusal("createSecurityGroup", &[("name", "new")]), 431);
    assert_eq!(client.call("deleteSecurityGroup", &[("name", "new")]), json!({"success": true}));
    assert_eq!(client.refusal("deleteSecurityGroup", &[("name", "new")]), 431);
    assert_eq!(client.refusal("deleteSecurityGroup", &[("name", "default")]), 431);
}

#[test]
fn rules_come_and_go() {
    let mut client = Client::new();
    let id = group(&client);
    let given = [("securitygroupid", id.as_str()), ("cidrlist", "192.0.2.0/24,198.51.100.0/24")];
    client.done("authorizeSecurityGroupIngress", &given);
    let rules = shown(&client, &id);
    assert_eq!(rules["egress"], json!([]));
    let protocols: Vec<_> =
        rules["ingress"].as_array().unwrap().iter().map(|rule| (&rule["protocol"], &rule["cidr"])).collect();
    assert_eq!(protocols, [(&json!("all"), &json!("192.0.2.0/24")), (&json!("all"), &json!("198.51.100.0/24"))]);
    let rule = rules["ingress"][0]["ruleid"].as_str().unwrap().to_owned();

    assert_eq!(client.refusal("revokeSecurityGroupEgress", &[("id", &rule)]), 431);
    assert_eq!(client.done("revokeSecurityGroupIngress", &[("id", &rule)]), json!({"success": true}));
    assert_eq!(shown(&client, &id)["ingress"].as_array().unwrap().len(), 1);
}

#[test]
fn a_rule_has_ports_or_messages_but_not_both() {
    let mut client = Client::new();
    let id = group(&client);
    let mut authorize = |further: &[(&str, &str)]| {
        let mut parameters = vec![("securitygroupname", "new"), ("cidrlist", "192.0.2.0/24")];
        parameters.extend(further);
        let (status, answer) = client.ask("authorizeSecurityGroupEgress", &parameters);
        client.wait(JOB_TIME);
        (status == 200).then(|| shown(&client, &id)["egress"].as_array().unwrap().last().unwrap().clone()).ok_or(answer)
    };
    let tcp = authorize(&[("protocol", "tcp"), ("startport", "80"), ("endport", "81")]).unwrap();
    assert_eq!((&tcp["startport"], &tcp["endport"], tcp.get("icmptype")), (&json!(80), &json!(81), None));
    let icmp = authorize(&[("protocol", "icmp"), ("icmptype", "8"), ("icmpcode", "0")]).unwrap();
    assert_eq!((icmp.get("startport"), &icmp["icmptype"], &icmp["icmpcode"]), (None, &json!(8), &json!(0)));
    assert_eq!(authorize(&[("protocol", "udp")]).unwrap()["endport"], 65_535);
    assert!(authorize(&[("protocol", "icmp"), ("startport", "80")]).is_err());
    assert!(authorize(&[("protocol", "tcp"), ("icmptype", "8")]).is_err());
    assert!(authorize(&[("protocol", "all")]).is_err());
    assert!(authorize(&[("cidrlist", "everywhere")]).is_err());
}

#[test]
fn a_group_that_is_used_stays() {
    let mut client = Client::new();
    let id = group(&client);
    let machine = client.deploy(&[("securitygroupids", &id)]);
    assert_eq!(client.machine(&machine)["securitygroup"][0]["name"], "new");
    let listed = client.call("listSecurityGroups", &[("virtualmachineid", &machine)]);
    assert_eq!((&listed["count"], &listed["securitygroup"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(client.refusal("deleteSecurityGroup", &[("id", &id)]), 536);
    client.done("destroyVirtualMachine", &[("id", &machine)]);
    client.call("deleteSecurityGroup", &[("id", &id)]);
    assert_eq!(client.machine(&machine)["securitygroup"], json!([]));
}

#[test]
fn groups_are_chosen_by_id_or_by_name() {
    let mut client = Client::new();
    let by_name = client.deploy(&[("securitygroupnames", "web,administration")]);
    let groups = client.machine(&by_name)["securitygroup"].clone();
    assert_eq!((&groups[0]["name"], &groups[1]["name"]), (&json!("web"), &json!("administration")));
    let by_default = client.deploy(&[]);
    assert_eq!(client.machine(&by_default)["securitygroup"][0]["name"], "default");
}
