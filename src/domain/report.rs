//! The words in which a submission is told to the recruiter: a note in Lever, a comment in BambooHR.
//!
//! Plain text. Whatever comes from outside is made harmless first: `@` would notify a Lever user, control
//! and direction characters could make a line say something else, and `<` might be markup to somebody.

use std::fmt::Write;

use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::{ids::ResultId, time::Timestamp};
use plain::{cut, duration, harmless, number};

mod plain;

/// The bound of a note in characters. Lever documents none.
const NOTE: usize = 4_000;

/// The bound of a comment in characters. BambooHR documents none; its integrators keep to this.
const COMMENT: usize = 1_000;

/// The bound of a title or challenge in a line, in characters.
const LINE: usize = 160;

/// Similarity to other candidates' solutions, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Similarity {
    /// Some.
    Low,
    /// More than chance.
    Medium,
    /// Look at it.
    High,
}

/// What a candidate handed in. Holds personal data, hence no `Debug`.
#[derive(Clone, PartialEq)]
pub struct Submission<'a> {
    /// The assessment's title.
    pub title: &'a str,
    /// 0 to 100.
    pub score: Option<f64>,
    /// Whether the passing score is reached, if there is one.
    pub passed: Option<bool>,
    /// How long the candidate worked.
    pub time_taken: Option<SignedDuration>,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// 0, then one more for each retake.
    pub take: u32,
    /// Challenge by challenge.
    pub challenges: Vec<Challenge<'a>>,
    /// What the candidate wrote to the team.
    pub remarks: Option<&'a str>,
    /// Where the report can be read without a login.
    pub report_link: Option<&'a str>,
    /// [`marker`]: the last line.
    pub marker: &'a str,
}

/// One challenge of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge<'a> {
    /// Its title.
    pub title: &'a str,
    /// The programming language.
    pub language: Option<&'a str>,
    /// 0 to 100.
    pub score: Option<f64>,
    /// Tests passed, and tests in all.
    pub tests: Option<(u32, u32)>,
    /// How much it resembles others' solutions.
    pub similarity: Option<Similarity>,
}

/// The line by which a note is found again: the same for the same submission, another for each further one.
/// A digest, because a result's id in a note would be of no use to people.
#[must_use]
pub fn marker(result: &ResultId, submitted_at: Option<Timestamp>) -> String {
    let submission = submitted_at.map_or(0, Timestamp::as_millisecond);
    let digest = Sha256::digest(format!("{result} {submission}"));
    digest.iter().take(5).fold("Ref: qa-".to_owned(), |mut line, byte| {
        let _ = write!(line, "{byte:02x}");
        line
    })
}

/// The note for Lever: under 4,000 characters.
#[must_use]
pub fn note(submission: &Submission<'_>) -> String {
    let mut page = Page::new(submission, NOTE);
    page.line(taken(submission));
    page.line(similarity(submission));
    page.line(link(submission, NOTE / 2));
    if !submission.challenges.is_empty() {
        page.line(Some("\nChallenges:".to_owned()));
    }
    for (index, challenge) in submission.challenges.iter().enumerate() {
        // Remarks and a line on what is left out must still fit.
        if page.left < LINE * 3 {
            page.line(Some(format!("- and {} more", submission.challenges.len() - index)));
            break;
        }
        page.line(Some(describe(challenge)));
    }
    if let Some(remarks) = submission.remarks.map(harmless).filter(|text| !text.is_empty()) {
        page.line(Some(format!("\nThe candidate's remarks: {remarks}")));
    }
    page.finish()
}

/// The comment for BambooHR: the note's first lines, under 1,000 characters.
#[must_use]
pub fn comment(submission: &Submission<'_>) -> String {
    let mut page = Page::new(submission, COMMENT);
    page.line(taken(submission));
    page.line(similarity(submission));
    page.line(link(submission, COMMENT * 2 / 3));
    page.finish()
}

/// Another comment for BambooHR: one line about an assessment.
#[must_use]
pub fn remark(title: &str, text: &str) -> String {
    cut(&harmless(&format!("{title}: {text}")), COMMENT)
}

