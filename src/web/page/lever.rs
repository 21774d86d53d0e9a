//! Lever's part of the set-up: the connection, the trigger stages, the webhook.

use maud::{Markup, html};

use super::{
    Reader,
    piece::{self, Field, Rows, Tone},
    setup::{Part, Setup, card, checks, form_token, remove, remove_row},
};
use crate::app::account::{Lever, TriggerStage};

/// What the trigger stages may come to, in bytes of HTML.
const ROOM: usize = 25_000;

/// The connection.
pub(super) fn connection(reader: &Reader<'_>, base: &str, setup: &Setup<'_>) -> Markup {
    let connected = setup.account.lever.as_ref();
    let log_in = |main: bool| {
        html! {
            // Vendors' log-ins refuse to be shown in a frame.
            form.row method="post" action={ (base) "/lever/login" } target="_top" {
                (form_token(reader))
                button.main[main] { "Log In to Lever" @if connected.is_some() { " again" } }
            }
        }
    };
    let (title, tone) =
        if setup.is_bamboohr_alone() { ("Lever", Tone::Plain) } else { ("2. Lever", setup.state("lever")) };
    card(
        "lever",
        title,
        tone,
        &html! {
            @if let Some(failure) = setup.wrong(Part::Lever) { (piece::notice(Tone::Bad, &failure.public)) }
            (checks(setup, "lever"))
            @match connected {
                None => {
                    p { "You need to be a Super Admin in Lever. Lever asks whether Qualified may read candidates, stages and tags and write tags, notes and a webhook; accept all of it." }
                    (log_in(!setup.is_bamboohr_alone()))
                }
                Some(lever) => {
                    dl.facts {
                        dt { "Connected" } dd { (piece::time(lever.connected_at)) @if let Some(user) = &lever.user { " as " (user) } }
                        dt { "Log-in at" } dd { (setup.lever_environment) }
                        @if let Some(until) = setup.lever_until { dt { "Reconnect by" } dd { (piece::time(until)) span.quiet { " – moved on by itself while this service runs" } } }
                    }
                    @if !setup.is_open("lever") { details { summary { "Log in again" } (log_in(false)) } } @else { (log_in(true)) }
                    (remove(reader, &format!("{base}/lever/remove"), "Lever", "Our webhook in Lever is deleted; the permission and the trigger stages are forgotten. Tags and notes stay as they are."))
                }
            }
        },
    )
}

/// What triggers an invitation.
pub(super) fn stages(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, lever: &Lever) -> Markup {
    let sought = setup.stages_sought.to_lowercase();
    let found = lever.trigger_stages.iter().filter(|stage| stage.text.to_lowercase().contains(&sought));
    let rows = Rows {
        page: &format!("{base}#stages"),
        name: "stages-search",
        label: "Search trigger stages",
        sought: setup.stages_sought,
        found: found.clone().count(),
        room: ROOM,
    };
    card(
        "stages",
        "3. Trigger stages",
        setup.state("stages"),
        &html! {
            (checks(setup, "stages"))
            (rows.show(&mut found.map(|stage| trigger_stage(reader, base, stage))))
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
            @if !stage.vanished {
                a.button.small href={ (base) "/lever/stages/" (stage.id) } { "Whom it invites" span.unseen { " at " (stage.text) } }
                a.button.small href={ (base) "/lever/stages?stage=" (stage.id) } data-dialog aria-label={ "Change " (stage.text) } { "Change" }
            }
            (remove_row(reader, &format!("{base}/lever/stages/remove"), ("stage", stage.id.as_str()), &stage.text, "Who enters it is not invited any more. Invitations already sent stay good."))
        }
    }
}

/// Whether Lever tells, and how to make it.
pub(super) fn webhook(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, lever: &Lever) -> Markup {
    let error = setup.wrong(Part::Token).map(|failure| failure.public.as_str());
    card(
        "webhook",
        "4. Webhook in Lever",
        setup.state("webhook"),
        &html! {
            (checks(setup, "webhook"))
            @if setup.state("webhook") != Tone::Good {
                p { "Of several webhooks there, ours has the address below. This page notices by the first event." }
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
