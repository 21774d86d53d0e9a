//! Inviting: the way a candidate and a result come into being, and the one place where a mail too many could go out.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::assessment::AssessmentState;
use super::body;
use super::invitation::{self, Invitation};
use super::listing::meta;
use super::person;
use super::progress::{self, Timer};
use super::refusal::Refusal;
use super::result::ResultState;
use super::team::{MailKind, Team};
use crate::call::Call;
use crate::reply::{self, Reply};
use crate::world::Context;

/// What `invite_candidates` was asked, checked.
struct Asked {
    emails: Vec<String>,
    assessment: String,
    data: Map<String, Value>,
    expires_at: Option<Timestamp>,
    reminder_at: Option<Timestamp>,
}

/// `POST /assessment_invitations/invite_candidates`: all addresses or none. A list envelope without paging keys.
pub(crate) fn invite(team: &mut Team, context: &mut Context, call: &Call) -> Result<Reply, Refusal> {
    let asked = check(team, body::data(call)?)?;
    let rows: Vec<Value> = asked.emails.iter().map(|email| one(team, context, &asked, email)).collect();
    Ok(reply::json(200, &json!({"type": "AssessmentInvitation", "data": rows, "meta": meta(context.now, &[])})))
}

fn check(team: &Team, data: Map<String, Value>) -> Result<Asked, Refusal> {
    let invalid = |field, error| Refusal::invalid("AssessmentInvitation", field, error, &data);
    let emails = data.get("candidates").and_then(Value::as_array).filter(|emails| !emails.is_empty());
    let emails = emails.ok_or_else(|| invalid("candidates", "can't be blank"))?;
    let emails: Option<Vec<String>> = emails
        .iter()
        .map(|email| email.as_str().map(str::trim).filter(|email| is_email(email)).map(str::to_owned))
        .collect();
    let emails = emails.ok_or_else(|| invalid("candidates", "is invalid"))?;
    let named = data.contains_key("first_name") || data.contains_key("last_name");
    if named && emails.len() > 1 {
        return Err(invalid("first_name", "is only allowed with one candidate"));
    }
    let assessment = body::text(&data, "assessment_id").ok_or_else(|| invalid("assessment_id", "can't be blank"))?;
    let found = team.assessments.get(assessment).ok_or_else(|| Refusal::not_found(team.settings.not_found))?;
    if found.state != AssessmentState::Published {
        return Err(invalid("assessment_id", "must be published"));
    }
    if !matches!(body::text(&data, "retry_action"), None | Some("reopen" | "retake")) {
        return Err(invalid("retry_action", "is not included in the list"));
    }
    let at = |name| match data.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_str().and_then(|text| text.parse().ok()).map(Some).ok_or(name),
    };
    let (expires_at, reminder_at) = match (at("expires_at"), at("reminder_at")) {
        (Ok(expires_at), Ok(reminder_at)) => (expires_at, reminder_at),
        (Err(field), _) | (_, Err(field)) => return Err(invalid(field, "is invalid")),
    };
    Ok(Asked { emails, assessment: assessment.to_owned(), expires_at, reminder_at, data })
}

fn is_email(text: &str) -> bool {
    let Some((mailbox, host)) = text.split_once('@') else {
        return false;
    };
    let plain = !text.contains(char::is_whitespace) && !text.contains([',', ';', '<', '>']);
    plain
        && !mailbox.is_empty()
        && !host.contains('@')
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
}

fn one(team: &mut Team, context: &mut Context, asked: &Asked, email: &str) -> Value {
    let candidate = match team.candidate_by_email(email) {
        Some(candidate) => candidate.id.clone(),
        None => person::add(team, context, email),
    };
    describe(team, context, &candidate, &asked.data);
    let Some(result) = team.current_result(&candidate, &asked.assessment) else {
        return first(team, context, asked, &candidate, "take", MailKind::Invitation);
    };
    let (result, done) = (result.id.clone(), matches!(result.state, ResultState::Submitted | ResultState::Terminated));
    match (done, body::text(&asked.data, "retry_action")) {
        (true, Some("retake")) => {
            if let Some(result) = team.results.get_mut(&result) {
                result.current_take = false;
            }
            first(team, context, asked, &candidate, "retake", MailKind::Retry)
        }
        (true, Some(_)) => {
            progress::allow_reopening(team, context, &result);
            again(team, context, asked, &candidate, &result, Some(MailKind::Retry))
        }
        // Someone who has submitted is left alone.
        (true, None) => again(team, context, asked, &candidate, &result, None),
        (false, _) => {
            let resend = !body::flag(&asked.data, "skip_email_resend", false);
            again(team, context, asked, &candidate, &result, resend.then_some(MailKind::Resend))
        }
    }
}

