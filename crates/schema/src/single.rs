//! A schema that means itself, such as that of a parameter.

use jsonschema::Validator;
use serde_json::Value;

/// A schema that refers to no other document; it holds values to formats, too.
#[derive(Debug)]
pub struct SingleSchema(Validator);

impl SingleSchema {
    /// Compiles a schema; none where it is none, or refers to what it does not hold.
    pub fn new(schema: &Value) -> Option<Self> {
        jsonschema::options().should_validate_formats(true).build(schema).ok().map(Self)
    }

    /// Whether a value is as the schema says.
    pub fn accepts(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}
