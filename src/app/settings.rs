//! The operator's settings, read from the application variables and checked once per invocation.

use base64::{Engine, prelude::BASE64_STANDARD};
use url::Url;

use super::{
    failure::{Class, Failure},
    seal::Keyring,
};
use crate::domain::secret::Secret;

/// An OAuth client at a vendor.
#[derive(Debug, Clone)]
pub struct OAuthClient {
    /// The client id, which is no secret.
    pub id: String,
    /// The client secret.
    pub secret: Secret,
}

/// Where BambooHR lives: one host per customer, or the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BambooHrOrigin {
    /// `https://*.bamboohr.com`: `*` becomes the customer's checked subdomain. Holds the two sides of the `*`.
    Subdomain {
        /// `https://`
        before: String,
        /// `.bamboohr.com`
        after: String,
    },
    /// No `*`: BambooHR's gateway form, `<origin>/api/gateway.php/{domain}/v1/...`.
    Gateway(Url),
}

/// All variables, checked. See the README for what each means.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Without a trailing slash.
    pub public_url: String,
    /// Opens `/api`, `/sync` and the page's operator side.
    pub admin_token: Secret,
    /// Seals secrets at rest.
    pub keyring: Keyring,
    /// Verifies sign-in tickets; `None` = tickets are off.
    pub ticket_key: Option<Secret>,
    /// `None` until the operator has registered an app with Lever.
    pub lever_client: Option<OAuthClient>,
    /// `+ /authorize`, `+ /oauth/token`.
    pub lever_auth_origin: Url,
    /// `+ /v1/...`.
    pub lever_api_origin: Url,
    /// `+ /api/v1/...`.
    pub qualified_origin: Url,
    /// See [`BambooHrOrigin`].
    pub bamboohr_origin: BambooHrOrigin,
    /// `None` = API keys only.
    pub bamboohr_client: Option<OAuthClient>,
}

impl Settings {
    /// Reads every variable through `get`, which answers an empty text for one that is not set.
    ///
    /// # Errors
    /// A required variable is empty, or a value is malformed. The failure names the variable.
    pub fn read(get: impl Fn(&str) -> String) -> Result<Self, Failure> {
        let public = origin("public_url", &get("public_url"))?;
        let keys = get("encryption_key");
        Ok(Self {
            public_url: public.as_str().trim_end_matches('/').to_owned(),
            admin_token: required("admin_token", get("admin_token"))?,
            keyring: Keyring::new(&encryption_keys(&keys)?),
            ticket_key: Some(Secret::new(get("ticket_key"))).filter(|key| !key.is_empty()),
            lever_client: client("lever", &get)?,
            lever_auth_origin: origin("lever_auth_origin", &get("lever_auth_origin"))?,
            lever_api_origin: origin("lever_api_origin", &get("lever_api_origin"))?,
            qualified_origin: origin("qualified_origin", &get("qualified_origin"))?,
            bamboohr_origin: bamboohr_origin(&get("bamboohr_origin"))?,
            bamboohr_client: client("bamboohr", &get)?,
        })
    }

    /// Whether people reach us by https, so that cookies may be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn misconfigured(variable: &str, why: &str) -> Failure {
    Failure::new(
        Class::Misconfigured,
        format!("The variable `{variable}` {why}. Set SPIN_VARIABLE_{}.", variable.to_uppercase()),
    )
}

fn required(variable: &str, value: String) -> Result<Secret, Failure> {
    if value.trim().is_empty() {
        return Err(misconfigured(variable, "is empty"));
    }
    Ok(Secret::new(value))
}

fn encryption_keys(value: &str) -> Result<Vec<[u8; 32]>, Failure> {
    if value.trim().is_empty() {
        return Err(misconfigured("encryption_key", "is empty"));
    }
    let wrong = || misconfigured("encryption_key", "must be 32 bytes in base64 (or two such keys, `new,old`)");
    value
        .split(',')
        .map(|key| BASE64_STANDARD.decode(key.trim()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong))
        .collect()
}

