//! Reads `suite.yaml`, `operations.yaml` and `requirements.yaml`.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::{Diagnostic, Diagnostics, Fields, Located, Node, SourceFile, closest};

use super::{
    Alternatives, AnswerFormat, AppliesTo, Basis, Counts, Document, Effect, Encoding, Filter, JobStates, Jobs, List,
    Operation, OperationName, Paging, Parameter, Presence, Requirement, RequirementId, Signing, Standing,
    StatusPattern, Style, Suite, SuiteName, Undo,
};

/// The three files of a suite.
pub struct SuiteFiles<'a> {
    /// `suite.yaml`: the conventions.
    pub suite: &'a Arc<SourceFile>,
    /// `operations.yaml`.
    pub operations: &'a Arc<SourceFile>,
    /// `requirements.yaml`.
    pub requirements: &'a Arc<SourceFile>,
}

impl Suite {
    /// Reads a suite. Every mistake of the three files is reported; with any error there is no suite.
    pub fn read(files: &SuiteFiles<'_>, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut parse = |file| Node::parse(file).map_err(|mistake| mistakes.add(mistake)).ok();
        let (suite, operations, requirements) =
            (parse(files.suite), parse(files.operations), parse(files.requirements));
        let mut found = Diagnostics::new();
        if let (Some(suite), Some(operations), Some(requirements)) = (&suite, &operations, &requirements) {
            check_references(suite, operations, requirements, &mut found);
        }
        let operations = operations.and_then(|node| read_operations(&node, &mut found));
        let requirements = requirements.and_then(|node| read_requirements(&node, &mut found));
        let suite = suite.and_then(|node| read_suite(&node, &mut found));
        let usable = !found.has_errors();
        mistakes.extend(found);
        suite.zip(operations).zip(requirements).filter(|_| usable).map(|((suite, operations), requirements)| Self {
            operations,
            requirements,
            ..suite
        })
    }
}

fn read_suite(node: &Node, mistakes: &mut Diagnostics) -> Option<Suite> {
    let mut fields = node.fields("a suite", mistakes)?;
    let name = fields.need_text("suite", mistakes).map(|name| name.map(SuiteName));
    let title = fields.need_text("title", mistakes);
    let document = fields.need("document", mistakes).and_then(|node| read_document(node, mistakes));
    let style = fields.need("request", mistakes).and_then(|node| read_style(node, mistakes));
    let signing = fields.need("signing", mistakes).and_then(|node| node.choice("`signing`", &Signing::NAMES, mistakes));
    let answers = fields.need("answers", mistakes).and_then(|node| read_answers(node, mistakes));
    let paging = fields.take("paging").and_then(|node| read_paging(node, mistakes));
    let jobs = fields.take("jobs").and_then(|node| read_jobs(node, mistakes));
    fields.finish(mistakes);
    let (formats, envelope, refusals) = answers?;
    Some(Suite {
        name: name?,
        title: title?.value,
        document: document?,
        style: style?,
        signing: signing?,
        formats,
        envelope,
        refusals,
        paging,
        jobs,
        operations: IndexMap::new(),
        requirements: IndexMap::new(),
    })
}

