//! What changes a candidacy, whoever does it, and tells the webhooks.

use serde_json::json;

use super::account::Account;
use super::opportunity::{Opportunity, StageChange};
use super::webhook::{self, Event};
use crate::world::Context;

/// Moves a candidacy and tells the webhooks, also for the integration's own moves. An archived one stays archived.
pub(crate) fn move_to(account: &mut Account, context: &mut Context, id: &str, to: &str, user: Option<String>) {
    let (Some((index, _)), now) = (account.stage(to), context.millis()) else {
        return;
    };
    let Some(opportunity) = account.opportunity_mut(id) else {
        return;
    };
    if opportunity.stage == to {
        return;
    }
    let from = std::mem::replace(&mut opportunity.stage, to.into());
    opportunity.stage_changes.push(StageChange { to: to.into(), index, at: now, user });
    opportunity.last_advanced_at = now;
    opportunity.updated_at = Some(now);
    let mut data = webhook::subject(opportunity);
    if !account.unproven.omit_from_stage {
        data["fromStageId"] = json!(from);
    }
    data["toStageId"] = json!(to);
    webhook::emit(account, context, Event::CandidateStageChange, id, data);
}

/// Archives with a reason, or takes back out of the archive.
pub(crate) fn archive(account: &mut Account, context: &mut Context, id: &str, reason: Option<String>) {
    let now = context.millis();
    let hired = account.archive_reasons.iter().any(|known| known.hired && Some(&known.id) == reason.as_ref());
    let Some(opportunity) = account.opportunity_mut(id) else {
        return;
    };
    let show = |reason: &Option<String>, at| reason.as_ref().map(|reason| json!({"archivedAt": at, "reason": reason}));
    let from = show(&opportunity.archived, opportunity.archived_at);
    opportunity.archived = reason;
    opportunity.archived_at = now;
    opportunity.updated_at = Some(now);
    let mut data = webhook::subject(opportunity);
    let hire = data.clone();
    data["fromArchived"] = json!(from);
    data["toArchived"] = json!(show(&opportunity.archived, now));
    webhook::emit(account, context, Event::CandidateArchiveChange, id, data);
    if hired {
        webhook::emit(account, context, Event::CandidateHired, id, hire);
    }
}

/// A change that moves `updatedAt`.
pub(crate) fn change(account: &mut Account, id: &str, context: &Context, edit: impl FnOnce(&mut Opportunity)) -> bool {
    let Some(opportunity) = account.opportunity_mut(id) else {
        return false;
    };
    edit(opportunity);
    opportunity.updated_at = Some(context.millis());
    true
}
