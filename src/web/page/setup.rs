//! The set-up of an account: a checklist that fills itself in, each step with its state and its remedy.

use maud::{Markup, html};

use super::{
    Reader, Tab, bamboohr, frame, lever,
    piece::{self, Field, Tone},
};
use crate::{
    app::{Failure, account::Account, catalogue::Catalogue, health::Check},
    domain::{ids::AccountId, time::Timestamp},
};

/// A part of the page whose form may have been wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Qualified's key.
    Qualified,
    /// Lever's connection or trigger stages.
    Lever,
    /// The signature token.
    Token,
    /// BambooHR's company or key.
    BambooHr,
    /// None in particular.
    Page,
}

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The account that it is about.
    pub id: &'a AccountId,
    /// Its settings.
    pub account: &'a Account,
    /// Its health.
    pub checks: &'a [Check],
    /// Where Lever delivers to.
    pub lever_hook: &'a str,
    /// The host where people log in to Lever: production or sandbox.
    pub lever_environment: &'a str,
    /// Until when the permission lasts if nobody renewed it.
    pub lever_until: Option<Timestamp>,
    /// What is known of the assessments, for the names of BambooHR's.
    pub catalogue: Option<&'a Catalogue>,
    /// Whether one can log in to BambooHR, or only give a key.
    pub bamboohr_log_in: bool,
    /// What became of the form just sent.
    pub notice: Option<(Tone, &'a str)>,
    /// What went wrong with it, and which it was.
    pub wrong: Option<(Part, &'a Failure)>,
    /// What was searched among the trigger stages.
    pub stages_sought: &'a str,
    /// What was searched among BambooHR's assessments.
    pub assessments_sought: &'a str,
    /// The company just given for BambooHR, wrong as it is.
    pub company: &'a str,
}

impl Setup<'_> {
    /// The checks of one part; `None` = nothing can be said yet.
    fn of<'c>(&'c self, part: &'c str) -> impl Iterator<Item = &'c Check> {
        self.checks.iter().filter(move |check| part_of(check.check) == part)
    }

    pub(super) fn state(&self, part: &str) -> Tone {
        let mut tone = Tone::Good;
        for check in self.of(part) {
            match check.ok {
                Some(false) => return if self.is_begun(part) { Tone::Bad } else { Tone::Next },
                None => tone = Tone::Wait,
                Some(true) => {}
            }
        }
        tone
    }

    /// Whether there is anything yet that could be wrong.
    fn is_begun(&self, part: &str) -> bool {
        let (lever, bamboohr) = (self.account.lever.as_ref(), self.account.bamboohr.as_ref());
        match part {
            "qualified" => self.account.qualified.is_some(),
            "lever" => lever.is_some(),
            "stages" => lever.is_some_and(|lever| !lever.trigger_stages.is_empty()),
            "bamboohr" => bamboohr.is_some_and(|bamboohr| !bamboohr.mappings.is_empty()),
            _ => true,
        }
    }

    pub(super) fn wrong(&self, part: Part) -> Option<&Failure> {
        self.wrong.filter(|(known, _)| *known == part).map(|(_, failure)| failure)
    }

    /// Our webhook is there, and Lever has delivered nothing through it yet.
    fn is_webhook_off(&self) -> bool {
        self.checks.iter().any(|check| check.check == "lever-webhook-on" && check.ok.is_none())
    }

    /// A team with BambooHR needs no Lever.
    pub(super) fn is_bamboohr_alone(&self) -> bool {
        self.account.bamboohr.is_some() && self.account.lever.is_none()
    }

    /// Qualified connected, an ATS connected, something that invites.
    fn steps(&self) -> [bool; 3] {
        let connected = self.account.lever.is_some() || self.account.bamboohr.is_some();
        [self.is_begun("qualified"), connected, self.is_begun("stages") || self.is_begun("bamboohr")]
    }

    /// Whether somebody has to do something about a part, or could.
    pub(super) fn is_open(&self, part: &str) -> bool {
        matches!(self.state(part), Tone::Bad | Tone::Next)
    }

    /// Everything is done. What is not known yet, or passes by itself, is no reason to say otherwise.
    fn is_complete(&self) -> bool {
        let parts = PARTS.iter().map(|(part, _)| *part).chain(["subscription"]);
        self.steps().iter().all(|done| *done) && !parts.into_iter().any(|part| self.is_open(part))
    }
}

