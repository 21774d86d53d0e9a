//! Whose BambooHR it is: as whom changes appear there, and that another company's numbers are other people's.

use sandbox::bamboohr::{Desk, JobStatus, NewApplication};
use serde_json::{Value, json};

use super::office::{Office, check, desk, mapping, quarter_of_an_hour, sets, status};
use crate::support::{Candidate, Town, story};

story!(the_connection_says_as_whom_changes_appear, |town| {
    let office = Office::opens(town);
    let shown = || town.account("GET", "", None).json()["bamboohr"]["user"].clone();
    // The integration's own user is no employee, so nobody can say who it is.
    assert_eq!(shown(), Value::Null);
    let (_, detail) = check(town, "bamboohr-connected");
    assert!(detail.contains("the user who made the API key"), "{detail}");

    let key = desk(town, |desk| desk.make_recruiters_api_key());
    town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": key}))).fine();
    assert_eq!(shown(), json!("Mara Quist"));
    let (_, detail) = check(town, "bamboohr-connected");
    assert!(detail.contains("as made by Mara Quist"), "{detail}");

    town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": office.key}))).fine();
    assert_eq!(shown(), Value::Null, "another key, another user");
});

/// The account leaves its company for another one.
fn moves_to(town: &Town, office: &Office, company: &str, key: &str) {
    town.account("DELETE", "/bamboohr", None).expect(204);
    town.account("PUT", "/bamboohr", Some(json!({"domain": company, "api_key": key}))).fine();
    town.account("PUT", &mapping(town), Some(office.choices())).fine();
}

story!(the_same_numbers_in_another_company_are_other_people, |town| {
    let office = Office::works(town);
    let ada = office.invites(town, "Ada Okafor");
    let grace = Candidate { name: "Grace Hopper".to_owned(), ..ada.clone() };

    // Globex has the same openings and statuses, and made them in the same order.
    let globex =
        |town: &Town, act: &dyn Fn(&mut Desk<'_>)| town.vendors(|vendors| act(&mut vendors.bamboohr_of("globex")));
    let key = town.vendors(|vendors| {
        let mut desk = vendors.bamboohr_of("globex");
        assert_eq!(desk.add_job("Backend Engineer", JobStatus::Open), office.job);
        for role in ["Send assessment", "In progress", "Completed", "Approved", "Rejected"] {
            desk.add_status(&format!("Qualified - {role}"));
        }
        let new = NewApplication::named("Grace", "Hopper", office.job).email(&grace.email());
        let id = desk.add_application(new).expect("BambooHR lets them");
        assert_eq!(id.to_string(), ada.opportunity, "the same number");
        desk.make_api_key()
    });
    moves_to(town, &office, "globex", &key);
    town.advance(10);
    let id = ada.opportunity.parse().expect("a number");
    globex(town, &|desk| desk.set_status(id, office.send).expect("BambooHR lets them"));
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [ada.email(), grace.email()], "{:#?}", town.activity());

    // What Ada does is not shown as Grace's.
    town.candidate(&ada).starts();
    town.deliver_well();
    quarter_of_an_hour(town);
    globex(town, &|desk| assert_eq!(desk.application(id).expect("it exists").status, office.send));
    let told = town.activity().iter().any(|line| {
        line["summary"]
            == "Nothing can be shown, because the applicant is of \"acme\" and this account is connected to \"globex\"."
    });
    assert!(told, "{:#?}", town.activity());
    town.candidate(&grace).starts();
    town.deliver_well();
    globex(town, &|desk| assert_eq!(desk.application(id).expect("it exists").status, office.started));

    // Back again: nothing of Ada's was forgotten.
    moves_to(town, &office, "acme", &office.key);
    town.advance(10);
    sets(town, &ada, 1);
    quarter_of_an_hour(town);
    sets(town, &ada, office.send);
    quarter_of_an_hour(town);
    assert_eq!(town.mails(), [ada.email(), grace.email()]);
    town.candidate(&ada).submits(70.0);
    town.deliver_well();
    assert_eq!(status(town, &ada), office.submitted);
});
