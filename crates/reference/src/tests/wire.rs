use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::{Cloud, Exposure, Settings, StartError};
use super::*;

async fn exchange(url: &str, request: &str) -> String {
    let address = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_running_cloud_answers_get_and_post() {
    let cloud = Cloud::start(Settings::default(), vec![Arc::new(cloudn())]).await.unwrap();
    let service = cloud.demonstration().services[0].clone();
    assert_eq!((service.suite.as_str(), service.accounts.len()), ("cloudn", 3));
    let parameters = [("command", "listZones"), ("response", "json"), ("apikey", service.accounts[0].key("api_key"))];
    let query = signed(&parameters, service.accounts[0].key("secret_key"));
    let get = format!("GET /client/api?{query} HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n\r\n");
    let answer = exchange(&service.url, &get).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/javascript; charset=UTF-8\r\n"), "{answer}");
    assert!(answer.contains(r#"{"listzonesresponse":{"count":2,"zone":[{"id":"1b02e74c"#), "{answer}");

    let form = "Content-Type: application/x-www-form-urlencoded";
    let length = query.len();
    let post = format!(
        "POST /client/api HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n{form}\r\nContent-Length: {length}\r\n\r\n{query}"
    );
    assert!(exchange(&service.url, &post).await.starts_with("HTTP/1.1 200 OK\r\n"));
    let elsewhere = "GET / HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n\r\n";
    assert!(exchange(&service.url, elsewhere).await.starts_with("HTTP/1.1 404"));
    cloud.stop().await;
}

#[tokio::test]
async fn a_cloud_is_not_exposed_by_accident() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let refused = Cloud::start(Settings { listen, ..Settings::default() }, Vec::new()).await;
    assert!(matches!(refused, Err(StartError::Exposed(_))));
    let settings = Settings { listen, exposure: Exposure::Anywhere, ..Settings::default() };
    assert!(Cloud::start(settings, Vec::new()).await.is_ok());
}

#[tokio::test]
async fn every_start_gives_the_same_ids_and_keys() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let cloud = Cloud::start(Settings::default(), vec![Arc::new(cloudn())]).await.unwrap();
        let demonstration = cloud.demonstration();
        seen.push((demonstration.services[0].variables.clone(), demonstration.services[0].accounts.clone()));
        cloud.stop().await;
    }
    assert_eq!(seen[0], seen[1]);
}
