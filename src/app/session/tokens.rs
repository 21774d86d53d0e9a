//! OAuth tokens of a connection: kept sealed, renewed by one worker at a time, the same for both vendors.

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Trouble, Vendor};
use crate::{
    app::{
        App, Failure,
        account::hex,
        failure::Class,
        record::{Record, RecordError},
        seal::{Kept, Sealed},
        settings::OAuthClient,
    },
    domain::{ids::AccountId, secret::Secret, time::Timestamp},
    ports::World,
    vendor::{CallError, oauth},
};

/// A token is renewed when it has less than this left.
const NEAR_EXPIRY: SignedDuration = SignedDuration::from_mins(5);
/// How long one worker may take to refresh before another may try.
const REFRESH_LEASE: SignedDuration = SignedDuration::from_secs(30);
/// How often the store is asked to keep renewed tokens.
const STORE_TRIES: u32 = 4;
/// Refresh tokens die after 90 idle days (Lever, developer documentation).
const IDLE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// They are renewed well before.
const KEEP_ALIVE: SignedDuration = SignedDuration::from_hours(24 * 14);

/// OAuth tokens of one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Random: tells these tokens from those before and after them, however they are sealed.
    #[serde(default)]
    pub id: String,
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
    /// The account that they belong to.
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

/// The tokens of one connection for one invocation.
#[derive(Debug)]
pub(in crate::app) struct Access {
    pub(super) key: TokensKey,
    pub(super) tokens: Tokens,
    /// Where to renew them; `None` = the operator has taken our OAuth client away.
    provider: Option<oauth::Provider>,
    /// The opened access token.
    pub(super) token: Secret,
    refreshed: bool,
}

impl Access {
    /// Whether the token is about to end and there is a way to a new one.
    pub(super) fn is_near_expiry(&self, now: Timestamp) -> bool {
        self.tokens.expires_at.minus(NEAR_EXPIRY) <= now && self.tokens.refresh.is_some()
    }

    /// Whether a refused token may be replaced: once per invocation.
    pub(super) fn may_refresh(&self) -> bool {
        !self.refreshed && self.tokens.refresh.is_some()
    }

    /// Whether the refresh token has been idle for so long that it is better used.
    pub(super) fn is_idle(&self, now: Timestamp) -> bool {
        self.tokens.refresh.is_some() && now.duration_since(self.tokens.refreshed_at) >= KEEP_ALIVE
    }
}

