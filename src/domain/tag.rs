//! The tags that show an assessment's progress in Lever.
//!
//! ```text
//! tag  = title | title " - " mark
//! mark = "Invited" | "Started" | "Submitted" | "Approved" | "Rejected"
//! ```
//!
//! A title may hold any character and may itself end in ` - Invited`. So a tag is never taken apart: it is
//! compared with what the known titles would make. Where one tag can be two things, it is the title: with
//! the assessments `X` and `X - Invited`, the tag `X - Invited` belongs to the second and is never removed
//! for the first, though a progress of `X` writes the same text.

use super::assignment::Progress;

/// The progress that a tag can show. [`Progress::Inviting`] is never shown.
const SHOWN: [Progress; 5] =
    [Progress::Invited, Progress::Started, Progress::Submitted, Progress::Approved, Progress::Rejected];

/// The tag that shows how far a candidate is: `<title> - <mark>`, or the title alone while we are inviting.
#[must_use]
pub fn showing(title: &str, progress: Progress) -> String {
    let title = title.trim();
    if progress == Progress::Inviting { title.to_owned() } else { format!("{title} - {progress}") }
}

/// What a tag says about a title: nothing, that it is the title (`Some(None)`), or a progress. Spaces around
/// either don't count.
fn says(tag: &str, title: &str) -> Option<Option<Progress>> {
    let rest = tag.trim().strip_prefix(title.trim())?;
    if rest.is_empty() {
        return Some(None);
    }
    let mark = rest.strip_prefix(" - ")?;
    SHOWN.into_iter().find(|progress| progress.to_string() == mark).map(Some)
}

/// Whether a tag is, or could be, a progress of one of the titles. For an opportunity's tags and the titles
/// already assigned to it: such a tag is our own doing, and invites to nothing even where another
/// assessment has that title.
#[must_use]
pub fn is_progress_of(tag: &str, titles: &[&str]) -> bool {
    titles.iter().any(|title| matches!(says(tag, title), Some(Some(_))))
}

/// The tags to remove once `showing(title, shown)` is there: the title itself and its other marks, spelled
/// as they are in `tags`. Never one that is the title of another known assessment.
#[must_use]
pub fn stale(tags: &[String], title: &str, shown: Progress, known_titles: &[&str]) -> Vec<String> {
    let (title, kept) = (title.trim(), showing(title, shown));
    let is_other_title = |tag: &str| known_titles.iter().any(|known| known.trim() == tag && known.trim() != title);
    let is_stale = |tag: &&String| {
        let trimmed = tag.trim();
        !title.is_empty() && trimmed != kept && says(trimmed, title).is_some() && !is_other_title(trimmed)
    };
    tags.iter().filter(is_stale).cloned().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn owned(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| (*tag).to_owned()).collect()
    }

    #[test]
    fn the_tag_walks_with_the_progress() {
        let walk = [Progress::Inviting, Progress::Invited, Progress::Started, Progress::Submitted, Progress::Rejected];
        let tags = walk.map(|progress| showing(" Rust Basics ", progress));
        let expected = ["", " - Invited", " - Started", " - Submitted", " - Rejected"];
        assert_eq!(tags, expected.map(|mark| format!("Rust Basics{mark}")));
    }

    #[test]
    fn a_tag_says_something_about_exactly_a_title() {
        let long = "AngularJS: Services, Components, and API Access";
        for (tag, title, said) in [
            ("X", "X", Some(None)),
            (" X ", "X", Some(None)),
            ("X - Started", "X", Some(Some(Progress::Started))),
            ("X - Invited", "X - Invited", Some(None)),
            ("X - Invited - Invited", "X - Invited", Some(Some(Progress::Invited))),
            ("X - Invited - Invited", "X", None),
            ("AngularJS: Services, Components, and API Access - Rejected", long, Some(Some(Progress::Rejected))),
            ("X - Inviting", "X", None),
            ("X - invited", "X", None),
            ("X -  Invited", "X", None),
            ("X - Invited!", "X", None),
            ("x", "X", None),
            ("X-Invited", "X", None),
            ("Y - Invited", "X", None),
            ("", "X", None),
        ] {
            assert_eq!(says(tag, title), said, "{tag}");
        }
    }

    #[test]
    fn what_the_progress_leaves_behind_is_removed_and_nothing_else() {
        let tags =
            owned(&["X", "X - Invited", " X - Started ", "X - Submitted", "X - Invited - Started", "Backend", "x"]);
        assert_eq!(stale(&tags, "X", Progress::Submitted, &["X"]), ["X", "X - Invited", " X - Started "]);
        // The later decision replaces the earlier one, and a retake starts over.
        assert_eq!(stale(&owned(&["X - Approved"]), "X", Progress::Rejected, &["X"]), ["X - Approved"]);
        assert_eq!(stale(&owned(&["X - Submitted"]), "X", Progress::Invited, &["X"]), ["X - Submitted"]);
    }

    #[test]
    fn another_assessments_title_is_never_removed() {
        let (tags, known) = (owned(&["X", "X - Invited", "X - Invited - Invited"]), ["X", "X - Invited"]);
        assert_eq!(stale(&tags, "X", Progress::Started, &known), ["X"]);
        assert_eq!(stale(&tags, "X - Invited", Progress::Invited, &known), ["X - Invited"]);
        assert!(is_progress_of("X - Invited", &["X"]) && !is_progress_of("X", &["X", "X - Invited"]));
    }

    proptest! {
        #[test]
        fn what_is_shown_is_recognised(title in "\\PC{0,12}[^\\s]( - (Invited|Started))?", index in 0..5_usize) {
            let tag = showing(&title, SHOWN[index]);
            prop_assert_eq!(says(&tag, &title), Some(Some(SHOWN[index])));
            prop_assert!(is_progress_of(&tag, &[&title]));
        }

        #[test]
        fn the_shown_tag_and_other_titles_stay(
            titles in proptest::collection::vec("[XY]( - (Invited|Started|Approved)){0,2}", 1..5),
            tags in proptest::collection::vec("[XYZ]( - (Invited|Started|Approved|Other)){0,3}", 0..8),
            index in 0..5_usize,
        ) {
            let known: Vec<&str> = titles.iter().map(String::as_str).collect();
            let removed = stale(&tags, &titles[0], SHOWN[index], &known);
            prop_assert!(!removed.contains(&showing(&titles[0], SHOWN[index])));
            for tag in &removed {
                prop_assert!(tags.contains(tag));
                prop_assert!(*tag == titles[0] || !titles.contains(tag));
                prop_assert!(tag.starts_with(&titles[0]));
            }
        }
    }
}
