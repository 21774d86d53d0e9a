//! `qualified-ats up`: the component, a store, a socket and the ticker, put together.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use host::{Compiled, Host, Limits, Manifest, Redis, Sqlite, Storage, Ticker, Variables};
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::stop;

/// How long running work may take after a signal to stop. Kubernetes kills after 30 seconds, and the end itself takes time.
const GRACE: Duration = Duration::from_secs(25);

/// Serves the component.
#[derive(Args)]
pub(crate) struct Up {
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    /// Where the state is kept: a file, or redis://… shared by several hosts.
    #[arg(long, value_name = "FILE", default_value = "qualified-ats.db")]
    db: String,

    /// How often to do what is due; 0 leaves it to a scheduler elsewhere.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = time)]
    sync_every: Duration,

    /// The manifest; the component lies where it says.
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    manifest: PathBuf,

    /// A variable's value; stronger than `SPIN_VARIABLE_<NAME>` in the environment, and that than in the file `.env`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    set: Vec<(String, String)>,

    /// How long one request may run, its work after the answer included.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    time_limit: Duration,

    /// Where compiled code is kept between starts [default: the user's folder for caches].
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
}

impl Up {
    /// Serves until SIGTERM or SIGINT; ends at once at a second one.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let manifest = Manifest::load(&self.manifest)?;
        let given = host::gather(&manifest, self.set, environment(), Path::new(".env"))?;
        // Before the seconds of compiling, so that a mistake shows at once.
        let variables = Variables::resolve(&manifest, given.clone())?;
        let component = manifest.component()?;
        let cache = self.cache.unwrap_or_else(host::default_cache);
        // Nothing else runs yet that this could hold up.
        let compiled = Compiled::cached(&component, &cache)?;
        let host = Host::builder(&manifest, &compiled)
            .variables(given)
            .storage(open(&self.db).await?)
            .limits(Limits { time: self.time_limit, ..Limits::default() })
            .build()?;

        let listener =
            TcpListener::bind(self.listen).await.with_context(|| format!("{} cannot be listened on", self.listen))?;
        tracing::info!("serving http://{}", listener.local_addr()?);

        let ticker = match variables.get("admin_token") {
            Some(token) if !self.sync_every.is_zero() => {
                Some(tokio::spawn(Ticker::new(host.clone(), token, self.sync_every)?.run()))
            }
            _ => None,
        };
        let (stopping, stopped) = oneshot::channel();
        let stop = async {
            stop::asked().await;
            tracing::info!("stopping; another signal ends at once");
            if let Some(ticker) = ticker {
                ticker.abort();
            }
            // Received below, as long as this runs.
            let _ = stopping.send(());
        };
        let again = async {
            let _ = stopped.await;
            stop::asked().await;
        };
        tokio::select! {
            () = host::serve(listener, host, stop, GRACE) => {}
            () = again => tracing::warn!("ended at once; what was under way goes on at the next start or sync"),
        }
        Ok(())
    }
}

/// A name or value that is not Unicode cannot be a variable of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// # Errors
/// The store is not usable. What an address holds beyond its scheme may be a password, and is not shown.
async fn open(db: &str) -> anyhow::Result<Arc<dyn Storage>> {
    match db.split_once("://") {
        None => Ok(Arc::new(Sqlite::open(Path::new(db))?)),
        Some(("redis", _)) => Ok(Arc::new(Redis::connect(db).await?)),
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            bail!("--db takes a file or redis://…, not {scheme}://…")
        }
        Some(_) => bail!("--db takes a file or redis://…"),
    }
}

/// `15m`, `90s`, `1h 30m`; and a bare `0`.
fn time(text: &str) -> anyhow::Result<Duration> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let time: SignedDuration = text.parse().context("write for example 15m or 90s")?;
    Ok(time.try_into()?)
}

fn name_and_value(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once('=').context("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
