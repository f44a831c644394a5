//! Documents of all versions, and what is wrong with them.

use serde_json::json;

use super::*;
use crate::source::{Diagnostics, Documents, Node, SourceFile};
use crate::{Demand, Effect, Location, Presence, ResponseStatus, Suite, Variable};

fn documents(files: &[(&str, &str)]) -> Documents {
    let mut documents = Documents::default();
    for (path, text) in files {
        documents.insert(SourceFile::new(*path, *text));
    }
    documents
}

/// Reads a suite whose document is `a.yaml`, together with other files.
fn read_with(text: &str, others: &[(&str, &str)]) -> (Option<Suite>, Diagnostics) {
    let mut documents = documents(others);
    documents.insert(SourceFile::new("suites/a/a.yaml", text));
    let suite = SourceFile::new("suites/a/suite.yaml", "suite: a\nopenapi: a.yaml\n");
    let mut mistakes = Diagnostics::new();
    let read = read(&Node::parse(&suite).unwrap(), &documents, "suites/a/", &mut mistakes);
    (read, mistakes)
}

fn sound(text: &str) -> Suite {
    let (suite, mistakes) = read_with(text, &[]);
    suite.unwrap_or_else(|| panic!("{}", mistakes.render(crate::source::Paint::Plain)))
}

/// The first mistake, with its place.
fn mistake(text: &str, others: &[(&str, &str)]) -> String {
    let (_, mistakes) = read_with(text, others);
    let first = mistakes.iter().next().unwrap();
    format!("{}: {}", first.place.as_ref().map(ToString::to_string).unwrap_or_default(), first.message)
}

