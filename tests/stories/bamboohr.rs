//! BambooHR: a status invites, statuses and a comment show what became of it, and every quarter of an hour somebody looks.

use sandbox::bamboohr::{JobStatus, NewApplication};
use serde_json::json;

use crate::RUST;
use crate::support::{ACCOUNT, Candidate, Town, story};
use office::{Office, check, comments, desk, mapping, quarter_of_an_hour, sets, status};

mod company;
pub(crate) mod connection;
mod faults;
mod looking;
pub(crate) mod office;
mod overlap;

story!(the_first_sync_invites_nobody_who_was_there_before, |town| {
    let office = Office::opens(town);
    let early = office.applies(town, "Early Bird");
    sets(town, &early, office.send);
    office.map(town);
    quarter_of_an_hour(town);
    quarter_of_an_hour(town);
    assert!(town.mails().is_empty(), "{:#?}", town.activity());

    // Much later a recruiter means it.
    town.advance(60);
    sets(town, &early, 1);
    quarter_of_an_hour(town);
    sets(town, &early, office.send);
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [early.email()]);
});

story!(newly_assigned_is_invited_within_one_sync, |town| {
    let office = Office::works(town);
    let ada = office.applies(town, "Ada Okafor");
    sets(town, &ada, office.send);
    let report = quarter_of_an_hour(town);
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!((&report["invited"], &report["healed"]), (&json!(1), &json!(0)));
    assert!(town.reason(&ada).contains("Ada Okafor"), "{}", town.reason(&ada));
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(status(town, &ada), office.send, "there is no status for Invited");
});

story!(statuses_and_a_comment_show_the_progress_at_once, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(status(town, &ada), office.started);
    town.candidate(&ada).submits(86.7);
    town.deliver_well();
    assert_eq!(status(town, &ada), office.submitted);
    let said = comments(town, &ada);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].starts_with(RUST) && said[0].contains("86.7"), "{said:#?}");
    town.reviewer().approves(&ada);
    town.deliver_well();
    assert_eq!(status(town, &ada), office.approved);
    town.reviewer().rejects(&ada);
    town.deliver_well();
    assert_eq!(status(town, &ada), office.rejected);
    town.sync_until_quiet();
    assert_eq!(comments(town, &ada).len(), 1);
    assert_eq!(town.mails(), [ada.email()]);
});

story!(a_recruiters_own_move_wins, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    let interview = 5;
    sets(town, &ada, interview);
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(status(town, &ada), interview);
    assert_eq!(comments(town, &ada).len(), 1, "a comment tells what the status does not");
    let told = town.activity().iter().any(|line| line.to_string().contains("left as it is"));
    assert!(told, "{:#?}", town.activity());
    town.candidate(&ada).submits(70.0);
    town.deliver_well();
    assert_eq!(status(town, &ada), interview);
    assert_eq!(comments(town, &ada).len(), 2);
    town.sync_until_quiet();
    assert_eq!(comments(town, &ada).len(), 2);
});

story!(events_out_of_order_never_set_a_status_back, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    town.candidate(&ada).starts();
    let started = town.due();
    town.candidate(&ada).submits(70.0);
    let submitted = town.due();
    for (id, request) in submitted.into_iter().chain(started) {
        let answer = town.request(request);
        town.answered(id, answer.as_ref());
    }
    assert_eq!(status(town, &ada), office.submitted);
    town.sync_until_quiet();
    assert_eq!(status(town, &ada), office.submitted);
    assert_eq!(comments(town, &ada).len(), 1);
});

story!(a_status_set_again_on_purpose_invites_nobody_twice, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    sets(town, &ada, 1);
    quarter_of_an_hour(town);
    sets(town, &ada, office.send);
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [ada.email()]);
    assert!(town.reason(&ada).contains("never sent twice"), "{}", town.reason(&ada));
});

story!(one_person_may_apply_twice_and_gets_one_mail, |town| {
    let office = Office::works(town);
    let one = office.applies(town, "Ada Okafor");
    let two = office.applies_as(town, "Ada Okafor", " ADA.Okafor@Example.com");
    sets(town, &one, office.send);
    sets(town, &two, office.send);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [one.email()]);
    town.candidate(&one).starts();
    town.sync_until_quiet();
    assert_eq!([status(town, &one), status(town, &two)], [office.started, office.started]);
});

story!(a_decision_is_told_to_both_applications_of_a_person, |town| {
    let office = Office::works(town);
    let one = office.invites(town, "Ada Okafor");
    let two = office.invites(town, "Ada Okafor");
    let both = |town: &Town| [status(town, &one), status(town, &two)];
    town.reviewer().approves(&one);
    town.sync_until_quiet();
    assert_eq!(both(town), [office.approved, office.approved]);
    // Also when only the sync finds it.
    town.vendors(|vendors| vendors.qualified_webhooks().drop = true);
    town.reviewer().rejects(&one);
    town.sync_until_quiet();
    assert_eq!(both(town), [office.rejected, office.rejected]);
});

