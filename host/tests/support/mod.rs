//! The component in `tests/guest`, built and compiled once per test program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use bytes::Bytes;
use host::{Compiled, Handled, Host, HostBuilder, Manifest, Outcome};

/// The file of the built test component.
pub(crate) fn component() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        host::toolchain::add_target().unwrap_or_else(|error| panic!("the test component can't be built: {error:#}"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guest");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2"])
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            .status()
            .expect("cargo starts");
        assert!(status.success(), "the test component does not build");
        target.join("wasm32-wasip2/release/guest.wasm")
    })
}

/// A manifest for it.
pub(crate) fn manifest() -> Manifest {
    Manifest::parse(
        r#"
        spin_manifest_version = 2
        [variables]
        secret = { required = true, secret = true }
        admin_token = { default = "let me in", secret = true }
        vendor = { default = "https://vendor.example" }
        [[trigger.http]]
        route = "/..."
        component = "guest"
        [component.guest]
        source = "guest.wasm"
        allowed_outbound_hosts = ["{{ vendor }}"]
        key_value_stores = ["default", "elsewhere"]
        variables = { greeting = "hush {{ secret }}", token = "{{ admin_token }}" }
        "#,
    )
    .expect("the manifest is sound")
}

/// Its machine code.
pub(crate) fn compiled() -> &'static Compiled {
    static COMPILED: OnceLock<Compiled> = OnceLock::new();
    COMPILED.get_or_init(|| Compiled::load(component()).expect("it compiles"))
}

/// A host for it with everything but the variables left as it is.
pub(crate) fn host() -> HostBuilder {
    Host::builder(&manifest(), compiled()).variables([("secret", "word")])
}

/// A GET of `target`.
pub(crate) async fn get(host: &Host, target: &str) -> Handled {
    let request = http::Request::get(format!("http://ats.example{target}"));
    host.handle(request.body(Bytes::new()).expect("a sound request")).await
}

/// A GET of `target` that must be answered with 200 by a guest that then returns; gives the body.
pub(crate) async fn text(host: &Host, target: &str) -> String {
    let Handled { response, rest } = get(host, target).await;
    assert_eq!(response.status(), 200, "{target}");
    assert_eq!(rest.await, Outcome::Finished, "{target}");
    String::from_utf8(response.into_body().into()).expect("text")
}
