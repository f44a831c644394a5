//! What schemas say of the fields of an answer, one by one.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use assay_engine::plan::Library;

/// A step on the way to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// To the field of this name.
    Name(String),
    /// To an item of a list.
    Item,
}

/// The way to a field: `zone[].id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way(pub Vec<Part>);

impl Way {
    /// Names with dots between: `page.items`.
    pub fn dotted(names: &str) -> Self {
        Self(names.split('.').map(|name| Part::Name(name.to_owned())).collect())
    }

    /// A path of the plainest kind: names, and brackets that lead to items.
    pub fn of_path(path: &str) -> Option<Self> {
        let mut parts = Vec::new();
        for name in path.strip_prefix("$.")?.split('.') {
            let (name, brackets) = name.split_once('[').map_or((name, None), |(name, rest)| (name, Some(rest)));
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return None;
            }
            parts.push(Part::Name(name.to_owned()));
            match brackets {
                None => {}
                Some("*]" | "0]") => parts.push(Part::Item),
                Some(_) => return None,
            }
        }
        Some(Self(parts))
    }

    /// This and what follows it.
    pub fn then(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// The way to an item of the list that is here.
    pub fn item(&self) -> Self {
        Self(self.0.iter().cloned().chain([Part::Item]).collect())
    }

    /// The name of the field that it leads to.
    pub fn last_name(&self) -> Option<&str> {
        match self.0.last() {
            Some(Part::Name(name)) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for part in &self.0 {
            match part {
                Part::Name(name) => write!(f, "{between}{name}")?,
                Part::Item => write!(f, "[]")?,
            }
            between = ".";
        }
        Ok(())
    }
}

/// Whether a field is wherever what holds it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Always,
    Sometimes,
}

/// What is said of a value besides its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// It is one of those listed.
    Listed,
    /// It has a form.
    Form,
    /// It is not blank.
    Filled,
    /// It is not below this.
    AtLeast(i64),
}

/// A field, as schemas describe it.
#[derive(Clone, Debug)]
pub struct Described {
    pub way: Way,
    pub presence: Presence,
    /// The types that it may have; empty if nothing is said.
    pub types: Vec<String>,
    pub limits: Vec<Limit>,
}

impl Described {
    /// Whether it may be of a type.
    pub fn may_be(&self, name: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|known| known == name)
    }

    /// Whether it holds neither fields nor items.
    pub fn is_plain(&self) -> bool {
        !self.types.is_empty() && !self.types.iter().any(|name| name == "object" || name == "array")
    }
}

/// All schemas, as they are written or named.
pub struct Schemas(BTreeMap<String, Value>);

/// So deep are fields looked for: what is deeper repeats what is above.
const DEEPEST: usize = 8;

/// A schema, and the file that holds it.
#[derive(Clone, Copy)]
struct View<'s> {
    path: &'s str,
    schema: &'s Value,
}

impl Schemas {
    pub fn read(library: &Library) -> Self {
        let files = library.documents.below("schemas/").filter(|file| file.path.ends_with(".json"));
        let parsed =
            files.map(|file| (file.path["schemas/".len()..].to_owned(), serde_json::from_str(&file.text).unwrap()));
        let named = library.suites.values().flat_map(|suite| suite.named_schemas());
        let named = named.map(|named| (named.path, named.schema.to_json()));
        Self(named.chain(parsed).collect())
    }

    /// The fields that a schema describes; none if there is no such schema.
    pub fn fields(&self, path: &str) -> Vec<Described> {
        let mut fields = Vec::new();
        if let Some((path, schema)) = self.0.get_key_value(path) {
            self.within(&self.views(View { path, schema }), &Way(Vec::new()), &mut fields);
        }
        fields
    }

    /// Whether there is a schema at a path.
    pub fn contains(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    fn within(&self, views: &[View<'_>], at: &Way, fields: &mut Vec<Described>) {
        if at.0.len() > DEEPEST {
            return;
        }
        let mut names: Vec<&str> = Vec::new();
        for view in views {
            let known = view.schema.get("properties").and_then(Value::as_object);
            names.extend(known.into_iter().flatten().map(|(name, _)| name.as_str()));
        }
        names.sort_unstable();
        names.dedup();
        for name in names {
            let way = at.then(&Way(vec![Part::Name(name.to_owned())]));
            let of_field = self.below(views, &["properties", name]);
            let required = views.iter().any(|view| {
                let required = view.schema.get("required").and_then(Value::as_array);
                required.is_some_and(|required| required.iter().any(|known| known == name))
            });
            let presence = if required { Presence::Always } else { Presence::Sometimes };
            fields.push(described(way.clone(), presence, &of_field));
            self.within(&of_field, &way, fields);
            let of_items = self.below(&of_field, &["items"]);
            if !of_items.is_empty() {
                self.within(&of_items, &way.item(), fields);
            }
        }
    }

    /// What all of these say of what is there.
    fn below<'s>(&'s self, views: &[View<'s>], keys: &[&str]) -> Vec<View<'s>> {
        let found = views.iter().filter_map(|view| {
            let schema = keys.iter().try_fold(view.schema, |schema, key| schema.get(key))?;
            Some(View { path: view.path, schema })
        });
        found.flat_map(|view| self.views(view)).collect()
    }

    /// A schema and all that it joins; what it only chooses from promises nothing by itself.
    fn views<'s>(&'s self, view: View<'s>) -> Vec<View<'s>> {
        let mut views = vec![view];
        if let Some(target) = view.schema.get("$ref").and_then(Value::as_str) {
            views.extend(self.resolve(view.path, target).into_iter().flat_map(|view| self.views(view)));
        }
        let all = view.schema.get("allOf").and_then(Value::as_array);
        views.extend(all.into_iter().flatten().flat_map(|schema| self.views(View { path: view.path, schema })));
        views
    }

    fn resolve<'s>(&'s self, from: &'s str, target: &str) -> Option<View<'s>> {
        let (file, pointer) = target.split_once('#').unwrap_or((target, ""));
        let mut folders: Vec<_> = from.split('/').collect();
        if !file.is_empty() {
            folders.pop();
            for part in file.split('/') {
                if part == ".." {
                    folders.pop();
                } else {
                    folders.push(part);
                }
            }
        }
        let (path, schema) = self.0.get_key_value(&folders.join("/"))?;
        Some(View { path, schema: schema.pointer(pointer)? })
    }
}

fn described(way: Way, presence: Presence, views: &[View<'_>]) -> Described {
    let mut limits = Vec::new();
    let says = |keyword: &str| views.iter().find_map(|view| view.schema.get(keyword));
    if says("enum").or_else(|| says("const")).is_some() {
        limits.push(Limit::Listed);
    }
    if says("pattern").is_some() {
        limits.push(Limit::Form);
    }
    if says("minLength").and_then(Value::as_u64).is_some_and(|least| least > 0) {
        limits.push(Limit::Filled);
    }
    limits.extend(says("minimum").and_then(Value::as_i64).map(Limit::AtLeast));
    let types = match says("type") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    Described { way, presence, types, limits }
}
