//! What an access token happens to say about who connected.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    domain::{ids::LeverUserId, secret::Secret},
    vendor::reading::{self, Node},
};

/// Hints, never proof: nothing is verified, and Lever promises none of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The user who consented.
    pub user: Option<LeverUserId>,
    /// Lever's id of the customer.
    pub account: Option<String>,
}

/// Reads the claims of an access token, if it is a JWT as in the documentation's sample.
#[must_use]
pub fn claims(access: &Secret) -> Option<Claims> {
    let payload = access.expose().split('.').nth(1)?;
    let body = reading::parse(&BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()?;
    let node = Node::root(&body);
    let claims = Claims {
        user: node.at("https://oauth.lever.co/userId").id().ok(),
        account: node.at("https://oauth.lever.co/accountId").text().ok(),
    };
    (claims.user.is_some() || claims.account.is_some()).then_some(claims)
}
