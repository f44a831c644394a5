//! Logging in by name and password, as a CloudStack 4.1 management server has it.

use super::super::api::{Api, Incoming, Outgoing};
use super::*;

fn post(client: &Client, cookie: Option<&str>, form: &str) -> Outgoing {
    let headers = cookie.map(|cookie| ("cookie".to_owned(), cookie.to_owned())).into_iter().collect();
    let request = Incoming {
        method: "POST".into(),
        path: "/client/api".into(),
        headers,
        body: form.into(),
        ..Incoming::default()
    };
    Api::answer(client.service.as_ref(), &request, client.now)
}

fn logged_in(client: &Client, form: &str) -> (String, Value) {
    let answer = post(client, None, form);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (name, cookie) = &answer.headers[0];
    assert_eq!(*name, "set-cookie");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    (cookie, body["loginresponse"].clone())
}

#[test]
fn who_is_logged_in_asks_with_a_cookie_and_a_key_and_no_signature() {
    let client = Client::guide_with(Behaviour::CloudStack41, &[]);
    let form = "command=login&username=domain-admin&password=password&domain=/sales&response=json";
    let (cookie, session) = logged_in(&client, form);
    assert_eq!(session["account"], "domain-admin");
    assert_eq!((session["type"].as_str(), session["timeout"].as_str()), (Some("2"), Some("1800")));
    let key = session["sessionkey"].as_str().unwrap();
    let asks = format!("command=listDomains&response=json&sessionkey={}", utf8_percent_encode(key, NON_ALPHANUMERIC));
    let listed = post(&client, Some(&cookie), &asks);
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert!(listed.body.contains("sales") && !listed.body.contains("research"), "{}", listed.body);

    // Neither will do alone, and neither will do once it is over.
    assert_eq!(post(&client, None, &asks).status, 401);
    assert_eq!(post(&client, Some(&cookie), "command=listDomains&response=json").status, 401);
    assert_eq!(post(&client, Some(&cookie), "command=listDomains&response=json&sessionkey=another").status, 401);
    let over = post(&client, Some(&cookie), "command=logout&response=json");
    assert!(over.body.contains(r#""description":"success""#), "{}", over.body);
    assert_eq!(post(&client, Some(&cookie), &asks).status, 401);
}

#[test]
fn a_wrong_password_and_another_domain_are_refused() {
    let client = Client::guide_with(Behaviour::CloudStack41, &[]);
    for form in [
        "command=login&username=root-admin&password=wrong&response=json",
        "command=login&username=nobody&password=password&response=json",
        "command=login&username=root-admin&password=password&domain=/sales&response=json",
        "command=login&username=root-admin&response=json",
    ] {
        let refused = post(&client, None, form);
        assert_eq!(refused.status, 531, "{form}");
        assert!(refused.headers.is_empty(), "{form}");
        assert!(refused.body.contains("errorresponse") && !refused.body.contains("cserrorcode"), "{}", refused.body);
    }
}

#[test]
fn a_new_user_logs_in_with_its_own_password() {
    let client = Client::guide_with(Behaviour::CloudStack41, &[]);
    let given = [
        ("username", "ann"),
        ("password", "of-ann"),
        ("account", "root-admin"),
        ("firstname", "Ann"),
        ("lastname", "A"),
        ("email", "ann@example.com"),
    ];
    let (status, created) = client.ask("createUser", &given);
    assert_eq!(status, 200);
    assert!(!created.to_string().contains("of-ann"));
    let (_, session) = logged_in(&client, "command=LOGIN&username=ann&password=of-ann&domain=/&response=json");
    assert_eq!((session["account"].as_str(), session["firstname"].as_str()), (Some("root-admin"), Some("Ann")));
    assert_eq!(post(&client, None, "command=login&username=ann&password=password&response=json").status, 531);
}

#[test]
fn the_guide_has_no_sessions() {
    let client = Client::guide_with(Behaviour::Documented, &[]);
    let refused = post(&client, None, "command=login&username=root-admin&password=password&response=json");
    assert_eq!(refused.status, 432, "{}", refused.body);
}
