//! The heart: a request in, a fresh instance, a response as soon as the guest has set it, and the guest going on.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::ensure;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::{mpsc, oneshot, watch};
use wasmtime::Store;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpCtx, WasiHttpView};

use crate::allowed::AllowedHosts;
use crate::clock::{Clock, SystemClock, WasiClock};
use crate::compiled::{self, Compiled};
use crate::guest::{Guest, MemoryLimit};
use crate::inbound::{self, Route};
use crate::keyvalue::Buckets;
use crate::log::{self, GuestOutput, Line, LogSink, Stream};
use crate::manifest::Manifest;
use crate::outbound::{Network, Outbound};
use crate::storage::{Memory, Storage};
use crate::variables::Variables;
use crate::wire::Wire;

/// What one request may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the guest's end, its work after the response included. Akamai Functions gives 30 seconds.
    pub time: Duration,
    /// Bytes of memory, at most 128 MiB.
    pub memory: usize,
    /// Bytes of the request's body.
    pub request_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            memory: compiled::MEMORY,
            request_body: 10 << 20,
        }
    }
}

/// Runs the component for one request after the other. Clones are the same host.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    compiled: Compiled,
    route: Route,
    variables: Arc<BTreeMap<String, String>>,
    allowed: Arc<AllowedHosts>,
    buckets: Buckets,
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    seed: Option<u64>,
    log: LogSink,
    limits: Limits,
    requests: AtomicU64,
    running: watch::Sender<usize>,
}

/// Gathers what a [`Host`] needs; see [`Host::builder`].
pub struct HostBuilder {
    manifest: Manifest,
    compiled: Compiled,
    variables: BTreeMap<String, String>,
    storage: Arc<dyn Storage>,
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    seed: Option<u64>,
    log: LogSink,
    limits: Limits,
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
    /// No guest was started: the request does not concern the component, or is none that Spin would pass on.
    NotStarted,
}

impl HostBuilder {
    /// Values that override the manifest's defaults.
    #[must_use]
    pub fn variables<N: Into<String>, V: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let values = values
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.variables.extend(values);
        self
    }

    /// Where the values are kept; without this, in memory.
    #[must_use]
    pub fn storage(mut self, storage: Arc<dyn Storage>) -> Self {
        self.storage = storage;
        self
    }

    /// Where the component's calls go; without this, to the network.
    #[must_use]
    pub fn outbound(mut self, outbound: Arc<dyn Outbound>) -> Self {
        self.outbound = outbound;
        self
    }

    /// What the guest reads as the time; without this, the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the guest's randomness repeatable: it then depends on this number and the request's. For tests.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Takes each line the guest prints; without this, it goes to `tracing`.
    #[must_use]
    pub fn log(mut self, sink: impl Fn(Line<'_>) + Send + Sync + 'static) -> Self {
        self.log = Arc::new(sink);
        self
    }

    /// What a request may use; without this, [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// # Errors
    /// A required variable is missing or an unknown one is given, which the error names; or a template of the manifest
    /// cannot be filled; or an allowed host is unusable.
    pub fn build(self) -> anyhow::Result<Host> {
        ensure!(
            self.limits.memory <= compiled::MEMORY,
            "the memory limit is above 128 MiB"
        );
        let variables = Variables::resolve(&self.manifest, self.variables)?;
        Ok(Host(Arc::new(Inner {
            route: Route::parse(&self.manifest.route),
            variables: Arc::new(variables.of_component(&self.manifest)?),
            allowed: Arc::new(variables.allowed_hosts(&self.manifest)?),
            buckets: Buckets {
                storage: self.storage,
                allowed: self.manifest.key_value_stores.into(),
                poisoned: Arc::default(),
            },
            compiled: self.compiled,
            outbound: self.outbound,
            clock: self.clock,
            seed: self.seed,
            log: self.log,
            limits: self.limits,
            requests: AtomicU64::new(0),
            running: watch::Sender::new(0),
        })))
    }
}

impl Host {
    /// A host for the component that `manifest` describes. `compiled` may serve other hosts too.
    pub fn builder(manifest: &Manifest, compiled: &Compiled) -> HostBuilder {
        HostBuilder {
            manifest: manifest.clone(),
            compiled: compiled.clone(),
            variables: BTreeMap::new(),
            storage: Arc::new(Memory::default()),
            outbound: Arc::new(Network::default()),
            clock: Arc::new(SystemClock::default()),
            seed: None,
            log: log::to_tracing(),
            limits: Limits::default(),
        }
    }

