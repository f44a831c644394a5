//! A kind of resource, as data describes it.

use assay_suite::source::{Diagnostics, Located, Node};

use crate::kind::{self, Kind};

use super::field::Field;
use super::names::Names;

/// What is said of a kind of resource.
#[derive(Debug)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// Whose one is when it comes into being.
    pub whose: Whose,
    /// The parameter that names one.
    pub named_by: String,
    /// Its fields, in the order of the answers; none if it is made by code.
    pub fields: Vec<Field>,
    /// What is kept of one and not shown.
    pub hides: Vec<Field>,
    /// Where the id of one is as long as it is in use and can't be deleted: a kind and its field.
    pub used_by: Vec<(Kind, String)>,
    /// What goes with it when it is deleted: a kind and its field with the id.
    pub takes_along: Vec<(Kind, String)>,
    /// In what a server of CloudStack 4.1 departs from its document.
    pub departures: Vec<Departure>,
    /// The field that no two of an owner may have in common.
    pub unique: Option<String>,
    /// The field with what those are in, where two in different ones may have it in common.
    pub unique_in: Option<String>,
    /// The type by which requests tag one.
    pub tagged_as: Option<String>,
    /// How its number is limited.
    pub limit: Option<Limited>,
    /// Parameters of its list that look at what is known of one but not shown.
    pub narrowed_by_hidden: Vec<String>,
    /// Fields that are left out where they do not apply, and not blank.
    pub only_where_it_applies: Vec<String>,
    /// Whether a cloud holds some of it, as against describing it.
    pub held: bool,
}

/// What a server of CloudStack 4.1 does with a kind, against its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// It deletes what uses one instead of refusing.
    TakesUsers,
    /// It keeps the tags of one that is gone.
    KeepsTags,
    /// It counts the page of the list, and not the whole.
    CountsPage,
}

impl Departure {
    /// All, with the names that data gives them.
    const NAMES: [(&'static str, Self); 3] = [
        ("server_takes_users", Self::TakesUsers),
        ("server_keeps_tags", Self::KeepsTags),
        ("server_counts_page", Self::CountsPage),
    ];
}

/// Whose a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of the account for which it is made.
    Accounts,
    /// The provider's.
    Everyones,
}

/// How the number of a kind is limited.
#[derive(Debug)]
pub struct Limited {
    /// The number by which requests and answers name the limit.
    pub number: u64,
    /// What an account shows of it is named so.
    pub shown: String,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            kind: kind::JOB,
            whose: Whose::Accounts,
            named_by: "id".to_owned(),
            fields: Vec::new(),
            hides: Vec::new(),
            used_by: Vec::new(),
            takes_along: Vec::new(),
            departures: Vec::new(),
            unique: None,
            unique_in: None,
            tagged_as: None,
            limit: None,
            narrowed_by_hidden: Vec::new(),
            only_where_it_applies: Vec::new(),
            held: true,
        }
    }
}

impl Row {
    /// The kind that an entry of `kinds` is about.
    pub fn kind_of(key: &Located<String>, node: &Node) -> Kind {
        let shown = node.field("shown").map(Node::to_json);
        Kind::of(&key.value, shown.as_ref().and_then(|shown| shown.as_str()).unwrap_or(&key.value))
    }

    /// Whether a server of CloudStack 4.1 departs so from its document.
    pub fn departs(&self, departure: Departure) -> bool {
        self.departures.contains(&departure)
    }

    /// Reads an entry of `kinds`.
    pub(super) fn read(key: &Located<String>, node: &Node, names: &Names, mistakes: &mut Diagnostics) -> Self {
        let row = Self { kind: Self::kind_of(key, node), ..Self::default() };
        let Some(mut fields) = node.fields("a kind", mistakes) else { return row };
        fields.text("about", mistakes);
        fields.text("shown", mistakes);
        let owners = [("account", Whose::Accounts), ("everyone", Whose::Everyones)];
        let whose = fields.take("whose").and_then(|node| node.choice("`whose`", &owners, mistakes));
        let used_by = fields.take("used_by").map(Node::one_or_many).unwrap_or_default();
        let along = fields.take("takes_along").map(Node::one_or_many).unwrap_or_default();
        let texts = |texts: Vec<Located<String>>| texts.into_iter().map(|text| text.value).collect();
        let own = fields.take("fields").and_then(|node| node.entries("`fields`", mistakes)).unwrap_or_default();
        let hides = fields.take("hides").and_then(|node| node.entries("`hides`", mistakes)).unwrap_or_default();
        let read = Self {
            whose: whose.unwrap_or(row.whose),
            named_by: fields.text("named_by", mistakes).map_or(row.named_by, |name| name.value),
            takes_along: along.iter().filter_map(|node| names.kind_and_field(node, mistakes)).collect(),
            departures: Departure::NAMES
                .iter()
                .filter(|(name, _)| fields.flag(name, mistakes))
                .map(|(_, departure)| *departure)
                .collect(),
            used_by: used_by.iter().filter_map(|node| names.kind_and_field(node, mistakes)).collect(),
            unique: fields.text("unique", mistakes).map(|name| name.value),
            unique_in: fields.text("unique_in", mistakes).map(|name| name.value),
            tagged_as: fields.text("tagged_as", mistakes).map(|name| name.value),
            limit: fields.take("limit").and_then(|node| Limited::read(node, mistakes)),
            narrowed_by_hidden: texts(fields.texts("narrowed_by_hidden", mistakes)),
            only_where_it_applies: texts(fields.texts("only_where_it_applies", mistakes)),
            held: fields.take("held").and_then(|node| node.boolean("`held`", mistakes)).unwrap_or(true),
            fields: Field::read_all(own, names, mistakes),
            hides: Field::read_all(hides, names, mistakes),
            kind: row.kind,
        };
        fields.finish(mistakes);
        read
    }
}

impl Limited {
    fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut fields = node.fields("a limit", mistakes)?;
        let number = fields.need("number", mistakes).and_then(|node| node.whole_number("`number`", mistakes));
        let shown = fields.need_text("shown", mistakes);
        fields.finish(mistakes);
        Some(Self { number: number?, shown: shown?.value })
    }
}
