//! Applicant statuses: the system's nineteen and the company's own. The API can only read them; their ids are texts
//! here and numbers everywhere else.

use serde_json::{Value, json};

use super::company::Company;

/// A status an applicant can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The id.
    pub id: i64,
    /// The internal code; the company's own have none.
    pub code: Option<&'static str>,
    /// What people read. Not unique.
    pub name: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// Deleted: not listed any more, though applicants may still have it.
    pub deleted: bool,
}

/// The group of a status, which the API does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    New,
    Active,
    Inactive,
    Hired,
}

impl Status {
    pub(crate) fn group(&self) -> Group {
        match self.code {
            Some("NEW") => Group::New,
            Some("HIRED") => Group::Hired,
            Some("NOFIT" | "DECLINED" | "NOQUAL" | "OVERQUAL" | "POACHED" | "DELETED" | "MOVED") => Group::Inactive,
            _ => Group::Active,
        }
    }

    fn view(&self) -> Value {
        json!({
            "id": self.id.to_string(), "code": self.code, "name": self.name, "translatedName": self.name,
            "description": null, "enabled": self.enabled, "manageable": self.code.is_none(),
        })
    }
}

/// The statuses of a tenant recorded in 2019.
pub(crate) fn system() -> Vec<Status> {
    let named = [
        ("NEW", "New"),
        ("REVIEWED", "Reviewed"),
        ("SCHEDPHONE", "Schedule Phone Screen"),
        ("PHONED", "Phone Screened"),
        ("SCHEDINT", "Schedule Interview"),
        ("INTERVIEW", "Interviewed"),
        ("ONHOLD", "Put on Hold"),
        ("REFCHECK", "Checking References"),
        ("OFFER", "Made an Offer"),
        ("NOFIT", "Not a Fit"),
        ("DECLINED", "Declined Offer"),
        ("NOQUAL", "Not Qualified"),
        ("OVERQUAL", "Over Qualified"),
        ("POACHED", "Hired Elsewhere"),
        ("HIRED", "Hired"),
        ("OLSENT", "Offer Sent"),
        ("OLSIGNED", "Offer Signed"),
        ("DELETED", "Deleted"),
        ("MOVED", "Moved"),
    ];
    let numbered = (1..).zip(named);
    numbered
        .map(|(id, (code, name))| Status {
            id,
            code: Some(code),
            name: name.into(),
            enabled: !matches!(code, "OFFER" | "DELETED" | "MOVED"),
            deleted: false,
        })
        .collect()
}

/// A bare array.
pub(crate) fn list(company: &Company) -> Value {
    company.statuses.iter().filter(|status| !status.deleted).map(Status::view).collect()
}
