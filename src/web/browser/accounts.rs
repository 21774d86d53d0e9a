//! Which account: the operator chooses or creates one, everybody else has one.

use bytes::Bytes;
use http::Response;

use super::{Form, Notice, Visit, query, reply};
use crate::{
    app::{Failure, sign_in::Visitor},
    domain::ids::AccountId,
    ports::World,
    web::page::accounts::{Accounts, page},
};

/// The list of accounts, or the way to the only one.
pub(super) async fn choose<W: World>(visit: &Visit<'_, W>) -> Result<Response<Bytes>, Failure> {
    match visit.session.visitor() {
        Visitor::Member { account, .. } => Ok(reply::see_other(&format!("/integrations/{account}"))),
        Visitor::Operator => list(visit, &query(visit.request).brief("search"), None).await,
    }
}

/// Creates an account, with the ATS features on: the operator vouches for it.
pub(super) async fn create<W: World>(visit: &Visit<'_, W>) -> Result<Response<Bytes>, Failure> {
    let form = visit.form()?;
    if *visit.session.visitor() != Visitor::Operator {
        return Err(Failure::not_found("Only the operator creates accounts here."));
    }
    match try_create(visit, &form).await {
        Ok(id) => Ok(reply::see_other(&Notice::AccountCreated.at(&format!("/integrations/{id}")))),
        Err(failure) => list(visit, "", Some((&form, &failure))).await,
    }
}

async fn try_create<W: World>(visit: &Visit<'_, W>, form: &Form) -> Result<AccountId, Failure> {
    let id = AccountId::new(form.text("account")).map_err(|error| Failure::from(error).at("account"))?;
    if visit.app.find_account(&id).await?.is_some() {
        return Err(Failure::conflict("There is an account of this name already. Choose it above.").at("account"));
    }
    let name = match form.text("name") {
        "" => id.as_str(),
        name => name,
    };
    visit.app.put_account(&id, name, true).await?;
    Ok(id)
}

async fn list<W: World>(
    visit: &Visit<'_, W>,
    sought: &str,
    wrong: Option<(&Form, &Failure)>,
) -> Result<Response<Bytes>, Failure> {
    let mut accounts = visit.app.all_accounts().await?;
    accounts.retain(|account| account.as_str().contains(&sought.to_lowercase()));
    let (status, given) = match wrong {
        Some((form, failure)) => (visit.told(failure), (form.text("account"), form.text("name"))),
        None => (200, ("", "")),
    };
    let wrong = wrong.map(|(_, failure)| failure);
    Ok(visit.html(status, page(&visit.reader(), &Accounts { found: &accounts, sought, wrong, given })))
}
