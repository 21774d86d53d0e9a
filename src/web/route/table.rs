//! The one table of routes. A request goes where a row leads, and there is no other way in; who wants to try every
//! route, as the tests do, goes through the rows.

use http::Method;

use super::{AccountRoute as Page, BrowserRoute as Browser, OperatorRoute as Api, Route, Unroutable};
use crate::domain::ids::AccountId;

/// A way in.
#[derive(Debug)]
pub struct Row {
    /// The method.
    pub method: &'static str,
    /// The path. A segment in braces stands for any; the first such is the account.
    pub path: &'static str,
    leads: Leads,
}

/// Where to, given the account, and maybe one thing of the account's.
#[derive(Debug)]
enum Leads {
    To(Route),
    OfAccount(fn(AccountId) -> Route),
    OfItem(fn(AccountId, String) -> Route),
    Page(Page),
    PageOfItem(fn(String) -> Page),
    Api(fn(AccountId) -> Api),
    ApiOfItem(fn(AccountId, String) -> Api),
}

const fn row(method: &'static str, path: &'static str, leads: Leads) -> Row {
    Row { method, path, leads }
}

const fn browser(method: &'static str, path: &'static str, route: Browser) -> Row {
    row(method, path, Leads::To(Route::Browser(route)))
}

const fn page(method: &'static str, path: &'static str, route: Page) -> Row {
    row(method, path, Leads::Page(route))
}

const fn api(method: &'static str, path: &'static str, route: fn(AccountId) -> Api) -> Row {
    row(method, path, Leads::Api(route))
}

const fn api_of_item(method: &'static str, path: &'static str, route: fn(AccountId, String) -> Api) -> Row {
    row(method, path, Leads::ApiOfItem(route))
}

