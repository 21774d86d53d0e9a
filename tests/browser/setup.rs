//! The set-up tells how things are, and what to do, where it is to be done.

use sandbox::bamboohr::JobStatus;
use sandbox::{Effect, Rule, Vendor};

use crate::bounds::edit;
use crate::furnished::{TITLE, furnish};
use crate::support::{ACCOUNT, Answer, PUBLIC, Town};
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
fn a_missing_webhook_is_not_called_switched_off() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[TITLE]);
        let operator = Visitor::operator(town);
        let page = operator.get(&home()).expect(200).text;
        assert!(page.contains("Setup complete!") && page.contains("switch the webhook on"), "{page}");
        let key = format!("account/{ACCOUNT}");
        let mut record: serde_json::Value = serde_json::from_slice(&town.records()[&key]).expect("JSON");
        record["record"]["lever"]["webhook"] = serde_json::Value::Null;
        town.outside().records.insert(key, record.to_string().into_bytes());
        let page = operator.get(&home()).expect(200).text;
        assert!(!page.contains("Setup complete!") && page.contains("href=\"#webhook\">Webhook"), "{page}");
        assert!(card(&page, "webhook").contains(">Needs attention<"), "{page}");
    });
}

#[test]
fn what_could_not_be_asked_is_not_called_checked() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[TITLE]);
        let operator = Visitor::operator(town);
        let check = || {
            let answer = operator.submit(&format!("{}/check", home()), &[]).expect(303);
            let place = answer.headers["location"].to_str().expect("a location").to_owned();
            operator.get(&place).expect(200).text
        };
        let page = check();
        assert!(page.contains("Checked just now") && !page.contains("Not everything"), "{page}");
        let down = Rule::at(Vendor::Lever, Effect::Throttled { retry_after: Some(1800) }).always();
        town.vendors(|vendors| vendors.faults().add(down));
        for _ in 0..2 {
            let page = check();
            assert!(page.contains("Not everything could be checked") && !page.contains("Checked just now"), "{page}");
            assert!(card(&page, "lever").contains("Lever did not answer at the last look"), "{page}");
            assert!(page.contains("Setup complete!"), "it passes by itself: {page}");
        }
        town.vendors(|vendors| vendors.faults().clear());
        town.advance(31);
        assert!(check().contains("Checked just now"));
        town.operator().put_account(false);
        assert!(check().contains("Not everything could be checked"));
    });
}

#[test]
fn an_assessment_that_is_set_up_is_offered_whatever_became_of_it() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let id = town.assessment(TITLE);
        town.vendors(|vendors| vendors.qualified().archive(&id)).expect("Qualified lets them");
        let form = |query: &str| operator.get(&format!("{}/bamboohr/assessments{query}", home())).expect(200).text;
        let option = format!("value=\"{id}\"");
        assert!(form(&format!("?assessment={id}")).contains(&option));
        assert!(!form("").contains(&option), "it can't be chosen for something new");
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
        let offer = town.operator().stage("Offer");
        for (path, chosen) in [("/lever/stages", ("stage", &*offer)), ("/bamboohr/assessments", ("on_started", "1"))] {
            let path = home() + path;
            let page = operator.get(&path).expect(200).text;
            assert!(!page.contains(">Needle<") && page.contains("Narrow the lists"), "{page}");
            let before = town.records();
            let narrowed = [("only", "needle"), ("narrow", "1"), chosen];
            let page = operator.submit(&path, &narrowed).expect(200).text;
            assert!(page.contains(">Needle<") && !page.contains(" 1 xxx"), "{page}");
            assert!(page.contains(&format!("value=\"{}\" selected", chosen.1)), "what was chosen stays: {page}");
            assert_eq!(town.records(), before, "nothing is saved by narrowing");
            // Enter presses a form's first button. It narrows while other words are typed than those that count.
            let (_, form) = page.split_once("name=\"form_token\"").expect("a form of the page");
            let (_, form) = form.split_once("class=\"fields\"").expect("the form");
            let first = form.split_once("<button").and_then(|(_, rest)| rest.split_once('>')).expect("a button").0;
            assert!(first.contains("name=\"narrow\" value=\"enter\""), "{first}");
            let enter = [("only", "needle"), ("narrowed", ""), ("narrow", "enter"), chosen];
            assert!(operator.submit(&path, &enter).expect(200).text.contains(">Needle<"));
        }
        // And saves when none are.
        let enter = [("only", "needle"), ("narrowed", "needle"), ("narrow", "enter"), ("stage", &*offer)];
        operator.submit(&format!("{}/lever/stages", home()), &enter).expect(303);
        let page = operator.get(&home()).expect(200).text;
        assert!(card(&page, "stages").contains(">Offer<"), "{page}");
        {}
        // Trigger stages on the set-up page are searched in the same way.
        let page = operator.get(&format!("{}?stages-search=SCREEN", home())).expect(200).text;
        assert!(card(&page, "stages").contains("Screen") && !card(&page, "stages").contains("Coding test"), "{page}");
    });
}

