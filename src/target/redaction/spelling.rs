//! The forms in which a secret travels.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::target::signing::encode;

/// In Base64 and in hexadecimal a text shorter than this is found where nobody meant it.
const SHORTEST_CODED: usize = 8;

/// The forms in which a secret travels: as it is; encoded for addresses and forms; escaped in JSON, XML and HTML by the
/// customs of several libraries; in Base64 and in hexadecimal. The padding of Base64 proves nothing: what ends with it is
/// found without it, too.
pub(super) fn spellings(secret: &str) -> BTreeSet<String> {
    if secret.is_empty() {
        return BTreeSet::new();
    }
    let whole = secret;
    let secret = Some(whole.trim_end_matches('=')).filter(|bare| !bare.is_empty()).unwrap_or(whole);
    let json = in_json(secret);
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = BTreeSet::from([
        secret.to_owned(),
        encode(secret),
        encode(secret).replace("%20", "+"),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().replace("%20", "+"),
        json.replace('/', "\\/"),
        // Libraries that write JSON for pages of HTML spell these by number, and some the slash as well.
        by_number(&json, "=&<>'", |number| format!("\\u{number:04x}")),
        by_number(&json, "=&<>'", |number| format!("\\u{number:04x}")).replace('/', "\\/"),
        spelt_by_number(secret, |number| format!("\\u{number:04x}")),
        spelt_by_number(secret, |number| format!("&#{number};")),
        spelt_by_number(secret, |number| format!("&#x{number:x};")),
        xml.replace('\'', "&apos;"),
        xml.replace('\'', "&#39;"),
        xml.replace('\'', "&#x27;"),
        xml.replace('\'', "&#x27;").replace('/', "&#x2f;"),
        xml.replace("&quot;", "&#34;").replace('\'', "&#39;"),
        json,
        xml,
    ]);
    // A text of JSON within another, in whichever way it was escaped.
    let nested: Vec<_> = forms.iter().filter(|form| form.contains('\\')).map(|form| in_json(form)).collect();
    forms.extend(nested);
    if secret.len() >= SHORTEST_CODED {
        let base64 = STANDARD_NO_PAD.encode(whole);
        forms.extend([encode(&base64), base64, URL_SAFE_NO_PAD.encode(whole)]);
        let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        forms.extend([hexadecimal.to_uppercase(), hexadecimal]);
    }
    forms
}

/// Of these each form of a secret holds one: a text without them need not be searched for the forms, which take longer to make.
pub(super) fn kernels(secret: &str) -> Vec<String> {
    let mut kernels = vec![longest_run(secret)];
    if secret.len() >= SHORTEST_CODED {
        let hexadecimal: String = longest_run(secret).bytes().map(|byte| format!("{byte:02x}")).collect();
        kernels.extend([longest_run(&STANDARD_NO_PAD.encode(secret)), longest_run(&URL_SAFE_NO_PAD.encode(secret))]);
        kernels.extend([hexadecimal.to_uppercase(), hexadecimal]);
    }
    kernels
}

/// The longest part of letters and digits: no form spells those otherwise.
fn longest_run(text: &str) -> String {
    let runs = text.split(|character: char| !character.is_ascii_alphanumeric());
    runs.max_by_key(|run| run.len()).unwrap_or_default().to_owned()
}

/// A text as it stands between the quotes of JSON.
fn in_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&quoted).to_owned()
}

/// A text in which these characters are spelt by number.
fn by_number(text: &str, characters: &str, spelt: impl Fn(u32) -> String) -> String {
    let spelt = |character: char| {
        if characters.contains(character) { spelt(u32::from(character)) } else { character.to_string() }
    };
    text.chars().map(spelt).collect()
}

/// A text in which all but letters and digits are spelt by number.
fn spelt_by_number(text: &str, spelt: impl Fn(u32) -> String) -> String {
    let spelt = |character: char| {
        if character.is_ascii_alphanumeric() { character.to_string() } else { spelt(u32::from(character)) }
    };
    text.chars().map(spelt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_many_forms() {
        let forms = spellings("a+b/c='d\"&");
        for form in [
            "a%2Bb%2Fc%3D%27d%22%26",
            r#"a+b/c='d\"&"#,
            r#"a+b\/c='d\"&"#,
            r#"a+b/c\u003d\u0027d\"\u0026"#,
            "a+b/c='d&quot;&amp;",
            "a+b/c=&#39;d&#34;&amp;",
            "a&#43;b&#47;c&#61;&#39;d&#34;&#38;",
            "a&#x2b;b&#x2f;c&#x3d;&#x27;d&#x22;&#x26;",
            "YStiL2M9J2QiJg",
            "612b622f633d27642226",
        ] {
            assert!(forms.contains(form), "{form} is not among {forms:?}");
        }
        assert!(spellings("c2VjcmV0MQ==").contains("c2VjcmV0MQ"));
        assert!(spellings("=").contains("="));
        assert!(spellings("").is_empty());
        assert_eq!(spellings("a"), BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn each_form_holds_a_kernel() {
        for secret in
            ["a+b/c='d\"&", "W4jrZneqZxQFp6vhvcGRt7/drjDESmuTPMA4bLvf4nk=", "Ünï-\n-cödé\\x", "=+/", "0123456789abcdef"]
        {
            let kernels = kernels(secret);
            for form in spellings(secret) {
                assert!(kernels.iter().any(|kernel| form.contains(kernel)), "{form:?} holds none of {kernels:?}");
            }
        }
    }
}
