//! The connections of a worker take turns in waiting for the next request: the one that was used last goes first, so that
//! as few as possible are kept busy, as a client's pool of connections would.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Lets one at a time pass.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    taken: Cell<Taken>,
    waiting: RefCell<Vec<(usize, Waker)>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Taken {
    #[default]
    No,
    Yes,
}

/// A turn; it ends when this is dropped.
pub(super) struct Turn<'a>(&'a Turnstile);

impl Turnstile {
    /// Waits for a turn. `who` tells those who wait apart.
    pub async fn turn(&self, who: usize) -> Turn<'_> {
        poll_fn(|context| {
            if self.taken.replace(Taken::Yes) == Taken::No {
                return Poll::Ready(());
            }
            let mut waiting = self.waiting.borrow_mut();
            // Whoever is polled again for another reason waits once all the same.
            waiting.retain(|(known, _)| *known != who);
            waiting.push((who, context.waker().clone()));
            Poll::Pending
        })
        .await;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.taken.set(Taken::No);
        let next = self.0.waiting.borrow_mut().pop();
        if let Some((_, waker)) = next {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::{join, join3};

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_the_last_to_come_first() {
        let turnstile = Turnstile::default();
        let order = RefCell::new(Vec::new());
        let pass = |who: usize| {
            let (turnstile, order) = (&turnstile, &order);
            async move {
                let turn = turnstile.turn(who).await;
                order.borrow_mut().push(who);
                tokio::task::yield_now().await;
                order.borrow_mut().push(who);
                drop(turn);
            }
        };
        join(pass(0), join3(pass(1), pass(2), pass(3))).await;
        assert_eq!(*order.borrow(), [0, 0, 3, 3, 2, 2, 1, 1]);
    }
}
