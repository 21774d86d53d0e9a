//! The shell: the only module that knows Spin's SDK, the host's bindings, the clock and randomness.
//!
//! It turns the host's request into ours, lends the application a store, a wire and a clock, answers, and then
//! goes on with what the answer need not wait for.

#![expect(unsafe_code, reason = "the SDK's entry point passes resource handles on")]

mod storage;
mod wire;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use jiff::SignedDuration;
use spin_executor::{CancelOnDropToken, push_waker_and_get_token};
use spin_sdk::http::{Headers, IncomingRequest, OutgoingResponse, ResponseOutparam};
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::random::random;

use crate::{
    app::Settings,
    domain::time::Timestamp,
    ports::{Clock, Log},
    web,
};

#[spin_sdk::http_component]
async fn handle(incoming: IncomingRequest, out: ResponseOutparam) {
    let settings = Settings::read(|name| spin_sdk::variables::get(name).unwrap_or_default());
    if let Err(failure) = &settings {
        log(&failure.public);
    }
    let Some(request) = read(incoming).await else {
        return answer(out, http::Response::builder().status(400).body(Bytes::new()).unwrap_or_default()).await;
    };
    let host = Host::default();
    let web::Answer { response, rest } = web::serve(&host, &settings, request).await;
    answer(out, response).await;
    if let Some(rest) = rest {
        rest.run(&host, &settings).await;
    }
}

/// The request as a whole, its body cut just beyond the limit; `None` if it is malformed or breaks off.
async fn read(incoming: IncomingRequest) -> Option<http::Request<Bytes>> {
    let mut request = http::Request::builder()
        .method(http::Method::from(incoming.method()))
        .uri(incoming.path_with_query().unwrap_or_else(|| "/".to_owned()));
    let headers = incoming.headers();
    for name in web::HEADERS {
        for value in headers.get(name.as_str()) {
            request = request.header(&name, value);
        }
    }
    let mut chunks = pin!(incoming.into_body_stream());
    let mut body = Vec::new();
    while body.len() <= web::BODY_LIMIT
        && let Some(chunk) = chunks.next().await
    {
        body.extend(chunk.ok()?);
    }
    body.truncate(web::BODY_LIMIT + 1);
    request.body(body.into()).ok()
}

async fn answer(out: ResponseOutparam, response: http::Response<Bytes>) {
    let (parts, body) = response.into_parts();
    let headers: Vec<_> =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    let headers = Headers::from_list(&headers).unwrap_or_else(|error| {
        log(&format!("an answer lost its headers: {error}"));
        Headers::new()
    });
    let response = OutgoingResponse::new(headers);
    // Any status from 100 to 999 is accepted, and `http` knows no other.
    let _ = response.set_status_code(parts.status.as_u16());
    if let Err(error) = out.set_with_body(response, body.into()).await {
        // Whoever asked has gone. What is stored is stored, so the remaining work goes on.
        log(&format!("an answer could not be sent: {error}"));
    }
}

#[expect(clippy::print_stderr, reason = "the host gathers the guest's stderr as its log")]
fn log(line: &str) {
    eprintln!("{line}");
}

/// The host's imports as the application's world; the store and the wire are in files of their own.
#[derive(Default)]
struct Host {
    bucket: storage::Bucket,
}

impl Clock for Host {
    fn now(&self) -> Timestamp {
        let now = wall_clock::now();
        let millis = now.seconds.saturating_mul(1000).saturating_add((now.nanoseconds / 1_000_000).into());
        Timestamp::from_millisecond(millis.try_into().unwrap_or(i64::MAX)).unwrap_or(Timestamp::MAX)
    }

    fn nonce(&self) -> [u8; 32] {
        let mut nonce = [0; 32];
        for (bytes, word) in nonce.chunks_exact_mut(8).zip(std::iter::repeat_with(random::get_random_u64)) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        nonce
    }

    async fn pause(&self, duration: SignedDuration) {
        sleep(duration.try_into().unwrap_or_default()).await;
    }
}

impl Log for Host {
    fn log(&self, line: &str) {
        log(line);
    }
}

async fn sleep(duration: Duration) {
    let end = monotonic_clock::now().saturating_add(duration.as_nanos().try_into().unwrap_or(u64::MAX));
    let mut _waiting = None;
    poll_fn(|context| {
        if monotonic_clock::now() >= end {
            return Poll::Ready(());
        }
        let token = push_waker_and_get_token(monotonic_clock::subscribe_instant(end), context.waker().clone());
        _waiting = Some(CancelOnDropToken::from(token));
        Poll::Pending
    })
    .await;
}
