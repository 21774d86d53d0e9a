//! The host as a program: a socket, signals, the ticker.

mod support;

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use host::{Memory, Sqlite, Storage, Ticker};
use support::{component, host, text};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

/// Sends a request's text on a connection of its own, and reads until the server ends it.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answers");
    answer
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: ats.example\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn requests_are_served_until_the_stop_and_their_work_ends() {
    let storage = Arc::new(Memory::default());
    let host = host().storage(storage.clone()).build().expect("a host");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let server = tokio::spawn(host::serve(listener, host, stopped, Duration::from_secs(30)));

    let answer = exchange(address, &get("/hello")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("hello"), "{answer}");
    let answer = exchange(address, &get("/echo")).await;
    assert!(answer.contains("spin-client-addr: 127.0.0.1:"), "{answer}");
    let answer = exchange(address, &get("/.well-known/spin/health")).await;
    assert!(answer.ends_with("\r\n\r\nOK"), "{answer}");
    let large = "POST /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 99999999\r\n\r\n";
    assert!(exchange(address, large).await.starts_with("HTTP/1.1 413 "));

    let answer = exchange(address, &get("/late?key")).await;
    assert!(answer.contains("answered"), "{answer}");
    stop.send(()).expect("it still serves");
    server.await.expect("it ends");
    assert_eq!(storage.exists("key").await, Ok(true));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_ticker_goes_on_while_there_is_more() {
    let host = host().build().expect("a host");
    let ticker = |token| Ticker::new(host.clone(), token, Duration::from_secs(60)).expect("a ticker");
    ticker("wrong").tick().await;
    assert_eq!(text(&host, "/exists?passes").await, "Ok(false)");
    ticker("let me in").tick().await;
    ticker("let me in").tick().await;
    assert_eq!(text(&host, "/increment?passes").await, "Ok(6)");
    Ticker::new(host, "a\nb", Duration::from_secs(60)).err().expect("refused");
}

/// `qualified-ats up` in a folder of its own.
struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let manifest = format!(
            r#"
            spin_manifest_version = 2
            [variables]
            admin_token = {{ required = true, secret = true }}
            [[trigger.http]]
            route = "/..."
            component = "guest"
            [component.guest]
            source = "{}"
            key_value_stores = ["default"]
            variables = {{ token = "{{{{ admin_token }}}}" }}
            "#,
            component().display()
        );
        fs::write(folder.path().join("spin.toml"), manifest).expect("writes");
        Self { folder }
    }

    fn up(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_qualified-ats"))
            .args(["up", "--listen", "127.0.0.1:0", "--cache", "cache"])
            .args(arguments)
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .current_dir(self.folder.path())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("starts")
    }
}

/// Reads the log until it tells the address.
async fn address(program: &mut Child) -> SocketAddr {
    let log = program.stderr.as_mut().expect("its log");
    let mut lines = BufReader::new(log).lines();
    while let Some(line) = lines.next_line().await.expect("text") {
        if let Some((_, address)) = line.split_once("serving http://") {
            return address.trim().parse().expect("an address");
        }
    }
    panic!("it ended without serving");
}

#[cfg(unix)]
#[tokio::test]
async fn up_serves_and_on_sigterm_loses_nothing() {
    let program = Program::new();
    fs::write(program.folder.path().join(".env"), "SPIN_VARIABLE_ADMIN_TOKEN=t\n").expect("writes");
    let mut running = program.up(&["--db", "t.db", "--sync-every", "1h"]);
    let address = address(&mut running).await;
    let answer = exchange(address, &get("/late?key")).await;
    assert!(answer.contains("answered"), "{answer}");

    let process = running.id().expect("it runs").to_string();
    let killed = Command::new("kill").args(["-TERM", &process]).status().await.expect("kill");
    assert!(killed.success());
    assert!(running.wait().await.expect("it ends").success());
    let storage = Sqlite::open(&program.folder.path().join("t.db")).expect("opens");
    assert_eq!(storage.exists("key").await, Ok(true));
    let cached = program.folder.path().join("cache/compiled").read_dir().expect("a cache");
    assert_eq!(cached.count(), 1);
}

#[tokio::test]
async fn up_names_a_missing_variable() {
    let output = Program::new().up(&[]).wait_with_output().await.expect("ends");
    assert!(!output.status.success());
    let log = String::from_utf8(output.stderr).expect("text");
    assert!(log.contains("SPIN_VARIABLE_ADMIN_TOKEN"), "{log}");
}
