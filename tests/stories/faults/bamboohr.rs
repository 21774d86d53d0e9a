//! The roads through BambooHR: with Qualified's events, by syncs alone, and from nothing.

use serde_json::json;

use super::{insist, looks};
use crate::RUST;
use crate::bamboohr::office::{Office, changes, comments, mapping, sets, status};
use crate::support::{Candidate, Town};

/// BambooHR is always asked; Qualified tells.
pub(super) fn heard(town: &Town, office: &Office) -> Candidate {
    walks(town, office, &|| drop(town.deliver()))
}

/// When none of Qualified's events arrives: one sync after each step.
pub(super) fn unheard(town: &Town, office: &Office) -> Candidate {
    town.vendors(|vendors| vendors.qualified_webhooks().drop = true);
    walks(town, office, &|| looks(town))
}

/// An operator who sets everything up and does not give up at the first error, while somebody has the status already.
pub(super) fn from_nothing(town: &Town, office: &Office) -> Candidate {
    let early = office.applies(town, "Early Bird");
    sets(town, &early, office.send);
    let key = town.vendors(|vendors| vendors.qualified().api_key().to_owned());
    insist(town, "PUT", "", Some(json!({"name": "Acme", "ats_enabled": true})));
    insist(town, "PUT", "/qualified", Some(json!({"api_key": key})));
    insist(town, "PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": office.key})));
    insist(town, "GET", "/bamboohr/jobs", None);
    insist(town, "GET", "/bamboohr/statuses", None);
    insist(town, "PUT", &mapping(town), Some(office.choices()));
    unheard(town, office)
}

fn walks(town: &Town, office: &Office, tells: &dyn Fn()) -> Candidate {
    let ada = office.applies(town, "Ada Okafor");
    sets(town, &ada, office.send);
    looks(town);
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    tells();
    town.candidate(&ada).submits(86.0);
    tells();
    town.reviewer().approves(&ada);
    tells();
    ada
}

/// The end that every road through BambooHR must lead to.
pub(super) fn arrived(town: &Town, office: &Office, ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "one mail");
    assert_eq!(status(town, ada), office.approved);
    let comments = comments(town, ada);
    assert_eq!(comments.len(), 1, "one comment: {comments:#?}");
    assert!(comments[0].starts_with(RUST), "{comments:#?}");
    let changes = changes(town, ada);
    assert!(changes <= 4, "the recruiter's change, and one for each step: {changes}");
}
