//! A customer's account: its connections and settings, one record.

use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    App, Failure,
    inbox::{self, Inbox, Lane},
    record::{Batch, Record, RecordError, Stored, key_of},
    seal::Sealed,
    session::Vendor,
    sync::Watermarks,
};
use crate::{
    domain::{
        ids::{AccountId, AssessmentId, Company, JobId, StageId, StatusId, WebhookId},
        time::Timestamp,
    },
    ports::World,
};

/// A customer: its name, its connections, and what it set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// For people.
    pub name: String,
    /// Whether the customer's subscription includes the ATS features. Without it nothing is sent or
    /// written at any vendor.
    pub ats_enabled: bool,
    /// When it was made here.
    pub created_at: Timestamp,
    /// Random; mixed into the digests of e-mail addresses, so that keys tell nothing about people.
    pub salt: String,
    /// Qualified, when connected.
    pub qualified: Option<Qualified>,
    /// Lever, when connected.
    pub lever: Option<Lever>,
    /// BambooHR, when connected.
    pub bamboohr: Option<BambooHr>,
    /// Webhooks of ours that Lever had to keep, because it didn't answer when it was disconnected.
    #[serde(default)]
    pub left_at_lever: Vec<WebhookId>,
}

/// The connection to Qualified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualified {
    /// The team's API key.
    pub key: Sealed,
    /// The last part of our hook's address.
    pub hook_secret: Sealed,
    /// Our webhook subscription at Qualified.
    pub subscription: Option<WebhookId>,
    /// When the key was accepted.
    pub connected_at: Timestamp,
    /// When Qualified stopped accepting the key, until it is replaced.
    pub refused_at: Option<Timestamp>,
}

/// The connection to Lever. Its tokens are in a record of their own, because they change by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lever {
    /// When "Log In to Lever" succeeded last.
    pub connected_at: Timestamp,
    /// The Lever user who connected, where Lever tells.
    pub user: Option<String>,
    /// What triggers an invitation, in the order of being added.
    pub trigger_stages: Vec<TriggerStage>,
    /// The webhook we made.
    pub webhook: Option<LeverWebhook>,
    /// The webhooks at our address before one that we began to make and have not stored yet. Any other
    /// there is left from that attempt.
    pub webhooks_before: Option<Vec<WebhookId>>,
    /// Signature tokens of webhooks made by hand in Lever, newest first.
    pub hand_made_tokens: Vec<Sealed>,
    /// When the first delivery with a good signature came; later ones are noted in the inbox.
    pub first_event_at: Option<Timestamp>,
}

/// The webhook we registered at Lever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeverWebhook {
    /// Lever's id of it.
    pub id: WebhookId,
    /// Where it points to.
    pub url: String,
    /// When we made it: what came before came through another one. Not known of the oldest.
    pub made_at: Option<Timestamp>,
    /// Lever tells the signature token once, when the webhook is made.
    pub token: Sealed,
}

/// A stage of Lever's pipeline in which newly arrived candidates are invited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriggerStage {
    /// Lever's id: names may change, ids don't.
    pub id: StageId,
    /// Lever's name when last seen.
    pub text: String,
    /// Candidates who entered before are never invited.
    pub enabled_at: Timestamp,
    /// Days after the invitation when it expires (`expires_at`).
    pub deadline_days: Option<u16>,
    /// Days after the invitation when Qualified reminds (`reminder_at`).
    pub reminder_days: Option<u16>,
    /// Lever no longer lists the stage.
    pub vanished: bool,
}

/// The connection to BambooHR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BambooHr {
    /// The company's subdomain, checked.
    pub company: Company,
    /// An API key; `None` when connected by OAuth (then the tokens have a record of their own).
    pub key: Option<Sealed>,
    /// When the credentials were accepted.
    pub connected_at: Timestamp,
    /// As whom changes appear, where BambooHR tells.
    pub user: Option<String>,
    /// When BambooHR stopped accepting the key, until it is replaced.
    pub refused_at: Option<Timestamp>,
    /// What to do per assessment.
    #[serde(with = "crate::domain::sorted")]
    pub mappings: LiteMap<AssessmentId, Mapping>,
}

/// How one assessment goes with one job opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The assessment's title when the mapping was put: for people.
    pub title: String,
    /// The job opening whose applicants are meant.
    pub job: JobId,
    /// The status that sends the assessment; `None` = nobody is invited automatically.
    pub send_status: Option<StatusId>,
    /// The status set when the candidate starts.
    pub on_started: Option<StatusId>,
    /// The status set when the candidate submits.
    pub on_submitted: Option<StatusId>,
    /// The status set when the reviewers approve.
    pub on_approved: Option<StatusId>,
    /// The status set when the reviewers reject.
    pub on_rejected: Option<StatusId>,
    /// When the mapping was put. Who had the status then is never invited for it.
    pub enabled_at: Timestamp,
    /// The job or a status is gone or disabled: why nothing is sent meanwhile.
    pub broken: Option<String>,
    /// The statuses that are gone or disabled: never set meanwhile.
    pub unusable: Vec<StatusId>,
    /// The job opening's name when last seen: for people, as the statuses' below. Older records have neither.
    pub job_name: Option<String>,
    /// The names of the statuses.
    #[serde(default)]
    pub status_names: Vec<(StatusId, String)>,
}

