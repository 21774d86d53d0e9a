//! What the vendors never told is found by the sync.

use crate::RUST;
use sandbox::lever::Rotation;
use sandbox::{Effect, Rule, Vendor};

use crate::support::{ACCOUNT, Kind, Town, lever_app, story};

story!(missed_webhooks_are_healed_by_sync, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    assert_eq!(town.deliver_well(), 0);
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(missed_qualified_events_are_healed, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.vendors(|vendors| vendors.qualified_webhooks().drop = true);
    town.candidate(&ada).starts();
    town.sync_until_quiet();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Started")]);
    town.candidate(&ada).submits(66.0);
    town.sync_until_quiet();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
    assert_eq!(town.notes(&ada).len(), 1);
    town.reviewer().rejects(&ada);
    town.sync_until_quiet();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Rejected")]);
    assert_eq!(town.notes(&ada).len(), 1);
});

story!(what_was_missed_is_told, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    for name in ["Ada Okafor", "Bruno Castellanos", "Cleo Marsh"] {
        let who = town.recruiter().adds_tagged(name, RUST);
        town.recruiter().moves(&who, "Coding test");
    }
    town.advance(15);
    assert_eq!(town.sync()["healed"], 3);
    let activity = town.activity();
    let line = activity.iter().find(|line| line["outcome"] == "healed").unwrap_or_else(|| panic!("{activity:#?}"));
    assert_eq!((&line["summary"], &line["source"]), (&"3 missed events healed.".into(), &"sync".into()));
});

story!(what_a_lane_has_forgotten_was_not_missed, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    // As after hundreds of other deliveries: a lane remembers the latest ones.
    for (key, value) in town.records().into_iter().filter(|(key, _)| key.starts_with("inbox/")) {
        let mut record: serde_json::Value = serde_json::from_slice(&value).expect("JSON");
        record["record"]["seen"] = serde_json::json!([]);
        town.outside().records.insert(key, record.to_string().into_bytes());
    }
    town.advance(15);
    assert_eq!(town.sync()["healed"], 0);
    assert_eq!(town.mails(), [ada.email()]);
});

story!(fifty_missed_candidates_are_all_healed, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    let people: Vec<_> = (0..50)
        .map(|number| {
            let who = town.recruiter().adds_tagged(&format!("Person {number}"), RUST);
            town.recruiter().moves(&who, "Coding test");
            who
        })
        .collect();
    town.sync_until_quiet();
    let mut mails = town.mails();
    mails.sort();
    let mut expected: Vec<_> = people.iter().map(|who| who.email()).collect();
    expected.sort();
    assert_eq!(mails, expected);
});

story!(an_idle_sync_costs_little, |town| {
    town.operator().sets_everything_up(&[RUST]);
    for number in 0..20 {
        let who = town.recruiter().adds_tagged(&format!("Person {number}"), RUST);
        town.recruiter().moves(&who, "Coding test");
    }
    town.deliver_well();
    town.sync_until_quiet();
    town.watch();
    town.advance(15);
    town.sync();
    let sends = town.count(Kind::Send);
    assert!(sends <= 6, "a sync with nothing new asked the vendors {sends} times: {:#?}", town.operations());
});

story!(a_vendor_that_asks_to_slow_down_is_left_alone_for_so_long, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let slow = Effect::Throttled { retry_after: Some(1800) };
    town.vendors(|vendors| vendors.faults().add(Rule::at(Vendor::Lever, slow).always()));
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.vendors(|vendors| vendors.faults().clear());

    // Even an operator who names the account waits for as long as the vendor asked.
    town.watch();
    town.advance(10);
    town.call("POST", &format!("/sync?account={ACCOUNT}"), None).expect(200);
    assert_eq!(town.vendor_writes(), [""; 0]);
    assert!(town.mails().is_empty());

    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(a_bad_day_of_every_vendor_is_survived, |town| {
    town.operator().sets_everything_up(&[RUST]);
    for effect in [Effect::BadGateway, Effect::NoAnswer { applied: true }, Effect::NoAnswer { applied: false }] {
        town.vendors(|vendors| vendors.faults().add(Rule::anywhere(effect).times(2)));
    }
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(half_an_hour_of_maintenance_needs_no_person, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.vendors(|vendors| vendors.faults().add(Rule::anywhere(Effect::HtmlPage).always()));
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    for _ in 0..2 {
        town.advance(15);
        town.sync();
    }
    town.vendors(|vendors| vendors.faults().clear());
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "{:#?}", town.reason(&ada));
});

story!(overlapping_syncs_are_harmless, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.advance(15);
    for _ in 0..5 {
        town.sync();
    }
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
});

/// Each call of an invitation and of a report answered with something that is no answer, once, at each place in turn.
fn is_survived(town: &mut Town, effect: &Effect) {
    // A token whose answer is lost while its predecessor dies can only be mended by logging in again.
    town.vendors(|vendors| vendors.register_lever_app(lever_app(Rotation::OldStaysValid)));
    town.operator().sets_everything_up(&[RUST]);
    for (number, name) in ["Ada Okafor", "Bruno Castellanos", "Cleo Marsh", "Dana Ito"].into_iter().enumerate() {
        let nth = u32::try_from(number).expect("few") + 1;
        let who = town.recruiter().adds_tagged(name, RUST);
        town.recruiter().moves(&who, "Coding test");
        town.vendors(|vendors| vendors.faults().add(Rule::anywhere(effect.clone()).nth(nth)));
        town.deliver();
        town.vendors(|vendors| vendors.faults().clear());
        town.sync_until_quiet();
        assert_eq!(town.candidate(&who).invitations(), 1, "{effect:?} at call {nth}: {}", town.reason(&who));
        town.candidate(&who).starts();
        town.candidate(&who).submits(80.0);
        town.vendors(|vendors| vendors.faults().add(Rule::anywhere(effect.clone()).nth(nth)));
        town.deliver();
        town.vendors(|vendors| vendors.faults().clear());
        town.sync_until_quiet();
        assert_eq!(town.tags(&who), [format!("{RUST} - Submitted")], "{effect:?} at call {nth}: {}", town.reason(&who));
        assert_eq!(town.notes(&who).len(), 1, "{effect:?} at call {nth}: {}", town.reason(&who));
    }
}

story!(empty_answers_are_survived, |town| {
    is_survived(town, &Effect::EmptyBody);
});

story!(answers_cut_in_half_are_survived, |town| {
    is_survived(town, &Effect::Truncated);
});

story!(a_vendor_that_redirects_is_not_followed_and_waits_for_a_person, |town| {
    town.operator().sets_everything_up(&[RUST]);
    for (number, vendor) in [Vendor::Lever, Vendor::Qualified].into_iter().enumerate() {
        let moved = Rule::at(vendor, Effect::MovedTo("https://elsewhere.example".into())).always();
        town.vendors(|vendors| vendors.faults().add(moved));
        let who = town.recruiter().adds_tagged(&format!("Person {}", ["A", "B"][number]), RUST);
        town.recruiter().moves(&who, "Coding test");
        town.deliver_well();
        assert_eq!(town.candidate(&who).invitations(), 0);
        assert!(town.reason(&who).contains("redirects"), "{}", town.reason(&who));
        town.vendors(|vendors| vendors.faults().clear());
        town.operator().replays(&who);
        town.sync_until_quiet();
        assert_eq!(town.candidate(&who).invitations(), 1, "{vendor:?}: {}", town.reason(&who));
    }
});
