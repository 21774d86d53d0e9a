//! The operator API's part about BambooHR.

use bytes::Bytes;
use http::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{body, reply};
use crate::{
    app::{
        App, Failure,
        account::{BambooHr, Mapping},
        bamboohr::mapping::Choices,
        connect::login::LoginStart,
    },
    domain::{
        ids::{AccountId, AssessmentId},
        secret::Secret,
    },
    ports::World,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    domain: String,
    api_key: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogIn {
    domain: String,
}

pub(super) async fn connect<W: World>(
    app: App<'_, W>,
    id: &AccountId,
    request: &Request<Bytes>,
) -> Result<(), Failure> {
    let Connect { domain, api_key } = body(request)?;
    app.connect_bamboohr(id, &domain, &api_key).await
}

pub(super) async fn log_in<W: World>(
    app: App<'_, W>,
    id: &AccountId,
    request: &Request<Bytes>,
) -> Result<LoginStart, Failure> {
    let LogIn { domain } = body(request)?;
    app.log_in_to_bamboohr(id, &domain).await
}

pub(super) async fn jobs<W: World>(app: App<'_, W>, id: &AccountId) -> Result<Response<Bytes>, Failure> {
    let jobs = app.bamboohr_jobs(id).await?;
    let rows: Vec<Value> = jobs.iter().map(|job| json!({"id": job.id, "label": job.label()})).collect();
    Ok(reply::json(200, &json!({"jobs": rows})))
}

pub(super) async fn statuses<W: World>(app: App<'_, W>, id: &AccountId) -> Result<Response<Bytes>, Failure> {
    let statuses = app.bamboohr_statuses(id).await?;
    let rows: Vec<Value> = statuses.iter().map(|status| json!({"id": status.id, "name": status.name})).collect();
    Ok(reply::json(200, &json!({"statuses": rows})))
}

pub(super) async fn put_mapping<W: World>(
    app: App<'_, W>,
    id: &AccountId,
    assessment: String,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Failure> {
    let choices: Choices = body(request)?;
    let assessment = assessment_of(assessment)?;
    let put = app.put_mapping(id, &assessment, choices).await?;
    Ok(reply::json(200, &mapping(&assessment, &put)))
}

pub(super) async fn delete_mapping<W: World>(
    app: App<'_, W>,
    id: &AccountId,
    assessment: String,
) -> Result<(), Failure> {
    app.delete_mapping(id, &assessment_of(assessment)?).await
}

fn assessment_of(text: String) -> Result<AssessmentId, Failure> {
    AssessmentId::new(text).map_err(|_| Failure::not_found("Qualified has no such assessment."))
}

/// The account's connection as the API shows it.
pub(super) fn connection(bamboohr: Option<&BambooHr>) -> Value {
    let mappings: Vec<Value> = bamboohr
        .map(|bamboohr| bamboohr.mappings.iter().map(|(assessment, put)| mapping(assessment, put)).collect())
        .unwrap_or_default();
    json!({
        "connected": bamboohr.is_some(),
        "connected_at": bamboohr.map(|bamboohr| bamboohr.connected_at),
        "domain": bamboohr.map(|bamboohr| bamboohr.company.as_str()),
        "by": bamboohr.map(|bamboohr| if bamboohr.key.is_some() { "api_key" } else { "oauth" }),
        "user": bamboohr.and_then(|bamboohr| bamboohr.user.as_deref()),
        "mappings": mappings,
    })
}

fn mapping(assessment: &AssessmentId, mapping: &Mapping) -> Value {
    json!({
        "assessment_id": assessment,
        "job_id": mapping.job,
        "send_status": mapping.send_status,
        "on_started": mapping.on_started,
        "on_submitted": mapping.on_submitted,
        "on_approved": mapping.on_approved,
        "on_rejected": mapping.on_rejected,
        "enabled_at": mapping.enabled_at,
        "broken": mapping.broken,
    })
}
