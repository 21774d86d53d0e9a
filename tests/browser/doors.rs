//! Every way into the product that a browser has, from the one table of routes.

use qualified_ats::web::TABLE;

/// Method and path of each page and form; a new open place in a path has to be filled in here.
pub(crate) fn doors(account: &str, stage: &str) -> Vec<(&'static str, String)> {
    let programs = ["/api/", "/hooks/", "/sync"];
    let rows = TABLE.iter().filter(|row| !programs.iter().any(|program| row.path.starts_with(program)));
    let open = [("{account}", account), ("{stage}", stage), ("{id}", "0-0")];
    let fill = |path: &str| open.iter().fold(path.to_owned(), |path, (place, with)| path.replace(place, with));
    let doors: Vec<_> = rows.map(|row| (row.method, fill(row.path))).collect();
    assert!(doors.len() > 30 && doors.iter().all(|(_, path)| !path.contains('{')), "{doors:#?}");
    doors
}

/// Those of an account.
pub(crate) fn doors_of(account: &str, stage: &str) -> Vec<(&'static str, String)> {
    let own = format!("/integrations/{account}");
    doors(account, stage).into_iter().filter(|(_, path)| path.starts_with(&own)).collect()
}
