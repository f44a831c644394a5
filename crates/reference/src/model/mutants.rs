//! Mutants: the cloud with one thing of its data left out or changed. They are made of the documents, so that what a new command
//! does has its mutants, too; that each is found shows which promises have teeth.

use std::collections::BTreeSet;

use crate::data;
use assay_suite::source::{Diagnostics, Node, NodeKind};

use super::documents::{DOCUMENTS, Model};

/// What a mutant changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// From which states something may be done, or whether what is in use may be deleted.
    Guard,
    /// What is refused of the arguments.
    Validation,
    /// What is kept of a request.
    StoredField,
    /// The state that something leads to.
    Transition,
    /// What else happens: to what belongs to a thing, or by the way.
    Cascade,
    /// Who may do something, and with whose things.
    Access,
    /// How many there may be.
    Limit,
    /// What narrows a list.
    Filter,
}

/// A cloud of which one thing is not as the documents have it.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Which place is changed: the command or kind, and the keys that lead there.
    pub name: String,
    /// What it changes.
    pub aspect: Aspect,
    /// The commands that do something with it.
    pub commands: BTreeSet<String>,
    /// The suites that have them.
    pub suites: &'static [&'static str],
    documents: Documents,
}

/// What a mutant is made of.
#[derive(Clone, Debug)]
enum Documents {
    /// Commands and kinds.
    Model(Vec<Node>),
    /// What is listed.
    Tables(Node),
}

/// The data of a mutant, which a cloud is started with.
#[derive(Clone, Copy, Debug, Default)]
pub struct MutantData {
    pub(crate) model: Option<&'static Model>,
    pub(crate) tables: Option<&'static Node>,
}

impl Mutant {
    /// The data of the cloud. The error says why there is none: what was left out is needed.
    pub fn data(&self) -> Result<MutantData, String> {
        let mut mistakes = Diagnostics::new();
        let documents = match &self.documents {
            Documents::Model(documents) => documents,
            Documents::Tables(tables) => {
                let tables = Some(&*Box::leak(Box::new(tables.clone())));
                return Ok(MutantData { tables, ..MutantData::default() });
            }
        };
        let model = Model::read(documents, &mut mistakes);
        match mistakes.iter().next() {
            Some(mistake) => Err(mistake.message.clone()),
            // A cloud borrows its model for as long as it runs, and a few hundred are made.
            None => Ok(MutantData { model: Some(Box::leak(Box::new(model))), ..MutantData::default() }),
        }
    }
}

/// All mutants of the data, in its order.
pub fn mutants() -> Vec<Mutant> {
    let mut mistakes = Diagnostics::new();
    let documents: Vec<_> = DOCUMENTS.iter().filter_map(|path| data::node(path, &mut mistakes)).collect();
    let mut mutants = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        for (section, rules) in [("commands", &COMMANDS[..]), ("kinds", &KINDS[..])] {
            for (subject, node) in document.field(section).map(Node::pairs).unwrap_or_default() {
                let commands = match section {
                    "kinds" => concerning(&documents, &subject.value),
                    _ => BTreeSet::from([subject.value.clone()]),
                };
                for (aspect, way, change) in rules.iter().flat_map(|rule| rule.changes(node)) {
                    let mut changed = documents.clone();
                    let path = [&[section.to_owned(), subject.value.clone()][..], &way].concat();
                    change.apply(&mut changed[number], &path);
                    mutants.push(Mutant {
                        name: format!("{} {}", subject.value, way.join(".")),
                        aspect,
                        commands: commands.clone(),
                        suites: &["cloudstack", "cloudn"],
                        documents: Documents::Model(changed),
                    });
                }
            }
        }
    }
    mutants.extend(mutants_of_tables());
    mutants
}

/// Those of what is listed. A table is called as the operation that lists it.
fn mutants_of_tables() -> Vec<Mutant> {
    let Some(document) = data::node(TABLES_PATH, &mut Diagnostics::new()) else { return Vec::new() };
    let mut mutants = Vec::new();
    for (table, node) in document.field("tables").map(Node::pairs).unwrap_or_default() {
        for (aspect, way, change) in TABLES.iter().flat_map(|rule| rule.changes(node)) {
            let mut changed = document.clone();
            change.apply(&mut changed, &[&["tables".to_owned(), table.value.clone()][..], &way].concat());
            mutants.push(Mutant {
                name: format!("{} {}", table.value, way.join(".")),
                aspect,
                commands: BTreeSet::from([table.value.clone()]),
                suites: &["esm"],
                documents: Documents::Tables(changed),
            });
        }
    }
    mutants
}

/// The commands of which something is said to be about a kind.
fn concerning(documents: &[Node], kind: &str) -> BTreeSet<String> {
    let commands = documents.iter().filter_map(|document| document.field("commands")).flat_map(Node::pairs);
    let is_about = |node: &Node| {
        let shapes = ["list", "create", "update", "change", "delete"].into_iter();
        shapes.filter_map(|shape| node.field(shape)).any(|node| word(node) == Some(kind))
    };
    commands.filter(|(_, node)| is_about(node)).map(|(name, _)| name.value.clone()).collect()
}

