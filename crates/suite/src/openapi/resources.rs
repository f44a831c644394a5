//! Which operations create, show, change and remove the same things: by paths first, then by the fields of answers.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::http::Method;
use crate::source::{Diagnostic, Diagnostics, Located};
use crate::{
    Effect, List, Location, Operation, OperationName, Presence, Resource, Several, SuiteName, Undo, Variable, place_of,
};

use super::by_name::Operations;
use super::overlay::Overlay;
use super::paths::{collection, path_names, plain_path};
use super::shape::Shape;
use super::{laws, links, settings, verbs};
use crate::{LOCATION, SENT};

/// Names of parameters that say nothing of what they name.
const GENERIC: [&str; 10] = ["id", "uuid", "guid", "key", "name", "slug", "code", "number", "ref", "identifier"];
/// Fields that count the states of a thing.
const VERSIONS: [&str; 7] = ["version", "revision", "rev", "lockversion", "rowversion", "resourceversion", "etag"];

/// Finds the kinds of things that the operations are about, and notes with each operation what it lists and how what it
/// creates is removed.
pub(super) fn infer(
    schemas: &[(String, Value)],
    suite: &SuiteName,
    operations: &mut Operations,
    overlay: &Overlay,
    mistakes: &mut Diagnostics,
) -> Vec<Resource> {
    let schemas: HashMap<&str, &Value> = schemas.iter().map(|(path, schema)| (path.as_str(), schema)).collect();
    let finder = Finder { schemas, suite, by_path: by_path(operations) };
    let mut resources = finder.resources(operations);
    for resource in &mut resources {
        finder.complete(resource, operations);
    }
    settle_effects(&resources, operations, overlay);
    for resource in &mut resources {
        add_undo(resource, operations, overlay);
    }
    settings::add(operations, overlay);
    let found = laws::all(&resources, operations, |operation| finder.answer(operation));
    for (resource, found) in resources.iter_mut().zip(found) {
        (resource.laws, resource.list_laws, resource.paged) = (found.laws, found.list_laws, found.paged);
        resource.states = found.states;
    }
    explain_what_stays(operations, mistakes);
    resources
}

/// The operations by their paths and methods.
type ByPath = BTreeMap<String, HashMap<Method, OperationName>>;

fn by_path(operations: &Operations) -> ByPath {
    let mut by_path = ByPath::new();
    for (name, operation) in operations {
        if let Some(request) = &operation.request {
            let of_path = by_path.entry(plain_path(&request.path).to_owned()).or_default();
            of_path.entry(request.method).or_insert_with(|| name.clone());
        }
    }
    by_path
}

struct Finder<'a> {
    schemas: HashMap<&'a str, &'a Value>,
    suite: &'a SuiteName,
    by_path: ByPath,
}

impl<'a> Finder<'a> {
    /// The kinds of things that have a path each, those that others are in first.
    fn resources(&self, operations: &Operations) -> Vec<Resource> {
        let mut resources: Vec<Resource> = Vec::new();
        let (mut by_place, mut taken) = (HashMap::<String, usize>::new(), HashSet::new());
        let mut paths: Vec<_> = self.by_path.iter().collect();
        paths.sort_by_key(|(path, _)| path.matches('/').count());
        for (path, methods) in paths {
            let whole = collection(path);
            if whole == path {
                continue;
            }
            let Some(parameter) = path_names(path).last() else { continue };
            let noun = singular(whole.rsplit('/').find(|part| !part.starts_with('{')).unwrap_or("thing"));
            let wire =
                methods.values().next().and_then(|name| operations.get(name)).and_then(|operation| {
                    operation.parameters.get(parameter)?.wire.as_ref().map(|wire| wire.name.clone())
                });
            let variable = variable(&wire.unwrap_or_else(|| parameter.to_owned()), &noun, whole, &taken);
            taken.insert(variable.clone());
            let parents = path_names(whole).map(|name| {
                let above: Option<&Resource> =
                    place_of(whole, name).and_then(|place| resources.get(*by_place.get(&place)?));
                (name.to_owned(), above.map_or_else(|| own_variable(name), |above| above.variable.clone()))
            });
            let of = |path: &str, method: Method| self.by_path.get(path).and_then(|found| found.get(&method)).cloned();
            let upsert = of(path, Method::Put).filter(|put| {
                let documents_creation = operations
                    .get(put)
                    .and_then(|put| put.contract.as_ref())
                    .is_some_and(|contract| contract.exactly(201).is_some());
                of(whole, Method::Post).is_none() && (documents_creation || of(path, Method::Delete).is_some())
            });
            let resource = Resource {
                parents: parents.collect(),
                variable,
                noun,
                collection: whole.to_owned(),
                parameter: parameter.to_owned(),
                create: of(whole, Method::Post).or_else(|| upsert.clone()),
                created_key: upsert.map(|_| format!("{SENT}{parameter}")),
                version: None,
                list: None,
                paged: None,
                read: of(path, Method::Get),
                replace: of(path, Method::Put),
                patch: of(path, Method::Patch),
                remove: of(path, Method::Delete),
                laws: Vec::new(),
                list_laws: Vec::new(),
                states: crate::States::default(),
            };
            by_place.entry(resource.place()).or_insert(resources.len());
            resources.push(resource);
        }
        resources
    }

