//! `qualified-ats demo`: the component and the vendors in miniature on this machine, the whole journey played, and then
//! everything left running to be clicked.

mod build;
mod journey;
mod operator;
mod show;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use host::{Compiled, Host, Manifest, Ticker};
use http::Method;
use sandbox::Origins;
use serde_json::json;
use tokio::net::TcpListener;

use crate::stop;
use crate::vendors::{self, Ports};
use journey::Journey;
use operator::Operator;
use show::Show;

/// The account of the demo, in the component and at the vendors.
const ACCOUNT: &str = "acme";

/// Easy to type, and it guards nothing: no vendor is real, and the state ends with the process.
const ADMIN_TOKEN: &str = "demo";

/// 32 bytes, base64. It guards as little.
const ENCRYPTION_KEY: &str = "cXVhbGlmaWVkLWF0cyBkZW1vLCBub3RoaW5nIHJlYWw=";

/// A visitor should not wait the quarter of an hour that is usual.
const SYNC_EVERY: Duration = Duration::from_secs(10);

/// What still runs when the demo ends is soon done.
const GRACE: Duration = Duration::from_secs(5);

/// Serves the component together with the vendors in miniature, and plays the whole journey.
#[derive(Args)]
pub(crate) struct Demo {
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    listen: SocketAddr,

    #[command(flatten)]
    ports: Ports,

    /// Ends after the journey instead of staying up.
    #[arg(long)]
    once: bool,

    /// The manifest; the component is built from the sources beside it.
    #[arg(long, value_name = "FILE", default_value = "spin.toml")]
    manifest: PathBuf,

    /// Where compiled code is kept between starts [default: the user's folder for caches].
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
}

impl Demo {
    /// Plays, then stays up until SIGTERM or SIGINT.
    ///
    /// The state is in memory: kept state would speak of vendors that have forgotten everything.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let show = Show::new()?;
        show.part("Everything is made ready")?;
        let manifest = Manifest::load(&self.manifest)?;
        // Before the minutes of compiling, so that a port that is taken shows at once.
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("{} cannot be listened on; choose another with --listen", self.listen))?;
        let public_url = public_url(listener.local_addr()?);
        let vendors = self.ports.serve(&public_url).await?;
        let compiled = self.compile(&manifest, &show).await?;
        let host = Host::builder(&manifest, &compiled)
            .variables(vendors::variables(vendors.origins()))
            .variables([("public_url", &*public_url), ("admin_token", ADMIN_TOKEN), ("encryption_key", ENCRYPTION_KEY)])
            .build()?;
        tokio::spawn(host::serve(listener, host.clone(), std::future::pending(), GRACE));
        show.done(&format!("The component is served at {public_url}"))?;
        show.done("The vendors in miniature are served beside it:")?;
        show.detail(&vendors::pages(vendors.origins()))?;

        let operator = Operator::new(&public_url, ADMIN_TOKEN)?;
        operator.account(Method::PUT, "", Some(json!({"name": "Acme", "ats_enabled": true}))).await?;
        show.done(&format!("The account \"{ACCOUNT}\" is there"))?;
        // Whatever a vendor refused for a moment, the next tick does; and it finds who was given a status in BambooHR.
        tokio::spawn(Ticker::new(host.clone(), ADMIN_TOKEN, SYNC_EVERY)?.of_account(ACCOUNT)?.run());
        let api_key = vendors::api_key(&vendors);
        let played = Journey { show: &show, operator, vendors: vendors.sandbox(), api_key }.play().await;
        show.end();
        played?;
        if !self.once {
            show.line(&invitation(&public_url, vendors.origins()))?;
            stop::asked().await;
        }
        // Whoever watches the vendors should see the last step whole.
        let _ = tokio::time::timeout(GRACE, host.idle()).await;
        Ok(())
    }

    async fn compile(&self, manifest: &Manifest, show: &Show) -> anyhow::Result<Compiled> {
        build::component(manifest, show).await?;
        let component = manifest.component()?;
        let cache = self.cache.clone().unwrap_or_else(host::default_cache);
        show.during("The component is compiled for this machine", move || Compiled::cached(&component, &cache)).await
    }
}

/// What a browser on this machine types for an address that is listened on.
fn public_url(listening: SocketAddr) -> String {
    let port = listening.port();
    if listening.ip().is_unspecified() { format!("http://127.0.0.1:{port}") } else { format!("http://{listening}") }
}

/// What to do next.
fn invitation(public_url: &str, origins: &Origins) -> String {
    let Origins { lever_api: lever, qualified, bamboohr, .. } = origins;
    format!(
        "
Now you

  Move somebody on Lever's board to \"Coding test\"        {lever}
  Give somebody on BambooHR's board another status       {bamboohr}
  Start, submit and approve as a candidate and reviewer  {qualified}
  Look at the product's page; the token is \"{ADMIN_TOKEN}\"        {public_url}/integrations
  Read what it did and why:

    curl -H 'authorization: Bearer {ADMIN_TOKEN}' {public_url}/api/accounts/{ACCOUNT}/activity

  In Lever, Emre Yildiz has no e-mail address and Dao Nguyen is tagged for another assessment. In BambooHR,
  \"Qualified - Send assessment\" invites, within ten seconds; Luca Moretti has no e-mail address.

Ctrl-C ends the demo; then everything is forgotten."
    )
}
