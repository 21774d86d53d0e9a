//! The tag helper. Looking at a candidate is a `POST`, so that nobody's address ends in a URL, and changes nothing.

use bytes::Bytes;
use http::Response;

use super::{Form, Visit, query};
use crate::{
    app::{Failure, account::Account, catalogue::Catalogue, preview::Foreseen},
    domain::ids::AccountId,
    ports::World,
    web::page::tags::{Tags, page},
};

/// The list of assessments.
pub(super) async fn show<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    account: &Account,
) -> Result<Response<Bytes>, Failure> {
    let sought = query(visit.request).brief("search");
    let catalogue = visit.app.assessments_for_tags(id, account).await;
    let are_asked = account.lever.is_some() || account.bamboohr.is_none();
    helper(visit, id, catalogue, &sought, "", None, are_asked).await
}

/// The same with what would happen to somebody.
pub(super) async fn foresee<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    form: &Form,
) -> Result<Response<Bytes>, Failure> {
    let asked = form.text("candidate");
    let foreseen = visit.app.foresee(id, asked).await;
    // What is remembered will do: nothing may be written on the way, not even a newer list.
    let catalogue = visit.app.remembered_catalogue(id).await?;
    let catalogue = catalogue.ok_or_else(|| Failure::conflict("The assessments were not listed yet. Reload the page."));
    helper(visit, id, catalogue, "", asked, Some(foreseen), true).await
}

async fn helper<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    catalogue: Result<Catalogue, Failure>,
    sought: &str,
    asked: &str,
    foreseen: Option<Result<Vec<Foreseen>, Failure>>,
    are_asked: bool,
) -> Result<Response<Bytes>, Failure> {
    let matches = |title: &str| title.to_lowercase().contains(&sought.to_lowercase());
    let all = catalogue
        .as_ref()
        .map(|catalogue| catalogue.published().filter(|listed| matches(&listed.title)).collect::<Vec<_>>());
    let found = all.as_deref().map_err(|failure| failure.public.as_str());
    let status = match &foreseen {
        Some(Err(failure)) => visit.told(failure),
        _ => 200,
    };
    if let Err(failure) = &catalogue {
        visit.told(failure);
    }
    let foreseen = foreseen.as_ref().map(|foreseen| match foreseen {
        Ok(foreseen) => Ok(foreseen.as_slice()),
        Err(failure) => Err(failure.public.as_str()),
    });
    let tags = Tags { are_asked, found, sought, asked, foreseen };
    Ok(visit.html(status, page(&visit.reader(), id, &tags)))
}