    /// Finds the identity of a thing in answers.
    fn complete(&self, resource: &mut Resource, operations: &mut Operations) {
        let identities = identities(resource);
        // What a PUT creates has the name that is in its path.
        let has_key = resource.created_key.is_some();
        // A link says what creates one, and where its identity is; names only suggest it.
        let linked = |operation: &Operation| {
            let posts = operation.request.as_ref().is_some_and(|request| request.method == Method::Post);
            links::identity(resource, operation).filter(|_| posts && !has_key)
        };
        let own = resource.create.as_ref().and_then(|create| operations.get(create));
        let all = own.into_iter().chain(operations.values().filter(|_| own.is_none()));
        if let Some((create, key)) = all.into_iter().find_map(|one| Some((one.name.value.clone(), linked(one)?))) {
            (resource.create, resource.created_key) = (Some(create), Some(key));
        } else if let Some(create) = resource.create.as_ref().filter(|_| !has_key) {
            resource.created_key = self.key(&create.0, &identities).map(|path| format!("$.{path}"));
        }
        if resource.created_key.is_none() {
            resource.created_key = self.sent_key(resource, &identities, operations);
        }
        if resource.created_key.is_none() {
            resource.created_key = self.located_key(resource, &identities, operations);
        }
        resource.version = self.version(resource, operations);
        let listing = self.by_path.get(&resource.collection).and_then(|methods| methods.get(&Method::Get));
        let Some(listing) = listing.cloned() else { return };
        let Some(answer) = self.answer(&listing.0) else { return };
        let Some((items, item)) = Self::items(answer) else { return };
        let key = identities.iter().find(|name| item.property(name).is_some());
        if let Some(operation) = operations.get_mut(&listing)
            && operation.list.is_none()
        {
            operation.list =
                Some(List { items: items.clone(), key: key.cloned(), volatile: Vec::new(), created: None });
        }
        let Some(key) = key else { return };
        let path = if items.is_empty() { format!("$[0].{key}") } else { format!("$.{items}[0].{key}") };
        resource.list = Some((listing, path));
    }

    /// Where the request that creates one has its identity, where no answer gives it: a field that is called as the name in the path,
    /// or the name that a body must have, which the list or the reading shows again.
    fn sent_key(&self, resource: &Resource, identities: &[String], operations: &Operations) -> Option<String> {
        let create = operations.get(resource.create.as_ref()?)?;
        let body = create.contract.as_deref()?.body()?;
        let sent = Shape::of(&body.schema);
        let required = sent.keyword("required").and_then(Value::as_array)?;
        let is_sent = |name: &str| {
            let is_text = || sent.property(name).is_some_and(|field| field.value_type() == Some("string"));
            required.iter().any(|known| known == name) && is_text()
        };
        let read = resource.read.as_ref().and_then(|read| self.answer(&read.0));
        let list = self.by_path.get(&resource.collection).and_then(|methods| methods.get(&Method::Get));
        let item = list.and_then(|list| Self::items(self.answer(&list.0)?)).map(|(_, item)| item);
        let shows = |name: &str| read.into_iter().chain(item).any(|shown| shown.property(name).is_some());
        let says_noun = comparable(&resource.parameter) == comparable(&resource.noun);
        let named = identities.iter().find(|name| is_sent(name)).map(String::as_str);
        let named = named.or_else(|| says_noun.then_some("name").filter(|name| is_sent(name) && shows(name)))?;
        Some(format!("{SENT}{}.{named}", body.argument))
    }

