//! What building a component needs beside Rust: the standard library of its target. A stranger's machine lacks it, so whoever
//! builds here has it added first.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// The target that components are built for.
pub const TARGET: &str = "wasm32-wasip2";

/// Whether the compiler in use has the standard library of [`TARGET`]; rustup is not the only way to get it.
#[must_use]
pub fn has_target() -> bool {
    has(TARGET)
}

/// Has rustup add the standard library of [`TARGET`], unless it is there.
///
/// # Errors
/// There is no rustup, or it fails: then with what it said.
pub fn add_target() -> anyhow::Result<()> {
    if has(TARGET) { Ok(()) } else { add(TARGET) }
}

fn has(target: &str) -> bool {
    let asked = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    asked.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir())
}

fn add(target: &str) -> anyhow::Result<()> {
    let line = format!("rustup target add {target}");
    let output = Command::new("rustup").args(["target", "add", target]).output();
    let output = output.with_context(|| format!("{line}: rustup does not start; https://rustup.rs has it"))?;
    ensure!(output.status.success(), "{line}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{add, has};

    #[test]
    fn a_target_that_cannot_be_had_is_named() {
        assert!(!has("wasm32-nowhere"));
        let error = format!("{:#}", add("wasm32-nowhere").unwrap_err());
        assert!(error.contains("rustup target add wasm32-nowhere"), "{error}");
    }
}
