//! What people's browsers ask for.

use bytes::Bytes;
use http::{Request, Response, header};
use maud::html;

use super::{Answer, page, reply, route::BrowserRoute};
use crate::{
    app::{App, Failure, connect::login::Callback},
    domain::{ids::AccountId, secret::Secret},
    ports::World,
};

/// The cookie that binds a log-in at a vendor to the browser.
pub(super) const LOGIN_COOKIE: &str = "qualified_ats_login";

/// Answers a browser. Failures become pages, because a person reads them.
pub(super) async fn serve<W: World>(
    app: App<'_, W>,
    route: BrowserRoute,
    request: &Request<Bytes>,
) -> Result<Answer, Failure> {
    let response = match route {
        BrowserRoute::Root => reply::see_other("/integrations"),
        BrowserRoute::Style => reply::css(page::STYLE),
        BrowserRoute::Integrations => reply::html(
            200,
            page::layout(
                "Integrations",
                &html! { p { "Set up an account through the operator API; see the README of the project." } },
            ),
        ),
        BrowserRoute::LeverCallback => {
            let next = "Choose the trigger stages next, and switch the webhook on in Lever: Settings, Integrations and \
                API, Webhooks, Candidate Stage Change.";
            logged_in("Lever", app.lever_callback(&callback(request)).await, next)
        }
        BrowserRoute::BambooHrCallback => {
            let next = "Choose a job opening and its statuses for an assessment next.";
            logged_in("BambooHR", app.bamboohr_callback(&callback(request)).await, next)
        }
    };
    Ok(response.into())
}

/// The page after a log-in at a vendor. The log-in is over, whatever came of it, and so is its cookie.
fn logged_in(vendor: &str, outcome: Result<AccountId, Failure>, next: &str) -> Response<Bytes> {
    let shown = match outcome {
        Ok(account) => reply::html(
            200,
            page::layout(
                &format!("{vendor} is connected"),
                &html! {
                    p { "The account " strong { (account) } " is connected to " (vendor) ". You can close this window." }
                    p { (next) }
                },
            ),
        ),
        Err(failure) => {
            let (status, title) = reply::status(failure.class);
            reply::html(status, page::layout(title, &html! { p { (failure.public) } }))
        }
    };
    reply::with_cookie(shown, &format!("{LOGIN_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"))
}

fn callback(request: &Request<Bytes>) -> Callback {
    let mut callback = Callback { browser: cookie(request, LOGIN_COOKIE), ..Callback::default() };
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        match &*name {
            "state" => callback.state = Some(value.into_owned()),
            "code" => callback.code = Some(Secret::new(value)),
            "error" => callback.error = Some(value.into_owned()),
            _ => {}
        }
    }
    callback
}

fn cookie(request: &Request<Bytes>, name: &str) -> Option<Secret> {
    let headers = request.headers().get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| Secret::new(value))
}
