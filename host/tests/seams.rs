//! The guest's store and its way to the vendors, as a test can replace them.

mod support;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use host::{Handled, Outbound, OutboundError, Outcome, Storage, StorageError, Swap, WireError, async_trait};
use support::{get, host, text};

/// Answers by path, and keeps what it was sent.
#[derive(Default)]
struct Vendor(Mutex<Vec<http::Request<Bytes>>>);

#[async_trait]
impl Outbound for Vendor {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, OutboundError> {
        let path = request.uri().path().to_owned();
        self.0.lock().expect("sound").push(request);
        match path.as_str() {
            "/slow" => Err(WireError::HttpResponseTimeout.into()),
            "/cut" => Err(OutboundError::Trap("the machine died".to_owned())),
            _ => Ok(http::Response::builder().status(201).body(Bytes::from("made")).expect("sound")),
        }
    }
}

#[tokio::test]
async fn calls_go_out_whole_and_answers_come_back() {
    let vendor = Arc::new(Vendor::default());
    let host = host().outbound(vendor.clone()).build().expect("a host");
    assert_eq!(text(&host, "/call?https://vendor.example/things").await, "201 made");
    assert_eq!(text(&host, "/call?https://vendor.example/slow").await, "failed: ErrorCode::HttpResponseTimeout");
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
    for url in ["http://vendor.example/", "https://other.example/", "https://vendor.example:444/"] {
        assert_eq!(text(&host, &format!("/call?{url}")).await, "failed: ErrorCode::HttpRequestDenied", "{url}");
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
        ("/get-many?b&absent&c", r#"Ok([("b", Some([50])), ("c", Some([51]))])"#),
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
    assert_eq!(text(&failing, "/get?a").await, r#"Error::Other("disk full")"#);
    let cutting = Broken(StorageError::Trap("the machine died".to_owned()));
    let cutting = host().storage(Arc::new(cutting)).build().expect("a host");
    let Handled { response, rest } = get(&cutting, "/set?a=1").await;
    assert_eq!(response.status(), 500);
    let outcome = rest.await;
    assert!(matches!(&outcome, Outcome::Trapped(text) if text.contains("the machine died")), "{outcome:?}");
}
