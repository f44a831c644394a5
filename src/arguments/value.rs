//! Values that arguments take, and how they are read.

use clap::ValueEnum;

use assay_engine::verdict::Tolerance;
use assay_formats::record::load::Shard;

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// A duration with a unit.
pub(crate) fn duration(text: &str) -> Result<std::time::Duration, String> {
    let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok());
    parsed.ok_or_else(|| "write a number and a unit: 500ms, 30s, 10m".to_owned())
}

/// Reads `5%`.
pub(crate) fn tolerance(text: &str) -> Result<Tolerance, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    percent.and_then(|percent| Tolerance::new(percent / 100.0)).ok_or_else(|| "write a share in percent: 5%".to_owned())
}

/// Reads `1/3`.
pub(crate) fn shard(text: &str) -> Result<Shard, String> {
    let parsed = text.split_once('/').and_then(|(number, of)| Shard::new(number.parse().ok()?, of.parse().ok()?));
    parsed.ok_or_else(|| "write which part of how many this is: 1/3, 2/3, 3/3".to_owned())
}

/// The name of a suite is that of its folder, and is in the names of cases and requirements.
pub(crate) fn suite_name(text: &str) -> Result<String, String> {
    let fits = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    // The scenarios for every API are in a folder of this name.
    if !fits || text == "common" {
        return Err("write lower-case letters, digits and hyphens, a letter first, such as inventory".to_owned());
    }
    Ok(text.to_owned())
}
