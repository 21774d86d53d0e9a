//! Lever's part of a pass: who came into a trigger stage without our being told.

use serde::{Deserialize, Serialize};

use super::{OVERLAP, Pass, mark};
use crate::{
    app::{
        App,
        activity::Source,
        candidacy::{CandidacyKey, CandidacyRecord},
        inbox::{Arrival, Signal},
        lever::arrival_identity,
        record::Stored,
        session::Trouble,
    },
    domain::{
        ids::{AccountId, Candidacy},
        time::Timestamp,
    },
    ports::World,
    vendor::lever::ListOpportunities,
};

/// Pages of 50 opportunities read per stage and pass.
const MOST_PAGES: usize = 20;

/// What is left to be read of a list that is too long for one pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The list's beginning.
    from: Timestamp,
    /// Where to go on; `None` = at the beginning.
    offset: Option<String>,
    /// The latest arrival read so far.
    newest: Option<Timestamp>,
}

impl<W: World> App<'_, W> {
    pub(super) async fn sync_lever(&self, pass: &mut Pass<'_>) -> Result<(), Trouble> {
        let Some(lever) = &pass.account.lever else { return Ok(()) };
        let mut session = self.lever_session(pass.id).await?;
        if pass.check {
            self.check_lever(pass.id, &mut session).await?;
        }
        let is_trigger = |stage: &_| lever.trigger_stages.iter().any(|trigger| trigger.id == *stage);
        pass.marks.stages.retain(|stage, _| is_trigger(stage));
        pass.marks.unread.retain(|stage, _| is_trigger(stage));
        for trigger in lever.trigger_stages.iter().filter(|trigger| !trigger.vanished) {
            let since = pass.marks.stages.get(&trigger.id).map_or(trigger.enabled_at, |at| trigger.enabled_at.max(*at));
            let from = since.minus(OVERLAP).max(trigger.enabled_at);
            // Should the vendor not take its own page token any more, the list is read from the beginning.
            let mut list = pass.marks.unread.remove(&trigger.id).unwrap_or(Unread { from, offset: None, newest: None });
            let (mut whole, mut arrivals) = (false, Vec::<(Arrival, Timestamp)>::new());
            for _ in 0..MOST_PAGES {
                if whole || !self.may_begin() {
                    break;
                }
                let call = ListOpportunities {
                    stage: Some(trigger.id.clone()),
                    advanced_since: Some(list.from),
                    email: None,
                    offset: list.offset.take(),
                };
                let page = self.ask_lever(&mut session, &call).await?;
                for opportunity in &page.rows {
                    let Some(entered_at) = opportunity.in_stage_since().filter(|at| *at >= trigger.enabled_at) else {
                        continue;
                    };
                    list.newest = list.newest.max(Some(entered_at));
                    let arrival = Arrival {
                        candidacy: Candidacy::Lever(opportunity.id.clone()),
                        signal: Signal::EnteredStage(trigger.id.clone()),
                        source: Source::Sync,
                        identity: arrival_identity(opportunity),
                        delivered_by: None,
                    };
                    arrivals.push((arrival, entered_at));
                }
                whole = page.next.is_none();
                list.offset = page.next;
            }
            let arrivals = self.without_decided(pass.id, arrivals).await?;
            pass.healed += self.receive_all(pass.id, &arrivals).await?;
            // The list is not sorted by arrival: only a whole one moves the watermark.
            if !whole {
                pass.marks.unread.insert(trigger.id.clone(), list);
            } else if let Some(newest) = list.newest {
                pass.marks.stages.insert(trigger.id.clone(), mark(since, newest, self.world.now()));
            }
        }
        Ok(())
    }

    /// Leaves out who was decided on after they came: a lane remembers the latest deliveries only, and what it
    /// has forgotten was not missed. One store read, however many.
    async fn without_decided(
        &self,
        id: &AccountId,
        arrivals: Vec<(Arrival, Timestamp)>,
    ) -> Result<Vec<Arrival>, Trouble> {
        let keys: Vec<CandidacyKey> =
            arrivals.iter().map(|(arrival, _)| CandidacyKey::new(id, &arrival.candidacy)).collect();
        let known = self.load_many::<CandidacyRecord>(&keys).await?;
        let is_decided = |stored: &Stored<CandidacyRecord>, entered_at| {
            stored.record.assignments.values().any(|assignment| assignment.decided_at >= entered_at)
        };
        let new = arrivals
            .into_iter()
            .zip(known)
            .filter(|((_, entered_at), stored)| stored.as_ref().is_none_or(|stored| !is_decided(stored, *entered_at)));
        Ok(new.map(|((arrival, _), _)| arrival).collect())
    }
}
