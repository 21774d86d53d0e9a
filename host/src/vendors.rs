//! `qualified-ats sandbox`: Lever, Qualified and BambooHR in miniature, for whoever runs the component elsewhere; and what
//! the demo shares with it.

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use clap::Args;
use sandbox::demo::{CLIENT_ID, CLIENT_SECRET};
use sandbox::server::{Addresses, Served};
use sandbox::{Origins, Sandbox};

use crate::stop;

/// The same ids and keys at every start, so that what was copied from the screen stays good.
const SEED: u64 = 1;

/// Serves the vendors in miniature alone.
#[derive(Args)]
pub(crate) struct Vendors {
    /// Where the component is reached: the vendors' log-in pages redirect there.
    #[arg(long, value_name = "ORIGIN", default_value = "http://127.0.0.1:3000")]
    public_url: String,

    #[command(flatten)]
    ports: Ports,
}

/// Where the vendors listen.
#[derive(Args, Clone, Copy)]
pub(crate) struct Ports {
    /// The first of the three ports of Lever, Qualified and BambooHR on 127.0.0.1; 0 takes any that are free.
    #[arg(long, value_name = "PORT", default_value_t = 3001, value_parser = clap::value_parser!(u16).range(..=65533))]
    vendors_port: u16,
}

impl Vendors {
    /// Serves until SIGTERM or SIGINT.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let served = self.ports.serve(&self.public_url).await?;
        let mut out = io::stdout().lock();
        writeln!(out, "{}", pages(served.origins()))?;
        writeln!(out, "Qualified's API key: {}\n", api_key(&served))?;
        writeln!(out, "The component finds them by:\n")?;
        for (name, value) in variables(served.origins()) {
            writeln!(out, "  export SPIN_VARIABLE_{}={value}", name.to_uppercase())?;
        }
        writeln!(out, "\nCtrl-C ends it; then everything in it is forgotten.")?;
        drop(out);
        stop::asked().await;
        Ok(())
    }
}

impl Ports {
    /// Starts the vendors with the demo's company. `public_url`: as for [`Sandbox::demo`].
    pub(crate) async fn serve(self, public_url: &str) -> anyhow::Result<Served> {
        let at = |place| {
            let port = if self.vendors_port == 0 { 0 } else { self.vendors_port + place };
            SocketAddr::from((Ipv4Addr::LOCALHOST, port))
        };
        let addresses = Addresses { lever: at(0), qualified: at(1), bamboohr: at(2) };
        let make = |origins: Origins, now| match Sandbox::demo(origins.clone(), now, SEED, public_url) {
            Ok(sandbox) => sandbox,
            // The demo's company contradicts itself: an empty sandbox still serves, and says what is the matter.
            Err(refused) => {
                tracing::error!("the demo's company is incomplete: {refused}");
                Sandbox::new(origins, now, SEED)
            }
        };
        Served::start(addresses, make).await.with_context(|| {
            let (first, last) = (at(0).port(), at(2).port());
            format!("the vendors' ports {first} to {last} cannot be listened on; choose others with --vendors-port")
        })
    }
}

/// The variables that make the component talk to these vendors.
pub(crate) fn variables(origins: &Origins) -> [(&'static str, &str); 8] {
    [
        ("lever_auth_origin", &origins.lever_auth),
        ("lever_api_origin", &origins.lever_api),
        ("lever_client_id", CLIENT_ID),
        ("lever_client_secret", CLIENT_SECRET),
        ("qualified_origin", &origins.qualified),
        ("bamboohr_origin", &origins.bamboohr),
        ("bamboohr_client_id", CLIENT_ID),
        ("bamboohr_client_secret", CLIENT_SECRET),
    ]
}

/// The API key of the team that the demo connects.
pub(crate) fn api_key(served: &Served) -> String {
    served.sandbox().lock().qualified().api_key().to_owned()
}

/// Where people find the vendors' pages.
pub(crate) fn pages(origins: &Origins) -> String {
    let Origins { lever_api, qualified, bamboohr, .. } = origins;
    format!("  Lever      {lever_api}\n  Qualified  {qualified}\n  BambooHR   {bamboohr}\n")
}
