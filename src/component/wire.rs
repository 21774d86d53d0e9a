//! The way to the vendors, by the SDK's client, with the limits that it lacks.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use spin_sdk::http::{ErrorCode, IncomingResponse, SendError};

use super::{Host, log, sleep};
use crate::{
    ports::{Wire, WireError},
    vendor,
};

/// The longest that one call may take, from the first byte out to the last byte in.
const CALL: Duration = Duration::from_secs(10);

/// The longest answer that is read; Lever's longest page is a hundred times smaller.
const LONGEST_ANSWER: usize = 4 << 20;

impl Wire for Host {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, WireError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let outcome = match select(pin!(exchange(request)), pin!(sleep(CALL))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), _)) => Err(SendError::Http(ErrorCode::HttpResponseTimeout)),
        };
        outcome.map_err(|error| {
            log(&format!("no answer from {host}: {error}"));
            sort(&error)
        })
    }
}

/// Whether a call that failed so may have had an effect. In doubt it may: looking twice is cheaper than mailing twice.
fn sort(error: &SendError) -> WireError {
    use ErrorCode as E;
    match error {
        SendError::RequestConversion(_) => WireError::NotSent,
        SendError::Http(
            E::DnsTimeout
            | E::DnsError(_)
            | E::DestinationNotFound
            | E::DestinationUnavailable
            | E::DestinationIpProhibited
            | E::DestinationIpUnroutable
            | E::ConnectionRefused
            | E::ConnectionLimitReached
            | E::TlsProtocolError
            | E::TlsCertificateError
            | E::TlsAlertReceived(_)
            | E::HttpRequestDenied
            | E::HttpRequestLengthRequired
            | E::HttpRequestMethodInvalid
            | E::HttpRequestUriInvalid
            | E::HttpRequestUriTooLong
            | E::LoopDetected
            | E::ConfigurationError,
        ) => WireError::NotSent,
        _ => WireError::OutcomeUnknown,
    }
}

/// One request and its whole response. The SDK follows no redirects.
async fn exchange(request: http::Request<Bytes>) -> Result<http::Response<Bytes>, SendError> {
    let incoming: IncomingResponse = spin_sdk::http::send(request.map(Vec::from)).await?;
    let mut response = http::Response::builder().status(incoming.status());
    let headers = incoming.headers();
    for name in vendor::HEADERS {
        for value in headers.get(name.as_str()) {
            response = response.header(&name, value);
        }
    }
    let mut chunks = pin!(incoming.take_body_stream());
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend(chunk.map_err(|_| SendError::Http(ErrorCode::HttpResponseIncomplete))?);
        if body.len() > LONGEST_ANSWER {
            return Err(SendError::Http(ErrorCode::HttpResponseBodySize(None)));
        }
    }
    response.body(body.into()).map_err(|_| SendError::Http(ErrorCode::HttpProtocolError))
}
