//! Says before a run what it will create and can't remove.

use std::fmt::Write as _;

use crate::output::Sink;
use assay_engine::plan::{Certainty, Lasting};
use assay_suite::human;

/// Reports, if there is anything; `of` is what needs it: a case, or a profile.
pub(super) fn report(lasting: &[Lasting], of: &str) {
    let text = text(lasting, of);
    if !text.is_empty() {
        Sink::Err.write(text.as_bytes());
    }
}

fn text(lasting: &[Lasting], of: &str) -> String {
    let mut text = String::new();
    let heads = [
        (Certainty::Always, "note: this run creates or changes what it can't remove or set back:"),
        (Certainty::Perhaps, "note: this run creates what it may not be able to remove:"),
    ];
    for (certainty, head) in heads {
        let mut lines = lasting.iter().filter(|found| found.certainty == certainty).peekable();
        if lines.peek().is_some() {
            text.push_str(head);
            text.push('\n');
        }
        for Lasting { suite, operation, asked_by, why, .. } in lines {
            // Writing to a string can't fail.
            let asked_by = human::count_of(*asked_by, of, &format!("{of}s"));
            let _ = writeln!(text, "  {suite} {operation} ({asked_by}): {why}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_suite::{OperationName, SuiteName};

    #[test]
    fn what_stays_is_reported_with_the_reason() {
        let found = Lasting {
            suite: SuiteName("notes".to_owned()),
            operation: OperationName("addNote".to_owned()),
            asked_by: 3,
            why: "notes are for ever".to_owned(),
            certainty: Certainty::Always,
        };
        let expected = "note: this run creates or changes what it can't remove or set back:\n  notes addNote (3 cases): notes are for ever\n";
        assert_eq!(text(&[found], "case"), expected);
        assert_eq!(text(&[], "case"), "");
    }
}
