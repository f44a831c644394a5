//! Reads a target file.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::record::RecordedTarget;
use crate::scenario::Variable;
use crate::source::{Diagnostic, Diagnostics, Fields, Node, NodeKind, SourceFile};
use crate::suite::{Effect, SuiteName};

use super::{Credentials, Limits, Secret, Service, Target};

/// Looks up an environment variable.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Target {
    /// Reads a target file; `${NAME}` in its values stands for an environment variable.
    pub fn read(file: &Arc<SourceFile>, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<Self> {
        let node = Node::parse(file).map_err(|mistake| mistakes.add(mistake)).ok()?;
        let mut found = Diagnostics::new();
        let target = read_target(&node, environment, &mut found);
        let usable = !found.has_errors();
        mistakes.extend(found);
        target.filter(|_| usable)
    }
}

impl Target {
    /// The target of a record: it can be planned for, not asked.
    pub fn recorded(recorded: &RecordedTarget) -> Self {
        let nobody = || Credentials { api_key: Secret::new(""), secret_key: Secret::new("") };
        let services = recorded.services.iter().map(|(suite, service)| {
            let accounts = service.accounts.iter().map(|name| (name.clone(), nobody())).collect();
            (suite.clone(), Service { url: service.url.clone(), main: nobody(), accounts })
        });
        Self {
            name: recorded.name.clone(),
            services: services.collect(),
            allow: recorded.allow.clone(),
            variables: recorded.variables.clone(),
            limits: Limits::default(),
            server: recorded.server.clone(),
        }
    }
}

fn read_target(node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<Target> {
    let mut fields = node.fields("a target", mistakes)?;
    let name = fields.need_text("target", mistakes);
    let services = fields.need("suites", mistakes).and_then(|node| node.entries("`suites`", mistakes));
    let services = services.unwrap_or_default().iter().filter_map(|(name, node)| {
        Some((SuiteName(name.value.clone()), read_service(node, environment, mistakes)?))
    });
    let services = services.collect();
    let allow = fields.take("allow").map(Node::one_or_many).unwrap_or_default();
    let allow = allow.iter().filter_map(|node| node.choice("`allow`", &Effect::NAMES, mistakes));
    let mut allow: BTreeSet<_> = allow.collect();
    allow.insert(Effect::Reads);
    let variables = fields.take("variables").map(|node| read_variables(node, environment, mistakes));
    let limits = fields.take("limits").and_then(|node| read_limits(node, mistakes)).unwrap_or_default();
    let server = fields.text("server", mistakes).map(|server| server.value);
    fields.finish(mistakes);
    Some(Target { name: name?.value, services, allow, variables: variables.unwrap_or_default(), limits, server })
}

fn read_service(node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<Service> {
    let mut fields = node.fields("a suite of a target", mistakes)?;
    let url = expanded(&mut fields, "url", environment, mistakes);
    let main = read_credentials(&mut fields, environment, mistakes);
    let accounts = fields.take("accounts").and_then(|node| node.entries("`accounts`", mistakes)).unwrap_or_default();
    let mut others = BTreeMap::new();
    for (name, node) in accounts {
        let Some(mut fields) = node.fields("an account", mistakes) else { continue };
        if let Some(credentials) = read_credentials(&mut fields, environment, mistakes) {
            others.insert(name.value.clone(), credentials);
        }
        fields.finish(mistakes);
    }
    fields.finish(mistakes);
    let url = url?;
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        let mistake = Diagnostic::error(&node.place, format!("`{url}` is not a web address"));
        mistakes.add(mistake.help("write it with http:// or https://, and with the path of the API"));
    }
    Some(Service { url, main: main?, accounts: others })
}

fn read_credentials(
    fields: &mut Fields<'_>,
    environment: Environment<'_>,
    mistakes: &mut Diagnostics,
) -> Option<Credentials> {
    let api_key = expanded(fields, "api_key", environment, mistakes).map(Secret::new);
    let secret_key = expanded(fields, "secret_key", environment, mistakes).map(Secret::new);
    Some(Credentials { api_key: api_key?, secret_key: secret_key? })
}

fn expanded(
    fields: &mut Fields<'_>,
    name: &'static str,
    environment: Environment<'_>,
    mistakes: &mut Diagnostics,
) -> Option<String> {
    let node = fields.need(name, mistakes)?;
    let text = node.text(&format!("`{name}`"), mistakes)?;
    expand(&text.value, node, environment, mistakes)
}

/// Replaces `${NAME}` by the environment's value.
fn expand(text: &str, node: &Node, environment: Environment<'_>, mistakes: &mut Diagnostics) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        expanded.push_str(before);
        let Some(value) = environment(name) else {
            let mistake = Diagnostic::error(&node.place, format!("the environment has no {name}"));
            mistakes.add(mistake.help(format!("set it before the run: export {name}=...")));
            return None;
        };
        expanded.push_str(&value);
        rest = after;
    }
    expanded.push_str(rest);
    Some(expanded)
}

fn read_variables(
    node: &Node,
    environment: Environment<'_>,
    mistakes: &mut Diagnostics,
) -> BTreeMap<Variable, Value> {
    let mut variables = BTreeMap::new();
    for (name, node) in node.entries("`variables`", mistakes).unwrap_or_default() {
        let value = match &node.kind {
            NodeKind::Text(text) => expand(text, node, environment, mistakes).map(Value::String),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Null => node.wrong("a variable is one value", mistakes),
            _ => Some(node.to_json()),
        };
        variables.extend(value.map(|value| (Variable(name.value.clone()), value)));
    }
    variables
}

fn read_limits(node: &Node, mistakes: &mut Diagnostics) -> Option<Limits> {
    let unsaid = Limits::default();
    let mut fields = node.fields("`limits`", mistakes)?;
    let in_flight = fields.take("in_flight").and_then(|node| node.whole_number("`in_flight`", mistakes));
    let rate = fields.take("rate").and_then(|node| read_rate(node, mistakes));
    let deadline = fields.take("deadline").and_then(|node| node.duration("`deadline`", mistakes));
    fields.finish(mistakes);
    Some(Limits {
        in_flight: in_flight.and_then(|n| usize::try_from(n).ok()).unwrap_or(unsaid.in_flight).max(1),
        rate,
        deadline: deadline.unwrap_or(unsaid.deadline).max(Duration::from_millis(1)),
        ..unsaid
    })
}

fn read_rate(node: &Node, mistakes: &mut Diagnostics) -> Option<u32> {
    let text = node.text("a rate", mistakes)?;
    let rate = text.strip_suffix("/s").and_then(|number| number.trim().parse().ok()).filter(|rate| *rate > 0);
    if rate.is_none() {
        let mistake = Diagnostic::error(&node.place, format!("`{}` is not a rate", text.value));
        mistakes.add(mistake.help("write requests a second, such as 20/s"));
    }
    rate
}
