//! Queries in Loki's language, made from what a person or a rollout wants to see.

/// Labels that stand on every line in most places, most telling first. A selector needs one that does.
const USUAL: [&str; 10] =
    ["service_name", "app", "namespace", "job", "container", "pod", "instance", "host", "hostname", "filename"];

/// The selector that takes every line of a Loki with these labels; none where it has no label, and so no line.
#[must_use]
pub fn everything(labels: &[String]) -> Option<String> {
    let usual = USUAL.into_iter().find(|name| labels.iter().any(|label| label == name));
    let label = usual.or_else(|| labels.iter().map(String::as_str).find(|label| is_name(label)))?;
    Some(format!("{{{label}=~\".+\"}}"))
}

fn is_name(label: &str) -> bool {
    !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A selector's lines with a text in them, in any case.
#[must_use]
pub fn with_text(selector: &str, text: &str) -> String {
    format!("{selector} |~ {}", quoted(&format!("(?i){}", regex::escape(text))))
}

/// A selector's lines that mention one of several words.
#[must_use]
pub fn mentioning(selector: &str, words: &[String]) -> String {
    let escaped: Vec<String> = words.iter().filter(|word| !word.is_empty()).map(|word| regex::escape(word)).collect();
    if escaped.is_empty() { selector.to_owned() } else { format!("{selector} |~ {}", quoted(&escaped.join("|"))) }
}

/// A text in quotes, as Go reads it.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// How many lines a query finds in each stretch of so many seconds, by level.
#[must_use]
pub fn volume(query: &str, step: u64) -> String {
    format!("sum by (level, detected_level) (count_over_time({query} [{step}s]))")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_selector_needs_a_label_that_is_there() {
        for (names, expected) in [
            (&["level", "namespace", "app"][..], Some(r#"{app=~".+"}"#)),
            (&["zone"], Some(r#"{zone=~".+"}"#)),
            (&["not a name"], None),
            (&[], None),
        ] {
            assert_eq!(everything(&labels(names)).as_deref(), expected);
        }
    }

    #[test]
    fn what_was_typed_can_not_leave_its_quotes() {
        assert_eq!(with_text("{a=~\".+\"}", r#"a" | b\"#), r#"{a=~".+"} |~ "(?i)a\" \\| b\\\\""#);
        assert_eq!(with_text("{}", "x\u{1b}y"), r#"{} |~ "(?i)xy""#);
    }

    #[test]
    fn a_rollout_is_looked_for_by_version_and_workloads() {
        let words = labels(&["2026.41.0", "meshfed-api", ""]);
        assert_eq!(mentioning("{}", &words), r#"{} |~ "2026\\.41\\.0|meshfed\\-api""#);
        assert_eq!(mentioning("{}", &[]), "{}");
    }
}
