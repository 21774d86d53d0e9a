//! Times: the product's own type over the date library's.
//!
//! The library's sums panic beyond the year 9999, and its parser's errors bring 70 kB of messages along. A time
//! comes from a vendor as often as from the clock, so here sums end at the last time there is, and a text is a time or
//! is not.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, civil::DateTime, tz::Offset};
use serde::{Deserialize, Serialize};

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(jiff::Timestamp);

/// The text is no RFC 3339 time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time")]
pub struct NoTime;

impl Timestamp {
    /// The first there is, in the year -9999.
    pub const MIN: Self = Self(jiff::Timestamp::MIN);
    /// The last there is, in the year 9999.
    pub const MAX: Self = Self(jiff::Timestamp::MAX);
    /// The beginning of 1970.
    pub const UNIX_EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// So many seconds after 1970 began; `None` beyond the year 9999.
    #[must_use]
    pub fn from_second(seconds: i64) -> Option<Self> {
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// So many milliseconds after 1970 began; `None` beyond the year 9999.
    #[must_use]
    pub fn from_millisecond(millis: i64) -> Option<Self> {
        jiff::Timestamp::from_millisecond(millis).ok().map(Self)
    }

    /// Seconds since 1970 began.
    #[must_use]
    pub fn as_second(self) -> i64 {
        self.0.as_second()
    }

    /// Milliseconds since 1970 began.
    #[must_use]
    pub fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }

    /// How long after `other` this is; negative if before.
    #[must_use]
    pub fn duration_since(self, other: Self) -> SignedDuration {
        self.0.duration_since(other.0)
    }

    /// `wait` later, or the last time there is.
    #[must_use]
    pub fn plus(self, wait: SignedDuration) -> Self {
        let end = if wait.is_negative() { Self::MIN } else { Self::MAX };
        let nanos = self.0.as_nanosecond().saturating_add(wait.as_nanos());
        jiff::Timestamp::from_nanosecond(nanos).map_or(end, Self)
    }

    /// `wait` earlier, or the first time there is.
    #[must_use]
    pub fn minus(self, wait: SignedDuration) -> Self {
        self.plus(wait.checked_neg().unwrap_or(SignedDuration::MAX))
    }

    /// `2026-03-09T14:05:00Z`, without a fraction.
    #[must_use]
    pub fn to_the_second(self) -> String {
        let (date, time) = (self.date(), self.utc());
        format!("{date}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
    }

    /// `2026-03-09 14:05 UTC`
    #[must_use]
    pub fn to_the_minute(self) -> String {
        let (date, time) = (self.date(), self.utc());
        format!("{date} {:02}:{:02} UTC", time.hour(), time.minute())
    }

    /// `9 March 2026, 14:05 UTC`
    #[must_use]
    pub fn in_words(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let time = self.utc();
        let month = usize::try_from(time.month() - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
        format!("{} {month} {}, {:02}:{:02} UTC", time.day(), time.year(), time.hour(), time.minute())
    }

    fn date(self) -> String {
        let date = self.utc();
        format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }

    fn utc(self) -> DateTime {
        Offset::UTC.to_datetime(self.0)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as much of a fraction as there is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = NoTime;

    fn try_from(text: String) -> Result<Self, NoTime> {
        text.parse()
    }
}

impl FromStr for Timestamp {
    type Err = NoTime;

    /// RFC 3339, and what ISO 8601 has in use beyond it: a comma before the fraction, an offset without colon
    /// or minutes, no seconds.
    fn from_str(text: &str) -> Result<Self, NoTime> {
        parse(text.as_bytes()).map(Self).ok_or(NoTime)
    }
}

fn parse(text: &[u8]) -> Option<jiff::Timestamp> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(after(rest, b"-")?, 2)?;
    let (day, rest) = digits(after(rest, b"-")?, 2)?;
    let (hour, rest) = digits(after(rest, b"Tt ")?, 2)?;
    let (minute, rest) = digits(after(rest, b":")?, 2)?;
    let (second, nanos, rest) = match after(rest, b":") {
        None => (0, 0, rest),
        Some(rest) => {
            let (second, rest) = digits(rest, 2)?;
            let (nanos, rest) = after(rest, b".,").map_or(Some((0, rest)), fraction)?;
            (second, nanos, rest)
        }
    };
    let offset = offset(rest)?;
    let two = |number: i32| i8::try_from(number).ok();
    // A leap second is the second before it, as the date library has it.
    let second = if second == 60 { 59 } else { second };
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
    let time = DateTime::new(year.try_into().ok()?, two(month)?, two(day)?, hour, minute, second, nanos).ok()?;
    offset.to_timestamp(time).ok()
}

/// The rest after one of the bytes.
fn after<'a>(text: &'a [u8], one_of: &[u8]) -> Option<&'a [u8]> {
    let (first, rest) = text.split_first()?;
    one_of.contains(first).then_some(rest)
}

