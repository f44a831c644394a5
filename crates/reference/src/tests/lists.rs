use serde_json::json;

use super::*;

#[test]
fn every_list_has_a_count_and_items() {
    let client = Client::new();
    let suite = cloudn();
    for operation in suite.operations.values() {
        let Some(list) = &operation.list else { continue };
        let given: &[_] =
            if operation.parameters.contains_key("templatefilter") { &[("templatefilter", "executable")] } else { &[] };
        let answer = client.call(&operation.name.value.0, given);
        let items = answer[&list.items].as_array().map_or(0, Vec::len);
        assert!(items > 0 && answer["count"] == items, "{}: {answer}", operation.name.value);
        let key = list.key.as_ref().unwrap();
        let keys: std::collections::BTreeSet<_> =
            answer[&list.items].as_array().unwrap().iter().map(|item| item[key].to_string()).collect();
        assert_eq!(keys.len(), items, "{}", operation.name.value);
    }
}

#[test]
fn pages_have_the_length_asked_for_and_end() {
    let client = Client::new();
    let page = |page: &str| client.call("listVirtualMachines", &[("page", page), ("pagesize", "2")]);
    let lengths: Vec<_> = ["1", "2", "3"].map(|number| page(number)["count"].as_u64().unwrap()).into();
    assert_eq!(lengths, [2, 2, 1]);
    assert_eq!(page("4"), json!({"count": 0}));
    assert_eq!(client.refusal("listZones", &[("page", "1")]), 431);
    assert_eq!(client.refusal("listZones", &[("pagesize", "1")]), 431);
}

#[test]
fn the_default_page_has_500_items() {
    let mut client = Client::new();
    client.account = 2;
    assert_eq!(client.call("listSecurityGroups", &[])["count"], 500);
    assert_eq!(client.call("listSecurityGroups", &[("page", "1"), ("pagesize", "501")])["count"], 501);
    let mut cloudstack = Client::with(Behaviour::CloudStack41, &[], None);
    cloudstack.account = 2;
    let answer = cloudstack.call("listSecurityGroups", &[]);
    assert_eq!((answer["securitygroup"].as_array().unwrap().len(), &answer["count"]), (500, &json!(501)));
    assert_eq!(cloudstack.refusal("listSecurityGroups", &[("page", "1"), ("pagesize", "501")]), 431);
}

#[test]
fn an_empty_list_is_a_count_or_nothing() {
    let nothing = [("name", "no such thing")];
    assert_eq!(Client::new().call("listVolumes", &nothing), json!({"count": 0}));
    let cloudstack = Client::with(Behaviour::CloudStack41, &[], None);
    assert_eq!(cloudstack.call("listVolumes", &nothing), json!({}));
    assert_eq!(cloudstack.call("listZones", &[("page", "2"), ("pagesize", "5")]), json!({"count": 2}));
}

