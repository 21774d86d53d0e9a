//! What the product costs: writes, calls and time, printed as the table of `docs/guarantees.md`.
//!
//! `cargo budget`, which prints that table and nothing else. The counts are exact and the same everywhere. The times are of this machine and the dev profile, so they
//! are shown as ratios to an empty component in the same host as well.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, ensure};
use bytes::Bytes;
use host::{
    Compiled, Counts, Host, Manifest, Memory, Outbound, OutboundError, Sqlite, Storage, StorageError, Swap, WireError,
    async_trait,
};
use http::{Method, Request, Response};
use jiff::SignedDuration;
use sandbox::lever::{App, Event, NewOpportunity};
use sandbox::{Origins, Sandbox};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

const TITLE: &str = "Rust: Ownership";
const PUBLIC: &str = "https://ats.example.com";
const SECRET: &str = "nothing-here-is-real";

/// Requests under way at the same time, and how many in all.
const AT_ONCE: usize = 8;
const REQUESTS: usize = 400;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = Manifest::load(&root.join("spin.toml"))?;
    manifest.build()?;
    let component = manifest.component()?;
    let compiled = Compiled::cached(&component, &host::default_cache())?;
    let mut out = io::stdout();

    writeln!(out, "| what | measured |\n|---|---|")?;
    writeln!(out, "| the component | {:.2} MB |", component.len() as f64 / 1e6)?;
    count(&manifest, &compiled, &mut out).await?;

    let empty = time(&empty(&root)?, vec![Request::get("/hello").body(Bytes::new())?; REQUESTS]).await?;
    writeln!(out, "| an empty component: requests a second, p99 | {} |", empty.text())?;
    let folder = tempfile::tempdir()?;
    let store = Arc::new(Sqlite::open(&folder.path().join("budget.db"))?);
    let town = Town::new(&manifest, &compiled, store).await?;
    let ignored = time(&town.host, town.moves("Recruiter screen", "passing", REQUESTS)?).await?;
    writeln!(out, "| a stage change of no trigger stage | {} |", ignored.against(&empty))?;
    let stored = time(&town.host, town.moves("Coding test", "invited", REQUESTS)?).await?;
    writeln!(
        out,
        "| a stage change acknowledged, SQLite on disk, {REQUESTS} invitations under way beside it | {} |",
        stored.against(&empty)
    )?;
    Ok(())
}

/// The exact part.
async fn count(manifest: &Manifest, compiled: &Compiled, out: &mut impl Write) -> anyhow::Result<()> {
    let store = Arc::new(Memory::default());
    let (asks, mut asked) = mpsc::channel(1);
    let gate = Arc::new(Gate { store: store.clone(), asks: Mutex::new(None) });
    let town = Town::new(manifest, compiled, gate.clone()).await?;
    // The first invitation fills the caches.
    town.deliver(town.moves("Coding test", "first", 1)?).await?;

    let cases =
        [("Recruiter screen", "a stage change of no trigger stage"), ("Coding test", "an invitation, caches warm")];
    for (stage, what) in cases {
        // An invitation makes Qualified tell us of it, which is another thing.
        town.deliver(town.due()).await?;
        let moves = town.moves(stage, "second", 1)?;
        town.lock().forget_requests();
        let before = store.counts();
        gate.close(Some(asks.clone()));
        let [delivery] = <[_; 1]>::try_from(moves).map_err(|_| anyhow::anyhow!("one move is one delivery"))?;
        let acknowledged = town.acknowledged(delivery, &mut asked).await?;
        gate.close(None);
        while let Ok(ask) = asked.try_recv() {
            pass(ask);
        }
        town.host.idle().await;
        let Counts { reads, commits, .. } = difference(store.counts(), before);
        let calls: Vec<String> = town.lock().requests().map(|call| deed(&call.method, &call.path)).collect();
        let mails = town.lock().qualified().mails().len();
        ensure!(mails == if stage == "Coding test" { 2 } else { 1 }, "{what}: {mails} mails");
        let before = match acknowledged {
            0 => String::new(),
            1 => ", one of them before the acknowledgement".to_owned(),
            more => format!(", {more} of them before the acknowledgement"),
        };
        writeln!(out, "| {what}: durable writes | {commits}{before} |")?;
        writeln!(out, "| {what}: reads | {reads} |")?;
        let which = if calls.is_empty() { String::new() } else { format!(" ({})", calls.join(", ")) };
        writeln!(out, "| {what}: calls to vendors | {}{which} |", calls.len())?;
    }
    Ok(())
}

fn difference(after: Counts, before: Counts) -> Counts {
    Counts {
        reads: after.reads - before.reads,
        writes: after.writes - before.writes,
        commits: after.commits - before.commits,
    }
}

