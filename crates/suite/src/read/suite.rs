//! Reads a suite from its files.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::name::OperationName;
use crate::operation::{Operation, OwnPaging};
use crate::profile::ConformanceProfile;
use crate::source::{Diagnostics, Node, SourceFile};
use crate::suite::Suite;

use super::{answers, conventions, deviations, operations, references, requirements, variables};

/// The files of a suite.
pub struct SuiteFiles<'a> {
    /// `suite.yaml`: the conventions.
    pub suite: &'a Arc<SourceFile>,
    /// `operations.yaml`.
    pub operations: &'a Arc<SourceFile>,
    /// `requirements.yaml`.
    pub requirements: &'a Arc<SourceFile>,
    /// `deviations/*.yaml`.
    pub deviations: Vec<&'a Arc<SourceFile>>,
    /// `variables.yaml`, if there is one.
    pub variables: Option<&'a Arc<SourceFile>>,
}

impl Suite {
    /// Reads a suite. Every mistake of its files is reported; with any error there is no suite.
    pub fn read(files: &SuiteFiles<'_>, mistakes: &mut Diagnostics) -> Option<Self> {
        let mut parse = |file| Node::parse(file).map_err(|mistake| mistakes.add(mistake)).ok();
        let (suite, operations, requirements) =
            (parse(files.suite), parse(files.operations), parse(files.requirements));
        let variables = files.variables.and_then(&mut parse);
        let deviations: Vec<_> = files.deviations.iter().filter_map(|file| parse(file)).collect();
        let mut found = Diagnostics::new();
        if let (Some(suite), Some(operations), Some(requirements)) = (&suite, &operations, &requirements) {
            references::check(suite, operations, requirements, &mut found);
            answers::check(suite, operations, &mut found);
            if let Some(variables) = &variables {
                references::check_variables(variables, operations, &mut found);
            }
            deviations.iter().for_each(|node| references::check_deviations(node, operations, requirements, &mut found));
        }
        let operations = operations.and_then(|node| operations::read(&node, &mut found));
        let written_profiles = requirements.as_ref().and_then(|node| node.field("profiles").cloned());
        let requirements = requirements.and_then(|node| requirements::read(&node, &mut found));
        let profiles = written_profiles.zip(requirements.as_ref());
        let profiles = profiles.map(|(node, known)| ConformanceProfile::read_all(&node, known, &mut found));
        let deviations = deviations.iter().flat_map(|node| deviations::read(node, &mut found)).collect();
        let variables = variables.map(|node| variables::read(&node, &mut found)).unwrap_or_default();
        let suite = suite.and_then(|node| conventions::read(&node, &mut found));
        let operations = operations.map(|operations| paged(operations, suite.as_ref()));
        let usable = !found.has_errors();
        mistakes.extend(found);
        suite.zip(operations).zip(requirements).filter(|_| usable).map(|((suite, operations), requirements)| Self {
            operations,
            requirements,
            profiles: profiles.unwrap_or(suite.profiles),
            deviations,
            variables,
            ..suite
        })
    }
}

type Operations = IndexMap<OperationName, Operation>;

/// Where at least half of the lists say themselves that they take the parameters of the suite's pages, those that don't have no pages.
fn paged(mut operations: Operations, suite: Option<&Suite>) -> Operations {
    let Some(paging) = suite.and_then(|suite| suite.paging.as_ref()) else { return operations };
    let takes = |operation: &Operation| operation.parameters.contains_key(paging.start.parameter());
    let (mut lists, mut taking) = (0, 0);
    for operation in operations.values().filter(|operation| operation.list.is_some()) {
        lists += 1;
        taking += usize::from(takes(operation));
    }
    if taking > 0 && 2 * taking >= lists {
        let without = operations.values_mut().filter(|operation| matches!(operation.paging, OwnPaging::AsSuite));
        without.filter(|operation| !takes(operation)).for_each(|operation| operation.paging = OwnPaging::None);
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::{Suite, SuiteFiles};
    use crate::source::{Diagnostics, SourceFile};

    /// The lists that have pages, of a suite with so many lists of which the first ones say that they take a page.
    fn paged(lists: usize, taking: usize) -> usize {
        let suite = "suite: s\ntitle: S\ndocument: {title: D}\nrequest: {style: query, operation_parameter: command}\n\
                     signing: cloudstack\nanswers: {formats: {json: {}}, envelope: a, refusals: [4xx]}\n\
                     paging: {page: page, size: size}\n";
        let list = |number| {
            let parameters = if number < taking { "page: {}, size: {}" } else { "" };
            format!(
                "  list{number}: {{group: G, source: s, effect: reads, list: {{items: all}}, parameters: {{{parameters}}}}}\n"
            )
        };
        let operations = format!("operations:\n{}", (0..lists).map(list).collect::<String>());
        let file = |path: &str, text: &str| SourceFile::new(path, text);
        let files = SuiteFiles {
            suite: &file("suite.yaml", suite),
            operations: &file("operations.yaml", &operations),
            requirements: &file("requirements.yaml", "requirements: {}\n"),
            variables: None,
            deviations: Vec::new(),
        };
        let mut mistakes = Diagnostics::new();
        let suite = Suite::read(&files, &mut mistakes).unwrap();
        suite.operations.values().filter(|operation| suite.paging_of(operation).is_some()).count()
    }

    #[test]
    fn where_lists_say_that_they_take_a_page_others_have_none() {
        assert_eq!(paged(3, 0), 3);
        assert_eq!(paged(3, 1), 3);
        assert_eq!(paged(3, 2), 2);
        assert_eq!(paged(2, 1), 1);
    }
}
