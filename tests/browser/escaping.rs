//! What others wrote is text: vendors, candidates, colleagues, and whoever makes a link or a form for somebody to send.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use sandbox::lever::NewOpportunity;
use serde_json::Value;

use crate::doors::doors;
use crate::furnished::{TITLE, furnish_with};
use crate::support::{ACCOUNT, Answer, Town};
use crate::visitor::Visitor;

/// Would end an attribute, open an element and begin an entity, were it not text.
const NASTY: &str = " \"'><xss onxss=1>&lt;/script><script>xss()</script>";

/// What a page's address may carry.
const QUESTIONS: [&str; 21] = [
    "replayed",
    "tried",
    "of",
    "narrowed",
    "search",
    "subject",
    "outcome",
    "before",
    "done",
    "ticket",
    "error",
    "error_description",
    "state",
    "code",
    "stage",
    "assessment",
    "from",
    "only",
    "narrow",
    "stages-search",
    "assessments-search",
];

#[track_caller]
fn is_text(what: &str, answer: &Answer) {
    let header = |name: &str| answer.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default();
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    if let Some(to) = answer.headers.get("location") {
        let to = to.to_str().expect("text");
        let ours = ["/integrations", "/sign-in", "https://auth.lever.co/", "https://acme.bamboohr.com/"];
        assert!(ours.iter().any(|start| to.starts_with(start)), "{what}: {to}");
    }
    if !header("content-type").starts_with("text/html") {
        assert!(!header("content-type").starts_with("text/") || !answer.text.contains("xss"), "{what}");
        return;
    }
    for sign in ["<xss", "<script>", "\"'>", "&lt;/script>"] {
        assert!(!answer.text.contains(sign), "{what}: {sign}: {}", answer.text);
    }
    assert!(!answer.text.to_lowercase().contains("=\"javascript:"), "{what}: {}", answer.text);
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{what}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{what}: {policy}");
    assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
}

/// Every page, with nothing and with everything in its address; every form with everything in its fields.
#[track_caller]
fn all_is_text(town: &Town, visitor: &Visitor<'_>, stage: &str) {
    let nasty = url::form_urlencoded::byte_serialize(NASTY.as_bytes()).collect::<String>().replace('+', "%20");
    let token = visitor.form_token();
    let questions: Vec<String> = QUESTIONS.iter().map(|name| format!("{name}={nasty}")).collect();
    let mut doors = doors(ACCOUNT, stage);
    // The log-out comes last, and what is removed would be missing on the pages that follow.
    doors.retain(|(_, path)| !path.ends_with("/remove") && path != "/sign-out");
    doors.extend(
        doors.clone().into_iter().map(|(method, path)| (method, path.replace(stage, &nasty).replace("0-0", &nasty))),
    );
    for (method, path) in doors {
        if method == "GET" {
            is_text(&path, &visitor.get(&path));
            is_text(&path, &visitor.get(&format!("{path}?{}", questions.join("&"))));
            for question in &questions {
                let path = format!("{path}?{question}");
                is_text(&path, &visitor.get(&path));
            }
        } else {
            is_text(&path, &visitor.fill(&path, &token, NASTY));
            is_text(&path, &visitor.fill(&path, NASTY, NASTY));
            // Where one thing is good, the next is looked at.
            for (name, value) in
                [("domain", "acme"), ("stage", stage), ("candidate", "jo@example.com"), ("job_id", "1")]
            {
                let assessment = town.assessment(&format!("{TITLE}{NASTY}"));
                let fields =
                    [("form_token", &*token), (name, value), ("assessment", &assessment), ("bamboohr_key", NASTY)];
                is_text(&path, &visitor.send(&path, &fields));
            }
        }
    }
}

/// Every vendor refuses everything, in the worst of words.
fn refuse(_: &Request<Bytes>) -> Option<Response<Bytes>> {
    let body = serde_json::json!({
        "code": NASTY, "message": NASTY, "error": NASTY, "error_description": NASTY, "reason": NASTY,
        "errors": {"title": NASTY}, "type": NASTY,
    });
    let response = Response::builder().status(422).header("content-type", "application/json");
    let response = response.header("x-bamboohr-error-message", NASTY).body(body.to_string().into());
    response.ok()
}

