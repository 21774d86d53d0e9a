//! The words in which a submission is told to the recruiter: a note in Lever, a comment in BambooHR.
//!
//! Plain text. Whatever comes from outside is made harmless first: `@` would notify a Lever user, control
//! and direction characters could make a line say something else, and `<` might be markup to somebody.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::ids::ResultId;

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
        submission.submitted_at.map(|time| format!("Submitted: {}", time.strftime("%Y-%m-%d %H:%M UTC"))),
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

/// At most one decimal: `86.7`, `100`.
fn number(value: f64) -> Option<String> {
    let text = format!("{:.1}", value + 0.0);
    value.is_finite().then(|| text.strip_suffix(".0").unwrap_or(&text).to_owned())
}

fn duration(time: SignedDuration) -> String {
    let minutes = time.as_mins().max(0);
    match (minutes / 60, minutes % 60) {
        (0, 0) => "under a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(longest.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// One line without anything that acts: no mention, no markup, no control or direction characters.
fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '@' => clean.push_str("(at)"),
            '<' => clean.push('‹'),
            '>' => clean.push('›'),
            '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            c if c.is_whitespace() || c.is_control() => clean.push(' '),
            c => clean.push(c),
        }
    }
    clean.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
