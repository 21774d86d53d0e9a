//! What the demo's visitor sees: a moving line for what is under way, a fixed one for what is done.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

/// How long one step may take. Everything runs on this machine, so it is a multiple of what is usual.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often the vendors are looked at while something is expected there.
const GLANCE: Duration = Duration::from_millis(25);

/// The screen. Where there is no terminal, only the fixed lines appear.
pub(crate) struct Show {
    bar: ProgressBar,
}

impl Show {
    /// An empty screen.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let bar = ProgressBar::new_spinner().with_style(ProgressStyle::with_template("  {spinner:.cyan} {msg}")?);
        bar.enable_steady_tick(Duration::from_millis(80));
        Ok(Self { bar })
    }

    /// What is under way now.
    pub(crate) fn doing(&self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }

    /// A heading.
    pub(crate) fn part(&self, title: &str) -> io::Result<()> {
        self.line(&format!("\n{title}"))
    }

    /// Something is done.
    pub(crate) fn done(&self, what: &str) -> io::Result<()> {
        self.line(&format!("  ✓ {what}"))
    }

    /// More about what was done, line by line.
    pub(crate) fn detail(&self, text: &str) -> io::Result<()> {
        text.lines().try_for_each(|line| self.line(&format!("      {line}")))
    }

    /// Any lines.
    pub(crate) fn line(&self, text: &str) -> io::Result<()> {
        self.bar.suspend(|| writeln!(io::stdout().lock(), "{text}"))
    }

    /// No more is under way.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Waits until `look` sees what is expected; says `what` and how long it took.
    ///
    /// # Errors
    /// It did not come in time, or `look` failed.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        self.doing(format!("waiting: {what}"));
        let start = Instant::now();
        loop {
            if let Some(seen) = look().await? {
                self.done(&format!("{what}   {}", took(start)))?;
                return Ok(seen);
            }
            if start.elapsed() > PATIENCE {
                bail!("{what}: this did not happen within {} seconds", PATIENCE.as_secs());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Waits for a task off this thread, `what` moving meanwhile.
    ///
    /// # Errors
    /// The task's own, or it panicked.
    pub(crate) async fn during<T: Send + 'static>(
        &self,
        what: &str,
        task: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        self.doing(what);
        let start = Instant::now();
        let result = tokio::task::spawn_blocking(task).await.context("a task ended early")?.context(what.to_owned())?;
        self.done(&format!("{what}   {}", took(start)))?;
        Ok(result)
    }
}

/// How long it is since `start`, as people say it.
fn took(start: Instant) -> String {
    let time = start.elapsed();
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f32())
    }
}
