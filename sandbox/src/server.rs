//! The vendors as a server for people: three listeners, one shared [`Sandbox`] on the real clock, and a pump that sends
//! its webhooks.

mod pump;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::reply::{self, Reply};
use crate::{NoAnswer, Origins, Sandbox};

/// Bodies beyond this are cut off; no vendor takes as much from an integration.
const MAX_BODY: usize = 1 << 20;

/// Where the vendors listen. Port 0 takes any free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// Lever, its authorization server included.
    pub lever: SocketAddr,
    /// Qualified.
    pub qualified: SocketAddr,
    /// BambooHR, in the gateway form.
    pub bamboohr: SocketAddr,
}

impl Default for Addresses {
    /// `127.0.0.1:3001`, `:3002`, `:3003`.
    fn default() -> Self {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self { lever: local(3001), qualified: local(3002), bamboohr: local(3003) }
    }
}

/// A sandbox that several tasks share. Lock it shortly: requests wait meanwhile.
#[derive(Debug, Clone)]
pub struct Shared {
    sandbox: Arc<Mutex<Sandbox>>,
    changed: Arc<Notify>,
}

impl Shared {
    /// The sandbox, its clock set to now. Webhooks that come of what the caller does leave at once.
    pub fn lock(&self) -> MutexGuard<'_, Sandbox> {
        // A panic while the lock was held leaves a sandbox that is still fit to be looked at.
        let mut sandbox = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        sandbox.set_now(Timestamp::now());
        self.changed.notify_one();
        sandbox
    }
}

/// The running vendors; they stop when this is dropped.
#[derive(Debug)]
pub struct Served {
    shared: Shared,
    origins: Origins,
    _tasks: JoinSet<()>,
}

impl Served {
    /// Binds the addresses, then has `make` build the sandbox for the origins that came of them.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub async fn start(addresses: Addresses, make: impl FnOnce(Origins, Timestamp) -> Sandbox) -> io::Result<Self> {
        let lever = TcpListener::bind(addresses.lever).await?;
        let qualified = TcpListener::bind(addresses.qualified).await?;
        let bamboohr = TcpListener::bind(addresses.bamboohr).await?;
        let origin = |listener: &TcpListener| listener.local_addr().map(|address| format!("http://{address}"));
        let origins = Origins {
            lever_auth: origin(&lever)?,
            lever_api: origin(&lever)?,
            qualified: origin(&qualified)?,
            bamboohr: origin(&bamboohr)?,
            ..Origins::default()
        };
        let shared = Shared {
            sandbox: Arc::new(Mutex::new(make(origins.clone(), Timestamp::now()))),
            changed: Arc::new(Notify::new()),
        };
        let mut tasks = JoinSet::new();
        for listener in [lever, qualified, bamboohr] {
            let origin = origin(&listener)?;
            tasks.spawn(listen(listener, shared.clone(), origin));
        }
        tasks.spawn(pump::run(shared.clone()));
        Ok(Self { shared, origins, _tasks: tasks })
    }

    /// Where the vendors really are.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// The sandbox, to act in it while it is served.
    #[must_use]
    pub fn sandbox(&self) -> Shared {
        self.shared.clone()
    }
}

async fn listen(listener: TcpListener, shared: Shared, origin: String) {
    let mut connections = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Too many open files, or a client that left already: there will be others.
            Err(error) => {
                tracing::warn!(%error, "the sandbox could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (shared, origin) = (shared.clone(), origin.clone());
        let service = service_fn(move |request| answer(shared.clone(), origin.clone(), request));
        connections.spawn(async move {
            // An error here is a client that left, or a fault that closes the line: both are daily bread.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// The listener decides the vendor, whatever `Host` says: `localhost` and `127.0.0.1` are one here. [`NoAnswer`] makes
/// hyper close the connection, and the client sees what it sees when a vendor goes dead.
async fn answer(
    shared: Shared,
    origin: String,
    request: Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, NoAnswer> {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Ok(reply::empty(413).map(Full::new));
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    match format!("{origin}{target}").parse::<Uri>() {
        Ok(uri) => parts.uri = uri,
        Err(_) => return Ok(reply::empty(400).map(Full::new)),
    }
    let answer: Result<Reply, NoAnswer> = shared.lock().serve(Request::from_parts(parts, body.to_bytes()));
    shared.changed.notify_one();
    answer.map(|reply| reply.map(Full::new))
}
