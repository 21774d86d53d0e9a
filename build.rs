//! Tells the linker to write each number in as few bytes as it needs: 140 kB of the component. It can't do so
//! where there is debug information, hence only in a release.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let says = |name: &str, value: &str| std::env::var(name).is_ok_and(|is| is == value);
    if says("CARGO_CFG_TARGET_FAMILY", "wasm") && says("PROFILE", "release") {
        println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
    }
}
