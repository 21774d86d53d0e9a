//! What the host does for a guest, and what it does not let a guest do.

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use host::{
    Clock, Handled, Limits, Memory, Outbound, OutboundError, Outcome, Storage, StorageError,
    Stream, Swap, WireError, async_trait,
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
    assert_eq!(
        text(&host, "/variable?greeting").await,
        r#"Ok("hush word")"#
    );
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
    assert_eq!(
        storage.get("key").await,
        Ok(Some(b"written after the response".to_vec()))
    );
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
    let limits = Limits {
        time: Duration::from_millis(200),
        ..Limits::default()
    };
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
    let limits = Limits {
        memory: 16 << 20,
        ..Limits::default()
    };
    let host = host().limits(limits).build().expect("a host");
    let Handled { response, rest } = get(&host, "/eat").await;
    assert_eq!(response.status(), 500);
    assert!(matches!(rest.await, Outcome::Trapped(_)));
    assert_eq!(text(&host, "/hello").await, "hello");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let limits = Limits {
        request_body: 10,
        ..Limits::default()
    };
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
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (200, &b"half of it"[..])
    );
    assert!(matches!(rest.await, Outcome::Trapped(_)));
}

#[tokio::test]
async fn what_the_guest_prints_is_logged_by_line() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&lines);
    let host = host()
        .log(move |line| {
            seen.lock()
                .expect("sound")
                .push((line.request, line.stream, line.text.to_owned()))
        })
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
    assert!(
        lines[3..]
            .iter()
            .any(|(request, _, text)| *request == 2 && text.contains("as asked")),
        "{lines:?}"
    );
}

