//! Signatures of Amazon EC2's query API: version 2, of the time of Cloudn's manual, and version 4, of today's clients.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use assay_suite::http::Method;

use super::{Order, Signed, SigningStep, encode_unreserved as encode, hexadecimal, joined};

/// What is signed of a request.
#[derive(Clone, Debug)]
pub struct Signable<'a> {
    /// The method.
    pub method: Method,
    /// The host, with its port where that is not the scheme's own.
    pub host: String,
    /// The path.
    pub path: String,
    /// The parameters, the signature not among them.
    pub parameters: &'a [(String, String)],
}

fn canonical_query(parameters: &[(String, String)], order: Order) -> String {
    let mut pairs: Vec<_> = parameters.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    if order == Order::Sorted {
        pairs.sort();
    }
    joined(&pairs)
}

/// Signs by version 2: HMAC-SHA256 over method, host, path and sorted query.
pub fn sign_version_2(request: &Signable<'_>, secret: &str, order: Order) -> Signed {
    let query = canonical_query(request.parameters, order);
    let string = format!("{}\n{}\n{}\n{query}", request.method, request.host.to_lowercase(), request.path);
    let digest = hmac_sha256(secret.as_bytes(), string.as_bytes());
    let signature = STANDARD.encode(&digest);
    let steps = vec![
        SigningStep { what: "pairs encoded and sorted by name", result: query },
        SigningStep { what: "after method, host and path: the string to sign", result: string },
        SigningStep { what: "HMAC-SHA256 with the secret key, in hexadecimal", result: hexadecimal(&digest) },
        SigningStep { what: "in Base64: the signature", result: signature.clone() },
    ];
    Signed { signature, steps }
}

/// For when and where a signature of version 4 holds.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// When the request was made.
    pub made: Timestamp,
    /// The region.
    pub region: &'a str,
}

impl Scope<'_> {
    /// `20151231T235959Z`.
    pub fn moment(&self) -> String {
        self.made.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn day(&self) -> String {
        self.made.strftime("%Y%m%d").to_string()
    }

    /// `20151231/us-east-1/ec2/aws4_request`.
    pub fn credential(&self) -> String {
        format!("{}/{}/ec2/aws4_request", self.day(), self.region)
    }
}

/// Signs by version 4, the headers host and x-amz-date with the request.
pub fn sign_version_4(request: &Signable<'_>, secret: &str, scope: Scope<'_>) -> Signed {
    let (query, body) = match request.method {
        Method::Get | Method::Delete => (canonical_query(request.parameters, Order::Sorted), String::new()),
        _ => (String::new(), canonical_query(request.parameters, Order::AsSent)),
    };
    let headers = format!("host:{}\nx-amz-date:{}\n", request.host.to_lowercase(), scope.moment());
    let body = hexadecimal(&Sha256::digest(&body));
    let canonical = format!("{}\n{}\n{query}\n{headers}\nhost;x-amz-date\n{body}", request.method, request.path);
    let hash = hexadecimal(&Sha256::digest(&canonical));
    let string = format!("AWS4-HMAC-SHA256\n{}\n{}\n{hash}", scope.moment(), scope.credential());
    let parts = [scope.day(), scope.region.to_owned(), "ec2".to_owned(), "aws4_request".to_owned()];
    let start = format!("AWS4{secret}").into_bytes();
    let key = parts.iter().fold(start, |key, part| hmac_sha256(&key, part.as_bytes()));
    let signature = hexadecimal(&hmac_sha256(&key, string.as_bytes()));
    let steps = vec![
        SigningStep { what: "the canonical request", result: canonical },
        SigningStep { what: "with its moment and scope: the string to sign", result: string },
        SigningStep {
            what: "HMAC-SHA256 with the key derived for the scope: the signature",
            result: signature.clone(),
        },
    ];
    Signed { signature, steps }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    // A key of any length is accepted, so the error branch has no input that reaches it.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The worked example of AWS's general reference, "Signature Version 2".
    #[test]
    fn version_2_has_the_published_signature() {
        let parameters = pairs(&[
            ("Action", "DescribeJobFlows"),
            ("Version", "2009-03-31"),
            ("AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"),
            ("SignatureVersion", "2"),
            ("SignatureMethod", "HmacSHA256"),
            ("Timestamp", "2011-10-03T15:19:30"),
        ]);
        let request = Signable {
            method: Method::Get,
            host: "elasticmapreduce.amazonaws.com".into(),
            path: "/".into(),
            parameters: &parameters,
        };
        let signed = sign_version_2(&request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Order::Sorted);
        assert_eq!(signed.signature, "i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=");
        let unsorted = sign_version_2(&request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Order::AsSent);
        assert_ne!(unsorted.signature, signed.signature);
    }

    /// The canonical request is as AWS documents it; that clients and servers agree is tested with boto3 and moto.
    #[test]
    fn version_4_depends_on_all_that_it_signs() {
        let parameters = pairs(&[("Version", "2012-08-15"), ("Action", "DescribeInstances")]);
        let request = Signable {
            method: Method::Get,
            host: "127.0.0.1:80".into(),
            path: "/awsapi".into(),
            parameters: &parameters,
        };
        let made = "2026-01-02T03:04:05Z".parse().unwrap();
        let scope = Scope { made, region: "us-east-1" };
        let signed = sign_version_4(&request, "secret", scope);
        assert_eq!(
            signed.steps[0].result,
            "GET\n/awsapi\nAction=DescribeInstances&Version=2012-08-15\nhost:127.0.0.1:80\nx-amz-date:20260102T030405Z\n\n\
             host;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let other = Scope { region: "eu-west-1", ..scope };
        assert_ne!(sign_version_4(&request, "secret", other).signature, signed.signature);
        assert_ne!(sign_version_4(&request, "secreT", scope).signature, signed.signature);
    }
}
