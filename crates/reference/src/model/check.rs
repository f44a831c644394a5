//! What is looked at before a command does anything.

use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node};

use crate::data;
use crate::fault::Fault;
use crate::kind::Kind;
use crate::refusal::Reason;

use super::behaviour::Guard;
use super::names::{Names, fault};

/// Something that is looked at before a command does anything, and refused if it is not so.
#[derive(Debug)]
pub struct Check {
    /// What is looked at.
    pub question: Question,
    /// With what it is refused.
    pub reason: Reason,
    /// What is said then.
    pub says: String,
    /// The fault by which it is not looked at.
    pub unless: Option<Fault>,
}

/// What is looked at.
#[derive(Debug)]
pub enum Question {
    /// Whether a parameter names a resource that the caller may change.
    Own(Kind, String),
    /// Whether a parameter names a resource that the caller may use.
    Usable(Kind, String),
    /// Whether a field of a resource has one of some values, or none of them.
    Holds {
        /// The resource: of a kind, named by a parameter; none for the one that the command is about.
        of: Option<(Kind, String)>,
        /// Its field.
        field: String,
        /// Whether the field is one that is not shown.
        hidden: bool,
        /// The values.
        values: Vec<String>,
        /// Whether it must have one of them.
        wanted: bool,
    },
    /// Whether two parameters, where they are given, are ports in their order.
    Ports(String, String),
    /// Whether no rule of a kind has taken a port of an address.
    Free {
        /// The kind of rule, and its field with the port.
        rule: (Kind, String),
        /// Its field with the address.
        at: String,
        /// The parameter with the port.
        by: String,
        /// The parameter with the address.
        address: String,
    },
    /// Whether a parameter is one of these, whatever its case; what it is one of.
    OneOf(Vec<String>, String, String),
    /// Whether a parameter is a whole number in these bounds.
    Number(String, u64, u64),
    /// Whether a behaviour has nothing against it.
    Does(Guard),
}

impl Check {
    pub(super) fn read(node: &Node, names: &Names, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut fields = node.fields("a check", mistakes)?;
        let question = question(&mut fields, names, mistakes);
        let reasons = [("value", Reason::Value), ("state", Reason::State), ("in-use", Reason::InUse)];
        let reason = fields.take("reason").and_then(|node| node.choice("`reason`", &reasons, mistakes));
        let says = fields.text("says", mistakes).map(|says| says.value).unwrap_or_default();
        let unless = fields.take("unless").and_then(|node| fault(node, mistakes));
        if question.is_none() {
            let mistake = Diagnostic::error(&node.place, "nothing says what is looked at");
            mistakes.add(mistake.help("write one of: own, usable, field, hidden, ports, free, one_of, number, does"));
            return None;
        }
        fields.finish(mistakes);
        Some(Self { question: question?, reason: reason.unwrap_or(Reason::Value), says, unless })
    }
}

fn question(fields: &mut Fields<'_>, names: &Names, mistakes: &mut Diagnostics) -> Option<Question> {
    let texts = |texts: Vec<Located<String>>| texts.into_iter().map(|text| text.value).collect::<Vec<_>>();
    let by = fields.text("by", mistakes).map(|by| by.value).unwrap_or_default();
    if let Some(own) = fields.take("own") {
        return Some(Question::Own(names.kind(own, mistakes)?, by));
    }
    if let Some(usable) = fields.take("usable") {
        return Some(Question::Usable(names.kind(usable, mistakes)?, by));
    }
    if let Some(rule) = fields.take("free") {
        let at = fields.need_text("at", mistakes);
        let address = fields.need_text("address", mistakes);
        let rule = names.kind_and_field(rule, mistakes)?;
        return Some(Question::Free { rule, at: at?.value, by, address: address?.value });
    }
    let of = fields.take("of").and_then(|node| names.kind(node, mistakes)).map(|kind| (kind, by.clone()));
    let (field, hidden) = (fields.text("field", mistakes), fields.text("hidden", mistakes));
    if let Some(name) = field.as_ref().or(hidden.as_ref()) {
        let (is, not) = (texts(fields.texts("is", mistakes)), texts(fields.texts("not", mistakes)));
        let wanted = !is.is_empty();
        let values = if wanted { is } else { not };
        let (field, hidden) = (name.value.clone(), hidden.is_some());
        return Some(Question::Holds { of, field, hidden, values, wanted });
    }
    if let [first, last] = texts(fields.texts("ports", mistakes)).as_slice() {
        return Some(Question::Ports(first.clone(), last.clone()));
    }
    if let Some(number) = fields.text("number", mistakes) {
        let mut bound = |name| fields.need(name, mistakes).and_then(|node| node.whole_number("a bound", mistakes));
        let (least, most) = (bound("from"), bound("to"));
        return Some(Question::Number(number.value, least?, most?));
    }
    if let Some(does) = fields.take("does") {
        return Some(Question::Does(data::behaviour(does, Guard::NAMES, mistakes)?));
    }
    let values = texts(fields.texts("one_of", mistakes));
    let what = fields.text("what", mistakes).map_or_else(|| "value".to_owned(), |what| what.value);
    (!values.is_empty()).then_some(Question::OneOf(values, by, what))
}
