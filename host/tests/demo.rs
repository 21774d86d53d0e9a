//! What a stranger runs first has to work: the component built from these sources, the vendors in miniature, the journey
//! through both systems, and then their boards, to be clicked.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time;

const TITLE: &str = "Rust: Ownership, Traits, and Lifetimes";

/// Several times the ten seconds after which the demo looks at BambooHR.
const PATIENCE: Duration = Duration::from_secs(60);

/// Building the component from nothing, compiling it, and the journey.
const WHOLE_JOURNEY: Duration = Duration::from_secs(15 * 60);

/// The demo on free ports, and all it shows until it waits for clicks.
async fn demo(cache: &Path) -> (Child, String) {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml");
    let mut demo = Command::new(env!("CARGO_BIN_EXE_qualified-ats"))
        .args(["demo", "--listen", "127.0.0.1:0", "--vendors-port", "0", "--manifest"])
        .arg(manifest)
        .arg("--cache")
        .arg(cache)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(demo.stdout.take().expect("it is piped")).lines();
    let mut shown = String::new();
    let waits_for_clicks = time::timeout(WHOLE_JOURNEY, async {
        while let Some(line) = lines.next_line().await.expect("text") {
            shown.push_str(&line);
            shown.push('\n');
            if line.contains("Ctrl-C ends the demo") {
                return true;
            }
        }
        false
    });
    match waits_for_clicks.await {
        Ok(true) => (demo, shown),
        Ok(false) => panic!("it ended by itself:\n{shown}"),
        Err(_) => panic!("it came no further than:\n{shown}"),
    }
}

/// A vendor's board in the browser.
struct Board(String);

impl Board {
    /// The one at the address that the demo shows beside the vendor's name.
    fn of(vendor: &str, shown: &str) -> Self {
        let line = shown.lines().find(|line| line.trim().starts_with(&format!("{vendor} ")));
        let address = line.and_then(|line| line.split_whitespace().last());
        Self(address.unwrap_or_else(|| panic!("no address of {vendor} in:\n{shown}")).to_owned())
    }

    async fn page(&self) -> String {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        client.get(&self.0).send().await.expect("an answer").text().await.expect("a page")
    }

    /// Sends a form of the page; the page that follows.
    async fn sends(&self, action: &str, form: &str) -> String {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let form = client.post(format!("{}/do/{action}?account=acme", self.0)).body(form.to_owned());
        let form = form.header(CONTENT_TYPE, "application/x-www-form-urlencoded").send();
        let page = form.await.expect("an answer").text().await.expect("a page");
        assert!(!page.contains("Refused"), "{page}");
        page
    }

    async fn comes_to_show(&self, what: &str) {
        let mut glance = time::interval(Duration::from_millis(200));
        let seen = time::timeout(PATIENCE, async {
            while !self.page().await.contains(what) {
                glance.tick().await;
            }
        });
        assert!(seen.await.is_ok(), "{what} does not appear on:\n{}", self.page().await);
    }
}

/// The value of the option or field that stands closest before `text`.
fn value_before<'a>(page: &'a str, text: &str) -> &'a str {
    let (before, _) = page.split_once(text).unwrap_or_else(|| panic!("{text} is not on:\n{page}"));
    let (_, value) = before.rsplit_once("value=\"").expect("a value");
    value.split('"').next().expect("a beginning")
}

#[tokio::test]
async fn the_journey_comes_to_its_end_and_both_boards_can_be_clicked() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut demo, shown) = demo(folder.path()).await;
    for step in ["Invited", "Started", "Submitted", "Approved"] {
        let tag = format!("[{TITLE} - {step}]");
        assert!(shown.contains(&tag), "{tag} in:\n{shown}");
    }
    assert!(shown.contains("│ Score: 86.7 / 100 (passed)"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no colours where there is no terminal");

    // In BambooHR: who was there before is left alone, who comes is taken through all statuses, in order.
    let mut rest = shown.as_str();
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

    // The visitor's turn. Ada's job has the tag; Otto is given the status.
    let qualified = Board::of("Qualified", &shown);
    let lever = Board::of("Lever", &shown);
    let page = lever.page().await;
    let (_, ada) = page.split_once("Ada Okafor").expect("Ada is on the board");
    let (opportunity, stage) = (value_before(ada, "name=\"stage\""), value_before(&page, ">Coding test</option>"));
    lever.sends("move", &format!("opportunity={opportunity}&stage={stage}")).await;
    lever.comes_to_show(&format!("{TITLE} - Invited from Ada Okafor")).await;

    let bamboohr = Board::of("BambooHR", &shown);
    let page = bamboohr.page().await;
    let job = value_before(&page, ">Backend Engineer (Rust)</option>");
    let otto = format!("first=Otto&last=Reyes&email=otto.reyes%40example.net&job={job}");
    let page = bamboohr.sends("apply", &otto).await;
    let application = value_before(&page, "aria-label=\"Status of Otto Reyes\"");
    let status = value_before(&page, ">Qualified - Send assessment</option>");
    bamboohr.sends("status", &format!("application={application}&status={status}")).await;
    qualified.comes_to_show("otto.reyes@example.net").await;

    let process = demo.id().expect("it runs").to_string();
    let killed = Command::new("kill").args(["-TERM", &process]).status().await.expect("kill");
    assert!(killed.success());
    let ended = time::timeout(PATIENCE, demo.wait()).await.expect("it ends").expect("a status");
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn a_port_that_is_taken_shows_before_anything_is_built() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = r#"
        spin_manifest_version = 2
        [[trigger.http]]
        route = "/..."
        component = "never"
        [component.never]
        source = "never.wasm"
        [component.never.build]
        command = "no-such-command"
    "#;
    std::fs::write(folder.path().join("spin.toml"), manifest).expect("writes");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("its address").to_string();
    for (arguments, said) in [(["--listen", &taken], "--listen"), (["--listen", "127.0.0.1:0"], "no-such-command")] {
        let demo = Command::new(env!("CARGO_BIN_EXE_qualified-ats"))
            .args(["demo", "--vendors-port", "0"])
            .args(arguments)
            .current_dir(folder.path())
            .kill_on_drop(true)
            .output();
        let output = time::timeout(PATIENCE, demo).await.expect("it ends").expect("it starts");
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && log.contains(said), "{log}");
    }
}
