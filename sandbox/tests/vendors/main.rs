//! The vendors' habits, one story each: the executable form of what is known about them.

mod bamboohr;
mod bamboohr_access;
mod bamboohr_writing;
mod bench;
mod faults;
mod lever_access;
mod lever_candidacies;
mod lever_lists;
mod lever_notes;
mod lever_oauth;
mod lever_webhooks;
mod qualified_api;
mod qualified_invitations;
mod qualified_progress;
mod qualified_webhooks;
mod world;
