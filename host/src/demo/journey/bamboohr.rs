//! The journey in BambooHR: a status invites, statuses and a comment show what became of it.
//!
//! BambooHR tells nobody of a status, so somebody has to look. The product does every quarter of an hour; here
//! "Check now" is pressed.

use anyhow::{Context, ensure};
use http::Method;
use sandbox::bamboohr::Desk;
use serde_json::{Map, Value, json};

use super::{Journey, TITLE, score};

/// The company at BambooHR.
const DOMAIN: &str = "acme";

/// The opening, as the picker shows it.
const OPENING: &str = "Backend Engineer (Rust) - Ghent, East Flanders";

/// Who is given this status is invited.
const SEND: &str = "Qualified - Send assessment";

/// What the status becomes, by the mapping's field.
const PROGRESS: [(&str, &str); 4] = [
    ("on_started", "Qualified - In progress"),
    ("on_submitted", "Qualified - Completed"),
    ("on_approved", "Qualified - Approved"),
    ("on_rejected", "Qualified - Rejected"),
];

/// Was given the status before anything was set up.
const JAKUB: (&str, &str) = ("Jakub Nowak", "jakub.nowak@example.net");

/// Is given it afterwards.
const INES: (&str, &str) = ("Ines Okoro", "ines.okoro@example.net");

impl Journey<'_> {
    /// An applicant who had the status before and is left alone, and one who is approved.
    pub(super) async fn play_in_bamboohr(&self) -> anyhow::Result<()> {
        self.connect_bamboohr().await.context("the set-up")?;
        self.baseline_invites_nobody().await.context("the applicant who was there before")?;
        self.applicant_is_approved().await.context("the applicant who is given the status")
    }

    async fn connect_bamboohr(&self) -> anyhow::Result<()> {
        let Self { show, operator, vendors, .. } = self;
        show.part("The admin connects BambooHR")?;
        self.give_status(JAKUB.0, SEND).await?;
        show.doing("connecting BambooHR");
        let key = vendors.lock().bamboohr().make_api_key();
        operator.account(Method::PUT, "/bamboohr", Some(json!({"domain": DOMAIN, "api_key": key}))).await?;
        show.done(&format!("BambooHR took the API key for {DOMAIN}.bamboohr.com"))?;

        let assessments = operator.account(Method::GET, "/assessments", None).await?;
        let assessment = pick(&assessments["assessments"], "title", TITLE)?;
        let jobs = operator.account(Method::GET, "/bamboohr/jobs", None).await?;
        let statuses = operator.account(Method::GET, "/bamboohr/statuses", None).await?;
        let mut choices = Map::new();
        choices.insert("job_id".to_owned(), pick(&jobs["jobs"], "label", OPENING)?.clone());
        choices.insert("send_status".to_owned(), pick(&statuses["statuses"], "name", SEND)?.clone());
        for (field, name) in PROGRESS {
            choices.insert(field.to_owned(), pick(&statuses["statuses"], "name", name)?.clone());
        }
        let path = format!("/bamboohr/assessments/{}", assessment.as_str().context("an id is no text")?);
        operator.account(Method::PUT, &path, Some(Value::Object(choices))).await?;
        show.done(&format!("\"{TITLE}\" goes with \"{OPENING}\", sent by \"{SEND}\""))?;
        Ok(())
    }

    async fn baseline_invites_nobody(&self) -> anyhow::Result<()> {
        let (name, email) = JAKUB;
        self.show.part("Jakub had the status before, so he is not invited")?;
        self.check_now().await?;
        ensure!(self.result(email).is_err(), "Qualified has an invitation for {name}");
        self.show.done("No mail goes out")?;
        self.shown(name)
    }

    async fn applicant_is_approved(&self) -> anyhow::Result<()> {
        let Self { show, vendors, .. } = self;
        let (name, email) = INES;
        show.part("Ines is given the status")?;
        self.give_status(name, SEND).await?;
        self.check_now().await?;
        let result = show.until("Ines is invited", async || Ok(self.result(email).ok())).await?;
        self.shown(name)?;

        self.act("Ines opens the mail's link and starts").await?;
        vendors.lock().qualified().start(&result)?;
        self.status(name, "Qualified - In progress").await?;

        self.act("Ines submits").await?;
        vendors.lock().qualified().submit(&result, score(91.5))?;
        let comments = async || {
            let told = self.of(name, |desk, id| desk.comments(id).iter().map(|comment| comment.text.clone()).collect());
            Ok(Some(told?).filter(|told: &Vec<String>| !told.is_empty()))
        };
        self.status(name, "Qualified - Completed").await?;
        for comment in show.until("The result is a comment in BambooHR", comments).await? {
            self.quote(&comment)?;
        }

        self.reviewer_approves("Ines", email).await?;
        self.status(name, "Qualified - Approved").await
    }

    /// The button for whoever does not want to wait for the next quarter of an hour.
    async fn check_now(&self) -> anyhow::Result<()> {
        self.act("The admin presses \"Check now\" instead of waiting for a quarter of an hour").await?;
        self.operator.sync().await
    }

    /// The recruiter chooses a status.
    async fn give_status(&self, name: &str, status: &str) -> anyhow::Result<()> {
        self.act(&format!("The recruiter gives {name} the status \"{status}\"")).await?;
        let wanted = {
            let mut sandbox = self.vendors.lock();
            let bamboohr = sandbox.bamboohr();
            bamboohr.statuses().iter().find(|own| own.name == status).map(|own| own.id)
        };
        let wanted = wanted.with_context(|| format!("BambooHR has no status {status:?}"))?;
        Ok(self.of(name, |desk, id| desk.set_status(id, wanted))??)
    }

    /// Waits for a status, then shows it.
    async fn status(&self, name: &str, expected: &str) -> anyhow::Result<()> {
        let has_it = async || Ok((self.status_of(name)? == expected).then_some(()));
        self.show.until("BambooHR shows it", has_it).await?;
        self.shown(name)
    }

    /// The applicant as BambooHR shows them now.
    fn shown(&self, name: &str) -> anyhow::Result<()> {
        Ok(self.show.detail(&format!("{name}: [{}]", self.status_of(name)?))?)
    }

    fn status_of(&self, name: &str) -> anyhow::Result<String> {
        let status = self.of(name, |desk, id| {
            let status = desk.application(id)?.status;
            Some(desk.statuses().iter().find(|own| own.id == status)?.name.clone())
        })?;
        status.with_context(|| format!("{name} has no status"))
    }

    /// Looks at, or changes, what BambooHR has of an applicant.
    fn of<T>(&self, name: &str, act: impl FnOnce(&mut Desk<'_>, i64) -> T) -> anyhow::Result<T> {
        let mut sandbox = self.vendors.lock();
        let mut desk = sandbox.bamboohr();
        let is_meant = |first: &str, last: &str| name == format!("{first} {last}");
        let found = desk.applications().iter().find(|own| is_meant(&own.first_name, &own.last_name));
        let id = found.with_context(|| format!("BambooHR has no {name}"))?.id;
        Ok(act(&mut desk, id))
    }
}

/// What a picker offers under this text.
fn pick<'a>(offers: &'a Value, member: &str, text: &str) -> anyhow::Result<&'a Value> {
    let found = offers.as_array().into_iter().flatten().find(|offer| offer[member] == text);
    found.map(|offer| &offer["id"]).with_context(|| format!("{text:?} cannot be chosen"))
}
