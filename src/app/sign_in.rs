//! Who may use the page: the operator by the admin token, a customer's people by a ticket of Qualified's own app.
//!
//! A session is not stored. It is sealed into a cookie that names who it is, until when, and a digest of the
//! credential it came from, so that a new `admin_token` or `ticket_key` ends what the old one opened. Stored is
//! only what must not be accepted again: used tickets and signed-out sessions, until they would have ended anyway.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    App, Class, Failure,
    account::hex,
    record::{Record, RecordError},
    seal::Sealed,
};
use crate::{
    domain::{ids::AccountId, json, secret::Secret, time::Timestamp},
    ports::World,
};

/// How long a session lasts.
const SESSION: SignedDuration = SignedDuration::from_hours(8);
/// The same for the cookie, in seconds.
pub const SESSION_SECONDS: i64 = SESSION.as_secs();
/// The longest a ticket may be good for, with a minute for clocks that differ.
const TICKET: SignedDuration = SignedDuration::from_mins(6);
/// The longest name of a user that is kept, in characters: it travels in a cookie.
const LONGEST_USER: usize = 100;
/// What sessions are sealed for. No account's secret has a purpose like it: theirs have slashes.
const PURPOSE: &str = "session";

/// Who is at the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visitor {
    /// Knows the admin token: may see and change every account.
    Operator,
    /// Came with a ticket: may see and change one account.
    Member {
        /// The only account that the member sees.
        account: AccountId,
        /// As whom, where the ticket said so.
        user: Option<String>,
    },
}

impl Visitor {
    /// The name that Qualified's app gave.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::Operator => None,
            Self::Member { user, .. } => user.as_deref(),
        }
    }

    /// Who it is, for people.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Operator => "operator",
            Self::Member { user, .. } => user.as_deref().unwrap_or("team member"),
        }
    }

    /// The only account that is there for the visitor.
    #[must_use]
    pub fn own_account(&self) -> Option<&AccountId> {
        match self {
            Self::Operator => None,
            Self::Member { account, .. } => Some(account),
        }
    }
}

/// A signed-in visitor. No `Debug`: its id is what forms and sign-out rest on.
#[derive(Serialize, Deserialize)]
pub struct Session {
    id: String,
    visitor: Visitor,
    opened_by: String,
    until: Timestamp,
}

impl Session {
    /// Who it is.
    #[must_use]
    pub fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// Whether the visitor may see and change the account.
    #[must_use]
    pub fn may_use(&self, account: &AccountId) -> bool {
        match &self.visitor {
            Visitor::Operator => true,
            Visitor::Member { account: own, .. } => own == account,
        }
    }

    /// What every form of this session carries, so that no other site can send one (CSRF).
    #[must_use]
    pub fn form_token(&self) -> String {
        digest("form", &self.id)
    }

    /// Whether a form was made for this session.
    #[must_use]
    pub fn made(&self, form_token: &str) -> bool {
        self.form_token().as_bytes().ct_eq(form_token.as_bytes()).into()
    }
}

/// Parts of what is refused.
const PARTS: u8 = 16;

/// Digests of used tickets and signed-out sessions, each until it ends by itself.
///
/// They are of no account in particular: a deleted account must not come back by a ticket that was used, and a record
/// that two may want at the same time has to be there before (`App::lay_foundations`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    #[serde(with = "crate::domain::sorted")]
    until: LiteMap<String, Timestamp>,
}

/// A part of what is refused, by the digest.
#[derive(Debug, Clone, Copy)]
pub struct Part(u8);

impl Part {
    fn of(digest: &str) -> Self {
        Self(digest.bytes().fold(0, u8::wrapping_add) % PARTS)
    }

    /// All parts.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..PARTS).map(Self)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Record for Refused {
    const PREFIX: &'static str = "refused";
    const VERSION: u32 = 1;
    type Key = Part;
}

/// What a ticket says: a JWT signed with HS256 (RFC 7519, RFC 7518 section 3.2). Other claims are ignored.
#[derive(Deserialize)]
struct Claims {
    account: String,
    name: String,
    user: Option<String>,
    ats: bool,
    exp: i64,
    jti: String,
}

/// A ticket that is good, unless it was used before.
pub struct Ticket {
    /// For which account.
    pub account: AccountId,
    /// The account's name.
    pub name: String,
    /// Who comes.
    pub visitor: Visitor,
    ats: bool,
    until: Timestamp,
    used: String,
}

