//! What goes wrong is told where it went wrong, with what to do about it, and doing that helps.

use qualified_ats_browser_tests::{Browser, Look, Town};
use sandbox::lever::{Event, NewOpportunity};
use sandbox::{Effect, Rule, Vendor};

use crate::steps::{STAGE, TITLE, choose_stage, connect_qualified, create_account, set_up, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_log_in_and_a_wrong_key() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    create_account(&town, &browser).await?;
    browser.fill("API key", "wrong").await?;
    browser.press("Connect Qualified").await?;
    browser.sees("does not accept this API key").await?;
    browser.state("setup-wrong-key").await?;
    connect_qualified(&town, &browser).await?;
    browser.press("Log In to Lever").await?;
    browser.press("Deny").await?;
    browser.sees("Lever was not connected, because the log-in was refused there.").await?;
    browser.state("lever-refused").await?;
    browser.press("Log In to Lever").await?;
    browser.press("Accept").await?;
    browser.sees("Lever is connected.").await?;

    choose_stage(&browser).await?;
    browser.fill("Reminder, in days", "9").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("The reminder has to come before the deadline.").await?;
    browser.state("trigger-stage-error").await?;
    browser.fill("Reminder, in days", "3").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;
    browser.press("A webhook made by hand").await?;
    browser.press("Add the token").await?;
    browser.sees("Give the signature token").await?;
    browser.state("setup-no-token").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_stage_a_broken_key_and_a_withdrawn_permission() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    let vendors = town.vendors();
    let stage = vendors.lock().lever().stage(STAGE)?;
    vendors.lock().lever().delete_stage(&stage)?;
    vendors.lock().qualified().regenerate_api_key();
    browser.press("Check now").await?;
    browser.sees("Lever no longer has the stage Coding test").await?;
    browser.sees("Qualified does not accept the API key any more.").await?;
    browser.state("setup-broken").await?;
    browser.fill("API key", &town.api_key()).await?;
    browser.press("Replace the key").await?;
    browser.sees("Qualified accepts the API key.").await?;

    vendors.lock().lever().revoke_app();
    browser.press("Check now").await?;
    browser.sees("Lever withdrew the permission.").await?;
    browser.state("setup-withdrawn").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Back").await?;
    browser.state("trigger-stage-unavailable").await?;
    browser.press("Back").await?;
    browser.press("Log In to Lever again").await?;
    browser.press("Accept").await?;
    browser.sees("Lever accepts our token.").await?;
    browser.press("Remove Integration of Qualified").await?;
    browser.press("Remove Qualified").await?;
    browser.sees("Qualified is disconnected.").await?;
    browser.press("Remove Integration of Lever").await?;
    browser.press("Remove Lever").await?;
    browser.sees("Lever is disconnected.").await?;
    browser.sees("0 of 3 steps done").await?;
    assert!(vendors.lock().lever().webhooks().is_empty(), "our webhook is gone too");
    told(&town, &browser, "Lever disconnected").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_mended_and_replayed() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    let vendors = town.vendors();
    {
        let mut vendors = vendors.lock();
        // An answer that trying again does not change.
        let moved = Effect::MovedTo("https://elsewhere.example".into());
        vendors.faults().add(Rule::at(Vendor::Lever, moved).ending("/addTags").always());
        let mut lever = vendors.lever();
        lever.set_webhook_toggle(Event::CandidateStageChange, true);
        let gita = lever.add_opportunity(NewOpportunity::named("Gita Rao").tag(TITLE))?;
        let stage = lever.stage(STAGE)?;
        lever.move_to_stage(&gita, &stage)?;
    }
    told(&town, &browser, "One piece of work was given up").await?;
    browser.state("activity-given-up").await?;
    browser.press("Set-up").await?;
    browser.sees("See what failed").await?;
    browser.state("setup-given-up").await?;
    vendors.lock().faults().clear();
    browser.press("See what failed").await?;
    browser.press("Replay all failed").await?;
    browser.sees("It was looked at again.").await?;
    browser.press("The newest lines").await?;
    browser.sees("shows Invited").await?;
    browser.sees("went on since").await
}
