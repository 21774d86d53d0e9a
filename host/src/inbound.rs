//! What Spin makes of a request before the component sees it.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::header::{HOST, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, StatusCode, Uri};

/// Who sent a request: an extension of it, put there by the server. Without one, the request comes from this process.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub SocketAddr);

/// The trigger's route: one path, or with `/...` at its end everything below.
pub(crate) struct Route {
    raw: String,
    /// The path, or the part before `/...`.
    prefix: String,
    wildcard: bool,
}

impl Route {
    pub(crate) fn parse(route: &str) -> Self {
        let prefix = route.strip_suffix("/...");
        Self { raw: route.to_owned(), prefix: prefix.unwrap_or(route).to_owned(), wildcard: prefix.is_some() }
    }

    /// What follows the route in `path`; `None` if the route does not lead there.
    fn rest<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(&self.prefix)?;
        (rest.is_empty() || self.wildcard && rest.starts_with('/')).then_some(rest)
    }
}

/// Completes the URI from the `Host` header (or that from the URI), and adds Spin's headers.
///
/// As on Spin, they are added after those the client may have sent under the same names.
///
/// # Errors
/// 404 where no route leads; 400 for a request that Spin would not pass on.
pub(crate) fn prepare(request: Request<Bytes>, route: &Route) -> Result<Request<Bytes>, StatusCode> {
    let (mut parts, body) = request.into_parts();
    let Some(rest) = route.rest(parts.uri.path()) else {
        return Err(StatusCode::NOT_FOUND);
    };

    let header: Option<Authority> = match parts.headers.get(HOST) {
        Some(host) => Some(host.as_bytes().try_into().map_err(|_| StatusCode::BAD_REQUEST)?),
        None => None,
    };
    let authority = match (header, parts.uri.authority()) {
        (Some(header), Some(uri)) if header != *uri => return Err(StatusCode::BAD_REQUEST),
        (Some(authority), _) => authority,
        (None, Some(authority)) => authority.clone(),
        (None, None) => return Err(StatusCode::BAD_REQUEST),
    };
    let target = parts.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));

    let client = parts
        .extensions
        .get::<ClientAddress>()
        .map_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), |ClientAddress(address)| *address);
    let added = [
        ("spin-path-info", rest.to_owned()),
        ("spin-full-url", format!("http://{authority}{target}")),
        ("spin-matched-route", route.raw.clone()),
        ("spin-base-path", "/".to_owned()),
        ("spin-raw-component-route", route.raw.clone()),
        ("spin-component-route", route.prefix.clone()),
        ("spin-client-addr", client.to_string()),
    ];
    for (name, value) in added {
        let value = HeaderValue::try_from(value).map_err(|_| StatusCode::BAD_REQUEST)?;
        parts.headers.append(HeaderName::from_static(name), value);
    }

    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(authority);
    uri.path_and_query = Some(target);
    parts.uri = Uri::from_parts(uri).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Request::from_parts(parts, body))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use bytes::Bytes;
    use http::{Request, StatusCode};

    use super::{Route, prepare};

    fn prepared(route: &str, uri: &str, host: Option<&str>) -> Result<Request<Bytes>, StatusCode> {
        let mut request = Request::get(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        prepare(request.body(Bytes::new()).unwrap(), &Route::parse(route))
    }

    #[test]
    fn the_uri_is_made_whole() {
        for (uri, host) in [("/a/b?c", Some("x.example:1")), ("http://x.example:1/a/b?c", None)] {
            let request = prepared("/...", uri, host).unwrap();
            assert_eq!(request.uri(), "http://x.example:1/a/b?c");
            assert_eq!(request.headers()["spin-full-url"], "http://x.example:1/a/b?c");
            assert_eq!(request.headers()["spin-path-info"], "/a/b");
            assert_eq!(request.headers()["spin-client-addr"], "127.0.0.1:0");
        }
    }

    #[test]
    fn an_ambiguous_host_is_refused() {
        assert_eq!(prepared("/...", "/", None).unwrap_err(), StatusCode::BAD_REQUEST);
        assert_eq!(prepared("/...", "http://a/", Some("b")).unwrap_err(), StatusCode::BAD_REQUEST);
        assert_eq!(prepared("/...", "/", Some("a b")).unwrap_err(), StatusCode::BAD_REQUEST);
    }

    #[test]
    fn a_route_leads_to_its_paths_alone() {
        let table = [
            ("/...", "/", Some("/")),
            ("/ats/...", "/ats", Some("")),
            ("/ats/...", "/ats/x", Some("/x")),
            ("/ats/...", "/atsx", None),
            ("/ats", "/ats", Some("")),
            ("/ats", "/ats/x", None),
        ];
        for (route, path, rest) in table {
            assert_eq!(Route::parse(route).rest(path), rest, "{route} and {path}");
        }
    }
}
