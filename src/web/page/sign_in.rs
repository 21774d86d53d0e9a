//! The way in.

use maud::{Markup, html};

use super::{
    Reader, frame,
    piece::{self, Field, Tone},
};

/// What brings somebody to the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion<'a> {
    /// Nothing in particular.
    Arrived,
    /// The token was wrong: why.
    WrongToken(&'a str),
    /// The ticket was not accepted: why.
    BadTicket(&'a str),
    /// Signed out just now.
    SignedOut,
}

/// Somebody who comes from Qualified while another session is open here.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// To be sent along: it is not used up by asking.
    pub ticket: &'a str,
    /// The account's name.
    pub account: &'a str,
    /// As whom.
    pub user: &'a str,
}

/// Whether to change to what a ticket is for. `own`: the name of the account that is the reader's now.
#[must_use]
pub fn change(reader: &Reader<'_>, asked: &Asked<'_>, own: Option<&str>) -> Markup {
    let title = format!("Continue to {} as {}?", asked.account, asked.user);
    frame(
        reader,
        &title,
        &html! {
            h1 { (title) }
            section.card {
                p { "You are signed in here as " strong { (reader.who) } @if let Some(own) = own { " of " strong { (own) } } ". To continue ends that in this browser." }
                form.row method="post" action="/sign-in" {
                    @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                    input type="hidden" name="ticket" value=(asked.ticket);
                    button.main { "Continue to " (asked.account) }
                    a.button href="/integrations" { "Stay" @if let Some(own) = own { " with " (own) } @else { " signed in as " (reader.who) } }
                }
            }
        },
    )
}

/// The sign-in page. `by_ticket`: whether Qualified's app signs people in.
#[must_use]
pub fn page(occasion: Occasion<'_>, by_ticket: bool) -> Markup {
    let error = match occasion {
        Occasion::WrongToken(why) => Some(why),
        _ => None,
    };
    frame(
        &Reader::default(),
        "Sign in",
        &html! {
            h1 { "Sign in" }
            @match occasion {
                Occasion::BadTicket(why) => (piece::notice(Tone::Bad, why)),
                Occasion::SignedOut => (piece::notice(Tone::Good, "You are signed out.")),
                Occasion::Arrived | Occasion::WrongToken(_) => {}
            }
            @if by_ticket {
                section.card {
                    h2 { "From Qualified" }
                    p { "Open the integrations in Qualified, under Team Settings. The link there signs you in." }
                }
            }
            section.card {
                h2 { "As the operator of this service" }
                form.fields method="post" action="/sign-in" {
                    (piece::field(&Field {
                        name: "admin_token",
                        label: "Operator's token",
                        hint: "The value of the variable admin_token.",
                        error,
                        kind: "password",
                        ..Field::default()
                    }))
                    div { button.main { "Sign in" } }
                }
            }
        },
    )
}
