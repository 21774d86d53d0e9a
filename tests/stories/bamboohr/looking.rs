//! Looking who was given a status: BambooHR's pages, what it hides, and when it does not want to be asked.

use http::Method;
use sandbox::bamboohr::{JobStatus, NextPage};
use sandbox::{Effect, Rule, Vendor};
use serde_json::json;

use super::office::{Office, desk, mapping, quarter_of_an_hour, sets, status};
use crate::support::{ACCOUNT, Town, story};

story!(every_page_is_read_whatever_the_next_one_is_called, |town| {
    let office = Office::works(town);
    let mut expected = Vec::new();
    for (form, name) in [(NextPage::Company, "Ada"), (NextPage::Gateway, "Bo"), (NextPage::Hostless, "Cy")] {
        desk(town, |desk| {
            desk.settings().page_size = 2;
            desk.settings().next_page = form;
        });
        for last in ["One", "Two", "Three", "Four", "Five"] {
            let who = office.applies(town, &format!("{name} {last}"));
            sets(town, &who, office.send);
            expected.push(who.email());
        }
        quarter_of_an_hour(town);
    }
    town.sync_until_quiet();
    let mut mails = town.mails();
    mails.sort();
    expected.sort();
    assert_eq!(mails, expected);
});

story!(a_sync_with_nothing_new_reads_no_application, |town| {
    let office = Office::works(town);
    for number in 0..5 {
        office.invites(town, &format!("Person N{number}"));
    }
    town.sync_until_quiet();
    town.watch();
    town.advance(15);
    town.sync();
    assert_eq!(town.calls(Vendor::BambooHr), 3, "statuses, jobs, one page: {:#?}", town.operations());
    assert_eq!(town.vendor_writes(), [""; 0]);
});

story!(rows_that_are_hidden_by_default_are_found, |town| {
    let office = Office::opens(town);
    desk(town, |desk| desk.set_job_status(office.job, JobStatus::Draft)).expect("the job exists");
    let mut expected = Vec::new();
    // Not a Fit is among the inactive statuses, Hired among none that are shown by default.
    for (status, name) in [(10, "Nora Fit"), (15, "Hira Ed")] {
        let mut choices = office.choices();
        choices["send_status"] = json!(status);
        town.account("PUT", &mapping(town), Some(choices)).fine();
        let who = office.applies(town, name);
        sets(town, &who, status);
        quarter_of_an_hour(town);
        expected.push(who.email());
        assert_eq!(town.mails(), expected);
    }
});

story!(bamboohr_is_left_alone_for_as_long_as_it_asks, |town| {
    let office = Office::works(town);
    let check_now = || town.call("POST", &format!("/sync?account={ACCOUNT}"), None).expect(200);
    let slow = [Effect::Throttled { retry_after: Some(1800) }, Effect::Unavailable { retry_after: Some(1800) }];
    for (effect, name) in slow.into_iter().zip(["Ada Okafor", "Bo Lind"]) {
        let who = office.applies(town, name);
        sets(town, &who, office.send);
        town.vendors(|vendors| {
            vendors.faults().add(Rule::at(Vendor::BambooHr, effect.clone()).ending("/applications"))
        });
        quarter_of_an_hour(town);
        town.watch();
        town.advance(20);
        check_now();
        assert_eq!(town.calls(Vendor::BambooHr), 0, "{effect:?}: {:#?}", town.operations());
        assert_eq!(town.candidate(&who).invitations(), 0);
        town.advance(11);
        check_now();
        assert_eq!(town.candidate(&who).invitations(), 1, "{effect:?}: {:#?}", town.activity());

        // A write is put off for as long.
        let rule = Rule::at(Vendor::BambooHr, effect.clone()).on(Method::POST);
        town.vendors(|vendors| vendors.faults().add(rule));
        town.candidate(&who).starts();
        town.deliver_well();
        town.watch();
        town.advance(20);
        check_now();
        assert_eq!(town.vendor_writes(), [""; 0], "{effect:?}");
        town.advance(11);
        check_now();
        assert_eq!(status(town, &who), office.started, "{effect:?}");
    }
});

