//! A stream that lets others have their turn.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many readings in a row, and then the others.
const MOST_IN_A_ROW: u32 = 16;

/// A stream that, however much there is to read, pauses now and then. Whoever reads from a server that sends without end
/// would otherwise never look at the clock: the load path runs without the turns that the runtime has tasks take.
pub(super) struct Fair<S> {
    stream: S,
    in_a_row: u32,
    /// The bytes that were read.
    read: Arc<AtomicU64>,
}

impl<S> Fair<S> {
    /// Nothing was read yet; `read` counts the bytes that are.
    pub fn new(stream: S, read: Arc<AtomicU64>) -> Self {
        Self { stream, in_a_row: 0, read }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Fair<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.in_a_row >= MOST_IN_A_ROW {
            self.in_a_row = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.in_a_row += 1;
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        let bytes = into.filled().len() - before;
        self.read.fetch_add(u64::try_from(bytes).unwrap_or_default(), Ordering::Relaxed);
        if read.is_pending() {
            self.in_a_row = 0;
        }
        Poll::Ready(ready!(read))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Fair<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use super::*;

    /// There is always more to read.
    struct Endless;

    impl AsyncRead for Endless {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            into.put_slice(b"x");
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn the_clock_is_looked_at_however_much_there_is_to_read() {
        let mut stream = Fair::new(Endless, Arc::default());
        let reads_on = async {
            loop {
                let mut piece = [0; 64];
                let mut into = ReadBuf::new(&mut piece);
                poll_fn(|context| Pin::new(&mut stream).poll_read(context, &mut into)).await.unwrap();
            }
        };
        let reads_on = tokio::task::unconstrained(reads_on);
        let ended: Result<(), _> = tokio::time::timeout(Duration::from_millis(20), reads_on).await;
        assert!(ended.is_err());
    }
}
