//! Names in the data that code refers to become names in the code: one that is misspelt or gone does not compile.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// A line `key: value` of a document, with its indentation.
struct Line {
    indent: usize,
    key: String,
    value: String,
}

/// An enumeration: its name, what it is for, and its variants with what they mean.
#[derive(Default)]
struct Enumeration {
    key: String,
    about: String,
    variants: Vec<(String, String)>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=data");
    let out = std::env::var("OUT_DIR")?;
    let write = |name: &str, text: String| fs::write(Path::new(&out).join(name), text);
    write("faults.rs", faults(&lines(&fs::read_to_string("data/faults.yaml")?)))?;
    let (commands, kinds_text) =
        (fs::read_to_string("data/cloudstack/commands.yaml")?, fs::read_to_string("data/cloudstack/kinds.yaml")?);
    write("kinds.rs", kinds(&lines(&kinds_text)))?;
    write("behaviours.rs", behaviours(&commands, &kinds_text))?;
    write("reasons.rs", reasons(&lines(&fs::read_to_string("data/reasons.yaml")?)))?;
    write("policy.rs", policy(&enumerations(&lines(&fs::read_to_string("data/policy.yaml")?), 2)))?;
    Ok(())
}

/// The lines that have a key. Whether a document is as it should be is for its reader to say.
fn lines(text: &str) -> Vec<Line> {
    let keyed = text.lines().filter_map(|line| {
        let (key, value) = line.trim().split_once(':').filter(|(key, _)| !key.starts_with(['#', '-']))?;
        let plain = |text: &'_ str| text.trim().trim_matches('"').to_owned();
        Some(Line { indent: line.len() - line.trim_start().len(), key: plain(key), value: plain(value) })
    });
    keyed.collect()
}

/// The enumerations whose names have this indentation. What `about` says is about the enumeration itself.
fn enumerations(lines: &[Line], indent: usize) -> Vec<Enumeration> {
    let mut found: Vec<Enumeration> = Vec::new();
    for line in lines {
        match found.last_mut() {
            _ if line.indent == indent && line.value.is_empty() => {
                found.push(Enumeration { key: line.key.clone(), ..Enumeration::default() });
            }
            Some(last) if line.indent == indent + 2 && line.key == "about" => last.about.clone_from(&line.value),
            Some(last) if line.indent == indent + 2 => last.variants.push((line.key.clone(), line.value.clone())),
            _ => {}
        }
    }
    found
}

/// An enumeration whose variants documents name.
fn enumeration(name: &str, about: &str, derives: &str, variants: &[(String, String)]) -> String {
    let mut text =
        format!("#[doc = {about:?}]\n#[derive(Clone, Copy, Debug, PartialEq, Eq{derives})]\npub enum {name} {{\n");
    for (number, (key, about)) in variants.iter().enumerate() {
        let default = if number == 0 && derives.contains("Default") { "#[default] " } else { "" };
        let named = if derives.contains("serde") { format!("#[serde(rename = {key:?})] ") } else { String::new() };
        let _ = writeln!(text, "    #[doc = {about:?}]\n    {named}{default}{},", camel_case(key));
    }
    text + "}\n"
}

/// The faults, in the order of the file.
fn faults(lines: &[Line]) -> String {
    let named = lines.iter().filter(|line| line.indent == 4);
    let variants: Vec<_> = named.map(|line| (line.key.clone(), line.value.clone())).collect();
    let derives = ", PartialOrd, Ord, Hash, serde::Deserialize";
    let all = variants.iter().map(|(name, _)| format!("Fault::{}, ", camel_case(name)));
    let names = variants.iter().map(|(name, _)| format!("{name:?}, "));
    enumeration("Fault", "A promise that the cloud breaks on purpose.", derives, &variants)
        + &format!("const ALL: &[Fault] = &[{}];\n", all.collect::<String>())
        + &format!("const NAMES: &[&str] = &[{}];\n", names.collect::<String>())
}