/// A text of bounded length. The last line is always the marker.
struct Page<'a> {
    text: String,
    left: usize,
    marker: &'a str,
}

impl<'a> Page<'a> {
    fn new(submission: &Submission<'a>, bound: usize) -> Self {
        let left = bound - submission.marker.chars().count() - "\n\n".len() - 1;
        let mut page = Self { text: String::new(), left, marker: submission.marker };
        page.line(Some(cut(&harmless(submission.title), LINE)));
        page.line(Some(score(submission)));
        page
    }

    /// Adds a line, cut to the room that is left.
    fn line(&mut self, line: Option<String>) {
        let Some(line) = line.filter(|_| self.left > 1) else { return };
        let line = cut(&line, self.left - 1);
        self.left -= line.chars().count() + 1;
        self.text.push_str(&line);
        self.text.push('\n');
    }

    fn finish(mut self) -> String {
        self.text.push('\n');
        self.text.push_str(self.marker);
        self.text
    }
}

fn score(submission: &Submission<'_>) -> String {
    let Some(score) = submission.score.and_then(number) else { return "Score: not available".to_owned() };
    let verdict = match submission.passed {
        Some(true) => " (passed)",
        Some(false) => " (not passed)",
        None => "",
    };
    format!("Score: {score} / 100{verdict}")
}

