//! From raw bytes to bytes that are known to come from a vendor.
//!
//! [`Verified`] has no other constructor than the two schemes here, and the vendors' parsers accept
//! nothing else. So nobody can act on a body before its sender is known.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::{json, secret::Secret};

/// A body as it came. Its size is already bounded.
#[derive(Clone, Copy)]
pub struct Unverified<'a> {
    /// The bytes.
    pub body: &'a [u8],
}

/// A body from the vendor.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    body: &'a [u8],
}

/// Why a body is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// It has not the fields that a signature needs, each exactly once.
    #[error("it is not a delivery")]
    NoDelivery,
    /// It has no signature: the vendor holds no token for this address.
    #[error("it is not signed")]
    Unsigned,
    /// No secret of ours fits.
    #[error("its signature is wrong")]
    Wrong,
}

impl<'a> Unverified<'a> {
    /// Lever's scheme: the signature is in the body, and is the HMAC-SHA256, in lower-case hex, of `token`
    /// followed by `triggeredAt` in decimal; the key is the signature token's text, not what its hex digits
    /// stand for. Any of `tokens` may fit: the account's own webhook, one made by hand, an older one.
    ///
    /// Note what is not signed: everything else in the body.
    ///
    /// # Errors
    /// See [`Rejected`].
    pub fn by_lever(self, tokens: &[Secret]) -> Result<Verified<'a>, Rejected> {
        let body = json::parse(self.body).map_err(|_| Rejected::NoDelivery)?;
        let (Some(token), Some(triggered_at)) = (body["token"].as_str(), body["triggeredAt"].as_u64()) else {
            return Err(Rejected::NoDelivery);
        };
        let signature = match &body["signature"] {
            Value::String(text) if !text.is_empty() => text,
            Value::String(_) | Value::Null => return Err(Rejected::Unsigned),
            _ => return Err(Rejected::NoDelivery),
        };
        let message = format!("{token}{triggered_at}");
        // Every token is tried, so that the time tells nothing about which one fits.
        let fits = tokens.iter().fold(Choice::from(0), |fits, token| {
            fits | lever_signature(token, &message).as_bytes().ct_eq(signature.as_bytes())
        });
        if fits.into() { Ok(Verified { body: self.body }) } else { Err(Rejected::Wrong) }
    }

    /// Qualified's scheme: it signs nothing, so the address has a part that only Qualified and we know.
    ///
    /// # Errors
    /// [`Rejected::Wrong`]: `presented` is not the secret.
    pub fn by_path(self, secret: &Secret, presented: &str) -> Result<Verified<'a>, Rejected> {
        if !secret.is_empty() && secret.matches(presented) {
            Ok(Verified { body: self.body })
        } else {
            Err(Rejected::Wrong)
        }
    }
}

impl<'a> Verified<'a> {
    /// The bytes.
    #[must_use]
    pub fn body(self) -> &'a [u8] {
        self.body
    }
}

fn lever_signature(token: &Secret, message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.expose().as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by hand for the rule that Lever documents ("Webhooks", signing): the key as text, not as hex digits.
    const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978";
    const TOKEN: &str = "9a1c3e5f7b2d4f6a8c0e1d3b5f7a9c2e4d6f8b0a1c3e5d7f";
    const SIGNATURE: &str = "2754665f9f4a233fbb38d6aade5f9d5fee64a85de7f22a86905d33b2fe676cb4";

    fn delivery(token: &str, triggered_at: &str, signature: &str) -> String {
        format!(
            r#"{{"event":"e","triggeredAt":{triggered_at},"token":"{token}","signature":"{signature}","data":{{}}}}"#
        )
    }

    fn verify(body: &str, keys: &[&str]) -> Result<(), Rejected> {
        let keys: Vec<_> = keys.iter().copied().map(Secret::new).collect();
        Unverified { body: body.as_bytes() }.by_lever(&keys).map(|_| ())
    }

    #[test]
    fn the_published_vector_verifies() {
        assert_eq!(verify(&delivery(TOKEN, "1767225600123", SIGNATURE), &[KEY]), Ok(()));
    }

    #[test]
    fn any_of_several_tokens_fits() {
        let body = delivery(TOKEN, "1767225600123", SIGNATURE);
        assert_eq!(verify(&body, &["old", KEY]), Ok(()));
        assert_eq!(verify(&body, &[KEY, "new"]), Ok(()));
    }

    #[test]
    fn what_was_not_signed_is_rejected() {
        use Rejected::{NoDelivery, Unsigned, Wrong};
        let good = delivery(TOKEN, "1767225600123", SIGNATURE);
        let unsigned = good.replace(&format!(r#","signature":"{SIGNATURE}""#), "");
        for (body, keys, why) in [
            (good.clone(), vec![], Wrong),
            (good.clone(), vec![""], Wrong),
            (good.clone(), vec!["other"], Wrong),
            (delivery(TOKEN, "1767225600124", SIGNATURE), vec![KEY], Wrong),
            (delivery("9a", "1767225600123", SIGNATURE), vec![KEY], Wrong),
            (delivery(TOKEN, "1767225600123", &SIGNATURE.to_uppercase()), vec![KEY], Wrong),
            (delivery(TOKEN, "1767225600123", &SIGNATURE[..62]), vec![KEY], Wrong),
            (delivery(TOKEN, "1767225600123", ""), vec![KEY], Unsigned),
            (unsigned, vec![KEY], Unsigned),
            (delivery(TOKEN, "\"1767225600123\"", SIGNATURE), vec![KEY], NoDelivery),
            (delivery(TOKEN, "1767225600123.0", SIGNATURE), vec![KEY], NoDelivery),
            (good.replace(r#""data""#, r#""token":"x","data""#), vec![KEY], NoDelivery),
            (good.replace(r#""data""#, r#""event":"x","data""#), vec![KEY], NoDelivery),
            (good.replace(r#""data":{}"#, r#""data":{},"data":{"opportunityId":"x"}"#), vec![KEY], NoDelivery),
            (String::new(), vec![KEY], NoDelivery),
            ("[]".to_owned(), vec![KEY], NoDelivery),
        ] {
            assert_eq!(verify(&body, &keys), Err(why), "{body} {keys:?}");
        }
    }

    #[test]
    fn a_path_secret_is_compared_whole_and_is_never_empty() {
        let body = Unverified { body: b"{}" };
        assert!(body.by_path(&Secret::new("abc"), "abc").is_ok());
        for (secret, presented) in [("abc", "ab"), ("abc", ""), ("", "")] {
            assert_eq!(body.by_path(&Secret::new(secret), presented).err(), Some(Rejected::Wrong));
        }
    }
}
