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
    manifest.build().expect("the component builds");
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

/// All files of a kind under a folder, with their text.
fn texts(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for entry in root().join(folder).read_dir().unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let path = entry.expect("an entry").path();
        let name = format!("{folder}/{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() && !path.ends_with("target") {
            texts.extend(self::texts(&name, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            texts.push((name.clone(), read(&name)));
        }
    }
    texts
}

/// The README, and what it leads to.
fn pages() -> Vec<(String, String)> {
    let readme = ("README.md".to_owned(), read("README.md"));
    [vec![readme], texts("docs", "md"), texts("deploy", "md")].concat()
}

/// Whether it is the name of a test, of which there are four words at least.
fn names_a_test(word: &str) -> bool {
    let plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    plain && word.split('_').filter(|part| !part.is_empty()).count() >= 4
}

/// The text of all tests of the workspace.
fn tests() -> String {
    let folders = ["src", "tests", "host", "sandbox", "browser-tests/tests"];
    folders.into_iter().flat_map(|folder| texts(folder, "rs")).map(|(_, text)| text).collect()
}

fn is_among(tests: &str, name: &str) -> bool {
    tests.contains(&format!("fn {name}()")) || tests.contains(&format!("story!({name},"))
}

#[test]
fn every_test_that_a_page_names_exists() {
    let tests = tests();
    let mut named = BTreeSet::new();
    for (page, text) in pages() {
        for name in text.lines().flat_map(quoted).filter(|name| names_a_test(name)) {
            assert!(is_among(&tests, name), "{page}: there is no test {name}");
            named.insert(name.to_owned());
        }
    }
    assert!(named.len() > 30, "{named:?}");
}

#[test]
fn every_guarantee_of_the_readme_has_its_test() {
    let tests = tests();
    let readme = read("README.md");
    let (_, section) = readme.split_once("\n## Guarantees, and the tests that prove them\n").expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    // Without the table's head.
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 5, "{rows:?}");
    for row in rows {
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let names: Vec<_> = quoted(last).collect();
        assert!(!names.is_empty(), "{row}");
        assert!(names.iter().all(|name| is_among(&tests, name)), "one of these is no test: {names:?}");
    }
}

#[test]
fn the_architecture_names_every_kind_of_record() {
    let coded: BTreeSet<_> = texts("src/app", "rs")
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.trim().strip_prefix("const PREFIX: &'static str = \"")?.strip_suffix("\";"))
        .map(str::to_owned)
        .collect();
    let architecture = read("docs/architecture.md");
    let (_, section) = architecture.split_once("\n## The store\n").expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let keys = section.lines().filter(|line| line.starts_with("| `")).filter_map(|row| row.split('|').nth(1));
    let prefix = |key: &str| key.split('/').next().unwrap_or_default().to_owned();
    // `…` stands for the beginning of the key before it.
    let documented: BTreeSet<_> = keys.flat_map(quoted).map(prefix).filter(|prefix| prefix != "…").collect();
    assert!(coded.len() > 10, "{coded:?}");
    assert_eq!(documented, coded);
}

/// Akamai Functions has no compare-and-swap, hence a second manifest. Nothing else may differ.
#[test]
fn akamais_manifest_differs_in_how_the_component_is_built() {
    let component = |file: &str| {
        let mut manifest: toml::Table = read(file).parse().expect("TOML");
        let component = manifest["component"]["qualified-ats"].as_table_mut().expect("a table");
        let parts = ["source", "build"].map(|part| component.remove(part).expect("it is there"));
        (manifest, parts)
    };
    let (usual, [source, build]) = component("spin.toml");
    let (akamais, [akamais_source, akamais_build]) = component("deploy/akamai/spin.toml");
    assert_eq!(usual, akamais);
    // Its own target folder: else the one build would take the place of the other.
    let own = "target/akamai";
    let command = format!("{} --no-default-features --target-dir {own}", build["command"].as_str().expect("text"));
    assert_eq!(akamais_build["command"].as_str(), Some(&*command));
    assert_eq!(akamais_build["workdir"].as_str(), Some("../.."));
    let source = source.as_str().expect("text").replacen("target", own, 1);
    assert_eq!(akamais_source.as_str(), Some(&*format!("../../{source}")));
}
