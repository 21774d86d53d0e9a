//! Which assessments a candidate's tags ask for.
//!
//! A tag asks for the published assessment whose title it is, to the letter. One that nearly is a title asks
//! for nothing, but is told to the recruiter: nothing is more puzzling than a tag that does nothing.

use std::collections::{HashMap, HashSet};

use super::{ids::AssessmentId, tag};
use litemap::LiteMap;

/// Whether candidates can be invited to an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// Candidates can be invited.
    Published,
    /// Not published yet.
    Draft,
    /// Not any more.
    Archived,
}

/// An assessment to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Qualified's id of it.
    pub id: &'a AssessmentId,
    /// Its title. Spaces around it don't count.
    pub title: &'a str,
    /// Whether it can be had.
    pub availability: Availability,
}

/// What the tags ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection<'a> {
    /// To be invited to, in title order.
    pub chosen: Vec<Offer<'a>>,
    /// Tags that look like a title and invite to nothing, in the order of the tags.
    pub puzzles: Vec<Puzzle>,
}

/// A tag that looks like a title and invites to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Puzzle {
    /// Several published assessments have this title.
    #[error("{count} published assessments are titled \"{title}\": rename all but one")]
    Ambiguous {
        /// The title.
        title: String,
        /// How many.
        count: usize,
    },
    /// It is a draft's title.
    #[error("\"{title}\" is still a draft: publish it in Qualified")]
    Draft {
        /// The title.
        title: String,
    },
    /// It is an archived assessment's title.
    #[error("\"{title}\" is archived in Qualified")]
    Archived {
        /// The title.
        title: String,
    },
    /// It is nearly a published assessment's title.
    #[error("the tag \"{tag}\" is no assessment's title; \"{title}\" was probably meant")]
    Near {
        /// The tag.
        tag: String,
        /// The title.
        title: String,
    },
}

/// Most edits between a tag and the title that was probably meant.
const EDITS: usize = 2;

/// Longer texts, in characters, are no typing mistakes of each other.
const LONGEST_NEAR: usize = 200;

/// Distances computed in one selection. A candidate has dozens of tags and a team hundreds of titles; the
/// rest of a hostile list goes without the hint.
const DISTANCES: usize = 20_000;

/// Finds what the tags ask for. `offers` are all assessments of the team, drafts and archived ones too.
///
/// Near is: the same but for case and spaces, or at most two typing mistakes (a character more, less,
/// another, or two swapped) and never more than one in four characters, so that `Go` is not near `QA`.
#[must_use]
pub fn select<'a>(tags: &[String], offers: &[Offer<'a>]) -> Selection<'a> {
    let mut by_title: LiteMap<&str, Vec<Offer<'a>>> = LiteMap::new();
    for offer in offers.iter().filter(|offer| !offer.title.trim().is_empty()) {
        by_title.entry(offer.title.trim()).or_default().push(*offer);
    }
    let titles: Vec<&str> = by_title.keys().copied().collect();
    let is_published = |title: &&str| by_title[title].iter().any(|offer| offer.availability == Availability::Published);
    let mut near = Near::new(titles.iter().copied().filter(is_published));
    let (mut seen, mut chosen, mut puzzles) = (HashSet::new(), LiteMap::new(), Vec::new());
    for tag in tags.iter().map(|tag| tag.trim()).filter(|tag| seen.insert(*tag)) {
        match by_title.get(tag).map(|offers| choose(tag, offers)) {
            Some(Ok(offer)) => drop(chosen.insert(tag, offer)),
            Some(Err(puzzle)) => puzzles.push(puzzle),
            None if tag.is_empty() || tag::is_progress_of(tag, &titles) => {}
            None => puzzles
                .extend(near.find(tag).map(|title| Puzzle::Near { tag: tag.to_owned(), title: title.to_owned() })),
        }
    }
    Selection { chosen: chosen.into_tuple_vec().into_iter().map(|(_, offer)| offer).collect(), puzzles }
}

/// The one published assessment of a title.
fn choose<'a>(title: &str, offers: &[Offer<'a>]) -> Result<Offer<'a>, Puzzle> {
    let of = |availability| offers.iter().filter(move |offer| offer.availability == availability);
    let title = || title.to_owned();
    match of(Availability::Published).collect::<Vec<_>>()[..] {
        [only] => Ok(*only),
        [] if of(Availability::Draft).next().is_some() => Err(Puzzle::Draft { title: title() }),
        [] => Err(Puzzle::Archived { title: title() }),
        ref several => Err(Puzzle::Ambiguous { title: title(), count: several.len() }),
    }
}

