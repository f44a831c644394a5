//! Conformance profiles: sets of requirements that a deployment can be certified for.

use indexmap::IndexMap;

use crate::requirement::{Basis, Requirement, RequirementId};
use crate::source::{Diagnostic, Diagnostics, Node, Place, closest};

/// A set of requirements that a deployment can be certified for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConformanceProfile {
    /// What it is for, in a sentence.
    pub text: String,
    /// The bases of requirements that it takes in.
    pub bases: Vec<Basis>,
    /// The requirements that it takes in by their names.
    pub requirements: Vec<RequirementId>,
}

impl ConformanceProfile {
    /// Whether a requirement is part of it.
    pub fn includes(&self, requirement: &Requirement) -> bool {
        self.bases.contains(&requirement.basis) || self.requirements.contains(&requirement.id.value)
    }

    /// The profiles of a suite that names none.
    pub(crate) fn usual() -> IndexMap<String, Self> {
        let profile = |text: &str, bases: &[Basis]| Self {
            text: text.to_owned(),
            bases: bases.to_vec(),
            requirements: Vec::new(),
        };
        let core = profile("All that the document says.", &[Basis::Documented]);
        let extended = profile(
            "All that the document says, shows in an example, or implies.",
            &[Basis::Documented, Basis::Example, Basis::Inferred],
        );
        IndexMap::from([("core".to_owned(), core), ("extended".to_owned(), extended)])
    }

    /// Reads `profiles` of requirements.yaml.
    pub(crate) fn read_all(
        node: &Node,
        known: &IndexMap<RequirementId, Requirement>,
        mistakes: &mut Diagnostics,
    ) -> IndexMap<String, Self> {
        let entries = node.entries("`profiles`", mistakes).unwrap_or_default();
        let profiles = entries.iter().filter_map(|(name, node)| {
            let profile = read(node, mistakes)?;
            for (id, place) in &profile.named {
                check(id, place, known, mistakes);
            }
            let requirements = profile.named.into_iter().map(|(id, _)| id).collect();
            Some((name.value.clone(), Self { text: profile.text, bases: profile.bases, requirements }))
        });
        profiles.collect()
    }
}

/// A profile as it is written.
struct Written {
    text: String,
    bases: Vec<Basis>,
    named: Vec<(RequirementId, Place)>,
}

fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<Written> {
    let mut fields = node.fields("a profile", mistakes)?;
    let text = fields.need_text("text", mistakes);
    let bases = fields.take("basis").map(Node::one_or_many).unwrap_or_default();
    let bases: Vec<_> = bases.iter().filter_map(|node| node.choice("`basis`", &Basis::NAMES, mistakes)).collect();
    let named = fields.texts("requirements", mistakes);
    fields.finish(mistakes);
    if bases.is_empty() && named.is_empty() {
        let mistake = Diagnostic::error(&node.place, "this profile has no requirements");
        mistakes.add(mistake.help("write `basis: documented`, or `requirements: [...]`"));
    }
    let named = named.into_iter().map(|id| (RequirementId(id.value), id.place)).collect();
    Some(Written { text: text?.value, bases, named })
}

fn check(id: &RequirementId, place: &Place, known: &IndexMap<RequirementId, Requirement>, mistakes: &mut Diagnostics) {
    if known.contains_key(id) {
        return;
    }
    let mistake = Diagnostic::error(place, format!("unknown requirement `{id}`"));
    let near = closest(&id.0, known.keys().map(|id| id.0.as_str()));
    mistakes.add(match near {
        Some(near) => mistake.help(format!("did you mean `{near}`?")),
        None => mistake.help("name a requirement of this file"),
    });
}
