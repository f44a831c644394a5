//! DSSE envelopes, signed with Ed25519 (<https://github.com/secure-systems-lab/dsse>).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::digest;

/// What the payload is.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// How the public key of Ed25519 begins as a `SubjectPublicKeyInfo` (RFC 8410).
const PUBLIC_KEY_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Fields that are not known are ignored, as DSSE asks for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
struct Signature {
    /// A hint that is not signed, so nothing rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

/// Why a key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It is no such key.
    #[error("it is not a private key of Ed25519 in PKCS #8")]
    NotPrivate,
    /// It is no such key.
    #[error("it is not a public key of Ed25519")]
    NotPublic,
}

/// Why an envelope is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// It is not one.
    #[error("it is not a DSSE envelope: {0}")]
    NotAnEnvelope(String),
    /// It holds something else.
    #[error("it holds `{0}`, not an in-toto statement")]
    OtherPayload(String),
    /// No signature is of the key.
    #[error("no signature is of this key")]
    OtherKey,
    /// The signature is not that of the payload.
    #[error("the signature is not that of the statement")]
    BadSignature,
}

/// A private key that signs certificates.
pub struct SigningKey(Ed25519KeyPair);

/// A public key that certificates are checked by.
pub struct VerifyingKey(Vec<u8>);

impl SigningKey {
    /// Reads a key from PKCS #8.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        Ed25519KeyPair::from_pkcs8(der).map(Self).map_err(|_| KeyError::NotPrivate)
    }

    /// The key by which its signatures are checked.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.public_key().as_ref().to_vec())
    }
}

impl VerifyingKey {
    /// Reads a key from `SubjectPublicKeyInfo`.
    pub fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        let raw = der.strip_prefix(&PUBLIC_KEY_PREFIX).filter(|raw| raw.len() == 32).ok_or(KeyError::NotPublic)?;
        Ok(Self(raw.to_vec()))
    }

    /// The name of the key: the SHA-256 of its `SubjectPublicKeyInfo`.
    fn id(&self) -> String {
        digest(&[PUBLIC_KEY_PREFIX.as_slice(), &self.0].concat())
    }
}

/// What is signed: the type and the payload, each with its length.
fn signed(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// The statement in a signed envelope.
pub fn seal(statement: &Value, key: &SigningKey) -> Result<String, serde_json::Error> {
    let payload = serde_json::to_vec(statement)?;
    let signature = key.0.sign(&signed(PAYLOAD_TYPE, &payload));
    let envelope = Envelope {
        payload_type: PAYLOAD_TYPE.to_owned(),
        payload: STANDARD.encode(&payload),
        signatures: vec![Signature { keyid: Some(key.verifying_key().id()), sig: STANDARD.encode(signature.as_ref()) }],
    };
    Ok(serde_json::to_string_pretty(&envelope)? + "\n")
}

/// Bytes in either alphabet of Base64, which DSSE allows.
fn decoded(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    STANDARD.decode(text).or_else(|error| URL_SAFE.decode(text).map_err(|_| error))
}

/// The statement of an envelope, if one of its signatures is of a key.
pub fn open(envelope: &str, key: &VerifyingKey) -> Result<Value, EnvelopeError> {
    let broken = |error: &dyn std::fmt::Display| EnvelopeError::NotAnEnvelope(error.to_string());
    let envelope: Envelope = serde_json::from_str(envelope).map_err(|error| broken(&error))?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(EnvelopeError::OtherPayload(envelope.payload_type));
    }
    let payload = decoded(&envelope.payload).map_err(|error| broken(&error))?;
    let (public, message) = (UnparsedPublicKey::new(&ED25519, &key.0), signed(PAYLOAD_TYPE, &payload));
    let is_good =
        |signature: &Signature| decoded(&signature.sig).is_ok_and(|bytes| public.verify(&message, &bytes).is_ok());
    if !envelope.signatures.iter().any(is_good) {
        let id = key.id();
        let may_be_of_key = |signature: &Signature| signature.keyid.as_ref().is_none_or(|named| *named == id);
        let is_changed = envelope.signatures.iter().any(may_be_of_key);
        return Err(if is_changed { EnvelopeError::BadSignature } else { EnvelopeError::OtherKey });
    }
    serde_json::from_slice(&payload).map_err(|error| broken(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8032, 7.1, test 1.
    fn key() -> SigningKey {
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ];
        SigningKey(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }

    #[test]
    fn what_was_sealed_is_opened_by_its_key_alone() {
        let statement = serde_json::json!({"predicate": {"result": "PASSED"}});
        let sealed = seal(&statement, &key()).unwrap();
        assert_eq!(open(&sealed, &key().verifying_key()).unwrap(), statement);
        let other = VerifyingKey(vec![7; 32]);
        assert!(matches!(open(&sealed, &other), Err(EnvelopeError::OtherKey)));
    }

    /// The same envelope with other signatures.
    fn with_signatures(sealed: &str, change: impl Fn(&Value) -> Value) -> String {
        let mut envelope: Value = serde_json::from_str(sealed).unwrap();
        envelope["signatures"] = change(&envelope["signatures"][0]);
        envelope.to_string()
    }

    #[test]
    fn an_envelope_is_opened_by_any_signature_of_its_key_whatever_the_signature_is_called() {
        let statement = serde_json::json!({"predicate": {"result": "PASSED"}});
        let sealed = seal(&statement, &key()).unwrap();
        let other = serde_json::json!({"keyid": "other", "sig": "AAAA"});
        let good = [
            with_signatures(&sealed, |own| serde_json::json!([own, other])),
            with_signatures(&sealed, |own| serde_json::json!([other, own])),
            with_signatures(&sealed, |own| serde_json::json!([{"sig": own["sig"]}])),
            with_signatures(&sealed, |own| serde_json::json!([{"sig": own["sig"], "keyid": "a name", "cert": "x"}])),
            with_signatures(&sealed, |own| {
                let sig = own["sig"].as_str().unwrap().replace('+', "-").replace('/', "_");
                serde_json::json!([{"sig": sig}])
            }),
        ];
        for envelope in good {
            assert_eq!(open(&envelope, &key().verifying_key()).unwrap(), statement, "{envelope}");
        }
        let alone = with_signatures(&sealed, |_| serde_json::json!([other]));
        assert!(matches!(open(&alone, &key().verifying_key()), Err(EnvelopeError::OtherKey)));
        let changed = with_signatures(&sealed, |own| serde_json::json!([{"keyid": own["keyid"], "sig": "AAAA"}]));
        assert!(matches!(open(&changed, &key().verifying_key()), Err(EnvelopeError::BadSignature)));
        let unsigned = with_signatures(&sealed, |_| serde_json::json!([]));
        assert!(open(&unsigned, &key().verifying_key()).is_err());
    }

    #[test]
    fn every_changed_byte_of_an_envelope_is_found_or_is_white_space_or_a_hint() {
        let statement = serde_json::json!({"predicate": {"result": "PASSED", "profile": "core"}});
        let sealed = seal(&statement, &key()).unwrap();
        let hint = sealed.find("\"keyid\"").unwrap();
        let hint = hint..hint + sealed[hint..].find('\n').unwrap();
        for index in 0..sealed.len() {
            for change in [1_u8, 4, 32] {
                let mut bytes = sealed.clone().into_bytes();
                bytes[index] ^= change;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                if let Ok(read) = open(&changed, &key().verifying_key()) {
                    assert_eq!(read, statement);
                    let solid = |text: &str| text.split_whitespace().collect::<String>();
                    assert!(hint.contains(&index) || solid(&changed) == solid(&sealed), "byte {index}");
                }
            }
        }
    }
}
