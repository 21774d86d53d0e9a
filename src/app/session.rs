//! Calls to the vendors, with what surrounds a call: credentials, refreshing, pacing, redirects.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    App, Failure,
    account::Account,
    failure::Class,
    record::{Record, RecordError},
    seal::Sealed,
};
use crate::{
    domain::{ids::AccountId, secret::Secret},
    ports::{WireError, World},
    vendor::{Call, CallError, lever, oauth, qualified},
};

/// A vendor, for people and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Why work can't go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A vendor gave no usable answer.
    #[error("{}: {error}", vendor.name())]
    Vendor {
        /// Which.
        vendor: Vendor,
        /// Why.
        error: CallError,
    },
    /// The vendor isn't connected (any more).
    #[error("{} is not connected", .0.name())]
    NotConnected(Vendor),
    /// The store failed.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl Trouble {
    /// The vendor's error, if it is one.
    #[must_use]
    pub fn call_error(&self) -> Option<&CallError> {
        match self {
            Self::Vendor { error, .. } => Some(error),
            Self::NotConnected(_) | Self::Record(_) => None,
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
            Self::Record(error) => error.into(),
        }
    }
}

/// OAuth tokens of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// For the API.
    pub access: Sealed,
    /// When `access` ends.
    pub expires_at: Timestamp,
    /// For the next `access`.
    pub refresh: Option<Sealed>,
    /// When the tokens were last renewed: a refresh token dies when it is idle for long.
    pub refreshed_at: Timestamp,
    /// Somebody is refreshing, until then.
    pub refreshing_until: Option<Timestamp>,
    /// When the vendor said that the grant is lost. Only a reconnect helps.
    pub lost_at: Option<Timestamp>,
    /// What was granted, where the vendor says so; separated by spaces.
    pub scope: Option<String>,
    /// The vendor's data centre, if it redirected us to another one.
    pub origin: Option<String>,
}

/// Identifies [`Tokens`].
#[derive(Debug, Clone)]
pub struct TokensKey {
    /// Whose.
    pub account: AccountId,
    /// For which vendor.
    pub vendor: Vendor,
}

impl fmt::Display for TokensKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.vendor.key())
    }
}

impl Record for Tokens {
    const PREFIX: &'static str = "tokens";
    const VERSION: u32 = 1;
    type Key = TokensKey;
}

/// A token is renewed when it has less than this left.
const NEAR_EXPIRY: SignedDuration = SignedDuration::from_mins(5);
/// How long one worker may take to refresh before another may try.
const REFRESH_LEASE: SignedDuration = SignedDuration::from_secs(30);
/// Lever: 10 requests per second, bursts of 20 (developer documentation, "Rate limits").
const BURST: u32 = 20;
const PACE: SignedDuration = SignedDuration::from_millis(100);

