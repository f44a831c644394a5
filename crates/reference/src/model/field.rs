//! The fields of resources, and where their values come from.

use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node, NodeKind};
use serde_json::Value;

use crate::data;
use crate::fault::Fault;
use crate::kind::Kind;

use super::behaviour::Worked;
use super::names::{Names, fault};

/// A field of an answer, and where its value comes from.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where its value comes from.
    pub source: Source,
    /// The field whose value it has where its own is blank or 0.
    pub or: Option<String>,
    /// Whether it is set only where its parameter is given.
    pub only_given: bool,
    /// Whether it is set only by the commands of CloudStack's guide.
    pub only_in_guide: bool,
    /// The fault that keeps it from being set.
    pub unless: Option<Fault>,
}

/// Where the value of a field comes from.
#[derive(Debug)]
pub enum Source {
    /// An id of its own.
    Id,
    /// A parameter, as text, or else this.
    Text(String, String),
    /// A parameter, as a number, or else this.
    Number(String, i64),
    /// A parameter, as a truth value, or else this.
    Flag(String, bool),
    /// The items of a parameter that are separated by commas.
    Items(String),
    /// Always this.
    Always(Value),
    /// A field of another resource: the parameter or field with its id, its kind, its field.
    Of(String, Kind, String, Anyones),
    /// The resources of a kind that a parameter names, as they are.
    Each(Kind, String),
    /// The place of a parameter's value among these, whatever their case.
    PlaceIn(Vec<String>, String),
    /// An address that begins so.
    Address(String),
    /// A list that is empty at first.
    Empty,
    /// The account and the domain or the project whose it is.
    Owner,
    /// One fact about whose it is.
    Own(Own),
    /// Its id without the hyphens.
    Digits,
    /// A text in which `{field}` is the value of an earlier field.
    Format(String),
    /// A parameter, or else the id of the first of a kind.
    First(String, Kind),
    /// When it came into being.
    Created,
    /// What a behaviour makes of the request.
    Does(Worked),
}

/// A fact about whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// The account's name.
    Account,
    /// The id of the account's user.
    User,
    /// The id of the domain.
    DomainId,
    /// The name of the domain.
    Domain,
}

/// Whether a resource may be referred to whosever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anyones {
    /// It may.
    Allowed,
    /// It must be one that the caller may use.
    Refused,
}

impl Source {
    /// The parameter that it looks at.
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Text(parameter, _) | Self::Number(parameter, _) | Self::Flag(parameter, _) => Some(parameter),
            Self::Items(parameter) | Self::Of(parameter, ..) | Self::First(parameter, _) => Some(parameter),
            _ => None,
        }
    }
}

impl Field {
    /// Reads a mapping of names to where their values come from.
    pub(super) fn read_all(
        entries: &[(Located<String>, Node)],
        names: &Names,
        mistakes: &mut Diagnostics,
    ) -> Vec<Self> {
        entries.iter().filter_map(|(name, node)| Self::read(&name.value, node, names, mistakes)).collect()
    }

    fn read(name: &str, node: &Node, names: &Names, mistakes: &mut Diagnostics) -> Option<Self> {
        let field = |source| Self {
            name: name.to_owned(),
            source,
            or: None,
            only_given: false,
            only_in_guide: false,
            unless: None,
        };
        if let NodeKind::Text(word) = &node.kind {
            let source = plain(word, name);
            if source.is_none() {
                let words =
                    "id, digits, text, number, flag, items, list, owner, account, user, domain-id, domain, created";
                let mistake = Diagnostic::error(&node.place, format!("no value comes from `{word}`"));
                mistakes.add(mistake.help(format!("write one of: {words}; or a mapping")));
            }
            return source.map(field);
        }
        let mut fields = node.fields("a field", mistakes)?;
        let from = fields.text("from", mistakes).or_else(|| fields.text("by", mistakes));
        let from = from.map_or_else(|| name.to_owned(), |from| from.value);
        let given = fields.take("given");
        let source = match given {
            Some(node) => {
                let word = node.text("`given`", mistakes).map(|word| word.value);
                word.and_then(|word| plain(&word, &from))
            }
            None => source(&mut fields, from, names, mistakes),
        };
        let read = source.map(|source| Self {
            or: fields.text("or", mistakes).map(|field| field.value),
            only_given: given.is_some() || fields.flag("only_given", mistakes),
            only_in_guide: fields.flag("only_in_guide", mistakes),
            unless: fields.take("unless").and_then(|node| fault(node, mistakes)),
            ..field(source)
        });
        if read.is_none() {
            let mistake = Diagnostic::error(&node.place, format!("nothing says where `{name}` comes from"));
            mistakes.add(
                mistake.help("write one of: text, number, flag, always, of, each, first, format, address, does, given"),
            );
            return None;
        }
        fields.finish(mistakes);
        read
    }
}

/// What one word says.
fn plain(word: &str, parameter: &str) -> Option<Source> {
    Some(match word {
        "id" => Source::Id,
        "text" => Source::Text(parameter.to_owned(), String::new()),
        "number" => Source::Number(parameter.to_owned(), 0),
        "flag" => Source::Flag(parameter.to_owned(), false),
        "items" => Source::Items(parameter.to_owned()),
        "list" => Source::Empty,
        "owner" => Source::Owner,
        "account" => Source::Own(Own::Account),
        "user" => Source::Own(Own::User),
        "domain-id" => Source::Own(Own::DomainId),
        "domain" => Source::Own(Own::Domain),
        "digits" => Source::Digits,
        "created" => Source::Created,
        _ => return None,
    })
}

fn source(fields: &mut Fields<'_>, from: String, names: &Names, mistakes: &mut Diagnostics) -> Option<Source> {
    if let Some(text) = fields.text("text", mistakes) {
        return Some(Source::Text(from, text.value));
    }
    if let Some(number) = fields.take("number") {
        return Some(Source::Number(from, number.to_json().as_i64().unwrap_or_default()));
    }
    if let Some(flag) = fields.take("flag") {
        return Some(Source::Flag(from, flag.boolean("`flag`", mistakes)?));
    }
    if let Some(always) = fields.take("always") {
        return Some(Source::Always(always.to_json()));
    }
    if let Some(address) = fields.text("address", mistakes) {
        return Some(Source::Address(address.value));
    }
    if let Some(format) = fields.text("format", mistakes) {
        return Some(Source::Format(format.value));
    }
    if let Some(first) = fields.take("first") {
        return Some(Source::First(from, names.kind(first, mistakes)?));
    }
    if let Some(of) = fields.take("of") {
        let owners = [("any", Anyones::Allowed), ("usable", Anyones::Refused)];
        let anyones = fields.take("whose").and_then(|node| node.choice("`whose`", &owners, mistakes));
        let (kind, field) = names.kind_and_field(of, mistakes)?;
        return Some(Source::Of(from, kind, field, anyones.unwrap_or(Anyones::Refused)));
    }
    if let Some(each) = fields.take("each") {
        return Some(Source::Each(names.kind(each, mistakes)?, from));
    }
    if let Some(does) = fields.take("does") {
        return Some(Source::Does(data::behaviour(does, Worked::NAMES, mistakes)?));
    }
    let places = fields.texts("place_in", mistakes);
    (!places.is_empty()).then(|| Source::PlaceIn(places.into_iter().map(|place| place.value).collect(), from))
}