/// The search for the title that was probably meant, bounded in all.
struct Near<'a> {
    by_folded: HashMap<String, &'a str>,
    texts: Vec<(Text, &'a str)>,
    distances_left: usize,
}

impl<'a> Near<'a> {
    fn new(titles: impl Iterator<Item = &'a str>) -> Self {
        let (mut by_folded, mut texts) = (HashMap::new(), Vec::new());
        for title in titles {
            let folded = fold(title);
            texts.extend(Text::new(&folded).map(|text| (text, title)));
            by_folded.entry(folded).or_insert(title);
        }
        Self { by_folded, texts, distances_left: DISTANCES }
    }

    /// The nearest title; of several, the first in title order.
    fn find(&mut self, tag: &str) -> Option<&'a str> {
        let folded = fold(tag);
        if let Some(title) = self.by_folded.get(&folded) {
            return Some(title);
        }
        let tag = Text::new(&folded)?;
        for edits in 1..=EDITS {
            for (text, title) in &self.texts {
                if !tag.may_be_within(text, edits) {
                    continue;
                }
                self.distances_left = self.distances_left.checked_sub(1)?;
                if is_within(&tag.chars, &text.chars, edits) {
                    return Some(title);
                }
            }
        }
        None
    }
}

/// A folded text, ready to be compared.
struct Text {
    chars: Vec<char>,
    /// One bit per kind of character: an edit changes at most two of them.
    kinds: u64,
}

impl Text {
    /// `None` for a text too long to be a typing mistake of another.
    fn new(folded: &str) -> Option<Self> {
        let chars: Vec<char> = folded.chars().take(LONGEST_NEAR + 1).collect();
        let kinds = chars.iter().fold(0, |kinds, c| kinds | 1 << (u32::from(*c) % 64));
        (chars.len() <= LONGEST_NEAR).then_some(Self { chars, kinds })
    }

    /// Whether so many edits are little for such texts, and could be enough.
    fn may_be_within(&self, other: &Self, edits: usize) -> bool {
        let (own, others) = (self.chars.len(), other.chars.len());
        own.abs_diff(others) <= edits
            && own.min(others) >= 4 * edits
            && (self.kinds ^ other.kinds).count_ones() as usize <= 2 * edits
    }
}

/// Whether `a` becomes `b` by at most that many edits (Damerau and Levenshtein's four kinds). Each branch
/// uses one edit up, so there are few.
fn is_within(a: &[char], b: &[char], edits: usize) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    if a.is_empty() || b.is_empty() {
        return a.len().max(b.len()) <= edits;
    }
    let swapped = || a.len() > 1 && b.len() > 1 && a[0] == b[1] && a[1] == b[0];
    edits > 0
        && (is_within(&a[1..], &b[1..], edits - 1)
            || is_within(&a[1..], b, edits - 1)
            || is_within(a, &b[1..], edits - 1)
            || swapped() && is_within(&a[2..], &b[2..], edits - 1))
}

