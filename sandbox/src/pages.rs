//! The frame of every page: one stylesheet, landmarks, and the words that nothing here is real.

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