/// The kinds as constants. What nothing is said of is shown under its key.
fn kinds(lines: &[Line]) -> String {
    let mut kinds: Vec<(&str, &str, &str)> = Vec::new();
    for line in lines {
        match (line.indent, line.key.as_str(), kinds.last_mut()) {
            (2, key, _) if line.value.is_empty() => kinds.push((key, key, "")),
            (4, "shown", Some(kind)) => kind.1 = &line.value,
            (4, "about", Some(kind)) => kind.2 = &line.value,
            _ => {}
        }
    }
    let constant = |key: &str| key.replace('-', "_").to_uppercase();
    let allowed = r#"#[allow(dead_code, reason = "most are only in the data")]"#;
    let constants = kinds.iter().map(|(key, shown, about)| {
        format!(
            "#[doc = {about:?}]\n{allowed}\npub const {}: Kind = Kind {{ key: {key:?}, shown: {shown:?} }};\n",
            constant(key)
        )
    });
    let all = kinds.iter().map(|(key, ..)| constant(key) + ", ").collect::<String>();
    constants.collect::<String>() + &format!("const KINDS: &[Kind] = &[{all}];\n")
}

/// The behaviours that documents refer to, by what they are for.
fn behaviours(commands: &str, kinds: &str) -> String {
    let mut sorts = [
        ("Handler", "What a command of its own does.", BTreeSet::new()),
        ("Related", "What of something else is listed.", BTreeSet::new()),
        ("Guard", "What is looked at before something is done.", BTreeSet::new()),
        ("Adjust", "What is made of a new resource before it is added.", BTreeSet::new()),
        ("Then", "What follows when a resource has been changed.", BTreeSet::new()),
        ("Derive", "What a new resource is made from besides the parameters.", BTreeSet::new()),
        ("Worked", "What a field holds that is worked out of the request.", BTreeSet::new()),
    ];
    let in_commands = commands.lines().flat_map(|line| {
        let does = match line.trim_start() {
            check if check.starts_with("- ") => 2,
            _ if line.contains("{list: ") => 1,
            _ => 0,
        };
        [(does, line, "does: "), (3, line, "adjust: "), (4, line, "then: "), (5, line, "derives: ")]
    });
    for (sort, line, key) in in_commands.chain(kinds.lines().map(|line| (6, line, "does: "))) {
        let Some((_, written)) = line.split_once(key).filter(|_| !line.trim_start().starts_with('#')) else { continue };
        let names = match written.strip_prefix('[') {
            Some(list) => list.split([']']).next(),
            None => written.split([',', '}']).next(),
        };
        sorts[sort].2.extend(names.unwrap_or_default().split(',').map(|name| name.trim().to_owned()));
    }
    let of_sort = |(name, about, keys): &(&str, &str, BTreeSet<String>)| {
        let variants: Vec<_> = keys.iter().map(|key| (key.clone(), format!("`{key}`."))).collect();
        let named = keys.iter().map(|key| format!("({key:?}, Self::{}), ", camel_case(key))).collect::<String>();
        enumeration(name, about, "", &variants)
            + &format!(
                "impl {name} {{\n    /// All, by their names.\n    pub const NAMES: &[(&'static str, Self)] = &[{named}];\n}}\n"
            )
    };
    sorts.iter().map(of_sort).collect()
}

/// The reasons for which requests are refused.
fn reasons(lines: &[Line]) -> String {
    let mut variants: Vec<(String, String)> = Vec::new();
    for line in lines {
        match (line.indent, line.key.as_str(), variants.last_mut()) {
            (0, key, _) => variants.push((key.to_owned(), String::new())),
            (2, "about", Some(reason)) => reason.1.clone_from(&line.value),
            _ => {}
        }
    }
    let about = "Why a request is refused, for programs.";
    enumeration("Reason", about, ", PartialOrd, Ord, Hash, serde::Deserialize", &variants)
}

/// Every question that servers answer differently: an enumeration each, and a field of `Policy`. The first answer is the default.
fn policy(questions: &[Enumeration]) -> String {
    let questions: Vec<_> = questions.iter().filter(|question| !question.about.is_empty()).collect();
    let answers = questions.iter().map(|question| {
        enumeration(&camel_case(&question.key), &question.about, ", Default, serde::Deserialize", &question.variants)
    });
    let fields = questions.iter().map(|question| {
        format!("    #[doc = {:?}]\n    pub {}: {},\n", question.about, question.key, camel_case(&question.key))
    });
    let (answers, fields) = (answers.collect::<String>(), fields.collect::<String>());
    format!(
        "{answers}/// What a server answers to every question.\n\
         #[derive(Clone, Debug, Default, serde::Deserialize)]\n\
         #[serde(default, deny_unknown_fields)]\n\
         pub struct Policy {{\n{fields}}}\n"
    )
}

fn camel_case(name: &str) -> String {
    let parts = name.split(['-', '_']).filter(|part| !part.is_empty());
    parts.map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}
