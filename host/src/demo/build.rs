//! The component, built from the sources beside the manifest: the demo needs nothing but Rust and a C compiler.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use host::Manifest;

use super::show::Show;

const TARGET: &str = "wasm32-wasip2";

/// Builds the component where `manifest` expects it.
///
/// # Errors
/// The standard library of the target cannot be had, or the sources do not compile; with what the tools said.
pub(super) async fn component(manifest: &Manifest, show: &Show) -> anyhow::Result<()> {
    if !has_target() {
        show.during(&format!("Rust's {TARGET} target is missing: rustup target add {TARGET}"), add_target).await?;
    }
    let line = manifest.build_command.as_deref().unwrap_or_default();
    let what = format!("The component is built: {line}");
    let manifest = manifest.clone();
    show.during(&what, move || manifest.build()).await
}

/// Whether the compiler in use has the target's standard library; rustup is not the only way to get it.
fn has_target() -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    asked.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir())
}

fn add_target() -> anyhow::Result<()> {
    let output = Command::new("rustup").args(["target", "add", TARGET]).output().context("rustup does not start")?;
    ensure!(output.status.success(), "{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    Ok(())
}
