//! Many accounts, and vendors with little time: a sync comes round to everybody, in calls that end.

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;
use sandbox::{Effect, Rule, Vendor};
use serde_json::{Value, json};

use crate::RUST;
use crate::support::{ACCOUNT, Fault, Kind, OPERATOR, Town, story};

/// The longest that one call of `/sync` may take: nothing is asked after 20 s, and no vendor is waited for longer than 10.
const LONGEST: SignedDuration = SignedDuration::from_secs(30);

/// Far more calls than any pass here needs.
const ENDLESS: usize = 40;

/// Customers with nothing but Qualified: two calls at a sync, four when the set-up is checked.
fn customers(town: &Town, count: usize) {
    for number in 0..count {
        let path = format!("/api/accounts/customer-{number}");
        let key = town.vendors(|vendors| vendors.qualified_of(&format!("Customer {number}")).api_key().to_owned());
        town.call("PUT", &path, Some(json!({"name": "A customer", "ats_enabled": true}))).fine();
        town.call("PUT", &format!("{path}/qualified"), Some(json!({"api_key": key}))).fine();
    }
}

/// Calls `/sync` until there is no more; each call ends in time. The reports.
#[track_caller]
fn round(town: &Town, query: &str) -> Vec<Value> {
    let mut reports = Vec::new();
    for _ in 0..ENDLESS {
        let start = town.vendors(|vendors| vendors.now());
        let report = town.call("POST", &format!("/sync{query}"), None).expect(200).json();
        let took = town.vendors(|vendors| vendors.now()).duration_since(start);
        assert!(took <= LONGEST, "a call took {took:#}");
        let more = report["more"] == json!(true);
        reports.push(report);
        if !more {
            return reports;
        }
    }
    panic!("it never ends: {:#?}", reports.last());
}

fn accounts(reports: &[Value]) -> u64 {
    reports.iter().filter_map(|report| report["accounts"].as_u64()).sum()
}

/// Somebody was moved to the trigger stage, and no webhook told.
fn missed(town: &Town, name: &str) -> crate::support::Candidate {
    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    let who = town.recruiter().adds_tagged(name, RUST);
    town.recruiter().moves(&who, "Coding test");
    who
}

story!(accounts_that_are_not_due_cost_one_read_for_all_of_them, |town| {
    customers(town, 12);
    town.advance(15);
    assert_eq!(accounts(&round(town, "")), 12);
    town.watch();
    assert_eq!(accounts(&round(town, "")), 0);
    let counts = [Kind::Read, Kind::Write, Kind::Send].map(|kind| town.count(kind));
    assert_eq!(counts, [1, 0, 0], "{:#?}", town.operations());
});

story!(an_unchanged_account_is_asked_about_and_not_written, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    town.advance(15);
    town.sync();
    town.watch();
    town.advance(15);
    assert_eq!(accounts(&round(town, "")), 1);
    let operations = town.operations();
    assert_eq!(town.count(Kind::Send), 3, "{operations:#?}");
    assert_eq!(town.count(Kind::Write), 1, "its turn in the directory: {operations:#?}");
    // A swap looks once more where compare-and-swap is the host's.
    assert!(town.count(Kind::Read) <= 7, "{operations:#?}");
});

story!(a_call_ends_in_time_and_the_next_ones_do_the_rest, |town| {
    customers(town, 24);
    town.advance(15);
    town.outside().slow_down("qualified", 1);
    let reports = round(town, "");
    assert!(reports.len() > 1, "{reports:#?}");
    assert_eq!(accounts(&reports), 24, "each once: {reports:#?}");
});

story!(shards_share_the_accounts_out, |town| {
    customers(town, 24);
    town.advance(15);
    let shares: Vec<u64> = (0..4).map(|index| accounts(&round(town, &format!("?shard={index}/4")))).collect();
    assert_eq!(shares.iter().sum::<u64>(), 24, "{shares:?}");
    assert!(shares.iter().all(|share| *share < 24), "{shares:?}");
    assert_eq!(accounts(&round(town, "")), 0);
});

