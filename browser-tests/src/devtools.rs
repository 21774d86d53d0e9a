//! What fantoccini has no words for: Chromium's own commands, passed on by its driver.

use anyhow::Context;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fantoccini::Client;
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of a session. Without a body it asks.
#[derive(Debug)]
struct Command {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        match &self.body {
            Some(body) => (http::Method::POST, Some(body.to_string())),
            None => (http::Method::GET, None),
        }
    }
}

/// The developer tools of a browser.
pub(crate) struct DevTools<'a>(pub(crate) &'a Client);

impl DevTools<'_> {
    async fn command(&self, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let told = format!("{path}, {body:?}");
        self.0.issue_cmd(Command { path: path.to_owned(), body }).await.context(told)
    }

    async fn call(&self, command: &str, parameters: Value) -> anyhow::Result<Value> {
        self.command("goog/cdp/execute", Some(json!({"cmd": command, "params": parameters}))).await
    }

    /// Gives the page a screen of this many CSS pixels. Unlike a window's, a screen's width has no lower limit.
    pub(crate) async fn screen(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
    }

    /// Prefers dark colours, or light ones.
    pub(crate) async fn colours(&self, dark: bool) -> anyhow::Result<()> {
        let value = if dark { "dark" } else { "light" };
        let feature = json!({"name": "prefers-color-scheme", "value": value});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]})).await.map(drop)
    }

    /// Moves to a time zone, such as `Asia/Tokyo`.
    pub(crate) async fn zone(&self, zone: &str) -> anyhow::Result<()> {
        self.call("Emulation.setTimezoneOverride", json!({"timezoneId": zone})).await.map(drop)
    }

    /// The page as a PNG.
    pub(crate) async fn shot(&self) -> anyhow::Result<Vec<u8>> {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"})).await?;
        Ok(BASE64_STANDARD.decode(shot["data"].as_str().unwrap_or_default())?)
    }

    /// What the console says since this was last asked: level, source, message. Forgotten by the asking.
    pub(crate) async fn console(&self) -> anyhow::Result<Vec<Value>> {
        let entries = self.command("se/log", Some(json!({"type": "browser"}))).await?;
        Ok(entries.as_array().cloned().unwrap_or_default())
    }

    /// What a screen reader calls an element.
    pub(crate) async fn name(&self, element: &Element) -> anyhow::Result<String> {
        let name = self.command(&format!("element/{}/computedlabel", element.element_id()), None).await?;
        Ok(name.as_str().unwrap_or_default().to_owned())
    }
}