const PETS: &str = r##"
openapi: 3.0.3
info: {title: Pets, version: 1}
servers: [{url: "https://{host}/api/v3", variables: {host: {default: pets.example}}}]
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
      - {name: tags, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
      responses: {200: {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}}}
    post:
      operationId: createPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {'201': {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get: {operationId: getPet, responses: {200: {description: ok}, 4XX: {description: no}, default: {description: other}}}
    delete: {operationId: deletePet, responses: {204: {description: gone}}}
components:
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, minLength: 1, nullable: true}
        age: {type: integer, minimum: 0, exclusiveMinimum: true}
        parent: {$ref: "#/components/schemas/Pet"}
"##;

#[test]
fn a_document_becomes_operations_with_what_removes_what_they_create() {
    let suite = sound(PETS);
    let create = &suite.operations["createPet"];
    let undo = create.undo.as_ref().unwrap();
    assert_eq!((create.effect, undo.call.value.0.as_str()), (Effect::Creates, "deletePet"));
    assert_eq!((undo.with[0].0.as_str(), undo.with[0].1.value.as_str()), ("petId", "$.id"));
    let list = suite.operations["listPets"].list.as_ref().unwrap();
    assert_eq!((list.items.as_str(), list.key.as_deref()), ("", Some("id")));
    let described = suite.described.as_ref().unwrap();
    assert_eq!(
        (described.base_path.as_str(), described.server.as_deref()),
        ("/api/v3", Some("https://pets.example/api/v3"))
    );
    let contract = suite.operations["getPet"].contract.as_ref().unwrap();
    assert_eq!(contract.response(200).unwrap().status, ResponseStatus::Exactly(200));
    assert_eq!(contract.response(404).unwrap().status, ResponseStatus::Family(4));
    assert_eq!(contract.response(503).unwrap().status, ResponseStatus::Default);
}

#[test]
fn each_constraint_is_a_requirement_with_its_line() {
    let suite = sound(PETS);
    let rules = &suite.operations["createPet"].contract.as_ref().unwrap().body().unwrap().rules;
    let find = |id: &str| rules.iter().find(|rule| rule.requirement.0 == id).unwrap_or_else(|| panic!("{id}"));
    assert_eq!(find("createPet.body.age.exclusiveMinimum").demand, Demand::Above(0.into()));
    assert_eq!(find("createPet.body.name.type").demand, Demand::Type(vec!["string".into(), "null".into()]));
    // What is only read need not be sent.
    assert!(!rules.iter().any(|rule| rule.requirement.0 == "createPet.body.id.required"));
    let requirement = &suite.requirements["createPet.body.name.minLength"];
    assert_eq!(requirement.source, "suites/a/a.yaml:27");
    assert_eq!(requirement.text, "createPet: `name` in the body has at least 1 characters");
}

#[test]
fn schemas_of_3_0_are_written_as_those_of_today() {
    let suite = sound(PETS);
    let schemas = &suite.described.as_ref().unwrap().schemas;
    let (_, schema) = schemas.iter().find(|(path, _)| path == "a/createPet.201.json").unwrap();
    assert_eq!(schema["$ref"], "#/$defs/Pet");
    let pet = &schema["$defs"]["Pet"];
    assert_eq!(pet["properties"]["name"]["type"], json!(["string", "null"]));
    assert_eq!(pet["properties"]["age"], json!({"type": "integer", "exclusiveMinimum": 0}));
    assert_eq!(pet["properties"]["parent"], json!({"$ref": "#/$defs/Pet"}));
    let body = &suite.operations["createPet"].contract.as_ref().unwrap().body().unwrap().schema;
    assert_eq!(body["$defs"]["Pet"]["required"], json!(["name"]));
    assert!(body["$defs"]["Pet"]["properties"].get("id").is_none());
}

#[test]
fn swagger_2_is_read_too() {
    let suite = sound(
        r#"
swagger: "2.0"
info: {title: Old, version: "1"}
host: old.example
basePath: /v2
schemes: [https]
securityDefinitions: {key: {type: apiKey, in: query, name: api_key}}
security: [{key: []}]
paths:
  /things:
    post:
      parameters:
      - {name: body, in: body, required: true, schema: {type: object, required: [a], properties: {a: {type: string}}}}
      responses: {201: {description: ok, schema: {type: object, properties: {id: {type: string}}}}}
  /form:
    post:
      consumes: [application/x-www-form-urlencoded]
      parameters: [{name: a, in: formData, type: string, required: true, maxLength: 5}]
      responses: {200: {description: ok}}
"#,
    );
    let create = &suite.operations["post-things"];
    let contract = create.contract.as_ref().unwrap();
    assert_eq!(contract.body().unwrap().schema["required"], json!(["a"]));
    assert_eq!(contract.responses[0].content[0].media_type, "application/json");
    let key = &create.parameters["key"];
    assert_eq!((key.location, key.presence, key.secret), (Location::Query, Presence::Required, true));
    assert_eq!(key.wire.as_ref().unwrap().name, "api_key");
    let form = suite.operations["post-form"].contract.as_ref().unwrap();
    assert_eq!(form.media_types, ["application/x-www-form-urlencoded"]);
    let ids: Vec<_> = form.body().unwrap().rules.iter().map(|rule| rule.requirement.0.as_str()).collect();
    assert_eq!(ids, ["post-form.body.a.required", "post-form.body.a.type", "post-form.body.a.maxLength"]);
    assert_eq!(suite.described.unwrap().server.as_deref(), Some("https://old.example/v2"));
}

#[test]
fn references_lead_to_files_below_the_document_and_nowhere_else() {
    let of = |reference: &str| {
        format!(
            "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        200: {{description: a, content: {{application/json: \
             {{schema: {{$ref: \"{reference}\"}}}}}}}}\n"
        )
    };
    let other = [("suites/a/parts/b.yaml", "B: {type: string}\n"), ("suites/secret.yaml", "B: {}\n")];
    let (suite, _) = read_with(&of("parts/b.yaml#/B"), &other);
    let schemas = &suite.unwrap().described.unwrap().schemas;
    assert_eq!(schemas[0].1["$defs"]["B"], json!({"type": "string"}));
    for (reference, expected) in [
        ("../secret.yaml#/B", "leads out of the document's folder"),
        ("/etc/passwd", "is not a relative path"),
        ("https://example.com/b.yaml", "leads to the network"),
        ("file:///etc/passwd", "leads to a file by its address"),
        ("parts/c.yaml#/B", "there is no file suites/a/parts/c.yaml"),
        ("parts/b.yaml#/C", "leads to nothing"),
        ("#/components/schemas/A", "leads to nothing"),
    ] {
        let rendered = mistake(&of(reference), &other);
        assert!(rendered.starts_with("suites/a/a.yaml:6:") && rendered.contains(expected), "{reference}: {rendered}");
    }
}

#[test]
fn mistakes_are_reported_with_their_places() {
    for (text, expected) in [
        ("a: 1\n", "suites/a/a.yaml:1:1: this is no OpenAPI document"),
        ("<!DOCTYPE html>\n<html><head/></html>\n", "suites/a/a.yaml:1:1: this is an HTML page"),
        ("openapi: 4.0.0\npaths: {}\n", "suites/a/a.yaml:1:10: `4.0.0` is not a version"),
        ("openapi: 3.1.0\npaths: {}\n", "suites/a/a.yaml:2:8: the document describes no operation"),
        ("openapi: 3.1.0\nwebhooks: {a: {}}\n", "suites/a/a.yaml:2:1: the document describes webhooks alone"),
        (
            "openapi: 3.1.0\npaths:\n  a: {get: {responses: {}}}\n",
            "suites/a/a.yaml:3:3: the path `a` does not begin with /",
        ),
        ("openapi: 3.1.0\npaths: {/a: {get: {responses: {2000: {}}}}}\n", "suites/a/a.yaml:2:32: `2000` is no status"),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {security: [{x: []}], responses: {200: {description: a}}}}}\n",
            "suites/a/a.yaml:2:32: there is no security scheme `x`",
        ),
        (
            "openapi: 3.1.0\npaths: {/a: {get: {parameters: [{name: x, in: qery}], responses: {200: {description: a}}}}}\n",
            "suites/a/a.yaml:2:40: a parameter can't be in `qery`",
        ),
    ] {
        let rendered = mistake(text, &[]);
        assert!(rendered.starts_with(expected), "{rendered}");
    }
}