story!(an_account_that_was_late_is_due_in_time_again, |town| {
    customers(town, 1);
    town.advance(20);
    assert_eq!(accounts(&round(town, "")), 1);
    town.advance(10);
    assert_eq!(accounts(&round(town, "")), 1, "half an hour is two turns");
    town.advance(10);
    assert_eq!(accounts(&round(town, "")), 0);
});

story!(a_sick_account_does_not_keep_the_others_from_their_turn, |town| {
    // Its BambooHR takes ten seconds to give no answer; it is the first in line.
    town.call("PUT", "/api/accounts/sick", Some(json!({"name": "Sick", "ats_enabled": true}))).fine();
    let key = town.vendors(|vendors| vendors.bamboohr_of("sick").make_api_key());
    town.call("PUT", "/api/accounts/sick/bamboohr", Some(json!({"domain": "sick", "api_key": key}))).fine();
    town.advance(1);
    town.operator().sets_everything_up(&[RUST]);
    let ada = missed(town, "Ada Okafor");
    town.advance(15);
    town.outside().slow_down("sick.", 10);
    let dead = Rule::at(Vendor::BambooHr, Effect::NoAnswer { applied: false }).always();
    town.vendors(|vendors| vendors.faults().add(dead));
    let reports = round(town, "");
    assert_eq!(accounts(&reports), 2, "{reports:#?}");
    assert_eq!(town.mails(), [ada.email()]);
});

story!(an_account_that_cannot_be_read_does_not_keep_the_others_from_their_turn, |town| {
    customers(town, 1);
    town.advance(1);
    town.operator().sets_everything_up(&[RUST]);
    let ada = missed(town, "Ada Okafor");
    let newer = br#"{"v":99,"rev":0,"record":{}}"#.to_vec();
    town.outside().records.insert("watermarks/customer-0".to_owned(), newer);
    town.advance(15);
    round(town, "");
    assert_eq!(town.mails(), [ada.email()]);
    let said = town.log();
    assert!(said.iter().any(|line| line.contains("watermarks/customer-0")), "{said:#?}");
});

story!(work_that_did_not_fit_goes_on_in_the_next_call, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let people: Vec<_> = (0..12).map(|number| missed(town, &format!("Person {number}"))).collect();
    town.advance(15);
    town.outside().slow_down("qualified", 3);
    let reports = round(town, "");
    assert!(reports.len() > 1, "{reports:#?}");
    let mut mails = town.mails();
    mails.sort();
    let mut expected: Vec<_> = people.iter().map(|who| who.email()).collect();
    expected.sort();
    assert_eq!(mails, expected, "no time has passed but what the calls took: {reports:#?}");
});

story!(a_list_too_long_for_a_call_is_read_on_from_where_it_stopped, |town| {
    town.operator().sets_everything_up(&[RUST]);
    for number in 0..170 {
        missed(town, &format!("Person {number}"));
    }
    // The set-up is checked and one of the four pages is read, then the time is over.
    town.outside().slow_down("api.lever", 9);
    for pending in [50, 170] {
        town.advance(15);
        town.watch();
        let reports = round(town, "");
        assert_eq!(reports.last().expect("a report")["pending"], json!(pending), "{reports:#?}");
    }
    let lists = town.vendors(|vendors| {
        let calls = vendors.requests().filter(|call| call.path == "/v1/opportunities");
        calls.map(|call| call.query.clone()).collect::<Vec<_>>()
    });
    assert!(lists.len() == 3 && lists[0].contains("offset="), "{lists:#?}");
});

