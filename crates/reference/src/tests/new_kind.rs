//! A kind of resource that no code knows, and what can be done with it: data alone.

use super::*;

/// A document that promises keys, safes to keep them in, and what can be done with both.
const DOCUMENT: &str = "
  createSafe: {group: Safe, source: here, effect: creates, parameters: {name: {required: true}}}
  createSecret:
    group: Safe
    source: here
    effect: creates
    parameters: {name: {required: true}, safeid: {required: true}, rotation: {}, zoneid: {}}
  listSecrets:
    group: Safe
    source: here
    effect: reads
    list: {items: secret, key: id}
    parameters: {id: {filters: id}, name: {filters: name}, state: {filters: state}}
  updateSecret: {group: Safe, source: here, effect: changes, parameters: {id: {required: true}, rotation: {}}}
  sealSecret: {group: Safe, source: here, effect: changes, job: true, parameters: {id: {required: true}}}
  moveSecret: {group: Safe, source: here, effect: changes, parameters: {id: {required: true}, safeid: {required: true}}}
  deleteSecret: {group: Safe, source: here, effect: removes, parameters: {id: {required: true}}}
  deleteSafe: {group: Safe, source: here, effect: removes, parameters: {id: {required: true}}}
";

/// What the cloud reads of them.
const MODEL: &str = "
kinds:
  safe:
    about: Safes.
    used_by: [secret.safeid]
    fields: {id: id, name: text, account: owner}
  secret:
    about: Secrets in safes.
    unique: name
    tagged_as: Secret
    fields:
      id: id
      name: text
      safeid: text
      safename: {of: safe.name, by: safeid}
      rotation: {number: 30}
      state: {always: Open}
      account: owner
      created: created
      tags: list
commands:
  createSafe: {create: safe}
  deleteSafe: {delete: safe}
  listSecrets: {list: secret}
  createSecret:
    create: secret
    checks:
    - {own: safe, by: safeid}
    - {number: rotation, from: 1, to: 90}
  updateSecret: {update: secret}
  sealSecret:
    change: secret
    from: [Open]
    through: Sealing
    to: Sealed
    called: sealed
  moveSecret:
    change: secret
    checks: [{own: safe, by: safeid}]
    from: [Open]
    called: moved
    sets: {safeid: text, safename: {of: safe.name, by: safeid}}
  deleteSecret: {delete: secret, for: admins}
";

fn client() -> Client {
    let mut mistakes = Diagnostics::new();
    let model = Model::of_documents(&[SourceFile::new("safes.yaml", MODEL)], &mut mistakes);
    assert_eq!(mistakes.iter().count(), 0, "{}", crate::data::tests::written(&mistakes));
    let operations = concat!(include_str!("../../../../suites/cloudstack/operations.yaml"), "\n").to_owned() + DOCUMENT;
    let suite = read_suite([
        include_str!("../../../../suites/cloudstack/suite.yaml"),
        &operations,
        include_str!("../../../../suites/cloudstack/requirements.yaml"),
    ]);
    Client::of_model(Behaviour::Documented, &[], Box::leak(Box::new(model)), suite)
}

fn id(answer: &Value, kind: &str) -> String {
    answer[kind]["id"].as_str().unwrap_or_else(|| panic!("no id of a {kind}: {answer}")).to_owned()
}

#[test]
fn a_kind_of_data_alone_has_a_life() {
    let mut client = client();
    let safe = id(&client.call("createSafe", &[("name", "one")]), "safe");
    let made = client.call("createSecret", &[("name", "key"), ("safeid", &safe)]);
    let secret = id(&made, "secret");
    assert_eq!(made["secret"]["rotation"], 30, "the default that the data gives: {made}");
    assert_eq!(made["secret"]["safename"], "one");
    assert_eq!(made["secret"]["account"], "root-admin");

    let changed = client.call("updateSecret", &[("id", &secret), ("rotation", "7")]);
    assert_eq!((&changed["secret"]["rotation"], &changed["secret"]["name"]), (&7.into(), &"key".into()));
    client.call(
        "createTags",
        &[("resourcetype", "Secret"), ("resourceids", &secret), ("tags[0].key", "role"), ("tags[0].value", "web")],
    );

    let sealed = client.done("sealSecret", &[("id", &secret)]);
    assert_eq!(sealed["secret"]["state"], "Sealed");
    assert_eq!(client.first("listSecrets", &[("state", "Sealed")], "secret")["tags"][0]["value"], "web");
    assert_eq!(client.call("listSecrets", &[("state", "Open")]).get("secret"), None);
    assert_eq!(client.refusal("sealSecret", &[("id", &secret)]), 431, "it is sealed already");
    assert_eq!(client.refusal("moveSecret", &[("id", &secret), ("safeid", &safe)]), 431, "it is sealed");

    assert_eq!(client.refusal("deleteSafe", &[("id", &safe)]), 536, "it is in use");
    client.call("deleteSecret", &[("id", &secret)]);
    assert_eq!(client.call("listSecrets", &[]).get("secret"), None);
    client.call("deleteSafe", &[("id", &safe)]);
}

#[test]
fn what_data_forbids_is_refused() {
    let mut client = client();
    let safe = id(&client.call("createSafe", &[("name", "one")]), "safe");
    let secret = [("name", "key"), ("safeid", safe.as_str())];
    assert_eq!(client.refusal("createSecret", &[("name", "key"), ("safeid", "nowhere")]), 431);
    assert_eq!(client.refusal("createSecret", &[secret[0], secret[1], ("rotation", "91")]), 431);
    let secret = id(&client.call("createSecret", &secret), "secret");
    assert_eq!(client.refusal("createSecret", &[("name", "key"), ("safeid", &safe)]), 431, "the name is taken");

    client.sign_in("user");
    assert_eq!(client.refusal("createSecret", &[("name", "own"), ("safeid", &safe)]), 531, "the safe is another's");
    assert_eq!(client.refusal("updateSecret", &[("id", &secret), ("rotation", "1")]), 531);
    assert_eq!(client.refusal("deleteSecret", &[("id", &secret)]), 401, "that is for administrators");
    assert_eq!(client.call("listSecrets", &[]).get("secret"), None);
}
