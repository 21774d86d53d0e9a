//! The component on Spin's own Redis store, which can't read several keys at once and calls every swap lost.

use crate::RUST;
use crate::support::{Kind, Town, Ways};

/// From the set-up to the note by webhooks, and another candidate by a sync alone; the durable writes of both.
fn story(ways: Ways) -> Vec<String> {
    let town = Town::component_on(ways);
    town.operator().sets_everything_up(&[RUST]);
    town.watch();
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(86.7);
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);

    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    let bo = town.recruiter().adds_tagged("Bo Lind", RUST);
    town.recruiter().moves(&bo, "Coding test");
    town.advance(15);
    let report = town.sync();
    assert_eq!((&report["invited"], &report["failed"]), (&1.into(), &0.into()), "{report}");
    town.deliver();

    assert_eq!(town.mails(), [ada.email(), bo.email()]);
    assert_eq!(town.notes(&ada).len(), 1);
    assert_eq!(town.tags(&bo), [format!("{RUST} - Invited")]);
    town.audit();
    let writes = town.operations().into_iter().filter(|(kind, _)| *kind == Kind::Write);
    writes.map(|(_, what)| what).collect()
}

#[test]
fn on_spins_redis_the_journey_is_the_same_and_nothing_is_written_twice() {
    assert_eq!(story(Ways::SpinsRedis), story(Ways::Sound));
}