#[test]
fn circles_and_bombs_end() {
    let circle = "openapi: 3.1.0\npaths:\n  /a: {$ref: \"#/paths/~1b\"}\n  /b: {$ref: \"#/paths/~1a\"}\n";
    assert!(mistake(circle, &[]).contains("leads in a circle"));
    // Each schema refers to the next one twice: as a tree there are 2^200.
    let mut bomb = String::from(
        "openapi: 3.1.0\npaths:\n  /a:\n    post:\n      requestBody: {content: {application/json: {schema: {$ref: \"#/components/schemas/S0\"}}}}\n      responses: {200: {description: a}}\ncomponents:\n  schemas:\n",
    );
    for number in 0..200 {
        let next = format!("#/components/schemas/S{}", number + 1);
        bomb += &format!(
            "    S{number}: {{type: object, properties: {{a: {{$ref: \"{next}\"}}, b: {{$ref: \"{next}\"}}}}}}\n"
        );
    }
    bomb += "    S200: {type: string}\n";
    let suite = sound(&bomb);
    let body = suite.operations["post-a"].contract.as_ref().unwrap().body().unwrap();
    assert!(body.rules.len() <= 200, "{}", body.rules.len());
    // A file that is all aliases.
    let aliases: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1)).collect();
    let rendered = mistake(&format!("openapi: 3.1.0\na0: &a0 [x]\n{aliases}"), &[]);
    assert!(rendered.contains("nested too deep, or repeated too often"), "{rendered}");
}

#[test]
fn what_is_added_goes_before() {
    let operations = "operations:\n  createPet: {effect: changes}\n  deletePet: {effect: removes}\n";
    let (suite, _) = read_with(PETS, &[("suites/a/operations.yaml", operations)]);
    assert_eq!(suite.unwrap().operations["createPet"].effect, Effect::Changes);
    let rendered = mistake(PETS, &[("suites/a/operations.yaml", "operations:\n  createPat: {}\n")]);
    assert!(
        rendered.starts_with("suites/a/operations.yaml:2:3: the document has no operation `createPat`"),
        "{rendered}"
    );
}

