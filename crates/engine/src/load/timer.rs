//! Waits for a moment. An async timer is up to a millisecond late, which is half of a limit of 2 ms; on Linux the system's
//! own timer is awaited instead, as a file that can be read when it is time.

use std::io;
use std::time::Instant;

/// Waits for one moment after another.
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    file: tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>,
}

#[cfg(target_os = "linux")]
impl Timer {
    /// A timer of the runtime in which this is called.
    pub fn new() -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let file = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        #[allow(
            deprecated,
            reason = "what took its place is unsafe to call; an owned file stays open as long as this needs it"
        )]
        let file = tokio::io::unix::AsyncFd::new(file)?;
        Ok(Self { file })
    }

    /// Returns at a moment, or at once if it has passed.
    pub async fn wait_until(&self, moment: Instant) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let value = Timespec::try_from(left).map_err(io::Error::other)?;
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
        timerfd_settime(self.file.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        loop {
            let mut ready = self.file.readable().await?;
            let mut expirations = [0; 8];
            // If it can't be read, it was ready for an earlier moment.
            if let Ok(read) = ready.try_io(|file| Ok(rustix::io::read(file.get_ref(), &mut expirations)?)) {
                return read.map(|_| ());
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Timer {
    /// A timer of the runtime in which this is called.
    pub fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Returns at a moment, or at once if it has passed.
    pub async fn wait_until(&self, moment: Instant) -> io::Result<()> {
        tokio::time::sleep_until(moment.into()).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_is_never_early_and_can_be_used_again() {
        let timer = Timer::new().unwrap();
        for millis in [3, 0, 1] {
            let moment = Instant::now() + Duration::from_millis(millis);
            timer.wait_until(moment).await.unwrap();
            assert!(Instant::now() >= moment);
        }
        // A moment that has passed is not waited for.
        timer.wait_until(Instant::now()).await.unwrap();
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_does_not_end_the_next_one() {
        let timer = Timer::new().unwrap();
        let far = Instant::now() + Duration::from_secs(600);
        let given_up = tokio::time::timeout(Duration::ZERO, timer.wait_until(far)).await;
        assert!(given_up.is_err());
        let later = Instant::now() + Duration::from_millis(5);
        timer.wait_until(later).await.unwrap();
        assert!(Instant::now() >= later);
    }
}
