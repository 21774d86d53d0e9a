//! A variable with an unusable value: the component starts, and every route but one says which it is.

use http::Request;

use crate::support::Town;

#[test]
fn an_unusable_value_is_named_by_every_route_of_the_component() {
    for (name, value) in [
        ("lever_api_origin", "https://api.lever.co/v1"),
        ("qualified_origin", ""),
        ("bamboohr_origin", "nowhere"),
        ("encryption_key", "short"),
        ("lever_client_secret", ""),
    ] {
        let town = Town::component_where(name, value);
        let get = |path: &str| {
            let request = Request::get(path).header("accept", "application/json").body(bytes::Bytes::new());
            town.request(request.expect("a request")).expect("an answer")
        };
        get("/healthz").expect(200);
        for answer in [town.call("POST", "/sync", None), town.account("GET", "", None), get("/lever/callback?state=x")]
        {
            let text = answer.expect(503).text;
            assert!(text.contains(name), "{name}: {text}");
        }
    }
}
