//! What can be ordered: which template goes with which computing specification, as the table of March 29, 2013 has it.

/// The sizes of the four templates that come in more than the smallest.
const ALL_BUT_SMALLEST: &[&str] = &[
    "HC1.HIGH-L.LINUX",
    "HC1.HIGH-M.LINUX",
    "HC1.HIGH-XL.LINUX",
    "HC1.L.LINUX",
    "HC1.M.LINUX",
    "HC1.S.LINUX",
    "HC1.XL.LINUX",
];

/// Templates, with the specifications that each can be ordered in.
const ROWS: [(&str, &[&str]); 6] = [
    ("hi-olajtpss", &["HC1.M.LINUX", "HC1.S.LINUX"]),
    ("hi-qe4ug9ev", &["HC1.XS.LINUX"]),
    ("hi-llm5tbhp", ALL_BUT_SMALLEST),
    ("hi-qzs4ld5q", ALL_BUT_SMALLEST),
    ("hi-vsyl7rmx", &["HC1.XS.LINUX"]),
    ("hi-sll3leq7", ALL_BUT_SMALLEST),
];

/// The specifications from the smallest to the greatest.
const SIZES: [&str; 8] = [
    "HC1.XS.LINUX",
    "HC1.S.LINUX",
    "HC1.M.LINUX",
    "HC1.L.LINUX",
    "HC1.XL.LINUX",
    "HC1.HIGH-M.LINUX",
    "HC1.HIGH-L.LINUX",
    "HC1.HIGH-XL.LINUX",
];

/// Whether a pair is in one row of the table.
pub fn goes_with(template: &str, specification: &str) -> bool {
    ROWS.iter().any(|(known, specifications)| *known == template && specifications.contains(&specification))
}

/// Whether there is such a template.
pub fn is_template(template: &str) -> bool {
    ROWS.iter().any(|(known, _)| *known == template)
}

/// Which of the sizes a specification is; none if there is no such specification.
pub fn size(specification: &str) -> Option<usize> {
    SIZES.iter().position(|known| *known == specification)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_25_pairs() {
        let pairs = ROWS.iter().flat_map(|(template, _)| SIZES.iter().filter(|size| goes_with(template, size)));
        assert_eq!(pairs.count(), 25);
    }
}
