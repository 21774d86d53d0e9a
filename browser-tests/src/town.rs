//! The component in our host, with Lever, Qualified and BambooHR in miniature beside it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use host::{Compiled, Host, Manifest};
use sandbox::Sandbox;
use sandbox::demo::{CLIENT_ID, CLIENT_SECRET};
use sandbox::server::{Addresses, Served, Shared};
use tokio::net::TcpListener;

/// What signs the operator in.
pub const ADMIN_TOKEN: &str = "operator-of-the-browser-tests";

const ENCRYPTION_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const SEED: u64 = 1;

/// See the module. Everything ends with the test's runtime.
pub struct Town {
    /// Where the page is.
    pub url: String,
    vendors: Served,
}

impl Town {
    /// Builds the component, and serves it and the vendors on free ports.
    ///
    /// # Errors
    /// The component does not build, or no port is free.
    pub async fn start() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace is above")?;
        let manifest = Manifest::load(&root.join("spin.toml"))?;
        manifest.build()?;
        let compiled = Compiled::cached(&manifest.component()?, &host::default_cache())?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let addresses = Addresses { lever: any, qualified: any, bamboohr: any };
        let public_url = url.clone();
        let vendors = Served::start(addresses, move |origins, now| {
            Sandbox::demo(origins.clone(), now, SEED, &public_url).unwrap_or_else(|_| Sandbox::new(origins, now, SEED))
        })
        .await?;
        let origins = vendors.origins();
        let host = Host::builder(&manifest, &compiled)
            .variables([
                ("public_url", url.as_str()),
                ("admin_token", ADMIN_TOKEN),
                ("encryption_key", ENCRYPTION_KEY),
                ("lever_auth_origin", &origins.lever_auth),
                ("lever_api_origin", &origins.lever_api),
                ("lever_client_id", CLIENT_ID),
                ("lever_client_secret", CLIENT_SECRET),
                ("qualified_origin", &origins.qualified),
                ("bamboohr_origin", &origins.bamboohr),
                ("bamboohr_client_id", CLIENT_ID),
                ("bamboohr_client_secret", CLIENT_SECRET),
            ])
            .build()?;
        tokio::spawn(host::serve(listener, host, std::future::pending(), Duration::ZERO));
        Ok(Self { url, vendors })
    }

    /// The vendors, to be changed or asked.
    #[must_use]
    pub fn vendors(&self) -> Shared {
        self.vendors.sandbox()
    }

    /// The key of the team in Qualified.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.vendors().lock().qualified().api_key().to_owned()
    }
}
