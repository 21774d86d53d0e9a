//! A vendor that doesn't answer is no secret: the health says so, and the activity once.

use sandbox::{Effect, Rule, Vendor};
use serde_json::{Value, json};

use crate::RUST;
use crate::bamboohr::office::{Office, check, desk, quarter_of_an_hour, sets};
use crate::support::{ACCOUNT, Town, story};

/// How many lines of the activity hold these words.
fn lines(town: &Town, words: &str) -> usize {
    town.activity().iter().filter(|line| line["summary"].as_str().unwrap_or_default().contains(words)).count()
}

/// The whole record of what was looked at, without its revision.
fn watermarks(town: &Town) -> Value {
    let records = town.records();
    let value = &records[&format!("watermarks/{ACCOUNT}")];
    serde_json::from_slice::<Value>(value).expect("JSON")["record"]["complaints"].clone()
}

story!(a_user_who_lost_access_is_told_at_once_and_once, |town| {
    let office = Office::works(town);
    assert_eq!(check(town, "bamboohr-answers"), (Some(true), "BambooHR answered when it was last asked.".to_owned()));
    let ada = office.applies(town, "Ada Okafor");
    desk(town, |desk| desk.set_ats_access(false));
    sets(town, &ada, office.send);
    for _ in 0..3 {
        quarter_of_an_hour(town);
    }
    let (ok, detail) = check(town, "bamboohr-answers");
    assert!(ok == Some(false) && detail.contains("access to applicant tracking"), "{detail}");
    assert_eq!(lines(town, "access to applicant tracking"), 1, "{:#?}", town.activity());
    assert_eq!(check(town, "qualified-answers").0, Some(true));
    assert!(town.health().iter().all(|(check, ..)| check != "lever-answers"), "Lever is not connected");

    desk(town, |desk| desk.set_ats_access(true));
    quarter_of_an_hour(town);
    assert_eq!(check(town, "bamboohr-answers").0, Some(true));
    assert_eq!(lines(town, "BambooHR answers again."), 1);
    assert_eq!(town.mails(), [ada.email()]);
});

story!(a_company_that_moved_away_is_told, |town| {
    let office = Office::works(town);
    let moved = Rule::at(Vendor::BambooHr, Effect::MovedTo("https://acme-corp.bamboohr.com".to_owned())).always();
    town.vendors(|vendors| vendors.faults().add(moved));
    quarter_of_an_hour(town);
    let (ok, detail) = check(town, "bamboohr-answers");
    assert!(ok == Some(false) && detail.contains("renamed"), "{detail}");

    // Whoever connects anew has asked BambooHR.
    town.vendors(|vendors| vendors.faults().clear());
    town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": office.key}))).fine();
    assert_eq!(check(town, "bamboohr-answers").0, Some(true));
});

story!(silence_is_given_an_hour, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let down = Rule::at(Vendor::Lever, Effect::Unavailable { retry_after: None }).always();
    town.vendors(|vendors| vendors.faults().add(down));
    quarter_of_an_hour(town);
    let (ok, detail) = check(town, "lever-answers");
    assert!(ok.is_none() && detail.contains("asked again at the next sync"), "{detail}");
    let first = watermarks(town);
    quarter_of_an_hour(town);
    assert_eq!(watermarks(town), first, "the same again is not written again");
    assert_eq!(check(town, "lever-answers").0, None);
    assert_eq!(lines(town, "Lever has not answered"), 0);
    for _ in 0..4 {
        quarter_of_an_hour(town);
    }
    let (ok, detail) = check(town, "lever-answers");
    assert!(ok == Some(false) && detail.contains("more than an hour"), "{detail}");
    assert_eq!(lines(town, "Lever has not answered"), 1);
    town.vendors(|vendors| vendors.faults().clear());
    quarter_of_an_hour(town);
    assert_eq!(check(town, "lever-answers").0, Some(true));
});

story!(a_key_that_can_not_be_opened_asks_to_connect_again, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let key = format!("account/{ACCOUNT}");
    let mut record: Value = serde_json::from_slice(&town.records()[&key]).expect("JSON");
    record["record"]["qualified"]["key"] = json!("AAAAAA.AAAA");
    town.outside().records.insert(key, record.to_string().into_bytes());
    quarter_of_an_hour(town);
    assert_eq!(check(town, "qualified-key-accepted").0, Some(false));
    let (ok, detail) = check(town, "qualified-answers");
    assert!(
        ok.is_none() && detail.ends_with("not known until Qualified is connected again."),
        "not told twice: {detail}"
    );
    town.operator().connect_qualified();
    assert_eq!(check(town, "qualified-key-accepted").0, Some(true));
    assert_eq!(check(town, "qualified-answers").0, Some(true));
});

story!(what_needs_a_lost_connection_is_not_known, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| {
        vendors.lever().revoke_app();
        vendors.qualified().regenerate_api_key();
    });
    quarter_of_an_hour(town);
    let lever = ["lever-answers", "lever-scopes", "lever-webhook", "lever-trigger-stages"].map(|name| (name, "Lever"));
    let qualified = ["qualified-answers", "qualified-webhook"].map(|name| (name, "Qualified"));
    for (name, vendor) in lever.into_iter().chain(qualified) {
        let (ok, detail) = check(town, name);
        assert_eq!(ok, None, "{name}: {detail}");
        assert!(detail.ends_with(&format!("is not known until {vendor} is connected again.")), "{name}: {detail}");
    }
});