story!(a_list_that_asks_to_slow_down_is_left_alone_for_so_long, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.sync_until_quiet();
    let ada = missed(town, "Ada Okafor");
    let slow = Effect::Throttled { retry_after: Some(3000) };
    town.vendors(|vendors| vendors.faults().add(Rule::at(Vendor::Lever, slow).times(1)));
    town.advance(15);
    round(town, "");
    town.watch();
    for _ in 0..2 {
        town.advance(15);
        round(town, "");
        town.call("POST", &format!("/sync?account={ACCOUNT}"), None).expect(200);
    }
    assert_eq!(town.calls(Vendor::Lever), 0, "{:#?}", town.operations());
    assert!(town.calls(Vendor::Qualified) > 0, "only Lever asked for it");
    town.advance(30);
    round(town, "");
    assert_eq!(town.mails(), [ada.email()]);
});

story!(a_piece_of_work_does_not_hold_a_call_up, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let people: Vec<_> = (0..3).map(|number| missed(town, &format!("Person {number}"))).collect();
    // A list, a look at the candidate and two changes of tags take longer than a call may.
    town.outside().slow_down("api.lever", 9);
    for _ in 0..5 {
        town.advance(15);
        round(town, "");
    }
    town.outside().slow_down("nobody", 0);
    town.sync_until_quiet();
    assert_eq!(town.mails().len(), people.len());
    for who in &people {
        assert_eq!(town.tags(who), [format!("{RUST} - Invited")]);
    }
    let told = town.activity().iter().any(|line| line.to_string().contains("no time left"));
    assert!(!told, "what there was no time for is nobody's failure: {:#?}", town.activity());
});

/// Qualified accepts the key for everything but inviting.
fn lets_nobody_invite(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let refused = Response::builder().status(401).header("content-type", "application/json").body(Bytes::from("{}"));
    refused.ok().filter(|_| request.uri().path().ends_with("/invite_candidates"))
}

story!(a_refused_key_is_shown_once_in_a_pass, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let people: Vec<_> = (0..20).map(|number| missed(town, &format!("Person {number}"))).collect();
    town.advance(15);
    town.outside().stand_in = Some(lets_nobody_invite);
    town.watch();
    round(town, "");
    let asked = town.operations().into_iter().filter(|(_, what)| what.ends_with("/invite_candidates")).count();
    assert_eq!(asked, 1, "{:#?}", town.operations());
    town.outside().stand_in = None;
    town.sync_until_quiet();
    assert_eq!(town.mails().len(), people.len());
});

story!(a_vendor_that_asks_one_piece_of_work_to_slow_down_is_left_alone_by_all, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let people: Vec<_> = (0..20).map(|number| missed(town, &format!("Person {number}"))).collect();
    town.advance(15);
    let slow = Effect::Throttled { retry_after: Some(3000) };
    town.vendors(|vendors| vendors.faults().add(Rule::at(Vendor::Lever, slow).under("/v1/opportunities/").always()));
    town.watch();
    round(town, "");
    let asked = town.operations().into_iter().filter(|(_, what)| what.contains("/v1/opportunities/")).count();
    assert_eq!(asked, 1, "{:#?}", town.operations());
    town.vendors(|vendors| vendors.faults().clear());
    town.watch();
    for _ in 0..3 {
        town.advance(15);
        round(town, "");
    }
    assert_eq!(town.calls(Vendor::Lever), 0, "{:#?}", town.operations());
    town.sync_until_quiet();
    assert_eq!(town.mails().len(), people.len());
});

story!(a_shard_that_there_can_not_be_is_refused, |town| {
    for shard in ["", "1", "4/4", "0/0", "0/65", "-1/4", "a/b", "1/2/3", "+1/4"] {
        let problem = town.call("POST", &format!("/sync?shard={}", shard.replace('+', "%2B")), None);
        let problem = problem.expect(if shard == "+1/4" { 200 } else { 400 });
        if problem.status == 400 {
            assert_eq!(problem.headers["content-type"], "application/problem+json", "{shard}");
        }
    }
});

story!(a_backlog_beyond_what_spin_lets_one_call_do_is_worked_off_in_several, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let people: Vec<_> = (0..200).map(|number| missed(town, &format!("Person {number}"))).collect();
    town.advance(15);
    let mut calls = 0;
    while town.call("POST", "/sync", None).expect(200).json()["more"] == json!(true) {
        calls += 1;
        assert!(calls < 20, "it never ends: {:#?}", town.activity().first());
    }
    assert!(calls > 0, "one call was enough: the limit is not met");
    assert_eq!(town.mails().len(), people.len());
    assert_eq!(town.sync()["pending"], json!(0));
});

