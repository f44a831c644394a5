//! One documented operation: what it does, what it takes, how it is undone.

use std::fmt;

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;

use crate::answer::AnswerSchema;
use crate::contract::{Contract, Wire};
use crate::http::Method;
use crate::list::List;
use crate::name::OperationName;
use crate::paging::Paging;
use crate::service_level::ServiceLevel;
use crate::source::{Located, Node, Place};
use crate::status::StatusPattern;
use crate::undo::Undo;

/// One documented operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name.
    pub name: Located<OperationName>,
    /// The heading under which the document lists it.
    pub group: String,
    /// Where the document describes it.
    pub source: String,
    /// What it does to the deployment.
    pub effect: Effect,
    /// Whether the document gives nothing but the name.
    pub name_only: bool,
    /// Whether the API still has it.
    pub availability: Availability,
    /// How it is asked for, in a REST API.
    pub request: Option<RequestLine>,
    /// The documented statuses of success; any 2xx when none is said.
    pub succeeds: Vec<StatusPattern>,
    /// The statuses by which it refuses, where they depart from the suite's.
    pub refusals: Vec<StatusPattern>,
    /// Whether it answers at once with a job.
    pub asynchronous: bool,
    /// The schema of its answer, where that has no file of the operation's name.
    pub answer: Option<AnswerSchema>,
    /// The schema of what its job holds, where that has no file of the operation's name.
    pub result: Option<AnswerSchema>,
    /// What it lists, if it is a list.
    pub list: Option<List>,
    /// How that list is cut into pages.
    pub paging: OwnPaging,
    /// How quick and how often it is to answer, where the document says so.
    pub service_level: Option<ServiceLevel>,
    /// Its parameters besides the common ones.
    pub parameters: IndexMap<String, Parameter>,
    /// Sets of parameters of which exactly one must be given.
    pub exactly_one: Option<Alternatives>,
    /// Sets of parameters of which at least one must be given.
    pub at_least_one: Option<Alternatives>,
    /// Parameters whose values its answer, or the result of its job, repeats in a field of the same name.
    pub echoes: Vec<Located<String>>,
    /// The element around its answer, where that departs from the suite's rule; the documented one first.
    pub envelopes: Vec<String>,
    /// How what it created is removed again.
    pub undo: Option<Undo>,
    /// Why what it creates is not removed, or what it changes not set back.
    pub no_undo: Option<Located<String>>,
    /// The parameters of which one names what its creation goes with.
    pub belongs_to: Vec<Located<String>>,
    /// Fields besides those of its parameters that an update alters.
    pub alters: Vec<String>,
    /// Whether there can be a second one of what it creates.
    pub number: Number,
    /// The parameters whose arguments, taken together, no two things have in common that it creates.
    pub unique: Vec<String>,
    /// Parameters by twos: the number of the first must not be greater than that of the second.
    pub ascending: Vec<(String, String)>,
    /// The requests that use what it creates: as long as what they made is there, it can't be removed.
    pub used_by: Vec<Use>,
    /// Whether what it makes may be used for what others ask for.
    pub company: Company,
    /// Variables that a target gives if its deployment can carry it out: what has to be switched on there.
    pub needs: Vec<Located<String>>,
    /// What an `OpenAPI` document says of it besides.
    pub contract: Option<Box<Contract>>,
}

/// A request that makes use of a thing.
#[derive(Clone, Debug)]
pub struct Use {
    /// The operation that is asked for.
    pub by: OperationName,
    /// Its arguments besides those that a plain good request has; `$made` is the thing.
    pub with: Vec<(String, Node)>,
}

/// What may be under way while an operation's case runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Company {
    /// Other cases, too.
    #[default]
    Others,
    /// Nothing else: what the operation makes would be used for what others ask for.
    Alone,
}

/// Whether there can be a second one of what an operation creates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Number {
    /// There can.
    #[default]
    Any,
    /// There can't: what it is created for has one, or two would be the same.
    One,
}

impl Operation {
    /// What stays of what it does, and why; nothing if that can be taken back, or need not be.
    pub fn stays(&self) -> Option<String> {
        let why = &self.no_undo.as_ref()?.value;
        let what = match self.effect {
            Effect::Creates => "created is not removed",
            Effect::Changes => "changed is not set back",
            Effect::Reads | Effect::Removes => return None,
        };
        Some(format!("what {} {what}: {why}", self.name.value))
    }

    /// The parameters that a plain good request has: all that are required or usual, and the first of each set of alternatives.
    pub fn obligatory(&self) -> Vec<&str> {
        let had = |parameter: &&Parameter| parameter.presence == Presence::Required || parameter.usual;
        let mut names: Vec<_> =
            self.parameters.values().filter(had).map(|parameter| parameter.name.value.as_str()).collect();
        for alternatives in [&self.exactly_one, &self.at_least_one].into_iter().flatten() {
            names.extend(alternatives.0.first().into_iter().flatten().map(String::as_str));
        }
        names
    }

    /// What its answer repeats of a request that says more than it must: of the parameters that [`Self::echoes`] names those
    /// that need not be given, that go with all others, and for which a value is documented.
    pub fn optional_echoes(&self) -> impl Iterator<Item = &Parameter> {
        let alternatives: Vec<_> = self.exactly_one.iter().chain(&self.at_least_one).flat_map(|sets| &sets.0).collect();
        let echoed = self.echoes.iter().filter_map(|name| self.parameters.get(&name.value));
        echoed.filter(move |parameter| {
            let has_value = parameter.value.is_some() || !parameter.values.is_empty();
            let is_alternative = alternatives.iter().any(|set| set.contains(&parameter.name.value));
            parameter.presence == Presence::Optional && parameter.excludes.is_empty() && has_value && !is_alternative
        })
    }
}

