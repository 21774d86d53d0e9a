//! The rules that no lint keeps: what each layer must not know, how a file begins, what must not stay.

use std::fs;
use std::path::{Path, PathBuf};

/// What code under a path must not mention.
struct Rule {
    under: &'static str,
    not: &'static [&'static str],
    because: &'static str,
    /// Files that may all the same, each with its reason beside it.
    except: &'static [&'static str],
}

/// The layers of `docs/architecture.md`, innermost first.
const LAYERS: &[Rule] = &[
    Rule {
        under: "src/domain",
        not: &["vendor::", "ports::", "app::", "web::"],
        because: "the domain knows none of the layers around it",
        // What to do after a vendor's error is a rule of ours; the error's kinds are named by just that.
        except: &["src/domain/retry.rs"],
    },
    Rule { under: "src/domain", not: &["async ", ".await"], because: "the domain waits for nothing", except: &[] },
    Rule {
        under: "src/vendor",
        not: &["ports::", "app::", "web::", "async ", ".await"],
        because: "a dialect is data: request out, response in",
        except: &[],
    },
    Rule {
        under: "src/vendor/lever",
        not: &["bamboohr::", "qualified::"],
        because: "a vendor knows no other",
        except: &[],
    },
    Rule {
        under: "src/vendor/bamboohr",
        not: &["lever::", "qualified::"],
        because: "a vendor knows no other",
        except: &[],
    },
    Rule {
        under: "src/vendor/qualified",
        not: &["lever::", "bamboohr::"],
        because: "a vendor knows no other",
        except: &[],
    },
    Rule { under: "src/app", not: &["web::", "maud"], because: "use cases know no page", except: &[] },
    Rule {
        under: "src/web",
        // `ports::World` is the bound that hands the world on to the use cases.
        not: &[
            "ports::Store",
            "ports::Wire",
            "ports::Clock",
            ".now()",
            ".nonce(",
            ".load",
            "record::",
            "vendor::",
            "_session(",
        ],
        because: "the web surface talks to the use cases alone",
        except: &[],
    },
];

/// Every folder with code of ours.
const EVERYWHERE: [&str; 6] = ["src", "host", "sandbox", "bench", "browser-tests", "tests"];

/// Those with tests alone.
const TESTS: [&str; 4] = ["tests", "host/tests", "sandbox/tests", "browser-tests/tests"];

/// Only `src/component.rs` and what is below it may know these.
const SHELL: &[&str] =
    &["spin_sdk", "spin_executor", "wasi::", "wit_bindgen", "Timestamp::now", "SystemTime", "Instant::now"];

/// State that outlives a request does not exist: the next one may run elsewhere.
const STATICS: &[&str] = &["static mut", "OnceLock", "LazyLock", "thread_local!"];

/// The longest file, its unit tests left out.
const LONGEST: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files under `folder`, or `folder.rs` with them; names relative to the root. A folder without any is a mistake
/// in the rule that names it.
#[track_caller]
fn files(folder: &str) -> Vec<(String, String)> {
    fn walk(path: &Path, found: &mut Vec<PathBuf>) {
        for entry in path.read_dir().into_iter().flatten().map(|entry| entry.expect("an entry").path()) {
            match entry.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => found.push(entry),
                None if entry.is_dir() && !entry.ends_with("target") && !entry.ends_with("node_modules") => {
                    walk(&entry, found);
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.extend(Some(root().join(format!("{folder}.rs"))).filter(|file| file.is_file()));
    assert!(!found.is_empty(), "there is no Rust file under {folder}");
    found.sort();
    let named = |path: PathBuf| {
        let name = path.strip_prefix(root()).expect("inside").to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&path).expect("text"))
    };
    found.into_iter().map(named).collect()
}

/// The code of a file, comments left out, with line numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim_start()));
    lines.filter(|(_, line)| !line.starts_with("//"))
}

/// Whether a line mentions a word that does not merely end a longer one, as `app::` ends `snap::`.
fn mentions(line: &str, word: &str) -> bool {
    let inside = |before: &str| before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
    line.match_indices(word).any(|(at, _)| !word.starts_with(char::is_alphabetic) || !inside(&line[..at]))
}

fn breaches(files: &[(String, String)], words: &[&str], because: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    for (name, text) in files {
        for (number, line) in code(text) {
            for word in words.iter().filter(|word| mentions(line, word)) {
                breaches.push(format!("{name}:{number}: {word}: {because}"));
            }
        }
    }
    breaches
}

#[track_caller]
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn each_layer_knows_only_what_is_below_it() {
    let mut all = Vec::new();
    for rule in LAYERS {
        let mut files = files(rule.under);
        files.retain(|(name, _)| !rule.except.contains(&name.as_str()));
        all.extend(breaches(&files, rule.not, rule.because));
    }
    none(&all);
}

#[test]
fn only_the_shell_knows_the_host() {
    let mut files = files("src");
    files.retain(|(name, _)| !name.starts_with("src/component"));
    none(&breaches(&files, SHELL, "only the shell knows the host, the clock and randomness"));
}

#[test]
fn nothing_outlives_a_request() {
    none(&breaches(&files("src"), STATICS, "the next request may run elsewhere"));
}

#[test]
fn every_file_says_why_it_exists() {
    let silent = EVERYWHERE.into_iter().flat_map(files).filter(|(_, text)| !text.starts_with("//! "));
    none(&silent.map(|(name, _)| format!("{name}: does not open with `//!`")).collect::<Vec<_>>());
}

#[test]
fn no_file_is_long_or_nameless() {
    let mut all = Vec::new();
    for (name, text) in ["src", "host/src", "sandbox/src", "bench", "browser-tests/src"].into_iter().flat_map(files) {
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        if lines > LONGEST {
            all.push(format!("{name}: {lines} lines; at most {LONGEST}"));
        }
        if ["util", "helper", "common", "misc"].iter().any(|vague| name.contains(vague)) {
            all.push(format!("{name}: names no thing"));
        }
    }
    none(&all);
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["TODO", "FIXME", "XXX", "dbg!(", "todo!(", "unimplemented!(", "#[ignore"];
    let mut all = Vec::new();
    for (name, text) in EVERYWHERE.into_iter().flat_map(files) {
        // This file names them.
        for (number, line) in text.lines().enumerate().filter(|_| name != "tests/tidy.rs") {
            all.extend(
                words.iter().filter(|word| line.contains(*word)).map(|word| format!("{name}:{}: {word}", number + 1)),
            );
        }
    }
    none(&all);
}

#[test]
fn tests_wait_for_events_not_for_time() {
    let tests: Vec<_> = TESTS.into_iter().flat_map(files).collect();
    let tests: Vec<_> = tests.into_iter().filter(|(name, _)| name != "tests/tidy.rs").collect();
    none(&breaches(&tests, &["sleep("], "a test that waits for time is slow on a good day and wrong on a bad one"));
}