/// A connection to Lever for one invocation.
#[derive(Debug)]
pub struct LeverSession {
    key: TokensKey,
    pub(super) tokens: Tokens,
    grant: lever::Grant,
    refreshed: bool,
    allowance: u32,
    last_call: Timestamp,
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
        self.world.send(request).await.map_err(|error| match error {
            WireError::NotSent => CallError::Unavailable("it could not be reached".to_owned()),
            WireError::OutcomeUnknown if repeatable => CallError::Unavailable("no answer came".to_owned()),
            WireError::OutcomeUnknown => CallError::OutcomeUnknown,
        })
    }

    /// What a secret is sealed for.
    pub(super) fn purpose(account: &AccountId, vendor: Vendor, what: &str) -> String {
        format!("{account}/{}/{what}", vendor.key())
    }

    /// Seals a secret of the account.
    pub(super) fn seal(&self, account: &AccountId, vendor: Vendor, what: &str, secret: &Secret) -> Sealed {
        self.settings.keyring.seal(&Self::purpose(account, vendor, what), secret, self.world.nonce())
    }

    /// Opens a secret of the account. One that can't be opened is as good as refused by the vendor: only
    /// connecting again helps.
    pub(super) fn open(
        &self,
        account: &AccountId,
        vendor: Vendor,
        what: &str,
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
        let key = TokensKey { account: account.clone(), vendor: Vendor::Lever };
        let tokens = self.load::<Tokens>(&key).await?.ok_or(Trouble::NotConnected(Vendor::Lever))?.record;
        if tokens.lost_at.is_some() {
            return Err(lost(Vendor::Lever));
        }
        let access = self.open(account, Vendor::Lever, "access token", &tokens.access)?;
        let elsewhere = tokens.origin.as_deref().and_then(|origin| Url::parse(origin).ok());
        let origin = elsewhere.unwrap_or_else(|| self.settings.lever_api_origin.clone());
        Ok(LeverSession {
            key,
            tokens,
            grant: lever::Grant { origin, access },
            refreshed: false,
            allowance: BURST,
            last_call: self.world.now(),
        })
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
        if session.tokens.expires_at - NEAR_EXPIRY <= self.world.now() && session.tokens.refresh.is_some() {
            self.refresh_lever(session).await?;
        }
        self.pace(session).await;
        let mut response = self.exchange(request(&session.grant), repeatable).await.map_err(of_lever)?;
        if let Some(origin) = lever::redirected(&response).filter(|origin| *origin != session.grant.origin) {
            // A customer of another data centre. The same call goes there, and all that follow.
            session.grant.origin = origin.clone();
            self.update::<Tokens, ()>(&session.key, |tokens| {
                tokens.origin = Some(origin.to_string());
                Some(())
            })
            .await?;
            response = self.exchange(request(&session.grant), repeatable).await.map_err(of_lever)?;
        }
        if response.status() == StatusCode::UNAUTHORIZED && !session.refreshed && session.tokens.refresh.is_some() {
            self.refresh_lever(session).await?;
            self.pace(session).await;
            response = self.exchange(request(&session.grant), repeatable).await.map_err(of_lever)?;
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

    /// Renews the tokens, one worker at a time.
    pub(super) async fn refresh_lever(&self, session: &mut LeverSession) -> Result<(), Trouble> {
        session.refreshed = true;
        let unavailable =
            |why: &str| Trouble::Vendor { vendor: Vendor::Lever, error: CallError::Unavailable(why.to_owned()) };
        for _ in 0..40 {
            let now = self.world.now();
            let seen = session.tokens.access.clone();
            let mine = self
                .update::<Tokens, ()>(&session.key, |tokens| {
                    let free = tokens.refreshing_until.is_none_or(|until| until <= now);
                    (tokens.access == seen && tokens.lost_at.is_none() && free)
                        .then(|| tokens.refreshing_until = Some(now + REFRESH_LEASE))
                })
                .await?
                .is_some();
            let present = self.load::<Tokens>(&session.key).await?.ok_or(Trouble::NotConnected(Vendor::Lever))?.record;
            if present.lost_at.is_some() {
                return Err(lost(Vendor::Lever));
            }
            if present.access != seen {
                return self.adopt(session, present);
            }
            if mine {
                return self.renew_lever(session).await;
            }
            self.world.pause(SignedDuration::from_millis(250)).await;
        }
        Err(unavailable("another worker's token refresh takes too long"))
    }

    async fn renew_lever(&self, session: &mut LeverSession) -> Result<(), Trouble> {
        let account = &session.key.account;
        let provider = self.lever_provider().map_err(|failure| Trouble::Vendor {
            vendor: Vendor::Lever,
            error: CallError::Unauthorized(failure.public),
        })?;
        let Some(refresh) = &session.tokens.refresh else { return Err(lost(Vendor::Lever)) };
        let token = self.open(account, Vendor::Lever, "refresh token", refresh)?;
        let answer = self.call(&oauth::Refresh { token }, &provider).await;
        let now = self.world.now();
        let renewed = match &answer {
            Ok(oauth::Outcome::Tokens(set)) => Some(Tokens {
                refresh: set
                    .refresh
                    .as_ref()
                    .map(|refresh| self.seal(account, Vendor::Lever, "refresh token", refresh))
                    .or_else(|| session.tokens.refresh.clone()),
                ..self.fresh_tokens(account, Vendor::Lever, set)
            }),
            Ok(oauth::Outcome::GrantLost) | Err(_) => None,
        };
        // The new refresh token is stored before anything is done with the new access token, because the
        // old one may be dead already.
        let stored = self
            .update::<Tokens, Tokens>(&session.key, |tokens| {
                match (&renewed, &answer) {
                    (Some(renewed), _) => *tokens = Tokens { origin: tokens.origin.clone(), ..renewed.clone() },
                    (None, Ok(_)) => tokens.lost_at = Some(now),
                    (None, Err(_)) => {}
                }
                tokens.refreshing_until = None;
                Some(tokens.clone())
            })
            .await?;
        match (answer, stored) {
            (Ok(oauth::Outcome::Tokens(_)), Some(tokens)) => self.adopt(session, tokens),
            (Err(error), _) => Err(Trouble::Vendor { vendor: Vendor::Lever, error }),
            _ => Err(lost(Vendor::Lever)),
        }
    }

    fn adopt(&self, session: &mut LeverSession, tokens: Tokens) -> Result<(), Trouble> {
        session.grant.access = self.open(&session.key.account, Vendor::Lever, "access token", &tokens.access)?;
        session.tokens = tokens;
        Ok(())
    }

    /// The record for tokens that were just granted.
    pub(super) fn fresh_tokens(&self, account: &AccountId, vendor: Vendor, set: &oauth::TokenSet) -> Tokens {
        let now = self.world.now();
        Tokens {
            access: self.seal(account, vendor, "access token", &set.access),
            expires_at: now.saturating_add(set.expires_in).unwrap_or(now),
            refresh: set.refresh.as_ref().map(|refresh| self.seal(account, vendor, "refresh token", refresh)),
            refreshed_at: now,
            refreshing_until: None,
            lost_at: None,
            scope: set.scope.clone(),
            origin: None,
        }
    }

    /// Lever's OAuth endpoints with our client.
    pub(super) fn lever_provider(&self) -> Result<oauth::Provider, Failure> {
        let client = self.settings.lever_client.as_ref().ok_or_else(|| {
            Failure::new(
                Class::Misconfigured,
                "Lever is not set up here: the variables `lever_client_id` and `lever_client_secret` are empty.",
            )
        })?;
        let (auth, api) = (&self.settings.lever_auth_origin, &self.settings.lever_api_origin);
        Ok(lever::provider(auth, api, &client.id, &client.secret))
    }

    /// Begins to talk to Qualified.
    ///
    /// # Errors
    /// It isn't connected, or the stored key can't be opened.
    pub fn qualified_session(&self, id: &AccountId, account: &Account) -> Result<QualifiedSession, Trouble> {
        let qualified = account.qualified.as_ref().ok_or(Trouble::NotConnected(Vendor::Qualified))?;
        let key = self.open(id, Vendor::Qualified, "API key", &qualified.key)?;
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

fn lost(vendor: Vendor) -> Trouble {
    let why = format!("{0} withdrew the permission: reconnect {0}", vendor.name());
    Trouble::Vendor { vendor, error: CallError::Unauthorized(why) }
}
