//! The signature, as it follows from the document's six signed samples.
//!
//! All parameters but the signature itself, each as often as it was sent, are ordered by name and written `name=value`, the
//! values not encoded; the whole is lower-cased and put through HMAC-SHA1 with the secret key. The digest is written in Base64 without
//! padding, with `*` for `+` and `-` for `/`.

use base64::Engine;
use base64::alphabet::Alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::request::Parameters;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";

/// Whether a signature is the one that the holder of a secret key would give these parameters.
pub fn is_signed(parameters: &Parameters, signature: &str, secret_key: &str) -> bool {
    let Ok(alphabet) = Alphabet::new(ALPHABET) else { return false };
    // Base64 is decoded strictly, so the digests are equal only if the texts are; and digests compare in constant time.
    let Ok(given) = GeneralPurpose::new(&alphabet, NO_PAD).decode(signature) else { return false };
    // HMAC takes keys of any length: this never fails.
    let Ok(mac) = Hmac::<Sha1>::new_from_slice(secret_key.as_bytes()) else { return false };
    mac.chain_update(text_to_sign(parameters)).verify_slice(&given).is_ok()
}

fn text_to_sign(parameters: &Parameters) -> String {
    let mut pairs: Vec<_> = parameters.iter().filter(|(name, _)| *name != "signature").collect();
    pairs.sort_by_key(|(name, _)| name.to_lowercase());
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET_KEY: &str = "ZTY4MDU5OWQxOGJmNGY0M2EzN2I1ZWUxNDEzOTQxMzM";

    /// The signed queries of the samples, with the letters put right that the slides' typesetting confused.
    const SAMPLES: [&str; 6] = [
        "action=runInstances&version=2013-03-29&chtAuthType=hwspass&imageId=hi-olajtpss&instanceType=HC1.S.LINUX\
         &monitoringEnabled=true&instanceName=hwstest&count=1&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM\
         &accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires=2013-05-09T15%3A01%3A44Z&signature=AlB-C19JoI7wWhM4*kzzdbmHB14",
        "action=describeInstances&version=2013-03-29&chtAuthType=hwspass&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM\
         &accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires=2013-05-09T15%3A36%3A34Z&signature=CgT9Mdi4Qi17L7XcEmvhtikTxtk",
        "action=startInstances&version=2013-03-29&chtAuthType=hwspass&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM\
         &businessServiceId=BV550100050001&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires=2013-05-09T15%3A32%3A48Z\
         &signature=-MV8fGJ1sDf-zRehzCpbX9H57g0",
        "action=stopInstances&version=2013-03-29&chtAuthType=hwspass&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM\
         &businessServiceId=BV550100050001&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires=2013-05-09T16%3A31%3A43Z\
         &signature=izAUtnu2PvB8pJFRLnC*G46LwRY",
        "action=rebootInstances&version=2013-03-29&chtAuthType=hwspass&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM\
         &businessServiceId=BV550100050001&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires=2013-05-09T16%3A24%3A16Z\
         &signature=Nsc613zwqI5TIRidc0GvLiQ0OIo",
        "action=getInstancesStats&version=2013-03-29&chtAuthType=hwspass&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM\
         &businessServiceId=BV550100050001&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires=2013-05-09T17%3A16%3A08Z\
         &signature=-Od5trJnpho2OBYqqbY4wUX7bRY",
    ];

    fn is_well_signed(query: &str, secret_key: &str) -> bool {
        let parameters = Parameters::read(query);
        is_signed(&parameters, parameters.get("signature").unwrap(), secret_key)
    }

    #[test]
    fn the_samples_are_well_signed() {
        for sample in SAMPLES {
            assert!(is_well_signed(sample, SECRET_KEY), "{sample}");
        }
    }

    #[test]
    fn what_departs_from_a_sample_is_not() {
        let sample = SAMPLES[0];
        for (from, to) in [
            ("count=1", "count=2"),
            ("&accessKey=SE41NTAxMDAwNTEzNjc5OTU1MzgwMTM&expires", "&expires"),
            ("4*kz", "4+kz"),
            ("B-C1", "B/C1"),
            ("dbmHB14", "dbmHB14%3D"),
            ("HB14", "HB15"),
        ] {
            assert!(sample.contains(from) && !is_well_signed(&sample.replace(from, to), SECRET_KEY), "{from}");
        }
        assert!(!is_well_signed(sample, "e680599d18bf4f43a37b5ee141394133"), "the secret key is used as it is written");
    }
}
