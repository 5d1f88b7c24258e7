//! How grave a line is, where no label tells: read off the line as people would.

/// The words programs use, and the level each means.
const WORDS: [(&str, &str); 15] = [
    ("trace", "trace"),
    ("debug", "debug"),
    ("dbg", "debug"),
    ("info", "info"),
    ("notice", "info"),
    ("warn", "warn"),
    ("warning", "warn"),
    ("error", "error"),
    ("err", "error"),
    ("severe", "error"),
    ("crit", "critical"),
    ("critical", "critical"),
    ("fatal", "critical"),
    ("panic", "critical"),
    ("emerg", "critical"),
];

/// How much of a line is looked at: who says it late does not mean it.
const LOOKED_AT: usize = 256;

/// The level a line tells in its text: `level=warn`, `"severity":"ERROR"`, `[ERROR]`, `E1121 02:17:00.1`.
#[must_use]
pub fn guessed(line: &str) -> Option<&'static str> {
    let start: String = line.chars().take(LOOKED_AT).collect();
    keyed(&start).or_else(|| shouted(&start)).or_else(|| klog(&start))
}

fn known(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, level)| *level)
}

/// After a key that says so, in logfmt and in JSON.
fn keyed(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    ["level", "lvl", "severity"].into_iter().find_map(|key| {
        lower.match_indices(key).find_map(|(at, _)| {
            let (_, after) = lower.split_at_checked(at + key.len())?;
            let after = after.trim_start_matches(['"', ' ']);
            let value = after.strip_prefix(['=', ':'])?.trim_start_matches(['"', ' ', '\'']);
            known(value.split(|c: char| !c.is_ascii_alphabetic()).next()?)
        })
    })
}

/// As a word of its own in capitals, or in brackets.
fn shouted(line: &str) -> Option<&'static str> {
    let capitals = line
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase()));
    let bracketed = line.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    capitals.chain(bracketed).find_map(known)
}

/// As Kubernetes' own programs write it: a letter, then month and day.
fn klog(line: &str) -> Option<&'static str> {
    let mut letters = line.chars();
    let level = match letters.next()? {
        'I' => "info",
        'W' => "warn",
        'E' => "error",
        'F' => "critical",
        _ => return None,
    };
    let day = letters.by_ref().take(4).filter(char::is_ascii_digit).count() == 4;
    (day && letters.next() == Some(' ')).then_some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_grave_it_is() {
        for (line, level) in [
            ("level=error msg=\"boom\"", Some("error")),
            (r#"{"ts":1,"level":"WARN","msg":"x"}"#, Some("warn")),
            (r#"{"severity": "INFO"}"#, Some("info")),
            ("2026-11-21 02:17:00,1 ERROR [main] c.m.Api - boom", Some("error")),
            ("[debug] cache hit", Some("debug")),
            ("E1121 02:17:00.123456 1 reflector.go:1] failed", Some("error")),
            ("W1121 02:17:00.123456 1 x.go:1] odd", Some("warn")),
            ("GET /errors/of/level 200", None),
            ("Everything is fine", None),
            ("Eleven users", None),
            ("", None),
        ] {
            assert_eq!(guessed(line), level, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at_without_harm(line in ".{0,400}") {
            let _ = guessed(&line);
        }
    }
}