/// A result that did not exist before.
fn first(
    team: &mut Team,
    context: &mut Context,
    asked: &Asked,
    candidate: &str,
    action: &'static str,
    kind: MailKind,
) -> Value {
    let locked = body::flag(&asked.data, "access_locked", false);
    let result = progress::add_result(team, context, candidate, &asked.assessment, locked);
    add(team, context, asked, candidate, &result, action, Some(kind))
}

/// An invitation for a result that exists: the one it has, or a new one where that is wanted or needed.
fn again(
    team: &mut Team,
    context: &mut Context,
    asked: &Asked,
    candidate: &str,
    result: &str,
    kind: Option<MailKind>,
) -> Value {
    let known = team.invitations.all().iter().rev().find(|own| own.result == result && own.active);
    let Some(known) = known.filter(|_| !team.settings.reinvite_makes_new).map(|known| known.id.clone()) else {
        let action = if kind == Some(MailKind::Retry) { "reopen" } else { "take" };
        return add(team, context, asked, candidate, result, action, kind);
    };
    let mail = kind.filter(|_| body::flag(&asked.data, "send_email_to_candidate", true));
    if let (Some(kind), Some(invitation)) = (kind, team.invitations.get_mut(&known)) {
        if kind == MailKind::Retry {
            invitation.action = "reopen";
        }
        invitation.expires_at = asked.expires_at.or(invitation.expires_at);
    }
    let view = team.invitations.get(&known).map_or(Value::Null, |invitation| invitation.view(team));
    if let Some(kind) = mail {
        invitation::send(team, context, &known, kind);
    }
    view
}

fn add(
    team: &mut Team,
    context: &mut Context,
    asked: &Asked,
    candidate: &str,
    result: &str,
    action: &'static str,
    kind: Option<MailKind>,
) -> Value {
    let send_email = body::flag(&asked.data, "send_email_to_candidate", true);
    let invitation = Invitation {
        id: context.seed.hex(24),
        assessment: asked.assessment.clone(),
        candidate: candidate.into(),
        result: result.into(),
        active: true,
        action,
        expires_at: asked.expires_at,
        reminder_at: asked.reminder_at,
        reminded: false,
        send_email,
        custom_message: body::text(&asked.data, "custom_message").map(str::to_owned),
        send_attempts: 0,
        last_sent: None,
        created_at: context.now,
        secret: context.seed.letters(14),
    };
    // The answer shows no attempt yet: the mail goes out in the background.
    let (id, view) = (invitation.id.clone(), invitation.view(team));
    if let Some(at) = invitation.reminder_at {
        progress::later(team, context, at, Timer::Remind(id.clone()));
    }
    team.invitations.add(invitation);
    if let (true, Some(kind)) = (send_email, kind) {
        invitation::send(team, context, &id, kind);
    }
    view
}

/// The team has a candidate take it again, on its pages.
pub(crate) fn add_retake(team: &mut Team, context: &mut Context, candidate: &str, assessment: &str, result: &str) {
    let asked = Asked {
        emails: Vec::new(),
        assessment: assessment.into(),
        data: Map::new(),
        expires_at: None,
        reminder_at: None,
    };
    add(team, context, &asked, candidate, result, "retake", Some(MailKind::Retry));
}

/// Names, `alternate_id` and labels given with the invitation go to the person.
fn describe(team: &mut Team, context: &mut Context, candidate: &str, data: &Map<String, Value>) {
    if let Some(candidate) = team.candidates.get_mut(candidate) {
        let given = |name| body::text(data, name).map(str::to_owned);
        candidate.first_name = given("first_name").or(candidate.first_name.take());
        candidate.last_name = given("last_name").or(candidate.last_name.take());
        candidate.alternate_id = given("alternate_id").or(candidate.alternate_id.take());
    }
    let labels = body::texts(data, "labels");
    if !labels.is_empty() {
        let known = team.candidates.get(candidate).and_then(|candidate| candidate.labels.clone()).unwrap_or_default();
        let fresh = labels.into_iter().filter(|label| !known.contains(label));
        let all = known.iter().cloned().chain(fresh).collect();
        person::set_labels(team, context, candidate, all);
    }
}
