//! What the host does for a guest and to it.

mod support;

use support::{host, text};

#[tokio::test]
async fn a_request_is_answered() {
    let host = host().build().expect("a host");
    assert_eq!(text(&host, "/hello").await, "hello");
}
