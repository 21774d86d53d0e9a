//! A headless Chromium, driven by WebDriver as a person would use it: by labels and by the words on buttons.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::devtools::DevTools;
use crate::look::Look;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

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
        select(&self.field(label).await?, choice).await
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

    /// Chooses from the list that has its name from no label.
    ///
    /// # Errors
    /// There is no such list, or no such choice.
    pub async fn choose_by_name(&self, name: &str, choice: &str) -> anyhow::Result<()> {
        select(&self.find(&format!("//select[@aria-label=\"{name}\"]")).await?, choice).await
    }

    /// Presses the button, link or summary with these words; of several, the last that is to be seen.
    ///
    /// # Errors
    /// There is none to be seen.
    pub async fn press(&self, words: &str) -> anyhow::Result<()> {
        let kinds = "self::a or self::button or self::summary";
        self.press_at(&format!("//*[{kinds}][starts-with(normalize-space(), \"{words}\")]")).await
    }

    /// Presses the button whose name is more than the words on it.
    ///
    /// # Errors
    /// There is none to be seen.
    pub async fn press_named(&self, name: &str) -> anyhow::Result<()> {
        self.press_at(&format!("//button[@aria-label=\"{name}\"]")).await
    }

    async fn press_at(&self, path: &str) -> anyhow::Result<()> {
        self.find(path).await?;
        let ends = Instant::now() + PATIENCE;
        while Instant::now() < ends {
            match self.try_press(path).await {
                Ok(true) => return Ok(()),
                // A page that keeps itself fresh replaced it meanwhile.
                Err(error) if error.is_stale_element_reference() => {}
                Ok(false) => bail!("{path} is not to be seen on {}", self.address().await?),
                Err(error) => return Err(error.into()),
            }
        }
        bail!("{path} does not hold still on {}", self.address().await?)
    }

    async fn try_press(&self, path: &str) -> Result<bool, CmdError> {
        for element in self.client.find_all(Locator::XPath(path)).await?.into_iter().rev() {
            if element.is_displayed().await? {
                element.click().await?;
                return Ok(true);
            }
        }
        Ok(false)
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

    /// Moves to a time zone, such as `Asia/Tokyo`. Pages that are open don't know.
    ///
    /// # Errors
    /// There is no such zone.
    pub async fn zone(&self, zone: &str) -> anyhow::Result<()> {
        self.devtools().zone(zone).await
    }

    /// Takes one element by the mouse and lets go of it over another. Both as CSS selectors.
    ///
    /// # Errors
    /// One of them is not there.
    pub async fn drag(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let (from, to) = (self.client.find(Locator::Css(from)).await?, self.client.find(Locator::Css(to)).await?);
        let over = |element| PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let mouse = MouseActions::new("mouse".to_owned())
            .then(over(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            // A drag begins with a little way.
            .then(PointerAction::MoveBy { duration: None, x: 8.0, y: 8.0 })
            .then(over(to))
            .then(PointerAction::MoveBy { duration: None, x: 8.0, y: 8.0 })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        Ok(self.client.perform_actions(mouse).await?)
    }

    /// What a script of ours finds out about the page.
    ///
    /// # Errors
    /// The script fails.
    pub async fn ask(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }
}

/// Chooses by the words, whatever quotes are in them.
async fn select(list: &Element, choice: &str) -> anyhow::Result<()> {
    for option in list.find_all(Locator::Css("option")).await? {
        if option.text().await?.trim() == choice {
            return Ok(option.click().await?);
        }
    }
    bail!("the list has no {choice:?}")
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
    while let Some(line) = lines.next_line().await? {
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
