//! The customer's admin at the operator API, and their browser at Lever's log-in page: real HTTP, as anybody would use it.

use anyhow::{Context, ensure};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderName, Method, StatusCode};
use reqwest::{Client, Response, redirect};
use serde_json::Value;

/// Somebody with the admin token.
pub(super) struct Operator {
    client: Client,
    public_url: String,
    token: &'static str,
}

impl Operator {
    /// Of the component at `public_url`.
    pub(super) fn new(public_url: &str, token: &'static str) -> anyhow::Result<Self> {
        // A proxy that the machine uses elsewhere does not reach this machine's loopback.
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { client, public_url: public_url.to_owned(), token })
    }

    /// Calls the API of the account.
    ///
    /// # Errors
    /// The answer is none, or not 2xx; with the problem's own words.
    pub(super) async fn account(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let response = self.send(method, path, body).await?;
        let text = response.text().await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).context("the answer is not JSON")
    }

    /// "Log In to Lever", accepted for Lever's account `acme`.
    ///
    /// # Errors
    /// One of the three steps was answered in another way than a browser needs.
    pub(super) async fn log_in_to_lever(&self) -> anyhow::Result<()> {
        let begun = self.send(Method::POST, "/lever/login", None).await?;
        let cookie = header(&begun, SET_COOKIE)?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let begun: Value = serde_json::from_str(&begun.text().await?)?;
        let consent = begun["authorize_url"].as_str().context("the answer has no authorize_url")?;

        let form = "account=acme&decision=accept";
        let form = self.client.post(consent).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let callback = header(&form.send().await?, LOCATION)?;

        let back = self.client.get(callback).header(COOKIE, cookie).send().await?;
        ensure!(back.status() == StatusCode::OK, "the callback answered {}", back.status());
        Ok(())
    }

    /// One pass over the account, now.
    ///
    /// # Errors
    /// The answer is none, or not 2xx.
    pub(super) async fn sync(&self) -> anyhow::Result<()> {
        self.ask(Method::POST, &format!("/sync?account={}", super::ACCOUNT), None).await.map(drop)
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Response> {
        self.ask(method, &format!("/api/accounts/{}{path}", super::ACCOUNT), body).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Response> {
        let url = format!("{}{path}", self.public_url);
        let mut request =
            self.client.request(method.clone(), url).header(AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status();
        if !status.is_success() {
            anyhow::bail!("{method} {path} was answered with {status}: {}", response.text().await?);
        }
        Ok(response)
    }
}

fn header(response: &Response, name: HeaderName) -> anyhow::Result<String> {
    let value = response.headers().get(&name).with_context(|| format!("{} has no {name}", response.status()))?;
    Ok(value.to_str()?.to_owned())
}
