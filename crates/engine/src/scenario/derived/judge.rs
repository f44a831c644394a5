//! Whether values that were made up are what they are meant to be, by the schemas that they were made from.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::scenario::{Bindings, Template};
use assay_schema::SingleSchema;
use assay_suite::{Input, Variable};

/// Validators by the schemas that they are of.
#[derive(Default)]
pub(super) struct Judge(RefCell<HashMap<*const Value, Option<Rc<SingleSchema>>>>);

impl Judge {
    /// Whether a value is good; nothing where that can't be said.
    pub fn is_good(&self, input: &Input, value: &Template) -> Option<bool> {
        let validator = self.validator(&input.schema)?;
        Some(stand_ins(value).iter().any(|value| validator.accepts(value)))
    }

    fn validator(&self, schema: &Value) -> Option<Rc<SingleSchema>> {
        let mut known = self.0.borrow_mut();
        known.entry(std::ptr::from_ref(schema)).or_insert_with(|| SingleSchema::new(schema).map(Rc::new)).clone()
    }
}

/// A value with something in place of its variables: what an answer gives may be of several types.
fn stand_ins(value: &Template) -> Vec<Value> {
    let variables: Vec<_> = value.variables().into_iter().cloned().collect();
    let of_answers = [json!(1), json!("assay"), json!("3f2504e0-4f89-41d3-9a0c-0305e82c3301")];
    let bound = of_answers.into_iter().filter_map(|stand_in| {
        let mut bindings: Bindings = variables.iter().map(|name| (name.clone(), stand_in.clone())).collect();
        bindings.insert(Variable::unique(), json!("0123456789ab"));
        value.resolve(&bindings).ok()
    });
    bound.collect()
}
