//! Sealing of secrets at rest: XChaCha20-Poly1305, the key from the operator's `encryption_key`.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::secret::Secret;

/// A sealed text as it is stored: `<key id>.<nonce and ciphertext>`, base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

/// A secret of an account's that is kept sealed, as it stands in the purpose that it is sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Qualified's or BambooHR's.
    ApiKey,
    /// The last part of the address that Qualified delivers to.
    HookSecret,
    /// Signs Lever's deliveries.
    SignatureToken,
    /// OAuth, for an hour.
    AccessToken,
    /// OAuth, for the next access token.
    RefreshToken,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiKey => "API key",
            Self::HookSecret => "hook secret",
            Self::SignatureToken => "signature token",
            Self::AccessToken => "access token",
            Self::RefreshToken => "refresh token",
        })
    }
}

/// Why a sealed text can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// None of the keys has the id it was sealed with: the operator changed `encryption_key` without
    /// keeping the old one behind the comma. Connect again, or restore the key.
    #[error("it was sealed with a key that `encryption_key` no longer has")]
    UnknownKey,
    /// Changed, or moved from another account or purpose.
    #[error("it was altered or belongs to something else")]
    Altered,
}

/// The keys of `encryption_key`: the first seals, all open.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<(String, XChaCha20Poly1305)>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(id, _)| id)).finish()
    }
}

impl Keyring {
    /// `keys`: newest first, at least one.
    #[must_use]
    pub fn new(keys: &[[u8; 32]]) -> Self {
        let keys = keys
            .iter()
            .map(|key| {
                // Six base64 characters of a digest tell keys apart and tell nothing about them.
                let id = BASE64_URL_SAFE_NO_PAD
                    .encode(&Sha256::digest([b"qualified-ats key id".as_slice(), key].concat())[..4]);
                (id, XChaCha20Poly1305::new(key.into()))
            })
            .collect();
        Self { keys }
    }

    /// Seals `secret` for one purpose, e.g. `acme/lever/refresh token`: elsewhere it won't open.
    ///
    /// `nonce` must be fresh; 24 of its 32 random bytes are used.
    #[must_use]
    pub fn seal(&self, purpose: &str, secret: &Secret, nonce: [u8; 32]) -> Sealed {
        let (id, cipher) = &self.keys[0];
        let mut bytes = nonce[..24].to_vec();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: purpose.as_bytes() };
        let nonce = XNonce::try_from(&nonce[..24]).expect("24 bytes");
        bytes.extend(cipher.encrypt(&nonce, payload).expect("a text far below 256 GiB can be sealed"));
        Sealed(format!("{id}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what was sealed for `purpose`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<Secret, OpenError> {
        let (id, body) = sealed.0.split_once('.').ok_or(OpenError::Altered)?;
        let (_, cipher) = self.keys.iter().find(|(known, _)| known == id).ok_or(OpenError::UnknownKey)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(body).map_err(|_| OpenError::Altered)?;
        let (nonce, ciphertext) = bytes.split_at_checked(24).ok_or(OpenError::Altered)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| OpenError::Altered)?;
        let payload = Payload { msg: ciphertext, aad: purpose.as_bytes() };
        let text = cipher.decrypt(&nonce, payload).map_err(|_| OpenError::Altered)?;
        String::from_utf8(text).map(Secret::new).map_err(|_| OpenError::Altered)
    }

    /// Whether it was sealed with another key than the newest, so that it should be sealed again.
    #[must_use]
    pub fn is_old(&self, sealed: &Sealed) -> bool {
        !sealed.0.starts_with(&format!("{}.", self.keys[0].0))
    }
}

impl Sealed {
    /// Takes a sealed text that was outside, such as a cookie's. It still has to open.
    #[must_use]
    pub fn from_outside(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_for_its_purpose_only() {
        let ring = Keyring::new(&[[1; 32]]);
        let sealed = ring.seal("acme/lever", &Secret::new("token"), [9; 32]);
        assert_eq!(ring.open("acme/lever", &sealed).expect("opens").expose(), "token");
        assert_eq!(ring.open("umbrella/lever", &sealed).err(), Some(OpenError::Altered));
        assert!(!sealed.as_str().contains("token"));
    }

    #[test]
    fn rotation_opens_the_old_and_seals_with_the_new() {
        let old = Keyring::new(&[[1; 32]]);
        let both = Keyring::new(&[[2; 32], [1; 32]]);
        let sealed = old.seal("p", &Secret::new("token"), [9; 32]);
        assert!(both.is_old(&sealed));
        assert!(both.open("p", &sealed).is_ok());
        let again = both.seal("p", &Secret::new("token"), [8; 32]);
        assert!(!both.is_old(&again));
        assert_eq!(old.open("p", &again).err(), Some(OpenError::UnknownKey));
    }

    #[test]
    fn altered_or_truncated_texts_do_not_open() {
        let ring = Keyring::new(&[[1; 32]]);
        let sealed = ring.seal("p", &Secret::new("token"), [9; 32]);
        for cut in 0..sealed.0.len() {
            assert!(ring.open("p", &Sealed(sealed.0[..cut].to_owned())).is_err());
        }
    }
}
