//! What a request created, by its answer, and how it is distinguished from what others created.

use serde_json::Value;

use crate::scenario::Path;
use assay_formats::record::{ObligationKind, Origin, UniqueName};
use assay_suite::plain;
use assay_suite::source::Located;
use assay_suite::{FOUND, LOCATION, Operation, Presence, SENT, Several, Suite, Undo};

use super::ownership::{Arguments, identifies, stem};

/// The name that a request gives what it creates, if it gives one that nothing else has.
fn unique_name(sent: &[(String, Value)], unique: &Value) -> Option<UniqueName> {
    let unique = plain(unique);
    let named = sent.iter().filter(|(_, value)| plain(value).contains(&unique));
    let parameters: Vec<_> = named.map(|(name, _)| name.clone()).collect();
    (!parameters.is_empty()).then_some(UniqueName { unique, parameters })
}

/// How what a request creates is distinguished from what others created.
pub(super) fn origin(
    suite: &Suite,
    operation: &Operation,
    undo: &Undo,
    sent: &[(String, Value)],
    unique: &Value,
) -> Origin {
    let of_list = undo.shown_by.iter().flat_map(|shown_by| &shown_by.with);
    let needed: Vec<_> = of_list.filter_map(|(_, written)| written.value.strip_prefix("$request.")).collect();
    // A list of what belongs to something needs the owner as an argument.
    let takes = |list: &Operation, name: &str| {
        list.parameters.get(name).is_some_and(|parameter| parameter.presence == Presence::Required || parameter.scope)
    };
    let is_needed = |name: &str| {
        let lists = suite.operations.values().filter(|list| list.list.is_some() && list.group == operation.group);
        needed.contains(&name)
            || lists.into_iter().any(|list| takes(list, name))
            || undo.with.iter().any(|(known, _)| stem(known).eq_ignore_ascii_case(stem(name)))
    };
    let chosen =
        undo.with.iter().filter_map(|(_, written)| Some((written.value.clone(), chosen(&written.value, sent)?)));
    let given = sent.iter().filter(|(name, _)| is_needed(name)).cloned().chain(chosen).collect();
    Origin { name: unique_name(sent, unique), given, ..Origin::of(operation.name.value.clone()) }
}

/// The identity that a request chose, by its place there.
fn chosen(place: &str, sent: &[(String, Value)]) -> Option<Value> {
    let place = place.strip_prefix(SENT)?;
    let given = |argument: &str| sent.iter().find(|(name, _)| name == argument).map(|(_, value)| value);
    // The name of an argument may have dots itself: `tags[0].key`.
    if let Some(value) = given(place) {
        return Some(value.clone());
    }
    let mut parts = place.split('.');
    let value = given(parts.next()?)?;
    parts.try_fold(value, |value, part| value.get(part)).cloned()
}

/// An undoing with what the request said in place of `$request.NAME` and `$sent.PLACE`.
fn with_request(undo: &Undo, origin: &Origin) -> Undo {
    let mut undo = undo.clone();
    for (_, written) in &mut undo.with {
        let name =
            written.value.strip_prefix("$request.").or(Some(&*written.value).filter(|value| is_said_elsewhere(value)));
        let given = name.and_then(|name| origin.given.iter().find(|(known, _)| known == name));
        if let Some((_, value)) = given {
            written.value = plain(value);
        }
    }
    undo
}

/// Whether the body of an answer has nothing of an identity: the request has it, or the address in the answer.
fn is_said_elsewhere(written: &str) -> bool {
    [SENT, LOCATION].iter().any(|start| written.starts_with(start))
}

/// The same with the identity that the address in the answer ends with.
pub(super) fn with_location(origin: Origin, undo: &Undo, located: Option<&Value>) -> Origin {
    let Origin { mut given, .. } = origin.clone();
    let wanted = undo.with.iter().map(|(_, written)| &written.value).filter(|value| value.starts_with(LOCATION));
    given.extend(wanted.zip(located).map(|(name, identity)| (name.clone(), identity.clone())));
    Origin { given, ..origin }
}

/// The arguments that remove what the answer that gives a job names already: its fields are called as those of the result.
pub(super) fn named_at_once(undo: &Undo, answer: &Value, origin: &Origin) -> Option<Arguments> {
    let undo = &with_request(undo, origin);
    let argument = |(name, written): &(String, Located<String>)| {
        let way = undo.way(name);
        let given = || origin.given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let value = match way.last() {
            None => Value::from(written.value.as_str()),
            Some(field) => answer.get(field).cloned().or_else(given)?,
        };
        identifies(&value).ok().map(|()| (name.clone(), value))
    };
    let fields: Vec<_> = undo.with.iter().filter_map(|(name, _)| undo.way(name).pop()).collect();
    let is_told_apart = fields.iter().all(|field| fields.iter().filter(|other| *other == field).count() == 1);
    let is_named = fields.iter().any(|field| answer.get(field).is_some());
    if undo.find.is_none() && is_told_apart && is_named { undo.with.iter().map(argument).collect() } else { None }
}

