//! What a visitor of the demo finds: a company that is hiring. Everybody in it is made up.

use jiff::Timestamp;

use crate::bamboohr::{self, JobStatus, NewApplication};
use crate::lever::{self, NewOpportunity, NewPosting};
use crate::{Origins, Refused, Sandbox};

/// The client id of the demo's app, at Lever and at BambooHR.
pub const CLIENT_ID: &str = "qualified-ats-demo";

/// Its client secret, at both. It guards nothing.
pub const CLIENT_SECRET: &str = "nothing-here-is-real";

/// The assessments of the demo, all published but the last. Their titles hold commas and colons, as in life.
pub const ASSESSMENTS: [&str; 4] = [
    "Rust: Ownership, Traits, and Lifetimes",
    "AngularJS: Services, Components, and API Access",
    "SQL: Joins and Window Functions",
    "Go: Goroutines and Channels",
];

const BAMBOOHR_SCOPES: &str = "openid offline_access public.user hiring:applications hiring:applications.write \
    hiring:job_openings hiring:job_openings.write hiring:settings hiring:settings.write";

impl Sandbox {
    /// A sandbox with a company that is hiring. `public_url` is where the product is reached: the demo's apps redirect
    /// to its `/lever/callback` and `/bamboohr/callback`.
    ///
    /// # Errors
    /// Never, unless this file contradicts itself.
    pub fn demo(origins: Origins, now: Timestamp, seed: u64, public_url: &str) -> Result<Self, Refused> {
        let mut sandbox = Self::new(origins, now, seed);
        let public_url = public_url.trim_end_matches('/');
        sandbox.register_lever_app(lever::App::of_the_product(CLIENT_ID, CLIENT_SECRET, public_url));
        sandbox.register_bamboohr_app(bamboohr::App {
            client_id: CLIENT_ID.into(),
            client_secret: CLIENT_SECRET.into(),
            redirect_uris: vec![format!("{public_url}/bamboohr/callback")],
            scopes: BAMBOOHR_SCOPES.split_whitespace().map(str::to_owned).collect(),
        });
        let mut qualified = sandbox.qualified();
        for (number, title) in ASSESSMENTS.into_iter().enumerate() {
            qualified.add_assessment(title, number + 1 < ASSESSMENTS.len());
        }
        fill_lever(&mut sandbox.lever())?;
        fill_bamboohr(&mut sandbox.bamboohr())?;
        Ok(sandbox)
    }
}

fn fill_lever(lever: &mut lever::Desk<'_>) -> Result<(), Refused> {
    lever.set_rate_limit(true, None);
    let backend = NewPosting::titled("Backend Engineer");
    let backend = backend.categories("Engineering", "Platform", "Berlin", "Full-time").tag(ASSESSMENTS[0]);
    let backend = lever.add_posting(backend);
    let frontend = NewPosting::titled("Frontend Engineer");
    let frontend = lever.add_posting(frontend.categories("Engineering", "Web", "Ghent", "Full-time"));
    let screen = lever.stage("Recruiter screen")?;
    for new in [
        NewOpportunity::named("Ada Okafor").posting(&backend),
        NewOpportunity::named("Bruno Castellanos").posting(&backend).stage(&screen),
        NewOpportunity::named("Chiara Lindqvist").posting(&frontend).tag(ASSESSMENTS[1]),
        NewOpportunity::named("Dao Nguyen").tag(ASSESSMENTS[2]).origin("sourced").stage("lead-responded"),
        NewOpportunity::named("Emre Yildiz").posting(&backend).emails(&[]),
        NewOpportunity::named("Fatou Diallo").posting(&frontend).tag(ASSESSMENTS[3]),
    ] {
        lever.add_opportunity(new)?;
    }
    Ok(())
}

fn fill_bamboohr(bamboohr: &mut bamboohr::Desk<'_>) -> Result<(), Refused> {
    let backend = bamboohr.add_job("Backend Engineer (Rust)", JobStatus::Open);
    bamboohr.set_location(backend, "Ghent", "East Flanders")?;
    let analyst = bamboohr.add_job("Data Analyst", JobStatus::Draft);
    bamboohr.add_job("Office Manager", JobStatus::Filled);
    for role in ["Send assessment", "Invited", "In progress", "Completed", "Approved", "Rejected"] {
        bamboohr.add_status(&format!("Qualified - {role}"));
    }
    for new in [
        NewApplication::named("Ines", "Okoro", backend).source("LinkedIn"),
        NewApplication::named("Jakub", "Nowak", backend).source("12").status(2),
        NewApplication::named("Kaia", "Lund", analyst).source("other"),
        NewApplication::named("Luca", "Moretti", backend).without_email(),
    ] {
        bamboohr.add_application(new)?;
    }
    Ok(())
}
