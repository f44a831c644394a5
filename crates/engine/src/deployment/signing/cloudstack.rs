//! Apache CloudStack's signature (developer's guide 4.1, chapters 5.2 and 5.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Case, Order, Signed, SigningStep, encode, hexadecimal, hmac_sha1, joined, ordered_and_cased};

/// How the string to sign is made. Anything but [`Recipe::DOCUMENTED`] yields a signature that a server must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Whether pairs are sorted by name.
    pub order: Order,
    /// Whether all is lower-cased.
    pub case: Case,
    /// What a space becomes.
    pub space: Space,
}

/// What a space becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// `%20`.
    Percent,
    /// `+`.
    Plus,
}

impl Recipe {
    /// The guide's: values encoded with `%20` for a space, pairs sorted, all lower-cased.
    pub const DOCUMENTED: Self = Self { order: Order::Sorted, case: Case::Lowered, space: Space::Percent };
}

/// Signs all parameters of a request; the signature itself is not among them.
pub fn sign(parameters: &[(String, String)], secret: &str, recipe: Recipe) -> Signed {
    let mut pairs: Vec<_> = parameters.iter().map(|(name, value)| (name.clone(), encode(value))).collect();
    if recipe.space == Space::Plus {
        pairs.iter_mut().for_each(|(_, value)| *value = value.replace("%20", "+"));
    }
    let encoded = joined(&pairs);
    let (sorted, string) = ordered_and_cased(pairs, recipe.order, recipe.case);
    let digest = hmac_sha1(secret.as_bytes(), string.as_bytes());
    let signature = STANDARD.encode(&digest);
    let steps = vec![
        SigningStep { what: "every value encoded, a space as %20", result: encoded },
        SigningStep { what: "pairs sorted by name, letters' case aside", result: sorted },
        SigningStep { what: "all lower-cased: the string to sign", result: string },
        SigningStep { what: "HMAC-SHA1 with the secret key, in hexadecimal", result: hexadecimal(&digest) },
        SigningStep { what: "in Base64: the signature", result: signature.clone() },
        SigningStep { what: "encoded for the query", result: encode(&signature) },
    ];
    Signed { signature, steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The worked example of chapter 5.2.1, its damage by scanning put right.
    #[test]
    fn the_guides_worked_example_has_its_signature() {
        let key = "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAilqZzq1ElZLYq_u38zCm0bewzGUdP66mg";
        let secret = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ";
        let request = pairs(&[("command", "listUsers"), ("response", "json"), ("apikey", key)]);
        let signed = sign(&request, secret, Recipe::DOCUMENTED);
        assert_eq!(signed.signature, "TTpdDq/7j/J58XCRHomKoQXEQds=");
        assert_eq!(encode(&signed.signature), "TTpdDq%2F7j%2FJ58XCRHomKoQXEQds%3D");
    }

    /// The string of chapter 5.2, whose secret key the guide keeps to itself.
    #[test]
    fn the_string_to_sign_is_encoded_sorted_and_lower_cased() {
        let request = pairs(&[
            ("command", "deployVirtualMachine"),
            ("Name", "a B~*+/ü"),
            ("apiKey", "miVr6X7u"),
            ("zoneId", "4"),
        ]);
        let signed = sign(&request, "secret", Recipe::DOCUMENTED);
        let expected = "apikey=mivr6x7u&command=deployvirtualmachine&name=a%20b%7e*%2b%2f%c3%bc&zoneid=4";
        assert_eq!(signed.steps[2].result, expected);
    }

    #[test]
    fn every_departure_from_the_recipe_yields_another_signature() {
        let request = pairs(&[("command", "listZones"), ("apikey", "Key"), ("keyword", "two words")]);
        let signature = |recipe| sign(&request, "secret", recipe).signature;
        let good = signature(Recipe::DOCUMENTED);
        for recipe in [
            Recipe { order: Order::AsSent, ..Recipe::DOCUMENTED },
            Recipe { case: Case::Kept, ..Recipe::DOCUMENTED },
            Recipe { space: Space::Plus, ..Recipe::DOCUMENTED },
        ] {
            assert_ne!(signature(recipe), good, "{recipe:?}");
        }
    }
}
