//! Whatever a file holds, reading it ends, with a value or with mistakes that can be shown.

use std::io::{BufReader, Read as _, Write as _};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use crate::fuzz::readers::READERS;
use crate::fuzz::seeds::{SCENARIO, TARGET, seeds};
use crate::support;
use assay_engine::deployment::{Target, decode};
use assay_engine::plan::Library;
use assay_engine::scenario::{self, Path, Written};
use assay_formats::record::{Record, RecordWriter, RecordedTarget};
use assay_formats::{EncodedHistogram, Histogram};
use assay_schema::Schemas;
use assay_suite::source::{Diagnostics, Documents, Node, Paint, SourceFile};
use assay_suite::{Encoding, Envelope};

use super::schemas::{validator, value, write_beginning, write_others};

const JSON: &str = r#"{"listresponse": {"count": 1, "virtualmachine": [{"id": "ü", "nic": []}]}}"#;
const XML: &str = "<?xml version='1.0'?><r a='b'><count>1</count><nic/><![CDATA[x]]><!-- --><t>&#228;&amp;</t></r>";

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(support::documents);

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::read(&DOCUMENTS, &mut Diagnostics::new()));

static RECORD: LazyLock<String> = LazyLock::new(|| {
    let written = support::Written::default();
    let record = RecordWriter::new(written.clone());
    let mut target = RecordedTarget {
        name: "staging".to_owned(),
        services: std::collections::BTreeMap::new(),
        allow: std::collections::BTreeSet::new(),
        variables: std::collections::BTreeMap::new(),
        certificates: assay_suite::http::Certificates::default(),
        longest_job: std::time::Duration::from_secs(600),
        server: None,
    };
    target.allow.insert(assay_suite::Effect::Reads);
    write_beginning(&record, &support::library(), target);
    write_others(&record);
    // In the first format lines have no checksum that would stop the reader early.
    let bare = String::from_utf8(written.bytes()).unwrap();
    let bare = bare.lines().map(|line| line.split(",\"crc32\":").next().unwrap().to_owned() + "}\n");
    bare.collect::<String>().replacen("\"format\":2", "\"format\":1", 1)
});

/// A change of a text: some bytes go, others come in their place.
#[derive(Clone, Debug)]
struct Mutation {
    at: prop::sample::Index,
    gone: usize,
    come: String,
}

/// Text as people mistype it, and text as no one would type it.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9:{}\\[\\],\\- \n\t\"'&*!|>%@#?$.()^~<=/]{0,60}",
        "\\PC{0,30}",
        Just("\u{feff}".to_owned()),
        Just("\0\r\u{85}\u{2028}".to_owned()),
        Just("99999999999999999999999999999999".to_owned()),
        Just("&a [*a, *a]".to_owned()),
    ]
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    let mutation = (any::<prop::sample::Index>(), 0usize..12, text());
    prop::collection::vec(mutation.prop_map(|(at, gone, come)| Mutation { at, gone, come }), 1..4)
}

