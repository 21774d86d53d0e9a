//! OAuth 2.0 as Lever and BambooHR speak it: the authorization code grant with a client secret (RFC 6749,
//! 4.1) and its refresh (6).
//!
//! What differs between the two is data: a [`Provider`].

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;
use url::Url;

use super::{
    Call, CallError,
    reading::{self, Node},
    writing::Target,
};
use crate::domain::secret::Secret;

/// A vendor's authorization server, and our registration there.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Where the person consents. May have a query.
    pub authorize: Url,
    /// Where codes and refresh tokens become access tokens. May have a query.
    pub token: Url,
    /// Our client id.
    pub client_id: String,
    /// Our client secret.
    pub client_secret: Secret,
    /// The API that the token is for, where the vendor wants it named (Auth0, hence Lever).
    pub audience: Option<String>,
    /// What we ask for.
    pub scopes: &'static [&'static str],
    /// Whether the consent screen is always to be shown: a reconnect then shows what is granted.
    pub prompt_consent: bool,
}

/// Where to send the browser. `redirect_uri` must be, to the letter, what was registered.
#[must_use]
pub fn authorize_url(provider: &Provider, redirect_uri: &str, state: &str) -> Url {
    let mut url = provider.authorize.clone();
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state)
        .append_pair("scope", &provider.scopes.join(" "));
    if let Some(audience) = &provider.audience {
        query.append_pair("audience", audience);
    }
    if provider.prompt_consent {
        query.append_pair("prompt", "consent");
    }
    drop(query);
    url
}

/// What a token endpoint says.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Tokens.
    Tokens(TokenSet),
    /// `invalid_grant`: the code or refresh token is used up, expired or revoked. Only the person's consent
    /// brings a new one.
    GrantLost,
}

/// Tokens. Store them before using them: the old refresh token may be dead already.
#[derive(Debug, Clone)]
pub struct TokenSet {
    /// For the API.
    pub access: Secret,
    /// For the next refresh. Absent: keep the one you have.
    pub refresh: Option<Secret>,
    /// How long `access` lives.
    pub expires_in: SignedDuration,
    /// What was granted, if the vendor says so; separated by spaces.
    pub scope: Option<String>,
}

/// Turns the callback's code into tokens.
#[derive(Debug, Clone)]
pub struct ExchangeCode {
    /// From the callback. Works once.
    pub code: Secret,
    /// The one in [`authorize_url`].
    pub redirect_uri: String,
}

impl Call for ExchangeCode {
    type Grant = Provider;
    type Reply = Outcome;
    const REPEATABLE: bool = false;

    fn request(&self, provider: &Provider) -> Request<Bytes> {
        token_request(
            provider,
            &[("grant_type", "authorization_code"), ("code", self.code.expose()), ("redirect_uri", &self.redirect_uri)],
        )
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Outcome, CallError> {
        read_outcome(response)
    }
}

/// Turns a refresh token into new tokens. Lever's answer always has a new refresh token, BambooHR's may.
///
/// One at a time per connection: Auth0 can revoke the whole family when a refresh token is used twice.
#[derive(Debug, Clone)]
pub struct Refresh {
    /// The newest one there is.
    pub token: Secret,
}

impl Call for Refresh {
    type Grant = Provider;
    type Reply = Outcome;
    const REPEATABLE: bool = false;

    fn request(&self, provider: &Provider) -> Request<Bytes> {
        token_request(provider, &[("grant_type", "refresh_token"), ("refresh_token", self.token.expose())])
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Outcome, CallError> {
        read_outcome(response)
    }
}

fn token_request(provider: &Provider, fields: &[(&str, &str)]) -> Request<Bytes> {
    let client = [("client_id", provider.client_id.as_str()), ("client_secret", provider.client_secret.expose())];
    Target::from(provider.token.clone()).post_form(&[&client, fields].concat()).anonymous()
}

/// Vendors disagree on the status of a token error, so the `error` text decides (RFC 6749, 5.2).
fn read_outcome(response: &Response<Bytes>) -> Result<Outcome, CallError> {
    let told = |name| {
        let body = reading::parse(response.body()).ok()?;
        Node::root(&body).at(name).text().ok()
    };
    if !response.status().is_success() {
        match told("error").as_deref() {
            Some("invalid_grant") => return Ok(Outcome::GrantLost),
            Some("invalid_client" | "unauthorized_client" | "access_denied") => return Err(client_refused()),
            _ => {}
        }
    }
    match reading::accept(response, |_| told("error_description").or_else(|| told("error"))) {
        Err(CallError::Unauthorized(_)) => return Err(client_refused()),
        accepted => accepted?,
    }
    let body = reading::json(response)?;
    let node = Node::root(&body);
    Ok(Outcome::Tokens(TokenSet {
        access: node.at("access_token").secret()?,
        refresh: node.at("refresh_token").maybe(Node::secret)?,
        // RFC 6749 only recommends it; both vendors' tokens live an hour.
        expires_in: node.at("expires_in").maybe(Node::seconds)?.unwrap_or(SignedDuration::from_hours(1)),
        scope: node.at("scope").maybe(Node::text)?,
    }))
}

fn client_refused() -> CallError {
    CallError::Refused("the OAuth client id or secret is not accepted: check the two settings".to_owned())
}
