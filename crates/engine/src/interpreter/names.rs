//! What a case is given of its own: a name, and numbers for what takes no name.

use serde_json::Value;
use uuid::Uuid;

use assay_suite::Variable;

/// The VLANs that cases use, and the first of them.
const VLANS: u64 = 3000;
const FIRST_VLAN: u64 = 1000;

/// The name of a case, which no other case of any run has, and its numbers, which hardly any other has. They are the same
/// when a record is judged again. VLANs are few: those of cases that are counted among their users differ.
#[expect(clippy::many_single_char_names, reason = "twice four in one of eight")]
pub(super) fn of_case(run: &str, case: &str, vlan_user: Option<u64>) -> [(Variable, Value); 8] {
    // Runs begin at different places.
    let begin = Uuid::new_v5(&Uuid::NAMESPACE_OID, run.as_bytes()).as_u64_pair().0 % VLANS;
    let vlan = |which: u64| vlan_user.map(|user| FIRST_VLAN + (begin + 2 * (user % VLANS) + which) % VLANS);
    let [a, b, c, d] = of_text(&format!("{run}/{case}"), vlan(0));
    let mut other = of_text(&format!("{run}/{case}/other"), vlan(1));
    for (variable, _) in &mut other {
        *variable = variable.sibling().unwrap_or_else(|| variable.clone());
    }
    let [e, f, g, h] = other;
    [a, b, c, d, e, f, g, h]
}

fn of_text(text: &str, vlan: Option<u64>) -> [(Variable, Value); 4] {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    let name: String = id.simple().to_string().chars().take(12).collect();
    let (high, low) = id.as_u64_pair();
    // An address ends neither in 0 nor in 255.
    let octets = format!("{}.{}", 1 + low % 254, 1 + low / 254 % 254);
    [
        (Variable::unique(), Value::from(name)),
        (Variable::unique_number(), Value::from(10_000 + high % 50_000)),
        (Variable::unique_octets(), Value::from(octets)),
        (Variable::unique_vlan(), Value::from(vlan.unwrap_or(FIRST_VLAN + high / 50_000 % VLANS))),
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
            let [_, (_, number), (_, octets), (_, vlan), ..] =
                of_case("run", &format!("suite::file::{case}::json"), None);
            assert!((10_000..60_000).contains(&number.as_u64().unwrap()), "{number}");
            assert!((1000..4000).contains(&vlan.as_u64().unwrap()), "{vlan}");
            let parts: Vec<u8> = octets.as_str().unwrap().split('.').map(|part| part.parse().unwrap()).collect();
            assert!(parts.len() == 2 && parts.iter().all(|part| (1..255).contains(part)), "{octets}");
            ports.insert(number.as_u64().unwrap());
            addresses.insert(octets.to_string());
        }
        assert!(ports.len() > 95 && addresses.len() > 95, "{} {}", ports.len(), addresses.len());
        assert_eq!(of_case("run", "a case", None), of_case("run", "a case", None));
        assert_ne!(of_case("run", "a case", None), of_case("another run", "a case", None));
    }

    #[test]
    fn no_two_users_of_vlans_have_the_same() {
        let mut vlans = BTreeSet::new();
        for user in 0..VLANS / 2 {
            let [.., (_, other)] = of_case("run", "a case", Some(user));
            let [_, _, _, (_, vlan), ..] = of_case("run", "a case", Some(user));
            for vlan in [vlan, other] {
                assert!((FIRST_VLAN..FIRST_VLAN + VLANS).contains(&vlan.as_u64().unwrap()), "{vlan}");
                assert!(vlans.insert(vlan.as_u64()), "{vlan}");
            }
        }
    }
}
