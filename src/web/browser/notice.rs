//! What became of a form, told on the page that follows it.
//!
//! The page is reached by a redirect, so that reloading sends nothing twice. The address carries one of these words
//! and never the sentence: nobody can put sentences of theirs on our page.

use crate::web::page::piece::Tone;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    AccountCreated,
    QualifiedConnected,
    QualifiedRemoved,
    LeverConnected,
    LeverRemoved,
    StageSaved,
    StageRemoved,
    TokenAdded,
    BambooHrConnected,
    BambooHrRemoved,
    MappingSaved,
    MappingRemoved,
    Checked,
    CheckedInPart,
}

impl Notice {
    const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::AccountCreated, "account-created", "The account is there. Connect Qualified first."),
        (Self::QualifiedConnected, "qualified-connected", "Qualified is connected."),
        (Self::QualifiedRemoved, "qualified-removed", "Qualified is disconnected."),
        (Self::LeverConnected, "lever-connected", "Lever is connected."),
        (Self::LeverRemoved, "lever-removed", "Lever is disconnected."),
        (Self::StageSaved, "stage-saved", "The trigger stage is saved."),
        (Self::StageRemoved, "stage-removed", "The stage is no trigger stage any more."),
        (Self::TokenAdded, "token-added", "Deliveries signed with this token are accepted from now on."),
        (Self::BambooHrConnected, "bamboohr-connected", "BambooHR is connected."),
        (Self::BambooHrRemoved, "bamboohr-removed", "BambooHR is disconnected."),
        (Self::MappingSaved, "assessment-saved", "The assessment goes with its job opening from now on."),
        (Self::MappingRemoved, "assessment-removed", "The assessment goes with no job opening any more."),
        (Self::Checked, "checked", "Checked just now: this is how things are."),
        (Self::CheckedInPart, "checked-in-part", "Not everything could be checked: see below."),
    ];

    /// The notice that an address carries.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == word).map(|(notice, ..)| notice)
    }

    fn row(self) -> (&'static str, &'static str) {
        let row = Self::ALL.into_iter().find(|(notice, ..)| *notice == self);
        row.map(|(_, word, sentence)| (word, sentence)).unwrap_or_default()
    }

    /// For people.
    pub(super) fn sentence(self) -> &'static str {
        self.row().1
    }

    /// The same, with how it is meant.
    pub(super) fn told(self) -> (Tone, &'static str) {
        (if self == Self::CheckedInPart { Tone::Bad } else { Tone::Good }, self.sentence())
    }

    /// The address of the page that tells it.
    pub(super) fn at(self, path: &str) -> String {
        format!("{path}?done={}", self.row().0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_found_by_its_word() {
        for (notice, word, _) in Notice::ALL {
            assert_eq!(Notice::named(word), Some(notice));
            assert_eq!(notice.at("/x"), format!("/x?done={word}"));
        }
        assert_eq!(Notice::named("<b>"), None);
    }
}
