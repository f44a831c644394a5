//! A connection that carries one request after another. No redirects, no proxy, bounded bodies, certificates verified.
//!
//! Servers close connections that rest. A request that met such a connection is sent again on another (RFC 9112, 9.3.1): it
//! is no failure of theirs.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::{HOST, HeaderMap};
use hyper::http::uri::{Authority, Parts, PathAndQuery, Scheme};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use assay_suite::http::{Certificates, Failure, FailureKind, Idempotence, Sent};

use super::fair::Fair;
use super::unverified::AcceptAnyCertificate;

/// Where connections lead to.
#[derive(Clone)]
pub struct Endpoint {
    host: String,
    port: u16,
    authority: Authority,
    security: Security,
}

#[derive(Clone)]
enum Security {
    None,
    Tls(TlsConnector, ServerName<'static>),
}

/// Why an address can't be connected to.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// It is no address of a web server.
    #[error("`{0}` is not a web address: write http:// or https://, a host and a path")]
    Address(String),
    /// The certificates of this machine can't be had.
    #[error("no connection can be made secure: {0}")]
    Tls(#[from] rustls::Error),
}

/// A request as it travels.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The method.
    pub method: Method,
    /// Path and query.
    pub path: PathAndQuery,
    /// Headers, the host among them.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// Whether it may be sent again when its connection was lost.
    pub idempotence: Idempotence,
}

/// An answer, but for its body.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// The status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
}

/// Connections that rested for longer are not used again: servers close them, five seconds being the least of common limits.
const LONGEST_REST: Duration = Duration::from_secs(4);

impl Endpoint {
    /// The endpoint of an address.
    pub fn of(url: &str, certificates: Certificates) -> Result<Self, EndpointError> {
        Self::secured(url, &Arc::new(security(certificates)?))
    }

    /// The same; `config` says how connections are made secure.
    pub(super) fn secured(url: &str, config: &Arc<ClientConfig>) -> Result<Self, EndpointError> {
        let refused = || EndpointError::Address(url.to_owned());
        let uri: Uri = super::address::base(url).ok_or_else(refused)?.parse().map_err(|_| refused())?;
        let (scheme, authority) = uri.scheme().zip(uri.authority().cloned()).ok_or_else(refused)?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let secure = *scheme == Scheme::HTTPS;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let security = if secure {
            let name = ServerName::try_from(host.clone()).map_err(|_| refused())?;
            Security::Tls(TlsConnector::from(Arc::clone(config)), name)
        } else {
            Security::None
        };
        Ok(Self { host, port, authority, security })
    }
}

/// How connections are made secure.
pub(super) fn security(certificates: Certificates) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let verified = match certificates {
        Certificates::Verified => versions.with_platform_verifier()?,
        Certificates::NotVerified => {
            versions.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate::new(&provider)))
        }
    };
    let mut config = verified.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// A connection. It opens itself when it is needed, and again when the server has closed it.
pub struct Connection {
    endpoint: Arc<Endpoint>,
    longest_body: usize,
    open: Option<Open>,
    sent: Sent,
}

/// A connection that is open.
struct Open {
    protocol: Spoken,
    /// The bytes that were read from it.
    read: Arc<AtomicU64>,
    usage: Usage,
}

/// What a connection was used for.
#[derive(Clone, Copy)]
enum Usage {
    /// It was opened for the request that it carries.
    Fresh,
    /// It has rested since then.
    Resting(Instant),
}

impl Usage {
    /// Whether the server may have closed it by now.
    fn is_over(self) -> bool {
        matches!(self, Self::Resting(since) if since.elapsed() > LONGEST_REST)
    }
}

/// Why there is no answer, and what that says of the request.
struct Lost {
    failure: Failure,
    fate: Fate,
}

/// What became of a request that was not answered.
#[derive(Clone, Copy)]
enum Fate {
    /// It was not carried out: it was never sent, or the server says so.
    NotCarriedOut,
    /// Nothing came back over a connection that had rested: it may have been carried out.
    Silence,
    /// Something else went wrong, and would again.
    Other,
}

impl Lost {
    fn other(failure: Failure) -> Self {
        Self { failure, fate: Fate::Other }
    }

    fn may_be_sent_again(&self, idempotence: Idempotence) -> bool {
        match self.fate {
            Fate::NotCarriedOut => true,
            Fate::Silence => idempotence == Idempotence::Idempotent,
            Fate::Other => false,
        }
    }
}

/// The protocol of the connection.
enum Spoken {
    One { sender: http1::SendRequest<Full<Bytes>>, driver: Driver },
    Two { sender: http2::SendRequest<Full<Bytes>> },
}

