//! Secrets that a case received and that may not be kept: taken out of its exchanges and texts as they are written.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::deployment::{Redactor, RequestSpec, Seen};
use assay_formats::record::{Change, Obligation, ObligationKind};
use assay_suite::http::Exchange;

/// Takes secrets out of what is written of one case: those of the target, and those that the case received. Clones share what
/// received.
#[derive(Clone, Debug)]
pub struct CaseSecrets {
    redactor: Arc<Redactor>,
    seen: Arc<Mutex<Seen>>,
}

impl CaseSecrets {
    /// Of a case that received none yet.
    pub fn new(redactor: &Arc<Redactor>) -> Self {
        Self { redactor: Arc::clone(redactor), seen: Arc::default() }
    }

    /// What takes the secrets of the target out.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// An exchange as it may be written.
    pub fn exchange(&self, exchange: &Exchange, ask: &RequestSpec<'_>) -> Exchange {
        self.redactor.exchange(exchange, ask.suite, ask.operation, &mut self.seen())
    }

    /// A text that an answer went into, as it may be written.
    pub fn text(&self, text: &str) -> String {
        self.redactor.text_of(text, &self.seen())
    }

    /// A text that no field of an answer went into, as it may be written.
    pub fn words(&self, text: &str) -> String {
        self.redactor.words_of(text, &self.seen())
    }

    /// A case's obligation, as it may be written.
    pub fn change(&self, change: Change) -> Change {
        let Change::ObligationOpened { number, obligation } = change else { return change };
        let kind = match obligation.kind {
            ObligationKind::Thing { call, arguments, origin } => {
                let named: Map<_, _> = arguments.iter().cloned().collect();
                let hidden = self.value(&Value::Object(named));
                let hide = |(name, value): (String, Value)| {
                    let value = if hidden.get(&name) == Some(&value) { value } else { hidden[&name].clone() };
                    (name, value)
                };
                ObligationKind::Thing { call, arguments: arguments.into_iter().map(hide).collect(), origin }
            }
            ObligationKind::Lookup { of, answer, origin } => {
                ObligationKind::Lookup { of, answer: self.value(&answer), origin }
            }
            kind => kind,
        };
        Change::ObligationOpened { number, obligation: Obligation { kind, ..obligation } }
    }

    fn value(&self, value: &Value) -> Value {
        serde_json::from_str(&self.text(&value.to_string())).unwrap_or_default()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
