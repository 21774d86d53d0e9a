//! The host behind a socket: HTTP/1.1, as it comes from a proxy that ends TLS.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::host::{self, Host};
use crate::inbound::ClientAddress;

/// How long a client may take for its headers, and then for its body.
const CLIENT_WITHIN: Duration = Duration::from_secs(30);

/// Bytes of a request's line and headers.
const HEAD: usize = 64 << 10;

/// How long to rest when no connection can be accepted, which is when the process has too many files open.
const REST: Duration = Duration::from_millis(100);

/// Serves until `stop` is done. Then accepts no more, and gives what is running `grace` to end: requests first, and guests
/// at work after their response just as well.
pub async fn serve(listener: TcpListener, host: Host, stop: impl Future<Output = ()>, grace: Duration) {
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => connect(stream, client, host.clone(), &connections),
                Err(error) => {
                    tracing::warn!("no connection can be accepted: {error}");
                    tokio::time::sleep(REST).await;
                }
            },
        }
    }
    drop(listener);
    let ended = tokio::time::timeout(grace, async {
        connections.shutdown().await;
        host.idle().await;
    });
    if ended.await.is_err() {
        tracing::warn!("some work has not ended within {grace:?} and is cut off");
    }
}

fn connect(stream: TcpStream, client: SocketAddr, host: Host, connections: &GracefulShutdown) {
    // Answers are small and waited for. If the socket refuses, they are a little later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(host.clone(), client, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CLIENT_WITHIN)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!("a connection broke: {error}");
        }
    });
}

async fn respond(host: Host, client: SocketAddr, request: Request<Incoming>) -> Result<Response<WasiBody>, Infallible> {
    // Spin answers this path itself, and SpinKube asks there.
    if request.uri().path() == "/.well-known/spin/health" {
        return Ok(answer(StatusCode::OK, "OK"));
    }
    let (mut parts, body) = request.into_parts();
    let limit = host.limits().request_body;
    // A client that says how much it will send need not send it.
    if body.size_hint().lower() > limit as u64 {
        return Ok(answer(StatusCode::PAYLOAD_TOO_LARGE, ""));
    }
    // However many clients there are, only so many bodies are in memory.
    let Some(_place) = host.place().await else {
        return Ok(host::busy());
    };
    let body = Limited::new(body, limit).collect();
    let body = match tokio::time::timeout(CLIENT_WITHIN, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Ok(answer(StatusCode::PAYLOAD_TOO_LARGE, ""));
        }
        Ok(Err(_)) => return Ok(answer(StatusCode::BAD_REQUEST, "")),
        Err(_) => return Ok(answer(StatusCode::REQUEST_TIMEOUT, "")),
    };
    parts.extensions.insert(ClientAddress(client));
    Ok(host.start(Request::from_parts(parts, body)).await.response)
}

fn answer(status: StatusCode, text: &'static str) -> Response<WasiBody> {
    let body = Full::new(Bytes::from_static(text.as_bytes())).map_err(Error::from).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
