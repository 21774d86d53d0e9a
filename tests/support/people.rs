//! The people of the town, and what they do in their own words.

use http::Request;
use sandbox::lever::{Event, NewOpportunity};
use sandbox::qualified::{MailKind, Score};
use serde_json::{Value, json};

use super::answer::Answer;
use super::town::{ACCOUNT, Town};

/// Somebody who wants the job.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    /// The candidacy's id in Lever.
    pub(crate) opportunity: String,
}

impl Candidate {
    /// The address the sandbox makes from the name.
    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.name.to_lowercase().replace(' ', "."))
    }
}

/// Whoever runs the product, and the customer's admin with them.
pub(crate) struct Operator<'a>(pub(super) &'a Town);

impl Operator<'_> {
    /// Everything connected, the stage "Coding test" a trigger, and these assessments published.
    #[track_caller]
    pub(crate) fn sets_everything_up(&self, titles: &[&str]) {
        for title in titles {
            self.0.vendors(|vendors| vendors.qualified().add_assessment(title, true));
        }
        self.put_account(true);
        self.connect_qualified();
        self.log_in_to_lever();
        self.add_trigger_stage("Coding test");
    }

    #[track_caller]
    pub(crate) fn put_account(&self, ats_enabled: bool) {
        self.0.account("PUT", "", Some(json!({"name": "Acme", "ats_enabled": ats_enabled}))).fine();
    }

    /// Connects Qualified with its present key.
    #[track_caller]
    pub(crate) fn connect_qualified(&self) {
        let key = self.0.vendors(|vendors| vendors.qualified().api_key().to_owned());
        self.0.account("PUT", "/qualified", Some(json!({"api_key": key}))).fine();
    }

    /// Asks for Lever's consent page: its URL, and the browser's cookies.
    #[track_caller]
    pub(crate) fn begin_log_in(&self) -> (String, String) {
        let login = self.0.account("POST", "/lever/login", None).fine();
        let url = login.json()["authorize_url"].as_str().expect("authorize_url").to_owned();
        (url, login.cookies())
    }

    /// Accepts on Lever's consent page; the callback's URL.
    #[track_caller]
    pub(crate) fn consent(&self, authorize_url: &str) -> String {
        self.0.vendors(|vendors| vendors.lever().consent(authorize_url)).expect("the consent page shows")
    }

    /// The browser follows Lever's redirect back to us.
    #[track_caller]
    pub(crate) fn come_back(&self, callback: &str, cookies: &str) -> Answer {
        let path = callback.strip_prefix(super::PUBLIC).expect("our own callback");
        let mut request = Request::get(path);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        self.0.request(request.body(bytes::Bytes::new()).expect("a request")).expect("an answer")
    }

    /// "Log In to Lever" from beginning to end, and the event switched on in Lever's settings.
    #[track_caller]
    pub(crate) fn log_in_to_lever(&self) {
        self.0.vendors(|vendors| vendors.lever().set_webhook_toggle(Event::CandidateStageChange, true));
        let (url, cookies) = self.begin_log_in();
        let callback = self.consent(&url);
        self.come_back(&callback, &cookies).fine();
        assert_eq!(self.account()["lever"]["connected"], json!(true));
    }

    /// Adds a stage by its name, from the list that Lever gives.
    #[track_caller]
    pub(crate) fn add_trigger_stage(&self, text: &str) {
        let id = self.stage(text);
        self.0.account("PUT", &format!("/lever/trigger-stages/{id}"), None).fine();
    }

    /// A stage's id, as the picker shows it.
    #[track_caller]
    pub(crate) fn stage(&self, text: &str) -> String {
        let answer = self.0.account("GET", "/lever/stages", None).expect(200).json();
        let stages = answer["stages"].as_array().expect("stages").iter();
        let stage = stages.filter(|stage| stage["text"] == json!(text)).find_map(|stage| stage["id"].as_str());
        stage.unwrap_or_else(|| panic!("no stage {text}: {answer}")).to_owned()
    }

    /// The account as the API shows it.
    #[track_caller]
    pub(crate) fn account(&self) -> Value {
        self.0.account("GET", "", None).expect(200).json()
    }

    /// Replays everything about a candidate that did not succeed.
    #[track_caller]
    pub(crate) fn replays(&self, who: &Candidate) {
        let path = format!("/activity?limit=100&subject={}", who.opportunity);
        let page = self.0.account("GET", &path, None).expect(200).json();
        let id = page["items"][0]["id"].as_str().expect("a line").to_owned();
        self.0.call("POST", &format!("/api/accounts/{ACCOUNT}/activity/{id}/replay"), None).expect(202);
    }
}