/// Lever answers with a name and an address that nobody should have.
fn introduce(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    let path = request.uri().path();
    if path.ends_with("/oauth/token") {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"https://oauth.lever.co/userId":"u-1"}"#);
        let tokens =
            serde_json::json!({"access_token": format!("x.{claims}.y"), "expires_in": 3600, "token_type": "Bearer"});
        return json(&tokens);
    }
    let row = serde_json::json!({
        "id": "o-1", "name": format!("Sam{NASTY}"), "emails": [NASTY], "stage": "applicant-new", "tags": [NASTY], "stageChanges": [],
        "urls": {"show": "javascript:alert(1)"}, "username": NASTY,
    });
    let data = if path.contains("/users/") || path.ends_with("/o-1") {
        row
    } else if path.ends_with("/stages") {
        serde_json::json!([{"id": "applicant-new", "text": NASTY}])
    } else if path.ends_with("/opportunities") {
        serde_json::json!([row])
    } else {
        return None;
    };
    json(&serde_json::json!({"data": data, "hasNext": false}))
}

fn json(body: &Value) -> Option<Response<Bytes>> {
    let response = Response::builder().status(200).header("content-type", "application/json");
    response.body(body.to_string().into()).ok()
}

#[test]
fn what_others_wrote_is_text_on_every_page() {
    Town::native().tell(|town| {
        let candidates = furnish_with(town, NASTY);
        let operator = Visitor::operator(town);
        let stage = town.operator().stage(format!("Screen{NASTY}").trim());
        let base = format!("/integrations/{ACCOUNT}");
        let home = operator.get(&base).expect(200).text;
        let shown = ["Acme", "Screen", TITLE].iter().all(|text| home.contains(&format!("{text}{}", ESCAPED)));
        assert!(shown, "it is there, as text: {home}");
        all_is_text(town, &operator, &stage);
        for candidate in &candidates {
            let answer = operator.submit(&format!("{base}/tags"), &[("candidate", candidate)]).expect(200);
            assert!(answer.text.contains(ESCAPED), "{}", answer.text);
            is_text("what would happen", &answer);
        }

        town.outside().stand_in = Some(introduce);
        let (url, cookies) = town.operator().begin_log_in();
        let callback = town.operator().consent(&url);
        is_text("the callback", &town.operator().come_back(&callback, &cookies));
        let home = operator.get(&base).expect(200).text;
        assert!(home.contains(&format!(" as Sam{ESCAPED}")), "{home}");
        let answer = operator.submit(&format!("{base}/tags"), &[("candidate", "o-1")]).expect(200);
        assert!(answer.text.contains(ESCAPED) && !answer.text.contains("javascript:"), "{}", answer.text);
        all_is_text(town, &operator, &stage);

        town.outside().stand_in = Some(refuse);
        let new = NewOpportunity::named("Late Candidate").tag(&format!("{TITLE}{NASTY}"));
        let late = town.recruiter().adds_with("Late Candidate", new);
        town.recruiter().moves(&late, format!("Screen{NASTY}").trim());
        town.deliver();
        town.call("POST", &format!("/sync?account={ACCOUNT}"), None);
        let activity = operator.get(&format!("{base}/activity")).expect(200).text;
        assert!(activity.contains("422: ") && activity.contains("&lt;xss"), "the vendor's words are told: {activity}");
        all_is_text(town, &operator, &stage);
        assert!(!town.log().iter().any(|line| line.contains("xss")), "{:?}", town.log());
    });
}

/// [`NASTY`] as a page has to write it.
const ESCAPED: &str = " &quot;'&gt;&lt;xss onxss=1&gt;&amp;lt;/script&gt;&lt;script&gt;xss()&lt;/script&gt;";
