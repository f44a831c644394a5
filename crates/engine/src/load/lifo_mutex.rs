//! The connections of a worker take turns in waiting for the next request: the one that was used last goes first, so that
//! as few as possible are kept busy, as a client's pool of connections would.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Lets one at a time pass.
#[derive(Debug, Default)]
pub(super) struct LifoMutex {
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
pub(super) struct Turn<'a>(&'a LifoMutex);

impl LifoMutex {
    /// Waits for a turn. `who` identifies those that wait.
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
    use futures_util::StreamExt as _;
    use futures_util::stream::FuturesUnordered;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_the_last_to_come_first() {
        let turnstile = LifoMutex::default();
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
        let mut all: FuturesUnordered<_> = (0..4).map(pass).collect();
        while all.next().await.is_some() {}
        let order = order.borrow();
        // Whoever came first passes first; of those who waited for it, whoever came last.
        assert_eq!(order.chunks(2).filter(|turn| turn[0] == turn[1]).count(), 4, "{order:?}");
        let (first, rest) = (order[0], [order[2], order[4], order[6]]);
        assert_eq!(first, 0);
        assert_eq!(rest, [3, 2, 1]);
    }
}
