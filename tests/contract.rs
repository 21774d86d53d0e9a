//! The same facts stand in several files: the world, the manifest, the README, the code. Here they are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use host::Manifest;
use http::Method;
use qualified_ats::web::{Route, TABLE};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId};

/// What Rust's standard library imports for this target, used or not. None of it opens a way out: there is no file
/// system and no socket among it.
const OF_STD: &[(&str, &str)] = &[
    ("wasi:cli/environment@0.2", "variables and arguments of the process: none are given"),
    ("wasi:cli/exit@0.2", "the end after a panic"),
    ("wasi:cli/stderr@0.2", "the log"),
    ("wasi:cli/stdin@0.2", "std sets up all three streams"),
    ("wasi:cli/stdout@0.2", "std sets up all three streams"),
    ("wasi:cli/terminal-input@0.2", "std asks whether a stream is a terminal"),
    ("wasi:cli/terminal-output@0.2", "std asks whether a stream is a terminal"),
    ("wasi:cli/terminal-stderr@0.2", "std asks whether a stream is a terminal"),
    ("wasi:cli/terminal-stdin@0.2", "std asks whether a stream is a terminal"),
    ("wasi:cli/terminal-stdout@0.2", "std asks whether a stream is a terminal"),
    ("wasi:random/insecure-seed@0.2", "the seed of std's hash maps"),
];

/// Where the component may call: the operator's four origins, and the data centre to which Lever redirects.
const ALLOWED: [&str; 5] = [
    "{{ lever_auth_origin }}",
    "{{ lever_api_origin }}",
    "{{ qualified_origin }}",
    "{{ bamboohr_origin }}",
    "https://*.lever.co",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn manifest() -> Manifest {
    Manifest::load(&root().join("spin.toml")).expect("the manifest is sound")
}

/// An interface's name, its version as far as it promises: patches of a release are one contract, drafts are not.
fn promised(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((release, patch)) if patch.bytes().all(|byte| byte.is_ascii_digit()) => release.to_owned(),
        _ => name.to_owned(),
    }
}

/// What a world imports and exports.
fn face(resolve: &Resolve, world: WorldId) -> (BTreeSet<String>, BTreeSet<String>) {
    let world = &resolve.worlds[world];
    let names = |keys: Vec<_>| keys.into_iter().map(|key| promised(&resolve.name_world_key(key))).collect();
    (names(world.imports.keys().collect()), names(world.exports.keys().collect()))
}

#[test]
fn the_component_is_what_the_world_says() {
    let manifest = manifest();
    manifest.build().expect("the component builds; is the target there? rustup target add wasm32-wasip2");
    let component = manifest.component().expect("it was just built");
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&component).expect("a component") else {
        panic!("it is a package of interfaces");
    };
    let (imports, exports) = face(&resolve, world);

    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root().join("wit")).expect("the world is sound");
    let world = resolve.select_world(&[package], Some("component")).expect("the world is there");
    let (mut expected, expected_exports) = face(&resolve, world);
    let of_std: BTreeMap<_, _> = OF_STD.iter().copied().collect();
    assert!(of_std.keys().all(|name| expected.insert((*name).to_owned())), "std's list repeats the world");
    assert_eq!(imports, expected);
    assert_eq!(exports, expected_exports);
}

/// Hosts load the component for each request.
#[test]
fn the_component_is_at_most_a_megabyte_and_a_half() {
    let manifest = manifest();
    manifest.build().expect("the component builds");
    let size = manifest.component().expect("it was just built").len();
    assert!(size <= 1_500_000, "it has {size} bytes: docs/architecture.md says how it stays small");
}

#[test]
fn the_component_reaches_the_vendors_alone() {
    assert_eq!(manifest().allowed_outbound_hosts, ALLOWED);
}

#[test]
fn the_component_sees_every_variable_under_its_own_name() {
    let manifest = manifest();
    let same = manifest.variables.keys().map(|name| (name.clone(), format!("{{{{ {name} }}}}"))).collect();
    assert_eq!(manifest.component_variables, same);
}

/// The rows of the table that follows this heading in the README, cell by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let readme = read("README.md");
    let (_, section) = readme.split_once(&format!("\n## {heading}\n")).expect("the README has the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The texts between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn the_readme_names_every_variable_as_the_manifest_does() {
    let documented: BTreeMap<_, _> = table("Configuration")
        .into_iter()
        .map(|row| {
            let default = quoted(&row[2]).next().map(str::to_owned);
            (row[0].trim_matches('`').to_owned(), (row[2] == "required", default.unwrap_or_default(), row[1] == "yes"))
        })
        .collect();
    let declared = manifest()
        .variables
        .into_iter()
        .map(|(name, variable)| (name, (variable.required, variable.default.unwrap_or_default(), variable.secret)));
    assert_eq!(documented, declared.collect());
}

/// `GET, POST /sign-in` is two routes; `…` stands for the account's own path.
fn routes(text: &str) -> Vec<(String, String)> {
    let Some(at) = text.find(['/', '…']) else { return Vec::new() };
    let (methods, path) = text.split_at(at);
    let path = path.replacen('…', "/api/accounts/{account}", 1);
    methods
        .split(',')
        .map(|method| (method.trim().to_owned(), path.clone()))
        .filter(|(method, _)| !method.is_empty())
        .collect()
}

fn documented_routes() -> BTreeSet<(String, String)> {
    table("Routes").iter().flat_map(|row| quoted(&row[0]).flat_map(routes).collect::<Vec<_>>()).collect()
}

#[test]
fn the_readme_names_every_route() {
    // The page's own forms are below `/integrations/{account}` and nobody else's.
    let ours = |path: &str| path.starts_with("/integrations/");
    let rows = TABLE.iter().filter(|row| !ours(row.path));
    let coded: BTreeSet<_> = rows.map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let documented: BTreeSet<_> = documented_routes().into_iter().filter(|(_, path)| !ours(path)).collect();
    assert_eq!(documented, coded);
}

#[test]
fn every_route_of_the_readme_leads_somewhere() {
    for (method, path) in documented_routes() {
        let concrete = ["account", "stage", "assessment", "id"]
            .iter()
            .fold(path.clone(), |path, name| path.replace(&format!("{{{name}}}"), "acme"));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Route::of(&method, &concrete).unwrap_or_else(|reason| panic!("{method} {path}: {reason:?}"));
    }
}

/// The text of all tests of the workspace.
fn tests() -> String {
    let folders = [
        "tests",
        "tests/stories",
        "tests/stories/bamboohr",
        "host/tests",
        "sandbox/tests",
        "sandbox/tests/vendors",
        "browser-tests/tests/journeys",
    ];
    let entries = folders.iter().flat_map(|folder| root().join(folder).read_dir().expect("the folder is there"));
    let files = entries.map(|entry| entry.expect("an entry").path());
    let rust = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|file| fs::read_to_string(file).expect("text")).collect()
}

#[test]
fn every_guarantee_of_the_readme_has_its_test() {
    let tests = tests();
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Guarantees, and the tests that prove them\n").expect("the heading");
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 5, "{rows:?}");
    for name in rows.iter().filter_map(|row| row.rsplit('|').nth(1)).flat_map(quoted) {
        assert!(
            tests.contains(&format!("fn {name}()")) || tests.contains(&format!("story!({name},")),
            "there is no test {name}"
        );
    }
}
