//! The seam between the guest's `wasi:http/outgoing-handler` calls and the network.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Frame};
use wasmtime_wasi_http::{Error, RequestOptions, default_send_request};

/// Where the component's calls go, once the manifest allows them.
#[async_trait::async_trait]
pub trait Outbound: Send + Sync + 'static {
    /// Sends one request, whole, to its absolute URL, and waits for the whole response.
    ///
    /// The limits that the guest has set, if any, are a [`RequestOptions`] among the request's extensions.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, OutboundError>;
}

/// Why a call brought no response.
#[derive(Debug)]
pub enum OutboundError {
    /// The guest gets the corresponding `wasi:http` error code and goes on.
    Code(Error),
    /// The guest ends here, as when the machine dies during this very call: for tests, which cut every boundary operation.
    Trap(String),
}

impl From<Error> for OutboundError {
    fn from(error: Error) -> Self {
        Self::Code(error)
    }
}

/// The network itself: HTTP/1.1, TLS by rustls with Mozilla's roots, a connection per request.
#[derive(Debug, Clone)]
pub struct Network {
    /// The longest wait for a connection.
    pub connect: Duration,
    /// The longest wait for the response's first byte, and then between two bytes.
    pub first_byte: Duration,
    /// The largest response body, in bytes.
    pub response_body: usize,
}

impl Default for Network {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), first_byte: Duration::from_secs(15), response_body: 16 << 20 }
    }
}

#[async_trait::async_trait]
impl Outbound for Network {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, OutboundError> {
        let asked = request.extensions().get::<RequestOptions>().copied().unwrap_or_default();
        let least = |asked: Option<Duration>, ours: Duration| asked.map_or(ours, |asked| asked.min(ours));
        let options = RequestOptions {
            connect_timeout: Some(least(asked.connect_timeout, self.connect)),
            first_byte_timeout: Some(least(asked.first_byte_timeout, self.first_byte)),
            between_bytes_timeout: Some(least(asked.between_bytes_timeout, self.first_byte)),
        };

        let says_length = request.headers().contains_key(CONTENT_LENGTH);
        let request = request.map(|body| {
            let body = Full::new(body);
            if says_length {
                body.map_err(Error::from).boxed_unsync()
            } else {
                Unmeasured(body).map_err(Error::from).boxed_unsync()
            }
        });
        // The library does not bound the TLS handshake, so the whole way to the head of the response is bounded here. Where
        // that way was cut is unknown, and the error must not say that nothing was sent.
        let head = tokio::time::timeout(self.connect + self.first_byte, default_send_request(request, Some(options)));
        let (response, connection) = head.await.map_err(|_| Error::ConnectionReadTimeout)??;
        let connection = tokio::spawn(connection);

        let (parts, body) = response.into_parts();
        let body =
            Limited::new(body, self.response_body).collect().await.map_err(|error| match error.downcast::<Error>() {
                Ok(error) => *error,
                Err(_) => Error::HttpResponseBodySize(None),
            });
        // With the body read, or given up, nothing more is wanted of the connection.
        connection.abort();
        Ok(http::Response::from_parts(parts, body?.to_bytes()))
    }
}

/// A body whose length nobody has said. It goes out in chunks, as it would from Spin, where a guest that forgets
/// `Content-Length` would find out.
struct Unmeasured(Full<Bytes>);

impl Body for Unmeasured {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }
}
