//! The vendors' boards in miniature, on which whoever tries the product plays recruiter, candidate and reviewer.

use qualified_ats_browser_tests::{Browser, Look, Town};
use sandbox::lever::NewOpportunity;

use crate::steps::{STAGE, TITLE, set_up};

/// The selector of the trigger stage's column.
fn column(town: &Town) -> anyhow::Result<String> {
    let vendors = town.vendors();
    let stage = vendors.lock().lever().stage(STAGE)?;
    Ok(format!("[data-stage='{stage}']"))
}

/// The selector of a candidate's card.
fn card(opportunity: &str) -> String {
    format!("[data-card='{opportunity}']")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recruiter_a_candidate_and_a_reviewer_click_and_the_tags_follow() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look { width: 1440, dark: false }).await?;
    set_up(&town, &browser).await?;
    let vendors = town.vendors();
    let nia = vendors.lock().lever().add_opportunity(NewOpportunity::named("Nia Brooks").tag(TITLE))?;
    let (lever, qualified) = (town.origins().lever_api.clone(), town.origins().qualified.clone());

    browser.go(&lever).await?;
    browser.press("Switch on").await?;
    browser.sees("Candidate Stage Change is on").await?;
    browser.drag(&card(&nia), &column(&town)?).await?;
    browser.sees_in(&column(&town)?, "Nia Brooks").await?;
    browser.sees_in(&card(&nia), &format!("{TITLE} - Invited")).await?;

    browser.go(&qualified).await?;
    for button in ["Open", "Start", "Submit"] {
        browser.press(button).await?;
    }
    browser.sees("score 86.7").await?;
    browser.state("board-qualified").await?;
    browser.go(&lever).await?;
    browser.sees_in(&card(&nia), &format!("{TITLE} - Submitted")).await?;
    browser.sees_in(&card(&nia), "86.7").await?;
    browser.state("board-lever").await?;

    // Whatever happens elsewhere appears while one looks.
    let candidate = vendors.lock().qualified().candidate("nia.brooks@example.com").map(|own| own.id.clone());
    vendors.lock().qualified().approve(&candidate.unwrap_or_default())?;
    browser.sees_in(&card(&nia), &format!("{TITLE} - Approved")).await?;
    browser.go(&qualified).await?;
    browser.press("Reject").await?;
    browser.sees("rejected").await?;
    browser.go(&lever).await?;
    browser.sees_in(&card(&nia), &format!("{TITLE} - Rejected")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_moved_by_its_menu_too() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::without_scripts(Look::PHONE).await?;
    let lever = town.origins().lever_api.clone();
    browser.go(&lever).await?;
    browser.choose_by_name("Stage of Ada Okafor", STAGE).await?;
    browser.press_named("Move Ada Okafor").await?;
    browser.sees_in(&column(&town)?, "Ada Okafor").await?;
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
