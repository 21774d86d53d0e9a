//! What people's browsers ask for: who they are, which page, which form.
//!
//! A form is obeyed only with the session's cookie and the token that the session's pages carry. Whatever fails
//! becomes a page, because a person reads it.

use bytes::Bytes;
use http::{Method, Request, Response, header};
use maud::Markup;
use url::Url;

use super::{
    Answer,
    page::{self, Menu, Reader},
    reply,
    route::{AccountRoute, BrowserRoute, Unroutable},
};
use crate::{
    app::{
        App, Failure, Settings,
        connect::login::{Callback, LoginStart},
        session::Vendor,
        settings::BambooHrOrigin,
        sign_in::Session,
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
mod sign_in;
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
    session: &'a Session,
    form_token: String,
    /// The account at hand and its name, once it is known that the visitor may see it.
    account: Option<(AccountId, String)>,
}

impl<'a, W: World> Visit<'a, W> {
    fn new(app: App<'a, W>, request: &'a Request<Bytes>, session: &'a Session) -> Self {
        let app = app.asked_by(session.visitor().user());
        Self { app, request, session, form_token: session.form_token(), account: None }
    }

    fn reader(&self) -> Reader<'_> {
        Reader {
            form_token: Some(&self.form_token),
            who: self.session.visitor().name(),
            account: self.account.as_ref().map(|(id, name)| (id, name.as_str())),
            menu: Menu::Anywhere,
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

    /// The status of a failure that a page of ours tells.
    fn told(&self, failure: &Failure) -> u16 {
        told(self.app, self.request, failure).0
    }

    /// A page of its own for a failure, with the way back to where the visitor may be.
    async fn failed(&mut self, failure: &Failure) -> Response<Bytes> {
        let own = self.session.visitor().own_account().cloned();
        if let (None, Some(id)) = (&self.account, own.or_else(|| account_in(self.request))) {
            let account = self.app.find_account(&id).await.ok().flatten().filter(|account| account.ats_enabled);
            self.account = account.map(|account| (id, account.name));
        }
        let (status, title) = told(self.app, self.request, failure);
        self.html(status, page::message(&self.reader(), title, &failure.public))
    }
}

/// The status and title of a failure that a page of ours tells. What the page doesn't tell is logged here, for all of
/// them.
fn told<W: World>(app: App<'_, W>, request: &Request<Bytes>, failure: &Failure) -> (u16, &'static str) {
    app.log(&super::place(request), failure);
    reply::status(failure.class)
}

/// Answers a browser.
pub(super) async fn serve<W: World>(
    app: App<'_, W>,
    route: BrowserRoute,
    request: &Request<Bytes>,
) -> Result<Answer, Failure> {
    let response = match route {
        BrowserRoute::Root => reply::see_other("/integrations"),
        BrowserRoute::Style => reply::asset("text/css; charset=utf-8", page::STYLE),
        BrowserRoute::Script => reply::asset("text/javascript; charset=utf-8", page::SCRIPT),
        BrowserRoute::SignIn => sign_in::show(app, request).await?,
        BrowserRoute::Enter => sign_in::enter(app, request).await?,
        BrowserRoute::SignOut => sign_in::leave(app, request).await?,
        BrowserRoute::LeverCallback => back_from(app, request, Vendor::Lever).await?,
        BrowserRoute::BambooHrCallback => back_from(app, request, Vendor::BambooHr).await?,
        BrowserRoute::Accounts | BrowserRoute::CreateAccount | BrowserRoute::Account(..) => {
            let Some(session) = session(app, request).await? else { return Ok(reply::see_other("/sign-in").into()) };
            let mut visit = Visit::new(app, request, &session);
            let answered = match route {
                BrowserRoute::CreateAccount => accounts::create(&visit).await,
                BrowserRoute::Account(id, route) => account::serve(&mut visit, &id, route).await,
                _ => accounts::choose(&visit).await,
            };
            match answered {
                Ok(response) => response,
                Err(failure) => visit.failed(&failure).await,
            }
        }
    };
    Ok(response.into())
}

/// A failure, told to somebody who may not be signed in.
pub(super) fn failed(settings: &Settings, failure: &Failure) -> Response<Bytes> {
    let (status, title) = reply::status(failure.class);
    html(settings, status, page::message(&Reader::default(), title, &failure.public))
}

/// Somebody asks for an address that is none, or only a form's. The latter is asked for when a page that tells of an
/// error in the form is loaded again; it leads back to where the form is.
pub(super) async fn astray<W: World>(
    app: App<'_, W>,
    request: &Request<Bytes>,
    unroutable: &Unroutable,
) -> Response<Bytes> {
    if let Unroutable::MethodNotAllowed { .. } = unroutable {
        return match account_in(request) {
            Some(account) if request.method() == Method::GET => reply::see_other(&format!("/integrations/{account}")),
            _ if request.uri().path() == "/sign-out" => reply::see_other("/integrations"),
            _ => reply::unroutable(unroutable),
        };
    }
    let failure = Failure::not_found("There is nothing at this address.");
    match session(app, request).await {
        Ok(Some(session)) => Visit::new(app, request, &session).failed(&failure).await,
        _ => failed(app.settings, &failure),
    }
}

/// The account that an address is about.
fn account_in(request: &Request<Bytes>) -> Option<AccountId> {
    let account = request.uri().path().strip_prefix("/integrations/")?.split('/').next()?;
    AccountId::new(account).ok()
}

/// Who is signed in.
async fn session<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Result<Option<Session>, Failure> {
    let Some(cookie) = cookie(request, SESSION_COOKIE) else { return Ok(None) };
    Ok(app.session_of(&cookie).await?)
}

/// Back from a vendor. Whoever is signed in lands on the set-up; a log-in begun through the operator API ends on a
/// page of its own.
async fn back_from<W: World>(
    app: App<'_, W>,
    request: &Request<Bytes>,
    vendor: Vendor,
) -> Result<Response<Bytes>, Failure> {
    let session = session(app, request).await?;
    let mut visit = session.as_ref().map(|session| Visit::new(app, request, session));
    let app = visit.as_ref().map_or(app, |visit| visit.app);
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
    let shown = match (outcome, &mut visit) {
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
            Some(account) => match account::refused_by(visit, &account, vendor, &failure).await {
                Ok(response) => response,
                Err(failure) => visit.failed(&failure).await,
            },
            None => visit.failed(&failure).await,
        },
        (Err(failure), None) => {
            told(app, request, &failure);
            failed(app.settings, &failure)
        }
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

/// Sends the browser to a vendor's consent page.
fn to_vendor(settings: &Settings, start: &LoginStart) -> Response<Bytes> {
    let cookie = super::accounts::login_cookie(start, settings.is_https());
    reply::with_cookie(reply::see_other(&start.authorize_url), &cookie)
}

/// A page with our own script and style and nothing else.
fn html(settings: &Settings, status: u16, markup: Markup) -> Response<Bytes> {
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
    reply::html(status, &policy, markup)
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
