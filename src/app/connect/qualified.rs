//! Connecting Qualified: an API key, and a webhook subscription that points to us.

use crate::{
    app::{
        App, Failure,
        account::{Account, Qualified, hex},
        catalogue::{Catalogue, Freshness},
        record::{Batch, key_of},
        seal::Kept,
        session::{QualifiedSession, Trouble, Vendor},
    },
    domain::{ids::AccountId, secret::Secret},
    ports::World,
    vendor::qualified::{CreateWebhookSubscription, DeleteWebhookSubscription, ListWebhookSubscriptions, Subscription},
};

/// Pages of subscriptions read at most.
const MOST_PAGES: u32 = 20;

impl<W: World> App<'_, W> {
    /// Where Qualified delivers to; its last part is a secret.
    ///
    /// # Errors
    /// Qualified isn't connected, or the secret can't be opened.
    pub fn qualified_hook(&self, id: &AccountId, account: &Account) -> Result<Secret, Trouble> {
        let secret = self.hook_secret(id, account)?;
        Ok(Secret::new(format!("{}{}", self.qualified_hook_prefix(id), secret.expose())))
    }

    fn qualified_hook_prefix(&self, id: &AccountId) -> String {
        format!("{}/hooks/qualified/{id}/", self.settings.public_url)
    }

    /// Connects Qualified, or replaces the key.
    ///
    /// # Errors
    /// The key isn't accepted, or Qualified or the store failed. Then nothing is changed.
    pub async fn connect_qualified(&self, id: &AccountId, key: &Secret) -> Result<(), Failure> {
        let account = self.account(id).await?;
        if key.expose().trim().is_empty()
            || key.expose().len() > 4096
            || !key.expose().bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(Failure::invalid(
                "Give the API key as Qualified shows it, without spaces: Team Settings, Integrations.",
            ));
        }
        // One that can't be opened any more is replaced; the old address goes with it.
        let opens = |sealed| self.open(id, Vendor::Qualified, Kept::HookSecret, sealed).is_ok();
        let hook_secret = match &account.qualified {
            Some(known) if opens(&known.hook_secret) => known.hook_secret.clone(),
            _ => self.seal(id, Vendor::Qualified, Kept::HookSecret, &Secret::new(hex(&self.world.nonce()))),
        };
        let qualified = Qualified {
            key: self.seal(id, Vendor::Qualified, Kept::ApiKey, key),
            hook_secret,
            subscription: account.qualified.as_ref().and_then(|known| known.subscription.clone()),
            connected_at: self.world.now(),
            refused_at: None,
        };
        let trial = Account { qualified: Some(qualified.clone()), ..account };
        let mut session = self.qualified_session(id, &trial).map_err(|trouble| trouble.failure("the key"))?;
        let listed = self.list_assessments(&mut session).await.map_err(|trouble| match trouble.call_error() {
            Some(crate::vendor::CallError::Unauthorized(_)) => Failure::invalid(
                "Qualified does not accept this API key. Copy it again from Team Settings, Integrations; making a new \
                 key there ends the old one.",
            ),
            _ => trouble.failure("the list of assessments"),
        })?;
        self.change_account(id, |account| account.qualified = Some(qualified.clone())).await?;
        let catalogue = Catalogue { fetched_at: self.world.now(), assessments: listed };
        self.write(Batch::new().put(id, &catalogue)).await?;
        self.reconcile_subscription(id, &trial, &mut session)
            .await
            .map_err(|trouble| trouble.failure("the webhook subscription"))?;
        self.wake(id, Vendor::Qualified).await?;
        let found = catalogue.published().count();
        self.note_setting(id, "Qualified", format!("Qualified connected; {found} published assessments.")).await?;
        Ok(())
    }

    /// Keeps exactly one subscription of ours, pointing to our present address. Answers whether it had to be
    /// made.
    ///
    /// # Errors
    /// Qualified or the store failed.
    pub(in crate::app) async fn reconcile_subscription(
        &self,
        id: &AccountId,
        account: &Account,
        session: &mut QualifiedSession,
    ) -> Result<bool, Trouble> {
        let (Some(qualified), true) = (&account.qualified, account.ats_enabled) else { return Ok(false) };
        let url = self.qualified_hook(id, account)?;
        let ours = self.list_subscriptions(id, session).await?;
        let is_good = |row: &&Subscription| row.complete && url.matches(row.url.expose());
        // The one we know first: of two good ones, the other is left from a crash.
        let known = ours.iter().find(|row| Some(&row.id) == qualified.subscription.as_ref()).filter(is_good);
        let kept = known.or_else(|| ours.iter().find(is_good)).map(|row| row.id.clone());
        for row in ours.iter().filter(|row| Some(&row.id) != kept.as_ref()) {
            self.ask_qualified(session, &DeleteWebhookSubscription { id: row.id.clone() }).await?;
        }
        let made = kept.is_none();
        let present = match kept {
            Some(kept) => kept,
            None => self.ask_qualified(session, &CreateWebhookSubscription { url }).await?.id,
        };
        self.change_account(id, |account| {
            if let Some(qualified) = &mut account.qualified {
                qualified.subscription = Some(present.clone());
            }
        })
        .await?;
        Ok(made)
    }

    /// The subscriptions that deliver to this account's hook, whatever the secret in their addresses.
    async fn list_subscriptions(
        &self,
        id: &AccountId,
        session: &mut QualifiedSession,
    ) -> Result<Vec<Subscription>, Trouble> {
        let prefix = self.qualified_hook_prefix(id);
        let mut ours = Vec::new();
        let mut page = 1;
        loop {
            let listed = self.ask_qualified(session, &ListWebhookSubscriptions { page }).await?;
            ours.extend(listed.rows.into_iter().filter(|row| row.url.expose().starts_with(&prefix)));
            match listed.next {
                Some(next) if next <= MOST_PAGES => page = next,
                _ => return Ok(ours),
            }
        }
    }

    /// Disconnects Qualified. What was invited stays invited there; the ATS hears no more of it.
    ///
    /// # Errors
    /// It isn't connected, or the store failed.
    pub async fn disconnect_qualified(&self, id: &AccountId) -> Result<(), Failure> {
        let account = self.account(id).await?;
        if account.qualified.is_none() {
            return Err(Trouble::NotConnected(Vendor::Qualified).failure(""));
        }
        let mut left = "";
        if self.delete_subscriptions(id, &account).await.is_err() {
            left = " Our webhook could not be deleted there; delete it under Team Settings, Integrations.";
        }
        self.change_account(id, |account| account.qualified = None).await?;
        self.forget(&[key_of::<Catalogue>(id)]).await?;
        self.note_setting(id, "Qualified", format!("Qualified disconnected.{left}")).await?;
        Ok(())
    }

    async fn delete_subscriptions(&self, id: &AccountId, account: &Account) -> Result<(), Trouble> {
        let mut session = self.qualified_session(id, account)?;
        for row in self.list_subscriptions(id, &mut session).await? {
            self.ask_qualified(&mut session, &DeleteWebhookSubscription { id: row.id }).await?;
        }
        Ok(())
    }

    /// The assessments as Qualified lists them now, for pickers.
    ///
    /// # Errors
    /// Qualified isn't connected or failed.
    pub async fn listed_assessments(&self, id: &AccountId) -> Result<Catalogue, Failure> {
        let account = self.account(id).await?;
        let what = "the list of assessments";
        let mut session = self.qualified_session(id, &account).map_err(|trouble| trouble.failure(what))?;
        self.catalogue(id, &mut session, Freshness::Live).await.map_err(|trouble| trouble.failure(what))
    }

    /// The assessments, listed anew if what is remembered is not of just now: one may have been published for the tag that
    /// is looked for.
    ///
    /// # Errors
    /// Qualified isn't connected or failed.
    pub async fn assessments_for_tags(&self, id: &AccountId, account: &Account) -> Result<Catalogue, Failure> {
        let what = "the list of assessments";
        let mut session = self.qualified_session(id, account).map_err(|trouble| trouble.failure(what))?;
        self.catalogue(id, &mut session, Freshness::OnMiss).await.map_err(|trouble| trouble.failure(what))
    }

    /// The secret part of the address that Qualified delivers to.
    ///
    /// # Errors
    /// Qualified isn't connected, or the secret can't be opened.
    pub fn hook_secret(&self, id: &AccountId, account: &Account) -> Result<Secret, Trouble> {
        let qualified = account.qualified.as_ref().ok_or(Trouble::NotConnected(Vendor::Qualified))?;
        self.open(id, Vendor::Qualified, Kept::HookSecret, &qualified.hook_secret)
    }
}
