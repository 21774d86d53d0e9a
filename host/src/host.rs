//! The heart: a request in, a fresh instance, a response as soon as the guest has set it, and the guest going on.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Full};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot, watch};
use wasmtime::Store;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpCtx, WasiHttpView};

use crate::builder::{HostBuilder, Limits, Settings};
use crate::clock::WasiClock;
use crate::compiled::Compiled;
use crate::guest::{Guest, MemoryLimit};
use crate::inbound;
use crate::log::{GuestOutput, Stream};
use crate::manifest::Manifest;
use crate::wire::Wire;

/// The most requests that are read or wait for a guest at once, each with a body of up to [`Limits::request_body`] in
/// memory. Twice as many as guests can run.
const ADMITTED: usize = 256;

/// When to come again, in seconds, for a request that found no place.
const COME_AGAIN: HeaderValue = HeaderValue::from_static("10");

/// Runs the component for one request after the other. Clones are the same host.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    settings: Settings,
    /// How many guests have been started.
    requests: AtomicU64,
    /// How many are running.
    running: watch::Sender<usize>,
    /// Places for requests that no guest has yet.
    places: Semaphore,
}

/// A response as a whole, and the guest that may still be at work.
pub struct Handled {
    /// What the guest answered; or 500, 504 and the like with an empty body where it could not.
    pub response: http::Response<Bytes>,
    /// Ends when the guest ends. Dropping it does not stop the guest.
    pub rest: Rest,
}

/// A response on its way, and the guest that may still be at work.
pub struct Started {
    /// As in [`Handled`], but the guest may still be writing the body.
    pub response: http::Response<WasiBody>,
    /// As in [`Handled`].
    pub rest: Rest,
}

/// The remaining work of a guest.
pub type Rest = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// How a guest ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It returned.
    Finished,
    /// It was stopped at [`Limits::time`].
    TimedOut,
    /// It crashed, or was made to by a `Trap` of a seam, or could not be started; with the reason.
    Trapped(String),
    /// No guest was started: the request does not concern the component, or is none that Spin would pass on, or found no
    /// place in time.
    NotStarted,
}

