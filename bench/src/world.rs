//! A world that counts, and whose time is made: a vendor takes so long to answer, the store so long to write, and
//! nothing else takes any. What is measured in it is exact and the same on every machine.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::{BTreeSet, HashMap};
use std::future::{Future, poll_fn};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use qualified_ats::ports::{Clock, Log, Store, StoreError, Swap, Wire, WireError};
use sandbox::{Origins, Sandbox};

/// From a request's first byte to its answer's last.
pub(crate) const CALL: SignedDuration = SignedDuration::from_millis(200);

/// A durable write. Spin's SQLite takes 5 to 25 ms.
pub(crate) const WRITE: SignedDuration = SignedDuration::from_millis(10);

/// What crossed the boundary.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Calls to vendors.
    pub(crate) calls: u64,
    /// Reads of the store, of one key or several.
    pub(crate) reads: u64,
    /// Bytes of the values read.
    pub(crate) read: u64,
    /// Durable writes.
    pub(crate) writes: u64,
    /// Bytes of the values written.
    pub(crate) written: u64,
}

impl Counts {
    /// Calls, reads and writes for each of so many.
    pub(crate) fn each(&self, count: u64) -> [f64; 3] {
        [self.calls, self.reads, self.writes].map(|figure| figure as f64 / count as f64)
    }
}

impl std::ops::Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            reads: self.reads + other.reads,
            read: self.read + other.read,
            writes: self.writes + other.writes,
            written: self.written + other.written,
        }
    }
}

/// Everything outside the product.
pub(crate) struct World {
    sandbox: RefCell<Sandbox>,
    records: RefCell<HashMap<String, Vec<u8>>>,
    counts: Cell<Counts>,
    /// Whether calls and writes take their time; not while a scene is set.
    slow: Cell<bool>,
    /// When somebody waits for the time to come, each with a number of its own.
    timers: RefCell<BTreeSet<(Timestamp, u64)>>,
    numbers: Cell<u64>,
    log: RefCell<Vec<String>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let now = Timestamp::constant(1_772_442_000, 0);
        Self {
            sandbox: RefCell::new(Sandbox::new(Origins::default(), now, 1)),
            records: RefCell::default(),
            counts: Cell::default(),
            slow: Cell::new(false),
            timers: RefCell::default(),
            numbers: Cell::new(0),
            log: RefCell::default(),
        }
    }

    /// The vendors.
    pub(crate) fn sandbox(&self) -> RefMut<'_, Sandbox> {
        self.sandbox.borrow_mut()
    }

    /// Starts counting anew, in made time.
    pub(crate) fn watch(&self) {
        self.slow.set(true);
        self.counts.take();
    }

    /// What was counted; the scene may be changed again.
    pub(crate) fn counted(&self) -> Counts {
        self.slow.set(false);
        self.counts.get()
    }

    /// What the product logged since it was last asked.
    pub(crate) fn take_log(&self) -> Vec<String> {
        self.log.take()
    }

    /// Runs a future to its end.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        self.run_all([future]).pop().expect("one output per future")
    }

    /// Runs futures side by side to their ends. When all of them wait, the time moves on to the next thing that is
    /// waited for.
    pub(crate) fn run_all<T>(&self, futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
        let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
        let mut outputs = Vec::new();
        loop {
            futures.retain_mut(|future| match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(output) => {
                    outputs.push(output);
                    false
                }
                Poll::Pending => true,
            });
            if futures.is_empty() {
                return outputs;
            }
            let next = self.timers.borrow_mut().pop_first();
            let (at, _) = next.expect("they wait for something that never comes");
            self.sandbox().set_now(at);
        }
    }

    fn count(&self, add: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.get();
        add(&mut counts);
        self.counts.set(counts);
    }

    fn number(&self) -> u64 {
        self.numbers.set(self.numbers.get() + 1);
        self.numbers.get()
    }

    async fn wait(&self, duration: SignedDuration) {
        if !self.slow.get() {
            return;
        }
        let until = self.sandbox().now() + duration;
        let timer = (until, self.number());
        self.timers.borrow_mut().insert(timer);
        poll_fn(|_| if self.timers.borrow().contains(&timer) { Poll::Pending } else { Poll::Ready(()) }).await;
    }

    async fn write(&self, bytes: usize) {
        self.count(|counts| {
            counts.writes += 1;
            counts.written += bytes as u64;
        });
        self.wait(WRITE).await;
    }
}

impl Store for World {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut values = self.get_many(&[key.to_owned()]).await?;
        Ok(values.pop().flatten())
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let values: Vec<_> = keys.iter().map(|key| self.records.borrow().get(key).cloned()).collect();
        let bytes: usize = values.iter().flatten().map(Vec::len).sum();
        self.count(|counts| {
            counts.reads += 1;
            counts.read += bytes as u64;
        });
        Ok(values)
    }

    async fn put_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        self.write(pairs.iter().map(|(_, value)| value.len()).sum()).await;
        self.records.borrow_mut().extend(pairs);
        Ok(())
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StoreError> {
        self.write(0).await;
        for key in keys {
            self.records.borrow_mut().remove(key);
        }
        Ok(())
    }

    /// What is counted here is what there is to do, in however many calls.
    fn swaps_left(&self) -> usize {
        usize::MAX
    }

    async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        self.write(new.len()).await;
        Ok(match self.records.borrow_mut().get_mut(key) {
            Some(present) if present == seen => {
                *present = new;
                Swap::Swapped
            }
            present => Swap::Lost(present.cloned()),
        })
    }
}

impl Wire for World {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        self.wait(CALL).await;
        let response = self.sandbox().handle(request).map_err(|_| WireError::OutcomeUnknown)?;
        self.count(|counts| counts.calls += 1);
        Ok(response)
    }
}

impl Log for World {
    fn log(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}

impl Clock for World {
    fn now(&self) -> qualified_ats::domain::time::Timestamp {
        self.sandbox.borrow().now().into()
    }

    fn nonce(&self) -> [u8; 32] {
        let mut nonce = [0; 32];
        nonce[..8].copy_from_slice(&self.number().to_be_bytes());
        nonce
    }

    async fn pause(&self, duration: SignedDuration) {
        self.wait(duration).await;
    }
}