/// Every route of the product.
pub const TABLE: &[Row] = &[
    row("GET", "/healthz", Leads::To(Route::Health)),
    row("POST", "/hooks/lever/{account}", Leads::OfAccount(Route::LeverHook)),
    row("POST", "/hooks/qualified/{account}/{secret}", Leads::OfItem(Route::QualifiedHook)),
    // For people's browsers.
    browser("GET", "/", Browser::Root),
    browser("GET", "/style.css", Browser::Style),
    browser("GET", "/page.js", Browser::Script),
    browser("GET", "/sign-in", Browser::SignIn),
    browser("POST", "/sign-in", Browser::Enter),
    browser("POST", "/sign-out", Browser::SignOut),
    browser("GET", "/lever/callback", Browser::LeverCallback),
    browser("GET", "/bamboohr/callback", Browser::BambooHrCallback),
    browser("GET", "/integrations", Browser::Accounts),
    browser("POST", "/integrations", Browser::CreateAccount),
    // An account's pages and forms.
    page("GET", "/integrations/{account}", Page::Setup),
    page("POST", "/integrations/{account}/check", Page::Check),
    page("POST", "/integrations/{account}/qualified", Page::ConnectQualified),
    page("POST", "/integrations/{account}/qualified/remove", Page::RemoveQualified),
    page("POST", "/integrations/{account}/lever/login", Page::LeverLogin),
    page("POST", "/integrations/{account}/lever/remove", Page::RemoveLever),
    page("POST", "/integrations/{account}/lever/signature-token", Page::SignatureToken),
    page("GET", "/integrations/{account}/lever/stages", Page::StageForm),
    page("POST", "/integrations/{account}/lever/stages", Page::PutStage),
    page("POST", "/integrations/{account}/lever/stages/remove", Page::RemoveStage),
    row("GET", "/integrations/{account}/lever/stages/{stage}", Leads::PageOfItem(Page::Stage)),
    page("POST", "/integrations/{account}/bamboohr", Page::ConnectBambooHr),
    page("POST", "/integrations/{account}/bamboohr/login", Page::BambooHrLogin),
    page("POST", "/integrations/{account}/bamboohr/remove", Page::RemoveBambooHr),
    page("GET", "/integrations/{account}/bamboohr/assessments", Page::MappingForm),
    page("POST", "/integrations/{account}/bamboohr/assessments", Page::PutMapping),
    page("POST", "/integrations/{account}/bamboohr/assessments/remove", Page::RemoveMapping),
    page("GET", "/integrations/{account}/tags", Page::Tags),
    page("POST", "/integrations/{account}/tags", Page::Preview),
    page("GET", "/integrations/{account}/activity", Page::Activity),
    page("POST", "/integrations/{account}/activity/replay", Page::ReplayFailed),
    row("POST", "/integrations/{account}/activity/{id}/replay", Leads::PageOfItem(Page::Replay)),
    // The operator API.
    api("PUT", "/api/accounts/{account}", Api::PutAccount),
    api("GET", "/api/accounts/{account}", Api::GetAccount),
    api("DELETE", "/api/accounts/{account}", Api::DeleteAccount),
    api("PUT", "/api/accounts/{account}/qualified", Api::ConnectQualified),
    api("DELETE", "/api/accounts/{account}/qualified", Api::DisconnectQualified),
    api("GET", "/api/accounts/{account}/assessments", Api::Assessments),
    api("POST", "/api/accounts/{account}/lever/login", Api::LeverLogin),
    api("DELETE", "/api/accounts/{account}/lever", Api::DisconnectLever),
    api("GET", "/api/accounts/{account}/lever/stages", Api::LeverStages),
    api_of_item("PUT", "/api/accounts/{account}/lever/trigger-stages/{stage}", Api::PutTriggerStage),
    api_of_item("DELETE", "/api/accounts/{account}/lever/trigger-stages/{stage}", Api::DeleteTriggerStage),
    api("PUT", "/api/accounts/{account}/lever/signature-token", Api::SignatureToken),
    api("PUT", "/api/accounts/{account}/bamboohr", Api::ConnectBambooHr),
    api("DELETE", "/api/accounts/{account}/bamboohr", Api::DisconnectBambooHr),
    api("POST", "/api/accounts/{account}/bamboohr/login", Api::BambooHrLogin),
    api("GET", "/api/accounts/{account}/bamboohr/jobs", Api::BambooHrJobs),
    api("GET", "/api/accounts/{account}/bamboohr/statuses", Api::BambooHrStatuses),
    api_of_item("PUT", "/api/accounts/{account}/bamboohr/assessments/{assessment}", Api::PutMapping),
    api_of_item("DELETE", "/api/accounts/{account}/bamboohr/assessments/{assessment}", Api::DeleteMapping),
    api("GET", "/api/accounts/{account}/activity", Api::Activity),
    api_of_item("POST", "/api/accounts/{account}/activity/{id}/replay", Api::Replay),
    row("POST", "/sync", Leads::To(Route::Operator(Api::Sync))),
];

impl Row {
    /// What stands in the open places of the path: the account and a thing of it, empty where there is none.
    fn open<'s>(&self, segments: &'s [String]) -> Option<(&'s str, &'s str)> {
        let mut open = Vec::new();
        let mut parts = self.path.split('/').skip(1);
        for segment in segments {
            let part = parts.next()?;
            if part.starts_with('{') {
                open.push(segment.as_str());
            } else if part != segment {
                return None;
            }
        }
        let at = |place| open.get(place).copied().unwrap_or_default();
        parts.next().is_none().then(|| (at(0), at(1)))
    }

    fn route(&self, account: &str, item: &str) -> Result<Route, Unroutable> {
        // An account that can't exist is simply not found.
        let account = || AccountId::new(account).map_err(|_| Unroutable::NotFound);
        let item = || item.to_owned();
        let page = |page| Ok(Route::Browser(Browser::Account(account()?, page)));
        match &self.leads {
            Leads::To(route) => Ok(route.clone()),
            Leads::OfAccount(to) => Ok(to(account()?)),
            Leads::OfItem(to) => Ok(to(account()?, item())),
            Leads::Page(to) => page(to.clone()),
            Leads::PageOfItem(to) => page(to(item())),
            Leads::Api(to) => Ok(Route::Operator(to(account()?))),
            Leads::ApiOfItem(to) => Ok(Route::Operator(to(account()?, item()))),
        }
    }
}

