//! Reads what a suite and its operations say of the schemas of answers.

use crate::answer::{AnswerSchema, NAME, SCHEMA, Shaped, Shapes};
use crate::source::{Diagnostic, Diagnostics, Located, Node, NodeKind, Place, closest};

type Entries<'a> = &'a [(Located<String>, Node)];

/// The key next to a shape's name that names a file.
const OF: &str = "of";
/// How a shape with what it is about is written.
const EXAMPLE: &str = "write {item: volume}, with `of: common/volume.json` where the file has another name";

/// The shapes of `suite.yaml`: each leaves two things open.
pub(super) fn read_shapes(node: &Node, mistakes: &mut Diagnostics) -> Shapes {
    let shapes = node.entries("`shapes`", mistakes).unwrap_or_default();
    for (name, shape) in shapes {
        if shape.entries("a shape", mistakes).is_none() {
            continue;
        }
        let text = shape.to_json().to_string();
        let open = [
            (NAME, "where the name of the field belongs, as a key of `properties`"),
            (SCHEMA, "where the file of its schema belongs: {\"$ref\": \"{schema}\"}"),
        ];
        for (open, place) in open.into_iter().filter(|(open, _)| !text.contains(open)) {
            let mistake = Diagnostic::error(&name.place, format!("the shape `{}` has no `{open}`", name.value));
            mistakes.add(mistake.help(format!("write \"{open}\", in quotes, {place}")));
        }
    }
    shapes.iter().map(|(name, shape)| (name.value.clone(), shape.clone())).collect()
}

/// The path of a file, the name of a shape, or a shape with the field and the file that it is about.
pub(super) fn read_answer(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Option<AnswerSchema> {
    let NodeKind::Map(entries) = &node.kind else {
        let text = node.text(what, mistakes)?;
        let shaped = |shape| AnswerSchema::Shaped(Shaped { shape, name: None, of: None });
        return Some(if is_file(&text.value) { AnswerSchema::File(text) } else { shaped(text) });
    };
    let (of, shapes): (Vec<_>, Vec<_>) = entries.iter().partition(|(key, _)| key.value == OF);
    let [(shape, name)] = shapes.as_slice() else {
        mistakes.add(Diagnostic::error(&node.place, format!("{what} has one shape")).help(EXAMPLE));
        return None;
    };
    let name = name.text("the field of a shape", mistakes)?;
    let of = of.first().and_then(|(_, file)| file.text("`of`", mistakes));
    Some(AnswerSchema::Shaped(Shaped { shape: shape.clone(), name: Some(name), of }))
}

fn is_file(text: &str) -> bool {
    text.ends_with(".json")
}

/// Reports shapes that operations name and the suite does not have. All that is written counts, even if it has other mistakes.
pub(super) fn check(suite: &Node, operations: &Node, mistakes: &mut Diagnostics) {
    let shapes = suite.field("answers").and_then(|answers| answers.field("shapes")).map(Node::pairs);
    let shapes = shapes.unwrap_or_default();
    for (_, operation) in operations.field("operations").map(Node::pairs).unwrap_or_default() {
        for said in ["answer", "result"].into_iter().filter_map(|key| operation.field(key)) {
            match &said.kind {
                NodeKind::Text(text) if is_file(text) => {}
                NodeKind::Text(text) => {
                    check_name(text, &said.place, shapes, mistakes);
                    check_field(text, said, operation, shapes, mistakes);
                }
                _ => {
                    for (shape, _) in said.pairs().iter().filter(|(key, _)| key.value != OF) {
                        check_name(&shape.value, &shape.place, shapes, mistakes);
                    }
                }
            }
        }
    }
}

fn check_name(name: &str, place: &Place, shapes: Entries<'_>, mistakes: &mut Diagnostics) {
    if shapes.iter().any(|(known, _)| known.value == name) {
        return;
    }
    let help = match closest(name, shapes.iter().map(|(known, _)| known.value.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None if name.contains('/') => "write the name of a file with its ending: common/volume.json".to_owned(),
        None => "write it there, under `answers: {shapes: ...}`, or the path of a file: common/volume.json".to_owned(),
    };
    mistakes.add(Diagnostic::error(place, format!("suite.yaml has no shape `{name}`")).help(help));
}

/// A shape that is named alone is about the field of the operation's list.
fn check_field(shape: &str, said: &Node, operation: &Node, shapes: Entries<'_>, mistakes: &mut Diagnostics) {
    let is_known = shapes.iter().any(|(known, _)| known.value == shape);
    if is_known && operation.field("list").is_none() {
        let message = format!("`{shape}` needs the name of a field here: the operation is no list");
        mistakes
            .add(Diagnostic::error(&said.place, message).help(format!("write {{{shape}: volume}}, with that name")));
    }
}
