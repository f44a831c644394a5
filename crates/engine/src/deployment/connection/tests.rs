//! What becomes of requests whose connection the server gives up.

use std::sync::atomic::AtomicUsize;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const DEADLINE: Duration = Duration::from_secs(10);

/// What a server does with the second request of each connection.
#[derive(Clone, Copy)]
enum Second {
    /// It reads it, and closes.
    Closes,
    /// It begins to answer, and closes.
    BreaksOff,
}

/// A server that answers the first request of each connection; how many requests it has read.
async fn server(answers: usize, second: Second) -> (Arc<Endpoint>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut piece = [0; 4096];
            for number in 0.. {
                if !stream.read(&mut piece).await.is_ok_and(|read| read > 0) {
                    break;
                }
                seen.fetch_add(1, Ordering::Relaxed);
                match second {
                    _ if number < answers => stream.write_all(ANSWER).await.unwrap(),
                    Second::Closes => break,
                    Second::BreaksOff => {
                        stream.write_all(&ANSWER[..20]).await.unwrap();
                        break;
                    }
                }
            }
        }
    });
    (Arc::new(Endpoint::of(&url, Certificates::Verified).unwrap()), requests)
}

fn wire(idempotence: Idempotence) -> Wire {
    let path = PathAndQuery::from_static("/x");
    Wire { method: Method::GET, path, headers: HeaderMap::new(), body: Bytes::new(), idempotence }
}

async fn send(connection: &mut Connection, idempotence: Idempotence) -> Result<(u16, Sent), FailureKind> {
    let received = connection.send(wire(idempotence), &mut Vec::new(), DEADLINE).await;
    received.map(|received| (received.status, connection.sent())).map_err(|failure| failure.kind)
}

#[tokio::test]
async fn an_idempotent_request_is_sent_again_when_its_idle_connection_was_closed() {
    let (endpoint, requests) = server(1, Second::Closes).await;
    let mut connection = Connection::new(endpoint, 1000);
    assert_eq!(send(&mut connection, Idempotence::Idempotent).await, Ok((200, Sent::Once)));
    assert_eq!(send(&mut connection, Idempotence::Idempotent).await, Ok((200, Sent::Twice)));
    assert_eq!(requests.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn what_may_have_been_carried_out_is_not_sent_again() {
    let (endpoint, requests) = server(1, Second::Closes).await;
    let mut connection = Connection::new(endpoint, 1000);
    assert_eq!(send(&mut connection, Idempotence::NotIdempotent).await, Ok((200, Sent::Once)));
    assert_eq!(send(&mut connection, Idempotence::NotIdempotent).await, Err(FailureKind::Broken));
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn what_a_fresh_connection_or_half_an_answer_shows_is_the_servers_doing() {
    let (endpoint, requests) = server(0, Second::Closes).await;
    let mut connection = Connection::new(endpoint, 1000);
    assert_eq!(send(&mut connection, Idempotence::Idempotent).await, Err(FailureKind::Broken));
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    let (endpoint, requests) = server(1, Second::BreaksOff).await;
    let mut connection = Connection::new(endpoint, 1000);
    assert_eq!(send(&mut connection, Idempotence::Idempotent).await, Ok((200, Sent::Once)));
    assert_eq!(send(&mut connection, Idempotence::Idempotent).await, Err(FailureKind::Broken));
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_connection_that_rested_too_long_is_not_used_again() {
    let (endpoint, _) = server(9, Second::Closes).await;
    let mut connection = Connection::new(endpoint, 1000);
    assert!(connection.is_over());
    assert_eq!(send(&mut connection, Idempotence::NotIdempotent).await, Ok((200, Sent::Once)));
    assert!(!connection.is_over());
    let long_ago = Instant::now().checked_sub(LONGEST_REST + Duration::from_millis(1)).unwrap();
    connection.open.as_mut().unwrap().usage = Usage::Resting(long_ago);
    assert!(connection.is_over());
    assert_eq!(send(&mut connection, Idempotence::NotIdempotent).await, Ok((200, Sent::Once)));
}
