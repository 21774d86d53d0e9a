//! A Redis of one's own, on a free port of this machine, gone with the test.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// A running `redis-server`.
pub(crate) struct RedisServer {
    process: Child,
    port: u16,
}

impl RedisServer {
    /// Starts one and waits until it takes connections.
    pub(crate) fn start() -> Self {
        // Another program may take the port between the two lines; then Redis says so and the next one is tried.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
            let port = port.expect("a free port").port();
            if let Some(server) = Self::start_on(port) {
                return server;
            }
        }
        panic!("redis-server found no free port");
    }

    fn start_on(port: u16) -> Option<Self> {
        let mut process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .stdout(Stdio::piped())
            .spawn()
            .expect("these tests need redis-server: apt-get install -y redis-server");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let ready = output.lines().map_while(Result::ok).any(|line| line.contains("Ready to accept connections"));
        if !ready {
            process.wait().expect("it has ended");
            return None;
        }
        Some(Self { process, port })
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing left to save either way.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
