//! What people's browsers ask for: who they are, which page, which form.
//!
//! A form is obeyed only with the session's cookie and the token that the session's pages carry. Whatever fails
//! becomes a page, because a person reads it.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use maud::Markup;
use url::Url;

use super::{
    Answer,
    page::{self, Reader, sign_in::Occasion},
    reply,
    route::{AccountRoute, BrowserRoute},
};
use crate::{
    app::{
        App, Failure, Settings,
        connect::login::{Callback, LoginStart},
        session::Vendor,
        settings::BambooHrOrigin,
        sign_in::{SESSION_SECONDS, Session, Visitor},
    },
    domain::{ids::AccountId, secret::Secret},
    ports::World,
};

mod account;
mod accounts;
mod activity;
mod form;
mod mapping;
mod notice;
mod tags;

use form::{Form, query};
use notice::Notice;

/// The cookie that binds a log-in at a vendor to the browser.
pub(super) const LOGIN_COOKIE: &str = "qualified_ats_login";
/// The cookie that holds the sealed session.
const SESSION_COOKIE: &str = "qualified_ats_session";

/// A signed-in person's request.
struct Visit<'a, W> {
    app: App<'a, W>,
    request: &'a Request<Bytes>,
    session: Session,
    form_token: String,
}

impl<W: World> Visit<'_, W> {
    fn reader(&self) -> Reader<'_> {
        Reader {
            form_token: Some(&self.form_token),
            is_operator: *self.session.visitor() == Visitor::Operator,
            account: None,
        }
    }

    /// The form that was sent, if one of this session's pages sent it.
    fn form(&self) -> Result<Form, Failure> {
        let form = Form::read(self.request.body());
        if self.session.made(form.text("form_token")) {
            Ok(form)
        } else {
            Err(Failure::invalid(
                "This form is from an older session, or from elsewhere. Go back, reload, send it again.",
            ))
        }
    }

    fn html(&self, status: u16, markup: Markup) -> Response<Bytes> {
        html(self.app.settings, status, markup)
    }

    fn failed(&self, failure: &Failure) -> Response<Bytes> {
        let (status, title) = reply::status(failure.class);
        self.html(status, page::message(&self.reader(), title, &failure.public))
    }
}

/// Answers a browser.
pub(super) async fn serve<W: World>(
    app: App<'_, W>,
    route: BrowserRoute,
    request: &Request<Bytes>,
) -> Result<Answer, Failure> {
    let response = match route {
        BrowserRoute::Root => reply::see_other("/integrations"),
        BrowserRoute::Style => reply::css(page::STYLE),
        BrowserRoute::Script => script(),
        BrowserRoute::SignIn => sign_in(app, request).await?,
        BrowserRoute::EnterAsOperator => enter_as_operator(app, request),
        BrowserRoute::SignOut => sign_out(app, request).await?,
        BrowserRoute::LeverCallback => back_from(app, request, Vendor::Lever).await?,
        BrowserRoute::BambooHrCallback => back_from(app, request, Vendor::BambooHr).await?,
        BrowserRoute::Accounts | BrowserRoute::CreateAccount | BrowserRoute::Account(..) => {
            let Some(visit) = visit(app, request).await? else { return Ok(reply::see_other("/sign-in").into()) };
            let answered = match route {
                BrowserRoute::CreateAccount => accounts::create(&visit).await,
                BrowserRoute::Account(id, route) => account::serve(&visit, &id, route).await,
                _ => accounts::choose(&visit).await,
            };
            answered.unwrap_or_else(|failure| visit.failed(&failure))
        }
    };
    Ok(response.into())
}

/// A failure, told to somebody who may not be signed in.
pub(super) fn failed(settings: &Settings, failure: &Failure) -> Response<Bytes> {
    let (status, title) = reply::status(failure.class);
    html(settings, status, page::message(&Reader::default(), title, &failure.public))
}

