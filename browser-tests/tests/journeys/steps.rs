//! What most journeys begin with.

use qualified_ats_browser_tests::{ADMIN_TOKEN, Browser, Town};
use sandbox::demo::ASSESSMENTS;

/// What candidates are invited to.
pub(crate) const TITLE: &str = ASSESSMENTS[0];
/// Not published.
pub(crate) const DRAFT: &str = ASSESSMENTS[3];
/// Whose entry invites.
pub(crate) const STAGE: &str = "Coding test";
/// The account, at all vendors too.
pub(crate) const ACCOUNT: &str = "acme";

/// Comes to the choice of an account.
pub(crate) async fn sign_in(town: &Town, browser: &Browser) -> anyhow::Result<()> {
    browser.go(&town.url).await?;
    browser.fill("Operator's token", ADMIN_TOKEN).await?;
    browser.press("Sign in").await?;
    browser.sees("Create an account").await
}

/// Comes to an account where nothing is done yet.
pub(crate) async fn create_account(town: &Town, browser: &Browser) -> anyhow::Result<()> {
    sign_in(town, browser).await?;
    browser.fill("Account", ACCOUNT).await?;
    browser.fill("Name", "Acme Robotics").await?;
    browser.press("Create account").await?;
    browser.sees("0 of 3 steps done").await
}

/// Gives Qualified's key.
pub(crate) async fn connect_qualified(town: &Town, browser: &Browser) -> anyhow::Result<()> {
    browser.fill("API key", &town.api_key()).await?;
    browser.press("Connect Qualified").await?;
    browser.sees("Qualified is connected.").await
}

/// Logs in to Lever.
pub(crate) async fn connect_lever(browser: &Browser) -> anyhow::Result<()> {
    browser.press("Log In to Lever").await?;
    browser.press("Accept").await?;
    browser.sees("Lever is connected.").await
}

/// Fills the form of a trigger stage, and does not send it.
pub(crate) async fn choose_stage(browser: &Browser) -> anyhow::Result<()> {
    browser.press("Add Trigger Stage").await?;
    browser.choose("Stage in Lever", STAGE).await?;
    browser.fill("Deadline, in days", "7").await?;
    browser.fill("Reminder, in days", "5").await
}

/// From nothing to "Setup complete!" with Lever.
pub(crate) async fn set_up(town: &Town, browser: &Browser) -> anyhow::Result<()> {
    create_account(town, browser).await?;
    connect_qualified(town, browser).await?;
    connect_lever(browser).await?;
    choose_stage(browser).await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await
}

/// So many that a list of them can be searched.
pub(crate) fn publish_many(town: &Town) {
    for language in ["C", "Clojure", "Elixir", "Haskell", "Java", "Kotlin", "Python", "Ruby", "Scala"] {
        town.vendors().lock().qualified().add_assessment(&format!("{language}: Strings and Collections"), true);
    }
}

/// Looks at the activity until it says so.
pub(crate) async fn told(town: &Town, browser: &Browser, words: &str) -> anyhow::Result<()> {
    let page = format!("{}/integrations/{ACCOUNT}/activity", town.url);
    browser.sees_at(&page, words).await
}
