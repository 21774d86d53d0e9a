//! Notes on an opportunity: where a result goes.
//!
//! Lever knows no idempotency key. A note whose POST got no answer is looked for in the list, by the marker
//! in its text, before it is posted again.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, Page, object, page, target};
use crate::{
    domain::ids::{NoteId, OpportunityId},
    vendor::{Call, CallError, Personal, Unreadable, reading::Node},
};

/// `POST /opportunities/:id/notes`. Without an author (`perform_as`), visible to all who see the candidate.
#[derive(Clone)]
pub struct AddNote {
    /// The candidacy that it is about.
    pub opportunity: OpportunityId,
    /// Plain text. `@name` in it would notify that user.
    pub text: String,
}

impl Call for AddNote {
    type Grant = Grant;
    type Reply = NoteId;
    const REPEATABLE: bool = false;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["opportunities", self.opportunity.as_str(), "notes"];
        target(grant, &path).post(&json!({ "value": self.text })).bearer(&grant.access)
    }

    /// The documentation shows `noteId` alone, live answers have `id` as well.
    fn read(&self, response: &Response<Bytes>) -> Result<NoteId, CallError> {
        object(response, |data| {
            let id = data.at("noteId");
            if id.is_null() { data.at("id").id() } else { id.id() }
        })
    }
}

/// A note, whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Lever's id of it, opaque.
    pub id: NoteId,
    /// The texts of its fields.
    pub texts: Vec<Personal>,
}

impl Note {
    /// Whether a text occurs in it.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.texts.iter().any(|own| own.as_str().contains(text))
    }
}

/// `GET /opportunities/:id/notes`
#[derive(Debug, Clone)]
pub struct ListNotes {
    /// The candidacy that it is about.
    pub opportunity: OpportunityId,
    /// [`Page::next`] of the page before.
    pub offset: Option<String>,
}

impl Call for ListNotes {
    type Grant = Grant;
    type Reply = Page<Note>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["opportunities", self.opportunity.as_str(), "notes"];
        target(grant, &path).maybe("offset", self.offset.as_deref()).get().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<Note>, CallError> {
        page(response, note)
    }
}

/// A field's value is a text in a note, but a number or an object in a scorecard or form: those are skipped.
fn note(row: &Node<'_>) -> Result<Note, Unreadable> {
    let texts = row.at("fields").any(|field| {
        let value = field.at("value");
        if value.is_text() { value.personal() } else { Ok(None) }
    })?;
    Ok(Note { id: row.at("id").id()?, texts: texts.into_iter().flatten().collect() })
}