story!(events_find_an_application_by_its_address_however_it_is_typed, |town| {
    let office = Office::works(town);
    let ada = office.applies_as(town, "Ada Okafor", "  ADA.Okafor@Example.COM ");
    sets(town, &ada, office.send);
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), ["ADA.Okafor@Example.COM"]);
    // Only the address leads to her.
    let by_id = |key: &str| key.starts_with("match/acme/result/") || key.starts_with("match/acme/candidate/");
    town.outside().records.retain(|key, _| !by_id(key));
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(status(town, &ada), office.started);
});

story!(an_applicant_without_an_address_is_explained, |town| {
    let office = Office::works(town);
    let new = NewApplication::named("Mute", "Swan", office.job).without_email().status(office.send);
    let id = desk(town, |desk| desk.add_application(new)).expect("BambooHR lets them");
    quarter_of_an_hour(town);
    let swan = Candidate { name: "Mute Swan".to_owned(), opportunity: id.to_string() };
    assert!(town.mails().is_empty());
    assert!(town.reason(&swan).contains("no e-mail address"), "{}", town.reason(&swan));
});

story!(a_disabled_status_is_flagged_and_sends_nothing_meanwhile, |town| {
    let office = Office::works(town);
    assert_eq!(check(town, "bamboohr-mappings").0, Some(true));
    desk(town, |desk| desk.set_status_enabled(office.send, false)).expect("the status exists");
    let ada = office.invites(town, "Ada Okafor");
    assert!(town.mails().is_empty());
    let (ok, detail) = check(town, "bamboohr-mappings");
    assert!(ok == Some(false) && detail.contains("disabled"), "{detail}");

    desk(town, |desk| desk.set_status_enabled(office.send, true)).expect("the status exists");
    quarter_of_an_hour(town);
    assert_eq!(check(town, "bamboohr-mappings").0, Some(true));
    assert_eq!(town.mails(), [ada.email()], "nobody is lost meanwhile");
});

story!(a_deleted_status_is_flagged_until_another_is_chosen, |town| {
    let office = Office::works(town);
    desk(town, |desk| desk.delete_status(office.started)).expect("the status exists");
    let ada = office.invites(town, "Ada Okafor");
    assert!(town.mails().is_empty());
    let (ok, detail) = check(town, "bamboohr-mappings");
    assert!(ok == Some(false) && detail.contains(RUST) && detail.contains("no longer has the status"), "{detail}");
    let told =
        |what: &str| town.activity().iter().any(|line| line["summary"].as_str().unwrap_or_default().contains(what));
    assert!(told(&format!("Nothing is sent for \"{RUST}\"")), "{:#?}", town.activity());

    let mut choices = office.choices();
    choices["on_started"] = json!(null);
    town.account("PUT", &mapping(town), Some(choices)).fine();
    quarter_of_an_hour(town);
    assert_eq!(check(town, "bamboohr-mappings").0, Some(true));
    assert_eq!(town.mails(), [ada.email()], "nobody is lost meanwhile");
});

story!(only_a_published_assessment_acts, |town| {
    let office = Office::works(town);
    let assessment = town.assessment(RUST);
    let in_qualified = |act: fn(&mut sandbox::qualified::Desk<'_>, &str) -> Result<(), sandbox::Refused>| {
        town.vendors(|vendors| act(&mut vendors.qualified(), &assessment)).expect("Qualified lets them");
    };
    // The catalogue is a minute old: only the refusal tells.
    in_qualified(|desk, id| desk.archive(id));
    let ada = office.applies(town, "Ada Okafor");
    sets(town, &ada, office.send);
    town.call("POST", &format!("/sync?account={ACCOUNT}"), None).expect(200);
    assert!(town.mails().is_empty());
    assert!(town.reason(&ada).contains("is archived in Qualified"), "{}", town.reason(&ada));
    in_qualified(|desk, id| desk.unpublish(id));
    let bo = office.invites(town, "Bo Lind");
    assert!(town.reason(&bo).contains("is still a draft"), "{}", town.reason(&bo));

    in_qualified(|desk, id| desk.publish(id));
    town.advance(1);
    town.operator().replays(&ada);
    assert_eq!(town.mails(), [ada.email()]);
});

story!(without_a_sending_status_nobody_is_invited, |town| {
    let office = Office::opens(town);
    let mut choices = office.choices();
    choices["send_status"] = json!(null);
    town.account("PUT", &mapping(town), Some(choices)).fine();
    office.invites(town, "Ada Okafor");
    quarter_of_an_hour(town);
    assert!(town.mails().is_empty());
    assert_eq!(check(town, "bamboohr-mappings").0, Some(true));
});

story!(a_closed_job_opening_is_flagged_and_progress_still_shows, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    desk(town, |desk| desk.set_job_status(office.job, JobStatus::Filled)).expect("the job exists");
    let late = office.invites(town, "Late Comer");
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.candidate(&late).invitations(), 0);
    assert_eq!(check(town, "bamboohr-mappings").0, Some(false));
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(status(town, &ada), office.started);
});
