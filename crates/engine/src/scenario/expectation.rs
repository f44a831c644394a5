//! What a step must observe.

use std::fmt;

use serde_json::Value;

use assay_suite::{Filter, Order, StatusPattern, Variable};

use super::{Bindings, Template};

/// One thing that must be observed.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// The request is accepted or refused.
    Outcome(Outcome),
    /// The HTTP status is one of these.
    Status(Vec<StatusPattern>),
    /// A status of these decides nothing: it says something else than what is tested.
    Undecided(Vec<StatusPattern>),
    /// The answer has the documented form: format, envelope, and the fields that its schema asks for. A step that does
    /// not expect this takes the form as given, and what is wrong with it is a notice there.
    Form,
    /// A job that has ended says the same when it is asked about again.
    TerminalState,
    /// What is at a path of the answer.
    Field(Path, Matcher),
    /// What must be at a path of the answer for later steps to decide anything; where something else is, nothing is decided.
    Given(Path, Matcher),
    /// The time at a path of the answer is that of the answer, or little before.
    Recent(Path),
    /// What a header of the answer says; its name is in lower case.
    Header(String, Matcher),
    /// What the body says as it is, before it is decoded.
    Body(Matcher),
    /// Something of a list and its pages.
    Paging(PagingCheck),
    /// What the answer lacks decides nothing if the list may go on after it.
    Whole(Ending),
    /// How many items there are on all pages is at least what is shown, and just that on the only page.
    Total(Total),
}

/// What a page says of how many items there are.
#[derive(Clone, Debug)]
pub struct Total {
    /// Where it says so.
    pub said: Said,
    /// There are so many at least.
    pub least: u64,
    /// By what it shows that there are more pages.
    pub ending: Ending,
}

/// Where something is said.
#[derive(Clone, Debug)]
pub enum Said {
    /// At a path of the answer.
    Field(Path),
    /// In a header of this name, in lower case.
    Header(String),
}

/// By what a page shows that the list may go on after it.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Where its items are.
    pub items: Path,
    /// It has so many items.
    pub full: usize,
    /// It leads to a next one.
    pub next: Option<Next>,
}

/// Where a page leads to the next one.
#[derive(Clone, Debug)]
pub enum Next {
    /// By what is at a path, unless that is null or nothing.
    Field(Path),
    /// By its header `Link` (RFC 8288).
    Link,
}

/// Whether a request was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A 2xx status.
    Accepted,
    /// A status with which this API refuses.
    Refused,
    /// Refused, or accepted and its job fails: where a document says that something can't be done, and not when that shows.
    Fails,
    /// Accepted or refused.
    Any,
}

/// What `paginate` can hold a list against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingCheck {
    /// No page has more items than asked for, and none but the last has fewer.
    Size,
    /// No item is on two pages.
    Unique,
    /// All pages together are the whole list.
    Complete,
    /// The count is what the API says that it counts.
    Count,
    /// The page after the last has no items.
    PastEnd,
}

impl PagingCheck {
    /// All checks, with the names that scenarios give them.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("size", Self::Size),
        ("unique", Self::Unique),
        ("complete", Self::Complete),
        ("count", Self::Count),
        ("past_end", Self::PastEnd),
    ];
}

/// With each level of brackets the time to compile a path doubles.
const DEEPEST: usize = 10;

/// How many brackets are open at once, at most.
fn nesting(path: &str) -> usize {
    let depths = path.chars().scan(0_usize, |depth, character| {
        match character {
            '[' | '(' => *depth += 1,
            ']' | ')' => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    depths.max().unwrap_or_default()
}

/// A path into an answer (RFC 9535), `$` being the content of the envelope. Names in it may come from variables that
/// are known when it is looked at: `$.${items}[*].${field}`.
#[derive(Clone)]
pub struct Path {
    text: String,
    query: serde_json_path::JsonPath,
}

impl Path {
    /// Compiles a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        if nesting(text) > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        if !escapes_are_whole(text) {
            return Err("an escape `\\` in it does not end".to_owned());
        }
        // Until it is bound, a variable is some name.
        let bound = Template::parse(&Value::String(text.to_owned()));
        let names =
            bound.variables().into_iter().map(|name| (name.clone(), Value::from(format!("variable_{}", name.0))));
        let stand_in = bound.bind(&names.collect()).to_string();
        let query = serde_json_path::JsonPath::parse(&stand_in).map_err(|error| error.to_string())?;
        Ok(Self { text: text.to_owned(), query })
    }

    /// The path with names in place of the variables that are known.
    #[must_use]
    pub fn bind(&self, bindings: &Bindings) -> Self {
        if !self.text.contains("${") {
            return self.clone();
        }
        let text = Template::parse(&Value::String(self.text.clone())).bind(bindings).to_string();
        Self::parse(&text).unwrap_or_else(|_| self.clone())
    }

    /// The variables in it that nothing was bound to.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let template = Template::parse(&Value::String(self.text.clone()));
        template.variables().into_iter().cloned().collect()
    }

    /// All that is there.
    pub fn select<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        self.query.query(value).all()
    }
}

