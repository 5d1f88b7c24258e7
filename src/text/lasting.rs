//! How long what is said stays true. Whoever says something that time alone will make untrue notes when; whoever has to
//! say it anew in time listens. Notes are kept per thread, and nothing but listening ever reads them.

use std::cell::Cell;
use std::time::Duration;

thread_local! {
    static HEARD: Cell<Lasts> = const { Cell::new(Lasts::FOR_EVER) };
}

/// For how long something that was said is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasts {
    /// Until its words are others: `18 min` becomes `19 min`.
    pub words: Duration,
    /// Until what it means is something else: what was young is old.
    pub meaning: Duration,
}

impl Lasts {
    const FOR_EVER: Self = Self { words: Duration::MAX, meaning: Duration::MAX };

    fn and(self, other: Self) -> Self {
        Self { words: self.words.min(other.words), meaning: self.meaning.min(other.meaning) }
    }
}

/// Notes that the words of what is being said are others after so long.
pub fn note_words(lasts: Duration) {
    note(Lasts { words: lasts, ..Lasts::FOR_EVER });
}

/// Notes that what is being said means something else after so long.
pub fn note_meaning(lasts: Duration) {
    note(Lasts { meaning: lasts, ..Lasts::FOR_EVER });
}

fn note(lasts: Lasts) {
    HEARD.set(HEARD.get().and(lasts));
}

/// Lets something be said, and tells for how long all of it is true. Whoever listens around it hears it too.
pub fn listen<T>(say: impl FnOnce() -> T) -> (T, Lasts) {
    let before = HEARD.replace(Lasts::FOR_EVER);
    let said = say();
    let lasts = HEARD.replace(before);
    note(lasts);
    (said, lasts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_hears_the_soonest_of_what_is_noted_within_and_nothing_of_what_was_before() {
        let second = Duration::from_secs;
        note_words(second(1));
        let ((), nothing) = listen(|| ());
        assert_eq!(nothing, Lasts::FOR_EVER);
        let (inner, outer) = listen(|| {
            note_words(second(9));
            note_meaning(second(30));
            let ((), inner) = listen(|| note_words(second(4)));
            note_words(second(7));
            inner
        });
        assert_eq!(inner, Lasts { words: second(4), ..Lasts::FOR_EVER });
        assert_eq!(outer, Lasts { words: second(4), meaning: second(30) });
    }
}
