//! What a host is made of, and what stands in for each part that nobody gives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;

use crate::allowed::AllowedHosts;
use crate::clock::{Clock, SystemClock};
use crate::compiled::{self, Compiled};
use crate::host::Host;
use crate::inbound::Route;
use crate::keyvalue::Buckets;
use crate::log::{self, Line, LogSink};
use crate::manifest::Manifest;
use crate::outbound::{Network, Outbound};
use crate::storage::{Memory, Storage};
use crate::variables::Variables;

/// What one request may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the guest's end, its work after the response included. Akamai Functions gives 30 seconds.
    pub time: Duration,
    /// Bytes of memory, at most 128 MiB.
    pub memory: usize,
    /// Bytes of the request's body.
    pub request_body: usize,
    /// How long a request waits while as many guests are running as can; then it is answered with 503.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(60),
            memory: compiled::MEMORY,
            // Twice what the product takes, so that it is the one to refuse, with its own words.
            request_body: 512 << 10,
            wait: Duration::from_secs(10),
        }
    }
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

/// The parts, checked and resolved.
pub(crate) struct Settings {
    pub(crate) compiled: Compiled,
    pub(crate) route: Route,
    pub(crate) variables: Arc<BTreeMap<String, String>>,
    pub(crate) allowed: Arc<AllowedHosts>,
    pub(crate) buckets: Buckets,
    pub(crate) outbound: Arc<dyn Outbound>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: Option<u64>,
    pub(crate) log: LogSink,
    pub(crate) limits: Limits,
}

impl HostBuilder {
    pub(crate) fn new(manifest: Manifest, compiled: Compiled) -> Self {
        Self {
            manifest,
            compiled,
            variables: BTreeMap::new(),
            storage: Arc::new(Memory::default()),
            outbound: Arc::new(Network::default()),
            clock: Arc::new(SystemClock::default()),
            seed: None,
            log: log::to_tracing(),
            limits: Limits::default(),
        }
    }

    /// Values that override the manifest's defaults.
    #[must_use]
    pub fn variables<N: Into<String>, V: Into<String>>(mut self, values: impl IntoIterator<Item = (N, V)>) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.into(), value.into()));
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

    /// The host.
    ///
    /// # Errors
    /// A required variable is missing or an unknown one is given, which the error names; or a template of the manifest
    /// cannot be filled; or an allowed host is unusable as it stands in the manifest.
    pub fn build(self) -> anyhow::Result<Host> {
        ensure!(self.limits.memory <= compiled::MEMORY, "the memory limit is above 128 MiB");
        let variables = Variables::resolve(&self.manifest, self.variables)?;
        Ok(Host::new(Settings {
            route: Route::parse(&self.manifest.route),
            variables: Arc::new(variables.of_component(&self.manifest)?),
            allowed: Arc::new(variables.allowed_hosts(&self.manifest)?),
            buckets: Buckets {
                storage: self.storage,
                allowed: self.manifest.key_value_stores.into(),
                poisoned: Arc::default(),
                handles: 0,
            },
            compiled: self.compiled,
            outbound: self.outbound,
            clock: self.clock,
            seed: self.seed,
            log: self.log,
            limits: self.limits,
        }))
    }
}