#[test]
fn a_suite_is_called_as_its_file_or_as_its_title() {
    let name = |path: &str, text: &str| suite_name(&SourceFile::new(path, text));
    assert_eq!(name("dir/Shop API.yaml", "a: 1"), "shop-api");
    assert_eq!(name("openapi.yaml", "info: {title: The Shop}"), "the-shop");
    assert_eq!(name("openapi.json", "{}"), "openapi");
    assert_eq!(name("service/1.json", "info: {title: The Shop}"), "the-shop");
    assert_eq!(name("v2.yaml", "{}"), "v2");
}

#[test]
fn a_link_says_what_creates_a_thing_and_names_say_what_parameters_of_its_list_do() {
    let document = r##"
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /register:
    post:
      operationId: register
      responses:
        "201":
          description: ok
          content: {application/json: {schema: {type: object, properties: {user: {type: object, properties: {ref: {type: string}}}}}}}
          links: {read: {operationId: readUser, parameters: {userId: "$response.body#/user/ref"}}}
  /users:
    get:
      operationId: listUsers
      parameters:
      - {name: limit, in: query, schema: {type: integer, minimum: 1}}
      - {name: offset, in: query, schema: {type: integer}}
      - {name: role, in: query, schema: {anyOf: [{type: string}, {type: "null"}]}}
      - {name: max_age, in: query, schema: {oneOf: [{type: integer}, {type: "null"}]}}
      - {name: sort, in: query, schema: {enum: [age, -age, other]}}
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}
  /users/{userId}:
    get:
      operationId: readUser
      parameters: [{name: userId, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
    head:
      operationId: headUser
      parameters: [{name: userId, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok}}
components:
  schemas:
    User: {type: object, properties: {userId: {type: string}, role: {type: string}, age: {type: integer}}}
"##;
    let suite = sound(document);
    let described = suite.described.unwrap();
    let user = &described.resources[0];
    assert_eq!(user.create.as_ref().map(|name| name.0.as_str()), Some("register"));
    assert_eq!(user.created_key.as_deref(), Some("$.user.ref"));
    let found: Vec<_> = user.list_laws.iter().map(|law| law.requirement.0.as_str()).collect();
    let expected = [
        "listUsers.query.role.filters",
        "listUsers.query.max_age.filters",
        "listUsers.query.sort.sorts.age",
        "listUsers.query.sort.sorts.-age",
        "listUsers.query.limit.limits",
        "listUsers.query.offset.pages",
    ];
    assert_eq!(found, expected);
    assert!(suite.requirements.contains_key("headUser.as-get"));
}

#[test]
fn one_mistake_in_many_places_is_reported_once() {
    let operation = |number: usize| {
        format!("  /a{number}: {{get: {{responses: {{200: {{$ref: \"#/components/responses/Lost\"}}}}}}}}\n")
    };
    let paths: String = (0..20).map(operation).collect();
    let (_, mistakes) = read_with(&format!("openapi: 3.1.0\ninfo: {{title: A, version: 1}}\npaths:\n{paths}"), &[]);
    let lost: Vec<_> = mistakes.iter().filter(|mistake| mistake.message.contains("leads to nothing")).collect();
    let [lost] = lost.as_slice() else { panic!("{lost:?}") };
    let help = lost.help.as_deref().unwrap();
    assert!(help.ends_with("the same at suites/a/a.yaml:5, suites/a/a.yaml:6, suites/a/a.yaml:7, suites/a/a.yaml:8, suites/a/a.yaml:9 and 14 more places"), "{help}");
}

#[test]
fn a_collection_is_one_with_and_without_a_final_slash_and_at_the_root() {
    for (collection, item) in
        [("/pets", "/pets/{petId}"), ("/pets/", "/pets/{petId}"), ("/pets/", "/pets/{petId}/"), ("/", "/{petId}")]
    {
        let text =
            PETS.replace("  /pets:", &format!("  {collection}:")).replace("  /pets/{petId}:", &format!("  {item}:"));
        let suite = sound(&text);
        let resources = &suite.described.as_ref().unwrap().resources;
        assert_eq!(resources.len(), 1, "{collection} {item}");
        assert_eq!(resources[0].create.as_ref().map(|name| name.0.as_str()), Some("createPet"), "{collection} {item}");
        assert!(suite.operations["createPet"].undo.is_some(), "{collection} {item}");
        assert_eq!(crate::place_of(item, "petId"), Some(resources[0].place()));
    }
}

#[test]
fn a_thing_is_the_same_by_whatever_name_a_path_calls_it() {
    let pet = "  /pets/{petId}:";
    let toys = "  /pets/{id}/toys/{toyId}:\n    parameters: [{name: id, in: path, required: true, schema: {type: integer}}, {name: toyId, in: path, required: true, schema: {type: integer}}]\n    get: {operationId: getToy, responses: {200: {description: ok}}}\n";
    let suite = sound(&PETS.replace(pet, &format!("{toys}{pet}")));
    let toys = &suite.described.as_ref().unwrap().resources[1];
    assert_eq!(toys.parents, [("id".to_owned(), Variable("petId".to_owned()))]);
}

#[test]
fn a_file_is_one_by_its_media_type_too() {
    let file = r"{type: object, properties: {f: {type: string, contentMediaType: application/octet-stream}}}";
    let body =
        "requestBody: {required: true, content: {application/json: {schema: {$ref: \"#/components/schemas/Pet\"}}}}";
    assert!(PETS.contains(body));
    let suite =
        sound(&PETS.replace(body, &format!("requestBody: {{content: {{multipart/form-data: {{schema: {file}}}}}}}")));
    let body = suite.operations["createPet"].contract.as_ref().unwrap().body().unwrap().clone();
    assert_eq!(body.schema["properties"]["f"]["contentMediaType"], "application/octet-stream");
}

#[test]
fn what_may_be_null_is_held_to_the_rest_of_its_schema() {
    let age = "age: {type: integer, minimum: 0, exclusiveMinimum: true}";
    assert!(PETS.contains(age));
    let age_or_null = "age: {anyOf: [{type: integer, minimum: 0}, {type: \"null\"}]}\n        kind: {oneOf: [{type: string, maxLength: 3}, {type: integer}]}";
    let suite = sound(&PETS.replace(age, age_or_null).replace("3.0.3", "3.1.0"));
    let body = suite.operations["createPet"].contract.as_ref().unwrap().body().unwrap();
    let of = |name: &str| {
        body.rules.iter().find(|rule| rule.requirement.0 == format!("createPet.body.{name}")).map(|rule| &rule.demand)
    };
    assert_eq!(of("age.minimum"), Some(&Demand::Minimum(0.into())));
    assert_eq!(of("age.type"), Some(&Demand::Type(vec!["integer".to_owned(), "null".to_owned()])));
    // Of several the rules of the first: what breaks one is held against all before it is sent.
    assert_eq!(of("kind.maxLength"), Some(&Demand::MaxLength(3)));
}

/// A keyword that can't be spoils no schema: what else is said there still counts.
#[test]
fn types_and_numbers_that_no_value_can_have_are_remarked_and_left_out() {
    let text = r"
openapi: 3.1.0
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        a: {type: int, maximum: 7}, b: {type: number, multipleOf: 0}, c: {type: [string, null], minLength: -1}}}}}}
      responses: {200: {description: a}}