/// What is changed at the places that a key leads to.
struct Rule {
    key: &'static str,
    aspect: Aspect,
    places: Places,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Places {
    /// The key is left out.
    Whole,
    /// Each of its items is left out, or entries.
    Each,
    /// Each of its entries, which say where a value comes from, becomes a value that no request changes.
    EachFixed,
    /// The state becomes the first of `from`.
    Stays,
}

const fn rule(key: &'static str, aspect: Aspect, places: Places) -> Rule {
    Rule { key, aspect, places }
}

const COMMANDS: [Rule; 9] = [
    rule("from", Aspect::Guard, Places::Whole),
    rule("again", Aspect::Guard, Places::Whole),
    rule("checks", Aspect::Validation, Places::Each),
    rule("sets", Aspect::StoredField, Places::Each),
    rule("then", Aspect::Cascade, Places::Each),
    rule("adjust", Aspect::Cascade, Places::Each),
    rule("to", Aspect::Transition, Places::Stays),
    rule("for", Aspect::Access, Places::Whole),
    rule("among", Aspect::Access, Places::Whole),
];

const KINDS: [Rule; 6] = [
    rule("fields", Aspect::StoredField, Places::EachFixed),
    rule("unique", Aspect::Validation, Places::Whole),
    rule("used_by", Aspect::Guard, Places::Each),
    rule("takes_along", Aspect::Cascade, Places::Each),
    rule("whose", Aspect::Access, Places::Whole),
    rule("limit", Aspect::Limit, Places::Whole),
];

/// What ESM lists.
const TABLES_PATH: &str = "esm/tables.yaml";

const TABLES: [Rule; 2] = [rule("facets", Aspect::Filter, Places::Each), rule("window", Aspect::Filter, Places::Whole)];

/// What becomes of a place.
enum Alteration {
    Left,
    Is(NodeKind),
}

impl Rule {
    /// The changes of a command or kind, each with the keys that lead to its place.
    fn changes(&self, node: &Node) -> Vec<(Aspect, Vec<String>, Alteration)> {
        let Some(value) = node.field(self.key) else { return Vec::new() };
        let whole = vec![self.key.to_owned()];
        let within = |name: &str| vec![self.key.to_owned(), name.to_owned()];
        let found: Vec<(Vec<String>, Alteration)> = match (self.places, &value.kind) {
            (Places::Each, NodeKind::List(items)) => {
                (0..items.len()).map(|index| (within(&index.to_string()), Alteration::Left)).collect()
            }
            (Places::Each, NodeKind::Map(entries)) => {
                entries.iter().map(|(name, _)| (within(&name.value), Alteration::Left)).collect()
            }
            (Places::EachFixed, NodeKind::Map(entries)) => {
                let fixed = |node: &Node| constant(node).map(|value| Alteration::Is(always(value, node)));
                entries.iter().filter_map(|(name, node)| Some((within(&name.value), fixed(node)?))).collect()
            }
            (Places::Stays, _) => {
                let from = node.field("from").and_then(|from| from.one_or_many().first());
                let stays = from.filter(|from| word(from) != word(value));
                stays.map(|from| (whole, Alteration::Is(from.kind.clone()))).into_iter().collect()
            }
            _ => vec![(whole, Alteration::Left)],
        };
        found.into_iter().map(|(way, change)| (self.aspect, way, change)).collect()
    }
}

impl Alteration {
    fn apply(&self, node: &mut Node, path: &[String]) {
        let Some((name, rest)) = path.split_first() else { return };
        if let (Self::Left, []) = (self, rest) {
            match &mut node.kind {
                NodeKind::Map(entries) => entries.retain(|(known, _)| known.value != *name),
                NodeKind::List(items) => drop(name.parse().map(|index: usize| items.remove(index))),
                _ => {}
            }
            return;
        }
        let next = match &mut node.kind {
            NodeKind::Map(entries) => entries.iter_mut().find(|(known, _)| known.value == *name).map(|(_, node)| node),
            NodeKind::List(items) => name.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        match (next, self, rest) {
            (Some(next), Self::Is(kind), []) => next.kind = kind.clone(),
            (Some(next), _, _) => self.apply(next, rest),
            (None, _, _) => {}
        }
    }
}

fn word(node: &Node) -> Option<&str> {
    if let NodeKind::Text(text) = &node.kind { Some(text) } else { None }
}

/// What takes the place of a value that a request gives; none where it comes from elsewhere.
fn constant(source: &Node) -> Option<NodeKind> {
    let mut given = ["text", "number", "flag", "of", "given"].into_iter();
    let how = word(source).or_else(|| given.find(|way| source.field(way).is_some()))?;
    Some(match how {
        "text" | "of" | "given" => NodeKind::Text(String::new()),
        "number" => NodeKind::Integer(0),
        "flag" => NodeKind::Boolean(false),
        _ => return None,
    })
}

fn always(value: NodeKind, node: &Node) -> NodeKind {
    let key = assay_suite::source::Located { value: "always".to_owned(), place: node.place.clone() };
    let mut constant = node.clone();
    constant.kind = value;
    NodeKind::Map(vec![(key, constant)])
}
