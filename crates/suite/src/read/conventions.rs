//! Reads `suite.yaml`.

use indexmap::IndexMap;

use crate::source::{Diagnostic, Diagnostics, Fields, Node};
use crate::{
    AbsentAnswer, AbsentBody, AnswerFormat, ConformanceProfile, Count, Counts, Document, Encoding, Envelope, JobStates,
    Jobs, ListForm, OperationName, PageStart, Paging, Shapes, Signing, StatusPattern, Stranger, Style, Suite,
    SuiteName,
};

use super::answers::read_shapes;

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Suite> {
    let mut fields = node.fields("a suite", mistakes)?;
    let name = fields.need_text("suite", mistakes).map(|name| name.map(SuiteName));
    let title = fields.need_text("title", mistakes);
    let document = fields.need("document", mistakes).and_then(|node| read_document(node, mistakes));
    let style = fields.need("request", mistakes).and_then(|node| read_style(node, mistakes));
    let signing = fields.need("signing", mistakes).and_then(|node| read_signing(node, style.as_ref(), mistakes));
    let answers = fields.need("answers", mistakes).and_then(|node| read_answers(node, mistakes));
    let paging = fields.take("paging").and_then(|node| read_paging(node, mistakes));
    let stranger = fields.take("stranger").and_then(|node| read_stranger(node, mistakes));
    let jobs = fields.take("jobs").and_then(|node| read_jobs(node, mistakes));
    fields.finish(mistakes);
    let (answers, style) = (answers?, style?);
    Some(Suite {
        name: name?,
        title: title?.value,
        document: document?,
        absent: AbsentAnswer::usual(&style).into_iter().chain(answers.absent).collect(),
        style,
        signing: signing?,
        formats: answers.formats,
        envelope: answers.envelope,
        refusal_envelope: answers.refusal_envelope,
        refusals: answers.refusals,
        throttled: answers.throttled,
        lacking: answers.lacking,
        failures: answers.failures,
        busy: answers.busy,
        shapes: answers.shapes,
        paging,
        jobs,
        operations: IndexMap::new(),
        requirements: IndexMap::new(),
        profiles: ConformanceProfile::usual(),
        deviations: Vec::new(),
        variables: Vec::new(),
        stranger,
        described: None,
    })
}

