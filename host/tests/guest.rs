//! What the host does for a guest, and what it does not let a guest do.

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use host::{
    Clock, Compiled, Handled, Host, Limits, Memory, Outbound, OutboundError, Outcome, Storage, Stream, async_trait,
};
use support::{get, host, text};

#[tokio::test]
async fn a_request_arrives_as_spin_passes_it_on() {
    let host = host().build().expect("a host");
    let request = http::Request::post("/echo?a=b")
        .header("host", "ats.example")
        .header("spin-client-addr", "forged")
        .header("x-kept", "yes")
        .body(Bytes::from(vec![7; 100_000]));
    let Handled { response, rest } = host.handle(request.expect("sound")).await;
    assert_eq!(rest.await, Outcome::Finished);
    let text = String::from_utf8(response.into_body().into()).expect("text");
    let mut lines: Vec<_> = text.lines().collect();
    // The library keeps no order among different names.
    lines[1..].sort_unstable();
    // No `host` header: `wasi:http` forbids it, so `spin-full-url` is where the guest learns it.
    let expected = [
        r#"Method::Post Some(Scheme::Http) Some("ats.example") Some("/echo?a=b")"#,
        "100000 bytes",
        "spin-base-path: /",
        "spin-client-addr: 127.0.0.1:0",
        "spin-client-addr: forged",
        "spin-component-route: ",
        "spin-full-url: http://ats.example/echo?a=b",
        "spin-matched-route: /...",
        "spin-path-info: /echo",
        "spin-raw-component-route: /...",
        "x-kept: yes",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn every_request_has_a_fresh_guest_and_many_run_at_once() {
    let host = host().build().expect("a host");
    // More than the pool holds: the rest waits.
    let requests = (0..200).map(|_| {
        let host = host.clone();
        tokio::spawn(async move { text(&host, "/hello").await })
    });
    for request in requests.collect::<Vec<_>>() {
        assert_eq!(request.await.expect("ends"), "hello");
    }
    host.idle().await;
}

#[tokio::test]
async fn variables_are_the_components_own() {
    let host = host().build().expect("a host");
    assert_eq!(text(&host, "/variable?greeting").await, r#"Ok("hush word")"#);
    let undefined = text(&host, "/variable?secret").await;
    assert!(undefined.starts_with("Err(Error::Undefined"), "{undefined}");
}

#[tokio::test]
async fn work_goes_on_after_the_response() {
    let storage = Arc::new(Memory::default());
    let host = host().storage(storage.clone()).build().expect("a host");
    let Handled { response, rest } = get(&host, "/late?key").await;
    assert_eq!(response.body(), "answered");
    assert_eq!(storage.get("key").await, Ok(None));
    assert_eq!(rest.await, Outcome::Finished);
    assert_eq!(storage.get("key").await, Ok(Some(b"written after the response".to_vec())));
}

#[tokio::test]
async fn work_goes_on_when_nobody_waits_for_it() {
    let storage = Arc::new(Memory::default());
    let host = host().storage(storage.clone()).build().expect("a host");
    drop(get(&host, "/late?key").await);
    host.idle().await;
    assert_eq!(storage.exists("key").await, Ok(true));
}

#[tokio::test]
async fn a_guest_is_stopped_at_the_time_limit() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let host = host().limits(limits).build().expect("a host");

    let Handled { response, rest } = get(&host, "/spin").await;
    assert_eq!(response.status(), 504);
    assert_eq!(rest.await, Outcome::TimedOut);

    let Handled { response, rest } = get(&host, "/late-spin").await;
    assert_eq!(response.body(), "answered");
    assert_eq!(rest.await, Outcome::TimedOut);
}

#[tokio::test]
async fn a_guest_gets_no_memory_beyond_the_limit() {
    let limits = Limits { memory: 16 << 20, ..Limits::default() };
    let host = host().limits(limits).build().expect("a host");
    let Handled { response, rest } = get(&host, "/eat").await;
    assert_eq!(response.status(), 500);
    assert!(matches!(rest.await, Outcome::Trapped(_)));
    assert_eq!(text(&host, "/hello").await, "hello");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let limits = Limits { request_body: 10, ..Limits::default() };
    let host = host().limits(limits).build().expect("a host");
    let request = http::Request::post("http://ats.example/hello").body(Bytes::from(vec![0; 11]));
    let Handled { response, rest } = host.handle(request.expect("sound")).await;
    assert_eq!(response.status(), 413);
    assert_eq!(rest.await, Outcome::NotStarted);
}

#[tokio::test]
async fn a_guest_without_a_whole_response_is_answered_for() {
    let host = host().build().expect("a host");
    for target in ["/panic", "/silent", "/refuse"] {
        assert_eq!(get(&host, target).await.response.status(), 500, "{target}");
    }
}

#[tokio::test]
async fn a_body_broken_off_by_a_crash_ends_there() {
    let host = host().build().expect("a host");
    let Handled { response, rest } = get(&host, "/half").await;
    // Nothing tells the client: `wasi:http` of wasmtime, in Spin too, ends the body as if it were whole.
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"half of it"[..]));
    assert!(matches!(rest.await, Outcome::Trapped(_)));
}

