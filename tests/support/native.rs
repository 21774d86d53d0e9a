//! The product as a library: its functions called in this process, its futures driven by hand.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;
use qualified_ats::app::{Failure, Settings};
use qualified_ats::domain::time::Timestamp;
use qualified_ats::ports::{Clock, Log, Store, StoreError, Swap, Wire, WireError};
use qualified_ats::web;

use super::boundary::Boundary;
use super::fault::{Broken, Kind};

/// As many as Spin lets an invocation have.
const MOST_SWAPS: usize = 256;

/// Far more polls than any invocation needs.
const STUCK: usize = 100_000;

/// The library, with its settings.
pub(crate) struct Native {
    boundary: Arc<Boundary>,
    settings: Rc<Result<Settings, Failure>>,
}

impl Native {
    pub(crate) fn new(boundary: Arc<Boundary>, variables: &BTreeMap<String, String>) -> Self {
        let settings = Settings::read(|name| variables.get(name).cloned().unwrap_or_default());
        Self { boundary, settings: Rc::new(settings) }
    }

    /// Every line that it logged.
    pub(crate) fn log(&self) -> Vec<String> {
        self.boundary.outside().log.clone()
    }

    /// One invocation to its end, or to its death. The answer, if it came to one.
    pub(crate) fn handle(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let mut invocation = self.invoke(request, false);
        for _ in 0..STUCK {
            if invocation.step() {
                return invocation.answer.take();
            }
        }
        panic!("the invocation waits for something that never comes");
    }

    /// An invocation to be driven step by step: it yields before each operation.
    pub(crate) fn stepwise(&self, request: Request<Bytes>) -> Invocation {
        self.invoke(request, true)
    }

    fn invoke(&self, request: Request<Bytes>, yields: bool) -> Invocation {
        let inside = Rc::new(Inside {
            boundary: Arc::clone(&self.boundary),
            yields,
            dead: Cell::new(false),
            swaps: Cell::new(0),
        });
        let answer = Rc::new(RefCell::new(None));
        let (world, settings, slot) = (Rc::clone(&inside), Rc::clone(&self.settings), Rc::clone(&answer));
        let future = Box::pin(async move {
            let web::Answer { response, rest } = web::serve(&*world, &settings, request).await;
            slot.replace(Some(response));
            if let Some(rest) = rest {
                rest.run(&*world, &settings).await;
            }
        });
        Invocation { future, inside, answer }
    }
}

/// One run of the product, from a request to its last act.
pub(crate) struct Invocation {
    future: Pin<Box<dyn Future<Output = ()>>>,
    inside: Rc<Inside>,
    /// What it answered so far.
    pub(crate) answer: Rc<RefCell<Option<Response<Bytes>>>>,
}

impl Invocation {
    /// Goes on to the next operation. True once it has ended, or died.
    pub(crate) fn step(&mut self) -> bool {
        let poll = self.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        poll.is_ready() || self.inside.dead.get()
    }
}

/// What one invocation sees of the world.
struct Inside {
    boundary: Arc<Boundary>,
    yields: bool,
    dead: Cell<bool>,
    /// Swaps begun, of which Spin lets an invocation have 256.
    swaps: Cell<usize>,
}

impl Inside {
    /// Lets another invocation take a turn.
    async fn turn(&self) {
        let mut waited = !self.yields;
        let turn = poll_fn(|_| if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending });
        pin!(turn).await;
    }

    /// Nobody is left to see how it ended.
    async fn survive<T>(&self, outcome: Result<T, Broken>) -> Result<T, Broken> {
        if matches!(outcome, Err(Broken::Dead)) {
            self.dead.set(true);
            pending::<()>().await;
        }
        outcome
    }

    async fn store<T>(
        &self,
        kind: Kind,
        what: String,
        act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T,
    ) -> Result<T, StoreError> {
        self.turn().await;
        let outcome = self.boundary.store(kind, what, act);
        self.survive(outcome).await.map_err(|_| StoreError("cut".to_owned()))
    }
}

impl Store for Inside {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store(Kind::Read, format!("get {key}"), |records| records.get(key).cloned()).await
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let read = |records: &mut BTreeMap<String, Vec<u8>>| keys.iter().map(|key| records.get(key).cloned()).collect();
        self.store(Kind::Read, format!("get {}", keys.join(" ")), read).await
    }

    async fn put_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        let keys: Vec<_> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        self.store(Kind::Write, format!("put {}", keys.join(" ")), |records| records.extend(pairs)).await
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StoreError> {
        let delete = |records: &mut BTreeMap<String, Vec<u8>>| records.retain(|key, _| !keys.contains(key));
        self.store(Kind::Write, format!("delete {}", keys.join(" ")), delete).await
    }

    fn swaps_left(&self) -> usize {
        MOST_SWAPS.saturating_sub(self.swaps.get())
    }

    async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        if self.swaps_left() == 0 {
            return Err(StoreError("too many swaps".to_owned()));
        }
        self.swaps.set(self.swaps.get() + 1);
        let swap = |records: &mut BTreeMap<String, Vec<u8>>| match records.get_mut(key) {
            Some(present) if present == seen => {
                *present = new;
                Swap::Swapped
            }
            // As the component has to see it on Spin's Redis, where the store's word doesn't count.
            present => Swap::judge(present.cloned(), &new),
        };
        self.store(Kind::Write, format!("swap {key}"), swap).await
    }
}

impl Wire for Inside {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        self.turn().await;
        let outcome = self.boundary.send(request);
        self.survive(outcome).await.map_err(|broken| match broken {
            Broken::NotSent => WireError::NotSent,
            _ => WireError::OutcomeUnknown,
        })
    }
}

impl Log for Inside {
    fn log(&self, line: &str) {
        self.boundary.outside().log.push(line.to_owned());
    }
}

impl Clock for Inside {
    fn now(&self) -> Timestamp {
        self.boundary.now().into()
    }

    fn nonce(&self) -> [u8; 32] {
        self.boundary.nonce()
    }

    async fn pause(&self, duration: SignedDuration) {
        self.boundary.outside().sandbox.advance(duration);
    }
}
