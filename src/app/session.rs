//! Calls to the vendors, with what surrounds a call: credentials, refreshing, pacing, redirects.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    App, Failure,
    account::Account,
    record::RecordError,
    seal::{Kept, Sealed},
};
use crate::{
    domain::{ids::AccountId, retry, secret::Secret, time::Timestamp},
    ports::{StoreError, WireError, World},
    vendor::{Call, CallError, lever, oauth, qualified},
};

mod bamboohr;
mod tokens;

pub use bamboohr::BambooHrSession;
use tokens::{Access, client};
pub use tokens::{Tokens, TokensKey};

/// A vendor, for people and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// Lever.
    Lever,
    /// BambooHR.
    BambooHr,
    /// Qualified.
    Qualified,
}

impl Vendor {
    /// The name people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lever => "Lever",
            Self::BambooHr => "BambooHR",
            Self::Qualified => "Qualified",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Lever => "lever",
            Self::BambooHr => "bamboohr",
            Self::Qualified => "qualified",
        }
    }
}

/// A vendor that is to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The vendor to be left alone.
    pub vendor: Vendor,
    /// Until when, where the vendor says so; `None` = for this pass.
    pub until: Option<Timestamp>,
}

/// Why work can't go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A vendor gave no usable answer.
    #[error("{}: {error}", vendor.name())]
    Vendor {
        /// The vendor that was asked.
        vendor: Vendor,
        /// What came instead of an answer.
        error: CallError,
    },
    /// The vendor isn't connected (any more).
    #[error("{} is not connected", .0.name())]
    NotConnected(Vendor),
    /// A result was handed in, and Qualified still computes its score.
    #[error("Qualified is still computing the score")]
    Unscored,
    /// What asks for the invitation can't be followed until a person has mended it.
    #[error("{0}")]
    Broken(String),
    /// The store failed.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Record(error.into())
    }
}

impl Trouble {
    /// The vendor's error, if it is one.
    #[must_use]
    pub fn call_error(&self) -> Option<&CallError> {
        match self {
            Self::Vendor { error, .. } => Some(error),
            Self::NotConnected(_) | Self::Unscored | Self::Broken(_) | Self::Record(_) => None,
        }
    }

    /// Whether asking the vendor for something else would be as useless: it accepts no credentials of ours, or wants
    /// fewer calls.
    #[must_use]
    pub fn stop(&self, now: Timestamp) -> Option<Stop> {
        let Self::Vendor { vendor, error } = self else { return None };
        let until = match error {
            CallError::Unauthorized(_) | CallError::Throttled { after: None } => None,
            CallError::Throttled { .. } => match retry::next(error, 1, now, 0) {
                retry::Next::At(until) => Some(until),
                retry::Next::Reconnect | retry::Next::Park => None,
            },
            _ => return None,
        };
        Some(Stop { vendor: *vendor, until })
    }

    /// For the log: without the vendor's own words.
    #[must_use]
    pub fn logged(&self) -> String {
        match self {
            Self::Vendor { vendor, error } => format!("{}: {}", vendor.name(), error.without_words()),
            Self::Broken(_) => "the settings need mending".to_owned(),
            Self::NotConnected(_) | Self::Unscored | Self::Record(_) => self.to_string(),
        }
    }

    /// As a failure of a person's request for `what`.
    #[must_use]
    pub fn failure(self, what: &str) -> Failure {
        match self {
            Self::Vendor { vendor, error } => Failure::upstream(vendor.name(), what, &error),
            Self::NotConnected(vendor) => {
                Failure::conflict(format!("{0} is not connected. Connect {0} first.", vendor.name()))
            }
            Self::Unscored | Self::Broken(_) => Failure::conflict(format!("{self}.")),
            Self::Record(error) => error.into(),
        }
    }
}

/// Lever: 10 requests per second, bursts of 20 (developer documentation, "Rate limits").
const BURST: u32 = 20;
const PACE: SignedDuration = SignedDuration::from_millis(100);

