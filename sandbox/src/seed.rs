//! The sandbox's only source of "randomness": a counter-like generator, so that the same seed and the same
//! actions give the same ids, tokens and keys, and a failing test can be read twice.

/// SplitMix64 (Steele, Lea, Flood 2014): tiny, well mixed, and in no way secret, which suits a sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Seed(u64);

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Seed {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A version 4 UUID: Lever's ids.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff,
        )
    }

    /// `length` lower-case hex digits: 24 for Qualified's ids, 40 for BambooHR's keys, 48 for Lever's signature tokens.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.text(length, b"0123456789abcdef")
    }

    /// `length` letters and digits: authorization codes, client secrets, invitation paths.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        self.text(length, ALPHANUMERIC)
    }

    /// 32 characters of standard base64 with at least one `/` and one `+`, as Qualified's API keys have them:
    /// whoever builds URLs or headers from a key should meet both.
    pub(crate) fn api_key(&mut self) -> String {
        format!("{}/{}+{}", self.text(3, BASE64), self.text(4, BASE64), self.text(23, BASE64))
    }

    fn text(&mut self, length: usize, alphabet: &[u8]) -> String {
        (0..length).map(|_| char::from(alphabet[(self.next() % alphabet.len() as u64) as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_vendors_shapes() {
        let mut seed = Seed::new(7);
        let uuid = seed.uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!("89ab".contains(char::from(uuid.as_bytes()[19])));
        assert_eq!(seed.hex(24).len(), 24);
        let key = seed.api_key();
        assert!(key.len() == 32 && key.contains('/') && key.contains('+'));
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        assert_eq!(Seed::new(1).uuid(), Seed::new(1).uuid());
        assert_ne!(Seed::new(1).uuid(), Seed::new(2).uuid());
    }
}
