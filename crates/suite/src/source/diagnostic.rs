//! Mistakes in documents, and the one way to show them.

use std::collections::HashMap;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::harmless;
use super::place::Place;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The document can't be used.
    Error,
    /// Something that a writer wants to know.
    Warning,
}

/// One mistake: what is wrong, where, and what to write instead.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where; a mistake of the whole (a missing file) has none.
    pub place: Option<Place>,
    /// What to write instead.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn error(place: &Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), place: Some(place.clone()), help: None }
    }

    /// A mistake that no place can be given for.
    pub fn error_anywhere(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), place: None, help: None }
    }

    /// A remark at a place.
    pub fn warning(place: &Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message) }
    }

    /// A remark that no place can be given for.
    pub fn warning_anywhere(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error_anywhere(message) }
    }

    /// The same, with what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same; what its document holds is not shown.
    #[must_use]
    pub fn kept_private(mut self) -> Self {
        if let Some(place) = &mut self.place {
            place.file = place.file.kept_private();
        }
        self
    }

    /// The diagnostic as a person reads it: message, `file:line:column`, the line itself with carets, help.
    pub fn render(&self, paint: Paint) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let (message, help) = (harmless::lines(&self.message), self.help.as_deref().map(harmless::lines));
        let title = level.primary_title(message.as_str());
        let mut report = vec![match &self.place {
            Some(place) if place.file.is_private() => {
                let (line, column) = (place.line as usize, place.column as usize);
                title.element(Origin::path(place.file.path.as_str()).line(line).char_column(column))
            }
            Some(place) => {
                let snippet = Snippet::source(place.file.text.as_str())
                    .line_start(place.first_line())
                    .path(place.file.path.as_str())
                    .annotation(AnnotationKind::Primary.span(place.bytes.clone()));
                title.element(snippet)
            }
            None => Group::with_title(title),
        }];
        if let Some(help) = &help {
            report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        let renderer = match paint {
            Paint::Plain => Renderer::plain(),
            Paint::Colour => Renderer::styled(),
        };
        renderer.render(&report)
    }
}

/// Whether text may carry terminal colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// For files and pipes.
    Plain,
    /// For terminals.
    Colour,
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// The mistakes found so far. Reading goes on after one, so that a writer sees all of them at once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No mistakes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// All of them, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// Whether any forbids the use of the documents.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The same mistake at the same place is reported once.
    #[must_use]
    pub fn without_repetition(self) -> Self {
        let mut seen = std::collections::BTreeSet::new();
        let key = |found: &Diagnostic| (found.message.clone(), found.place.as_ref().map(ToString::to_string));
        Self(self.0.into_iter().filter(|diagnostic| seen.insert(key(diagnostic))).collect())
    }

    /// The same mistake in many places is reported at the first of them, with the lines of some others.
    #[must_use]
    pub fn gathered(self) -> Self {
        const FEW: usize = 3;
        const SHOWN: usize = 5;
        let mut others: HashMap<String, Vec<String>> = HashMap::new();
        for found in &self.0 {
            let at = found.place.as_ref().map(|place| format!("{}:{}", place.file.path, place.line));
            others.entry(found.message.clone()).or_default().extend(at);
        }
        others.retain(|_, places| places.len() > FEW);
        let gathered = self.0.into_iter().filter_map(|mut found| {
            let Some(places) = others.get_mut(&found.message) else { return Some(found) };
            // Without its places it has been reported.
            let places = std::mem::take(places);
            let others = places.get(1..)?;
            let shown = others.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = others.len().checked_sub(SHOWN).filter(|more| *more > 0);
            let more = more.map(|more| format!(" and {more} more places")).unwrap_or_default();
            let also = format!("the same at {shown}{more}");
            found.help = Some(found.help.map_or_else(|| also.clone(), |help| format!("{help}\n{also}")));
            Some(found)
        });
        Self(gathered.collect())
    }

    /// Takes over what another reading found.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(other);
    }

    /// All of them as a person reads them, a blank line between two: the first hundred, and how many more there are.
    pub fn render(&self, paint: Paint) -> String {
        const SHOWN: usize = 100;
        let mut rendered: Vec<_> = self.0.iter().take(SHOWN).map(|diagnostic| diagnostic.render(paint)).collect();
        if let Some(more) = self.0.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            rendered.push(format!("... and {more} more"));
        }
        rendered.join("\n\n")
    }

    /// How many are errors, and how many are warnings, as a person reads it.
    pub fn count(&self) -> String {
        let errors = self.0.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        match (errors, self.0.len() - errors) {
            (0, 0) => "no mistakes".to_owned(),
            (errors, 0) => counted(errors, "mistake"),
            (0, warnings) => format!("no mistakes, {}", counted(warnings, "warning")),
            (errors, warnings) => format!("{}, {}", counted(errors, "mistake"), counted(warnings, "warning")),
        }
    }
}
