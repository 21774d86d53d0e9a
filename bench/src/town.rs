//! Customers with their vendors, and the product between them, set up through its own API.

use anyhow::{Context, ensure};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use qualified_ats::app::{Failure, Settings};
use qualified_ats::web;
use sandbox::bamboohr::{JobStatus, NewApplication};
use sandbox::lever::{App, Event, NewOpportunity};
use serde_json::{Value, json};

use crate::world::{Counts, World};

const TITLE: &str = "Rust: Ownership";
const PUBLIC: &str = "https://ats.example.com";
const SECRET: &str = "nothing-here-is-real";
const STAGE: &str = "Coding test";

/// More calls of `/sync` than any pass may take.
const ENDLESS: u64 = 5_000;

/// The variables over which the product is set up.
fn variable(name: &str) -> &'static str {
    match name {
        "public_url" => PUBLIC,
        "admin_token" => "operator",
        "encryption_key" => "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "lever_client_id" => "the-app",
        "lever_client_secret" => SECRET,
        "lever_auth_origin" => "https://auth.lever.co",
        "lever_api_origin" => "https://api.lever.co",
        "qualified_origin" => "https://www.qualified.io",
        "bamboohr_origin" => "https://*.bamboohr.com",
        _ => "",
    }
}

/// See the module.
pub(crate) struct Town {
    pub(crate) world: World,
    settings: Result<Settings, Failure>,
}

/// A customer's opening in BambooHR.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    pub(crate) job: i64,
    /// Whoever gets this status is invited.
    pub(crate) send: i64,
}

/// A pass over everything due.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pass {
    pub(crate) counts: Counts,
    /// Calls of `/sync`.
    pub(crate) syncs: u64,
    /// Invitations sent.
    pub(crate) invited: u64,
    /// In made time.
    pub(crate) took: SignedDuration,
}

impl std::ops::Add for Pass {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            counts: self.counts + other.counts,
            syncs: self.syncs + other.syncs,
            invited: self.invited + other.invited,
            took: self.took + other.took,
        }
    }
}

impl Town {
    pub(crate) fn new() -> Self {
        let world = World::new();
        world.sandbox().register_lever_app(App::of_the_product("the-app", SECRET, PUBLIC));
        Self { world, settings: Settings::read(|name| variable(name).to_owned()) }
    }

    /// A customer with Qualified and Lever.
    pub(crate) fn add_lever_customer(&self, name: &str) -> anyhow::Result<()> {
        self.add_customer(name)?;
        let login = self.ask(Method::POST, &format!("/api/accounts/{name}/lever/login"), None)?;
        let cookie = login.headers().get("set-cookie").context("no cookie")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let answer: Value = serde_json::from_slice(login.body())?;
        let url = answer["authorize_url"].as_str().context("no URL")?;
        let callback = self.world.sandbox().lever_of(name).consent(url)?;
        let back = Request::get(callback.trim_start_matches(PUBLIC)).header("cookie", cookie).body(Bytes::new())?;
        ensure!(self.world.run(self.serve(back)).status().is_success(), "the callback failed");
        let stage = self.world.sandbox().lever_of(name).stage(STAGE)?;
        self.ask(Method::PUT, &format!("/api/accounts/{name}/lever/trigger-stages/{stage}"), None)?;
        self.world.sandbox().lever_of(name).set_webhook_toggle(Event::CandidateStageChange, true);
        Ok(())
    }

    /// New candidates of a Lever customer enter the trigger stage, and are invited.
    pub(crate) fn add_invited(&self, name: &str, count: usize) -> anyhow::Result<()> {
        for number in 0..count {
            let mut sandbox = self.world.sandbox();
            sandbox.advance(SignedDuration::from_millis(10));
            let mut lever = sandbox.lever_of(name);
            let stage = lever.stage(STAGE)?;
            let new = NewOpportunity::named(&format!("Person {number}")).tag(TITLE);
            let opportunity = lever.add_opportunity(new)?;
            lever.move_to_stage(&opportunity, &stage)?;
            drop(sandbox);
            self.deliver()?;
        }
        Ok(())
    }

