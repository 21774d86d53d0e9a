//! Lever's notes: nothing keeps two from being made, and what they say may wake people.

use serde_json::{Value, json};

use crate::lever_candidacies::{ada, data};

#[test]
fn a_repeated_note_is_a_second_note() {
    let (mut sandbox, client, path, _) = ada();
    let notes = format!("{path}/notes");
    let first = client.post(&mut sandbox, &notes, json!({"value": "Score: 86.7"}));
    assert_eq!(first.status, 201);
    let first = first.json()["data"].clone();
    assert_eq!(first["noteId"], first["id"]);
    assert_eq!((&first["user"], &first["fields"][0]["value"]), (&Value::Null, &json!("Score: 86.7")));
    client.post(&mut sandbox, &notes, json!({"value": "Score: 86.7"}));
    assert_eq!(data(&mut sandbox, &client, &notes).as_array().map(Vec::len), Some(2));
}

#[test]
fn notes_are_refused_without_value_with_a_future_date_or_a_stranger_as_author() {
    let (mut sandbox, client, path, _) = ada();
    let notes = format!("{path}/notes");
    let future = sandbox.now().as_millisecond() + 1;
    for body in [json!({}), json!({"value": "x", "createdAt": future}), json!({"value": "x", "score": 5})] {
        assert_eq!(client.post(&mut sandbox, &notes, body).status, 400);
    }
    let stranger = format!("{notes}?perform_as=00000000-0000-4000-8000-000000000000");
    assert_eq!(client.post(&mut sandbox, &stranger, json!({"value": "x"})).status, 400);
    let all = data(&mut sandbox, &client, "/users?includeDeactivated=true");
    let users = data(&mut sandbox, &client, "/users");
    assert!(all.as_array().map(Vec::len) > users.as_array().map(Vec::len));
    let author = users[0]["id"].as_str().expect("an id");
    let signed = client.post(&mut sandbox, &format!("{notes}?perform_as={author}"), json!({"value": "x"}));
    assert_eq!(signed.json()["data"]["user"], json!(author));
}

#[test]
fn notes_have_threads_can_be_replaced_and_deleted_and_notify_whom_they_name() {
    let (mut sandbox, client, path, _) = ada();
    let id = path.rsplit('/').next().expect("an id").to_owned();
    let notes = format!("{path}/notes");
    let note = client.post(&mut sandbox, &notes, json!({"value": "ping @robin.recruiter"})).json()["data"].clone();
    let note = note["id"].as_str().expect("an id");
    assert_eq!(sandbox.lever().notes(&id)[0].notified, ["robin.recruiter"]);
    client.post(&mut sandbox, &format!("{notes}?note_id={note}"), json!({"value": "more"}));
    assert_eq!(sandbox.lever().notes(&id)[0].comments.len(), 2);
    let replaced = json!({"values": [{"value": "new"}]});
    assert_eq!(client.put(&mut sandbox, &format!("{notes}/{note}"), replaced).status, 200);
    assert_eq!(sandbox.lever().notes(&id)[0].text(), "new");
    assert_eq!(client.delete(&mut sandbox, &format!("{notes}/{note}")).status, 204);
    assert_eq!(client.get(&mut sandbox, &format!("{notes}/{note}")).status, 404);
}
