//! A command, as data describes it.

use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node};
use serde_json::Value;

use crate::data;
use crate::fault::Fault;
use crate::kind::Kind;

use super::behaviour::{Adjust, Derive, Handler, Related, Then};
use super::check::Check;
use super::field::Field;
use super::names::{Names, fault};

/// What a command does.
#[derive(Debug)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// What kind of thing it does.
    pub shape: Shape,
    /// Who may call it.
    pub audience: Audience,
    /// Whom its parameters `account` and `domainid` name.
    pub concerns: Concerns,
    /// The parameter that names what it is about, where it is not the kind's own.
    pub by: Option<String>,
    /// The field by which it finds what it is about, where that is not the id.
    pub found_by: Option<Setting>,
    /// What is looked at before it does anything.
    pub checks: Vec<Check>,
    /// The states from which a change may be made.
    pub from: Option<From>,
    /// The change of state that takes a job's time.
    pub journey: Option<Journey>,
    /// What it sets.
    pub sets: Vec<Field>,
    /// What it keeps that is not shown.
    pub hides: Vec<Field>,
    /// The fault by which it does not delete.
    pub kept_by: Option<Fault>,
    /// When what was changed is gone afterwards.
    pub gone: Option<Gone>,
    /// What a new resource is made from besides the parameters.
    pub derives: Option<Derive>,
    /// A resource whose owner the new one has: its kind, and the parameter that names it.
    pub owner_of: Option<(Kind, String)>,
    /// What is made of a resource that is new or changed.
    pub adjust: Vec<Adjust>,
    /// What follows from a change.
    pub then: Vec<Then>,
    /// What it answers.
    pub answers: Answers,
    /// The fields that it shows by Cloudn's manual; all where none is named.
    pub cloudn_shows: Vec<String>,
    /// The kind that its behaviour is about.
    pub of: Option<Kind>,
    /// The arguments of its behaviour.
    pub with: String,
    /// How it is served where the document does not have it, but clients would be helpless without it.
    pub undocumented: Option<Undocumented>,
}

/// When what was changed is gone afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Always.
    Always,
    /// With a fault.
    By(Fault),
}

/// How a command is served that the document does not have.
#[derive(Debug)]
pub struct Undocumented {
    /// The documented command whose parameters it takes.
    pub like: String,
    /// Its items and their key, if it is a list.
    pub list: Option<(String, String)>,
    /// Whether it answers at once although the documented one answers with a job.
    pub at_once: bool,
    /// Whether its resource can be named otherwise than by its id.
    pub by_name: bool,
}

/// What kind of thing a command does.
#[derive(Debug)]
pub enum Shape {
    /// It lists a kind.
    List(Kind),
    /// It lists what belongs to something.
    ListOf(Kind, Related),
    /// It lists these, narrowed by these parameters.
    Items(Kind, Vec<Value>, Vec<String>),
    /// It shows this.
    Shows(Value),
    /// It creates one of a kind.
    Create(Kind),
    /// It changes what the parameters say of one of a kind.
    Update(Kind),
    /// It changes what is set here of one of a kind.
    Change(Kind),
    /// It deletes one of a kind.
    Delete(Kind),
    /// It does something of its own.
    Does(Handler),
}

/// Who may call a command (`CloudStack` developer's guide 4.1, 1.2 and 5.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Everybody,
    /// Administrators, be it of a domain.
    Administrators,
    /// Root administrators alone.
    Root,
}

/// Whom the parameters `account` and `domainid` of a command name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// Whom it is done for.
    Target,
    /// What it is done to.
    Object,
}

/// Among which resources the value of a field finds one.
#[derive(Debug)]
pub struct Setting {
    /// The field, and the parameter of the same name.
    pub field: String,
    /// Among which it is looked for.
    pub among: Among,
}

/// Among which resources one is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Among {
    /// All; the first counts.
    #[default]
    All,
    /// All; the last counts.
    Last,
    /// The caller's own.
    Own,
}

