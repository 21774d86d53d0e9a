//! Lever's board, its jobs, and the webhooks page of its settings.

use maud::{Markup, html};

use super::{Acted, Form, note, press, quietly, target};
use crate::Refused;
use crate::lever::{Desk, Event, NewOpportunity, NewPosting, Opportunity};

const EVENT: Event = Event::CandidateStageChange;

pub(super) fn body(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="board" {
            h2 id="board" { "Candidates" }
            div.board tabindex="0" role="group" aria-label="Stages, left to right" {
                @for stage in desk.stages() {
                    section.column data-stage=(stage.id) aria-label=(stage.text) {
                        h3 { (stage.text) }
                        @for opportunity in desk.opportunities().filter(|own| own.stage == stage.id) {
                            (card(desk, opportunity))
                        }
                    }
                }
            }
        }
        (add_candidate(desk))
        (jobs(desk))
        (webhooks(desk))
        (settings(desk))
    }
}

fn card(desk: &Desk<'_>, opportunity: &Opportunity) -> Markup {
    let account = desk.account();
    let (name, emails) = desk.person(&opportunity.id).unwrap_or(("", &[]));
    let id = [("opportunity", opportunity.id.as_str())];
    let job = desk.postings().iter().find(|job| Some(&job.id) == opportunity.posting.as_ref());
    html! {
        article.card draggable="true" data-card=(opportunity.id) {
            h4 { (name) }
            p { @if emails.is_empty() { "no e-mail" } @else { (emails.join(", ")) } }
            p { @match job { Some(job) => (job.text), None => "no job" } }
            @if opportunity.archived.is_some() { p { strong { "Archived" } } }
            ul.tags aria-label={ "Tags of " (name) } {
                @for (tag, own) in opportunity.tags_with_origin() {
                    li {
                        (tag)
                        @if own {
                            (press("remove-tag", account, &[id[0], ("tag", tag)], "×", &format!("{tag} from {name}")))
                        }
                    }
                }
            }
            form.row method="post" action=(target("add-tag", account)) {
                input type="hidden" name="opportunity" value=(opportunity.id);
                input name="tag" required placeholder="New tag" aria-label={ "New tag for " (name) };
                button.quiet aria-label={ "Add tag to " (name) } { "Add" }
            }
            form.row data-move="" method="post" action=(target("move", account)) {
                input type="hidden" name="opportunity" value=(opportunity.id);
                select name="stage" aria-label={ "Stage of " (name) } {
                    @for stage in desk.stages() {
                        option value=(stage.id) selected[stage.id == opportunity.stage] { (stage.text) }
                    }
                }
                button aria-label={ "Move " (name) } { "Move" }
            }
            @if !opportunity.notes.is_empty() {
                h5 { "Notes" }
                @for written in &opportunity.notes { (note(written.text())) }
            }
            @if opportunity.archived.is_none() { (press("archive", account, &id, "Archive", name)) }
        }
    }
}

fn add_candidate(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="new-candidate" {
            h2 id="new-candidate" { "Add a candidate" }
            form.row method="post" action=(target("add-candidate", desk.account())) {
                div { label for="name" { "Name" } input id="name" name="name" required; }
                div { label for="email" { "E-mail, may be empty" } input id="email" name="email" type="email"; }
                div {
                    label for="posting" { "Job" }
                    select id="posting" name="posting" {
                        option value="" { "none" }
                        @for job in desk.postings() { option value=(job.id) { (job.text) } }
                    }
                }
                button { "Add candidate" }
            }
        }
    }
}

