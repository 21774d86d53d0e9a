//! The operator's choice of an account.

use maud::{Markup, html};

use super::{
    Reader, frame,
    piece::{self, Field, Rows},
};
use crate::{app::Failure, domain::ids::AccountId};

/// What the list may come to, in bytes of HTML; beyond, searching narrows.
const ROOM: usize = 50_000;

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Accounts<'a> {
    /// Those that match the search.
    pub found: &'a [AccountId],
    /// What was searched.
    pub sought: &'a str,
    /// Why the account given was not made.
    pub wrong: Option<&'a Failure>,
    /// What was given as a new account.
    pub given: (&'a str, &'a str),
}

/// The operator's page of all accounts.
#[must_use]
pub fn page(reader: &Reader<'_>, accounts: &Accounts<'_>) -> Markup {
    let Accounts { found, sought, wrong, given } = *accounts;
    let rows = Rows { page: "/integrations", name: "search", label: "Search", sought, found: found.len(), room: ROOM };
    frame(
        reader,
        "Accounts",
        &html! {
            h1 { "Accounts" }
            section.card {
                h2 { "Choose an account" }
                @if found.is_empty() && sought.is_empty() { p.quiet { "There is none yet." } }
                (rows.show(&mut found.iter().map(|account| html! { li { a href={ "/integrations/" (account) } { (account) } } })))
            }
            section.card {
                h2 { "Create an account" }
                (piece::wrong_at_large(wrong))
                form.fields method="post" action="/integrations" {
                    @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                    (piece::field(&Field {
                        name: "account",
                        label: "Account",
                        hint: "Lower-case letters, digits and dashes. It is part of webhook addresses and never changes.",
                        value: given.0,
                        error: piece::wrong_at(wrong, "account"),
                        ..Field::default()
                    }))
                    (piece::field(&Field {
                        name: "name",
                        label: "Name",
                        hint: "For people.",
                        value: given.1,
                        error: piece::wrong_at(wrong, "name"),
                        ..Field::default()
                    }))
                    div { button.main { "Create account" } }
                }
            }
        },
    )
}
