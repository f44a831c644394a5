//! Chooses what is shown of an answer.

use serde_json::Value;

use assay_engine::scenario::Path;

use crate::{CliError, ExitCode};

/// What is shown: the items for which a condition holds, or what is at a path.
pub(super) struct Filter {
    path: Path,
    of: Of,
}

enum Of {
    Items,
    Whole,
}

impl Filter {
    /// Reads a path (RFC 9535), or the condition of its filter alone: `@.state == 'Running'`.
    pub fn parse(text: &str) -> Result<Self, CliError> {
        let (written, of) = match text.trim() {
            path if path.starts_with('$') => (path.to_owned(), Of::Whole),
            condition => (format!("$[?{condition}]"), Of::Items),
        };
        let path = Path::parse(&written).map_err(|error| {
            let message = format!(
                "error: --filter can't be read: {error}\nhelp: write a condition, such as \"@.state == 'Running'\", or a \
                 path, such as '$[*].id'"
            );
            CliError::new(ExitCode::Usage, message)
        })?;
        Ok(Self { path, of })
    }

    /// What of the items of a list, or of one object, it lets through.
    pub fn apply(&self, shown: Value) -> Value {
        let items = match (&self.of, shown) {
            (Of::Items, Value::Array(items)) => items.into(),
            (Of::Items, one) => vec![one].into(),
            (Of::Whole, shown) => shown,
        };
        self.path.select(&items).into_iter().cloned().collect::<Vec<_>>().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filtered(text: &str, shown: Value) -> Value {
        Filter::parse(text).unwrap().apply(shown)
    }

    #[test]
    fn a_condition_chooses_items_and_a_path_what_is_in_them() {
        let machines = json!([{"id": 1, "state": "Running"}, {"id": 2, "state": "Stopped"}]);
        assert_eq!(filtered("@.state == 'Running'", machines.clone()), json!([{"id": 1, "state": "Running"}]));
        assert_eq!(filtered("$[*].id", machines.clone()), json!([1, 2]));
        assert_eq!(filtered("@.id > 7", machines), json!([]));
        assert_eq!(filtered("@.id == 7", json!({"id": 7})), json!([{"id": 7}]));
        assert!(Filter::parse("state = 'Running'").is_err_and(|error| error.to_string().contains("--filter")));
    }
}