#[tokio::test]
async fn what_the_guest_prints_is_logged_by_line() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let host = host()
        .log(move |line| seen.lock().expect("sound").push((line.request, line.stream, line.text.to_owned())))
        .build()
        .expect("a host");
    text(&host, "/print").await;
    get(&host, "/panic").await;
    let lines = lines.lock().expect("sound");
    assert_eq!(
        lines[..3],
        [
            (1, Stream::Stdout, "one".to_owned()),
            (1, Stream::Stdout, "two".to_owned()),
            (1, Stream::Stderr, "three".to_owned()),
        ]
    );
    assert!(lines[3..].iter().any(|(request, _, text)| *request == 2 && text.contains("as asked")), "{lines:?}");
}

#[tokio::test]
async fn one_seed_gives_one_sequence() {
    let seeded = || host().seed(7).build().expect("a host");
    let first = seeded();
    let numbers = [text(&first, "/random").await, text(&first, "/random").await];
    assert_ne!(numbers[0], numbers[1]);
    let second = seeded();
    assert_eq!(numbers, [text(&second, "/random").await, text(&second, "/random").await]);
    let unseeded = host().build().expect("a host");
    assert_ne!(text(&unseeded, "/random").await, numbers[0]);
}

#[tokio::test]
async fn the_clock_is_the_one_given() {
    struct Stopped;
    impl Clock for Stopped {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
        }
        fn elapsed(&self) -> Duration {
            Duration::from_nanos(42)
        }
    }
    let host = host().clock(Arc::new(Stopped)).build().expect("a host");
    assert_eq!(text(&host, "/time").await, "1700000000 42");
}

#[tokio::test]
async fn a_missing_variable_is_named_and_an_unknown_one_refused() {
    let refused = |builder: host::HostBuilder| format!("{:#}", builder.build().err().expect("refused"));
    let (manifest, compiled) = (support::manifest(), support::compiled());
    let error = refused(Host::builder(&manifest, compiled));
    assert!(error.contains("secret (set SPIN_VARIABLE_SECRET)"), "{error}");
    let error = refused(host().variables([("secrets", "x")]));
    assert!(error.contains("\"secrets\""), "{error}");
}

#[tokio::test]
async fn a_host_of_the_operator_that_is_no_origin_denies_all_and_the_guest_answers() {
    for vendor in ["", "https://vendor.example/v1"] {
        let host = host().variables([("vendor", vendor)]).build().expect("a host");
        assert_eq!(text(&host, "/hello").await, "hello");
        let call = text(&host, "/call?https://vendor.example/").await;
        assert_eq!(call, "failed: ErrorCode::HttpRequestDenied", "{vendor:?}");
    }
}

/// Never answers.
struct Silent;

#[async_trait]
impl Outbound for Silent {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, OutboundError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_request_that_finds_no_place_is_told_to_come_again() {
    // Its own pool, which no other test is waiting for.
    let compiled = Compiled::load(support::component()).expect("it compiles");
    let host =
        Host::builder(&support::manifest(), &compiled).variables([("secret", "word")]).outbound(Arc::new(Silent));
    let limits = Limits { wait: Duration::from_millis(100), time: Duration::from_secs(2), ..Limits::default() };
    let host = host.limits(limits).build().expect("a host");
    let ask = || {
        let host = host.clone();
        tokio::spawn(async move { get(&host, "/call?https://vendor.example/").await.response })
    };
    // More than can run at once, each of them waiting for its vendor.
    let asked: Vec<_> = (0..150).map(|_| ask()).collect();
    let mut statuses = Vec::new();
    for response in asked {
        let response = response.await.expect("ends");
        let again = response.headers().get("retry-after").cloned();
        assert_eq!(again.is_some(), response.status() == 503, "{response:?}");
        statuses.push(response.status().as_u16());
    }
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [503, 504]);
    assert_eq!(text(&host, "/hello").await, "hello");
}
