//! A lane has room for so much work. A full one is its account's own matter, and loses nobody.

use qualified_ats::app::inbox::Lane;
use qualified_ats::domain::ids::{AccountId, ApplicationId, Candidacy, Company};
use serde_json::{Value, json};

use crate::bamboohr::office::{Office, quarter_of_an_hour, sets, status};
use crate::support::{ACCOUNT, Candidate, Town, story};

/// As much as a lane holds.
const ROOM: usize = 1_500;

fn lane(who: &Candidate) -> String {
    let company = Company::new("acme").expect("a company");
    let candidacy = Candidacy::BambooHr(company, ApplicationId(who.opportunity.parse().expect("a number")));
    format!("inbox/{}", Lane::of(&AccountId::new(ACCOUNT).expect("an account"), &candidacy))
}

/// Fills the lane of a candidacy with work that waits for a person, or takes that out again.
fn fill(town: &Town, who: &Candidate, is_full: bool) {
    let now = town.vendors(|vendors| vendors.now());
    let mut outside = town.outside();
    let record = outside.records.get_mut(&lane(who)).expect("each account has its lanes");
    let mut inbox: Value = serde_json::from_slice(record).expect("JSON");
    let work = inbox["record"]["work"].as_array_mut().expect("work");
    work.retain(|work| work["parked"] != json!("of others"));
    let others = (work.len()..ROOM).filter(|_| is_full).map(|number| {
        json!({
            "candidacy": {"lever": format!("other-{number}")}, "signals": [], "source": "sync", "attempts": 1,
            "due": now, "hold": null, "lease": null, "parked": "of others", "told": true,
        })
    });
    work.extend(others.collect::<Vec<_>>());
    *record = inbox.to_string().into_bytes();
}

story!(who_finds_no_room_in_a_lane_is_found_again, |town| {
    let office = Office::works(town);
    let ada = office.applies(town, "Ada Okafor");
    fill(town, &ada, true);
    sets(town, &ada, office.send);
    quarter_of_an_hour(town);
    assert!(town.mails().is_empty());
    fill(town, &ada, false);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
});

story!(what_one_application_has_to_tell_another_waits_for_room, |town| {
    let office = Office::works(town);
    let one = office.invites(town, "Ada Okafor");
    let two = (0..9).map(|_| office.invites(town, "Ada Okafor")).find(|two| lane(two) != lane(&one));
    let two = two.expect("there are eight lanes");
    fill(town, &one, true);
    town.candidate(&one).starts();
    // The latest application hears of it, and cannot tell the first.
    town.deliver_well();
    assert_eq!(status(town, &one), office.send);
    let told = town.activity().iter().any(|line| line.to_string().contains("too much is pending for the account"));
    assert!(told, "{:#?}", town.activity());
    fill(town, &one, false);
    town.sync_until_quiet();
    assert_eq!([status(town, &one), status(town, &two)], [office.started, office.started]);
});