#[test]
fn filters_narrow() {
    let client = Client::new();
    let names = |filter: &[(&str, &str)]| -> Vec<String> {
        let answer = client.call("listVirtualMachines", filter);
        let machines = answer["virtualmachine"].as_array().cloned().unwrap_or_default();
        machines.iter().map(|machine| machine["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[("zoneid", &client.id("other_zone"))]), ["web-2"]);
    assert_eq!(names(&[("state", "Stopped")]), ["batch-1"]);
    assert_eq!(names(&[("keyword", "web")]), ["web-1", "web-2"]);
    assert_eq!(names(&[("keyword", "web"), ("name", "web-2")]), ["web-2"]);
    assert_eq!(names(&[("groupid", &client.id("group_id"))]), ["web-1", "web-2"]);
    assert_eq!(names(&[("isoid", &client.id("iso"))]), ["installer-1"]);
    assert_eq!(names(&[("tags[0].key", "role"), ("tags[0].value", "demonstration")]), ["web-1"]);
    assert_eq!(names(&[("id", &client.id("foreign_vm"))]), [""; 0]);
    assert_eq!(names(&[("account", "demo"), ("domainid", &client.id("domain"))]).len(), 5);
    assert_eq!(client.refusal("listVirtualMachines", &[("tags[0].key", "role")]), 431);
}

#[test]
fn an_account_names_itself_only() {
    let client = Client::new();
    let domain = client.id("domain");
    assert_eq!(client.refusal("listVolumes", &[("account", "neighbour"), ("domainid", &domain)]), 531);
    assert_eq!(client.refusal("listVolumes", &[("account", "demo")]), 431);
    assert_eq!(client.refusal("listVolumes", &[("domainid", "nowhere")]), 431);
    assert_eq!(
        client.call("listVolumes", &[("domainid", &domain)]),
        client.call("listVolumes", &[("listall", "true")])
    );
}

#[test]
fn details_are_a_selection() {
    let client = Client::new();
    let with = |details: &str| client.first("listVirtualMachines", &[("details", details)], "virtualmachine");
    assert!(["nic", "securitygroup", "tags"].iter().all(|field| with("min").get(field).is_none()));
    assert!(with("nics,stats").get("nic").is_some() && with("nics,stats").get("securitygroup").is_none());
    assert_eq!(with("all"), client.first("listVirtualMachines", &[], "virtualmachine"));
    assert_eq!(client.refusal("listVirtualMachines", &[("details", "nics,everything")]), 431);
}

#[test]
fn templates_are_filtered_by_what_they_are_for() {
    let client = Client::new();
    let names = |filter: &str| -> Vec<String> {
        let answer = client.call("listTemplates", &[("templatefilter", filter)]);
        let templates = answer["template"].as_array().unwrap();
        templates.iter().map(|template| template["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("featured"), ["centos-6.4", "ubuntu-12.04", "windows-2008r2"]);
    assert_eq!(names("self"), ["golden-image", "slow-upload"]);
    assert_eq!(names("self-executable"), ["golden-image"]);
    assert_eq!(names("executable"), ["centos-6.4", "ubuntu-12.04", "windows-2008r2", "golden-image"]);
}

#[test]
fn only_pending_jobs_of_the_account_are_listed() {
    let mut client = Client::new();
    let jobs = client.call("listAsyncJobs", &[]);
    assert_eq!(jobs["count"], 4);
    assert!(jobs["asyncjobs"].as_array().unwrap().iter().all(|job| job["jobstatus"] == 0));
    let id = client.deploy(&[]);
    client.call("rebootVirtualMachine", &[("id", &id)]);
    assert_eq!(client.call("listAsyncJobs", &[])["count"], 5);
    assert_eq!(client.call("listAsyncJobs", &[("keyword", "reboot")])["count"], 1);
    assert_eq!(client.call("listAsyncJobs", &[("startdate", "2013-07-01")])["count"], 1);
    assert_eq!(client.refusal("listAsyncJobs", &[("startdate", "yesterday")]), 431);
    client.wait(JOB_TIME);
    assert_eq!(client.call("listAsyncJobs", &[])["count"], 4);
}

#[test]
fn a_job_is_its_accounts_own() {
    let client = Client::new();
    let ask = |job: &str| client.ask("queryAsyncJobResult", &[("jobid", job)]);
    assert_eq!(ask(&client.id("foreign_job")).0, 531);
    assert_eq!(ask("no such job").0, 431);
    let (_, pending) = ask(&client.id("pending_job"));
    assert_eq!((&pending["jobstatus"], pending.get("jobresult")), (&json!(0), None));
    let (_, finished) = ask(&client.id("finished_job"));
    assert_eq!(
        (&finished["jobstatus"], &finished["jobresult"]["virtualmachine"]["state"]),
        (&json!(1), &json!("Stopped"))
    );
    let (_, failed) = ask(&client.id("failed_job"));
    assert_eq!((&failed["jobstatus"], &failed["jobresultcode"]), (&json!(2), &json!(431)));
}

#[test]
fn a_public_zone_has_no_domain() {
    let zone = Client::new().first("listZones", &[], "zone");
    assert_eq!((zone.get("domainid"), zone.get("domainname")), (Some(&Value::Null), Some(&Value::Null)));
}

#[test]
fn xml_is_escaped_and_keeps_blank_fields() {
    let client = Client::new();
    let answer = client.send(Method::Get, &[("command", "listTemplates"), ("templatefilter", "featured")]);
    assert!(answer.body.contains("<displaytext>Windows Server 2008 R2 &lt;Standard&gt; &amp; tools</displaytext>"));
    let zones = client.send(Method::Get, &[("command", "listZones"), ("response", "yaml")]);
    assert!(zones.body.contains("<listzonesresponse><count>2</count><zone>"));
    assert!(zones.body.contains("<domainid></domainid>"));
    assert_eq!(zones.content_type(), "text/xml; charset=UTF-8");
}
