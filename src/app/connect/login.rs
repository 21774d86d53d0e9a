//! The way to a vendor's consent page and back (RFC 6749, 4.1).
//!
//! A login belongs to one account and one browser, works once and for ten minutes. Its `state` starts with
//! the account's name, so that the callback finds the record; the rest is 256 random bits.

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    app::{
        App, Class, Failure,
        account::hex,
        record::{Batch, Record},
        session::Vendor,
    },
    domain::{ids::AccountId, secret::Secret, time::Timestamp},
    ports::World,
    vendor::oauth,
};

/// How long a person may take to consent.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// The account's latest login at a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Digest of the `state`.
    state: String,
    /// Digest of the cookie.
    browser: String,
    expires_at: Timestamp,
    used: bool,
    /// Which company of the vendor's, where each has an address of its own (BambooHR).
    company: Option<String>,
}

/// Identifies a [`Login`].
#[derive(Debug, Clone)]
pub struct LoginKey {
    account: AccountId,
    vendor: Vendor,
}

impl LoginKey {
    /// Joins the two.
    #[must_use]
    pub fn new(account: &AccountId, vendor: Vendor) -> Self {
        Self { account: account.clone(), vendor }
    }
}

impl fmt::Display for LoginKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.vendor.name())
    }
}

impl Record for Login {
    const PREFIX: &'static str = "login";
    const VERSION: u32 = 1;
    type Key = LoginKey;
}

/// What a browser needs to log in.
#[derive(Debug)]
pub struct LoginStart {
    /// Where to send it.
    pub authorize_url: String,
    /// The value of a short-lived `HttpOnly` cookie; the callback wants it back.
    pub browser: Secret,
}

/// How long the cookie of a login lives, in seconds.
pub const COOKIE_SECONDS: i64 = PATIENCE.as_secs();

/// The callback's query.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<Secret>,
    /// `error`: the person refused, or the vendor did.
    pub error: Option<String>,
    /// The login's cookie.
    pub browser: Option<Secret>,
}

/// What a good callback brings.
pub(super) struct LoggedIn {
    /// Whose login it was.
    pub(super) account: AccountId,
    /// As in [`Login`].
    pub(super) company: Option<String>,
    /// To be exchanged for tokens.
    pub(super) code: Secret,
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

impl<W: World> App<'_, W> {
    /// Starts a login.
    pub(super) async fn start_login(
        &self,
        account: &AccountId,
        vendor: Vendor,
        company: Option<String>,
        provider: &oauth::Provider,
        redirect_uri: &str,
    ) -> Result<LoginStart, Failure> {
        let state = format!("{account}.{}", hex(&self.world.nonce()));
        let browser = Secret::new(hex(&self.world.nonce()));
        let login = Login {
            state: digest(&state),
            browser: digest(browser.expose()),
            expires_at: self.world.now().plus(PATIENCE),
            used: false,
            company,
        };
        self.write(Batch::new().put(&LoginKey::new(account, vendor), &login)).await?;
        let authorize_url = oauth::authorize_url(provider, redirect_uri, &state).to_string();
        Ok(LoginStart { authorize_url, browser })
    }

    /// Checks a callback and uses the login up.
    pub(super) async fn finish_login(&self, vendor: Vendor, callback: &Callback) -> Result<LoggedIn, Failure> {
        let stale = || {
            Failure::invalid(format!(
                "This log-in to {} is no longer valid: it was used already, took longer than ten minutes, or was \
                 begun in another browser. Nothing was changed. Begin again on the integrations page.",
                vendor.name()
            ))
        };
        let state = callback.state.as_deref().ok_or_else(stale)?;
        let browser = callback.browser.as_ref().ok_or_else(stale)?;
        let account = state.split_once('.').and_then(|(account, _)| AccountId::new(account).ok()).ok_or_else(stale)?;
        let key = LoginKey::new(&account, vendor);
        if self.load::<Login>(&key).await?.is_none() {
            return Err(stale());
        }
        let (now, state, browser) = (self.world.now(), digest(state), digest(browser.expose()));
        let company = self
            .update::<Login, Option<String>>(&key, |login| {
                let good = !login.used
                    && login.expires_at > now
                    && is_same(&login.state, &state)
                    && is_same(&login.browser, &browser);
                good.then(|| {
                    login.used = true;
                    login.company.clone()
                })
            })
            .await?
            .ok_or_else(stale)?;
        if callback.error.is_some() {
            return Err(Failure::new(
                Class::Invalid,
                format!(
                    "{0} was not connected, because the log-in was refused there. Nothing was changed. Whoever logs in \
                     needs to accept what {0} asks, and to be allowed to.",
                    vendor.name()
                ),
            ));
        }
        let code = callback.code.clone().ok_or_else(stale)?;
        Ok(LoggedIn { account, company, code })
    }
}