/// The text without differences in case and spaces.
fn fold(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        Availability::{Archived, Draft, Published},
        *,
    };

    /// The positions of the chosen offers, and the puzzles as people read them.
    fn outcome(tags: &[&str], offers: &[(&str, Availability)]) -> (Vec<usize>, Vec<String>) {
        let id = |index| AssessmentId::new(format!("{index:024x}")).expect("hex is an id");
        let ids: Vec<_> = (0..offers.len()).map(id).collect();
        let offers: Vec<_> =
            ids.iter().zip(offers).map(|(id, &(title, availability))| Offer { id, title, availability }).collect();
        let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let selection = select(&tags, &offers);
        let position = |offer: &Offer<'_>| offers.iter().position(|other| other == offer).expect("one of the offers");
        (selection.chosen.iter().map(position).collect(), selection.puzzles.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn exact_titles_are_chosen_in_title_order() {
        let offers = [("Rust", Published), (" C++: Basics, Part 1 ", Published), ("Go", Published), ("Ada", Published)];
        let tags = ["Berlin", "Rust", "C++: Basics, Part 1", " Ada ", "Rust", "Go - Submitted", ""];
        assert_eq!(outcome(&tags, &offers), (vec![3, 1, 0], vec![]));
    }

    #[test]
    fn a_title_that_ends_like_a_mark_is_a_title() {
        let offers = [("X", Published), ("X - Invited", Published)];
        assert_eq!(outcome(&["X - Invited"], &offers), (vec![1], vec![]));
        assert_eq!(outcome(&["X - Invited - Invited", "X - Started"], &offers), (vec![], vec![]));
    }

    #[test]
    fn a_tag_that_cannot_invite_says_why() {
        let offers = [
            ("Rust Basics", Published),
            ("Twice", Published),
            ("Twice", Published),
            ("Twice", Draft),
            ("Later", Draft),
            ("Old", Archived),
            ("Both", Draft),
            ("Both", Published),
        ];
        for (tag, puzzle) in [
            ("Twice", "2 published assessments are titled \"Twice\": rename all but one"),
            ("Later", "\"Later\" is still a draft: publish it in Qualified"),
            ("Old", "\"Old\" is archived in Qualified"),
            ("rust  BASICS", "the tag \"rust  BASICS\" is no assessment's title; \"Rust Basics\" was probably meant"),
            ("Rust Basic", "the tag \"Rust Basic\" is no assessment's title; \"Rust Basics\" was probably meant"),
            ("Rsut Baiscs", "the tag \"Rsut Baiscs\" is no assessment's title; \"Rust Basics\" was probably meant"),
        ] {
            assert_eq!(outcome(&[tag], &offers), (vec![], vec![puzzle.to_owned()]));
        }
        assert_eq!(outcome(&["Both"], &offers), (vec![7], vec![]));
        for unrelated in ["Rust", "Rust Basics 101", "Backend", "Lster", "Bots"] {
            assert_eq!(outcome(&[unrelated], &offers).0, Vec::<usize>::new());
        }
        assert_eq!(outcome(&["Rust Basics 101", "Rust", "Lster"], &offers).1, Vec::<String>::new());
    }

    #[test]
    fn short_words_are_not_near_each_other() {
        let offers = [("Go", Published), ("QA", Published), ("Rust", Published)];
        assert_eq!(outcome(&["C", "PR", "Bus", "Java"], &offers), (vec![], vec![]));
        assert_eq!(outcome(&["go", "Rsut"], &offers).1.len(), 2);
    }

    #[test]
    fn ten_thousand_tags_against_five_hundred_long_titles_are_cheap() {
        let long = "é".repeat(2_000);
        let titles: Vec<_> =
            (0..500).map(|n| format!("{}{n:03}", if n % 2 == 0 { &long } else { "Assessment " })).collect();
        let offers: Vec<_> = titles.iter().map(|title| (title.as_str(), Published)).collect();
        let tags: Vec<_> = (0..10_000).map(|n| format!("Assessment of {n:05}")).collect();
        let tags: Vec<_> = tags.iter().map(String::as_str).collect();
        assert_eq!(outcome(&tags, &offers).0, Vec::<usize>::new());
    }

    /// The textbook's table, to compare with.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let other = usize::from(a[i - 1] != b[j - 1]);
                    let mut least = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + other);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(table[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        table[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_search_agrees_with_the_textbook(a in "[abc]{0,8}", b in "[abc]{0,8}", edits in 0..3_usize) {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(is_within(&a, &b, edits), distance(&a, &b) <= edits);
        }

        #[test]
        fn the_filter_lets_through_what_is_near(
            text in "\\PC{8,14}",
            edits in proptest::collection::vec((0..15_usize, 0..3, "\\PC"), 0..3),
        ) {
            let a: Vec<char> = text.chars().collect();
            let mut b = a.clone();
            for (place, kind, with) in &edits {
                let (place, with) = (place % b.len(), with.chars().next().expect("one character"));
                match kind {
                    0 => b.insert(place, with),
                    1 => b[place] = with,
                    _ => drop(b.remove(place)),
                }
            }
            let [a, b] = [a, b].map(|chars| Text::new(&String::from_iter(chars)).expect("short"));
            let long_enough = a.chars.len().min(b.chars.len()) >= 4 * EDITS;
            prop_assert!(a.may_be_within(&b, EDITS) || !long_enough);
            prop_assert!(is_within(&a.chars, &b.chars, EDITS));
        }

        #[test]
        fn whatever_the_tags_only_exact_titles_are_chosen(
            tags in proptest::collection::vec("\\PC{0,9}|Rust|rust", 0..8),
            titles in proptest::collection::vec("\\PC{0,9}|Rust|rust", 0..8),
        ) {
            let offers: Vec<_> = titles.iter().map(|title| (title.as_str(), Published)).collect();
            let tags: Vec<_> = tags.iter().map(String::as_str).collect();
            for chosen in outcome(&tags, &offers).0 {
                prop_assert!(tags.iter().any(|tag| tag.trim() == titles[chosen].trim()));
            }
        }
    }
}