/// The hidden field of this name.
#[track_caller]
fn hidden<'p>(page: &'p str, name: &str) -> &'p str {
    let before = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&before).unwrap_or_else(|| panic!("no hidden {name}: {page}"));
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn changing_a_trigger_stage_adds_none() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let (path, screen) = (format!("{}/lever/stages", home()), town.operator().stage("Screen"));
        let page = operator.get(&format!("{path}?stage={screen}")).expect(200).text;
        assert!(
            page.contains("Change Trigger Stage") && !page.contains("<select"),
            "there is nothing to choose: {page}"
        );
        assert_eq!(hidden(&page, "stage"), screen);
        let page = operator.submit(&path, &[("stage", &screen), ("deadline_days", "soon")]).expect(400).text;
        assert_eq!(hidden(&page, "stage"), screen, "nor after an error");
        operator.submit(&path, &[("stage", &screen), ("deadline_days", "9")]).expect(303);
        let account = town.operator().account();
        let stages = account["lever"]["trigger_stages"].as_array().expect("stages");
        assert_eq!((stages.len(), &stages[1]["deadline_days"]), (2, &serde_json::json!(9)));

        let page = operator.get(&path).expect(200).text;
        assert!(page.contains("Add Trigger Stage") && page.contains(">Offer<") && !page.contains(">Screen<"), "{page}");

        town.vendors(|vendors| vendors.lever().delete_stage(&screen).expect("Lever lets them"));
        let page = operator.submit(&path, &[("stage", &screen), ("deadline_days", "8")]).expect(404).text;
        assert!(page.contains("Lever no longer has the stage") && !page.contains("deadline_days"), "{page}");
        operator.submit(&format!("{}/check", home()), &[]).expect(303);
        let page = operator.get(&home()).expect(200).text;
        let offered = ["Remove", "Change"].map(|what| {
            card(&page, "stages").contains(&format!("{what}<span"))
                || card(&page, "stages").contains(&format!("{what} Screen"))
        });
        assert_eq!(offered, [true, false], "removing it is all that is left: {page}");
        let page = operator.get(&format!("{path}?stage={screen}")).expect(200).text;
        assert!(page.contains("Remove it, and add another one") && !page.contains("deadline_days"), "{page}");
    });
}

#[test]
fn changing_an_assessments_statuses_ties_no_other_assessment() {
    Town::native().tell(|town| {
        furnish(town);
        let other = town.vendors(|vendors| vendors.qualified().add_assessment("Other", true));
        let operator = Visitor::operator(town);
        let (path, assessment) = (format!("{}/bamboohr/assessments", home()), town.assessment(TITLE));
        let of_it = format!("{path}?assessment={assessment}");
        let page = operator.get(&of_it).expect(200).text;
        assert!(page.contains(TITLE) && !page.contains("<select id=\"assessment\""), "{page}");
        assert_eq!(hidden(&page, "assessment"), assessment);
        let page = operator.get(&path).expect(200).text;
        let free = [format!("value=\"{other}\""), format!("value=\"{assessment}\"")].map(|it| page.contains(&it));
        assert_eq!(free, [true, false], "what is not tied yet can be added: {page}");

        // Who was invited goes on, so what shows it can still be changed.
        town.vendors(|vendors| vendors.qualified().archive(&assessment).expect("Qualified lets them"));
        let page = operator.get(&of_it).expect(200).text;
        assert!(page.contains("is archived in Qualified") && hidden(&page, "assessment") == assessment, "{page}");
        let mapping = town.operator().account()["bamboohr"]["mappings"][0].clone();
        let (job, status) = (mapping["job_id"].to_string(), mapping["send_status"].to_string());
        let fields =
            [("assessment", &*assessment), ("job_id", &job), ("send_status", &status), ("on_started", &status)];
        operator.submit(&path, &fields).expect(303);
        let mappings = town.operator().account()["bamboohr"]["mappings"].clone();
        assert_eq!(mappings.as_array().map(Vec::len), Some(1));
        assert_eq!(mappings[0]["on_started"], mapping["send_status"]);
    });
}

