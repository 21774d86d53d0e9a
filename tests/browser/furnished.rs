//! An account with everything in it: both systems connected, something that invites, candidates, activity, failures.

use sandbox::bamboohr::{JobStatus, NewApplication};
use sandbox::lever::{NewOpportunity, NewPosting};
use serde_json::json;

use crate::support::{ACCOUNT, Town};

/// What candidates are invited to.
pub(crate) const TITLE: &str = "Rust: Ownership, Traits, and Lifetimes";

/// See the module.
#[track_caller]
pub(crate) fn furnish(town: &Town) {
    furnish_with(town, "");
}

/// The same, with words of somebody's choice at the end of every name and title that the vendors or people give.
/// Answers the candidacies in Lever.
#[track_caller]
pub(crate) fn furnish_with(town: &Town, words: &str) -> Vec<String> {
    let say = |text: &str| format!("{text}{words}");
    town.operator().sets_everything_up(&[&say(TITLE)]);
    town.account("PUT", "", Some(json!({"name": say("Acme"), "ats_enabled": true}))).fine();
    let (posting, key) = town.vendors(|vendors| {
        vendors.qualified().add_assessment(&say("Draft"), false);
        vendors.lever().add_stage(&say("Screen"));
        let posting = vendors.lever().add_posting(NewPosting::titled(&say("Engineer")).tag(&say(TITLE)));
        (posting, vendors.bamboohr().make_api_key())
    });
    town.operator().add_trigger_stage(&say("Screen"));
    town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": key}))).fine();
    let (job, status) = town.vendors(|vendors| {
        let mut desk = vendors.bamboohr();
        let job = desk.add_job(&say("Backend"), JobStatus::Open);
        desk.set_location(job, &say("Ghent"), &say("East")).expect("the job exists");
        (job, desk.add_status(&say("Send")))
    });
    let mapping = format!("/bamboohr/assessments/{}", town.assessment(&say(TITLE)));
    town.account("PUT", &mapping, Some(json!({"job_id": job, "send_status": status}))).fine();

    let named = |name: &str| NewOpportunity::named(&say(name));
    let candidates = [
        named("Nia Brooks").tag(&say(TITLE)),
        named("Max Draft").tag(&say("Draft")),
        named("Ona Near").tag(&say(TITLE).to_lowercase()).email("not an address"),
        named("Jo Job").email("jo@example.com").posting(&posting),
    ];
    let candidates: Vec<_> = candidates
        .into_iter()
        .map(|new| {
            let candidate = town.recruiter().adds_with("", new);
            town.recruiter().moves(&candidate, &say("Screen"));
            candidate.opportunity
        })
        .collect();
    town.vendors(|vendors| {
        let mut desk = vendors.bamboohr();
        let new = NewApplication::named(&say("Ines"), &say("Okoro"), job).email("ines@example.com");
        let application = desk.add_application(new).expect("BambooHR lets them");
        desk.set_status(application, status).expect("BambooHR lets them");
    });
    town.deliver();
    town.sync_until_quiet();
    town.call("GET", &format!("/api/accounts/{ACCOUNT}"), None).fine();
    candidates
}