/// hyper's side of a connection.
type ConnectionOne = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// What reads from and writes to the network. It is polled together with what waits for an answer: a task of its own would
/// cost a change of tasks for each request.
struct Driver {
    connection: Pin<Box<ConnectionOne>>,
    state: DriverState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DriverState {
    Running,
    Ended,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Connection {
    /// A connection that is not open yet; `longest_body` is in bytes.
    pub fn new(endpoint: Arc<Endpoint>, longest_body: usize) -> Self {
        Self { endpoint, longest_body, open: None, sent: Sent::Once }
    }

    /// How often the last request was sent.
    pub fn sent(&self) -> Sent {
        self.sent
    }

    /// Whether it has rested so long that it is not used again.
    pub fn is_over(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.usage.is_over())
    }

    /// Opens it, so that the first request need not wait for that.
    pub async fn open(&mut self) -> Result<(), Failure> {
        let open = self.usable().await?;
        open.usage = Usage::Resting(Instant::now());
        Ok(())
    }

    /// Sends a request and reads its whole answer into `body`, or says why there is none. After a failure the next request
    /// gets a connection of its own.
    pub async fn send(&mut self, wire: Wire, body: &mut Vec<u8>, deadline: Duration) -> Result<ResponseHead, Failure> {
        body.clear();
        let received = tokio::time::timeout(deadline, self.exchange(wire, body)).await;
        let received = received.unwrap_or_else(|_| Err(Failure::deadline(deadline)));
        if received.is_err() {
            self.open = None;
        }
        received
    }

    async fn exchange(&mut self, wire: Wire, body: &mut Vec<u8>) -> Result<ResponseHead, Failure> {
        self.sent = Sent::Once;
        let idempotence = wire.idempotence;
        // Kept only where it may be needed: on the load path each copy counts.
        let again = self.open.is_some().then(|| wire.clone());
        let lost = match self.attempt(wire, body).await {
            Ok(received) => return Ok(received),
            Err(lost) => lost,
        };
        self.open = None;
        let Some(again) = again.filter(|_| lost.may_be_sent_again(idempotence)) else { return Err(lost.failure) };
        body.clear();
        self.sent = Sent::Twice;
        self.attempt(again, body).await.map_err(|lost| lost.failure)
    }

    async fn attempt(&mut self, wire: Wire, body: &mut Vec<u8>) -> Result<ResponseHead, Lost> {
        let (longest, endpoint) = (self.longest_body, Arc::clone(&self.endpoint));
        let open = self.usable().await.map_err(Lost::other)?;
        let read_before = open.read.load(Ordering::Relaxed);
        let rested = matches!(open.usage, Usage::Resting(_));
        let received = match &mut open.protocol {
            Spoken::One { sender, driver } => {
                let request = request(wire, &endpoint, Form::Origin);
                let answered = async {
                    let response = sender.try_send_request(request).await.map_err(|mut error| {
                        let fate = if error.take_message().is_some() { Fate::NotCarriedOut } else { Fate::Silence };
                        Lost { failure: broken(error.error()), fate }
                    })?;
                    self::read(response, body, longest).await.map_err(Lost::other)
                };
                driver.drive(answered).await
            }
            Spoken::Two { sender } => {
                let request = request(wire, &endpoint, Form::Absolute);
                match sender.try_send_request(request).await {
                    Ok(response) => self::read(response, body, longest).await.map_err(Lost::other),
                    Err(mut error) => {
                        let unsent = error.take_message().is_some() || was_refused(error.error());
                        let fate = if unsent { Fate::NotCarriedOut } else { Fate::Silence };
                        Err(Lost { failure: broken(error.error()), fate })
                    }
                }
            }
        };
        let is_silent = rested && open.read.load(Ordering::Relaxed) == read_before;
        match received {
            Ok(received) => {
                open.usage = Usage::Resting(Instant::now());
                Ok(received)
            }
            Err(Lost { failure, fate: Fate::Silence }) if !is_silent => Err(Lost::other(failure)),
            Err(lost) => Err(lost),
        }
    }

    /// The open connection, opened again if need be.
    async fn usable(&mut self) -> Result<&mut Open, Failure> {
        let mut open = self.open.take().filter(|open| !open.usage.is_over());
        if let Some(known) = &mut open
            && !known.protocol.is_usable().await
        {
            open = None;
        }
        let open = match open {
            Some(open) => open,
            None => Open::to(&self.endpoint).await?,
        };
        Ok(self.open.insert(open))
    }
}

impl Open {
    async fn to(endpoint: &Endpoint) -> Result<Self, Failure> {
        let connected = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await;
        let stream = connected.map_err(|error| unreachable(&error))?;
        // Small requests must not wait for Nagle's algorithm. Without it they are only later, not wrong.
        let _ = stream.set_nodelay(true);
        let read = Arc::new(AtomicU64::new(0));
        let (stream, speaks_two): (Box<dyn Stream>, _) = match &endpoint.security {
            Security::None => (Box::new(Fair::new(stream, Arc::clone(&read))), Protocol::One),
            Security::Tls(connector, name) => {
                let insecure = |error: std::io::Error| Failure::of_io(FailureKind::Tls, &error);
                let stream = connector.connect(name.clone(), stream).await.map_err(insecure)?;
                let two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                (Box::new(Fair::new(stream, Arc::clone(&read))), if two { Protocol::Two } else { Protocol::One })
            }
        };
        let protocol = match speaks_two {
            Protocol::One => {
                // Requests are small: written as one piece they cost the system less.
                let shaken = http1::Builder::new().writev(false).handshake(TokioIo::new(stream)).await;
                let (sender, connection) = shaken.map_err(|error| broken(&error))?;
                let driver = Driver { connection: Box::pin(connection), state: DriverState::Running };
                Spoken::One { sender, driver }
            }
            Protocol::Two => {
                let shaken = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
                let (sender, connection) = shaken.map_err(|error| broken(&error))?;
                tokio::spawn(async move {
                    // Those that wait for an answer learn how it ended.
                    let _ = connection.await;
                });
                Spoken::Two { sender }
            }
        };
        Ok(Self { protocol, read, usage: Usage::Fresh })
    }
}

impl Spoken {
    /// Whether another request can be sent: meanwhile the server may have closed it.
    async fn is_usable(&mut self) -> bool {
        match self {
            Self::One { sender, driver } => driver.is_usable(sender).await,
            Self::Two { sender } => sender.ready().await.is_ok(),
        }
    }
}

#[derive(Clone, Copy)]
enum Protocol {
    One,
    Two,
}

impl Driver {
    /// Polls the connection together with what waits for it. What waits goes first, since it may hand over a request; and
    /// after the connection, since that reads what it waits for.
    async fn drive<F: Future>(&mut self, waiting: F) -> F::Output {
        let mut waiting = pin!(waiting);
        poll_fn(|context| {
            if let Poll::Ready(output) = waiting.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            self.poll(context);
            waiting.as_mut().poll(context)
        })
        .await
    }

