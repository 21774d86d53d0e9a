//! The activity: listing, searching, replaying.

use bytes::Bytes;
use http::Response;

use super::{Form, Visit, query, reply};
use crate::{
    app::{
        Failure,
        activity::{Outcome, Query},
        replay::Replayed,
    },
    domain::ids::AccountId,
    ports::World,
    web::page::activity::{Activity, LINES, Notice, address, page},
};

/// The list.
pub(super) async fn show<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    has_lever: bool,
) -> Result<Response<Bytes>, Failure> {
    let asked = query(visit.request);
    let (sought, outcome) = search(&asked);
    let before = Some(asked.text("before")).filter(|before| !before.is_empty()).map(str::parse).transpose()?;
    let subject = Some(sought.clone()).filter(|sought| !sought.is_empty());
    let listing = visit.app.activity(id, &Query { limit: LINES, before, subject, outcome }).await?;
    let notice = notice(visit, id, &asked).await;
    let activity =
        Activity { listing: &listing, sought: &sought, outcome, is_newest: before.is_none(), has_lever, notice };
    Ok(visit.html(200, page(&visit.reader(), id, &activity)))
}

/// What was searched.
fn search(asked: &Form) -> (String, Option<Outcome>) {
    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == asked.text("outcome"));
    (asked.brief("subject"), outcome)
}

/// What became of a replay. The address says only of which, or of how many: how things stand is looked up, so that the
/// page tells the truth whenever it is loaded, and nobody can put words of theirs on it.
async fn notice<W: World>(visit: &Visit<'_, W>, id: &AccountId, asked: &Form) -> Option<Notice> {
    if let Ok(item) = asked.text("replayed").parse() {
        return visit.app.standing_of(id, item).await.ok().map(Notice::One);
    }
    let number = |name| asked.text(name).parse::<u16>().ok().map(usize::from);
    Some(Notice::All(Replayed { tried: number("tried")?, of: number("of")? }))
}

/// Looks at one piece of work again, before the answer, so that the list shows what came of it.
pub(super) async fn replay<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    item: &str,
) -> Result<Response<Bytes>, Failure> {
    let item = item.parse()?;
    if let Some(claim) = visit.app.replay(id, item).await? {
        visit.app.work(&claim).await;
    }
    Ok(back(visit, id, &[("replayed", &item.to_string())]))
}

/// Looks at everything again that was given up.
pub(super) async fn replay_failed<W: World>(visit: &Visit<'_, W>, id: &AccountId) -> Result<Response<Bytes>, Failure> {
    let Replayed { tried, of } = visit.app.replay_failed(id).await?;
    Ok(back(visit, id, &[("tried", &tried.to_string()), ("of", &of.to_string())]))
}

/// Back to the list, searched as before.
fn back<W: World>(visit: &Visit<'_, W>, id: &AccountId, news: &[(&str, &str)]) -> Response<Bytes> {
    let (sought, outcome) = search(&query(visit.request));
    reply::see_other(&address(&format!("/integrations/{id}/activity"), &sought, outcome, news))
}
