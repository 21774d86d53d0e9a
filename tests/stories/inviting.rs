//! A move into a trigger stage invites, once and for ever.

use http::Method;
use sandbox::lever::{NewOpportunity, NewPosting};
use sandbox::{Effect, Rule, Vendor};

use crate::support::{Town, story};
use crate::{RUST, SQL};

story!(stage_change_invites_candidate_once, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    assert_eq!(town.deliver_well(), 1);

    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
    let person = town.vendors(|vendors| vendors.qualified().candidate(&ada.email()).cloned()).expect("invited");
    assert_eq!(person.first_name.as_deref(), Some("Ada"));
    assert_eq!(person.last_name.as_deref(), Some("Okafor"));
    let activity = town.activity();
    let line = activity.iter().find(|line| line["outcome"] == "invited").expect("a line");
    assert_eq!(line["subject"], ada.opportunity.as_str());
    assert!(line["summary"].as_str().is_some_and(|summary| summary.contains(RUST)), "{line}");

    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
});

story!(tag_on_job_invites_too, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let job = NewPosting::titled("Backend Engineer").tag(RUST);
    let job = town.vendors(|vendors| vendors.lever().add_posting(job));
    let ada = town.recruiter().adds_with("Ada Okafor", NewOpportunity::named("Ada Okafor").posting(&job));
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [ada.email()]);
    assert!(town.tags(&ada).contains(&format!("{RUST} - Invited")), "{:?}", town.tags(&ada));
});

story!(two_tags_invite_to_two_assessments, |town| {
    town.operator().sets_everything_up(&[SQL, RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", SQL);
    town.recruiter().tags(&ada, RUST);
    town.recruiter().tags(&ada, "relocates");
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [ada.email(), ada.email()]);
    let mut tags = town.tags(&ada);
    tags.sort();
    assert_eq!(tags, [format!("{RUST} - Invited"), format!("{SQL} - Invited"), "relocates".to_owned()]);
    let titles = town.vendors(|vendors| {
        let qualified = vendors.qualified();
        let of = |id: &str| qualified.assessments().iter().find(|it| it.id == id).map(|it| it.title.clone());
        qualified.mails().iter().filter_map(|mail| of(&mail.assessment_id)).collect::<Vec<_>>()
    });
    assert_eq!(titles, [RUST, SQL], "in the order of the titles");
});

story!(candidates_already_in_stage_are_skipped, |town| {
    let stage = town.vendors(|vendors| vendors.lever().stage("Coding test")).expect("the stage exists");
    let early = NewOpportunity::named("Early Bird").stage(&stage).tag(RUST);
    let early = town.recruiter().adds_with("Early Bird", early);
    town.advance(1);
    town.operator().sets_everything_up(&[RUST]);
    town.deliver();
    town.sync_until_quiet();
    assert!(town.mails().is_empty(), "whoever was in the stage before is not invited");
    assert_eq!(town.tags(&early), [RUST]);
});

story!(candidate_coming_back_is_not_invited_again, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    for stage in ["Coding test", "Recruiter screen", "Coding test"] {
        town.recruiter().moves(&ada, stage);
        town.deliver_well();
    }
    // The recruiter thinks that the tag is what counts.
    town.recruiter().tags(&ada, RUST);
    town.recruiter().moves(&ada, "Recruiter screen");
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
});

story!(a_late_delivery_about_a_stage_already_left_invites_nobody, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.recruiter().moves(&ada, "Offer");
    town.deliver_well();
    assert!(town.mails().is_empty(), "the real stage decides, not the delivery");
    assert_eq!(town.tags(&ada), [RUST]);
});

story!(candidates_without_a_matching_tag_are_left_alone, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", "relocates");
    town.recruiter().moves(&ada, "Coding test");
    town.watch();
    town.deliver_well();
    assert_eq!(town.vendor_writes(), [""; 0]);
    assert_eq!(town.tags(&ada), ["relocates"]);
});

story!(deadline_and_reminder_count_from_the_invitation, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let stage = town.operator().stage("Coding test");
    let days = Some(serde_json::json!({"deadline_days": 7, "reminder_days": 5}));
    town.account("PUT", &format!("/lever/trigger-stages/{stage}"), days).fine();
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    // The invitation goes out at 9:01, a minute after the candidate was moved.
    let sent = town.vendors(|vendors| {
        let bodies = vendors.requests().filter(|call| call.path.ends_with("/invite_candidates"));
        bodies.map(|call| String::from_utf8_lossy(&call.body).into_owned()).next_back().expect("an invitation")
    });
    assert!(sent.contains(r#""expires_at":"2026-03-09T09:01:00.000Z""#), "{sent}");
    assert!(sent.contains(r#""reminder_at":"2026-03-07T09:01:00.000Z""#), "{sent}");
});

story!(one_person_with_two_candidacies_gets_one_mail_and_both_show_it, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let first = town.recruiter().adds_tagged("Ada Okafor", RUST);
    let second = town.recruiter().adds_tagged("Ada Okafor", RUST);
    for who in [&first, &second] {
        town.recruiter().moves(who, "Coding test");
        town.deliver_well();
    }
    assert_eq!(town.mails(), [first.email()]);
    town.candidate(&first).starts();
    town.candidate(&first).submits(80.0);
    town.deliver_well();
    town.sync_until_quiet();
    for who in [&first, &second] {
        assert_eq!(town.tags(who), [format!("{RUST} - Submitted")]);
        assert_eq!(town.notes(who).len(), 1);
    }
});

story!(who_was_moved_on_before_the_invitation_could_be_sent_is_not_invited, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let meets = |name: &str, effect: Effect| {
        let rule = Rule::at(Vendor::Qualified, effect).on(Method::POST).ending("/invite_candidates");
        town.vendors(|vendors| vendors.faults().add(rule));
        let who = town.recruiter().adds_tagged(name, RUST);
        town.recruiter().moves(&who, "Coding test");
        town.deliver_well();
        town.recruiter().moves(&who, "Offer");
        town.sync_until_quiet();
        who
    };
    meets("Ada Okafor", Effect::Throttled { retry_after: Some(600) });
    assert!(town.mails().is_empty(), "{:?}", town.mails());
    // Where it may have been sent, it stays decided: its events have to be heard.
    let bruno = meets("Bruno Castellanos", Effect::NoAnswer { applied: true });
    assert_eq!(town.mails(), [bruno.email()]);
    assert!(town.tags(&bruno).contains(&format!("{RUST} - Invited")), "{:?}", town.tags(&bruno));
});