/// Whether each `\` is followed by what it escapes: the library that reads paths would panic where a text ends before.
fn escapes_are_whole(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('\\') {
        let mut escaped = after.chars();
        let whole = match escaped.next() {
            None => false,
            // The second half of a pair is looked at in its turn.
            Some('u') => match escaped.as_str().get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                Some(0xd800..=0xdbff) => escaped.as_str()[4..].starts_with("\\u"),
                digits => digits.is_some(),
            },
            Some(_) => true,
        };
        if !whole {
            return false;
        }
        rest = escaped.as_str();
    }
    true
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What the values at a path must be. Each value found there must match; finding none matches only [`Matcher::Absent`].
#[derive(Clone, Debug)]
pub enum Matcher {
    /// This value, with this type; letters' case counts.
    Equals(Template),
    /// Anything but this value.
    Not(Template),
    /// One of these.
    OneOf(Vec<Template>),
    /// Text that a regular expression finds itself in.
    Matches(regex::Regex),
    /// Text that holds this text, letters' case aside; or a list that holds this value.
    Contains(Template),
    /// A number from this on.
    AtLeast(serde_json::Number),
    /// A number up to this.
    AtMost(serde_json::Number),
    /// A value of this JSON type.
    Type(String),
    /// Nothing is there.
    Absent,
    /// Something is there.
    Present,
    /// So many values are there.
    Times(u64),
    /// No value occurs twice.
    Distinct,
    /// The values are in this order: numbers by their size, text by its letters, whatever their case.
    Sorted(Order),
    /// At least one of the values is this.
    Includes(Template),
    /// None of the values is this; finding none is fine.
    Excludes(Template),
    /// An object in which the numbers of these fields add up to that of the last.
    Sum(Vec<String>),
    /// An object in which the number of the first field is so many percent of that of the second as the third says.
    Percent([String; 3]),
    /// A value that says the same as this, each in its own format: `8` and `"8"`, `true` and `TRUE`.
    Says(Template),
    /// This value, if any is there.
    OrAbsent(Template),
    /// An object that is as it was, but for some fields.
    Unchanged(Unchanged),
    /// The items of a list that a filter leaves of all.
    Narrows(Narrowing),
    /// All of these hold.
    All(Vec<Matcher>),
}

/// What an object was before, and what of it may have changed.
#[derive(Clone, Debug)]
pub struct Unchanged {
    /// The object, or the list of objects, as it was.
    pub before: Template,
    /// The fields that may have changed.
    pub except: Vec<String>,
}

/// What a filter leaves of a list.
#[derive(Clone, Debug)]
pub struct Narrowing {
    /// The items of the list without the filter.
    pub all: Template,
    /// The field that shows an item from all others.
    pub key: String,
    /// How the filter looks at an item.
    pub filter: Filter,
    /// The value that it is given.
    pub value: Template,
}

impl Matcher {
    /// The templates that a matcher compares with.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Equals(template)
            | Self::Not(template)
            | Self::Contains(template)
            | Self::Includes(template)
            | Self::Excludes(template)
            | Self::OrAbsent(template)
            | Self::Says(template) => vec![template],
            Self::Unchanged(unchanged) => vec![&unchanged.before],
            Self::Narrows(narrowing) => vec![&narrowing.all, &narrowing.value],
            Self::OneOf(templates) => templates.iter().collect(),
            Self::All(matchers) => matchers.iter().flat_map(Self::templates).collect(),
            _ => Vec::new(),
        }
    }
}

/// A matcher as a person would say it, after the path.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write!(f, "is {}", quoted(value)),
            Self::Not(value) => write!(f, "is not {}", quoted(value)),
            Self::OneOf(values) => {
                let values: Vec<_> = values.iter().map(quoted).collect();
                write!(f, "is one of {}", values.join(", "))
            }
            Self::Matches(pattern) => write!(f, "matches /{pattern}/"),
            Self::Contains(value) => write!(f, "contains {}", quoted(value)),
            Self::AtLeast(limit) => write!(f, "is at least {limit}"),
            Self::AtMost(limit) => write!(f, "is at most {limit}"),
            Self::Type(name) => write!(f, "is of type {name}"),
            Self::Absent => f.write_str("is absent"),
            Self::Present => f.write_str("is present"),
            Self::Times(times) => write!(f, "is there {times} times"),
            Self::Distinct => f.write_str("is never there twice"),
            Self::Sorted(Order::Ascending) => f.write_str("is sorted, the least first"),
            Self::Sorted(Order::Descending) => f.write_str("is sorted, the greatest first"),
            Self::Includes(value) => write!(f, "includes {}", quoted(value)),
            Self::Excludes(value) => write!(f, "does not include {}", quoted(value)),
            Self::Sum(fields) => match fields.split_last() {
                Some((whole, parts)) => write!(f, "has {} that add up to {whole}", parts.join(" and ")),
                None => f.write_str("is an object"),
            },
            Self::Percent([part, whole, percent]) => {
                write!(f, "has a {percent} that is the share of {part} in {whole}")
            }
            Self::Says(value) => write!(f, "says {}", quoted(value)),
            Self::OrAbsent(value) => write!(f, "is {}, or absent", quoted(value)),
            Self::Unchanged(Unchanged { except, .. }) if except.is_empty() => f.write_str("is as it was before"),
            Self::Unchanged(Unchanged { except, .. }) => {
                write!(f, "is as it was before, but for {}", except.join(" and "))
            }
            Self::Narrows(Narrowing { filter, value, .. }) => match filter {
                Filter::Equals(field) => write!(f, "has all items whose {field} is {value}, and no others"),
                Filter::Contains(field) => write!(f, "has all items whose {field} contains {value}, and no others"),
            },
            Self::All(matchers) => {
                let matchers: Vec<_> = matchers.iter().map(ToString::to_string).collect();
                f.write_str(&matchers.join(" and "))
            }
        }
    }
}

fn quoted(template: &Template) -> String {
    match template {
        Template::Literal(value) => value.to_string(),
        other => other.to_string(),
    }
}