fn taken(submission: &Submission<'_>) -> Option<String> {
    let parts = [
        submission.time_taken.map(|time| format!("Time taken: {}", duration(time))),
        submission.submitted_at.map(|time| format!("Submitted: {}", time.to_the_minute())),
        (submission.take > 0).then(|| format!("Retake {}", submission.take)),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn similarity(submission: &Submission<'_>) -> Option<String> {
    let highest = submission.challenges.iter().filter_map(|challenge| challenge.similarity).max()?;
    Some(format!("Similarity to other solutions: {}", level(highest)))
}

/// A link is whole or left out: cut, it leads nowhere.
fn link(submission: &Submission<'_>, longest: usize) -> Option<String> {
    let link = submission.report_link?;
    let is_link = (link.starts_with("https://") || link.starts_with("http://"))
        && link.bytes().all(|b| b.is_ascii_graphic() && !b"@<>\"".contains(&b));
    (is_link && link.len() <= longest).then(|| format!("Report: {link}"))
}

fn describe(challenge: &Challenge<'_>) -> String {
    let mut line = format!("- {}", cut(&harmless(challenge.title), LINE / 2));
    if let Some(language) = challenge.language.map(harmless).filter(|text| !text.is_empty()) {
        let _ = write!(line, " ({})", cut(&language, 30));
    }
    let facts = [
        challenge.score.and_then(number),
        challenge.tests.map(|(passed, all)| format!("{passed} of {all} tests")),
        challenge.similarity.map(|similarity| format!("similarity {}", level(similarity))),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    if !facts.is_empty() {
        let _ = write!(line, ": {}", facts.join(", "));
    }
    line
}

fn level(similarity: Similarity) -> &'static str {
    match similarity {
        Similarity::Low => "low",
        Similarity::Medium => "medium",
        Similarity::High => "high",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn submission(challenges: Vec<Challenge<'_>>) -> Submission<'_> {
        Submission {
            title: "Rust: Ownership, Traits",
            score: Some(86.66),
            passed: Some(true),
            time_taken: Some(SignedDuration::from_secs(2710)),
            submitted_at: "2026-03-03T10:00:00Z".parse().ok(),
            take: 0,
            challenges,
            remarks: Some("Thanks,\nit was <b>fun</b>! @mara"),
            report_link: Some("https://www.qualified.io/reports/j.w.t/assessment_result"),
            marker: "Ref: qa-0123456789",
        }
    }

    fn challenge(title: &str) -> Challenge<'_> {
        Challenge {
            title,
            language: Some("rust"),
            score: Some(100.0),
            tests: Some((8, 8)),
            similarity: Some(Similarity::Medium),
        }
    }

    fn bare() -> Submission<'static> {
        Submission {
            title: "T",
            score: None,
            passed: None,
            time_taken: None,
            submitted_at: None,
            take: 0,
            challenges: vec![],
            remarks: None,
            report_link: None,
            marker: "Ref: qa-0123456789",
        }
    }

    #[test]
    fn a_note_tells_the_result() {
        let quiz = Challenge { title: "Quiz", language: None, score: None, tests: None, similarity: None };
        insta::assert_snapshot!(note(&submission(vec![challenge("Borrow Checker"), quiz])), @"
    Rust: Ownership, Traits
    Score: 86.7 / 100 (passed)
    Time taken: 45 min
    Submitted: 2026-03-03 10:00 UTC
    Similarity to other solutions: medium
    Report: https://www.qualified.io/reports/j.w.t/assessment_result

    Challenges:
    - Borrow Checker (rust): 100, 8 of 8 tests, similarity medium
    - Quiz

    The candidate's remarks: Thanks, it was ‹b›fun‹/b›! (at)mara

    Ref: qa-0123456789
    ");
    }

    #[test]
    fn a_comment_is_the_notes_beginning() {
        let retake = Submission { passed: Some(false), take: 1, ..submission(vec![]) };
        insta::assert_snapshot!(comment(&retake), @"
    Rust: Ownership, Traits
    Score: 86.7 / 100 (not passed)
    Time taken: 45 min
    Submitted: 2026-03-03 10:00 UTC
    Retake 1
    Report: https://www.qualified.io/reports/j.w.t/assessment_result

    Ref: qa-0123456789
    ");
        insta::assert_snapshot!(note(&bare()), @"
    T
    Score: not available

    Ref: qa-0123456789
    ");
    }

    #[test]
    fn numbers_have_at_most_one_decimal() {
        let line = |score| super::score(&Submission { score: Some(score), ..bare() });
        for (score, text) in [(100.0, "100"), (86.66, "86.7"), (0.0, "0"), (-0.0, "0"), (99.96, "100"), (50.04, "50")] {
            assert_eq!(line(score), format!("Score: {text} / 100"));
        }
        for nothing in [f64::NAN, f64::INFINITY] {
            assert_eq!(line(nothing), "Score: not available");
        }
    }

    #[test]
    fn a_link_that_is_none_is_left_out() {
        for bad in ["javascript:alert(1)", "https://a.example/ b", "https://a.example/@ada", ""] {
            assert!(!note(&Submission { report_link: Some(bad), ..bare() }).contains("Report"), "{bad}");
        }
    }

    #[test]
    fn a_marker_belongs_to_one_submission() {
        let of = |id: &str, seconds: i64| marker(&ResultId::new(id).expect("an id"), Timestamp::from_second(seconds));
        // printf 'r1 1000' | sha256sum
        assert_eq!(of("r1", 1), "Ref: qa-a0eeef0ef0");
        assert_ne!(of("r1", 1), of("r1", 2));
        assert_ne!(of("r1", 1), of("r2", 1));
    }

    #[test]
    fn many_challenges_are_cut_short() {
        let title = "A challenge of some length and then some".repeat(3);
        let note = note(&submission(vec![challenge(&title); 100]));
        assert!(note.chars().count() < 4_000 && note.contains(" more\n") && note.contains("remarks: Thanks"));
        assert!(note.ends_with("\n\nRef: qa-0123456789"));
    }

    proptest! {
        #[test]
        fn texts_are_bounded_and_end_with_the_marker(
            title in "\\PC{0,300}", remarks in "(\\PC|[@<>\n\u{202e}]){0,5000}", link in "https://[a-z]{0,3000}", count in 0..60_usize,
        ) {
            let full = Submission {
                title: &title,
                remarks: Some(&remarks),
                report_link: Some(&link),
                ..submission(vec![challenge(&title); count])
            };
            for (text, bound) in [(note(&full), 4_000), (comment(&full), 1_000)] {
                prop_assert!(text.chars().count() < bound);
                prop_assert!(text.ends_with("\n\nRef: qa-0123456789"));
                let acts = text.contains(['@', '<', '>', '\u{202e}']);
                prop_assert!(!acts);
                prop_assert!(text.contains("Score: 86.7 / 100 (passed)\n"));
            }
        }
    }
}
