//! Connecting BambooHR: with an API key, or by its OAuth log-in.

use super::login::{Callback, LoggedIn, Login, LoginKey, LoginStart};
use crate::{
    app::{
        App, Failure,
        account::{Account, BambooHr},
        bamboohr::rows,
        record::{Batch, key_of},
        seal::{Kept, Sealed},
        session::{Tokens, TokensKey, Trouble, Vendor},
    },
    domain::{
        ids::{AccountId, Company},
        secret::Secret,
    },
    ports::World,
    vendor::{
        CallError, Personal,
        bamboohr::{Credential, GetOwner, Grant, ListStatuses},
        oauth,
    },
};
use litemap::LiteMap;

impl<W: World> App<'_, W> {
    fn bamboohr_redirect(&self) -> String {
        format!("{}/bamboohr/callback", self.settings.public_url)
    }

    /// Connects BambooHR with an API key, or replaces the key.
    ///
    /// # Errors
    /// The domain, the key or the access of the key's user is not good (the failure says which), or the store
    /// failed. Then nothing is changed.
    pub async fn connect_bamboohr(&self, id: &AccountId, domain: &str, key: &Secret) -> Result<(), Failure> {
        let account = self.account(id).await?;
        let domain = the_domain(&account, domain)?;
        let text = key.expose().trim();
        if text.is_empty() || text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Failure::invalid(
                "Give the API key as BambooHR shows it, without spaces: the user's menu, API Keys.",
            )
            .at("bamboohr_key"));
        }
        let key = Secret::new(text);
        let grant = self.try_bamboohr_credential(&domain, Credential::ApiKey(key.clone())).await?;
        // Only to tell people as whom changes will appear, so it matters little if it is not told.
        let owner = self.call(&GetOwner, &grant).await.ok().flatten();
        let sealed = self.seal(id, Vendor::BambooHr, Kept::ApiKey, &key);
        self.keep_bamboohr(id, &domain, Some(sealed), owner.map(Personal::into_string)).await?;
        self.forget(&[key_of::<Tokens>(&tokens_key(id))]).await?;
        Ok(())
    }

    /// "Log in to BambooHR" at the company's own address.
    ///
    /// # Errors
    /// The domain is malformed, no OAuth client is configured, or the store failed.
    pub async fn log_in_to_bamboohr(&self, id: &AccountId, domain: &str) -> Result<LoginStart, Failure> {
        let domain = the_domain(&self.account(id).await?, domain)?;
        let provider = self.bamboohr_provider(&self.bamboohr_site(&domain)?)?;
        self.start_login(id, Vendor::BambooHr, Some(domain.into()), &provider, &self.bamboohr_redirect()).await
    }

    /// Takes the browser back from BambooHR.
    ///
    /// # Errors
    /// The log-in is stale or was refused, who logged in has no access, or BambooHR or the store failed.
    pub async fn bamboohr_callback(&self, callback: &Callback) -> Result<AccountId, Failure> {
        let LoggedIn { account: id, company, code } = self.finish_login(Vendor::BambooHr, callback).await?;
        let domain = the_domain(&self.account(&id).await?, &company.unwrap_or_default())?;
        let provider = self.bamboohr_provider(&self.bamboohr_site(&domain)?)?;
        let exchange = oauth::ExchangeCode { code, redirect_uri: self.bamboohr_redirect() };
        let answer = self.call(&exchange, &provider).await;
        let set = match answer.map_err(|error| Failure::upstream("BambooHR", "the log-in", &error))? {
            oauth::Outcome::Tokens(set) => set,
            oauth::Outcome::GrantLost => {
                return Err(Failure::invalid("BambooHR did not accept the log-in any more. Log in to BambooHR again."));
            }
        };
        self.try_bamboohr_credential(&domain, Credential::Bearer(set.access.clone())).await?;
        let tokens = self.fresh_tokens(&id, Vendor::BambooHr, &set);
        self.write(Batch::new().put(&tokens_key(&id), &tokens)).await?;
        self.keep_bamboohr(&id, &domain, None, None).await?;
        Ok(id)
    }

    /// One call that needs the domain, the credential and its user's access.
    async fn try_bamboohr_credential(&self, domain: &Company, credential: Credential) -> Result<Grant, Failure> {
        let by_key = matches!(credential, Credential::ApiKey(_));
        let grant = Grant { site: self.bamboohr_site(domain)?, credential };
        let error = match self.call(&ListStatuses, &grant).await {
            Ok(_) => return Ok(grant),
            Err(error) => error,
        };
        let no_such_company = || {
            let why = "Give the subdomain: the acme of acme.bamboohr.com.";
            Failure::invalid(format!("BambooHR knows no company \"{domain}\". {why}")).at("domain")
        };
        Err(match &error {
            CallError::NotFound(_) => no_such_company(),
            CallError::Refused(_) if matches!(error.refused_with(), Some(300..=399)) => no_such_company(),
            CallError::Unauthorized(_) if by_key => Failure::invalid(format!(
                "BambooHR does not accept this API key for \"{domain}\". Make a new one there: the user's menu, API Keys."
            ))
            .at("bamboohr_key"),
            CallError::Refused(_) if error.refused_with() == Some(403) => Failure::invalid(format!(
                "BambooHR accepts {}, but the user it belongs to has no permission for the hiring settings of \
                 \"{domain}\". Give that user access to applicant tracking with its settings, and connect again.",
                if by_key { "the API key" } else { "the log-in" }
            )),
            error => Failure::upstream("BambooHR", "the list of applicant statuses", error),
        }
        .because(error.without_words().to_string()))
    }

    async fn keep_bamboohr(
        &self,
        id: &AccountId,
        company: &Company,
        key: Option<Sealed>,
        user: Option<String>,
    ) -> Result<(), Failure> {
        let now = self.world.now();
        self.change_account(id, |account| {
            let before = account.bamboohr.take();
            account.bamboohr = Some(BambooHr {
                company: company.clone(),
                key: key.clone(),
                connected_at: now,
                user: user.clone(),
                refused_at: None,
                mappings: before.map(|known| known.mappings).unwrap_or_else(LiteMap::new),
            });
        })
        .await?;
        self.wake(id, Vendor::BambooHr).await?;
        self.note_setting(id, "BambooHR", format!("BambooHR connected: {company}.")).await?;
        Ok(())
    }

    /// Forgets the credentials and the mappings.
    ///
    /// # Errors
    /// It isn't connected, or the store failed.
    pub async fn disconnect_bamboohr(&self, id: &AccountId) -> Result<(), Failure> {
        let account = self.account(id).await?;
        if account.bamboohr.is_none() {
            return Err(Trouble::NotConnected(Vendor::BambooHr).failure(""));
        }
        let mut keys = rows::keys_of_all(id, &account);
        keys.push(key_of::<Tokens>(&tokens_key(id)));
        keys.push(key_of::<Login>(&LoginKey::new(id, Vendor::BambooHr)));
        self.change_account(id, |account| account.bamboohr = None).await?;
        self.forget(&keys).await?;
        let summary = "BambooHR disconnected. Delete the API key there, if there is one.";
        self.note_setting(id, "BambooHR", summary).await?;
        Ok(())
    }
}

fn tokens_key(id: &AccountId) -> TokensKey {
    TokensKey { account: id.clone(), vendor: Vendor::BambooHr }
}

/// The checked domain: another company's jobs and statuses have the same numbers, so a connection is not silently
/// moved from one company to another.
fn the_domain(account: &Account, text: &str) -> Result<Company, Failure> {
    let domain = Company::new(text).map_err(|error| Failure::invalid(format!("This is {error}.")).at("domain"))?;
    match &account.bamboohr {
        Some(known) if known.company != domain => Err(Failure::conflict(format!(
            "This account is connected to \"{}\". Disconnect BambooHR before connecting \"{domain}\".",
            known.company
        ))
        .at("domain")),
        _ => Ok(domain),
    }
}
