//! Whatever people and vendors write is text on every page.

use qualified_ats_browser_tests::{Browser, Look, Town};
use sandbox::bamboohr::{JobStatus, NewApplication};
use sandbox::lever::{Event, NewOpportunity, NewPosting};

use crate::steps::{ACCOUNT, connect_lever, connect_qualified, publish_many, set_up, sign_in, told};

/// Each would tell on itself, in the ways that markup gets out of text, attributes and scripts.
const PAYLOADS: [&str; 3] = [
    "<img src=x onerror=\"document.title='hit'\">",
    "\"'></option></select><script>document.title='hit'</script>",
    "javascript:document.title='hit'//</title><svg onload=document.title='hit'>",
];

/// Fails if anything was taken for markup.
async fn is_text(browser: &Browser) -> anyhow::Result<()> {
    let script = "
        const grown = document.querySelectorAll('img, svg, iframe, script:not([src]), [onerror], [onload]');
        const links = [...document.links].filter((link) => link.protocol === 'javascript:');
        return [document.title, ...[...grown, ...links].map((element) => element.outerHTML)]";
    let found = browser.ask(script).await?;
    let (title, grown) = found.as_array().and_then(|found| found.split_first()).unwrap_or((&found, &[]));
    assert!(title != "hit" && grown.is_empty(), "{found:#} on {}", browser.address().await?);
    browser.is_calm().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vendors_say_is_text() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    let vendors = town.vendors();
    vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
    sign_in(&town, &browser).await?;
    browser.fill("Account", ACCOUNT).await?;
    browser.fill("Name", PAYLOADS[0]).await?;
    browser.press("Create account").await?;
    browser.sees(PAYLOADS[0]).await?;
    is_text(&browser).await?;

    for payload in PAYLOADS {
        vendors.lock().qualified().add_assessment(payload, true);
        vendors.lock().lever().add_stage(payload);
        vendors.lock().bamboohr().add_status(payload);
        vendors.lock().bamboohr().add_job(payload, JobStatus::Open);
    }
    connect_qualified(&town, &browser).await?;
    connect_lever(&browser).await?;
    for payload in PAYLOADS {
        browser.press("Set-up").await?;
        browser.press("Add Trigger Stage").await?;
        is_text(&browser).await?;
        browser.choose("Stage in Lever", payload).await?;
        browser.press("Add Trigger Stage").await?;
        browser.sees("The trigger stage is saved.").await?;
        is_text(&browser).await?;
        let candidate = {
            let mut vendors = vendors.lock();
            let mut lever = vendors.lever();
            let job = lever.add_posting(NewPosting::titled(payload).tag(payload));
            let new = NewOpportunity::named(payload).posting(&job).emails(&["mallory@example.com"]).tag(payload);
            let candidate = lever.add_opportunity(new)?;
            let stage = lever.stage(payload)?;
            lever.move_to_stage(&candidate, &stage)?;
            candidate
        };
        told(&town, &browser, &format!("Invited to \"{payload}\"")).await?;
        is_text(&browser).await?;
        browser.press("Tags").await?;
        is_text(&browser).await?;
        browser.fill("Candidate", &candidate).await?;
        browser.press("Look").await?;
        browser.sees("was sent before").await?;
        is_text(&browser).await?;
    }

    browser.press("Set-up").await?;
    browser.press("Connect BambooHR").await?;
    browser.fill("Company", ACCOUNT).await?;
    browser.press("Log In to BambooHR instead").await?;
    browser.press("Accept").await?;
    browser.press("Add Assessment").await?;
    browser.sees("BambooHR Integration").await?;
    is_text(&browser).await?;
    for label in ["Assessment", "Job opening", "Send it to applicants with this status"] {
        browser.choose(label, PAYLOADS[1]).await?;
    }
    browser.press("Save").await?;
    browser.sees("The assessment goes with its job opening from now on.").await?;
    is_text(&browser).await?;

    // The boards of the vendors in miniature too.
    {
        let mut vendors = vendors.lock();
        let mut bamboohr = vendors.bamboohr();
        let job = bamboohr.add_job(PAYLOADS[0], JobStatus::Open);
        bamboohr.add_application(NewApplication::named(PAYLOADS[0], PAYLOADS[1], job))?;
    }
    let origins = town.origins();
    for board in [&origins.lever_api, &origins.qualified, &origins.bamboohr] {
        browser.go(board).await?;
        browser.sees("nothing here is real").await?;
        let found = browser.ask("return [document.title, document.querySelectorAll('img, svg').length]").await?;
        assert!(found[0] != "hit" && found[1] == 0, "{found} on {board}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_type_comes_back_as_text() -> anyhow::Result<()> {
    let town = Town::start().await?;
    publish_many(&town);
    let browser = Browser::open(Look::WINDOW).await?;
    for payload in PAYLOADS {
        browser.go(&town.url).await?;
        browser.fill("Operator's token", payload).await?;
        browser.press("Sign in").await?;
        is_text(&browser).await?;
    }
    set_up(&town, &browser).await?;
    let base = format!("{}/integrations", town.url);
    for payload in PAYLOADS {
        browser.go(&base).await?;
        browser.fill("Account", payload).await?;
        browser.fill("Name", payload).await?;
        browser.press("Create account").await?;
        is_text(&browser).await?;
        browser.go(&format!("{base}/{ACCOUNT}/tags")).await?;
        browser.fill("Candidate", payload).await?;
        browser.press("Look").await?;
        is_text(&browser).await?;
        browser.fill("Search titles", payload).await?;
        browser.press("Search").await?;
        is_text(&browser).await?;
        browser.press("Activity").await?;
        browser.fill("Candidate, title or reason", payload).await?;
        browser.press("Search").await?;
        is_text(&browser).await?;
        browser.press("Set-up").await?;
        browser.press("A webhook made by hand").await?;
        browser.fill("Signature token", payload).await?;
        browser.press("Add the token").await?;
        is_text(&browser).await?;
        browser.press("Connect BambooHR").await?;
        browser.fill("Company", payload).await?;
        browser.press("Connect BambooHR").await?;
        is_text(&browser).await?;
        let escaped: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        for path in [
            format!("/integrations/{ACCOUNT}?done={escaped}"),
            format!("/integrations/{ACCOUNT}/lever/stages?stage={escaped}"),
            format!("/integrations/{ACCOUNT}/activity?outcome={escaped}&before={escaped}"),
            format!("/integrations?search={escaped}"),
            format!("/lever/callback?error={escaped}&error_description={escaped}&state={escaped}"),
            format!("/bamboohr/callback?error={escaped}&state={escaped}"),
            format!("/sign-in?ticket={escaped}&done={escaped}"),
            format!("/{escaped}"),
        ] {
            browser.go(&format!("{}{path}", town.url)).await?;
            is_text(&browser).await?;
        }
    }
    Ok(())
}
