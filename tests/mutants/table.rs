//! What is known of survivors, and what the mutants of a run came to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use assay_suite::fits;
use assay_suite::source::{Diagnostics, Node, SourceFile};

use super::mutant::Mutant;
use super::operator::Operator;
use super::trial::Came;

/// Why some mutants are not found, from `tests/mutants.yaml`.
pub struct Known {
    /// What they break is not promised after all.
    not_promised: Vec<Row>,
    /// What they break is promised, and not looked at.
    missed: Vec<Row>,
}

/// Mutants, by patterns in which `*` means anything, and what is to be said of them.
struct Row {
    patterns: Vec<String>,
    because: String,
}

impl Row {
    fn speaks_of(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| fits(pattern, name))
    }
}

impl Known {
    pub fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mutants.yaml");
        let file = SourceFile::new("tests/mutants.yaml", std::fs::read_to_string(path).unwrap());
        let mut mistakes = Diagnostics::new();
        let node =
            Node::parse(&file).unwrap_or_else(|found| panic!("{}", found.render(assay_suite::source::Paint::Plain)));
        let mut fields = node.fields("the table", &mut mistakes).unwrap();
        let mut rows = |name| {
            let node = fields.need(name, &mut mistakes).unwrap();
            let rows = node.list("rows", &mut mistakes).unwrap().iter();
            rows.map(|row| row_of(row, &mut mistakes)).collect::<Vec<_>>()
        };
        let known = Self { not_promised: rows("not_promised"), missed: rows("missed") };
        fields.finish(&mut mistakes);
        assert!(!mistakes.has_errors(), "{}", mistakes.render(assay_suite::source::Paint::Plain));
        known
    }

    /// Why what a mutant breaks is not promised.
    fn not_promised(&self, name: &str) -> Option<&str> {
        self.not_promised.iter().find(|row| row.speaks_of(name)).map(|row| row.because.as_str())
    }

    fn missed(&self, name: &str) -> Option<&str> {
        self.missed.iter().find(|row| row.speaks_of(name)).map(|row| row.because.as_str())
    }

    /// The patterns that are about no mutant.
    pub fn stale<'a>(&'a self, names: &[String]) -> Vec<&'a str> {
        let rows = self.not_promised.iter().chain(&self.missed);
        let patterns = rows.flat_map(|row| &row.patterns).map(String::as_str);
        patterns.filter(|pattern| !names.iter().any(|name| fits(pattern, name))).collect()
    }
}

fn row_of(node: &Node, mistakes: &mut Diagnostics) -> Row {
    let mut fields = node.fields("a row", mistakes).unwrap();
    let patterns = fields.texts("mutants", mistakes).into_iter().map(|pattern| pattern.value).collect();
    let because = fields.need_text("because", mistakes).unwrap().value;
    fields.finish(mistakes);
    Row { patterns, because }
}

/// How many mutants came to what.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    killed: usize,
    survived: usize,
    undecided: usize,
    /// They survived, and what they break is not promised.
    excused: usize,
    not_applicable: usize,
}

impl Tally {
    fn breaking(self) -> usize {
        self.killed + self.survived + self.undecided
    }
}

/// What the mutants of a run came to.
pub struct Results<'a> {
    known: &'a Known,
    tallies: BTreeMap<(Operator, String), Tally>,
    survivors: Vec<(String, Came)>,
    false_alarms: Vec<String>,
    harmless: usize,
}

impl<'a> Results<'a> {
    pub fn new(known: &'a Known) -> Self {
        let (tallies, survivors, false_alarms) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { known, tallies, survivors, false_alarms, harmless: 0 }
    }

    pub fn add(&mut self, mutant: &Mutant, came: &Came) {
        let name = mutant.to_string();
        if mutant.operator.is_harmless() {
            match came {
                Came::Survived => self.harmless += 1,
                Came::NotApplicable => {}
                Came::Killed(said) | Came::Undecided(said) => self.false_alarms.push(format!("{name}: {said}")),
            }
            return;
        }
        let tally = self.tallies.entry((mutant.operator, mutant.suite.name.value.0.clone())).or_default();
        match came {
            Came::Killed(_) => tally.killed += 1,
            Came::NotApplicable => tally.not_applicable += 1,
            Came::Survived | Came::Undecided(_) if self.known.not_promised(&name).is_some() => tally.excused += 1,
            Came::Survived => tally.survived += 1,
            Came::Undecided(_) => tally.undecided += 1,
        }
        if matches!(came, Came::Survived | Came::Undecided(_)) {
            self.survivors.push((name, came.clone()));
        }
    }

