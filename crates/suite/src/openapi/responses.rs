//! Documented answers.

use serde_json::Value;

use crate::source::{Located, Node};
use crate::{Content, DocumentedHeader, DocumentedResponse, RequirementId, ResponseStatus, is_json};

use super::reader::Reader;
use super::schema::Direction;
use super::values::{is_true, lenient_text};
use super::version::Version;

impl<'n> Reader<'_, 'n> {
    /// The documented answers of an operation. Their schemas are kept.
    pub(super) fn responses(&mut self, operation: &str, node: &'n Node) -> Vec<DocumentedResponse> {
        let written = node.field("responses").map(Node::pairs).unwrap_or_default();
        let mut responses = Vec::new();
        for (status, response) in written.iter().filter(|(status, _)| !status.value.starts_with("x-")) {
            responses.extend(self.response(operation, status, response, node));
        }
        if responses.is_empty() {
            let place = node.field("responses").map_or(&node.place, |responses| &responses.place);
            let mistake = crate::source::Diagnostic::warning(place, format!("{operation} has no documented answer"));
            self.mistakes.add(mistake.help("describe at least the one of success under `responses`"));
        }
        let schema = responses.iter().find(|response| is_success(response.status)).and_then(DocumentedResponse::schema);
        let known =
            |path: &str| self.schemas.iter().rev().find(|(known, _)| known == path).map(|(_, schema)| schema.clone());
        let primary = schema.and_then(known).unwrap_or(Value::Bool(true));
        // Where a schema is needed to know the fields of an answer, it is the one of success.
        self.schemas.push((self.suite.answer_schema(operation), primary));
        responses
    }

    fn response(
        &mut self,
        operation: &str,
        status: &'n Located<String>,
        node: &'n Node,
        of: &'n Node,
    ) -> Option<DocumentedResponse> {
        let Some(read) = ResponseStatus::parse(&status.value) else {
            let message = format!("`{}` is no status of an answer", status.value);
            self.wrong(&status.place, message, "write 404, a family such as 4XX, or default");
            return None;
        };
        let node = self.resolved(node)?;
        let prefix = format!("{operation}.{read}");
        let content = self.content(operation, read, node, of);
        let headers = node.field("headers").map(Node::pairs).unwrap_or_default();
        let headers = headers.iter().filter(|(name, _)| !name.value.eq_ignore_ascii_case("content-type"));
        let headers = headers.filter_map(|(name, header)| self.header(&prefix, name, header)).collect();
        Some(DocumentedResponse {
            status: read,
            place: status.place.clone(),
            description: node.field("description").and_then(lenient_text).unwrap_or_default(),
            headers,
            links: self.links(node),
            media_type: (!content.is_empty()).then(|| RequirementId(format!("{prefix}.content-type"))),
            body: content
                .iter()
                .any(|content| content.schema.is_some())
                .then(|| RequirementId(format!("{prefix}.body"))),
            content,
        })
    }

    fn content(&mut self, operation: &str, status: ResponseStatus, node: &'n Node, of: &'n Node) -> Vec<Content> {
        let mut found = Vec::new();
        let mut add = |reader: &mut Self, media_type: &str, schema: Option<&'n Node>| {
            let schema = schema.filter(|_| is_json(media_type) || media_type.contains('*')).map(|schema| {
                let number = if found.is_empty() { String::new() } else { format!(".{}", found.len() + 1) };
                let path = format!("{}/{operation}.{status}{number}.json", reader.suite);
                let bundled = reader.bundled(schema, Direction::Response);
                reader.schemas.push((path.clone(), bundled));
                path
            });
            found.push(Content { media_type: media_type.to_owned(), schema });
        };
        if self.version == Version::Swagger2 {
            let Some(schema) = node.field("schema") else { return found };
            let produces = of.field("produces").or_else(|| self.root.field("produces"));
            let produces = produces.map(Node::leaves).unwrap_or_default();
            if produces.is_empty() {
                add(self, "application/json", Some(schema));
            }
            for media_type in &produces {
                add(self, &media_type.value, Some(schema));
            }
            // What is produced where all goes well: Swagger 2.0 has no words for the type of a refusal.
            for media_type in ["application/json", "application/problem+json"] {
                let is_added = produces.is_empty() && media_type == "application/json";
                let is_known = is_added || produces.iter().any(|known| known.value.starts_with(media_type));
                if !is_success(status) && !is_known {
                    add(self, media_type, Some(schema));
                }
            }
            return found;
        }
        for (media_type, media) in node.field("content").map(Node::pairs).unwrap_or_default() {
            let media = self.resolved(media).unwrap_or(media);
            add(self, &media_type.value, media.field("schema"));
        }
        found
    }

    fn header(&mut self, prefix: &str, name: &'n Located<String>, node: &'n Node) -> Option<DocumentedHeader> {
        let node = self.resolved(node)?;
        let of_content = || node.field("content")?.pairs().first()?.1.field("schema");
        let of_header = || node.field("schema").or_else(of_content);
        let schema = if self.version == Version::Swagger2 { Some(node) } else { of_header() };
        let requirement = RequirementId(format!("{prefix}.header.{}", name.value));
        let resolved = schema.and_then(|schema| self.resolver.resolve(schema).ok());
        let value_type = resolved.and_then(|schema| schema.field("type")).and_then(lenient_text);
        let path = schema.map(|schema| {
            // The name of an operation has no blanks in it, and that of a header none either.
            let path = format!("{}/{requirement}.json", self.suite);
            let bundled = self.bundled(schema, Direction::Response);
            self.schemas.push((path.clone(), bundled));
            path
        });
        Some(DocumentedHeader {
            name: name.value.to_ascii_lowercase(),
            is_required: is_true(node, "required"),
            schema: path,
            value_type,
            place: name.place.clone(),
            requirement,
        })
    }
}

/// Whether a documented status leads elsewhere.
pub(super) fn is_redirection(status: ResponseStatus) -> bool {
    match status {
        ResponseStatus::Exactly(status) => (300..400).contains(&status) && status != 304,
        ResponseStatus::Family(family) => family == 3,
        ResponseStatus::Default => false,
    }
}

/// Whether a status is one of success.
pub(super) fn is_success(status: ResponseStatus) -> bool {
    match status {
        ResponseStatus::Exactly(status) => (200..300).contains(&status),
        ResponseStatus::Family(family) => family == 2,
        ResponseStatus::Default => false,
    }
}
