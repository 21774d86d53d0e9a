//! Acknowledged means never lost, and repeated means once: a real process, killed in the middle of a burst.
//!
//! The stories cut the component at every call it makes; here nothing is simulated but the vendors. The moments of the
//! kills are chosen by how far the work has come, so that they fall into the work on fast and slow machines alike.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use host::Manifest;
use http::header::{AUTHORIZATION, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderName, Method};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Client, Response, redirect};
use sandbox::lever::{App, Event, NewOpportunity};
use sandbox::server::{Addresses, Served};
use sandbox::{Origins, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time;

/// Each wave is cut short by a kill.
const WAVES: usize = 4;
const WAVE: usize = 50;
const TITLE: &str = "Rust: Ownership";
const SECRET: &str = "nothing-here-is-real";

/// Everything a lease, a back-off and a slow machine can come to.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_and_repeats_nothing() {
    let seed = 20_261_124;
    let mut dice = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::new(folder.path()).await;
    let mut process = town.start().await;
    town.set_up().await;
    let mut opportunities = Vec::new();

    for wave in 0..WAVES {
        let moment = town.mails().len() + dice.random_range(0..WAVE / 2);
        opportunities.extend(town.move_at_once(wave));
        time::timeout(PATIENCE, town.until_mails(moment)).await.expect("the work goes on");
        process.kill().await.expect("it was running");
        process = town.start().await;
    }
    time::timeout(PATIENCE, town.until_quiet()).await.expect("it becomes quiet");

    let mut mails = BTreeMap::<String, usize>::new();
    for mail in town.mails() {
        *mails.entry(mail).or_default() += 1;
    }
    assert!(mails.values().all(|count| *count == 1), "seed {seed}: somebody got two mails: {mails:?}");
    assert_eq!(mails.len(), WAVES * WAVE, "seed {seed}: somebody got no mail");
    let shared = town.vendors.sandbox();
    let mut sandbox = shared.lock();
    for opportunity in opportunities {
        assert_eq!(sandbox.lever().tags(&opportunity), [format!("{TITLE} - Invited")], "seed {seed}");
    }
}

/// The vendors, the files, and the address at which the product comes back after each kill.
struct Town {
    vendors: Served,
    client: Client,
    address: SocketAddr,
    manifest: PathBuf,
    folder: PathBuf,
}

