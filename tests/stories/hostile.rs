//! Bodies and names that nobody should send, and that somebody will.

use hmac::{Hmac, KeyInit, Mac};
use sandbox::lever::NewOpportunity;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::RUST;
use crate::support::{ACCOUNT, Kind, PUBLIC, Town, story};

/// The most that a hook reads.
const LIMIT: usize = 256 * 1024;

/// A delivery with any data, signed as Lever signs.
fn signed(town: &Town, event: &Value, data: &Value) -> Value {
    let key = town.vendors(|vendors| vendors.lever().webhooks()[0].signature_token.clone());
    let (token, at) = ("f".repeat(48), town.vendors(|vendors| vendors.now()).as_millisecond());
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length will do");
    let digest = mac.chain_update(&token).chain_update(at.to_string()).finalize().into_bytes();
    let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"event": event, "triggeredAt": at, "token": token, "signature": signature, "data": data})
}

/// The path of the hook that Qualified was given.
fn qualified_hook(town: &Town) -> String {
    let url = town.vendors(|vendors| vendors.qualified().subscriptions()[0].url.clone());
    url.strip_prefix(PUBLIC).expect("our own hook").to_owned()
}

story!(a_body_too_large_is_refused, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let (lever, qualified) = (format!("/hooks/lever/{ACCOUNT}"), qualified_hook(town));
    let before = town.records();
    for size in [LIMIT + 1, LIMIT + 2, 4 * LIMIT] {
        for path in [&lever, &qualified] {
            town.post(path, vec![b' '; size]).expect("an answer").expect(413);
        }
        town.call("PUT", "/api/accounts/large", Some(json!({"name": "x".repeat(size), "ats_enabled": true})))
            .expect(413);
    }
    let at_the_limit = town.post(&lever, vec![b' '; LIMIT]).expect("an answer");
    assert_eq!(at_the_limit.status, 401, "short enough to be read, and unsigned");
    assert_eq!(town.records(), before);
});

story!(what_is_no_json_is_refused, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let (lever, qualified) = (format!("/hooks/lever/{ACCOUNT}"), qualified_hook(town));
    let before = town.records();
    let deep = "[".repeat(100_000);
    let nothing: [&[u8]; 8] = [b"", b"{", b"null", b"[]", b"\"x\"", b"\xff\xfe", b"<xml/>", deep.as_bytes()];
    town.watch();
    for body in nothing {
        assert_eq!(town.post(&lever, body.to_vec()).expect("an answer").status, 401);
        let answer = town.post(&qualified, body.to_vec()).expect("an answer");
        assert!(answer.status < 500, "{} {}", answer.status, answer.text);
    }
    assert_eq!(town.records(), before);
    assert_eq!(town.vendor_writes(), [""; 0]);
});

story!(signed_nonsense_is_survived, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let path = format!("/hooks/lever/{ACCOUNT}");
    let stage = town.operator().stage("Coding test");
    let event = json!("candidateStageChange");
    for (event, data) in [
        (&event, json!(null)),
        (&event, json!([1, 2, 3])),
        (&event, json!("text")),
        (&event, json!({"opportunityId": 7, "toStageId": stage})),
        (&event, json!({"toStageId": stage})),
        (&event, json!({"opportunityId": "", "toStageId": stage})),
        (&event, json!({"opportunityId": "../../accounts/acme", "toStageId": stage})),
        (&event, json!({"opportunityId": "x".repeat(10_000), "toStageId": stage})),
        (&event, json!({"opportunityId": "11111111-2222-4333-8444-555555555555", "toStageId": stage})),
        (&json!("somethingNew"), json!({"opportunityId": "11111111-2222-4333-8444-555555555555"})),
        (&json!(7), json!({})),
    ] {
        let answer = town.post(&path, signed(town, event, &data).to_string()).expect("an answer");
        assert!(answer.status < 500, "{event} {data}: {} {}", answer.status, answer.text);
    }
    town.watch();
    town.sync_until_quiet();
    assert_eq!(town.vendor_writes(), [""; 0]);
    assert!(town.mails().is_empty());
});

