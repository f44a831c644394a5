//! What the program says. Whoever reads it may be gone, as `head` is when it has seen enough: that ends nothing.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether results were lost, other than by a reader who wanted no more of them.
static LOST: AtomicBool = AtomicBool::new(false);

/// Where something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sink {
    /// Among the results.
    Out,
    /// Among the messages.
    Err,
}

impl Sink {
    /// Writes bytes as they are.
    pub fn write(self, bytes: &[u8]) {
        match self {
            Self::Out => {
                let mut out = io::stdout().lock();
                let written = out.write_all(bytes).and_then(|()| out.flush());
                if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
                    LOST.store(true, Ordering::Relaxed);
                }
            }
            Self::Err => {
                // There is no further place to say so.
                let _ = io::stderr().lock().write_all(bytes);
            }
        }
    }

    /// Writes a line.
    pub fn line(self, text: &str) {
        self.write(format!("{text}\n").as_bytes());
    }
}

/// Whether results could not be written, though somebody waits for them.
pub(super) fn was_lost() -> bool {
    LOST.load(Ordering::Relaxed)
}

/// The standard output for what is written in pieces: nothing more is written once the reader is gone.
pub(super) struct Results;

impl Write for Results {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write(bytes).or_else(|error| if_gone(error, bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush().or_else(|error| if_gone(error, ()))
    }
}

fn if_gone<T>(error: io::Error, done: T) -> io::Result<T> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(done) } else { Err(error) }
}

/// Says a line among the results.
macro_rules! stdout {
    ($($text:tt)*) => { $crate::output::Sink::Out.line(&format!($($text)*)) };
}

/// Says a line among the messages.
macro_rules! stderr {
    ($($text:tt)*) => { $crate::output::Sink::Err.line(&format!($($text)*)) };
}

pub(super) use {stderr, stdout};

/// A file that another library writes to and that is said here: it need not know that a reader may be gone.
#[cfg(unix)]
pub(super) struct Relay {
    writer: io::PipeWriter,
    path: String,
    copying: std::thread::JoinHandle<()>,
}

#[cfg(unix)]
impl Relay {
    /// What is written to it is said here. Nothing where the system has no such files.
    pub fn to(sink: Sink) -> Option<Self> {
        use std::os::fd::AsRawFd as _;
        let (reader, writer) = io::pipe().ok()?;
        let path = format!("/dev/fd/{}", writer.as_raw_fd());
        std::fs::metadata(&path).ok()?;
        let copying = std::thread::Builder::new().spawn(move || copy(reader, sink)).ok()?;
        Some(Self { writer, path, copying })
    }

    /// The path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Waits until all is said that was written.
    pub fn finish(self) {
        drop(self.writer);
        // It does not panic.
        let _ = self.copying.join();
    }
}

#[cfg(unix)]
fn copy(mut reader: io::PipeReader, sink: Sink) {
    use std::io::Read as _;
    let mut piece = [0; 8192];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return,
            Ok(length) => sink.write(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}
