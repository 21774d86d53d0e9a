//! The component as machine code, with the engine that runs it. Making one is slow, sharing one costs nothing.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::Semaphore;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::guest::{self, Guest};

/// The most instances at once; further requests wait. The pool reserves addresses, not memory, for each.
const INSTANCES: u32 = 128;

/// The most memory of one instance, in bytes: what Akamai Functions gives.
pub(crate) const MEMORY: usize = 128 << 20;

/// A component built by `cargo component`, `wit-component` and the like has a handful of core modules: the program and shims.
const CORE_MODULES: u32 = 8;

/// How often a guest that computes lets others have the processor, and its own time limit act.
const YIELD_EVERY: Duration = Duration::from_millis(10);

/// A component ready to be instantiated. Clones share everything, so one per test process is enough.
#[derive(Clone)]
pub struct Compiled {
    pub(crate) pre: ProxyPre<Guest>,
    /// One permit per instance of the pool.
    pub(crate) instances: Arc<Semaphore>,
}

impl Compiled {
    /// Compiles a component given as binary or as text.
    ///
    /// # Errors
    /// The bytes are no component, or one that wants imports which Spin does not have or exports no
    /// `wasi:http/incoming-handler`.
    pub fn new(component: &[u8]) -> anyhow::Result<Self> {
        Self::link(&compile(&engine()?, component)?)
    }

    /// Reads and compiles the file at `path`.
    ///
    /// # Errors
    /// As for [`Compiled::new`], or the file is unreadable.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("the component {} is not readable", path.display()))?;
        Self::new(&bytes)
    }

    /// Satisfies the component's imports.
    pub(crate) fn link(component: &Component) -> anyhow::Result<Self> {
        let mut linker = Linker::new(component.engine());
        guest::link(&mut linker).map_err(into_anyhow)?;
        let pre = linker
            .instantiate_pre(component)
            .and_then(ProxyPre::new)
            .map_err(into_anyhow)
            .context("the component does not fit this host")?;
        Ok(Self { pre, instances: Arc::new(Semaphore::new(INSTANCES as usize)) })
    }
}

/// An engine with its clock running.
pub(crate) fn engine() -> anyhow::Result<Engine> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(INSTANCES * CORE_MODULES)
        .total_memories(INSTANCES * 2)
        .total_tables(INSTANCES * CORE_MODULES)
        .total_stacks(INSTANCES)
        .max_memory_size(MEMORY);
    let mut config = Config::new();
    config.epoch_interruption(true).allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config).map_err(into_anyhow).context("the WebAssembly engine does not start")?;

    let weak = engine.weak();
    thread::Builder::new()
        .name("epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(YIELD_EVERY);
            }
        })
        .context("the engine's clock does not start")?;
    Ok(engine)
}

/// Makes machine code.
pub(crate) fn compile(engine: &Engine, component: &[u8]) -> anyhow::Result<Component> {
    Component::new(engine, component).map_err(into_anyhow).context("the component does not compile")
}

/// The two error types do not convert by themselves.
pub(crate) fn into_anyhow(error: wasmtime::Error) -> anyhow::Error {
    anyhow::Error::from_boxed(error.into_boxed_dyn_error())
}
