//! The vendors' dialects against what the vendors document: every request as it goes out, and answers cut
//! from the documentation's samples, with the quirks that were seen in life.

mod wire {
    mod bamboohr;
    mod drift;
    mod lever;
    mod oauth;
    mod qualified;
    mod status;

    use bytes::Bytes;
    use http::{Request, Response, header};
    use qualified_ats::domain::time::Timestamp;
    use qualified_ats::{
        domain::secret::Secret,
        vendor::{Call, CallError},
    };
    use url::Url;

    /// What every credential in these tests is.
    const SECRET: &str = "s3cr3t/+";

    fn secret() -> Secret {
        Secret::new(SECRET)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// Method and URL, sorted headers, body. Credentials are marked, also where a form encodes them. The length is
    /// compared instead of shown.
    fn shown(request: &Request<Bytes>) -> String {
        let length = request.headers().get(header::CONTENT_LENGTH).map(|length| length.to_str().expect("text"));
        let expected = (request.method() != http::Method::GET).then(|| request.body().len().to_string());
        assert_eq!(length, expected.as_deref(), "{} {}", request.method(), request.uri());
        let said = [header::USER_AGENT, header::ACCEPT, header::CONTENT_LENGTH];
        let mut headers: Vec<_> = request
            .headers()
            .iter()
            .filter(|(name, _)| !said.contains(name))
            .map(|(name, value)| format!("{name}: {}\n", value.to_str().expect("text")))
            .collect();
        headers.sort();
        let body = std::str::from_utf8(request.body()).expect("text");
        let text = format!("{} {}\n{}{body}", request.method(), request.uri(), headers.concat());
        text.replace(SECRET, "[secret]").replace("s3cr3t%2F%2B", "[secret]")
    }

    fn json(status: u16, body: &str) -> Response<Bytes> {
        let response = Response::builder().status(status).header("content-type", "application/json; charset=utf-8");
        response.body(Bytes::copy_from_slice(body.as_bytes())).expect("a response")
    }

    /// What the call makes of a 200 with this body.
    fn read<C: Call>(call: &C, body: &str) -> Result<C::Reply, CallError> {
        call.read(&json(200, body))
    }

    #[test]
    fn every_request_says_who_we_are_and_that_we_want_json() {
        let grant = qualified_ats::vendor::lever::Grant { origin: url("https://api.lever.co"), access: secret() };
        let request = qualified_ats::vendor::lever::ListStages::default().request(&grant);
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!(request.headers()["user-agent"], concat!("qualified-ats/", env!("CARGO_PKG_VERSION")));
        assert!(request.headers()["authorization"].is_sensitive());
        assert!(!format!("{request:?} {grant:?}").contains(SECRET));
    }
}
