//! The vendors' pages for people who try the product: plain HTML, every control a form, one stylesheet, a few lines of
//! script for refreshing and dragging. Each page says that nothing on it is real.

mod bamboohr;
mod lever;
mod qualified;

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::call::Call;
use crate::reply::{self, Reply};
use crate::{Origins, Refused, Sandbox, Vendor, call};

const STYLE: &str = include_str!("pages/style.css");
const SCRIPT: &str = include_str!("pages/live.js");

/// Whether a path belongs to the pages: the front page, the forms' targets under `/do/`, and what notes link to.
pub(crate) fn is_page(path: &str) -> bool {
    path == "/" || path.starts_with("/do/") || path.starts_with("/reports/")
}

/// Answers what is asked of a vendor's pages.
pub(crate) fn answer(sandbox: &mut Sandbox, vendor: Vendor, call: &Call) -> Reply {
    let (method, path) = call.route();
    let names = sandbox.customers().remove(&vendor).unwrap_or_default();
    let asked = call.query("account").filter(|asked| names.iter().any(|name| name == asked));
    let Some(account) = asked.or(names.first().map(String::as_str)).map(str::to_owned) else {
        return reply::empty(404);
    };
    match (method, path.as_slice()) {
        ("GET", []) => {
            let body = match vendor {
                Vendor::Lever => lever::body(&sandbox.lever_of(&account)),
                Vendor::Qualified => qualified::body(&sandbox.qualified_of(&account)),
                Vendor::BambooHr => bamboohr::body(&sandbox.bamboohr_of(&account)),
            };
            let body = html! {
                @if names.len() > 1 { (accounts(&names, &account)) }
                @if let Some(notice) = call.query("notice") { p.notice role="status" { (notice) } }
                (body)
                script { (PreEscaped(SCRIPT)) }
            };
            page(label(vendor), &account, &boards(sandbox.origins(), vendor), &body)
        }
        ("GET", ["reports", ..]) if vendor == Vendor::Qualified => {
            let body =
                html! { p { "In life, Qualified shows here what the candidate wrote, and how each test went." } };
            page(label(vendor), "A shared report", &boards(sandbox.origins(), vendor), &body)
        }
        // Another site's form must not act here.
        ("POST", ["do", _]) if call.header("sec-fetch-site") == Some("cross-site") => reply::empty(403),
        ("POST", ["do", action]) => {
            let form = Form(call.form());
            let done = match vendor {
                Vendor::Lever => lever::act(&mut sandbox.lever_of(&account), action, &form),
                Vendor::Qualified => qualified::act(&mut sandbox.qualified_of(&account), action, &form),
                Vendor::BambooHr => bamboohr::act(&mut sandbox.bamboohr_of(&account), action, &form),
            };
            let notice = done.unwrap_or_else(|refused| Some(format!("Refused: {refused}")));
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("account", &account)
                .extend_pairs(notice.map(|notice| ("notice", notice)))
                .finish();
            reply::see_other(&format!("/?{query}"))
        }
        _ => reply::empty(404),
    }
}

/// What a form's action comes to: perhaps something to tell.
type Acted = Result<Option<String>, Refused>;

/// Nothing to tell: the page shows it.
fn quietly<T>(done: Result<T, Refused>) -> Acted {
    done.map(|_| None)
}

/// The fields of a form.
struct Form(Vec<(String, String)>);

impl Form {
    /// A field that has to be filled.
    fn text(&self, name: &str) -> Result<&str, Refused> {
        call::value(&self.0, name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refused::because(format!("{name} is empty")))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, Refused> {
        let text = self.text(name)?;
        text.parse().map_err(|_| Refused::because(format!("{name} is no number")))
    }
}

fn label(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Lever => "Pretend Lever",
        Vendor::Qualified => "Pretend Qualified",
        Vendor::BambooHr => "Pretend BambooHR",
    }
}

fn accounts(names: &[String], current: &str) -> Markup {
    html! {
        form.row method="get" action="/" {
            div {
                label for="account" { "Account" }
                select id="account" name="account" {
                    @for name in names { option selected[name == current] { (name) } }
                }
            }
            button { "Show" }
        }
    }
}

/// A form of one button. `whom` completes the button's name for those who do not see what it stands beside.
fn press(action: &str, account: &str, fields: &[(&str, &str)], text: &str, whom: &str) -> Markup {
    html! {
        form method="post" action=(target(action, account)) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button.quiet aria-label={ (if text == "×" { "Remove" } else { text }) " " (whom) } { (text) }
        }
    }
}

/// What was written to a person, its addresses to be followed.
fn note(text: &str) -> Markup {
    html! {
        pre {
            @for word in text.split_inclusive(char::is_whitespace) {
                @if word.starts_with("http") { a href=(word.trim_end()) { (word) } } @else { (word) }
            }
        }
    }
}

/// Where a form goes.
fn target(action: &str, account: &str) -> String {
    let account: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
    format!("/do/{action}?account={account}")
}

/// The way to the other vendors' boards.
fn boards(origins: &Origins, current: Vendor) -> Markup {
    let boards = [
        (Vendor::Lever, "Lever", &origins.lever_api),
        (Vendor::Qualified, "Qualified", &origins.qualified),
        (Vendor::BambooHr, "BambooHR", &origins.bamboohr),
    ];
    html! {
        nav aria-label="Vendors" {
            @for (vendor, name, origin) in boards {
                a href=(origin) aria-current=[(vendor == current).then_some("page")] { (name) }
            }
        }
    }
}

/// A page of a vendor. `vendor` is the label of the site, `title` the page's heading, `links` where else to go.
pub(crate) fn page(vendor: &str, title: &str, links: &Markup, body: &Markup) -> Reply {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" href="data:,";
                title { (title) " · " (vendor) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.vendor { (vendor) }
                    p { "A sandbox: nothing here is real." }
                    (links)
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
    page(vendor, "Let an app in", &html! {}, &body)
}
