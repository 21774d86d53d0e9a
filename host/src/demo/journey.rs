//! The journey: what an admin, recruiters, candidates and a reviewer do, and what comes of it in either system.
//!
//! The admin uses the operator API. The others use the vendors alone, here as on the vendors' pages; what the component
//! does about it is only watched.

mod bamboohr;
mod lever;

use std::io;
use std::time::Duration;

use anyhow::Context;
use http::Method;
use sandbox::demo::ASSESSMENTS;
use sandbox::qualified::Score;
use sandbox::server::Shared;
use serde_json::json;

use super::operator::Operator;
use super::show::Show;

/// What everybody is invited to; also the tag on a job in Lever.
const TITLE: &str = ASSESSMENTS[0];

/// Between what two people do. It lets a visitor follow, and keeps the journey within Lever's ten requests a second.
const BREATH: Duration = Duration::from_secs(1);

/// Everyone's day.
pub(super) struct Journey<'a> {
    pub(super) show: &'a Show,
    pub(super) operator: Operator,
    pub(super) vendors: Shared,
    pub(super) api_key: String,
}

impl Journey<'_> {
    /// From nothing to an approved candidate in Lever, and to another in BambooHR.
    ///
    /// # Errors
    /// A step did not work, or not in time.
    pub(super) async fn play(&self) -> anyhow::Result<()> {
        self.connect_qualified().await.context("Qualified")?;
        self.play_in_lever().await.context("Lever")?;
        self.play_in_bamboohr().await.context("BambooHR")
    }

    async fn connect_qualified(&self) -> anyhow::Result<()> {
        let Self { show, operator, .. } = self;
        show.part("The admin connects Qualified")?;
        show.doing("connecting Qualified");
        operator.account(Method::PUT, "/qualified", Some(json!({"api_key": self.api_key}))).await?;
        show.done("Qualified took the API key; its events come to us")?;
        Ok(())
    }

    /// Somebody acts, and the visitor is told what they do.
    async fn act(&self, what: &str) -> io::Result<()> {
        self.show.doing(what);
        tokio::time::sleep(BREATH).await;
        self.show.done(what)
    }

    async fn reviewer_approves(&self, name: &str, email: &str) -> anyhow::Result<()> {
        self.act(&format!("The reviewer approves {name} in Qualified")).await?;
        let mut sandbox = self.vendors.lock();
        let mut qualified = sandbox.qualified();
        let person = qualified.candidate(email).with_context(|| format!("Qualified does not know {name}"))?.id.clone();
        Ok(qualified.approve(&person)?)
    }

    fn quote(&self, text: &str) -> io::Result<()> {
        self.show.detail(&text.lines().map(|line| format!("│ {line}")).collect::<Vec<_>>().join("\n"))
    }

    /// The id of a candidate's result.
    fn result(&self, email: &str) -> anyhow::Result<String> {
        let mut sandbox = self.vendors.lock();
        let qualified = sandbox.qualified();
        let assessment = qualified.assessments().iter().find(|own| own.title == TITLE);
        Ok(qualified.result_of(email, &assessment.context("Qualified has no such assessment")?.id)?)
    }
}

/// What a candidate achieves.
fn score(points: f64) -> Score {
    Score::of(points).passed(true).seconds(2710).solution("Borrow Checker", points, "rust")
}