/// Whether an API still has an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It has.
    Offered,
    /// The document says that it is gone: asked for, it is refused.
    Removed,
}

/// How an operation of a REST API is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// The method.
    pub method: Method,
    /// The path, in which `{name}` means a parameter.
    pub path: String,
    /// What always is in the query.
    pub query: Vec<(String, String)>,
}

impl RequestLine {
    /// Reads `GET /v1/hosts/{host}?kind=all`.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, address) = text.split_once(' ')?;
        let (_, method) = Method::NAMES.iter().find(|(name, _)| *name == method)?;
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('='));
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = pairs.map(|pair| pair.map(|(name, value)| (decoded(name), decoded(value))));
        let query = pairs.collect::<Option<_>>()?;
        path.starts_with('/').then(|| Self { method: *method, path: path.to_owned(), query })
    }
}

/// How the list of an operation is cut into pages.
#[derive(Clone, Debug)]
pub enum OwnPaging {
    /// As the suite's lists are.
    AsSuite,
    /// Not at all.
    None,
    /// In a way of its own.
    Own(Paging),
}

/// What an operation does to a deployment. A target allows effects, not operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing.
    Reads,
    /// Something comes into being.
    Creates,
    /// Something that exists is altered.
    Changes,
    /// Something ceases to be.
    Removes,
}

impl Effect {
    /// All effects, with the names documents give them.
    pub const NAMES: [(&'static str, Self); 4] =
        [("reads", Self::Reads), ("creates", Self::Creates), ("changes", Self::Changes), ("removes", Self::Removes)];
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, effect)| effect == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

/// A documented parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Located<String>,
    /// Where in a request it is.
    pub location: Location,
    /// Whether it must be given.
    pub presence: Presence,
    /// Whether a plain good request has it, though it may be left out: not every deployment can do without.
    pub usual: bool,
    /// The type of its values, where the document names one.
    pub value_type: Option<ValueType>,
    /// What its values must keep to.
    pub bounds: Bounds,
    /// The credential that it carries: the target has its value.
    pub credential: Option<String>,
    /// Whether its value is a secret: it is hidden in records, reports and messages.
    pub secret: bool,
    /// A value that a request may give it: a literal, or a variable such as `$zone`.
    pub value: Option<Node>,
    /// Another value that a good request may give it, where none follows from the first.
    pub other: Option<Node>,
    /// The only values it takes, where the document lists them.
    pub values: Vec<String>,
    /// What a request means that does not give it.
    pub default: Option<Node>,
    /// Values with which a request that is good otherwise must be refused, by what is wrong with each.
    pub refused: Vec<(String, Node)>,
    /// Values with which a request changes nothing, whether it is refused or not, by what is so about each.
    pub no_effect: Vec<(String, Node)>,
    /// Parameters that must be given with it.
    pub with: Vec<String>,
    /// Parameters that must not be given with it.
    pub excludes: Vec<String>,
    /// Whether a list shows what was created with this argument only if it is asked with the same: a project, a tenant.
    pub scope: bool,
    /// What else a request creates that has it, and no removal of the operation's removes.
    pub lasting: Option<String>,
    /// How it narrows a list.
    pub filter: Option<Filter>,
    /// How an `OpenAPI` document says that it is written.
    pub wire: Option<Box<Wire>>,
}

impl Parameter {
    /// Where it is written.
    pub fn place(&self) -> &Place {
        &self.name.place
    }
}

/// Where in a request a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the query, or in a form that replaces it.
    Query,
    /// In the path.
    Path,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// In the JSON body; a dot in its name leads into an object, a number into a list.
    Body,
}

impl Location {
    /// All locations, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("query", Self::Query),
        ("path", Self::Path),
        ("header", Self::Header),
        ("cookie", Self::Cookie),
        ("body", Self::Body),
    ];
}

/// The type of a parameter's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// Named fields.
    Object,
}

impl ValueType {
    /// All types, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 6] = [
        ("string", Self::Text),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("boolean", Self::Boolean),
        ("array", Self::Array),
        ("object", Self::Object),
    ];

    /// The name that documents give it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }
}

/// What the values of a parameter must keep to, where the document says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    /// The least number.
    pub minimum: Option<f64>,
    /// The greatest number.
    pub maximum: Option<f64>,
    /// The least number of characters.
    pub minimum_length: Option<u64>,
    /// The greatest number of characters.
    pub maximum_length: Option<u64>,
    /// The regular expression that the whole value must match.
    pub pattern: Option<String>,
}

impl Bounds {
    /// The pattern, as a whole value must match it; none where there is none that can be read.
    pub fn whole_pattern(&self) -> Option<regex::Regex> {
        regex::Regex::new(&format!("^(?:{})$", self.pattern.as_ref()?)).ok()
    }
}

/// Whether a parameter must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// Not always; alternatives may still ask for it.
    Optional,
}

/// How a parameter narrows a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// To the items with this value in a field.
    Equals(String),
    /// To the items with this text within a field.
    Contains(String),
}

impl Filter {
    /// The field of an item that the filter looks at.
    pub fn field(&self) -> &str {
        match self {
            Self::Equals(field) | Self::Contains(field) => field,
        }
    }
}

/// Sets of parameters between which a request chooses.
#[derive(Clone, Debug)]
pub struct Alternatives(pub Vec<Vec<String>>);
