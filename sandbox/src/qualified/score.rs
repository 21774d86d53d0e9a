//! What a candidate achieved.

use serde_json::{Value, json};

/// The outcome of a take, as the scoring will find it.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 100: the plain average of the solutions in life, freely chosen here.
    pub points: f64,
    /// Whether it passes; by the assessment's passing score unless said.
    pub passed: Option<bool>,
    /// Working time.
    pub seconds: u32,
    /// One per challenge.
    pub solutions: Vec<Solution>,
}

/// The outcome of one challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The challenge's title.
    pub challenge: String,
    /// 0 to 100.
    pub points: f64,
    /// The language chosen.
    pub language: String,
    /// `low`, `medium` or `high` when the similarity check found something.
    pub similarity_risk: Option<&'static str>,
    /// Working time.
    pub seconds: u32,
}

impl Score {
    /// Three quarters of an hour of work on no challenge in particular.
    #[must_use]
    pub fn of(points: f64) -> Self {
        Self { points, passed: None, seconds: 2710, solutions: Vec::new() }
    }

    /// Decides by hand whether it passes.
    #[must_use]
    pub fn passed(mut self, passed: bool) -> Self {
        self.passed = Some(passed);
        self
    }

    /// The working time.
    #[must_use]
    pub fn seconds(mut self, seconds: u32) -> Self {
        self.seconds = seconds;
        self
    }

    /// Adds a challenge's outcome.
    #[must_use]
    pub fn solution(mut self, challenge: &str, points: f64, language: &str) -> Self {
        self.solutions.push(Solution {
            challenge: challenge.into(),
            points,
            language: language.into(),
            similarity_risk: None,
            seconds: 1500,
        });
        self
    }

    /// A similarity risk on the solution added last; `high` also puts the candidate in `risk_detected`.
    #[must_use]
    pub fn similarity_risk(mut self, level: &'static str) -> Self {
        if let Some(solution) = self.solutions.last_mut() {
            solution.similarity_risk = Some(level);
        }
        self
    }

    pub(crate) fn is_risky(&self) -> bool {
        self.solutions.iter().any(|solution| solution.similarity_risk == Some("high"))
    }

    /// The solutions as the exhibit shows them; the capital `Type` is Qualified's.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Value> {
        self.solutions.iter().enumerate().map(|(number, solution)| {
            let solved = solution.points >= 100.0;
            json!({
                "id": format!("{:024x}", number + 1), "score": solution.points, "passingScore": solved,
                "language": solution.language, "itemsCorrectCount": (solution.points / 12.5) as u32, "itemsTotalCount": 8,
                "similarityRiskLevel": solution.similarity_risk, "submittedIn": solution.seconds,
                "completedIn": if solved { Some(solution.seconds) } else { None },
                "accumulatedSeconds": solution.seconds, "revisionsCount": 40, "candidateNotes": null,
                "challenge": {
                    "id": format!("{:024x}", number + 257), "title": solution.challenge, "passingScore": 100,
                    "Type": "CodeChallenge", "difficulty": 2, "topics": ["Algorithms"],
                },
            })
        })
    }
}
