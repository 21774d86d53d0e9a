//! Whether the set-up is sound: each check with its remedy.
//!
//! What needs the vendors is found out by the sync (and on the spot by a sync of one account) and kept in
//! the records; the checks themselves only read.

use serde::Serialize;

use super::{
    App,
    account::{Account, BambooHr},
    activity::Outcome,
    complaint::{Complaint, Kind},
    inbox::{Inbox, Lane},
    record::RecordError,
    session::{LeverSession, Tokens, TokensKey, Trouble, Vendor},
    sync::Watermarks,
};
use litemap::LiteMap;

use crate::{
    domain::{ids::AccountId, time::Timestamp},
    ports::World,
    vendor::lever,
};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// A stable name.
    pub check: &'static str,
    /// `None` while nothing can be known yet.
    pub ok: Option<bool>,
    /// What is the matter, and what to do.
    pub detail: String,
}

fn check(check: &'static str, ok: impl Into<Option<bool>>, detail: impl Into<String>) -> Check {
    Check { check, ok: ok.into(), detail: detail.into() }
}

/// What the checks look at, beside the account.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Lever's tokens.
    pub lever_tokens: Option<Tokens>,
    /// The account's lanes.
    pub inboxes: Vec<Inbox>,
    /// What kept the last looks at the vendors from succeeding.
    pub complaints: LiteMap<Vendor, Complaint>,
}

impl Facts {
    /// Whether the vendor's last look failed for want of good credentials.
    fn is_locked_out(&self, vendor: Vendor) -> bool {
        self.complaints.get(&vendor).is_some_and(|complaint| complaint.kind == Kind::Credentials)
    }

    /// Whether the vendor answers. `is_locked_out`: it is known already why it doesn't.
    fn answers(&self, check_name: &'static str, vendor: Vendor, is_locked_out: bool, now: Timestamp) -> Check {
        if is_locked_out {
            let what = format!("Whether {} answers", vendor.name());
            return unknown_until_connected(check_name, vendor, &what);
        }
        match self.complaints.get(&vendor) {
            None => check(check_name, true, format!("{} answered when it was last asked.", vendor.name())),
            Some(complaint) => {
                let ok = complaint.is_lasting(now).then_some(false);
                check(check_name, ok, complaint.sentence(vendor, now))
            }
        }
    }
}

/// What can only be known with good credentials.
fn unknown_until_connected(check_name: &'static str, vendor: Vendor, what: &str) -> Check {
    check(check_name, None, format!("{what} is not known until {} is connected again.", vendor.name()))
}

/// When Lever and Qualified last delivered something. What Lever delivered through a webhook before the present one
/// says nothing about this one.
#[must_use]
pub fn last_events(account: &Account, inboxes: &[Inbox]) -> (Option<Timestamp>, Option<Timestamp>) {
    let lever = account.lever.as_ref();
    let made_at = lever.and_then(|lever| lever.webhook.as_ref()?.made_at);
    let first = lever.and_then(|lever| lever.first_event_at);
    let events = inboxes.iter().filter_map(|inbox| inbox.last_lever_event_at).chain(first);
    let lever = events.filter(|at| made_at.is_none_or(|made_at| *at >= made_at)).max();
    (lever, inboxes.iter().filter_map(|inbox| inbox.last_qualified_event_at).max())
}

/// All checks, in the order in which to mend things.
#[must_use]
pub fn checks(account: &Account, facts: &Facts, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![check(
        "ats-enabled",
        account.ats_enabled,
        if account.ats_enabled {
            "The subscription includes the ATS features."
        } else {
            "The subscription does not include the ATS features: nothing is sent. Ask Qualified for them."
        },
    )];
    checks.extend(qualified_checks(account, facts, now));
    // A team has one of the two systems. The other one's absence is no fault, but with neither, nothing happens.
    if account.lever.is_some() || account.bamboohr.is_none() {
        checks.extend(lever_checks(account, facts, now));
    }
    checks.extend(account.bamboohr.as_ref().map(|it| bamboohr_checks(it, facts, now)).unwrap_or_default());
    let parked: usize = facts.inboxes.iter().map(|inbox| inbox.counts().1).sum();
    checks.push(check(
        "no-failed-work",
        parked == 0,
        match parked {
            0 => "Nothing waits for you.".to_owned(),
            1 => "One piece of work was given up. Look for it under the activity and replay it.".to_owned(),
            many => format!("{many} pieces of work were given up. Look for them under the activity and replay them."),
        },
    ));
    checks
}

