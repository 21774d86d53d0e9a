//! `wasi:http/outgoing-handler` for the guest: the manifest's list first, then [`Outbound`].

use std::future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tokio::sync::mpsc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::allowed::AllowedHosts;
use crate::outbound::{Outbound, OutboundError};

/// One instance's way out.
pub(crate) struct Wire {
    pub(crate) allowed: Arc<AllowedHosts>,
    pub(crate) outbound: Arc<dyn Outbound>,
    /// Ends the instance: `wasi:http` has no error that does.
    pub(crate) trap: mpsc::Sender<String>,
}

type Sent<T> = Box<dyn Future<Output = Result<T, Error>> + Send>;

impl WasiHttpHooks for Wire {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Sent<()>,
    ) -> Sent<(http::Response<WasiBody>, Sent<()>)> {
        if !self.allowed.allow(request.uri()) {
            let host = request.uri().host().unwrap_or_default();
            tracing::warn!("the component may not call {host:?}: it is not in allowed_outbound_hosts");
            return Box::new(future::ready(Err(Error::HttpRequestDenied)));
        }
        let outbound = Arc::clone(&self.outbound);
        let trap = self.trap.clone();
        Box::new(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(options) = options {
                parts.extensions.insert(options);
            }
            let body = body.collect().await?.to_bytes();
            match outbound.send(http::Request::from_parts(parts, body)).await {
                Ok(response) => Ok((response.map(whole), Box::new(Pin::from(done())) as Sent<()>)),
                Err(OutboundError::Code(error)) => Err(error),
                Err(OutboundError::Trap(text)) => {
                    // Full means that the instance is ending already.
                    let _ = trap.try_send(text);
                    future::pending().await
                }
            }
        })
    }
}

/// No connection is left to be worked on: the response is here as a whole.
fn done() -> Sent<()> {
    Box::new(future::ready(Ok(())))
}

fn whole(body: Bytes) -> WasiBody {
    Full::new(body).map_err(Error::from).boxed_unsync()
}
