//! The operator's settings: which value each variable has, and from where it came.
//!
//! The strongest first: `--set`, the environment (`SPIN_VARIABLE_<NAME>`), the `.env` file, the manifest's default. The
//! middle two are Spin's own, so one set-up serves both hosts.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context, bail};

use crate::allowed::AllowedHosts;
use crate::manifest::Manifest;

const PREFIX: &str = "SPIN_VARIABLE_";

/// Every application variable with its value. `Debug` shows the names alone: some values are secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Takes `given` and, for the rest, the manifest's defaults.
    ///
    /// # Errors
    /// Names every required variable that is missing, or the first given one that the manifest does not have.
    pub fn resolve(manifest: &Manifest, given: BTreeMap<String, String>) -> anyhow::Result<Self> {
        if let Some(unknown) = given.keys().find(|name| !manifest.variables.contains_key(*name)) {
            bail!("the manifest has no variable {unknown:?}");
        }
        let mut values = given;
        let mut missing = Vec::new();
        for (name, variable) in &manifest.variables {
            match &variable.default {
                _ if values.contains_key(name) => {}
                Some(default) => drop(values.insert(name.clone(), default.clone())),
                None => missing.push(format!("{name} (set {PREFIX}{})", name.to_uppercase())),
            }
        }
        if !missing.is_empty() {
            bail!("required variables have no value: {}", missing.join(", "));
        }
        Ok(Self(values))
    }

    /// The value of the variable `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What the component sees: its own variables, filled in.
    ///
    /// # Errors
    /// A template is malformed or names an unknown variable.
    pub(crate) fn of_component(&self, manifest: &Manifest) -> anyhow::Result<BTreeMap<String, String>> {
        let fill = |(name, template): (&String, &String)| Ok((name.clone(), self.fill(template)?));
        manifest.component_variables.iter().map(fill).collect()
    }

    /// The manifest's allowed hosts, filled in.
    ///
    /// A value that makes an entry unusable allows nothing at all, as on Spin: the component answers, and can say which
    /// variable it is.
    ///
    /// # Errors
    /// As for [`Variables::of_component`], or an entry without a template is no origin.
    pub(crate) fn allowed_hosts(&self, manifest: &Manifest) -> anyhow::Result<AllowedHosts> {
        let (templates, literals): (Vec<_>, Vec<_>) =
            manifest.allowed_outbound_hosts.iter().partition(|entry| entry.contains("{{"));
        let mut allowed = AllowedHosts::parse(literals)?;
        for template in templates {
            match AllowedHosts::parse([self.fill(template)?]) {
                Ok(more) => allowed.extend(more),
                Err(error) => {
                    tracing::error!("the component may call nobody, because of {template:?}: {error:#}");
                    return Ok(AllowedHosts::default());
                }
            }
        }
        Ok(allowed)
    }

    /// Replaces each `{{ name }}`.
    fn fill(&self, template: &str) -> anyhow::Result<String> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((text, after)) = rest.split_once("{{") {
            let (name, after) =
                after.split_once("}}").with_context(|| format!("the template {template:?} has no closing braces"))?;
            let value = self
                .get(name.trim())
                .with_context(|| format!("the template {template:?} names an unknown variable"))?;
            filled.push_str(text);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Gathers what the operator has set, to be given to [`Variables::resolve`]. An absent `dotenv` file is no error, and
/// neither is a `SPIN_VARIABLE_` that the manifest does not know: it may be meant for another application.
///
/// # Errors
/// The `dotenv` file is unreadable or malformed.
pub fn gather(
    manifest: &Manifest,
    set: impl IntoIterator<Item = (String, String)>,
    environment: impl IntoIterator<Item = (String, String)>,
    dotenv: &Path,
) -> anyhow::Result<BTreeMap<String, String>> {
    let unreadable = || format!("{} is not readable", dotenv.display());
    let mut pairs: Vec<(String, String)> = Vec::new();
    if dotenv.is_file() {
        for pair in dotenvy::from_path_iter(dotenv).with_context(unreadable)? {
            // The library's error shows the whole line, which may hold a secret.
            pairs.push(pair.map_err(|_| anyhow::anyhow!("a line is malformed")).with_context(unreadable)?);
        }
    }
    pairs.extend(environment);
    let known = pairs.into_iter().filter_map(|(key, value)| {
        let name = key.strip_prefix(PREFIX)?.to_lowercase();
        manifest.variables.contains_key(&name).then_some((name, value))
    });
    Ok(known.chain(set).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::{Variables, gather};
    use crate::manifest::Manifest;

    fn manifest() -> Manifest {
        Manifest::parse(
            r#"
            spin_manifest_version = 2
            [variables]
            token = { required = true, secret = true }
            key = { required = true, secret = true }
            origin = { default = "https://api.lever.co" }
            [[trigger.http]]
            route = "/..."
            component = "t"
            [component.t]
            source = "t.wasm"
            allowed_outbound_hosts = ["{{ origin }}", "https://*.lever.co"]
            variables = { bearer = "Bearer {{token}}!" }
            "#,
        )
        .unwrap()
    }

    fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn missing_variables_are_all_named() {
        let error = Variables::resolve(&manifest(), BTreeMap::new()).unwrap_err().to_string();
        assert!(error.contains("token") && error.contains("SPIN_VARIABLE_KEY"), "{error}");
        assert!(!error.contains("origin"), "{error}");
    }

    #[test]
    fn an_unknown_variable_is_refused() {
        let error = Variables::resolve(&manifest(), pairs(&[("tokem", "x")])).unwrap_err();
        assert!(error.to_string().contains("\"tokem\""), "{error}");
    }

    #[test]
    fn the_stronger_source_wins() {
        let folder = tempfile::tempdir().unwrap();
        let dotenv = folder.path().join(".env");
        fs::write(&dotenv, "SPIN_VARIABLE_TOKEN=file\nSPIN_VARIABLE_KEY='file'\nSPIN_VARIABLE_OTHER=x\nPATH=y\n")
            .unwrap();
        let environment = pairs(&[("SPIN_VARIABLE_KEY", "environment"), ("SPIN_VARIABLE_ORIGIN", "environment")]);
        let given = gather(&manifest(), pairs(&[("origin", "set")]), environment, &dotenv).unwrap();
        assert_eq!(given, pairs(&[("token", "file"), ("key", "environment"), ("origin", "set")]));
    }

    #[test]
    fn a_malformed_line_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let dotenv = folder.path().join(".env");
        fs::write(&dotenv, "SPIN_VARIABLE_TOKEN='hush hush\n").unwrap();
        let error = gather(&manifest(), [], [], &dotenv).unwrap_err();
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }

    #[test]
    fn templates_are_filled_and_secrets_not_shown() {
        let variables = Variables::resolve(&manifest(), pairs(&[("token", "hush"), ("key", "k")])).unwrap();
        assert_eq!(variables.of_component(&manifest()).unwrap(), pairs(&[("bearer", "Bearer hush!")]));
        assert!(!format!("{variables:?}").contains("hush"));
        let allowed = variables.allowed_hosts(&manifest()).unwrap();
        assert!(allowed.allow(&"https://api.lever.co/".parse().unwrap()));
        assert!(!allowed.allow(&"https://www.qualified.io/".parse().unwrap()));
    }

    #[test]
    fn a_value_that_is_no_origin_allows_nothing_and_a_literal_that_is_none_is_refused() {
        for origin in ["", "https://api.lever.co/v1"] {
            let given = pairs(&[("token", "t"), ("key", "k"), ("origin", origin)]);
            let variables = Variables::resolve(&manifest(), given).unwrap();
            let allowed = variables.allowed_hosts(&manifest()).unwrap();
            assert!(!allowed.allow(&"https://api.lever.co/".parse().unwrap()), "{origin:?}");
        }
        let mut literal = manifest();
        literal.allowed_outbound_hosts = vec!["https://api.lever.co/v1".to_owned()];
        let variables = Variables::resolve(&literal, pairs(&[("token", "t"), ("key", "k")])).unwrap();
        let error = format!("{:#}", variables.allowed_hosts(&literal).unwrap_err());
        assert!(error.contains("https://api.lever.co/v1") && error.contains("path"), "{error}");
    }
}
