//! Sends what is due, and tells the sandbox what came back.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Client, redirect};

use super::Shared;
use crate::Delivery;

/// Qualified documents five seconds; Lever says nothing.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Reminders and scores come by the clock alone, so the clock is looked at this often.
const TICK: Duration = Duration::from_millis(500);

pub(super) async fn run(shared: Shared) {
    let client = Client::builder().no_proxy().timeout(TIMEOUT).redirect(redirect::Policy::none()).build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "no webhooks: the HTTP client does not start"),
    };
    loop {
        let due = {
            // Not by `lock`, which would wake this very loop.
            let mut sandbox = shared.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
            sandbox.set_now(Timestamp::now());
            sandbox.due()
        };
        for delivery in due {
            tokio::spawn(send(client.clone(), shared.clone(), delivery));
        }
        // Woken by a request, or by the clock.
        let _ = tokio::time::timeout(TICK, shared.changed.notified()).await;
    }
}

async fn send(client: Client, shared: Shared, delivery: Delivery) {
    let (parts, body) = delivery.request.into_parts();
    let sent = client.post(parts.uri.to_string()).headers(parts.headers).body(body).send().await;
    let status = sent.ok().map(|response| response.status());
    tracing::debug!(vendor = ?delivery.vendor, ?status, "webhook sent");
    shared.lock().answered(delivery.id, status);
}