fn origin(variable: &str, value: &str) -> Result<Url, Failure> {
    let wrong = || misconfigured(variable, "must be an origin such as `https://example.com`, without a path");
    let url = Url::parse(value).map_err(|_| wrong())?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_origin { Ok(url) } else { Err(wrong()) }
}

fn bamboohr_origin(value: &str) -> Result<BambooHrOrigin, Failure> {
    match value.split_once('*') {
        None => origin("bamboohr_origin", value).map(BambooHrOrigin::Gateway),
        Some((before, after)) => {
            // The checked subdomain can't change how the rest is read, so one probe stands for all.
            origin("bamboohr_origin", &format!("{before}probe{after}"))?;
            if !after.starts_with('.') || after.contains('*') || !before.ends_with("://") {
                return Err(misconfigured("bamboohr_origin", "may have one `*`, as the first label of the host"));
            }
            Ok(BambooHrOrigin::Subdomain { before: before.to_owned(), after: after.trim_end_matches('/').to_owned() })
        }
    }
}

fn client(vendor: &str, get: impl Fn(&str) -> String) -> Result<Option<OAuthClient>, Failure> {
    let (id, secret) = (get(&format!("{vendor}_client_id")), get(&format!("{vendor}_client_secret")));
    match (id.is_empty(), secret.is_empty()) {
        (true, true) => Ok(None),
        (false, false) => Ok(Some(OAuthClient { id, secret: Secret::new(secret) })),
        (true, false) => Err(misconfigured(&format!("{vendor}_client_id"), "is empty, but the client secret is set")),
        (false, true) => Err(misconfigured(&format!("{vendor}_client_secret"), "is empty, but the client id is set")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    fn read_with(changes: &[(&str, &str)]) -> Result<Settings, Failure> {
        Settings::read(|name| {
            if let Some((_, value)) = changes.iter().find(|(changed, _)| *changed == name) {
                return (*value).to_owned();
            }
            match name {
                "public_url" => "https://ats.example.com",
                "admin_token" => "operator",
                "encryption_key" => KEY,
                "lever_auth_origin" => "https://auth.lever.co",
                "lever_api_origin" => "https://api.lever.co",
                "qualified_origin" => "https://www.qualified.io",
                "bamboohr_origin" => "https://*.bamboohr.com",
                _ => "",
            }
            .to_owned()
        })
    }

    #[test]
    fn the_defaults_with_two_secrets_are_enough() {
        let settings = read_with(&[]).expect("valid");
        assert!(settings.is_https() && settings.ticket_key.is_none() && settings.lever_client.is_none());
    }

    #[test]
    fn a_malformed_value_is_named() {
        for (variable, value) in [
            ("admin_token", ""),
            ("admin_token", "  "),
            ("encryption_key", ""),
            ("encryption_key", "c2hvcnQ="),
            ("encryption_key", "not base64"),
            ("public_url", "https://example.com/path"),
            ("lever_api_origin", "https://api.lever.co/v1"),
            ("lever_auth_origin", "auth.lever.co"),
            ("qualified_origin", "https://user:pw@www.qualified.io"),
            ("bamboohr_origin", "https://acme.*.com"),
            ("bamboohr_origin", "https://*bamboohr.com"),
            ("lever_client_secret", "alone"),
        ] {
            let failure = read_with(&[(variable, value)]).expect_err(value);
            assert_eq!(failure.class, Class::Misconfigured);
            let named = if variable == "lever_client_secret" { "lever_client_id" } else { variable };
            assert!(failure.public.contains(&format!("`{named}`")), "{}", failure.public);
        }
    }

    #[test]
    fn bamboohr_may_be_the_gateway() {
        let settings = read_with(&[("bamboohr_origin", "http://127.0.0.1:3003")]).expect("valid");
        assert!(matches!(settings.bamboohr_origin, BambooHrOrigin::Gateway(_)));
    }
}
