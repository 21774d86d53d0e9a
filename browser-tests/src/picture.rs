//! Pictures for the guide, taken of the real page.
//!
//! A picture says of what it was taken, by a digest of everything that is to be seen. It is replaced when that
//! changes, and left alone when merely this machine's fonts differ from those of the machine it was taken on.

use std::path::Path;

use anyhow::ensure;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// Eight bytes, then chunks: length, name, content, checksum. The first is the header, of 13 bytes.
const HEADER_ENDS: usize = 8 + 4 + 4 + 13 + 4;
const KEYWORD: &[u8] = b"Source\0";

/// What a page shows, in short.
pub(crate) fn digest(shown: &str) -> String {
    BASE64_STANDARD.encode(&Sha256::digest(shown)[..12])
}

/// Whether the file is a picture of just this.
pub(crate) fn is_of(file: &Path, digest: &str) -> bool {
    let note = [KEYWORD, digest.as_bytes()].concat();
    std::fs::read(file).is_ok_and(|png| png.get(HEADER_ENDS + 8..).is_some_and(|rest| rest.starts_with(&note)))
}

/// The picture, with the digest of what it shows in a chunk of text after its header.
pub(crate) fn signed(png: &[u8], digest: &str) -> anyhow::Result<Vec<u8>> {
    ensure!(png.len() > HEADER_ENDS && png.starts_with(b"\x89PNG"), "this is no picture");
    let (header, rest) = png.split_at(HEADER_ENDS);
    let chunk = [b"tEXt", KEYWORD, digest.as_bytes()].concat();
    let length = u32::try_from(chunk.len() - 4)?.to_be_bytes();
    Ok([header, &length, &chunk, &checksum(&chunk).to_be_bytes(), rest].concat())
}

/// CRC-32 as PNG has it: <https://www.w3.org/TR/png-3/#5CRC-algorithm>.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_png() {
        // The one of every PNG's last chunk.
        assert_eq!(checksum(b"IEND"), 0xAE42_6082);
    }
}
