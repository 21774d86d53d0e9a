//! The vendors' boards in miniature, on which whoever tries the product plays recruiter, candidate and reviewer.

use anyhow::Context;
use qualified_ats_browser_tests::{Browser, Look, Town};

use crate::steps::{STAGE, TITLE, choose_stage, connect_lever, create_account};

/// Where the trigger stage's column is.
const COLUMN: &str = "[aria-label='Coding test']";
/// Where Ada's card is. The job she applied for has the tag.
const ADA: &str = "article:has([aria-label='Stage of Ada Okafor'])";

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_to_a_first_result_by_clicking_alone() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look { width: 1440, dark: false }).await?;
    browser.go(&town.origins().qualified).await?;
    let key = browser.ask("return document.getElementById('api-key').value").await?;
    create_account(&town, &browser).await?;
    browser.fill("API key", key.as_str().context("the board shows the key")?).await?;
    browser.press("Connect Qualified").await?;
    connect_lever(&browser).await?;
    choose_stage(&browser).await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;

    browser.go(&town.origins().lever_api).await?;
    browser.press("Switch on").await?;
    browser.sees("Candidate Stage Change is on").await?;
    browser.drag(ADA, COLUMN).await?;
    browser.sees_in(COLUMN, "Ada Okafor").await?;
    browser.sees_in(ADA, &format!("{TITLE} - Invited")).await?;

    browser.press("Qualified").await?;
    for button in ["Open", "Start", "Submit"] {
        browser.press(button).await?;
    }
    browser.sees("score 86.7").await?;
    browser.state("board-qualified").await?;
    browser.press("Lever").await?;
    browser.sees_in(ADA, &format!("{TITLE} - Submitted")).await?;
    browser.sees_in(ADA, "Score: 86.7 / 100 (passed)").await?;
    browser.state("board-lever").await?;

    // Whatever happens elsewhere appears while one looks.
    let vendors = town.vendors();
    let candidate = vendors.lock().qualified().candidate("ada.okafor@example.com").map(|own| own.id.clone());
    vendors.lock().qualified().approve(&candidate.unwrap_or_default())?;
    browser.sees_in(ADA, &format!("{TITLE} - Approved")).await?;
    browser.press("Qualified").await?;
    browser.press("Reject").await?;
    browser.sees("rejected").await?;
    browser.press("Lever").await?;
    browser.sees_in(ADA, &format!("{TITLE} - Rejected")).await?;
    browser.press("http").await?;
    browser.sees("A shared report").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_moved_by_its_menu_too() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::without_scripts(Look::PHONE).await?;
    let lever = town.origins().lever_api.clone();
    browser.go(&lever).await?;
    browser.choose_by_name("Stage of Ada Okafor", STAGE).await?;
    browser.press_named("Move Ada Okafor").await?;
    browser.sees_in(COLUMN, "Ada Okafor").await?;
    browser.state("narrow-board-lever").await?;
    browser.go(&town.origins().bamboohr).await?;
    browser.choose_by_name("Status of Ines Okoro", "Qualified - Send assessment").await?;
    browser.press_named("Set status of Ines Okoro").await?;
    browser.sees("Qualified - Send assessment").await?;
    browser.state("narrow-board-bamboohr").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_boards_are_held_to_the_rules_too() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    let origins = town.origins();
    browser.go(&origins.lever_api).await?;
    browser.state("board-lever-begin").await?;
    browser.go(&origins.qualified).await?;
    browser.state("board-qualified-begin").await?;
    browser.go(&origins.bamboohr).await?;
    browser.state("board-bamboohr").await
}