story!(what_nothing_is_done_about_is_said_once, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let data = json!({"opportunityId": "11111111-2222-4333-8444-555555555555"});
    for _ in 0..3 {
        let body = signed(town, &json!("candidateHired"), &data).to_string();
        town.post(&format!("/hooks/lever/{ACCOUNT}"), body).expect("an answer").expect(200);
        town.advance(1);
    }
    let mut lines = town.activity();
    lines.retain(|line| line.to_string().contains("candidateHired"));
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(lines[0]["outcome"], json!("ignored"));
});

story!(keys_given_twice_do_no_harm, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.vendors(|vendors| vendors.lever_webhooks().drop = true);
    let stage = town.operator().stage("Coding test");
    let data = json!({"opportunityId": ada.opportunity, "toStageId": stage});
    let body = signed(town, &json!("candidateStageChange"), &data).to_string();
    let before = town.records();
    // Two readers of one text may each take another of two values: one would check what the other doesn't obey.
    let (open, closed) = (body.strip_prefix('{').expect("an object"), body.strip_suffix('}').expect("an object"));
    for twice in [r#""token":"x""#, r#""signature":"00""#, r#""triggeredAt":1"#] {
        for body in [format!("{{{twice},{open}"), format!("{closed},{twice}}}")] {
            let answer = town.post(&format!("/hooks/lever/{ACCOUNT}"), body).expect("an answer");
            assert_eq!(answer.status, 401, "{twice}: {}", answer.text);
        }
    }
    assert_eq!(town.records(), before);
    assert!(town.mails().is_empty());
});

story!(ten_thousand_tags_are_read, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let new = (0..10_000).fold(NewOpportunity::named("Ada Okafor"), |new, number| new.tag(&format!("tag {number}")));
    let ada = town.recruiter().adds_with("Ada Okafor", new.tag(RUST));
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
});

story!(odd_titles_are_titles, |town| {
    let long = "é".repeat(2048);
    let titles = [
        "  Spaces around  ",
        "100% <b>\"bold\"</b> & 'quoted'",
        "a/b?c=d#e+f",
        "Größe — 日本語 🦀",
        "اختبار البرمجة: Rust \u{200f}(أساسي)",
        "C++ - Invited",
        "{{ handlebars }}",
        &long,
    ];
    town.operator().sets_everything_up(&titles);
    for (number, title) in titles.iter().enumerate() {
        let name = format!("Person {}", char::from(b'A' + number as u8));
        let who = town.recruiter().adds_tagged(&name, title.trim());
        town.recruiter().moves(&who, "Coding test");
        town.deliver_well();
        assert_eq!(town.candidate(&who).invitations(), 1, "{title}: {:#?}", town.activity().first());
        town.candidate(&who).starts();
        town.candidate(&who).submits(88.0);
        town.deliver_well();
        assert_eq!(town.tags(&who), [format!("{} - Submitted", title.trim())]);
        let notes = town.notes(&who);
        assert_eq!(notes.len(), 1);
    }
});

story!(unknown_accounts_and_routes_are_not_found, |town| {
    for path in ["/api/accounts/nobody", "/api/accounts/nobody/activity", "/api/nothing", "/nothing"] {
        town.call("GET", path, None).expect(404);
    }
    town.call("POST", "/api/accounts/nobody/lever/login", None).expect(404);
    for account in ["UPPER", "-x", "a_b", "a%2Fb", &"x".repeat(64)] {
        let answer =
            town.call("PUT", &format!("/api/accounts/{account}"), Some(json!({"name": "X", "ats_enabled": true})));
        assert!((400..500).contains(&answer.status), "{account}: {} {}", answer.status, answer.text);
    }
    assert!(town.records().is_empty(), "{:?}", town.records().keys());
});

story!(the_api_wants_its_token, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.watch();
    let before = town.records();
    for (method, path) in [("GET", "/api/accounts/acme"), ("DELETE", "/api/accounts/acme"), ("POST", "/sync")] {
        for token in [None, Some("Bearer wrong"), Some("Bearer "), Some("Basic operator")] {
            let mut request = http::Request::builder().method(method).uri(path);
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            let answer = town.request(request.body(bytes::Bytes::new()).expect("a request")).expect("an answer");
            assert_eq!(answer.status, 401, "{method} {path} {token:?}");
        }
    }
    assert_eq!(town.records(), before);
    assert!(town.operations().iter().all(|(kind, _)| *kind == Kind::Clock), "{:?}", town.operations());
});