impl Host {
    /// A host for the component that `manifest` describes. `compiled` may serve other hosts too.
    pub fn builder(manifest: &Manifest, compiled: &Compiled) -> HostBuilder {
        HostBuilder::new(manifest.clone(), compiled.clone())
    }

    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(Inner {
            settings,
            requests: AtomicU64::new(0),
            running: watch::Sender::new(0),
            places: Semaphore::new(ADMITTED),
        }))
    }

    /// What a request may use.
    pub fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// A place for a request whose body is still to be read, to be kept until it is answered; `None` if none becomes free
    /// within [`Limits::wait`], and then [`busy`] is the answer.
    pub(crate) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        let place = tokio::time::timeout(self.0.settings.limits.wait, self.0.places.acquire()).await;
        // The semaphore is never closed.
        place.ok()?.ok()
    }

    /// Answers one request, and waits for the whole body of the response, but not for the guest's end.
    pub async fn handle(&self, request: http::Request<Bytes>) -> Handled {
        let Started { response, rest } = self.start(request).await;
        let (parts, body) = response.into_parts();
        let response = match body.collect().await {
            Ok(body) => http::Response::from_parts(parts, body.to_bytes()),
            // Over a socket the client would see the connection break; there is no better way to say so here.
            Err(_) => failure(StatusCode::INTERNAL_SERVER_ERROR).map(|_| Bytes::new()),
        };
        Handled { response, rest }
    }

    /// Answers one request, as soon as the guest has set status and headers.
    pub async fn start(&self, request: http::Request<Bytes>) -> Started {
        let refused =
            |status| Started { response: failure(status), rest: Box::pin(std::future::ready(Outcome::NotStarted)) };
        if request.body().len() > self.0.settings.limits.request_body {
            return refused(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let request = match inbound::prepare(request, &self.0.settings.route) {
            Ok(request) => request,
            Err(status) => return refused(status),
        };

        let host = self.clone();
        let (sender, receiver) = oneshot::channel();
        let guest = tokio::spawn(async move { host.run(request, sender).await });
        let rest: Rest =
            Box::pin(async move { guest.await.unwrap_or_else(|error| Outcome::Trapped(error.to_string())) });
        match receiver.await {
            Ok(Ok(response)) => Started { response, rest },
            Ok(Err(code)) => {
                tracing::error!("the guest gave up the response: {code:?}");
                Started { response: failure(StatusCode::INTERNAL_SERVER_ERROR), rest }
            }
            Err(_) => {
                let outcome = rest.await;
                let response = match outcome {
                    Outcome::TimedOut => failure(StatusCode::GATEWAY_TIMEOUT),
                    Outcome::NotStarted => busy(),
                    Outcome::Finished | Outcome::Trapped(_) => failure(StatusCode::INTERNAL_SERVER_ERROR),
                };
                Started { response, rest: Box::pin(std::future::ready(outcome)) }
            }
        }
    }

    /// Waits until no guest is running.
    pub async fn idle(&self) {
        // The sender lives in `self`, so the wait cannot fail.
        let _ = self.0.running.subscribe().wait_for(|running| *running == 0).await;
    }

    /// One guest's life.
    async fn run(
        &self,
        request: http::Request<Bytes>,
        response: oneshot::Sender<Result<http::Response<WasiBody>, ErrorCode>>,
    ) -> Outcome {
        let _running = Running::start(&self.0.running);
        let instance = self.0.settings.compiled.instances.acquire();
        let Ok(Ok(_instance)) = tokio::time::timeout(self.0.settings.limits.wait, instance).await else {
            tracing::warn!("a request was turned away: as many guests are running as can");
            return Outcome::NotStarted;
        };
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let (trap, mut trapped) = mpsc::channel(1);
        let mut store = self.store(number, trap);

        let call = async {
            let mut http = store.data_mut().http();
            let request = http.new_incoming_request(Scheme::Http, request.map(Full::new))?;
            let response = http.new_response_outparam(response)?;
            let guest = self.0.settings.compiled.pre.instantiate_async(&mut store).await?;
            guest.wasi_http_incoming_handler().call_handle(&mut store, request, response).await
        };
        let outcome = tokio::select! {
            biased;
            Some(reason) = trapped.recv() => Outcome::Trapped(reason),
            ended = tokio::time::timeout(self.0.settings.limits.time, call) => match ended {
                Ok(Ok(())) => Outcome::Finished,
                Ok(Err(error)) => Outcome::Trapped(format!("{error:#}")),
                Err(_) => Outcome::TimedOut,
            },
        };
        let memory = if store.data().memory.exceeded { ", out of memory" } else { "" };
        match &outcome {
            Outcome::TimedOut => {
                tracing::error!(request = number, "the guest was stopped at the time limit")
            }
            Outcome::Trapped(reason) => {
                tracing::error!(request = number, "the guest crashed{memory}: {reason}")
            }
            Outcome::Finished | Outcome::NotStarted => {}
        }
        outcome
    }

    /// The data and limits of a fresh instance.
    fn store(&self, number: u64, trap: mpsc::Sender<String>) -> Store<Guest> {
        let settings = &self.0.settings;
        let output = |stream| GuestOutput::new(number, stream, Arc::clone(&settings.log));
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(output(Stream::Stdout))
            .stderr(output(Stream::Stderr))
            .wall_clock(WasiClock(Arc::clone(&settings.clock)))
            .monotonic_clock(WasiClock(Arc::clone(&settings.clock)));
        if let Some(seed) = settings.seed {
            // The constant is odd, so that different requests of one seed get different numbers.
            let seed = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            wasi.secure_random(StdRng::seed_from_u64(seed))
                .insecure_random(StdRng::seed_from_u64(!seed))
                .insecure_random_seed(seed.into());
        }
        let guest = Guest {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            wire: Wire { allowed: Arc::clone(&settings.allowed), outbound: Arc::clone(&settings.outbound), trap },
            buckets: settings.buckets.clone(),
            variables: Arc::clone(&settings.variables),
            memory: MemoryLimit::new(settings.limits.memory),
        };
        let mut store = Store::new(settings.compiled.pre.engine(), guest);
        store.limiter(|guest| &mut guest.memory);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }
}

/// Counts a guest as running for as long as it lives.
struct Running<'a>(&'a watch::Sender<usize>);

impl<'a> Running<'a> {
    fn start(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|running| *running += 1);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

/// The answer to a request for which there is no place: come again.
pub(crate) fn busy() -> http::Response<WasiBody> {
    let mut response = failure(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, COME_AGAIN);
    response
}

/// An answer in the guest's stead.
fn failure(status: StatusCode) -> http::Response<WasiBody> {
    let empty = Full::new(Bytes::new()).map_err(wasmtime_wasi_http::Error::from).boxed_unsync();
    let mut response = http::Response::new(empty);
    *response.status_mut() = status;
    response
}
