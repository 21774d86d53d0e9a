//! Qualified's pages: the key, the assessments, the candidates with their results, and every mail that went out.

use maud::{Markup, html};

use super::{Acted, Form, press, quietly, target};
use crate::Refused;
use crate::qualified::{AssessmentResult, AssessmentState, Desk, MailKind, ResultState, Score};

pub(super) fn body(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="key" {
            h2 id="key" { "Integrations" }
            div.row {
                div {
                    label for="api-key" { "API key" }
                    input id="api-key" readonly value=(desk.api_key()) size="36";
                }
                (press("new-key", desk.team(), &[], "Make a new key", "the old one stops working"))
            }
            @for subscription in desk.subscriptions() {
                p { "Webhook " strong { (subscription.name) } ": " code { (subscription.url) } }
            }
        }
        (results(desk))
        (assessments(desk))
        (mails(desk))
    }
}

fn assessments(desk: &Desk<'_>) -> Markup {
    let team = desk.team();
    html! {
        section aria-labelledby="assessments" {
            h2 id="assessments" { "Assessments" }
            @for assessment in desk.assessments() {
                @let id = [("assessment", assessment.id.as_str())];
                div.card {
                    h3 { (assessment.title) }
                    p { (assessment.state.name()) }
                    div.row {
                        @match assessment.state {
                            AssessmentState::Published => (press("unpublish", team, &id, "Unpublish", &assessment.title)),
                            _ => (press("publish", team, &id, "Publish", &assessment.title)),
                        }
                        form.row method="post" action=(target("rename", team)) {
                            input type="hidden" name="assessment" value=(assessment.id);
                            input name="title" required value=(assessment.title) aria-label={ "Title of " (assessment.title) };
                            button.quiet aria-label={ "Rename " (assessment.title) } { "Rename" }
                        }
                    }
                }
            }
            form.row method="post" action=(target("add-assessment", team)) {
                div { label for="title" { "Title" } input id="title" name="title" required; }
                button { "Add a draft" }
            }
        }
    }
}

fn results(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="results" {
            h2 id="results" { "Candidates and results" }
            @if desk.results().is_empty() { p { "Nobody is invited yet." } }
            @else {
                div.scroll tabindex="0" role="group" aria-labelledby="results" {
                    table {
                        thead { tr {
                            th scope="col" { "Candidate" } th scope="col" { "Assessment" } th scope="col" { "Result" }
                            th scope="col" { "The candidate" } th scope="col" { "The team" }
                        } }
                        tbody { @for result in desk.results().iter().rev() { (row(desk, result)) } }
                    }
                }
            }
        }
    }
}

fn row(desk: &Desk<'_>, result: &AssessmentResult) -> Markup {
    let team = desk.team();
    let candidate = desk.candidates().iter().find(|own| own.id == result.candidate);
    let email = candidate.and_then(|own| own.email.as_deref()).unwrap_or("forgotten");
    let name = candidate.and_then(|own| own.name()).unwrap_or_default();
    let title = desk.assessments().iter().find(|own| own.id == result.assessment);
    let id = [("result", result.id.as_str())];
    let person = [("candidate", result.candidate.as_str())];
    html! {
        tr {
            th scope="row" {
                (name) br; (email) br;
                @if let Some(candidate) = candidate { (candidate.state.name()) }
            }
            td { @if let Some(title) = title { (title.title) } }
            td {
                (result.state.name())
                @if let Some(score) = &result.score { ", score " (score.points) }
                @if !result.current_take { ", an earlier take" }
            }
            td {
                @match result.state {
                    ResultState::Invited => (press("open", team, &id, "Open", email)),
                    ResultState::Opened => (press("start", team, &id, "Start", email)),
                    ResultState::Started => {
                        form.row method="post" action=(target("submit", team)) {
                            input type="hidden" name="result" value=(result.id);
                            input name="score" type="number" min="0" max="100" step="0.1" value="86.7" required aria-label={ "Score of " (email) };
                            button aria-label={ "Submit for " (email) } { "Submit" }
                        }
                    }
                    ResultState::Submitted => (press("start", team, &id, "Go on", &format!("{email}, if reopened"))),
                    ResultState::Submitting | ResultState::Terminated => {}
                }
            }
            td {
                div.row {
                    (press("approve", team, &person, "Approve", email))
                    (press("reject", team, &person, "Reject", email))
                    @if result.state == ResultState::Submitted {
                        (press("reopen", team, &id, "Reopen", email))
                        (press("retake", team, &id, "Retake", email))
                    }
                }
            }
        }
    }
}

fn mails(desk: &Desk<'_>) -> Markup {
    html! {
        section aria-labelledby="mails" {
            h2 id="mails" { "Mails sent" }
            @if desk.mails().is_empty() { p { "None." } }
            ul {
                @for mail in desk.mails().iter().rev() {
                    @let title = desk.assessments().iter().find(|own| own.id == mail.assessment_id);
                    li {
                        (kind(mail.kind)) " to " (mail.to) ": "
                        @if let Some(title) = title { (title.title) }
                        ", " time datetime=(mail.at) { (mail.at.strftime("%H:%M:%S UTC")) }
                    }
                }
            }
        }
    }
}

fn kind(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Invitation => "Invitation",
        MailKind::Resend => "The same invitation again",
        MailKind::Reminder => "Reminder",
        MailKind::Retry => "Invitation to try again",
    }
}

pub(super) fn act(desk: &mut Desk<'_>, action: &str, form: &Form) -> Acted {
    match action {
        "new-key" => {
            desk.regenerate_api_key();
            Ok(Some("There is a new key; the old one has stopped working.".into()))
        }
        "add-assessment" => {
            desk.add_assessment(form.text("title")?, false);
            Ok(None)
        }
        "publish" => quietly(desk.publish(form.text("assessment")?)),
        "unpublish" => quietly(desk.unpublish(form.text("assessment")?)),
        "rename" => quietly(desk.rename(form.text("assessment")?, form.text("title")?)),
        "open" => quietly(desk.open(form.text("result")?)),
        "start" => quietly(desk.start(form.text("result")?)),
        "submit" => {
            let points: f64 = form.number("score")?;
            let score = Score::of(points).solution("Borrow Checker", points, "rust");
            quietly(desk.submit(form.text("result")?, score))
        }
        "reopen" => quietly(desk.reopen(form.text("result")?)),
        "retake" => quietly(desk.retake(form.text("result")?)),
        "approve" => quietly(desk.approve(form.text("candidate")?)),
        "reject" => quietly(desk.reject(form.text("candidate")?)),
        _ => Err(Refused::because("no such action")),
    }
}
