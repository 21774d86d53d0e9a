//! Lever's rate limit: a token bucket of 10 requests a second with bursts of 20.

use jiff::Timestamp;

const PER_SECOND: f64 = 10.0;
const BURST: f64 = 20.0;

/// Off at first: a test whose clock stands still would run dry after twenty requests.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    state: Option<(f64, Timestamp)>,
    /// Seconds for `Retry-After`; no source documents the header, so the default is to send none.
    pub(crate) retry_after: Option<u32>,
}

impl Bucket {
    pub(crate) fn switch(&mut self, on: bool, now: Timestamp) {
        self.state = on.then_some((BURST, now));
    }

    /// Whether a request may pass now.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        let Some((tokens, since)) = &mut self.state else {
            return true;
        };
        let elapsed = now.duration_since(*since).as_secs_f64().max(0.0);
        *tokens = (*tokens + elapsed * PER_SECOND).min(BURST);
        *since = now;
        let passes = *tokens >= 1.0;
        if passes {
            *tokens -= 1.0;
        }
        passes
    }
}
