//! What the candidate does shows in Lever: the tag walks on, the result arrives as a note.

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;

use crate::RUST;
use crate::support::{Candidate, Town, story};

/// Everything set up, and one candidate invited.
fn invited(town: &mut Town) -> Candidate {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
    ada
}

story!(tags_walk_from_invited_to_submitted_and_the_result_arrives_as_a_note, |town| {
    let ada = invited(town);
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Started")]);
    assert!(town.notes(&ada).is_empty());

    town.candidate(&ada).submits(86.66);
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
    let notes = town.notes(&ada);
    assert_eq!(notes.len(), 1, "{notes:#?}");
    let mut lines = notes[0].lines();
    assert_eq!(lines.next(), Some(RUST));
    assert_eq!(lines.next(), Some("Score: 86.7 / 100 (passed)"));
    assert!(notes[0].contains("Ring buffer"), "{}", notes[0]);

    town.sync_until_quiet();
    assert_eq!(town.notes(&ada).len(), 1);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
});

story!(the_note_waits_for_the_score, |town| {
    let ada = invited(town);
    town.vendors(|vendors| vendors.qualified().settings().scoring = SignedDuration::from_mins(5));
    town.vendors(|vendors| vendors.qualified().settings().score_race = true);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(91.0);
    town.deliver_well();
    assert!(town.notes(&ada).is_empty(), "there is no score yet: {:?}", town.notes(&ada));
    town.sync_until_quiet();
    let notes = town.notes(&ada);
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert!(notes[0].contains("Score: 91 / 100 (passed)"), "{}", notes[0]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
});

story!(approved_and_rejected_become_tags, |town| {
    let ada = invited(town);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(91.0);
    town.reviewer().approves(&ada);
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Approved")]);

    town.reviewer().rejects(&ada);
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Rejected")], "the later decision replaces the earlier");
    assert_eq!(town.notes(&ada).len(), 1);
});

story!(events_in_any_order_never_go_backwards, |town| {
    let ada = invited(town);
    town.vendors(|vendors| {
        vendors.qualified_webhooks().reorder = true;
        vendors.qualified_webhooks().duplicate = true;
    });
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(55.0);
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
    assert_eq!(town.notes(&ada).len(), 1, "{:#?}", town.notes(&ada));
});

story!(tags_of_others_stay, |town| {
    let ada = invited(town);
    town.recruiter().tags(&ada, &format!("{RUST} - Outstanding"));
    town.recruiter().tags(&ada, "relocates");
    town.candidate(&ada).starts();
    town.deliver_well();
    let mut tags = town.tags(&ada);
    tags.sort();
    assert_eq!(tags, [format!("{RUST} - Outstanding"), format!("{RUST} - Started"), "relocates".to_owned()]);
});

story!(a_retake_brings_a_note_of_its_own, |town| {
    let ada = invited(town);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(40.0);
    town.deliver_well();
    let assessment = town.assessment(RUST);
    let first = town.candidate(&ada).result(&assessment);
    town.vendors(|vendors| vendors.qualified().retake(&first)).expect("Qualified lets them");
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(80.0);
    town.deliver();
    town.sync_until_quiet();
    let notes = town.notes(&ada);
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert!(notes[0].contains("Score: 40 / 100") && notes[1].contains("Score: 80 / 100"), "{notes:#?}");
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
});

story!(a_title_changed_half_way_loses_nothing, |town| {
    let ada = invited(town);
    let assessment = town.assessment(RUST);
    town.vendors(|vendors| vendors.qualified().rename(&assessment, "Rust, revised")).expect("Qualified lets them");
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(77.0);
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.notes(&ada).len(), 1);
    let tags = town.tags(&ada);
    assert_eq!(tags, [format!("{RUST} - Submitted")], "one tag shows the progress, under the title of the invitation");
    assert_eq!(town.mails(), [ada.email()]);
});

story!(an_assessment_unpublished_half_way_goes_on_for_the_invited, |town| {
    let ada = invited(town);
    let assessment = town.assessment(RUST);
    town.vendors(|vendors| vendors.qualified().unpublish(&assessment)).expect("Qualified lets them");
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(77.0);
    town.deliver_well();
    assert_eq!(town.notes(&ada).len(), 1);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
});

story!(a_reopened_result_starts_again_and_its_second_note_follows, |town| {
    let ada = invited(town);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(40.0);
    town.deliver_well();
    let result = town.candidate(&ada).result(&town.assessment(RUST));
    town.vendors(|vendors| vendors.qualified().reopen(&result)).expect("Qualified lets them");
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Started")]);
    town.candidate(&ada).submits(80.0);
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
    let notes = town.notes(&ada);
    assert_eq!(notes.len(), 2, "{notes:#?}");
    assert!(notes[1].contains("Score: 80 / 100"), "{notes:#?}");
});

story!(the_note_links_to_the_report_where_the_plan_has_one, |town| {
    let ada = invited(town);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(91.0);
    town.deliver_well();
    let with = town.notes(&ada);
    assert!(with[0].contains("Report: https://"), "{}", with[0]);

    town.vendors(|vendors| vendors.qualified().settings().share = false);
    let bruno = town.recruiter().adds_tagged("Bruno Castellanos", RUST);
    town.recruiter().moves(&bruno, "Coding test");
    town.deliver_well();
    town.candidate(&bruno).starts();
    town.candidate(&bruno).submits(91.0);
    town.deliver_well();
    let without = town.notes(&bruno);
    assert_eq!(without.len(), 1);
    assert!(!without[0].contains("Report:"), "{}", without[0]);
});

fn keep_the_tag(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let body = r#"{"code":"BadRequest","message":"The tag belongs to the posting"}"#;
    let answer = || Response::builder().status(400).header("content-type", "application/json").body(body.into());
    request.uri().path().ends_with("/removeTags").then(|| answer().expect("an answer"))
}

story!(a_tag_that_lever_does_not_let_go_keeps_nothing_back, |town| {
    let ada = invited(town);
    town.outside().stand_in = Some(keep_the_tag);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(91.0);
    town.deliver_well();
    assert_eq!(town.notes(&ada).len(), 1);
    assert!(town.tags(&ada).contains(&format!("{RUST} - Submitted")), "{:?}", town.tags(&ada));
    let told = town.activity().into_iter().any(|line| line.to_string().contains("remove the old tags"));
    assert!(told, "{:#?}", town.activity());
});
