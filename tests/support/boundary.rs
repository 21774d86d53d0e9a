//! Everything outside the product, behind one door: the store, the vendors, the time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use sandbox::{Origins, Sandbox};
use serde_json::Value;

use super::fault::{Broken, Fault, Kind};

/// How long a machine sleeps that is put to sleep: a lease lasts a minute.
const SLEEP: SignedDuration = SignedDuration::from_mins(2);

/// The door. Both mounts go through it, so both meet the same world and the same faults.
pub(crate) struct Boundary(Mutex<Outside>);

/// See [`Outside::stand_in`].
pub(crate) type StandIn = fn(&Request<Bytes>) -> Option<Response<Bytes>>;

/// What is behind the door.
pub(crate) struct Outside {
    /// The vendors, and the clock.
    pub(crate) sandbox: Sandbox,
    /// The store.
    pub(crate) records: BTreeMap<String, Vec<u8>>,
    /// What the library logged; the component's lines are with its mount.
    pub(crate) log: Vec<String>,
    /// What the vendors have told in confidence so far.
    pub(crate) secrets: BTreeSet<String>,
    /// Answers in the vendors' place, where it answers anything.
    pub(crate) stand_in: Option<StandIn>,
    /// Each operation since [`Boundary::watch`], in order.
    operations: Vec<(Kind, String)>,
    /// The operation to be cut, counted from 0.
    cut: Option<(usize, Fault)>,
    nonces: u64,
    /// A part of the names of hosts that take their time, and how much.
    slow: Option<(&'static str, SignedDuration)>,
}

impl Outside {
    /// From now on, hosts whose names hold this take so long for every answer.
    pub(crate) fn slow_down(&mut self, host: &'static str, seconds: i64) {
        self.slow = Some((host, SignedDuration::from_secs(seconds)));
    }

    /// Counts an operation and tells what is wrong with it, if anything.
    fn meet(&mut self, kind: Kind, what: String) -> Option<Fault> {
        let number = self.operations.len();
        self.operations.push((kind, what));
        let (at, fault) = self.cut?;
        (at == number && Fault::of(kind).contains(&fault)).then_some(fault)
    }

    /// Lets a vendor answer, and remembers what must never be seen in a log or in plain in the store.
    fn ask(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, Broken> {
        if let Some(response) = self.stand_in.and_then(|stand_in| stand_in(&request)) {
            return Ok(response);
        }
        let response = self.sandbox.handle(request).map_err(|_| Broken::NoAnswer)?;
        if let Ok(body) = serde_json::from_slice::<Value>(response.body()) {
            let places = ["/access_token", "/refresh_token", "/signatureToken", "/data/configuration/signatureToken"];
            let told = places.iter().filter_map(|place| body.pointer(place)?.as_str());
            self.secrets.extend(told.map(str::to_owned));
        }
        Ok(response)
    }
}

impl Boundary {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self(Mutex::new(Outside {
            sandbox: Sandbox::new(Origins::default(), now, 1),
            records: BTreeMap::new(),
            log: Vec::new(),
            secrets: BTreeSet::new(),
            stand_in: None,
            operations: Vec::new(),
            cut: None,
            nonces: 0,
            slow: None,
        }))
    }
    /// What is behind the door. A panic of one story's assertion must not hide itself behind a poisoned lock.
    pub(crate) fn outside(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts counting anew.
    pub(crate) fn watch(&self) {
        let mut outside = self.outside();
        outside.operations.clear();
        outside.cut = None;
        outside.sandbox.forget_requests();
    }

    /// Starts counting anew, and cuts the operation of this number.
    pub(crate) fn cut(&self, number: usize, fault: Fault) {
        self.watch();
        self.outside().cut = Some((number, fault));
    }

    /// The world is well again; counting goes on.
    pub(crate) fn mend(&self) {
        self.outside().cut = None;
    }

    /// The operations since the counting began.
    pub(crate) fn operations(&self) -> Vec<(Kind, String)> {
        self.outside().operations.clone()
    }

    pub(crate) fn store<T>(
        &self,
        kind: Kind,
        what: impl Into<String>,
        act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, Broken> {
        let mut outside = self.outside();
        let fault = outside.meet(kind, what.into());
        let done = fault.is_none_or(Fault::is_applied).then(|| act(&mut outside.records));
        match (fault, done) {
            (None, Some(done)) => Ok(done),
            (Some(Fault::CrashBefore | Fault::CrashAfter), _) => Err(Broken::Dead),
            _ => Err(Broken::Failed),
        }
    }

    pub(crate) fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Broken> {
        let mut outside = self.outside();
        let page = Bytes::from_static(b"<html><h1>Back soon</h1></html>");
        let reply = |status: u16, body: Bytes| {
            Ok(Response::builder().status(status).body(body).expect("the status is a valid one"))
        };
        let host = request.uri().host().unwrap_or_default();
        if let Some((_, takes)) = outside.slow.filter(|(slow, _)| host.contains(slow)) {
            outside.sandbox.advance(takes);
        }
        let fault = outside.meet(Kind::Send, format!("{} {}", request.method(), request.uri().path()));
        match fault {
            None => outside.ask(request),
            Some(Fault::NotSent) => Err(Broken::NotSent),
            Some(Fault::Status429) => reply(429, Bytes::new()),
            Some(Fault::Status500) => reply(500, Bytes::new()),
            Some(Fault::Garbage) => reply(200, page),
            Some(Fault::CrashBefore) => Err(Broken::Dead),
            Some(Fault::CrashAfter) => outside.ask(request).and(Err(Broken::Dead)),
            Some(_) => outside.ask(request).and(Err(Broken::NoAnswer)),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let mut outside = self.outside();
        if outside.meet(Kind::Clock, "the time".to_owned()).is_some() {
            outside.sandbox.advance(SLEEP);
        }
        outside.sandbox.now()
    }

    /// 32 bytes that no other call gets.
    pub(crate) fn nonce(&self) -> [u8; 32] {
        use sha2::{Digest, Sha256};

        let mut outside = self.outside();
        outside.nonces += 1;
        Sha256::digest(outside.nonces.to_be_bytes()).into()
    }
}
