//! The way in and out: the operator by the token, others by a ticket, and nobody unnoticed in somebody's place.

use bytes::Bytes;
use http::{Request, Response};

use super::{Form, SESSION_COOKIE, Visit, html, query, reply, session, told};
use crate::{
    app::{
        App, Failure, Settings,
        sign_in::{SESSION_SECONDS, Ticket},
    },
    domain::secret::Secret,
    ports::World,
    web::page::sign_in::{self, Asked, Occasion},
};

/// The sign-in page, or the way in for who comes from Qualified. Whoever is somebody else here is asked first: a link
/// must not change unnoticed as whom one works, and on which account.
pub(super) async fn show<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    let asked = query(request);
    let given = Secret::new(asked.text("ticket"));
    if given.is_empty() {
        let occasion = if asked.text("done") == "signed-out" { Occasion::SignedOut } else { Occasion::Arrived };
        return Ok(page(app.settings, 200, occasion));
    }
    let ticket = match app.ticket(&given).await {
        Ok(ticket) => ticket,
        Err(failure) => return Ok(bad_ticket(app, request, &failure)),
    };
    match session(app, request).await? {
        Some(present) if present.visitor().own_account() != Some(&ticket.account) => {
            let visit = Visit::new(app, request, &present);
            let own = match present.visitor().own_account() {
                Some(own) => app.find_account(own).await?.map(|account| account.name),
                None => None,
            };
            let asked = Asked { ticket: given.expose(), account: &ticket.name, user: ticket.visitor.name() };
            Ok(visit.html(200, sign_in::change(&visit.reader(), &asked, own.as_deref())))
        }
        _ => Ok(admit(app, request, ticket).await),
    }
}

/// The operator's token, or the ticket of who was asked first.
pub(super) async fn enter<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    let form = Form::read(request.body());
    let ticket = form.text("ticket");
    if ticket.is_empty() {
        return Ok(match app.sign_in_operator(form.text("admin_token")) {
            Ok(session) => {
                reply::with_cookie(reply::see_other("/integrations"), &session_cookie(app.settings, &session))
            }
            Err(failure) => {
                let (status, _) = told(app, request, &failure);
                page(app.settings, status, Occasion::WrongToken(&failure.public))
            }
        });
    }
    let Some(session) = session(app, request).await? else {
        // Nobody is signed in (any more), or another site sent the form: the link itself knows what to do.
        let ticket: String = url::form_urlencoded::byte_serialize(ticket.as_bytes()).collect();
        return Ok(reply::see_other(&format!("/sign-in?ticket={ticket}")));
    };
    let mut visit = Visit::new(app, request, &session);
    if let Err(failure) = visit.form() {
        return Ok(visit.failed(&failure).await);
    }
    Ok(match app.ticket(&Secret::new(ticket)).await {
        Ok(ticket) => admit(app, request, ticket).await,
        Err(failure) => bad_ticket(app, request, &failure),
    })
}

async fn admit<W: World>(app: App<'_, W>, request: &Request<Bytes>, ticket: Ticket) -> Response<Bytes> {
    let home = format!("/integrations/{}", ticket.account);
    match app.sign_in_by_ticket(ticket).await {
        Ok(session) => reply::with_cookie(reply::see_other(&home), &session_cookie(app.settings, &session)),
        Err(failure) => bad_ticket(app, request, &failure),
    }
}

fn bad_ticket<W: World>(app: App<'_, W>, request: &Request<Bytes>, failure: &Failure) -> Response<Bytes> {
    let (status, _) = told(app, request, failure);
    page(app.settings, status, Occasion::BadTicket(&failure.public))
}

fn page(settings: &Settings, status: u16, occasion: Occasion<'_>) -> Response<Bytes> {
    html(settings, status, sign_in::page(occasion, settings.ticket_key.is_some()))
}

/// Ends the session.
pub(super) async fn leave<W: World>(app: App<'_, W>, request: &Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    let Some(session) = session(app, request).await? else { return Ok(reply::see_other("/sign-in")) };
    let mut visit = Visit::new(app, request, &session);
    if let Err(failure) = visit.form() {
        return Ok(visit.failed(&failure).await);
    }
    app.sign_out(&session).await?;
    let gone = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    Ok(reply::with_cookie(reply::see_other("/sign-in?done=signed-out"), &gone))
}

/// `Lax`, because it has to come along when a vendor sends the browser back.
fn session_cookie(settings: &Settings, session: &Secret) -> String {
    let secure = if settings.is_https() { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={}; Path=/; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Lax{secure}", session.expose())
}
