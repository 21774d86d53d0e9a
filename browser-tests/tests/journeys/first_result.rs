//! From the sign-in to a first result, by clicking alone. The pictures of the guide are taken on the way.

use qualified_ats_browser_tests::{ADMIN_TOKEN, Browser, Look, Town};
use sandbox::demo::ASSESSMENTS;
use sandbox::lever::{Event, NewOpportunity};
use sandbox::qualified::Score;

const TITLE: &str = ASSESSMENTS[0];
/// The company in BambooHR's miniature.
const COMPANY: &str = "acme";
const DRAFT: &str = ASSESSMENTS[3];

async fn sign_in(town: &Town, browser: &Browser) -> anyhow::Result<()> {
    browser.go(&town.url).await?;
    browser.fill("Operator's token", ADMIN_TOKEN).await?;
    browser.press("Sign in").await?;
    browser.sees("Create an account").await
}

async fn create_account(browser: &Browser) -> anyhow::Result<()> {
    browser.fill("Account", "acme").await?;
    browser.fill("Name", "Acme Robotics").await?;
    browser.press("Create account").await?;
    browser.sees("0 of 3 steps done").await
}

async fn connect(town: &Town, browser: &Browser) -> anyhow::Result<()> {
    browser.fill("API key", &town.api_key()).await?;
    browser.press("Connect Qualified").await?;
    browser.sees("Qualified is connected.").await?;
    browser.press("Log In to Lever").await?;
    browser.press("Accept").await?;
    browser.sees("Lever is connected.").await
}

async fn add_stage(browser: &Browser) -> anyhow::Result<()> {
    browser.press("Add Trigger Stage").await?;
    browser.choose("Stage in Lever", "Coding test").await?;
    browser.fill("Deadline, in days", "7").await?;
    browser.fill("Reminder, in days", "5").await
}

#[tokio::test(flavor = "multi_thread")]
async fn first_set_up_to_first_result() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    browser.go(&town.url).await?;
    browser.state("sign-in").await?;
    sign_in(&town, &browser).await?;
    browser.state("accounts").await?;
    create_account(&browser).await?;
    browser.state("setup-empty").await?;

    browser.fill("API key", "wrong").await?;
    browser.press("Connect Qualified").await?;
    browser.sees("does not accept this API key").await?;
    browser.state("setup-wrong-key").await?;

    connect(&town, &browser).await?;
    browser.state("setup-connected").await?;
    add_stage(&browser).await?;
    assert_eq!(browser.ask("return document.querySelector('dialog')?.open").await?, true, "it is a dialog");
    browser.state("trigger-stage").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;
    browser.sees("deadline after 7 days").await?;
    browser.state("setup-complete").await?;

    // After the pictures of Lever's set-up: what follows is about the candidates.
    let vendors = town.vendors();
    vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let nia = vendors.lock().lever().add_opportunity(NewOpportunity::named("Nia Brooks").tag(TITLE))?;
    browser.press("Tags").await?;
    browser.sees(TITLE).await?;
    browser.fill("Candidate", "nia.brooks@example.com").await?;
    browser.press("Look").await?;
    browser.sees("On entering a trigger stage").await?;
    browser.state("tags").await?;

    let fatou = vendors.lock().lever().add_opportunity(NewOpportunity::named("Fatou Ndiaye").tag(DRAFT))?;
    let stage = vendors.lock().lever().stage("Coding test")?;
    for candidate in [&nia, &fatou] {
        vendors.lock().lever().move_to_stage(candidate, &stage)?;
    }
    until(&browser, &town, "Invited to").await?;
    until(&browser, &town, "is still a draft").await?;
    let result = {
        let mut vendors = vendors.lock();
        let qualified = vendors.qualified();
        let assessment = qualified.assessments().iter().find(|assessment| assessment.title == TITLE);
        let assessment = assessment.map(|assessment| assessment.id.clone()).unwrap_or_default();
        qualified.result_of("nia.brooks@example.com", &assessment)?
    };
    vendors.lock().qualified().start(&result)?;
    vendors.lock().qualified().submit(&result, Score::of(86.7).passed(true).seconds(2710))?;
    until(&browser, &town, "was added as a note").await?;
    browser.press("Steps").await?;
    browser.state("activity").await?;

    browser.fill("Candidate, title or reason", "Fatou").await?;
    browser.press("Search").await?;
    browser.sees("publish it in Qualified").await?;
    browser.press("Replay").await?;
    browser.sees("It was looked at again").await?;

    browser.press("Set-up").await?;
    browser.press("Check now").await?;
    browser.sees("Checked just now").await?;
    browser.sees("Lever has delivered an event.").await?;
    browser.press("Sign out").await?;
    browser.sees("You are signed out.").await
}

