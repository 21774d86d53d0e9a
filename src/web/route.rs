//! Every route of the product, as one table.

use http::Method;

use crate::domain::ids::AccountId;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `GET /healthz`
    Health,
    /// `POST /hooks/lever/{account}`
    LeverHook(AccountId),
    /// `POST /hooks/qualified/{account}/{secret}`
    QualifiedHook(AccountId, String),
    /// For people's browsers.
    Browser(BrowserRoute),
    /// For the operator's programs: wants the admin token.
    Operator(OperatorRoute),
}

/// Routes for people's browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowserRoute {
    /// `GET /`
    Root,
    /// `GET /style.css`
    Style,
    /// `GET /page.js`
    Script,
    /// `GET /sign-in`
    SignIn,
    /// `POST /sign-in`
    EnterAsOperator,
    /// `POST /sign-out`
    SignOut,
    /// `GET /lever/callback`
    LeverCallback,
    /// `GET /bamboohr/callback`
    BambooHrCallback,
    /// `GET /integrations`
    Accounts,
    /// `POST /integrations`
    CreateAccount,
    /// `/integrations/{account}…`
    Account(AccountId, AccountRoute),
}

/// Routes below `/integrations/{account}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountRoute {
    /// `GET` of the account itself: its set-up.
    Setup,
    /// `POST …/check`
    Check,
    /// `POST …/qualified`
    ConnectQualified,
    /// `POST …/qualified/remove`
    RemoveQualified,
    /// `POST …/lever/login`
    LeverLogin,
    /// `POST …/lever/remove`
    RemoveLever,
    /// `POST …/lever/signature-token`
    SignatureToken,
    /// `GET …/lever/stages`: the form, with Lever's stages.
    StageForm,
    /// `POST …/lever/stages`
    PutStage,
    /// `POST …/lever/stages/remove`
    RemoveStage,
    /// `POST …/bamboohr`
    ConnectBambooHr,
    /// `POST …/bamboohr/login`
    BambooHrLogin,
    /// `POST …/bamboohr/remove`
    RemoveBambooHr,
    /// `GET …/bamboohr/assessments`: the form, with BambooHR's jobs and statuses.
    MappingForm,
    /// `POST …/bamboohr/assessments`
    PutMapping,
    /// `POST …/bamboohr/assessments/remove`
    RemoveMapping,
    /// `GET …/tags`
    Tags,
    /// `POST …/tags`: what would happen?
    Preview,
    /// `GET …/activity`
    Activity,
    /// `POST …/activity/{id}/replay`
    Replay(String),
    /// `POST …/activity/replay`
    ReplayFailed,
}

/// Routes of the operator API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorRoute {
    /// `PUT /api/accounts/{account}`
    PutAccount(AccountId),
    /// `GET /api/accounts/{account}`
    GetAccount(AccountId),
    /// `DELETE /api/accounts/{account}`
    DeleteAccount(AccountId),
    /// `PUT …/qualified`
    ConnectQualified(AccountId),
    /// `DELETE …/qualified`
    DisconnectQualified(AccountId),
    /// `GET …/assessments`
    Assessments(AccountId),
    /// `POST …/lever/login`
    LeverLogin(AccountId),
    /// `DELETE …/lever`
    DisconnectLever(AccountId),
    /// `GET …/lever/stages`
    LeverStages(AccountId),
    /// `PUT …/lever/trigger-stages/{stage}`
    PutTriggerStage(AccountId, String),
    /// `DELETE …/lever/trigger-stages/{stage}`
    DeleteTriggerStage(AccountId, String),
    /// `PUT …/lever/signature-token`
    SignatureToken(AccountId),
    /// `PUT …/bamboohr`
    ConnectBambooHr(AccountId),
    /// `DELETE …/bamboohr`
    DisconnectBambooHr(AccountId),
    /// `POST …/bamboohr/login`
    BambooHrLogin(AccountId),
    /// `GET …/bamboohr/jobs`
    BambooHrJobs(AccountId),
    /// `GET …/bamboohr/statuses`
    BambooHrStatuses(AccountId),
    /// `PUT …/bamboohr/assessments/{assessment}`
    PutMapping(AccountId, String),
    /// `DELETE …/bamboohr/assessments/{assessment}`
    DeleteMapping(AccountId, String),
    /// `GET …/activity`
    Activity(AccountId),
    /// `POST …/activity/{id}/replay`
    Replay(AccountId, String),
    /// `POST /sync`
    Sync,
}

/// Why a request goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unroutable {
    /// There is nothing at this path.
    NotFound,
    /// There is, but not for this method.
    MethodNotAllowed {
        /// For the `Allow` header.
        allow: &'static str,
    },
}

