//! Pieces that several pages are made of.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::domain::time;

/// The hidden field that every form of a session carries.
#[must_use]
pub fn form_token(token: &str) -> Markup {
    html! { input type="hidden" name="form_token" value=(token); }
}

/// A time: in UTC as written, in the reader's zone where JavaScript is on.
#[must_use]
pub fn time(at: Timestamp) -> Markup {
    html! { time datetime=(time::to_the_second(at)) { (time::in_words(at)) } }
}

/// How a sentence is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Somebody has to do something.
    Bad,
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
    html! {
        div class={ "notice " (tone.class()) } role=(if tone == Tone::Bad { "alert" } else { "status" }) tabindex="-1" autofocus { p { (words) } }
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

/// The error next to a field.
#[must_use]
pub fn error_of(name: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { p.error id={ (name) "-error" } { (error) } } }
}
