//! BambooHR: a status invites, statuses and a comment show what became of it, and every quarter of an hour somebody looks.

use http::Method;
use sandbox::bamboohr::{Desk, JobStatus, NewApplication, NextPage};
use sandbox::{Effect, Rule, Vendor};
use serde_json::{Value, json};

use crate::RUST;
use crate::support::{Candidate, Town, story};

/// The company's opening and the statuses that its administrator made for it.
struct Office {
    key: String,
    job: i64,
    send: i64,
    started: i64,
    submitted: i64,
    approved: i64,
    rejected: i64,
}

impl Office {
    /// The statuses exist, Qualified and BambooHR are connected, nothing is mapped yet.
    #[track_caller]
    fn opens(town: &Town) -> Self {
        town.vendors(|vendors| vendors.qualified().add_assessment(RUST, true));
        town.operator().put_account(true);
        town.operator().connect_qualified();
        let office = desk(town, |desk| {
            let job = desk.add_job("Backend Engineer", JobStatus::Open);
            desk.set_location(job, "Ghent", "East Flanders").expect("the job exists");
            Self {
                key: desk.make_api_key(),
                job,
                send: desk.add_status("Qualified - Send assessment"),
                started: desk.add_status("Qualified - In progress"),
                submitted: desk.add_status("Qualified - Completed"),
                approved: desk.add_status("Qualified - Approved"),
                rejected: desk.add_status("Qualified - Rejected"),
            }
        });
        town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": office.key}))).fine();
        office
    }

    /// The same with the assessment mapped.
    #[track_caller]
    fn works(town: &Town) -> Self {
        let office = Self::opens(town);
        office.map(town);
        office
    }

    #[track_caller]
    fn map(&self, town: &Town) {
        town.account("PUT", &mapping(town), Some(self.choices())).fine();
    }

    fn choices(&self) -> Value {
        json!({
            "job_id": self.job, "send_status": self.send, "on_started": self.started,
            "on_submitted": self.submitted, "on_approved": self.approved, "on_rejected": self.rejected,
        })
    }

    /// Somebody applies.
    fn applies(&self, town: &Town, name: &str) -> Candidate {
        let (first, last) = name.split_once(' ').expect("two names");
        let who = Candidate { name: name.to_owned(), opportunity: String::new() };
        let new = NewApplication::named(first, last, self.job).email(&who.email());
        let id = desk(town, |desk| desk.add_application(new)).expect("BambooHR lets them");
        Candidate { opportunity: id.to_string(), ..who }
    }

    /// Somebody applies and a recruiter gives them the sending status; a sync follows.
    fn invites(&self, town: &Town, name: &str) -> Candidate {
        let who = self.applies(town, name);
        sets(town, &who, self.send);
        quarter_of_an_hour(town);
        who
    }
}

fn desk<T>(town: &Town, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
    town.vendors(|vendors| act(&mut vendors.bamboohr()))
}

fn mapping(town: &Town) -> String {
    format!("/bamboohr/assessments/{}", town.assessment(RUST))
}

fn application(who: &Candidate) -> i64 {
    who.opportunity.parse().expect("an application's number")
}

/// A recruiter sets a status.
#[track_caller]
fn sets(town: &Town, who: &Candidate, status: i64) {
    town.advance(1);
    desk(town, |desk| desk.set_status(application(who), status)).expect("BambooHR lets them");
}

fn status(town: &Town, who: &Candidate) -> i64 {
    desk(town, |desk| desk.application(application(who)).expect("it exists").status)
}

fn comments(town: &Town, who: &Candidate) -> Vec<String> {
    desk(town, |desk| desk.comments(application(who)).iter().map(|comment| comment.text.clone()).collect())
}

fn quarter_of_an_hour(town: &Town) -> Value {
    town.advance(15);
    town.deliver();
    town.sync()
}

fn check(town: &Town, name: &str) -> (Option<bool>, String) {
    let found = town.health().into_iter().find(|(check, ..)| check == name);
    found.map(|(_, ok, detail)| (ok, detail)).unwrap_or_else(|| panic!("no check {name}: {:#?}", town.health()))
}

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

