//! Reads how a request is made.

use crate::scenario::Template;
use crate::scenario::step::{CallOptions, RequestedFormat};
use assay_suite::Encoding;
use assay_suite::http::Method;
use assay_suite::source::{Diagnostics, Fields, Located, Node, NodeKind};

use super::signing;

pub(crate) fn read(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> CallOptions {
    let with = fields.take("with").and_then(|node| node.entries("`with`", mistakes)).unwrap_or_default();
    let with = with.iter().filter_map(|(key, value)| {
        let name = template(key.clone());
        Some((name, Located { value: argument(value, mistakes)?, place: value.place.clone() }))
    });
    let with = with.collect();
    CallOptions {
        with,
        add: fields.texts("add", mistakes).into_iter().map(template).collect(),
        without: fields.texts("without", mistakes).into_iter().map(template).collect(),
        method: fields.take("method").and_then(|node| node.choice("`method`", &Method::NAMES, mistakes)),
        account: fields.text("account", mistakes).map(|name| name.value),
        format: fields.take("format").and_then(|node| read_format(node, mistakes)),
        sign: fields.take("sign").map(|node| signing::read(node, mistakes)).unwrap_or_default(),
    }
}

/// A value, or a list or mapping of values; nothing at all is none.
fn argument(node: &Node, mistakes: &mut Diagnostics) -> Option<Template> {
    match &node.kind {
        NodeKind::Null => node.single("an argument", mistakes).map(|_| Template::text("")),
        _ => Some(Template::parse(&node.to_sent())),
    }
}

/// A text that may hold variables.
pub(crate) fn template(text: Located<String>) -> Located<Template> {
    text.map(|text| Template::parse(&text.into()))
}

fn read_format(node: &Node, mistakes: &mut Diagnostics) -> Option<RequestedFormat> {
    let names = [
        ("json", RequestedFormat::Encoding(Encoding::Json)),
        ("xml", RequestedFormat::Encoding(Encoding::Xml)),
        ("default", RequestedFormat::Default),
    ];
    node.choice("`format`", &names, mistakes)
}
