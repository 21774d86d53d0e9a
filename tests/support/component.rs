//! The product as it is shipped: the built component, run by the host in this process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use host::{
    Compiled, Handled, Host, Limits, Manifest, Outbound, OutboundError, Outcome, Storage, StorageError, Swap,
    WireError, async_trait,
};
use http::{Request, Response};
use tokio::runtime::Runtime;

use super::boundary::Boundary;
use super::fault::{Broken, Kind};

/// How a guest's death is told from a crash of its own making.
const DEATH: &str = "the story cuts it here";

/// The project's manifest, the one that operators run.
pub(crate) fn manifest() -> &'static Manifest {
    static MANIFEST: OnceLock<Manifest> = OnceLock::new();
    MANIFEST.get_or_init(|| {
        Manifest::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spin.toml")).expect("the manifest is sound")
    })
}

/// The component, built from the present sources and compiled once per test program. Cargo's own lock keeps
/// two test programs from building at once.
fn compiled() -> &'static Compiled {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| {
        manifest().build().unwrap_or_else(|error| panic!("the component does not build: {error:#}"));
        Compiled::load(&manifest().source).expect("the component compiles")
    })
}

/// Whose ways the store has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ways {
    /// Spin's SQLite and our host.
    Sound,
    /// Spin's Redis: several keys can't be read at once, and every swap is called lost, also one that was applied.
    SpinsRedis,
}

/// The host with the component.
pub(crate) struct Component {
    host: Host,
    runtime: Runtime,
    log: Arc<Mutex<Vec<String>>>,
}

impl Component {
    pub(crate) fn new(boundary: Arc<Boundary>, variables: &BTreeMap<String, String>, ways: Ways) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        let clock = Clock { boundary: Arc::clone(&boundary), start: Instant::now() };
        let host = Host::builder(manifest(), compiled())
            .variables(variables.clone())
            .storage(Arc::new(Door { boundary: Arc::clone(&boundary), ways }))
            .outbound(Arc::new(Door { boundary, ways }))
            .clock(Arc::new(clock))
            .seed(1)
            // Spin has no such limit: how long a body may be is for the component to say.
            .limits(Limits { request_body: 10 << 20, ..Limits::default() })
            .log(move |line| lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.text.to_owned()))
            .build()
            .expect("the manifest and the variables fit");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { host, runtime, log }
    }

    /// One invocation to its end, or to its death. A component that crashes by itself fails the story.
    pub(crate) fn handle(&self, mut request: Request<Bytes>) -> Option<Response<Bytes>> {
        request.headers_mut().insert("host", "ats.example.com".parse().expect("a header"));
        self.runtime.block_on(async {
            let Handled { response, rest } = self.host.handle(request).await;
            match rest.await {
                Outcome::Finished => {}
                Outcome::Trapped(reason) if reason.contains(DEATH) => {}
                other => panic!("the component ended as {other:?}; it said: {:#?}", self.log()),
            }
            Some(response)
        })
    }

    /// Every line that it printed.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The boundary as the host's seams.
struct Door {
    boundary: Arc<Boundary>,
    ways: Ways,
}

fn broken(broken: Broken) -> StorageError {
    match broken {
        Broken::Dead => StorageError::Trap(DEATH.to_owned()),
        _ => StorageError::Failed("cut".to_owned()),
    }
}

#[async_trait]
impl Storage for Door {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.boundary.store(Kind::Read, format!("get {key}"), |records| records.get(key).cloned()).map_err(broken)
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
        let read = |records: &mut BTreeMap<String, Vec<u8>>| {
            // Backwards: nobody promises an order.
            keys.iter().rev().filter_map(|key| Some((key.clone(), records.get(key)?.clone()))).collect()
        };
        let present = self.boundary.store(Kind::Read, format!("get {}", keys.join(" ")), read).map_err(broken)?;
        match (self.ways, keys) {
            (Ways::Sound, _) => Ok(present),
            // The one key has no second text beside it that could be its value, so Spin finds no pair.
            (Ways::SpinsRedis, [_]) => Ok(Vec::new()),
            (Ways::SpinsRedis, _) => {
                Err(StorageError::Failed("ERR: wrong number of arguments for 'keys' command".to_owned()))
            }
        }
    }

    async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StorageError> {
        self.set_many(vec![(key.to_owned(), value)]).await
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StorageError> {
        let keys: Vec<_> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        self.boundary
            .store(Kind::Write, format!("put {}", keys.join(" ")), |records| records.extend(pairs))
            .map_err(broken)
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.delete_many(&[key.to_owned()]).await
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StorageError> {
        let delete = |records: &mut BTreeMap<String, Vec<u8>>| records.retain(|key, _| !keys.contains(key));
        self.boundary.store(Kind::Write, format!("delete {}", keys.join(" ")), delete).map_err(broken)
    }

    async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        self.boundary.store(Kind::Read, format!("exists {key}"), |records| records.contains_key(key)).map_err(broken)
    }

    async fn keys(&self) -> Result<Vec<String>, StorageError> {
        panic!("listing the keys reads the whole store: no route and no sync may do that");
    }

    async fn swap(&self, key: &str, seen: Option<&[u8]>, new: Vec<u8>) -> Result<Swap, StorageError> {
        let swap = |records: &mut BTreeMap<String, Vec<u8>>| {
            // What was not seen is overwritten, as Spin does.
            if seen.is_some() && records.get(key).map(Vec::as_slice) != seen {
                return Swap::Lost;
            }
            records.insert(key.to_owned(), new);
            Swap::Swapped
        };
        let ended = self.boundary.store(Kind::Write, format!("swap {key}"), swap).map_err(broken)?;
        Ok(if self.ways == Ways::SpinsRedis { Swap::Lost } else { ended })
    }
}

#[async_trait]
impl Outbound for Door {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        self.boundary.send(request).map_err(|broken| match broken {
            Broken::Dead => OutboundError::Trap(DEATH.to_owned()),
            Broken::NotSent => WireError::ConnectionRefused.into(),
            _ => WireError::ConnectionReadTimeout.into(),
        })
    }
}

/// The sandbox's time of day. What the guest waits for, it waits for in real time.
struct Clock {
    boundary: Arc<Boundary>,
    start: Instant,
}

impl host::Clock for Clock {
    fn now(&self) -> SystemTime {
        let since = self.boundary.now().as_duration();
        SystemTime::UNIX_EPOCH + since.unsigned_abs()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}
