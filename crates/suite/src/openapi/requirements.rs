//! Each sentence of a document that a request can decide, as a requirement with its line.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::source::{Located, Node, Place};
use crate::{
    AppliesTo, Basis, Contract, Counted, Demand, DocumentedResponse, InputKind, LawKind, ListFilter, ListLawKind,
    Operation, OperationName, PathMethods, Requirement, RequirementId, Resource, ResponseStatus, Rule, Standing,
    is_json,
};

use super::values::cite;

pub(super) type Requirements = IndexMap<RequirementId, Requirement>;

/// All requirements, in the order of the document.
pub(super) fn all(
    operations: &IndexMap<OperationName, Operation>,
    resources: &[Resource],
    methods: &[PathMethods],
    no_trace: &RequirementId,
    root: &Node,
) -> Requirements {
    let mut list = Collected::default();
    for (name, operation) in operations {
        if let Some(contract) = &operation.contract {
            of_operation(&mut list, name, contract);
        }
    }
    for path in methods {
        let text = format!("{} takes no method but the documented ones (RFC 9110, 15.5.6)", path.request.path);
        list.add(&path.requirement, &path.place, text, [path.operation.clone()], Standing::Testable);
    }
    for resource in resources {
        of_resource(&mut list, resource);
    }
    let text = "no answer shows the inside of the server: no stack trace (RFC 9457, 5)".to_owned();
    let all = operations.keys().cloned();
    list.add(no_trace, &root.place, text, all, Standing::Testable);
    list.0
}

#[derive(Default)]
struct Collected(Requirements);

impl Collected {
    fn add(
        &mut self,
        id: &RequirementId,
        place: &Place,
        text: String,
        operations: impl IntoIterator<Item = OperationName>,
        standing: Standing,
    ) {
        self.0.entry(id.clone()).or_insert_with(|| Requirement {
            id: Located { value: id.clone(), place: place.clone() },
            text,
            source: cite(place),
            applies_to: AppliesTo::Operations(operations.into_iter().collect::<BTreeSet<_>>()),
            promises: Vec::new(),
            basis: Basis::Documented,
            standing,
        });
    }
}

fn of_operation(list: &mut Collected, name: &OperationName, contract: &Contract) {
    let own = || [name.clone()];
    let text = format!("{name} exists and takes a good request");
    list.add(&contract.exists, &contract.place, text, own(), Standing::Testable);
    let known: Vec<_> = contract.responses.iter().map(|known| known.status.to_string()).collect();
    let text = format!("{name} answers with a documented status ({}), and does not fail", known.join(", "));
    list.add(&contract.status, &contract.place, text, own(), Standing::Testable);
    if let Some((id, schemes)) = &contract.security {
        let text = format!("{name} refuses a request without a good credential ({})", schemes.join(", "));
        list.add(id, &contract.place, text, own(), Standing::Testable);
    }
    let is_json_body = contract.media_types.first().is_none_or(|media_type| is_json(media_type));
    for input in &contract.inputs {
        for rule in &input.rules {
            let at = rule.path.join(".").replace(".*", "[]");
            let what = match (input.kind, at.is_empty()) {
                (InputKind::Body, true) => "the body".to_owned(),
                (InputKind::Body, false) => format!("`{at}` in the body"),
                (kind, true) => format!("`{}` in the {}", input.argument, kind.name()),
                (kind, false) => format!("`{at}` of `{}` in the {}", input.argument, kind.name()),
            };
            let text = format!("{name}: {what} {}", rule.demand.describe());
            let is_typed = input.kind == InputKind::Body && is_json_body;
            list.add(&rule.requirement, &rule.place, text, own(), standing(rule, is_typed));
        }
    }
    if contract.body().is_some() {
        let mut add = |id: &str, place: &Place, text: &str| {
            let id = RequirementId(format!("{name}.body.{id}"));
            list.add(&id, place, format!("{name}: the body {text}"), own(), Standing::Testable);
        };
        if is_json_body {
            add("malformed", &contract.place, "is refused when it is malformed");
        }
        // That a server is lenient breaks nothing, unless the document says by which status it is not.
        if let Some(refusal) = contract.exactly(415) {
            add("media-type", &refusal.place, "is refused in another media type");
        }
    }
    if let Some((id, get)) = &contract.head_of {
        let text = format!("{name} is answered as {get} is, without the body (RFC 9110, 9.3.2)");
        list.add(id, &contract.place, text, own(), Standing::Testable);
    }
    for response in &contract.responses {
        of_response(list, name, response);
    }
}

/// Whether a rule can be broken by a request.
fn standing(rule: &Rule, is_typed: bool) -> Standing {
    match &rule.demand {
        Demand::Type(types) if !is_typed && types.iter().any(|name| name == "string") => {
            Standing::Untestable("whatever a request holds there is text".to_owned())
        }
        Demand::Type(_) if !is_typed && !rule.path.is_empty() => {
            Standing::Untestable("its value is written as text".to_owned())
        }
        _ => Standing::Testable,
    }
}

