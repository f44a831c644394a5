//! A connection that carries one request after another, for load: cheaper than the client, by the same rules. No redirects,
//! no proxy, bounded bodies, certificates verified.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::http::uri::{Authority, Parts, PathAndQuery, Scheme};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::http::{Certificates, Failure, FailureKind};

use super::fair::Fair;
use super::unverified::Anybody;

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
}

/// An answer, but for its body.
#[derive(Clone, Debug)]
pub struct Received {
    /// The status.
    pub status: u16,
    /// What its body is said to be.
    pub content_type: Option<HeaderValue>,
    /// When to ask again.
    pub retry_after: Option<HeaderValue>,
}

impl Endpoint {
    /// The endpoint of an address.
    pub fn of(url: &str, certificates: Certificates) -> Result<Self, EndpointError> {
        let refused = || EndpointError::Address(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| refused())?;
        let (scheme, authority) = uri.scheme().zip(uri.authority().cloned()).ok_or_else(refused)?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let secure = *scheme == Scheme::HTTPS;
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let security = if secure {
            let name = ServerName::try_from(host.clone()).map_err(|_| refused())?;
            Security::Tls(TlsConnector::from(Arc::new(tls(certificates)?)), name)
        } else {
            Security::None
        };
        Ok(Self { host, port, authority, security })
    }
}

fn tls(certificates: Certificates) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let verified = match certificates {
        Certificates::Verified => versions.with_platform_verifier()?,
        Certificates::NotVerified => {
            versions.dangerous().with_custom_certificate_verifier(Arc::new(Anybody::new(&provider)))
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
}

/// A connection that is open, by the protocol that both ends speak.
enum Open {
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
        Self { endpoint, longest_body, open: None }
    }

    /// Opens it, so that the first request need not wait for that.
    pub async fn open(&mut self) -> Result<(), Failure> {
        self.usable().await.map(|_| ())
    }

    /// Sends a request and reads its whole answer into `body`, or says why there is none. After a failure the next request
    /// gets a connection of its own.
    pub async fn send(&mut self, wire: Wire, body: &mut Vec<u8>, deadline: Duration) -> Result<Received, Failure> {
        body.clear();
        let received = tokio::time::timeout(deadline, self.exchange(wire, body)).await;
        let received = received.unwrap_or_else(|_| Err(Failure::deadline(deadline)));
        if received.is_err() {
            self.open = None;
        }
        received
    }

    async fn exchange(&mut self, wire: Wire, body: &mut Vec<u8>) -> Result<Received, Failure> {
        let (longest, endpoint) = (self.longest_body, Arc::clone(&self.endpoint));
        match self.usable().await? {
            Open::One { sender, driver } => {
                let request = request(wire, &endpoint, Form::Origin);
                let answered = async {
                    let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
                    read(response, body, longest).await
                };
                driver.drive(answered).await
            }
            Open::Two { sender } => {
                let request = request(wire, &endpoint, Form::Absolute);
                let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
                read(response, body, longest).await
            }
        }
    }

    /// The open connection, opened again if need be.
    async fn usable(&mut self) -> Result<&mut Open, Failure> {
        let mut open = self.open.take();
        if let Some(known) = &mut open
            && !known.is_usable().await
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
        let unreachable = |error: std::io::Error| Failure::to_connect(&error);
        let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await.map_err(unreachable)?;
        // Small requests must not wait for Nagle's algorithm. Without it they are only later, not wrong.
        let _ = stream.set_nodelay(true);
        let (stream, speaks_two): (Box<dyn Stream>, _) = match &endpoint.security {
            Security::None => (Box::new(Fair::new(stream)), Protocol::One),
            Security::Tls(connector, name) => {
                let insecure = |error: std::io::Error| Failure { kind: FailureKind::Tls, message: error.to_string() };
                let stream = connector.connect(name.clone(), stream).await.map_err(insecure)?;
                let two = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                (Box::new(Fair::new(stream)), if two { Protocol::Two } else { Protocol::One })
            }
        };
        match speaks_two {
            Protocol::One => {
                // Requests are small: written as one piece they cost the system less.
                let shaken = http1::Builder::new().writev(false).handshake(TokioIo::new(stream)).await;
                let (sender, connection) = shaken.map_err(|error| broken(&error))?;
                let driver = Driver { connection: Box::pin(connection), state: DriverState::Running };
                Ok(Self::One { sender, driver })
            }
            Protocol::Two => {
                let shaken = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
                let (sender, connection) = shaken.map_err(|error| broken(&error))?;
                tokio::spawn(async move {
                    // How it ended is told to whoever waits for an answer.
                    let _ = connection.await;
                });
                Ok(Self::Two { sender })
            }
        }
    }

    /// Whether another request can be sent: while nobody looked, the server may have closed it.
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
            // One that has ended, as after `connection: close`, never tells its sender.
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

async fn read(response: Response<Incoming>, body: &mut Vec<u8>, longest: usize) -> Result<Received, Failure> {
    let (mut head, mut incoming) = response.into_parts();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let Some(data) = frame.data_ref() else { continue };
        if body.len() + data.len() > longest {
            return Err(Failure { kind: FailureKind::TooLong, message: format!("more than {longest} bytes") });
        }
        body.extend_from_slice(data);
    }
    Ok(Received {
        status: head.status.as_u16(),
        content_type: head.headers.remove(CONTENT_TYPE),
        retry_after: head.headers.remove(RETRY_AFTER),
    })
}

fn broken(error: &hyper::Error) -> Failure {
    Failure { kind: FailureKind::Broken, message: error.to_string() }
}