story!(an_applicant_who_vanishes_between_list_and_look_is_told, |town| {
    let office = Office::works(town);
    let ada = office.applies(town, "Ada Okafor");
    let id = &ada.opportunity;
    let look = Rule::at(Vendor::BambooHr, Effect::ServerError).on(Method::GET).ending(&format!("/applications/{id}"));
    town.vendors(|vendors| vendors.faults().add(look.always()));
    sets(town, &ada, office.send);
    quarter_of_an_hour(town);
    town.vendors(|vendors| vendors.faults().clear());
    desk(town, |desk| desk.delete_application(id.parse().expect("a number"))).expect("it exists");
    town.sync_until_quiet();
    assert!(town.mails().is_empty());
    let told =
        town.activity().iter().any(|line| line["summary"].as_str().unwrap_or_default().contains("no longer exists"));
    assert!(told, "{:#?}", town.activity());
});

story!(a_long_list_is_read_in_pieces_and_nobody_is_missed, |town| {
    let office = Office::opens(town);
    let early: Vec<_> = (0..450)
        .map(|number| {
            let who = office.applies(town, &format!("Early N{number}"));
            desk(town, |desk| desk.set_status(who.opportunity.parse().expect("a number"), office.send))
                .expect("it exists");
            who
        })
        .collect();
    office.map(town);
    for _ in 0..6 {
        quarter_of_an_hour(town);
    }
    // Nothing new: the page of those changed last, and no other.
    town.watch();
    quarter_of_an_hour(town);
    assert_eq!(town.calls(Vendor::BambooHr), 3, "{:#?}", town.operations());

    // Somebody new is found at once, wherever they are in the list.
    let ada = office.invites(town, "Ada Okafor");
    assert_eq!(town.mails(), [ada.email()]);

    // Who left is noticed when the whole list was read, so coming back means something again.
    sets(town, &early[7], 1);
    for _ in 0..6 {
        quarter_of_an_hour(town);
    }
    sets(town, &early[7], office.send);
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [ada.email(), early[7].email()]);
});

story!(many_mappings_cost_no_more_calls_than_one, |town| {
    let office = Office::works(town);
    let sql = town.vendors(|vendors| vendors.qualified().add_assessment(crate::SQL, true));
    let (job, send) = desk(town, |desk| (desk.add_job("Analyst", JobStatus::Open), desk.add_status("Send SQL")));
    let mut choices = office.choices();
    choices["job_id"] = json!(job);
    choices["send_status"] = json!(send);
    town.account("PUT", &format!("/bamboohr/assessments/{sql}"), Some(choices)).fine();
    town.sync_until_quiet();
    town.watch();
    quarter_of_an_hour(town);
    assert_eq!(town.calls(Vendor::BambooHr), 3, "{:#?}", town.operations());

    let ada = office.applies(town, "Ada Okafor");
    sets(town, &ada, send);
    quarter_of_an_hour(town);
    assert!(town.mails().is_empty(), "the status is another opening's");
    let bo = Office { job, ..office }.applies(town, "Bo Lind");
    sets(town, &bo, send);
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [bo.email()]);
});

/// Ten openings with five applicants each, all with the sending status: ten pages of five.
fn ten_openings(town: &Town) -> (Office, Vec<i64>) {
    let office = Office::opens(town);
    desk(town, |desk| desk.settings().page_size = 5);
    let jobs: Vec<i64> =
        (0..10).map(|number| desk(town, |desk| desk.add_job(&format!("Opening {number}"), JobStatus::Open))).collect();
    for (number, job) in jobs.iter().enumerate() {
        for place in 0..5 {
            let office = Office { job: *job, key: String::new(), ..office };
            let who = office.applies(town, &format!("Early N{number}x{place}"));
            desk(town, |desk| desk.set_status(who.opportunity.parse().expect("a number"), office.send))
                .expect("it exists");
        }
        let title = format!("Assessment {number}");
        let assessment = town.vendors(|vendors| vendors.qualified().add_assessment(&title, true));
        let mut choices = office.choices();
        choices["job_id"] = json!(job);
        town.account("PUT", &format!("/bamboohr/assessments/{assessment}"), Some(choices)).fine();
    }
    for _ in 0..6 {
        quarter_of_an_hour(town);
    }
    (office, jobs)
}

story!(many_short_mappings_make_one_long_list, |town| {
    let (office, jobs) = ten_openings(town);
    // Nobody is new: statuses, jobs, and the page of those changed last.
    town.watch();
    quarter_of_an_hour(town);
    assert_eq!(town.calls(Vendor::BambooHr), 3, "{:#?}", town.operations());

    // Whenever somebody is, the next look finds them, also while the whole list is being read.
    let mut expected = Vec::new();
    for (place, job) in jobs.iter().enumerate() {
        let office = Office { job: *job, key: String::new(), ..office };
        let who = office.invites(town, &format!("New N{place}"));
        expected.push(who.email());
        assert_eq!(town.mails(), expected, "at look {place}");
    }
});

