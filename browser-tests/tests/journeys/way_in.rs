//! Signing in, signing out, and where there is nothing to be seen.

use qualified_ats_browser_tests::{ADMIN_TOKEN, Browser, Look, Town};

use crate::steps::ACCOUNT;

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_signs_in_and_chooses_an_account() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    browser.go(&town.url).await?;
    browser.state("sign-in").await?;
    browser.fill("Operator's token", "guessed").await?;
    browser.press("Sign in").await?;
    browser.sees("This is not the operator's token").await?;
    browser.state("sign-in-refused").await?;
    browser.fill("Operator's token", ADMIN_TOKEN).await?;
    browser.press("Sign in").await?;
    browser.sees("There is none yet.").await?;
    browser.state("accounts").await?;
    browser.fill("Account", "Not An Account!").await?;
    browser.press("Create account").await?;
    browser.sees("This is not an account name").await?;
    browser.state("accounts-error").await?;
    for number in 1..=9 {
        browser.go(&format!("{}/integrations", town.url)).await?;
        browser.fill("Account", &format!("team-{number}")).await?;
        browser.fill("Name", "A team").await?;
        browser.press("Create account").await?;
        browser.sees("0 of 3 steps done").await?;
    }
    browser.press("Qualified integrations").await?;
    browser.fill("Search", "team-7").await?;
    browser.press("Search").await?;
    browser.state("accounts-searched").await?;
    browser.press("team-7").await?;
    browser.press("Activity").await?;
    browser.sees("Nothing has happened yet.").await?;
    browser.state("activity-empty").await?;
    browser.press("Tags").await?;
    browser.sees("Connect Qualified first").await?;
    browser.state("tags-unconnected").await?;
    browser.go(&format!("{}/integrations/team-10", town.url)).await?;
    browser.sees("There is no such account").await?;
    browser.state("no-such-account").await?;
    browser.go(&format!("{}/no/such/page", town.url)).await?;
    browser.sees("There is nothing at this address").await?;
    browser.state("not-found").await?;
    browser.go(&format!("{}/integrations", town.url)).await?;
    browser.press("Sign out").await?;
    browser.sees("You are signed out.").await?;
    browser.state("signed-out").await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_from_qualified_with_a_ticket() -> anyhow::Result<()> {
    let town = Town::start().await?;
    let browser = Browser::open(Look::WINDOW).await?;
    let without = town.ticket(ACCOUNT, false)?;
    browser.go(&without).await?;
    browser.sees("Go to Qualified").await?;
    browser.state("without-ats").await?;
    browser.go(&without).await?;
    browser.sees("Sign in").await?;
    browser.state("ticket-used").await?;
    browser.go(&town.ticket(ACCOUNT, true)?).await?;
    browser.sees("0 of 3 steps done").await?;
    let other = town.ticket("globex", true)?;
    for _ in 0..2 {
        browser.go(&other).await?;
        browser.sees("Continue to Globex as Ada?").await?;
        browser.state("ticket-asked").await?;
        browser.press("Stay with Acme Robotics").await?;
        browser.sees("0 of 3 steps done").await?;
    }
    browser.go(&other).await?;
    browser.press("Continue to Globex").await?;
    browser.sees_in("header.top", "Globex · Ada").await
}
