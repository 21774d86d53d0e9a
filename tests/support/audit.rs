//! What must hold at the end of every story, whatever it was.

use std::collections::BTreeSet;

use serde_json::Value;

use super::town::{CLIENT_SECRET, ENCRYPTION_KEY, OPERATOR, Town};

impl Town {
    /// Readable records, no secret in plain, nobody's data in the log.
    #[track_caller]
    pub(crate) fn audit(&self) {
        let secrets = self.secrets();
        for (key, value) in self.records() {
            let text = String::from_utf8_lossy(&value).into_owned();
            let record: Value = serde_json::from_slice(&value).unwrap_or_else(|_| panic!("{key} is not JSON: {text}"));
            assert!(record["v"].is_u64() && record["rev"].is_u64(), "{key} lacks version or revision: {text}");
            let plain = secrets.iter().find(|secret| text.contains(*secret) || key.contains(*secret));
            assert!(plain.is_none(), "{key} holds a secret in plain: {text}");
            assert!(!key.contains('@'), "{key} holds an address");
        }
        let people = self.people();
        for line in self.log() {
            let named = people.iter().find(|person| line.contains(*person));
            assert!(named.is_none(), "somebody is named in the log: {line}");
            assert!(!secrets.iter().any(|secret| line.contains(secret)), "a secret in the log: {line}");
            assert!(!line.contains('@'), "an address in the log: {line}");
        }
    }

    /// The names of all candidates and of all applicants.
    fn people(&self) -> BTreeSet<String> {
        let mut outside = self.outside();
        let lever = outside.sandbox.lever();
        let names = lever.opportunities().filter_map(|known| lever.person(&known.id)).map(|(name, _)| name.to_owned());
        let mut people: BTreeSet<String> = names.collect();
        let desk = outside.sandbox.bamboohr();
        people.extend(desk.applications().iter().map(|known| format!("{} {}", known.first_name, known.last_name)));
        people
    }

    /// Everything confidential, as far as the town knows it.
    fn secrets(&self) -> BTreeSet<String> {
        let mut outside = self.outside();
        let mut secrets = outside.secrets.clone();
        secrets.insert(outside.sandbox.qualified().api_key().to_owned());
        secrets.extend([OPERATOR, ENCRYPTION_KEY, CLIENT_SECRET].map(str::to_owned));
        let hooks = outside.sandbox.qualified();
        let last = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        secrets.extend(hooks.subscriptions().iter().map(|hook| last(&hook.url)));
        secrets
    }
}
