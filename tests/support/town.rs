//! A town: one customer with its recruiters and candidates, the vendors, and the product between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use jiff::SignedDuration;
use sandbox::lever::{App, Rotation};
use sandbox::{Sandbox, Vendor};
use serde_json::{Value, json};

use super::answer::Answer;
use super::boundary::{Boundary, Outside};
use super::component::{Component, Ways, manifest};
use super::fault::{Fault, Kind};
use super::native::{Invocation, Native};
use super::people::{Candidate, Operator, Recruiter, Reviewer, Taker};

/// The account of the stories.
pub(crate) const ACCOUNT: &str = "acme";

/// Where the world reaches the product.
pub(crate) const PUBLIC: &str = "https://ats.example.com";

pub(crate) const OPERATOR: &str = "operator-token-0123456789";
pub(super) const ENCRYPTION_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
pub(crate) const CLIENT_SECRET: &str = "lever-client-secret-abcdef";

/// More rounds of webhooks or syncs than any story needs.
const ENDLESS: usize = 60;

enum Mount {
    Native(Native),
    Component(Component),
}

/// See the module.
pub(crate) struct Town {
    boundary: Arc<Boundary>,
    mount: Mount,
}

/// The variables of the stories over the manifest's defaults.
fn variables() -> BTreeMap<String, String> {
    let defaults = manifest().variables.iter().filter_map(|(name, it)| Some((name.clone(), it.default.clone()?)));
    let own = [
        ("public_url", PUBLIC),
        ("admin_token", OPERATOR),
        ("ticket_key", "shared-with-qualifieds-own-app"),
        ("encryption_key", ENCRYPTION_KEY),
        ("lever_client_id", "the-app"),
        ("lever_client_secret", CLIENT_SECRET),
        ("bamboohr_client_id", "the-app"),
        ("bamboohr_client_secret", CLIENT_SECRET),
    ];
    defaults.chain(own.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

fn variables_with(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut variables = variables();
    variables.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    variables
}

/// The product's app as it is registered with Lever.
pub(crate) fn lever_app(rotation: Rotation) -> App {
    App { rotation, ..App::of_the_product("the-app", CLIENT_SECRET, PUBLIC) }
}

/// A town at nine in the morning, with an app registered at Lever, and no customer yet.
fn boundary() -> Arc<Boundary> {
    let boundary = Boundary::new("2026-03-02T09:00:00Z".parse().expect("a time"));
    boundary.outside().sandbox.register_lever_app(lever_app(Rotation::default()));
    Arc::new(boundary)
}

impl Town {
    /// With the library.
    pub(crate) fn native() -> Self {
        Self::native_with(&[])
    }

    /// With the library, and other values for some of its variables.
    pub(crate) fn native_with(changes: &[(&str, &str)]) -> Self {
        let boundary = boundary();
        let native = Native::new(Arc::clone(&boundary), &variables_with(changes));
        Self { boundary, mount: Mount::Native(native) }
    }

    /// With the built component.
    pub(crate) fn component() -> Self {
        Self::component_on(Ways::Sound)
    }

    /// With the built component on such a store.
    pub(crate) fn component_on(ways: Ways) -> Self {
        Self::component_of(&variables(), ways)
    }

    /// With the built component, one of its variables having this value.
    pub(crate) fn component_where(name: &str, value: &str) -> Self {
        Self::component_of(&variables_with(&[(name, value)]), Ways::Sound)
    }

    fn component_of(variables: &BTreeMap<String, String>, ways: Ways) -> Self {
        let boundary = boundary();
        let component = Component::new(Arc::clone(&boundary), variables, ways);
        Self { boundary, mount: Mount::Component(component) }
    }

    /// The operator starts the product again, with another value of a variable; the state is kept.
    pub(crate) fn restart_with(&mut self, name: &str, value: &str) {
        let (boundary, variables) = (Arc::clone(&self.boundary), variables_with(&[(name, value)]));
        self.mount = match self.mount {
            Mount::Native(_) => Mount::Native(Native::new(boundary, &variables)),
            Mount::Component(_) => Mount::Component(Component::new(boundary, &variables, Ways::Sound)),
        };
    }

    /// Tells a story, then audits what it left behind.
    #[track_caller]
    pub(crate) fn tell(mut self, story: fn(&mut Self)) {
        story(&mut self);
        self.audit();
    }

    // --- The product's doors ---

    /// Sends any request to the product; `None` if it died before it answered.
    pub(crate) fn request(&self, request: Request<Bytes>) -> Option<Answer> {
        let response = match &self.mount {
            Mount::Native(native) => native.handle(request),
            Mount::Component(component) => component.handle(request),
        };
        let (parts, body) = response?.into_parts();
        let text = String::from_utf8_lossy(&body).into_owned();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, text })
    }

    /// Calls the operator's API.
    #[track_caller]
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let answer = self.try_call(method, path, body);
        answer.unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    /// Calls the operator's API; `None` if the product died of it.
    pub(crate) fn try_call(&self, method: &str, path: &str, body: Option<Value>) -> Option<Answer> {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(path)
            .header("authorization", format!("Bearer {OPERATOR}"))
            .header("content-type", "application/json")
            .body(bytes);
        self.request(request.expect("a request"))
    }

    /// Calls the API of the stories' account: `path` is what follows `/api/accounts/acme`.
    #[track_caller]
    pub(crate) fn account(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call(method, &format!("/api/accounts/{ACCOUNT}{path}"), body)
    }

    /// What a stranger posts to a hook, byte by byte.
    pub(crate) fn post(&self, path: &str, body: impl Into<Bytes>) -> Option<Answer> {
        let request = Request::post(path).header("content-type", "application/json").body(body.into());
        self.request(request.expect("a request"))
    }

    /// An invocation of the library to be driven by hand.
    pub(crate) fn stepwise(&self, request: Request<Bytes>) -> Invocation {
        match &self.mount {
            Mount::Native(native) => native.stepwise(request),
            Mount::Component(_) => panic!("only the library can be driven by hand"),
        }
    }

    // --- People ---

    pub(crate) fn operator(&self) -> Operator<'_> {
        Operator(self)
    }

    pub(crate) fn recruiter(&self) -> Recruiter<'_> {
        Recruiter(self)
    }

    pub(crate) fn reviewer(&self) -> Reviewer<'_> {
        Reviewer(self)
    }

    /// The candidate, taking an assessment.
    pub(crate) fn candidate<'a>(&'a self, who: &'a Candidate) -> Taker<'a> {
        Taker { town: self, who }
    }

    /// Everything outside the product.
    pub(crate) fn outside(&self) -> std::sync::MutexGuard<'_, Outside> {
        self.boundary.outside()
    }

    /// Changes or asks something at the vendors.
    pub(crate) fn vendors<T>(&self, act: impl FnOnce(&mut Sandbox) -> T) -> T {
        act(&mut self.outside().sandbox)
    }

    /// The id of the assessment with this title.
    #[track_caller]
    pub(crate) fn assessment(&self, title: &str) -> String {
        self.vendors(|vendors| {
            let qualified = vendors.qualified();
            let found = qualified.assessments().iter().find(|assessment| assessment.title == title);
            found.expect("the assessment exists").id.clone()
        })
    }

    // --- Time and mail ---

    /// What Lever and Qualified want to send now, addressed to the product.
    pub(crate) fn due(&self) -> Vec<(u64, Request<Bytes>)> {
        let due = self.vendors(Sandbox::due);
        due.into_iter().map(|delivery| (delivery.id, local(delivery.request))).collect()
    }

    /// Tells the vendor how a delivery went.
    pub(crate) fn answered(&self, delivery: u64, answer: Option<&Answer>) {
        let status = answer.and_then(|answer| StatusCode::from_u16(answer.status).ok());
        self.vendors(|vendors| vendors.answered(delivery, status));
    }

    /// Carries the vendors' webhooks until none is due. The path of each, and what it was answered.
    #[track_caller]
    pub(crate) fn deliver(&self) -> Vec<(String, Option<Answer>)> {
        let mut answers = Vec::new();
        for _ in 0..ENDLESS {
            let due = self.due();
            if due.is_empty() {
                return answers;
            }
            for (id, request) in due {
                let path = request.uri().path().to_owned();
                let answer = self.request(request);
                self.answered(id, answer.as_ref());
                answers.push((path, answer));
            }
        }
        panic!("the webhooks never end");
    }

    /// Carries the vendors' webhooks; each must be welcome. How many were Lever's: an invitation makes Qualified tell
    /// us of it.
    #[track_caller]
    pub(crate) fn deliver_well(&self) -> usize {
        let answers = self.deliver();
        for (path, answer) in &answers {
            let answer = answer.as_ref().expect("an answer");
            assert!((200..300).contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
        }
        answers.iter().filter(|(path, _)| path.starts_with("/hooks/lever/")).count()
    }

    pub(crate) fn advance(&self, minutes: i64) {
        self.vendors(|vendors| vendors.advance(SignedDuration::from_mins(minutes)));
    }

    /// One run of the scheduler, without a wish for an account.
    #[track_caller]
    pub(crate) fn sync(&self) -> Value {
        self.call("POST", "/sync", None).expect(200).json()
    }

    /// Lets time pass, with the vendors' webhooks and a sync every quarter of an hour, until nothing is left to be
    /// done. The reports of the syncs.
    #[track_caller]
    pub(crate) fn sync_until_quiet(&self) -> Vec<Value> {
        let mut reports: Vec<Value> = Vec::new();
        for _ in 0..ENDLESS {
            self.advance(15);
            self.deliver();
            let report = self.sync();
            let zero = |name: &str| report[name] == json!(0);
            let quiet =
                report["more"] == json!(false) && ["invited", "healed", "pending"].iter().all(|name| zero(name));
            reports.push(report);
            if quiet && self.vendors(|vendors| vendors.next_due()).is_none() {
                return reports;
            }
        }
        panic!("it never becomes quiet: {:#?}\n{:#?}", reports.last(), self.activity());
    }

    // --- Counting and cutting ---

    /// Starts counting anew.
    pub(crate) fn watch(&self) {
        self.boundary.watch();
    }

    /// Starts counting anew, and cuts the operation of this number, counted from 0.
    pub(crate) fn cut(&self, number: usize, fault: Fault) {
        self.boundary.cut(number, fault);
    }

    /// The world is well again.
    pub(crate) fn mend(&self) {
        self.boundary.mend();
    }

    /// The operations since the counting began.
    pub(crate) fn operations(&self) -> Vec<(Kind, String)> {
        self.boundary.operations()
    }

    /// How many operations of a kind there were since the counting began.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.operations().iter().filter(|(known, _)| *known == kind).count()
    }

    /// The calls that were to change something at a vendor since the counting began.
    pub(crate) fn vendor_writes(&self) -> Vec<String> {
        self.vendors(|vendors| {
            let calls =
                vendors.requests().filter(|call| call.method != Method::GET && !call.path.ends_with("/oauth/token"));
            calls.map(|call| format!("{:?} {} {}", call.vendor, call.method, call.path)).collect()
        })
    }

    /// The calls to a vendor since the counting began.
    pub(crate) fn calls(&self, vendor: Vendor) -> usize {
        self.vendors(|vendors| vendors.requests().filter(|call| call.vendor == vendor).count())
    }

    /// A copy of the whole store.
    pub(crate) fn records(&self) -> BTreeMap<String, Vec<u8>> {
        self.outside().records.clone()
    }

    /// Everything the product printed.
    pub(crate) fn log(&self) -> Vec<String> {
        match &self.mount {
            Mount::Native(native) => native.log(),
            Mount::Component(component) => component.log(),
        }
    }
}

/// A vendor's request as it arrives here: whoever brought it has looked at the host.
fn local(request: Request<Bytes>) -> Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    assert_eq!(parts.uri.host(), Some("ats.example.com"), "a webhook to somebody else");
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = path.parse().expect("a path");
    Request::from_parts(parts, body)
}
