//! The activity: listing, searching, replaying.

use bytes::Bytes;
use http::Response;

use super::{Notice, Visit, query, reply};
use crate::{
    app::{
        Failure,
        activity::{Outcome, Query},
        inbox::{Inbox, Lane},
    },
    domain::ids::AccountId,
    ports::World,
    web::page::{
        activity::{Activity, LINES, page},
        piece::Tone,
    },
};

/// The list.
pub(super) async fn show<W: World>(visit: &Visit<'_, W>, id: &AccountId) -> Result<Response<Bytes>, Failure> {
    let asked = query(visit.request);
    let sought = asked.brief("subject");
    let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.word() == asked.text("outcome"));
    let before = Some(asked.text("before")).filter(|before| !before.is_empty()).map(str::parse).transpose()?;
    let subject = Some(sought.clone()).filter(|sought| !sought.is_empty());
    let listing = visit.app.activity(id, &Query { limit: LINES, before, subject, outcome }).await?;
    let lanes: Vec<Lane> = Lane::all(id).collect();
    let inboxes = visit.app.load_many::<Inbox>(&lanes).await?;
    let parked = inboxes.iter().flatten().map(|inbox| inbox.record.counts().1).sum();
    let notice = Notice::named(asked.text("done")).map(|notice| (Tone::Good, notice.sentence()));
    let activity =
        Activity { listing: &listing, sought: &sought, outcome, is_newest: before.is_none(), parked, notice };
    Ok(visit.html(200, page(&visit.reader(), id, &activity)))
}

/// Looks at one piece of work again, before the answer, so that the list shows what came of it.
pub(super) async fn replay<W: World>(
    visit: &Visit<'_, W>,
    id: &AccountId,
    item: &str,
) -> Result<Response<Bytes>, Failure> {
    if let Some(claim) = visit.app.replay(id, item.parse()?).await? {
        visit.app.work(&claim).await;
    }
    Ok(reply::see_other(&Notice::Replayed.at(&format!("/integrations/{id}/activity"))))
}

/// Looks at everything again that was given up.
pub(super) async fn replay_failed<W: World>(visit: &Visit<'_, W>, id: &AccountId) -> Result<Response<Bytes>, Failure> {
    visit.app.replay_failed(id).await?;
    Ok(reply::see_other(&Notice::ReplayedFailed.at(&format!("/integrations/{id}/activity"))))
}