/// The states from which a change may be made.
#[derive(Debug)]
pub struct From {
    /// These.
    pub states: Vec<String>,
    /// A parameter that, where it is true, adds one.
    pub further: Option<(String, String)>,
    /// What the resource can't be in another state.
    pub called: String,
    /// The fault by which it is not looked at.
    pub unless: Option<Fault>,
}

/// A change of state that takes a job's time.
#[derive(Debug)]
pub struct Journey {
    /// The state meanwhile; none if it is the one before.
    pub through: Option<String>,
    /// The state in which it ends.
    pub to: String,
    /// Faults, and the states in which it ends with them.
    pub ends: Vec<(Fault, String)>,
    /// The state in which the server of `Checks::Server` answers as though it had been done.
    pub again: Option<String>,
}

/// What a command answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// The resource, under the name of its kind.
    Resource,
    /// The resource in a list of one, and the count.
    List,
    /// The resource in a list of one.
    Items,
    /// That it succeeded.
    Success,
}

impl Command {
    pub(super) fn read(name: &str, node: &Node, names: &Names, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut fields = node.fields("a command", mistakes)?;
        let shape = shape(&mut fields, names, mistakes);
        let text = |fields: &mut Fields<'_>, name, mistakes: &mut _| fields.text(name, mistakes).map(|text| text.value);
        let audiences = [("admins", Audience::Administrators), ("root", Audience::Root)];
        let answers = [
            ("resource", Answers::Resource),
            ("list", Answers::List),
            ("items", Answers::Items),
            ("success", Answers::Success),
        ];
        let audience = fields.take("for").and_then(|node| node.choice("`for`", &audiences, mistakes));
        let concerns = [("caller", Concerns::Object)];
        let concerns = fields.take("target").and_then(|node| node.choice("`target`", &concerns, mistakes));
        let answers = fields.take("answers").and_then(|node| node.choice("`answers`", &answers, mistakes));
        let among = [("own", Among::Own), ("last", Among::Last)];
        let among = fields.take("among").and_then(|node| node.choice("`among`", &among, mistakes));
        let found_by = text(&mut fields, "found_by", mistakes);
        let checks = fields.take("checks").and_then(|node| node.list("`checks`", mistakes)).unwrap_or_default();
        let unless = fields.take("unless").and_then(|node| fault(node, mistakes));
        let mut set = |name, fields: &mut Fields<'_>| {
            let entries = fields.take(name).and_then(|node| node.entries("what is set", mistakes));
            Field::read_all(entries.unwrap_or_default(), names, mistakes)
        };
        let (sets, hides) = (set("sets", &mut fields), set("hides", &mut fields));
        let adjust = fields.take("adjust").map(Node::one_or_many).unwrap_or_default().iter();
        let adjust = adjust.filter_map(|node| data::behaviour(node, Adjust::NAMES, mistakes)).collect();
        let then = fields.take("then").map(Node::one_or_many).unwrap_or_default().iter();
        let then = then.filter_map(|node| data::behaviour(node, Then::NAMES, mistakes)).collect();
        let derives = fields.take("derives").and_then(|node| data::behaviour(node, Derive::NAMES, mistakes));
        let owner_of = fields.take("owner_of").and_then(|node| names.kind_and_field(node, mistakes));
        let cloudn_shows = fields.texts("cloudn_shows", mistakes).into_iter().map(|name| name.value).collect();
        let Some(shape) = shape else {
            let help = "write one of: list, shows, create, update, change, delete, does";
            fields.finish(mistakes);
            mistakes.add(Diagnostic::error(&node.place, format!("nothing says what {name} does")).help(help));
            return None;
        };
        let command = Self {
            name: name.to_owned(),
            shape,
            audience: audience.unwrap_or(Audience::Everybody),
            concerns: concerns.unwrap_or(Concerns::Target),
            by: text(&mut fields, "by", mistakes),
            found_by: found_by.map(|field| Setting { field, among: among.unwrap_or_default() }),
            checks: checks.iter().filter_map(|node| Check::read(node, names, mistakes)).collect(),
            from: From::read(&mut fields, unless, mistakes),
            journey: Journey::read(&mut fields, mistakes),
            sets,
            hides,
            kept_by: fields.take("kept_by").and_then(|node| fault(node, mistakes)),
            derives,
            owner_of,
            cloudn_shows,
            adjust,
            then,
            answers: answers.unwrap_or(Answers::Resource),
            of: fields.take("of").and_then(|node| names.kind(node, mistakes)),
            with: text(&mut fields, "with", mistakes).unwrap_or_default(),
            gone: fields.take("gone").and_then(|node| Gone::read(node, mistakes)),
            undocumented: fields.take("undocumented").and_then(|node| Undocumented::read(node, mistakes)),
        };
        fields.finish(mistakes);
        Some(command)
    }
}

