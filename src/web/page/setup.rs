//! The set-up of an account: a checklist that fills itself in, each step with its state and its remedy.

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Field, Tone},
};
use crate::{
    app::{
        account::{Account, Lever, TriggerStage},
        health::Check,
    },
    domain::ids::AccountId,
};

/// What was wrong, and with which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong<'a> {
    /// The API key.
    Key(&'a str),
    /// Something about Lever as a whole.
    Lever(&'a str),
    /// The signature token.
    Token(&'a str),
    /// No form in particular.
    Page(&'a str),
}

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// Whose.
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
    /// What became of the form just sent.
    pub notice: Option<&'a str>,
    /// What went wrong with it.
    pub wrong: Option<Wrong<'a>>,
}

impl Setup<'_> {
    /// The checks of one part; `None` = nothing can be said yet.
    fn of<'c>(&'c self, part: &'c str) -> impl Iterator<Item = &'c Check> {
        self.checks.iter().filter(move |check| part_of(check.check) == part)
    }

    fn state(&self, part: &str) -> Tone {
        let mut tone = Tone::Good;
        for check in self.of(part) {
            match check.ok {
                Some(false) => return Tone::Bad,
                None => tone = Tone::Wait,
                Some(true) => {}
            }
        }
        tone
    }

    fn is_complete(&self) -> bool {
        let enough = self.account.qualified.is_some() && self.account.lever.is_some();
        let sound = |part: &&str| self.state(part) == Tone::Good;
        enough && ["subscription", "qualified", "lever", "stages"].iter().all(sound)
    }
}

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

/// The page.
#[must_use]
pub fn page(reader: &Reader<'_>, setup: &Setup<'_>) -> Markup {
    let reader = Reader { account: Some((setup.id, Some(Tab::Setup))), ..*reader };
    let base = format!("/integrations/{}", setup.id);
    frame(
        &reader,
        "Set-up",
        &html! {
            h1 { (setup.account.name) }
            @if let Some(words) = setup.notice { (piece::notice(Tone::Good, words)) }
            @if let Some(Wrong::Page(why)) = setup.wrong { (piece::notice(Tone::Bad, why)) }
            (progress(&reader, setup))
            @for check in setup.checks.iter().filter(|check| check.ok == Some(false)) {
                @match check.check {
                    "ats-enabled" => div.notice.bad { p { (check.detail) } },
                    "no-failed-work" => div.notice.bad { p { (check.detail) " " a href={ (base) "/activity?outcome=failed" } { "See what failed" } "." } },
                    _ => {}
                }
            }
            (qualified(&reader, &base, setup))
            (lever(&reader, &base, setup))
            @if let Some(lever) = &setup.account.lever {
                (stages(&reader, &base, setup, lever))
                (webhook(&reader, &base, setup, lever))
            }
            @if setup.of("bamboohr").next().is_some() {
                (card("bamboohr", "BambooHR", setup.state("bamboohr"), &checks(setup.of("bamboohr"))))
            }
        },
    )
}

fn progress(reader: &Reader<'_>, setup: &Setup<'_>) -> Markup {
    let done: Vec<bool> = vec![
        setup.account.qualified.is_some(),
        setup.account.lever.is_some(),
        setup.account.lever.as_ref().is_some_and(|lever| !lever.trigger_stages.is_empty()),
    ];
    let count = done.iter().filter(|done| **done).count();
    html! {
        @if setup.is_complete() {
            section.notice.good {
                p { strong { "Setup complete!" } " Candidates who enter a trigger stage are invited to what their tags name." }
                @if setup.state("webhook") != Tone::Good {
                    p { "One thing left, in Lever: " a href="#webhook" { "switch the webhook on" } ". Until then, candidates are found every 15 minutes instead of at once." }
                }
            }
        } @else {
            p.quiet { (count) " of 3 steps done: connect Qualified, log in to Lever, add a trigger stage." }
        }
        form.row method="post" action={ "/integrations/" (setup.id) "/check" } {
            (form_token(reader))
            button.small { "Check now" }
            span.quiet { "Asks Lever and Qualified whether all is still well, and looks for candidates that were missed." }
        }
    }
}

fn card(anchor: &str, title: &str, tone: Tone, content: &Markup) -> Markup {
    let words = match tone {
        Tone::Good => "In order",
        Tone::Bad => "To do",
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

fn checks<'a>(checks: impl Iterator<Item = &'a Check>) -> Markup {
    html! {
        ul.checks {
            @for check in checks {
                @let (class, mark, words) = match check.ok {
                    Some(true) => ("good", "✓", "In order: "),
                    Some(false) => ("bad", "!", "To do: "),
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

fn form_token(reader: &Reader<'_>) -> Markup {
    html! { @if let Some(token) = reader.form_token { (piece::form_token(token)) } }
}

fn qualified(reader: &Reader<'_>, base: &str, setup: &Setup<'_>) -> Markup {
    let connected = setup.account.qualified.as_ref();
    let error = match setup.wrong {
        Some(Wrong::Key(why)) => Some(why),
        _ => None,
    };
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
            (checks(setup.of("qualified")))
            @match connected {
                None => (form),
                Some(known) => {
                    p.quiet { "Connected " (piece::time(known.connected_at)) "." }
                    @if known.refused_at.is_some() || error.is_some() { (form) }
                    @else { details { summary { "Replace the API key" } (form) } }
                    (remove(reader, &format!("{base}/qualified/remove"), "Qualified", "Our webhook in Qualified is deleted and the key forgotten. Invitations already sent stay good, but Lever hears no more of them."))
                }
            }
        },
    )
}

fn remove(reader: &Reader<'_>, action: &str, vendor: &str, what: &str) -> Markup {
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

fn lever(reader: &Reader<'_>, base: &str, setup: &Setup<'_>) -> Markup {
    let connected = setup.account.lever.as_ref();
    let log_in = |main: bool| {
        html! {
            form.row method="post" action={ (base) "/lever/login" } {
                (form_token(reader))
                button.main[main] { "Log In to Lever" @if connected.is_some() { " again" } }
            }
        }
    };
    card(
        "lever",
        "2. Lever",
        setup.state("lever"),
        &html! {
            @if let Some(Wrong::Lever(why)) = setup.wrong { (piece::notice(Tone::Bad, why)) }
            (checks(setup.of("lever")))
            @match connected {
                None => {
                    p { "You need to be a Super Admin in Lever. Lever asks whether Qualified may read candidates, stages and tags and write tags, notes and a webhook; accept all of it." }
                    (log_in(true))
                }
                Some(lever) => {
                    dl.facts {
                        dt { "Connected" } dd { (piece::time(lever.connected_at)) @if let Some(user) = &lever.user { " as " (user) } }
                        dt { "Log-in at" } dd { (setup.lever_environment) }
                        @if let Some(until) = setup.lever_until { dt { "Reconnect by" } dd { (piece::time(until)) span.quiet { " – moved on by itself while this service runs" } } }
                    }
                    @if setup.state("lever") == Tone::Good { details { summary { "Log in again" } (log_in(false)) } } @else { (log_in(true)) }
                    (remove(reader, &format!("{base}/lever/remove"), "Lever", "Our webhook in Lever is deleted; the permission and the trigger stages are forgotten. Tags and notes stay as they are."))
                }
            }
        },
    )
}

fn stages(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, lever: &Lever) -> Markup {
    card(
        "stages",
        "3. Trigger stages",
        setup.state("stages"),
        &html! {
            (checks(setup.of("stages")))
            ul.rows { @for stage in &lever.trigger_stages { (trigger_stage(reader, base, stage)) } }
            div.row {
                a.button.main[lever.trigger_stages.is_empty()] href={ (base) "/lever/stages" } data-dialog { "Add Trigger Stage" }
                a href={ (base) "/tags" } { "Which tags invite to what?" }
            }
        },
    )
}

fn trigger_stage(reader: &Reader<'_>, base: &str, stage: &TriggerStage) -> Markup {
    let days = |days: u16| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    html! {
        li {
            div.what {
                strong { (stage.text) }
                @if stage.vanished { " " (piece::badge(Tone::Bad, "gone in Lever")) }
                div.quiet {
                    "Since " (piece::time(stage.enabled_at))
                    @if let Some(deadline) = stage.deadline_days { ", deadline after " (days(deadline)) }
                    @if let Some(reminder) = stage.reminder_days { ", reminder after " (days(reminder)) }
                }
            }
            a.button.small href={ (base) "/lever/stages?stage=" (stage.id) } data-dialog aria-label={ "Change " (stage.text) } { "Change" }
            form method="post" action={ (base) "/lever/stages/remove" } {
                (form_token(reader))
                input type="hidden" name="stage" value=(stage.id);
                button.small.danger aria-label={ "Remove " (stage.text) } { "Remove" }
            }
        }
    }
}

fn webhook(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, lever: &Lever) -> Markup {
    let error = match setup.wrong {
        Some(Wrong::Token(why)) => Some(why),
        _ => None,
    };
    card(
        "webhook",
        "4. Webhook in Lever",
        setup.state("webhook"),
        &html! {
            (checks(setup.of("webhook")))
            @if setup.state("webhook") != Tone::Good {
                p {
                    "In Lever, a Super Admin opens " strong { "Settings → Integrations and API → Webhooks" } ", finds "
                    strong { "Candidate Stage Change" } " with the address below, and switches it on. This page notices by the first event."
                }
            }
            dl.facts { dt { "Address" } dd { code { (setup.lever_hook) } " " button.small type="button" data-copy=(setup.lever_hook) hidden { "Copy" } } }
            details open[error.is_some()] {
                summary { "A webhook made by hand" }
                p { "If you made one in Lever with this address yourself, paste its signature token here, so that its deliveries are accepted." }
                form.fields method="post" action={ (base) "/lever/signature-token" } {
                    (form_token(reader))
                    (piece::field(&Field {
                        name: "token",
                        label: "Signature token",
                        hint: match lever.hand_made_tokens.len() { 0 => "Shown in Lever beside the webhook.", _ => "Shown in Lever beside the webhook. A token was given before; it stays good." },
                        error,
                        kind: "password",
                        ..Field::default()
                    }))
                    div { button { "Add the token" } }
                }
            }
        },
    )
}
