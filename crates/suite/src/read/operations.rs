//! Reads `operations.yaml`.

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;

use crate::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind, closest};
use crate::{
    Alternatives, Availability, Company, Effect, Find, List, Number, Operation, OperationName, OwnPaging, Quantile,
    RequestLine, ServiceLevel, Several, ShownBy, StatusPattern, Throughput, Undo, Use,
};

use super::answers::read_answer;
use super::conventions::read_paging;
use super::parameters::{self, Parameters};
use super::texts::plain;

/// Sets of parameters that several operations share.
type Shared = BTreeMap<String, Parameters>;

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<IndexMap<OperationName, Operation>> {
    let mut fields = node.fields("operations.yaml", mistakes)?;
    let shared =
        fields.take("parameter_sets").and_then(|node| node.entries("`parameter_sets`", mistakes)).unwrap_or_default();
    let shared: Shared =
        shared.iter().map(|(name, node)| (name.value.clone(), parameters::read(node, mistakes))).collect();
    let operations = fields.need("operations", mistakes);
    fields.finish(mistakes);
    let entries = operations?.entries("`operations`", mistakes)?;
    let operations = entries.iter().filter_map(|(name, node)| read_operation(name, node, &shared, mistakes));
    Some(operations.map(|operation| (operation.name.value.clone(), operation)).collect())
}

fn read_operation(
    name: &Located<String>,
    node: &Node,
    shared: &Shared,
    mistakes: &mut Diagnostics,
) -> Option<Operation> {
    let mut fields = node.fields("an operation", mistakes)?;
    let group = fields.need_text("group", mistakes);
    let source = fields.need_text("source", mistakes);
    let effect = fields.need("effect", mistakes).and_then(|n| n.choice("`effect`", &Effect::NAMES, mistakes));
    let name_only = fields.flag("name_only", mistakes);
    let availability = if fields.flag("removed", mistakes) { Availability::Removed } else { Availability::Offered };
    let request = fields.text("request", mistakes).and_then(|text| read_request(&text, mistakes));
    let succeeds = fields.take("status").map(|node| StatusPattern::read(node, mistakes)).unwrap_or_default();
    let refusals = fields.take("refusals").map(|node| StatusPattern::read(node, mistakes)).unwrap_or_default();
    let asynchronous = fields.flag("job", mistakes);
    let answer = fields.take("answer").and_then(|node| read_answer(node, "`answer`", mistakes));
    if !asynchronous {
        let message = format!("`result` is what a job holds, and {} has none", name.value);
        fields.refuse("result", &message, "write `job: true`, or `answer`", mistakes);
    }
    let result = fields.take("result").and_then(|node| read_answer(node, "`result`", mistakes));
    let list = fields.take("list").and_then(|node| read_list(node, mistakes));
    let paging = fields.take("paging").map_or(OwnPaging::AsSuite, |node| read_own_paging(node, mistakes));
    let service_level = fields.take("service_level").and_then(|node| read_service_level(node, mistakes));
    let parameters = read_parameters(&mut fields, shared, mistakes);
    let exactly_one = fields.take("exactly_one").and_then(|node| read_alternatives(node, mistakes));
    let at_least_one = fields.take("at_least_one").and_then(|node| read_alternatives(node, mistakes));
    let echoes = fields.texts("echoes", mistakes);
    let envelopes = plain(fields.texts("envelope", mistakes));
    let undo = fields.take("undo").and_then(|node| read_undo(node, mistakes));
    let no_undo = fields.text("no_undo", mistakes);
    let belongs_to = fields.texts("belongs_to", mistakes);
    let needs = fields.texts("needs", mistakes);
    let alters = plain(fields.texts("alters", mistakes));
    let number = if fields.flag("only_one", mistakes) { Number::One } else { Number::Any };
    let unique = plain(fields.texts("unique", mistakes));
    let ascending = fields.take("ascending").map(|node| read_ascending(node, mistakes)).unwrap_or_default();
    let used_by = fields.take("used_by").map(|node| read_uses(node, mistakes)).unwrap_or_default();
    let company = if fields.flag("alone", mistakes) { Company::Alone } else { Company::Others };
    fields.finish(mistakes);
    if availability == Availability::Offered && effect == Some(Effect::Creates) {
        check_removal(name, undo.as_ref(), no_undo.as_ref(), mistakes);
    }
    Some(Operation {
        name: Located { value: OperationName(name.value.clone()), place: name.place.clone() },
        group: group?.value,
        source: source?.value,
        effect: effect?,
        name_only,
        availability,
        request,
        succeeds,
        refusals,
        asynchronous,
        answer,
        result,
        list,
        paging,
        service_level,
        parameters,
        exactly_one,
        at_least_one,
        echoes,
        envelopes,
        undo,
        no_undo,
        belongs_to,
        alters,
        number,
        unique,
        ascending,
        used_by,
        company,
        needs,
        contract: None,
    })
}