#[test]
fn a_row_of_bamboohrs_says_what_it_does_by_name() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let mapping = town.operator().account()["bamboohr"]["mappings"][0].clone();
        let (job, send) = (mapping["job_id"].to_string(), mapping["send_status"].to_string());
        let going = town.vendors(|vendors| vendors.bamboohr().add_status("Going on")).to_string();
        let assessment = town.assessment(TITLE);
        let fields =
            [("assessment", &*assessment), ("job_id", &job), ("send_status", &send), ("on_submitted", &*going)];
        operator.submit(&format!("{}/bamboohr/assessments", home()), &fields).expect(303);
        let shown = || card(&operator.get(&home()).expect(200).text, "bamboohr").to_owned();
        let named = ["Backend", "sent by “Send”", "Shown by “Going on” when submitted"];
        assert!(named.iter().all(|words| shown().contains(words)), "{}", shown());

        // A record of before names were kept; the next sync fetches them.
        edit(town, &format!("account/{ACCOUNT}"), |account| {
            let mapping = account["bamboohr"]["mappings"].as_object_mut().and_then(|all| all.values_mut().next());
            let mapping = mapping.and_then(|mapping| mapping.as_object_mut()).expect("a mapping");
            assert!(mapping.remove("job_name").is_some() && mapping.remove("status_names").is_some());
        });
        let numbered = [format!("job opening {job}"), format!("sent by status {send}")];
        assert!(numbered.iter().all(|words| shown().contains(words)), "{}", shown());
        operator.submit(&format!("{}/check", home()), &[]).expect(303);
        assert!(named.iter().all(|words| shown().contains(words)), "{}", shown());
    });
}

#[test]
fn removing_is_asked_for_twice() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let page = operator.get(&home()).expect(200).text;
        for form in page.split("<form").skip(1).filter(|form| form.contains("/remove\"")) {
            let before = page.split(form).next().unwrap_or_default();
            let (open, closed) = (before.matches("<details").count(), before.matches("</details>").count());
            assert_eq!(open, closed + 1, "it is behind a summary: {form}");
        }
        assert!(page.contains("<summary>Remove<span class=\"unseen\"> Screen</span></summary>"), "{page}");
        operator.submit(&format!("{}/bamboohr/remove", home()), &[]).expect(303);
        let page = operator.get(&format!("{}?done=bamboohr-removed", home())).expect(200).text;
        assert!(page.contains("BambooHR is disconnected.") && card(&page, "bamboohr").contains(">Optional<"), "{page}");
        assert_eq!(town.operator().account()["bamboohr"]["connected"], false);
    });
}

#[test]
fn a_log_in_that_bamboohr_refuses_is_told_on_the_page() {
    Town::native().tell(|town| {
        town.operator().put_account(true);
        let mut operator = Visitor::operator(town);
        let start = operator.submit(&format!("{}/bamboohr/login", home()), &[("domain", "acme")]).expect(303);
        let consent = start.headers["location"].to_str().expect("text");
        let state = consent.split_once("state=").and_then(|(_, rest)| rest.split('&').next()).expect("a state");
        operator.cookies = format!("{}; {}", operator.cookies, start.cookies());
        let page = operator.get(&format!("/bamboohr/callback?error=access_denied&state={state}")).expect(400).text;
        let card = card(&page, "bamboohr");
        assert!(card.contains("BambooHR was not connected, because the log-in was refused there."), "{page}");
        assert!(card.contains("<details open"), "the form is at hand: {card}");
        assert_eq!(town.operator().account()["bamboohr"]["connected"], false);
    });
}

#[test]
fn levers_environment_and_the_end_of_its_permission_are_told() {
    Town::native().tell(|town| {
        furnish(town);
        let page = Visitor::operator(town).get(&home()).expect(200).text;
        let lever = card(&page, "lever");
        assert!(lever.contains("<dt>Log-in at</dt><dd>auth.lever.co</dd>"), "{lever}");
        let ends = town.vendors(|vendors| vendors.now()) + jiff::SignedDuration::from_hours(24 * 90);
        let day = ends.strftime("%Y-%m-%d").to_string();
        assert!(lever.contains(&format!("<dt>Reconnect by</dt><dd><time datetime=\"{day}T")), "{day}: {lever}");
        assert!(page.contains(&format!("{PUBLIC}/hooks/lever/{ACCOUNT}")), "{page}");
    });
}
