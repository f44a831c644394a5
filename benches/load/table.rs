//! Tables in Markdown: what was measured, the bound, the ratio, and yes or no.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::failure::Failure;

/// What came of a bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All bounds are kept.
    Kept,
    /// One is not.
    Missed,
}

/// A page of tables that grows.
#[derive(Debug)]
pub struct Page {
    text: String,
    missed: u32,
}

impl Page {
    /// A page with a title.
    pub fn new(title: &str) -> Self {
        Self { text: format!("# {title}\n"), missed: 0 }
    }

    /// A paragraph.
    pub fn say(&mut self, sentence: &str) {
        self.text.push_str(&format!("\n{sentence}\n"));
    }

    /// A table.
    pub fn table(&mut self, title: &str, columns: &[&str], rows: &[Vec<String>]) {
        let ruler = vec!["---"; columns.len()];
        self.text.push_str(&format!("\n## {title}\n\n| {} |\n| {} |\n", columns.join(" | "), ruler.join(" | ")));
        rows.iter().for_each(|row| self.text.push_str(&format!("| {} |\n", row.join(" | "))));
    }

    /// A table of what was measured against its bounds.
    pub fn bounds(&mut self, bounds: &[Bound]) {
        let rows: Vec<_> = bounds.iter().map(Bound::row).collect();
        self.missed += bounds.iter().map(|bound| u32::from(!bound.is_kept())).sum::<u32>();
        self.table("Bounds", &["what", "measured", "bound", "measured / bound", "kept"], &rows);
    }

    /// Prints it, writes it into a file, and says what came of it.
    pub fn finish(self, file: &Path) -> Result<Verdict, Failure> {
        println!("{}", self.text);
        fs::write(file, &self.text).map_err(Failure::file(file))?;
        Ok(if self.missed == 0 { Verdict::Kept } else { Verdict::Missed })
    }
}

/// Something that was measured, and what it may be.
#[derive(Clone, Debug)]
pub struct Bound {
    what: String,
    measured: f64,
    limit: Limit,
    unit: &'static str,
}

/// What a measured value may be.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

impl Bound {
    /// A bound, in a unit that is written behind the numbers.
    pub fn new(what: impl Into<String>, measured: f64, limit: Limit, unit: &'static str) -> Self {
        Self { what: what.into(), measured, limit, unit }
    }

    /// Times of the first may be at most those of the second.
    pub fn at_most(what: impl Into<String>, measured: Option<Duration>, limit: Duration) -> Self {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1e3;
        // What was not measured keeps no bound.
        Self::new(what, measured.map_or(f64::INFINITY, milliseconds), Limit::AtMost(milliseconds(limit)), "ms")
    }

    fn is_kept(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.measured <= limit,
            Limit::AtLeast(limit) => self.measured >= limit,
        }
    }

    fn row(&self) -> Vec<String> {
        let (word, limit) = match self.limit {
            Limit::AtMost(limit) => ("at most", limit),
            Limit::AtLeast(limit) => ("at least", limit),
        };
        let number = |value: f64| format!("{} {}", significant(value), self.unit).trim_end().to_owned();
        vec![
            self.what.clone(),
            number(self.measured),
            format!("{word} {}", number(limit)),
            if limit == 0.0 { "-".to_owned() } else { format!("{:.2}", self.measured / limit) },
            if self.is_kept() { "yes" } else { "**no**" }.to_owned(),
        ]
    }
}

/// A number to three places, or whole if it is great.
fn significant(value: f64) -> String {
    if value.abs() < 1000.0 { format!("{value:.3}") } else { format!("{value:.0}") }
}

/// A duration in milliseconds; a dash where it is not known.
pub fn milliseconds(duration: Option<Duration>) -> String {
    duration.map_or_else(|| "-".to_owned(), |duration| format!("{:.3}", duration.as_secs_f64() * 1e3))
}

/// The middle one of what was measured several times.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
