//! Parameters and bodies.

use serde_json::{Value, json};

use crate::source::{Located, Node, NodeKind, Place};
use crate::{
    Bounds, Demand, Explode, Input, InputKind, Location, Parameter, ParameterStyle, Presence, RequirementId, Rule,
    Wire, WireForm, is_json,
};

use super::paths::path_names;
use super::reader::Reader;
use super::rules;
use super::schema::{Bundler, Direction};
use super::values::{is_blank, is_true, lenient_text};
use super::version::Version;

/// What a request of an operation takes.
#[derive(Default)]
pub(super) struct Inputs {
    pub parameters: Vec<Parameter>,
    pub taken: Vec<Input>,
    /// The media types of its body, the preferred one first.
    pub media_types: Vec<String>,
}

/// A parameter that nothing more is known of.
pub(super) fn plain_parameter(name: &str, place: &Place, location: Location) -> Parameter {
    Parameter {
        name: Located { value: name.to_owned(), place: place.clone() },
        location,
        presence: Presence::Optional,
        usual: false,
        value_type: None,
        bounds: Bounds::default(),
        credential: None,
        secret: false,
        value: None,
        other: None,
        values: Vec::new(),
        default: None,
        with: Vec::new(),
        excludes: Vec::new(),
        scope: false,
        lasting: None,
        refused: Vec::new(),
        no_effect: Vec::new(),
        filter: None,
        wire: None,
    }
}

/// A parameter as it is written, and what distinguishes it from others.
struct Written<'n> {
    node: &'n Node,
    name: String,
    place: &'n Place,
    location: String,
}

