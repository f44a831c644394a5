//! What the requests of a mix create: written down as it is known, and removed when the profile is over.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, stream};

use crate::deployment::{RequestSpec, ResponseHead, Seen};
use crate::interpreter::{
    CaseSecrets, Exchanger, Inventories, NoExchange, Session, Waits, origin_of, take_inventories, undo_open,
};
use crate::plan::{PlannedPortion, PlannedProfile};
use assay_formats::record::load::LoadEvent;
use assay_formats::record::{Change, Obligation, ObligationKind, OpenObligation, Part, RecordWriter};
use assay_suite::http::{Exchange, Failure, FailureKind, Method, Request, Response, Sent, Timing};
use assay_suite::{Effect, Operation};

use super::requests::unique_name;

/// Under this number a record has what a mix creates: its profile has no users, and so no other journey.
const MIX: u64 = 0;
/// What a mix created is removed within the time that the profile took, but within this in any case.
const LEAST_TIME: Duration = Duration::from_secs(60);
/// So many numbers are for what one request brings about.
const STEP: u64 = 1 << 10;
/// So many texts on what is left are written out; the rest are counted.
const MOST_REPORTED: usize = 20;

/// A request that creates something was sent, and this came of it.
pub(super) struct Created {
    /// The profile's place in the run.
    pub place: usize,
    /// The portion of its mix.
    pub portion: usize,
    /// The number of the request.
    pub number: u64,
    pub came: Came,
}

/// What came of a request that creates something.
pub(super) enum Came {
    /// An answer that says that it was carried out.
    Answered(Response),
    /// Unknown.
    Lost,
}

impl Came {
    /// What came of it; nothing if nothing was created.
    pub fn of(received: &Result<ResponseHead, Failure>, body: &[u8]) -> Option<Self> {
        match received {
            Ok(received) if (200..300).contains(&received.status) => Some(Self::Answered(received.response(body))),
            Ok(_) => None,
            Err(failure) => match failure.kind {
                FailureKind::Connect | FailureKind::OwnLimit | FailureKind::Tls => None,
                FailureKind::Broken | FailureKind::Deadline | FailureKind::TooLong => Some(Self::Lost),
            },
        }
    }
}

/// Whether the requests of a portion create something that is to be removed.
pub(super) fn creates(profile: &PlannedProfile, portion: &PlannedPortion) -> bool {
    operation(profile, portion).is_some_and(|operation| operation.effect == Effect::Creates && operation.undo.is_some())
}

fn operation<'p>(profile: &'p PlannedProfile, portion: &PlannedPortion) -> Option<&'p Operation> {
    profile.suite.operations.get(portion.operation.0.as_str())
}

/// What the mix of one profile created.
pub(super) struct Creations<'a> {
    place: usize,
    profile: &'a PlannedProfile,
    session: &'a Session,
    record: &'a RecordWriter,
    open: BTreeMap<u64, OpenObligation>,
    next_number: u64,
}

impl<'a> Creations<'a> {
    /// Of a profile that is about to begin. That its requests may create something is written down before the first is sent.
    /// Nothing if nothing stays of what they do.
    pub fn begin(
        place: usize,
        profile: &'a PlannedProfile,
        session: &'a Session,
        record: &'a RecordWriter,
    ) -> Option<Self> {
        let lasting = || profile.portions.iter().filter(|portion| lasts(profile, portion));
        lasting().next()?;
        let mut begun = Self { place, profile, session, record, open: BTreeMap::new(), next_number: 0 };
        for portion in lasting() {
            if let Some(what) = operation(profile, portion).and_then(Operation::stays) {
                begun.change(Change::NotRemovable { what });
            }
            if creates(profile, portion) {
                let number = begun.take_number();
                begun.open(number, begun.recorded(portion, &unique_name(session.run(), None)), None);
            }
        }
        record.sync();
        Some(begun)
    }

    /// Notes what is there before the first request: what the mix creates is none of it.
    pub async fn survey(&self) {
        let creating = self.profile.portions.iter().filter(|portion| creates(self.profile, portion));
        let calls: Vec<_> = creating.map(|portion| &portion.call).collect();
        let remover = Remover::new(self, RemovalFailures::default());
        let profile = self.profile;
        take_inventories(&profile.suite, self.session.schemas(), &calls, &profile.given, Box::new(remover)).await;
    }

    /// Takes what came of a request.
    pub fn take(&mut self, created: Created) {
        let Some(portion) = self.profile.portions.get(created.portion) else { return };
        let obligation = self.recorded(portion, &unique_name(self.session.run(), Some(created.number)));
        let number = self.take_number();
        let answered = match created.came {
            Came::Lost => None,
            Came::Answered(response) => Some(Exchange {
                request: Request { method: Method::Get, url: String::new(), headers: Vec::new(), body: None },
                outcome: Ok(response),
                timing: Timing { sent_us: self.session.elapsed_us(), took_us: 0 },
                sent: Sent::Once,
            }),
        };
        self.open(number, obligation, answered);
    }

    fn take_number(&mut self) -> u64 {
        self.next_number += STEP;
        self.next_number - STEP
    }

    fn recorded(&self, portion: &PlannedPortion, unique: &str) -> Obligation {
        let origin = origin_of(&self.profile.suite, &portion.call, &self.profile.given, unique);
        let name = origin.as_ref().and_then(|origin| origin.name.as_ref()).map(|name| name.unique.clone());
        Obligation {
            suite: self.profile.suite.name.value.clone(),
            account: portion.call.account.clone(),
            format: portion.call.answered,
            kind: ObligationKind::Request { operation: portion.operation.clone(), name, unclear: None, origin },
        }
    }