/// So many customers without any system that some share a bucket of the directory, and are due.
fn crowd() -> Town {
    let town = Town::native();
    for number in 0..120 {
        let path = format!("/api/accounts/customer-{number}");
        town.call("PUT", &path, Some(json!({"name": "A customer", "ats_enabled": true}))).fine();
    }
    town.advance(15);
    town.watch();
    town
}

/// The operations on the accounts that were taken together: the numbers, and the accounts' keys.
fn taken_together(town: &Town, directory: &str) -> Vec<(usize, String)> {
    let operations: Vec<String> = town.operations().into_iter().map(|(_, what)| what).collect();
    let swap = operations.iter().position(|what| *what == format!("swap {directory}")).expect("it is taken");
    let until_next = (swap + 1..operations.len()).take_while(|next| !operations[*next].contains("directory/"));
    let accounts = until_next.filter(|next| operations[*next].starts_with("get account/"));
    accounts.map(|number| (number, operations[number].clone())).collect()
}

/// The directory's record of a bucket with three accounts or more, and what was done with them.
fn a_full_bucket() -> (String, Vec<(usize, String)>) {
    let town = crowd();
    assert_eq!(accounts(&round(&town, "")), 120);
    let buckets = (0..64).map(|number| format!("directory/{number}"));
    let mut taken = buckets.filter(|key| town.operations().iter().any(|(_, what)| *what == format!("swap {key}")));
    let full = taken.find_map(|key| {
        let together = taken_together(&town, &key);
        (together.len() >= 3).then_some((key, together))
    });
    full.expect("a bucket with three accounts")
}

#[test]
fn a_store_that_fails_for_one_account_does_not_cost_the_others_their_turn() {
    let (_, together) = a_full_bucket();
    let town = crowd();
    town.cut(together[0].0, Fault::StoreErrorBefore);
    town.call("POST", "/sync", None).expect(503);
    town.mend();
    let again = accounts(&round(&town, ""));
    assert!(again >= together.len() as u64, "the one and those behind it are due at once: {again}");
}

#[test]
fn an_account_with_which_calls_die_does_not_keep_those_behind_it_from_their_turn() {
    let (directory, together) = a_full_bucket();
    let town = crowd();
    town.cut(together[0].0, Fault::CrashBefore);
    assert!(town.try_call("POST", "/sync", None).is_none(), "the call dies with the first account");
    town.mend();
    town.advance(15);
    town.watch();
    round(&town, "");
    let mut next: Vec<String> = taken_together(&town, &directory).into_iter().map(|(_, account)| account).collect();
    next.reverse();
    let before: Vec<String> = together.into_iter().map(|(_, account)| account).collect();
    assert_eq!(next, before, "it is the last one now");
}

#[test]
fn two_syncs_at_once_share_the_accounts() {
    for switch in 0.. {
        let town = Town::native();
        customers(&town, 4);
        town.advance(15);
        let sync = || {
            let request = http::Request::post("/sync").header("authorization", format!("Bearer {OPERATOR}"));
            town.stepwise(request.body(bytes::Bytes::new()).expect("a request"))
        };
        let (mut one, mut other) = (sync(), sync());
        let ended = (0..switch).any(|_| one.step());
        while !other.step() {}
        if !ended {
            while !one.step() {}
        }
        let worked_on = [&one, &other].map(|invocation| {
            let answer = invocation.answer.borrow();
            let body = answer.as_ref().expect("an answer").body();
            serde_json::from_slice::<Value>(body).expect("JSON")["accounts"].as_u64().expect("accounts")
        });
        assert_eq!(worked_on.iter().sum::<u64>(), 4, "switched after {switch} operations: {worked_on:?}");
        if ended {
            return;
        }
    }
}
