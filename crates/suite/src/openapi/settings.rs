//! What is one of its kind, as settings are: it is changed and never created, so what a run changes it sets back.

use crate::http::Method;
use crate::source::Located;
use crate::{BEFORE, Effect, Input, Location, Operation, OperationName, Presence, Several, Undo};

use super::by_name::Operations;
use super::overlay::Overlay;
use super::paths::plain_path;
use super::shape::Shape;

/// Notes with each change of what is one of its kind how it is set back: by the PUT of its path, with what its GET read before.
pub(super) fn add(operations: &mut Operations, overlay: &Overlay) {
    let undos: Vec<_> =
        operations.values().filter_map(|change| Some((change.name.value.clone(), undo(change, operations)?))).collect();
    for (name, undo) in undos {
        if let Some(operation) = operations.get_mut(&name).filter(|_| !overlay.removals.contains(&name)) {
            operation.undo = Some(undo);
        }
    }
}

fn undo(change: &Operation, operations: &Operations) -> Option<Undo> {
    let line = change.request.as_ref().filter(|line| matches!(line.method, Method::Put | Method::Patch))?;
    // What has a name at the end of its path is one of several.
    if change.effect != Effect::Changes || change.undo.is_some() || line.path.trim_end_matches('/').ends_with('}') {
        return None;
    }
    let of = |method: Method| {
        operations.values().find(|one| {
            one.request
                .as_ref()
                .is_some_and(|other| other.method == method && plain_path(&other.path) == plain_path(&line.path))
        })
    };
    let (read, set) = (of(Method::Get)?, of(Method::Put).unwrap_or(change));
    let body = set.contract.as_deref()?.body()?;
    let place = set.name.place.clone();
    let written = |value: String| Located { value, place: place.clone() };
    let guard = set.contract.as_deref().and_then(|contract| contract.header("if-match"));
    let in_path = set.parameters.values().filter(|parameter| parameter.location == Location::Path);
    let mut with: Vec<_> =
        in_path.map(|one| (one.name.value.clone(), written(format!("$request.{}", one.name.value)))).collect();
    with.extend(guard.map(|guard| (guard.argument.clone(), written("*".to_owned()))));
    with.push((body.argument.clone(), written(format!("{BEFORE}{}", read.name.value))));
    let needs_more = set.parameters.values().any(|one| {
        one.presence == Presence::Required
            && one.credential.is_none()
            && !with.iter().any(|(name, _)| *name == one.name.value)
    });
    let call: Located<OperationName> = Located { value: set.name.value.clone(), place: place.clone() };
    let undo = Undo { find: None, shown_by: None, call, first: None, with, several: Several::default(), unless: None };
    (!needs_more).then_some(undo)
}

/// The fields that a body may have, where its schema names them; those that only a server writes are none of them.
pub fn writable_fields(body: &Input) -> Vec<String> {
    let fields = Shape::of(&body.schema).properties().into_iter();
    let is_written = |field: &Shape<'_>| field.keyword("readOnly").is_none_or(|only| *only != true);
    fields.filter(|(_, field)| is_written(field)).map(|(name, _)| name.to_owned()).collect()
}