story!(without_any_webhook_the_sync_brings_the_same_end, |town| {
    let office = Office::works(town);
    town.vendors(|vendors| vendors.qualified_webhooks().drop = true);
    let ada = office.invites(town, "Ada Okafor");
    town.candidate(&ada).starts();
    quarter_of_an_hour(town);
    assert_eq!(status(town, &ada), office.started);
    town.candidate(&ada).submits(86.7);
    town.sync_until_quiet();
    assert_eq!(status(town, &ada), office.submitted);
    assert_eq!(comments(town, &ada).len(), 1);
    town.reviewer().rejects(&ada);
    town.sync_until_quiet();
    assert_eq!(status(town, &ada), office.rejected);
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
    let (one, two) = (office.applies(town, "Ada Okafor"), office.applies(town, "Ada Okafor"));
    sets(town, &one, office.send);
    sets(town, &two, office.send);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [one.email()]);
    town.candidate(&one).starts();
    town.sync_until_quiet();
    assert_eq!([status(town, &one), status(town, &two)], [office.started, office.started]);
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

story!(a_key_revoked_half_way_loses_nothing, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    desk(town, |desk| desk.revoke_api_key(&office.key)).expect("the key exists");
    town.candidate(&ada).starts();
    town.deliver_well();
    quarter_of_an_hour(town);
    let (ok, detail) = check(town, "bamboohr-credentials");
    assert!(ok == Some(false) && detail.to_lowercase().contains("reconnect"), "{detail}");
    assert_eq!(town.account("GET", "", None).json()["bamboohr"]["connected"], json!(true));

    let key = desk(town, |desk| desk.make_api_key());
    town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": key}))).fine();
    town.sync_until_quiet();
    assert_eq!(check(town, "bamboohr-credentials").0, Some(true));
    assert_eq!(status(town, &ada), office.started);
});

story!(a_lost_answer_doubles_neither_status_nor_comment, |town| {
    let office = Office::works(town);
    let effects = [
        ("Ada Lost", Effect::NoAnswer { applied: true }),
        ("Bo Dead", Effect::NoAnswer { applied: false }),
        ("Cy Half", Effect::Truncated),
        ("Di Page", Effect::HtmlPage),
        ("Ed Down", Effect::Unavailable { retry_after: Some(30) }),
        ("Flo Busy", Effect::Throttled { retry_after: Some(30) }),
        ("Gus Error", Effect::ServerError),
    ];
    for (name, effect) in effects {
        let ada = office.invites(town, name);
        for ending in ["/status", "/comments"] {
            let rule = Rule::at(Vendor::BambooHr, effect.clone()).on(Method::POST).ending(ending).times(1);
            town.vendors(|vendors| vendors.faults().add(rule));
        }
        town.candidate(&ada).starts();
        town.candidate(&ada).submits(70.0);
        town.sync_until_quiet();
        assert_eq!(status(town, &ada), office.submitted, "{effect:?}");
        assert_eq!(comments(town, &ada).len(), 1, "{effect:?}: {:#?}", comments(town, &ada));
    }
});

story!(connecting_says_which_of_domain_key_and_access_is_wrong, |town| {
    town.operator().put_account(true);
    let (key, powerless) = desk(town, |desk| (desk.make_api_key(), desk.make_powerless_api_key()));
    for (domain, key, word) in [
        ("acme.evil.example/", key.as_str(), "subdomain"),
        ("nobody", key.as_str(), "company"),
        ("acme", "0123456789012345678901234567890123456789", "API key"),
        ("acme", powerless.as_str(), "permission"),
    ] {
        town.watch();
        let answer = town.account("PUT", "/bamboohr", Some(json!({"domain": domain, "api_key": key}))).expect(400);
        assert!(answer.text.contains(word), "{}", answer.text);
        assert!(town.calls(Vendor::BambooHr) <= usize::from(word != "subdomain"), "a malformed domain is never called");
        assert_eq!(town.account("GET", "", None).json()["bamboohr"]["connected"], json!(false));
    }
});

story!(pickers_offer_what_can_be_had, |town| {
    let office = Office::opens(town);
    desk(town, |desk| {
        desk.add_job("Filled", JobStatus::Filled);
        desk.add_job("Soon", JobStatus::Draft);
        desk.set_status_enabled(office.rejected, false).expect("the status exists");
    });
    let jobs = town.account("GET", "/bamboohr/jobs", None).expect(200).json();
    let labels: Vec<_> =
        jobs["jobs"].as_array().expect("jobs").iter().filter_map(|job| job["label"].as_str()).collect();
    assert!(labels.contains(&"Backend Engineer - Ghent, East Flanders") && labels.contains(&"Soon"), "{labels:?}");
    assert!(!labels.contains(&"Filled"), "{labels:?}");
    let statuses = town.account("GET", "/bamboohr/statuses", None).expect(200).json();
    let offered = |id: i64| statuses["statuses"].as_array().expect("statuses").iter().any(|it| it["id"] == json!(id));
    assert!(offered(office.send) && !offered(office.rejected), "{statuses}");

    town.account("PUT", &mapping(town), Some(office.choices())).expect(400);
    town.account("PUT", "/bamboohr/assessments/5f0000000000000000000000", Some(office.choices())).expect(404);
    let alone = json!({"job_id": office.job, "send_status": null, "on_started": null, "on_submitted": null,
        "on_approved": null, "on_rejected": null});
    town.account("PUT", &mapping(town), Some(alone)).fine();
    assert_eq!(town.account("GET", "", None).json()["bamboohr"]["mappings"][0]["job_id"], json!(office.job));
    town.account("DELETE", &mapping(town), None).expect(204);
    town.account("DELETE", &mapping(town), None).expect(404);
    town.account("DELETE", "/bamboohr", None).expect(204);
    assert_eq!(town.account("GET", "", None).json()["bamboohr"]["connected"], json!(false));
});
