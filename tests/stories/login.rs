//! "Log In to Lever": whoever did not begin it here does not end it here.

use serde_json::json;

use crate::RUST;
use crate::support::{Answer, Town, story};

fn ready(town: &Town) {
    town.vendors(|vendors| vendors.qualified().add_assessment(RUST, true));
    town.operator().put_account(true);
    town.operator().connect_qualified();
}

fn is_connected(town: &Town) -> bool {
    town.operator().account()["lever"]["connected"] == json!(true)
}

/// Nothing but an answer to the person: a page, or a way back to one.
fn no_crash(answer: &Answer) {
    assert!(answer.status < 500, "{} {}", answer.status, answer.text);
}

story!(the_state_is_good_for_one_time, |town| {
    ready(town);
    let (url, cookies) = town.operator().begin_log_in();
    let callback = town.operator().consent(&url);
    town.operator().come_back(&callback, &cookies).fine();
    assert!(is_connected(town));

    town.watch();
    let again = town.operator().come_back(&callback, &cookies);
    no_crash(&again);
    assert_eq!(town.calls(sandbox::Vendor::Lever), 0, "a used state is good for nothing");
    assert!(is_connected(town));
});

story!(a_refusal_at_lever_is_no_connection, |town| {
    ready(town);
    let (url, cookies) = town.operator().begin_log_in();
    let callback = town.vendors(|vendors| vendors.lever().refuse(&url)).expect("the consent page shows");
    no_crash(&town.operator().come_back(&callback, &cookies));
    assert!(!is_connected(town));

    let (url, cookies) = town.operator().begin_log_in();
    let callback = town.operator().consent(&url);
    town.operator().come_back(&callback, &cookies).fine();
    assert!(is_connected(town), "the next try is good");
});

story!(a_foreign_browser_is_refused, |town| {
    ready(town);
    let (url, _) = town.operator().begin_log_in();
    let callback = town.operator().consent(&url);
    for cookies in ["", "lever=stolen", "session=0; lever_login=0"] {
        let answer = town.operator().come_back(&callback, cookies);
        assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.text);
        assert!(!is_connected(town));
    }
});

story!(a_state_nobody_gave_is_refused, |town| {
    ready(town);
    let (_, cookies) = town.operator().begin_log_in();
    town.watch();
    for query in ["", "?code=x", "?state=x", "?code=x&state=y", "?error=access_denied&state=y"] {
        let answer = town.operator().come_back(&format!("{}/lever/callback{query}", crate::support::PUBLIC), &cookies);
        assert!((400..500).contains(&answer.status), "{query}: {} {}", answer.status, answer.text);
    }
    assert_eq!(town.calls(sandbox::Vendor::Lever), 0);
    assert!(!is_connected(town));
});

story!(a_state_that_waited_too_long_is_refused, |town| {
    ready(town);
    let (url, cookies) = town.operator().begin_log_in();
    let callback = town.operator().consent(&url);
    town.advance(24 * 60);
    let answer = town.operator().come_back(&callback, &cookies);
    assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.text);
    assert!(!is_connected(town));
});