/// What a run creates it removes, or it is said why not.
fn check_removal(
    name: &Located<String>,
    undo: Option<&Undo>,
    no_undo: Option<&Located<String>>,
    mistakes: &mut Diagnostics,
) {
    match (undo, no_undo) {
        (Some(_), Some(reason)) => {
            let mistake = Diagnostic::error(&reason.place, format!("{} has both `undo` and `no_undo`", name.value));
            mistakes.add(mistake.help("remove one of them"));
        }
        (None, None) => {
            let message = format!("nothing says how what {} creates is removed", name.value);
            let help = "add `undo`; or `no_undo` with the reason, if it can't be removed";
            mistakes.add(Diagnostic::warning(&name.place, message).help(help));
        }
        _ => {}
    }
}

fn read_request(text: &Located<String>, mistakes: &mut Diagnostics) -> Option<RequestLine> {
    let line = RequestLine::parse(&text.value);
    if line.is_none() {
        let mistake = Diagnostic::error(&text.place, "this is not a method and a path");
        mistakes.add(mistake.help("write GET /v1/hosts/{host}, with a parameter's name in braces"));
    }
    line
}

/// The sets that an operation shares, then its own parameters; of the same name its own counts.
fn read_parameters(fields: &mut Fields<'_>, shared: &Shared, mistakes: &mut Diagnostics) -> Parameters {
    let mut parameters = Parameters::new();
    for name in fields.texts("include", mistakes) {
        let Some(set) = shared.get(&name.value) else {
            let mistake = Diagnostic::error(&name.place, format!("`parameter_sets` has no set `{}`", name.value));
            let near = closest(&name.value, shared.keys().map(String::as_str));
            let help = near
                .map_or("write it at the head of operations.yaml, under `parameter_sets`".to_owned(), |near| {
                    format!("did you mean `{near}`?")
                });
            mistakes.add(mistake.help(help));
            continue;
        };
        parameters.extend(set.iter().map(|(name, parameter)| (name.clone(), parameter.clone())));
    }
    parameters.extend(fields.take("parameters").map(|node| parameters::read(node, mistakes)).unwrap_or_default());
    parameters
}

pub(crate) fn read_list(node: &Node, mistakes: &mut Diagnostics) -> Option<List> {
    let mut fields = node.fields("`list`", mistakes)?;
    let items = fields.need_text("items", mistakes);
    let key = fields.text("key", mistakes).map(|text| text.value);
    let volatile = plain(fields.texts("volatile", mistakes));
    let created = fields.text("created", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    Some(List { items: items?.value, key, volatile, created })
}

fn read_own_paging(node: &Node, mistakes: &mut Diagnostics) -> OwnPaging {
    match &node.kind {
        NodeKind::Text(_) => node.choice("`paging`", &[("none", OwnPaging::None)], mistakes),
        _ => read_paging(node, mistakes).map(OwnPaging::Own),
    }
    .unwrap_or(OwnPaging::AsSuite)
}

pub(crate) fn read_service_level(node: &Node, mistakes: &mut Diagnostics) -> Option<ServiceLevel> {
    let mut fields = node.fields("`service_level`", mistakes)?;
    let throughput = fields.need_text("throughput", mistakes);
    let throughput = throughput.and_then(|text| {
        let throughput = Throughput::parse(&text.value);
        if throughput.is_none() {
            let mistake = Diagnostic::error(&text.place, "this is not a number of requests in a time");
            mistakes.add(mistake.help("write 60/min or 4000/s"));
        }
        throughput
    });
    let availability = fields.take("availability").and_then(|node| node.share(mistakes));
    let mut quantile = |name: &'static str| -> Option<(Quantile, Duration)> {
        Quantile::parse(name).zip(fields.take(name)?.duration(&format!("`{name}`"), mistakes))
    };
    let quantiles = ["tp50", "tp90", "tp95", "tp99", "tp99.9"];
    let quantiles = quantiles.into_iter().filter_map(&mut quantile).collect();
    fields.finish(mistakes);
    Some(ServiceLevel { throughput: throughput?, quantiles, availability })
}