/// The text with all mutations made; bytes that are no text any more are replaced.
fn mutated(text: &str, mutations: &[Mutation]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for mutation in mutations {
        let start = mutation.at.index(bytes.len() + 1);
        let end = (start + mutation.gone).min(bytes.len());
        bytes.splice(start..end, mutation.come.bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads the project's documents with one in another's place.
fn read_with(file: Arc<SourceFile>) {
    let mut documents = Documents::default();
    // The schemas of answers are many, and take long: those of one suite's common parts will do.
    for known in DOCUMENTS.iter().filter(|known| known.path.ends_with(".yaml") || known.path.contains("/common/")) {
        documents.insert(Arc::clone(known));
    }
    documents.insert(file);
    let mut mistakes = Diagnostics::new();
    Library::read(&documents, &mut mistakes);
    mistakes.render(Paint::Plain);
}

/// What a reader takes its schema takes too.
fn same_to_the_schema(name: &str, file: &Arc<SourceFile>, mistakes: &Diagnostics) {
    mistakes.render(Paint::Plain);
    if !mistakes.has_errors() {
        let value = value(file).unwrap();
        assert!(validator(name).is_valid(&value), "the schema refuses {}", file.text);
    }
}

fn read_target(text: String) {
    let file = SourceFile::new("target.yaml", text);
    let mut mistakes = Diagnostics::new();
    Target::read(&file, &|name| Some(format!("http://{name}")), &mut mistakes);
    same_to_the_schema("target", &file, &mistakes);
}

fn read_scenario(text: String) {
    let file = SourceFile::new("scenarios/common/scenario.yaml", text);
    let mut mistakes = Diagnostics::new();
    scenario::read(&file, None, &mut Written::default(), &mut mistakes);
    same_to_the_schema("scenario", &file, &mistakes);
}

fn decode_as(text: &str, encoding: Encoding) {
    // What is not an answer is refused; that it comes to an end is all that is asked here.
    let _ = decode(text, encoding, &Envelope::Named("x".into()), &SCHEMAS.shape("cloudn/listVirtualMachines.json"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_or_refused(text in prop::collection::vec(text(), 0..4)) {
        let file = SourceFile::new("any.yaml", text.concat());
        match Node::parse(&file) {
            Ok(node) => { node.to_json(); }
            Err(mistake) => { mistake.render(Paint::Plain); }
        }
    }

    #[test]
    fn any_target_is_read_or_refused(mutations in mutations()) {
        read_target(mutated(TARGET, &mutations));
    }

    #[test]
    fn any_scenario_is_read_or_refused(mutations in mutations()) {
        read_scenario(mutated(SCENARIO, &mutations));
    }

    #[test]
    fn any_record_is_read_or_refused(mutations in mutations()) {
        let _ = Record::read(BufReader::new(mutated(&RECORD, &mutations).as_bytes()));
    }

    #[test]
    fn any_path_is_compiled_or_refused(text in text(), mutations in mutations()) {
        let _ = Path::parse(&text);
        let _ = Path::parse(&mutated("$.${items}[?@.name == 'ROOT' && length(@.id) > 3]['a', 1:2]..*", &mutations));
    }

    #[test]
    fn any_body_is_decoded_or_refused(text in text(), mutations in mutations()) {
        for body in [text, mutated(JSON, &mutations), mutated(XML, &mutations)] {
            decode_as(&body, Encoding::Json);
            decode_as(&body, Encoding::Xml);
        }
    }
}

proptest! {
    // Each case goes as far as the program would, so there are fewer.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_reader_comes_to_an_end(reader in any::<prop::sample::Index>(), seed in any::<prop::sample::Index>(), mutations in mutations()) {
        let (name, read) = READERS[reader.index(READERS.len())];
        let seeds = seeds(name);
        let seed = String::from_utf8_lossy(&seeds[seed.index(seeds.len())]).into_owned();
        read(mutated(&seed, &mutations).as_bytes());
    }

    #[test]
    fn any_histogram_is_read_or_refused(mutations in mutations(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut histogram = Histogram::new();
        (1..200).for_each(|millis| histogram.record(Duration::from_millis(millis)));
        let encoded = histogram.encode().0;
        let _ = EncodedHistogram(mutated(&encoded, &mutations)).decode();
        // What is deflated in it is other than its reader expects.
        let mut inner = Vec::new();
        let whole = STANDARD.decode(&encoded).unwrap();
        ZlibDecoder::new(&whole[8..]).read_to_end(&mut inner).unwrap();
        let at = at.index(inner.len());
        inner[at] = byte;
        let _ = EncodedHistogram(deflated(&inner)).decode();
    }
}

/// A histogram as records have it, of bytes that may be none.
fn deflated(inner: &[u8]) -> String {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(inner).unwrap();
    let zlib = zlib.finish().unwrap();
    let length = u32::try_from(zlib.len()).unwrap().to_be_bytes();
    STANDARD.encode([&0x1c84_9314_u32.to_be_bytes(), &length[..], &zlib].concat())
}

/// Its reader would take that much memory at once.
#[test]
fn a_histogram_that_says_it_has_gigabytes_is_refused() {
    let inner = [&0x1c84_9313_u32.to_be_bytes()[..], &u32::MAX.to_be_bytes(), &[0; 32]].concat();
    let refused = EncodedHistogram(deflated(&inner)).decode().unwrap_err().to_string();
    assert!(refused.contains("longer than one of a load run"), "{refused}");
}

proptest! {
    // Each case reads all documents, so there are fewer.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_document_is_read_or_refused(which in any::<prop::sample::Index>(), mutations in mutations()) {
        let files: Vec<_> = DOCUMENTS.iter().filter(|file| !file.path.starts_with("schemas/cloudn/list")).collect();
        let file = files[which.index(files.len())];
        read_with(SourceFile::new(file.path.clone(), mutated(&file.text, &mutations)));
    }
}

#[test]
fn what_is_deep_or_grows_is_refused_in_time() {
    let references = (1..30).map(|n| format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}, *a{p}]\n", p = n - 1));
    let grows = format!("a0: &a0 x\n{}", references.collect::<String>());
    let deep = 20_000;
    let texts = [
        "[".repeat(deep),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        "? ".repeat(deep),
        format!("{}x{}", "[".repeat(deep), "]".repeat(deep)),
        (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        grows,
    ];
    for text in texts {
        let head: String = text.chars().take(20).collect();
        match Node::parse(&SourceFile::new("deep.yaml", text)) {
            Ok(_) => panic!("{head}... is taken"),
            Err(mistake) => assert!(mistake.render(Paint::Plain).contains("deep.yaml:"), "{head}..."),
        }
    }
}

#[test]
fn paths_that_end_within_an_escape_are_refused() {
    for path in [
        "$['\\",
        "$[\"\\u",
        "$[\"\\u00",
        "$[\"\\ud83d",
        "$[\"\\ud83d\\",
        "$[\"\\ud83d\\u",
        "$[\"\\ud83d\\ude0",
        "$['\\u004",
    ] {
        assert!(Path::parse(path).is_err(), "{path}");
    }
    for path in ["$['\\\\']", "$[\"\\u0041\"]", "$['\\'']"] {
        assert!(Path::parse(path).is_ok(), "{path}");
    }
}

#[test]
fn deep_paths_are_refused_in_time() {
    let deep = 20_000;
    let paths = [
        format!("$[?{}@.a{}]", "(".repeat(deep), ")".repeat(deep)),
        format!("$[?{}@.a]", "!".repeat(deep)),
        format!("${}", "[?@".repeat(deep)),
        format!("$[?{}@.a{} > 1]", "length(".repeat(deep), ")".repeat(deep)),
    ];
    for path in paths {
        let text = format!("scenario: x\nsteps:\n- {{call: listZones, save: {{zone: \"{path}\"}}}}\n");
        let mut mistakes = Diagnostics::new();
        let file = SourceFile::new("scenarios/cloudn/deep.yaml", text);
        scenario::read(&file, None, &mut Written::default(), &mut mistakes);
        assert!(mistakes.has_errors(), "{} is taken", &path[..20]);
    }
}