#[tokio::test]
async fn one_seed_gives_one_sequence() {
    let seeded = || host().seed(7).build().expect("a host");
    let first = seeded();
    let numbers = [text(&first, "/random").await, text(&first, "/random").await];
    assert_ne!(numbers[0], numbers[1]);
    let second = seeded();
    assert_eq!(
        numbers,
        [
            text(&second, "/random").await,
            text(&second, "/random").await
        ]
    );
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

/// Answers by path, and keeps what it was sent.
#[derive(Default)]
struct Vendor(Mutex<Vec<http::Request<Bytes>>>);

#[async_trait]
impl Outbound for Vendor {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, OutboundError> {
        let path = request.uri().path().to_owned();
        self.0.lock().expect("sound").push(request);
        match path.as_str() {
            "/slow" => Err(WireError::HttpResponseTimeout.into()),
            "/cut" => Err(OutboundError::Trap("the machine died".to_owned())),
            _ => Ok(http::Response::builder()
                .status(201)
                .body(Bytes::from("made"))
                .expect("sound")),
        }
    }
}

#[tokio::test]
async fn calls_go_out_whole_and_answers_come_back() {
    let vendor = Arc::new(Vendor::default());
    let host = host().outbound(vendor.clone()).build().expect("a host");
    assert_eq!(
        text(&host, "/call?https://vendor.example/things").await,
        "201 made"
    );
    assert_eq!(
        text(&host, "/call?https://vendor.example/slow").await,
        "failed: ErrorCode::HttpResponseTimeout"
    );
    let requests = vendor.0.lock().expect("sound");
    assert_eq!(requests[0].method(), "POST");
    assert_eq!(requests[0].uri(), "https://vendor.example/things");
    assert_eq!(requests[0].headers()["x-from"], "guest");
    assert_eq!(requests[0].body(), "sent");
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_never_called() {
    let vendor = Arc::new(Vendor::default());
    let host = host().outbound(vendor.clone()).build().expect("a host");
    for url in [
        "http://vendor.example/",
        "https://other.example/",
        "https://vendor.example:444/",
    ] {
        assert_eq!(
            text(&host, &format!("/call?{url}")).await,
            "failed: ErrorCode::HttpRequestDenied",
            "{url}"
        );
    }
    assert!(vendor.0.lock().expect("sound").is_empty());
}

#[tokio::test]
async fn a_call_can_be_cut_after_its_effect() {
    let vendor = Arc::new(Vendor::default());
    let host = host().outbound(vendor.clone()).build().expect("a host");
    let Handled { response, rest } = get(&host, "/call?https://vendor.example/cut").await;
    assert_eq!(response.status(), 500);
    assert_eq!(rest.await, Outcome::Trapped("the machine died".to_owned()));
    assert_eq!(vendor.0.lock().expect("sound").len(), 1);
}

#[tokio::test]
async fn the_store_answers_as_spins_does() {
    let host = host().build().expect("a host");
    let table = [
        ("/open?default", "open"),
        ("/open?elsewhere", "Error::NoSuchStore"),
        ("/open?forbidden", "Error::AccessDenied"),
        ("/get?a", "nothing"),
        ("/set?a=1", "Ok(())"),
        ("/get?a", "1"),
        ("/exists?a", "Ok(true)"),
        ("/set-many?b=2&c=3", "Ok(())"),
        (
            "/get-many?b&absent&c",
            r#"Ok([("b", Some([50])), ("c", Some([51]))])"#,
        ),
        ("/keys", r#"Ok((["a", "b", "c"], None))"#),
        ("/swap?a=2", "saw 1, swapped"),
        ("/swap?a=3&a=9", "saw 2, lost to 9, then true"),
        ("/get?a", "3"),
        ("/swap?new=1&new=2", "saw nothing, swapped"),
        ("/get?new", "1"),
        ("/increment?count", "Ok(2)"),
        ("/increment?count", "Ok(4)"),
        ("/delete?a", "Ok(())"),
        ("/delete-many?b&c&count&new", "Ok(())"),
        ("/keys", "Ok(([], None))"),
    ];
    for (target, expected) in table {
        assert_eq!(text(&host, target).await, expected, "{target}");
    }
}

#[tokio::test]
async fn an_increment_of_no_counter_poisons_the_store() {
    let host = host().build().expect("a host");
    text(&host, "/set?name=text").await;
    assert_eq!(get(&host, "/increment?name").await.response.status(), 500);
    assert_eq!(get(&host, "/get?name").await.response.status(), 500);
    assert_eq!(text(&host, "/hello").await, "hello");
}

/// A store that is out of order, or at which the machine dies.
struct Broken(StorageError);

#[async_trait]
impl Storage for Broken {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Err(self.0.clone())
    }
    async fn get_many(&self, _: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
        Err(self.0.clone())
    }
    async fn set(&self, _: &str, _: Vec<u8>) -> Result<(), StorageError> {
        Err(self.0.clone())
    }
    async fn set_many(&self, _: Vec<(String, Vec<u8>)>) -> Result<(), StorageError> {
        Err(self.0.clone())
    }
    async fn delete(&self, _: &str) -> Result<(), StorageError> {
        Err(self.0.clone())
    }
    async fn delete_many(&self, _: &[String]) -> Result<(), StorageError> {
        Err(self.0.clone())
    }
    async fn exists(&self, _: &str) -> Result<bool, StorageError> {
        Err(self.0.clone())
    }
    async fn keys(&self) -> Result<Vec<String>, StorageError> {
        Err(self.0.clone())
    }
    async fn swap(&self, _: &str, _: Option<&[u8]>, _: Vec<u8>) -> Result<Swap, StorageError> {
        Err(self.0.clone())
    }
}

#[tokio::test]
async fn a_store_can_fail_or_end_the_guest() {
    let failing = Broken(StorageError::Failed("disk full".to_owned()));
    let failing = host().storage(Arc::new(failing)).build().expect("a host");
    assert_eq!(
        text(&failing, "/get?a").await,
        r#"Error::Other("disk full")"#
    );
    let cutting = Broken(StorageError::Trap("the machine died".to_owned()));
    let cutting = host().storage(Arc::new(cutting)).build().expect("a host");
    let Handled { response, rest } = get(&cutting, "/set?a=1").await;
    assert_eq!(response.status(), 500);
    let outcome = rest.await;
    assert!(
        matches!(&outcome, Outcome::Trapped(text) if text.contains("the machine died")),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_missing_variable_is_named_and_an_unknown_one_refused() {
    let refused =
        |builder: host::HostBuilder| format!("{:#}", builder.build().err().expect("refused"));
    let (manifest, compiled) = (support::manifest(), support::compiled());
    let error = refused(host::Host::builder(&manifest, compiled));
    assert!(
        error.contains("secret (set SPIN_VARIABLE_SECRET)"),
        "{error}"
    );
    let error = refused(host().variables([("secrets", "x")]));
    assert!(error.contains("\"secrets\""), "{error}");
    let error = refused(host().variables([("vendor", "https://vendor.example/v1")]));
    assert!(
        error.contains("https://vendor.example/v1") && error.contains("path"),
        "{error}"
    );
}
