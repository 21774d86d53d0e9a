//! The page without a mouse.

use qualified_ats_browser_tests::{ADMIN_TOKEN, Browser, Key, Look, Town};
use sandbox::lever::NewOpportunity;

use crate::steps::{STAGE, set_up};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_set_up_needs_no_mouse() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    browser.go(&town.url).await?;
    browser.tab_to("Operator's token").await?;
    browser.types(ADMIN_TOKEN).await?;
    browser.key(Key::Enter).await?;
    browser.sees("Create an account").await?;
    browser.tab_to("Account").await?;
    browser.types("acme").await?;
    browser.tab_to("Name").await?;
    browser.types("Acme Robotics").await?;
    browser.tab_to("Create account").await?;
    browser.key(Key::Space).await?;
    browser.sees("0 of 3 steps done").await?;

    browser.tab_to("API key").await?;
    browser.types("wrong").await?;
    browser.key(Key::Enter).await?;
    browser.sees("does not accept this API key").await?;
    assert_eq!(browser.focus().await?, "API key", "the field that is wrong has the focus");
    browser.types(&town.api_key()).await?;
    browser.tab_to("Connect Qualified").await?;
    browser.key(Key::Enter).await?;
    browser.sees("Qualified is connected.").await?;

    browser.tab_to("Log In to Lever").await?;
    browser.key(Key::Enter).await?;
    browser.sees("wants to work with an account").await?;
    browser.tab_to("Accept").await?;
    browser.key(Key::Enter).await?;
    browser.sees("Lever is connected.").await?;

    browser.tab_to("Add Trigger Stage").await?;
    browser.key(Key::Enter).await?;
    browser.sees("Stage in Lever").await?;
    assert_eq!(browser.focus().await?, "Stage in Lever", "the dialog's first field has the focus");
    browser.types(STAGE).await?;
    browser.tab_to("Deadline, in days").await?;
    browser.types("7").await?;
    browser.key(Key::Enter).await?;
    browser.sees("Setup complete!").await?;
    browser.sees("deadline after 7 days").await?;

    browser.tab_to("Remove Integration of Lever").await?;
    browser.key(Key::Space).await?;
    browser.tab_to("Remove Lever").await?;
    browser.key(Key::Enter).await?;
    browser.sees("Lever is disconnected.").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_form_comes_to_has_the_focus() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    let tags = format!("{}/integrations/acme/tags", town.url);
    browser.go(&tags).await?;
    browser.tab_to("Candidate").await?;
    browser.types("nobody@example.com").await?;
    browser.key(Key::Enter).await?;
    browser.sees("no active candidate").await?;
    assert_eq!(browser.focus().await?, "Candidate", "the field that is wrong");
    browser.go(&tags).await?;
    browser.tab_to("Candidate").await?;
    browser.types("ada.okafor@example.com").await?;
    browser.key(Key::Enter).await?;
    browser.sees("On entering a trigger stage").await?;
    let result =
        "const { activeElement: on } = document; return on.role === 'status' && /Ada Okafor/.test(on.innerText)";
    assert_eq!(browser.ask(result).await?, true, "the result has the focus");
    browser.tab_to("What was done so far").await?;

    browser.go(&format!("{}/integrations/acme", town.url)).await?;
    browser.tab_to(&format!("Remove {STAGE}")).await?;
    browser.key(Key::Enter).await?;
    browser.tab_to(&format!("Remove {STAGE}")).await?;
    browser.key(Key::Enter).await?;
    browser.sees("The stage is no trigger stage any more.").await
}

#[tokio::test(flavor = "multi_thread")]
async fn enter_saves_also_where_a_list_can_be_narrowed() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    for number in 0..600 {
        town.vendors().lock().lever().add_stage(&format!("Stage {number} {}", "of the pipeline ".repeat(6)));
    }
    browser.press("Add Trigger Stage").await?;
    browser.sees("Narrow the lists").await?;
    browser.fill("Only what has this in its name", "offer").await?;
    browser.key(Key::Enter).await?;
    browser.waits_until("return document.querySelectorAll('#stage option').length === 2").await?;
    browser.choose("Stage in Lever", "Offer").await?;
    browser.fill("Deadline, in days", "9").await?;
    browser.key(Key::Enter).await?;
    browser.sees("The trigger stage is saved.").await?;
    browser.sees("deadline after 9 days").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dialog_keeps_the_focus_and_gives_it_back() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    for opener in ["Add Trigger Stage", &format!("Change {STAGE}")] {
        browser.tab_to(opener).await?;
        browser.key(Key::Enter).await?;
        browser.sees("The invitation expires then.").await?;
        let mut stops = Vec::new();
        for _ in 0..12 {
            let stop = browser.tab().await?;
            let outside = "return document.activeElement.closest('dialog') === null";
            assert!(stop.is_empty() || browser.ask(outside).await? == false, "{stop:?} is behind the dialog");
            stops.push(stop);
        }
        assert!(stops.iter().filter(|stop| *stop == "Cancel").count() >= 2, "the focus goes round: {stops:?}");
        browser.key(Key::Escape).await?;
        browser.waits_until("return document.querySelector('dialog') === null").await?;
        assert_eq!(browser.focus().await?, opener);
    }
    browser.key(Key::Enter).await?;
    browser.tab_to("Cancel").await?;
    browser.key(Key::Enter).await?;
    browser.waits_until("return document.querySelector('dialog') === null").await?;
    assert_eq!(browser.focus().await?, format!("Change {STAGE}"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recruiter_moves_a_card_without_a_mouse_and_keeps_the_place() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    browser.go(&town.origins().lever_api).await?;
    browser.tab_to("Stage of Ada Okafor").await?;
    browser.types(STAGE).await?;
    browser.tab_to("Move Ada Okafor").await?;
    browser.key(Key::Enter).await?;
    let column = format!("[aria-label='{STAGE}']");
    browser.sees_in(&column, "Ada Okafor").await?;
    assert_eq!(browser.focus().await?, "Move Ada Okafor");
    // What others do does not take the place away either.
    town.vendors().lock().lever().add_opportunity(NewOpportunity::named("Nia Brooks"))?;
    browser.sees("nia.brooks@example.com").await?;
    assert_eq!(browser.focus().await?, "Move Ada Okafor");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stops_follow_the_page_and_its_head_can_be_skipped() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::PHONE).await?;
    set_up(&town, &browser).await?;
    browser.go(&format!("{}/integrations/acme", town.url)).await?;
    browser.sees("Check now").await?;
    let mut stops = Vec::new();
    loop {
        match browser.tab().await? {
            end if end.is_empty() => break,
            stop => stops.push(stop),
        }
    }
    assert_eq!(
        stops,
        [
            "Skip to the content",
            "Qualified integrations",
            "Set-up",
            "Tags",
            "Activity",
            "Sign out",
            "switch the webhook on",
            "Check now",
            "Replace the API key",
            "Remove Integration of Qualified",
            "Log in again",
            "Remove Integration of Lever",
            "Whom it invites at Coding test",
            "Change Coding test",
            "Remove Coding test",
            "Add Trigger Stage",
            "Which tags invite to what?",
            "Copy",
            "A webhook made by hand",
            "Connect BambooHR",
        ]
    );
    browser.go(&format!("{}/integrations/acme", town.url)).await?;
    browser.sees("Check now").await?;
    assert_eq!(browser.tab().await?, "Skip to the content");
    browser.key(Key::Enter).await?;
    assert_eq!(browser.tab().await?, "switch the webhook on", "the head is skipped");
    Ok(())
}
