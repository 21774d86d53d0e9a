//! All of it works without JavaScript; here on the narrowest screen, at night.

use qualified_ats_browser_tests::{Browser, Look, Town};
use sandbox::lever::{Event, NewOpportunity};
use sandbox::qualified::Score;

use crate::steps::{DRAFT, STAGE, TITLE, choose_stage, connect_lever, connect_qualified, create_account, told};

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_works_without_javascript() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::without_scripts(Look::PHONE).await?;
    create_account(&town, &browser).await?;
    connect_qualified(&town, &browser).await?;
    connect_lever(&browser).await?;
    choose_stage(&browser).await?;
    browser.fill("Reminder, in days", "9").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("The reminder has to come before the deadline.").await?;
    browser.state("narrow-stage-error").await?;
    browser.fill("Reminder, in days", "3").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;
    browser.state("narrow-setup").await?;

    browser.press("Tags").await?;
    browser.sees(TITLE).await?;
    browser.fill("Candidate", "ada.okafor@example.com").await?;
    browser.press("Look").await?;
    browser.sees("On entering a trigger stage").await?;
    browser.state("narrow-tags").await?;

    let vendors = town.vendors();
    vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let fatou = vendors.lock().lever().add_opportunity(NewOpportunity::named("Fatou Ndiaye").tag(DRAFT))?;
    let stage = vendors.lock().lever().stage(STAGE)?;
    vendors.lock().lever().move_to_stage(&fatou, &stage)?;
    told(&town, &browser, "is still a draft").await?;
    browser.press("Replay").await?;
    browser.sees("It was looked at again").await?;
    browser.state("narrow-activity").await?;

    browser.press("Set-up").await?;
    browser.press(&format!("Remove {STAGE}")).await?;
    browser.press(&format!("Remove {STAGE}")).await?;
    browser.sees("The stage is no trigger stage any more.").await?;
    browser.press("Connect BambooHR").await?;
    browser.fill("Company", "acme").await?;
    browser.press("Log In to BambooHR instead").await?;
    browser.press("Accept").await?;
    browser.press("Add Assessment").await?;
    browser.choose("Assessment", TITLE).await?;
    browser.choose_nth("Job opening", 1).await?;
    browser.state("narrow-bamboohr").await?;
    browser.press("Save").await?;
    browser.sees("The assessment goes with its job opening from now on.").await
}

#[tokio::test(flavor = "multi_thread")]
async fn troubles_and_a_first_result_without_javascript() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::without_scripts(Look::PHONE).await?;
    create_account(&town, &browser).await?;
    connect_qualified(&town, &browser).await?;
    browser.press("Log In to Lever").await?;
    browser.press("Deny").await?;
    browser.sees("Lever was not connected, because the log-in was refused there.").await?;
    connect_lever(&browser).await?;
    choose_stage(&browser).await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;

    let vendors = town.vendors();
    vendors.lock().qualified().regenerate_api_key();
    browser.press("Check now").await?;
    browser.sees("Qualified does not accept the API key any more.").await?;
    browser.fill("API key", "wrong").await?;
    browser.press("Replace the key").await?;
    browser.sees("does not accept this API key").await?;
    browser.fill("API key", &town.api_key()).await?;
    browser.press("Replace the key").await?;
    browser.sees("Qualified accepts the API key.").await?;

    vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let nia = vendors.lock().lever().add_opportunity(NewOpportunity::named("Nia Brooks").tag(TITLE))?;
    let stage = vendors.lock().lever().stage(STAGE)?;
    vendors.lock().lever().move_to_stage(&nia, &stage)?;
    told(&town, &browser, "Invited to").await?;
    let result = {
        let mut vendors = vendors.lock();
        let qualified = vendors.qualified();
        qualified.results().first().map(|result| result.id.clone()).unwrap_or_default()
    };
    vendors.lock().qualified().start(&result)?;
    told(&town, &browser, "shows Started").await?;
    vendors.lock().qualified().submit(&result, Score::of(86.7).passed(true).seconds(2710))?;
    told(&town, &browser, "was added as a note").await?;

    browser.press("Set-up").await?;
    for vendor in ["Qualified", "Lever"] {
        browser.press(&format!("Remove Integration of {vendor}")).await?;
        browser.press(&format!("Remove {vendor}")).await?;
        browser.sees(&format!("{vendor} is disconnected.")).await?;
    }
    browser.sees("0 of 3 steps done").await
}