async fn visit<'a, W: World>(app: App<'a, W>, request: &'a Request<Bytes>) -> Result<Option<Visit<'a, W>>, Failure> {
    let Some(cookie) = cookie(request, SESSION_COOKIE) else { return Ok(None) };
    let session = app.session_of(&cookie).await?;
    Ok(session.map(|session| Visit { app, request, form_token: session.form_token(), session }))
}

async fn sign_in<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    let asked = query(request);
    let ticket = Secret::new(asked.text("ticket"));
    if ticket.is_empty() {
        let occasion = if asked.text("done") == "signed-out" { Occasion::SignedOut } else { Occasion::Arrived };
        return Ok(html(app.settings, 200, page::sign_in::page(occasion)));
    }
    match app.sign_in_by_ticket(&ticket).await {
        Ok((session, account)) => {
            let home = reply::see_other(&format!("/integrations/{account}"));
            Ok(reply::with_cookie(home, &session_cookie(app.settings, &session)))
        }
        Err(failure) => {
            let (status, _) = reply::status(failure.class);
            Ok(html(app.settings, status, page::sign_in::page(Occasion::BadTicket(&failure.public))))
        }
    }
}

fn enter_as_operator<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Response<Bytes> {
    match app.sign_in_operator(Form::read(request.body()).text("admin_token")) {
        Ok(session) => reply::with_cookie(reply::see_other("/integrations"), &session_cookie(app.settings, &session)),
        Err(failure) => {
            let (status, _) = reply::status(failure.class);
            html(app.settings, status, page::sign_in::page(Occasion::WrongToken(&failure.public)))
        }
    }
}

async fn sign_out<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    let Some(visit) = visit(app, request).await? else { return Ok(reply::see_other("/sign-in")) };
    if let Err(failure) = visit.form() {
        return Ok(visit.failed(&failure));
    }
    app.sign_out(&visit.session).await?;
    let gone = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    Ok(reply::with_cookie(reply::see_other("/sign-in?done=signed-out"), &gone))
}

/// Back from a vendor. Whoever is signed in lands on the set-up; a log-in begun through the operator API ends on a
/// page of its own.
async fn back_from<W: World>(
    app: App<'_, W>,
    request: &Request<Bytes>,
    vendor: Vendor,
) -> Result<Response<Bytes>, Failure> {
    let callback = callback(request);
    let begun_for = callback.state.as_deref().and_then(|state| AccountId::new(state.split_once('.')?.0).ok());
    let (outcome, notice, next) = match vendor {
        Vendor::BambooHr => (
            app.bamboohr_callback(&callback).await,
            Notice::BambooHrConnected,
            "Choose a job opening and its statuses for an assessment next.",
        ),
        Vendor::Lever | Vendor::Qualified => (
            app.lever_callback(&callback).await,
            Notice::LeverConnected,
            "Choose the trigger stages next, and switch the webhook on in Lever: Settings, Integrations and API, \
             Webhooks, Candidate Stage Change.",
        ),
    };
    let visit = visit(app, request).await?;
    let shown = match (outcome, visit) {
        (Ok(account), Some(visit)) if visit.session.may_use(&account) => {
            reply::see_other(&notice.at(&format!("/integrations/{account}")))
        }
        (Ok(account), _) => {
            let title = format!("{} is connected", vendor.name());
            let name = vendor.name();
            let text = format!("The account {account} is connected to {name}. You can close this window. {next}");
            html(app.settings, 200, page::message(&Reader::default(), &title, &text))
        }
        (Err(failure), Some(visit)) => match begun_for.filter(|account| visit.session.may_use(account)) {
            Some(account) => account::refused_by(&visit, &account, vendor, &failure)
                .await
                .unwrap_or_else(|failure| visit.failed(&failure)),
            None => visit.failed(&failure),
        },
        (Err(failure), None) => failed(app.settings, &failure),
    };
    // The log-in is over, whatever came of it.
    Ok(reply::with_cookie(shown, &format!("{LOGIN_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")))
}