";
    let (suite, mistakes) = read_with(text, &[]);
    let suite = suite.unwrap();
    let body = suite.operations["post-a"].contract.as_ref().unwrap().body().unwrap();
    let properties = &body.schema["properties"];
    assert_eq!(properties["a"], json!({"maximum": 7}));
    assert_eq!(properties["b"], json!({"type": "number"}));
    assert_eq!(properties["c"], json!({"type": ["string", "null"]}));
    let types: Vec<_> = body.rules.iter().filter(|rule| matches!(rule.demand, Demand::Type(_))).collect();
    assert_eq!(types.len(), 3, "{types:?}");
    let rendered = mistakes.render(crate::source::Paint::Plain);
    for part in
        ["a.yaml:7:19", "write `type: integer`", "a.yaml:7:67", "`multipleOf` is above 0", "`minLength` is 0 or more"]
    {
        assert!(rendered.contains(part), "{part}:\n{rendered}");
    }
}

/// The document may be above the folder that the program is called in.
#[test]
fn references_within_a_document_above_the_current_folder_are_followed() {
    let text = "openapi: 3.1.0\npaths: {/a: {$ref: 'parts/b.yaml#/A'}}\n";
    let part = "A: {get: {responses: {200: {$ref: '#/B'}}}}\nB: {description: b}\n";
    for folder in ["../", "../../", "../specs/"] {
        let root = format!("{folder}shop.yaml");
        let documents = documents(&[(root.as_str(), text), (format!("{folder}parts/b.yaml").as_str(), part)]);
        let suite = SourceFile::new("suites/shop/suite.yaml", format!("suite: shop\nopenapi: {root}\n"));
        let mut mistakes = Diagnostics::new();
        let suite = read(&Node::parse(&suite).unwrap(), &documents, "suites/shop/", &mut mistakes);
        assert_eq!(mistakes.render(crate::source::Paint::Plain), "", "{folder}");
        assert_eq!(suite.unwrap().operations.len(), 1);
    }
    let out = [("../shop.yaml", "openapi: 3.1.0\npaths: {/a: {$ref: '../b.yaml#/A'}}\n"), ("../../b.yaml", part)];
    let suite = SourceFile::new("suites/shop/suite.yaml", "suite: shop\nopenapi: ../shop.yaml\n");
    let mut mistakes = Diagnostics::new();
    read(&Node::parse(&suite).unwrap(), &documents(&out), "suites/shop/", &mut mistakes);
    assert!(mistakes.render(crate::source::Paint::Plain).contains("leads out of the document's folder"));
}

