//! A deployment that asks for fewer requests is asked again, a little later and not often.

use std::time::Duration;

use crate::deployment::RequestSpec;
use crate::scenario::Expectation;
use crate::verdict::is_throttled;
use assay_suite::http::Exchange;
use assay_suite::source::Located;
use assay_suite::{Effect, StatusPattern};

/// So long is waited before a request is sent for the second and the third time, unless the answer says how long.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];
/// Whoever wants to be asked again later than this is not asked again.
const LONGEST: Duration = Duration::from_secs(10);

/// How often a request was sent again.
#[derive(Default)]
pub(super) struct Waits(usize);

impl Waits {
    /// How long to wait before a request is sent again; nothing if its answer is to be taken as it is. What may have been
    /// carried out is not repeated.
    pub fn before_next(
        &mut self,
        ask: &RequestSpec<'_>,
        expect: &[Located<Expectation>],
        exchange: &Exchange,
    ) -> Option<Duration> {
        let response = exchange.outcome.as_ref().ok()?;
        if !is_throttled(ask.suite, expect, response.status) {
            return None;
        }
        let matches = |pattern: &StatusPattern| pattern.matches(response.status);
        let says_so =
            StatusPattern::too_many_requests().matches(response.status) || ask.suite.throttled.iter().any(matches);
        let operation = ask.suite.operations.get(ask.operation);
        let reads = operation.is_none_or(|operation| operation.effect == Effect::Reads);
        let pause = *PAUSES.get(self.0).filter(|_| says_so || reads)?;
        let wanted = response.header("retry-after").and_then(|value| value.trim().parse().ok());
        let pause = wanted.map_or(pause, Duration::from_secs);
        self.0 += 1;
        (pause <= LONGEST).then_some(pause)
    }
}
