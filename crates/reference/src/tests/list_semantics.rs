use super::*;

/// The names of the machines that a list shows.
fn machines(client: &Client, parameters: &[(&str, &str)]) -> Vec<String> {
    let answer = client.call("listVirtualMachines", parameters);
    let machines = answer["virtualmachine"].as_array().cloned().unwrap_or_default();
    machines.iter().map(|machine| machine["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn without_parameters_everybody_sees_what_is_their_own() {
    let mut client = Client::of_guide(&[]);
    assert!(!machines(&client, &[]).contains(&"user_vm".to_owned()), "even an administrator");
    client.sign_in("user");
    assert_eq!(machines(&client, &[]), ["user_vm"]);
    client.sign_in("domain-admin");
    assert_eq!(machines(&client, &[]), ["domain_admin_vm"]);
}

#[test]
fn an_account_may_be_named_by_those_who_may_see_it() {
    let mut client = Client::of_guide(&[]);
    let (sales, research) = (client.id("sales_domain"), client.id("research_domain"));
    let user = [("account", "user"), ("domainid", sales.as_str())];
    let other = [("account", "other-user"), ("domainid", research.as_str())];
    assert_eq!(machines(&client, &user), ["user_vm"]);
    assert_eq!(machines(&client, &other), ["foreign_vm"]);
    client.sign_in("domain-admin");
    assert_eq!(machines(&client, &user), ["user_vm"]);
    assert_eq!(client.refusal("listVirtualMachines", &other), 531);
    client.sign_in("user");
    assert_eq!(machines(&client, &user), ["user_vm"]);
    assert_eq!(client.refusal("listVirtualMachines", &other), 531);
}

#[test]
fn a_domain_is_listed_alone_or_with_those_below_it() {
    let mut client = Client::of_guide(&[]);
    let sales = client.id("sales_domain");
    let alone = [("domainid", sales.as_str())];
    let recursive = [("domainid", sales.as_str()), ("isrecursive", "true")];
    for account in ["root-admin", "domain-admin"] {
        client.sign_in(account);
        assert!(!machines(&client, &alone).contains(&"europe_vm".to_owned()), "{account}");
        assert!(machines(&client, &recursive).contains(&"europe_vm".to_owned()), "{account}");
    }
    client.sign_in("user");
    assert_eq!(machines(&client, &recursive), ["user_vm"]);
    client.sign_in("domain-admin");
    assert_eq!(client.refusal("listVirtualMachines", &[("domainid", &client.id("research_domain"))]), 531);
}

#[test]
fn everything_is_what_the_role_may_see_but_for_projects() {
    let mut client = Client::of_guide(&[]);
    let all = |client: &Client| machines(client, &[("listall", "true")]);
    assert!(["user_vm", "europe_vm", "foreign_vm"].iter().all(|name| all(&client).contains(&(*name).to_owned())));
    client.sign_in("domain-admin");
    assert!(all(&client).contains(&"europe_vm".to_owned()) && !all(&client).contains(&"foreign_vm".to_owned()));
    client.sign_in("user");
    assert_eq!(all(&client), ["user_vm"]);
    let groups = |parameters: &[(&str, &str)]| {
        let answer = client.call("listSecurityGroups", parameters);
        let groups = answer["securitygroup"].as_array().cloned().unwrap_or_default();
        groups.iter().map(|group| group["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(groups(&[("listall", "true")]), ["default"]);
    assert_eq!(groups(&[("projectid", "-1")]), ["of-sales-project"]);
    assert_eq!(groups(&[("projectid", &client.id("sales_project"))]), ["of-sales-project"]);
    assert_eq!(client.refusal("listSecurityGroups", &[("projectid", &client.id("foreign_project"))]), 531);
}

#[test]
fn templates_have_filters_of_their_own() {
    let mut client = Client::of_guide(&[]);
    let names = |client: &Client, filter: &str| {
        let answer = client.call("listTemplates", &[("templatefilter", filter)]);
        let templates = answer["template"].as_array().cloned().unwrap_or_default();
        templates.iter().map(|template| template["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&client, "self"), ["own_template", "unready_template"]);
    assert_eq!(names(&client, "selfexecutable"), ["own_template"]);
    assert_eq!(names(&client, "community"), ["community_template"]);
    assert!(!names(&client, "featured").contains(&"featured_private_template".to_owned()));
    client.sign_in("user");
    assert_eq!(names(&client, "sharedexecutable"), ["shared_template"]);
    assert!(names(&client, "executable").contains(&"community_template".to_owned()));
    assert_eq!(client.refusal("listTemplates", &[("templatefilter", "all")]), 531);
}

#[test]
fn every_list_of_the_guide_shows_something() {
    let client = Client::of_guide(&[]);
    let suite = cloudstack();
    for operation in suite.operations.values().filter(|operation| operation.effect == Effect::Reads) {
        let Some(list) = &operation.list else { continue };
        let parameters = client.good_arguments(operation);
        let given: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = client.call(&operation.name.value.0, &given);
        let items = answer[&list.items].as_array().map_or(0, Vec::len);
        assert!(items > 0, "{}: {answer}", operation.name.value);
    }
}

#[test]
fn every_command_of_the_guide_does_something() {
    let suite = cloudstack();
    let offered = suite.operations.values().filter(|operation| operation.availability == Availability::Offered);
    let missing: Vec<_> =
        offered.filter(|operation| Model::embedded().command(&operation.name.value.0).is_none()).collect();
    assert!(missing.is_empty());
    assert_eq!(suite.operations.len(), 213);
}

#[test]
fn what_is_there_from_the_beginning_shows_whose_it_is_and_what_it_is_made_from() {
    let client = Client::of_guide(&[]);
    let listed = client.call("listNetworks", &[]);
    let networks = listed["network"].as_array().unwrap();
    assert!(networks.iter().all(|network| network["account"] == "root-admin"), "{networks:?}");
    assert_eq!(client.machine(&client.id("vmware_vm"))["hypervisor"], "VMware");
}
