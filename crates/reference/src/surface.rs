//! Where names and forms in the public source of Apache CloudStack 4.1 are other than those of its guide.
//! `data/cloudstack/cloudstack-4.1.yaml` lists them.

use std::collections::HashMap;
use std::net::Ipv6Addr;
use std::sync::LazyLock;

use serde_json::Value;

use assay_suite::source::{Diagnostics, Node};

use super::data;
use super::world::Fields;

/// How the server departs from what the guide says of a command.
#[derive(Debug, Default)]
pub struct Quirk {
    /// The name of the element around an answer, where the class behind the command does not follow the guide's rule (5.5.1).
    pub envelope: Option<String>,
    /// The parameters of the guide that the server does not know, and ignores as it does all such.
    pub ignores: Vec<String>,
    /// The field of the items of a list that the guide names and the server does not have.
    pub lacks: Option<String>,
}

static DEPARTURES: LazyLock<HashMap<String, Quirk>> = LazyLock::new(|| read(&mut Diagnostics::new()));

/// How the server departs from what the guide says of a command, if it does.
pub fn of(command: &str) -> Option<&'static Quirk> {
    DEPARTURES.get(command)
}

fn read(mistakes: &mut Diagnostics) -> HashMap<String, Quirk> {
    let Some(list) = data::node("cloudstack/cloudstack-4.1.yaml", mistakes) else { return HashMap::new() };
    let mut departure = |node: &Node| {
        let mut fields = node.fields("a departure", mistakes)?;
        let envelope = fields.text("envelope", mistakes).map(|name| name.value);
        let ignores = fields.texts("ignores", mistakes).into_iter().map(|name| name.value).collect();
        let lacks = fields.text("lacks", mistakes).map(|name| name.value);
        fields.finish(mistakes);
        Some(Quirk { envelope, ignores, lacks })
    };
    list.pairs().iter().filter_map(|(command, node)| Some((command.value.clone(), departure(node)?))).collect()
}

/// Addresses of IPv6 are written in their short form.
pub fn shorten(content: &mut Fields) {
    for (name, value) in content {
        match value {
            Value::String(text) if name == "ip6address" => {
                if let Ok(address) = text.parse::<Ipv6Addr>() {
                    *text = address.to_string();
                }
            }
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(shorten),
            Value::Object(fields) => shorten(fields),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        assert!(!read(&mut mistakes).is_empty());
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
    }
}