impl<W: World> App<'_, W> {
    /// When Lever's permission ends if nobody renews it; `None` = there is none, or it is lost.
    ///
    /// # Errors
    /// The store failed.
    pub async fn lever_permission_ends(&self, account: &AccountId) -> Result<Option<Timestamp>, RecordError> {
        let key = TokensKey { account: account.clone(), vendor: Vendor::Lever };
        let tokens = self.load::<Tokens>(&key).await?.map(|stored| stored.record);
        Ok(tokens.filter(|tokens| tokens.lost_at.is_none()).map(|tokens| tokens.refreshed_at.plus(IDLE)))
    }

    /// Opens the tokens of a connection.
    pub(super) async fn open_access(
        &self,
        account: &AccountId,
        vendor: Vendor,
        provider: Option<oauth::Provider>,
    ) -> Result<Access, Trouble> {
        let key = TokensKey { account: account.clone(), vendor };
        let tokens = self.load::<Tokens>(&key).await?.ok_or(Trouble::NotConnected(vendor))?.record;
        if tokens.lost_at.is_some() {
            return Err(lost(vendor));
        }
        let token = self.open(account, vendor, Kept::AccessToken, &tokens.access)?;
        Ok(Access { key, tokens, provider, token, refreshed: false })
    }

    /// Renews the tokens, one worker at a time.
    pub(super) async fn refresh(&self, access: &mut Access) -> Result<(), Trouble> {
        access.refreshed = true;
        let vendor = access.key.vendor;
        for _ in 0..40 {
            let now = self.world.now();
            let seen = access.tokens.id.clone();
            let mine = self
                .update::<Tokens, ()>(&access.key, |tokens| {
                    let free = tokens.refreshing_until.is_none_or(|until| until <= now);
                    (tokens.id == seen && tokens.lost_at.is_none() && free)
                        .then(|| tokens.refreshing_until = Some(now.plus(REFRESH_LEASE)))
                })
                .await?
                .is_some();
            let present = self.load::<Tokens>(&access.key).await?.ok_or(Trouble::NotConnected(vendor))?.record;
            if present.lost_at.is_some() {
                return Err(lost(vendor));
            }
            if present.id != seen {
                return self.adopt(access, present);
            }
            if mine {
                return self.renew(access).await;
            }
            self.world.pause(SignedDuration::from_millis(250)).await;
        }
        let error = CallError::Unavailable("another worker's token refresh takes too long".to_owned());
        Err(Trouble::Vendor { vendor, error })
    }

    async fn renew(&self, access: &mut Access) -> Result<(), Trouble> {
        let TokensKey { account, vendor } = access.key.clone();
        let Some(provider) = &access.provider else {
            let error = CallError::Unauthorized(no_client(vendor).public);
            return Err(Trouble::Vendor { vendor, error });
        };
        let Some(refresh) = &access.tokens.refresh else { return Err(lost(vendor)) };
        let token = self.open(&account, vendor, Kept::RefreshToken, refresh)?;
        let answer = self.call(&oauth::Refresh { token }, provider).await;
        let now = self.world.now();
        let renewed = match &answer {
            Ok(oauth::Outcome::Tokens(set)) => {
                let fresh = self.fresh_tokens(&account, vendor, set);
                // BambooHR need not send a new refresh token: the old one then goes on.
                Some(Tokens { refresh: fresh.refresh.clone().or_else(|| access.tokens.refresh.clone()), ..fresh })
            }
            Ok(oauth::Outcome::GrantLost) | Err(_) => None,
        };
        // The new refresh token is stored before anything is done with the new access token, because the
        // old one may be dead already. For the same reason a store that fails is asked again at once.
        let mut tries = STORE_TRIES;
        let stored = loop {
            let stored = self
                .update::<Tokens, Tokens>(&access.key, |tokens| {
                    if tokens.id != access.tokens.id {
                        // Somebody logged in meanwhile: those tokens are of a newer permission than these.
                        return None;
                    }
                    match (&renewed, &answer) {
                        (Some(renewed), _) => *tokens = Tokens { origin: tokens.origin.clone(), ..renewed.clone() },
                        (None, Ok(_)) => tokens.lost_at = Some(now),
                        (None, Err(_)) => {}
                    }
                    tokens.refreshing_until = None;
                    Some(tokens.clone())
                })
                .await;
            tries -= 1;
            match stored {
                Err(RecordError::Store(_)) if tries > 0 => {}
                stored => break stored?,
            }
        };
        match (answer, stored) {
            (Ok(oauth::Outcome::Tokens(_)), Some(tokens)) => self.adopt(access, tokens),
            (Ok(_), Some(_)) => Err(lost(vendor)),
            (Err(error), Some(_)) => Err(Trouble::Vendor { vendor, error: of_token_endpoint(error) }),
            (_, None) => {
                let present = self.load::<Tokens>(&access.key).await?.ok_or(Trouble::NotConnected(vendor))?.record;
                self.adopt(access, present)
            }
        }
    }

    fn adopt(&self, access: &mut Access, tokens: Tokens) -> Result<(), Trouble> {
        access.token = self.open(&access.key.account, access.key.vendor, Kept::AccessToken, &tokens.access)?;
        access.tokens = tokens;
        Ok(())
    }

    /// The record for tokens that were just granted.
    pub(in crate::app) fn fresh_tokens(&self, account: &AccountId, vendor: Vendor, set: &oauth::TokenSet) -> Tokens {
        let now = self.world.now();
        Tokens {
            id: hex(&self.world.nonce()[..8]),
            access: self.seal(account, vendor, Kept::AccessToken, &set.access),
            expires_at: now.plus(set.expires_in),
            refresh: set.refresh.as_ref().map(|refresh| self.seal(account, vendor, Kept::RefreshToken, refresh)),
            refreshed_at: now,
            refreshing_until: None,
            lost_at: None,
            scope: set.scope.clone(),
            origin: None,
        }
    }
}

/// The operator's OAuth client at a vendor.
///
/// # Errors
/// There is none.
pub(super) fn client(vendor: Vendor, client: Option<&OAuthClient>) -> Result<&OAuthClient, Failure> {
    client.ok_or_else(|| no_client(vendor))
}

fn no_client(vendor: Vendor) -> Failure {
    let (name, key) = (vendor.name(), vendor.key());
    let why =
        format!("{name} is not set up here: the variables `{key}_client_id` and `{key}_client_secret` are empty.");
    Failure::new(Class::Misconfigured, why)
}

/// The token endpoint's refusal is about our client or the permission, never about what was to be done with the token:
/// that waits until a person has mended it.
fn of_token_endpoint(error: CallError) -> CallError {
    match error {
        CallError::Refused(why) | CallError::NotFound(why) => CallError::Unauthorized(why),
        error => error,
    }
}

fn lost(vendor: Vendor) -> Trouble {
    let why = format!("{0} withdrew the permission: reconnect {0}", vendor.name());
    Trouble::Vendor { vendor, error: CallError::Unauthorized(why) }
}
