//! Connecting: by key or by log-in, and what happens when BambooHR no longer accepts either.

use bytes::Bytes;
use http::{Request, Response};
use sandbox::bamboohr::{App, JobStatus};
use sandbox::{Effect, Rule, Vendor};
use serde_json::json;

use super::office::{Office, check, desk, mapping, quarter_of_an_hour, status};
use crate::support::{Answer, PUBLIC, Town, story};

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

/// BambooHR has an objection of its own.
fn objects(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let objection = Response::builder().status(400).header("x-bamboohr-error-message", "Trial has ended");
    objection.body(Bytes::new()).ok().filter(|_| request.uri().path().ends_with("/statuses"))
}

story!(only_a_403_is_called_a_matter_of_permission, |town| {
    town.operator().put_account(true);
    let key = desk(town, |desk| desk.make_api_key());
    let connect = || town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": key})));
    let moved = Effect::MovedTo("https://www.bamboohr.com".to_owned());
    town.vendors(|vendors| vendors.faults().add(Rule::at(Vendor::BambooHr, moved)));
    let answer = connect().expect(400);
    assert!(answer.text.contains("no company"), "{}", answer.text);
    town.outside().stand_in = Some(objects);
    let answer = connect().expect(502);
    assert!(answer.text.contains("Trial has ended") && !answer.text.contains("permission"), "{}", answer.text);
});

story!(an_assessment_is_set_up_whether_it_is_published_or_not, |town| {
    let office = Office::works(town);
    let draft = town.vendors(|vendors| vendors.qualified().add_assessment("Go: Channels", false));
    town.account("PUT", &format!("/bamboohr/assessments/{draft}"), Some(office.choices())).fine();
    let archived = town.assessment(crate::RUST);
    town.vendors(|vendors| vendors.qualified().archive(&archived)).expect("Qualified lets them");
    let mut choices = office.choices();
    choices["on_started"] = json!(null);
    town.account("PUT", &mapping(town), Some(choices)).fine();
    let ada = office.invites(town, "Ada Okafor");
    assert!(town.mails().is_empty());
    town.vendors(|vendors| vendors.qualified().publish(&draft)).expect("Qualified lets them");
    town.advance(1);
    town.operator().replays(&ada);
    assert_eq!(town.mails(), [ada.email()]);
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

/// Registers the product's app with BambooHR.
pub(crate) fn register_app(town: &Town) {
    let scopes = "offline_access hiring:applications hiring:applications.write hiring:job_openings hiring:settings";
    town.vendors(|vendors| {
        vendors.register_bamboohr_app(App {
            client_id: "the-app".into(),
            client_secret: crate::support::CLIENT_SECRET.into(),
            redirect_uris: vec![format!("{PUBLIC}/bamboohr/callback")],
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        });
    });
}

/// Logs in at BambooHR from beginning to end; the page on which the browser ends.
fn logs_in(town: &Town) -> Answer {
    register_app(town);
    let login = town.account("POST", "/bamboohr/login", Some(json!({"domain": "acme"}))).fine();
    let url = login.json()["authorize_url"].as_str().expect("authorize_url").to_owned();
    let callback = desk(town, |desk| desk.consent(&url)).expect("the consent page shows");
    let path = callback.strip_prefix(PUBLIC).expect("our own callback");
    let request = Request::get(path).header("cookie", login.cookies()).body(bytes::Bytes::new()).expect("a request");
    town.request(request).expect("an answer")
}

story!(a_log_in_connects_and_its_tokens_are_renewed, |town| {
    let office = Office::opens(town);
    town.account("DELETE", "/bamboohr", None).expect(204);
    logs_in(town).expect(200);
    let shown = town.account("GET", "", None).json();
    assert_eq!((&shown["bamboohr"]["domain"], &shown["bamboohr"]["by"]), (&json!("acme"), &json!("oauth")));
    office.map(town);
    town.advance(3 * 60);
    let ada = office.invites(town, "Ada Okafor");
    assert_eq!(town.mails(), [ada.email()]);

    desk(town, |desk| desk.revoke_apps());
    town.candidate(&ada).starts();
    town.advance(3 * 60);
    town.deliver();
    quarter_of_an_hour(town);
    let (ok, detail) = check(town, "bamboohr-credentials");
    assert!(ok == Some(false) && detail.to_lowercase().contains("reconnect"), "{detail}");
    logs_in(town).expect(200);
    town.sync_until_quiet();
    assert_eq!(check(town, "bamboohr-credentials").0, Some(true));
    assert_eq!(status(town, &ada), office.started);
});

story!(a_log_in_that_was_not_begun_here_connects_nothing, |town| {
    town.operator().put_account(true);
    town.watch();
    for query in ["", "?code=x&state=acme.y", "?error=access_denied&state=acme.y"] {
        let request = Request::get(format!("/bamboohr/callback{query}")).body(bytes::Bytes::new()).expect("a request");
        town.request(request).expect("an answer").expect(400);
    }
    assert_eq!(town.calls(Vendor::BambooHr), 0);
    assert_eq!(town.account("GET", "", None).json()["bamboohr"]["connected"], json!(false));
});
