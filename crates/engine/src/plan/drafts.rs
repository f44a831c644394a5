//! Requests and fixtures that no scenario asks for: what a random walk is made of.

use std::sync::Arc;

use crate::deployment::Target;
use crate::scenario::{Bindings, CallOptions, Template};
use assay_suite::source::{Diagnostics, Located, Place, SourceFile};
use assay_suite::{Encoding, Operation, Suite};

use super::case::{Case, PlannedStep, Readiness};
use super::expand::{self, PlannedByFormat};
use super::fixtures::Completion;
use super::planner::Planner;
use super::{Library, arguments, needs};

/// Makes requests for a suite of a target, and the fixtures that they need.
pub struct Drafts<'a> {
    library: &'a Library,
    target: &'a Target,
    suite: &'a Arc<Suite>,
    given: Arc<Bindings>,
    conventions: Bindings,
    format: Encoding,
}

impl<'a> Drafts<'a> {
    /// For a suite that the target serves.
    pub fn new(library: &'a Library, target: &'a Target, suite: &'a Arc<Suite>) -> Self {
        Self {
            library,
            target,
            suite,
            given: Arc::new(super::given(target, suite)),
            conventions: expand::conventions(suite),
            format: suite.usual_format(),
        }
    }

    /// The documents.
    pub fn library(&self) -> &'a Library {
        self.library
    }

    /// The suite.
    pub fn suite(&self) -> &'a Arc<Suite> {
        self.suite
    }

    /// The format in which it is asked.
    pub fn format(&self) -> Encoding {
        self.format
    }

    /// How long a job may take.
    pub fn longest_job(&self) -> std::time::Duration {
        self.target.limits.longest_job
    }

    /// The values of the target's variables.
    pub fn given(&self) -> &Bindings {
        &self.given
    }

    /// The arguments of the plainest good request for an operation, with these optional parameters besides; none if one of them
    /// has no documented value.
    pub fn arguments(&self, operation: &Operation, optional: &[String]) -> Option<Vec<(String, Template)>> {
        let place = &operation.name.place;
        let add = optional.iter().map(|name| Located { value: Template::text(name), place: place.clone() }).collect();
        let options = CallOptions { add, ..CallOptions::default() };
        let wanted = arguments::Wanted {
            documented: Some(operation),
            options: &options,
            bindings: &self.conventions,
            complete: true,
        };
        arguments::arguments(&wanted).ok()
    }

    /// The steps of the fixtures that a step needs, where only these variables are known; none if one has no fixture.
    pub fn fixtures(&self, step: &PlannedStep, known: &Bindings) -> Option<Vec<Arc<PlannedStep>>> {
        let mut mistakes = Diagnostics::new();
        let mut planner = Planner {
            suite: self.suite,
            suites: &self.library.suites,
            fixtures: &self.library.written.fixtures,
            longest_job: self.target.limits.longest_job,
            bindings: &self.conventions,
            conventions: &self.conventions,
            allowed: &self.target.allow,
            format: self.format,
            jobs: Vec::new(),
            mistakes: &mut mistakes,
        };
        let mut planned = PlannedByFormat::new();
        let completion = Completion::new(&mut planner, planned.entry(self.format).or_default(), known);
        completion.complete_before(Vec::new(), std::slice::from_ref(step)).ok()
    }

    /// Whether the target allows these steps.
    pub fn readiness(&self, steps: &[Arc<PlannedStep>]) -> Readiness {
        needs::readiness(self.suite, self.target, steps)
    }

    /// A case whose steps are decided while it runs.
    pub fn case(&self, name: String, title: &str) -> Case {
        let title = Located { value: title.to_owned(), place: Place::start_of(&SourceFile::new("explore", "")) };
        Case {
            bindings: self.conventions.clone(),
            given: Arc::clone(&self.given),
            ..Case::bare(name, title, self.suite, self.format, self.target.limits.longest_job)
        }
    }
}
