//! The operator API.

use bytes::Bytes;
use http::{Request, Response, Uri};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Answer, Rest, reply, route::OperatorRoute};
use crate::{
    app::{
        App, Failure,
        account::{Account, TriggerStage},
        activity::{Item, Outcome, Query},
        connect::{lever::Deadlines, login},
        directory::Shard,
        health,
    },
    domain::{
        ids::{AccountId, Candidacy, StageId},
        json::{self, Misfit},
        secret::Secret,
    },
    ports::World,
};

mod bamboohr;

/// Answers a request that the operator's token came with.
pub(super) async fn serve<W: World>(
    app: App<'_, W>,
    route: OperatorRoute,
    request: &Request<Bytes>,
) -> Result<Answer, Failure> {
    use OperatorRoute as Of;
    let response = match route {
        Of::PutAccount(id) => {
            let PutAccount { name, ats_enabled } = body(request)?;
            app.put_account(&id, &name, ats_enabled).await?;
            account(app, &id).await?
        }
        Of::GetAccount(id) => account(app, &id).await?,
        Of::DeleteAccount(id) => done(app.delete_account(&id).await)?,
        Of::ConnectQualified(id) => {
            let ApiKey { api_key } = body(request)?;
            app.connect_qualified(&id, &api_key).await?;
            account(app, &id).await?
        }
        Of::DisconnectQualified(id) => done(app.disconnect_qualified(&id).await)?,
        Of::Assessments(id) => {
            let catalogue = app.listed_assessments(&id).await?;
            let rows: Vec<Value> =
                catalogue.published().map(|listed| json!({"id": listed.id, "title": listed.title})).collect();
            reply::json(200, &json!({"assessments": rows}))
        }
        Of::LeverLogin(id) => login_started(app, &app.log_in_to_lever(&id).await?),
        Of::DisconnectLever(id) => done(app.disconnect_lever(&id).await)?,
        Of::LeverStages(id) => {
            let stages = app.lever_stages(&id).await?;
            let rows: Vec<Value> = stages.iter().map(|stage| json!({"id": stage.id, "text": stage.text})).collect();
            reply::json(200, &json!({"stages": rows}))
        }
        Of::PutTriggerStage(id, stage) => {
            let PutStage { deadline_days, reminder_days } = optional_body(request)?;
            let stage = StageId::new(stage).map_err(|_| Failure::not_found("Lever has no such stage."))?;
            let put = app.put_trigger_stage(&id, &stage, Deadlines { deadline_days, reminder_days }).await?;
            reply::json(200, &trigger_stage(&put))
        }
        Of::DeleteTriggerStage(id, stage) => {
            let stage = StageId::new(stage).map_err(|_| Failure::not_found("It is not a trigger stage."))?;
            done(app.delete_trigger_stage(&id, &stage).await)?
        }
        Of::SignatureToken(id) => {
            let Token { token } = body(request)?;
            done(app.add_signature_token(&id, &token).await)?
        }
        Of::ConnectBambooHr(id) => {
            bamboohr::connect(app, &id, request).await?;
            account(app, &id).await?
        }
        Of::DisconnectBambooHr(id) => done(app.disconnect_bamboohr(&id).await)?,
        Of::BambooHrLogin(id) => login_started(app, &bamboohr::log_in(app, &id, request).await?),
        Of::BambooHrJobs(id) => bamboohr::jobs(app, &id).await?,
        Of::BambooHrStatuses(id) => bamboohr::statuses(app, &id).await?,
        Of::PutMapping(id, assessment) => bamboohr::put_mapping(app, &id, assessment, request).await?,
        Of::DeleteMapping(id, assessment) => done(bamboohr::delete_mapping(app, &id, assessment).await)?,
        Of::Activity(id) => {
            let query = activity_query(request.uri())?;
            let listing = app.activity(&id, &query).await?;
            let items: Vec<Value> = listing.items.iter().map(item).collect();
            reply::json(200, &json!({"items": items, "next": listing.next}))
        }
        Of::Replay(id, number) => {
            app.account(&id).await?;
            let claim = app.replay(&id, number.parse()?).await?;
            let response = reply::json(202, &json!({"status": "accepted"}));
            return Ok(Answer { response, rest: claim.map(Rest) });
        }
        Of::Sync => {
            let report = match sync_query(request.uri())? {
                SyncQuery::One(id) => app.sync_one(&id).await?.report,
                SyncQuery::Shard(shard) => app.sync(shard).await?,
            };
            reply::json(200, &report)
        }
    };
    Ok(response.into())
}

fn done(result: Result<(), Failure>) -> Result<Response<Bytes>, Failure> {
    result.map(|()| reply::empty(204))
}

fn login_started<W: World>(app: App<'_, W>, start: &login::LoginStart) -> Response<Bytes> {
    let response = reply::json(200, &json!({"authorize_url": start.authorize_url}));
    reply::with_cookie(response, &login_cookie(start, app.settings.is_https()))
}

