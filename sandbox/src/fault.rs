//! Vendors on a bad day: rules that spoil chosen answers, each effect one that was seen in life.

use bytes::Bytes;
use http::Method;

use crate::call::Call;
use crate::origins::Vendor;
use crate::reply::{self, Reply};

/// No answer came: the connection failed or timed out. What to make of it is the caller's problem, as in life; only the
/// sandbox knows whether the write took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer {
    /// The vendor did the work before the line went dead.
    pub applied: bool,
}

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the vendor did not answer")
    }
}

impl std::error::Error for NoAnswer {}

/// What a rule does to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// 429, with or without `Retry-After` in seconds; nothing is done.
    Throttled {
        /// Seconds to announce, if any.
        retry_after: Option<u32>,
    },
    /// 500; nothing is done.
    ServerError,
    /// 502 with an HTML body; nothing is done.
    BadGateway,
    /// 503, with or without `Retry-After` in seconds; nothing is done.
    Unavailable {
        /// Seconds to announce, if any.
        retry_after: Option<u32>,
    },
    /// 200 with an HTML page in place of JSON (a maintenance page, a captive proxy); nothing is done.
    HtmlPage,
    /// 200 with an XML document in place of JSON; nothing is done.
    XmlPage,
    /// The work is done, and so many seconds of the sandbox's time pass before the answer.
    Slow {
        /// How many.
        seconds: u32,
    },
    /// The work is done, the body is cut in half.
    Truncated,
    /// The work is done, the body is empty.
    EmptyBody,
    /// 301 to the same path and query at this origin; nothing is done.
    MovedTo(String),
    /// The line goes dead, before or after the work was done.
    NoAnswer {
        /// Whether the work is done first.
        applied: bool,
    },
}

impl Effect {
    /// `work` is the vendor doing what was asked.
    pub(crate) fn spoil(&self, call: &Call, work: impl FnOnce() -> Reply) -> Result<Reply, NoAnswer> {
        Ok(match self {
            Self::Throttled { retry_after } => after(reply::empty(429), *retry_after),
            Self::Unavailable { retry_after } => after(reply::empty(503), *retry_after),
            Self::ServerError => reply::empty(500),
            Self::BadGateway => reply::html(502, "<html><h1>502 Bad Gateway</h1></html>".into()),
            Self::HtmlPage => reply::html(200, "<html><h1>Back soon</h1></html>".into()),
            Self::XmlPage => reply::typed(200, "application/xml", "<?xml version=\"1.0\"?><error/>".into()),
            // The time passes at whoever has the clock.
            Self::Slow { .. } => work(),
            Self::Truncated => work().map(|body| body.slice(..body.len() / 2)),
            Self::EmptyBody => work().map(|_| Bytes::new()),
            Self::MovedTo(origin) => moved(origin, call),
            Self::NoAnswer { applied } => {
                if *applied {
                    work();
                }
                return Err(NoAnswer { applied: *applied });
            }
        })
    }
}

/// A 301 to the same path and query elsewhere.
pub(crate) fn moved(origin: &str, call: &Call) -> Reply {
    let query = if call.raw_query.is_empty() { String::new() } else { format!("?{}", call.raw_query) };
    reply::with(reply::empty(301), "location", &format!("{origin}{}{query}", call.path))
}

fn after(reply: Reply, seconds: Option<u32>) -> Reply {
    match seconds {
        Some(seconds) => reply::with(reply, "retry-after", &seconds.to_string()),
        None => reply,
    }
}

/// Which requests an [`Effect`] meets. Without further words: the first request of the vendor, once.
#[derive(Debug, Clone)]
pub struct Rule {
    vendor: Option<Vendor>,
    method: Option<Method>,
    prefix: String,
    suffix: String,
    skip: u32,
    times: u32,
    effect: Effect,
}

impl Rule {
    /// A rule for one vendor's requests.
    #[must_use]
    pub fn at(vendor: Vendor, effect: Effect) -> Self {
        Self { vendor: Some(vendor), ..Self::anywhere(effect) }
    }

    /// A rule for every vendor's requests: with [`nth`](Self::nth) it walks a whole story.
    #[must_use]
    pub fn anywhere(effect: Effect) -> Self {
        Self { vendor: None, method: None, prefix: String::new(), suffix: String::new(), skip: 0, times: 1, effect }
    }

    /// Only requests of this method.
    #[must_use]
    pub fn on(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only paths that start so: `/v1/opportunities`.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Only paths that end so: `/notes`.
    #[must_use]
    pub fn ending(mut self, suffix: &str) -> Self {
        suffix.clone_into(&mut self.suffix);
        self
    }

    /// From the `n`th match on (the first is 1).
    #[must_use]
    pub fn nth(mut self, n: u32) -> Self {
        self.skip = n.saturating_sub(1);
        self
    }

    /// For so many matches.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Until the rules are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(u32::MAX)
    }

    fn matches(&self, vendor: Vendor, call: &Call) -> bool {
        self.vendor.is_none_or(|wanted| wanted == vendor)
            && self.method.as_ref().is_none_or(|method| *method == call.method)
            && call.path.starts_with(&self.prefix)
            && call.path.ends_with(&self.suffix)
    }
}

/// The rules in force. The first that matches and is not used up decides; every matching rule counts the request.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// Adds a rule.
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Forgets all rules: the vendors are well again.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn meet(&mut self, vendor: Vendor, call: &Call) -> Option<Effect> {
        let mut met = None;
        for rule in self.rules.iter_mut().filter(|rule| rule.times > 0 && rule.matches(vendor, call)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if met.is_none() {
                rule.times -= 1;
                met = Some(rule.effect.clone());
            }
        }
        met
    }
}
