//! Text with variables: `$zone`, `assay-${unique}`.

use std::collections::BTreeMap;
use std::fmt;

use assay_suite::{Variable, plain};
use serde_json::Value;

use super::chosen::Chosen;

/// The values of variables.
pub type Bindings = BTreeMap<Variable, Value>;

/// A value that may hold variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// No variable: the value as it was written.
    Literal(Value),
    /// One variable and nothing else: its value, with its type.
    Variable(Variable),
    /// Text around variables.
    Text(Vec<Part>),
    /// A list that holds variables.
    List(Vec<Template>),
    /// Named values that hold variables.
    Map(Vec<(String, Template)>),
}

/// A piece of text with variables.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// As it is.
    Literal(String),
    /// The text of a variable's value.
    Variable(Variable),
    /// What is chosen for the case.
    Chosen(Chosen),
}

impl Template {
    /// Reads a value: `$name` alone is a variable, `${name}` within text is replaced, `$.` and `$[` begin a path and stay.
    pub fn parse(value: &Value) -> Self {
        let text = match value {
            Value::String(text) => text,
            Value::Array(_) | Value::Object(_) => return Self::parse_structure(value),
            other => return Self::Literal(other.clone()),
        };
        if let Some(name) = text.strip_prefix('$').filter(|name| Variable::is_name(name)) {
            return Self::Variable(Variable(name.to_owned()));
        }
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, name, after)) = next_variable(rest) {
            if !before.is_empty() {
                parts.push(Part::Literal(before.to_owned()));
            }
            parts.push(Part::Variable(Variable(name.to_owned())));
            rest = after;
        }
        if parts.is_empty() {
            return Self::Literal(value.clone());
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Self::Text(parts)
    }

    /// A list or mapping; one without variables is a literal.
    fn parse_structure(value: &Value) -> Self {
        let template = match value {
            Value::Array(items) => Self::List(items.iter().map(Self::parse).collect()),
            Value::Object(fields) => {
                Self::Map(fields.iter().map(|(name, value)| (name.clone(), Self::parse(value))).collect())
            }
            other => Self::Literal(other.clone()),
        };
        if template.variables().is_empty() { Self::Literal(value.clone()) } else { template }
    }

    /// A text without variables.
    pub fn text(text: &str) -> Self {
        Self::Literal(Value::String(text.to_owned()))
    }

    /// The text, if it holds no variable.
    pub fn as_literal(&self) -> Option<&str> {
        match self {
            Self::Literal(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The variables that are in it.
    pub fn variables(&self) -> Vec<&Variable> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Variable(variable) => vec![variable],
            Self::Text(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Variable(variable) => Some(variable),
                    Part::Literal(_) | Part::Chosen(_) => None,
                })
                .collect(),
            Self::List(items) => items.iter().flat_map(Self::variables).collect(),
            Self::Map(fields) => fields.iter().flat_map(|(_, value)| value.variables()).collect(),
        }
    }

    /// What in it is chosen for the case.
    pub fn chosen(&self) -> Vec<&Chosen> {
        match self {
            Self::Literal(_) | Self::Variable(_) => Vec::new(),
            Self::Text(parts) => parts
                .iter()
                .filter_map(|part| match part {
                    Part::Chosen(chosen) => Some(chosen),
                    Part::Literal(_) | Part::Variable(_) => None,
                })
                .collect(),
            Self::List(items) => items.iter().flat_map(Self::chosen).collect(),
            Self::Map(fields) => fields.iter().flat_map(|(_, value)| value.chosen()).collect(),
        }
    }

    /// The value with all variables replaced, or the first undefined variable.
    pub fn resolve(&self, bindings: &Bindings) -> Result<Value, Variable> {
        let value = |variable: &Variable| bindings.get(variable).cloned().ok_or_else(|| variable.clone());
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Variable(variable) => value(variable),
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Literal(literal) => text.push_str(literal),
                        Part::Variable(variable) => text.push_str(&plain(&value(variable)?)),
                        Part::Chosen(chosen) => text.push_str(&chosen.text(bindings)?),
                    }
                }
                Ok(Value::String(text))
            }
            Self::List(items) => items.iter().map(|item| item.resolve(bindings)).collect(),
            Self::Map(fields) => {
                let fields = fields.iter().map(|(name, value)| Ok((name.clone(), value.resolve(bindings)?)));
                fields.collect::<Result<serde_json::Map<_, _>, _>>().map(Value::Object)
            }
        }
    }

    /// The same with those variables replaced that are known already.
    #[must_use]
    pub fn bind(&self, bindings: &Bindings) -> Self {
        match self {
            Self::Literal(_) => self.clone(),
            Self::Variable(variable) => bindings.get(variable).map_or_else(|| self.clone(), Self::parse),
            Self::Text(parts) => {
                let bound = parts.iter().map(|part| match part {
                    Part::Variable(variable) => match bindings.get(variable) {
                        Some(value) => Part::Literal(plain(value)),
                        None => part.clone(),
                    },
                    Part::Literal(_) | Part::Chosen(_) => part.clone(),
                });
                let bound: Vec<_> = bound.collect();
                let template = Self::Text(bound);
                if template.variables().is_empty() && template.chosen().is_empty() {
                    return template.resolve(bindings).map_or_else(|_| self.clone(), Self::Literal);
                }
                template
            }
            Self::List(items) => Self::List(items.iter().map(|item| item.bind(bindings)).collect()),
            Self::Map(fields) => {
                Self::Map(fields.iter().map(|(name, value)| (name.clone(), value.bind(bindings))).collect())
            }
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => f.write_str(&plain(value)),
            Self::Variable(variable) => variable.fmt(f),
            Self::Text(parts) => parts.iter().try_for_each(|part| match part {
                Part::Literal(text) => f.write_str(text),
                Part::Variable(variable) => write!(f, "${{{}}}", variable.0),
                Part::Chosen(_) => f.write_str("${chosen}"),
            }),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                f.write_str(&items.join(","))
            }
            Self::Map(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
        }
    }
}

fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find("${") {
        let start = from + found;
        let end = start + text[start..].find('}')?;
        let name = &text[start + 2..end];
        if Variable::is_name(name) {
            return Some((&text[..start], name, &text[end + 1..]));
        }
        from = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bindings() -> Bindings {
        Bindings::from([(Variable("vm".into()), json!("i-1")), (Variable("n".into()), json!(4))])
    }

    #[test]
    fn a_variable_alone_keeps_its_type_and_in_text_becomes_text() {
        assert_eq!(Template::parse(&json!("$n")).resolve(&bindings()), Ok(json!(4)));
        assert_eq!(Template::parse(&json!("a-${n}-${vm}")).resolve(&bindings()), Ok(json!("a-4-i-1")));
    }

    #[test]
    fn paths_prices_and_braces_are_not_variables() {
        for text in ["$.id", "$[0]", "$", "5$", "${}", "${No way}"] {
            assert_eq!(Template::parse(&json!(text)), Template::Literal(json!(text)), "{text}");
        }
    }

    #[test]
    fn an_unknown_variable_is_named() {
        assert_eq!(Template::parse(&json!("x${job}")).resolve(&bindings()), Err(Variable("job".into())));
    }

    #[test]
    fn binding_leaves_what_is_not_known_yet() {
        let bound = Template::parse(&json!("${vm}/${job}")).bind(&bindings());
        assert_eq!(bound.to_string(), "i-1/${job}");
    }
}
