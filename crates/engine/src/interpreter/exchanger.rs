//! Where exchanges come from.

use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::deployment::{RequestSpec, RequestSpecError};
use assay_formats::record::{Change, Obligation, Part};
use assay_suite::http::Exchange;

use super::evidence::Question;
use super::inventories::Inventories;

/// Where exchanges come from: a deployment, or a record.
pub trait Exchanger: Send {
    /// One request and what came of it. What a deployment answers may hold secrets: they are taken out where it is written.
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>>;

    /// Waits before asking again; a record need not be waited for.
    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Whether what decides a case is looked at once more before it counts. Under load each request is made once.
    fn looks_again(&self) -> bool {
        true
    }

    /// Notes what a case showed, so that no other case asks for it.
    fn shown(&mut self, _answers: &[Question]) {}

    /// Whether a case is to ask something that its verdict rests on: the first one is, if none showed it.
    fn wants(&mut self, _part: Part, _question: &Question) -> bool {
        false
    }

    /// Notes what is to be removed, or was, and what was there before.
    fn changed(&mut self, change: Change);

    /// Notes what could not be removed.
    fn left_over(&mut self, what: &str);

    /// Whether what can't be removed now is tried again when the run is over.
    fn later(&self) -> Later {
        Later::Never
    }

    /// Notes what can be removed later, when it is done with what it is at. Without a later, it is reported as left over.
    fn postponed(&mut self, postponed: Vec<Postponed>) {
        postponed.iter().for_each(|one| self.left_over(&one.what));
    }

    /// Notes what was removed, though nothing shows that it is gone.
    fn unproven(&mut self, what: &str);

    /// What was there before the run created anything.
    fn inventories(&self) -> &Inventories;

    /// One request of an inventory, which is of no case; none where a record takes the place of a deployment.
    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>>;
}

/// Whether there is a later for what can't be removed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// There is none.
    Never,
    /// It comes.
    Comes,
    /// It has come: the run is over.
    Now,
}

/// Something that can be removed once it is done with what it is at.
#[derive(Clone, Debug)]
pub struct Postponed {
    /// Its number among the case's obligations.
    pub number: u64,
    /// What it is.
    pub obligation: Obligation,
    /// The message if it stays.
    pub what: String,
}

/// Why there is no exchange.
#[derive(Debug, thiserror::Error)]
pub enum NoExchange {
    /// Somebody stopped the run.
    #[error("the run was interrupted")]
    Interrupted,
    /// Somebody stopped the run while the request was under way: whether it was carried out is not known.
    #[error("the run was interrupted while this request was under way")]
    GivenUp,
    /// The record ends here.
    #[error("the record ends before this step")]
    NotRecorded,
    /// The target can't be asked.
    #[error(transparent)]
    Request(#[from] RequestSpecError),
}
