//! What a log line says, without what stands beside it anyway: of a line in logfmt or JSON its message first, then the rest.

use std::borrow::Cow;

use serde_json::Value;

use super::Clean;

/// Longer lines are left as they are: nobody reads them on one row.
const LONGEST: usize = 16_384;

/// Where programs write what they have to say.
const MESSAGES: [&str; 3] = ["msg", "message", "event"];

/// What is shown in columns of its own, or is the time and the level in other words.
const BESIDE: [&str; 12] = [
    "level",
    "lvl",
    "severity",
    "levelname",
    "log.level",
    "loglevel",
    "ts",
    "t",
    "time",
    "timestamp",
    "@timestamp",
    "datetime",
];

/// What a line says. A line of no known make is left as it is.
#[must_use]
pub fn said(line: &str) -> Cow<'_, str> {
    if line.len() > LONGEST {
        return Cow::Borrowed(line);
    }
    let fields = if line.starts_with('{') { json(line) } else { logfmt(line) };
    fields.and_then(told).map_or(Cow::Borrowed(line), Cow::Owned)
}

/// The message, then the other fields as `name=value`. Made harmless again: quotes and escapes were opened.
fn told(fields: Vec<(String, String)>) -> Option<String> {
    let message = MESSAGES.iter().find_map(|name| fields.iter().find(|(field, _)| field == name))?;
    let mut all = message.1.trim().to_owned();
    let rest = fields.iter().filter(|field| *field != message && !BESIDE.contains(&field.0.as_str()));
    for (name, value) in rest {
        all.push_str("  ");
        all.push_str(name);
        all.push('=');
        all.push_str(value);
    }
    Some(Clean::line(&all).to_string()).filter(|all| !all.is_empty())
}

fn json(line: &str) -> Option<Vec<(String, String)>> {
    let Value::Object(fields) = serde_json::from_str(line).ok()? else { return None };
    let worth = |(name, value): (String, Value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    };
    Some(fields.into_iter().filter_map(worth).collect())
}

/// The pairs of a line that is nothing but pairs.
fn logfmt(line: &str) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '"') {
            return None;
        }
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (value, after) = after.split_once(' ').unwrap_or((after, ""));
                (value.to_owned(), after)
            }
        };
        fields.push((name.to_owned(), value));
        rest = after.trim_start();
    }
    Some(fields)
}

/// A text up to its closing quote, and what stands behind that.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next()? {
            '"' => return Some((value, letters.as_str())).filter(|(_, rest)| rest.is_empty() || rest.starts_with(' ')),
            '\\' => match letters.next()? {
                'n' | 't' | 'r' => value.push(' '),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_message_comes_first_and_what_stands_beside_it_goes() {
        for (line, says) in [
            (r#"level=info msg="GET /api 200""#, "GET /api 200"),
            (
                r#"ts=2026-11-21T01:17:00Z level=warn caller=a.go:3 msg="no \"quota\"\nleft" tenant=t1"#,
                "no \"quota\" left  caller=a.go:3  tenant=t1",
            ),
            ("time=1 lvl=error msg=gone", "gone"),
            (r#"{"level":"info","ts":17,"msg":"started","port":80,"tls":null}"#, "started  port=80"),
            (r#"{"@timestamp":"x","message":"hello","user":{"id":3}}"#, r#"hello  user={"id":3}"#),
        ] {
            assert_eq!(said(line), says, "{line}");
        }
    }

    #[test]
    fn a_line_of_another_make_is_left_as_it_is() {
        for line in [
            "",
            "GET /x?a=b 200",
            "level=info no message here",
            "level=info",
            r#"msg="never closed"#,
            r#"msg="closed"badly"#,
            r#"{"level":"info"}"#,
            r#"{"msg":"#,
            r#"msg="""#,
            "[1,2]",
        ] {
            assert_eq!(said(line), line);
        }
    }

    #[test]
    fn what_an_escape_hides_is_made_harmless() {
        let line = r#"{"msg":"\u001b[31mred\u202e\u0007","level":"info"}"#;
        assert!(said(line).chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", said(line));
    }

    proptest! {
        #[test]
        fn whatever_the_line_it_says_something_harmless(line in "(msg=|level=|\\{\"msg\":\")?\\PC{0,80}\"?\\}?") {
            let clean = Clean::line(&line).to_string();
            let told = said(&clean).into_owned();
            prop_assert_eq!(told.is_empty(), clean.is_empty());
            prop_assert_eq!(Clean::line(&told).to_string(), told.clone());
        }
    }
}
