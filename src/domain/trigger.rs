//! Whether a candidate who arrived is to be invited at all, before any tag is looked at.

use super::time::Timestamp;

/// What is known of the candidate, from whichever ATS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// The candidacy is archived.
    pub archived: bool,
    /// The person's data were removed.
    pub anonymized: bool,
    /// Visible to few people; we don't pass its data on.
    pub confidential: bool,
    /// Whether there is an e-mail address, and whether it can be one.
    pub email: Email,
    /// When the stage or status became a trigger; `None` = it is none.
    pub enabled_at: Option<Timestamp>,
    /// When the candidate entered it.
    pub entered_at: Option<Timestamp>,
}

/// What there is in the place of an e-mail address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Email {
    /// Nothing.
    #[default]
    Missing,
    /// Something that can't be one.
    Malformed,
    /// An address.
    Usable,
}

impl Email {
    /// Judges a text. Qualified has the last word; this only spares it what can't be an address.
    #[must_use]
    pub fn judge(text: Option<&str>) -> Self {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Self::Missing };
        let usable = text.len() <= 254
            && text.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && domain.contains('.')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
                    && !domain.contains('@')
            })
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>'));
        if usable { Self::Usable } else { Self::Malformed }
    }
}

/// Why nobody is invited. Displays as the second half of "not invited because …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    /// Moved on, or the event lied: `data` of Lever's deliveries is unsigned.
    #[error("the candidate is not in a trigger stage now")]
    NotTriggered,
    /// Was there before.
    #[error("the candidate was there before the trigger was set up")]
    BeforeTrigger,
    /// See [`Standing::archived`].
    #[error("the candidate is archived")]
    Archived,
    /// See [`Standing::anonymized`].
    #[error("the candidate's data were anonymized")]
    Anonymized,
    /// See [`Standing::confidential`].
    #[error("the candidate is confidential")]
    Confidential,
    /// There is none.
    #[error("the candidate has no e-mail address")]
    NoEmail,
    /// It can't be one.
    #[error("the candidate's e-mail address is malformed")]
    MalformedEmail,
}

/// Whether the candidate is to be passed over, and why.
#[must_use]
pub fn skip(standing: &Standing) -> Option<Skip> {
    let Some(enabled_at) = standing.enabled_at else { return Some(Skip::NotTriggered) };
    if standing.entered_at.is_none_or(|entered_at| entered_at < enabled_at) {
        return Some(Skip::BeforeTrigger);
    }
    if standing.anonymized {
        return Some(Skip::Anonymized);
    }
    if standing.archived {
        return Some(Skip::Archived);
    }
    if standing.confidential {
        return Some(Skip::Confidential);
    }
    match standing.email {
        Email::Missing => Some(Skip::NoEmail),
        Email::Malformed => Some(Skip::MalformedEmail),
        Email::Usable => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second)
    }

    fn good() -> Standing {
        Standing { email: Email::Usable, enabled_at: at(100), entered_at: at(200), ..Standing::default() }
    }

    #[test]
    fn who_newly_entered_is_invited() {
        assert_eq!(skip(&good()), None);
        assert_eq!(skip(&Standing { entered_at: at(100), ..good() }), None);
    }

    #[test]
    fn each_reason_is_told() {
        for (standing, reason) in [
            (Standing { enabled_at: None, ..good() }, Skip::NotTriggered),
            (Standing { entered_at: at(99), ..good() }, Skip::BeforeTrigger),
            (Standing { entered_at: None, ..good() }, Skip::BeforeTrigger),
            (Standing { archived: true, ..good() }, Skip::Archived),
            (Standing { anonymized: true, archived: true, ..good() }, Skip::Anonymized),
            (Standing { confidential: true, ..good() }, Skip::Confidential),
            (Standing { email: Email::Missing, ..good() }, Skip::NoEmail),
            (Standing { email: Email::Malformed, ..good() }, Skip::MalformedEmail),
        ] {
            assert_eq!(skip(&standing), Some(reason));
        }
    }

    #[test]
    fn addresses_are_judged_leniently() {
        for usable in ["ada@example.com", " Ada.Example+x@sub.example.co ", "ö@example.com"] {
            assert_eq!(Email::judge(Some(usable)), Email::Usable, "{usable}");
        }
        for malformed in [
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "a@b@c.de",
            "a b@example.com",
            "a@example.com,b@example.com",
            "a@.com",
        ] {
            assert_eq!(Email::judge(Some(malformed)), Email::Malformed, "{malformed}");
        }
        assert_eq!(Email::judge(Some("  ")), Email::Missing);
        assert_eq!(Email::judge(None), Email::Missing);
    }
}
