//! Whatever BambooHR does with a write: one mail, one comment, the right status, after some more syncs.

use http::Method;
use sandbox::{Effect, Rule, Vendor};

use super::office::{Office, comments, sets, status};
use crate::RUST;
use crate::support::{Town, story};

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

story!(our_own_comments_are_not_taken_for_one_in_doubt, |town| {
    let office = Office::works(town);
    let effects = [
        ("Ada Busy", Effect::Throttled { retry_after: Some(30) }),
        ("Bo Down", Effect::ServerError),
        ("Cy Dead", Effect::NoAnswer { applied: false }),
        ("Di Lost", Effect::NoAnswer { applied: true }),
    ];
    for (name, effect) in effects {
        let ada = office.invites(town, name);
        let interview = 5;
        sets(town, &ada, interview);
        town.candidate(&ada).starts();
        town.deliver_well();
        let rule = Rule::at(Vendor::BambooHr, effect.clone()).on(Method::POST).ending("/comments").times(1);
        town.vendors(|vendors| vendors.faults().add(rule));
        town.candidate(&ada).submits(70.0);
        town.deliver_well();
        // The decision has a comment of its own, which comes before the result is tried again.
        town.reviewer().approves(&ada);
        town.deliver_well();
        town.sync_until_quiet();
        let said = comments(town, &ada);
        let results = said.iter().filter(|text| text.starts_with(RUST) && text.contains("70"));
        assert_eq!((results.count(), said.len()), (1, 3), "{effect:?}: {said:#?}");
    }
});