    /// Where nothing else says what was created, its address does (RFC 9110, 15.3.2): that is what would be read and removed.
    fn located_key(&self, resource: &Resource, identities: &[String], operations: &Operations) -> Option<String> {
        let create = operations.get(resource.create.as_ref()?)?.contract.as_deref()?;
        resource.remove.as_ref().filter(|_| create.exactly(201).is_some())?;
        let read = resource.read.as_ref().and_then(|read| self.answer(&read.0));
        let list = self.by_path.get(&resource.collection).and_then(|methods| methods.get(&Method::Get));
        let item = list.and_then(|list| Self::items(self.answer(&list.0)?)).map(|(_, item)| item);
        let shows = |name: &&String| item.into_iter().chain(read).any(|shown| shown.property(name).is_some());
        Some(format!("{LOCATION}{}", identities.iter().find(shows).map_or("id", String::as_str)))
    }

    /// The field by which a change says what state it rests on: the server counts it, so what creates one does not take it.
    fn version(&self, resource: &Resource, operations: &Operations) -> Option<String> {
        let body =
            |name: Option<&OperationName>| Some(Shape::of(&operations.get(name?)?.contract.as_deref()?.body()?.schema));
        let update = body(resource.patch.as_ref()).or_else(|| body(resource.replace.as_ref()))?;
        let (created, read) = (body(resource.create.as_ref())?, self.answer(&resource.read.as_ref()?.0)?);
        let names = update.properties().into_iter().map(|(name, _)| name);
        let mut versions = names.filter(|name| VERSIONS.contains(&comparable(name).as_str()));
        let found = versions.find(|name| read.property(name).is_some() && created.property(name).is_none());
        found.map(str::to_owned)
    }

    fn answer(&self, operation: &str) -> Option<Shape<'a>> {
        let schema = self.schemas.get(self.suite.answer_schema(operation).as_str())?;
        Some(Shape { root: schema, schema })
    }

    /// The path in the answer of an operation to the first of these fields that it has, in it or in one object within.
    fn key(&self, operation: &str, identities: &[String]) -> Option<String> {
        let answer = self.answer(operation)?;
        if let Some(found) = identities.iter().find(|name| answer.property(name).is_some()) {
            return Some(found.clone());
        }
        answer.properties().into_iter().find_map(|(outer, inner)| {
            let found = identities.iter().find(|name| inner.property(name).is_some())?;
            (!inner.is_array()).then(|| format!("{outer}.{found}"))
        })
    }

    /// Where an answer holds a list, and what its items are.
    fn items(answer: Shape<'a>) -> Option<(String, Shape<'a>)> {
        if let Some(items) = answer.items() {
            return Some((String::new(), items));
        }
        let lists: Vec<_> = answer
            .properties()
            .into_iter()
            .filter_map(|(name, property)| Some((name.to_owned(), property.items()?)))
            .filter(|(_, items)| !items.properties().is_empty())
            .collect();
        match lists.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }
}

/// The fields that may hold the identity of a thing, the likeliest first.
fn identities(resource: &Resource) -> Vec<String> {
    let (parameter, noun) = (&resource.parameter, &resource.noun);
    let mut names = vec![parameter.clone()];
    let lower = parameter.to_lowercase();
    // What `{petId}` names may be called `id` in the pet itself.
    names.extend(GENERIC.iter().filter(|generic| lower.ends_with(*generic)).map(|generic| (*generic).to_owned()));
    names.extend([format!("{noun}Id"), format!("{noun}_id"), "id".to_owned(), "_id".to_owned(), "uuid".to_owned()]);
    names
}

