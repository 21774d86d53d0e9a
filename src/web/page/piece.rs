//! Pieces that several pages are made of.

use maud::{Markup, PreEscaped, Render, html};

use crate::{app::Failure, domain::time::Timestamp};

/// The hidden field that every form of a session carries.
#[must_use]
pub fn form_token(token: &str) -> Markup {
    html! { input type="hidden" name="form_token" value=(token); }
}

/// A time: in UTC as written, in the reader's zone where JavaScript is on.
#[must_use]
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_the_second()) { (at.in_words()) } }
}

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Something is wrong; somebody has to do something.
    Bad,
    /// Somebody has to do something, and nothing is wrong.
    Next,
    /// Not yet known, or waiting.
    Wait,
    /// Neither.
    Plain,
}

impl Tone {
    /// The class in the stylesheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Next => "next",
            Self::Wait => "wait",
            Self::Plain => "plain",
        }
    }
}

/// A word on the state of something.
#[must_use]
pub fn badge(tone: Tone, words: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (words) } }
}

/// What became of the form just sent. It takes the focus, so that a screen reader reads it first.
#[must_use]
pub fn notice(tone: Tone, words: &str) -> Markup {
    notice_of(tone, &html! { (words) })
}

/// The same where there is more in it than words.
#[must_use]
pub fn notice_of(tone: Tone, content: &Markup) -> Markup {
    html! {
        div class={ "notice " (tone.class()) } role=(if tone == Tone::Bad { "alert" } else { "status" }) tabindex="-1" autofocus { p { (content) } }
    }
}

/// A text field with its label, and the error next to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Field<'a> {
    /// The name in the form; also the id.
    pub name: &'a str,
    /// What to give.
    pub label: &'a str,
    /// Where to find it.
    pub hint: &'a str,
    /// What is already known.
    pub value: &'a str,
    /// What was wrong.
    pub error: Option<&'a str>,
    /// `type`, `text` when empty.
    pub kind: &'a str,
}

/// See [`Field`].
#[must_use]
pub fn field(field: &Field<'_>) -> Markup {
    let Field { name, label, hint, value, error, kind } = *field;
    let number = kind == "number";
    let described: Vec<String> = [(!hint.is_empty(), "hint"), (error.is_some(), "error")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| format!("{name}-{what}"))
        .collect();
    html! {
        div {
            label for=(name) { (label) }
            @if !hint.is_empty() { p.hint id={ (name) "-hint" } { (hint) } }
            input id=(name) name=(name) value=(value) type=(if kind.is_empty() { "text" } else { kind })
                autocomplete="off" spellcheck="false" autofocus[error.is_some()]
                min=[number.then_some("1")] max=[number.then_some("365")] inputmode=[number.then_some("numeric")]
                aria-invalid=[error.map(|_| "true")]
                aria-describedby=[(!described.is_empty()).then(|| described.join(" "))];
            (error_of(name, error))
        }
    }
}

/// What is wrong with the field of this name, if it is this one; `""` = with none in particular.
#[must_use]
pub fn wrong_at<'f>(wrong: Option<&'f Failure>, name: &str) -> Option<&'f str> {
    wrong.filter(|failure| failure.field == name).map(|failure| failure.public.as_str())
}

/// What went wrong with no field in particular.
#[must_use]
pub fn wrong_at_large(wrong: Option<&Failure>) -> Markup {
    html! { @if let Some(why) = wrong_at(wrong, "") { (notice(Tone::Bad, why)) } }
}

/// As many pieces as there is room for, in bytes, and how many those are. A page is bounded, whatever there is to
/// show.
pub fn fitting(room: usize, pieces: &mut dyn Iterator<Item = Markup>) -> (Markup, usize) {
    let mut written = String::new();
    let mut count = 0;
    for piece in pieces {
        if written.len() + piece.0.len() > room {
            break;
        }
        piece.render_to(&mut written);
        count += 1;
    }
    (PreEscaped(written), count)
}

/// Rows that need no search.
const FEW: usize = 8;

/// A list of any length.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Where it stands.
    pub page: &'a str,
    /// The name of the search's field; also its id.
    pub name: &'a str,
    /// What the search is about.
    pub label: &'a str,
    /// What was searched.
    pub sought: &'a str,
    /// How many match.
    pub found: usize,
    /// What the rows may come to, in bytes of HTML.
    pub room: usize,
}