fn callback(request: &Request<Bytes>) -> Callback {
    let mut callback = Callback { browser: cookie(request, LOGIN_COOKIE), ..Callback::default() };
    for (name, value) in query(request).into_pairs() {
        match &*name {
            "state" => callback.state = Some(value),
            "code" => callback.code = Some(Secret::new(value)),
            "error" => callback.error = Some(value),
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

/// `Lax`, because it has to come along when a vendor sends the browser back.
fn session_cookie(settings: &Settings, session: &Secret) -> String {
    let secure = if settings.is_https() { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={}; Path=/; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Lax{secure}", session.expose())
}

/// Sends the browser to a vendor's consent page.
fn to_vendor(settings: &Settings, start: &LoginStart) -> Response<Bytes> {
    let cookie = super::accounts::login_cookie(start, settings.is_https());
    reply::with_cookie(reply::see_other(&start.authorize_url), &cookie)
}

/// A page with our own script and style and nothing else.
fn html(settings: &Settings, status: u16, markup: Markup) -> Response<Bytes> {
    let mut response = reply::html(status, markup);
    // Browsers apply `form-action` to where a form's answer redirects to, which is how a log-in at a vendor begins,
    // and the vendor may send the browser on to any identity provider, by https.
    let vendors = [Some(&settings.lever_auth_origin), bamboohr(settings)];
    let vendors: Vec<String> = vendors.into_iter().flatten().map(|url| url.origin().ascii_serialization()).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self' https: {}; base-uri 'none'; frame-ancestors {}",
        vendors.join(" "),
        framed_by(settings)
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Who may show our pages in a frame: Qualified's own app, if it signs people in and we are below its domain. Only
/// there do browsers send our cookies along (`SameSite=Lax`), so that elsewhere a frame could be of no use but to trick
/// somebody into pressing a button.
fn framed_by(settings: &Settings) -> String {
    let qualified = settings.qualified_origin.host_str().unwrap_or_default();
    let domain = qualified.strip_prefix("www.").unwrap_or(qualified);
    let ours = settings.public_url.strip_prefix("https://").and_then(|host| host.strip_suffix(domain));
    if settings.ticket_key.is_some() && ours.is_some_and(|ours| ours.ends_with('.')) {
        settings.qualified_origin.origin().ascii_serialization()
    } else {
        "'none'".to_owned()
    }
}

fn bamboohr(settings: &Settings) -> Option<&Url> {
    match &settings.bamboohr_origin {
        BambooHrOrigin::Gateway(url) => Some(url),
        BambooHrOrigin::Subdomain { .. } => None,
    }
}

fn script() -> Response<Bytes> {
    let mut response = reply::css(page::SCRIPT);
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_qualifieds_app_may_frame_us_and_only_where_a_frame_can_work() {
        for (public_url, ticket_key, framed_by) in [
            ("https://ats.qualified.io", "shared", "https://www.qualified.io"),
            ("https://eu.ats.qualified.io", "shared", "https://www.qualified.io"),
            ("https://ats.qualified.io", "", "'none'"),
            ("http://ats.qualified.io", "shared", "'none'"),
            ("https://ats.example.com", "shared", "'none'"),
            ("https://unqualified.io", "shared", "'none'"),
            ("https://qualified.io", "shared", "'none'"),
            ("https://ats.qualified.io:8443", "shared", "'none'"),
        ] {
            let settings = Settings::read(|name| {
                let value = match name {
                    "public_url" => public_url,
                    "ticket_key" => ticket_key,
                    "admin_token" => "operator",
                    "encryption_key" => "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                    "bamboohr_origin" => "https://*.bamboohr.com",
                    name if name.ends_with("_origin") => "https://www.qualified.io",
                    _ => "",
                };
                value.to_owned()
            });
            assert_eq!(super::framed_by(&settings.expect("valid")), framed_by, "{public_url} {ticket_key}");
        }
    }
}
