//! The real way out, against servers of this machine that behave well and badly.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use host::{Network, Outbound, OutboundError, RequestOptions, WireError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Takes one connection, reads one request, answers with `answer`, and gives what it read. Without an answer it keeps the
/// connection open and silent.
async fn server(answer: Option<String>) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = Vec::new();
        let is_whole = |request: &[u8]| {
            let chunked = request.windows(7).any(|text| text == b"chunked");
            request.ends_with(if chunked { b"\r\n0\r\n\r\n" } else { b"sent" })
        };
        while !is_whole(&request) {
            let read = stream.read_buf(&mut request).await.expect("a request");
            assert_ne!(read, 0, "the request is whole");
        }
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.expect("it is read"),
            // Until the client gives up and closes.
            None => drop(stream.read_u8().await),
        }
        String::from_utf8(request).expect("text")
    });
    (address, server)
}

async fn send(
    network: &Network,
    address: SocketAddr,
    options: RequestOptions,
) -> Result<http::Response<Bytes>, WireError> {
    let request = http::Request::post(format!("http://{address}/things?a=b"))
        .header("host", address.to_string())
        .header("content-length", 4)
        .extension(options)
        .body(Bytes::from("sent"));
    match network.send(request.expect("sound")).await {
        Ok(response) => Ok(response),
        Err(OutboundError::Code(error)) => Err(error),
        Err(OutboundError::Trap(reason)) => panic!("the network never crashes a guest: {reason}"),
    }
}

#[tokio::test]
async fn a_request_goes_out_and_the_whole_response_comes_back() {
    let answer = "HTTP/1.1 201 Created\r\nx-a: b\r\ncontent-length: 4\r\n\r\nmade";
    let (address, server) = server(Some(answer.to_owned())).await;
    let response = send(&Network::default(), address, RequestOptions::default()).await.expect("a response");
    assert_eq!((response.status().as_u16(), &response.body()[..]), (201, &b"made"[..]));
    assert_eq!(response.headers()["x-a"], "b");
    let request = server.await.expect("it ends");
    assert!(request.starts_with("POST /things?a=b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {address}\r\n")), "{request}");
    assert!(request.contains("content-length: 4\r\n"), "{request}");
}

#[tokio::test]
async fn a_length_that_the_guest_has_not_said_is_not_invented() {
    let answer = "HTTP/1.1 204 No Content\r\n\r\n";
    let (address, server) = server(Some(answer.to_owned())).await;
    let request = http::Request::post(format!("http://{address}/")).header("host", address.to_string());
    Network::default().send(request.body(Bytes::from("sent")).expect("sound")).await.expect("a response");
    let request = server.await.expect("it ends");
    assert!(!request.contains("content-length"), "{request}");
    assert!(request.ends_with("transfer-encoding: chunked\r\n\r\n4\r\nsent\r\n0\r\n\r\n"), "{request}");
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let network = Network { first_byte: Duration::from_millis(50), ..Network::default() };
    let (address, _server) = server(None).await;
    let error = send(&network, address, RequestOptions::default()).await.expect_err("no response");
    assert!(matches!(error, WireError::ConnectionReadTimeout), "{error:?}");
}

#[tokio::test]
async fn the_guest_may_give_up_earlier() {
    let (address, _server) = server(None).await;
    let options = RequestOptions { first_byte_timeout: Some(Duration::from_millis(50)), ..RequestOptions::default() };
    let error = send(&Network::default(), address, options).await.expect_err("no response");
    assert!(matches!(error, WireError::ConnectionReadTimeout), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_told_apart_from_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let error = send(&Network::default(), address, RequestOptions::default()).await.expect_err("no response");
    assert!(matches!(error, WireError::Connect(_)), "{error:?}");
}

#[tokio::test]
async fn a_response_broken_off_or_too_large_is_an_error() {
    let broken = "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\nhalf";
    let (address, _server) = server(Some(broken.to_owned())).await;
    let error = send(&Network::default(), address, RequestOptions::default()).await.expect_err("half a response");
    assert!(matches!(error, WireError::Hyper(_)), "{error:?}");

    let network = Network { response_body: 10, ..Network::default() };
    let large = "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n01234567890";
    let (address, _server) = server(Some(large.to_owned())).await;
    let error = send(&network, address, RequestOptions::default()).await.expect_err("too large");
    assert!(matches!(error, WireError::HttpResponseBodySize(_)), "{error:?}");
}
