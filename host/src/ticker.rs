//! The scheduler for a host without one: asks the component, from inside, for a pass over everything due.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use serde::Deserialize;
use tokio::time::{self, MissedTickBehavior};

use crate::host::Host;

/// The most passes at a time. What is due after so many waits for the next time, so that a mistake in "more" costs little.
const PASSES: usize = 50;

/// The longest wait before the first time. Hosts started together then do not sync together.
const LATEST_START: Duration = Duration::from_secs(30);

/// Calls `POST /sync` now and then.
pub struct Ticker {
    host: Host,
    authorization: HeaderValue,
    every: Duration,
    uri: Uri,
}

/// What `POST /sync` answers.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Pass {
    accounts: u64,
    invited: u64,
    healed: u64,
    failed: u64,
    pending: u64,
    more: bool,
}

impl Ticker {
    /// A ticker for `host`, whose variable `admin_token` is `token`.
    ///
    /// # Errors
    /// The token cannot stand in a header, so nobody could ever use it.
    pub fn new(host: Host, token: &str, every: Duration) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| anyhow::anyhow!("the variable admin_token has characters that no header can carry"))?;
        authorization.set_sensitive(true);
        Ok(Self { host, authorization, every, uri: Uri::from_static("http://localhost/sync") })
    }

    /// Asks for this account alone, whether it is due or not.
    ///
    /// # Errors
    /// The name cannot stand in an address.
    pub fn of_account(self, account: &str) -> anyhow::Result<Self> {
        let uri = Uri::try_from(format!("http://localhost/sync?account={account}"))?;
        Ok(Self { uri, ..self })
    }

    /// Ticks for ever; to stop it, stop polling. The first time comes after a random part of the interval.
    pub async fn run(self) {
        let start = LATEST_START.min(self.every).mul_f64(rand::random::<f64>());
        let mut ticks = time::interval_at(time::Instant::now() + start, self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.tick().await;
        }
    }

    /// One time: passes as long as there is more.
    pub async fn tick(&self) {
        for _ in 0..PASSES {
            match self.pass().await {
                Ok(pass) if pass.more => {}
                Ok(_) => return,
                Err(reason) => {
                    tracing::warn!("the sync failed: {reason}; it comes again in {:?}", self.every);
                    return;
                }
            }
        }
        tracing::warn!("after {PASSES} passes there is still more to sync");
    }

    async fn pass(&self) -> Result<Pass, String> {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        let response = self.host.handle(request).await.response;
        if response.status() != StatusCode::OK {
            return Err(response.status().to_string());
        }
        let pass: Pass =
            serde_json::from_slice(response.body()).map_err(|_| "its answer is not that of a sync".to_owned())?;
        tracing::info!(
            accounts = pass.accounts,
            invited = pass.invited,
            healed = pass.healed,
            failed = pass.failed,
            pending = pass.pending,
            "synced"
        );
        Ok(pass)
    }
}