#[test]
fn a_post_only_reads_where_its_words_say_so_for_certain() {
    let effect = |path: &str, more: &str, others: &str| {
        let names: Vec<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
        let named: String = names
            .iter()
            .map(|name| format!("{{name: {name}, in: path, required: true, schema: {{type: string}}}}, "))
            .collect();
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: A, version: '1'}}\npaths:\n  \"{path}\":\n    post: {{{more}parameters: [{named}], \
             requestBody: {{required: true, content: {{application/json: {{schema: {{type: object}}}}}}}}, \
             responses: {{'200': {{description: ok}}}}}}\n{others}"
        );
        let suite = sound(&text);
        suite.operations.values().find(|one| one.request.as_ref().unwrap().method.name() == "POST").unwrap().effect
    };
    for path in [
        "/search",
        "/things/search",
        "/things/_search",
        "/things/{id}/search",
        "/logs/query",
        "/logs:query",
        "/things/bulk_get",
        "/things:batchGet",
        "/v1/things/search-by-text",
        "/things/count",
    ] {
        let found = effect(path, "", "");
        assert_eq!(found, Effect::Reads, "{path}");
        assert_ne!(effect(path, "operationId: searchAndSave, ", ""), Effect::Reads, "{path}");
    }
    for path in
        ["/query", "/api/v1/list", "/filter", "/things/estimate", "/things/find-and-replace", "/find-or-create", "/get"]
    {
        assert_ne!(effect(path, "", ""), Effect::Reads, "{path}");
    }
    let got = "    get: {responses: {'200': {description: ok}}}\n";
    assert_eq!(effect("/shopping/list", "", got), Effect::Creates);
    assert_eq!(effect("/things/search", "", got), Effect::Reads);
    assert_eq!(effect("/things/{id}/query", "operationId: replaceAll, ", ""), Effect::Changes);
}
