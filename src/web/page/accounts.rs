//! The operator's choice of an account.

use maud::{Markup, html};

use super::{
    Reader, frame,
    piece::{self, Field},
};
use crate::domain::ids::AccountId;

/// Accounts shown at a time; beyond, searching narrows.
pub const MOST: usize = 200;

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Accounts<'a> {
    /// Those that match the search, at most [`MOST`].
    pub shown: &'a [AccountId],
    /// How many match.
    pub found: usize,
    /// What was searched.
    pub sought: &'a str,
    /// Why the account given was not made.
    pub error: Option<&'a str>,
    /// What was given as a new account.
    pub given: (&'a str, &'a str),
}

/// The page.
#[must_use]
pub fn page(reader: &Reader<'_>, accounts: &Accounts<'_>) -> Markup {
    let Accounts { shown, found, sought, error, given } = *accounts;
    frame(
        reader,
        "Accounts",
        &html! {
            h1 { "Accounts" }
            section.card {
                h2 { "Choose an account" }
                @if found > 8 || !sought.is_empty() {
                    form.row.search method="get" action="/integrations" role="search" {
                        div {
                            label for="search" { "Search" }
                            input id="search" name="search" type="search" value=(sought);
                        }
                        button { "Search" }
                    }
                }
                ul.rows {
                    @for account in shown { li { a href={ "/integrations/" (account) } { (account) } } }
                }
                @if shown.is_empty() { p.quiet { "There is none" (if sought.is_empty() { " yet" } else { " like this" }) "." } }
                @if found > shown.len() { p.quiet { (found) " accounts; the first " (shown.len()) " are shown." } }
            }
            section.card {
                h2 { "Create an account" }
                form.fields method="post" action="/integrations" {
                    @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                    (piece::field(&Field {
                        name: "account",
                        label: "Account",
                        hint: "Lower-case letters, digits and dashes. It is part of webhook addresses and never changes.",
                        value: given.0,
                        error,
                        ..Field::default()
                    }))
                    (piece::field(&Field { name: "name", label: "Name", hint: "For people.", value: given.1, ..Field::default() }))
                    div { button.main { "Create account" } }
                }
            }
        },
    )
}
