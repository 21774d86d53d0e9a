//! When to try again, as a pure function of what went wrong and how often.

use super::time::Timestamp;
use jiff::SignedDuration;

use crate::vendor::CallError;

/// Tries of one piece of work before it is parked.
pub const ATTEMPTS: u32 = 8;

/// An answer we can't read is tried a few times more: a proxy's page comes and goes, a changed contract stays.
const MALFORMED_ATTEMPTS: u32 = 4;

/// The window of the first wait; each further one is twice as long.
const FIRST: SignedDuration = SignedDuration::from_secs(30);

/// The longest wait, our own or a vendor's `Retry-After`.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// What to do with a piece of work that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again, not before this time.
    At(Timestamp),
    /// Keep it until the vendor is connected again. The attempt doesn't count.
    Reconnect,
    /// Stop trying. It stays visible and can be replayed.
    Park,
}

/// Decides. `attempt` counts the tries that failed, this one included; `jitter` is any random number.
///
/// A wait is random between nothing and a window that doubles ("full jitter"), so that what failed together
/// doesn't come back together. A vendor's own `Retry-After` is taken as it is.
#[must_use]
pub fn next(error: &CallError, attempt: u32, now: Timestamp, jitter: u64) -> Next {
    let bound = match error {
        CallError::Unauthorized(_) => return Next::Reconnect,
        CallError::Refused(_) | CallError::NotFound(_) => return Next::Park,
        CallError::Malformed(_) => MALFORMED_ATTEMPTS,
        CallError::Postponed => return Next::At(now),
        CallError::Throttled { .. }
        | CallError::Unavailable(_)
        | CallError::Unreachable
        | CallError::OutcomeUnknown => ATTEMPTS,
    };
    if attempt >= bound {
        return Next::Park;
    }
    let wait = match error {
        CallError::Throttled { after: Some(after) } => (*after).clamp(SignedDuration::ZERO, LONGEST),
        _ => backoff(attempt, jitter),
    };
    Next::At(now.plus(wait))
}

fn backoff(attempt: u32, jitter: u64) -> SignedDuration {
    let doublings = attempt.saturating_sub(1).min(16);
    let window = (FIRST * (1 << doublings)).min(LONGEST);
    let millis = u64::try_from(window.as_millis()).unwrap_or(0);
    SignedDuration::from_millis(i64::try_from(jitter % (millis + 1)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn wait(error: &CallError, attempt: u32, jitter: u64) -> Option<i64> {
        match next(error, attempt, NOW, jitter) {
            Next::At(at) => Some(at.as_millisecond()),
            Next::Park | Next::Reconnect => None,
        }
    }

    #[test]
    fn the_window_doubles_up_to_an_hour_then_the_work_is_parked() {
        let down = CallError::Unavailable("503".to_owned());
        let longest: Vec<_> = (1..=8)
            .map(|attempt| (0..=3_600_000_u64).step_by(1000).filter_map(|jitter| wait(&down, attempt, jitter)).max())
            .collect();
        let seconds = [30, 60, 120, 240, 480, 960, 1920].map(|seconds| Some(seconds * 1000));
        assert_eq!(longest[..7], seconds);
        assert_eq!(longest[7], None);
    }

    #[test]
    fn retry_after_is_taken_as_it_is_within_an_hour() {
        for (seconds, waits) in [(0, 0), (30, 30), (3600, 3600), (86_400, 3600), (-5, 0)] {
            let error = CallError::Throttled { after: Some(SignedDuration::from_secs(seconds)) };
            assert_eq!(wait(&error, 1, 12_345), Some(waits * 1000));
        }
        assert_eq!(wait(&CallError::Throttled { after: None }, 1, 29_999), Some(29_999));
        assert_eq!(next(&CallError::Throttled { after: None }, ATTEMPTS, NOW, 0), Next::Park);
    }

    #[test]
    fn each_error_has_its_next_move() {
        let text = String::new;
        for (error, attempt, park) in [
            (CallError::Refused(text()), 1, true),
            (CallError::NotFound(text()), 1, true),
            (CallError::Malformed(text()), 3, false),
            (CallError::Malformed(text()), 4, true),
            (CallError::OutcomeUnknown, 7, false),
            (CallError::OutcomeUnknown, 8, true),
        ] {
            assert_eq!(next(&error, attempt, NOW, 0) == Next::Park, park, "{error:?} {attempt}");
        }
        assert_eq!(next(&CallError::Unauthorized(text()), 1000, NOW, 0), Next::Reconnect);
        assert_eq!(next(&CallError::Postponed, 1000, NOW, 0), Next::At(NOW));
    }

    #[test]
    fn extremes_do_not_overflow() {
        let error = CallError::Unavailable(String::new());
        assert!(matches!(next(&error, 0, Timestamp::MAX, u64::MAX), Next::At(_)));
        assert_eq!(next(&error, u32::MAX, Timestamp::MIN, u64::MAX), Next::Park);
    }
}
