//! Where the three vendors live. A request carries an absolute URI; its origin alone decides who answers, as DNS
//! does in life.

use http::Uri;

/// One of the three vendors in miniature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vendor {
    /// Lever, an applicant tracking system with webhooks.
    Lever,
    /// Qualified, the coding assessments.
    Qualified,
    /// BambooHR, an HR system whose applicant tracking has to be polled.
    BambooHr,
}

/// The vendors' origins: scheme, host and optional port, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    /// Serves `/authorize` and `/oauth/token`.
    pub lever_auth: String,
    /// Serves `/v1/...`; `<origin>/v1/` is the OAuth audience.
    pub lever_api: String,
    /// Lever's European data centre, to which `lever_api` redirects accounts that live there (301).
    pub lever_europe: String,
    /// Serves `/api/v1/...`.
    pub qualified: String,
    /// With a `*`: one host per company. Without: the gateway form, the company's domain is in the path.
    pub bamboohr: String,
}

impl Default for Origins {
    /// The production origins.
    fn default() -> Self {
        Self {
            lever_auth: "https://auth.lever.co".into(),
            lever_api: "https://api.lever.co".into(),
            lever_europe: "https://api.eu.lever.co".into(),
            qualified: "https://www.qualified.io".into(),
            bamboohr: "https://*.bamboohr.com".into(),
        }
    }
}

/// The door of a vendor at which a request arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Door {
    /// Both may be true: the server has one listener for Lever.
    Lever {
        auth: bool,
        api: bool,
        europe: bool,
    },
    Qualified,
    /// `company`: the host's label, when the origin has one host per company.
    BambooHr {
        company: Option<String>,
    },
}

impl Door {
    pub(crate) fn vendor(&self) -> Vendor {
        match self {
            Self::Lever { .. } => Vendor::Lever,
            Self::Qualified => Vendor::Qualified,
            Self::BambooHr { .. } => Vendor::BambooHr,
        }
    }
}

impl Origins {
    pub(crate) fn door(&self, uri: &Uri) -> Option<Door> {
        let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?).to_ascii_lowercase();
        let (auth, api, europe) = (origin == self.lever_auth, origin == self.lever_api, origin == self.lever_europe);
        if auth || api || europe {
            return Some(Door::Lever { auth, api, europe });
        }
        if origin == self.qualified {
            return Some(Door::Qualified);
        }
        self.company(&origin).map(|company| Door::BambooHr { company })
    }

    /// `api.bamboohr.com` is the gateway's host, not a company's.
    fn company(&self, origin: &str) -> Option<Option<String>> {
        let Some((before, after)) = self.bamboohr.split_once('*') else {
            return (origin == self.bamboohr).then_some(None);
        };
        let label = origin.strip_prefix(before)?.strip_suffix(after)?;
        if label.is_empty() || label.contains(['.', '/', '@', ':']) {
            return None;
        }
        Some((label != "api").then(|| label.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(uri: &'static str) -> Option<Door> {
        Origins::default().door(&Uri::from_static(uri))
    }

    #[test]
    fn the_origin_picks_the_vendor() {
        assert_eq!(door("https://api.lever.co/v1/stages"), Some(Door::Lever { auth: false, api: true, europe: false }));
        assert_eq!(door("https://www.qualified.io/api/v1/assessments"), Some(Door::Qualified));
        assert_eq!(door("https://acme.bamboohr.com/x"), Some(Door::BambooHr { company: Some("acme".into()) }));
        assert_eq!(door("https://api.bamboohr.com/x"), Some(Door::BambooHr { company: None }));
    }

    #[test]
    fn a_foreign_origin_is_nobody() {
        for uri in [
            "https://evil.example/",
            "http://api.lever.co/",
            "https://a.b.bamboohr.com/",
            "https://www.qualified.io:444/",
        ] {
            assert_eq!(door(uri), None, "{uri}");
        }
    }
}
