//! Lever's authorization server: consent, codes, tokens, rotation, revocation. It sits on Auth0 and errs like it.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::access::Access;
use crate::call::{self, Call, value};
use crate::reply::{self, Reply};
use crate::world::{Context, Refused};

/// An app registered with Lever.
#[derive(Clone)]
pub struct App {
    /// Public.
    pub client_id: String,
    /// Sent in the body of token requests.
    pub client_secret: String,
    /// Compared exactly.
    pub redirect_uris: Vec<String>,
    /// What the app may ask for; Lever allows twenty.
    pub scopes: Vec<String>,
    /// What becomes of a refresh token that was used.
    pub rotation: Rotation,
}

/// What an app that sends assessments may ask for.
const SCOPES: &str = "offline_access opportunities:read:admin opportunities:write:admin notes:read:admin \
    notes:write:admin stages:read:admin tags:read:admin webhooks:read:admin webhooks:write:admin postings:read:admin \
    applications:read:admin users:read:admin contact:read:admin archive_reasons:read:admin feedback:write:admin \
    feedback_templates:write:admin files:write:admin";

impl App {
    /// The product's app, for a product that is reached at `public_url`.
    #[must_use]
    pub fn of_the_product(client_id: &str, client_secret: &str, public_url: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            redirect_uris: vec![format!("{public_url}/lever/callback")],
            scopes: SCOPES.split_whitespace().map(str::to_owned).collect(),
            rotation: Rotation::default(),
        }
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What becomes of a refresh token once it was used: unknown in life, so a test should try each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rotation {
    /// It goes on working.
    OldStaysValid,
    /// It is refused from then on.
    #[default]
    OldDies,
    /// Its reuse also revokes everything that came of the same consent, as Auth0 can be set to do.
    ReuseKillsFamily,
}

const ACCESS_SECONDS: i64 = 3600;
const CODE_SECONDS: i64 = 600;
const IDLE: SignedDuration = SignedDuration::from_hours(90 * 24);
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// One consent and all that came of it.
#[derive(Debug, Clone)]
struct Family {
    account: String,
    client: String,
    scopes: BTreeSet<String>,
    since: Timestamp,
    revoked: bool,
}

#[derive(Debug)]
struct Code {
    family: usize,
    redirect_uri: String,
    expires: Timestamp,
}

#[derive(Debug)]
struct Refresh {
    family: usize,
    spent: bool,
    used: Timestamp,
}

#[derive(Debug, Default)]
pub(crate) struct Authority {
    apps: Vec<App>,
    families: Vec<Family>,
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, (usize, Timestamp)>,
    refresh: BTreeMap<String, Refresh>,
    keys: BTreeMap<String, String>,
}

/// A valid authorization request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) client: String,
    pub(crate) scopes: BTreeSet<String>,
    redirect_uri: String,
    state: String,
}

impl Authority {
    pub(crate) fn register(&mut self, app: App) {
        self.apps.retain(|known| known.client_id != app.client_id);
        self.apps.push(app);
    }

