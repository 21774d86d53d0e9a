//! Webhooks on their way: what is due when, and the mischief a network or an attacker does to them. The sandbox sends
//! nothing itself; whoever drives it takes what is [due](crate::Sandbox::due) and reports what came back.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::origins::Vendor;
use crate::{lever, qualified};

/// A webhook request to be sent now. Report the outcome with [`Sandbox::answered`](crate::Sandbox::answered).
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Names this attempt.
    pub id: u64,
    /// Who sends.
    pub vendor: Vendor,
    /// To be sent as it is; the URI is absolute.
    pub request: Request<Bytes>,
}

/// What may happen to a vendor's webhooks. The default is an honest vendor on a good network.
#[derive(Debug, Clone, Default)]
pub struct Knobs {
    /// Webhooks are lost before the first attempt.
    pub drop: bool,
    /// Every webhook is sent twice.
    pub duplicate: bool,
    /// What is due together is sent newest first.
    pub reorder: bool,
    /// First attempts leave so much later.
    pub delay: SignedDuration,
    /// An eavesdropper sends a copy of every webhook again so much later.
    pub replay_after: Option<SignedDuration>,
    /// These members replace those of `data`. Lever's signature stays valid, since it does not cover `data`.
    pub tamper: Option<Map<String, Value>>,
    /// Lever: the signature member.
    pub signature: Signature,
    /// Lever: leave out the envelope's `id`, as both official samples do.
    pub omit_id: bool,
    /// Lever: a retry carries a new `token` and `triggeredAt` (unknown in life) rather than the first ones.
    pub fresh_token_on_retry: bool,
}

/// How a Lever webhook is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signature {
    /// With the webhook's token.
    #[default]
    Valid,
    /// With another key.
    Wrong,
    /// Not at all.
    Missing,
}

#[derive(Debug, Clone)]
pub(crate) enum Message {
    Lever(lever::Message),
    Qualified(qualified::Message),
}

impl Message {
    fn vendor(&self) -> Vendor {
        match self {
            Self::Lever(_) => Vendor::Lever,
            Self::Qualified(_) => Vendor::Qualified,
        }
    }

    fn post(&self) -> (&str, &'static str, Value) {
        match self {
            Self::Lever(message) => (&message.url, "Lever-Webhooks", message.body()),
            // Qualified documents no headers of its own.
            Self::Qualified(message) => (&message.url, "Qualified", message.body.clone()),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) message: Message,
    /// The first attempt is 1.
    pub(crate) attempt: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    last_id: u64,
    waiting: BTreeMap<(Timestamp, u64), Pending>,
    in_flight: BTreeMap<u64, Pending>,
    pub(crate) lever: Knobs,
    pub(crate) qualified: Knobs,
}

impl Outbox {
    fn knobs(&self, vendor: Vendor) -> &Knobs {
        match vendor {
            Vendor::Lever | Vendor::BambooHr => &self.lever,
            Vendor::Qualified => &self.qualified,
        }
    }

    /// A new message, subject to the vendor's knobs.
    pub(crate) fn post(&mut self, now: Timestamp, message: Message) {
        let knobs = self.knobs(message.vendor()).clone();
        if knobs.drop {
            return;
        }
        let due = now + knobs.delay;
        let copies = if knobs.duplicate { 2 } else { 1 };
        for _ in 0..copies {
            self.queue(due, Pending { message: message.clone(), attempt: 1 });
        }
        if let Some(later) = knobs.replay_after {
            self.queue(due + later, Pending { message, attempt: 1 });
        }
    }

    pub(crate) fn queue(&mut self, due: Timestamp, pending: Pending) {
        self.last_id += 1;
        self.waiting.insert((due, self.last_id), pending);
    }

    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.waiting.keys().next().map(|(due, _)| *due)
    }

    /// Takes what is due; each waits for [`take`](Self::take).
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<Delivery> {
        let later = self.waiting.split_off(&(now + SignedDuration::from_nanos(1), 0));
        let due = std::mem::replace(&mut self.waiting, later);
        let mut deliveries = Vec::with_capacity(due.len());
        for ((_, id), pending) in due {
            let vendor = pending.message.vendor();
            // A URL that is no URI cannot be delivered to; the vendors refuse such URLs when the webhook is made.
            if let Some(request) = request(&pending.message) {
                deliveries.push(Delivery { id, vendor, request });
                self.in_flight.insert(id, pending);
            }
        }
        let turned = [Vendor::Lever, Vendor::Qualified].map(|vendor| (vendor, self.knobs(vendor).reorder));
        for (vendor, _) in turned.iter().filter(|(_, reorder)| *reorder) {
            let (mut theirs, others): (Vec<_>, Vec<_>) =
                deliveries.into_iter().partition(|delivery| delivery.vendor == *vendor);
            theirs.reverse();
            deliveries = others.into_iter().chain(theirs).collect();
        }
        deliveries
    }

    pub(crate) fn take(&mut self, id: u64) -> Option<Pending> {
        self.in_flight.remove(&id)
    }
}

fn request(message: &Message) -> Option<Request<Bytes>> {
    let (url, agent, body) = message.post();
    Request::post(url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, agent)
        .body(Bytes::from(body.to_string()))
        .ok()
}

/// Whether a vendor would accept this webhook target: TLS, or a loopback address so that the sandbox is of use.
pub(crate) fn is_target(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        _ => false,
    }
}

/// Replaces members of `data` as [`Knobs::tamper`] says.
pub(crate) fn tampered(mut data: Value, knobs: &Knobs) -> Value {
    if let (Some(members), Some(changes)) = (data.as_object_mut(), &knobs.tamper) {
        members.extend(changes.clone());
    }
    data
}
