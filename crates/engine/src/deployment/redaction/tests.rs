use std::collections::BTreeMap;

use super::*;
use crate::deployment::{Limits, Service};
use assay_suite::SuiteName;

fn redactor() -> Redactor {
    let main = Credentials::new([("api_key", "Key/1+"), ("secret_key", "Sec=ret&2"), ("region", "here")]);
    let service =
        Service { url: "http://127.0.0.1/".into(), main, accounts: BTreeMap::new(), variables: BTreeMap::new() };
    let target = Target {
        name: "t".into(),
        services: BTreeMap::from([(SuiteName("s".into()), service)]),
        allow: BTreeSet::default(),
        load: crate::deployment::LoadPermission::default(),
        variables: BTreeMap::new(),
        certificates: assay_suite::http::Certificates::default(),
        limits: Limits::default(),
        gates: assay_formats::record::Gates::default(),
        server: None,
        strictness: assay_formats::record::Strictness::default(),
        from_environment: Vec::new(),
        wanted: Vec::new(),
    };
    Redactor::new(&target, [7; 16])
}

#[test]
fn keys_are_found_in_every_spelling() {
    for text in ["a Key/1+ b", "key%2f1%2B", "Sec=ret&2", "SEC%3DRET%262", "<x>Sec=ret&amp;2</x>"] {
        let redacted = redactor().text(text);
        assert!(redacted.contains("[redacted]"), "{text} became {redacted}");
        assert!(!redacted.to_lowercase().contains("ret"), "{text} became {redacted}");
    }
}

