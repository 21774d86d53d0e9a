//! A webhook as it travels: the envelope, its signature over `token` and `triggeredAt` (not over the data), and the
//! attempts after a failure.

use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::Sha256;

use super::webhook::Webhook;
use crate::delivery::{self, Pending, Signature};
use crate::world::Context;

/// Lever tries five times more after a failure and waits longer each time; it publishes no figures. These are ours.
pub const RETRY_AFTER: [SignedDuration; 5] = [
    SignedDuration::from_secs(10),
    SignedDuration::from_secs(60),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
];

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) url: String,
    key: String,
    event: &'static str,
    id: Option<String>,
    token: String,
    triggered_at: i64,
    data: Value,
    signature: Signature,
}

impl Message {
    pub(crate) fn new(context: &mut Context, webhook: &Webhook, data: Value) -> Self {
        let id = (!context.outbox.lever.omit_id).then(|| context.seed.uuid());
        Self {
            url: webhook.url.clone(),
            key: webhook.signature_token.clone(),
            event: webhook.event.name(),
            id,
            token: context.seed.hex(48),
            triggered_at: context.millis(),
            data,
            signature: context.outbox.lever.signature,
        }
    }

    /// The settings page's "Verify connection": a real envelope, empty data, no id.
    pub(crate) fn test(context: &mut Context, webhook: &Webhook) -> Self {
        Self { id: None, ..Self::new(context, webhook, json!({})) }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({
            "event": self.event, "triggeredAt": self.triggered_at, "token": self.token, "data": self.data,
        });
        if let Some(id) = &self.id {
            body["id"] = json!(id);
        }
        match self.signature {
            Signature::Valid => body["signature"] = json!(sign(&self.key, &self.token, self.triggered_at)),
            Signature::Wrong => body["signature"] = json!(sign("another key", &self.token, self.triggered_at)),
            Signature::Missing => {}
        }
        body
    }
}

/// `hex(HMAC-SHA256(key = the signature token's text, message = token + triggeredAt))`.
pub(crate) fn sign(key: &str, token: &str, triggered_at: i64) -> String {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return String::new();
    };
    let digest = mac.chain_update(token).chain_update(triggered_at.to_string()).finalize().into_bytes();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Anything but 2xx is a failure, redirects included.
pub(crate) fn answered(context: &mut Context, mut message: Message, attempt: u32, status: Option<StatusCode>) {
    if status.is_some_and(|status| status.is_success()) {
        return;
    }
    let Some(wait) = RETRY_AFTER.get(attempt as usize - 1) else {
        return;
    };
    if context.outbox.lever.fresh_token_on_retry {
        message.token = context.seed.hex(48);
        message.triggered_at = context.millis();
    }
    let message = delivery::Message::Lever(message);
    context.outbox.queue(context.now + *wait, Pending { message, attempt: attempt + 1 });
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_signature_is_the_documented_one() {
        assert_eq!(
            super::sign(
                "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
                "9a1c3e5f7b2d4f6a8c0e1d3b5f7a9c2e4d6f8b0a1c3e5d7f",
                1_767_225_600_123,
            ),
            "2754665f9f4a233fbb38d6aade5f9d5fee64a85de7f22a86905d33b2fe676cb4",
        );
    }
}
