//! What users are brought for, and how they report.

use std::slice;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::interpreter::{Session, SessionError};
use crate::load::collector::{Gathered, StopSignal};
use crate::plan::{PlannedAction, PlannedCall, PlannedProfile, PlannedStep, PlannedUsers};
use crate::scenario::Bindings;
use assay_formats::record::Change;
use assay_formats::record::load::Shard;
use assay_suite::OperationName;

/// The users of a profile, and what they need.
pub(in crate::load) struct Visit<'a> {
    /// The profile's place in the run.
    pub place: usize,
    pub profile: &'a PlannedProfile,
    pub users: &'a PlannedUsers,
    /// The operations that are counted: [`operations`] of the journey.
    pub operations: &'a [OperationName],
    /// The values of variables when it begins.
    pub bindings: &'a Bindings,
    pub halt: Arc<StopSignal>,
    /// Which part of the users comes from here.
    pub shard: Shard,
    /// The way to the deployment.
    pub session: &'a Session,
    pub gathered: Sender<Gathered>,
    /// Receives each thing that a journey could not remove.
    pub left_over: LeftOver,
    /// Receives each thing that a journey has to remove, or has removed.
    pub changes: Changes,
}

/// Receives what could not be removed, and how to remove it.
pub(in crate::load) type LeftOver = Box<dyn Fn(String) + Send + Sync>;

/// Receives what the journey with a number has to remove, or has removed.
pub(in crate::load) type Changes = Box<dyn Fn(u64, Change) + Send + Sync>;

/// Why users can't start, or have to stop.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// No request can be sent.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// goose refuses to bring them.
    #[error("no users can be brought: {0}")]
    Attack(String),
    /// The journey makes no request.
    #[error("the journey makes no request: {0}")]
    Journey(String),
}

/// What a step asks for by name.
pub(super) fn calls(step: &PlannedStep) -> &[PlannedCall] {
    match &step.action {
        PlannedAction::Call { calls, .. } => calls,
        PlannedAction::Paginate(call) => slice::from_ref(call),
        PlannedAction::Await { .. } => &[],
    }
}
