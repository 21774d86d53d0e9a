//! What the work on a candidacy needs to know of it, in whichever ATS it lives.

use crate::domain::{assignment::Progress, ids::AssessmentId};

/// The person. Holds personal data, hence no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Applicant {
    /// As the ATS shows it; may be empty.
    pub name: String,
    /// For the invitation.
    pub first_name: Option<String>,
    /// For the invitation.
    pub last_name: Option<String>,
    /// Where the invitation goes, trimmed.
    pub email: Option<String>,
}

/// An assessment the candidate is to be invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The assessment that it is about.
    pub assessment: AssessmentId,
    /// Its title, trimmed.
    pub title: String,
}

/// Progress to be shown in the ATS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Of which assessment.
    pub title: String,
    /// How far.
    pub progress: Progress,
}
