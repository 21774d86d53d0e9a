//! `GET /applicant_tracking/applications`: numbered pages whose defaults hide rows.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::application::Application;
use super::company::{Company, NextPage};
use super::status::Group;
use crate::call::Call;
use crate::world::Context;

/// Seen without filters: only active applicants, only of draft and open jobs.
const DEFAULT_GROUPS: (&str, &str) = ("ALL_ACTIVE", "DRAFT_AND_OPEN");

pub(crate) fn list(company: &Company, context: &mut Context, call: &Call) -> Value {
    let mut rows: Vec<&Application> = company.applications.iter().filter(|row| fits(company, row, call)).collect();
    sort(company, &mut rows, call);
    let page = call.query("page").and_then(|page| page.parse().ok()).filter(|page| *page > 0).unwrap_or(1_usize);
    let size = company.settings.page_size.max(1);
    let complete = page * size >= rows.len();
    let rows: Vec<Value> =
        rows.into_iter().skip((page - 1) * size).take(size).map(|row| row.row(company, context)).collect();
    json!({
        "paginationComplete": complete, "applications": rows,
        "nextPageUrl": (!complete).then(|| next_page(company, context, page + 1)),
    })
}

/// Without the filters: whether they are kept in life is unknown, so nobody should rely on it.
fn next_page(company: &Company, context: &Context, page: usize) -> String {
    let path = format!("/v1/applicant_tracking/applications?page={page}");
    let origin = &context.origins.bamboohr;
    match company.settings.next_page {
        NextPage::Company => format!("{}/api{path}", origin.replace('*', &company.domain)),
        NextPage::Gateway => format!("{}/api/gateway.php/{}{path}", origin.replace('*', "api"), company.domain),
        NextPage::Hostless => path,
    }
}

/// All filters together; unknown parameters, `per_page` among them, are ignored.
fn fits(company: &Company, row: &Application, call: &Call) -> bool {
    let ids = call.query("applicationStatusId");
    let defaults =
        if ids.is_some() && company.settings.status_id_escapes_defaults { ("ALL", "ALL") } else { DEFAULT_GROUPS };
    let groups = call.query("applicationStatus").unwrap_or(defaults.0);
    let job_groups = call.query("jobStatusGroups").unwrap_or(defaults.1);
    let text = call.query("searchString").map(str::to_lowercase);
    // `2026-03-02 09:30:00`, in UTC; with a `T` it is no such time.
    let since = call
        .query("newSince")
        .and_then(|since| since.split_once(' '))
        .and_then(|(day, time)| format!("{day}T{time}Z").parse::<Timestamp>().ok());
    company.job(row.job).is_some_and(|job| job.status.among(job_groups))
        && company.status(row.status).is_some_and(|status| in_groups(status.group(), groups))
        && ids.is_none_or(|ids| ids.split(',').any(|id| id.trim() == row.status.to_string()))
        && call.query("jobId").is_none_or(|job| job == row.job.to_string())
        && since.is_none_or(|since| row.applied >= since)
        && text.is_none_or(|text| {
            let email = row.email.as_deref().unwrap_or_default();
            format!("{} {} {email}", row.first_name, row.last_name).to_lowercase().contains(&text)
        })
}

fn in_groups(group: Group, groups: &str) -> bool {
    groups.split(',').any(|name| match name {
        "ALL" => true,
        "ALL_ACTIVE" => matches!(group, Group::New | Group::Active),
        "NEW" => group == Group::New,
        "ACTIVE" => group == Group::Active,
        "INACTIVE" => group == Group::Inactive,
        "HIRED" => group == Group::Hired,
        _ => false,
    })
}

/// Newest application first, unless said otherwise.
fn sort(company: &Company, rows: &mut [&Application], call: &Call) {
    let title = |row: &Application| company.job(row.job).map(|job| job.title.clone());
    match call.query("sortBy") {
        Some("first_name") => rows.sort_by(|a, b| a.first_name.cmp(&b.first_name)),
        Some("job_title") => rows.sort_by_key(|row| title(row)),
        Some("status") => rows.sort_by_key(|row| row.status),
        Some("last_updated") => rows.sort_by_key(|row| row.changed),
        Some(_) => {}
        None => return rows.reverse(),
    }
    if call.query("sortOrder") == Some("DESC") {
        rows.reverse();
    }
}
