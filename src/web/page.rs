//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

/// The one stylesheet.
pub const STYLE: &str = include_str!("style.css");

/// A whole page.
#[must_use]
pub fn layout(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – Qualified integrations" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                main {
                    h1 { (title) }
                    (content)
                }
            }
        }
    }
}
