//! A page stays small and cheap, however much there is to show.

use sandbox::bamboohr::JobStatus;
use sandbox::lever::{NewOpportunity, NewPosting};
use serde_json::{Value, json};

use crate::doors::doors;
use crate::furnished::{TITLE, furnish};
use crate::support::{ACCOUNT, Answer, Kind, Town};
use crate::visitor::Visitor;

/// The longest page, in bytes of HTML.
const LONGEST: usize = 100_000;
/// The most store reads for a page. A search that finds nothing reads all the activity there is.
const MOST_READS: usize = 60;
/// The most calls to vendors for a page.
const MOST_CALLS: usize = 50;

const ASSESSMENTS: usize = 500;
const STAGES: usize = 300;
const CANDIDATES: usize = 120;
const LANES: u64 = 8;
/// What is kept of a lane's activity, at least (README).
const LINES: u64 = 1_280;

/// What is asked of every page, whether the page knows it or not.
fn questions(town: &Town) -> Vec<String> {
    let (assessment, stage) = (town.assessment(TITLE), town.operator().stage("Coding test"));
    let quotes = "%22".repeat(3_000);
    vec![
        String::new(),
        format!(
            "?search=o&stages-search=o&assessments-search=o&assessment={assessment}&stage={stage}&from={stage}&done=checked"
        ),
        "?subject=Candidate&outcome=failed&before=0-1279".to_owned(),
        "?replayed=0-1".to_owned(),
        "?tried=1&of=65535".to_owned(),
        "?subject=nothing+like+it&outcome=healed&before=7-40".to_owned(),
        "?ticket=x.y.z&error=access_denied&state=acme.x".to_owned(),
        format!("?search={quotes}&stages-search={quotes}&assessments-search={quotes}&subject={quotes}&only={quotes}"),
    ]
}

#[track_caller]
fn bounded(town: &Town, what: &str, answer: &Answer) {
    assert!(answer.status != 500, "{what}: {} {}", answer.status, answer.text);
    let (size, reads, calls) = (answer.text.len(), town.count(Kind::Read), town.count(Kind::Send));
    assert!(size <= LONGEST, "{what}: {size} bytes");
    assert!(reads <= MOST_READS, "{what}: {reads} reads");
    assert!(calls <= MOST_CALLS, "{what}: {calls} calls");
    assert_eq!(town.vendor_writes(), [""; 0], "{what}: looking changes nothing at a vendor");
}

/// Every page with every question, and what every form answers to nonsense.
#[track_caller]
fn all_is_bounded(town: &Town, stage: &str, questions: &[String]) {
    let operator = Visitor::operator(town);
    let token = operator.form_token();
    let doors = doors(ACCOUNT, stage);
    let pages = doors.iter().filter(|(method, _)| *method == "GET").map(|(_, path)| path);
    for page in pages {
        for question in questions {
            town.watch();
            let path = format!("{page}{question}");
            let answer = operator.get(&path);
            bounded(town, &path, &answer);
        }
    }
    for (_, path) in doors.iter().filter(|(method, path)| *method == "POST" && path.starts_with("/integrations")) {
        // Not to be undone: what is removed would be missing on the pages that follow.
        if ["qualified/remove", "lever/remove", "bamboohr/remove"].iter().any(|end| path.ends_with(end)) {
            continue;
        }
        for value in ["", "1", "acme", "nia.brooks@example.com", &"\"".repeat(4_000), &"\"".repeat(20_000)] {
            let answer = operator.fill(path, &token, value);
            assert!(answer.status != 500 && answer.text.len() <= LONGEST, "{path}: {}", answer.text.len());
        }
    }
}

/// Changes a record behind everybody's back.
pub(crate) fn edit(town: &Town, key: &str, change: impl FnOnce(&mut Value)) {
    let mut outside = town.outside();
    let bytes = outside.records.get_mut(key).unwrap_or_else(|| panic!("no record {key}"));
    let mut record: Value = serde_json::from_slice(bytes).expect("JSON");
    change(&mut record["record"]);
    *bytes = record.to_string().into_bytes();
}

/// As many lines of activity as are kept, long ones among them.
fn fill_activity(town: &Town) {
    for lane in 0..LANES {
        let line = |number: u64| {
            let long = if number.is_multiple_of(40) { "\"".repeat(300) } else { String::new() };
            let at = format!("2026-03-01T{:02}:{:02}:{:02}Z", number / 3600, number / 60 % 60, number % 60);
            let step =
                json!({"at": at, "what": "read the opportunity", "ok": false, "detail": format!("no answer {long}")});
            json!({
                "id": format!("{lane}-{number}"), "at": at, "source": "webhook", "candidacy": {"lever": format!("o-{number}")},
                "subject": format!("Candidate {number} of {lane}"), "outcome": "failed", "summary": format!("Failed {long}"),
                "steps": vec![step; if long.is_empty() { 4 } else { 40 }],
            })
        };
        for slot in 0..LINES / 32 {
            let items: Vec<_> = (slot * 32..slot * 32 + 32).map(line).collect();
            let page = json!({"v": 1, "rev": 0, "record": {"items": items}});
            town.outside().records.insert(format!("activity/{ACCOUNT}/{lane}/{slot}"), page.to_string().into_bytes());
        }
        edit(town, &format!("inbox/{ACCOUNT}/{lane}"), |inbox| {
            inbox["recent"] = (LINES..LINES + 32).map(line).collect();
            inbox["lines"] = json!(LINES + 32);
        });
    }
}

