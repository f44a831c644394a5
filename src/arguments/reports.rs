//! The kinds of report, as the command line names them.

use std::path::PathBuf;

/// A report and where it goes.
#[derive(Clone, Debug)]
pub struct ReportWanted {
    /// The kind of report.
    pub format: ReportFormat,
    /// The file; `-` for the terminal.
    pub path: PathBuf,
}

/// The kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// A page for people.
    Html,
    /// For CI.
    Junit,
    /// For programs.
    Json,
    /// For a CI job's summary.
    Markdown,
    /// Annotations of GitHub Actions.
    Github,
    /// SARIF 2.1.0: for code scanning.
    Sarif,
    /// The Common Test Report Format.
    Ctrf,
    /// GitLab's code quality.
    Gitlab,
    /// The histograms of a load run, for other programs that read `HdrHistogram`'s logs.
    Histograms,
}

impl ReportFormat {
    /// All formats, with their names.
    pub const NAMES: [(&'static str, Self); 9] = [
        ("html", Self::Html),
        ("junit", Self::Junit),
        ("json", Self::Json),
        ("markdown", Self::Markdown),
        ("github", Self::Github),
        ("sarif", Self::Sarif),
        ("ctrf", Self::Ctrf),
        ("gitlab", Self::Gitlab),
        ("histograms", Self::Histograms),
    ];
}

impl std::str::FromStr for ReportWanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name, Some(path)),
            None => (text, None),
        };
        let known = ReportFormat::NAMES.iter().find(|(known, _)| *known == name);
        let (_, format) = known.ok_or_else(|| {
            let names: Vec<_> = ReportFormat::NAMES.iter().map(|(name, _)| *name).collect();
            format!("there is no report `{name}`: {}", names.join(", "))
        })?;
        // GitHub reads annotations from what a step prints.
        let printed = (*format == ReportFormat::Github).then_some("-");
        let path = path.or(printed).ok_or("write FORMAT=PATH, such as markdown=summary.md")?;
        Ok(Self { format: *format, path: path.into() })
    }
}
