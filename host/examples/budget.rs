//! What the product costs: writes, calls and time, printed as the table of `docs/guarantees.md`.
//!
//! `cargo budget`. The counts are exact and the same everywhere. The times are of this machine and the dev profile, so they
//! are shown as ratios to an empty component in the same host as well.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, ensure};
use bytes::Bytes;
use host::{
    Compiled, Counts, Host, Manifest, Memory, Outbound, OutboundError, Sqlite, Storage, WireError, async_trait,
};
use http::{Method, Request, Response};
use jiff::SignedDuration;
use sandbox::lever::{App, Event, NewOpportunity};
use sandbox::{Origins, Sandbox};
use serde_json::{Value, json};
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
        "| a stage change acknowledged, SQLite on disk, the invitations under way beside it | {} |",
        stored.against(&empty)
    )?;
    Ok(())
}

/// The exact part.
async fn count(manifest: &Manifest, compiled: &Compiled, out: &mut impl Write) -> anyhow::Result<()> {
    let store = Arc::new(Memory::default());
    let town = Town::new(manifest, compiled, store.clone()).await?;
    // The first invitation fills the caches.
    town.deliver(town.moves("Coding test", "first", 1)?).await?;

    let cases =
        [("Recruiter screen", "a stage change of no trigger stage"), ("Coding test", "an invitation, caches warm")];
    for (stage, what) in cases {
        let moves = town.moves(stage, "second", 1)?;
        town.lock().forget_requests();
        let before = store.counts();
        town.deliver(moves).await?;
        let Counts { reads, commits, .. } = difference(store.counts(), before);
        let calls: Vec<String> =
            town.lock().requests().map(|call| format!("{} {}", call.method, noun(&call.path))).collect();
        let mails = town.lock().qualified().mails().len();
        ensure!(mails == if stage == "Coding test" { 2 } else { 1 }, "{what}: {mails} mails");
        writeln!(out, "| {what}: durable writes | {commits} |")?;
        writeln!(out, "| {what}: reads | {reads} |")?;
        writeln!(out, "| {what}: calls to vendors | {} ({}) |", calls.len(), calls.join(", "))?;
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

/// The last word of a path that is no id.
fn noun(path: &str) -> &str {
    let is_word = |part: &&str| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    path.rsplit('/').find(is_word).unwrap_or(path)
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
        let mut requests = Vec::new();
        for delivery in sandbox.due() {
            sandbox.answered(delivery.id, Some(http::StatusCode::OK));
            requests.push(delivery.request);
        }
        Ok(requests)
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
        let (rate, late) = (self.a_second / other.a_second, self.p99.as_secs_f64() / other.p99.as_secs_f64());
        format!("{}; against the empty component {rate:.2} of the rate, {late:.1} times the p99", self.text())
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
