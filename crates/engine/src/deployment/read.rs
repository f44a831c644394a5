//! Reads a target file.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use assay_formats::record::{Gates, RecordedTarget, Strictness};
use assay_suite::Variable;
use assay_suite::http::Certificates;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Node, NodeKind, Place, SourceFile, closest};
use assay_suite::{Effect, Suite, SuiteName};

use super::credentials::Credentials;
use super::gates;
use super::limits::Limits;
use super::obtained::{self, CredentialSource, Wanted};
use super::secret::Secret;
use super::target::{Account, LoadPermission, Service, Target};

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Target {
    /// Reads a target file; `${NAME}` in its values means an environment variable.
    pub fn read(file: &Arc<SourceFile>, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut found = Diagnostics::new();
        // No value of it is shown in any message: names and places are enough.
        let node = Node::parse(&file.kept_private()).map_err(|mistake| found.add(mistake)).ok();
        let target = node.as_ref().and_then(|node| read_target(node, environment, &mut found));
        let usable = !found.has_errors();
        mistakes.extend(match &node {
            Some(node) => found.with_keys_of(node),
            None => found,
        });
        target.filter(|_| usable)
    }
}

impl Target {
    /// The target of a record: it can be planned for, not asked.
    pub fn recorded(recorded: &RecordedTarget) -> Self {
        let unused = || Account { credentials: Credentials::default(), url: None };
        let services = recorded.services.iter().map(|(suite, service)| {
            let accounts = service.accounts.iter().map(|name| (name.clone(), unused())).collect();
            let (url, main, variables) = (service.url.clone(), Credentials::default(), service.variables.clone());
            (suite.clone(), Service { url, main, accounts, variables })
        });
        Self {
            name: recorded.name.clone(),
            services: services.collect(),
            allow: recorded.allow.clone(),
            load: LoadPermission::default(),
            variables: recorded.variables.clone(),
            certificates: recorded.certificates,
            limits: Limits { longest_job: recorded.longest_job, ..Limits::default() },
            gates: Gates::default(),
            server: recorded.server.clone(),
            strictness: Strictness::default(),
            from_environment: Vec::new(),
            wanted: Vec::new(),
        }
    }
}

/// The names of the credentials that each suite takes.
pub type CredentialNames<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What each of these suites takes: what its signing needs, and what its parameters carry.
pub fn credential_names<'a>(suites: impl Iterator<Item = &'a Suite>) -> CredentialNames<'a> {
    let names = |suite: &'a Suite| {
        let parameters = suite.operations.values().flat_map(|operation| operation.parameters.values());
        let carried = parameters.filter_map(|parameter| parameter.credential.as_deref());
        carried.chain(suite.signing.credentials().iter().copied()).collect()
    };
    suites.map(|suite| (suite.name.value.0.as_str(), names(suite))).collect()
}

/// Reports suites of a target file, and credentials of theirs, that are nearly called as a known one: nothing of them would be used,
/// without a word.
pub fn check_names(file: &Arc<SourceFile>, known: &CredentialNames<'_>, mistakes: &mut Diagnostics) {
    let Ok(node) = Node::parse(&file.kept_private()) else { return };
    for (name, service) in node.field("suites").map(Node::pairs).unwrap_or_default() {
        let Some(taken) = known.get(name.value.as_str()) else {
            let message = format!("there is no suite `{}`", name.value);
            mistakes.extend(nearly(&name.place, message, &name.value, known.keys().copied()));
            continue;
        };
        let others = service.field("accounts").map(Node::pairs).unwrap_or_default().iter().map(|(_, account)| account);
        for account in others.chain([service]) {
            let given = account.field("credentials").map(Node::pairs).unwrap_or_default();
            for (credential, _) in given.iter().filter(|(credential, _)| !taken.contains(credential.value.as_str())) {
                let message = format!("{} takes no credential `{}`", name.value, credential.value);
                mistakes.extend(nearly(&credential.place, message, &credential.value, taken.iter().copied()));
            }
        }
    }
}

