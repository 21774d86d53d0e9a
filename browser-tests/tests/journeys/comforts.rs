//! What scripts make better.

use qualified_ats_browser_tests::{Browser, Key, Look, Town};

use serde_json::json;

use crate::steps::{ACCOUNT, TITLE, connect_qualified, create_account, publish_many, set_up};

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_copied_by_its_button() -> anyhow::Result<()> {
    let town = Town::start().await?;
    publish_many(&town);
    let browser = Browser::open(Look::WINDOW).await?;
    create_account(&town, &browser).await?;
    connect_qualified(&town, &browser).await?;
    browser.press("Tags").await?;
    let tag = format!("Copy tag {TITLE}");
    browser.tab_to(&tag).await?;
    browser.key(Key::Enter).await?;
    browser.sees(&format!("Copied: {TITLE}")).await?;
    browser.key(Key::Space).await?;
    assert_eq!(browser.focus().await?, format!("Copied {TITLE}"), "the button says so as well");
    browser.state("tags-copied").await?;
    browser.tab().await?;
    browser.shift_tab().await?;
    assert_eq!(browser.focus().await?, tag, "the next time it can be copied again");

    browser.fill("Search titles", "").await?;
    browser.paste().await?;
    browser.press("Search").await?;
    assert!(browser.address().await?.contains("search=Rust%3A"), "the clipboard has the tag");
    browser.sees(TITLE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_sent_once_however_often_it_is_pressed() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    set_up(&town, &browser).await?;
    assert_eq!(browser.ask(&pressed_twice("[action$='/check']")).await?, json!([true, false]));
    browser.press("Change").await?;
    browser.sees("The invitation expires then.").await?;
    assert_eq!(browser.ask(&pressed_twice("dialog form")).await?, json!([true, false]), "in a dialog too");
    browser.go(&format!("{}/integrations/{ACCOUNT}/activity", town.url)).await?;
    assert_eq!(browser.ask(&pressed_twice("form[method=get]")).await?, json!([true, true]), "a search changes nothing");
    Ok(())
}

/// Whether each of two presses would have sent the form.
fn pressed_twice(form: &str) -> String {
    format!(
        "const sent = [], form = document.querySelector(\"{form}\");
        const look = (event) => {{ sent.push(!event.defaultPrevented); event.preventDefault(); }};
        addEventListener('submit', look);
        form.requestSubmit();
        form.requestSubmit();
        removeEventListener('submit', look);
        return sent;"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_told_in_the_readers_zone() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    create_account(&town, &browser).await?;
    connect_qualified(&town, &browser).await?;
    let mut told = Vec::new();
    for zone in ["UTC", "Asia/Tokyo", "America/St_Johns"] {
        browser.zone(zone).await?;
        browser.go(&format!("{}/integrations/{ACCOUNT}", town.url)).await?;
        let times = browser.ask(TIMES).await?;
        assert_eq!(times[0], times[1], "in {zone}");
        assert!(times[2].as_str().is_some_and(|utc| utc.ends_with("UTC")), "UTC is a glance away: {times}");
        told.push(times[0].clone());
    }
    assert!(told[0] != told[1] && told[1] != told[2], "{told:?}");
    Ok(())
}

/// What the page tells, what is right, and what the page told before its script ran.
const TIMES: &str = "
    const time = document.querySelector('time');
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const right = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
    return [time.textContent, right.format(new Date(time.dateTime)), time.title];";
