//! What is signed and sent, whatever the address and the credentials look like.

use super::*;
use crate::deployment::address::base;

#[test]
fn an_address_is_signed_and_sent_in_one_form() {
    for (written, sent) in [
        ("http://h:80/api", "http://h/api"),
        ("https://h:443", "https://h/"),
        ("https://h:80/api", "https://h:80/api"),
        ("HTTP://Cloud.EXAMPLE:8080/Client/API", "http://cloud.example:8080/Client/API"),
        ("http://[::1]:80/api/", "http://[::1]/api/"),
        ("http://[2001:DB8:0::1]:8080/api", "http://[2001:db8::1]:8080/api"),
        ("http://h/a%20b/\u{fc}", "http://h/a%20b/%C3%BC"),
        ("http://h/api?tenant=1#part", "http://h/api"),
    ] {
        assert_eq!(base(written).as_deref(), Some(sent), "{written}");
    }
    assert_eq!(base("not an address"), None);
}

#[test]
fn a_credential_that_is_unknown_keeps_its_scheme_and_no_more() {
    for (known, sent) in [
        ("Bearer abc.def", "Bearer assay-unknown-credential"),
        ("token abc", "token assay-unknown-credential"),
        ("ApiKey id:key", "ApiKey assay-unknown-credential"),
        ("Basic dXNlcjpwYXNz", "Basic YXNzYXk6YXNzYXktdW5rbm93bi1jcmVkZW50aWFs"),
        ("correct horse battery staple", "assay-unknown-credential"),
        ("bearer", "assay-unknown-credential"),
        ("", "assay-unknown-credential"),
    ] {
        assert_eq!(of_nobody(known), sent, "{known}");
    }
}
