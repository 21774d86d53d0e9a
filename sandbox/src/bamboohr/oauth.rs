//! API keys of users, and BambooHR's OAuth 2.0.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::company::INTEGRATION;
use crate::call::{Call, value};
use crate::reply::{self, Reply};
use crate::world::{Context, Refused};

/// An app registered with BambooHR.
#[derive(Clone)]
pub struct App {
    /// Public.
    pub client_id: String,
    /// Sent in the body of token requests.
    pub client_secret: String,
    /// Compared exactly.
    pub redirect_uris: Vec<String>,
    /// What the app may ask for.
    pub scopes: Vec<String>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

const ACCESS_SECONDS: i64 = 3600;

/// Who calls, and with which scopes; an API key has them all.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: i64,
    scopes: Option<BTreeSet<String>>,
}

impl Caller {
    /// Whether one of the scopes is granted; the writing form includes the reading one.
    pub(crate) fn may(&self, scopes: &[&str]) -> bool {
        self.scopes.as_ref().is_none_or(|granted| {
            scopes.iter().any(|scope| granted.contains(*scope) || granted.contains(&format!("{scope}.write")))
        })
    }
}

#[derive(Debug, Clone)]
struct Grant {
    company: String,
    client: String,
    scopes: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Authority {
    apps: Vec<App>,
    /// API key to company and user.
    keys: HashMap<String, (String, i64)>,
    codes: HashMap<String, (Grant, String)>,
    access: HashMap<String, (Grant, Timestamp)>,
    refresh: HashMap<String, Grant>,
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

    pub(crate) fn add_key(&mut self, key: String, company: &str, user: i64) {
        self.keys.insert(key, (company.into(), user));
    }

    pub(crate) fn revoke_key(&mut self, key: &str) -> bool {
        self.keys.remove(key).is_some()
    }

    pub(crate) fn revoke_apps(&mut self, company: &str) {
        self.access.retain(|_, (grant, _)| grant.company != company);
        self.refresh.retain(|_, grant| grant.company != company);
    }

    /// Checks what `/authorize.php` was asked.
    pub(crate) fn asked(&self, query: &[(String, String)]) -> Result<Asked, Refused> {
        let need = |name: &str| value(query, name).ok_or_else(|| Refused::because(format!("{name} is missing")));
        if need("request")? != "authorize" || need("response_type")? != "code" {
            return Err(Refused::because("request=authorize and response_type=code are wanted"));
        }
        let client = need("client_id")?;
        let app = self.apps.iter().find(|app| app.client_id == client);
        let app = app.ok_or_else(|| Refused::because("unknown client"))?;
        let redirect_uri = need("redirect_uri")?;
        if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
            return Err(Refused::because("redirect_uri is not registered"));
        }
        let scopes: BTreeSet<String> = need("scope")?.split(' ').map(str::to_owned).collect();
        if let Some(foreign) = scopes.iter().find(|scope| !app.scopes.contains(scope)) {
            return Err(Refused::because(format!("the app may not ask for {foreign}")));
        }
        let state = need("state")?.to_owned();
        Ok(Asked { client: client.into(), scopes, redirect_uri: redirect_uri.into(), state })
    }

    /// The callback URL after a person accepted for their company.
    pub(crate) fn accept(&mut self, context: &mut Context, asked: Asked, company: &str) -> String {
        let code = context.seed.letters(40);
        let url = callback(&asked, &[("code", &code), ("state", &asked.state)]);
        let grant = Grant { company: company.into(), client: asked.client, scopes: asked.scopes };
        self.codes.insert(code, (grant, asked.redirect_uri));
        url
    }

    /// `POST /token.php?request=token`, form or JSON. `rotate` says whether a company's refresh tokens are replaced.
    pub(crate) fn token(&mut self, context: &mut Context, call: &Call, rotate: impl Fn(&str) -> bool) -> Reply {
        let form = if call.has_content_type("application/json") { members(call) } else { call.form() };
        let app = value(&form, "client_id").and_then(|id| self.apps.iter().find(|app| app.client_id == id));
        let Some(app) = app.filter(|app| value(&form, "client_secret") == Some(&app.client_secret)) else {
            return error(401, "invalid_client");
        };
        let client = app.client_id.clone();
        let (grant, fresh) = match value(&form, "grant_type") {
            Some("authorization_code") => {
                let code = value(&form, "code").and_then(|code| self.codes.remove(code));
                let code = code.filter(|(_, uri)| value(&form, "redirect_uri") == Some(uri));
                (code.map(|(grant, _)| grant), true)
            }
            Some("refresh_token") => {
                let token = value(&form, "refresh_token").unwrap_or_default();
                let grant = self.refresh.get(token).cloned();
                let rotates = grant.as_ref().is_some_and(|grant| rotate(&grant.company));
                if rotates {
                    self.refresh.remove(token);
                }
                (grant, rotates)
            }
            _ => return error(400, "unsupported_grant_type"),
        };
        let Some(grant) = grant.filter(|grant| grant.client == client) else {
            return error(400, "invalid_grant");
        };
        self.issue(context, grant, fresh)
    }

    fn issue(&mut self, context: &mut Context, grant: Grant, fresh: bool) -> Reply {
        let access = context.seed.letters(64);
        let scope = grant.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let mut body = json!({
            "access_token": access, "token_type": "Bearer", "expires_in": ACCESS_SECONDS, "scope": scope,
            "companyDomain": grant.company,
        });
        if fresh && grant.scopes.contains("offline_access") {
            let token = context.seed.letters(64);
            body["refresh_token"] = json!(token);
            self.refresh.insert(token, grant.clone());
        }
        let expires = context.now + SignedDuration::from_secs(ACCESS_SECONDS);
        self.access.insert(access, (grant, expires));
        reply::json(200, &body)
    }

    /// The caller behind an `Authorization` header, if it is good for this company. The password of a key is ignored.
    pub(crate) fn caller(&self, now: Timestamp, company: &str, header: &str) -> Option<Caller> {
        if let Some(token) = header.strip_prefix("Bearer ") {
            let (grant, expires) = self.access.get(token)?;
            let good = grant.company == company && now < *expires;
            return good.then(|| Caller { user: INTEGRATION, scopes: Some(grant.scopes.clone()) });
        }
        let (key, _) = crate::call::basic(header)?;
        let (owner, user) = self.keys.get(&key)?;
        (owner == company).then_some(Caller { user: *user, scopes: None })
    }
}

/// The callback URL after a person refused.
pub(crate) fn denied(asked: &Asked) -> String {
    callback(asked, &[("error", "access_denied"), ("state", &asked.state)])
}

fn callback(asked: &Asked, members: &[(&str, &str)]) -> String {
    let mark = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish();
    format!("{}{mark}{query}", asked.redirect_uri)
}

fn members(call: &Call) -> Vec<(String, String)> {
    let body = call.json().unwrap_or_default();
    let members = body.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.clone(), Value::as_str(value)?.to_owned()))).collect()
}

fn error(status: u16, error: &str) -> Reply {
    reply::json(status, &json!({"error": error}))
}