impl<'n> Reader<'_, 'n> {
    /// The parameters of a path and of one of its operations, which go before; and the body.
    pub(super) fn inputs(&mut self, operation: &str, of_path: &'n Node, of_operation: &'n Node, path: &str) -> Inputs {
        let mut written: Vec<Written<'n>> = Vec::new();
        for holder in [of_path, of_operation] {
            for node in holder.field("parameters").map(Node::one_or_many).unwrap_or_default() {
                let Some(parameter) = self.written(node) else { continue };
                written.retain(|known| (&known.name, &known.location) != (&parameter.name, &parameter.location));
                written.push(parameter);
            }
        }
        // Of one name, the part of the path keeps it.
        written.sort_by_key(|parameter| parameter.location != "path");
        let mut inputs = Inputs::default();
        let mut form = Vec::new();
        for parameter in written {
            match parameter.location.as_str() {
                "body" => self.body_of_swagger(operation, &parameter, of_operation, &mut inputs),
                "formData" => form.push(parameter),
                _ => self.parameter(operation, &parameter, &mut inputs),
            }
        }
        if !form.is_empty() {
            self.form(operation, &form, of_operation, &mut inputs);
        }
        if let Some(body) = of_operation.field("requestBody") {
            self.body(operation, body, &mut inputs);
        }
        self.undeclared(operation, path, of_operation, &mut inputs);
        inputs
    }

    fn written(&mut self, node: &'n Node) -> Option<Written<'n>> {
        let node = self.resolved(node)?;
        let text = |key: &str| node.field(key).and_then(lenient_text);
        let (Some(name), Some(location)) = (text("name"), text("in")) else {
            self.wrong(&node.place, "a parameter needs `name` and `in`", "write its name, and `in: query` or another");
            return None;
        };
        // The document says nothing by these (OpenAPI 3.1.1, 4.8.12.2.1).
        let ignored = ["accept", "content-type", "authorization"];
        if location == "header" && ignored.contains(&name.to_ascii_lowercase().as_str()) {
            return None;
        }
        let place = node.field("name").map_or(&node.place, |name| &name.place);
        Some(Written { node, name, place, location })
    }

    fn parameter(&mut self, operation: &str, written: &Written<'n>, inputs: &mut Inputs) {
        let (location, kind) = match written.location.as_str() {
            "path" => (Location::Path, InputKind::Path),
            "query" | "querystring" => (Location::Query, InputKind::Query),
            "header" => (Location::Header, InputKind::Header),
            "cookie" => (Location::Cookie, InputKind::Cookie),
            other => {
                let help = "write one of: query, path, header, cookie";
                return self.wrong(written.place, format!("a parameter can't be in `{other}`"), help);
            }
        };
        let node = written.node;
        let content = node.field("content").and_then(|content| content.pairs().first());
        let schema = match (content, self.version) {
            (Some((_, media)), _) => media.field("schema"),
            (None, Version::Swagger2) => Some(node),
            (None, Version::V30 | Version::V31) => node.field("schema"),
        };
        let argument = free_name(&written.name, kind.name(), &inputs.parameters);
        let prefix = format!("{operation}.{}.{}", kind.name(), written.name);
        let is_required = is_true(node, "required") || kind == InputKind::Path;
        let mut all = Vec::new();
        if is_required && kind != InputKind::Path {
            let place = node.field("required").map_or(written.place, |node| &node.place).clone();
            let requirement = RequirementId(format!("{prefix}.required"));
            all.push(Rule { path: Vec::new(), demand: Demand::Required(None), requirement, place });
        }
        all.extend(schema.map(|schema| rules::of_schema(self.resolver, schema, &prefix)).unwrap_or_default());
        let bundled = schema.map_or(Value::Bool(true), |schema| self.bundled(schema, Direction::Request));
        let (found, value) = examples(node, schema, self);
        let mut parameter = plain_parameter(&argument, written.place, location);
        parameter.presence = if is_required { Presence::Required } else { Presence::Optional };
        parameter.value = value;
        let form = match content {
            Some((media_type, _)) => WireForm::Content(media_type.value.clone()),
            None => self.style(node, kind),
        };
        parameter.wire = Some(Box::new(Wire { name: written.name.clone(), form }));
        inputs.parameters.push(parameter);
        let place = written.place.clone();
        let own = node.field("description").or_else(|| schema?.field("description"));
        let description = own.and_then(lenient_text).unwrap_or_default();
        let schema = bundled;
        inputs.taken.push(Input {
            argument,
            kind,
            is_required,
            description,
            schema,
            examples: found,
            rules: all,
            place,
        });
    }

    /// How a parameter is written.
    fn style(&mut self, node: &'n Node, kind: InputKind) -> WireForm {
        let usual = match kind {
            InputKind::Path | InputKind::Header => ParameterStyle::Simple,
            InputKind::Query | InputKind::Cookie | InputKind::Body => ParameterStyle::Form,
        };
        if self.version == Version::Swagger2 {
            let format = node.field("collectionFormat").and_then(lenient_text).unwrap_or_default();
            return match format.as_str() {
                "multi" => WireForm::Styled(ParameterStyle::Form, Explode::Each),
                "ssv" => WireForm::Styled(ParameterStyle::SpaceDelimited, Explode::Together),
                "pipes" => WireForm::Styled(ParameterStyle::PipeDelimited, Explode::Together),
                _ => WireForm::Styled(usual, Explode::Together),
            };
        }
        let style = match node.field("style") {
            None => usual,
            Some(style) => style.choice("`style`", &ParameterStyle::NAMES, self.mistakes).unwrap_or(usual),
        };
        let explode = match node.field("explode").map(|node| &node.kind) {
            Some(NodeKind::Boolean(true)) => Explode::Each,
            Some(_) => Explode::Together,
            None if style == ParameterStyle::Form => Explode::Each,
            None => Explode::Together,
        };
        WireForm::Styled(style, explode)
    }

    /// A part of the path that no parameter describes is text.
    fn undeclared(&mut self, operation: &str, path: &str, node: &'n Node, inputs: &mut Inputs) {
        for name in path_names(path) {
            let known = inputs.parameters.iter().any(|parameter| {
                parameter.location == Location::Path && parameter.wire.as_ref().is_some_and(|wire| wire.name == name)
            });
            if known {
                continue;
            }
            let message = format!("`{{{name}}}` in the path of {operation} is described by no parameter");
            let mistake = crate::source::Diagnostic::warning(&node.place, message);
            self.mistakes.add(mistake.help("describe it under `parameters`, with `in: path` and `required: true`"));
            let argument = free_name(name, "path", &inputs.parameters);
            let mut parameter = plain_parameter(&argument, &node.place, Location::Path);
            parameter.presence = Presence::Required;
            let form = WireForm::Styled(ParameterStyle::Simple, Explode::Together);
            parameter.wire = Some(Box::new(Wire { name: name.to_owned(), form }));
            inputs.parameters.push(parameter);
            let (kind, schema) = (InputKind::Path, json!({"type": "string"}));
            let (examples, rules, place) = (Vec::new(), Vec::new(), node.place.clone());
            let description = String::new();
            inputs.taken.push(Input { argument, kind, is_required: true, description, schema, examples, rules, place });
        }
    }

    fn body(&mut self, operation: &str, node: &'n Node, inputs: &mut Inputs) {
        let Some(node) = self.resolved(node) else { return };
        let mut content: Vec<_> = node.field("content").map(Node::pairs).unwrap_or_default().iter().collect();
        content.sort_by_key(|(media_type, _)| preference(&media_type.value));
        let Some((_, media)) = content.first() else {
            let place = node.field("content").map_or(&node.place, |content| &content.place);
            return self.wrong(
                place,
                "a body needs `content`",
                "write its media type and schema: `application/json: {schema: ...}`",
            );
        };
        let media = self.resolved(media).unwrap_or(media);
        let is_required = is_true(node, "required");
        inputs.media_types = content.iter().map(|(media_type, _)| media_type.value.clone()).collect();
        let place = node.field("required").map_or(&node.place, |node| &node.place);
        self.add_body(operation, (media, media.field("schema")), is_required, place, inputs);
    }

    fn body_of_swagger(&mut self, operation: &str, written: &Written<'n>, of: &'n Node, inputs: &mut Inputs) {
        inputs.media_types = self.consumes(of, "application/json");
        let is_required = is_true(written.node, "required");
        let place = written.node.field("required").map_or(written.place, |node| &node.place);
        self.add_body(operation, (written.node, written.node.field("schema")), is_required, place, inputs);
    }

    fn add_body(
        &mut self,
        operation: &str,
        (holder, schema): (&'n Node, Option<&'n Node>),
        is_required: bool,
        place: &Place,
        inputs: &mut Inputs,
    ) {
        let prefix = format!("{operation}.body");
        let mut all = Vec::new();
        if is_required {
            let requirement = RequirementId(format!("{prefix}.required"));
            all.push(Rule { path: Vec::new(), demand: Demand::Required(None), requirement, place: place.clone() });
        }
        all.extend(schema.map(|schema| rules::of_schema(self.resolver, schema, &prefix)).unwrap_or_default());
        let bundled = schema.map_or(Value::Bool(true), |schema| self.bundled(schema, Direction::Request));
        let (found, _) = examples(holder, None, self);
        Self::push_body(place, bundled, found, all, is_required, inputs);
    }

    /// The fields of a form of Swagger 2.0 are one body.
    fn form(&mut self, operation: &str, fields: &[Written<'n>], of: &'n Node, inputs: &mut Inputs) {
        let usual = "application/x-www-form-urlencoded";
        let has_file =
            fields.iter().any(|field| field.node.field("type").and_then(lenient_text).as_deref() == Some("file"));
        inputs.media_types = self.consumes(of, usual);
        inputs.media_types.retain(|media_type| media_type.contains("form"));
        if has_file {
            inputs.media_types = vec!["multipart/form-data".to_owned()];
        } else if inputs.media_types.is_empty() {
            inputs.media_types.push(usual.to_owned());
        }
        let (mut schema, mut all, mut required) = (json!({"type": "object", "properties": {}}), Vec::new(), Vec::new());
        for field in fields {
            let bundled = self.bundled(field.node, Direction::Request);
            schema["properties"][&field.name] = bundled;
            let prefix = format!("{operation}.body.{}", field.name);
            if is_true(field.node, "required") {
                required.push(Value::from(field.name.as_str()));
                let (demand, place) = (Demand::Required(Some(field.name.clone())), field.place.clone());
                let requirement = RequirementId(format!("{prefix}.required"));
                all.push(Rule { path: Vec::new(), demand, requirement, place });
            }
            let of_field = rules::of_schema(self.resolver, field.node, &prefix);
            all.extend(of_field.into_iter().map(|rule| {
                let path = std::iter::once(field.name.clone()).chain(rule.path).collect();
                Rule { path, ..rule }
            }));
        }
        schema["required"] = Value::Array(required);
        if let Some(first) = fields.first() {
            // A form without fields is a form all the same.
            Self::push_body(first.place, schema, Vec::new(), all, true, inputs);
        }
    }

    fn push_body(
        place: &Place,
        schema: Value,
        examples: Vec<Value>,
        rules: Vec<Rule>,
        is_required: bool,
        inputs: &mut Inputs,
    ) {
        let argument = free_name("body", "request", &inputs.parameters);
        let mut parameter = plain_parameter(&argument, place, Location::Body);
        parameter.presence = if is_required { Presence::Required } else { Presence::Optional };
        let media_type = inputs.media_types.first().cloned().unwrap_or_else(|| "application/json".to_owned());
        parameter.wire = Some(Box::new(Wire { name: argument.clone(), form: WireForm::Content(media_type) }));
        inputs.parameters.push(parameter);
        let (kind, place, description) = (InputKind::Body, place.clone(), String::new());
        inputs.taken.push(Input { argument, kind, is_required, description, schema, examples, rules, place });
    }

    /// The media types that a body of Swagger 2.0 can have.
    fn consumes(&self, operation: &Node, usual: &str) -> Vec<String> {
        let consumes = operation.field("consumes").or_else(|| self.root.field("consumes"));
        let mut found: Vec<_> =
            consumes.map(Node::leaves).unwrap_or_default().into_iter().map(|one| one.value).collect();
        found.sort_by_key(|media_type| preference(media_type));
        if found.is_empty() { vec![usual.to_owned()] } else { found }
    }

    /// A schema, complete in itself.
    pub(super) fn bundled(&mut self, schema: &'n Node, direction: Direction) -> Value {
        Bundler::new(self.resolver, self.version, direction, self.mistakes).bundle(schema)
    }
}

/// Which of several media types is sent: JSON, then forms, then others.
fn preference(media_type: &str) -> usize {
    let orders = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
    let position = orders.iter().position(|known| media_type.starts_with(known));
    if is_json(media_type) { 0 } else { 1 + position.unwrap_or(orders.len()) }
}

/// A name that no other argument has.
fn free_name(name: &str, kind: &str, taken: &[Parameter]) -> String {
    let is_taken = |name: &str| taken.iter().any(|known| known.name.value == name);
    if !is_taken(name) {
        return name.to_owned();
    }
    let name = format!("{name} in {kind}");
    if is_taken(&name) { format!("{name} (2)") } else { name }
}

/// The documented examples of a parameter or of a body, and a value that a request may give it.
fn examples<'n>(holder: &'n Node, schema: Option<&'n Node>, reader: &Reader<'_, 'n>) -> (Vec<Value>, Option<Node>) {
    let mut found: Vec<&Node> = holder.field("example").or_else(|| holder.field("x-example")).into_iter().collect();
    for (_, example) in holder.field("examples").map(Node::pairs).unwrap_or_default() {
        let example = reader.resolver.resolve(example).unwrap_or(example);
        found.extend(example.field("value"));
    }
    let of_schema = schema.and_then(|schema| reader.resolver.resolve(schema).ok()).and_then(|schema| {
        let first = |key: &str| schema.field(key).and_then(|values| values.one_or_many().first());
        schema
            .field("example")
            .or_else(|| first("examples"))
            .or_else(|| schema.field("default"))
            .or_else(|| first("enum"))
    });
    let value = found.first().copied().or(of_schema).filter(|node| !is_blank(node)).cloned();
    (found.into_iter().map(Node::to_json).collect(), value)
}
