//! The mutants of a suite: each is one operation whose answers one operator changes, at one field where it needs one.
//!
//! A mutant is made only where the suite or a schema says what it breaks.

use std::fmt;
use std::sync::Arc;

use assay_suite::{Counts, Envelope, Filter, Operation, PageStart, Suite};

use super::described::{Described, Limit, Presence, Schemas, Way};
use super::operator::{Operator, Operator as O, Site};

/// One operation whose answers one operator changes.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub suite: Arc<Suite>,
    pub operation: String,
    pub operator: Operator,
    pub site: Site,
    pub aim: Aim,
}

/// What in an answer is changed.
#[derive(Clone, Debug)]
pub enum Aim {
    /// The answer as a whole.
    Whole,
    /// A field that a schema describes.
    Field(Described),
    /// Whatever is there.
    Way(Way),
    /// The answers to requests with this parameter.
    Parameter(String),
}

impl fmt::Display for Mutant {
    /// As it is named in tables: suite, operation, operator, and where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.suite.name.value, self.operation, self.operator.name())?;
        match self.site {
            Site::Answer => {}
            Site::Job => f.write_str("/job")?,
            Site::Refusal => f.write_str("/refusal")?,
        }
        match &self.aim {
            Aim::Whole => Ok(()),
            Aim::Field(field) => write!(f, "/{}", field.way),
            Aim::Way(way) => write!(f, "/{way}"),
            Aim::Parameter(name) => write!(f, "/{name}"),
        }
    }
}

impl Mutant {
    /// Whether it changes a field that an answer need not have.
    pub fn aims_at_what_may_be_missing(&self) -> bool {
        matches!(&self.aim, Aim::Field(field) if field.presence == Presence::Sometimes)
    }
}

/// All mutants of a suite.
pub fn mutants(suite: &Arc<Suite>, schemas: &Schemas) -> Vec<Mutant> {
    let mut all = Vec::new();
    for operation in suite.operations.values() {
        let mut breeder = Breeder { suite, operation, schemas, found: Vec::new() };
        breeder.fields();
        breeder.echoes();
        breeder.ids();
        breeder.lists();
        breeder.outcomes();
        breeder.forms();
        breeder.jobs();
        breeder.states();
        breeder.harmless();
        all.extend(breeder.found);
    }
    all
}

struct Breeder<'a> {
    suite: &'a Arc<Suite>,
    operation: &'a Operation,
    schemas: &'a Schemas,
    found: Vec<Mutant>,
}

