//! Which addresses the component may call: the manifest's `allowed_outbound_hosts`, with Spin's meaning.
//!
//! Nothing the component was tricked into gets past this list, so it is checked before the [`Outbound`](crate::Outbound)
//! seam. Spin's address ranges, port ranges and `self` are not offered: the product must not need them. What Spin refuses is
//! refused here (crates/outbound-networking-config/src/allowed_hosts.rs, as of commit 165d6fa1), else it would be found out
//! only there.

use anyhow::{Context, bail, ensure};
use http::Uri;

/// The resolved list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedHost {
    /// `None` is `*`.
    scheme: Option<String>,
    host: Host,
    /// `None` is `*`.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Any,
    /// Any depth of subdomain; kept with its leading dot, so that neither `lever.co` nor `clever.co` ends with it.
    Under(String),
    Exactly(String),
}

impl AllowedHosts {
    /// Reads entries of the form `scheme://host[:port]`.
    ///
    /// # Errors
    /// Names the entry with a path, without a scheme, with a wildcard anywhere but in front, or with a bad port.
    pub fn parse<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> anyhow::Result<Self> {
        let parse = |entry: S| {
            let entry = entry.as_ref().trim();
            AllowedHost::parse(entry).with_context(|| format!("allowed_outbound_hosts: {entry:?} is not usable"))
        };
        entries.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// Allows what `others` allow as well.
    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether an absolute URL may be called. A URL with a user name is refused: it serves only to mislead.
    pub fn allow(&self, url: &Uri) -> bool {
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return false;
        };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host().to_ascii_lowercase();
        let Some(port) = authority.port_u16().or_else(|| default_port(scheme)) else {
            return false;
        };
        self.0.iter().any(|allowed| allowed.allows(scheme, &host, port))
    }
}

impl AllowedHost {
    fn parse(entry: &str) -> anyhow::Result<Self> {
        let (scheme, rest) =
            entry.split_once("://").context("it has no scheme; write for example \"https://\" in front")?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        ensure!(!rest.contains(['/', '?', '#']), "it has a path, which Spin refuses");
        ensure!(!rest.contains('@'), "it has a user name");

        // Also where the last colon is one of an IPv6 address: Spin takes what follows for the port, and wants one.
        let (host, port) = rest.rsplit_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
        let port = match port {
            Some("*") => None,
            None | Some("") => {
                Some(default_port(scheme).context("it has neither a port nor a scheme with a known one")?)
            }
            Some(port) => Some(port.parse().with_context(|| format!("its port {port:?} is not a number"))?),
        };
        // Left as it is written: a URL's host is in small letters, so an entry with large ones fits none, on Spin too.
        let host = match host.strip_prefix("*.") {
            _ if host.is_empty() => bail!("it has no host"),
            _ if host == "*" => Host::Any,
            Some(domain) if !domain.contains('*') => Host::Under(format!(".{domain}")),
            None if !host.contains('*') => Host::Exactly(host.to_owned()),
            _ => bail!("a wildcard stands for whole subdomains in front, nothing else"),
        };
        let scheme = match scheme {
            "*" => None,
            scheme if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => Some(scheme.to_owned()),
            _ => bail!("its scheme is not a word"),
        };
        Ok(Self { scheme, host, port })
    }

    fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        let host_fits = match &self.host {
            Host::Any => true,
            Host::Under(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            Host::Exactly(exactly) => host == exactly,
        };
        host_fits
            && self.scheme.as_deref().is_none_or(|only| only == scheme)
            && self.port.is_none_or(|only| only == port)
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::AllowedHosts;

    #[test]
    fn an_entry_allows_what_spin_allows() {
        let table = [
            ("https://api.lever.co", "https://api.lever.co/v1/stages", true),
            ("https://api.lever.co", "https://API.Lever.co:443/", true),
            ("https://api.lever.co", "http://api.lever.co/", false),
            ("https://api.lever.co", "https://api.lever.co:8443/", false),
            ("https://api.lever.co", "https://eu.api.lever.co/", false),
            ("https://api.lever.co/", "https://api.lever.co/", true),
            ("https://api.lever.co:", "https://api.lever.co/", true),
            ("https://*.lever.co", "https://api.lever.co/", true),
            ("https://*.lever.co", "https://a.b.lever.co/", true),
            ("https://*.lever.co", "https://lever.co/", false),
            ("https://*.lever.co", "https://clever.co/", false),
            ("https://*.lever.co", "https://.lever.co/", false),
            ("https://*.lever.co", "https://api.lever.co.evil.example/", false),
            ("https://*.lever.co", "https://api.lever.co@evil.example/", false),
            ("https://*.lever.co", "https://evil@api.lever.co/", false),
            ("http://127.0.0.1:4000", "http://127.0.0.1:4000/authorize", true),
            ("http://127.0.0.1:4000", "http://127.0.0.1/", false),
            ("http://127.0.0.1:*", "http://127.0.0.1:9/", true),
            ("http://[::1]:4000", "http://[::1]:4000/", true),
            ("http://[::1]:80", "http://[::1]/", true),
            ("https://API.lever.co", "https://api.lever.co/", false),
            ("https://API.lever.co", "https://API.lever.co/", false),
            ("https://*.Lever.co", "https://api.Lever.co/", false),
            ("*://*:*", "https://anywhere.example:1/", true),
            ("*://api.lever.co:443", "https://api.lever.co/", true),
        ];
        for (entry, url, expected) in table {
            let allowed = AllowedHosts::parse([entry]).unwrap();
            assert_eq!(allowed.allow(&url.parse().unwrap()), expected, "{entry} and {url}");
        }
    }

    #[test]
    fn an_unusable_entry_is_named() {
        let table = [
            ("https://api.lever.co/v1", "path"),
            ("https://api.lever.co?x", "path"),
            ("api.lever.co", "scheme"),
            ("https://", "host"),
            ("https://api.*.co", "wildcard"),
            ("https://*lever.co", "wildcard"),
            ("https://*.*.co", "wildcard"),
            ("https://api.lever.co:x", "port"),
            ("http://[::1]", "port"),
            ("ftp://api.lever.co", "port"),
            ("https://user@api.lever.co", "user name"),
        ];
        for (entry, reason) in table {
            let error = format!("{:#}", AllowedHosts::parse([entry]).unwrap_err());
            assert!(error.contains(entry) && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        let allowed = AllowedHosts::parse([""; 0]).unwrap();
        assert!(!allowed.allow(&"https://api.lever.co/".parse().unwrap()));
        assert!(!allowed.allow(&"/relative".parse().unwrap()));
    }
}
