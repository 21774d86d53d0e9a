//! A company's Lever account: its people, its pipeline, and everything that hangs on them.

use std::collections::{BTreeMap, BTreeSet};

use super::bucket::Bucket;
use super::opportunity::{Contact, Opportunity};
use super::posting::Posting;
use super::refusal::Refusal;
use super::webhook::{Event, Webhook};
use crate::seed::Seed;
use crate::shelf::Shelf;

/// A step of the pipeline. Its id is opaque: a slug for Lever's own stages, a UUID for the company's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The id, stable over renames.
    pub id: String,
    /// What people read.
    pub text: String,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) role: &'static str,
    pub(crate) active: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct ArchiveReason {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) hired: bool,
    pub(crate) active: bool,
}

/// What no source settles. The defaults are the stricter guess; a test may turn each.
#[derive(Debug, Clone, Default)]
pub struct Unproven {
    /// `removeTags` takes away a tag that the opportunity inherits from its posting. Default: it stays.
    pub inherited_tags_removable: bool,
    /// A tag taken off a posting stays on its opportunities. Default: inheritance is live both ways.
    pub inherited_tags_outlive_posting: bool,
    /// `fromStageId` is left out of a stage change's payload.
    pub omit_from_stage: bool,
}

#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) users: Vec<User>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) archive_reasons: Vec<ArchiveReason>,
    pub(crate) postings: Vec<Posting>,
    pub(crate) contacts: BTreeMap<String, Contact>,
    /// Deleted ones stay, marked: `/opportunities/deleted` lists them.
    pub(crate) opportunities: Shelf<Opportunity>,
    pub(crate) webhooks: Vec<Webhook>,
    /// The events a Super Admin has switched on in the settings. None, at first.
    pub(crate) toggles: BTreeSet<Event>,
    pub(crate) bucket: Bucket,
    /// The account lives in the European data centre.
    pub(crate) european: bool,
    pub(crate) unproven: Unproven,
}

impl Account {
    pub(crate) fn new(name: &str, seed: &mut Seed) -> Self {
        let user = |seed: &mut Seed, person: &str, role, active| User {
            id: seed.uuid(),
            email: format!("{}@{name}.example.com", person.to_lowercase().replace(' ', ".")),
            name: person.into(),
            role,
            active,
        };
        let reason = |seed: &mut Seed, text: &str, hired, active| ArchiveReason {
            id: seed.uuid(),
            text: text.into(),
            hired,
            active,
        };
        Self {
            id: seed.uuid(),
            users: vec![
                user(seed, "Sam Admin", "super admin", true),
                user(seed, "Robin Recruiter", "team member", true),
                user(seed, "Ira Interviewer", "interviewer", true),
                user(seed, "Gone Person", "admin", false),
            ],
            stages: pipeline(seed),
            archive_reasons: vec![
                reason(seed, "Hired", true, true),
                reason(seed, "Underqualified", false, true),
                reason(seed, "Withdrew", false, true),
                reason(seed, "Position closed", false, false),
            ],
            postings: Vec::new(),
            contacts: BTreeMap::new(),
            opportunities: Shelf::default(),
            webhooks: Vec::new(),
            toggles: BTreeSet::new(),
            bucket: Bucket::default(),
            european: false,
            unproven: Unproven::default(),
        }
    }

    /// A candidacy that was not deleted.
    pub(crate) fn opportunity(&self, id: &str) -> Option<&Opportunity> {
        self.opportunities.get(id).filter(|opportunity| opportunity.deleted_at.is_none())
    }

    pub(crate) fn opportunity_mut(&mut self, id: &str) -> Option<&mut Opportunity> {
        self.opportunities.get_mut(id).filter(|opportunity| opportunity.deleted_at.is_none())
    }

    pub(crate) fn posting(&self, id: &str) -> Option<&Posting> {
        self.postings.iter().find(|posting| posting.id == id)
    }

    pub(crate) fn stage(&self, id: &str) -> Option<(usize, &Stage)> {
        self.stages.iter().enumerate().find(|(_, stage)| stage.id == id)
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    /// The user who set up everything.
    pub(crate) fn admin(&self) -> &User {
        &self.users[0]
    }

    /// The user named by `perform_as`, if any. An unknown or inactive one is refused (a guess: no source says).
    pub(crate) fn performer(&self, id: Option<&str>) -> Result<Option<String>, Refusal> {
        let Some(id) = id else { return Ok(None) };
        match self.user(id) {
            Some(user) if user.active => Ok(Some(id.to_owned())),
            _ => Err(Refusal::bad_request("perform_as: no active user has this id")),
        }
    }
}

/// New Lead, New Applicant and Offer exist in every account; the rest is the company's own.
fn pipeline(seed: &mut Seed) -> Vec<Stage> {
    let own = ["Recruiter screen", "Coding test", "On-site interview"].map(|text| (seed.uuid(), text));
    let slug = |id: &str, text: &str| Stage { id: id.into(), text: text.into() };
    let mut stages = vec![
        slug("lead-new", "New lead"),
        slug("lead-reached-out", "Reached out"),
        slug("lead-responded", "Responded"),
        slug("applicant-new", "New applicant"),
    ];
    stages.extend(own.map(|(id, text)| Stage { id, text: text.into() }));
    stages.push(slug("offer", "Offer"));
    stages
}