fn of_response(list: &mut Collected, name: &OperationName, response: &DocumentedResponse) {
    let is_failure = matches!(response.status, ResponseStatus::Exactly(500..) | ResponseStatus::Family(5));
    let standing = || match is_failure {
        true => Standing::Untestable("no request makes a sound server fail".to_owned()),
        false => Standing::Testable,
    };
    let (status, own) = (response.status, || [name.clone()]);
    let place = &response.place;
    if let Some(id) = &response.media_type {
        let types: Vec<_> = response.content.iter().map(|content| content.media_type.as_str()).collect();
        let text = format!("{name}: the answer {status} is of the type {}", types.join(" or "));
        list.add(id, place, text, own(), standing());
    }
    if let Some(id) = &response.body {
        list.add(id, place, format!("{name}: the answer {status} is as its schema says"), own(), standing());
    }
    for header in &response.headers {
        let has = if header.is_required { "has" } else { "has as documented, if at all," };
        let text = format!("{name}: the answer {status} {has} the header {}", header.name);
        list.add(&header.requirement, &header.place, text, own(), standing());
    }
}

fn of_resource(list: &mut Collected, resource: &Resource) {
    let noun = &resource.noun;
    let operations = [&resource.create, &resource.read, &resource.replace, &resource.patch, &resource.remove];
    let all: Vec<_> = operations.into_iter().flatten().cloned().collect();
    for law in &resource.laws {
        let text = match law.kind {
            LawKind::ReadBack => format!("a created {noun} is read as it was sent"),
            LawKind::Listed => format!("a created {noun} is listed"),
            LawKind::Gone => format!("a removed {noun} is gone"),
            LawKind::Replaced => format!("a replaced {noun} is read as it was sent"),
            LawKind::Idempotent => format!("replacing a {noun} twice does no more than once (RFC 9110, 9.2.2)"),
            LawKind::Untouched => format!("a refused change of a {noun} changes nothing"),
            LawKind::Patched => format!("a change of a {noun} alters what it names and nothing else (RFC 5789, 2)"),
            LawKind::Distinct => format!("two created {noun}s have two identities"),
            LawKind::NotCreated => format!("a refused creation of a {noun} creates nothing"),
            LawKind::Unique => format!("a second {noun} of a name that is taken is refused"),
            LawKind::Renamed => format!("a change of a {noun} to a name that is taken is refused"),
            LawKind::Defaults => format!("what is not given of a {noun} has its default"),
            LawKind::Located => format!("Location leads to the created {noun} (RFC 9110, 15.3.2)"),
            LawKind::NotModified => format!("a {noun} that has not changed is not sent again (RFC 9110, 13.1.2)"),
            LawKind::Versioned => format!("a changed {noun} has another entity tag (RFC 9110, 8.8.3)"),
            LawKind::Guarded => {
                format!("a change of a {noun} that rests on an old state is refused (RFC 9110, 13.1.1)")
            }
            LawKind::Within => format!("a {noun} is found in what it was created in, and nowhere else"),
            LawKind::Cascade => format!("a {noun} is gone with what it was created in"),
            LawKind::ReadOnly => format!("what can only be read of a {noun} is not set by a change"),
            LawKind::Counted => format!("what counts its {noun}s counts those that there are"),
            LawKind::Referring => format!("a {noun} that refers to what there is not is refused"),
            LawKind::Kept => format!("what has a {noun} in it is not removed"),
            LawKind::Alone => format!("of two {noun}s only the removed one is gone"),
            LawKind::Private => format!("another account can neither see, change nor remove a {noun}"),
        };
        list.add(&law.requirement, &law.place, text, all.clone(), Standing::Testable);
    }
    for law in &resource.states.laws {
        list.add(&law.requirement, &law.place, law.text.clone(), [law.operation.clone()], Standing::Testable);
    }
    for way in &resource.states.ways {
        let text = format!("after {} the {} of the {noun} is {}", way.operation, way.field, way.value);
        list.add(&way.requirement, &way.place, text, [way.operation.clone()], Standing::Testable);
    }
    let Some((listing, _)) = &resource.list else { return };
    for law in &resource.list_laws {
        let text = match &law.kind {
            ListLawKind::Filter(ListFilter { parameter, field }) => {
                format!("`{parameter}` leaves in the list only what has that {field}")
            }
            ListLawKind::Least(ListFilter { parameter, field }) => {
                format!("`{parameter}` leaves in the list only what has a {field} from it on")
            }
            ListLawKind::Most(ListFilter { parameter, field }) => {
                format!("`{parameter}` leaves in the list only what has a {field} up to it")
            }
            ListLawKind::Together(_) => "several filters at once leave only what each of them leaves".to_owned(),
            ListLawKind::Search { parameter, fields } => {
                format!("`{parameter}` leaves in the list only what has it in {}", fields.join(" or "))
            }
            ListLawKind::PageCount(path) => {
                format!("`{}` is the number of pages", path.trim_start_matches("$."))
            }
            ListLawKind::Repeats(parameter, path) => {
                format!("`{}` is what `{parameter}` asks for, or its default", path.trim_start_matches("$."))
            }
            ListLawKind::Sorted { arguments, field, .. } => {
                let arguments: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("`{}` sorts by {field}", arguments.join("&"))
            }
            ListLawKind::Size(parameter) => format!("a page has no more items than `{parameter}` asks for"),
            ListLawKind::Total(Counted::Field(path)) => {
                format!("`{}` is the number of items on all pages", path.trim_start_matches("$."))
            }
            ListLawKind::Total(Counted::Header(name)) => {
                format!("the header `{name}` is the number of items on all pages")
            }
            ListLawKind::Pages { .. } => "each page goes on where the one before ends".to_owned(),
        };
        list.add(&law.requirement, &law.place, format!("{listing}: {text}"), [listing.clone()], Standing::Testable);
    }
}
