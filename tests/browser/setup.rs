//! The set-up tells how things are, and what to do, where it is to be done.

use sandbox::bamboohr::JobStatus;

use crate::furnished::{TITLE, furnish};
use crate::support::{ACCOUNT, Answer, Town};
use crate::visitor::Visitor;

fn home() -> String {
    format!("/integrations/{ACCOUNT}")
}

/// The section of the page with this anchor.
#[track_caller]
fn card<'p>(page: &'p str, anchor: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("id=\"{anchor}\"")).unwrap_or_else(|| panic!("no {anchor}: {page}"));
    rest.split("</section>").next().unwrap_or_default()
}

/// The text next to the field of this name that says what is wrong with it.
#[track_caller]
fn error_at<'p>(page: &'p str, field: &str) -> &'p str {
    let (_, rest) = page
        .split_once(&format!("id=\"{field}-error\">"))
        .unwrap_or_else(|| panic!("nothing is said at {field}: {page}"));
    let described = format!("id=\"{field}\"");
    let (_, input) = page.split_once(&described).expect("the field is there");
    let input = input.split('>').next().unwrap_or_default();
    assert!(input.contains("aria-invalid=\"true\"") && input.contains(&format!("{field}-error")), "{input}");
    rest.split('<').next().unwrap_or_default()
}

#[test]
fn a_broken_connection_is_not_called_done() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let page = operator.get(&home()).expect(200).text;
        assert!(page.contains("Setup complete!"), "{page}");
        town.vendors(|vendors| {
            vendors.qualified().regenerate_api_key();
            vendors.lever().revoke_app();
        });
        operator.submit(&format!("{}/check", home()), &[]).expect(303);
        let page = operator.get(&home()).expect(200).text;
        assert!(!page.contains("Setup complete!") && !page.contains("steps done"), "{page}");
        assert!(page.contains("not everything works"), "{page}");
        for part in ["qualified", "lever"] {
            assert!(page.contains(&format!("href=\"#{part}\"")), "{page}");
            assert!(card(&page, part).contains(">Needs attention<"), "{page}");
        }
        assert!(!page.contains("href=\"#bamboohr\""), "BambooHR works: {page}");
    });
}

#[test]
fn a_team_with_one_system_may_leave_the_other() {
    Town::native().tell(|town| {
        town.operator().put_account(true);
        let operator = Visitor::operator(town);
        let page = operator.get(&home()).expect(200).text;
        assert!(card(&page, "lever").contains(">To do<") && card(&page, "bamboohr").contains(">Optional<"), "{page}");

        furnish(town);
        town.account("DELETE", "/lever", None).expect(204);
        let page = operator.get(&home()).expect(200).text;
        assert!(card(&page, "lever").contains(">Optional<"), "{page}");
        assert!(card(&page, "bamboohr").contains(">In order<"), "{page}");
        assert!(page.find("id=\"bamboohr\"") < page.find("id=\"lever\""), "what is used comes first");
        let tags = operator.get(&format!("{}/tags", home())).expect(200).text;
        assert!(tags.contains("Tags invite in Lever alone") && !tags.contains("What would happen?"), "{tags}");
        assert!(page.contains("Setup complete!"), "{page}");
    });
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let sent = |path: &str, fields: &[(&str, &str)]| -> Answer { operator.submit(&(home() + path), fields) };
        let page = sent("/qualified", &[("api_key", "wrong")]).expect(400).text;
        assert!(error_at(&page, "api_key").contains("does not accept this API key"));
        let page = sent("/lever/signature-token", &[("token", "")]).expect(400).text;
        assert!(error_at(&page, "token").contains("signature token"));
        let page = sent("/bamboohr", &[("domain", "acme"), ("bamboohr_key", "wrong")]).expect(400).text;
        assert!(error_at(&page, "bamboohr_key").contains("does not accept this API key"));
        let page = sent("/bamboohr", &[("domain", "no company!"), ("bamboohr_key", "x")]).expect(400).text;
        assert!(error_at(&page, "domain").contains("subdomain"));
        let page = sent("/bamboohr/login", &[("domain", "other")]).expect(409).text;
        assert!(error_at(&page, "domain").contains("Disconnect BambooHR"));

        let stage = town.operator().stage("Screen");
        for (field, fields) in [
            ("stage", [("stage", ""), ("deadline_days", ""), ("reminder_days", "")]),
            ("deadline_days", [("stage", &*stage), ("deadline_days", "soon"), ("reminder_days", "")]),
            ("reminder_days", [("stage", &*stage), ("deadline_days", "7"), ("reminder_days", "0")]),
            ("reminder_days", [("stage", &*stage), ("deadline_days", "7"), ("reminder_days", "7")]),
        ] {
            let page = sent("/lever/stages", &fields).expect(400).text;
            assert!(!error_at(&page, field).is_empty());
        }
        let page = sent("/lever/stages", &[("stage", "gone")]).expect(404).text;
        assert!(error_at(&page, "stage").contains("Lever has no stage"));

        let assessment = town.assessment(TITLE);
        for (field, fields) in [
            ("assessment", [("assessment", ""), ("job_id", "1"), ("send_status", "")]),
            ("job_id", [("assessment", &*assessment), ("job_id", ""), ("send_status", "")]),
            ("send_status", [("assessment", &*assessment), ("job_id", "1"), ("send_status", "x")]),
        ] {
            let page = sent("/bamboohr/assessments", &fields).expect(400).text;
            assert!(error_at(&page, field).starts_with("Choose "), "{page}");
        }

        let account = |name: &str, words: &str| operator.submit("/integrations", &[("account", name), ("name", words)]);
        assert!(error_at(&account("No!", "x").expect(400).text, "account").contains("lower-case"));
        assert!(error_at(&account(ACCOUNT, "x").expect(409).text, "account").contains("already"));
        assert!(error_at(&account("new", &"x".repeat(201)).expect(400).text, "name").contains("200"));
    });
}

#[test]
fn what_a_list_has_no_room_for_is_found_by_its_name() {
    Town::native().tell(|town| {
        furnish(town);
        town.vendors(|vendors| {
            // Lever lists what is new last, BambooHR first.
            vendors.bamboohr().add_job("Needle", JobStatus::Open);
            for number in 0..600 {
                vendors.lever().add_stage(&format!("Stage {number} {}", "x".repeat(60)));
                vendors.bamboohr().add_job(&format!("Job {number} {}", "x".repeat(60)), JobStatus::Open);
            }
            vendors.lever().add_stage("Needle");
        });
        let operator = Visitor::operator(town);
        let screen = town.operator().stage("Screen");
        for (path, chosen) in [("/lever/stages", ("stage", &*screen)), ("/bamboohr/assessments", ("on_started", "1"))] {
            let path = home() + path;
            let page = operator.get(&path).expect(200).text;
            assert!(!page.contains(">Needle<") && page.contains("Narrow the lists"), "{page}");
            let before = town.records();
            let narrowed = [("only", "needle"), ("narrow", "1"), chosen];
            let page = operator.submit(&path, &narrowed).expect(200).text;
            assert!(page.contains(">Needle<") && !page.contains(" 1 xxx"), "{page}");
            assert!(page.contains(&format!("value=\"{}\" selected", chosen.1)), "what was chosen stays: {page}");
            assert_eq!(town.records(), before, "nothing is saved by narrowing");
        }
        // Trigger stages on the set-up page are searched in the same way.
        let page = operator.get(&format!("{}?stages-search=SCREEN", home())).expect(200).text;
        assert!(card(&page, "stages").contains("Screen") && !card(&page, "stages").contains("Coding test"), "{page}");
    });
}
