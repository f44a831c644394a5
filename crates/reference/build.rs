//! Names in the data that code refers to become names in the code: one that is misspelt or gone does not compile.

use std::fs;
use std::path::Path;

/// A list of names in the data, and what becomes of each.
struct Names {
    file: &'static str,
    /// The spaces before a name; what follows its colon is its description.
    indent: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=data");
    let out = std::env::var("OUT_DIR")?;
    let faults = Names { file: "data/faults.yaml", indent: 4 };
    fs::write(Path::new(&out).join("faults.rs"), enumeration(&faults.read()?))?;
    fs::write(Path::new(&out).join("kinds.rs"), kinds(&fs::read_to_string("data/cloudstack/kinds.yaml")?))?;
    Ok(())
}

impl Names {
    /// The names with their descriptions. Whether the file is as it should be is for its reader to say.
    fn read(&self) -> std::io::Result<Vec<(String, String)>> {
        println!("cargo:rerun-if-changed={}", self.file);
        let text = fs::read_to_string(self.file)?;
        let named = text.lines().filter_map(|line| {
            let rest = line.get(self.indent..)?;
            let is_name = line[..self.indent].trim().is_empty() && rest.starts_with(|c: char| c.is_ascii_lowercase());
            let (name, description) = rest.split_once(':').filter(|_| is_name)?;
            Some((name.to_owned(), description.trim().to_owned()))
        });
        Ok(named.collect())
    }
}

/// The faults as an enumeration, in the order of the file.
fn enumeration(names: &[(String, String)]) -> String {
    let variants = names.iter().map(|(name, text)| format!("#[doc = {text:?}]\n    {},\n", camel_case(name)));
    let all = names.iter().map(|(name, _)| format!("Fault::{}, ", camel_case(name)));
    let written = names.iter().map(|(name, _)| format!("{name:?}, "));
    format!(
        "/// A promise that the cloud breaks on purpose.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n\
         pub enum Fault {{\n{}}}\n\
         const ALL: &[Fault] = &[{}];\n\
         const NAMES: &[&str] = &[{}];\n",
        variants.collect::<String>(),
        all.collect::<String>(),
        written.collect::<String>(),
    )
}

/// The kinds as constants. What nothing is said of is shown under its key.
fn kinds(text: &str) -> String {
    let mut kinds: Vec<(&str, &str, &str)> = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match (indent, line.trim().split_once(':'), kinds.last_mut()) {
            (2, Some((key, "")), _) if !key.starts_with('#') => kinds.push((key, key, "")),
            (4, Some(("shown", shown)), Some(kind)) => kind.1 = shown.trim(),
            (4, Some(("about", about)), Some(kind)) => kind.2 = about.trim(),
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

fn camel_case(name: &str) -> String {
    let parts = name.split('-').map(|part| part[..1].to_uppercase() + &part[1..]);
    parts.collect()
}