impl Route {
    /// Finds the route. A path segment is taken as it stands, after percent-decoding; an account that can't
    /// exist is simply not found.
    ///
    /// # Errors
    /// See [`Unroutable`].
    pub fn of(method: &Method, path: &str) -> Result<Self, Unroutable> {
        let segments: Option<Vec<String>> =
            path.strip_prefix('/').map(|path| path.split('/').map(decoded).collect::<Option<_>>()).unwrap_or_default();
        let segments = segments.ok_or(Unroutable::NotFound)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let account = |text: &str| AccountId::new(text).map_err(|_| Unroutable::NotFound);
        let only = |allowed: Method, allow: &'static str, route: Self| {
            if *method == allowed { Ok(route) } else { Err(Unroutable::MethodNotAllowed { allow }) }
        };
        let browser = |route| only(Method::GET, "GET", Self::Browser(route));
        match segments.as_slice() {
            ["healthz"] => only(Method::GET, "GET", Self::Health),
            ["hooks", "lever", id] => only(Method::POST, "POST", Self::LeverHook(account(id)?)),
            ["hooks", "qualified", id, secret] => {
                only(Method::POST, "POST", Self::QualifiedHook(account(id)?, (*secret).to_owned()))
            }
            [""] => browser(BrowserRoute::Root),
            ["style.css"] => browser(BrowserRoute::Style),
            ["page.js"] => browser(BrowserRoute::Script),
            ["sign-in"] => Self::either(method, BrowserRoute::SignIn, BrowserRoute::EnterAsOperator),
            ["sign-out"] => only(Method::POST, "POST", Self::Browser(BrowserRoute::SignOut)),
            ["lever", "callback"] => browser(BrowserRoute::LeverCallback),
            ["bamboohr", "callback"] => browser(BrowserRoute::BambooHrCallback),
            ["integrations"] => Self::either(method, BrowserRoute::Accounts, BrowserRoute::CreateAccount),
            ["integrations", id, rest @ ..] => Self::of_page(method, &account(id)?, rest),
            ["sync"] => only(Method::POST, "POST", Self::Operator(OperatorRoute::Sync)),
            ["api", "accounts", id, rest @ ..] => Self::of_account(method, &account(id)?, rest).map(Self::Operator),
            _ => Err(Unroutable::NotFound),
        }
    }

    fn either(method: &Method, get: BrowserRoute, post: BrowserRoute) -> Result<Self, Unroutable> {
        match *method {
            Method::GET => Ok(Self::Browser(get)),
            Method::POST => Ok(Self::Browser(post)),
            _ => Err(Unroutable::MethodNotAllowed { allow: "GET, POST" }),
        }
    }

    fn of_page(method: &Method, id: &AccountId, rest: &[&str]) -> Result<Self, Unroutable> {
        use AccountRoute as Of;
        let of = |route| BrowserRoute::Account(id.clone(), route);
        let (allow, route) = match rest {
            [] => ("GET", Of::Setup),
            ["check"] => ("POST", Of::Check),
            ["qualified"] => ("POST", Of::ConnectQualified),
            ["qualified", "remove"] => ("POST", Of::RemoveQualified),
            ["lever", "login"] => ("POST", Of::LeverLogin),
            ["lever", "remove"] => ("POST", Of::RemoveLever),
            ["lever", "signature-token"] => ("POST", Of::SignatureToken),
            ["lever", "stages"] => return Self::either(method, of(Of::StageForm), of(Of::PutStage)),
            ["lever", "stages", "remove"] => ("POST", Of::RemoveStage),
            ["bamboohr"] => ("POST", Of::ConnectBambooHr),
            ["bamboohr", "login"] => ("POST", Of::BambooHrLogin),
            ["bamboohr", "remove"] => ("POST", Of::RemoveBambooHr),
            ["bamboohr", "assessments"] => return Self::either(method, of(Of::MappingForm), of(Of::PutMapping)),
            ["bamboohr", "assessments", "remove"] => ("POST", Of::RemoveMapping),
            ["tags"] => return Self::either(method, of(Of::Tags), of(Of::Preview)),
            ["activity"] => ("GET", Of::Activity),
            ["activity", "replay"] => ("POST", Of::ReplayFailed),
            ["activity", item, "replay"] => ("POST", Of::Replay((*item).to_owned())),
            _ => return Err(Unroutable::NotFound),
        };
        if method.as_str() == allow {
            Ok(Self::Browser(of(route)))
        } else {
            Err(Unroutable::MethodNotAllowed { allow })
        }
    }

    fn of_account(method: &Method, id: &AccountId, rest: &[&str]) -> Result<OperatorRoute, Unroutable> {
        use OperatorRoute as Of;
        let id = id.clone();
        let route = match (method.as_str(), rest) {
            ("PUT", []) => Of::PutAccount(id),
            ("GET", []) => Of::GetAccount(id),
            ("DELETE", []) => Of::DeleteAccount(id),
            ("PUT", ["qualified"]) => Of::ConnectQualified(id),
            ("DELETE", ["qualified"]) => Of::DisconnectQualified(id),
            ("GET", ["assessments"]) => Of::Assessments(id),
            ("POST", ["lever", "login"]) => Of::LeverLogin(id),
            ("DELETE", ["lever"]) => Of::DisconnectLever(id),
            ("GET", ["lever", "stages"]) => Of::LeverStages(id),
            ("PUT", ["lever", "trigger-stages", stage]) => Of::PutTriggerStage(id, (*stage).to_owned()),
            ("DELETE", ["lever", "trigger-stages", stage]) => Of::DeleteTriggerStage(id, (*stage).to_owned()),
            ("PUT", ["lever", "signature-token"]) => Of::SignatureToken(id),
            ("PUT", ["bamboohr"]) => Of::ConnectBambooHr(id),
            ("DELETE", ["bamboohr"]) => Of::DisconnectBambooHr(id),
            ("POST", ["bamboohr", "login"]) => Of::BambooHrLogin(id),
            ("GET", ["bamboohr", "jobs"]) => Of::BambooHrJobs(id),
            ("GET", ["bamboohr", "statuses"]) => Of::BambooHrStatuses(id),
            ("PUT", ["bamboohr", "assessments", assessment]) => Of::PutMapping(id, (*assessment).to_owned()),
            ("DELETE", ["bamboohr", "assessments", assessment]) => Of::DeleteMapping(id, (*assessment).to_owned()),
            ("GET", ["activity"]) => Of::Activity(id),
            ("POST", ["activity", item, "replay"]) => Of::Replay(id, (*item).to_owned()),
            (_, rest) => {
                let allow = match rest {
                    [] => "DELETE, GET, PUT",
                    ["qualified" | "bamboohr"] | ["lever", "trigger-stages", _] | ["bamboohr", "assessments", _] => {
                        "DELETE, PUT"
                    }
                    ["lever"] => "DELETE",
                    ["assessments" | "activity"] | ["lever", "stages"] | ["bamboohr", "jobs" | "statuses"] => "GET",
                    ["lever" | "bamboohr", "login"] | ["activity", _, "replay"] => "POST",
                    ["lever", "signature-token"] => "PUT",
                    _ => return Err(Unroutable::NotFound),
                };
                return Err(Unroutable::MethodNotAllowed { allow });
            }
        };
        Ok(route)
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
            (Method::GET, "/bamboohr/callback", Route::Browser(BrowserRoute::BambooHrCallback)),
            (
                Method::PUT,
                "/api/accounts/acme/bamboohr/assessments/5f0",
                Route::Operator(OperatorRoute::PutMapping(acme(), "5f0".to_owned())),
            ),
            (Method::GET, "/", Route::Browser(BrowserRoute::Root)),
            (
                Method::POST,
                "/integrations/acme/lever/stages",
                Route::Browser(BrowserRoute::Account(acme(), AccountRoute::PutStage)),
            ),
            (
                Method::POST,
                "/integrations/acme/activity/3-4/replay",
                Route::Browser(BrowserRoute::Account(acme(), AccountRoute::Replay("3-4".to_owned()))),
            ),
            (Method::POST, "/sync", Route::Operator(OperatorRoute::Sync)),
            (Method::PUT, "/api/accounts/acme", Route::Operator(OperatorRoute::PutAccount(acme()))),
            (
                Method::PUT,
                "/api/accounts/acme/lever/trigger-stages/lead-new",
                Route::Operator(OperatorRoute::PutTriggerStage(acme(), "lead-new".to_owned())),
            ),
            (
                Method::PUT,
                "/api/accounts/acme/lever/trigger-stages/a%2Fb+c",
                Route::Operator(OperatorRoute::PutTriggerStage(acme(), "a/b+c".to_owned())),
            ),
        ] {
            assert_eq!(Route::of(&method, path), Ok(route), "{path}");
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
        assert_eq!(Route::of(&Method::POST, "/healthz"), Err(Unroutable::MethodNotAllowed { allow: "GET" }));
        assert_eq!(
            Route::of(&Method::POST, "/api/accounts/acme"),
            Err(Unroutable::MethodNotAllowed { allow: "DELETE, GET, PUT" })
        );
    }
}
