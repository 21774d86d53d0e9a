//! The journey in Lever: a tag says to what, a stage says when, tags and a note show what became of it.

use anyhow::Context;
use http::Method;
use sandbox::demo::ASSESSMENTS;
use sandbox::lever::{Event, NewOpportunity};

use super::{Journey, TITLE, score};

/// The stage whose entry invites.
const STAGE: &str = "Coding test";

/// Not published, so it invites nobody.
const DRAFT: &str = ASSESSMENTS[3];

impl Journey<'_> {
    /// A candidate who is approved, one invited by the job, and one who is not invited.
    pub(super) async fn play_in_lever(&self) -> anyhow::Result<()> {
        self.connect_lever().await.context("the set-up")?;
        self.candidate_is_approved().await.context("the candidate with a tag")?;
        self.job_invites().await.context("the candidate of a job with a tag")?;
        self.draft_invites_nobody().await.context("the candidate who is not to be invited")
    }

    /// The admin connects Lever and chooses the stage.
    async fn connect_lever(&self) -> anyhow::Result<()> {
        let Self { show, operator, .. } = self;
        show.part("The admin connects Lever")?;
        show.doing("logging in to Lever");
        operator.log_in_to_lever().await?;
        show.done("\"Log In to Lever\" was accepted; our webhook is registered")?;

        let stages = operator.account(Method::GET, "/lever/stages", None).await?;
        let stages = stages["stages"].as_array().into_iter().flatten();
        let stage = stages.filter(|stage| stage["text"] == STAGE).find_map(|stage| stage["id"].as_str());
        let stage = stage.with_context(|| format!("Lever has no stage {STAGE:?}"))?;
        operator.account(Method::PUT, &format!("/lever/trigger-stages/{stage}"), None).await?;
        show.done(&format!("\"{STAGE}\" is a trigger stage"))?;

        self.vendors.lock().lever().set_webhook_toggle(Event::CandidateStageChange, true);
        show.done("In Lever's settings, \"Candidate Stage Change\" is switched on")?;
        Ok(())
    }

    async fn candidate_is_approved(&self) -> anyhow::Result<()> {
        let Self { show, vendors, .. } = self;
        show.part("Nia has a tag, and moves into the stage")?;
        self.act(&format!("The recruiter adds Nia with the tag \"{TITLE}\"")).await?;
        let nia = vendors.lock().lever().add_opportunity(NewOpportunity::named("Nia Brooks").tag(TITLE))?;
        self.move_to_trigger_stage(&nia).await?;
        self.tag(&nia, "Nia is invited", "Invited").await?;

        let result = self.result("nia.brooks@example.com")?;
        self.act("Nia opens the mail's link and starts").await?;
        vendors.lock().qualified().start(&result)?;
        self.tag(&nia, "Lever shows it", "Started").await?;

        self.act("Nia submits").await?;
        vendors.lock().qualified().submit(&result, score(86.7))?;
        self.tag(&nia, "Lever shows it", "Submitted").await?;
        let note = async || Ok(vendors.lock().lever().notes(&nia).first().map(|note| note.text().to_owned()));
        let note = show.until("The result is a note in Lever", note).await?;
        self.quote(&note)?;

        self.reviewer_approves("Nia", "nia.brooks@example.com").await?;
        self.tag(&nia, "Lever shows it", "Approved").await
    }

    async fn job_invites(&self) -> anyhow::Result<()> {
        self.show.part("Bruno has no tag, but the job he applied for has")?;
        let bruno = self.opportunity("Bruno Castellanos")?;
        self.move_to_trigger_stage(&bruno).await?;
        self.tag(&bruno, "Bruno is invited", "Invited").await
    }

    async fn draft_invites_nobody(&self) -> anyhow::Result<()> {
        let Self { show, .. } = self;
        show.part(&format!("Fatou's tag is \"{DRAFT}\", which is still a draft"))?;
        let fatou = self.opportunity("Fatou Diallo")?;
        self.move_to_trigger_stage(&fatou).await?;
        let path = format!("/activity?limit=1&subject={fatou}");
        let reason = async || {
            let page = self.operator.account(Method::GET, &path, None).await?;
            let item = page["items"].get(0).filter(|item| item["outcome"] == "not_invited").cloned();
            Ok(item)
        };
        let item = show.until("The activity says why nobody is invited", reason).await?;
        let steps = item["steps"].as_array().into_iter().flatten();
        let steps = steps.filter_map(|step| Some(format!("{}: {}", step["what"].as_str()?, step["detail"].as_str()?)));
        let lines: Vec<String> = item["summary"].as_str().map(str::to_owned).into_iter().chain(steps).collect();
        self.quote(&lines.join("\n"))?;
        Ok(())
    }

    /// The recruiter drags a card.
    async fn move_to_trigger_stage(&self, opportunity: &str) -> anyhow::Result<()> {
        self.act(&format!("The recruiter moves the card to \"{STAGE}\"")).await?;
        let mut sandbox = self.vendors.lock();
        let mut lever = sandbox.lever();
        let stage = lever.stage(STAGE)?;
        Ok(lever.move_to_stage(opportunity, &stage)?)
    }

    /// Waits for the tag of this step, then shows all tags.
    async fn tag(&self, opportunity: &str, what: &str, step: &str) -> anyhow::Result<()> {
        let expected = format!("{TITLE} - {step}");
        let tags = async || {
            let tags = self.vendors.lock().lever().tags(opportunity);
            // Alone, because the tag of the step before is removed after the new one is added.
            let steps = tags.iter().filter(|tag| tag.starts_with(&format!("{TITLE} - "))).count();
            Ok((steps == 1 && tags.contains(&expected)).then_some(tags))
        };
        let tags = self.show.until(what, tags).await?;
        Ok(self.show.detail(&tags.iter().map(|tag| format!("[{tag}]")).collect::<Vec<_>>().join(" "))?)
    }

    /// The id of a candidacy, by the candidate's name.
    fn opportunity(&self, name: &str) -> anyhow::Result<String> {
        let mut sandbox = self.vendors.lock();
        let lever = sandbox.lever();
        let found = lever.opportunities().find(|own| lever.person(&own.id).is_some_and(|(known, _)| known == name));
        Ok(found.with_context(|| format!("Lever has no {name}"))?.id.clone())
    }
}