/// A number of so many digits, and the rest.
fn digits(text: &[u8], count: usize) -> Option<(i32, &[u8])> {
    let (number, rest) = text.split_at_checked(count)?;
    let digit = |number: i32, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0'));
    Some((number.iter().try_fold(0, digit)?, rest))
}

/// One to nine digits after the point, as nanoseconds, and the rest.
fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = digits(text, if (1..=9).contains(&count) { count } else { return None })?;
    Some(((count..9).fold(number, |number, _| number * 10), rest))
}

/// The whole of an offset from UTC.
fn offset(text: &[u8]) -> Option<Offset> {
    if let [b'Z' | b'z'] = text {
        return Some(Offset::UTC);
    }
    let sign = if text.first() == Some(&b'-') { -1 } else { 1 };
    let (hours, rest) = digits(after(text, b"+-")?, 2)?;
    let (minutes, rest) = match rest {
        [] => (0, rest),
        _ => digits(after(rest, b":").unwrap_or(rest), 2)?,
    };
    let in_range = rest.is_empty() && hours < 24 && minutes < 60;
    in_range.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn sums_end_where_time_ends() {
        let (now, hour) = (at("2026-03-09T14:05:06.789Z"), SignedDuration::from_hours(1));
        assert_eq!(now.plus(hour), at("2026-03-09T15:05:06.789Z"));
        assert_eq!(now.minus(hour), at("2026-03-09T13:05:06.789Z"));
        assert_eq!(now.plus(SignedDuration::MAX), Timestamp::MAX);
        assert_eq!(now.minus(SignedDuration::MAX), Timestamp::MIN);
        assert_eq!(now.minus(SignedDuration::MIN), Timestamp::MAX);
    }

    #[test]
    fn people_read_times_in_utc() {
        let time = at("2026-03-09T14:05:06.789Z");
        assert_eq!(time.to_the_second(), "2026-03-09T14:05:06Z");
        assert_eq!(time.to_the_minute(), "2026-03-09 14:05 UTC");
        assert_eq!(time.in_words(), "9 March 2026, 14:05 UTC");
        assert_eq!(at("2026-12-31T23:59:59+00:00").in_words(), "31 December 2026, 23:59 UTC");
    }

    #[test]
    fn the_forms_in_use_are_read() {
        for text in [
            "2026-03-09T14:05:06.7Z",
            "2026-03-09t14:05:06,700z",
            "2026-03-09 16:05:06.700000000+02:00",
            "2026-03-09T09:35:06.7-0430",
            "2026-03-09T15:05:06.7+01",
        ] {
            assert_eq!(text.parse(), Ok(at("2026-03-09T14:05:06.700Z")), "{text}");
        }
        assert_eq!(at("2026-03-09T14:05Z"), at("2026-03-09T14:05:00Z"));
        assert_eq!(at("2016-12-31T23:59:60Z"), at("2016-12-31T23:59:59Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026",
            "2026-03-09",
            "2026-03-09T14:05:06",
            "2026-03-09T14:05:06.Z",
            "2026-03-09T14:05:06.1234567890Z",
            "2026-02-30T14:05:06Z",
            "2026-03-09T24:00:00Z",
            "2026-03-09T14:05:61Z",
            "2026-03-09T14:05:06+24:00",
            "2026-03-09T14:05:06+01:60",
            "2026-03-09T14:05:06Z ",
            "2026-03-09T14:05:06+0१",
            "+026-03-09T14:05:06Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(NoTime), "{text}");
        }
    }

    proptest! {
        /// The date library is the judge of every time that it can write.
        #[test]
        fn what_the_library_writes_is_read(
            nanos in -62_000_000_000_000_000_000_i128..253_000_000_000_000_000_000,
            minutes in -1439_i32..1440,
        ) {
            let time = jiff::Timestamp::from_nanosecond(nanos).expect("in range");
            let offset = Offset::from_seconds(minutes * 60).expect("in range");
            prop_assert_eq!(time.to_string().parse(), Ok(Timestamp(time)));
            prop_assert_eq!(time.display_with_offset(offset).to_string().parse(), Ok(Timestamp(time)));
        }

        /// And of every text that is read here.
        #[test]
        fn what_is_read_means_what_the_library_reads(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9](:[0-6][0-9]){1,2}([.,][0-9]{1,9})?(Z|[+-][0-2][0-9]:?[0-6][0-9])",
        ) {
            if let Ok(time) = text.parse::<Timestamp>() {
                prop_assert_eq!(Ok(time.0), text.parse::<jiff::Timestamp>().map_err(|_| ()));
            }
        }
    }
}
