//! A certificate: a statement of what a run showed of a conformance profile, signed, and checked by judging the record again.
//!
//! The statement has the form of in-toto's test result (<https://in-toto.io/attestation/test-result/v0.1>), in a DSSE envelope.

mod claim;
mod digest;
mod envelope;

pub use claim::{
    CertificateError, CertificateResult, Claim, Evidence, claim_of, described, differences, result_of, statement,
};
pub use digest::Digest;
pub use envelope::{EnvelopeError, KeyError, SigningKey, VerifyingKey, open, seal};