fn digest(purpose: &str, text: &str) -> String {
    hex(&Sha256::digest(format!("{purpose}\n{text}").as_bytes())[..16])
}

/// Why a ticket is not taken, whatever is wrong with it.
fn bad() -> Failure {
    Failure::new(
        Class::Unauthenticated,
        "This sign-in link is no longer good: each works once and for a few minutes. Go back to Qualified and open the \
         integrations from there again.",
    )
}

/// Checks the signature and reads the claims. `None` says no more than that the ticket is no good.
fn read_ticket(ticket: &str, key: &Secret) -> Option<Claims> {
    let (signed, signature) = ticket.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    mac.verify_slice(&decode(signature)?).ok()?;
    // After the signature, and still needed: the signer may use the key for more than HS256.
    let header = json::parse(&decode(header)?).ok()?;
    (header["alg"] == "HS256").then(|| json::read(&json::parse(&decode(claims)?).ok()?).ok()).flatten()
}

impl<W: World> App<'_, W> {
    /// Signs the operator in. Answers the cookie's value.
    ///
    /// # Errors
    /// The token is wrong.
    pub fn sign_in_operator(&self, token: &str) -> Result<Secret, Failure> {
        if !self.settings.admin_token.matches(token.trim()) {
            return Err(Failure::new(
                Class::Unauthenticated,
                "This is not the operator's token. It is the value of the variable admin_token.",
            ));
        }
        Ok(self.open_session(Visitor::Operator))
    }

    /// Reads a ticket, without using it up.
    ///
    /// # Errors
    /// Tickets are off, or the ticket is forged, too old, made for too long or used, or the store failed.
    pub async fn ticket(&self, ticket: &Secret) -> Result<Ticket, Failure> {
        let key = self.settings.ticket_key.as_ref().ok_or_else(|| {
            Failure::new(
                Class::Unauthenticated,
                "Sign-in links from Qualified are not switched on here: the variable ticket_key is empty. Ask whoever \
                 operates this service.",
            )
        })?;
        let claims = read_ticket(ticket.expose(), key).ok_or_else(bad)?;
        let account = AccountId::new(claims.account).map_err(|_| bad())?;
        let until = Timestamp::from_second(claims.exp).ok_or_else(bad)?;
        let now = self.world.now();
        if until <= now || until > now.plus(TICKET) || claims.jti.is_empty() {
            return Err(bad());
        }
        let used = digest("ticket", &format!("{account}\n{}", claims.jti));
        if self.is_refused(&used).await? {
            return Err(bad());
        }
        let user = claims.user.map(|user| user.trim().chars().take(LONGEST_USER).collect::<String>());
        let visitor = Visitor::Member { account: account.clone(), user: user.filter(|user| !user.is_empty()) };
        Ok(Ticket { account, name: claims.name.trim().to_owned(), visitor, ats: claims.ats, until, used })
    }

    /// Signs in whoever comes with a ticket, once per ticket. The account is made when it is new, and takes its
    /// name and whether the ATS features are on from the ticket. Answers the cookie's value.
    ///
    /// # Errors
    /// The ticket was used meanwhile, or the store failed.
    pub async fn sign_in_by_ticket(&self, ticket: Ticket) -> Result<Secret, Failure> {
        let Ticket { account, name, visitor, ats, until, used } = ticket;
        if !self.refuse_from_now_on(used, until).await? {
            return Err(bad());
        }
        let known = self.find_account(&account).await?;
        if known.is_none_or(|known| known.name != name || known.ats_enabled != ats) {
            self.put_account(&account, &name, ats).await?;
        }
        Ok(self.open_session(visitor))
    }

    fn open_session(&self, visitor: Visitor) -> Secret {
        let session = Session {
            id: hex(&self.world.nonce()),
            opened_by: self.opener(&visitor).unwrap_or_default(),
            visitor,
            until: self.world.now().plus(SESSION),
        };
        let text = serde_json::to_string(&session).expect("a session holds only what JSON can");
        let sealed = self.settings.keyring.seal(PURPOSE, &Secret::new(text), self.world.nonce());
        Secret::new(sealed.as_str())
    }

    /// A digest of the present credential of that kind of visitor; `None` = there is none any more.
    fn opener(&self, visitor: &Visitor) -> Option<String> {
        let credential = match visitor {
            Visitor::Operator => &self.settings.admin_token,
            Visitor::Member { .. } => self.settings.ticket_key.as_ref()?,
        };
        Some(digest("opener", credential.expose()))
    }

    /// The session of a cookie, if it is one and still good.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session_of(&self, cookie: &Secret) -> Result<Option<Session>, RecordError> {
        let Ok(text) = self.settings.keyring.open(PURPOSE, &Sealed::from_outside(cookie.expose())) else {
            return Ok(None);
        };
        let read = |text: &str| json::read::<Session>(&json::parse(text.as_bytes())?);
        let Ok(session) = read(text.expose()) else { return Ok(None) };
        let opener = self.opener(&session.visitor);
        if session.until <= self.world.now() || opener.as_ref() != Some(&session.opened_by) {
            return Ok(None);
        }
        Ok((!self.is_refused(&digest("session", &session.id)).await?).then_some(session))
    }

    async fn is_refused(&self, what: &String) -> Result<bool, RecordError> {
        let refused = self.load::<Refused>(&Part::of(what)).await?;
        Ok(refused.is_some_and(|refused| refused.record.until.contains_key(what)))
    }

    /// Ends the session for every copy of its cookie.
    ///
    /// # Errors
    /// The store failed.
    pub async fn sign_out(&self, session: &Session) -> Result<(), RecordError> {
        self.refuse_from_now_on(digest("session", &session.id), session.until).await?;
        Ok(())
    }

    /// Notes what must not be accepted again. Answers whether it was accepted until now.
    async fn refuse_from_now_on(&self, what: String, until: Timestamp) -> Result<bool, RecordError> {
        let part = Part::of(&what);
        if self.load::<Refused>(&part).await?.is_none() {
            self.lay_foundations().await?;
        }
        let now = self.world.now();
        let noted = self
            .update::<Refused, ()>(&part, |refused| {
                refused.until.retain(|_, until| *until > now);
                refused.until.insert(what.clone(), until).is_none().then_some(())
            })
            .await?;
        Ok(noted.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(header: &str, claims: &str, key: &str) -> String {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(header), encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
    const CLAIMS: &str = r#"{"account":"acme","name":"Acme","user":"Ada","ats":true,"exp":1,"jti":"1"}"#;

    #[test]
    fn a_ticket_is_read_with_its_key_only() {
        let key = Secret::new("shared");
        let good = ticket(HS256, CLAIMS, "shared");
        assert!(read_ticket(&good, &key).is_some_and(|claims| claims.account == "acme" && claims.ats));
        for forged in [
            ticket(HS256, CLAIMS, "guessed"),
            ticket(r#"{"alg":"none"}"#, CLAIMS, "shared"),
            ticket(HS256, r#"{"account":"acme"}"#, "shared"),
            good[..good.len() - 1].to_owned(),
            good.replacen('.', "", 1),
            good.rsplit_once('.').map(|(signed, _)| format!("{signed}.")).unwrap_or_default(),
            String::new(),
        ] {
            assert!(read_ticket(&forged, &key).is_none(), "{forged}");
        }
    }

    /// The token of RFC 7515, appendix A.1: our reading of the format is not only our own.
    #[test]
    fn the_published_vector_verifies() {
        let key = BASE64_URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
        mac.update(
            b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
        );
        let signature = BASE64_URL_SAFE_NO_PAD.decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").expect("base64");
        assert!(mac.verify_slice(&signature).is_ok());
    }

    #[test]
    fn a_session_from_before_users_had_names_is_read() {
        let text =
            r#"{"id":"1","visitor":{"member":{"account":"acme"}},"opened_by":"","until":"2026-03-02T09:00:00Z"}"#;
        let session: Session = json::read(&json::parse(text.as_bytes()).expect("JSON")).expect("a session");
        assert_eq!((session.visitor().user(), session.visitor().name()), (None, "team member"));
    }

    #[test]
    fn a_member_uses_one_account_and_one_sessions_forms() {
        let session = |id: &str| Session {
            id: id.to_owned(),
            visitor: Visitor::Member { account: AccountId::new("acme").expect("valid"), user: None },
            opened_by: String::new(),
            until: Timestamp::MAX,
        };
        let (one, other) = (session("1"), session("2"));
        assert!(one.may_use(&AccountId::new("acme").expect("valid")));
        assert!(!one.may_use(&AccountId::new("umbrella").expect("valid")));
        assert!(one.made(&one.form_token()) && !one.made(&other.form_token()) && !one.made(""));
    }
}
