//! A problem as a value: where, how bad, what, and what to do. The sentence around it is made where it is shown.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::text::words::plural;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// The file can be used, but probably not as it was meant.
    Warning,
}

/// A stretch of a file, in bytes from its start; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it has ended.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// One thing that is wrong in one file.
///
/// All its texts may quote the file: they are made harmless where they are shown. They must not quote a credential; the
/// line that is shown beside them leaves out what [`Problem::redact`] names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as the person named it.
    pub file: Arc<str>,
    /// The spot; none if the file as a whole is meant, or could not be read.
    pub span: Option<Span>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in lower case and without a full stop.
    pub what: String,
    /// A few words that stand right under the spot.
    pub label: Option<String>,
    /// What to do about it; stands under the spot when there is no label.
    pub help: Option<String>,
    /// What else helps to understand it, each on a line of its own.
    pub notes: Vec<String>,
    hidden: Vec<Span>,
}

impl Problem {
    /// Something that makes the file unusable.
    #[must_use]
    pub fn error(file: impl Into<Arc<str>>, what: impl Into<String>) -> Self {
        Self::new(Severity::Error, file.into(), what.into())
    }

    /// Something that is worth a second look.
    #[must_use]
    pub fn warning(file: impl Into<Arc<str>>, what: impl Into<String>) -> Self {
        Self::new(Severity::Warning, file.into(), what.into())
    }

    fn new(severity: Severity, file: Arc<str>, what: String) -> Self {
        Self { file, span: None, severity, what, label: None, help: None, notes: Vec::new(), hidden: Vec::new() }
    }

    /// At this spot.
    #[must_use]
    pub fn at(mut self, span: impl Into<Span>) -> Self {
        self.span = Some(span.into());
        self
    }

    /// With these words right under the spot.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With this advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With this advice, if there is any: what [`did_you_mean`](super::did_you_mean) answers.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// With one more line of explanation.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Without showing this stretch of the file: `***` stands in its place. For credentials written where they must not be.
    #[must_use]
    pub fn redact(mut self, span: impl Into<Span>) -> Self {
        self.hidden.push(span.into());
        self
    }

    /// The stretches that must not be shown.
    #[must_use]
    pub fn hidden(&self) -> &[Span] {
        &self.hidden
    }
}

/// Problems in reading order: by file, then by place. The same problem counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(BTreeSet<Problem>);

impl Problems {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes one.
    pub fn push(&mut self, problem: Problem) {
        self.0.insert(problem);
    }

    /// Whether there is none, not even a warning.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the file is unusable.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many there are, in words: `2 errors, 1 warning`; `no problems`.
    #[must_use]
    pub fn summary(&self) -> String {
        let n = |severity| {
            let n = self.iter().filter(|problem| problem.severity == severity).count();
            u64::try_from(n).unwrap_or(u64::MAX)
        };
        match (n(Severity::Error), n(Severity::Warning)) {
            (0, 0) => "no problems".to_owned(),
            (errors, 0) => plural(errors, "error", "errors"),
            (0, warnings) => plural(warnings, "warning", "warnings"),
            (errors, warnings) => {
                format!("{}, {}", plural(errors, "error", "errors"), plural(warnings, "warning", "warnings"))
            }
        }
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        self.0.extend(problems);
    }
}

impl FromIterator<Problem> for Problems {
    fn from_iter<I: IntoIterator<Item = Problem>>(problems: I) -> Self {
        Self(problems.into_iter().collect())
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::collections::btree_set::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn problems_come_in_reading_order_and_once() {
        let late = Problem::error("a.toml", "late").at(90..95);
        let early = Problem::warning("a.toml", "early").at(5..9);
        let whole = Problem::error("a.toml", "whole");
        let other = Problem::error("b.toml", "other").at(0..1);
        let problems: Problems = [&other, &late, &early, &late, &whole].into_iter().cloned().collect();
        let order: Vec<_> = problems.iter().map(|p| p.what.as_str()).collect();
        assert_eq!(order, ["whole", "early", "late", "other"]);
        assert_eq!(problems.summary(), "3 errors, 1 warning");
        assert!(problems.has_errors());
    }

    #[test]
    fn a_warning_alone_is_no_error() {
        let mut problems = Problems::new();
        assert_eq!((problems.is_empty(), problems.summary().as_str()), (true, "no problems"));
        problems.push(Problem::warning("a.toml", "early").at(5..9));
        assert!(!problems.has_errors());
        assert_eq!((problems.len(), problems.summary().as_str()), (1, "1 warning"));
    }
}