    fn app(&self, client: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client)
    }

    /// Checks what `/authorize` was asked. A missing or misspelt audience is not refused: the consent then covers
    /// `offline_access` alone, which is how the mistake shows in life.
    pub(crate) fn asked(&self, query: &[(String, String)], context: &Context) -> Result<Asked, Refused> {
        let need = |name: &str| value(query, name).ok_or_else(|| Refused::because(format!("{name} is missing")));
        let app = self.app(need("client_id")?).ok_or_else(|| Refused::because("Unknown client"))?;
        let redirect_uri = need("redirect_uri")?;
        if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
            return Err(Refused::because("Callback URL mismatch"));
        }
        if need("response_type")? != "code" {
            return Err(Refused::because("Unsupported response type"));
        }
        let mut scopes: BTreeSet<String> = need("scope")?.split(' ').map(str::to_owned).collect();
        if let Some(foreign) = scopes.iter().find(|scope| !app.scopes.contains(scope)) {
            return Err(Refused::because(format!("The app may not ask for {foreign}")));
        }
        if value(query, "audience") != Some(&format!("{}/v1/", context.origins.lever_api)) {
            scopes.retain(|scope| scope == "offline_access");
        }
        Ok(Asked {
            client: app.client_id.clone(),
            scopes,
            redirect_uri: redirect_uri.into(),
            state: need("state")?.into(),
        })
    }

    /// The callback URL after a person accepted for their account.
    pub(crate) fn accept(&mut self, context: &mut Context, asked: Asked, account: &str) -> String {
        self.families.push(Family {
            account: account.into(),
            client: asked.client,
            scopes: asked.scopes,
            since: context.now,
            revoked: false,
        });
        let code = context.seed.letters(43);
        let callback = callback(&asked.redirect_uri, &[("code", &code), ("state", &asked.state)]);
        let expires = context.now + SignedDuration::from_secs(CODE_SECONDS);
        let family = self.families.len() - 1;
        self.codes.insert(code, Code { family, redirect_uri: asked.redirect_uri, expires });
        callback
    }

    /// `POST /oauth/token`.
    pub(crate) fn token(&mut self, context: &mut Context, call: &Call, account_id: impl Fn(&str) -> String) -> Reply {
        if !call.has_content_type("application/x-www-form-urlencoded") {
            return error(400, "invalid_request", "The body must be form encoded");
        }
        let form = call.form();
        let Some(app) = value(&form, "client_id").and_then(|client| self.app(client)) else {
            return error(401, "access_denied", "Unauthorized");
        };
        if value(&form, "client_secret") != Some(&app.client_secret) {
            return error(401, "access_denied", "Unauthorized");
        }
        let (client, rotation) = (app.client_id.clone(), app.rotation);
        let family = match value(&form, "grant_type") {
            Some("authorization_code") => self.redeem(context, &form, &client),
            Some("refresh_token") => self.refresh(context, &form, &client, rotation),
            _ => return error(400, "invalid_request", "Unsupported grant_type"),
        };
        match family {
            Ok(family) => self.issue(context, family, account_id),
            Err(description) => error(403, "invalid_grant", description),
        }
    }

    /// A code works once, for its client and redirect URI.
    fn redeem(&mut self, context: &Context, form: &[(String, String)], client: &str) -> Result<usize, &'static str> {
        let invalid = "Invalid authorization code";
        let code = value(form, "code").and_then(|code| self.codes.remove(code)).ok_or(invalid)?;
        let family = &self.families[code.family];
        let fits = value(form, "redirect_uri") == Some(&code.redirect_uri)
            && family.client == client
            && !family.revoked
            && context.now < code.expires;
        if fits { Ok(code.family) } else { Err(invalid) }
    }

    fn refresh(
        &mut self,
        context: &Context,
        form: &[(String, String)],
        client: &str,
        rotation: Rotation,
    ) -> Result<usize, &'static str> {
        let invalid = "Unknown or invalid refresh token.";
        let token = value(form, "refresh_token").and_then(|token| self.refresh.get_mut(token)).ok_or(invalid)?;
        let family = &mut self.families[token.family];
        if family.client != client || family.revoked {
            return Err(invalid);
        }
        let expired = context.now >= token.used + IDLE || context.now >= family.since + ABSOLUTE;
        if token.spent && rotation == Rotation::ReuseKillsFamily {
            family.revoked = true;
        }
        if expired || (token.spent && rotation != Rotation::OldStaysValid) {
            return Err(invalid);
        }
        token.spent = true;
        token.used = context.now;
        Ok(token.family)
    }

    fn issue(&mut self, context: &mut Context, number: usize, account_id: impl Fn(&str) -> String) -> Reply {
        let family = &self.families[number];
        let scope = family.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let issued = context.now.as_second();
        let claims = json!({
            "https://oauth.lever.co/accountId": account_id(&family.account),
            "https://oauth.lever.co/clientId": family.client,
            "iss": format!("{}/", context.origins.lever_auth), "aud": format!("{}/v1/", context.origins.lever_api),
            "iat": issued, "exp": issued + ACCESS_SECONDS, "azp": family.client, "scope": scope,
        });
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let head = part(json!({"alg": "RS256", "typ": "JWT"}).to_string());
        let access = format!("{head}.{}.{}", part(claims.to_string()), context.seed.letters(86));
        let expires = context.now + SignedDuration::from_secs(ACCESS_SECONDS);
        let mut body = json!({
            "access_token": access, "token_type": "Bearer", "scope": scope, "expires_in": ACCESS_SECONDS,
        });
        if family.scopes.contains("offline_access") {
            let token = format!("v1.{}", context.seed.letters(44));
            body["refresh_token"] = json!(token);
            self.refresh.insert(token, Refresh { family: number, spent: false, used: context.now });
        }
        self.access.insert(access, (number, expires));
        reply::json(200, &body)
    }

    /// The account and rights behind an `Authorization` header.
    pub(crate) fn access(&self, now: Timestamp, header: &str) -> Option<(&str, Access)> {
        if let Some((key, password)) = call::basic(header) {
            let account = self.keys.get(&key).filter(|_| password.is_empty())?;
            return Some((account, Access::Key));
        }
        let (family, expires) = self.access.get(header.strip_prefix("Bearer ")?)?;
        let family = &self.families[*family];
        (now < *expires && !family.revoked).then(|| (family.account.as_str(), Access::Scopes(family.scopes.clone())))
    }

    pub(crate) fn add_key(&mut self, key: String, account: &str) {
        self.keys.insert(key, account.into());
    }

    pub(crate) fn revoke(&mut self, account: &str) {
        for family in self.families.iter_mut().filter(|family| family.account == account) {
            family.revoked = true;
        }
    }
}

/// The callback URL after a person refused.
pub(crate) fn denied(asked: &Asked) -> String {
    callback(
        &asked.redirect_uri,
        &[
            ("error", "access_denied"),
            ("error_description", "User did not authorize the request"),
            ("state", &asked.state),
        ],
    )
}

fn callback(redirect_uri: &str, members: &[(&str, &str)]) -> String {
    let mark = if redirect_uri.contains('?') { '&' } else { '?' };
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish();
    format!("{redirect_uri}{mark}{query}")
}

fn error(status: u16, error: &str, description: &str) -> Reply {
    reply::json(status, &json!({"error": error, "error_description": description}))
}