impl Route {
    /// Finds the route. A path segment is taken as it stands, after percent-decoding.
    ///
    /// # Errors
    /// See [`Unroutable`].
    pub fn of(method: &Method, path: &str) -> Result<Self, Unroutable> {
        let segments = path.strip_prefix('/').and_then(|path| path.split('/').map(decoded).collect::<Option<Vec<_>>>());
        let segments = segments.ok_or(Unroutable::NotFound)?;
        let mut allowed = Vec::new();
        for row in TABLE {
            let Some((account, item)) = row.open(&segments) else { continue };
            let route = row.route(account, item)?;
            if row.method == method.as_str() {
                return Ok(route);
            }
            allowed.push(row.method);
        }
        allowed.sort_unstable();
        if allowed.is_empty() {
            Err(Unroutable::NotFound)
        } else {
            Err(Unroutable::MethodNotAllowed { allow: allowed.join(", ") })
        }
    }
}

/// A percent-decoded path segment; `None` = it is no UTF-8.
fn decoded(segment: &str) -> Option<String> {
    // `+` is a plus in a path; the form decoder would make it a space.
    let pair = format!("s={}", segment.replace('+', "%2B").replace('&', "%26"));
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    (!value.contains('\u{fffd}')).then(|| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> AccountId {
        AccountId::new("acme").expect("valid")
    }

    #[test]
    fn the_table_routes() {
        for (method, path, route) in [
            (Method::GET, "/healthz", Route::Health),
            (Method::POST, "/hooks/lever/acme", Route::LeverHook(acme())),
            (Method::POST, "/hooks/qualified/acme/s3", Route::QualifiedHook(acme(), "s3".to_owned())),
            (Method::GET, "/bamboohr/callback", Route::Browser(Browser::BambooHrCallback)),
            (
                Method::PUT,
                "/api/accounts/acme/bamboohr/assessments/5f0",
                Route::Operator(Api::PutMapping(acme(), "5f0".to_owned())),
            ),
            (Method::GET, "/", Route::Browser(Browser::Root)),
            (Method::POST, "/integrations/acme/lever/stages", Route::Browser(Browser::Account(acme(), Page::PutStage))),
            (
                Method::POST,
                "/integrations/acme/activity/3-4/replay",
                Route::Browser(Browser::Account(acme(), Page::Replay("3-4".to_owned()))),
            ),
            (Method::POST, "/sync", Route::Operator(Api::Sync)),
            (Method::PUT, "/api/accounts/acme", Route::Operator(Api::PutAccount(acme()))),
            (
                Method::PUT,
                "/api/accounts/acme/lever/trigger-stages/lead-new",
                Route::Operator(Api::PutTriggerStage(acme(), "lead-new".to_owned())),
            ),
            (
                Method::PUT,
                "/api/accounts/acme/lever/trigger-stages/a%2Fb+c",
                Route::Operator(Api::PutTriggerStage(acme(), "a/b+c".to_owned())),
            ),
        ] {
            assert_eq!(Route::of(&method, path), Ok(route), "{path}");
        }
    }

    #[test]
    fn no_row_hides_another() {
        for row in TABLE {
            let method = Method::from_bytes(row.method.as_bytes()).expect("a method");
            let path = row.path.replace(['{', '}'], "");
            let thing = path.split('/').next_back().unwrap_or_default();
            let thing = if thing == "replay" { "id" } else { thing };
            assert_eq!(Route::of(&method, &path), row.route("account", thing), "{path}");
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_not_found() {
        for path in [
            "",
            "//",
            "/api",
            "/api/accounts",
            "/api/accounts/Acme",
            "/hooks/lever/a/b",
            "/api/accounts/acme/x",
            "/%ff",
        ] {
            assert_eq!(Route::of(&Method::GET, path), Err(Unroutable::NotFound), "{path}");
        }
    }

    #[test]
    fn another_method_is_told_which_are_allowed() {
        assert_eq!(Route::of(&Method::POST, "/healthz"), Err(Unroutable::MethodNotAllowed { allow: "GET".to_owned() }));
        assert_eq!(
            Route::of(&Method::POST, "/api/accounts/acme"),
            Err(Unroutable::MethodNotAllowed { allow: "DELETE, GET, PUT".to_owned() })
        );
    }
}
