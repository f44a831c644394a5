//! What an `OpenAPI` document says of a whole API: its things, and what holds for them.

use serde_json::Value;

use crate::name::OperationName;
use crate::operation::RequestLine;
use crate::requirement::RequirementId;
use crate::source::Place;
use crate::undo::SENT;
use crate::value::Variable;

/// Things of a kind, and the operations on them.
#[derive(Clone, Debug)]
pub struct Resource {
    /// What one of them is called in cases: a target may give one.
    pub variable: Variable,
    /// What one of them is called in sentences.
    pub noun: String,
    /// The path of all of them, such as `/pets`.
    pub collection: String,
    /// The argument that names one in the operations on one of them.
    pub parameter: String,
    /// The arguments that name what they are in, each with its variable.
    pub parents: Vec<(String, Variable)>,
    /// Creates one.
    pub create: Option<OperationName>,
    /// The path to its identity in the answer that creates one, or the place where the request has it (`$sent.body.name`).
    pub created_key: Option<String>,
    /// The field of a change and of what is read that says which version of it the change rests on.
    pub version: Option<String>,
    /// Lists them, and the path to the identity of the first.
    pub list: Option<(OperationName, String)>,
    /// How the list comes in pages; none where it comes whole.
    pub paged: Option<Paged>,
    /// Reads one.
    pub read: Option<OperationName>,
    /// Replaces one.
    pub replace: Option<OperationName>,
    /// Changes some of one.
    pub patch: Option<OperationName>,
    /// Removes one.
    pub remove: Option<OperationName>,
    /// The requirements on how its operations go together.
    pub laws: Vec<Law>,
    /// The requirements on how they are listed.
    pub list_laws: Vec<ListLaw>,
    /// What is said of their states.
    pub states: States,
}

impl Resource {
    /// The path of one of them.
    pub fn path(&self) -> String {
        format!("{}/{{{}}}", self.collection.trim_end_matches('/'), self.parameter)
    }

    /// Whether what creates one chooses its name by this argument of its path.
    pub fn chooses(&self, argument: &str) -> bool {
        self.created_key.as_deref().and_then(|key| key.strip_prefix(SENT)) == Some(argument)
    }

    /// Where one of them is, whatever paths call it.
    pub fn place(&self) -> String {
        anonymous(&self.path())
    }
}

/// Where what an argument in a path names is, whatever the path calls it: `/pets/{id}/toys` is below the place of `/pets/{petId}`.
pub fn place_of(path: &str, argument: &str) -> Option<String> {
    let name = format!("{{{argument}}}");
    let end = path.find(&name)? + name.len();
    path.get(..end).map(anonymous)
}