#[test]
fn every_page_is_bounded_however_much_there_is() {
    Town::native().tell(|town| {
        furnish(town);
        for number in 0..300 {
            let path = format!("/api/accounts/company-{number}");
            town.call("PUT", &path, Some(json!({"name": "Acme", "ats_enabled": true}))).fine();
        }
        let stages = [town.operator().stage("Screen"), town.operator().stage("Offer")];
        town.vendors(|vendors| {
            for number in 0..CANDIDATES {
                let posting = vendors.lever().add_posting(NewPosting::titled(&format!("Job {number}")).tag(TITLE));
                for stage in &stages {
                    let name = format!("\"Candidate\" {number} {}", &stage[..2]);
                    let new = NewOpportunity::named(&name).posting(&posting).stage(stage);
                    vendors.lever().add_opportunity(new).expect("Lever lets them");
                }
            }
            for number in 0..ASSESSMENTS {
                vendors
                    .qualified()
                    .add_assessment(&format!("Assessment {number}: \"quoted\" & of a usual length"), true);
            }
            for number in 0..STAGES {
                vendors.lever().add_stage(&format!("Stage \"{number}\" of the pipeline"));
                vendors.bamboohr().add_job(&format!("Job \"{number}\" with a title"), JobStatus::Open);
                vendors.bamboohr().add_status(&format!("Status \"{number}\" of an applicant"));
            }
        });
        let stages = town.account("GET", "/lever/stages", None).json();
        let assessments = town.account("GET", "/assessments", None).json();
        edit(town, &format!("account/{ACCOUNT}"), |account| {
            let stage = account["lever"]["trigger_stages"][0].clone();
            let stages = stages["stages"].as_array().expect("stages").iter().map(|listed| {
                let mut stage = stage.clone();
                (stage["id"], stage["text"]) = (listed["id"].clone(), listed["text"].clone());
                stage
            });
            account["lever"]["trigger_stages"] = stages.collect();
            let mappings = account["bamboohr"]["mappings"].as_object_mut().expect("mappings");
            let mapping = mappings.values().next().expect("one is mapped").clone();
            for listed in assessments["assessments"].as_array().expect("assessments") {
                mappings.insert(listed["id"].as_str().expect("an id").to_owned(), mapping.clone());
            }
        });
        fill_activity(town);
        let questions = questions(town);
        let stage = town.operator().stage("Screen");
        all_is_bounded(town, &stage, &questions);
        // And when all of it is broken.
        town.vendors(|vendors| {
            let stages: Vec<_> = vendors.lever().stages().iter().map(|stage| stage.id.clone()).collect();
            for stage in stages.iter().skip(STAGES / 2) {
                vendors.lever().delete_stage(stage).expect("Lever lets them");
            }
            let jobs: Vec<_> = vendors.bamboohr().jobs().iter().map(|job| job.id).collect();
            for job in jobs {
                vendors.bamboohr().set_job_status(job, JobStatus::Filled).expect("BambooHR lets them");
            }
        });
        town.call("POST", &format!("/sync?account={ACCOUNT}"), None).fine();
        all_is_bounded(town, &stage, &questions[..1]);
        town.vendors(|vendors| {
            vendors.qualified().regenerate_api_key();
            vendors.lever().revoke_app();
        });
        town.call("POST", &format!("/sync?account={ACCOUNT}"), None).fine();
        all_is_bounded(town, &stage, &questions[..1]);
    });
}

#[test]
fn the_newest_lines_of_a_lane_are_kept() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[TITLE]);
        // What is set is told in one lane, whatever it is.
        for number in 0..LINES + 200 {
            town.account("PUT", "/lever/signature-token", Some(json!({"token": format!("token-{number}")}))).fine();
        }
        let (mut kept, mut before) = (0, String::new());
        loop {
            let page = town.account("GET", &format!("/activity?limit=100{before}"), None).expect(200).json();
            kept += page["items"].as_array().expect("items").len() as u64;
            let Some(next) = page["next"].as_str() else { break };
            before = format!("&before={next}");
        }
        assert!((LINES..LINES + 64).contains(&kept), "{kept}");
    });
}
