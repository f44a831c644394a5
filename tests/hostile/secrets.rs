//! Secrets are planted in target files, in the environment and in answers, and looked for in everything that runs write and
//! tell, in every form in which they travel.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex::Regex;
use serde_json::{Value, json};

use super::run::Place;
use super::survival::set;
use super::through::{Cloud, Passing};
use super::yard::{Then, Visit, Yard, right};

/// With all that is spelt in several ways somewhere.
const TOKEN: &str = "geheim+tok/en=mit&allem<und>\"noch'mehr%25 ende";
/// What a variable of the target takes from the environment.
const ADMIN: &str = "geheim/aus der+umgebung";
/// What an answer shows as a password.
const PASSWORD: &str = "geheimes-passwort-der-maschine";

/// A secret in the forms in which it travels. What finds them must not be what hides them.
fn forms(secret: &str) -> Vec<String> {
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let lower = Regex::new("%[0-9A-F]{2}")
        .unwrap()
        .replace_all(&percent, |found: &regex::Captures<'_>| found[0].to_lowercase())
        .into_owned();
    let quoted = json!(secret).to_string();
    let json = quoted[1..quoted.len() - 1].to_owned();
    let by_number = |open: &str, hexadecimal: bool, close: &str| {
        let spelt = |character: char| match (character.is_ascii_alphanumeric(), hexadecimal) {
            (true, _) => character.to_string(),
            (false, true) => format!("{open}{:x}{close}", u32::from(character)),
            (false, false) => format!("{open}{}{close}", u32::from(character)),
        };
        secret.chars().map(spelt).collect::<String>()
    };
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        secret.to_owned(),
        percent.replace("%20", "+"),
        percent,
        lower,
        json.replace('/', "\\/"),
        json,
        by_number("&#", false, ";"),
        by_number("&#x", true, ";"),
        by_number("\\u00", true, ""),
        xml.replace('\'', "&#39;"),
        xml.replace('\'', "&apos;"),
        xml,
        STANDARD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hexadecimal.to_uppercase(),
        hexadecimal,
    ];
    // The padding of Base64 shows nothing.
    forms.iter_mut().for_each(|form| form.truncate(form.trim_end_matches('=').len()));
    forms.sort();
    forms.dedup();
    forms
}

/// All that runs printed and wrote.
#[derive(Default)]
struct Output(Vec<(String, String)>);

impl Output {
    fn printed(&mut self, command: &str, printed: String) {
        self.0.push((format!("the terminal, of {command}"), printed));
    }

    /// The files of a folder, but for those that hold the keys by their nature.
    fn written(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.written(&path);
            } else if path.extension().is_none_or(|extension| extension != "yaml") {
                self.0.push((
                    path.display().to_string(),
                    String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
                ));
            }
        }
    }

    /// Where any of these is found. What is in texts within texts is read, too.
    fn find(&self, secrets: &BTreeSet<String>) -> Vec<String> {
        let all: BTreeSet<_> = secrets.iter().flat_map(|secret| forms(secret)).collect();
        let any = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).build(&all).unwrap();
        let mut found = BTreeSet::new();
        for (place, text) in &self.0 {
            let once = text.replace("\\\"", "\"").replace("\\\\", "\\");
            let twice = once.replace("\\\"", "\"").replace("\\\\", "\\");
            for text in [text, &once, &twice] {
                for at in any.find_iter(text) {
                    let from = (0..=at.start().saturating_sub(60)).rev().find(|from| text.is_char_boundary(*from));
                    let before = &text[from.unwrap_or_default()..at.start()];
                    found.insert(format!("{place}: {} after {before:?}", &text[at.range()]));
                }
            }
        }
        found.into_iter().collect()
    }
}

/// Reports whatever it knows, in every form that fits into a text.
fn parroted(known: &BTreeSet<String>) -> String {
    known.iter().flat_map(|secret| forms(secret)).collect::<Vec<_>>().join(" ~ ")
}