/// The parts that something may be wrong with, with their names.
const PARTS: [(&str, &str); 5] = [
    ("qualified", "Qualified"),
    ("lever", "Lever"),
    ("stages", "Trigger stages"),
    ("webhook", "Webhook"),
    ("bamboohr", "BambooHR"),
];

/// Which part of the page a check belongs to. One that is new here shows at the top.
fn part_of(check: &str) -> &'static str {
    match check {
        "ats-enabled" => "subscription",
        "lever-trigger-stages" => "stages",
        "lever-webhook" | "lever-webhook-on" => "webhook",
        _ if check.starts_with("qualified-") => "qualified",
        _ if check.starts_with("lever-") => "lever",
        _ if check.starts_with("bamboohr-") => "bamboohr",
        _ => "other",
    }
}

/// The set-up page of an account.
#[must_use]
pub fn page(reader: &Reader<'_>, setup: &Setup<'_>) -> Markup {
    let reader = reader.at(Tab::Setup);
    let base = format!("/integrations/{}", setup.id);
    frame(
        &reader,
        "Set-up",
        &html! {
            h1 { (setup.account.name) }
            @if let Some((tone, words)) = setup.notice { (piece::notice(tone, words)) }
            @if let Some(failure) = setup.wrong(Part::Page) { (piece::notice(Tone::Bad, &failure.public)) }
            (progress(&reader, setup))
            @for check in setup.checks.iter().filter(|check| check.ok == Some(false)) {
                @match check.check {
                    "ats-enabled" => div.notice.bad { p { (check.detail) } },
                    "no-failed-work" => div.notice.bad { p { (check.detail) " " a href={ (base) "/activity?outcome=failed" } { "See what failed" } "." } },
                    _ => {}
                }
            }
            (qualified(&reader, &base, setup))
            @if setup.is_bamboohr_alone() { (bamboohr::section(&reader, &base, setup)) }
            (lever::connection(&reader, &base, setup))
            @if let Some(connection) = &setup.account.lever {
                (lever::stages(&reader, &base, setup, connection))
                (lever::webhook(&reader, &base, setup, connection))
            }
            @if !setup.is_bamboohr_alone() { (bamboohr::section(&reader, &base, setup)) }
        },
    )
}

fn progress(reader: &Reader<'_>, setup: &Setup<'_>) -> Markup {
    let steps = setup.steps();
    let count = steps.iter().filter(|done| **done).count();
    let broken = PARTS.iter().filter(|(part, _)| setup.is_open(part));
    html! {
        @if setup.is_complete() {
            section.notice.good {
                p { strong { "Setup complete!" } @if setup.account.lever.is_some() { " Candidates who enter a trigger stage are invited to what their tags name." } }
                @if setup.account.lever.is_some() && setup.is_webhook_off() {
                    p { "One thing left, in Lever: " a href="#webhook" { "switch the webhook on" } ". Until then, candidates are found every 15 minutes instead of at once." }
                }
            }
        } @else if count == steps.len() {
            section.notice.bad {
                p {
                    strong { "Set up, but not everything works." } " See what to do about "
                    @for (index, (part, name)) in broken.enumerate() { @if index > 0 { ", " } a href={ "#" (part) } { (name) } }
                    "."
                }
            }
        } @else {
            p.quiet { (count) " of 3 steps done: connect Qualified, log in to Lever or BambooHR, choose what invites." }
        }
        form.row method="post" action={ "/integrations/" (setup.id) "/check" } {
            (form_token(reader))
            button.small { "Check now" }
            span.quiet { "Asks the vendors whether all is still well, and looks for candidates that were missed." }
        }
    }
}

