//! The form that ties an assessment to a job opening in BambooHR.

use bytes::Bytes;
use http::Response;

use super::{Form, Notice, Visit, page, query, reply};
use crate::{
    app::{
        Failure,
        account::{Account, Mapping},
        bamboohr::mapping::Choices,
        catalogue::Listed,
    },
    domain::ids::{AccountId, AssessmentId, JobId, StatusId},
    ports::World,
    web::page::mapping::{Known, Offers},
};

/// The form, filled with what is set already.
pub(super) async fn form<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
) -> Result<Response<Bytes>, Failure> {
    let asked = query(visit.request);
    let assessment = asked.text("assessment");
    let known =
        AssessmentId::new(assessment).ok().and_then(|assessment| account.bamboohr.as_ref()?.mappings.get(&assessment));
    let given = |name: &str| known.map(|known| present(known, assessment, name)).unwrap_or_default();
    show(visit, id, account, &given, None).await
}

fn present(mapping: &Mapping, assessment: &str, name: &str) -> String {
    let status = match name {
        "assessment" => return assessment.to_owned(),
        "job_id" => return mapping.job.0.to_string(),
        "send_status" => mapping.send_status,
        "on_started" => mapping.on_started,
        "on_submitted" => mapping.on_submitted,
        "on_approved" => mapping.on_approved,
        "on_rejected" => mapping.on_rejected,
        _ => None,
    };
    status.map(|status| status.0.to_string()).unwrap_or_default()
}

/// Takes the form.
pub(super) async fn put<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
    form: &Form,
) -> Result<Response<Bytes>, Failure> {
    let given = |name: &str| form.text(name).to_owned();
    if form.asks_to_narrow() {
        return show(visit, id, account, &given, None).await;
    }
    match try_put(visit, id, form).await {
        Ok(_) => Ok(reply::see_other(&Notice::MappingSaved.at(&format!("/integrations/{id}")))),
        Err(failure) => show(visit, id, account, &given, Some(&failure)).await,
    }
}

async fn try_put<W: World>(visit: &Visit<'_, W>, id: &AccountId, form: &Form) -> Result<Mapping, Failure> {
    let assessment = AssessmentId::new(form.text("assessment"))
        .map_err(|_| Failure::invalid("Choose an assessment.").at("assessment"))?;
    let job_id = form.text("job_id").parse().map(JobId);
    let job_id = job_id.map_err(|_| Failure::invalid("Choose a job opening.").at("job_id"))?;
    let status = |name| match form.text(name) {
        "" => Ok(None),
        text => text
            .parse()
            .map(|id| Some(StatusId(id)))
            .map_err(|_| Failure::invalid("Choose from the statuses that BambooHR lists.").at(name)),
    };
    let choices = Choices {
        job_id,
        send_status: status("send_status")?,
        on_started: status("on_started")?,
        on_submitted: status("on_submitted")?,
        on_approved: status("on_approved")?,
        on_rejected: status("on_rejected")?,
    };
    visit.app.put_mapping(id, &assessment, choices).await
}

async fn show<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
    given: &dyn Fn(&str) -> String,
    wrong: Option<&Failure>,
) -> Result<Response<Bytes>, Failure> {
    let mappings = account.bamboohr.as_ref().map(|bamboohr| &bamboohr.mappings);
    let assessment = AssessmentId::new(given("assessment")).ok();
    let put = assessment.as_ref().and_then(|assessment| mappings?.get(assessment));
    let catalogue = visit.app.listed_assessments(id).await;
    let listed = catalogue.as_ref().map(|catalogue| {
        let is_it = |listed: &&Listed| Some(&listed.id) == assessment.as_ref();
        catalogue.assessments.iter().find(is_it)
    });
    let obstacle = match listed {
        Ok(Some(listed)) => listed.state.refusal(&listed.title),
        Ok(None) => Some("Qualified no longer has it".to_owned()),
        Err(_) => None,
    };
    let known = put.map(|put| Known {
        title: listed.ok().flatten().map_or(put.title.as_str(), |listed| listed.title.as_str()),
        obstacle: obstacle.as_deref(),
    });
    let is_mapped = |listed: &&Listed| mappings.is_some_and(|mappings| mappings.contains_key(&listed.id));
    let offers = match &catalogue {
        Ok(catalogue) => offers(visit, id, catalogue.published().filter(|listed| !is_mapped(listed))).await,
        Err(failure) => Err(failure.clone()),
    };
    let failures = offers.as_ref().err().into_iter().chain(wrong);
    let status = failures.map(|failure| visit.told(failure)).reduce(|first, _| first).unwrap_or(200);
    let shown = offers.as_ref().map_err(|failure| failure.public.as_str());
    Ok(visit.html(status, page::mapping::page(&visit.reader(), id, known, shown, given, wrong)))
}

async fn offers<'l, W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    free: impl Iterator<Item = &'l Listed>,
) -> Result<Offers, Failure> {
    let jobs = visit.app.bamboohr_jobs(id).await?;
    let statuses = visit.app.bamboohr_statuses(id).await?;
    Ok(Offers {
        assessments: free.map(|listed| (listed.id.to_string(), listed.title.clone())).collect(),
        jobs: jobs.iter().map(|job| (job.id.0.to_string(), job.label())).collect(),
        statuses: statuses.iter().map(|status| (status.id.0.to_string(), status.name.clone())).collect(),
    })
}