impl Mapping {
    /// What people call the job opening, as far as that is known.
    #[must_use]
    pub fn job_label(&self) -> String {
        self.job_name.clone().unwrap_or_else(|| format!("job opening {}", self.job.0))
    }

    /// What people call one of its statuses, as far as that is known.
    #[must_use]
    pub fn status_label(&self, status: StatusId) -> String {
        let known = self.status_names.iter().find(|(known, _)| *known == status);
        known.map_or_else(|| format!("status {}", status.0), |(_, name)| format!("\u{201c}{name}\u{201d}"))
    }
}

impl Record for Account {
    const PREFIX: &'static str = "account";
    const VERSION: u32 = 1;
    type Key = AccountId;
}

impl Account {
    /// The vendors that are connected, in the order in which a sync asks them.
    pub fn vendors(&self) -> impl Iterator<Item = Vendor> + use<> {
        let lever = self.lever.as_ref().map(|_| Vendor::Lever);
        let qualified = self.qualified.as_ref().map(|_| Vendor::Qualified);
        let bamboohr = self.bamboohr.as_ref().map(|_| Vendor::BambooHr);
        [lever, qualified, bamboohr].into_iter().flatten()
    }

    /// The trigger stage with this id.
    #[must_use]
    pub fn trigger_stage(&self, id: &StageId) -> Option<&TriggerStage> {
        self.lever.as_ref()?.trigger_stages.iter().find(|stage| stage.id == *id)
    }

    /// A digest of an e-mail address for keys, the same for every way of writing it.
    #[must_use]
    pub fn email_digest(&self, email: &str) -> String {
        let text = format!("{}\n{}", self.salt, email.trim().to_lowercase());
        hex(&Sha256::digest(text.as_bytes())[..16])
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl<W: World> App<'_, W> {
    /// Makes the account, or changes its name and whether the ATS features are on.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_account(&self, id: &AccountId, name: &str, ats_enabled: bool) -> Result<(), Failure> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(Failure::invalid("An account needs a `name` of 1 to 200 characters.").at("name"));
        }
        // The directory first: an entry without an account is dropped by the next sync, while an account
        // without an entry would never be synced.
        self.enlist(id).await?;
        if self.load::<Account>(id).await?.is_some() {
            self.update::<Account, ()>(id, |account| {
                account.name = name.to_owned();
                account.ats_enabled = ats_enabled;
                Some(())
            })
            .await?;
            return Ok(());
        }
        let account = Account {
            name: name.to_owned(),
            ats_enabled,
            created_at: self.world.now(),
            salt: hex(&self.world.nonce()[..16]),
            qualified: None,
            lever: None,
            bamboohr: None,
            left_at_lever: Vec::new(),
        };
        // Everything that is later changed by compare-and-swap is made here, because a swap of an absent
        // key is an unconditional write on Spin.
        let mut batch = Batch::new().put(id, &account).put(id, &Watermarks::default());
        for lane in Lane::all(id) {
            batch = batch.put(&lane, &Inbox::default());
        }
        self.write(batch).await?;
        Ok(())
    }

    /// The account.
    ///
    /// # Errors
    /// It doesn't exist, or the store failed.
    pub async fn account(&self, id: &AccountId) -> Result<Account, Failure> {
        self.find_account(id).await?.ok_or_else(|| Failure::not_found(format!("There is no account `{id}`.")))
    }

    /// The account, if it exists.
    ///
    /// # Errors
    /// The store failed.
    pub async fn find_account(&self, id: &AccountId) -> Result<Option<Account>, RecordError> {
        Ok(self.load::<Account>(id).await?.map(|stored: Stored<Account>| stored.record))
    }

    /// Changes the account; `change` may run several times.
    ///
    /// # Errors
    /// The account doesn't exist, or the store failed.
    pub async fn change_account(
        &self,
        id: &AccountId,
        mut change: impl FnMut(&mut Account),
    ) -> Result<(), RecordError> {
        self.update::<Account, ()>(id, |account| {
            let before = account.clone();
            change(account);
            (*account != before).then_some(())
        })
        .await?;
        Ok(())
    }

    /// Disconnects everything and forgets all data of the account.
    ///
    /// # Errors
    /// The account doesn't exist, or the store failed. A vendor that can't be reached is no error: its
    /// webhook then points to an address that answers 404.
    pub async fn delete_account(&self, id: &AccountId) -> Result<(), Failure> {
        let account = self.account(id).await?;
        if account.lever.is_some() {
            self.disconnect_lever(id).await?;
        }
        if account.bamboohr.is_some() {
            self.disconnect_bamboohr(id).await?;
        }
        if account.qualified.is_some() {
            self.disconnect_qualified(id).await?;
        }
        self.delist(id).await?;
        let mut keys = inbox::everything_of(self, id).await?;
        keys.push(key_of::<Watermarks>(id));
        keys.push(key_of::<super::catalogue::Catalogue>(id));
        keys.push(key_of::<super::lever::Postings>(id));
        // The account last: while it exists, the deletion can be asked for again.
        keys.push(key_of::<Account>(id));
        self.forget(&keys).await?;
        Ok(())
    }
}
