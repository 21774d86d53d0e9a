//! The frame of every page: one stylesheet, landmarks, and the words that nothing here is real.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::reply::{self, Reply};

const STYLE: &str = include_str!("style.css");

/// A page of a vendor. `vendor` is the label of the site, `title` the page's heading.
pub(crate) fn page(vendor: &str, title: &str, body: &Markup) -> Reply {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (vendor) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.vendor { (vendor) }
                    p { "A sandbox: nothing here is real." }
                }
                main {
                    h1 { (title) }
                    (body)
                }
            }
        }
    };
    reply::html(200, markup.into_string())
}

/// The page on which a person lets an app in. `action` takes the form: `account` and `decision`.
pub(crate) fn consent(
    vendor: &str,
    client: &str,
    scopes: &BTreeSet<String>,
    action: &str,
    accounts: &[String],
) -> Reply {
    let body = html! {
        p { strong { (client) } " wants to work with an account. It asks for:" }
        ul { @for scope in scopes { li { code { (scope) } } } }
        form method="post" action=(action) {
            label for="account" { "You are an administrator of" }
            select id="account" name="account" {
                @for account in accounts { option { (account) } }
            }
            div.row {
                button name="decision" value="accept" { "Accept" }
                button.quiet name="decision" value="deny" { "Deny" }
            }
        }
    };
    page(vendor, "Let an app in", &body)
}
