//! Every webhook of Lever's and Qualified's is lost: one sync after each step shows what the webhooks would have shown.

use crate::RUST;
use crate::bamboohr::office::{self, Office};
use crate::support::{Candidate, Town, story};

/// What people see after a step: how the ATS shows the progress, the results there, the invitations by mail.
type Sight = (Vec<String>, Vec<String>, usize);

/// Somebody is asked to take the assessment, starts, submits, is approved. What is seen after each step is told of.
fn walks(town: &Town, who: &Candidate, asked: impl Fn(), told: impl Fn(), seen: impl Fn() -> Sight) -> Vec<Sight> {
    let steps: [&dyn Fn(); 4] =
        [&asked, &|| town.candidate(who).starts(), &|| town.candidate(who).submits(86.7), &|| {
            town.reviewer().approves(who)
        }];
    let mut sights = Vec::new();
    for step in steps {
        step();
        told();
        sights.push(seen());
    }
    sights
}

/// The lines of a result that are the same for everybody who does equally well.
fn results(texts: Vec<String>) -> Vec<String> {
    texts.iter().map(|text| text.lines().take(2).collect::<Vec<_>>().join(", ")).collect()
}

fn drop_all(town: &Town) {
    town.vendors(|vendors| {
        vendors.lever_webhooks().drop = true;
        vendors.qualified_webhooks().drop = true;
    });
}

fn deliver_well(town: &Town) {
    town.deliver_well();
}

fn sync_once(town: &Town) {
    town.advance(15);
    assert!(town.due().is_empty(), "no webhook comes");
    town.sync();
}

story!(without_any_webhook_one_sync_after_each_step_shows_the_same_in_lever, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let walk = |name: &str, told: fn(&Town)| {
        let who = town.recruiter().adds_tagged(name, RUST);
        let asked = || town.recruiter().moves(&who, "Coding test");
        let seen = || (town.tags(&who), results(town.notes(&who)), town.candidate(&who).invitations());
        walks(town, &who, asked, || told(town), seen)
    };
    let by_webhook = walk("Ada Okafor", deliver_well);
    drop_all(town);
    let by_sync = walk("Bo Lind", sync_once);
    assert_eq!(by_webhook, by_sync);
    let tags: Vec<_> = by_sync.iter().flat_map(|(tags, ..)| tags.clone()).collect();
    assert_eq!(tags, ["Invited", "Started", "Submitted", "Approved"].map(|step| format!("{RUST} - {step}")));
    let result = format!("{RUST}, Score: 86.7 / 100 (passed)");
    assert_eq!(by_sync.last(), Some(&(vec![format!("{RUST} - Approved")], vec![result], 1)));
});

story!(without_any_webhook_one_sync_after_each_step_shows_the_same_in_bamboohr, |town| {
    let office = Office::works(town);
    let walk = |name: &str, told: fn(&Town)| {
        let who = office.applies(town, name);
        // BambooHR tells nobody of a status: it is looked for in either case.
        let asked = || {
            office::sets(town, &who, office.send);
            sync_once(town);
        };
        let seen = || {
            let status = office::status(town, &who).to_string();
            (vec![status], results(office::comments(town, &who)), town.candidate(&who).invitations())
        };
        walks(town, &who, asked, || told(town), seen)
    };
    let by_webhook = walk("Ada Okafor", deliver_well);
    drop_all(town);
    let by_sync = walk("Bo Lind", sync_once);
    assert_eq!(by_webhook, by_sync);
    let statuses: Vec<_> = by_sync.iter().flat_map(|(status, ..)| status.clone()).collect();
    assert_eq!(
        statuses,
        [office.send, office.started, office.submitted, office.approved].map(|status| status.to_string())
    );
    let result = format!("{RUST}, Score: 86.7 / 100 (passed)");
    assert_eq!(by_sync.last(), Some(&(vec![office.approved.to_string()], vec![result], 1)));
});