fn escaped_for_xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A yard that shows the token and a password wherever it can: well-formed in answers about tools, in refusals of nails, and
/// on a page about screws.
fn parrot(visit: &mut Visit) -> Then {
    let headers = visit.headers();
    let printed = format!("{} {headers} {}", visit.address, parroted(&set(&[TOKEN, ADMIN])));
    let visible: String = printed.chars().filter(|character| !character.is_control() && character.is_ascii()).collect();
    let more = format!(
        "x-echo: {visible}\r\nset-cookie: session={}\r\nlocation: http://h/?token={}&x=1\r\n",
        forms(TOKEN)[1],
        forms(TOKEN)[2]
    );
    let whole = if visit.is_xml() {
        let body = right(visit.operation(), true);
        let printed = escaped_for_xml(&printed);
        body.replacen("response>", &format!("response><printed>{printed}</printed><password>{PASSWORD}</password>"), 1)
    } else {
        let mut body: Value = serde_json::from_str(&right(visit.operation(), false)).unwrap();
        for (_, answer) in body.as_object_mut().unwrap() {
            let nested = json!({"password": PASSWORD, "token": TOKEN}).to_string();
            let more = json!({"printed": printed, "password": PASSWORD, "secretkey": PASSWORD, "nested": nested,
                "asked": format!("http://h/?userpassword={PASSWORD}&token={}", forms(TOKEN)[1])});
            answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        body.to_string()
    };
    match visit.operation() {
        "listTools" => visit.send("200 OK", &more, whole.as_bytes()),
        "listNails" => {
            visit.send("401 Unauthorized", &more, json!({"error": {"errortext": printed}}).to_string().as_bytes());
        }
        _ => visit.send("200 OK", &more, format!("<html>{printed}</html>").as_bytes()),
    }
    Then::Next
}

const REPORTS: [&str; 8] = [
    "--report",
    "html=more/r.html",
    "--report",
    "junit=more/r.xml",
    "--report",
    "json=more/r.json",
    "--report",
    "markdown=more/r.md",
];

/// The commands that a person may give, the failing ones too.
fn commands() -> Vec<Vec<&'static str>> {
    let target = ["--target", "target.yaml"];
    let mut commands = vec![
        [&["test", "--output", "test-run"][..], &target, &REPORTS].concat(),
        [&["test", "--quiet", "--strict", "--output", "second-run"][..], &target].concat(),
        [&["report", "test-run"][..], &REPORTS].concat(),
        [&["load", "yard::", "--output", "load-run"][..], &target, &REPORTS].concat(),
        [&["report", "load-run", "--report", "histograms=more/r.hlog"][..], &REPORTS].concat(),
        vec!["compare", "load-run", "load-run", "--report", "html=more/c.html", "--report", "markdown=more/c.md"],
        vec!["check", "target.yaml"],
        [&["discover", "--suite", "yard"][..], &target].concat(),
    ];
    for format in ["html", "junit", "json", "markdown"] {
        let to_the_terminal: &'static str = Box::leak(format!("{format}=-").into_boxed_str());
        commands.push(vec!["report", "test-run", "--report", to_the_terminal]);
        commands.push(vec!["report", "load-run", "--report", to_the_terminal]);
    }
    for operation in ["listTools", "listNails", "listScrews"] {
        commands.push([&["call", "yard", operation, "--hide-secrets"][..], &target].concat());
        let more = ["--hide-secrets", "--explain", "--format", "xml", "--post"];
        commands.push([&["call", "yard", operation][..], &more, &target].concat());
    }
    commands
}

fn run_all(place: &Place, commands: &[Vec<&str>], output: &mut Output) {
    for arguments in commands {
        let mut command = place.command(arguments);
        command.env("YARD_TOKEN", TOKEN).env("YARD_ADMIN", ADMIN).env("NO_COLOR", "1");
        output.printed(&arguments.join(" "), place.watch(command).printed);
    }
    output.written(place.folder.path());
}

fn target(place: &Place, url: &str) {
    let text = format!(
        "target: the yard\nsuites:\n  yard: {{url: \"{url}\", credentials: {{token: \"${{YARD_TOKEN}}\"}}}}\n\
         limits: {{deadline: 4s}}\nvariables: {{whose: \"${{YARD_TOKEN}}\", admin_password: \"${{YARD_ADMIN}}\", named: \"x-${{YARD_ADMIN}}\"}}\n"
    );
    place.write("target.yaml", &text);
}