/// What a command of a shape does with a kind.
type OfKind = fn(Kind) -> Shape;

fn shape(fields: &mut Fields<'_>, names: &Names, mistakes: &mut Diagnostics) -> Option<Shape> {
    let does = fields.take("does");
    if let Some(list) = fields.take("list") {
        let kind = names.kind(list, mistakes);
        if let Some(items) = fields.take("items") {
            let items = items.one_or_many().iter().map(Node::to_json).collect();
            let by = fields.texts("narrowed_by", mistakes).into_iter().map(|name| name.value).collect();
            return Some(Shape::Items(kind?, items, by));
        }
        let Some(does) = does else { return Some(Shape::List(kind?)) };
        return Some(Shape::ListOf(kind?, data::behaviour(does, Related::NAMES, mistakes)?));
    }
    if let Some(shows) = fields.take("shows") {
        return Some(Shape::Shows(shows.to_json()));
    }
    let shapes: [(&'static str, OfKind); 4] =
        [("create", Shape::Create), ("update", Shape::Update), ("change", Shape::Change), ("delete", Shape::Delete)];
    for (name, shape) in shapes {
        if let Some(kind) = fields.take(name) {
            return names.kind(kind, mistakes).map(shape);
        }
    }
    Some(Shape::Does(data::behaviour(does?, Handler::NAMES, mistakes)?))
}

impl Gone {
    fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Self> {
        match node.to_json().as_str() {
            Some("always") => Some(Self::Always),
            _ => fault(node, mistakes).map(Self::By),
        }
    }
}

impl Undocumented {
    fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut fields = node.fields("`undocumented`", mistakes)?;
        let like = fields.need_text("like", mistakes);
        let items = fields.text("items", mistakes).zip(fields.text("key", mistakes));
        let at_once = fields.flag("at_once", mistakes);
        let by_name = fields.flag("by_name", mistakes);
        fields.finish(mistakes);
        Some(Self { like: like?.value, list: items.map(|(items, key)| (items.value, key.value)), at_once, by_name })
    }
}

/// The only entry of a mapping.
fn pair(node: &Node, mistakes: &mut Diagnostics) -> Option<(String, String)> {
    let (name, value) = node.entries("a name and a state", mistakes)?.first()?;
    Some((name.value.clone(), value.text("a state", mistakes)?.value))
}

impl From {
    fn read(fields: &mut Fields<'_>, unless: Option<Fault>, mistakes: &mut Diagnostics) -> Option<Self> {
        let further = fields.take("from_if").and_then(|node| pair(node, mistakes));
        let called = fields.text("called", mistakes).map_or_else(|| "changed".to_owned(), |called| called.value);
        let states: Vec<String> =
            fields.texts("from", mistakes).into_iter().map(|state: Located<String>| state.value).collect();
        (!states.is_empty()).then_some(Self { states, further, called, unless })
    }
}

impl Journey {
    fn read(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Self> {
        let through = fields.text("through", mistakes).map(|state| state.value);
        let again = fields.text("again", mistakes).map(|state| state.value);
        let ends = fields.take("ends").and_then(|node| node.entries("`ends`", mistakes)).unwrap_or_default();
        let ends = ends.iter().filter_map(|(name, state)| {
            let fault = fault(&Node::of_text(name, &name.place), mistakes)?;
            Some((fault, state.text("a state", mistakes)?.value))
        });
        let ends = ends.collect();
        fields.text("to", mistakes).map(|to| Self { through, to: to.value, ends, again })
    }
}