/// A path without the names in it.
fn anonymous(path: &str) -> String {
    let is_name = |part: &str| part.starts_with('{') && part.ends_with('}');
    path.split('/').map(|part| if is_name(part) { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// How operations on one resource go together.
#[derive(Clone, Debug)]
pub struct Law {
    /// What it says.
    pub kind: LawKind,
    /// Its requirement.
    pub requirement: RequirementId,
    /// Where the document describes the operation that it is about.
    pub place: Place,
}

/// The ways in which operations on one resource go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LawKind {
    /// What was created is read as it was sent.
    ReadBack,
    /// What was created is listed.
    Listed,
    /// What was removed is gone.
    Gone,
    /// Of two that were created only the removed one is gone.
    Alone,
    /// What was replaced is read as it was sent.
    Replaced,
    /// A replacement that is sent twice does no more than one.
    Idempotent,
    /// A replacement that is refused changes nothing.
    Untouched,
    /// A change alters what it names and nothing else.
    Patched,
    /// Two that are created have two identities.
    Distinct,
    /// A creation that is refused creates nothing.
    NotCreated,
    /// A second one of a name that is taken is refused.
    Unique,
    /// A change to a name that is taken is refused.
    Renamed,
    /// What is not given has its documented default.
    Defaults,
    /// `Location` leads to what was created.
    Located,
    /// What has not changed is not sent again.
    NotModified,
    /// A change gives another entity tag.
    Versioned,
    /// A change that rests on an old state is refused.
    Guarded,
    /// It is found in what it was created in, and nowhere else.
    Within,
    /// It is gone with what it was created in.
    Cascade,
    /// What it was created in is not removed while it is there.
    Kept,
    /// Another account neither sees nor changes it.
    Private,
    /// What can only be read is not set.
    ReadOnly,
    /// What it is in, or refers to, counts it.
    Counted,
    /// What refers to nothing is refused.
    Referring,
}

impl LawKind {
    /// All of them, with the names that they have in requirements.
    pub const NAMES: [(&'static str, Self); 24] = [
        ("read-back", Self::ReadBack),
        ("listed", Self::Listed),
        ("gone", Self::Gone),
        ("removed-alone", Self::Alone),
        ("replaced", Self::Replaced),
        ("idempotent", Self::Idempotent),
        ("untouched", Self::Untouched),
        ("patched", Self::Patched),
        ("distinct", Self::Distinct),
        ("not-created", Self::NotCreated),
        ("unique", Self::Unique),
        ("unique-still", Self::Renamed),
        ("defaults", Self::Defaults),
        ("located", Self::Located),
        ("not-modified", Self::NotModified),
        ("versioned", Self::Versioned),
        ("guarded", Self::Guarded),
        ("within", Self::Within),
        ("cascade", Self::Cascade),
        ("kept", Self::Kept),
        ("private", Self::Private),
        ("read-only", Self::ReadOnly),
        ("counted", Self::Counted),
        ("referring", Self::Referring),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What a document says of the states of a kind of things.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// The actions that lead into states.
    pub ways: Vec<Way>,
    /// In which states operations are refused.
    pub laws: Vec<StateLaw>,
    /// Operations that are accepted where an action was done before, with that action.
    pub admitted: Vec<(OperationName, OperationName)>,
}

/// An action that leads into a state.
#[derive(Clone, Debug)]
pub struct Way {
    /// The action.
    pub operation: OperationName,
    /// The field that shows the state.
    pub field: String,
    /// What it shows then.
    pub value: Value,
    /// Whether the document says so; otherwise they are called alike.
    pub is_said: bool,
    /// The requirement that it does.
    pub requirement: RequirementId,
    /// Where the action is described.
    pub place: Place,
}

/// That an operation is refused in a state, by 409.
#[derive(Clone, Debug)]
pub struct StateLaw {
    /// The operation.
    pub operation: OperationName,
    /// How the state is reached.
    pub through: Through,
    /// The field that shows the state.
    pub field: String,
    /// What it shows in it; or, of what was just created, what it does not show.
    pub value: Value,
    /// The law in words.
    pub text: String,
    /// Its requirement.
    pub requirement: RequirementId,
    /// Where the document has the refusal.
    pub place: Place,
}

/// How a state is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through {
    /// What was created has it.
    Creation,
    /// By this action.
    Way(OperationName),
}

/// Whether a field is called as the number of things of a kind: `comment_count` of comments.
pub fn counts(field: &str, noun: &str) -> bool {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let (field, one) = (plain(field), plain(noun));
    let several = format!("{one}s");
    let of =
        |noun: &str| [format!("{noun}count"), format!("numberof{noun}"), format!("num{noun}"), format!("{noun}total")];
    one.len() > 2 && of(&one).into_iter().chain(of(&several)).any(|name| name == field)
}

/// Whether the document says of a field that it is one of these things: by its noun, or as a creation that is in nothing has an answer
/// for what is not found.
pub fn refers_by_name(description: &str, of: &Resource, create: &crate::Contract, created: &Resource) -> bool {
    let noun = of.noun.to_lowercase();
    let said = description.to_lowercase();
    let names = said.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == noun);
    names || (created.parents.is_empty() && create.exactly(404).is_some())
}

/// What a parameter of a list does to it.
#[derive(Clone, Debug)]
pub struct ListLaw {
    /// What it does.
    pub kind: ListLawKind,
    /// Its requirement.
    pub requirement: RequirementId,
    /// Where the document describes the parameter.
    pub place: Place,
}

/// The ways in which parameters shape a list. Parameters are called by their arguments, fields are those of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListLawKind {
    /// Only items whose field has this value.
    Filter(ListFilter),
    /// Only items whose field is at least this.
    Least(ListFilter),
    /// Only items whose field is at most this.
    Most(ListFilter),
    /// Only items for which several of these say so at once.
    Together(Vec<ListFilter>),
    /// Only items that hold a text.
    Search {
        /// The argument that is the text.
        parameter: String,
        /// The fields that are searched.
        fields: Vec<String>,
    },
    /// Items in the order of a field.
    Sorted {
        /// What asks for it, by arguments.
        arguments: Vec<(String, String)>,
        /// The field.
        field: String,
        /// Which end of it comes first.
        order: Order,
    },
    /// No more items than this argument says.
    Size(String),
    /// Pages that follow one another.
    Pages {
        /// The argument of their size.
        size: String,
        /// How the second is asked for.
        next: NextPage,
    },
    /// How many items there are on all pages.
    Total(Counted),
    /// How many pages there are, at a path of the answer.
    PageCount(String),
    /// At a path of the answer, what this argument asked for.
    Repeats(String, String),
}

/// Where a list says how many items there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counted {
    /// At a path of its answer.
    Field(String),
    /// In a header; its name in lower case.
    Header(String),
}

