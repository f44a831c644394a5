//! What a case is given of its own: a name, and numbers for what takes no name.

use serde_json::Value;
use uuid::Uuid;

use assay_suite::Variable;

/// The name of a case, which no other case of any run has, and its numbers, which hardly any other has. They are the same
/// when a record is judged again.
#[expect(clippy::many_single_char_names, reason = "twice four in one of eight")]
pub(super) fn of_case(run: &str, case: &str) -> [(Variable, Value); 8] {
    let [a, b, c, d] = of_text(&format!("{run}/{case}"));
    let mut other = of_text(&format!("{run}/{case}/other"));
    for (variable, _) in &mut other {
        *variable = variable.sibling().unwrap_or_else(|| variable.clone());
    }
    let [e, f, g, h] = other;
    [a, b, c, d, e, f, g, h]
}

fn of_text(text: &str) -> [(Variable, Value); 4] {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    let name: String = id.simple().to_string().chars().take(12).collect();
    let (high, low) = id.as_u64_pair();
    // An address ends neither in 0 nor in 255.
    let octets = format!("{}.{}", 1 + low % 254, 1 + low / 254 % 254);
    [
        (Variable::unique(), Value::from(name)),
        (Variable::unique_number(), Value::from(10_000 + high % 50_000)),
        (Variable::unique_octets(), Value::from(octets)),
        (Variable::unique_vlan(), Value::from(1000 + high / 50_000 % 3000)),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_numbers_of_cases_are_their_own_and_fit_where_they_stand() {
        let (mut ports, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for case in 0..100 {
            let [_, (_, number), (_, octets), (_, vlan), ..] = of_case("run", &format!("suite::file::{case}::json"));
            assert!((10_000..60_000).contains(&number.as_u64().unwrap()), "{number}");
            assert!((1000..4000).contains(&vlan.as_u64().unwrap()), "{vlan}");
            let parts: Vec<u8> = octets.as_str().unwrap().split('.').map(|part| part.parse().unwrap()).collect();
            assert!(parts.len() == 2 && parts.iter().all(|part| (1..255).contains(part)), "{octets}");
            ports.insert(number.as_u64().unwrap());
            addresses.insert(octets.to_string());
        }
        assert!(ports.len() > 95 && addresses.len() > 95, "{} {}", ports.len(), addresses.len());
        assert_eq!(of_case("run", "a case"), of_case("run", "a case"));
        assert_ne!(of_case("run", "a case"), of_case("another run", "a case"));
    }
}
