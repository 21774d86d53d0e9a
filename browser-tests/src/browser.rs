//! A headless Chromium, driven by WebDriver, and what is to be seen in it.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use crate::devtools::DevTools;
use crate::look::Look;

/// How long something may take to appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(50);

/// Where the reader is.
const ZONE: &str = "Europe/Brussels";

/// Browsers at a time: each is a dozen processes, and a machine that is short of breath makes tests fail.
static SEATS: Semaphore = Semaphore::const_new(2);

/// See the module.
pub struct Browser {
    client: Client,
    pub(crate) look: Look,
    pub(crate) scripts: bool,
    /// Ends with the browser.
    _driver: Child,
    _seat: SemaphorePermit<'static>,
}

impl Browser {
    /// Starts a browser with nothing remembered.
    ///
    /// # Errors
    /// Chromium or its driver is not installed, or does not start.
    pub async fn open(look: Look) -> anyhow::Result<Self> {
        Self::start(look, true).await
    }

    /// The same, for somebody who lets no page run scripts.
    ///
    /// # Errors
    /// As [`Browser::open`].
    pub async fn without_scripts(look: Look) -> anyhow::Result<Self> {
        Self::start(look, false).await
    }

    async fn start(look: Look, scripts: bool) -> anyhow::Result<Self> {
        let seat = SEATS.acquire().await?;
        let (driver, port) = driver()
            .await
            .context("these tests need Chromium and its driver: apt-get install -y chromium chromium-driver")?;
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en"],
            "prefs": {"profile.managed_default_content_settings.javascript": if scripts { 1 } else { 2 }},
        });
        let wanted = [("goog:chromeOptions", options), ("goog:loggingPrefs", json!({"browser": "ALL"}))];
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await?;
        let browser = Self { client, look, scripts, _driver: driver, _seat: seat };
        browser.zone(ZONE).await?;
        browser.see(look).await?;
        Ok(browser)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn devtools(&self) -> DevTools<'_> {
        DevTools(&self.client)
    }

    /// Types an address.
    ///
    /// # Errors
    /// The page does not load.
    pub async fn go(&self, url: &str) -> anyhow::Result<()> {
        self.client.goto(url).await?;
        // The driver may take the end of the page before for the end of this one.
        self.waits_until("return document.readyState === 'complete'").await
    }

    /// The address at present.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// Waits until these words are on the page.
    ///
    /// # Errors
    /// They don't come.
    pub async fn sees(&self, words: &str) -> anyhow::Result<()> {
        self.wait_for(words, "body", None).await
    }

    /// Waits until these words are in the element at a CSS selector.
    ///
    /// # Errors
    /// They don't come.
    pub async fn sees_in(&self, selector: &str, words: &str) -> anyhow::Result<()> {
        self.wait_for(words, selector, None).await
    }

    /// Loads the page again and again until these words are on it.
    ///
    /// # Errors
    /// They don't come.
    pub async fn sees_at(&self, url: &str, words: &str) -> anyhow::Result<()> {
        self.wait_for(words, "body", Some(url)).await
    }

    async fn wait_for(&self, words: &str, selector: &str, url: Option<&str>) -> anyhow::Result<()> {
        let ends = Instant::now() + PATIENCE;
        loop {
            if let Some(url) = url {
                self.go(url).await?;
            }
            // Between two pages there is none.
            let text = match self.client.find(Locator::Css(selector)).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(words) {
                return Ok(());
            }
            ensure!(Instant::now() < ends, "{words:?} does not come on {}:\n{text}", self.address().await?);
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits until a script of ours finds it true.
    ///
    /// # Errors
    /// It does not come true.
    pub async fn waits_until(&self, script: &str) -> anyhow::Result<()> {
        let ends = Instant::now() + PATIENCE;
        while self.ask(script).await? != true {
            ensure!(Instant::now() < ends, "{script:?} does not come true on {}", self.address().await?);
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Moves to a time zone, such as `Asia/Tokyo`. Pages that are open don't know.
    ///
    /// # Errors
    /// There is no such zone.
    pub async fn zone(&self, zone: &str) -> anyhow::Result<()> {
        self.devtools().zone(zone).await
    }

    /// What a script of ours finds out about the page.
    ///
    /// # Errors
    /// The script fails.
    pub async fn ask(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }
}

/// Starts the driver on a port of its choice. It wants the port on both families of addresses, and chooses a free one
/// of the first; now and then somebody has the other.
async fn driver() -> anyhow::Result<(Child, u16)> {
    for _ in 0..4 {
        if let Some(started) = try_driver().await? {
            return Ok(started);
        }
    }
    bail!("chromedriver did not start")
}

async fn try_driver() -> anyhow::Result<Option<(Child, u16)>> {
    let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let output = driver.stdout.take().context("chromedriver has an output")?;
    let mut lines = BufReader::new(output).lines();
    // A driver that says nothing in this time is given up with the attempt.
    while let Ok(line) = timeout(PATIENCE, lines.next_line()).await
        && let Some(line) = line?
    {
        if let Some((_, port)) = line.rsplit_once("started successfully on port ")
            && let Ok(port) = port.trim_end_matches('.').parse()
        {
            // Its further output has to go somewhere, lest it waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(Some((driver, port)));
        }
    }
    Ok(None)
}