    /// What a request may use.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
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
        let refused = |status| Started {
            response: failure(status),
            rest: Box::pin(std::future::ready(Outcome::NotStarted)),
        };
        if request.body().len() > self.0.limits.request_body {
            return refused(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let request = match inbound::prepare(request, &self.0.route) {
            Ok(request) => request,
            Err(status) => return refused(status),
        };

        let host = self.clone();
        let (sender, receiver) = oneshot::channel();
        let guest = tokio::spawn(async move { host.run(request, sender).await });
        let rest: Rest = Box::pin(async move {
            guest
                .await
                .unwrap_or_else(|error| Outcome::Trapped(error.to_string()))
        });
        match receiver.await {
            Ok(Ok(response)) => Started { response, rest },
            Ok(Err(code)) => {
                tracing::error!("the guest gave up the response: {code:?}");
                Started {
                    response: failure(StatusCode::INTERNAL_SERVER_ERROR),
                    rest,
                }
            }
            Err(_) => {
                let outcome = rest.await;
                let status = match outcome {
                    Outcome::TimedOut => StatusCode::GATEWAY_TIMEOUT,
                    _ => StatusCode::INTERNAL_SERVER_ERROR,
                };
                let rest = Box::pin(std::future::ready(outcome));
                Started {
                    response: failure(status),
                    rest,
                }
            }
        }
    }

    /// Waits until no guest is running.
    pub async fn idle(&self) {
        // The sender lives in `self`, so the wait cannot fail.
        let _ = self
            .0
            .running
            .subscribe()
            .wait_for(|running| *running == 0)
            .await;
    }

    /// One guest's life.
    async fn run(
        &self,
        request: http::Request<Bytes>,
        response: oneshot::Sender<Result<http::Response<WasiBody>, ErrorCode>>,
    ) -> Outcome {
        let _running = Running::start(&self.0.running);
        let Ok(_instance) = self.0.compiled.instances.acquire().await else {
            return Outcome::Trapped("the pool of instances is closed".to_owned());
        };
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let (trap, mut trapped) = mpsc::channel(1);
        let mut store = self.store(number, trap);

        let call = async {
            let mut http = store.data_mut().http();
            let request = http.new_incoming_request(Scheme::Http, request.map(Full::new))?;
            let response = http.new_response_outparam(response)?;
            let guest = self.0.compiled.pre.instantiate_async(&mut store).await?;
            guest
                .wasi_http_incoming_handler()
                .call_handle(&mut store, request, response)
                .await
        };
        let outcome = tokio::select! {
            biased;
            Some(reason) = trapped.recv() => Outcome::Trapped(reason),
            ended = tokio::time::timeout(self.0.limits.time, call) => match ended {
                Ok(Ok(())) => Outcome::Finished,
                Ok(Err(error)) => Outcome::Trapped(format!("{error:#}")),
                Err(_) => Outcome::TimedOut,
            },
        };
        let memory = if store.data().memory.exceeded {
            ", out of memory"
        } else {
            ""
        };
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
        let inner = &self.0;
        let output = |stream| GuestOutput::new(number, stream, Arc::clone(&inner.log));
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(output(Stream::Stdout))
            .stderr(output(Stream::Stderr))
            .wall_clock(WasiClock(Arc::clone(&inner.clock)))
            .monotonic_clock(WasiClock(Arc::clone(&inner.clock)));
        if let Some(seed) = inner.seed {
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
            wire: Wire {
                allowed: Arc::clone(&inner.allowed),
                outbound: Arc::clone(&inner.outbound),
                trap,
            },
            buckets: inner.buckets.clone(),
            variables: Arc::clone(&inner.variables),
            memory: MemoryLimit::new(inner.limits.memory),
        };
        let mut store = Store::new(inner.compiled.pre.engine(), guest);
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

/// An answer in the guest's stead.
fn failure(status: StatusCode) -> http::Response<WasiBody> {
    let empty = Full::new(Bytes::new())
        .map_err(wasmtime_wasi_http::Error::from)
        .boxed_unsync();
    let mut response = http::Response::new(empty);
    *response.status_mut() = status;
    response
}