fn qualified_checks(account: &Account, facts: &Facts, now: Timestamp) -> Vec<Check> {
    let Some(qualified) = &account.qualified else {
        return vec![check("qualified-connected", false, "Connect Qualified with an API key.")];
    };
    let refused = qualified.refused_at.is_some() || facts.is_locked_out(Vendor::Qualified);
    let webhook = qualified.subscription.is_some();
    vec![
        check("qualified-connected", true, "Qualified is connected."),
        check(
            "qualified-key-accepted",
            !refused,
            if refused {
                "Qualified does not accept the API key any more. Connect Qualified again with the present key; nothing is lost."
            } else {
                "Qualified accepts the API key."
            },
        ),
        facts.answers("qualified-answers", Vendor::Qualified, refused, now),
        match refused {
            true => unknown_until_connected("qualified-webhook", Vendor::Qualified, "Whether our webhook is there"),
            false if webhook => check("qualified-webhook", true, "Qualified tells us what candidates do."),
            false => {
                check("qualified-webhook", false, "Our webhook is missing at Qualified; the next sync makes it again.")
            }
        },
    ]
}

fn lever_checks(account: &Account, facts: &Facts, now: Timestamp) -> Vec<Check> {
    let Some(lever) = &account.lever else {
        return vec![check("lever-connected", false, "Log in to Lever.")];
    };
    let tokens = facts.lever_tokens.as_ref();
    let lost = tokens.is_none_or(|tokens| tokens.lost_at.is_some()) || facts.is_locked_out(Vendor::Lever);
    let known = |what: &str, check: Check| match lost {
        true => unknown_until_connected(check.check, Vendor::Lever, what),
        false => check,
    };
    let missing: Vec<&str> = tokens
        .and_then(|tokens| tokens.scope.as_deref())
        .map(|scope| {
            let granted: Vec<&str> = scope.split_whitespace().collect();
            lever::SCOPES.iter().copied().filter(|needed| !granted.contains(needed)).collect()
        })
        .unwrap_or_default();
    let vanished = lever.trigger_stages.iter().filter(|stage| stage.vanished).map(|stage| stage.text.clone());
    let vanished: Vec<String> = vanished.collect();
    let (event, _) = last_events(account, &facts.inboxes);
    let stages = check(
        "lever-trigger-stages",
        !lever.trigger_stages.is_empty() && vanished.is_empty(),
        if lever.trigger_stages.is_empty() {
            "Add a trigger stage: candidates who enter it are invited.".to_owned()
        } else if vanished.is_empty() {
            "All trigger stages exist in Lever.".to_owned()
        } else {
            format!("Lever no longer has the stage {}. Remove it and choose another one.", some_of(&vanished, ", "))
        },
    );
    vec![
        check("lever-connected", true, "Lever is connected."),
        check(
            "lever-token",
            !lost,
            if lost {
                "Lever withdrew the permission. Reconnect: log in to Lever again; nothing is lost."
            } else {
                "Lever accepts our token."
            },
        ),
        facts.answers("lever-answers", Vendor::Lever, lost, now),
        known(
            "What Lever permits",
            check(
                "lever-scopes",
                missing.is_empty(),
                if missing.is_empty() {
                    "Lever granted what is needed.".to_owned()
                } else {
                    format!("Lever did not grant {}. Log in to Lever again and accept all of it.", missing.join(", "))
                },
            ),
        ),
        known(
            "Whether our webhook is there",
            check(
                "lever-webhook",
                lever.webhook.is_some(),
                if lever.webhook.is_some() {
                    "Our webhook is registered at Lever."
                } else {
                    "Our webhook is missing at Lever; the next sync makes it again."
                },
            ),
        ),
        check(
            "lever-webhook-on",
            event.map(|_| true),
            if event.is_some() {
                "Lever has delivered an event."
            } else {
                "Lever has delivered nothing yet. A Super Admin switches \"Candidate Stage Change\" on in Lever under \
                 Settings, Integrations and API, Webhooks. Until then, candidates are found every 15 minutes."
            },
        ),
        if lever.trigger_stages.is_empty() { stages } else { known("Whether the stages are still there", stages) },
    ]
}

