//! When nobody is invited, the activity says why in words that help.

use bytes::Bytes;
use http::{Request, Response};
use sandbox::lever::NewOpportunity;

use crate::support::{Candidate, Town, story};
use crate::{RUST, SQL};

/// Moves a candidate with this tag into the trigger stage; nobody may be invited.
fn in_vain(town: &mut Town, tag: &str) -> Candidate {
    let ada = town.recruiter().adds_tagged("Ada Okafor", tag);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert!(town.mails().is_empty(), "{:?}", town.mails());
    assert_eq!(town.tags(&ada), [tag]);
    ada
}

fn says(line: &str, words: &[&str]) {
    for word in words {
        assert!(line.to_lowercase().contains(&word.to_lowercase()), "{word:?} is missing in: {line}");
    }
}

story!(draft_says_why, |town| {
    town.operator().sets_everything_up(&[]);
    town.vendors(|vendors| vendors.qualified().add_assessment(RUST, false));
    let ada = in_vain(town, RUST);
    says(&town.reason(&ada), &["not_invited", RUST, "draft"]);
});

story!(a_draft_published_later_is_sent_on_replay, |town| {
    town.operator().sets_everything_up(&[]);
    let assessment = town.vendors(|vendors| vendors.qualified().add_assessment(RUST, false));
    let ada = in_vain(town, RUST);
    town.vendors(|vendors| vendors.qualified().publish(&assessment)).expect("Qualified lets them");
    town.operator().replays(&ada);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(an_assessment_published_a_moment_ago_is_sent, |town| {
    town.operator().sets_everything_up(&[SQL]);
    let warm = town.recruiter().adds_tagged("Bruno Castellanos", SQL);
    town.recruiter().moves(&warm, "Coding test");
    town.deliver_well();
    town.vendors(|vendors| vendors.qualified().add_assessment(RUST, true));
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [warm.email(), ada.email()]);
});

story!(archived_says_why, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let assessment = town.assessment(RUST);
    town.vendors(|vendors| vendors.qualified().archive(&assessment)).expect("Qualified lets them");
    town.advance(24 * 60);
    let ada = in_vain(town, RUST);
    says(&town.reason(&ada), &["not_invited", "archived"]);
});

story!(archived_a_moment_ago_says_why_too, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let first = town.recruiter().adds_tagged("Early Bird", RUST);
    town.recruiter().moves(&first, "Coding test");
    town.deliver_well();
    let assessment = town.assessment(RUST);
    town.vendors(|vendors| vendors.qualified().archive(&assessment)).expect("Qualified lets them");
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [first.email()]);
    says(&town.reason(&ada), &["not_invited", "is archived in Qualified"]);
});

story!(near_miss_says_which_title_was_meant, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = in_vain(town, "rust: ownership, traits and lifetimes");
    says(&town.reason(&ada), &["not_invited", RUST]);
});

story!(two_assessments_of_one_title_are_refused, |town| {
    town.operator().sets_everything_up(&[RUST, RUST]);
    let ada = in_vain(town, RUST);
    says(&town.reason(&ada), &["not_invited", RUST, "2 published assessments"]);
});

story!(no_email_says_why, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let new = NewOpportunity::named("Emre Yildiz").emails(&[]).tag(RUST);
    let emre = town.recruiter().adds_with("Emre Yildiz", new);
    town.recruiter().moves(&emre, "Coding test");
    town.deliver_well();
    assert!(town.mails().is_empty());
    says(&town.reason(&emre), &["not_invited", "e-mail"]);
});

story!(a_malformed_email_says_why, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let new = NewOpportunity::named("Emre Yildiz").email("emre at example.com").tag(RUST);
    let emre = town.recruiter().adds_with("Emre Yildiz", new);
    town.recruiter().moves(&emre, "Coding test");
    town.deliver_well();
    assert!(town.mails().is_empty());
    says(&town.reason(&emre), &["not_invited", "malformed"]);
});

story!(a_confidential_candidate_says_why, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let new = NewOpportunity::named("Ada Okafor").confidential().tag(RUST);
    let ada = town.recruiter().adds_with("Ada Okafor", new);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    assert!(town.mails().is_empty());
    says(&town.reason(&ada), &["not_invited", "Lever does not let us see the candidate"]);
    assert!(town.health().iter().all(|(_, ok, _)| *ok != Some(false)), "{:#?}", town.health());
});

story!(replay_after_mending, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let new = NewOpportunity::named("Emre Yildiz").emails(&[]).tag(RUST);
    let emre = town.recruiter().adds_with("Emre Yildiz", new);
    town.recruiter().moves(&emre, "Coding test");
    town.deliver_well();
    town.vendors(|vendors| vendors.lever().set_emails(&emre.opportunity, &[&emre.email()])).expect("Lever lets them");
    town.operator().replays(&emre);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [emre.email()]);

    town.operator().replays(&emre);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [emre.email()], "what was done stays done");
});

story!(archived_candidates_are_skipped, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.vendors(|vendors| vendors.lever().archive(&ada.opportunity)).expect("Lever lets them");
    town.deliver_well();
    assert!(town.mails().is_empty());
    says(&town.reason(&ada), &["not_invited", "archived"]);
});

story!(anonymized_candidates_are_skipped, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.vendors(|vendors| vendors.lever().anonymize(&ada.opportunity)).expect("Lever lets them");
    town.deliver_well();
    assert!(town.mails().is_empty());
    says(&town.reason(&ada), &["not_invited"]);
});

story!(an_opportunity_deleted_between_event_and_read_is_told, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.vendors(|vendors| vendors.lever().delete_opportunity(&ada.opportunity)).expect("Lever lets them");
    town.deliver_well();
    town.sync_until_quiet();
    assert!(town.mails().is_empty());
    says(&town.reason(&ada), &[&ada.opportunity]);
});

/// Lever refuses a tag, and says to whom.
fn refuse_the_tag(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let body = r#"{"code":"BadRequestError","message":"Ada Okafor can't be tagged"}"#;
    let refused = Response::builder().status(400).header("content-type", "application/json").body(body.into());
    refused.ok().filter(|_| request.uri().path().ends_with("/addTags"))
}

story!(a_vendors_words_are_for_people_and_not_for_the_log, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.outside().stand_in = Some(refuse_the_tag);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver();
    let reason = town.reason(&ada);
    assert!(reason.contains("Ada Okafor can't be tagged"), "{reason}");
    let log = town.log();
    assert!(log.iter().any(|line| line.contains("Lever: refused (400)")), "{log:?}");
    assert!(!log.iter().any(|line| line.contains("Okafor")), "{log:?}");
});
