//! The vendors as a server: real sockets, real clock, webhooks that really arrive.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sandbox::lever::{Event, NewOpportunity};
use sandbox::server::{Addresses, Served};
use sandbox::{Effect, Rule, Sandbox, Vendor};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

async fn served() -> Served {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let addresses = Addresses { lever: any, qualified: any, bamboohr: any };
    Served::start(addresses, |origins, now| Sandbox::new(origins, now, 1)).await.expect("free ports")
}

async fn get(url: String) -> reqwest::Result<reqwest::Response> {
    reqwest::Client::new().get(url).send().await
}

#[tokio::test]
async fn each_vendor_answers_at_its_own_port() {
    let served = served().await;
    let origins = served.origins().clone();
    let lever = get(format!("{}/v1/stages", origins.lever_api)).await.expect("an answer");
    assert_eq!(lever.status(), 401);
    assert!(lever.text().await.expect("a body").contains("\"code\""));
    let qualified = get(format!("{}/api/v1/assessments", origins.qualified)).await.expect("an answer");
    assert_eq!(qualified.status(), 401);
    assert!(qualified.text().await.expect("a body").contains("\"reason\""));
    assert_eq!(served.sandbox().lock().requests().count(), 2);
}

#[tokio::test]
async fn a_dead_line_closes_the_connection() {
    let served = served().await;
    let fault = Rule::at(Vendor::Lever, Effect::NoAnswer { applied: false });
    served.sandbox().lock().faults().add(fault);
    assert!(get(format!("{}/v1/stages", served.origins().lever_api)).await.is_err());
    assert!(get(format!("{}/v1/stages", served.origins().lever_api)).await.is_ok());
}

#[tokio::test]
async fn a_move_on_the_board_reaches_the_webhook() {
    let served = served().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    {
        let shared = served.sandbox();
        let mut sandbox = shared.lock();
        let mut lever = sandbox.lever();
        lever.make_webhook_by_hand(&url).expect("a loopback URL");
        lever.set_webhook_toggle(Event::CandidateStageChange, true);
        let ada = lever.add_opportunity(NewOpportunity::named("Ada Lovelace")).expect("a stage");
        lever.move_to_stage(&ada, "offer").expect("a stage");
    }
    let (sender, mut received) = mpsc::channel::<String>(1);
    let hook = axum::Router::new().fallback(move |body: String| async move {
        sender.send(body).await.expect("the test waits");
    });
    tokio::spawn(async move { axum::serve(listener, hook).await });
    let arrives = tokio::time::timeout(Duration::from_secs(60), received.recv());
    let body = arrives.await.expect("it arrives").expect("the webhook");
    assert!(body.contains("candidateStageChange") && body.contains("signature"), "{body}");
}

/// The front page of a vendor of the demo, and what a form there comes to.
struct Browser {
    client: reqwest::Client,
    origin: String,
}

impl Browser {
    fn at(origin: &str) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().expect("a client"), origin: origin.to_owned() }
    }

    async fn page(&self) -> String {
        let answer = self.client.get(&self.origin).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a page")
    }

    /// Submits a form; answers where it leads.
    async fn submit(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self.client.post(format!("{}/do/{action}", self.origin)).body(body).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 303, "{action}");
        answer.headers()["location"].to_str().expect("text").to_owned()
    }
}

async fn demo() -> Served {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let addresses = Addresses { lever: any, qualified: any, bamboohr: any };
    let make = |origins, now| Sandbox::demo(origins, now, 1, "http://127.0.0.1:3000").expect("the demo");
    Served::start(addresses, make).await.expect("free ports")
}

#[tokio::test]
async fn a_recruiter_works_on_the_lever_board() {
    let served = demo().await;
    let lever = Browser::at(&served.origins().lever_api);
    let page = lever.page().await;
    for text in ["Pretend Lever", "nothing here is real", "Ada Okafor", "Coding test", "off: nothing is delivered"] {
        assert!(page.contains(text), "{text}");
    }
    let (ada, stage) = {
        let shared = served.sandbox();
        let mut sandbox = shared.lock();
        let stage = sandbox.lever().stage("Coding test").expect("a stage");
        (sandbox.lever().opportunities().next().expect("Ada").id.clone(), stage)
    };
    lever.submit("move", &[("opportunity", &ada), ("stage", &stage)]).await;
    lever.submit("add-tag", &[("opportunity", &ada), ("tag", "<b>bold</b>")]).await;
    lever.submit("toggle", &[]).await;
    let by_hand = lever.submit("add-webhook", &[("url", "http://127.0.0.1:9/hook")]).await;
    assert!(by_hand.contains("Signature+token"), "{by_hand}");
    let refused = lever.submit("move", &[("opportunity", &ada), ("stage", "nowhere")]).await;
    assert!(refused.contains("Refused"), "{refused}");
    let page = lever.page().await;
    assert!(page.contains("&lt;b&gt;bold&lt;/b&gt;") && !page.contains("<b>bold"), "escaped");
    let shared = served.sandbox();
    let mut sandbox = shared.lock();
    assert_eq!(sandbox.lever().opportunity(&ada).expect("Ada").stage, stage);
    assert_eq!(sandbox.lever().webhooks().len(), 1);
    assert_eq!(sandbox.requests().count(), 0, "pages are no API requests");
}

