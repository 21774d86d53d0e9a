//! How the product speaks to the vendors, whatever it is that it says.

use http::Method;

use crate::RUST;
use crate::support::{Town, story};

story!(every_call_says_who_asks_for_what_and_how_much_it_sends, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(86.7);
    town.deliver_well();
    town.account("DELETE", "/lever", None).fine();

    town.vendors(|vendors| {
        let mut methods = Vec::new();
        for call in vendors.requests() {
            let what = format!("{} {}", call.method, call.path);
            let header = |name: &str| call.headers.get(name).map(|value| value.to_str().expect("text"));
            assert_eq!(header("accept"), Some("application/json"), "{what}");
            assert!(header("user-agent").is_some_and(|agent| agent.starts_with("qualified-ats/")), "{what}");
            let length = header("content-length").map(|length| length.parse::<usize>().expect("a number"));
            assert_eq!(length.is_none(), call.method == Method::GET, "{what}");
            // A body with credentials is not recorded.
            if call.body != "[secret]" {
                assert_eq!(length.unwrap_or_default(), call.body.len(), "{what}");
            }
            assert_eq!(header("content-type").is_some(), !call.body.is_empty(), "{what}");
            methods.push(call.method.clone());
        }
        for method in [Method::GET, Method::POST, Method::DELETE] {
            assert!(methods.contains(&method), "{method} is among them");
        }
    });
});