/// The arguments that remove the thing that a job is about, where one argument names it, by the field by which lists of its
/// kind do.
pub(super) fn named_by_job(
    suite: &Suite,
    operation: &Operation,
    instance: &Value,
    origin: &Origin,
) -> Option<Arguments> {
    let undo = with_request(operation.undo.as_ref()?, origin);
    let mut fields = undo.with.iter().filter_map(|(name, _)| undo.way(name).pop());
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let mut lists = suite.operations.values().filter(|list| list.group == operation.group);
    let is_key = lists.any(|one| one.list.as_ref().is_some_and(|list| list.key.as_ref() == Some(&field)));
    let answer = Value::Object([(field, instance.clone())].into_iter().collect());
    if is_key { named_at_once(&undo, &answer, origin) } else { None }
}

/// What an operation created, by its answer. The error says why that is not known.
pub(super) fn created(
    operation: &Operation,
    undo: &Undo,
    answer: Option<&Value>,
    origin: &Origin,
) -> Result<Vec<ObligationKind>, String> {
    let Some(answer) = answer.filter(|_| undo.sets_back().is_none()) else { return Ok(Vec::new()) };
    let of = &operation.name.value;
    if undo.find.is_some() {
        return Ok(vec![ObligationKind::Lookup {
            of: of.clone(),
            answer: answer.clone(),
            origin: Some(origin.clone()),
        }]);
    }
    let undo = &with_request(undo, origin);
    let removals = arguments(undo, &undo.with, answer, None)?.into_iter();
    let thing = |arguments| {
        let (call, origin) = (undo.call.value.clone(), Some(origin.clone()));
        ObligationKind::Thing { call, arguments, origin }
    };
    Ok(removals.map(thing).collect())
}

