//! Lever in miniature: an authorization server, the Data API v1, webhooks, and the people who use it.

mod access;
mod account;
mod bucket;
mod candidacies;
mod consent;
mod desk;
mod directory;
mod message;
mod moves;
mod note;
mod oauth;
mod opportunity;
mod paging;
mod posting;
mod recruiting;
mod refusal;
mod settings;
mod subscriptions;
mod webhook;

pub use account::{Stage, Unproven};
pub use desk::Desk;
pub use message::RETRY_AFTER;
pub use note::{Comment, Note};
pub use oauth::{App, Rotation};
pub use opportunity::{NewOpportunity, Opportunity};
pub use posting::{NewPosting, Posting};
pub use webhook::{Event, Webhook};

pub(crate) use message::{Message, answered};

use std::collections::BTreeMap;

use access::Access;
use account::Account;
use oauth::Authority;
use refusal::Refusal;

use crate::call::Call;
use crate::fault;
use crate::reply::Reply;
use crate::world::Context;

#[derive(Debug)]
pub(crate) struct Lever {
    accounts: BTreeMap<String, Account>,
    authority: Authority,
}

/// The doors a request reached: with one listener for everything, several at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    pub(crate) auth: bool,
    pub(crate) api: bool,
    pub(crate) europe: bool,
}

impl Lever {
    pub(crate) fn new(context: &mut Context) -> Self {
        let acme = Account::new("acme", &mut context.seed);
        Self { accounts: BTreeMap::from([("acme".into(), acme)]), authority: Authority::default() }
    }

    pub(crate) fn register(&mut self, app: App) {
        self.authority.register(app);
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }

    pub(crate) fn desk<'a>(&'a mut self, context: &'a mut Context, name: &str) -> Desk<'a> {
        let account = self.accounts.entry(name.into()).or_insert_with(|| Account::new(name, &mut context.seed));
        Desk { name: name.into(), account, authority: &mut self.authority, context }
    }

    pub(crate) fn answer(&mut self, context: &mut Context, call: &Call, reached: Reached) -> Reply {
        let (method, path) = call.route();
        match (method, path.as_slice()) {
            ("GET", ["authorize"]) if reached.auth => consent::page(&self.authority, context, call, &self.names()),
            ("POST", ["authorize"]) if reached.auth => {
                let names = self.names();
                consent::decide(&mut self.authority, context, call, &names)
            }
            ("POST", ["oauth", "token"]) if reached.auth => {
                let accounts = &self.accounts;
                let id = |name: &str| accounts.get(name).map_or(String::new(), |account| account.id.clone());
                self.authority.token(context, call, id)
            }
            (_, ["v1", ..]) if reached.api || reached.europe => {
                self.api(context, call, reached).unwrap_or_else(Refusal::reply)
            }
            _ => Refusal::unknown_path().reply(),
        }
    }

    fn api(&mut self, context: &mut Context, call: &Call, reached: Reached) -> Result<Reply, Refusal> {
        let header = call.header("authorization").ok_or_else(Refusal::unauthorized)?;
        let (name, access) = self.authority.access(context.now, header).ok_or_else(Refusal::unauthorized)?;
        let account = self.accounts.get_mut(name).ok_or_else(Refusal::unauthorized)?;
        if account.european && !reached.europe {
            return Ok(fault::moved(&context.origins.lever_europe, call));
        }
        if !account.bucket.take(context.now) {
            let reply = Refusal::throttled().reply();
            return Ok(match account.bucket.retry_after {
                Some(seconds) => crate::reply::with(reply, "retry-after", &seconds.to_string()),
                None => reply,
            });
        }
        route(account, context, &access, call)
            .map(|reply| crate::reply::with(reply, "x-lever-region", if reached.europe { "eu" } else { "global" }))
    }
}

/// The Data API as one table.
fn route(account: &mut Account, context: &mut Context, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    let (method, path) = call.route();
    match (method, &path[1..]) {
        ("GET", ["stages"]) => directory::stages(account, access, call),
        ("GET", ["stages", id]) => directory::stage(account, access, call, id),
        ("GET", ["archive_reasons"]) => directory::archive_reasons(account, access, call),
        ("GET", ["users"]) => directory::users(account, access, call),
        ("GET", ["users", id]) => directory::user(account, access, call, id),
        ("GET", ["contacts", id]) => directory::contact(account, access, call, id),
        ("GET", ["tags"]) => candidacies::all_tags(account, access, call),
        ("GET", ["postings"]) => posting::list(account, access, call),
        ("GET", ["postings", id]) => posting::get(account, access, call, id),

        ("GET", ["opportunities"]) => candidacies::list(account, access, call),
        ("GET", ["opportunities", "deleted"]) => candidacies::deleted(account, access, call),
        ("GET", ["opportunities", id]) => candidacies::get(account, access, call, id),
        ("GET", ["opportunities", id, "applications"]) => candidacies::applications(account, access, id),
        ("POST", ["opportunities", id, "addTags"]) => candidacies::tags(account, context, access, call, id, true),
        ("POST", ["opportunities", id, "removeTags"]) => candidacies::tags(account, context, access, call, id, false),
        ("POST", ["opportunities", id, "addLinks"]) => candidacies::links(account, context, access, call, id, true),
        ("POST", ["opportunities", id, "removeLinks"]) => candidacies::links(account, context, access, call, id, false),
        ("PUT", ["opportunities", id, "stage"]) => candidacies::put_stage(account, context, access, call, id),
        ("PUT", ["opportunities", id, "archived"]) => candidacies::put_archived(account, context, access, call, id),

        ("GET", ["opportunities", id, "notes"]) => note::list(account, access, call, id),
        ("GET", ["opportunities", id, "notes", note]) => note::get(account, access, id, note),
        ("POST", ["opportunities", id, "notes"]) => note::add(account, context, access, call, id),
        ("PUT", ["opportunities", id, "notes", note]) => note::replace(account, access, call, id, note),
        ("DELETE", ["opportunities", id, "notes", note]) => note::delete(account, access, id, note),

        ("GET", ["webhooks"]) => subscriptions::list(account, access),
        ("POST", ["webhooks"]) => subscriptions::add(account, context, access, call),
        ("PUT", ["webhooks"]) => subscriptions::put(account, context, access, call),
        ("DELETE", ["webhooks", id]) => subscriptions::delete(account, access, id),
        _ => Err(Refusal::unknown_path()),
    }
}
