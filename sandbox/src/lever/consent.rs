//! The page on which a Super Admin lets an app in, and the same decision taken by a test.

use maud::html;

use super::oauth::{Asked, Authority, denied};
use crate::call::{self, Call};
use crate::pages;
use crate::reply::{self, Reply};
use crate::world::{Context, Refused};

/// `GET /authorize`.
pub(crate) fn page(authority: &Authority, context: &Context, call: &Call, accounts: &[String]) -> Reply {
    let asked = match authority.asked(call.query_pairs(), context) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let action = format!("/authorize?{}", call.raw_query);
    pages::consent("Pretend Lever", &asked.client, &asked.scopes, &action, accounts)
}

/// `POST /authorize`, the page's form.
pub(crate) fn decide(authority: &mut Authority, context: &mut Context, call: &Call, accounts: &[String]) -> Reply {
    let asked = match authority.asked(call.query_pairs(), context) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let form = call.form();
    let account = call::value(&form, "account").filter(|account| accounts.iter().any(|known| known == account));
    match (call::value(&form, "decision"), account) {
        (Some("accept"), Some(account)) => reply::see_other(&authority.accept(context, asked, account)),
        (Some("deny"), _) => reply::see_other(&denied(&asked)),
        _ => refusal(&Refused::because("Choose an account, then accept or deny")),
    }
}

/// The request in an authorize URL, as the browser would send it.
pub(crate) fn asked(authority: &Authority, context: &Context, authorize_url: &str) -> Result<Asked, Refused> {
    let expected = format!("{}/authorize", context.origins.lever_auth);
    match authorize_url.split_once('?') {
        Some((page, query)) if page == expected => authority.asked(&call::pairs(query.as_bytes()), context),
        _ => Err(Refused::because(format!("this is not {expected}"))),
    }
}

fn refusal(refused: &Refused) -> Reply {
    let body = html! { p { (refused) } };
    let mut page = pages::page("Pretend Lever", "Something went wrong", &html! {}, &body);
    *page.status_mut() = http::StatusCode::FORBIDDEN;
    page
}