impl Town {
    async fn new(folder: &Path) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml");
        let manifest = Manifest::load(&path).expect("the manifest is sound");
        manifest.build().expect("the component builds");

        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let addresses = Addresses { lever: any, qualified: any, bamboohr: any };
        let make = |origins: Origins, now| {
            let mut sandbox = Sandbox::new(origins, now, 1);
            sandbox.register_lever_app(App::of_the_product("the-app", SECRET, &format!("http://{address}")));
            sandbox.qualified().add_assessment(TITLE, true);
            sandbox
        };
        let vendors = Served::start(addresses, make).await.expect("free ports");
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { vendors, client, address, manifest: path, folder: folder.to_owned() }
    }

    /// Starts the product, and waits until it serves.
    async fn start(&self) -> Child {
        let origins = self.vendors.origins();
        let variables = [
            ("public_url", format!("http://{}", self.address)),
            ("admin_token", "operator".to_owned()),
            ("encryption_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".to_owned()),
            ("lever_client_id", "the-app".to_owned()),
            ("lever_client_secret", SECRET.to_owned()),
            ("lever_auth_origin", origins.lever_auth.clone()),
            ("lever_api_origin", origins.lever_api.clone()),
            ("qualified_origin", origins.qualified.clone()),
            ("bamboohr_origin", origins.bamboohr.clone()),
        ];
        let mut process = Command::new(env!("CARGO_BIN_EXE_qualified-ats"))
            .args(["up", "--listen", &self.address.to_string(), "--db", "kill.db", "--cache", "cache"])
            .args(["--sync-every", "0", "--manifest"])
            .arg(&self.manifest)
            .args(variables.into_iter().flat_map(|(name, value)| ["--set".to_owned(), format!("{name}={value}")]))
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .current_dir(&self.folder)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut log = BufReader::new(process.stderr.take().expect("its log")).lines();
        while let Some(line) = time::timeout(PATIENCE, log.next_line()).await.expect("it goes on").expect("text") {
            if line.contains("serving http://") {
                // The pipe is read on, or the process would wait for it.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return process;
            }
        }
        panic!("it ended without serving");
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self.client.request(method, format!("http://{}{path}", self.address));
        request = request.header(AUTHORIZATION, "Bearer operator");
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let response = request.send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response
    }

    /// Both vendors connected, "Coding test" a trigger stage.
    async fn set_up(&self) {
        let account = "/api/accounts/acme";
        self.call(Method::PUT, account, Some(json!({"name": "Acme", "ats_enabled": true}))).await;
        let key = self.vendors.sandbox().lock().qualified().api_key().to_owned();
        self.call(Method::PUT, &format!("{account}/qualified"), Some(json!({"api_key": key}))).await;

        let login = self.call(Method::POST, &format!("{account}/lever/login"), None).await;
        let cookie = header(&login, SET_COOKIE);
        let login = json(login).await;
        let consent = login["authorize_url"].as_str().expect("a URL");
        let callback = self.vendors.sandbox().lock().lever().consent(consent).expect("the consent page shows");
        let cookie = cookie.split(';').next().unwrap_or_default();
        let back = self.client.get(callback).header(COOKIE, cookie).send().await.expect("an answer");
        assert!(back.status().is_success(), "{} {:?}", back.status(), back.headers().get(LOCATION));

        let stage = self.vendors.sandbox().lock().lever().stage("Coding test").expect("the stage exists");
        self.call(Method::PUT, &format!("{account}/lever/trigger-stages/{stage}"), None).await;
        self.vendors.sandbox().lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    }

    /// Many candidates enter the stage in the same moment.
    fn move_at_once(&self, wave: usize) -> Vec<String> {
        let shared = self.vendors.sandbox();
        let mut sandbox = shared.lock();
        let mut lever = sandbox.lever();
        let stage = lever.stage("Coding test").expect("the stage exists");
        let add = |number| {
            let new = NewOpportunity::named(&format!("Candidate Number{wave}x{number}")).tag(TITLE);
            let opportunity = lever.add_opportunity(new).expect("Lever lets them");
            lever.move_to_stage(&opportunity, &stage).expect("Lever lets them");
            opportunity
        };
        (0..WAVE).map(add).collect()
    }

    /// To whom mails went.
    fn mails(&self) -> Vec<String> {
        self.vendors.sandbox().lock().qualified().mails().iter().map(|mail| mail.to.clone()).collect()
    }

    async fn until_mails(&self, count: usize) {
        let mut glance = time::interval(Duration::from_millis(2));
        while self.mails().len() < count {
            glance.tick().await;
        }
    }

    async fn sync(&self) -> Value {
        json(self.call(Method::POST, "/sync?account=acme", None).await).await
    }

    /// Syncs until nothing is left. The leases of those that were killed have to end first, by the clock.
    async fn until_quiet(&self) {
        let start = Instant::now();
        let mut glance = time::interval(Duration::from_millis(500));
        loop {
            glance.tick().await;
            let report = self.sync().await;
            let none = ["invited", "healed", "pending"].iter().all(|name| report[name] == 0);
            if none && report["more"] == false && self.mails().len() >= WAVES * WAVE {
                return;
            }
            assert_eq!(report["failed"], 0, "{report}, after {:?}", start.elapsed());
        }
    }
}

fn header(response: &Response, name: HeaderName) -> String {
    response.headers()[name].to_str().expect("text").to_owned()
}

async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
}