/// A parameter by which items are chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    /// Its argument.
    pub parameter: String,
    /// The field that it is about.
    pub field: String,
}

/// The order of the items of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

impl Order {
    /// Both, with the names that scenarios give them.
    pub const NAMES: [(&'static str, Self); 2] = [("ascending", Self::Ascending), ("descending", Self::Descending)];
}

/// How the page after the first is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextPage {
    /// By how many items come before it.
    Offset(String),
    /// By its number, which is this.
    Number(String, i64),
    /// By a parameter, with what is at a path of the page before.
    Cursor(String, String),
    /// By the identity of the last item of the page before.
    After(String),
    /// By the address at a path of the page before.
    Address(String),
    /// By the address in the header `Link` of the page before (RFC 8288).
    Link,
}

/// How a list comes in pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged {
    /// The parameter that says how many items a page has, and the most that it may ask for.
    pub size: Option<(String, u64)>,
    /// A page with so many items may not be the last.
    pub full: u64,
    /// How the next page is asked for, where that is known.
    pub next: Option<NextPage>,
}

/// What an `OpenAPI` document says besides its operations.
#[derive(Clone, Debug)]
pub struct Described {
    /// The document's path.
    pub document: String,
    /// The path of its first server, such as `/api/v3`; empty at the root.
    pub base_path: String,
    /// The address of its first server, where it has one.
    pub server: Option<String>,
    /// The schemas of bodies and headers, by their paths below `schemas/`.
    pub schemas: Vec<(String, Value)>,
    /// The kinds of things that its operations are about.
    pub resources: Vec<Resource>,
    /// Which methods are documented for each path.
    pub methods: Vec<PathMethods>,
    /// The requirement that no answer shows the inside of the server.
    pub no_trace: RequirementId,
}

/// The methods of a path.
#[derive(Clone, Debug)]
pub struct PathMethods {
    /// The requirement that no other method is taken.
    pub requirement: RequirementId,
    /// Where the path is written.
    pub place: Place,
    /// The operation by which the path is asked for.
    pub operation: OperationName,
    /// Its method and path.
    pub request: RequestLine,
    /// The documented methods.
    pub documented: Vec<crate::http::Method>,
}
