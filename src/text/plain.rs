//! Our own signs in ASCII, for terminals, fonts and files that have nothing else.

/// Each of our signs with what stands for it. Outside text may hold them too, and reads the same.
const SIGNS: &[(char, char)] = &[
    ('–', '-'),
    ('─', '-'),
    ('╌', '-'),
    ('○', '-'),
    ('→', '>'),
    ('·', '.'),
    ('◌', '.'),
    ('●', 'o'),
    ('◐', '%'),
    ('◔', '~'),
    ('…', '~'),
    ('✖', 'X'),
    ('▲', '!'),
    ('◆', '*'),
    ('›', '>'),
];

/// A text in ASCII: our own signs by theirs, what stays foreign as a question mark.
#[must_use]
pub fn ascii(text: &str) -> String {
    let plain = |c: char| match SIGNS.iter().find(|(sign, _)| *sign == c) {
        Some((_, plain)) => *plain,
        None if c.is_ascii() => c,
        None => '?',
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_signs_have_one_of_theirs_and_the_rest_is_a_question_mark() {
        assert_eq!(ascii("2026.40.1 → 41.0 · ✖ 漢 …"), "2026.40.1 > 41.0 . X ? ~");
        assert!(SIGNS.iter().all(|(sign, plain)| !sign.is_ascii() && plain.is_ascii()));
    }
}
