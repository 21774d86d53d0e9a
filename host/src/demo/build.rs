//! The component, built from the sources beside the manifest: the demo needs nothing but Rust and a C compiler.

use host::Manifest;
use host::toolchain::{self, TARGET};

use super::show::Show;

/// Builds the component where `manifest` expects it.
///
/// # Errors
/// The standard library of the target cannot be had, or the sources do not compile; with what the tools said.
pub(super) async fn component(manifest: &Manifest, show: &Show) -> anyhow::Result<()> {
    if !toolchain::has_target() {
        let what = format!("Rust's {TARGET} target is missing: rustup target add {TARGET}");
        show.during(&what, toolchain::add_target).await?;
    }
    let line = manifest.build_command.as_deref().unwrap_or_default();
    let what = format!("The component is built: {line}");
    let manifest = manifest.clone();
    show.during(&what, move || manifest.build()).await
}