    /// A customer with Qualified and BambooHR, one assessment mapped. `prepare`: what is there before that.
    pub(crate) fn add_bamboohr_customer(
        &self,
        name: &str,
        prepare: impl FnOnce(&mut sandbox::bamboohr::Desk<'_>, Opening) -> anyhow::Result<()>,
    ) -> anyhow::Result<Opening> {
        self.add_customer(name)?;
        let (opening, key) = {
            let mut sandbox = self.world.sandbox();
            let mut desk = sandbox.bamboohr_of(name);
            let job = desk.add_job("Backend Engineer", JobStatus::Open);
            let opening = Opening { job, send: desk.add_status("Qualified - Send assessment") };
            prepare(&mut desk, opening)?;
            (opening, desk.make_api_key())
        };
        let path = format!("/api/accounts/{name}/bamboohr");
        self.ask(Method::PUT, &path, Some(json!({"domain": name, "api_key": key})))?;
        let assessment = {
            let mut sandbox = self.world.sandbox();
            sandbox.qualified_of(name).assessments().first().context("an assessment")?.id.clone()
        };
        let choices = json!({
            "job_id": opening.job, "send_status": opening.send, "on_started": null, "on_submitted": null,
            "on_approved": null, "on_rejected": null,
        });
        self.ask(Method::PUT, &format!("{path}/assessments/{assessment}"), Some(choices))?;
        Ok(opening)
    }

    fn add_customer(&self, name: &str) -> anyhow::Result<()> {
        let key = {
            let mut sandbox = self.world.sandbox();
            let mut qualified = sandbox.qualified_of(name);
            qualified.add_assessment(TITLE, true);
            qualified.api_key().to_owned()
        };
        let path = format!("/api/accounts/{name}");
        self.ask(Method::PUT, &path, Some(json!({"name": name, "ats_enabled": true})))?;
        self.ask(Method::PUT, &format!("{path}/qualified"), Some(json!({"api_key": key})))?;
        Ok(())
    }

    /// Carries the vendors' webhooks until none is due.
    fn deliver(&self) -> anyhow::Result<()> {
        loop {
            let due = self.world.sandbox().due();
            if due.is_empty() {
                return Ok(());
            }
            for delivery in due {
                let (mut parts, body) = delivery.request.into_parts();
                parts.uri = parts.uri.path().parse()?;
                let status = self.world.run(self.serve(Request::from_parts(parts, body))).status();
                ensure!(status.is_success(), "a delivery got {status}");
                self.world.sandbox().answered(delivery.id, Some(StatusCode::OK));
            }
        }
    }

    /// Lets the time pass until so long after `start`, unless it is later already.
    pub(crate) fn wait_until(&self, start: Timestamp, minutes: i64) {
        let mut sandbox = self.world.sandbox();
        let until = start + SignedDuration::from_mins(minutes);
        let until = until.max(sandbox.now());
        sandbox.set_now(until);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.sandbox().now()
    }

    /// `POST /sync` until there is no more, by so many callers at the same time, each for a shard of the accounts.
    pub(crate) fn pass(&self, callers: u64) -> anyhow::Result<Pass> {
        let start = self.now();
        self.world.watch();
        let shards = (0..callers).map(|index| self.call_until_done(format!("/sync?shard={index}/{callers}")));
        let (mut syncs, mut invited) = (0, 0);
        for outcome in self.world.run_all(shards) {
            let (calls, sent) = outcome?;
            syncs += calls;
            invited += sent;
        }
        let counts = self.world.counted();
        let took = self.now().duration_since(start);
        let said = self.world.take_log();
        ensure!(said.is_empty(), "it complained: {said:#?}");
        Ok(Pass { counts, syncs, invited, took })
    }

    /// How often there was more, and how many were invited.
    async fn call_until_done(&self, path: String) -> anyhow::Result<(u64, u64)> {
        let mut invited = 0;
        for syncs in 1..ENDLESS {
            let response = self.serve(operators(Method::POST, &path, None)?).await;
            let report: Value = serde_json::from_slice(response.body())?;
            invited += report["invited"].as_u64().with_context(|| format!("{path}: {report}"))?;
            if report["more"] == json!(false) {
                return Ok((syncs, invited));
            }
        }
        anyhow::bail!("{path} never ends")
    }

    fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Response<Bytes>> {
        let response = self.world.run(self.serve(operators(method, path, body)?));
        ensure!(response.status().is_success(), "{path}: {}", String::from_utf8_lossy(response.body()));
        Ok(response)
    }

    /// One invocation, with the work after its answer.
    async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let web::Answer { response, rest } = web::serve(&self.world, &self.settings, request).await;
        if let Some(rest) = rest {
            rest.run(&self.world, &self.settings).await;
        }
        response
    }
}

/// A request of the operator's.
fn operators(method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Request<Bytes>> {
    let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    Ok(Request::builder().method(method).uri(path).header("authorization", "Bearer operator").body(body)?)
}

/// An application of nobody in particular.
pub(crate) fn applicant(number: usize, job: i64) -> NewApplication {
    NewApplication::named(&format!("P{number}"), "Person", job)
}