fn jobs(desk: &Desk<'_>) -> Markup {
    let account = desk.account();
    html! {
        section aria-labelledby="jobs" {
            h2 id="jobs" { "Jobs" }
            @for job in desk.postings() {
                div.card {
                    h3 { (job.text) }
                    ul.tags aria-label={ "Tags of " (job.text) } {
                        @for tag in &job.tags {
                            li {
                                (tag)
                                (press("untag-job", account, &[("posting", &job.id), ("tag", tag)], "×", &format!("{tag} from {}", job.text)))
                            }
                        }
                    }
                    form.row method="post" action=(target("tag-job", account)) {
                        input type="hidden" name="posting" value=(job.id);
                        input name="tag" required placeholder="New tag" aria-label={ "New tag for " (job.text) };
                        button.quiet aria-label={ "Add tag to " (job.text) } { "Add tag" }
                    }
                }
            }
            form.row method="post" action=(target("add-job", account)) {
                div { label for="job-title" { "Title" } input id="job-title" name="title" required; }
                button { "Add job" }
            }
        }
    }
}

fn webhooks(desk: &Desk<'_>) -> Markup {
    let account = desk.account();
    let on = desk.webhook_toggle(EVENT);
    html! {
        section aria-labelledby="webhooks" {
            h2 id="webhooks" { "Settings: webhooks" }
            p {
                "Candidate Stage Change is "
                strong { @if on { "on" } @else { "off: nothing is delivered" } }
            }
            (press("toggle", account, &[], if on { "Switch off" } else { "Switch on" }, "Candidate Stage Change"))
            @if desk.webhooks().is_empty() { p { "No webhooks yet." } }
            @for webhook in desk.webhooks() {
                div.card {
                    p { code { (webhook.url) } }
                    p {
                        (webhook.event.name()) ", "
                        @if webhook.by_api { "created by an authorized app" } @else { "added by hand" }
                    }
                    (press("test", account, &[("webhook", &webhook.id)], "Send test request", &webhook.url))
                }
            }
            form.row method="post" action=(target("add-webhook", account)) {
                div { label for="url" { "URL" } input id="url" name="url" type="url" required; }
                button { "Add webhook" }
            }
        }
    }
}

fn settings(desk: &Desk<'_>) -> Markup {
    let account = desk.account();
    html! {
        section aria-labelledby="settings" {
            h2 id="settings" { "Settings: pipeline and apps" }
            form.row method="post" action=(target("add-stage", account)) {
                div { label for="stage" { "Stage" } input id="stage" name="stage" required; }
                button { "Add stage" }
            }
            (press("revoke", account, &[], "Revoke all apps", "of this account"))
        }
    }
}

pub(super) fn act(desk: &mut Desk<'_>, action: &str, form: &Form) -> Acted {
    match action {
        "move" => quietly(desk.move_to_stage(form.text("opportunity")?, form.text("stage")?)),
        "add-tag" => quietly(desk.add_tag(form.text("opportunity")?, form.text("tag")?)),
        "remove-tag" => quietly(desk.remove_tag(form.text("opportunity")?, form.text("tag")?)),
        "archive" => quietly(desk.archive(form.text("opportunity")?)),
        "tag-job" => quietly(desk.tag_posting(form.text("posting")?, form.text("tag")?)),
        "untag-job" => quietly(desk.untag_posting(form.text("posting")?, form.text("tag")?)),
        "add-job" => {
            desk.add_posting(NewPosting::titled(form.text("title")?));
            Ok(None)
        }
        "add-candidate" => {
            let emails: Vec<&str> = form.text("email").into_iter().collect();
            let mut new = NewOpportunity::named(form.text("name")?).emails(&emails);
            if let Ok(posting) = form.text("posting") {
                new = new.posting(posting);
            }
            quietly(desk.add_opportunity(new))
        }
        "add-stage" => {
            desk.add_stage(form.text("stage")?);
            Ok(None)
        }
        "toggle" => {
            desk.set_webhook_toggle(EVENT, !desk.webhook_toggle(EVENT));
            Ok(None)
        }
        "test" => {
            desk.send_test_request(form.text("webhook")?)?;
            Ok(Some("A test request is on its way.".into()))
        }
        "add-webhook" => {
            let token = desk.make_webhook_by_hand(form.text("url")?)?;
            Ok(Some(format!("Signature token: {token}")))
        }
        "revoke" => {
            desk.revoke_app();
            Ok(Some("Every app has lost its access.".into()))
        }
        _ => Err(Refused::because("no such action")),
    }
}
