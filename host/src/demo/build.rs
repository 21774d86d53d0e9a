//! The component, built from the sources beside the manifest: the demo needs nothing but Rust and a C compiler.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use host::Manifest;

use super::show::Show;

const TARGET: &str = "wasm32-wasip2";

/// Builds the component where `manifest`, which lies in `folder`, expects it.
///
/// # Errors
/// The standard library of the target cannot be had, or the sources do not compile; with what the tools said.
pub(super) async fn component(manifest: &Manifest, folder: &Path, show: &Show) -> anyhow::Result<()> {
    if !has_target() {
        let what = format!("Rust's {TARGET} target is missing: rustup target add {TARGET}");
        show.during(&what, || run(Command::new("rustup").args(["target", "add", TARGET]))).await?;
    }
    let line = manifest.build_command.as_deref().context("the manifest does not say how to build the component")?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut command = Command::new(words.next().context("the manifest's build command is empty")?);
    // The manifest names the file in the usual target folder, so an unusual one must not apply.
    command.args(words).arg("--quiet").env("CARGO_TARGET_DIR", folder.join("target")).current_dir(folder);
    show.during(&format!("The component is built: {line}"), move || run(&mut command)).await
}

/// Whether the compiler in use has the target's standard library; rustup is not the only way to get it.
fn has_target() -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    asked.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_owned();
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("{} does not start", program.display()))?;
    if !output.status.success() {
        bail!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