fn read_document(node: &Node, mistakes: &mut Diagnostics) -> Option<Document> {
    let mut fields = node.fields("a document", mistakes)?;
    let title = fields.need_text("title", mistakes);
    let version = fields.text("version", mistakes).map(|text| text.value);
    let date = fields.text("date", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    Some(Document { title: title?.value, version, date })
}

fn read_style(node: &Node, mistakes: &mut Diagnostics) -> Option<Style> {
    let mut fields = node.fields("a request", mistakes)?;
    let style = fields.need("style", mistakes).and_then(|node| node.choice("`style`", &[("query", ())], mistakes));
    let parameter = fields.need_text("operation_parameter", mistakes);
    fields.finish(mistakes);
    style?;
    Some(Style::Query { operation_parameter: parameter?.value })
}

type Answers = (Vec<AnswerFormat>, String, Vec<StatusPattern>);

fn read_answers(node: &Node, mistakes: &mut Diagnostics) -> Option<Answers> {
    let mut fields = node.fields("`answers`", mistakes)?;
    let formats = fields.need("formats", mistakes).and_then(|node| read_formats(node, mistakes));
    let envelope = fields.need_text("envelope", mistakes);
    let refusals = fields.need("refusals", mistakes).map(|node| {
        node.some("`refusals`", mistakes);
        StatusPattern::read(node, mistakes)
    });
    fields.finish(mistakes);
    Some((formats?, envelope?.value, refusals?))
}

fn read_formats(node: &Node, mistakes: &mut Diagnostics) -> Option<Vec<AnswerFormat>> {
    let mut formats = Vec::new();
    let entries = node.entries("`formats`", mistakes)?;
    if entries.is_empty() {
        mistakes
            .add(Diagnostic::error(&node.place, "`formats` can't be empty").help("write json: {}, xml: {}, or both"));
    }
    for (name, parameters) in entries {
        let Some((_, encoding)) = Encoding::NAMES.iter().find(|(known, _)| *known == name.value) else {
            let mistake = Diagnostic::error(&name.place, format!("a format can't be `{}`", name.value));
            mistakes.add(mistake.help("write one of: json, xml"));
            continue;
        };
        let parameters = parameters.entries("the parameters of a format", mistakes).unwrap_or_default();
        let parameters = parameters
            .iter()
            .filter_map(|(key, value)| {
                Some((key.value.clone(), value.text("the value of a parameter", mistakes)?.value))
            })
            .collect();
        formats.push(AnswerFormat { encoding: *encoding, parameters });
    }
    Some(formats)
}

fn read_paging(node: &Node, mistakes: &mut Diagnostics) -> Option<Paging> {
    let counts = [("answer", Counts::Answer), ("whole", Counts::Whole)];
    let mut fields = node.fields("`paging`", mistakes)?;
    let page = fields.need_text("page", mistakes);
    let size = fields.need_text("size", mistakes);
    let first = fields.take("first").and_then(|node| node.whole_number("`first`", mistakes)).unwrap_or(1);
    let default = fields.take("default").and_then(|node| node.whole_number("`default`", mistakes));
    let count = fields.need_text("count", mistakes);
    let counts = fields.need("counts", mistakes).and_then(|node| node.choice("`counts`", &counts, mistakes));
    fields.finish(mistakes);
    Some(Paging { page: page?.value, size: size?.value, first, default, count: count?.value, counts: counts? })
}

fn read_jobs(node: &Node, mistakes: &mut Diagnostics) -> Option<Jobs> {
    let mut fields = node.fields("`jobs`", mistakes)?;
    let id = fields.need_text("id", mistakes);
    let poll = fields.need_text("poll", mistakes);
    let parameter = fields.need_text("parameter", mistakes);
    let status = fields.need_text("status", mistakes);
    let result = fields.need_text("result", mistakes);
    let mut states = |name| -> Option<Vec<serde_json::Value>> {
        let states = fields.need(name, mistakes)?.some("the states of a job", mistakes).iter();
        Some(states.filter_map(|state| Some(state.single("a state", mistakes)?.to_json())).collect())
    };
    let (pending, succeeded, failed) = (states("pending"), states("succeeded"), states("failed"));
    fields.finish(mistakes);
    Some(Jobs {
        id: id?.value,
        poll: OperationName(poll?.value),
        parameter: parameter?.value,
        status: status?.value,
        result: result?.value,
        states: JobStates { pending: pending?, succeeded: succeeded?, failed: failed? },
    })
}

fn read_operations(node: &Node, mistakes: &mut Diagnostics) -> Option<IndexMap<OperationName, Operation>> {
    let mut fields = node.fields("operations.yaml", mistakes)?;
    let entries = fields.need("operations", mistakes)?.entries("`operations`", mistakes)?;
    fields.finish(mistakes);
    let operations = entries.iter().filter_map(|(name, node)| read_operation(name, node, mistakes));
    Some(operations.map(|operation| (operation.name.value.clone(), operation)).collect())
}

fn read_operation(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Operation> {
    let mut fields = node.fields("an operation", mistakes)?;
    let group = fields.need_text("group", mistakes);
    let cites = fields.need_text("cites", mistakes);
    let effect = fields.need("effect", mistakes).and_then(|n| n.choice("`effect`", &Effect::NAMES, mistakes));
    let detailed = fields.take("detailed").is_none_or(|n| n.boolean("`detailed`", mistakes).unwrap_or(true));
    let asynchronous = fields.flag("job", mistakes);
    let list = fields.take("list").and_then(|node| read_list(node, mistakes));
    let parameters = fields.take("parameters").map(|node| read_parameters(node, mistakes)).unwrap_or_default();
    let exactly_one = fields.take("exactly_one").and_then(|node| read_alternatives(node, mistakes));
    let at_least_one = fields.take("at_least_one").and_then(|node| read_alternatives(node, mistakes));
    let envelopes = fields.texts("envelope", mistakes).into_iter().map(|text| text.value).collect();
    let undo = fields.take("undo").and_then(|node| read_undo(node, mistakes));
    fields.finish(mistakes);
    Some(Operation {
        name: Located { value: OperationName(name.value.clone()), place: name.place.clone() },
        group: group?.value,
        cites: cites?.value,
        effect: effect?,
        detailed,
        asynchronous,
        list,
        parameters,
        exactly_one,
        at_least_one,
        envelopes,
        undo,
    })
}

fn read_list(node: &Node, mistakes: &mut Diagnostics) -> Option<List> {
    let mut fields = node.fields("`list`", mistakes)?;
    let items = fields.need_text("items", mistakes);
    let key = fields.need_text("key", mistakes);
    fields.finish(mistakes);
    Some(List { items: items?.value, key: key?.value })
}

fn read_parameters(node: &Node, mistakes: &mut Diagnostics) -> IndexMap<String, Parameter> {
    let entries = node.entries("`parameters`", mistakes).unwrap_or_default();
    let parameters = entries.iter().filter_map(|(name, node)| read_parameter(name, node, mistakes));
    parameters.map(|parameter| (parameter.name.value.clone(), parameter)).collect()
}

fn read_parameter(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Parameter> {
    let mut fields = node.fields("a parameter", mistakes)?;
    let presence = if fields.flag("required", mistakes) { Presence::Required } else { Presence::Optional };
    let value = fields.take("value").and_then(|node| node.single("`value`", mistakes)).cloned();
    let values = plain(fields.texts("values", mistakes));
    let with = plain(fields.texts("with", mistakes));
    let excludes = plain(fields.texts("excludes", mistakes));
    let equals = fields.text("filters", mistakes).map(|field| Filter::Equals(field.value));
    let contains = fields.text("searches", mistakes).map(|field| Filter::Contains(field.value));
    if equals.is_some() {
        fields.refuse("searches", "a parameter can't have both `filters` and `searches`", "keep one of them", mistakes);
    }
    fields.finish(mistakes);
    Some(Parameter { name: name.clone(), presence, value, values, with, excludes, filter: equals.or(contains) })
}

fn plain(texts: Vec<Located<String>>) -> Vec<String> {
    texts.into_iter().map(|text| text.value).collect()
}

fn read_alternatives(node: &Node, mistakes: &mut Diagnostics) -> Option<Alternatives> {
    let sets = node.list("alternatives", mistakes)?;
    Some(Alternatives(sets.iter().map(|set| plain(set.texts("a parameter's name", mistakes))).collect()))
}

fn read_undo(node: &Node, mistakes: &mut Diagnostics) -> Option<Undo> {
    let mut fields = node.fields("`undo`", mistakes)?;
    let call = fields.need_text("call", mistakes).map(|name| name.map(OperationName));
    let with = fields.take("with").and_then(|node| node.entries("`with`", mistakes)).unwrap_or_default();
    let with = with.iter().filter_map(|(key, value)| Some((key.value.clone(), value.text("an argument", mistakes)?)));
    let with = with.collect();
    fields.finish(mistakes);
    Some(Undo { call: call?, with })
}

fn read_requirements(node: &Node, mistakes: &mut Diagnostics) -> Option<IndexMap<RequirementId, Requirement>> {
    let mut fields = node.fields("requirements.yaml", mistakes)?;
    let entries = fields.need("requirements", mistakes)?.entries("`requirements`", mistakes)?;
    fields.finish(mistakes);
    let requirements = entries.iter().filter_map(|(id, node)| read_requirement(id, node, mistakes));
    Some(requirements.map(|requirement| (requirement.id.value.clone(), requirement)).collect())
}

const BASES: [(&str, Basis); 3] =
    [("documented", Basis::Documented), ("example", Basis::Example), ("inferred", Basis::Inferred)];

fn read_requirement(id: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Requirement> {
    let mut fields: Fields<'_> = node.fields("a requirement", mistakes)?;
    let text = fields.need_text("text", mistakes);
    let cites = fields.need_text("cites", mistakes);
    let applies_to = fields.take("applies_to").map_or(AppliesTo::All, |node| {
        let names = node.texts("an operation's name", mistakes).into_iter().map(|name| OperationName(name.value));
        AppliesTo::Operations(names.collect::<BTreeSet<_>>())
    });
    let promises = fields.texts("promise", mistakes);
    let basis = fields.take("basis").and_then(|node| node.choice("`basis`", &BASES, mistakes));
    let untestable = fields.text("untestable", mistakes);
    fields.finish(mistakes);
    Some(Requirement {
        id: Located { value: RequirementId(id.value.clone()), place: id.place.clone() },
        text: text?.value,
        cites: cites?.value,
        applies_to,
        promises,
        basis: basis.unwrap_or(Basis::Documented),
        standing: untestable.map_or(Standing::Testable, |reason| Standing::Untestable(reason.value)),
    })
}

/// Names that refer to something of the suite must find it. All that is written counts, even if it has other mistakes.
fn check_references(suite: &Node, operations: &Node, requirements: &Node, mistakes: &mut Diagnostics) {
    let Some(operations) = operations.field("operations").map(Node::pairs) else { return };
    let requirements = requirements.field("requirements").map(Node::pairs).unwrap_or_default();
    let poll = suite.field("jobs").and_then(|jobs| jobs.field("poll"));
    let undo = operations.iter().filter_map(|(_, operation)| operation.field("undo")?.field("call"));
    let applies_to = requirements.iter().filter_map(|(_, requirement)| requirement.field("applies_to"));
    for name in poll.into_iter().chain(undo).chain(applies_to).flat_map(Node::leaves) {
        if !operations.iter().any(|(known, _)| known.value == name.value) {
            let message = format!("operations.yaml has no operation `{}`", name.value);
            mistakes.add(missing(&name, message, operations, "write it as the document lists it, or list it there"));
        }
    }
    for (operation, node) in operations {
        check_parameters(operation, node, mistakes);
    }
}

fn check_parameters(operation: &Located<String>, node: &Node, mistakes: &mut Diagnostics) {
    let parameters = node.field("parameters").map(Node::pairs).unwrap_or_default();
    let alternatives = ["exactly_one", "at_least_one"].into_iter().filter_map(|key| node.field(key));
    let related = parameters
        .iter()
        .flat_map(|(_, parameter)| ["with", "excludes"].into_iter().filter_map(|key| parameter.field(key)));
    for name in alternatives.chain(related).flat_map(Node::leaves) {
        if !parameters.iter().any(|(known, _)| known.value == name.value) {
            let message = format!("{} has no parameter `{}`", operation.value, name.value);
            mistakes.add(missing(&name, message, parameters, "list it under `parameters`"));
        }
    }
}

/// A name that refers to nothing, with the nearest that could be meant.
fn missing(name: &Located<String>, message: String, known: &[(Located<String>, Node)], help: &str) -> Diagnostic {
    let near = closest(&name.value, known.iter().map(|(known, _)| known.value.as_str()));
    let help = near.map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?"));
    Diagnostic::error(&name.place, message).help(help)
}