    /// Whether the connection still takes requests: it is looked at first, for the other end may have closed it.
    async fn is_usable(&mut self, sender: &mut http1::SendRequest<Full<Bytes>>) -> bool {
        poll_fn(|context| {
            self.poll(context);
            // One that has ended, as after `connection: close`, does not notify its sender.
            if self.state == DriverState::Ended {
                return Poll::Ready(false);
            }
            sender.poll_ready(context).map(|ready| ready.is_ok())
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) {
        if self.state == DriverState::Running && self.connection.as_mut().poll(context).is_ready() {
            self.state = DriverState::Ended;
        }
    }
}

/// How a request names what it asks for.
#[derive(Clone, Copy)]
enum Form {
    /// By path, the host being a header (HTTP/1.1).
    Origin,
    /// By the whole address (HTTP/2).
    Absolute,
}

fn request(wire: Wire, endpoint: &Endpoint, form: Form) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(wire.body));
    *request.method_mut() = wire.method;
    *request.headers_mut() = wire.headers;
    let mut parts = Parts::default();
    parts.path_and_query = Some(wire.path);
    match form {
        Form::Origin => {}
        Form::Absolute => {
            request.headers_mut().remove(HOST);
            parts.scheme = Some(Scheme::HTTPS);
            parts.authority = Some(endpoint.authority.clone());
        }
    }
    // A path alone, or all three parts, always make an address.
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

async fn read(response: Response<Incoming>, body: &mut Vec<u8>, longest: usize) -> Result<ResponseHead, Failure> {
    let (head, mut incoming) = response.into_parts();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let Some(data) = frame.data_ref() else { continue };
        if body.len() + data.len() > longest {
            return Err(Failure { kind: FailureKind::TooLong, message: format!("more than {longest} bytes") });
        }
        body.extend_from_slice(data);
    }
    Ok(ResponseHead { status: head.status.as_u16(), headers: head.headers })
}

/// Whether a server says that it has not looked at a request (RFC 9113, 8.7): it refuses its stream, or goes away in peace
/// before it.
fn was_refused(error: &hyper::Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<h2::Error>());
    cause.is_some_and(|cause| match cause.reason() {
        Some(h2::Reason::REFUSED_STREAM) => true,
        Some(h2::Reason::NO_ERROR) => cause.is_go_away() && cause.is_remote(),
        _ => false,
    })
}

/// A connection could not be made. A name that could not be looked up has no number of the system: whether files can still be
/// opened says whether that was this machine's limit.
fn unreachable(error: &io::Error) -> Failure {
    if error.raw_os_error().is_none()
        && let Err(limit) = std::net::UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0))
    {
        return Failure::to_connect(&limit);
    }
    Failure::to_connect(error)
}

/// The innermost cause says what happened.
fn broken(error: &hyper::Error) -> Failure {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            let failure = Failure::of_io(FailureKind::Broken, inner);
            if failure.kind == FailureKind::OwnLimit {
                return failure;
            }
        }
        message = inner.to_string();
        cause = inner.source();
    }
    Failure { kind: FailureKind::Broken, message }
}

#[cfg(test)]
mod tests;
