//! BambooHR's part of the page.

use qualified_ats_browser_tests::{Browser, Look, Town};

use crate::steps::{ACCOUNT, TITLE, connect_qualified, create_account};

#[tokio::test(flavor = "multi_thread")]
async fn bamboohr_is_set_up_in_the_same_manner() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    create_account(&town, &browser).await?;
    connect_qualified(&town, &browser).await?;
    browser.press("Connect BambooHR").await?;
    browser.fill("Company", "no company!").await?;
    browser.press("Log In to BambooHR instead").await?;
    browser.sees("subdomain").await?;
    browser.state("bamboohr-wrong-company").await?;
    browser.fill("Company", ACCOUNT).await?;
    browser.press("Log In to BambooHR instead").await?;
    browser.sees("wants to work with an account").await?;
    browser.state("bamboohr-consent").await?;
    browser.press("Accept").await?;
    browser.sees("BambooHR is connected.").await?;
    browser.state("bamboohr-connected").await?;
    browser.press("Add Assessment").await?;
    browser.choose("Assessment", TITLE).await?;
    browser.choose_nth("Job opening", 1).await?;
    browser.choose("Send it to applicants with this status", "Qualified - Send assessment").await?;
    browser.choose("When the assessment is started", "Qualified - In progress").await?;
    browser.state("bamboohr").await?;
    browser.press("Save").await?;
    browser.sees("The assessment goes with its job opening from now on.").await?;
    browser.sees("Setup complete!").await?;
    browser.sees("Data Analyst: sent by \u{201c}Qualified - Send assessment\u{201d}").await?;
    browser.state("bamboohr-complete").await?;
    browser.press("Change").await?;
    browser.choose("Send it to applicants with this status", "Don't automatically invite applicants").await?;
    browser.press("Save").await?;
    browser.sees("Data Analyst: sent to nobody by itself").await?;
    browser.press(&format!("Remove {TITLE}")).await?;
    browser.sees("Invitations already sent stay good.").await?;
    browser.state("bamboohr-remove").await?;
    browser.press(&format!("Remove {TITLE}")).await?;
    browser.sees("2 of 3 steps done").await
}
