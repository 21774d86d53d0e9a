//! Two workers at one time, switched at every place where either may wait: a sync beside a sync, a sync beside an event.

use bytes::Bytes;
use http::Request;
use sandbox::Sandbox;

use super::office::{Office, changes, comments, sets, status};
use crate::support::{ACCOUNT, Candidate, OPERATOR, Town};

/// Far more operations than an invocation has.
const MOST: usize = 400;

fn check_now() -> Request<Bytes> {
    let request =
        Request::post(format!("/sync?account={ACCOUNT}")).header("authorization", format!("Bearer {OPERATOR}"));
    request.body(Bytes::new()).expect("a request")
}

/// Plays `first` up to each of its operations, a whole sync there, and the rest of `first`.
fn beside_a_sync(first: fn(&Town, &Office) -> (Candidate, Request<Bytes>), arrived: fn(&Town, &Office, &Candidate)) {
    for switch in 0..MOST {
        let town = Town::native();
        let office = Office::works(&town);
        let (ada, request) = first(&town, &office);
        let mut one = town.stepwise(request);
        let ended = (0..switch).any(|_| one.step());
        let mut other = town.stepwise(check_now());
        while !other.step() {}
        if !ended {
            while !one.step() {}
        }
        town.sync_until_quiet();
        assert_eq!(town.mails(), [ada.email()], "switched after {switch} operations");
        arrived(&town, &office, &ada);
        town.audit();
        if ended {
            return;
        }
    }
    panic!("the invocation never ends");
}

#[test]
fn two_syncs_at_once_invite_once() {
    let given = |town: &Town, office: &Office| {
        let ada = office.applies(town, "Ada Okafor");
        sets(town, &ada, office.send);
        (ada, check_now())
    };
    beside_a_sync(given, |town, _, _| {
        let asked =
            |vendors: &mut Sandbox| vendors.requests().filter(|it| it.path.ends_with("/invite_candidates")).count();
        assert_eq!(town.vendors(asked), 1, "Qualified is asked once, and need not keep the second mail back");
    });
}

#[test]
fn an_event_and_a_sync_at_once_set_the_status_once_and_comment_once() {
    let submitted = |town: &Town, office: &Office| {
        let ada = office.invites(town, "Ada Okafor");
        town.deliver();
        town.candidate(&ada).starts();
        town.deliver();
        town.candidate(&ada).submits(70.0);
        let mut due = town.due();
        let (id, request) = due.remove(0);
        town.answered(id, None);
        (ada, request)
    };
    beside_a_sync(submitted, |town, office, ada| {
        assert_eq!(status(town, ada), office.submitted);
        assert_eq!(comments(town, ada).len(), 1, "{:#?}", comments(town, ada));
        assert_eq!(changes(town, ada), 3, "the recruiter's, and one for each step");
    });
}
