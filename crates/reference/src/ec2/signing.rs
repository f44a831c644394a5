//! Checks signatures as Amazon's public documentation has them: version 2, in which the signature is a parameter, and
//! version 4, in which it is in a header.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::api::Incoming;

use super::parameters::{Parameters, pairs};

/// What RFC 3986 reserves is encoded.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Pairs in the order of their names, as they are signed.
fn canonical(pairs: impl Iterator<Item = (String, String)>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, &RESERVED).to_string();
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (encode(&name), encode(&value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Whether the parameter `Signature` is what the holder of a secret key would sign the request with, by version 2.
pub fn is_signed_by_version_2(request: &Incoming, parameters: &Parameters, secret_key: &str) -> bool {
    let Some(signature) = parameters.get("Signature").and_then(|text| STANDARD.decode(text).ok()) else { return false };
    let signed = parameters.iter().filter(|(name, _)| *name != "Signature");
    let query = canonical(signed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let host = request.header("host").unwrap_or_default().to_lowercase();
    let text = format!("{}\n{host}\n{}\n{query}", request.method, request.path);
    match parameters.get("SignatureMethod") {
        // HMAC takes keys of any length: making one never fails.
        Some("HmacSHA256") => Hmac::<Sha256>::new_from_slice(secret_key.as_bytes())
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(&signature).is_ok()),
        Some("HmacSHA1") => Hmac::<Sha1>::new_from_slice(secret_key.as_bytes())
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(&signature).is_ok()),
        _ => false,
    }
}

/// What the header of a signature of version 4 says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization<'a> {
    /// The access key.
    pub key: &'a str,
    /// The day for which the signature holds: `20150830`.
    pub day: &'a str,
    region: &'a str,
    service: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Reads `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`.
    pub fn read(header: &'a str) -> Option<Self> {
        let parts: Vec<_> = header.strip_prefix("AWS4-HMAC-SHA256")?.split(',').map(str::trim).collect();
        let part = |name: &str| parts.iter().find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let credential: Vec<_> = part("Credential")?.split('/').collect();
        let [key, day, region, service, "aws4_request"] = *credential else { return None };
        let headers = part("SignedHeaders")?.split(';').collect();
        Some(Self { key, day, region, service, headers, signature: part("Signature")? })
    }

    /// Whether the signature is what the holder of a secret key would sign the request with. `moment` is when it was made.
    pub fn is_good(&self, request: &Incoming, moment: &str, secret_key: &str) -> bool {
        let vital = self.headers.contains(&"host") && moment.starts_with(self.day);
        let Some(signature) = from_hexadecimal(self.signature).filter(|_| vital) else { return false };
        let text = self.text_to_sign(request, moment);
        let key = [self.day, self.region, self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret_key}").into_bytes(), |key, part| digest(&key, part.as_bytes()));
        Hmac::<Sha256>::new_from_slice(&key).is_ok_and(|mac| mac.chain_update(text).verify_slice(&signature).is_ok())
    }

    fn text_to_sign(&self, request: &Incoming, moment: &str) -> String {
        let header = |name: &&str| {
            let value = request.header(name).unwrap_or_default();
            format!("{name}:{}\n", value.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let headers: String = self.headers.iter().map(header).collect();
        let body = hexadecimal(&Sha256::digest(&request.body));
        let query = canonical(pairs(&request.query));
        let names = self.headers.join(";");
        let whole = format!("{}\n{}\n{query}\n{headers}\n{names}\n{body}", request.method, request.path);
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hexadecimal(&Sha256::digest(whole)))
    }
}

fn digest(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    mac.map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = (0..32).map(|place| u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok());
    if digits { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the AWS General Reference, "Signature Version 2 signing process".
    #[test]
    fn the_published_example_of_version_2_is_signed() {
        let query = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Action=DescribeJobFlows&SignatureMethod=HmacSHA256\
                     &SignatureVersion=2&Timestamp=2011-10-03T15%3A19%3A30&Version=2009-03-31\
                     &Signature=i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf%2FMj6vPxyYIs%3D";
        let request = |query: &str| Incoming {
            method: "GET".into(),
            path: "/".into(),
            query: query.into(),
            headers: vec![("host".into(), "elasticmapreduce.amazonaws.com".into())],
            ..Incoming::default()
        };
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let signed = |request: &Incoming| is_signed_by_version_2(request, &Parameters::read(request), secret);
        assert!(signed(&request(query)));
        assert!(!signed(&request(&query.replace("2009", "2010"))));
        assert!(!signed(&Incoming { path: "/x".into(), ..request(query) }));
        assert!(!signed(&Incoming { headers: Vec::new(), ..request(query) }));
    }

    /// The example of the AWS General Reference, "Signature Version 4 signing process".
    #[test]
    fn the_published_example_of_version_4_is_signed() {
        let header = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
                      SignedHeaders=content-type;host;x-amz-date, \
                      Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        let request = Incoming {
            method: "GET".into(),
            path: "/".into(),
            query: "Action=ListUsers&Version=2010-05-08".into(),
            headers: vec![
                ("content-type".into(), "application/x-www-form-urlencoded; charset=utf-8".into()),
                ("host".into(), "iam.amazonaws.com".into()),
                ("x-amz-date".into(), "20150830T123600Z".into()),
            ],
            body: String::new(),
        };
        let authorization = Authorization::read(header).unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert!(authorization.is_good(&request, "20150830T123600Z", secret));
        assert!(!authorization.is_good(&request, "20150831T123600Z", secret));
        assert!(!authorization.is_good(&request, "20150830T123600Z", "another"));
        assert!(!authorization.is_good(&Incoming { body: "x".into(), ..request.clone() }, "20150830T123600Z", secret));
        let reordered = Incoming { query: "Version=2010-05-08&Action=ListUsers".into(), ..request };
        assert!(authorization.is_good(&reordered, "20150830T123600Z", secret));
    }

    #[test]
    fn a_header_of_another_form_is_none() {
        for header in ["", "Basic x", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=1"] {
            assert_eq!(Authorization::read(header), None, "{header}");
        }
    }
}
