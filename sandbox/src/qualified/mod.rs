//! Qualified in miniature: its REST API, its webhooks, the team's members and the candidates who sit the assessments.

mod assessment;
mod body;
mod candidate;
mod desk;
mod exhibit;
mod invitation;
mod inviting;
mod listing;
mod note;
mod outgoing;
mod payload;
mod person;
mod progress;
mod refusal;
mod result;
mod score;
mod subscription;
mod team;

pub use assessment::{Assessment, AssessmentState};
pub use candidate::{CandidateState, TeamCandidate};
pub use desk::Desk;
pub use outgoing::RETRY_AFTER;
pub use result::{AssessmentResult, ResultState};
pub use score::{Score, Solution};
pub use subscription::Subscription;
pub use team::{Mail, MailKind, Settings, TeamNote};

pub(crate) use outgoing::Message;
pub(crate) use progress::Timers;

use std::collections::{BTreeMap, HashMap};

use http::StatusCode;
use jiff::Timestamp;

use refusal::Refusal;
use team::Team;

use crate::call::Call;
use crate::reply::Reply;
use crate::world::Context;

#[derive(Debug)]
pub(crate) struct Qualified {
    teams: BTreeMap<String, Team>,
    /// API key to team.
    keys: HashMap<String, String>,
}

impl Qualified {
    pub(crate) fn new(context: &mut Context) -> Self {
        let mut qualified = Self { teams: BTreeMap::new(), keys: HashMap::new() };
        qualified.desk(context, "Acme");
        qualified
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.teams.keys().cloned().collect()
    }

    pub(crate) fn desk<'a>(&'a mut self, context: &'a mut Context, name: &str) -> Desk<'a> {
        let keys = &mut self.keys;
        let team = self.teams.entry(name.into()).or_insert_with(|| {
            let team = Team::new(name, &mut context.seed);
            keys.insert(team.api_key.clone(), name.into());
            team
        });
        Desk { team, keys, context }
    }

    /// Lets reminders go out and scores come in until `now`.
    pub(crate) fn until(&mut self, context: &mut Context, now: Timestamp) {
        while let Some((due, team, timer)) = context.timers.next(now) {
            context.now = context.now.max(due);
            if let Some(team) = self.teams.get_mut(&team) {
                progress::due(team, context, &timer);
            }
        }
    }

    pub(crate) fn answered(
        &mut self,
        context: &mut Context,
        message: Message,
        attempt: u32,
        status: Option<StatusCode>,
    ) {
        if let Some(team) = self.teams.get_mut(message.team()) {
            outgoing::answered(team, context, message, attempt, status);
        }
    }

    pub(crate) fn answer(&mut self, context: &mut Context, call: &Call) -> Reply {
        let (method, path) = call.route();
        let ["api", "v1", path @ ..] = path.as_slice() else {
            return Refusal::not_found(404).reply();
        };
        // The raw key is the whole header: no `Bearer`.
        let team = call.header("authorization").and_then(|key| self.keys.get(key));
        let Some(team) = team.and_then(|name| self.teams.get_mut(name)) else {
            let asked = (method, path, call.header("authorization"));
            if let ("GET", ["assessments", id], None) = asked
                && let Some(reply) = assessment::public(self.teams.values(), context, id)
            {
                return reply;
            }
            // Whose key it was meant to be nobody knows: the first team's setting decides.
            let status = self.teams.values().next().map_or(401, |team| team.settings.bad_key);
            return Refusal::unauthorized(status).reply();
        };
        route(team, context, call, method, path).unwrap_or_else(Refusal::reply)
    }
}

/// The REST API as one table.
fn route(team: &mut Team, context: &mut Context, call: &Call, method: &str, path: &[&str]) -> Result<Reply, Refusal> {
    match (method, path) {
        ("GET", ["assessments"]) => assessment::list(team, context, call),
        ("GET", ["assessments", id]) => assessment::get(team, context, id),
        ("POST", ["assessments"]) => assessment::create(team, context, call),
        ("PUT", ["assessments", id]) => assessment::put(team, context, call, id, ""),
        ("PUT", ["assessments", id, verb]) => assessment::put(team, context, call, id, verb),

        ("POST", ["assessment_invitations", "invite_candidates"]) => inviting::invite(team, context, call),
        ("GET", ["assessment_invitations"]) => invitation::list(team, context, call),
        ("DELETE", ["assessment_invitations", id]) => invitation::cancel(team, context, id),

        ("GET", ["assessment_results"]) => result::list(team, context, call),
        ("GET", ["assessment_results", id]) => result::get(team, context, call, id),
        ("GET", ["assessment_results", id, "exhibit"]) => exhibit::exhibit(team, id),
        ("GET", ["assessment_results", id, "share"]) => exhibit::share(team, context, call, id),
        ("PUT", ["assessment_results", id, "terminate"]) => result::terminate(team, context, call, id),
        ("PUT", ["assessment_results", id, "unlock_access"]) => result::unlock(team, context, call, id),
        ("DELETE", ["assessment_results", id]) => result::delete(team, id),

        ("GET", ["team_candidates"]) => candidate::list(team, context, call),
        ("GET", ["team_candidates", id]) => candidate::get(team, context, call, id),
        ("PUT", ["team_candidates", id]) => candidate::put(team, context, call, id, ""),
        ("PUT", ["team_candidates", id, verb]) => candidate::put(team, context, call, id, verb),

        ("GET", ["notes"]) => note::list(team, context, call),
        ("POST", ["notes"]) => note::add(team, context, call),

        ("GET", ["webhook_subscriptions"]) => subscription::list(team, context, call),
        ("POST", ["webhook_subscriptions"]) => subscription::add(team, context, call),
        ("GET", ["webhook_subscriptions", id]) => subscription::get(team, context, id),
        ("PUT", ["webhook_subscriptions", id]) => subscription::put(team, context, call, id),
        ("DELETE", ["webhook_subscriptions", id]) => subscription::delete(team, call, id),
        ("GET", ["webhook_events"]) => outgoing::events(team, context, call),
        ("GET", ["webhook_events", id]) => outgoing::event(team, context, id),
        ("GET" | "POST", ["webhook_examples", id]) => outgoing::example(team, context, call, id),
        _ => Err(Refusal::not_found(404)),
    }
}
