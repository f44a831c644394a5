//! Whether calls that overlapped could have happened one after another: the check of Wing and Gong with the cache of Lowe, as
//! Porcupine does it, one resource at a time.
//!
//! A call takes effect at some moment between its beginning and its end. A history is linearizable if such moments can be chosen for
//! all calls so that each answers what a single copy of the resource would.

use std::collections::{BTreeSet, HashSet};

/// A call with the time from its request to its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// When its request was sent, from any common beginning.
    pub sent: u64,
    /// When its answer had come; none if there was none: it may take effect at any time later, or never.
    pub answered: Option<u64>,
    /// What it did.
    pub call: RegisterCall,
}

/// What a call does to one value: a field of a resource, or whether there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterCall {
    /// It sets the value; none removes it.
    Write(Option<String>),
    /// It showed this value.
    Read(Option<String>),
}

/// What a history comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linearizability {
    /// Its calls could have happened one after another.
    Linearizable,
    /// They could not, in any order that time allows.
    Violated,
    /// There are too many orders to try.
    Undecided,
}

/// So many orders are tried.
const MOST_STEPS: usize = 1_000_000;

/// Judges the history of one value that begins with `initial`.
pub fn judge_history(initial: Option<String>, history: &[Interval]) -> Linearizability {
    let calls: Vec<_> = history.iter().filter(|one| !is_unanswered_read(one)).collect();
    Search::new(initial, &calls).run()
}

/// A read that was not answered says nothing.
fn is_unanswered_read(interval: &Interval) -> bool {
    interval.answered.is_none() && matches!(interval.call, RegisterCall::Read(_))
}

/// The calls that have taken effect: all before a number, and some after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Done {
    all_before: usize,
    after: BTreeSet<usize>,
}

impl Done {
    fn insert(&mut self, call: usize) {
        self.after.insert(call);
        while self.after.remove(&self.all_before) {
            self.all_before += 1;
        }
    }
}

/// A begin or an end in the list of those whose calls have not taken effect, by time.
#[derive(Clone, Copy, Debug)]
struct Entry {
    call: usize,
    /// The entry of the end; none if this is it.
    end: Option<usize>,
    previous: usize,
    next: usize,
}

struct Search<'a> {
    /// By the time at which they were sent.
    calls: Vec<&'a Interval>,
    /// The first is before all.
    entries: Vec<Entry>,
    value: Option<String>,
    done: Done,
    /// The entries of what was chosen, with the value and what had taken effect before.
    chosen: Vec<(usize, Option<String>, Done)>,
    seen: HashSet<(Done, Option<String>)>,
}

const HEAD: usize = 0;

impl<'a> Search<'a> {
    fn new(value: Option<String>, calls: &[&'a Interval]) -> Self {
        let mut calls = calls.to_vec();
        // What has taken effect is mostly all up to some call then.
        calls.sort_by_key(|interval| interval.sent);
        let begins = calls.iter().enumerate().map(|(call, interval)| (interval.sent, false, call));
        let ends = calls.iter().enumerate().map(|(call, one)| (one.answered.unwrap_or(u64::MAX), true, call));
        let mut moments: Vec<_> = begins.chain(ends).collect();
        // At the same moment one may have been before the other: the order that allows more.
        moments.sort_unstable();
        let mut entries = vec![Entry { call: 0, end: None, previous: HEAD, next: HEAD }];
        let mut begun = vec![HEAD; calls.len()];
        for (_, is_end, call) in moments {
            let at = entries.len();
            entries.push(Entry { call, end: None, previous: at - 1, next: HEAD });
            entries[at - 1].next = at;
            if is_end {
                entries[begun[call]].end = Some(at);
            } else {
                begun[call] = at;
            }
        }
        let done = Done { all_before: 0, after: BTreeSet::new() };
        Self { calls, entries, value, done, chosen: Vec::new(), seen: HashSet::new() }
    }

    fn run(mut self) -> Linearizability {
        let mut at = self.entries[HEAD].next;
        for _ in 0..MOST_STEPS {
            if self.entries[HEAD].next == HEAD {
                return Linearizability::Linearizable;
            }
            // Behind the last entry there is nothing to go on with but what was chosen.
            let entry = self.entries[at];
            match entry.end.filter(|_| at != HEAD) {
                Some(end) => at = if self.choose(at, entry.call) { self.take_out(at, end) } else { entry.next },
                None => match self.chosen.pop() {
                    None => return Linearizability::Violated,
                    Some((begin, value, done)) => {
                        (self.value, self.done) = (value, done);
                        self.put_back(begin);
                        at = self.entries[begin].next;
                    }
                },
            }
        }
        Linearizability::Undecided
    }

    /// Has a call take effect now, if it can, and if that leads to what was not tried before.
    fn choose(&mut self, at: usize, call: usize) -> bool {
        let value = match &self.calls[call].call {
            RegisterCall::Write(value) => value.clone(),
            RegisterCall::Read(value) if *value == self.value => value.clone(),
            RegisterCall::Read(_) => return false,
        };
        let mut done = self.done.clone();
        done.insert(call);
        if !self.seen.insert((done.clone(), value.clone())) {
            return false;
        }
        let before = (std::mem::replace(&mut self.value, value), std::mem::replace(&mut self.done, done));
        self.chosen.push((at, before.0, before.1));
        true
    }

    /// Takes a call out of the list; returns where to go on.
    fn take_out(&mut self, begin: usize, end: usize) -> usize {
        for at in [begin, end] {
            let Entry { previous, next, .. } = self.entries[at];
            self.entries[previous].next = next;
            self.entries[next].previous = previous;
        }
        self.entries[HEAD].next
    }

    fn put_back(&mut self, begin: usize) {
        let Some(end) = self.entries[begin].end else { return };
        for at in [end, begin] {
            let Entry { previous, next, .. } = self.entries[at];
            self.entries[previous].next = at;
            self.entries[next].previous = at;
        }
    }
}

#[cfg(test)]
#[path = "linearizability/tests.rs"]
mod tests;
