//! A headless Chromium, driven by WebDriver as a person would use it: by labels and by the words on buttons.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::devtools::DevTools;
use crate::look::Look;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

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
        let (driver, port) = driver().await.context("the browser tests need Debian's chromium and chromium-driver")?;
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
        browser.devtools().zone(ZONE).await?;
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
        Ok(self.client.goto(url).await?)
    }

    /// The address at present.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// Types into the field with this label.
    ///
    /// # Errors
    /// There is none.
    pub async fn fill(&self, label: &str, text: &str) -> anyhow::Result<()> {
        let field = self.field(label).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Chooses from the list with this label.
    ///
    /// # Errors
    /// There is no such list, or no such choice.
    pub async fn choose(&self, label: &str, choice: &str) -> anyhow::Result<()> {
        Ok(self.field(label).await?.select_by_label(choice).await?)
    }

    /// Chooses from the list with this label by the place, counted from 0.
    ///
    /// # Errors
    /// There is no such list, or no such place.
    pub async fn choose_nth(&self, label: &str, place: usize) -> anyhow::Result<()> {
        Ok(self.field(label).await?.select_by_index(place).await?)
    }

    async fn field(&self, label: &str) -> anyhow::Result<Element> {
        let found = self.find(&format!("//label[normalize-space()=\"{label}\"]")).await?;
        let id = found.attr("for").await?.with_context(|| format!("the label {label:?} is of no field"))?;
        // Of several, the one in the dialog is last.
        let fields = self.client.find_all(Locator::Css(&format!("#{id}"))).await?;
        fields.into_iter().last().with_context(|| format!("the label {label:?} is of no field"))
    }

    /// Presses the button, link or summary with these words.
    ///
    /// # Errors
    /// There is none to be seen.
    pub async fn press(&self, words: &str) -> anyhow::Result<()> {
        let path =
            format!("//*[self::a or self::button or self::summary][starts-with(normalize-space(), \"{words}\")]");
        self.find(&path).await?;
        for element in self.client.find_all(Locator::XPath(&path)).await?.into_iter().rev() {
            if element.is_displayed().await? {
                element.click().await?;
                return Ok(());
            }
        }
        bail!("{words:?} is not to be seen on {}", self.address().await?)
    }

    /// Waits until these words are on the page.
    ///
    /// # Errors
    /// They don't come.
    pub async fn sees(&self, words: &str) -> anyhow::Result<()> {
        let ends = tokio::time::Instant::now() + PATIENCE;
        loop {
            let text = match self.client.find(Locator::Css("body")).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(words) {
                return Ok(());
            }
            ensure!(
                tokio::time::Instant::now() < ends,
                "{words:?} does not come on {}:\n{text}",
                self.address().await?
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn find(&self, path: &str) -> anyhow::Result<Element> {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(path)).await;
        match found {
            Ok(found) => Ok(found),
            Err(_) => {
                let text = self.client.find(Locator::Css("body")).await?.text().await?;
                bail!("nothing is at {path} on {}:\n{text}", self.address().await?)
            }
        }
    }

    /// What a script of ours finds out about the page.
    ///
    /// # Errors
    /// The script fails.
    pub async fn ask(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }
}

/// Starts the driver on a port of its choice.
async fn driver() -> anyhow::Result<(Child, u16)> {
    let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let output = driver.stdout.take().context("chromedriver has an output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.rsplit_once("started successfully on port ")
            && let Ok(port) = port.trim_end_matches('.').parse()
        {
            // Its further output has to go somewhere, lest it waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((driver, port));
        }
    }
    bail!("chromedriver did not start")
}