/// What a call does, in words.
fn deed(method: &Method, path: &str) -> String {
    match path.rsplit('/').next() {
        Some("invite_candidates") => "invite".to_owned(),
        Some("addTags") => "add tags".to_owned(),
        Some("removeTags") => "remove tags".to_owned(),
        _ if method == Method::GET && path.starts_with("/v1/opportunities/") => "read the opportunity".to_owned(),
        _ => format!("{method} {path}"),
    }
}

/// A store whose writes wait, while it is closed, until they are let through one by one: so it can be counted how many of
/// them come before an answer.
struct Gate {
    store: Arc<Memory>,
    /// Where a write asks; `None` while the gate is open.
    asks: Mutex<Option<mpsc::Sender<Ask>>>,
}

/// A write's wish to pass.
type Ask = oneshot::Sender<()>;

fn pass(ask: Ask) {
    // Who no longer waits has been stopped.
    let _ = ask.send(());
}

impl Gate {
    /// Closes it for writes, which then ask there; or opens it.
    fn close(&self, asks: Option<mpsc::Sender<Ask>>) {
        *self.asks.lock().unwrap_or_else(PoisonError::into_inner) = asks;
    }

    async fn go_through(&self) -> Result<(), StorageError> {
        let asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(asks) = asks {
            let (ask, passed) = oneshot::channel();
            asks.send(ask).await.map_err(StorageError::failed)?;
            passed.await.map_err(StorageError::failed)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for Gate {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.store.get(key).await
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
        self.store.get_many(keys).await
    }

    async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StorageError> {
        self.go_through().await?;
        self.store.set(key, value).await
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StorageError> {
        self.go_through().await?;
        self.store.set_many(pairs).await
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.go_through().await?;
        self.store.delete(key).await
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StorageError> {
        self.go_through().await?;
        self.store.delete_many(keys).await
    }

    async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        self.store.exists(key).await
    }

    async fn keys(&self) -> Result<Vec<String>, StorageError> {
        self.store.keys().await
    }

    async fn swap(&self, key: &str, seen: Option<&[u8]>, new: Vec<u8>) -> Result<Swap, StorageError> {
        self.go_through().await?;
        self.store.swap(key, seen, new).await
    }
}

/// One customer and the product, everything in this process.
struct Town {
    host: Host,
    vendors: Arc<Vendors>,
}

impl Town {
    async fn new(manifest: &Manifest, compiled: &Compiled, store: Arc<dyn Storage>) -> anyhow::Result<Self> {
        let mut sandbox = Sandbox::new(Origins::default(), jiff::Timestamp::now(), 1);
        sandbox.register_lever_app(App::of_the_product("the-app", SECRET, PUBLIC));
        sandbox.qualified().add_assessment(TITLE, true);
        let vendors = Arc::new(Vendors { sandbox: Mutex::new(sandbox), start: Instant::now() });
        let variables = [
            ("public_url", PUBLIC),
            ("admin_token", "operator"),
            ("encryption_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
            ("lever_client_id", "the-app"),
            ("lever_client_secret", SECRET),
        ];
        let host = Host::builder(manifest, compiled)
            .variables(variables)
            .storage(store)
            .outbound(vendors.clone())
            .clock(vendors.clone())
            .build()?;
        let town = Self { host, vendors };
        town.set_up().await?;
        Ok(town)
    }

    fn lock(&self) -> MutexGuard<'_, Sandbox> {
        self.vendors.lock()
    }

    async fn set_up(&self) -> anyhow::Result<()> {
        self.call(Method::PUT, "", Some(json!({"name": "Acme", "ats_enabled": true}))).await?;
        let key = self.lock().qualified().api_key().to_owned();
        self.call(Method::PUT, "/qualified", Some(json!({"api_key": key}))).await?;
        let login = self.call(Method::POST, "/lever/login", None).await?;
        let cookie = login.headers().get("set-cookie").context("no cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let answer: Value = serde_json::from_slice(login.body())?;
        let callback = self.lock().lever().consent(answer["authorize_url"].as_str().context("no URL")?)?;
        let back = Request::get(callback.trim_start_matches(PUBLIC)).header("cookie", cookie).body(Bytes::new())?;
        ensure!(answered(&self.host, back).await?.status().is_success(), "the callback failed");
        let stage = self.lock().lever().stage("Coding test")?;
        self.call(Method::PUT, &format!("/lever/trigger-stages/{stage}"), None).await?;
        self.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
        // Lever's first delivery is noted for the health; it is none of the usual ones.
        self.deliver(self.moves("Recruiter screen", "very first", 1)?).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Response<Bytes>> {
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/accounts/acme{path}"))
            .header("authorization", "Bearer operator")
            .body(body)?;
        let response = answered(&self.host, request).await?;
        ensure!(response.status().is_success(), "{path}: {}", String::from_utf8_lossy(response.body()));
        Ok(response)
    }

    /// New candidates with the tag enter a stage: Lever's deliveries about them.
    fn moves(&self, stage: &str, name: &str, count: usize) -> anyhow::Result<Vec<Request<Bytes>>> {
        let mut sandbox = self.lock();
        // A trigger stage counts from the moment it was added; this is later.
        sandbox.advance(SignedDuration::from_secs(60));
        let stage = sandbox.lever().stage(stage)?;
        for number in 0..count {
            let mut lever = sandbox.lever();
            let person = format!("{name} {number}");
            let email = format!("{}@example.com", person.replace(' ', "."));
            let opportunity = lever.add_opportunity(NewOpportunity::named(&person).email(&email).tag(TITLE))?;
            lever.move_to_stage(&opportunity, &stage)?;
        }
        drop(sandbox);
        Ok(self.due())
    }

    /// What the vendors want to tell now.
    fn due(&self) -> Vec<Request<Bytes>> {
        let mut sandbox = self.lock();
        let mut requests = Vec::new();
        for delivery in sandbox.due() {
            sandbox.answered(delivery.id, Some(http::StatusCode::OK));
            requests.push(delivery.request);
        }
        requests
    }

    /// Hands a delivery over and lets its writes through until it is answered; tells how many those were. Its work goes on.
    async fn acknowledged(&self, delivery: Request<Bytes>, asked: &mut mpsc::Receiver<Ask>) -> anyhow::Result<usize> {
        let mut answer = std::pin::pin!(answered(&self.host, delivery));
        let mut writes = 0;
        loop {
            tokio::select! {
                // A write that comes after the answer finds it given, and is not looked at.
                biased;
                response = &mut answer => {
                    let status = response?.status();
                    ensure!(status.is_success(), "a delivery got {status}");
                    return Ok(writes);
                }
                Some(ask) = asked.recv() => {
                    writes += 1;
                    pass(ask);
                }
            }
        }
    }

    /// Hands deliveries over one by one, each to its end.
    async fn deliver(&self, requests: Vec<Request<Bytes>>) -> anyhow::Result<()> {
        for request in requests {
            let response = answered(&self.host, request).await?;
            ensure!(response.status().is_success(), "a delivery got {}", response.status());
            self.host.idle().await;
        }
        Ok(())
    }
}

async fn answered(host: &Host, mut request: Request<Bytes>) -> anyhow::Result<Response<Bytes>> {
    request.headers_mut().insert("host", http::HeaderValue::from_static("ats.example.com"));
    Ok(host.handle(request).await.response)
}

/// The host tests' guest, which has a route that does nothing.
fn empty(root: &Path) -> anyhow::Result<Host> {
    let guest = root.join("host/tests/guest");
    let target = root.join("target/empty-component");
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2", "--manifest-path"])
        .arg(guest.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .status()?;
    ensure!(status.success(), "the empty component does not build");
    let compiled = Compiled::load(&target.join("wasm32-wasip2/release/guest.wasm"))?;
    let manifest = Manifest::parse(
        "spin_manifest_version = 2\n[[trigger.http]]\nroute = \"/...\"\ncomponent = \"empty\"\n\
         [component.empty]\nsource = \"empty.wasm\"\n",
    )?;
    Host::builder(&manifest, &compiled).build()
}

/// How fast answers came.
struct Speed {
    a_second: f64,
    p99: Duration,
}

impl Speed {
    fn text(&self) -> String {
        format!("{:.0}/s, {:.1} ms", self.a_second, self.p99.as_secs_f64() * 1e3)
    }

    fn against(&self, other: &Self) -> String {
        format!("{}; {:.2} of the empty component's rate", self.text(), self.a_second / other.a_second)
    }
}

/// Sends the requests, a few at once; counts the time to the answer, not to the end of the work after it.
async fn time(host: &Host, requests: Vec<Request<Bytes>>) -> anyhow::Result<Speed> {
    let count = requests.len();
    let mut latencies = Vec::with_capacity(count);
    let mut running = JoinSet::new();
    let start = Instant::now();
    for request in requests {
        if running.len() == AT_ONCE {
            latencies.push(running.join_next().await.context("none runs")???);
        }
        let host = host.clone();
        running.spawn(async move {
            let start = Instant::now();
            let response = answered(&host, request).await?;
            ensure!(response.status().is_success(), "an answer was {}", response.status());
            Ok(start.elapsed())
        });
    }
    while let Some(latency) = running.join_next().await {
        latencies.push(latency??);
    }
    let a_second = count as f64 / start.elapsed().as_secs_f64();
    host.idle().await;
    latencies.sort();
    let p99 = latencies[(count * 99).div_ceil(100) - 1];
    Ok(Speed { a_second, p99 })
}

/// The sandbox as the way out and as the time of day.
struct Vendors {
    sandbox: Mutex<Sandbox>,
    start: Instant,
}

impl Vendors {
    fn lock(&self) -> MutexGuard<'_, Sandbox> {
        self.sandbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Outbound for Vendors {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        self.lock().handle(request).map_err(|_| WireError::ConnectionReadTimeout.into())
    }
}

impl host::Clock for Vendors {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.lock().now().as_duration().unsigned_abs()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}
