//! What the guest prints, line by line, with the request it belongs to.

use std::io;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// A longer line is cut here, so that a guest cannot fill the host's memory without a line break.
const LONGEST_LINE: usize = 16 << 10;

/// One line from the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The request's number in this host.
    pub request: u64,
    /// Where it was printed.
    pub stream: Stream,
    /// The text, without the line break.
    pub text: &'a str,
}

/// One of the guest's two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// Takes each line as it is completed.
pub(crate) type LogSink = Arc<dyn Fn(Line<'_>) + Send + Sync>;

/// Passes the lines on to `tracing`, under the target `guest`.
pub(crate) fn to_tracing() -> LogSink {
    Arc::new(|line| match line.stream {
        Stream::Stdout => tracing::info!(target: "guest", request = line.request, "{}", line.text),
        Stream::Stderr => tracing::warn!(target: "guest", request = line.request, "{}", line.text),
    })
}

/// The guest's end of a stream. Lines are passed on while the guest writes, never by a task of their own: the last words
/// of a guest that traps are the ones that matter.
#[derive(Clone)]
pub(crate) struct GuestOutput(Arc<Mutex<Unfinished>>);

struct Unfinished {
    request: u64,
    stream: Stream,
    sink: LogSink,
    text: Vec<u8>,
}

impl GuestOutput {
    pub(crate) fn new(request: u64, stream: Stream, sink: LogSink) -> Self {
        let text = Vec::new();
        Self(Arc::new(Mutex::new(Unfinished { request, stream, sink, text })))
    }

    fn take(&self, bytes: &[u8]) {
        let mut unfinished = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            unfinished.text.extend_from_slice(piece);
            if piece.ends_with(b"\n") || unfinished.text.len() >= LONGEST_LINE {
                unfinished.finish();
            }
        }
    }
}

impl Unfinished {
    fn finish(&mut self) {
        let text = mem::take(&mut self.text);
        let text = String::from_utf8_lossy(&text);
        let text = text.trim_end();
        if !text.is_empty() {
            (self.sink)(Line { request: self.request, stream: self.stream, text });
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.finish();
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestOutput {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for GuestOutput {
    async fn ready(&mut self) {}
}

impl OutputStream for GuestOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_LINE)
    }
}

impl AsyncWrite for GuestOutput {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
