//! The truth server: holds each answer back for a known time, and keeps when each request came and when it was answered.

use std::cell::{Cell, RefCell};
use std::collections::BinaryHeap;
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::LocalSet;

use crate::clock::{Moment, Timer};
use crate::hold::{Hold, Kind};

/// One request, as the server saw it.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// The number that the client gave it.
    pub number: Option<u64>,
    /// When its last byte was there.
    pub arrived: Moment,
    /// When its answer had been written.
    pub answered: Moment,
}

/// The answer to everything: about as long as one of a list with one element.
const BODY: &str = r#"{"listzonesresponse":{"count":1,"zone":[{"id":"1b02e74c-6c21-4aa3-b96c-51042de8fccd","name":"tokyo-1","description":"the zone of the truth server","networktype":"Basic","allocationstate":"Enabled"}]}}"#;

/// An answer that waits for its moment. The earliest is the greatest, as the heap wants it.
struct Held {
    at: Moment,
    order: usize,
    number: Option<u64>,
    arrived: Moment,
    to: Rc<Writer>,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Held {}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// The sending side of a connection.
struct Writer(RefCell<OwnedWriteHalf>);

/// All that the connections share; there is one thread.
struct Server {
    hold: Hold,
    answer: Vec<u8>,
    timer: Timer,
    queue: RefCell<BinaryHeap<Held>>,
    arrivals: Cell<usize>,
    first: Cell<Moment>,
    stamps: RefCell<Vec<Stamp>>,
}

/// Serves on a free port, which it prints, until its standard input ends; then it writes its stamps into the file.
pub fn serve(kind: Kind, stamps: &Path) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let stamped = LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?.port());
        let server = Rc::new(Server::new(kind.hold())?);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            let _ = stop.send(());
        });
        let releasing = Rc::clone(&server);
        tokio::task::spawn_local(async move { releasing.release().await });
        tokio::select! {
            ended = Rc::clone(&server).accept(listener) => ended?,
            _ = stopped => {}
        }
        Ok::<_, io::Error>(server.stamps.take())
    })?;
    write_stamps(stamps, &stamped)
}

impl Server {
    fn new(hold: Hold) -> io::Result<Self> {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        Ok(Self {
            hold,
            answer: answer.into_bytes(),
            timer: Timer::new()?,
            queue: RefCell::default(),
            arrivals: Cell::default(),
            first: Cell::default(),
            // Growing while requests wait would show in the measurement.
            stamps: RefCell::new(Vec::with_capacity(2_000_000)),
        })
    }

    async fn accept(self: Rc<Self>, listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let (reader, writer) = stream.into_split();
            let server = Rc::clone(&self);
            // A connection that breaks is the client's business.
            tokio::task::spawn_local(async move { server.converse(reader, Rc::new(Writer(writer.into()))).await });
        }
    }

    async fn converse(&self, mut reader: OwnedReadHalf, writer: Rc<Writer>) -> io::Result<()> {
        let mut received = Vec::with_capacity(4096);
        let mut bytes = [0_u8; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            poll_fn(|context| Pin::new(&mut reader).poll_read(context, &mut buffer)).await?;
            let filled = buffer.filled();
            if filled.is_empty() {
                return Ok(());
            }
            received.extend_from_slice(filled);
            while let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                self.arrived(&received[..end], &writer).await?;
                received.drain(..end + 4);
            }
        }
    }

    async fn arrived(&self, request: &[u8], writer: &Rc<Writer>) -> io::Result<()> {
        if self.hold.is_nothing() {
            return writer.write(&self.answer).await;
        }
        let arrived = Moment::now();
        let order = self.arrivals.get();
        if order == 0 {
            self.first.set(arrived);
        }
        self.arrivals.set(order + 1);
        let at = self.hold.released(order, arrived, self.first.get());
        let held = Held { at, order, number: number(request), arrived, to: Rc::clone(writer) };
        let mut queue = self.queue.borrow_mut();
        let is_next = queue.peek().is_none_or(|next| at < next.at);
        queue.push(held);
        if is_next { self.timer.set(at) } else { Ok(()) }
    }

    /// Writes answers as their moments come.
    async fn release(&self) -> io::Result<()> {
        loop {
            self.timer.reached().await?;
            while let Some(held) = self.take_due() {
                // A client that has gone does not want its answer.
                let _ = held.to.write(&self.answer).await;
                let Held { number, arrived, .. } = held;
                self.stamps.borrow_mut().push(Stamp { number, arrived, answered: Moment::now() });
            }
            let next = self.queue.borrow().peek().map(|held| held.at);
            if let Some(at) = next {
                self.timer.set(at)?;
            }
        }
    }

    fn take_due(&self) -> Option<Held> {
        let mut queue = self.queue.borrow_mut();
        let due = queue.peek().is_some_and(|held| held.at <= Moment::now());
        if due { queue.pop() } else { None }
    }
}

impl Writer {
    /// An answer fits into the socket's buffer: it waits for nothing, except for a client that does not read.
    #[allow(clippy::await_holding_refcell_ref, reason = "a connection has one answer at a time")]
    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        let mut writer = self.0.borrow_mut();
        while !bytes.is_empty() {
            let written = poll_fn(|context| Pin::new(&mut *writer).poll_write(context, bytes)).await?;
            bytes = &bytes[written..];
        }
        Ok(())
    }
}

/// The number that a request has in its query: `n=17`.
fn number(request: &[u8]) -> Option<u64> {
    let line = request.split(|byte| *byte == b'\r').next()?;
    let query = line.split(|byte| *byte == b'?').nth(1)?.split(|byte| *byte == b' ').next()?;
    let value = query.split(|byte| *byte == b'&').find_map(|pair| pair.strip_prefix(b"n="))?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// No number, in the file of stamps.
const UNNUMBERED: u64 = u64::MAX;

fn write_stamps(path: &Path, stamps: &[Stamp]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for stamp in stamps {
        for value in [stamp.number.unwrap_or(UNNUMBERED), stamp.arrived.0, stamp.answered.0] {
            file.write_all(&value.to_le_bytes())?;
        }
    }
    file.flush()
}

/// What a server wrote.
pub fn read_stamps(path: &Path) -> io::Result<Vec<Stamp>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut all = Vec::new();
    let mut next = move || {
        let mut bytes = [0_u8; 8];
        file.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    };
    while let Ok(number) = next() {
        let number = Some(number).filter(|number| *number != UNNUMBERED);
        all.push(Stamp { number, arrived: Moment(next()?), answered: Moment(next()?) });
    }
    Ok(all)
}