#[test]
fn a_server_that_shows_all_it_knows_is_not_repeated() {
    let (place, yard, mut output) = (Place::new(), Yard::serve(parrot), Output::default());
    target(&place, &format!("http://{}/api", yard.address));
    run_all(&place, &commands(), &mut output);
    assert!(yard.asked().len() > 50, "the parrot was hardly asked");
    let planted = set(&[TOKEN, PASSWORD, ADMIN]);
    let found = output.find(&planted);
    println!(
        "\n| yard | {} outputs | {} forms of {} secrets | found: {} |",
        output.0.len(),
        forms(TOKEN).len(),
        planted.len(),
        found.len()
    );
    assert!(found.is_empty(), "{found:#?}");
    assert!(output.0.iter().any(|(_, text)| text.contains("[redacted")), "nothing was looked through");
}

#[test]
fn a_call_shows_what_was_asked_for_but_no_key_of_the_target() {
    let (place, yard) = (Place::new(), Yard::serve(parrot));
    target(&place, &format!("http://{}/api", yard.address));
    for format in ["json", "xml"] {
        let mut output = Output::default();
        let arguments = ["call", "yard", "listTools", "--format", format, "--explain", "--target", "target.yaml"];
        let mut command = place.command(&arguments);
        command.env("YARD_TOKEN", TOKEN).env("YARD_ADMIN", ADMIN).env("NO_COLOR", "1");
        let printed = place.watch(command).printed;
        assert!(printed.contains(PASSWORD), "{printed}");
        output.printed("call", printed);
        let found = output.find(&set(&[TOKEN]));
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn runs_that_fail_tell_no_secrets_either() {
    let (place, mut output) = (Place::new(), Output::default());
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    target(&place, &format!("http://{nobody}/api"));
    run_all(&place, &commands(), &mut output);
    // A page instead of the API; it has the token in it.
    let page = Yard::serve(|visit| {
        visit.headers();
        let printed = format!("<html>{} {}</html>", visit.address, parroted(&set(&[TOKEN])));
        visit.send("200 OK", "", printed.as_bytes());
        Then::Next
    });
    target(&place, &format!("http://{}/api", page.address));
    run_all(&place, &commands(), &mut output);
    let found = output.find(&set(&[TOKEN, PASSWORD, ADMIN]));
    assert!(found.is_empty(), "{found:#?}");
}

/// Target files with a mistake each, and a secret near it.
const WRONG_TARGETS: [&str; 36] = [
    "suites: {yard: {url: \"http://h/\", credentials: {token: SECRET}, oops: 1}}",
    "suites: {yard: {url: nowhere, api_key: 'SECRET', secret_key: \"SECRET\"}}",
    "suites:\n  yard:\n    url: http://h/\n    secret_key: SECRET\n    secret_key: SECRET",
    "suites:\n  yard:\n    url: http://h/\n    credentials: SECRET",
    "suites:\n  yard:\n    credentials: {token: \"SECRET\", app_code: \"${NO_SUCH_VARIABLE}\"}\n    url: http://h/",
    "suites: {yard: {api_key: SECRET, secret_key: SECRET",
    "suites: {yadr: {url: \"http://h/\", api_key: SECRET, secret_key: SECRET}}",
    "suites: {yadr: {url: \"http://h/\", credentials: {token: \"SECRET\"}}}",
    "suites: {yard: {url: \"http://user:SECRET@h/\"}}",
    "suites: {yard: {url: \"http://SECRET@h/\"}}",
    "suites: {yard: {url: \"ftp://h/?token=SECRET\"}}",
    "suites: {yard: {url: \"SECRET\"}}",
    "suites: {yard: {url: [\"SECRET\"]}}",
    "suites: {yard: {url: {SECRET: 1}}}",
    "suites: {yard: {url: http://h/, pass: SECRET}}",
    "suites: {yard: {url: http://h/, auth: SECRET}}",
    "suites: {yard: {url: http://h/, auth: {user: u, word: SECRET}}}",
    "suites: {yard: {url: http://h/, credentials: {token: it is SECRET and more}, allow: x}}",
    "suites: {yard: {url: http://h/, credentials: {token: 'it''s SECRET'}, allow: x}}",
    "suites: {yard: {url: http://h/, credentials: {token: [SECRET, SECRET]}}}",
    "suites: {yard: {url: http://h/, credentials: {token: {of: SECRET}}}}",
    "suites: {yard: {url: http://h/, credentials: {SECRET}}}",
    "suites: {yard: {url: http://h/, credentials: [SECRET]}}",
    "suites: {yard: {url: http://h/, credentials: {token: &t SECRET, more: *u}}}",
    "suites: {yard: {url: http://h/, credentials: {token: \"SECRET${NO_SUCH_VARIABLE}\"}}}",
    "suites: {yard: {url: http://h/, credentials: {token: \"${SECRET}\"}}}",
    "suites: {yard: {url: http://h/, credentials: {token: \"SECRET${\"}}}",
    "suites: {yard: {url: http://h/, credentials: {token: \"SECRET}}}",
    "suites: {yard: {url: http://h/, credentials: {token: %SECRET}}}",
    "suites: {yard: {url: http://h/, credentials: {token: \"SECRET\\q\"}}}",
    "suites: {yard: {url: http://h/}}\nvariables: {admin: [SECRET], word: {x: SECRET}}",
    "suites: {yard: {url: http://h/}}\nvariables: SECRET",
    "suites: {yard: {url: http://h/}}\nallow: SECRET",
    "suites: {yard: {url: http://h/}}\nlimits: {rate: SECRET, deadline: SECRET, in_flight: SECRET}",
    "suites: {yard: {url: http://h/}}\ntls: SECRET\nSECRET: 1",
    "suites: {yard: {url: http://h/, api_key: SECRET}}",
];

#[test]
fn no_mistake_in_a_target_file_shows_a_value_of_it() {
    let (place, mut output) = (Place::new(), Output::default());
    let target = ["--target", "target.yaml"];
    let others = [
        [&["test"][..], &target].concat(),
        [&["load", "yard::"][..], &target].concat(),
        [&["call", "yard", "listTools"][..], &target].concat(),
        [&["discover", "--suite", "yard"][..], &target].concat(),
    ];
    for (number, wrong) in WRONG_TARGETS.into_iter().enumerate() {
        let text = format!("target: t\n{wrong}\n").replace("SECRET", "geheim-im-text");
        place.write("target.yaml", &text);
        let checked = place.run(&["check", "target.yaml"]);
        // Only a run knows which suites there are, and what the environment has.
        let by_check = !wrong.contains("yadr") && !wrong.contains("NO_SUCH");
        assert!(!by_check || checked.printed.contains("target.yaml:"), "{wrong}: {}", checked.printed);
        output.printed(&text, checked.printed);
        let run = place.run(&others[number % others.len()]);
        assert_eq!(run.status.code(), Some(5), "{wrong}: {}", run.printed);
        assert!(run.printed.contains("target.yaml:"), "{wrong}: {}", run.printed);
        output.printed(&text, run.printed);
    }
    let found = output.find(&set(&["geheim-im-text"]));
    assert!(found.is_empty(), "{found:#?}");
}

/// Steers a terminal wherever it can.
fn steering(visit: &mut Visit) -> Then {
    let printed = "\u{1b}[31mred\u{1b}]52;c;aGk=\u{7}\u{1b}]8;;http://h/\u{1b}\\ \u{9b}2J \u{7f}\u{8}\u{202e}\u{2066}";
    visit.headers();
    match visit.operation() {
        "listTools" => {
            visit.send("200 OK", "", json!({"listtoolsresponse": printed, printed: printed}).to_string().as_bytes());
        }
        "listNails" => visit.send("418 No", "", json!({"error": {"errortext": printed}}).to_string().as_bytes()),
        _ => visit.send(
            "200 OK",
            "",
            json!({"api": [{"name": printed}], "x": {printed: printed}}).to_string().as_bytes(),
        ),
    }
    Then::Next
}

#[test]
fn no_control_character_of_a_server_reaches_a_terminal() {
    let (place, yard) = (Place::new(), Yard::serve(steering));
    target(&place, &format!("http://{}/api", yard.address));
    let shown = commands().into_iter().filter(|arguments| arguments[0] != "call");
    for arguments in shown {
        let mut command = place.command(&arguments);
        command.env("YARD_TOKEN", TOKEN).env("YARD_ADMIN", ADMIN).env("NO_COLOR", "1");
        let printed = place.watch(command).printed;
        let steers = |character: &char| {
            character.is_control() && !matches!(character, '\n' | '\t' | '\r')
                || "\u{202e}\u{2066}".contains(*character)
        };
        let found: Vec<_> = printed.chars().filter(steers).collect();
        assert!(found.is_empty(), "{arguments:?}: {found:?} in {printed}");
    }
}

/// Adds to every answer of a cloud what it knows of the one who asks: keys, signature, headers.
fn parrot_of_a_cloud(keys: &BTreeSet<String>, proofs: &Mutex<BTreeSet<String>>, passing: &mut Passing) {
    let proof = Regex::new(r"(?i)[?&]signature=([^&\s]+)|(?m)^authorization: (.*(?:signature=(\w+))?)\r?$").unwrap();
    let asked = format!("{}\n{}\n?{}", passing.address, passing.headers, passing.body);
    let mut own = BTreeSet::new();
    for found in proof.captures_iter(&asked) {
        let texts = found
            .iter()
            .skip(1)
            .flatten()
            .map(|text| percent_decode_str(text.as_str()).decode_utf8_lossy().trim().to_owned());
        own.extend(texts.filter(|text| text.len() > 8));
    }
    proofs.lock().unwrap().extend(own.clone());
    let printed = format!("{asked} {}", parroted(&keys.union(&own).cloned().collect()));
    let text = String::from_utf8_lossy(&passing.answer).into_owned();
    if let Ok(mut answer) = serde_json::from_str::<Value>(&text) {
        let inner = answer.as_object_mut().and_then(|answer| answer.values_mut().find_map(Value::as_object_mut));
        if let Some(inner) = inner {
            inner.insert("printed".to_owned(), printed.clone().into());
        }
        passing.answer = answer.to_string().into_bytes();
    } else if let Some(end) = text.rfind("</") {
        passing.answer =
            format!("{}<printed>{}</printed>{}", &text[..end], escaped_for_xml(&printed), &text[end..]).into_bytes();
    }
    let visible: String =
        printed.chars().filter(|character| !character.is_control() && character.is_ascii()).take(3000).collect();
    passing.answer_headers.push_str(&format!("x-told: {visible}\r\n"));
}

#[test]
fn signatures_and_keys_of_every_dialect_stay_out_of_what_is_written() {
    let (place, mut output) = (Place::new(), Output::default());
    let cloud = Cloud::start(&place, &["--job-time", "10ms"]);
    let key = Regex::new(r#"(?:api_key|secret_key|token|\w*code): "([^"]{8,})""#).unwrap();
    let keys: BTreeSet<String> = key.captures_iter(&cloud.target).map(|found| found[1].to_owned()).collect();
    assert!(keys.len() > 10, "{keys:?}");
    let proofs = Arc::new(Mutex::new(BTreeSet::new()));
    let (known, noted) = (keys.clone(), Arc::clone(&proofs));
    place.write("target.yaml", &cloud.behind(move |_, passing| parrot_of_a_cloud(&known, &noted, passing)));
    let target = ["--target", "target.yaml"];
    let mut commands: Vec<Vec<&str>> = vec![
        [&["test", "--quiet", "--output", "zones", "cloudn::zones::"][..], &target, &REPORTS].concat(),
        [&["test", "--quiet", "--output", "machines", "--suite", "cloudn", "password"][..], &target].concat(),
        [&["test", "--quiet", "--output", "signing", "--suite", "ec2", "signing::"][..], &target].concat(),
        [&["test", "--quiet", "--output", "hicloud", "--suite", "hicloud", "signing::"][..], &target].concat(),
        [&["test", "--quiet", "--output", "esm", "--suite", "esm", "tenant-resource-ecs"][..], &target].concat(),
        vec!["report", "zones", "--report", "json=-"],
        vec!["report", "signing", "--report", "markdown=-"],
        [&["discover", "--suite", "cloudstack"][..], &target].concat(),
    ];
    for (suite, operation) in [
        ("cloudn", "listZones"),
        ("ec2", "DescribeRegions"),
        ("hicloud", "describeInstances"),
        ("esm", "tenant-resource-ecs"),
    ] {
        commands.push([&["call", suite, operation][..], &target].concat());
    }
    run_all(&place, &commands, &mut output);
    let proofs = proofs.lock().unwrap().clone();
    assert!(proofs.len() > 20, "hardly a request was signed: {proofs:?}");
    let found = output.find(&keys.union(&proofs).cloned().collect());
    println!(
        "\n| clouds | {} outputs | {} keys, {} signatures | found: {} |",
        output.0.len(),
        keys.len(),
        proofs.len(),
        found.len()
    );
    assert!(found.is_empty(), "{} found: {:#?}", found.len(), &found[..found.len().min(20)]);
}