/// Works in Lever and nowhere else.
pub(crate) struct Recruiter<'a>(pub(super) &'a Town);

impl Recruiter<'_> {
    #[track_caller]
    pub(crate) fn adds_with(&self, name: &str, new: NewOpportunity) -> Candidate {
        let opportunity = self.0.vendors(|vendors| vendors.lever().add_opportunity(new)).expect("Lever lets them");
        Candidate { name: name.to_owned(), opportunity }
    }

    /// Adds a candidate with a tag.
    #[track_caller]
    pub(crate) fn adds_tagged(&self, name: &str, tag: &str) -> Candidate {
        self.adds_with(name, NewOpportunity::named(name).tag(tag))
    }

    #[track_caller]
    pub(crate) fn tags(&self, who: &Candidate, tag: &str) {
        self.0.vendors(|vendors| vendors.lever().add_tag(&who.opportunity, tag)).expect("Lever lets them");
    }

    /// Drags a candidate's card to the stage of this name.
    #[track_caller]
    pub(crate) fn moves(&self, who: &Candidate, stage: &str) {
        // A minute passes: nobody does two things at once, and order in Lever is order in time.
        self.0.advance(1);
        self.0.vendors(|vendors| {
            let mut lever = vendors.lever();
            let stage = lever.stage(stage).expect("the stage exists");
            lever.move_to_stage(&who.opportunity, &stage).expect("Lever lets them");
        });
    }
}

/// A candidate at an assessment.
pub(crate) struct Taker<'a> {
    pub(super) town: &'a Town,
    pub(super) who: &'a Candidate,
}

impl Taker<'_> {
    /// How often they were invited to anything by mail.
    pub(crate) fn invitations(&self) -> usize {
        let email = self.who.email();
        let wanted = [MailKind::Invitation, MailKind::Resend];
        self.town.vendors(|vendors| {
            let qualified = vendors.qualified();
            qualified.mails().iter().filter(|mail| mail.to == email && wanted.contains(&mail.kind)).count()
        })
    }

    /// The id of their result, by the assessment's present or former id.
    #[track_caller]
    pub(crate) fn result(&self, assessment: &str) -> String {
        let result = self.town.vendors(|vendors| vendors.qualified().result_of(&self.who.email(), assessment));
        result.expect("they were invited")
    }

    /// The id of the only result they have.
    #[track_caller]
    fn only_result(&self) -> String {
        let email = self.who.email();
        self.town.vendors(|vendors| {
            let qualified = vendors.qualified();
            let person = qualified.candidate(&email).expect("they were invited").id.clone();
            let mut own = qualified.results().iter().filter(|result| result.candidate == person && result.current_take);
            let result = own.next().expect("they were invited").id.clone();
            assert!(own.next().is_none(), "they were invited to several: say to which");
            result
        })
    }

    /// Starts the only assessment they were invited to.
    #[track_caller]
    pub(crate) fn starts(&self) {
        let result = self.only_result();
        self.town.advance(1);
        self.town.vendors(|vendors| vendors.qualified().start(&result)).expect("it can be started");
    }

    /// Hands in the only assessment they were invited to.
    #[track_caller]
    pub(crate) fn submits(&self, points: f64) {
        let result = self.only_result();
        self.town.advance(45);
        let score = Score::of(points).solution("Ring buffer", points, "rust").passed(points >= 70.0);
        self.town.vendors(|vendors| vendors.qualified().submit(&result, score)).expect("it can be handed in");
    }
}

/// Decides in Qualified.
pub(crate) struct Reviewer<'a>(pub(super) &'a Town);

impl Reviewer<'_> {
    #[track_caller]
    pub(crate) fn approves(&self, who: &Candidate) {
        let id = self.person(who);
        self.0.vendors(|vendors| vendors.qualified().approve(&id)).expect("Qualified lets them");
    }

    #[track_caller]
    pub(crate) fn rejects(&self, who: &Candidate) {
        let id = self.person(who);
        self.0.vendors(|vendors| vendors.qualified().reject(&id)).expect("Qualified lets them");
    }

    #[track_caller]
    fn person(&self, who: &Candidate) -> String {
        self.0.advance(1);
        let email = who.email();
        self.0.vendors(|vendors| vendors.qualified().candidate(&email).expect("they were invited").id.clone())
    }
}