impl Rows<'_> {
    /// As many rows as there is room for, with a search where there are many.
    pub fn show(&self, rows: &mut dyn Iterator<Item = Markup>) -> Markup {
        let Self { page, name, label, sought, found, room } = *self;
        let (rows, shown) = fitting(room, rows);
        html! {
            @if found > FEW || !sought.is_empty() {
                form.row.search method="get" action=(page) role="search" {
                    div {
                        label for=(name) { (label) }
                        input id=(name) name=(name) type="search" value=(sought);
                    }
                    button { "Search" }
                }
            }
            @if shown > 0 { ul.rows { (rows) } }
            @if found == 0 && !sought.is_empty() { p.quiet { "There is none like this." } }
            @if found > shown { p.quiet { "The first " (shown) " of " (found) " are shown. Search to find others." } }
        }
    }
}

/// Something to choose: what the form sends, and what people read.
pub type Choice = (String, String);

/// A list to choose from, of any length.
#[derive(Debug, Clone, Copy)]
pub struct Select<'a> {
    /// The name in the form; also the id.
    pub name: &'a str,
    /// What to choose.
    pub label: &'a str,
    /// What choosing nothing is called.
    pub none: &'a str,
    /// Whether something has to be chosen.
    pub required: bool,
    /// What is chosen already.
    pub given: &'a str,
    /// Only what has these words in its name.
    pub only: &'a str,
    /// What was wrong.
    pub error: Option<&'a str>,
    /// What the choices may come to, in bytes of HTML.
    pub room: usize,
}

impl Select<'_> {
    /// The field, and whether there were more choices than room. What is chosen already is always there.
    #[must_use]
    pub fn show(&self, choices: &[Choice]) -> (Markup, bool) {
        let Self { name, label, none, required, given, only, error, room } = *self;
        let only = only.to_lowercase();
        let (mut written, mut is_cut) = (String::new(), false);
        for (id, text) in choices {
            let is_given = id == given;
            if !is_given && (is_cut || !text.to_lowercase().contains(&only)) {
                continue;
            }
            let option = html! { option value=(id) selected[is_given] { (text) } };
            is_cut |= !is_given && written.len() + option.0.len() > room;
            if is_given || !is_cut {
                option.render_to(&mut written);
            }
        }
        let select = html! {
            div {
                label for=(name) { (label) }
                select id=(name) name=(name) required[required] autofocus[error.is_some()]
                    aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| format!("{name}-error"))] {
                    option value="" selected[given.is_empty()] { (none) }
                    (PreEscaped(written))
                }
                (error_of(name, error))
            }
        };
        (select, is_cut)
    }
}

/// What is set already and not chosen again: its text, and its value hidden.
#[must_use]
pub fn fixed(name: &str, label: &str, value: &str, text: &str) -> Markup {
    html! {
        div {
            p { strong { (label) ": " } (text) }
            input type="hidden" name=(name) value=(value);
        }
    }
}

/// The name of the field and of the button that narrow a form's lists.
pub const ONLY: &str = "only";
/// See [`ONLY`].
pub const NARROW: &str = "narrow";
/// The value of [`NARROW`] when Enter was pressed in a field.
pub const BY_ENTER: &str = "enter";
/// The name of the hidden field with the words that the lists are narrowed to already.
pub const NARROWED: &str = "narrowed";

/// The way to the choices for which a form's lists had no room. It has to come first in its form.
#[must_use]
pub fn narrowing(only: &str, is_cut: bool) -> Markup {
    html! {
        @if is_cut || !only.is_empty() {
            // A form's first button is the one that Enter presses. This one saves, unless other words were just typed below.
            button.unseen name=(NARROW) value=(BY_ENTER) tabindex="-1" aria-hidden="true" formnovalidate { "Save" }
            input type="hidden" name=(NARROWED) value=(only);
            div.row.search {
                div {
                    label for=(ONLY) { "Only what has this in its name" }
                    input id=(ONLY) name=(ONLY) type="search" value=(only);
                }
                button name=(NARROW) value="1" formnovalidate { "Narrow the lists" }
            }
            @if is_cut { p.quiet { "There is more to choose from than is listed." } }
        }
    }
}

/// The error next to a field.
#[must_use]
pub fn error_of(name: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { p.error id={ (name) "-error" } { (error) } } }
}
