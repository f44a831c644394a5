//! What a suite says of its answers must be in their schemas.

use crate::plan::Library;
use crate::scenario::{Path, Template};
use assay_schema::Field;
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, Place};
use assay_suite::{Location, Operation, OwnPaging, PageStart, Paging, Parameter, SENT, Style, Suite, Undo};

use super::arguments::wrong_value;
use super::reach::{Answer, DeadEnd};

/// What comes before what an undo takes from the request.
const REQUEST: [&str; 2] = ["$request.", SENT];

/// Looks at one suite.
pub(super) struct SuiteCheck<'a, 'm> {
    pub library: &'a Library,
    pub suite: &'a Suite,
    pub mistakes: &'m mut Diagnostics,
}

impl<'a> SuiteCheck<'a, '_> {
    pub fn check(&mut self) {
        let suite = self.suite;
        for operation in suite.operations.values() {
            self.list(operation);
            self.echoes(operation);
            self.undo(operation);
            for parameter in operation.parameters.values() {
                self.location(parameter);
                self.value(parameter);
            }
        }
        self.jobs();
        if let Some(paging) = &suite.paging {
            let lists = suite.operations.values().filter(|operation| matches!(operation.paging, OwnPaging::AsSuite));
            let lists: Vec<_> = lists.filter(|operation| operation.list.is_some()).collect();
            self.paging(paging, &lists, &suite.name.place, &["paging"]);
        }
    }

    fn answer(&self, operation: &str) -> Answer<'a> {
        self.answer_of(format!("the answer of {operation}"), &self.suite.answer_schema(operation))
    }

    fn result(&self, operation: &str) -> Answer<'a> {
        self.answer_of(format!("what a job of {operation} holds"), &self.suite.result_schema(operation))
    }

    fn answer_of(&self, what: String, schema: &str) -> Answer<'a> {
        Answer { what, shape: self.library.schemas.shape(schema), schema: self.library.schemas.written_at(schema) }
    }

    /// What an operation reports of what it did, in its answer, or when its job has ended; none where that is not described.
    fn outcomes(&self, operation: &Operation) -> Vec<Answer<'a>> {
        let name = &operation.name.value.0;
        let answer = self.answer(name);
        let has_result = self.library.schemas.contains(&self.suite.result_schema(name));
        match (operation.asynchronous, has_result) {
            (true, true) => vec![self.result(name), answer],
            // Of what its job holds nothing is known.
            (true, false) => Vec::new(),
            (false, _) => vec![answer],
        }
    }

    fn report(&mut self, place: &Place, end: DeadEnd) {
        self.mistakes.add(Diagnostic::error(place, end.message).help(end.help));
    }

    fn list(&mut self, operation: &'a Operation) {
        let Some(list) = &operation.list else { return self.filters(operation, None) };
        let at = |field: &str| value_at(&operation.name.place, &["list", field]);
        let answer = self.answer(&operation.name.value.0);
        let items = match answer.field(&list.items) {
            Ok(items) => items,
            Err(end) => return self.report(&at("items"), end),
        };
        let Some(items) = items else { return };
        let element = match items.element() {
            Field::Known(element) => element,
            Field::Open => return,
            Field::Missing(_) => {
                let message = format!("`{}` in {} is not a list", list.items, answer.what);
                return self.report(
                    &at("items"),
                    DeadEnd { message, help: "write the field that holds the items".to_owned() },
                );
            }
        };
        let what = format!("an item of {}", operation.name.value);
        let item = Answer { what, schema: answer.schema, shape: element };
        if let Some(Err(end)) = list.key.as_ref().map(|key| item.field(key)) {
            self.report(&at("key"), end);
        }
        self.filters(operation, Some(&item));
        if let OwnPaging::Own(paging) = &operation.paging {
            self.paging(paging, &[operation], &operation.name.place, &["paging"]);
        }
    }

    fn filters(&mut self, operation: &Operation, item: Option<&Answer<'a>>) {
        for parameter in operation.parameters.values() {
            let Some(filter) = &parameter.filter else { continue };
            let at = || {
                let equals = try_value_at(parameter.place(), &["filters"]);
                equals
                    .or_else(|| try_value_at(parameter.place(), &["searches"]))
                    .unwrap_or_else(|| parameter.place().clone())
            };
            match item.map(|item| item.field(filter.field())) {
                Some(Ok(_)) => {}
                Some(Err(end)) => self.report(&at(), end),
                None => {
                    let name = &operation.name.value;
                    let message = format!("`{}` narrows a list, and {name} is none", parameter.name.value);
                    self.report(
                        &at(),
                        DeadEnd {
                            message,
                            help: "write `list: {items: ...}` in the operation, or remove it".to_owned(),
                        },
                    );
                }
            }
        }
    }

    /// Fields by which lists are paged: each list has them, or the document's convention names others.
    fn paging(&mut self, paging: &Paging, lists: &[&Operation], place: &Place, within: &[&'static str]) {
        let next = match &paging.start {
            PageStart::Marker { next, .. } => Some(("next", next.as_str())),
            PageStart::Number { .. } | PageStart::Offset { .. } => None,
        };
        let count = paging.count.as_ref().map(|count| ("count", count.field.as_str()));
        for (key, field) in next.into_iter().chain(count) {
            let ends: Vec<_> =
                lists.iter().filter_map(|list| self.answer(&list.name.value.0).field(field).err()).collect();
            let all = ends.len() == lists.len();
            if let Some(end) = ends.into_iter().next().filter(|_| all) {
                self.report(&value_at(place, &[within, &[key]].concat()), end);
            }
        }
    }

    fn echoes(&mut self, operation: &Operation) {
        for echoed in &operation.echoes {
            let outcomes = self.outcomes(operation);
            let Some(first) = outcomes.first() else { continue };
            if !outcomes.iter().any(|answer| answer.shape.has_somewhere(&echoed.value)) {
                let message = format!("{} has no field `{}`", first.what, echoed.value);
                let help = "name a parameter whose value comes back in a field of the same name".to_owned();
                self.report(&echoed.place, DeadEnd { message, help });
            }
        }
    }

    fn undo(&mut self, operation: &Operation) {
        let Some(undo) = &operation.undo else { return };
        let outcomes = self.outcomes(operation);
        self.of_request(operation, undo);
        self.paths(&undo.with, &outcomes);
        let Some(find) = &undo.find else { return self.found(undo) };
        self.paths(&find.with, &outcomes);
        let of_find = self.suite.operations.get(&find.call.value).map(|find| self.answer(&find.name.value.0));
        self.paths(&[(String::new(), find.take.clone())], &of_find.into_iter().collect::<Vec<_>>());
    }

    /// Reports what is to come from the request of an operation that has no such argument.
    fn of_request(&mut self, operation: &Operation, undo: &Undo) {
        for (_, written) in &undo.with {
            let Some(place) = REQUEST.iter().find_map(|before| written.value.strip_prefix(before)) else { continue };
            // A place within an argument, `body.name`; the name of an argument may have dots itself.
            let argument = place.split('.').next().unwrap_or(place);
            if ![place, argument].into_iter().any(|name| operation.parameters.contains_key(name)) {
                let message = format!("{} has no parameter for `{place}`", operation.name.value);
                let help = "name an argument of the request that creates it".to_owned();
                self.report(&written.place, DeadEnd { message, help });
            }
        }
    }

    /// What was not looked for is not found.
    fn found(&mut self, undo: &Undo) {
        for (_, value) in undo.with.iter().filter(|(_, value)| value.value == "$found") {
            let message = "`$found` is what `find` finds, and this undo has none".to_owned();
            self.report(&value.place, DeadEnd { message, help: "write a path into the answer: $.id".to_owned() });
        }
    }

    /// Reports paths that lead nowhere in any of the answers that are looked at.
    fn paths(&mut self, with: &[(String, Located<String>)], answers: &[Answer<'a>]) {
        let is_of_answer = |written: &str| {
            written.starts_with('$') && written != "$found" && !REQUEST.iter().any(|before| written.starts_with(before))
        };
        for (_, written) in with.iter().filter(|(_, written)| is_of_answer(&written.value)) {
            let Ok(path) = Path::parse(&written.value) else {
                let message = format!("`{}` is not a path", written.value);
                let help = "paths are JSONPath (RFC 9535), such as $.zone[0].id".to_owned();
                self.report(&written.place, DeadEnd { message, help });
                continue;
            };
            let ends: Option<Vec<_>> = answers.iter().map(|answer| answer.dead_end(&path)).collect();
            if let Some(end) = ends.into_iter().flatten().next() {
                self.report(&written.place, end);
            }
        }
    }

    /// Where a parameter names the operation, there is one place for all parameters: another one would not be looked at.
    fn location(&mut self, parameter: &Parameter) {
        if matches!(self.suite.style, Style::Query { .. }) && parameter.location != Location::Query {
            let message = format!("`in` of `{}` has no effect: the suite has `style: query`", parameter.name.value);
            let help = "take `in` away, or write `style: rest` and a `request` for each operation".to_owned();
            self.report(&parameter.name.place, DeadEnd { message, help });
        }
    }

    /// The values that good requests give must be good ones, and so is what a request means that gives none.
    fn value(&mut self, parameter: &Parameter) {
        for node in [&parameter.value, &parameter.other, &parameter.default].into_iter().flatten() {
            self.mistakes.extend(wrong_value(parameter, &Template::parse(&node.to_json()), &node.place));
        }
    }

    fn jobs(&mut self) {
        let suite = self.suite;
        let Some(jobs) = &suite.jobs else { return };
        let at = |key| value_at(&suite.name.place, &["jobs", key]);
        if let Some(poll) = suite.operations.get(&jobs.poll).filter(|poll| !poll.name_only) {
            if !poll.parameters.contains_key(&jobs.parameter) {
                let message = format!("{} has no parameter `{}`", jobs.poll, jobs.parameter);
                let names = poll.parameters.keys().map(String::as_str);
                let near = assay_suite::source::closest(&jobs.parameter, names);
                let help = near
                    .map_or("write the one that names the job".to_owned(), |near| format!("did you mean `{near}`?"));
                self.report(&at("parameter"), DeadEnd { message, help });
            }
            let answer = self.answer(&jobs.poll.0);
            for (key, field) in [("status", Some(&jobs.status)), ("result", jobs.result.as_ref())] {
                if let Some(Err(end)) = field.map(|field| answer.field(field)) {
                    self.report(&at(key), end);
                }
            }
        }
        let started: Vec<_> = suite.operations.values().filter(|operation| operation.asynchronous).collect();
        let ends = started
            .iter()
            .filter_map(|operation| Some((*operation, self.answer(&operation.name.value.0).field(&jobs.id).err()?)));
        let ends: Vec<_> = ends.collect();
        let all = ends.len() == started.len();
        for (operation, end) in ends {
            if all {
                return self.report(&at("id"), end);
            }
            self.report(&operation.name.place, end);
        }
    }
}

/// Where the value of a key is written, below another key whose place is known; that place if it is not there.
fn value_at(key: &Place, below: &[&str]) -> Place {
    try_value_at(key, below).unwrap_or_else(|| key.clone())
}

fn try_value_at(key: &Place, below: &[&str]) -> Option<Place> {
    let document = Node::parse(&key.file).ok()?;
    let start = sibling(&document, key)?;
    below.iter().try_fold(start, |node, name| node.field(name)).map(|node| node.place.clone())
}

/// The value of the key at a place; the mapping itself where the place is that of a value in it.
fn sibling<'n>(node: &'n Node, place: &Place) -> Option<&'n Node> {
    node.pairs().iter().find_map(|(key, value)| {
        if key.place.bytes.start == place.bytes.start {
            return Some(value);
        }
        if value.place.bytes.start == place.bytes.start {
            return Some(node);
        }
        sibling(value, place)
    })
}