/// The cookie that binds a log-in to the browser. `Lax`, because it has to come back with the redirect.
pub(super) fn login_cookie(start: &login::LoginStart, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!(
        "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        super::browser::LOGIN_COOKIE,
        start.browser.expose(),
        login::COOKIE_SECONDS
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PutAccount {
    name: String,
    ats_enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiKey {
    api_key: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    token: Secret,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PutStage {
    deadline_days: Option<u16>,
    reminder_days: Option<u16>,
}

fn body<T: DeserializeOwned>(request: &Request<Bytes>) -> Result<T, Failure> {
    let read = || json::read(&json::parse(request.body())?);
    read().map_err(|misfit: Misfit| Failure::invalid(format!("The body can't be read: {misfit}.")))
}

fn optional_body<T: DeserializeOwned + Default>(request: &Request<Bytes>) -> Result<T, Failure> {
    if request.body().iter().all(u8::is_ascii_whitespace) { Ok(T::default()) } else { body(request) }
}

async fn account<W: World>(app: App<'_, W>, id: &AccountId) -> Result<Response<Bytes>, Failure> {
    let account = app.account(id).await?;
    let (checks, inboxes) = app.health_of(id, &account).await?;
    let (lever_event, qualified_event) = health::last_events(&account, &inboxes);
    let hook = app.qualified_hook(id, &account).ok();
    let qualified = account.qualified.as_ref();
    let lever = account.lever.as_ref();
    let stages: Vec<Value> =
        lever.map(|lever| lever.trigger_stages.iter().map(trigger_stage).collect()).unwrap_or_default();
    Ok(reply::json(
        200,
        &json!({
            "account": id,
            "name": account.name,
            "ats_enabled": account.ats_enabled,
            "qualified": {
                "connected": qualified.is_some(),
                "connected_at": qualified.map(|qualified| qualified.connected_at),
                "hook_url": hook.as_ref().map(Secret::expose),
                "last_event_at": qualified_event,
            },
            "lever": {
                "connected": lever.is_some(),
                "connected_at": lever.map(|lever| lever.connected_at),
                "user": lever.and_then(|lever| lever.user.as_deref()),
                "trigger_stages": stages,
                "webhook": webhook(app, id, &account, lever_event),
            },
            "bamboohr": bamboohr::connection(account.bamboohr.as_ref()),
            "health": checks,
        }),
    ))
}

fn webhook<W: World>(
    app: App<'_, W>,
    id: &AccountId,
    account: &Account,
    last_event_at: Option<crate::domain::time::Timestamp>,
) -> Option<Value> {
    let lever = account.lever.as_ref()?;
    let ours = lever.webhook.as_ref();
    Some(json!({
        "id": ours.map(|webhook| &webhook.id),
        "url": ours.map_or_else(|| app.lever_hook(id), |webhook| webhook.url.clone()),
        "last_event_at": last_event_at,
        "hand_made_tokens": lever.hand_made_tokens.len(),
    }))
}

fn trigger_stage(stage: &TriggerStage) -> Value {
    json!({
        "id": stage.id,
        "text": stage.text,
        "enabled_at": stage.enabled_at,
        "deadline_days": stage.deadline_days,
        "reminder_days": stage.reminder_days,
        "vanished": stage.vanished,
    })
}

#[derive(Serialize)]
struct Subject<'a> {
    ats: &'static str,
    id: String,
    name: &'a str,
}

fn item(item: &Item) -> Value {
    let candidate = item.candidacy.as_ref().map(|candidacy| {
        let (ats, id) = match candidacy {
            Candidacy::Lever(id) => ("lever", id.to_string()),
            Candidacy::BambooHr(_, id) => ("bamboohr", id.0.to_string()),
        };
        Subject { ats, id, name: &item.subject }
    });
    let subject = candidate.as_ref().map_or_else(|| item.subject.clone(), |candidate| candidate.id.clone());
    json!({
        "id": item.id,
        "at": item.at,
        "source": item.source,
        "subject": subject,
        "candidate": candidate,
        "outcome": item.outcome,
        "summary": item.summary,
        "steps": item.steps,
    })
}

fn parameters(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

fn activity_query(uri: &Uri) -> Result<Query, Failure> {
    let mut query = Query { limit: 50, ..Query::default() };
    for (name, value) in parameters(uri) {
        match name.as_str() {
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=100).contains(limit));
                query.limit = limit.ok_or_else(|| Failure::invalid("`limit` is 1 to 100."))?;
            }
            "before" => {
                query.before = Some(value.parse().map_err(|_| Failure::invalid("`before` is a `next` of this list."))?)
            }
            "subject" if !value.trim().is_empty() => query.subject = Some(value),
            "outcome" if !value.is_empty() => {
                let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == value);
                query.outcome = Some(outcome.ok_or_else(|| Failure::invalid("There is no such `outcome`."))?);
            }
            _ => {}
        }
    }
    Ok(query)
}

enum SyncQuery {
    One(AccountId),
    Shard(Shard),
}

fn sync_query(uri: &Uri) -> Result<SyncQuery, Failure> {
    let mut sync = SyncQuery::Shard(Shard::WHOLE);
    for (name, value) in parameters(uri) {
        match name.as_str() {
            "account" => return Ok(SyncQuery::One(AccountId::new(value)?)),
            "shard" => {
                let shard = Shard::parse(&value)
                    .ok_or_else(|| Failure::invalid("`shard` is `i/n`, i from 0 to n - 1, n up to 64."))?;
                sync = SyncQuery::Shard(shard);
            }
            _ => {}
        }
    }
    Ok(sync)
}
