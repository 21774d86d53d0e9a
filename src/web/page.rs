//! The pages, as pure functions from what is known to HTML; this file has their frame.
//!
//! Everything works without JavaScript, and nothing here reads, decides or fails. Markup escapes whatever it is
//! given, so a candidate's name or a vendor's words can't become anything else than text.

use maud::{DOCTYPE, Markup, html};

use crate::domain::ids::AccountId;

pub mod accounts;
pub mod activity;
mod bamboohr;
mod lever;
pub mod mapping;
pub mod piece;
pub mod preview;
pub mod setup;
pub mod sign_in;
pub mod stage;
pub mod tags;

/// The one stylesheet.
pub const STYLE: &str = include_str!("style.css");
/// The one script: enhancements only.
pub const SCRIPT: &str = include_str!("page.js");

/// A page of an account's, for the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Connections and health.
    Setup,
    /// Tags to copy, and what they would do.
    Tags,
    /// What was done, and why not.
    Activity,
}

impl Tab {
    const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Setup, "Set-up", ""), (Self::Tags, "Tags", "/tags"), (Self::Activity, "Activity", "/activity")];
}

/// The menu of an account's pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Menu {
    /// Nothing in it would work.
    #[default]
    None,
    /// The page is none of those in it.
    Anywhere,
    /// The page is this one.
    At(Tab),
}

/// Whom a page is for: what its head shows.
#[derive(Clone, Copy, Default)]
pub struct Reader<'a> {
    /// The session's form token; `None` = nobody is signed in.
    pub form_token: Option<&'a str>,
    /// As whom one is signed in.
    pub who: &'a str,
    /// The account at hand and its name.
    pub account: Option<(&'a AccountId, &'a str)>,
    /// The menu, where there is an account.
    pub menu: Menu,
}

impl Reader<'_> {
    /// The same at a page of the menu.
    #[must_use]
    pub fn at(&self, tab: Tab) -> Self {
        Self { menu: Menu::At(tab), ..*self }
    }
}

/// A whole page.
#[must_use]
pub fn frame(reader: &Reader<'_>, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) @if let Some((_, name)) = reader.account { " – " (name) } " – Qualified integrations" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
                script src="/page.js" defer {}
            }
            body {
                a.skip.unseen href="#main" { "Skip to the content" }
                header.top { div.wide { (head(reader)) } }
                main #main .wide { (content) }
                div #announcements .unseen role="status" {}
            }
        }
    }
}

fn head(reader: &Reader<'_>) -> Markup {
    html! {
        a.brand href="/integrations" { "Qualified integrations" }
        @if let (Some((account, _)), Menu::Anywhere | Menu::At(_)) = (reader.account, reader.menu) {
            nav aria-label="Account" {
                ul {
                    @for (tab, name, path) in Tab::ALL {
                        li {
                            a href={ "/integrations/" (account) (path) } aria-current=[(reader.menu == Menu::At(tab)).then_some("page")] { (name) }
                        }
                    }
                }
            }
        }
        @if let Some(form_token) = reader.form_token {
            p.whose.quiet { span.unseen { "Signed in: " } @if let Some((_, name)) = reader.account { strong { (name) } " · " } (reader.who) }
            form method="post" action="/sign-out" {
                (piece::form_token(form_token))
                button.link { "Sign out" }
            }
        }
    }
}

/// A page that says one thing, such as what went wrong, with a way back.
#[must_use]
pub fn message(reader: &Reader<'_>, title: &str, text: &str) -> Markup {
    frame(
        reader,
        title,
        &html! {
            h1 { (title) }
            p { (text) }
            @if reader.form_token.is_some() {
                @match reader.account {
                    Some((account, _)) => p { a.button href={ "/integrations/" (account) } { "Back to the set-up" } },
                    None => p { a.button href="/integrations" { "Back to the integrations" } },
                }
            }
        },
    )
}

/// The page of an account whose subscription lacks the ATS features. `qualified`: where Qualified is.
#[must_use]
pub fn without_ats(reader: &Reader<'_>, name: &str, qualified: &str) -> Markup {
    frame(
        &Reader { menu: Menu::None, ..*reader },
        "ATS features",
        &html! {
            h1 { "Invite candidates from your ATS" }
            p.quiet { (name) }
            section.card {
                p {
                    "Qualified can invite candidates straight from Lever or BambooHR and show there how far they are. The "
                    "subscription of this team does not include these features yet."
                }
                p { "To get them, ask your contact at Qualified to add " strong { "ATS integrations" } " to the plan. Then open the integrations from Qualified again." }
                p.quiet { "What was connected before stays connected. Nothing is sent or written until the features are on." }
                p { a.button.main href=(qualified) { "Go to Qualified" } }
            }
        },
    )
}
