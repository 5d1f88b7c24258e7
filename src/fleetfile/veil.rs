//! Whatever stands on a line that is shown beside a problem, no credential on it is.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::diagnostic::{Problem, Span};

/// A key that names a credential, with the text written out after it; to the end of the line where that has no end.
static WRITTEN_OUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let key = r#"[\w"'-]*(?:token|passw|secret|credential|api_?key|private_?key|authorization|cookie)[\w"'-]*"#;
    let value = r#""(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,{}\[\]"'][^\s,}\]]*"#;
    Regex::new(&format!(r"(?i){key}\s*[=:]\s*(?P<hidden>{value})")).ok()
});

/// The credential inside an address.
static IN_ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"://(?P<hidden>[^/\s"'@]*:[^\s"']*)@"#).ok());

/// Hides credentials on the lines the problems of one file point at.
pub(super) fn lay(problems: Vec<Problem>, text: &str) -> Vec<Problem> {
    let mut known: BTreeMap<usize, Arc<[Span]>> = BTreeMap::new();
    problems
        .into_iter()
        .map(|problem| {
            let Some(span) = problem.span else { return problem };
            let line = line_around(text, span.start);
            let hidden = known.entry(line.start).or_insert_with(|| hidden(text, line)).clone();
            // Of a file that is one line of megabytes, what is near is enough: no more of it is shown.
            let near = |other: &&Span| other.end + 4_096 > span.start && other.start < span.end + 4_096;
            hidden.iter().filter(near).fold(problem, |problem, hidden| problem.redact(*hidden))
        })
        .collect()
}

fn line_around(text: &str, at: usize) -> Span {
    let bytes = text.as_bytes();
    let at = at.min(bytes.len());
    let start = bytes.get(..at).and_then(|before| memchr::memrchr(b'\n', before)).map_or(0, |n| n + 1);
    let end = bytes.get(at..).and_then(|after| memchr::memchr(b'\n', after)).map_or(bytes.len(), |n| at + n);
    Span { start, end }
}

fn hidden(text: &str, line: Span) -> Arc<[Span]> {
    let Some(part) = text.get(line.start..line.end) else { return Arc::new([]) };
    let patterns = [WRITTEN_OUT.as_ref(), IN_ADDRESS.as_ref()];
    let found = patterns.into_iter().flatten().flat_map(|pattern| pattern.captures_iter(part));
    found
        .filter_map(|captures| captures.name("hidden"))
        .map(|hidden| Span { start: line.start + hidden.start(), end: line.start + hidden.end() })
        .collect()
}