/// That a name is wrong, where another is nearly the same.
fn nearly<'a>(
    place: &Place,
    message: String,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<Diagnostic> {
    let near = closest(name, known)?;
    Some(Diagnostic::error(place, message).help(format!("did you mean `{near}`?")))
}

fn read_target(node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<Target> {
    let mut fields = node.fields("a target", mistakes)?;
    let name = fields.need_text("target", mistakes);
    let mut secrets = Vec::new();
    let services = fields.need("suites", mistakes).and_then(|node| {
        let services = node.entries("`suites`", mistakes)?;
        if services.is_empty() {
            mistakes
                .add(Diagnostic::error(&node.place, "`suites` can't be empty").help("write what it serves, and where"));
        }
        Some(services)
    });
    let mut wanted = Vec::new();
    let services = services.unwrap_or_default().iter().filter_map(|(name, node)| {
        let name = SuiteName(name.value.clone());
        let mut found = Vec::new();
        let service = read_service(node, environment, (&mut secrets, &mut found), mistakes)?;
        wanted.extend(found.into_iter().map(|(account, (credential, place, (source, renew_after)))| Wanted {
            suite: name.clone(),
            account,
            name: credential,
            place,
            source,
            renew_after,
        }));
        Some((name, service))
    });
    let services = services.collect();
    let (allow, load) = read_permission(&mut fields, mistakes);
    let variables = fields.take("variables").map(|node| read_variables(node, environment, &mut secrets, mistakes));
    let certificates = fields.take("tls").and_then(|node| node.choice("`tls`", &Certificates::NAMES, mistakes));
    let certificates = certificates.unwrap_or_default();
    let limits = fields.take("limits").and_then(|node| read_limits(node, mistakes)).unwrap_or_default();
    let gates = fields.take("gates").and_then(|node| gates::read(node, mistakes)).unwrap_or_default();
    let server = fields.text("server", mistakes).map(|server| server.value);
    let laws = [("notice", Strictness::Documented), ("strict", Strictness::Laws)];
    let strictness = fields.take("laws").and_then(|node| node.choice("`laws`", &laws, mistakes)).unwrap_or_default();
    fields.finish(mistakes);
    let variables = variables.unwrap_or_default();
    Some(Target {
        name: name?.value,
        services,
        allow,
        load,
        variables,
        certificates,
        limits,
        gates,
        server,
        strictness,
        from_environment: secrets,
        wanted,
    })
}

/// What may be done to it, and whether load may be put on it.
fn read_permission(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> (BTreeSet<Effect>, LoadPermission) {
    let mut names: Vec<_> = Effect::NAMES.iter().map(|(name, effect)| (*name, Some(*effect))).collect();
    names.push(("load", None));
    let (mut allow, mut load) = (BTreeSet::from([Effect::Reads]), LoadPermission::default());
    for node in fields.take("allow").map(Node::one_or_many).unwrap_or_default() {
        match node.choice("`allow`", &names, mistakes) {
            Some(Some(effect)) => drop(allow.insert(effect)),
            Some(None) => load = LoadPermission::Anywhere,
            None => {}
        }
    }
    (allow, load)
}

/// The secrets of a service, and the credentials that are to be had, by account.
type Found<'a> = (&'a mut Vec<(Variable, Secret)>, &'a mut Vec<(Option<String>, ToBeHad)>);

fn read_service(
    node: &Node,
    environment: Environment<'_>,
    (secrets, wanted): Found<'_>,
    mistakes: &mut Diagnostics,
) -> Option<Service> {
    let mut fields = node.fields("a suite of a target", mistakes)?;
    let url = fields.need("url", mistakes).and_then(|node| read_url(node, environment, mistakes));
    let (main, to_be_had) = read_credentials(&mut fields, environment, mistakes);
    wanted.extend(to_be_had.into_iter().map(|one| (None, one)));
    let accounts = fields.take("accounts").and_then(|node| node.entries("`accounts`", mistakes)).unwrap_or_default();
    let mut others = BTreeMap::new();
    for (name, node) in accounts {
        let Some(mut fields) = node.fields("an account", mistakes) else { continue };
        let url = fields.take("url").and_then(|node| read_url(node, environment, mistakes));
        let (credentials, to_be_had) = read_credentials(&mut fields, environment, mistakes);
        fields.finish(mistakes);
        wanted.extend(to_be_had.into_iter().map(|one| (Some(name.value.clone()), one)));
        others.insert(name.value.clone(), Account { credentials, url });
    }
    let variables = fields.take("variables").map(|node| read_variables(node, environment, secrets, mistakes));
    fields.finish(mistakes);
    Some(Service { url: url?, main, accounts: others, variables: variables.unwrap_or_default() })
}

fn read_url(node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<String> {
    let written = node.text("`url`", mistakes)?;
    let url = expand(&written.value, node, environment, mistakes)?;
    let names_its_scheme = url.starts_with("http://") || url.starts_with("https://");
    let parsed = reqwest::Url::parse(&url).ok().filter(|_| names_its_scheme);
    let mistake = match parsed {
        None => Diagnostic::error(&node.place, "this is not a web address")
            .help("write it with http:// or https://, and with the path of the API"),
        // Addresses are in every record and report.
        Some(parsed) if parsed.password().is_some() || !parsed.username().is_empty() => {
            Diagnostic::error(&node.place, "an address is shown, so there can be no user and no password in it")
                .help("write them under `credentials`, by the names that the suite has for them")
        }
        // The path of an operation, or the parameters of a request, go after it.
        Some(parsed) if parsed.query().is_some() || parsed.fragment().is_some() => {
            Diagnostic::error(&node.place, "an address ends with its path: nothing can follow a `?` or a `#` in it")
                .help("remove what begins there; what every request gives is written in operations.yaml or suite.yaml")
        }
        Some(_) => return Some(url),
    };
    mistakes.add(mistake);
    Some(url)
}

/// A credential that is had before the run: its name, where the file says how, how, and after how long anew.
type ToBeHad = (String, Place, (CredentialSource, Option<Duration>));

/// `api_key` and `secret_key`, and under `credentials` all others.
fn read_credentials(
    fields: &mut Fields<'_>,
    environment: Environment<'_>,
    mistakes: &mut Diagnostics,
) -> (Credentials, Vec<ToBeHad>) {
    let (mut texts, mut to_be_had) = (Vec::new(), Vec::new());
    for name in ["api_key", "secret_key"] {
        if let Some(node) = fields.take(name) {
            texts.extend(read_secret(name, node, environment, mistakes).map(|text| (name.to_owned(), text)));
        }
    }
    for (one, other) in [("api_key", "secret_key"), ("secret_key", "api_key")] {
        if let (Some(place), None) = (fields.place_of(one), fields.place_of(other)) {
            let mistake = Diagnostic::error(place, format!("`{one}` needs `{other}` next to it"));
            mistakes.add(mistake.help("write both keys of the account"));
        }
    }
    let more = fields.take("credentials").and_then(|node| node.entries("`credentials`", mistakes)).unwrap_or_default();
    for (name, node) in more {
        if let NodeKind::Map(_) = &node.kind {
            let expand =
                |text: &str, node: &Node, mistakes: &mut Diagnostics| expand(text, node, environment, mistakes);
            let source = obtained::read(node, &expand, mistakes);
            to_be_had.extend(source.map(|source| (name.value.clone(), node.place.clone(), source)));
            continue;
        }
        let text = read_secret(&name.value, node, environment, mistakes);
        texts.extend(text.map(|text| (name.value.clone(), text)));
    }
    (Credentials::new(texts), to_be_had)
}

fn read_secret(name: &str, node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<String> {
    let text = match &node.kind {
        // What has no value may be no name, but a secret that was written in the wrong way.
        NodeKind::Null if !matches!(name, "api_key" | "secret_key") => node.text("a credential", mistakes)?,
        _ => node.text(&format!("`{name}`"), mistakes)?,
    };
    let text = expand(&text.value, node, environment, mistakes)?;
    if text.contains(char::is_control) {
        let mistake =
            Diagnostic::error(&node.place, format!("credential `{name}` has a line break or a control character"));
        mistakes.add(mistake.help("no request can carry it: remove it where the credential is set"));
    }
    Some(text)
}

/// Whether a variable of the environment can be called so.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

/// Replaces `${NAME}` by the environment's value.
fn expand(text: &str, node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let named = after.split_once('}').filter(|(name, _)| is_name(name));
        let Some((name, after)) = named else {
            let mistake = Diagnostic::error(&node.place, "this `${` names no variable of the environment");
            mistakes.add(mistake.help("write ${NAME}, and nothing else between the braces"));
            return None;
        };
        expanded.push_str(before);
        let Some(value) = environment(name) else {
            let mistake = Diagnostic::error(&node.place, format!("the environment has no {name}"));
            mistakes.add(mistake.help(format!("set it before the run: export {name}=...")));
            return None;
        };
        // A file that was read into the environment ends with a line break.
        expanded.push_str(value.trim_end_matches(['\r', '\n']));
        rest = after;
    }
    expanded.push_str(rest);
    Some(expanded)
}

/// Variables; what they take from the environment is added to the secrets.
fn read_variables(
    node: &Node,
    environment: Environment<'_>,
    secrets: &mut Vec<(Variable, Secret)>,
    mistakes: &mut Diagnostics,
) -> BTreeMap<Variable, Value> {
    let (mut variables, secrets) = (BTreeMap::new(), RefCell::new(secrets));
    for (name, node) in node.entries("`variables`", mistakes).unwrap_or_default() {
        let variable = Variable::read(name, mistakes);
        let value = match &node.kind {
            NodeKind::Text(text) => {
                let noting = |wanted: &str| {
                    let value = environment(wanted)?;
                    let variable = Variable(name.value.clone());
                    secrets.borrow_mut().push((variable, Secret::new(value.clone())));
                    Some(value)
                };
                expand(text, node, &noting, mistakes).map(Value::String)
            }
            _ => node.single("a variable", mistakes).map(Node::to_sent),
        };
        variables.extend(variable.zip(value).map(|(name, value)| (name.value, value)));
    }
    variables
}

fn read_limits(node: &Node, mistakes: &mut Diagnostics) -> Option<Limits> {
    let unsaid = Limits::default();
    let mut fields = node.fields("`limits`", mistakes)?;
    let in_flight = fields.take("in_flight").and_then(|node| node.count("`in_flight`", mistakes));
    let in_flight = in_flight.and_then(|requests| usize::try_from(requests.get()).ok());
    let rate = fields.take("rate").and_then(|node| read_rate(node, mistakes));
    let deadline = fields.take("deadline").and_then(|node| node.duration("`deadline`", mistakes));
    let longest_job = fields.take("longest_job").and_then(|node| node.duration("`longest_job`", mistakes));
    fields.finish(mistakes);
    Some(Limits {
        in_flight: in_flight.unwrap_or(unsaid.in_flight),
        rate,
        longest_job: longest_job.unwrap_or(unsaid.longest_job),
        deadline: deadline.unwrap_or(unsaid.deadline).max(Duration::from_millis(1)),
        ..unsaid
    })
}

fn read_rate(node: &Node, mistakes: &mut Diagnostics) -> Option<u32> {
    let text = match &node.kind {
        NodeKind::Text(text) => text.as_str(),
        _ => "",
    };
    let rate = text.strip_suffix("/s").and_then(|number| number.trim().parse().ok()).filter(|rate| *rate > 0);
    if rate.is_none() {
        let mistake = Diagnostic::error(&node.place, "`rate` is a number of requests a second");
        mistakes.add(mistake.help("write it with /s: 20/s"));
    }
    rate
}
