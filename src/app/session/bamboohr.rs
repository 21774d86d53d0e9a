//! Calls to BambooHR, with an API key or with OAuth tokens.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Access, Trouble, Vendor, tokens::client};
use crate::{
    app::{
        App, Failure,
        account::{Account, BambooHr},
        record::RecordError,
        seal::Kept,
        settings::BambooHrOrigin,
    },
    domain::{
        ids::{AccountId, Company},
        secret::Secret,
    },
    ports::World,
    vendor::{
        Call, CallError,
        bamboohr::{self, Credential, Grant, Site},
        oauth,
    },
};

/// A connection to BambooHR for one invocation.
#[derive(Debug)]
pub struct BambooHrSession {
    account: AccountId,
    site: Site,
    held: Held,
    refused_before: bool,
}

/// What we show to be let in.
#[derive(Debug)]
enum Held {
    Key(Secret),
    OAuth(Box<Access>),
}

impl BambooHrSession {
    fn grant(&self) -> Grant {
        let credential = match &self.held {
            Held::Key(key) => Credential::ApiKey(key.clone()),
            Held::OAuth(access) => Credential::Bearer(access.token.clone()),
        };
        Grant { site: self.site.clone(), credential }
    }
}

impl<W: World> App<'_, W> {
    /// Where a company's BambooHR is.
    ///
    /// # Errors
    /// The operator's `bamboohr_origin` doesn't go with the company's name.
    pub(in crate::app) fn bamboohr_site(&self, company: &Company) -> Result<Site, Failure> {
        match &self.settings.bamboohr_origin {
            BambooHrOrigin::Gateway(origin) => Ok(Site::gateway(origin, company)),
            BambooHrOrigin::Subdomain { before, after } => Site::company(before, company, after)
                .ok_or_else(|| Failure::invalid(format!("\"{company}\" makes no address with bamboohr_origin."))),
        }
    }

    /// A company's OAuth endpoints with our client.
    ///
    /// # Errors
    /// No client is configured.
    pub(in crate::app) fn bamboohr_provider(&self, site: &Site) -> Result<oauth::Provider, Failure> {
        let client = client(Vendor::BambooHr, self.settings.bamboohr_client.as_ref())?;
        Ok(bamboohr::provider(site, &client.id, &client.secret))
    }

    /// Begins to talk to BambooHR.
    ///
    /// # Errors
    /// It isn't connected, the grant is lost, the stored key can't be opened, or the store failed.
    pub async fn bamboohr_session(&self, id: &AccountId, account: &Account) -> Result<BambooHrSession, Trouble> {
        let BambooHr { company, key, refused_at, .. } =
            account.bamboohr.as_ref().ok_or(Trouble::NotConnected(Vendor::BambooHr))?;
        let misconfigured = |failure: Failure| Trouble::Vendor {
            vendor: Vendor::BambooHr,
            error: CallError::Unavailable(failure.public),
        };
        let site = self.bamboohr_site(company).map_err(misconfigured)?;
        let held = match key {
            Some(key) => Held::Key(self.open(id, Vendor::BambooHr, Kept::ApiKey, key)?),
            None => {
                let provider = self.bamboohr_provider(&site).ok();
                Held::OAuth(Box::new(self.open_access(id, Vendor::BambooHr, provider).await?))
            }
        };
        Ok(BambooHrSession { account: id.clone(), site, held, refused_before: refused_at.is_some() })
    }

    /// Asks BambooHR, refreshing an OAuth token when it is near its end or not accepted, once. Whether the
    /// credentials are accepted is noted in the account when it changes.
    ///
    /// # Errors
    /// BambooHR or the store failed.
    pub async fn ask_bamboohr<C: Call<Grant = Grant>>(
        &self,
        session: &mut BambooHrSession,
        call: &C,
    ) -> Result<C::Reply, Trouble> {
        let answer = match self.exchange_with_bamboohr(session, &|grant| call.request(grant), C::REPEATABLE).await {
            Ok(response) => call.read(&response).map_err(of_bamboohr),
            Err(trouble) => Err(trouble),
        };
        self.note_bamboohr_refusal(session, answer.as_ref().err()).await?;
        answer
    }

    async fn note_bamboohr_refusal(
        &self,
        session: &mut BambooHrSession,
        trouble: Option<&Trouble>,
    ) -> Result<(), RecordError> {
        let refused = matches!(trouble.and_then(Trouble::call_error), Some(CallError::Unauthorized(_)));
        if refused == session.refused_before || !(refused || trouble.is_none()) {
            return Ok(());
        }
        session.refused_before = refused;
        let refused_at = refused.then(|| self.world.now());
        self.change_account(&session.account, |account| {
            if let Some(bamboohr) = &mut account.bamboohr {
                bamboohr.refused_at = refused_at;
            }
        })
        .await
    }

    async fn exchange_with_bamboohr(
        &self,
        session: &mut BambooHrSession,
        request: &dyn Fn(&Grant) -> Request<Bytes>,
        repeatable: bool,
    ) -> Result<Response<Bytes>, Trouble> {
        let now = self.world.now();
        if let Held::OAuth(access) = &mut session.held
            && (access.is_near_expiry(now) || access.is_idle(now))
        {
            self.refresh(access).await?;
        }
        let response = self.exchange(request(&session.grant()), repeatable).await.map_err(of_bamboohr)?;
        match &mut session.held {
            Held::OAuth(access) if response.status() == StatusCode::UNAUTHORIZED && access.may_refresh() => {
                self.refresh(access).await?;
            }
            _ => return Ok(response),
        }
        self.exchange(request(&session.grant()), repeatable).await.map_err(of_bamboohr)
    }
}

fn of_bamboohr(error: CallError) -> Trouble {
    Trouble::Vendor { vendor: Vendor::BambooHr, error }
}
