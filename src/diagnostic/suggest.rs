//! The known name somebody probably meant.

/// Words longer than this are no misspelt names.
const LONGEST: usize = 64;

/// The known name nearest to a word, if one is near enough to be meant. Case, `_`, `-` and a plural `s` hardly count;
/// the start of just one known name counts as that name. The order of the names doesn't matter.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    among(word, &names.into_iter().collect::<Vec<_>>())
}

/// The same, made once whatever names come in.
fn among<'n>(word: &str, names: &[&'n str]) -> Option<&'n str> {
    let wanted = fold(word);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let mut best: Option<((usize, usize, &str), &str)> = None;
    let mut starts = Vec::new();
    for &name in names {
        let known = fold(name);
        if name == word || known.len() > LONGEST {
            continue;
        }
        if wanted.len() >= 3 && known.starts_with(&wanted) {
            starts.push(name);
        }
        let room = allowed(wanted.len().min(known.len()));
        if wanted.len().abs_diff(known.len()) > room {
            continue;
        }
        let far = if same_but_plural(&wanted, &known) { 0 } else { distance(&wanted, &known) };
        if far <= room {
            let alike = wanted.iter().zip(&known).take_while(|(a, b)| a == b).count();
            let rank = (far, LONGEST - alike, name);
            if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                best = Some((rank, name));
            }
        }
    }
    starts.sort_unstable();
    starts.dedup();
    match (best, starts.as_slice()) {
        (Some((_, name)), _) => Some(name),
        (None, [name]) => Some(name),
        (None, _) => None,
    }
}

/// The question that goes with [`nearest`].
pub fn did_you_mean<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    nearest(word, names).map(|name| format!("did you mean `{name}`?"))
}

/// The names that would have been right: `` `a`, `b` or `c` ``. Of many, the first dozen.
#[must_use]
pub fn one_of<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] if first.len() < 12 => format!("{} or {last}", first.join(", ")),
        many => {
            let shown: Vec<_> = many.iter().take(12).map(String::as_str).collect();
            format!("{} and {} more", shown.join(", "), many.len() - 12)
        }
    }
}

/// How many slips are forgiven in a word of this length.
fn allowed(len: usize) -> usize {
    match len {
        0..=2 => 0,
        3..=5 => 1,
        6..=8 => 2,
        _ => 3,
    }
}

fn fold(word: &str) -> Vec<char> {
    word.chars().take(4 * LONGEST).filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

fn same_but_plural(a: &[char], b: &[char]) -> bool {
    a.strip_suffix(&['s']).unwrap_or(a) == b.strip_suffix(&['s']).unwrap_or(b)
}

/// Damerau-Levenshtein: letters missing, too many, wrong, or two neighbours swapped.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last_a = None;
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(above.len());
        let mut left = i + 1;
        row.push(left);
        let mut last_b = None;
        for (j, (y, pair)) in b.iter().zip(above.windows(2)).enumerate() {
            let (diagonal, over) = match pair {
                [diagonal, over] => (*diagonal, *over),
                _ => (usize::MAX, usize::MAX),
            };
            let mut cost = (diagonal + usize::from(x != y)).min(over + 1).min(left + 1);
            if last_a == Some(y) && last_b == Some(x) {
                let swapped = j.checked_sub(1).and_then(|at| before.get(at));
                cost = cost.min(swapped.map_or(cost, |swapped| swapped + 1));
            }
            row.push(cost);
            left = cost;
            last_b = Some(y);
        }
        before = std::mem::replace(&mut above, row);
        last_a = Some(x);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEYS: &[&str] = &[
        "prometheus",
        "prometheus-url",
        "include",
        "token",
        "tenant",
        "id",
        "url",
        "kind",
        "name",
        "window",
        "windows",
        "plan",
        "stale_after",
        "kubernetes",
        "alertmanager",
        "environments",
        "extended_support",
        "ca",
    ];

    #[test]
    fn slips_are_understood_and_strangers_are_not() {
        for (word, name) in [
            ("promethus", Some("prometheus")),
            ("Include", Some("include")),
            ("tokn", Some("token")),
            ("toekn", Some("token")),
            ("environment", Some("environments")),
            ("stale-after", Some("stale_after")),
            ("staleAfter", Some("stale_after")),
            ("extendedsupport", Some("extended_support")),
            ("windws", Some("windows")),
            ("kube", Some("kubernetes")),
            ("alert", Some("alertmanager")),
            ("plna", Some("plan")),
            ("ulr", Some("url")),
            ("ID", Some("id")),
            ("prom", None), // of two names
            ("in", None),
            ("it", None),
            ("cat", None),
            ("colour", None),
            ("logs", None),
            ("", None),
            ("_", None),
            ("kind", None), // is known
        ] {
            assert_eq!(nearest(word, KEYS.iter().copied()), name, "{word}");
            assert_eq!(nearest(word, KEYS.iter().rev().copied()), name, "{word}, in another order");
        }
        assert_eq!(did_you_mean("tokn", ["token"]).unwrap(), "did you mean `token`?");
        assert_eq!(nearest(&"x".repeat(1_000_000), ["x"]), None);
    }

    #[test]
    fn distances_are_those_of_damerau_and_levenshtein() {
        for (a, b, far) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("abcd", "acbd", 1),
            ("ab", "ba", 1),
            ("kitten", "sitting", 3),
            ("abc", "abc", 0),
        ] {
            assert_eq!(distance(&fold(a), &fold(b)), far, "{a} {b}");
        }
    }

    #[test]
    fn the_right_names_are_listed() {
        assert_eq!(one_of([]), "nothing");
        assert_eq!(one_of(["a"]), "`a`");
        assert_eq!(one_of(["a", "b", "c"]), "`a`, `b` or `c`");
        assert!(one_of(KEYS.iter().copied()).ends_with("`plan` and 6 more"));
    }

    proptest! {
        #[test]
        fn a_distance_is_the_same_both_ways_and_zero_only_of_equals(a in "[abc]{0,8}", b in "[abc]{0,8}") {
            let (a, b) = (fold(&a), fold(&b));
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
        }

        #[test]
        fn any_word_gets_an_answer_or_none(word in "\\PC{0,80}") {
            if let Some(name) = nearest(&word, KEYS.iter().copied()) {
                prop_assert!(KEYS.contains(&name));
            }
        }
    }
}
