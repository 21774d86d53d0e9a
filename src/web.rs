//! The HTTP surface: routing, authorisation, replies. Pure but for the calls into the application.

use bytes::Bytes;
use http::{HeaderName, Request, Response, header};

use crate::{
    app::{App, Class, Failure, Settings, inbox::Claim, intake::Taken},
    ports::World,
};

mod accounts;
mod browser;
pub mod page;
mod reply;
mod route;

pub use route::{AccountRoute, BrowserRoute, OperatorRoute, Route, Row, TABLE, Unroutable};

/// The longest request body taken, in bytes. The shell hands over one byte more, so that a longer one shows.
pub const BODY_LIMIT: usize = 256 * 1024;

/// The request headers that are looked at. The shell hands over no others.
pub const HEADERS: [HeaderName; 3] = [header::ACCEPT, header::AUTHORIZATION, header::COOKIE];

/// An answer, and what goes on after it.
#[derive(Debug)]
pub struct Answer {
    /// For the sender, at once.
    pub response: Response<Bytes>,
    /// To be run when the response is out.
    pub rest: Option<Rest>,
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        Self { response, rest: None }
    }
}

/// Work that goes on after the answer. Nothing depends on it: what is not finished here is finished by the
/// next delivery, sync or replay.
#[derive(Debug)]
pub struct Rest(Claim);

impl Rest {
    /// Works.
    pub async fn run<W: World>(self, world: &W, settings: &Result<Settings, Failure>) {
        if let Ok(settings) = settings {
            App::new(world, settings).work(&self.0).await;
        }
    }
}

/// Answers a request.
pub async fn serve<W: World>(world: &W, settings: &Result<Settings, Failure>, request: Request<Bytes>) -> Answer {
    let route = match Route::of(request.method(), request.uri().path()) {
        Ok(route) => route,
        Err(unroutable) => {
            return match settings {
                Ok(settings) if is_read_by_people(&request) => {
                    browser::astray(App::new(world, settings), &request, &unroutable).await.into()
                }
                _ => reply::unroutable(&unroutable).into(),
            };
        }
    };
    if let Route::Health = route {
        return reply::json(200, &serde_json::json!({"status": "ok"})).into();
    }
    let settings = match settings {
        Ok(settings) => settings,
        Err(failure) => return reply::problem(failure).into(),
    };
    if request.body().len() > BODY_LIMIT {
        return reply::too_large(BODY_LIMIT).into();
    }
    let app = App::new(world, settings);
    let answered = match route {
        Route::LeverHook(id) => taken(app.take_lever_delivery(&id, request.body()).await),
        Route::QualifiedHook(id, secret) => taken(app.take_qualified_delivery(&id, &secret, request.body()).await),
        Route::Browser(route) => browser::serve(app, route, &request).await,
        Route::Operator(route) => match authorise(settings, &request) {
            Ok(()) => accounts::serve(app, route, &request).await,
            Err(failure) => Err(failure),
        },
        Route::Health => unreachable!("answered above"),
    };
    answered.unwrap_or_else(|failure| {
        app.log(&place(&request), &failure);
        if is_read_by_people(&request) {
            return browser::failed(settings, &failure).into();
        }
        reply::problem(&failure).into()
    })
}

/// Browsers ask for HTML, programs for anything else.
fn is_read_by_people(request: &Request<Bytes>) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn taken(taken: Result<Taken, Failure>) -> Result<Answer, Failure> {
    let rest = match taken? {
        Taken::Work(claim) => Some(Rest(claim)),
        Taken::Fine => None,
    };
    Ok(Answer { response: reply::empty(200), rest })
}

/// What was asked for, without what is secret in it: the end of Qualified's hook.
fn place(request: &Request<Bytes>) -> String {
    let path = match request.uri().path() {
        path if path.starts_with("/hooks/qualified/") => "/hooks/qualified/…",
        path => path,
    };
    format!("{} {path}", request.method())
}

/// The operator API wants the admin token (RFC 6750).
fn authorise(settings: &Settings, request: &Request<Bytes>) -> Result<(), Failure> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => "",
    };
    if settings.admin_token.matches(token) {
        Ok(())
    } else {
        Err(Failure::new(Class::Unauthenticated, "Give the operator's token: `Authorization: Bearer <admin_token>`."))
    }
}
