//! A component that does what its request's path says, so that the host's tests can look at it from outside.
//!
//! Its answers are text. What goes wrong where it should not is a panic: the host then answers 500.

mod keyvalue;

use std::fmt::Write as _;

use wasi::cli::{stderr, stdout};
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::exports::http::incoming_handler::Guest;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};
use wasi::random::random;

use keyvalue::fermyon::spin::variables;

struct Component;

wasi::http::proxy::export!(Component);

impl Guest for Component {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        match path {
            "/late" => {
                respond(out, 200, "answered");
                monotonic_clock::subscribe_duration(50_000_000).block();
                keyvalue::set(query, "written after the response");
            }
            "/late-spin" => {
                respond(out, 200, "answered");
                spin();
            }
            "/spin" => spin(),
            "/sync" if !authorized(&request) => respond(out, 401, ""),
            "/silent" => {}
            "/refuse" => ResponseOutparam::set(out, Err(ErrorCode::InternalError(None))),
            "/panic" => panic!("as asked"),
            "/half" => {
                let body = begin(out, 200);
                let stream = body.write().unwrap();
                stream.blocking_write_and_flush(b"half of it").unwrap();
                panic!("in the middle");
            }
            _ => {
                let text = answer(path, query, &request);
                respond(out, 200, &text);
            }
        }
    }
}

fn answer(path: &str, query: &str, request: &IncomingRequest) -> String {
    match path {
        "/hello" => "hello".to_owned(),
        "/echo" => echo(request),
        "/eat" => {
            let mut eaten = Vec::new();
            loop {
                eaten.push(vec![1_u8; 1 << 20]);
                std::hint::black_box(&eaten);
            }
        }
        "/variable" => format!("{:?}", variables::get(query)),
        "/print" => {
            stdout::get_stdout().blocking_write_and_flush(b"one\ntw").unwrap();
            stdout::get_stdout().blocking_write_and_flush(b"o\n").unwrap();
            stderr::get_stderr().blocking_write_and_flush(b"three").unwrap();
            String::new()
        }
        "/random" => format!("{:?}", random::get_random_bytes(16)),
        "/time" => format!("{} {}", wall_clock::now().seconds, monotonic_clock::now()),
        "/call" => call(query),
        "/sync" => keyvalue::sync(),
        _ => keyvalue::answer(path, query),
    }
}

/// The ticker's bearer token is the variable's.
fn authorized(request: &IncomingRequest) -> bool {
    let token = variables::get("token").unwrap();
    request.headers().get(&"authorization".to_owned()) == [format!("Bearer {token}").into_bytes()]
}

fn echo(request: &IncomingRequest) -> String {
    let mut text = format!(
        "{:?} {:?} {:?} {:?}\n",
        request.method(),
        request.scheme(),
        request.authority(),
        request.path_with_query()
    );
    for (name, value) in request.headers().entries() {
        writeln!(text, "{name}: {}", String::from_utf8_lossy(&value)).unwrap();
    }
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut length = 0;
    while let Ok(bytes) = stream.blocking_read(1 << 16) {
        length += bytes.len();
    }
    writeln!(text, "{length} bytes").unwrap();
    text
}

/// POSTs `sent` to the URL and tells the status and the body, or the error code.
fn call(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let request = OutgoingRequest::new(Fields::from_list(&[("x-from".to_owned(), b"guest".to_vec())]).unwrap());
    request.set_method(&wasi::http::types::Method::Post).unwrap();
    let scheme = if scheme == "http" { Scheme::Http } else { Scheme::Https };
    request.set_scheme(Some(&scheme)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some(&format!("/{path}"))).unwrap();
    let body = request.body().unwrap();
    let response = match outgoing_handler::handle(request, None) {
        Ok(response) => response,
        Err(code) => return format!("refused: {code:?}"),
    };
    let stream = body.write().unwrap();
    let _ = stream.blocking_write_and_flush(b"sent");
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
    response.subscribe().block();
    match response.get().unwrap().unwrap() {
        Ok(response) => {
            let body = response.consume().unwrap();
            let stream = body.stream().unwrap();
            let mut text = Vec::new();
            while let Ok(bytes) = stream.blocking_read(1 << 16) {
                text.extend(bytes);
            }
            format!("{} {}", response.status(), String::from_utf8_lossy(&text))
        }
        Err(code) => format!("failed: {code:?}"),
    }
}

fn begin(out: ResponseOutparam, status: u16) -> OutgoingBody {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    body
}

fn respond(out: ResponseOutparam, status: u16, text: &str) {
    let body = begin(out, status);
    let stream = body.write().unwrap();
    for piece in text.as_bytes().chunks(4096) {
        stream.blocking_write_and_flush(piece).unwrap();
    }
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

fn spin() {
    loop {
        std::hint::black_box(());
    }
}
