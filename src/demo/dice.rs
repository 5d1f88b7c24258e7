//! Seeded dice. What they show depends on what they are thrown for and on nothing thrown before.

use crate::domain::clock::Moment;

/// Dice thrown for one thing.
#[derive(Clone, Debug)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// Dice for one thing: the same seed, words and number give the same throws.
    #[must_use]
    pub fn of(seed: u64, words: &[&str], number: i64) -> Self {
        let mut mixed = Mixed::new(seed);
        for word in words {
            mixed.text(word);
        }
        mixed.text(&number.to_string());
        Self(fastrand::Rng::with_seed(mixed.0))
    }

    /// A number between the two, both included.
    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high.max(low))
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: i64) -> bool {
        self.0.i64(0..1000) < per_mille
    }

    /// A number from 0 up to 1.
    pub fn unit(&mut self) -> f64 {
        self.0.f64()
    }

    /// One of them; the first where there is a choice of none would be a mistake of the caller's.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        self.0.choice(among)
    }

    /// So many hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.0.u32(0..16), 16).unwrap_or('0')).collect()
    }

    /// An identifier in the usual form of five groups.
    pub fn uuid(&mut self) -> String {
        let groups = [8, 4, 3, 3, 12].map(|digits| self.hex(digits));
        let [a, b, c, d, e] = groups;
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }
}

/// A short, stable number for a text, where an identifier is needed.
#[must_use]
pub fn number(text: &str, below: u64) -> u64 {
    let mut mixed = Mixed::new(0);
    mixed.text(text);
    mixed.0 % below.max(1)
}

/// So many hexadecimal digits that always belong to this text.
#[must_use]
pub fn hex(text: &str, digits: usize) -> String {
    Dice::of(0, &[text], 0).hex(digits)
}

/// An identifier that always belongs to this text.
#[must_use]
pub fn uuid(text: &str) -> String {
    Dice::of(0, &[text], 0).uuid()
}

/// How far a moment lies between two others, from 0 to 1.
#[must_use]
pub fn share(from: Moment, to: Moment, at: Moment) -> f64 {
    let whole = (to - from).as_seconds_f64();
    if whole <= 0.0 { 1.0 } else { ((at - from).as_seconds_f64() / whole).clamp(0.0, 1.0) }
}

/// FNV-1a, finished so that near inputs lie far apart.
struct Mixed(u64);

impl Mixed {
    fn new(seed: u64) -> Self {
        Self(0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self.0 ^= self.0 >> 32;
        self.0 = self.0.wrapping_mul(0xd6e8_feb8_6659_fd93);
        self.0 ^= self.0 >> 29;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_always_throws_the_same() {
        let throw = |seed, word: &str, n| Dice::of(seed, &["rollout", word], n).within(0, 1_000_000_000);
        assert_eq!(throw(7, "acme", 3), throw(7, "acme", 3));
        assert_ne!(throw(7, "acme", 3), throw(8, "acme", 3));
        assert_ne!(throw(7, "acme", 3), throw(7, "globex", 3));
        assert_ne!(throw(7, "acme", 3), throw(7, "acme", 4));
    }

    #[test]
    fn words_do_not_run_together() {
        assert_ne!(Dice::of(1, &["ab", "c"], 0).hex(16), Dice::of(1, &["a", "bc"], 0).hex(16));
    }

    #[test]
    fn chances_are_as_said() {
        let hits = (0..10_000).filter(|n| Dice::of(1, &["chance"], *n).chance(100)).count();
        assert!((850..1150).contains(&hits), "{hits} of 10,000 at one in ten");
    }

    #[test]
    fn an_identifier_has_the_usual_form() {
        let text = uuid("acme");
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(text, uuid("acme"));
    }
}
