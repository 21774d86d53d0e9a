//! One running instance of the component: what it holds, and the host functions that need nothing but that.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::ResourceLimiter;
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::keyvalue::Buckets;
use crate::wire::Wire;
use bindings::fermyon::spin::variables;

/// The imports that `wasmtime-wasi` and `wasmtime-wasi-http` do not bring.
pub(crate) mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit/deps/keyvalue-2024-10-17",
        // `variables` as in Spin's package, of which the component's `wit/` has this one interface.
        inline: "
            package qualified:host;

            world imports {
                import wasi:keyvalue/store@0.2.0-draft2;
                import wasi:keyvalue/batch@0.2.0-draft2;
                import wasi:keyvalue/atomics@0.2.0-draft2;
                import fermyon:spin/variables@2.0.0;
            }

            package fermyon:spin@2.0.0 {
                interface variables {
                    get: func(name: string) -> result<string, error>;

                    variant error {
                        invalid-name(string),
                        undefined(string),
                        provider(string),
                        other(string),
                    }
                }
            }
        ",
        world: "qualified:host/imports",
        imports: { default: async | trappable },
        with: {
            "wasi:keyvalue/store.bucket": crate::keyvalue::Bucket,
            "wasi:keyvalue/atomics.cas": crate::keyvalue::Cas,
        },
    });
}

/// The data of one instance's `wasmtime::Store`.
pub(crate) struct Guest {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) wire: Wire,
    pub(crate) buckets: Buckets,
    pub(crate) variables: Arc<BTreeMap<String, String>>,
    pub(crate) memory: MemoryLimit,
}

/// Offers every import of Spin's that the component may have.
pub(crate) fn link(linker: &mut Linker<Guest>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    bindings::Imports::add_to_linker::<_, HasSelf<Guest>>(linker, |guest| guest)
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.wire, table: &mut self.table, ctx: &mut self.http }
    }
}

impl variables::Host for Guest {
    async fn get(&mut self, name: String) -> wasmtime::Result<Result<String, variables::Error>> {
        let value = self.variables.get(&name).cloned();
        Ok(value.ok_or_else(|| variables::Error::Undefined(format!("no variable {name:?}"))))
    }
}

/// Grants memory up to a limit, all memories of the instance together.
pub(crate) struct MemoryLimit {
    /// Bytes still to be granted.
    left: usize,
    /// Whether the guest has asked for more. It usually gives up right after, and this then is the reason.
    pub(crate) exceeded: bool,
}

impl MemoryLimit {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { left: bytes, exceeded: false }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        match self.left.checked_sub(desired - current) {
            Some(left) => self.left = left,
            None => self.exceeded = true,
        }
        Ok(!self.exceeded)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // Tables are bounded by the pool they come from.
        Ok(true)
    }
}
