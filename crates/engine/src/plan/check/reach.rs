//! Whether a path can lead anywhere in an answer of the documented form.

use serde_json::Value;

use crate::scenario::{Path, PathPart, Selector};
use assay_schema::decimal::equal;
use assay_schema::{Field, Shape};
use assay_suite::source::closest;

/// What is known of an answer beforehand.
pub(super) struct Answer<'a> {
    /// What it is called: `the answer of listZones`.
    pub what: String,
    /// The file of its schema.
    pub schema: String,
    /// Its form.
    pub shape: Shape<'a>,
}

/// Why nothing can be at the end of a path.
#[derive(Debug)]
pub(super) struct DeadEnd {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What is known of a spot: its form, or nothing where the schema is open.
type Spot<'a> = Option<Shape<'a>>;

impl<'a> Answer<'a> {
    /// Why nothing can be at the end of a path.
    pub fn dead_end(&self, path: &Path) -> Option<DeadEnd> {
        self.follow(&self.shape, &path.parts(), "").err()
    }

    /// Why what is at the end of a path is never this value.
    pub fn refuses(&self, path: &Path, value: &Value) -> Option<DeadEnd> {
        let spot = self.follow(&self.shape, &path.parts(), "").ok()??;
        let listed = spot.listed().filter(|listed| !listed.iter().any(|one| equal(one, value)));
        let help = match listed {
            Some(listed) => format!("it lists {}", listed.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")),
            None if spot.is_of_type(value) => return None,
            None => "write a value of the type that it asks for".to_owned(),
        };
        Some(DeadEnd { message: format!("{} does not allow {value} at {path}", self.schema), help })
    }

    /// The form of a field, whose name leads through objects by its dots; why it can't be there otherwise.
    pub fn field(&self, name: &str) -> Result<Spot<'a>, DeadEnd> {
        let part = |name: &str| PathPart { descends: false, selectors: vec![Selector::Name(name.to_owned())] };
        self.follow(&self.shape, &name.split('.').map(part).collect::<Vec<_>>(), "")
    }

    /// Within a spot, `at` being how it was reached.
    fn follow(&self, shape: &Shape<'a>, parts: &[PathPart], at: &str) -> Result<Spot<'a>, DeadEnd> {
        let Some((part, others)) = parts.split_first() else { return Ok(Some(shape.clone())) };
        let mut reached: Vec<_> =
            part.selectors.iter().map(|selector| self.select(shape, part, selector, at)).collect();
        let next = match reached.as_slice() {
            [_] => reached.remove(0)?,
            // Of several that are selected one may be there.
            several if several.iter().any(Result::is_ok) => return Ok(None),
            _ => return reached.into_iter().next().unwrap_or(Ok(None)),
        };
        let Some(next) = next else { return Ok(None) };
        let at = match part.selectors.as_slice() {
            [Selector::Name(name)] if at.is_empty() => name.clone(),
            [Selector::Name(name)] => format!("{at}.{name}"),
            _ => at.to_owned(),
        };
        self.follow(&next, others, &at)
    }

    fn select(&self, shape: &Shape<'a>, part: &PathPart, selector: &Selector, at: &str) -> Result<Spot<'a>, DeadEnd> {
        match selector {
            // It comes from a variable.
            Selector::Name(name) if name.contains("${") => Ok(None),
            Selector::Name(name) if part.descends && shape.has_somewhere(name) => Ok(None),
            Selector::Name(name) if part.descends => Err(self.no_field(name, &[], at)),
            Selector::Name(name) => match shape.field(name) {
                Field::Known(found) => Ok(Some(found)),
                Field::Open => Ok(None),
                Field::Missing(_) if shape.is_list() => Err(DeadEnd {
                    message: format!("{} is a list, and has no field `{name}`", self.called(at)),
                    help: "write [0] for its first item, [*] for all, or a condition: [?@.name == 'a']".to_owned(),
                }),
                Field::Missing(known) => Err(self.no_field(name, &known, at)),
            },
            _ if part.descends => Ok(None),
            Selector::Index => self.element(shape, at),
            // Both also go through the fields of an object.
            Selector::Any | Selector::Filter(_) if shape.is_object() => Ok(None),
            Selector::Any => self.element(shape, at),
            Selector::Filter(conditions) => {
                let element = self.element(shape, at)?;
                if let Some(element) = &element {
                    for condition in conditions {
                        self.follow(element, condition, at)?;
                    }
                }
                Ok(element)
            }
        }
    }

    fn element(&self, shape: &Shape<'a>, at: &str) -> Result<Spot<'a>, DeadEnd> {
        match shape.element() {
            Field::Known(element) => Ok(Some(element)),
            Field::Open => Ok(None),
            Field::Missing(_) => Err(DeadEnd {
                message: format!("{} is not a list", self.called(at)),
                help: format!("write the path as {} describes the answer", self.schema),
            }),
        }
    }

    fn no_field(&self, name: &str, known: &[&str], at: &str) -> DeadEnd {
        const SHOWN: usize = 12;
        let message = format!("{} has no field `{name}`", self.called(at));
        let help = match closest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() || known.len() > SHOWN => format!("{} says what it has", self.schema),
            None => format!("{} describes: {}", self.schema, known.join(", ")),
        };
        DeadEnd { message, help }
    }

    fn called(&self, at: &str) -> String {
        if at.is_empty() { self.what.clone() } else { format!("`{at}` in {}", self.what) }
    }
}