pub(super) fn card(anchor: &str, title: &str, tone: Tone, content: &Markup) -> Markup {
    let words = match tone {
        Tone::Good => "In order",
        Tone::Bad => "Needs attention",
        Tone::Next => "To do",
        Tone::Wait => "Waiting",
        Tone::Plain => "Optional",
    };
    html! {
        section.card id=(anchor) aria-labelledby={ (anchor) "-title" } {
            header {
                h2 id={ (anchor) "-title" } { (title) }
                (piece::badge(tone, words))
            }
            (content)
        }
    }
}

/// What is known of a part, line by line.
pub(super) fn checks(setup: &Setup<'_>, part: &str) -> Markup {
    html! {
        ul.checks {
            @for check in setup.of(part) {
                @let (class, mark, words) = match check.ok {
                    Some(true) => ("good", "✓", "In order: "),
                    Some(false) if setup.is_begun(part) => ("bad", "!", "Needs attention: "),
                    Some(false) => ("next", "→", "To do: "),
                    None => ("wait", "…", "Waiting: "),
                };
                li {
                    span class={ "mark " (class) } aria-hidden="true" { (mark) }
                    span { span.unseen { (words) } (check.detail) }
                }
            }
        }
    }
}

pub(super) fn form_token(reader: &Reader<'_>) -> Markup {
    html! { @if let Some(token) = reader.form_token { (piece::form_token(token)) } }
}

fn qualified(reader: &Reader<'_>, base: &str, setup: &Setup<'_>) -> Markup {
    let connected = setup.account.qualified.as_ref();
    let error = setup.wrong(Part::Qualified).map(|failure| failure.public.as_str());
    let form = html! {
        form.fields method="post" action={ (base) "/qualified" } {
            (form_token(reader))
            (piece::field(&Field {
                name: "api_key",
                label: "API key",
                hint: "In Qualified: Team Settings, Integrations. Making a new key there ends the old one.",
                error,
                kind: "password",
                ..Field::default()
            }))
            div { button.main { @if connected.is_some() { "Replace the key" } @else { "Connect Qualified" } } }
        }
    };
    card(
        "qualified",
        "1. Qualified",
        setup.state("qualified"),
        &html! {
            (checks(setup, "qualified"))
            @match connected {
                None => (form),
                Some(known) => {
                    p.quiet { "Connected " (piece::time(known.connected_at)) "." }
                    @if known.refused_at.is_some() || error.is_some() { (form) }
                    @else { details { summary { "Replace the API key" } (form) } }
                    (remove(reader, &format!("{base}/qualified/remove"), "Qualified", "Our webhook in Qualified is deleted and the key forgotten. Invitations already sent stay good, but what becomes of them is shown no more."))
                }
            }
        },
    )
}

pub(super) fn remove(reader: &Reader<'_>, action: &str, vendor: &str, what: &str) -> Markup {
    html! {
        details.danger {
            summary { "Remove Integration" span.unseen { " of " (vendor) } }
            p { (what) }
            form.row method="post" action=(action) {
                (form_token(reader))
                button.danger { "Remove " (vendor) }
            }
        }
    }
}

/// The same for one row of a list: which field says which, what it is called, and what becomes of it.
pub(super) fn remove_row(
    reader: &Reader<'_>,
    action: &str,
    (field, value): (&str, &str),
    name: &str,
    what: &str,
) -> Markup {
    html! {
        details.danger {
            summary { "Remove" span.unseen { " " (name) } }
            p { (what) }
            form.row method="post" action=(action) {
                (form_token(reader))
                input type="hidden" name=(field) value=(value);
                button.danger { "Remove " (name) }
            }
        }
    }
}
