//! The rules that the pages are held to do catch what breaks them.

use std::time::Duration;

use qualified_ats_browser_tests::{Browser, Look};

async fn page(browser: &Browser, body: &str) -> anyhow::Result<()> {
    let head = "<!DOCTYPE html><html lang=en><title>A page</title><meta name=viewport content=width=device-width>";
    browser.go(&format!("data:text/html,{head}<main><h1>A page</h1>{body}</main>")).await
}

async fn complaint(check: impl Future<Output = anyhow::Result<()>>) -> String {
    check.await.err().map(|error| format!("{error:#}")).unwrap_or_default()
}

/// The console is a little late.
async fn commotion(browser: &Browser) -> String {
    let told = async {
        loop {
            let told = complaint(browser.is_calm()).await;
            if !told.is_empty() {
                return told;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told).await.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_noticed() -> anyhow::Result<()> {
    let browser = Browser::open(Look::PHONE).await?;
    page(&browser, "<p>Nothing is wrong here.</p>").await?;
    browser.is_accessible().await?;
    browser.fits().await?;
    browser.is_calm().await?;

    page(&browser, "<input name=key>").await?;
    assert!(complaint(browser.is_accessible()).await.contains("label"), "a field without a label");
    page(&browser, "<p style='color:%23bbb;background:%23fff'>Hardly to be read</p>").await?;
    assert!(complaint(browser.is_accessible()).await.contains("color-contrast"), "too little contrast");
    page(&browser, "<p><button style='width:9px;height:9px' aria-label=a></button><button style='width:9px;height:9px' aria-label=b></button>").await?;
    assert!(complaint(browser.is_accessible()).await.contains("target-size"), "WCAG 2.2");
    page(&browser, "<div style='width:321px'>Wide</div>").await?;
    assert!(complaint(browser.fits()).await.contains("too wide"), "wider than the narrowest screen");
    page(&browser, "<script>missing()</script>").await?;
    assert!(commotion(&browser).await.contains("missing"), "a script that fails");
    page(&browser, "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\"><script>1</script>").await?;
    assert!(commotion(&browser).await.contains("Content Security Policy"), "a script that is stopped");
    Ok(())
}
