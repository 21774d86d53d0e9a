//! The page on which a user of a company lets an app in, and the same decision taken by a test.

use maud::html;

use super::oauth::{Asked, Authority, denied};
use crate::call::{self, Call};
use crate::pages;
use crate::reply::{self, Reply};
use crate::world::{Context, Refused};

/// `GET /authorize.php`.
pub(crate) fn page(authority: &Authority, call: &Call, companies: &[String]) -> Reply {
    match authority.asked(call.query_pairs()) {
        Ok(asked) => {
            let action = format!("/authorize.php?{}", call.raw_query);
            pages::consent("Pretend BambooHR", &asked.client, &asked.scopes, &action, companies)
        }
        Err(refused) => refusal(&refused),
    }
}

/// `POST /authorize.php`, the page's form.
pub(crate) fn decide(authority: &mut Authority, context: &mut Context, call: &Call, companies: &[String]) -> Reply {
    let asked = match authority.asked(call.query_pairs()) {
        Ok(asked) => asked,
        Err(refused) => return refusal(&refused),
    };
    let form = call.form();
    let company = call::value(&form, "account").filter(|name| companies.iter().any(|known| known == name));
    match (call::value(&form, "decision"), company) {
        (Some("accept"), Some(company)) => reply::see_other(&authority.accept(context, asked, company)),
        (Some("deny"), _) => reply::see_other(&denied(&asked)),
        _ => refusal(&Refused::because("Choose a company, then accept or deny")),
    }
}

/// The request in an authorize URL, as the browser would send it to this company's host or to the gateway's.
pub(crate) fn asked(
    authority: &Authority,
    context: &Context,
    domain: &str,
    authorize_url: &str,
) -> Result<Asked, Refused> {
    let expected = format!("{}/authorize.php", context.origins.bamboohr.replace('*', domain));
    match authorize_url.split_once('?') {
        Some((page, query)) if page == expected => authority.asked(&call::pairs(query.as_bytes())),
        _ => Err(Refused::because(format!("this is not {expected}"))),
    }
}

fn refusal(refused: &Refused) -> Reply {
    let mut page = pages::page("Pretend BambooHR", "Something went wrong", &html! {}, &html! { p { (refused) } });
    *page.status_mut() = http::StatusCode::FORBIDDEN;
    page
}
