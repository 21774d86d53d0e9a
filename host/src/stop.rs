//! The end of a command that serves: SIGINT, or SIGTERM as orchestrators send it.

use std::future;

use tokio::signal;

/// Waits until somebody wants this process to end.
pub(crate) async fn asked() {
    #[cfg(unix)]
    {
        if let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = signal::ctrl_c() => return,
            }
        }
    }
    // Without signals, the process can only be killed; then there is nothing to wait for here either.
    if signal::ctrl_c().await.is_err() {
        future::pending().await
    }
}