#[tokio::test]
async fn a_recruiter_tags_a_job_on_the_lever_board() {
    let served = demo().await;
    let lever = Browser::at(&served.origins().lever_api);
    let job = served.sandbox().lock().lever().postings()[1].id.clone();
    let tags = || served.sandbox().lock().lever().postings()[1].tags.clone();
    assert!(tags().is_empty());
    lever.submit("tag-job", &[("posting", &job), ("tag", "<b>Rust</b>")]).await;
    assert_eq!(tags(), ["<b>Rust</b>"]);
    let page = lever.page().await;
    assert!(
        page.contains("Remove &lt;b&gt;Rust&lt;/b&gt; from Frontend Engineer") && !page.contains("<b>Rust"),
        "escaped"
    );
    lever.submit("untag-job", &[("posting", &job), ("tag", "<b>Rust</b>")]).await;
    assert!(tags().is_empty());
    for action in ["tag-job", "untag-job"] {
        let refused = lever.submit(action, &[("posting", "nowhere"), ("tag", "Rust")]).await;
        assert!(refused.contains("Refused"), "{action}: {refused}");
    }
}

#[tokio::test]
async fn a_candidate_is_walked_through_on_qualifieds_page() {
    let served = demo().await;
    let qualified = Browser::at(&served.origins().qualified);
    assert!(qualified.page().await.contains("Rust: Ownership, Traits, and Lifetimes"));
    let (key, assessment) = {
        let shared = served.sandbox();
        let mut sandbox = shared.lock();
        let desk = sandbox.qualified();
        (desk.api_key().to_owned(), desk.assessments()[0].id.clone())
    };
    let invite = format!(r#"{{"data":{{"candidates":["ada@example.com"],"assessment_id":"{assessment}"}}}}"#);
    let path = "/api/v1/assessment_invitations/invite_candidates";
    let asked = qualified.client.post(format!("{}{path}", qualified.origin)).header("authorization", key);
    assert_eq!(asked.body(invite).send().await.expect("an answer").status(), 200);
    let (result, candidate) = {
        let shared = served.sandbox();
        let mut sandbox = shared.lock();
        let desk = sandbox.qualified();
        (desk.results()[0].id.clone(), desk.candidates()[0].id.clone())
    };
    qualified.submit("open", &[("result", &result)]).await;
    qualified.submit("start", &[("result", &result)]).await;
    qualified.submit("submit", &[("result", &result), ("score", "91.5")]).await;
    qualified.submit("approve", &[("candidate", &candidate)]).await;
    let page = qualified.page().await;
    for text in ["submitted, score 91.5", "approved", "Invitation to ada@example.com"] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_recruiter_sets_a_status_in_bamboohr() {
    let served = demo().await;
    let bamboohr = Browser::at(&served.origins().bamboohr);
    let page = bamboohr.page().await;
    assert!(page.contains("Ines Okoro") && page.contains("Qualified - Send assessment"));
    let ines = served.sandbox().lock().bamboohr().applications()[0].id;
    bamboohr.submit("status", &[("application", &ines.to_string()), ("status", "20")]).await;
    assert_eq!(served.sandbox().lock().bamboohr().application(ines).expect("Ines").status, 20);
    assert!(bamboohr.submit("key", &[]).await.contains("API+key"));
}

#[tokio::test]
async fn another_sites_form_does_nothing() {
    let served = demo().await;
    let lever = Browser::at(&served.origins().lever_api);
    let toggle = lever.client.post(format!("{}/do/toggle", lever.origin)).header("sec-fetch-site", "cross-site");
    assert_eq!(toggle.send().await.expect("an answer").status(), 403);
}
