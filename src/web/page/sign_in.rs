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

/// The sign-in page.
#[must_use]
pub fn page(occasion: Occasion<'_>) -> Markup {
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
            section.card {
                h2 { "From Qualified" }
                p { "Open the integrations in Qualified, under Team Settings. The link there signs you in." }
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
