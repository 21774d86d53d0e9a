//! What `spin.toml` says, read from that very file: routes, variables, allowed hosts and stores are then the same facts
//! here and on Spin.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::toolchain;

/// A manifest with one HTTP trigger and one component.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The application's variables by name.
    pub variables: BTreeMap<String, Variable>,
    /// The component's own variables: templates over the application's.
    pub component_variables: BTreeMap<String, String>,
    /// Where the component may call, as templates.
    pub allowed_outbound_hosts: Vec<String>,
    /// The stores the component may open.
    pub key_value_stores: Vec<String>,
    /// The trigger's route, such as `/...`.
    pub route: String,
    /// Where the manifest lies, and the sources beside it; empty is the working directory.
    pub folder: PathBuf,
    /// The component's file, relative to the working directory.
    pub source: PathBuf,
    /// The command that makes that file.
    pub build_command: Option<String>,
}

/// An application variable's declaration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The value when nobody sets one.
    pub default: Option<String>,
    /// Whether the application refuses to start without a value.
    #[serde(default)]
    pub required: bool,
    /// Whether the value must not be shown.
    #[serde(default)]
    pub secret: bool,
}

impl Manifest {
    /// Reads the file at `path`. The component's file is looked for beside it.
    ///
    /// # Errors
    /// The file is unreadable, or not a manifest of the second version with one HTTP trigger and its component.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("the manifest {} is not readable", path.display()))?;
        let mut manifest =
            Self::parse(&text).with_context(|| format!("the manifest {} is not usable", path.display()))?;
        if let Some(folder) = path.parent() {
            manifest.source = folder.join(manifest.source);
            manifest.folder = folder.to_owned();
        }
        Ok(manifest)
    }

    /// Reads a manifest's text; the component's file stays relative.
    ///
    /// # Errors
    /// As for [`Manifest::load`].
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let file: ManifestFile = toml::from_str(text)?;
        let [trigger] = file.trigger.http.as_slice() else {
            bail!("{} HTTP triggers instead of one", file.trigger.http.len());
        };
        let id = &trigger.component;
        let component = file
            .component
            .get(id)
            .with_context(|| format!("the HTTP trigger names the component {id:?}, which is not there"))?
            .clone();
        for (name, variable) in &file.variables {
            if variable.required == variable.default.is_some() {
                bail!("the variable {name:?} must be required or have a default, and not both");
            }
        }
        Ok(Self {
            variables: file.variables,
            component_variables: component.variables,
            allowed_outbound_hosts: component.allowed_outbound_hosts,
            key_value_stores: component.key_value_stores,
            route: trigger.route.clone(),
            folder: PathBuf::new(),
            source: component.source,
            build_command: component.build.map(|build| build.command),
        })
    }

    /// Builds the component from the sources beside the manifest, with the manifest's command. Where the command builds for
    /// [`toolchain::TARGET`], that is added first if need be.
    ///
    /// # Errors
    /// There is no such command, or it does not start; or it fails, then with what it said. Or the target cannot be had.
    pub fn build(&self) -> anyhow::Result<()> {
        let line = self.build_command.as_deref().context("the manifest does not say how to build the component")?;
        if line.contains(toolchain::TARGET) {
            toolchain::add_target()?;
        }
        let mut words = line.split_whitespace();
        let mut command = Command::new(words.next().context("the manifest's build command is empty")?);
        let folder =
            std::path::absolute(if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder })?;
        // The manifest names a file in the usual target folder, so an unusual one must not apply.
        command.args(words).env("CARGO_TARGET_DIR", folder.join("target")).current_dir(folder).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("{line} does not start"))?;
        if !output.status.success() {
            bail!("{line}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// The bytes of the component's file.
    ///
    /// # Errors
    /// The file is unreadable; if it is missing, the error says which command makes it.
    pub fn component(&self) -> anyhow::Result<Vec<u8>> {
        let path = self.source.display();
        match (fs::read(&self.source), &self.build_command) {
            (Ok(bytes), _) => Ok(bytes),
            (Err(error), Some(command)) if error.kind() == ErrorKind::NotFound => {
                bail!("the component {path} is not built yet; build it with:\n\n    {command}\n")
            }
            (Err(error), _) => Err(error).with_context(|| format!("the component {path} is not readable")),
        }
    }
}

#[derive(Deserialize)]
struct ManifestFile {
    #[serde(rename = "spin_manifest_version")]
    _version: Version,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    trigger: Triggers,
    component: BTreeMap<String, Component>,
}

/// Version 2 is the only one this crate understands.
#[derive(Deserialize)]
#[serde(try_from = "u8")]
struct Version;

impl TryFrom<u8> for Version {
    type Error = String;

    fn try_from(version: u8) -> Result<Self, Self::Error> {
        match version {
            2 => Ok(Self),
            other => Err(format!("manifest version {other} instead of 2")),
        }
    }
}

#[derive(Deserialize)]
struct Triggers {
    #[serde(default)]
    http: Vec<HttpTrigger>,
}

#[derive(Deserialize)]
struct HttpTrigger {
    route: String,
    component: String,
}

#[derive(Clone, Deserialize)]
struct Component {
    source: PathBuf,
    #[serde(default)]
    allowed_outbound_hosts: Vec<String>,
    #[serde(default)]
    key_value_stores: Vec<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    build: Option<Build>,
}

#[derive(Clone, Deserialize)]
struct Build {
    command: String,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::Manifest;

    const MINIMAL: &str = r#"
        spin_manifest_version = 2
        [application]
        name = "t"
        [[trigger.http]]
        route = "/..."
        component = "t"
        [component.t]
        source = "absent.wasm"
        [component.t.build]
        command = "cargo build --release"
    "#;

    #[test]
    fn a_missing_component_says_how_to_build_it() {
        let error = Manifest::parse(MINIMAL).unwrap().component().unwrap_err();
        assert!(error.to_string().contains("cargo build --release"), "{error}");
    }

    #[test]
    fn what_cannot_be_run_is_refused_with_the_reason() {
        let table = [
            ("manifest_version = 2", "manifest_version = 1", "version 1"),
            (r#"component = "t""#, r#"component = "u""#, "\"u\""),
            ("[application]", "[variables]\nv = {}\n[application]", "\"v\""),
            ("[application]", "[variables]\nv = { required = true, default = \"\" }\n[application]", "\"v\""),
            ("[component.t]", "[[trigger.http]]\nroute = \"/a\"\ncomponent = \"t\"\n[component.t]", "2 HTTP triggers"),
        ];
        for (from, to, reason) in table {
            let error = Manifest::parse(&MINIMAL.replacen(from, to, 1)).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{error:#}");
        }
    }
}
