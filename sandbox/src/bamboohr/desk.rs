//! What people do in BambooHR: recruiters with their applicants, an administrator in the settings.

use super::application::{self, Application, Comment, NewApplication};
use super::company::{Company, INTEGRATION, RECRUITER, Settings, VISITOR};
use super::consent;
use super::job::{Job, JobStatus};
use super::oauth::{Authority, denied};
use super::status::Status;
use crate::world::{Context, Refused};

/// A Full Admin of one company.
#[derive(Debug)]
pub struct Desk<'a> {
    pub(super) company: &'a mut Company,
    pub(super) authority: &'a mut Authority,
    pub(super) context: &'a mut Context,
}

type Done = Result<(), Refused>;

fn unknown(what: &str, id: i64) -> Refused {
    Refused::because(format!("BambooHR has no {what} {id}"))
}

impl Desk<'_> {
    /// The company's domain, also the name given to [`crate::Sandbox::bamboohr_of`].
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.company.domain
    }

    /// Makes an API key of the user as whom the integration acts.
    pub fn make_api_key(&mut self) -> String {
        self.key_of(INTEGRATION)
    }

    /// Makes an API key of the recruiter, who is an employee; the integration's user is none.
    pub fn make_recruiters_api_key(&mut self) -> String {
        self.key_of(RECRUITER)
    }

    /// Makes an API key of a user without access to applicant tracking.
    pub fn make_powerless_api_key(&mut self) -> String {
        self.key_of(VISITOR)
    }

    fn key_of(&mut self, user: i64) -> String {
        let key = self.context.seed.hex(40);
        self.authority.add_key(key.clone(), &self.company.domain, user);
        key
    }

    /// Revokes an API key.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn revoke_api_key(&mut self, key: &str) -> Done {
        if self.authority.revoke_key(key) { Ok(()) } else { Err(Refused::because("no such key")) }
    }

    /// Gives or takes the integration's user the access every call needs.
    pub fn set_ats_access(&mut self, access: bool) {
        for user in self.company.users.iter_mut().filter(|user| user.id == INTEGRATION) {
            user.ats_access = access;
        }
    }

    /// Accepts an app for this company; answers the callback URL the browser is sent to.
    ///
    /// # Errors
    /// When the consent page would not show.
    pub fn consent(&mut self, authorize_url: &str) -> Result<String, Refused> {
        let asked = consent::asked(self.authority, self.context, &self.company.domain, authorize_url)?;
        Ok(self.authority.accept(self.context, asked, &self.company.domain))
    }

    /// Refuses an app; answers the callback URL the browser is sent to.
    ///
    /// # Errors
    /// As for [`consent`](Self::consent).
    pub fn refuse(&mut self, authorize_url: &str) -> Result<String, Refused> {
        let asked = consent::asked(self.authority, self.context, &self.company.domain, authorize_url)?;
        Ok(denied(&asked))
    }

    /// Revokes every app's access.
    pub fn revoke_apps(&mut self) {
        self.authority.revoke_apps(&self.company.domain);
    }

    /// The company's settings, and answers to what no source settles.
    pub fn settings(&mut self) -> &mut Settings {
        &mut self.company.settings
    }

    /// Adds an opening and answers its id.
    pub fn add_job(&mut self, title: &str, status: JobStatus) -> i64 {
        let id = self.company.fresh_id();
        let posted = self.context.now;
        self.company.jobs.push(Job { id, title: title.into(), status, location: None, posted });
        id
    }

    /// Says where a job is.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn set_location(&mut self, job: i64, city: &str, state: &str) -> Done {
        let found = self.company.jobs.iter_mut().find(|own| own.id == job);
        found.ok_or_else(|| unknown("job", job))?.location = Some((city.into(), state.into()));
        Ok(())
    }

    /// Opens, holds, fills an opening.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn set_job_status(&mut self, job: i64, status: JobStatus) -> Done {
        let found = self.company.jobs.iter_mut().find(|own| own.id == job);
        found.ok_or_else(|| unknown("job", job))?.status = status;
        Ok(())
    }

    /// All openings, oldest first.
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.company.jobs
    }

    /// Adds a status of the company's own and answers its id. Names may collide.
    pub fn add_status(&mut self, name: &str) -> i64 {
        let id = self.company.statuses.iter().map(|status| status.id).max().unwrap_or_default() + 1;
        self.company.statuses.push(Status { id, code: None, name: name.into(), enabled: true, deleted: false });
        id
    }

    /// Enables or disables a status.
    ///
    /// # Errors
    /// When there is no such status.
    pub fn set_status_enabled(&mut self, status: i64, enabled: bool) -> Done {
        self.edit_status(status, |status| status.enabled = enabled)
    }

    /// Renames a status.
    ///
    /// # Errors
    /// When there is no such status.
    pub fn rename_status(&mut self, status: i64, name: &str) -> Done {
        self.edit_status(status, |status| name.clone_into(&mut status.name))
    }

    /// Deletes a status; applicants keep it.
    ///
    /// # Errors
    /// When there is no such status, or it is the system's.
    pub fn delete_status(&mut self, id: i64) -> Done {
        if self.company.status(id).is_some_and(|status| status.code.is_some()) {
            return Err(Refused::because("the system's statuses stay"));
        }
        self.edit_status(id, |status| status.deleted = true)
    }

    fn edit_status(&mut self, id: i64, edit: impl FnOnce(&mut Status)) -> Done {
        edit(self.company.statuses.iter_mut().find(|own| own.id == id).ok_or_else(|| unknown("status", id))?);
        Ok(())
    }

    /// All statuses, deleted ones included.
    #[must_use]
    pub fn statuses(&self) -> &[Status] {
        &self.company.statuses
    }

    /// Adds an application and answers its id.
    ///
    /// # Errors
    /// When job or status do not exist.
    pub fn add_application(&mut self, new: NewApplication) -> Result<i64, Refused> {
        self.company.job(new.job).ok_or_else(|| unknown("job", new.job))?;
        self.company.status(new.status).ok_or_else(|| unknown("status", new.status))?;
        Ok(application::add(self.company, self.context, new))
    }

    /// Sets a status as a recruiter does.
    ///
    /// # Errors
    /// When application or status do not exist.
    pub fn set_status(&mut self, application: i64, status: i64) -> Done {
        self.company.status(status).ok_or_else(|| unknown("status", status))?;
        let change = application::set_status(self.company, self.context, application, status, RECRUITER);
        change.map(|_| ()).ok_or_else(|| unknown("application", application))
    }

    /// Deletes an application: it vanishes between a list and a look.
    ///
    /// # Errors
    /// When there is no such application.
    pub fn delete_application(&mut self, id: i64) -> Done {
        let place = self.company.applications.iter().position(|own| own.id == id);
        self.company.applications.remove(place.ok_or_else(|| unknown("application", id))?);
        Ok(())
    }

    /// An application.
    #[must_use]
    pub fn application(&self, id: i64) -> Option<&Application> {
        self.company.application(id)
    }

    /// All applications, oldest first.
    #[must_use]
    pub fn applications(&self) -> &[Application] {
        &self.company.applications
    }

    /// The comments of an application, which the API cannot read; none for an unknown one.
    #[must_use]
    pub fn comments(&self, application: i64) -> &[Comment] {
        self.company.application(application).map_or(&[], |application| &application.comments)
    }
}