/// The first few, and how many more there are.
fn some_of(all: &[String], separator: &str) -> String {
    const SOME: usize = 5;
    let first = all[..all.len().min(SOME)].join(separator);
    if all.len() > SOME { format!("{first}{separator}and {} more", all.len() - SOME) } else { first }
}

fn bamboohr_checks(bamboohr: &BambooHr, facts: &Facts, now: Timestamp) -> Vec<Check> {
    let whose = match (&bamboohr.user, &bamboohr.key) {
        (Some(user), _) => user.as_str(),
        (None, Some(_)) => "the user who made the API key (BambooHR does not tell who that is)",
        (None, None) => "the user who logged in",
    };
    let connected = format!("BambooHR is connected: {}. Changes appear there as made by {whose}.", bamboohr.company);
    let refused = bamboohr.refused_at.is_some() || facts.is_locked_out(Vendor::BambooHr);
    let broken: Vec<String> = bamboohr
        .mappings
        .values()
        .filter_map(|mapping| Some(format!("\"{}\": {}", mapping.title, mapping.broken.as_ref()?)))
        .collect();
    vec![
        check("bamboohr-connected", true, connected),
        check(
            "bamboohr-credentials",
            !refused,
            match (refused, bamboohr.key.is_some()) {
                (false, _) => "BambooHR accepts our credentials.",
                (true, true) => {
                    "BambooHR does not accept the API key any more. Reconnect BambooHR with a new key; nothing is lost."
                }
                (true, false) => {
                    "BambooHR withdrew the permission. Reconnect: log in to BambooHR again; nothing is lost."
                }
            },
        ),
        facts.answers("bamboohr-answers", Vendor::BambooHr, refused, now),
        check(
            "bamboohr-mappings",
            !bamboohr.mappings.is_empty() && broken.is_empty(),
            if bamboohr.mappings.is_empty() {
                "Choose a job opening and its statuses for an assessment.".to_owned()
            } else if broken.is_empty() {
                "All job openings and statuses are there in BambooHR.".to_owned()
            } else {
                format!("Nothing is sent for these until it is mended: {}.", some_of(&broken, "; "))
            },
        ),
    ]
}

impl<W: World> App<'_, W> {
    /// Looks after Lever's side of the set-up: the webhook is there, the trigger stages still are.
    ///
    /// # Errors
    /// Lever or the store failed.
    pub(super) async fn check_lever(&self, id: &AccountId, session: &mut LeverSession) -> Result<(), Trouble> {
        if self.reconcile_webhook(id, session).await? {
            let summary = "Our webhook at Lever was missing and was made again.";
            self.note_finding(id, "Lever", Outcome::Healed, summary).await?;
        }
        let stages = self.list_stages(session).await?;
        self.change_account(id, |account| {
            let Some(lever) = &mut account.lever else { return };
            for trigger in &mut lever.trigger_stages {
                let present = stages.iter().find(|stage| stage.id == trigger.id);
                trigger.vanished = present.is_none();
                if let Some(stage) = present {
                    trigger.text.clone_from(&stage.text);
                }
            }
        })
        .await?;
        Ok(())
    }

    /// The account's health, with the lanes that it was judged by, in three store reads.
    ///
    /// # Errors
    /// The store failed.
    pub async fn health_of(&self, id: &AccountId, account: &Account) -> Result<(Vec<Check>, Vec<Inbox>), RecordError> {
        let lanes: Vec<Lane> = Lane::all(id).collect();
        let inboxes = self.load_many::<Inbox>(&lanes).await?.into_iter().flatten().map(|stored| stored.record);
        let key = TokensKey { account: id.clone(), vendor: Vendor::Lever };
        let facts = Facts {
            inboxes: inboxes.collect(),
            lever_tokens: self.load::<Tokens>(&key).await?.map(|stored| stored.record),
            complaints: self.load::<Watermarks>(id).await?.map(|stored| stored.record.complaints).unwrap_or_default(),
        };
        let mut checks = checks(account, &facts, self.world.now());
        let unopenable = self.unopenable(id, account, facts.lever_tokens.as_ref());
        if !unopenable.is_empty() {
            let what = some_of(&unopenable, ", ");
            checks.push(check(
                "stored-credentials",
                false,
                format!(
                    "The operator's `encryption_key` no longer opens {what}. The operator brings the old key back \
                     (behind a comma), or you connect again."
                ),
            ));
        }
        Ok((checks, facts.inboxes))
    }
}
