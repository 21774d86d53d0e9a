//! Somebody with a browser: cookies are kept, forms are sent as the page made them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use http::request::Builder;
use serde_json::Value;
use sha2::Sha256;

use crate::support::{Answer, Town};

/// What the town's operator shares with Qualified's own app.
const TICKET_KEY: &str = "shared-with-qualifieds-own-app";

/// What the forms of the page ask for.
pub(crate) const FIELDS: [&str; 20] = [
    "ticket",
    "account",
    "name",
    "api_key",
    "token",
    "stage",
    "deadline_days",
    "reminder_days",
    "domain",
    "bamboohr_key",
    "assessment",
    "job_id",
    "send_status",
    "on_started",
    "on_submitted",
    "on_approved",
    "on_rejected",
    "candidate",
    "only",
    "narrow",
];

/// See the module.
pub(crate) struct Visitor<'a> {
    town: &'a Town,
    pub(crate) cookies: String,
}

impl<'a> Visitor<'a> {
    pub(crate) fn stranger(town: &'a Town) -> Self {
        Self { town, cookies: String::new() }
    }

    /// Signed in with the admin token.
    #[track_caller]
    pub(crate) fn operator(town: &'a Town) -> Self {
        let mut visitor = Self::stranger(town);
        let answer = visitor.send("/sign-in", &[("admin_token", "operator-token-0123456789")]).expect(303);
        visitor.cookies = answer.cookies();
        visitor
    }

    /// Came with a ticket for this account.
    #[track_caller]
    pub(crate) fn member(town: &'a Town, account: &str, ats: bool) -> Self {
        let mut visitor = Self::stranger(town);
        let answer = visitor.get(&format!("/sign-in?ticket={}", ticket(town, account, ats, 120))).expect(303);
        visitor.cookies = answer.cookies();
        visitor
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path), Bytes::new())
    }

    /// Types an address: browsers say that they want a page.
    #[track_caller]
    pub(crate) fn types(&self, path: &str) -> Answer {
        self.ask(Request::get(path).header("accept", "text/html,application/xhtml+xml"), Bytes::new())
    }

    /// Sends a form as it is.
    #[track_caller]
    pub(crate) fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(Request::post(path).header("content-type", "application/x-www-form-urlencoded"), body.into())
    }

    #[track_caller]
    fn ask(&self, request: Builder, body: Bytes) -> Answer {
        let request = request.header("cookie", &self.cookies).body(body).expect("a request");
        self.town.request(request).expect("an answer")
    }

    /// Tries a door: a page is asked for, a form is sent with something for everything that any form asks for.
    #[track_caller]
    pub(crate) fn knock(&self, method: &str, path: &str, form_token: &str) -> Answer {
        match method {
            "POST" => self.fill(path, form_token, "1"),
            _ => self.ask(Request::builder().method(method).uri(path), Bytes::new()),
        }
    }

    /// Sends a form with this value in every field that any form has.
    #[track_caller]
    pub(crate) fn fill(&self, path: &str, form_token: &str, value: &str) -> Answer {
        let fields = FIELDS.iter().map(|name| (*name, value));
        self.send(path, &[("form_token", form_token)].into_iter().chain(fields).collect::<Vec<_>>())
    }

    /// Sends a form of the account's page.
    #[track_caller]
    pub(crate) fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token();
        let fields: Vec<_> = [("form_token", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.send(path, &fields)
    }

    /// What the session's pages put into their forms.
    #[track_caller]
    pub(crate) fn form_token(&self) -> String {
        let mut page = self.get("/integrations");
        if page.status == 303 {
            page = self.get(page.headers["location"].to_str().expect("a path"));
        }
        let (_, rest) = page.text.split_once("name=\"form_token\" value=\"").expect("the page has a form");
        rest.split_once('"').expect("the value ends").0.to_owned()
    }
}

/// A ticket as Qualified's own app would make it, good for so many seconds; each has an id of its own.
pub(crate) fn ticket(town: &Town, account: &str, ats: bool, seconds: i64) -> String {
    ticket_of(town, "Ada", account, ats, seconds)
}

/// The same for somebody else than Ada.
pub(crate) fn ticket_of(town: &Town, user: &str, account: &str, ats: bool, seconds: i64) -> String {
    let exp = town.vendors(|vendors| vendors.now()).as_second() + seconds;
    let claims: Value = serde_json::json!({
        "account": account, "name": account[..1].to_uppercase() + &account[1..], "user": user, "ats": ats, "exp": exp,
        "jti": format!("{account}-{user}-{ats}-{seconds}-{}", town.records().len()),
    });
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(TICKET_KEY.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
