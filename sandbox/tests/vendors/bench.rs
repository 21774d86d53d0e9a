//! What the stories share: a sandbox at a fixed time, and a client that is as dumb as curl.

use base64::Engine as _;
use bytes::Bytes;
use http::{Method, Request};
use sandbox::lever::{App, Event, Rotation};
use sandbox::{Delivery, Origins, Sandbox};
use serde_json::Value;

pub(crate) const LEVER: &str = "https://api.lever.co/v1";
pub(crate) const QUALIFIED: &str = "https://www.qualified.io/api/v1";
pub(crate) const CALLBACK: &str = "https://ats.example.com/lever/callback";
pub(crate) const HOOK: &str = "https://ats.example.com/hooks";

pub(crate) fn sandbox() -> Sandbox {
    let now = "2026-03-02T09:30:00Z".parse().expect("a time");
    let mut sandbox = Sandbox::new(Origins::default(), now, 1);
    sandbox.register_lever_app(app(Rotation::default()));
    sandbox
}

pub(crate) fn app(rotation: Rotation) -> App {
    let scopes = "offline_access opportunities:write:admin notes:write:admin stages:read:admin \
                  tags:read:admin webhooks:write:admin postings:read:admin users:read:admin";
    App {
        client_id: "app".into(),
        client_secret: "s3cr3t".into(),
        redirect_uris: vec![CALLBACK.into()],
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        rotation,
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

pub(crate) fn send(sandbox: &mut Sandbox, request: Request<Bytes>) -> Answer {
    let (parts, body) = sandbox.handle(request).expect("an answer").into_parts();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// A client with a fixed `Authorization`; `None` sends none.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) base: &'static str,
    pub(crate) authorization: Option<String>,
}

impl Client {
    /// With an API key of the Lever account `acme`.
    pub(crate) fn lever(sandbox: &mut Sandbox) -> Self {
        Self::lever_of(sandbox, "acme")
    }

    pub(crate) fn lever_of(sandbox: &mut Sandbox, account: &str) -> Self {
        let key = sandbox.lever_of(account).make_api_key();
        Self { base: LEVER, authorization: Some(basic(&format!("{key}:"))) }
    }

    pub(crate) fn qualified(sandbox: &mut Sandbox) -> Self {
        let key = sandbox.qualified().api_key().to_owned();
        Self { base: QUALIFIED, authorization: Some(key) }
    }

    pub(crate) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        request.header("content-type", "application/json").body(body).expect("a request")
    }

    pub(crate) fn get(&self, sandbox: &mut Sandbox, path: &str) -> Answer {
        send(sandbox, self.request(Method::GET, path, None))
    }

    pub(crate) fn delete(&self, sandbox: &mut Sandbox, path: &str) -> Answer {
        send(sandbox, self.request(Method::DELETE, path, None))
    }

    pub(crate) fn post(&self, sandbox: &mut Sandbox, path: &str, body: Value) -> Answer {
        send(sandbox, self.request(Method::POST, path, Some(&body)))
    }

    pub(crate) fn put(&self, sandbox: &mut Sandbox, path: &str, body: Value) -> Answer {
        send(sandbox, self.request(Method::PUT, path, Some(&body)))
    }
}

pub(crate) fn basic(credentials: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(credentials))
}

pub(crate) fn form(sandbox: &mut Sandbox, url: &str, pairs: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let request = Request::post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .expect("a request");
    send(sandbox, request)
}

/// Percent-encodes one query value.
pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A stage change webhook made by the API, with the event switched on; answers its signature token.
pub(crate) fn listening(sandbox: &mut Sandbox) -> String {
    sandbox.lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let client = Client::lever(sandbox);
    let body = serde_json::json!({"url": HOOK, "event": "candidateStageChange"});
    let created = client.post(sandbox, "/webhooks", body);
    assert_eq!(created.status, 201);
    created.json()["data"]["configuration"]["signatureToken"].as_str().expect("a token").to_owned()
}

pub(crate) fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(delivery.request.body()).expect("JSON")
}

/// What is due, as bodies; all answered 200.
pub(crate) fn deliver(sandbox: &mut Sandbox) -> Vec<Value> {
    let due = sandbox.due();
    for delivery in &due {
        sandbox.answered(delivery.id, Some(http::StatusCode::OK));
    }
    due.iter().map(body).collect()
}
