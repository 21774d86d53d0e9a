//! What a stranger runs first has to work: the component built from these sources, the vendors in miniature, the journey.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

#[tokio::test]
async fn the_journey_comes_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_qualified-ats"))
        .args(["demo", "--once", "--listen", "127.0.0.1:0", "--vendors-port", "0", "--manifest"])
        .arg(manifest)
        .arg("--cache")
        .arg(folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("it starts");
    let (shown, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}\n{log}");
    for step in ["Invited", "Started", "Submitted", "Approved"] {
        let tag = format!("[Rust: Ownership, Traits, and Lifetimes - {step}]");
        assert!(shown.contains(&tag), "{tag} in:\n{shown}");
    }
    assert!(shown.contains("│ Score: 86.7 / 100 (passed)"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no colours where there is no terminal");

    // In BambooHR: who was there before is left alone, who comes is taken through all statuses, in order.
    let mut rest = shown.as_ref();
    for line in [
        "Jakub Nowak: [Qualified - Send assessment]",
        "Ines Okoro: [Qualified - Send assessment]",
        "Ines Okoro: [Qualified - In progress]",
        "Ines Okoro: [Qualified - Completed]",
        "│ Score: 91.5 / 100 (passed)",
        "Ines Okoro: [Qualified - Approved]",
    ] {
        let (_, after) = rest.split_once(line).unwrap_or_else(|| panic!("{line}, in its turn, in:\n{shown}"));
        rest = after;
    }
}
