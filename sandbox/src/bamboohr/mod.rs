//! BambooHR in miniature: the applicant tracking part of API v1 in both its URL forms, and the people who use it. There
//! are no webhooks: whoever wants to know has to ask.

mod application;
mod company;
mod consent;
mod desk;
mod job;
mod listing;
mod oauth;
mod refusal;
mod status;

pub use application::{Application, Comment, NewApplication};
pub use company::{NextPage, Settings, User};
pub use desk::Desk;
pub use job::{Job, JobStatus};
pub use oauth::App;
pub use status::Status;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use company::Company;
use oauth::{Authority, Caller};
use refusal::Refusal;

use crate::call::Call;
use crate::reply::{self, Reply};
use crate::world::Context;

#[derive(Debug)]
pub(crate) struct BambooHr {
    companies: BTreeMap<String, Company>,
    authority: Authority,
}

impl BambooHr {
    pub(crate) fn new() -> Self {
        let companies = BTreeMap::from([("acme".to_owned(), Company::new("acme"))]);
        Self { companies, authority: Authority::default() }
    }

    pub(crate) fn register(&mut self, app: App) {
        self.authority.register(app);
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.companies.keys().cloned().collect()
    }

    pub(crate) fn desk<'a>(&'a mut self, context: &'a mut Context, domain: &str) -> Desk<'a> {
        let company = self.companies.entry(domain.into()).or_insert_with(|| Company::new(domain));
        Desk { company, authority: &mut self.authority, context }
    }

    /// `host`: the company the host names, if it names one.
    pub(crate) fn answer(&mut self, context: &mut Context, call: &Call, host: Option<&str>) -> Reply {
        let (method, path) = call.route();
        match (method, path.as_slice()) {
            ("GET", ["authorize.php"]) => consent::page(&self.authority, call, &self.choice(host)),
            ("POST", ["authorize.php"]) => {
                let choice = self.choice(host);
                consent::decide(&mut self.authority, context, call, &choice)
            }
            ("POST", ["token.php"]) if call.query("request") == Some("token") => {
                let companies = &self.companies;
                let rotate =
                    |domain: &str| companies.get(domain).is_some_and(|company| company.settings.rotate_refresh_tokens);
                self.authority.token(context, call, rotate)
            }
            (_, ["api", "gateway.php", domain, "v1", rest @ ..]) => self.api(context, call, domain, rest),
            (_, ["api", "v1", rest @ ..]) if host.is_some() => self.api(context, call, host.unwrap_or_default(), rest),
            _ => Refusal::not_found().reply(),
        }
    }

    /// The companies a person can consent for: the host's, or any.
    fn choice(&self, host: Option<&str>) -> Vec<String> {
        self.names().into_iter().filter(|name| host.is_none_or(|host| host == name)).collect()
    }

    fn api(&mut self, context: &mut Context, call: &Call, domain: &str, rest: &[&str]) -> Reply {
        let answer = self.authorized(context, call, domain, rest);
        match answer {
            Ok(body) => {
                let reply = reply::typed(200, "application/json", body.to_string());
                reply::with(reply, "x-request-id", &context.seed.hex(32))
            }
            Err(refusal) => refusal.reply(),
        }
    }

    fn authorized(
        &mut self,
        context: &mut Context,
        call: &Call,
        domain: &str,
        rest: &[&str],
    ) -> Result<Value, Refusal> {
        let company = self.companies.get_mut(domain).ok_or_else(Refusal::not_found)?;
        let header = call.header("authorization").ok_or_else(Refusal::challenge)?;
        let caller = self.authority.caller(context.now, domain, header).ok_or_else(Refusal::unauthorized)?;
        let user = company.user(caller.user).ok_or_else(Refusal::unauthorized)?;
        if !user.ats_access || !company.settings.api {
            return Err(Refusal::forbidden());
        }
        route(company, context, call, &caller, rest)
    }
}