impl Breeder<'_> {
    fn add(&mut self, operator: Operator, site: Site, aim: Aim) {
        let (suite, operation) = (Arc::clone(self.suite), self.operation.name.value.0.clone());
        self.found.push(Mutant { suite, operation, operator, site, aim });
    }

    fn add_whole(&mut self, site: Site, operators: &[Operator]) {
        operators.iter().for_each(|operator| self.add(*operator, site, Aim::Whole));
    }

    fn name(&self) -> &str {
        &self.operation.name.value.0
    }

    /// What is in the results of the operation's jobs, seen from the answer that describes them.
    fn results(&self) -> Vec<Described> {
        let field = self.suite.jobs.as_ref().and_then(|jobs| jobs.result.as_ref());
        let Some(field) = field.filter(|_| self.operation.asynchronous) else { return Vec::new() };
        let result = Way::dotted(field);
        let fields = self.schemas.fields(&self.suite.result_schema(self.name())).into_iter();
        fields.map(|field| Described { way: result.then(&field.way), ..field }).collect()
    }

    fn answers(&self) -> Vec<Described> {
        self.schemas.fields(&self.suite.answer_schema(self.name()))
    }

    /// What is said of each field is broken, one field at a time.
    fn fields(&mut self) {
        let refusals = self.schemas.fields(&self.suite.refusal_schema());
        let sites = [(Site::Answer, self.answers()), (Site::Job, self.results()), (Site::Refusal, refusals)];
        for (site, fields) in sites {
            for field in fields {
                for operator in breaking(&field) {
                    self.add(operator, site, Aim::Field(field.clone()));
                }
            }
        }
    }

    /// A parameter and a field of one name mean one thing.
    fn echoes(&mut self) {
        let operation = self.operation;
        for (site, fields) in [(Site::Answer, self.answers()), (Site::Job, self.results())] {
            for field in fields.into_iter().filter(Described::is_plain) {
                let known = |name: &str| operation.parameters.contains_key(name);
                if field.way.last_name().is_some_and(known) {
                    self.add(Operator::EchoChanged, site, Aim::Way(field.way));
                }
            }
        }
    }

    /// A thing is asked for, or removed, by the id that an answer gave.
    fn ids(&mut self) {
        if let Some(list) = &self.operation.list
            && let Some(key) = &list.key
        {
            let asks = |filter: &Filter| matches!(filter, Filter::Equals(field) if field == key);
            let asked_for = self.operation.parameters.values().any(|known| known.filter.as_ref().is_some_and(asks));
            if asked_for {
                let way = Way::dotted(&list.items).item().then(&Way::dotted(key));
                self.add(Operator::OtherId, Site::Answer, Aim::Way(way));
            }
        }
        let written = self.operation.undo.iter().flat_map(|undo| &undo.with);
        for way in written.filter_map(|(_, written)| Way::of_path(&written.value)) {
            let result = self.suite.jobs.as_ref().and_then(|jobs| jobs.result.as_ref());
            match result.filter(|_| self.operation.asynchronous) {
                Some(field) => self.add(Operator::OtherId, Site::Job, Aim::Way(Way::dotted(field).then(&way))),
                None if self.operation.asynchronous => {}
                None => self.add(Operator::OtherId, Site::Answer, Aim::Way(way)),
            }
        }
    }

    fn lists(&mut self) {
        for parameter in self.operation.parameters.values().filter(|parameter| parameter.filter.is_some()) {
            self.add(Operator::FilterIgnored, Site::Answer, Aim::Parameter(parameter.name.value.clone()));
        }
        let suite = Arc::clone(self.suite);
        let Some(paging) = suite.paging_of(self.operation) else { return };
        self.add_whole(Site::Answer, &[O::LostFromPage, O::RepeatedAcrossPages, O::SwappedOnPage, O::LongPage]);
        if !matches!(paging.start, PageStart::Marker { .. }) {
            self.add_whole(Site::Answer, &[O::PastEndRepeated]);
        }
        let Some(count) = &paging.count else { return };
        let described = self.answers().into_iter().any(|field| field.way == Way::dotted(&count.field));
        if described {
            self.add_whole(Site::Answer, &[O::WrongCount]);
        }
        if described && count.counts == Counts::Whole {
            self.add_whole(Site::Answer, &[O::PageCount]);
        }
    }

    fn outcomes(&mut self) {
        self.add_whole(Site::Answer, &[O::Failed, O::Refused]);
        if !self.operation.succeeds.is_empty() {
            self.add_whole(Site::Answer, &[O::OtherSuccess]);
        }
        self.add_whole(Site::Refusal, &[O::RefusalFailed, O::Accepted]);
    }

    fn forms(&mut self) {
        let envelope = match self.suite.envelope {
            Envelope::None => [O::NewEnvelope].as_slice(),
            Envelope::Named(_) => [O::OtherEnvelope, O::NoEnvelope].as_slice(),
        };
        let always = [O::OtherFormat, O::OtherContentType, O::NotUtf8, O::Utf16, O::Truncated, O::Trailing];
        self.add_whole(Site::Answer, envelope);
        self.add_whole(Site::Answer, &always);
        self.add_whole(Site::Answer, &[O::Emptied]);
        // Where a refusal is described, it has a form.
        if !self.schemas.fields(&self.suite.refusal_schema()).is_empty() {
            self.add_whole(Site::Refusal, &[O::OtherFormat, O::Truncated, O::Emptied]);
            if self.suite.refusal_envelope.is_some() {
                self.add_whole(Site::Refusal, &[O::OtherEnvelope]);
            }
        }
    }

    fn jobs(&mut self) {
        let Some(jobs) = self.suite.jobs.as_ref().filter(|_| self.operation.asynchronous) else { return };
        let states = [O::NeverEnds, O::GoesBack, O::EndsOtherwise, O::UnknownState, O::JobFails, O::JobSucceeds];
        let with_result = jobs.result.is_some();
        self.add_whole(Site::Job, &states);
        if with_result {
            self.add_whole(Site::Job, &[O::ResultChanges]);
        }
        if with_result && self.schemas.contains(&self.suite.result_schema(self.name())) {
            self.add_whole(Site::Job, &[O::ResultLost]);
        }
    }

    fn states(&mut self) {
        if self.operation.effect == assay_suite::Effect::Reads {
            self.add_whole(Site::Answer, &[Operator::Stale, Operator::OtherAccount]);
        }
    }

    fn harmless(&mut self) {
        self.add_whole(Site::Answer, &[Operator::Untouched, Operator::Reformatted, Operator::NewField]);
    }
}

/// The operators that break what is said of a field.
fn breaking(field: &Described) -> Vec<Operator> {
    let mut operators = Vec::new();
    if field.presence == Presence::Always {
        operators.extend([O::Dropped, O::Renamed]);
        if !field.may_be("null") {
            operators.push(O::Nulled);
        }
    }
    if !field.types.is_empty() {
        operators.push(O::Retyped);
        if field.is_plain() {
            operators.push(O::Doubled);
        }
    }
    for limit in &field.limits {
        match limit {
            Limit::Listed => operators.push(O::Undocumented),
            Limit::Form => operators.extend([O::OtherDate, O::Malformed]),
            Limit::Filled if field.presence == Presence::Always => operators.push(O::Blank),
            Limit::Filled => {}
            Limit::AtLeast(_) => operators.push(O::BelowLeast),
        }
    }
    operators
}
