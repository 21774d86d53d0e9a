//! What a sync costs: vendor calls, store reads and writes, time. `cargo cost` prints the tables of
//! `docs/guarantees.md` and draws their picture.
//!
//! The product runs as a library here, against the vendors in miniature, in made time (see [`world`]): the figures are
//! exact and the same on every machine. Nothing is asserted; what must hold is a story's business.

mod picture;
mod town;
mod world;

use std::fs;
use std::io::{Write, stderr, stdout};
use std::path::Path;

use jiff::Timestamp;

use picture::{Panel, Picture};
use town::{Pass, Town, applicant};
use world::{CALL, WRITE};

/// Callers of `/sync` at the same time, each with a shard of the accounts.
const CALLERS: u64 = 4;

const PICTURE: &str = "docs/pictures/sync-cost.svg";

fn main() -> anyhow::Result<()> {
    let mut out = stdout();
    writeln!(out, "A call to a vendor takes {} ms, a durable write {} ms.", CALL.as_millis(), WRITE.as_millis())?;
    writeln!(out, "Of 10,000 accounts, {CALLERS} callers of `/sync` take a shard each; else there is one.\n")?;

    writeln!(out, "| accounts | vendor calls | reads | writes | read | calls of `/sync` | time |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    let by_accounts = [1, 100, 10_000].map(|count| (count, with_lever(count, &mut out)));
    for count in [1, 100, 10_000] {
        with_bamboohr(count, &mut out)?;
    }

    writeln!(out, "\n| one account | vendor calls | reads | writes | read | written | time |")?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for count in [10, 1_000] {
        in_a_stage(count, &mut out)?;
    }
    let by_applications = [100, 1_000, 10_000, 100_000].map(|count| (count, with_applications(count, 0, &mut out)));
    for waiting in [1_000, 10_000] {
        with_applications(100_000, waiting, &mut out)?;
    }

    let mut accounts = Panel::new("Nothing changed: each account", "accounts");
    for (count, passes) in by_accounts {
        accounts.add(count, &passes?.counts.each(count));
    }
    let mut applications = Panel::new("10 applications changed: all of it", "applications of the account");
    for (count, pass) in by_applications {
        applications.add(count, &pass?.counts.each(1));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PICTURE);
    fs::write(path, Picture([accounts, applications]).to_string())?;
    writeln!(out, "\nThe picture is {PICTURE}.")?;
    Ok(())
}

/// Says on the way what is being measured.
fn progress(what: &str) -> anyhow::Result<()> {
    Ok(writeln!(stderr(), "... {what}")?)
}

/// A row per pass over many accounts: what each of them costs, and the whole.
fn of_many(out: &mut impl Write, what: &str, count: u64, pass: &Pass) -> anyhow::Result<()> {
    let [calls, reads, writes] = pass.counts.each(count);
    let time = seconds(pass.took.as_secs_f64());
    let kilobytes = kilobytes(pass.counts.read as f64 / count as f64);
    let syncs = pass.syncs;
    writeln!(out, "| {what} | {calls:.2} | {reads:.2} | {writes:.2} | {kilobytes} | {syncs} | {time} |")?;
    Ok(())
}

/// A row per pass over one account.
fn of_one(out: &mut impl Write, what: &str, pass: &Pass) -> anyhow::Result<()> {
    let counts = &pass.counts;
    let [read, written] = [counts.read, counts.written].map(|bytes| kilobytes(bytes as f64));
    let time = seconds(pass.took.as_secs_f64());
    writeln!(
        out,
        "| {what} | {} | {} | {} | {read} | {written} | {time} |",
        counts.calls, counts.reads, counts.writes
    )?;
    Ok(())
}

fn kilobytes(bytes: f64) -> String {
    format!("{:.1} kB", bytes / 1e3)
}

fn seconds(seconds: f64) -> String {
    if seconds < 100.0 { format!("{seconds:.1} s") } else { format!("{:.1} min", seconds / 60.0) }
}

fn callers_for(accounts: u64) -> u64 {
    if accounts < 1_000 { 1 } else { CALLERS }
}

/// The passes after which everything is seen and settled.
fn settle(town: &Town) -> anyhow::Result<Timestamp> {
    let start = town.now();
    for quarter in [15, 30] {
        town.wait_until(start, quarter);
        town.pass(CALLERS)?;
    }
    Ok(start)
}

fn with_lever(count: u64, out: &mut impl Write) -> anyhow::Result<Pass> {
    progress(&format!("{count} accounts with Lever"))?;
    let town = Town::new();
    for number in 0..count {
        let name = format!("customer-{number}");
        town.add_lever_customer(&name)?;
        town.add_invited(&name, 1)?;
    }
    let (start, callers) = (settle(&town)?, callers_for(count));
    town.wait_until(start, 45);
    let unchanged = town.pass(callers)?;
    of_many(out, &format!("{count} with Lever, nothing changed"), count, &unchanged)?;
    of_many(out, &format!("{count} with Lever, none due"), count, &town.pass(callers)?)?;
    let mut hour = Pass::default();
    for quarter in [60, 75, 90, 105] {
        town.wait_until(start, quarter);
        hour = hour + town.pass(callers)?;
    }
    of_many(out, &format!("{count} with Lever, nothing changed for an hour"), count, &hour)?;
    Ok(unchanged)
}

fn with_bamboohr(count: u64, out: &mut impl Write) -> anyhow::Result<()> {
    progress(&format!("{count} accounts with BambooHR"))?;
    let town = Town::new();
    for number in 0..count {
        town.add_bamboohr_customer(&format!("customer-{number}"), |desk, opening| {
            desk.add_application(applicant(0, opening.job).status(opening.send))?;
            Ok(())
        })?;
    }
    let start = settle(&town)?;
    town.wait_until(start, 45);
    of_many(out, &format!("{count} with BambooHR, nothing changed"), count, &town.pass(callers_for(count))?)
}

fn in_a_stage(count: usize, out: &mut impl Write) -> anyhow::Result<()> {
    progress(&format!("{count} candidates in the trigger stage"))?;
    let town = Town::new();
    town.add_lever_customer("customer")?;
    town.add_invited("customer", count)?;
    let start = settle(&town)?;
    town.wait_until(start, 45);
    of_one(out, &format!("Lever, {count} candidates in the trigger stage, nothing changed"), &town.pass(1)?)
}

/// `waiting`: how many have had the sending status for long.
fn with_applications(count: u64, waiting: usize, out: &mut impl Write) -> anyhow::Result<Pass> {
    progress(&format!("{count} applications, {waiting} in the sending status"))?;
    let town = Town::new();
    let opening = town.add_bamboohr_customer("customer", |desk, opening| {
        for number in 0..usize::try_from(count)? {
            let new = applicant(number, opening.job);
            desk.add_application(if number < waiting { new.status(opening.send) } else { new })?;
        }
        Ok(())
    })?;
    let start = settle(&town)?;
    let what = format!("BambooHR, {count} applications, {waiting} in the sending status");
    town.wait_until(start, 45);
    let unchanged = town.pass(1)?;
    {
        let mut sandbox = town.world.sandbox();
        let mut desk = sandbox.bamboohr_of("customer");
        let ids: Vec<i64> = desk.applications().iter().rev().take(10).map(|it| it.id).collect();
        for id in ids {
            desk.set_status(id, opening.send)?;
        }
    }
    town.wait_until(start, 60);
    let changed = town.pass(1)?;
    anyhow::ensure!(changed.invited == 10, "{} were invited", changed.invited);
    of_one(out, &format!("{what}, 10 changed"), &changed)?;
    of_one(out, &format!("{what}, nothing changed"), &unchanged)?;
    Ok(changed)
}
