//! What a status says is the same at every vendor.

use bytes::Bytes;
use http::Response;
use jiff::SignedDuration;
use proptest::prelude::*;
use qualified_ats::vendor::{Call, CallError, lever::ListStages};

use super::json;

fn error(response: &Response<Bytes>) -> CallError {
    ListStages::default().read(response).expect_err("an error")
}

#[test]
fn every_status_has_its_meaning() {
    let text = |status: u16, text: &str| format!("{status}: {text}");
    let said = r#"{"code":"X","message":"so\nit is"}"#;
    for (status, expected) in [
        (400, CallError::Refused(text(400, "so it is"))),
        (401, CallError::Unauthorized(text(401, "so it is"))),
        (403, CallError::Refused(text(403, "so it is"))),
        (404, CallError::NotFound(text(404, "so it is"))),
        (408, CallError::Unavailable(text(408, "so it is"))),
        (410, CallError::NotFound(text(410, "so it is"))),
        (429, CallError::Throttled { after: None }),
        (500, CallError::Unavailable(text(500, "so it is"))),
        (503, CallError::Unavailable(text(503, "so it is"))),
        (598, CallError::Unavailable(text(598, "so it is"))),
        (301, CallError::Refused(text(301, "it redirects elsewhere"))),
    ] {
        assert_eq!(error(&json(status, said)), expected);
    }
    let long = error(&json(400, &format!(r#"{{"message":"{}"}}"#, "é".repeat(500))));
    assert_eq!(long, CallError::Refused(text(400, &"é".repeat(200))));
    assert_eq!(error(&json(500, "<html>")), CallError::Unavailable("500".to_owned()));
}

fn wait(status: u16, retry_after: &str, date: Option<&str>) -> Option<SignedDuration> {
    let mut response = Response::builder().status(status).header("retry-after", retry_after);
    if let Some(date) = date {
        response = response.header("date", date);
    }
    match error(&response.body(Bytes::new()).expect("a response")) {
        CallError::Throttled { after } => after,
        other => panic!("{other}"),
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let seconds = |seconds| Some(SignedDuration::from_secs(seconds));
    // RFC 9110's own example dates.
    let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(wait(429, "120", None), seconds(120));
    assert_eq!(wait(429, "0", None), seconds(0));
    assert_eq!(wait(429, "99999999999999999999", None), seconds(u32::MAX.into()));
    assert_eq!(wait(429, "Sun, 06 Nov 1994 08:50:37 GMT", date), seconds(60));
    assert_eq!(wait(429, "Sun, 06 Nov 1994 08:00:00 GMT", date), seconds(0));
    assert_eq!(wait(503, "5", None), seconds(5));
    for neither in ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994"] {
        assert_eq!(wait(429, neither, date), None, "{neither}");
    }
    assert_eq!(wait(429, "Sun, 06 Nov 1994 08:50:37 GMT", None), None);
}

proptest! {
    #[test]
    fn retry_after_is_never_negative_nor_a_panic(text in "[ -~]{0,40}|[0-9]{1,30}|Sun, [0-9]{2} Nov [0-9]{4} [0-9:]{8} GMT") {
        let waits = wait(429, &text, Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        prop_assert!(waits.is_none_or(|wait| wait >= SignedDuration::ZERO));
    }
}