/// The applicant tracking API as one table. Which scope opens what is inferred from the scopes' names.
fn route(
    company: &mut Company,
    context: &mut Context,
    call: &Call,
    caller: &Caller,
    rest: &[&str],
) -> Result<Value, Refusal> {
    let may = |scopes: &[&str]| {
        if caller.may(scopes) { Ok(()) } else { Err(Refusal::forbidden()) }
    };
    let number = |text: &str| text.parse::<i64>().map_err(|_| Refusal::not_found());
    match (call.method.as_str(), rest) {
        ("GET", ["applicant_tracking", "statuses"]) => {
            may(&["hiring:settings", "hiring:applications"])?;
            Ok(status::list(company))
        }
        ("GET", ["applicant_tracking", "jobs"]) => {
            may(&["hiring:job_openings"])?;
            Ok(job::list(company, context, call))
        }
        ("GET", ["applicant_tracking", "applications"]) => {
            may(&["hiring:applications"])?;
            Ok(listing::list(company, context, call))
        }
        ("GET", ["applicant_tracking", "applications", id]) => {
            may(&["hiring:applications"])?;
            let application = company.application(number(id)?).ok_or_else(Refusal::not_found)?;
            Ok(application.detail(company))
        }
        ("POST", ["applicant_tracking", "applications", id, "status"]) => {
            may(&["hiring:applications.write"])?;
            set_status(company, context, call, caller, number(id)?)
        }
        ("POST", ["applicant_tracking", "applications", id, "comments"]) => {
            may(&["hiring:applications.write"])?;
            comment(company, call, caller, number(id)?)
        }
        ("POST", ["applicant_tracking", "application"]) => {
            may(&["hiring:applications.write"])?;
            create(company, context, call)
        }
        ("GET", ["meta", "users"]) => Ok(users(company)),
        ("GET", ["employees", "0"]) => {
            may(&["employee"])?;
            owner(company, caller)
        }
        _ => Err(Refusal::not_found()),
    }
}

/// `{"status": 25}`: an integer, and nothing but an integer.
fn set_status(
    company: &mut Company,
    context: &Context,
    call: &Call,
    caller: &Caller,
    id: i64,
) -> Result<Value, Refusal> {
    company.application(id).ok_or_else(Refusal::not_found)?;
    let invalid = || Refusal::new(400, "Invalid status");
    let wanted = call.json().and_then(|body| body["status"].as_i64()).ok_or_else(invalid)?;
    let status = company.status(wanted).filter(|status| !status.deleted).ok_or_else(invalid)?;
    if !status.enabled && !company.settings.disabled_status_accepted {
        return Err(invalid());
    }
    let change = application::set_status(company, context, id, wanted, caller.user);
    Ok(json!({"type": "positionApplicantStatus", "id": change.ok_or_else(Refusal::not_found)?}))
}

fn comment(company: &mut Company, call: &Call, caller: &Caller, id: i64) -> Result<Value, Refusal> {
    let body = call.json().unwrap_or_default();
    let known = matches!(body["type"].as_str(), None | Some("comment"));
    let text = body["comment"].as_str().filter(|text| known && !text.is_empty());
    let text = text.ok_or_else(|| Refusal::new(400, "Invalid comment"))?.to_owned();
    let fresh = company.fresh_id();
    let application = company.application_mut(id).ok_or_else(Refusal::not_found)?;
    application.comments.push(Comment { id: fresh, text, user: caller.user });
    Ok(json!({"type": "comment", "id": fresh}))
}

/// Creating a candidate, by the JSON body that was seen accepted. `candidateId` is the application's id.
fn create(company: &mut Company, context: &Context, call: &Call) -> Result<Value, Refusal> {
    let body = call.json().unwrap_or_default();
    let invalid = || Refusal::new(422, "Validation failed");
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let job = body["jobId"].as_i64().filter(|job| company.job(*job).is_some()).ok_or_else(invalid)?;
    let new = NewApplication {
        first_name: text("firstName").ok_or_else(invalid)?,
        last_name: text("lastName").ok_or_else(invalid)?,
        email: text("email"),
        source: text("source"),
        job,
        status: 1,
    };
    Ok(json!({"result": "success", "candidateId": application::add(company, context, new)}))
}

/// The employee behind a key. What a key of nobody's is answered is not documented.
fn owner(company: &Company, caller: &Caller) -> Result<Value, Refusal> {
    let user = company.user(caller.user).ok_or_else(Refusal::not_found)?;
    let employee = user.employee.ok_or_else(Refusal::not_found)?;
    Ok(json!({"id": employee.to_string(), "firstName": user.first_name, "lastName": user.last_name}))
}

/// An object keyed by user id.
fn users(company: &Company) -> Value {
    let users = company.users.iter().map(|user| {
        let view = json!({
            "id": user.id, "employeeId": user.employee, "firstName": user.first_name, "lastName": user.last_name,
            "email": null, "status": "enabled",
        });
        (user.id.to_string(), view)
    });
    users.collect()
}