    fn total(&self) -> Tally {
        self.tallies.values().fold(Tally::default(), |sum, tally| Tally {
            killed: sum.killed + tally.killed,
            survived: sum.survived + tally.survived,
            undecided: sum.undecided + tally.undecided,
            excused: sum.excused + tally.excused,
            not_applicable: sum.not_applicable + tally.not_applicable,
        })
    }

    /// How many of a hundred mutants that break a promise are found.
    pub fn found_percent(&self) -> f64 {
        let total = self.total();
        #[allow(clippy::cast_precision_loss, reason = "mutants are counted in thousands")]
        let share = total.killed as f64 / total.breaking().max(1) as f64;
        share * 100.0
    }

    /// What was reported though no promise was broken.
    pub fn false_alarms(&self) -> &[String] {
        &self.false_alarms
    }

    /// Survivors that the table says nothing of.
    pub fn unexplained(&self) -> Vec<String> {
        let unknown = |name: &str| self.known.not_promised(name).or(self.known.missed(name)).is_none();
        let unknown = self.survivors.iter().filter(|(name, _)| unknown(name));
        unknown.map(|(name, came)| format!("{name}: {came:?}")).collect()
    }

    /// As Markdown: mutants by operator and suite, and each reason why some survive.
    pub fn markdown(&self, suites: &[String]) -> String {
        let mut text = String::from("| operator |");
        suites.iter().for_each(|suite| write!(text, " {suite} |").unwrap());
        text.push_str(" mutants | killed | survived | undecided | not promised | not applicable |\n|---|");
        text.push_str(&"--:|".repeat(suites.len() + 6));
        text.push('\n');
        for (name, operator) in Operator::NAMES.iter().filter(|(_, operator)| !operator.is_harmless()) {
            let of = |suite: &String| self.tallies.get(&(*operator, suite.clone())).copied().unwrap_or_default();
            let sums: Vec<_> = suites.iter().map(of).collect();
            write!(text, "| {name} |").unwrap();
            for tally in &sums {
                match tally.breaking() {
                    0 => text.push_str("  |"),
                    breaking => write!(text, " {}/{breaking} |", tally.killed).unwrap(),
                }
            }
            let sum = |of: fn(&Tally) -> usize| sums.iter().map(of).sum::<usize>();
            let breaking = sum(|tally| tally.breaking());
            write!(text, " {breaking} | {} | {} |", sum(|tally| tally.killed), sum(|tally| tally.survived)).unwrap();
            write!(text, " {} | {} |", sum(|tally| tally.undecided), sum(|tally| tally.excused)).unwrap();
            writeln!(text, " {} |", sum(|tally| tally.not_applicable)).unwrap();
        }
        let total = self.total();
        writeln!(
            text,
            "\n{} mutants break a promise; {} ({:.1} %) are killed, {} survive, {} are undecided. {} more survive whose promise \
             no document makes; {} changed no answer. {} harmless ones changed answers, {} of them were reported.",
            total.breaking(),
            total.killed,
            self.found_percent(),
            total.survived,
            total.undecided,
            total.excused,
            total.not_applicable,
            self.harmless,
            self.false_alarms.len(),
        )
        .unwrap();
        self.reasons(&mut text);
        text
    }

    fn reasons(&self, text: &mut String) {
        for (heading, rows) in [("not promised", &self.known.not_promised), ("missed", &self.known.missed)] {
            writeln!(text, "\n| {heading}: because | survivors |\n|---|--:|").unwrap();
            for row in rows {
                let survivors = self.survivors.iter().filter(|(name, _)| row.speaks_of(name)).count();
                writeln!(text, "| {} | {survivors} |", row.because).unwrap();
            }
        }
    }
}
