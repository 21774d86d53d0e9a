//! Connecting Lever: the OAuth log-in, the webhook, the trigger stages.

use super::login::{Callback, LoggedIn, Login, LoginKey, LoginStart};
use crate::{
    app::{
        App, Failure,
        account::{Account, Lever, LeverWebhook, TriggerStage},
        record::{Batch, key_of},
        seal::Kept,
        session::{LeverSession, Tokens, TokensKey, Trouble, Vendor},
    },
    domain::{
        ids::{AccountId, StageId},
        secret::Secret,
    },
    ports::World,
    vendor::{
        lever::{self, CreateWebhook, DeleteWebhook, GetUser, ListStages, ListWebhooks, Stage},
        oauth,
    },
};

/// Pages of stages or webhooks read at most, of 100 rows each.
const MOST_PAGES: usize = 20;
/// Tokens of webhooks made by hand that are kept: the present one and a few before it.
const MOST_TOKENS: usize = 4;

/// When a stage's invitations expire and are reminded of, in days after the invitation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deadlines {
    /// `expires_at`.
    pub deadline_days: Option<u16>,
    /// `reminder_at`.
    pub reminder_days: Option<u16>,
}

impl<W: World> App<'_, W> {
    /// Where Lever delivers to.
    #[must_use]
    pub fn lever_hook(&self, id: &AccountId) -> String {
        format!("{}/hooks/lever/{id}", self.settings.public_url)
    }

    fn lever_redirect(&self) -> String {
        format!("{}/lever/callback", self.settings.public_url)
    }

    /// "Log In to Lever".
    ///
    /// # Errors
    /// There is no such account, no OAuth client is configured, or the store failed.
    pub async fn log_in_to_lever(&self, id: &AccountId) -> Result<LoginStart, Failure> {
        self.account(id).await?;
        self.start_login(id, Vendor::Lever, None, &self.lever_provider()?, &self.lever_redirect()).await
    }

    /// Takes the browser back from Lever: tokens, then our webhook.
    ///
    /// # Errors
    /// The log-in is stale or was refused, or Lever or the store failed.
    pub async fn lever_callback(&self, callback: &Callback) -> Result<AccountId, Failure> {
        let LoggedIn { account: id, code, .. } = self.finish_login(Vendor::Lever, callback).await?;
        let exchange = oauth::ExchangeCode { code, redirect_uri: self.lever_redirect() };
        let answer = self.call(&exchange, &self.lever_provider()?).await;
        let set = match answer.map_err(|error| Failure::upstream("Lever", "the log-in", &error))? {
            oauth::Outcome::Tokens(set) => set,
            oauth::Outcome::GrantLost => {
                return Err(Failure::invalid("Lever did not accept the log-in any more. Log in to Lever again."));
            }
        };
        let key = TokensKey { account: id.clone(), vendor: Vendor::Lever };
        self.write(Batch::new().put(&key, &self.fresh_tokens(&id, Vendor::Lever, &set))).await?;
        let now = self.world.now();
        self.change_account(&id, |account| match &mut account.lever {
            Some(lever) => lever.connected_at = now,
            None => {
                account.lever = Some(Lever {
                    connected_at: now,
                    user: None,
                    trigger_stages: Vec::new(),
                    webhook: None,
                    webhooks_before: None,
                    hand_made_tokens: Vec::new(),
                    first_event_at: None,
                });
            }
        })
        .await?;
        let mut session = self.lever_session(&id).await.map_err(|trouble| trouble.failure("the log-in"))?;
        let user = self.lever_user(&mut session, &set.access).await;
        if user.is_some() {
            self.change_account(&id, |account| {
                if let Some(lever) = &mut account.lever {
                    lever.user.clone_from(&user);
                }
            })
            .await?;
        }
        self.reconcile_webhook(&id, &mut session).await.map_err(|trouble| trouble.failure("the webhook"))?;
        self.wake(&id, Vendor::Lever).await?;
        self.note_setting(&id, "Lever", "Lever connected.").await?;
        Ok(id)
    }

    /// Who logged in, where Lever tells. A nicety: nothing depends on it.
    async fn lever_user(&self, session: &mut LeverSession, access: &Secret) -> Option<String> {
        let id = lever::claims(access)?.user?;
        let user = self.ask_lever(session, &GetUser { id }).await.ok()?;
        user.name.map(crate::vendor::Personal::into_string)
    }

    /// Keeps exactly one webhook of ours, pointing to our present address. Webhooks made by hand are never
    /// touched: of those at our address, only what a creation of ours that was cut short left behind is
    /// deleted. Answers whether the webhook had to be made.
    ///
    /// # Errors
    /// Lever or the store failed.
    pub(in crate::app) async fn reconcile_webhook(
        &self,
        id: &AccountId,
        session: &mut LeverSession,
    ) -> Result<bool, Trouble> {
        let Some(account) = self.find_account(id).await? else { return Ok(false) };
        let (Some(lever), true) = (&account.lever, account.ats_enabled) else { return Ok(false) };
        let url = self.lever_hook(id);
        let rows = self.list_webhooks(session).await?;
        self.delete_strays(id, &account, &rows, session).await?;
        if let Some(webhook) = &lever.webhook {
            let present = rows.iter().find(|row| row.id == webhook.id);
            let opens = self.open(id, Vendor::Lever, Kept::SignatureToken, &webhook.token).is_ok();
            if opens && present.is_some_and(|row| row.delivers_to(&url)) {
                return Ok(false);
            }
            if present.is_some() {
                self.ask_lever(session, &DeleteWebhook { id: webhook.id.clone() }).await?;
            }
        }
        // From here until the new webhook is stored, a row at our address that is not among these is ours.
        let before: Vec<_> = rows.iter().filter(|row| row.delivers_to(&url)).map(|row| row.id.clone()).collect();
        self.change_account(id, |account| {
            if let Some(lever) = &mut account.lever {
                lever.webhook = None;
                lever.webhooks_before.get_or_insert_with(|| before.clone());
            }
        })
        .await?;
        let created = self.ask_lever(session, &CreateWebhook { url }).await?;
        let webhook = LeverWebhook {
            id: created.id,
            url: created.url,
            made_at: Some(self.world.now()),
            token: self.seal(id, Vendor::Lever, Kept::SignatureToken, &created.signature_token),
        };
        let mut surplus = None;
        self.change_account(id, |account| {
            surplus = Some(webhook.id.clone());
            let Some(lever) = &mut account.lever else { return };
            if lever.webhook.is_none() {
                lever.webhook = Some(webhook.clone());
                lever.webhooks_before = None;
                surplus = None;
                lever.first_event_at = None;
            }
        })
        .await?;
        if let Some(id) = surplus {
            // Another check made one at the same time, or Lever was disconnected.
            self.ask_lever(session, &DeleteWebhook { id }).await?;
            return Ok(false);
        }
        Ok(true)
    }

    async fn list_webhooks(&self, session: &mut LeverSession) -> Result<Vec<lever::Webhook>, Trouble> {
        let mut rows = Vec::new();
        let mut offset = None;
        for _ in 0..MOST_PAGES {
            let page = self.ask_lever(session, &ListWebhooks { offset }).await?;
            rows.extend(page.rows);
            offset = page.next;
            if offset.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// Deletes what a creation of ours that was cut short, or a disconnection that Lever didn't hear of, left at Lever.
    async fn delete_strays(
        &self,
        id: &AccountId,
        account: &Account,
        rows: &[lever::Webhook],
        session: &mut LeverSession,
    ) -> Result<(), Trouble> {
        let Some(lever) = &account.lever else { return Ok(()) };
        let url = self.lever_hook(id);
        let is_half_made = |row: &lever::Webhook| {
            lever.webhooks_before.as_ref().is_some_and(|before| {
                row.delivers_to(&url)
                    && !before.contains(&row.id)
                    && lever.webhook.as_ref().is_none_or(|webhook| webhook.id != row.id)
            })
        };
        for row in rows.iter().filter(|row| is_half_made(row) || account.left_at_lever.contains(&row.id)) {
            self.ask_lever(session, &DeleteWebhook { id: row.id.clone() }).await?;
        }
        if !account.left_at_lever.is_empty() {
            self.change_account(id, |account| account.left_at_lever.clear()).await?;
        }
        Ok(())
    }

    /// Deletes our webhook at Lever and forgets tokens and trigger stages.
    ///
    /// # Errors
    /// It isn't connected, or the store failed.
    pub async fn disconnect_lever(&self, id: &AccountId) -> Result<(), Failure> {
        let account = self.account(id).await?;
        let Some(lever) = &account.lever else { return Err(Trouble::NotConnected(Vendor::Lever).failure("")) };
        let mut left = "";
        if self.delete_webhooks(id, &account).await.is_err() {
            left = " Our webhook could not be deleted there; it now points to an address that answers 404.";
        }
        // What could not be deleted is, when Lever is connected again.
        let leftover = lever.webhook.as_ref().map(|webhook| webhook.id.clone()).filter(|_| !left.is_empty());
        self.change_account(id, |account| {
            account.lever = None;
            account.left_at_lever.extend(leftover.clone());
        })
        .await?;
        let tokens = key_of::<Tokens>(&TokensKey { account: id.clone(), vendor: Vendor::Lever });
        self.forget(&[tokens, key_of::<Login>(&LoginKey::new(id, Vendor::Lever))]).await?;
        self.note_setting(id, "Lever", format!("Lever disconnected.{left}")).await?;
        Ok(())
    }

    async fn delete_webhooks(&self, id: &AccountId, account: &Account) -> Result<(), Trouble> {
        let Some(lever) = &account.lever else { return Ok(()) };
        if lever.webhook.is_none() && lever.webhooks_before.is_none() && account.left_at_lever.is_empty() {
            return Ok(());
        }
        let mut session = self.lever_session(id).await?;
        if let Some(webhook) = &lever.webhook {
            self.ask_lever(&mut session, &DeleteWebhook { id: webhook.id.clone() }).await?;
        }
        if lever.webhooks_before.is_some() || !account.left_at_lever.is_empty() {
            let rows = self.list_webhooks(&mut session).await?;
            self.delete_strays(id, account, &rows, &mut session).await?;
        }
        Ok(())
    }

    /// The stages of the account's pipeline, as Lever lists them now.
    ///
    /// # Errors
    /// Lever isn't connected or failed.
    pub async fn lever_stages(&self, id: &AccountId) -> Result<Vec<Stage>, Failure> {
        self.account(id).await?;
        let what = "the list of stages";
        let mut session = self.lever_session(id).await.map_err(|trouble| trouble.failure(what))?;
        self.list_stages(&mut session).await.map_err(|trouble| trouble.failure(what))
    }

    pub(in crate::app) async fn list_stages(&self, session: &mut LeverSession) -> Result<Vec<Stage>, Trouble> {
        let mut stages = Vec::new();
        let mut offset = None;
        for _ in 0..MOST_PAGES {
            let page = self.ask_lever(session, &ListStages { offset }).await?;
            stages.extend(page.rows);
            offset = page.next;
            if offset.is_none() {
                break;
            }
        }
        Ok(stages)
    }

    /// Makes a stage a trigger stage from now on, or changes its deadlines.
    ///
    /// # Errors
    /// Lever doesn't have the stage, isn't connected, or failed.
    pub async fn put_trigger_stage(
        &self,
        id: &AccountId,
        stage: &StageId,
        deadlines: Deadlines,
    ) -> Result<TriggerStage, Failure> {
        let allowed = |days: Option<u16>| days.is_none_or(|days| (1..=365).contains(&days));
        if !allowed(deadlines.deadline_days) || !allowed(deadlines.reminder_days) {
            return Err(Failure::invalid("`deadline_days` and `reminder_days` are 1 to 365, or left out."));
        }
        if let (Some(deadline), Some(reminder)) = (deadlines.deadline_days, deadlines.reminder_days)
            && reminder >= deadline
        {
            return Err(Failure::invalid("The reminder has to come before the deadline.").at("reminder_days"));
        }
        let stages = self.lever_stages(id).await?;
        let real = stages.into_iter().find(|real| real.id == *stage).ok_or_else(|| {
            Failure::not_found(format!("Lever has no stage `{stage}`. Choose one of the stages that Lever lists."))
                .at("stage")
        })?;
        let now = self.world.now();
        let mut put = TriggerStage {
            id: real.id,
            text: real.text,
            enabled_at: now,
            deadline_days: deadlines.deadline_days,
            reminder_days: deadlines.reminder_days,
            vanished: false,
        };
        self.change_account(id, |account| {
            let Some(lever) = &mut account.lever else { return };
            match lever.trigger_stages.iter_mut().find(|known| known.id == put.id) {
                Some(known) => {
                    put.enabled_at = known.enabled_at;
                    known.clone_from(&put);
                }
                None => lever.trigger_stages.push(put.clone()),
            }
        })
        .await?;
        self.note_setting(id, &put.text, format!("Trigger stage \"{}\" is on.", put.text)).await?;
        Ok(put)
    }

    /// Makes a stage no trigger stage any more.
    ///
    /// # Errors
    /// It wasn't one, or the store failed.
    pub async fn delete_trigger_stage(&self, id: &AccountId, stage: &StageId) -> Result<(), Failure> {
        let account = self.account(id).await?;
        let known = account
            .trigger_stage(stage)
            .ok_or_else(|| Failure::not_found(format!("`{stage}` is not a trigger stage.")))?;
        self.change_account(id, |account| {
            if let Some(lever) = &mut account.lever {
                lever.trigger_stages.retain(|known| known.id != *stage);
            }
        })
        .await?;
        self.note_setting(id, &known.text, format!("Trigger stage \"{}\" is off.", known.text)).await?;
        Ok(())
    }

    /// Accepts deliveries signed with this token too: of a webhook made by hand in Lever.
    ///
    /// # Errors
    /// The token is empty, Lever isn't connected, or the store failed.
    pub async fn add_signature_token(&self, id: &AccountId, token: &Secret) -> Result<(), Failure> {
        let text = token.expose().trim();
        if text.is_empty() || text.len() > 512 {
            return Err(Failure::invalid("Give the signature token as Lever shows it beside the webhook."));
        }
        if self.account(id).await?.lever.is_none() {
            return Err(Trouble::NotConnected(Vendor::Lever).failure(""));
        }
        let sealed = self.seal(id, Vendor::Lever, Kept::SignatureToken, &Secret::new(text));
        self.change_account(id, |account| {
            if let Some(lever) = &mut account.lever {
                lever.hand_made_tokens.insert(0, sealed.clone());
                lever.hand_made_tokens.truncate(MOST_TOKENS);
            }
        })
        .await?;
        self.note_setting(id, "Lever", "The signature token of a webhook made by hand was added.").await?;
        Ok(())
    }

    /// The signature tokens of the account, ours first. One that can't be opened is passed over for the others.
    ///
    /// # Errors
    /// Lever isn't connected, or none can be opened.
    pub fn signature_tokens(&self, id: &AccountId, account: &Account) -> Result<Vec<Secret>, Trouble> {
        let lever = account.lever.as_ref().ok_or(Trouble::NotConnected(Vendor::Lever))?;
        let sealed = lever.webhook.iter().map(|webhook| &webhook.token).chain(&lever.hand_made_tokens);
        let (mut tokens, mut trouble) = (Vec::new(), None);
        for token in sealed {
            match self.open(id, Vendor::Lever, Kept::SignatureToken, token) {
                Ok(token) => tokens.push(token),
                Err(closed) => trouble = Some(closed),
            }
        }
        match trouble {
            Some(trouble) if tokens.is_empty() => Err(trouble),
            _ => Ok(tokens),
        }
    }
}
