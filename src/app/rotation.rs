//! Rotation of `encryption_key`: what an older key sealed is sealed again with the newest.
//!
//! OAuth tokens are renewed anyway; API keys, hook secrets and signature tokens live for years. The hourly check of an
//! account seals them again, so that an operator may drop the old key a day after the new one came.

use super::{
    App,
    account::Account,
    record::RecordError,
    seal::{Kept, Sealed},
    session::{Tokens, TokensKey, Vendor},
};
use crate::{domain::ids::AccountId, ports::World};

impl Account {
    /// Every secret that the account's record holds, with what it is sealed for.
    fn kept(&mut self) -> Vec<(Vendor, Kept, &mut Sealed)> {
        let mut all = Vec::new();
        if let Some(qualified) = &mut self.qualified {
            all.push((Vendor::Qualified, Kept::ApiKey, &mut qualified.key));
            all.push((Vendor::Qualified, Kept::HookSecret, &mut qualified.hook_secret));
        }
        if let Some(lever) = &mut self.lever {
            let ours = lever.webhook.iter_mut().map(|webhook| &mut webhook.token);
            let tokens = ours.chain(&mut lever.hand_made_tokens);
            all.extend(tokens.map(|token| (Vendor::Lever, Kept::SignatureToken, token)));
        }
        if let Some(key) = self.bamboohr.as_mut().and_then(|bamboohr| bamboohr.key.as_mut()) {
            all.push((Vendor::BambooHr, Kept::ApiKey, key));
        }
        all
    }
}

impl Tokens {
    fn kept(&mut self) -> impl Iterator<Item = (Kept, &mut Sealed)> {
        let refresh = self.refresh.as_mut().map(|refresh| (Kept::RefreshToken, refresh));
        std::iter::once((Kept::AccessToken, &mut self.access)).chain(refresh)
    }
}

impl<W: World> App<'_, W> {
    /// Seals again what an older key sealed. What can't be opened stays as it is: the operator may bring its key back.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn reseal(&self, id: &AccountId, account: &Account) -> Result<(), RecordError> {
        let keyring = &self.settings.keyring;
        if account.clone().kept().iter().any(|(_, _, sealed)| keyring.is_old(sealed)) {
            self.change_account(id, |account| {
                for (vendor, what, sealed) in account.kept() {
                    self.reseal_one(id, vendor, what, sealed);
                }
            })
            .await?;
        }
        let by_log_in = account.bamboohr.as_ref().is_some_and(|bamboohr| bamboohr.key.is_none());
        for (vendor, has_tokens) in [(Vendor::Lever, account.lever.is_some()), (Vendor::BambooHr, by_log_in)] {
            let key = TokensKey { account: id.clone(), vendor };
            if !has_tokens || self.load::<Tokens>(&key).await?.is_none() {
                continue;
            }
            self.update::<Tokens, ()>(&key, |tokens| {
                let mut resealed = 0;
                for (what, sealed) in tokens.kept() {
                    resealed += usize::from(self.reseal_one(id, vendor, what, sealed));
                }
                (resealed > 0).then_some(())
            })
            .await?;
        }
        Ok(())
    }

    fn reseal_one(&self, id: &AccountId, vendor: Vendor, what: Kept, sealed: &mut Sealed) -> bool {
        if !self.settings.keyring.is_old(sealed) {
            return false;
        }
        let Ok(secret) = self.open(id, vendor, what, sealed) else { return false };
        *sealed = self.seal(id, vendor, what, &secret);
        true
    }

    /// What none of the operator's keys opens, as people call it: "Qualified's API key".
    pub(super) fn unopenable(&self, id: &AccountId, account: &Account, tokens: Option<&Tokens>) -> Vec<String> {
        let (mut account, mut tokens) = (account.clone(), tokens.cloned());
        let of_lever = tokens.iter_mut().flat_map(Tokens::kept);
        let all = account.kept().into_iter().chain(of_lever.map(|(what, sealed)| (Vendor::Lever, what, sealed)));
        let lost = all.filter(|(vendor, what, sealed)| self.open(id, *vendor, *what, sealed).is_err());
        lost.map(|(vendor, what, _)| format!("{}'s {what}", vendor.name())).collect()
    }
}
