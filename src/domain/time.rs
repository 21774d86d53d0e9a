//! Sums of times, and times for people to read.
//!
//! The operators of the date library panic beyond the year 9999, and bring 60 kB of messages along for it. A
//! time of ours comes from a vendor as often as from the clock, so sums end at the last time there is instead.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::Offset};

/// `wait` after `at`, or the last time there is.
#[must_use]
pub fn later(at: Timestamp, wait: SignedDuration) -> Timestamp {
    let end = if wait.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    let nanos = at.as_nanosecond().saturating_add(wait.as_nanos());
    Timestamp::from_nanosecond(nanos).unwrap_or(end)
}

/// `wait` before `at`, or the first time there is.
#[must_use]
pub fn earlier(at: Timestamp, wait: SignedDuration) -> Timestamp {
    later(at, wait.checked_neg().unwrap_or(SignedDuration::MAX))
}

/// `2026-03-09T14:05:00Z`, without a fraction.
#[must_use]
pub fn to_the_second(at: Timestamp) -> String {
    let (time, date) = (utc(at), date(at));
    format!("{date}T{:02}:{:02}:{:02}Z", time.hour(), time.minute(), time.second())
}

/// `2026-03-09 14:05 UTC`
#[must_use]
pub fn to_the_minute(at: Timestamp) -> String {
    let (time, date) = (utc(at), date(at));
    format!("{date} {:02}:{:02} UTC", time.hour(), time.minute())
}

/// `9 March 2026, 14:05 UTC`
#[must_use]
pub fn in_words(at: Timestamp) -> String {
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
    let time = utc(at);
    let month = usize::try_from(time.month() - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
    format!("{} {month} {}, {:02}:{:02} UTC", time.day(), time.year(), time.hour(), time.minute())
}

fn date(at: Timestamp) -> String {
    let date = utc(at);
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

fn utc(at: Timestamp) -> DateTime {
    Offset::UTC.to_datetime(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn sums_end_where_time_ends() {
        let (now, hour) = (at("2026-03-09T14:05:06.789Z"), SignedDuration::from_hours(1));
        assert_eq!(later(now, hour), at("2026-03-09T15:05:06.789Z"));
        assert_eq!(earlier(now, hour), at("2026-03-09T13:05:06.789Z"));
        assert_eq!(earlier(later(now, SignedDuration::MAX), hour).as_second() + 3600, Timestamp::MAX.as_second());
        assert_eq!(earlier(now, SignedDuration::MAX), Timestamp::MIN);
        assert_eq!(earlier(now, SignedDuration::MIN).as_second(), Timestamp::MAX.as_second());
    }

    #[test]
    fn people_read_times_in_utc() {
        let time = at("2026-03-09T14:05:06.789Z");
        assert_eq!(to_the_second(time), "2026-03-09T14:05:06Z");
        assert_eq!(to_the_minute(time), "2026-03-09 14:05 UTC");
        assert_eq!(in_words(time), "9 March 2026, 14:05 UTC");
        assert_eq!(in_words(at("2026-12-31T23:59:59+00:00")), "31 December 2026, 23:59 UTC");
    }
}
