//! BambooHR's pages: openings, applications with status and comments, the statuses of the company.

use maud::{Markup, html};

use super::{Acted, Form, note, press, quietly, target};
use crate::Refused;
use crate::bamboohr::{Application, Desk, JobStatus, NewApplication};

const JOB_STATUSES: [JobStatus; 6] =
    [JobStatus::Open, JobStatus::Draft, JobStatus::OnHold, JobStatus::Filled, JobStatus::Canceled, JobStatus::Deleted];

pub(super) fn body(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="applications" {
            h2 id="applications" { "Applications" }
            @if desk.applications().is_empty() { p { "Nobody has applied yet." } }
            @for application in desk.applications().iter().rev() { (applied(desk, application)) }
            form.row method="post" action=(target("apply", desk.domain())) {
                div { label for="first" { "First name" } input id="first" name="first" required; }
                div { label for="last" { "Last name" } input id="last" name="last" required; }
                div { label for="email" { "E-mail, may be empty" } input id="email" name="email" type="email"; }
                div {
                    label for="job" { "Job" }
                    select id="job" name="job" {
                        @for job in desk.jobs() { option value=(job.id) { (job.title) } }
                    }
                }
                button { "Add application" }
            }
        }
        (jobs(desk))
        (statuses(desk))
        section aria-labelledby="keys" {
            h2 id="keys" { "API keys" }
            (press("key", desk.domain(), &[], "Make an API key", "of the integration's user"))
        }
    }
}

fn applied(desk: &Desk<'_>, application: &Application) -> Markup {
    let name = format!("{} {}", application.first_name, application.last_name);
    let job = desk.jobs().iter().find(|job| job.id == application.job);
    html! {
        article.card {
            h3 { (name) }
            p { (application.email.as_deref().unwrap_or("no e-mail")) @if let Some(job) = job { ", " (job.title) } }
            form.row method="post" action=(target("status", desk.domain())) {
                input type="hidden" name="application" value=(application.id);
                select name="status" aria-label={ "Status of " (name) } {
                    @for status in desk.statuses().iter().filter(|status| status.enabled || status.id == application.status) {
                        option value=(status.id) selected[status.id == application.status] { (status.name) }
                    }
                }
                button aria-label={ "Set status of " (name) } { "Set status" }
            }
            @for comment in &application.comments { (note(&comment.text)) }
        }
    }
}

fn jobs(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="jobs" {
            h2 id="jobs" { "Job openings" }
            @for job in desk.jobs() {
                div.card {
                    h3 { (job.title) }
                    form.row method="post" action=(target("job", desk.domain())) {
                        input type="hidden" name="job" value=(job.id);
                        select name="status" aria-label={ "Status of " (job.title) } {
                            @for status in JOB_STATUSES { option selected[status == job.status] { (status.label()) } }
                        }
                        button.quiet aria-label={ "Set status of " (job.title) } { "Set status" }
                    }
                }
            }
            form.row method="post" action=(target("add-job", desk.domain())) {
                div { label for="title" { "Title" } input id="title" name="title" required; }
                button { "Add an opening" }
            }
        }
    }
}

fn statuses(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="statuses" {
            h2 id="statuses" { "The company's own statuses" }
            ul.tags {
                @for status in desk.statuses().iter().filter(|status| status.code.is_none() && !status.deleted) {
                    li {
                        (status.name) " (" (status.id) ") "
                        (press("toggle", desk.domain(), &[("status", &status.id.to_string())],
                            if status.enabled { "Disable" } else { "Enable" }, &status.name))
                    }
                }
            }
            form.row method="post" action=(target("add-status", desk.domain())) {
                div { label for="name" { "Name" } input id="name" name="name" required; }
                button { "Add a status" }
            }
        }
    }
}

pub(super) fn act(desk: &mut Desk<'_>, action: &str, form: &Form) -> Acted {
    match action {
        "apply" => {
            let new = NewApplication::named(form.text("first")?, form.text("last")?, form.number("job")?);
            let new = match form.text("email") {
                Ok(email) => new.email(email),
                Err(_) => new.without_email(),
            };
            quietly(desk.add_application(new))
        }
        "status" => quietly(desk.set_status(form.number("application")?, form.number("status")?)),
        "job" => {
            let wanted = form.text("status")?;
            let status = JOB_STATUSES.into_iter().find(|status| status.label() == wanted);
            let status = status.ok_or_else(|| Refused::because("no such status"))?;
            quietly(desk.set_job_status(form.number("job")?, status))
        }
        "add-job" => {
            desk.add_job(form.text("title")?, JobStatus::Open);
            Ok(None)
        }
        "add-status" => {
            desk.add_status(form.text("name")?);
            Ok(None)
        }
        "toggle" => {
            let id = form.number("status")?;
            let enabled = desk.statuses().iter().any(|status| status.id == id && status.enabled);
            quietly(desk.set_status_enabled(id, !enabled))
        }
        "key" => Ok(Some(format!("API key, shown once: {}", desk.make_api_key()))),
        _ => Err(Refused::because("no such action")),
    }
}
