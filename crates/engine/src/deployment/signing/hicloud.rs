//! hicloud's signature, recovered from the six samples of its document (Chunghwa Telecom hicloud `CaaS` API, 2013).

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{Case, Order, Signed, SigningStep, hexadecimal, hmac_sha1, ordered_and_cased};

/// How the string to sign is made. Anything but the default yields a signature that a server must refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// Whether pairs are sorted by name.
    pub order: Order,
    /// Whether all is lower-cased.
    pub case: Case,
}

/// Signs all parameters of a request, values as they are before they are encoded; the signature itself is not among them.
pub fn sign(parameters: &[(String, String)], secret: &str, recipe: Recipe) -> Signed {
    let (sorted, string) = ordered_and_cased(parameters.to_vec(), recipe.order, recipe.case);
    let digest = hmac_sha1(secret.as_bytes(), string.as_bytes());
    let signature = STANDARD_NO_PAD.encode(&digest).replace('+', "*").replace('/', "-");
    let steps = vec![
        SigningStep { what: "pairs sorted by name, values not encoded", result: sorted },
        SigningStep { what: "all lower-cased: the string to sign", result: string },
        SigningStep { what: "HMAC-SHA1 with the secret key, in hexadecimal", result: hexadecimal(&digest) },
        SigningStep {
            what: "in Base64 without padding, * for + and - for /: the signature",
            result: signature.clone(),
        },
    ];
    Signed { signature, steps }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ZTY4MDU5OWQxOGJmNGY0M2EzN2I1ZWUxNDEzOTQxMzM";

    /// The queries of the document's six samples without what all have in common, the expiry, and the signature (its look-alike letters put right).
    const SAMPLES: [(&str, &str, &str); 6] = [
        (
            "action=runInstances&version=2013-03-29&chtAuthType=hwspass&imageId=hi-olajtpss&instanceType=HC1.S.LINUX&monitoringEnabled=true&instanceName=hwstest&count=1",
            "2013-05-09T15:01:44Z",
            "AlB-C19JoI7wWhM4*kzzdbmHB14",
        ),
        (
            "action=describeInstances&version=2013-03-29&chtAuthType=hwspass",
            "2013-05-09T15:36:34Z",
            "CgT9Mdi4Qi17L7XcEmvhtikTxtk",
        ),
        (
            "action=startInstances&version=2013-03-29&chtAuthType=hwspass&businessServiceId=BV550100050001",
            "2013-05-09T15:32:48Z",
            "-MV8fGJ1sDf-zRehzCpbX9H57g0",
        ),
        (
            "action=stopInstances&version=2013-03-29&chtAuthType=hwspass&businessServiceId=BV550100050001",
            "2013-05-09T16:31:43Z",
            "izAUtnu2PvB8pJFRLnC*G46LwRY",
        ),
        (
            "action=rebootInstances&version=2013-03-29&chtAuthType=hwspass&businessServiceId=BV550100050001",
            "2013-05-09T16:24:16Z",
            "Nsc613zwqI5TIRidc0GvLiQ0OIo",
        ),
        (
            "action=getInstancesStats&version=2013-03-29&chtAuthType=hwspass&businessServiceId=BV550100050001",
            "2013-05-09T17:16:08Z",
            "-Od5trJnpho2OBYqqbY4wUX7bRY",
        ),
    ];

    fn parameters(query: &str, expires: &str) -> Vec<(String, String)> {
        let key = "accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM";
        let query = format!("{query}&{key}&{key}&expires={expires}");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn the_samples_have_their_signatures() {
        for (query, expires, signature) in SAMPLES {
            assert_eq!(sign(&parameters(query, expires), SECRET, Recipe::default()).signature, signature, "{query}");
        }
    }

    #[test]
    fn every_departure_from_the_recipe_yields_another_signature() {
        let (query, expires, signature) = SAMPLES[0];
        for recipe in
            [Recipe { order: Order::AsSent, ..Recipe::default() }, Recipe { case: Case::Kept, ..Recipe::default() }]
        {
            assert_ne!(sign(&parameters(query, expires), SECRET, recipe).signature, signature, "{recipe:?}");
        }
    }
}
