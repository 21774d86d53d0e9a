//! The host as a program: a socket, signals, the ticker.

mod support;

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use host::{Limits, Memory, Sqlite, Storage, Ticker};
use support::{component, host, text};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::time;

/// Several times what anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What comes of it, unless it hangs.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    time::timeout(PATIENCE, what).await.expect("it comes to an end")
}

/// Sends a request's text on a connection of its own, and reads until the server ends it.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.expect("answers");
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
    soon(server).await.expect("it ends");
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

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qualified-ats"));
        command
            .args(["up", "--listen", "127.0.0.1:0", "--cache", "cache"])
            .args(arguments)
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .current_dir(self.folder.path())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn up(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("starts")
    }
}

/// Reads the log until a line has these words; gives what follows them.
async fn logged(program: &mut Child, words: &str) -> String {
    let log = program.stderr.as_mut().expect("its log");
    let mut lines = BufReader::new(log).lines();
    while let Some(line) = soon(lines.next_line()).await.expect("text") {
        if let Some((_, rest)) = line.split_once(words) {
            return rest.trim().to_owned();
        }
    }
    panic!("it ended without {words:?}");
}

async fn address(program: &mut Child) -> SocketAddr {
    logged(program, "serving http://").await.parse().expect("an address")
}

#[cfg(unix)]
async fn terminate(program: &Child) {
    let process = program.id().expect("it runs").to_string();
    let killed = Command::new("kill").args(["-TERM", &process]).status().await.expect("kill");
    assert!(killed.success());
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

    terminate(&running).await;
    assert!(soon(running.wait()).await.expect("it ends").success());
    let storage = Sqlite::open(&program.folder.path().join("t.db")).expect("opens");
    assert_eq!(storage.exists("key").await, Ok(true));
    let cached = program.folder.path().join("cache/compiled").read_dir().expect("a cache");
    assert_eq!(cached.count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn up_ends_at_once_at_a_second_signal() {
    let program = Program::new();
    let mut running = program.up(&["--set", "admin_token=t", "--sync-every", "0"]);
    let address = address(&mut running).await;
    // Works on after its answer, for as long as it may: longer than the grace.
    assert!(exchange(address, &get("/late-spin")).await.contains("answered"));
    terminate(&running).await;
    logged(&mut running, "stopping").await;
    terminate(&running).await;
    // The grace is 25 seconds.
    let ended = time::timeout(Duration::from_secs(15), running.wait()).await.expect("it ends at once");
    assert!(ended.expect("a status").success());
}

/// Why `up` does not start.
async fn refusal(arguments: &[&str], log: &str) -> String {
    let program = Program::new();
    let refused = program.command(arguments).env("RUST_LOG", log).spawn().expect("starts").wait_with_output();
    let output = soon(refused).await.expect("ends");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).expect("text")
}

#[tokio::test]
async fn up_names_a_missing_variable_however_quiet_the_log() {
    for log in ["info", "off"] {
        let said = refusal(&[], log).await;
        assert!(said.contains("SPIN_VARIABLE_ADMIN_TOKEN"), "{log}: {said}");
    }
}

#[tokio::test]
async fn a_store_that_is_none_of_ours_is_refused_and_its_password_not_shown() {
    for (db, scheme) in [("rediss://:hush@r.example", "rediss://"), ("postgres://u:hush@p.example/ats", "postgres://")]
    {
        let said = refusal(&["--set", "admin_token=t", "--db", db], "info").await;
        assert!(said.contains(scheme) && !said.contains("hush") && !said.contains("example"), "{said}");
    }
    let said = refusal(&["--set", "admin_token=t", "--db", "hush@x://"], "info").await;
    assert!(said.contains("--db") && !said.contains("hush"), "{said}");
}

#[tokio::test]
async fn only_so_many_bodies_are_waited_for_at_once() {
    let limits = Limits { wait: Duration::from_millis(100), ..Limits::default() };
    let host = host().limits(limits).build().expect("a host");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(host::serve(listener, host, std::future::pending(), Duration::ZERO));

    let mut slow = Vec::new();
    let answer = loop {
        // Each says that a body is to come, and sends nothing of it.
        let mut stream = TcpStream::connect(address).await.expect("connects");
        let head = "POST /hello HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("sends");
        let mut answer = [0; 12];
        soon(stream.read_exact(&mut answer)).await.expect("answers");
        if &answer != b"HTTP/1.1 100" {
            break answer;
        }
        slow.push(stream);
        assert!(slow.len() < 1000, "all bodies are waited for");
    };
    assert_eq!(&answer, b"HTTP/1.1 503");
    // Who goes away makes room.
    drop(slow);
    let served = async { while !exchange(address, &get("/hello")).await.starts_with("HTTP/1.1 200") {} };
    soon(served).await;
}