/// The arguments of one removal for each thing that an answer names; none if it names nothing. The error says why they can't
/// be the run's.
pub(super) fn arguments(
    undo: &Undo,
    with: &[(String, Located<String>)],
    answer: &Value,
    found: Option<&Value>,
) -> Result<Vec<Arguments>, String> {
    let mut removals = vec![Arguments::new()];
    for (name, written) in with {
        let mut values: Vec<Value> = match Path::parse(&written.value) {
            // A request that chose none created nothing that is known.
            _ if is_said_elsewhere(&written.value) => Vec::new(),
            _ if written.value == FOUND => found.into_iter().cloned().collect(),
            Ok(path) => path.select(answer).into_iter().cloned().collect(),
            Err(_) => vec![Value::from(written.value.as_str())],
        };
        values.dedup();
        if let Some(Err(what)) = values.iter().map(identifies).find(Result::is_err) {
            return Err(format!("its answer has {what} at {}, which names nothing", written.value));
        }
        if values.len() > 1 && undo.several == Several::Wrong {
            let number = values.len();
            return Err(format!("its answer has {number} values at {}, where one is documented", written.value));
        }
        let with_each = |removal: &Arguments| -> Vec<Arguments> {
            let each = values.iter().map(|value| {
                let mut removal = removal.clone();
                removal.push((name.clone(), value.clone()));
                removal
            });
            each.collect()
        };
        removals = removals.iter().flat_map(with_each).collect();
    }
    Ok(removals)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_suite::OperationName;
    use assay_suite::source::{Place, SourceFile};

    fn written(text: &str) -> Located<String> {
        let file = SourceFile::new("operations.yaml", "");
        Located { value: text.to_owned(), place: Place::start_of(&file) }
    }

    fn undo(several: Several, with: &[(&str, &str)]) -> Undo {
        let with = with.iter().map(|(name, value)| ((*name).to_owned(), written(value))).collect();
        Undo {
            find: None,
            shown_by: None,
            call: written("deleteThing").map(OperationName),
            first: None,
            with,
            several,
            unless: None,
        }
    }

    fn removals(undo: &Undo, answer: &Value) -> Result<Vec<Arguments>, String> {
        arguments(undo, &undo.with, answer, None)
    }

    #[test]
    fn each_thing_that_a_path_leads_to_is_removed_where_all_were_created() {
        let all = undo(Several::All, &[("id", "$.set[*].id"), ("forced", "true")]);
        let answer = json!({"set": [{"id": "a"}, {"id": "b"}]});
        let ids: Vec<_> = removals(&all, &answer).unwrap().into_iter().map(|removal| removal[0].1.clone()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert!(removals(&all, &json!({"set": []})).unwrap().is_empty());
    }

    #[test]
    fn an_answer_that_names_several_where_one_is_documented_names_nothing() {
        let one = undo(Several::Wrong, &[("id", "$['a','b'].id")]);
        assert_eq!(removals(&one, &json!({"a": {"id": "x"}})).unwrap(), [vec![("id".to_owned(), json!("x"))]]);
        let why = removals(&one, &json!({"a": {"id": "x"}, "b": {"id": "y"}})).unwrap_err();
        assert!(why.contains("2 values"), "{why}");
    }

    #[test]
    fn what_identifies_nothing_is_never_an_argument() {
        let one = undo(Several::Wrong, &[("id", "$.id")]);
        for id in [json!(""), json!("."), json!(".."), json!(null), json!({}), json!(["a"]), json!(true)] {
            assert!(removals(&one, &json!({ "id": id })).is_err(), "{id}");
        }
    }

    #[test]
    fn what_was_looked_up_is_removed() {
        let found = undo(Several::Wrong, &[("id", "$found")]);
        let expected = vec![vec![("id".to_owned(), json!("x"))]];
        assert_eq!(arguments(&found, &found.with, &json!({}), Some(&json!("x"))), Ok(expected));
    }

    #[test]
    fn what_a_request_named_is_removed_by_that() {
        let named = undo(Several::Wrong, &[("database", "$sent.body.name"), ("tenant", "$request.tenant")]);
        let name = ("body".to_owned(), json!({"name": "assay-0123"}));
        let given = vec![("tenant".to_owned(), json!("t")), name.clone()];
        let chosen = chosen("$sent.body.name", &given).unwrap();
        let origin = Origin {
            given: vec![given[0].clone(), ("$sent.body.name".to_owned(), chosen)],
            ..Origin::of(OperationName("create".to_owned()))
        };
        let removal = with_request(&named, &origin);
        let expected = vec![("database".to_owned(), json!("assay-0123")), ("tenant".to_owned(), json!("t"))];
        assert_eq!(removals(&removal, &json!(null)).unwrap(), [expected]);
        assert_eq!(named.way("database"), ["name"]);
        // What is nowhere in the request names nothing.
        let without = with_request(&named, &Origin::of(OperationName("create".to_owned())));
        assert!(removals(&without, &json!({"name": "another"})).unwrap().is_empty());
    }

    #[test]
    fn the_name_of_an_argument_may_have_dots() {
        let sent = [("tags[0].key".to_owned(), json!("assay-0123")), ("body".to_owned(), json!({"name": "n"}))];
        assert_eq!(chosen("$sent.tags[0].key", &sent), Some(json!("assay-0123")));
        assert_eq!(chosen("$sent.body.name", &sent), Some(json!("n")));
        assert_eq!(chosen("$sent.tags[1].key", &sent), None);
    }

    #[test]
    fn what_is_in_something_is_removed_there() {
        let nested = undo(Several::Wrong, &[("id", "$.id"), ("shelf", "$request.shelf")]);
        let given = vec![("shelf".to_owned(), json!(7))];
        let origin = Origin { given, ..Origin::of(OperationName("create".to_owned())) };
        let nested = with_request(&nested, &origin);
        let expected = vec![("id".to_owned(), json!("a")), ("shelf".to_owned(), json!("7"))];
        assert_eq!(removals(&nested, &json!({"id": "a"})).unwrap(), [expected]);
    }

    #[test]
    fn what_the_first_answer_of_a_job_names_is_known_before_its_end() {
        let origin = Origin::of(OperationName("deploy".to_owned()));
        let deployed = undo(Several::Wrong, &[("id", "$.machine.id"), ("forced", "true")]);
        let named = |answer: Value| named_at_once(&deployed, &answer, &origin);
        let expected = vec![("id".to_owned(), json!("m")), ("forced".to_owned(), json!("true"))];
        assert_eq!(named(json!({"job": 7, "id": "m"})), Some(expected));
        assert_eq!(named(json!({"job": 7})), None);
        assert_eq!(named(json!({"job": 7, "id": ""})), None);
        let unclear = undo(Several::Wrong, &[("machine", "$.machine.id"), ("id", "$.nic.id")]);
        assert_eq!(named_at_once(&unclear, &json!({"job": 7, "id": "m"}), &origin), None);
    }
}