fn read_alternatives(node: &Node, mistakes: &mut Diagnostics) -> Option<Alternatives> {
    let sets = node.list("alternatives", mistakes)?;
    Some(Alternatives(sets.iter().map(|set| plain(set.texts("a parameter's name", mistakes))).collect()))
}

/// Pairs of parameters' names.
fn read_ascending(node: &Node, mistakes: &mut Diagnostics) -> Vec<(String, String)> {
    let pairs = node.list("pairs of parameters", mistakes).unwrap_or_default();
    let pair = |node: &Node, mistakes: &mut Diagnostics| {
        if let [first, second] = plain(node.texts("a parameter's name", mistakes)).as_slice() {
            return Some((first.clone(), second.clone()));
        }
        let mistake = Diagnostic::error(&node.place, "this is not a pair of parameters");
        mistakes.add(mistake.help("write [startport, endport]"));
        None
    };
    pairs.iter().filter_map(|node| pair(node, mistakes)).collect()
}

/// What uses a thing: operations, each with its arguments.
fn read_uses(node: &Node, mistakes: &mut Diagnostics) -> Vec<Use> {
    let uses = node.entries("`used_by`", mistakes).unwrap_or_default();
    let read = |(by, node): &(Located<String>, Node)| {
        let with = node.entries("the arguments of a use", mistakes)?;
        let with = with.iter().map(|(name, value)| (name.value.clone(), value.clone())).collect();
        Some(Use { by: OperationName(by.value.clone()), with })
    };
    uses.iter().filter_map(read).collect()
}

pub(crate) fn read_undo(node: &Node, mistakes: &mut Diagnostics) -> Option<Undo> {
    let mut fields = node.fields("`undo`", mistakes)?;
    let find = fields.take("find").and_then(|node| read_find(node, mistakes));
    let shown_by = fields.take("shown_by").and_then(|node| read_shown_by(node, mistakes));
    let call = fields.need_text("call", mistakes).map(|name| name.map(OperationName));
    // Only the check of names looks at it.
    fields.flag("undocumented", mistakes);
    let with = read_arguments(&mut fields, mistakes);
    let first = fields.text("first", mistakes).map(|name| OperationName(name.value));
    let unless = fields.text("unless", mistakes).map(|text| text.value);
    let several = fields.take("several").and_then(|node| node.choice("`several`", &Several::NAMES, mistakes));
    fields.finish(mistakes);
    let undo = Undo { find, shown_by, call: call?, first, with, several: several.unwrap_or_default(), unless };
    undo.check_paths(mistakes);
    Some(undo)
}

fn read_shown_by(node: &Node, mistakes: &mut Diagnostics) -> Option<ShownBy> {
    let mut fields = node.fields("`shown_by`", mistakes)?;
    let call = fields.need_text("call", mistakes).map(|name| name.map(OperationName));
    // Only the check of names looks at it.
    fields.flag("undocumented", mistakes);
    let with = read_arguments(&mut fields, mistakes);
    let items = fields.need_text("items", mistakes);
    let key = fields.text("key", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    Some(ShownBy { call: call?, with, list: List { items: items?.value, key, volatile: Vec::new(), created: None } })
}

fn read_find(node: &Node, mistakes: &mut Diagnostics) -> Option<Find> {
    let mut fields = node.fields("`find`", mistakes)?;
    let call = fields.need_text("call", mistakes).map(|name| name.map(OperationName));
    let with = read_arguments(&mut fields, mistakes);
    let take = fields.need_text("take", mistakes);
    fields.finish(mistakes);
    Some(Find { call: call?, with, take: take? })
}

pub(super) fn read_arguments(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Vec<(String, Located<String>)> {
    let with = fields.take("with").and_then(|node| node.entries("`with`", mistakes)).unwrap_or_default();
    let with = with.iter().filter_map(|(key, value)| Some((key.value.clone(), value.text("an argument", mistakes)?)));
    with.collect()
}