story!(more_news_than_a_look_reads_is_read_on_at_the_next, |town| {
    let (office, jobs) = ten_openings(town);
    let office = Office { job: jobs[0], ..office };
    // Two looks after the last reading of the whole list, the next is half an hour away.
    let people: Vec<_> = (0..55).map(|number| office.applies(town, &format!("Person N{number}"))).collect();
    for who in &people {
        desk(town, |desk| desk.set_status(who.opportunity.parse().expect("a number"), office.send)).expect("it exists");
    }
    quarter_of_an_hour(town);
    quarter_of_an_hour(town);
    let mut mails = town.mails();
    mails.sort();
    let mut expected: Vec<_> = people.iter().map(|who| who.email()).collect();
    expected.sort();
    assert_eq!(mails, expected);
});

story!(a_list_that_grows_too_long_is_also_read_from_its_other_end, |town| {
    let office = Office::works(town);
    desk(town, |desk| desk.settings().page_size = 5);
    let people: Vec<_> = (0..50).map(|number| office.applies(town, &format!("Person N{number}"))).collect();
    for who in &people {
        desk(town, |desk| desk.set_status(who.opportunity.parse().expect("a number"), office.send)).expect("it exists");
    }
    quarter_of_an_hour(town);
    assert_eq!(town.mails().len(), 50, "ten pages, eight at a time, from both ends");
});

story!(who_is_given_the_status_again_revives_work_that_was_given_up, |town| {
    let office = Office::works(town);
    let ada = office.applies(town, "Ada Okafor");
    let elsewhere = Effect::MovedTo("https://elsewhere.example.com".to_owned());
    let look = Rule::at(Vendor::BambooHr, elsewhere).ending(&format!("/applications/{}", ada.opportunity));
    town.vendors(|vendors| vendors.faults().add(look));
    sets(town, &ada, office.send);
    assert_eq!(quarter_of_an_hour(town)["failed"], json!(1), "{:#?}", town.activity());
    sets(town, &ada, 1);
    quarter_of_an_hour(town);
    sets(town, &ada, office.send);
    assert_eq!(quarter_of_an_hour(town)["failed"], json!(0));
    assert_eq!(town.mails(), [ada.email()]);
});

story!(who_waited_for_settings_to_be_mended_is_invited_then, |town| {
    let office = Office::works(town);
    let ada = office.applies(town, "Ada Okafor");
    let slow = Rule::at(Vendor::BambooHr, Effect::Throttled { retry_after: Some(1000) });
    town.vendors(|vendors| vendors.faults().add(slow.ending(&format!("/applications/{}", ada.opportunity))));
    sets(town, &ada, office.send);
    quarter_of_an_hour(town);
    desk(town, |desk| desk.set_status_enabled(office.send, false)).expect("the status exists");
    for _ in 0..3 {
        town.watch();
        assert_eq!(quarter_of_an_hour(town)["pending"], json!(1), "{:#?}", town.activity());
    }
    assert_eq!(town.calls(Vendor::BambooHr), 2, "statuses and jobs: who waits is not asked about");
    assert!(town.reason(&ada).contains("It waits until that is mended"), "{}", town.reason(&ada));
    assert!(town.mails().is_empty());
    desk(town, |desk| desk.set_status_enabled(office.send, true)).expect("the status exists");
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [ada.email()]);
});

story!(an_invitation_that_surely_was_not_sent_is_decided_anew, |town| {
    let office = Office::works(town);
    let slow = |vendors: &mut sandbox::Sandbox| {
        let effect = Effect::Throttled { retry_after: Some(600) };
        vendors.faults().add(Rule::at(Vendor::Qualified, effect).on(Method::POST).ending("/invite_candidates"));
    };
    town.vendors(slow);
    let ada = office.invites(town, "Ada Okafor");
    sets(town, &ada, 1);
    quarter_of_an_hour(town);
    assert!(town.mails().is_empty(), "the recruiter took the status away");
    assert!(town.reason(&ada).contains("ask for no assessment now"), "{}", town.reason(&ada));

    town.vendors(slow);
    let bo = office.invites(town, "Bo Lind");
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [bo.email()]);
});