    fn open(&mut self, number: u64, obligation: Obligation, answered: Option<Exchange>) {
        let event = answered.as_ref().map(|exchange| LoadEvent::Answered {
            profile: self.profile.recorded.name.clone(),
            journey: Some(MIX),
            number,
            exchange: Box::new(self.recorded_exchange(exchange, &obligation.kind)),
        });
        // Whoever calls waits until it has reached the disk, together with others.
        self.record.write(&self.event(Change::ObligationOpened { number, obligation: obligation.clone() }));
        event.iter().for_each(|event| self.record.write(event));
        self.open.insert(number, OpenObligation { obligation, answered });
    }

    fn recorded_exchange(&self, exchange: &Exchange, kind: &ObligationKind) -> Exchange {
        let ObligationKind::Request { operation, .. } = kind else { return exchange.clone() };
        self.session.redactor().exchange(exchange, &self.profile.suite, &operation.0, &mut Seen::default())
    }

    fn event(&self, change: Change) -> LoadEvent {
        LoadEvent::of_change(&self.profile.recorded.name, Some(MIX), change)
    }

    fn change(&self, change: Change) {
        self.record.write_change(change, |change| self.event(change));
    }

    /// Removes what was created, several things at once, until all is gone or the time is up.
    pub async fn remove(mut self, took: Duration) {
        // Of each request that was sent it is known by now what came of it, or it is an obligation of its own.
        let of_the_mix = self.profile.portions.iter().filter(|portion| creates(self.profile, portion)).count() as u64;
        for number in (0..of_the_mix).map(|place| place * STEP) {
            self.open.remove(&number);
            self.change(Change::Met { number });
        }
        let ends = Instant::now() + took.max(LEAST_TIME);
        let (open_obligations, failures) = (std::mem::take(&mut self.open), RemovalFailures::default());
        let at_once = self.session.target().limits.in_flight;
        let removals = stream::iter(open_obligations.into_iter().rev()).map(|(number, open)| {
            let failures = failures.clone();
            let this = &self;
            async move {
                if Instant::now() < ends {
                    this.remove_one(number, open, &failures).await;
                } else {
                    failures.not_in_time();
                }
            }
        });
        removals.buffer_unordered(at_once.max(1)).for_each(|()| async {}).await;
        self.report(&failures);
    }

    async fn remove_one(&self, number: u64, open: OpenObligation, failures: &RemovalFailures) {
        let profile = self.profile;
        let suites = BTreeMap::from([(profile.suite.name.value.clone(), Arc::clone(&profile.suite))]);
        let remover = Remover::new(self, failures.clone());
        let waits = Waits { longest_job: self.session.target().limits.longest_job, patience: Duration::ZERO };
        let open_obligations = BTreeMap::from([(number, open)]);
        if let Err(unknown) =
            undo_open(&suites, self.session.schemas(), &open_obligations, waits, Box::new(remover)).await
        {
            failures.add(unknown.to_string());
        }
    }

    fn report(&self, failures: &RemovalFailures) {
        let (texts, others, late) = failures.take();
        let mut left: Vec<String> = texts;
        if others > 0 {
            left.push(format!("{others} more of what the mix created: `assay undo` tries again"));
        }
        if late > 0 {
            left.push(format!(
                "{late} things that the mix created were not removed in time: `assay undo` removes them"
            ));
        }
        for what in left {
            self.record.write(&LoadEvent::LeftOver { profile: self.profile.recorded.name.clone(), what });
        }
    }
}

/// Whether the requests of a portion create something, or change what nothing sets back.
fn lasts(profile: &PlannedProfile, portion: &PlannedPortion) -> bool {
    operation(profile, portion)
        .is_some_and(|operation| operation.effect == Effect::Creates || operation.stays().is_some())
}

/// Takes what came of requests until no more can come, and writes it down.
pub(super) fn gather(created: &Receiver<Created>, all: &mut [Creations<'_>], record: &RecordWriter) {
    while let Ok(first) = created.recv() {
        for created in std::iter::once(first).chain(created.try_iter()) {
            if let Some(creations) = all.iter_mut().find(|creations| creations.place == created.place) {
                creations.take(created);
            }
        }
        record.sync();
    }
}

/// Where a worker reports what its requests create.
pub(super) type CreationSender = Sender<Created>;

/// What could not be removed.
#[derive(Clone, Default)]
struct RemovalFailures(Arc<Mutex<(Vec<String>, usize, usize)>>);

impl RemovalFailures {
    fn add(&self, what: String) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.0.len() < MOST_REPORTED {
            failures.0.push(what);
        } else {
            failures.1 += 1;
        }
    }

    fn not_in_time(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).2 += 1;
    }

    /// The texts, how many more there are, and how many things there was no time for.
    fn take(&self) -> (Vec<String>, usize, usize) {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The way to the deployment for what one request created.
struct Remover<'a> {
    creations: &'a Creations<'a>,
    failures: RemovalFailures,
    secrets: CaseSecrets,
}

impl<'a> Remover<'a> {
    fn new(creations: &'a Creations<'a>, failures: RemovalFailures) -> Self {
        Self { creations, failures, secrets: creations.session.case_secrets() }
    }
}

impl Exchanger for Remover<'_> {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.creations.session.exchange(part, ask).await })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.creations.session.pause(duration).await;
        })
    }

    fn changed(&mut self, change: Change) {
        self.creations.change(self.secrets.change(change));
    }

    fn left_over(&mut self, what: &str) {
        self.failures.add(self.secrets.text(what));
    }

    fn unproven(&mut self, what: &str) {
        self.failures.add(self.secrets.text(what));
    }

    fn inventories(&self) -> &Inventories {
        self.creations.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.creations.session.survey(ask).await })
    }
}
