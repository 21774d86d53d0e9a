//! What a Super Admin does in Lever's settings: webhooks, API keys, apps.

use super::account::Unproven;
use super::consent;
use super::desk::Desk;
use super::message::Message;
use super::oauth::denied;
use super::webhook::{Event, ORIGINS, Webhook};
use crate::delivery;
use crate::world::Refused;

impl Desk<'_> {
    /// Switches an event on or off for the whole account. Until it is on, nothing of it is ever delivered.
    pub fn set_webhook_toggle(&mut self, event: Event, on: bool) {
        if on {
            self.account.toggles.insert(event);
        } else {
            self.account.toggles.remove(&event);
        }
    }

    /// Whether an event is switched on.
    #[must_use]
    pub fn webhook_toggle(&self, event: Event) -> bool {
        self.account.toggles.contains(&event)
    }

    /// All subscriptions, made by apps or by hand.
    #[must_use]
    pub fn webhooks(&self) -> &[Webhook] {
        &self.account.webhooks
    }

    /// Adds a stage change webhook in the settings and answers the signature token to copy.
    ///
    /// # Errors
    /// When the URL is not https (or http on a loopback address).
    pub fn make_webhook_by_hand(&mut self, url: &str) -> Result<String, Refused> {
        if !delivery::is_target(url) {
            return Err(Refused::because("The URL must start with https"));
        }
        let now = self.context.millis();
        let token = self.context.seed.hex(48);
        self.account.webhooks.push(Webhook {
            id: self.context.seed.uuid(),
            event: Event::CandidateStageChange,
            url: url.into(),
            by_api: false,
            signature_token: token.clone(),
            origins: ORIGINS.map(str::to_owned).to_vec(),
            created_at: now,
            updated_at: now,
        });
        Ok(token)
    }

    /// Deletes a webhook; here the settings page goes beyond Lever's, which leaves those of apps alone, so that a test
    /// can lose one.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub fn delete_webhook(&mut self, id: &str) -> Result<(), Refused> {
        let place = self.account.webhooks.iter().position(|webhook| webhook.id == id);
        self.account.webhooks.remove(place.ok_or_else(|| Refused::because("no such webhook"))?);
        Ok(())
    }

    /// "Verify connection": a signed delivery with empty data, whether the event is switched on or not.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub fn send_test_request(&mut self, id: &str) -> Result<(), Refused> {
        let webhook = self.account.webhooks.iter().find(|webhook| webhook.id == id);
        let message = Message::test(self.context, webhook.ok_or_else(|| Refused::because("no such webhook"))?);
        self.context.outbox.post(self.context.now, delivery::Message::Lever(message));
        Ok(())
    }

    /// Makes an API key for HTTP Basic.
    pub fn make_api_key(&mut self) -> String {
        let key = self.context.seed.letters(44);
        self.authority.add_key(key.clone(), &self.name);
        key
    }

    /// Accepts an app for this account; answers the callback URL the browser is sent to.
    ///
    /// # Errors
    /// When the consent page would not show: unknown client, other redirect URI, foreign scope, missing parameter.
    pub fn consent(&mut self, authorize_url: &str) -> Result<String, Refused> {
        let asked = consent::asked(self.authority, self.context, authorize_url)?;
        Ok(self.authority.accept(self.context, asked, &self.name))
    }

    /// Refuses an app; answers the callback URL the browser is sent to.
    ///
    /// # Errors
    /// As for [`consent`](Self::consent).
    pub fn refuse(&mut self, authorize_url: &str) -> Result<String, Refused> {
        consent::asked(self.authority, self.context, authorize_url).map(|asked| denied(&asked))
    }

    /// Revokes every app's access to this account: its tokens are dead at once. Webhooks stay.
    pub fn revoke_app(&mut self) {
        self.authority.revoke(&self.name);
    }

    /// Switches the rate limit of 10 requests a second (bursts of 20). With `retry_after`, 429 carries that header.
    pub fn set_rate_limit(&mut self, on: bool, retry_after: Option<u32>) {
        self.account.bucket.switch(on, self.context.now);
        self.account.bucket.retry_after = retry_after;
    }

    /// Moves the account to the European data centre: the global API redirects to it (301).
    pub fn set_european(&mut self, european: bool) {
        self.account.european = european;
    }

    /// Answers to what no source settles.
    pub fn unproven(&mut self) -> &mut Unproven {
        &mut self.account.unproven
    }
}