/// Reloads the activity until it says so.
async fn until(browser: &Browser, town: &Town, words: &str) -> anyhow::Result<()> {
    let mut last = Ok(());
    for _ in 0..40 {
        browser.go(&format!("{}/integrations/acme/activity", town.url)).await?;
        let text = browser.ask("return document.body.innerText").await?;
        if text.as_str().is_some_and(|text| text.contains(words)) {
            return Ok(());
        }
        last = Err(anyhow::anyhow!("{words:?} does not come: {text}"));
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_works_without_javascript_on_a_narrow_dark_screen() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::without_scripts(Look::PHONE).await?;
    sign_in(&town, &browser).await?;
    create_account(&browser).await?;
    connect(&town, &browser).await?;
    add_stage(&browser).await?;
    browser.fill("Reminder, in days", "9").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("The reminder has to come before the deadline.").await?;
    browser.state("narrow-stage-error").await?;
    browser.fill("Reminder, in days", "3").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;
    browser.state("narrow-setup").await?;
    browser.press("Remove").await?;
    browser.sees("The stage is no trigger stage any more.").await?;
    browser.press("Tags").await?;
    browser.sees(TITLE).await?;
    browser.press("Activity").await?;
    browser.sees("Trigger stage \"Coding test\" is off.").await?;
    browser.state("narrow-activity").await
}

#[tokio::test(flavor = "multi_thread")]
async fn bamboohr_is_set_up_in_the_same_manner() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    sign_in(&town, &browser).await?;
    create_account(&browser).await?;
    browser.fill("API key", &town.api_key()).await?;
    browser.press("Connect Qualified").await?;
    browser.press("Connect BambooHR").await?;
    browser.fill("Company", "no company!").await?;
    browser.press("Log In to BambooHR instead").await?;
    browser.sees("subdomain").await?;
    browser.fill("Company", COMPANY).await?;
    browser.press("Log In to BambooHR instead").await?;
    browser.press("Accept").await?;
    browser.sees("BambooHR is connected.").await?;
    browser.press("Add Assessment").await?;
    browser.choose("Assessment", TITLE).await?;
    browser.choose_nth("Job opening", 1).await?;
    browser.choose_nth("Send it to applicants with this status", 2).await?;
    browser.choose_nth("When the assessment is started", 3).await?;
    browser.state("bamboohr").await?;
    browser.press("Save").await?;
    browser.sees("The assessment goes with its job opening from now on.").await?;
    browser.sees("Setup complete!").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_told_where_it_went_wrong() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    sign_in(&town, &browser).await?;
    create_account(&browser).await?;
    browser.fill("API key", &town.api_key()).await?;
    browser.press("Connect Qualified").await?;
    browser.sees("Qualified is connected.").await?;

    browser.press("Log In to Lever").await?;
    browser.press("Deny").await?;
    browser.sees("Lever was not connected, because the log-in was refused there.").await?;
    browser.state("lever-refused").await?;
    browser.press("Log In to Lever").await?;
    browser.press("Accept").await?;
    browser.sees("Lever is connected.").await?;
    add_stage(&browser).await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;

    let vendors = town.vendors();
    let stage = vendors.lock().lever().stage("Coding test")?;
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
    browser.press("Log In to Lever again").await?;
    browser.press("Accept").await?;
    browser.sees("Lever accepts our token.").await?;
    browser.press("Remove Integration").await?;
    browser.press("Remove Lever").await?;
    browser.sees("Lever is disconnected.").await
}