/// A name as it is compared with others.
fn comparable(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// The singular of a word, as far as it matters to names.
fn singular(word: &str) -> String {
    let word: String = word.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    match () {
        () if word.ends_with("ies") && word.len() > 4 => format!("{}y", &word[..word.len() - 3]),
        () if word.ends_with("sses") || word.ends_with("xes") || word.ends_with("ches") => {
            word[..word.len() - 2].to_owned()
        }
        () if word.ends_with('s') && !word.ends_with("ss") && word.len() > 2 => word[..word.len() - 1].to_owned(),
        () => word,
    }
}

/// A name that can be one of a variable.
fn own_variable(name: &str) -> Variable {
    let mut clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if let Some(first) = clean.get(..1) {
        clean = format!("{}{}", first.to_ascii_lowercase(), &clean[1..]);
    }
    if Variable::is_name(&clean) { Variable(clean) } else { Variable(format!("v_{clean}")) }
}

/// What one of these things is called in cases: as its parameter, unless that says nothing or is another's.
fn variable(parameter: &str, noun: &str, collection: &str, taken: &HashSet<Variable>) -> Variable {
    let is_generic = GENERIC.contains(&parameter.to_lowercase().as_str());
    let short = if is_generic { format!("{noun}_{parameter}") } else { parameter.to_owned() };
    let variable = own_variable(&short);
    if !taken.contains(&variable) {
        return variable;
    }
    let words: Vec<_> = collection.split('/').filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
    let mut variable = own_variable(&format!("{}_{parameter}", words.join("_")));
    while taken.contains(&variable) {
        variable.0.push('_');
    }
    variable
}

/// What a POST does: it creates one of a collection, or something within another thing, or acts on one. A PUT to a path without
/// parameters creates where the document says so by 201.
fn settle_effects(resources: &[Resource], operations: &mut Operations, overlay: &Overlay) {
    let creating: HashSet<_> = resources.iter().filter_map(|resource| resource.create.as_ref()).collect();
    let is_got = |operation: &&Operation| operation.request.as_ref().is_some_and(|one| one.method == Method::Get);
    let got = operations.values().filter(is_got).filter_map(|operation| operation.request.as_ref());
    let got: HashSet<String> = got.map(|request| plain_path(&request.path).to_owned()).collect();
    for (name, operation) in operations.iter_mut() {
        if let Some(effect) = overlay.effects.get(name) {
            operation.effect = *effect;
            continue;
        }
        let method = operation.request.as_ref().map(|request| request.method);
        let has_created = operation.contract.as_ref().is_some_and(|contract| contract.exactly(201).is_some());
        let in_path = operation.parameters.values().rfind(|parameter| parameter.location == Location::Path);
        match (method, in_path.map(|parameter| parameter.name.clone())) {
            (Some(Method::Post), _) if creating.contains(name) => {}
            (Some(Method::Put), Some(_)) if creating.contains(name) => operation.effect = Effect::Creates,
            (Some(Method::Post), Some(parent)) if has_created => operation.belongs_to = vec![parent],
            (Some(Method::Post), Some(_)) if verbs::only_reads(operation, &got) => operation.effect = Effect::Reads,
            (Some(Method::Post), Some(_)) => operation.effect = Effect::Changes,
            (Some(Method::Post), None) => operation.effect = verbs::effect(operation, &got),
            (Some(Method::Put), None) if has_created => operation.effect = Effect::Creates,
            _ => {}
        }
    }
}

/// How what a creation made is removed again, by the operation that the document has for it.
fn add_undo(resource: &Resource, operations: &mut Operations, overlay: &Overlay) {
    let (Some(create), Some(remove), Some(key)) = (&resource.create, &resource.remove, &resource.created_key) else {
        return;
    };
    if overlay.removals.contains(create) {
        return;
    }
    let Some(removal) = operations.get(remove) else { return };
    let place = removal.name.place.clone();
    let written = |value: String| Located { value, place: place.clone() };
    let mut with = vec![(resource.parameter.clone(), written(key.clone()))];
    with.extend(resource.parents.iter().map(|(name, _)| (name.clone(), written(format!("$request.{name}")))));
    // Any state of what is the run's own is removed (RFC 9110, 13.1.1).
    let guard = removal.contract.as_deref().and_then(|contract| contract.header("if-match"));
    with.extend(guard.map(|guard| (guard.argument.clone(), written("*".to_owned()))));
    // What else it needs nothing gives.
    let needs_more = removal.parameters.values().any(|parameter| {
        parameter.presence == Presence::Required
            && parameter.credential.is_none()
            && !with.iter().any(|(name, _)| *name == parameter.name.value)
    });
    let call = Located { value: remove.clone(), place: place.clone() };
    if let Some(operation) = operations.get_mut(create).filter(|_| !needs_more) {
        operation.undo = Some(Undo {
            find: None,
            shown_by: None,
            call,
            first: None,
            with,
            several: Several::default(),
            unless: None,
        });
    }
}

/// What is created and not removed has a reason.
fn explain_what_stays(operations: &mut Operations, mistakes: &mut Diagnostics) {
    for operation in operations.values_mut() {
        if operation.effect != Effect::Creates || operation.undo.is_some() || operation.no_undo.is_some() {
            continue;
        }
        let reason = "the document has no operation that removes it, or its answer does not name it";
        let place = operation.name.place.clone();
        if operation.belongs_to.is_empty() {
            let message = format!("what {} creates can't be removed: {reason}", operation.name.value);
            let help = "name the removal under `undo` in operations.yaml, or say there what the operation does: `effect: reads`";
            mistakes.add(Diagnostic::warning(&place, message).help(help));
        }
        operation.no_undo = Some(Located { value: reason.to_owned(), place });
    }
}
