//! From the sign-in to a first result, by clicking alone.

use qualified_ats_browser_tests::{Browser, Look, Town};
use sandbox::lever::{Event, NewOpportunity};
use sandbox::qualified::Score;

use crate::steps::{DRAFT, STAGE, TITLE, choose_stage, connect_qualified, create_account, publish_many, set_up, told};

#[tokio::test(flavor = "multi_thread")]
async fn first_set_up_to_first_result() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    create_account(&town, &browser).await?;
    browser.state("setup-empty").await?;
    connect_qualified(&town, &browser).await?;
    browser.state("setup-qualified").await?;
    browser.press("Activity").await?;
    browser.sees("Qualified connected").await?;
    browser.press("Set-up").await?;

    browser.press("Log In to Lever").await?;
    browser.sees("wants to work with an account").await?;
    browser.state("lever-consent").await?;
    browser.press("Accept").await?;
    browser.sees("Lever is connected.").await?;
    browser.state("setup-connected").await?;
    choose_stage(&browser).await?;
    assert_eq!(browser.ask("return document.querySelector('dialog')?.open").await?, true, "it is a dialog");
    browser.state("trigger-stage").await?;
    browser.press("Add Trigger Stage").await?;
    browser.sees("Setup complete!").await?;
    browser.sees("deadline after 7 days").await?;
    browser.state("setup-complete").await?;
    browser.press("Change").await?;
    browser.sees("Change Trigger Stage").await?;
    browser.state("trigger-stage-change").await?;
    browser.press("Cancel").await?;

    let vendors = town.vendors();
    vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let nia = vendors.lock().lever().add_opportunity(NewOpportunity::named("Nia Brooks").tag(TITLE))?;
    let fatou = vendors.lock().lever().add_opportunity(NewOpportunity::named("Fatou Ndiaye").tag(DRAFT))?;
    let stage = vendors.lock().lever().stage(STAGE)?;
    vendors.lock().lever().move_to_stage(&fatou, &stage)?;
    told(&town, &browser, "is still a draft").await?;
    vendors.lock().lever().move_to_stage(&nia, &stage)?;
    told(&town, &browser, "Invited to").await?;
    let result = {
        let mut vendors = vendors.lock();
        let qualified = vendors.qualified();
        let assessment = qualified.assessments().iter().find(|assessment| assessment.title == TITLE);
        let assessment = assessment.map(|assessment| assessment.id.clone()).unwrap_or_default();
        qualified.result_of("nia.brooks@example.com", &assessment)?
    };
    vendors.lock().qualified().start(&result)?;
    told(&town, &browser, "shows Started").await?;
    browser.press("Steps").await?;
    // Not later: whether the second event of a submission gets a line of its own is a matter of milliseconds.
    browser.state("activity").await?;
    vendors.lock().qualified().submit(&result, Score::of(86.7).passed(true).seconds(2710))?;
    told(&town, &browser, "was added as a note").await?;

    browser.press("Set-up").await?;
    browser.press("Check now").await?;
    browser.sees("Checked just now").await?;
    browser.sees("Lever has delivered an event.").await?;
    browser.state("setup-checked").await?;
    browser.press("Whom it invites").await?;
    browser.sees("Invited before").await?;
    browser.choose("Candidates who come from", "New applicant").await?;
    browser.press("Look").await?;
    browser.sees("Ada Okafor").await?;
    browser.state("stage-preview").await?;
    browser.press("Sign out").await?;
    browser.sees("You are signed out.").await
}

#[tokio::test(flavor = "multi_thread")]
async fn why_somebody_was_not_invited_is_found_mended_and_replayed() -> anyhow::Result<()> {
    let town = Town::start().await?;
    publish_many(&town);
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    let vendors = town.vendors();
    vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let fatou = vendors.lock().lever().add_opportunity(NewOpportunity::named("Fatou Ndiaye").tag(DRAFT))?;
    let stage = vendors.lock().lever().stage(STAGE)?;

    browser.press("Tags").await?;
    browser.sees(TITLE).await?;
    browser.state("tags").await?;
    browser.fill("Candidate", "nobody@example.com").await?;
    browser.press("Look").await?;
    browser.sees("no active candidate").await?;
    browser.state("dry-run-nobody").await?;
    browser.fill("Candidate", "ada.okafor@example.com").await?;
    browser.press("Look").await?;
    browser.sees("On entering a trigger stage").await?;
    browser.state("dry-run").await?;
    browser.fill("Search titles", "sql").await?;
    browser.press("Search").await?;
    browser.sees("SQL: Joins and Window Functions").await?;
    browser.fill("Search titles", "cobol").await?;
    browser.press("Search").await?;
    browser.sees("There is none like this.").await?;
    browser.state("tags-none").await?;
    assert!(vendors.lock().qualified().mails().is_empty(), "looking sends nothing");

    vendors.lock().lever().move_to_stage(&fatou, &stage)?;
    told(&town, &browser, "is still a draft").await?;
    browser.fill("Candidate, title or reason", "Fatou").await?;
    browser.choose("Outcome", "Not invited").await?;
    browser.press("Search").await?;
    browser.sees("publish it in Qualified").await?;
    browser.state("activity-searched").await?;
    {
        let mut vendors = vendors.lock();
        let mut qualified = vendors.qualified();
        let draft = qualified.assessments().iter().find(|own| own.title == DRAFT).map(|own| own.id.clone());
        qualified.publish(&draft.unwrap_or_default())?;
    }
    browser.press("Replay").await?;
    browser.sees("It was looked at again").await?;
    browser.state("activity-replayed").await?;
    told(&town, &browser, "Invited to").await?;
    browser.fill("Candidate, title or reason", "Nobody At All").await?;
    browser.press("Search").await?;
    browser.sees("Nothing like this is kept.").await?;
    browser.state("activity-none").await
}
