//! The rules that every page and state is held to: WCAG 2.2 AA as far as axe-core can tell, and nothing to be scrolled
//! sideways for.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::Browser;

/// The levels that are held. Best practices are not rules of WCAG, but break nothing that is worth keeping.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// What axe finds in the page, each with the elements that it means.
const RUN: &str = "
    const [tags, done] = arguments;
    axe.run(document, {
        runOnly: tags,
        resultTypes: ['violations'],
        // The rules of WCAG 2.2 are off by default.
        rules: { 'target-size': { enabled: true } },
    }).then(
        (found) => done({
            rules: found.passes.length + found.violations.length,
            violations: found.violations.map(({ id, help, nodes }) =>
                [id, help, ...nodes.map((node) => node.html + ' ' + node.failureSummary)].join('\\n    ')),
        }),
        (error) => done({ rules: 0, violations: [String(error)] }),
    );";

/// The width of the page and of the screen, with text spaced so for this once.
const WIDTHS: &str = "
    const { style } = document.documentElement;
    style.cssText = arguments[0];
    const widths = [document.documentElement.scrollWidth, innerWidth];
    style.cssText = '';
    return widths;";

/// axe-core's one file.
///
/// # Errors
/// It was not installed, and how to do so.
fn axe() -> anyhow::Result<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file).with_context(|| {
        format!("{} is missing: `npm ci --prefix browser-tests`; npm itself is Debian's package npm", file.display())
    })
}

impl Browser {
    /// Fails if axe finds anything against the rules, in the page as it is now.
    ///
    /// # Errors
    /// It does, or it is not installed.
    pub async fn is_accessible(&self) -> anyhow::Result<()> {
        if self.ask("return typeof axe").await? == "undefined" {
            // What the driver executes is not subject to the page's policy against scripts.
            self.ask(&axe()?).await?;
        }
        let found = self.client().execute_async(RUN, vec![json!(TAGS)]).await?;
        let violations: Vec<&str> =
            found["violations"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        ensure!(violations.is_empty(), "{} is not accessible: {}", self.address().await?, violations.join("\n\n"));
        ensure!(found["rules"].as_u64() > Some(10), "axe looked at next to nothing: {found}");
        Ok(())
    }

    /// Fails if a script failed, or the page's policy stopped something, since this was last asked.
    ///
    /// # Errors
    /// As the console tells.
    pub async fn is_calm(&self) -> anyhow::Result<()> {
        let mut said = self.devtools().console().await?;
        // That an answer was a refusal is also told as an error.
        said.retain(|entry| entry["level"] == "SEVERE" && entry["source"] != "network");
        ensure!(said.is_empty(), "the console of {} tells {said:#?}", self.address().await?);
        Ok(())
    }

    /// Fails if anything has to be scrolled sideways for, or would have to be by a reader who spaces text as WCAG 1.4.12
    /// allows.
    ///
    /// # Errors
    /// The page is wider than the screen.
    pub async fn fits(&self) -> anyhow::Result<()> {
        for spacing in ["", "line-height: 1.5; letter-spacing: 0.12em; word-spacing: 0.16em"] {
            let widths = self.client().execute(WIDTHS, vec![json!(spacing)]).await?;
            ensure!(widths[0].as_f64() <= widths[1].as_f64(), "too wide: {widths} on {}", self.address().await?);
        }
        Ok(())
    }
}