/// A connection to Lever for one invocation.
#[derive(Debug)]
pub struct LeverSession {
    access: Access,
    origin: Url,
    allowance: u32,
    last_call: Timestamp,
}

impl LeverSession {
    fn grant(&self) -> lever::Grant {
        lever::Grant { origin: self.origin.clone(), access: self.access.token.clone() }
    }
}

/// A connection to Qualified for one invocation.
#[derive(Debug)]
pub struct QualifiedSession {
    account: AccountId,
    grant: qualified::Grant,
    refused_before: bool,
}

impl<W: World> App<'_, W> {
    /// Sends a call and reads its answer, once.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call<C: Call>(&self, call: &C, grant: &C::Grant) -> Result<C::Reply, CallError> {
        call.read(&self.exchange(call.request(grant), C::REPEATABLE).await?)
    }

    /// The part of a call that is the same for all: kept free of the call's type, because every copy of it
    /// is carried in the component.
    async fn exchange(&self, request: Request<Bytes>, repeatable: bool) -> Result<Response<Bytes>, CallError> {
        if !self.may_begin() {
            return Err(CallError::Postponed);
        }
        self.world.send(request).await.map_err(|error| match error {
            WireError::NotSent => CallError::Unreachable,
            WireError::OutcomeUnknown if repeatable => CallError::Unavailable("no answer came".to_owned()),
            WireError::OutcomeUnknown => CallError::OutcomeUnknown,
        })
    }

    /// What a secret is sealed for.
    pub(super) fn purpose(account: &AccountId, vendor: Vendor, what: Kept) -> String {
        format!("{account}/{}/{what}", vendor.key())
    }

    /// Seals a secret of the account.
    pub(super) fn seal(&self, account: &AccountId, vendor: Vendor, what: Kept, secret: &Secret) -> Sealed {
        self.settings.keyring.seal(&Self::purpose(account, vendor, what), secret, self.world.nonce())
    }

    /// Opens a secret of the account. One that can't be opened is as good as refused by the vendor: only
    /// connecting again helps.
    pub(super) fn open(
        &self,
        account: &AccountId,
        vendor: Vendor,
        what: Kept,
        sealed: &Sealed,
    ) -> Result<Secret, Trouble> {
        self.settings.keyring.open(&Self::purpose(account, vendor, what), sealed).map_err(|error| Trouble::Vendor {
            vendor,
            error: CallError::Unauthorized(format!("the stored {what} can't be used: {error}")),
        })
    }

    /// Begins to talk to Lever.
    ///
    /// # Errors
    /// It isn't connected, the grant is lost, or the store failed.
    pub async fn lever_session(&self, account: &AccountId) -> Result<LeverSession, Trouble> {
        let access = self.open_access(account, Vendor::Lever, self.lever_provider().ok()).await?;
        let elsewhere = access.tokens.origin.as_deref().and_then(|origin| Url::parse(origin).ok());
        let origin = elsewhere.unwrap_or_else(|| self.settings.lever_api_origin.clone());
        Ok(LeverSession { access, origin, allowance: BURST, last_call: self.world.now() })
    }

    /// Asks Lever, refreshing the token when it is near its end or not accepted, once.
    ///
    /// # Errors
    /// Lever or the store failed.
    pub async fn ask_lever<C: Call<Grant = lever::Grant>>(
        &self,
        session: &mut LeverSession,
        call: &C,
    ) -> Result<C::Reply, Trouble> {
        let response = self.exchange_with_lever(session, &|grant| call.request(grant), C::REPEATABLE).await?;
        call.read(&response).map_err(of_lever)
    }

    async fn exchange_with_lever(
        &self,
        session: &mut LeverSession,
        request: &dyn Fn(&lever::Grant) -> Request<Bytes>,
        repeatable: bool,
    ) -> Result<Response<Bytes>, Trouble> {
        let now = self.world.now();
        if session.access.is_near_expiry(now) || session.access.is_idle(now) {
            self.refresh(&mut session.access).await?;
        }
        self.pace(session).await;
        let mut response = self.exchange(request(&session.grant()), repeatable).await.map_err(of_lever)?;
        if let Some(origin) = lever::redirected(&response).filter(|origin| *origin != session.origin) {
            // A customer of another data centre. The same call goes there, and all that follow.
            session.origin = origin.clone();
            self.update::<Tokens, ()>(&session.access.key, |tokens| {
                tokens.origin = Some(origin.to_string());
                Some(())
            })
            .await?;
            response = self.exchange(request(&session.grant()), repeatable).await.map_err(of_lever)?;
        }
        if response.status() == StatusCode::UNAUTHORIZED && session.access.may_refresh() {
            self.refresh(&mut session.access).await?;
            self.pace(session).await;
            response = self.exchange(request(&session.grant()), repeatable).await.map_err(of_lever)?;
        }
        Ok(response)
    }

    async fn pace(&self, session: &mut LeverSession) {
        let now = self.world.now();
        let earned = now.duration_since(session.last_call).as_millis() / PACE.as_millis();
        session.allowance = BURST.min(session.allowance.saturating_add(u32::try_from(earned).unwrap_or(BURST)));
        if session.allowance == 0 {
            self.world.pause(PACE).await;
        } else {
            session.allowance -= 1;
        }
        session.last_call = self.world.now();
    }

    /// Lever's OAuth endpoints with our client.
    pub(super) fn lever_provider(&self) -> Result<oauth::Provider, Failure> {
        let client = client(Vendor::Lever, self.settings.lever_client.as_ref())?;
        let (auth, api) = (&self.settings.lever_auth_origin, &self.settings.lever_api_origin);
        Ok(lever::provider(auth, api, &client.id, &client.secret))
    }

    /// Begins to talk to Qualified.
    ///
    /// # Errors
    /// It isn't connected, or the stored key can't be opened.
    pub fn qualified_session(&self, id: &AccountId, account: &Account) -> Result<QualifiedSession, Trouble> {
        let qualified = account.qualified.as_ref().ok_or(Trouble::NotConnected(Vendor::Qualified))?;
        let key = self.open(id, Vendor::Qualified, Kept::ApiKey, &qualified.key)?;
        Ok(QualifiedSession {
            account: id.clone(),
            grant: qualified::Grant { origin: self.settings.qualified_origin.clone(), key },
            refused_before: qualified.refused_at.is_some(),
        })
    }

    /// Asks Qualified. Whether the key is accepted is noted in the account when it changes.
    ///
    /// # Errors
    /// Qualified or the store failed.
    pub async fn ask_qualified<C: Call<Grant = qualified::Grant>>(
        &self,
        session: &mut QualifiedSession,
        call: &C,
    ) -> Result<C::Reply, Trouble> {
        let answer = self.call(call, &session.grant).await;
        self.note_acceptance(session, answer.as_ref().map(|_| ()).err()).await?;
        answer.map_err(|error| Trouble::Vendor { vendor: Vendor::Qualified, error })
    }

    async fn note_acceptance(
        &self,
        session: &mut QualifiedSession,
        error: Option<&CallError>,
    ) -> Result<(), RecordError> {
        let refused = matches!(error, Some(CallError::Unauthorized(_)));
        if refused == session.refused_before || (!refused && error.is_some()) {
            return Ok(());
        }
        session.refused_before = refused;
        let refused_at = refused.then(|| self.world.now());
        self.change_account(&session.account, |account| {
            if let Some(qualified) = &mut account.qualified {
                qualified.refused_at = refused_at;
            }
        })
        .await
    }
}

fn of_lever(error: CallError) -> Trouble {
    Trouble::Vendor { vendor: Vendor::Lever, error }
}
