//! What people see of the product: tags, notes and mails at the vendors; activity and health here.

use serde_json::Value;

use super::people::Candidate;
use super::town::Town;

impl Town {
    /// The candidacy's tags in Lever.
    pub(crate) fn tags(&self, who: &Candidate) -> Vec<String> {
        self.vendors(|vendors| vendors.lever().tags(&who.opportunity))
    }

    /// The candidacy's notes in Lever.
    pub(crate) fn notes(&self, who: &Candidate) -> Vec<String> {
        self.vendors(|vendors| {
            vendors.lever().notes(&who.opportunity).iter().map(|note| note.text().to_owned()).collect()
        })
    }

    /// The addresses to which mails went, one for each mail.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.vendors(|vendors| vendors.qualified().mails().iter().map(|mail| mail.to.clone()).collect())
    }

    /// The newest hundred lines of the account's activity.
    #[track_caller]
    pub(crate) fn activity(&self) -> Vec<Value> {
        let page = self.account("GET", "/activity?limit=100", None).expect(200).json();
        page["items"].as_array().expect("items").clone()
    }

    /// The newest line about a candidate, as a person reads it: summary and steps.
    #[track_caller]
    pub(crate) fn reason(&self, who: &Candidate) -> String {
        let path = format!("/activity?limit=1&subject={}", who.opportunity);
        let page = self.account("GET", &path, None).expect(200).json();
        let line = page["items"].get(0).unwrap_or_else(|| panic!("nothing about {}: {:#?}", who.name, self.activity()));
        line.to_string()
    }

    /// A check of the account's health: whether it is fine, and its detail.
    #[track_caller]
    pub(crate) fn health(&self) -> Vec<(String, Option<bool>, String)> {
        let account = self.account("GET", "", None).expect(200).json();
        let checks = account["health"].as_array().expect("health").iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        checks.map(|it| (text(&it["check"]), it["ok"].as_bool(), text(&it["detail"]))).collect()
    }
}
