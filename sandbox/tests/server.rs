//! The vendors as a server: real sockets, real clock, webhooks that really arrive.

use std::net::{Ipv4Addr, SocketAddr};

use sandbox::lever::{Event, NewOpportunity};
use sandbox::server::{Addresses, Served};
use sandbox::{Effect, Rule, Sandbox, Vendor};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

async fn served() -> Served {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let addresses = Addresses {
        lever: any,
        qualified: any,
        bamboohr: any,
    };
    Served::start(addresses, |origins, now| Sandbox::new(origins, now, 1))
        .await
        .expect("free ports")
}

async fn get(url: String) -> reqwest::Result<reqwest::Response> {
    reqwest::Client::new().get(url).send().await
}

#[tokio::test]
async fn each_vendor_answers_at_its_own_port() {
    let served = served().await;
    let origins = served.origins().clone();
    let lever = get(format!("{}/v1/stages", origins.lever_api))
        .await
        .expect("an answer");
    assert_eq!(lever.status(), 401);
    assert!(lever.text().await.expect("a body").contains("\"code\""));
    let qualified = get(format!("{}/api/v1/assessments", origins.qualified))
        .await
        .expect("an answer");
    assert_eq!(qualified.status(), 401);
    assert!(
        qualified
            .text()
            .await
            .expect("a body")
            .contains("\"reason\"")
    );
    assert_eq!(served.sandbox().lock().requests().count(), 2);
}

#[tokio::test]
async fn a_dead_line_closes_the_connection() {
    let served = served().await;
    let fault = Rule::at(Vendor::Lever, Effect::NoAnswer { applied: false });
    served.sandbox().lock().faults().add(fault);
    assert!(
        get(format!("{}/v1/stages", served.origins().lever_api))
            .await
            .is_err()
    );
    assert!(
        get(format!("{}/v1/stages", served.origins().lever_api))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_move_on_the_board_reaches_the_webhook() {
    let served = served().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    {
        let shared = served.sandbox();
        let mut sandbox = shared.lock();
        let mut lever = sandbox.lever();
        lever.make_webhook_by_hand(&url).expect("a loopback URL");
        lever.set_webhook_toggle(Event::CandidateStageChange, true);
        let ada = lever
            .add_opportunity(NewOpportunity::named("Ada Lovelace"))
            .expect("a stage");
        lever.move_to_stage(&ada, "offer").expect("a stage");
    }
    let (sender, mut received) = mpsc::channel::<String>(1);
    let hook = axum::Router::new().fallback(move |body: String| async move {
        sender.send(body).await.expect("the test waits");
    });
    tokio::spawn(async move { axum::serve(listener, hook).await });
    let body = received.recv().await.expect("the webhook");
    assert!(
        body.contains("candidateStageChange") && body.contains("signature"),
        "{body}"
    );
}
