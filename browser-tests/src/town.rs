//! The component in our host, with Lever, Qualified and BambooHR in miniature beside it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use host::{Compiled, Host, Manifest};
use sandbox::demo::{CLIENT_ID, CLIENT_SECRET};
use sandbox::server::{Addresses, Served, Shared};
use sandbox::{Origins, Sandbox};
use serde_json::json;
use sha2::Sha256;
use tokio::net::TcpListener;

/// What signs the operator in.
pub const ADMIN_TOKEN: &str = "operator-of-the-browser-tests";

/// What Qualified's own app signs its tickets with.
const TICKET_KEY: &str = "shared-with-qualifieds-own-app";

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
                ("ticket_key", TICKET_KEY),
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

    /// Where the vendors' own pages are.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        self.vendors.origins()
    }

    /// Where Qualified's own app sends somebody who looks after this account. `ats`: whether the team's plan includes it.
    ///
    /// # Errors
    /// Never: the key is of a good length.
    pub fn ticket(&self, account: &str, ats: bool) -> anyhow::Result<String> {
        let now = self.vendors().lock().now();
        let name = if account == "acme" { "Acme Robotics" } else { "Globex" };
        let claims = json!({
            "account": account, "name": name, "user": "Ada", "ats": ats,
            "exp": now.as_second() + 240, "jti": now.as_nanosecond().to_string(),
        });
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(TICKET_KEY.as_bytes())?;
        mac.update(signed.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Ok(format!("{}/sign-in?ticket={signed}.{signature}", self.url))
    }

    /// The key of the team in Qualified.
    #[must_use]
    pub fn api_key(&self) -> String {
        self.vendors().lock().qualified().api_key().to_owned()
    }
}