fn read_stranger(node: &Node, mistakes: &mut Diagnostics) -> Option<Stranger> {
    let mut fields = node.fields("`stranger`", mistakes)?;
    let account = fields.need_text("account", mistakes);
    let owner = fields.text("owner", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    Some(Stranger { account: account?.value, owner })
}

fn read_signing(node: &Node, style: Option<&Style>, mistakes: &mut Diagnostics) -> Option<Signing> {
    let signing = node.choice("`signing`", &Signing::NAMES, mistakes)?;
    if style == Some(&Style::Rest) && signing != Signing::Token {
        let mistake = Diagnostic::error(&node.place, "requests of the style rest can't be signed");
        mistakes.add(mistake.help("write `signing: token`, and `credential` at the parameters that carry one"));
        return None;
    }
    Some(signing)
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
    let styles = [("query", true), ("rest", false)];
    let by_query = fields.need("style", mistakes).and_then(|node| node.choice("`style`", &styles, mistakes));
    if by_query == Some(false) {
        for name in ["operation_parameter", "fixed", "lists"] {
            let help = "write what an operation needs in its `request`, in operations.yaml";
            fields.refuse(name, &format!("`{name}` is of the style query"), help, mistakes);
        }
        fields.finish(mistakes);
        return Some(Style::Rest);
    }
    let parameter = fields.need_text("operation_parameter", mistakes);
    let fixed = fields.take("fixed").map(|node| read_pairs(node, "`fixed`", mistakes)).unwrap_or_default();
    let lists = fields.take("lists").and_then(|node| node.choice("`lists`", &ListForm::NAMES, mistakes));
    fields.finish(mistakes);
    by_query?;
    Some(Style::Query { operation_parameter: parameter?.value, fixed, lists: lists.unwrap_or_default() })
}

/// Parameters with the text that each is given.
fn read_pairs(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Vec<(String, String)> {
    let entries = node.entries(what, mistakes).unwrap_or_default();
    let pairs = entries
        .iter()
        .filter_map(|(key, value)| Some((key.value.clone(), value.text("the value of a parameter", mistakes)?.value)));
    pairs.collect()
}

/// What `answers` says.
struct Answers {
    formats: Vec<AnswerFormat>,
    envelope: Envelope,
    refusal_envelope: Option<String>,
    refusals: Vec<StatusPattern>,
    throttled: Vec<StatusPattern>,
    lacking: Vec<StatusPattern>,
    failures: Vec<StatusPattern>,
    busy: Vec<String>,
    absent: Vec<AbsentAnswer>,
    shapes: Shapes,
}

fn read_answers(node: &Node, mistakes: &mut Diagnostics) -> Option<Answers> {
    let mut fields = node.fields("`answers`", mistakes)?;
    let formats = fields.need("formats", mistakes).and_then(|node| read_formats(node, mistakes));
    let envelope = fields.need_text("envelope", mistakes);
    let refusal_envelope = fields.text("refusal_envelope", mistakes).map(|text| text.value);
    let refusals = fields.need("refusals", mistakes).map(|node| {
        node.some("`refusals`", mistakes);
        StatusPattern::read(node, mistakes)
    });
    let throttled = fields.take("throttled").map(|node| StatusPattern::read(node, mistakes));
    let mut statuses = |name| fields.take(name).map(|node| StatusPattern::read(node, mistakes)).unwrap_or_default();
    let (lacking, failures) = (statuses("lacking"), statuses("failures"));
    let busy = fields.texts("busy", mistakes).into_iter().map(|text| text.value).collect();
    let absent = fields.take("absent").map(|node| read_absent(node, mistakes)).unwrap_or_default();
    let shapes = fields.take("shapes").map(|node| read_shapes(node, mistakes)).unwrap_or_default();
    fields.finish(mistakes);
    let envelope = match envelope?.value {
        none if none == "none" => Envelope::None,
        name => Envelope::Named(name),
    };
    let throttled = throttled.unwrap_or_else(|| vec![StatusPattern::too_many_requests()]);
    let (formats, refusals) = (formats?, refusals?);
    Some(Answers { formats, envelope, refusal_envelope, refusals, throttled, lacking, failures, busy, absent, shapes })
}

/// How the API says that it does not have an operation.
fn read_absent(node: &Node, mistakes: &mut Diagnostics) -> Vec<AbsentAnswer> {
    let answers = node.one_or_many().iter().filter_map(|node| {
        let mut fields = node.fields("an answer", mistakes)?;
        let statuses = fields.need("status", mistakes).map(|node| StatusPattern::read(node, mistakes));
        let texts: Vec<_> = fields.texts("body", mistakes).into_iter().map(|text| text.value).collect();
        fields.finish(mistakes);
        let body = if texts.is_empty() { AbsentBody::Any } else { AbsentBody::Text(texts) };
        Some(AbsentAnswer { statuses: statuses?, body })
    });
    answers.collect()
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
        let parameters = read_pairs(parameters, "the parameters of a format", mistakes);
        formats.push(AnswerFormat { encoding: *encoding, parameters });
    }
    Some(formats)
}

pub(super) fn read_paging(node: &Node, mistakes: &mut Diagnostics) -> Option<Paging> {
    let mut fields = node.fields("`paging`", mistakes)?;
    let start = read_start(&mut fields, mistakes);
    let size = fields.need_text("size", mistakes);
    let default = fields.take("default").and_then(|node| node.whole_number("`default`", mistakes));
    let count = read_count(&mut fields, mistakes);
    fields.finish(mistakes);
    Some(Paging { start: start?, size: size?.value, default, count })
}

fn read_start(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<PageStart> {
    if fields.place_of("offset").is_some() {
        let parameter = fields.need_text("offset", mistakes)?.value;
        return Some(PageStart::Offset { parameter });
    }
    if fields.place_of("marker").is_some() {
        let (parameter, next) = (fields.need_text("marker", mistakes), fields.need_text("next", mistakes));
        return Some(PageStart::Marker { parameter: parameter?.value, next: next?.value });
    }
    let parameter = fields.need_text("page", mistakes);
    let first = fields.take("first").and_then(|node| node.whole_number("`first`", mistakes)).unwrap_or(1);
    Some(PageStart::Number { parameter: parameter?.value, first })
}

fn read_count(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Count> {
    let counts = [("answer", Counts::Answer), ("whole", Counts::Whole)];
    let field = fields.text("count", mistakes)?.value;
    let counts = fields.need("counts", mistakes).and_then(|node| node.choice("`counts`", &counts, mistakes))?;
    Some(Count { field, counts })
}

fn read_jobs(node: &Node, mistakes: &mut Diagnostics) -> Option<Jobs> {
    let mut fields = node.fields("`jobs`", mistakes)?;
    let id = fields.need_text("id", mistakes);
    let poll = fields.need_text("poll", mistakes);
    let parameter = fields.need_text("parameter", mistakes);
    let status = fields.need_text("status", mistakes);
    let result = fields.text("result", mistakes).map(|text| text.value);
    let code = fields.text("code", mistakes).map(|text| text.value);
    let instance = fields.text("instance", mistakes).map(|text| text.value);
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
        result,
        code,
        instance,
        states: JobStates { pending: pending?, succeeded: succeeded?, failed: failed? },
    })
}