#[test]
fn passwords_in_answers_are_marked_so_that_a_change_is_seen() {
    let mark = |body: &str| redactor().text(body);
    let json = mark(r#"{"password":"aB\"3","name":"x"}"#);
    assert!(json.starts_with(r#"{"password":"[redacted "#) && json.ends_with(r#"]","name":"x"}"#), "{json}");
    assert_ne!(mark(r#"{"password":"one"}"#), mark(r#"{"password":"two"}"#));
    assert_eq!(mark("<password>one</password>"), mark("<password>one</password>"));
    assert!(!mark("<vm><password>one</password></vm>").contains("one"));
}

#[test]
fn no_key_is_too_long_to_be_found() {
    let long = "eyJhbGciOi.JIUzI1/NiIs+".repeat(2_000);
    let keys = Known::of([(long.clone(), PLAIN.to_owned())]);
    let redactor = Redactor { keys, ..redactor() };
    assert_eq!(redactor.text(&format!("a {long} b")), "a [redacted] b");
    assert_eq!(redactor.text("nothing of it"), "nothing of it");
}

#[test]
fn what_proves_who_asked_is_not_told_by_the_answer() {
    let request = Request {
        method: assay_suite::http::Method::Get,
        url: "http://h/api?command=listZones&signature=abc%2Bdef%2Fghi%3D".into(),
        headers: vec![("Authorization".into(), "AWS4 Credential=c, Signature=0123456789abcdef".into())],
        body: None,
    };
    let body = r"abc+def/ghi= abc%2Bdef%2Fghi%3D abc+def\/ghi\u003d 0123456789abcdef AWS4 Credential=c, Signature=0123456789abcdef";
    let response = Response { status: 401, headers: Vec::new(), body: body.into(), lossy: false };
    let timing = assay_suite::http::Timing { sent_us: 0, took_us: 0 };
    let redacted = exchanged(
        &Exchange { request, outcome: Ok(response), timing, sent: assay_suite::http::Sent::Once },
        &mut Seen::default(),
    );
    let rendered = format!("{redacted:?}");
    assert!(!rendered.contains("ghi") && !rendered.contains("0123456789"), "{rendered}");
    assert!(rendered.contains("listZones"), "{rendered}");
}

#[test]
fn secrets_are_found_within_other_texts() {
    for text in [
        r#"{"errortext": "no: {\"password\":\"hunter2\"}"}"#,
        r#"{"password": 48213, "secretkey": "hunter2"}"#,
        "at http://h/?command=x&amp;userpassword=hunter2&amp;id=3",
        r"at http://h/?id=3\u0026password\u003dhunter2",
        "back=http%3A%2F%2Fh%2F%3Fpassword%3Dhunter2",
        "{\"größe_Password\" :\n\"hunter2\"}",
        "<SignatureProvided>hunter2</SignatureProvided>",
        r#"{"ipsecpsk": "hunter2"}"#,
        "<presharedkey>hunter2</presharedkey>",
        "http://h/?command=ldapConfig&bindpass=hunter2",
    ] {
        let redacted = redactor().text(text);
        assert!(!redacted.contains("hunter2") && !redacted.contains("48213"), "{text} became {redacted}");
    }
    let number = redactor().text(r#"{"password": 48213}"#);
    assert!(serde_json::from_str::<serde_json::Value>(&number).is_ok_and(|value| value["password"].is_u64()));
}

#[test]
fn a_cut_off_password_is_still_taken_out() {
    assert!(!redactor().text(r#"{"password":"hunter2"#).contains("hunter2"));
}

#[test]
fn signatures_leave_addresses_and_names_stay() {
    let url = redactor().text("http://h/api?command=listZones&apikey=Key&signature=abc%3D");
    assert_eq!(url, "http://h/api?command=listZones&apikey=[redacted]&signature=[redacted]");
    assert!(redactor().text("http://h/?passwordenabled=true").contains("true"));
}

fn exchanged(exchange: &Exchange, seen: &mut Seen) -> Exchange {
    redactor().exchange_by(exchange, &Names::default(), &Names::default(), seen)
}

fn answered(body: &str, headers: &[(&str, &str)]) -> Exchange {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let response = Response { status: 200, headers: headers.collect(), body: body.to_owned(), lossy: false };
    let request =
        Request { method: assay_suite::http::Method::Get, url: "http://h/".into(), headers: Vec::new(), body: None };
    Exchange {
        request,
        outcome: Ok(response),
        timing: assay_suite::http::Timing { sent_us: 0, took_us: 0 },
        sent: assay_suite::http::Sent::Once,
    }
}

/// A key with all that is spelt in several ways somewhere.
const KEY: &str = "q7+Z/x=R&n<k>\"w'9%2 mJtB";

fn percent(text: &[u8], which: impl Fn(usize, u8) -> bool) -> String {
    let spelt = |(at, byte): (usize, &u8)| match which(at, *byte) {
        true => format!("%{byte:02X}"),
        false => char::from(*byte).to_string(),
    };
    text.iter().enumerate().map(spelt).collect()
}

fn each(text: &str, spelt: impl Fn(u32) -> String) -> String {
    text.chars().map(|character| spelt(u32::from(character))).collect()
}

/// The punctuation alone.
fn punctuation(text: &str, spelt: impl Fn(u32) -> String) -> String {
    let spelt = |character: char| match character.is_ascii_alphanumeric() {
        true => character.to_string(),
        false => spelt(u32::from(character)),
    };
    text.chars().map(spelt).collect()
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The spellings of a key, one by one and one within another.
fn spellings_of(key: &str) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    let bytes = key.as_bytes();
    let quoted = serde_json::Value::from(key).to_string();
    let json = quoted[1..quoted.len() - 1].to_owned();
    let all = percent(bytes, |_, _| true);
    let usual = percent(bytes, |_, byte| !byte.is_ascii_alphanumeric());
    let xml = key.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let lines = |text: &str| text.as_bytes().chunks(10).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\r\n");
    let mut spellings = vec![
        key.to_owned(),
        key.to_uppercase(),
        all.to_lowercase(),
        usual.replace("%20", "+"),
        usual.to_lowercase(),
        percent(bytes, |at, _| at % 2 == 0),
        percent(bytes, |at, byte| at % 3 == 0 || byte == b'%'),
        percent(bytes, |_, byte| byte != b'/' && !byte.is_ascii_alphanumeric()),
        percent(usual.as_bytes(), |_, byte| !byte.is_ascii_alphanumeric()),
        percent(all.as_bytes(), |_, _| true),
        json.replace('/', "\\/"),
        each(key, |number| format!("\\u{number:04x}")),
        each(key, |number| format!("\\u{number:04X}")),
        punctuation(key, |number| format!("\\u{number:04X}")),
        each(key, |number| format!("\\x{number:02x}")),
        each(key, |number| format!("\\u{{{number:x}}}")),
        punctuation(&json, |number| format!("\\u{number:04x}")),
        serde_json::Value::from(json.as_str()).to_string(),
        each(key, |number| format!("&#{number};")),
        each(key, |number| format!("&#x{number:x};")),
        each(key, |number| format!("&#X{number:06X};")),
        punctuation(key, |number| format!("&#{number:07};")),
        xml.replace('"', "&quot;").replace('\'', "&apos;").replace('/', "&sol;").replace('+', "&plus;"),
        xml.replace('"', "&#34;").replace('\'', "&#39;"),
        xml.replace('&', "&amp;"),
        STANDARD.encode(key),
        STANDARD_NO_PAD.encode(format!("a{key}")),
        STANDARD_NO_PAD.encode(format!("user:{key}")),
        STANDARD.encode(format!("{key} and more")),
        URL_SAFE.encode(key),
        URL_SAFE_NO_PAD.encode(format!("ab{key}cd")),
        STANDARD.encode(STANDARD.encode(key)),
        STANDARD.encode(&usual),
        STANDARD.encode(&json),
        STANDARD.encode(hexadecimal(key)),
        percent(STANDARD.encode(key).as_bytes(), |_, byte| !byte.is_ascii_alphanumeric()),
        STANDARD.encode(format!("a{key}")).replace('/', "\\/"),
        lines(&STANDARD.encode(key)),
        lines(key),
        hexadecimal(key),
        hexadecimal(key).to_uppercase(),
        hexadecimal(&STANDARD.encode(key)),
        format!("0{}", hexadecimal(key)),
        each(&usual, |number| format!("&#{number};")),
        percent(xml.as_bytes(), |_, byte| !byte.is_ascii_alphanumeric()),
        percent(json.as_bytes(), |_, byte| !byte.is_ascii_alphanumeric()),
        each(&json, |number| format!("&#x{number:x};")),
    ];
    spellings.push(spellings.iter().take(3).cloned().collect::<Vec<_>>().join(" "));
    spellings
}

/// A text after whatever a reader may undo; what finds a key here must not be what hides it.
fn undone(text: &str) -> String {
    text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

#[test]
fn a_key_is_found_in_forty_spellings_and_what_is_around_it_stays() {
    let keys = Known::of([(KEY.to_owned(), PLAIN.to_owned())]);
    let redactor = Redactor { keys, ..redactor() };
    let spellings = spellings_of(KEY);
    assert!(spellings.len() >= 40, "{}", spellings.len());
    for spelling in spellings {
        for text in [format!("before {spelling} after"), format!("{{\"before\": \"{spelling}\"}}, after")] {
            let redacted = redactor.text(&text);
            assert!(redacted.contains(PLAIN), "{text} became {redacted}");
            assert!(redacted.contains("before") && redacted.ends_with("after"), "{text} became {redacted}");
            let rest = redacted.replace(PLAIN, "").replace("before", "").replace("after", "");
            // Of Base64 what is before and after the key stays, but for the digits that it shares.
            assert!(undone(&rest).len() < 14, "{text} became {redacted}");
        }
    }
}

#[test]
fn fields_that_are_secret_by_what_they_are_are_hidden() {
    let texts = [
        r#"{"password": "hunter2x"}"#,
        r#"{"adminPass": "hunter2x"}"#,
        r#"{"admin_pass": "hunter2x"}"#,
        r#"{"pwd": "hunter2x"}"#,
        r#"{"passphrase": "hunter2x"}"#,
        r#"{"secret": "hunter2x"}"#,
        r#"{"client_secret": "hunter2x"}"#,
        r#"{"clientSecret" : "hunter2x"}"#,
        r#"{"access_token": "hunter2x"}"#,
        r#"{"refreshToken": "hunter2x"}"#,
        r#"{"sessionkey": "hunter2x"}"#,
        r#"{"private_key": "hunter2x"}"#,
        r#"{"password": ["hunter2x", "hunter2x"]}"#,
        r#"{"credentials": {"user": "a", "word": "hunter2x", "more": [{"x": "hunter2x"}]}}"#,
        r#"{"name": "password", "value": "hunter2x"}"#,
        r#"{"text": "{\"password\": \"hunter2x\"}"}"#,
        r#"{"text": "{\\u0022password\\u0022: \\u0022hunter2x\\u0022}"}"#,
        r#"{"p\u0061ssword": "hunter2x"}"#,
        "{'password': 'hunter2x'}",
        r#"<password a="b">hunter2x</password>"#,
        "<password><![CDATA[hunter2x]]></password>",
        r#"<s:password xmlns:s="urn:x">hunter2x</s:password>"#,
        "<passwords><item>hunter2x</item><item>hunter2x</item></passwords>",
        r#"<user name="a" password="hunter2x"/>"#,
        r#"<password value="hunter2x"/>"#,
        "<name>password</name><value>hunter2x</value>",
        "&lt;password&gt;hunter2x&lt;/password&gt;",
        "{\"x\": \"\\u003cpassword\\u003ehunter2x\\u003c/password\\u003e\"}",
        "at http://h/?userpassword=hunter2x&id=3",
        "password: hunter2x\nname: a",
        "X-Api-Key: hunter2x",
        "Authorization: Bearer hunter2x",
        "the header Bearer hunter2x-and-more was sent",
        "Basic aHVudGVyMng6aHVudGVyMng= was sent",
        "see https://admin:hunter2x@host/path",
        "admin:hunter2x@10.0.0.1",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2x\nhunter2x\n-----END RSA PRIVATE KEY-----",
        r#"{"key": "-----BEGIN PRIVATE KEY-----\nhunter2x\n-----END PRIVATE KEY-----\n"}"#,
        "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2x cut off",
        "eyJwYXNzd29yZCI6ICJodW50ZXIyeCJ9 is such an object",
    ];
    assert!(texts.len() >= 30);
    for text in texts {
        let redacted = redactor().text(text);
        assert!(redacted.contains("[redacted"), "{text} became {redacted}");
        assert!(!redacted.contains("hunter2") && !redacted.contains("aHVudGVy"), "{text} became {redacted}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        r#"{"passwordenabled": true, "keypair": "mine", "token_type": "bearer", "key": "colour", "haspassword": false}"#,
        "<passwordenabled>true</passwordenabled><keypair>mine</keypair>",
        "Bearer authentication is required; Basic zones have none",
        "WWW-Authenticate: Bearer realm=\"cloud\"",
        "write to mailto:somebody@example.org or somebody@example.org",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "6f1c2a9b-e4d0-4a53-9df3-b7c1de4a0f52 0123456789abcdef0123456789abcdef deployvirtualmachineresponse",
        r#"{"password": "[redacted 0a1b2c3d]", "token": ""}"#,
    ] {
        assert_eq!(redactor().text(text), text);
    }
}

#[test]
fn what_an_answer_revealed_as_a_secret_is_hidden_in_what_follows() {
    let mut seen = Seen::default();
    let rendered = exchanged(&answered(r#"{"access_token": "6f1c2a9be4", "also": "6f1c2a9be4"}"#, &[]), &mut seen);
    let later = exchanged(&answered("hello 6f1c2a9be4", &[("x-echo", "%36f1c2a9be4")]), &mut seen);
    let all = format!("{rendered:?} {later:?} {}", redactor().text_of("6f1c2a9be4", &seen));
    assert!(!all.contains("1c2a9be4"), "{all}");
    let marks: BTreeSet<_> = all.split("[redacted ").skip(1).map(|rest| &rest[..8]).collect();
    assert_eq!(marks.len(), 1, "{all}");
}

#[test]
fn what_proved_who_asked_is_hidden_in_texts_about_the_answer() {
    let mut seen = Seen::default();
    let mut exchange = answered("", &[]);
    exchange.request.url = "http://h/?signature=yLYvEpoGe-xozOxsQ1XrUD064Bk%3D".into();
    exchanged(&exchange, &mut seen);
    for spelling in
        ["yLYvEpoGe-xozOxsQ1XrUD064Bk", "yLYvEpoGe\\u002dxozOxsQ1XrUD064Bk", "yLYvEpoGe&#x2d;xozOxsQ1XrUD064Bk"]
    {
        let text = redactor().text_of(&format!("refused: {spelling}"), &seen);
        assert_eq!(text, format!("refused: {PLAIN}"));
    }
}

#[test]
fn a_secret_that_a_cut_left_a_part_of_is_hidden() {
    let redactor = Redactor { keys: Known::of([("geheim+tok/en".to_owned(), PLAIN.to_owned())]), ..redactor() };
    for (cut, hidden) in [
        ("it is geheim+tok/e…", "it is [redacted]…"),
        ("it is gehei… (5000 bytes)", "it is [redacted]… (5000 bytes)"),
        ("a%22 geheim%2Btok […] m+tok/en b", "a%22 [redacted] […] [redacted] b"),
        ("it is geh…", "it is geh…"),
        ("nothing of it…", "nothing of it…"),
    ] {
        assert_eq!(redactor.text(cut), hidden);
    }
}

#[test]
fn headers_are_hidden_by_their_names() {
    let names = ["Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "X-Secret", "X-Auth-Token", "X-Session-Id"];
    let headers: Vec<_> = names.iter().map(|name| (*name, "abc")).chain([("X-Request-Id", "abc")]).collect();
    let exchange = exchanged(&answered("", &headers), &mut Seen::default());
    let hidden = exchange.outcome.unwrap().headers.into_iter().filter(|(_, value)| value == PLAIN);
    assert_eq!(hidden.map(|(name, _)| name).collect::<Vec<_>>(), names);
}

#[test]
fn a_word_is_hidden_where_it_is_sent_and_nowhere_else() {
    let redactor = Redactor { short: BTreeSet::from(["admin".to_owned()]), keys: Known::default(), ..redactor() };
    let mut exchange = answered(r#"{"role": "admin"}"#, &[]);
    exchange.request.headers = vec![("X-Who".into(), "admin".into())];
    let redacted = redactor.exchange_by(&exchange, &Names::default(), &Names::default(), &mut Seen::default());
    assert_eq!(redacted.request.headers[0].1, PLAIN);
    assert_eq!(redacted.outcome, exchange.outcome);
    for word in ["e", "admin", "Secret", "password", "Administrator"] {
        assert!(!is_searchable(word), "{word}");
    }
    assert!(is_searchable("Key/1+") && is_searchable("hunter2") && is_searchable("geheimnis"));
}

#[test]
fn hostile_texts_are_looked_through_in_bounds() {
    for part in
        ["<password>", "\"password\":[", "password:", "%25", "\\", "&#", "-----BEGIN PRIVATE KEY-----", "a:b@", "QUFB"]
    {
        let text = part.repeat(60_000 / part.len());
        let redacted = redactor().text(&text);
        assert!(redacted.len() <= 4 * text.len(), "{part}");
    }
}
