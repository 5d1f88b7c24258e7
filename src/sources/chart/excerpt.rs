//! Of an index in the form Helm writes, the lines of one chart, taken out as the index arrives: twenty megabytes pass by,
//! and what one chart fills is held.

/// What is taken out of an index.
pub struct Excerpt {
    chart: String,
    /// The start of a line whose end has not arrived.
    line: Vec<u8>,
    taken: Vec<u8>,
    form: Form,
    part: Part,
}

/// How an index is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Nothing seen yet that tells.
    Open,
    /// A line a field, depth by indent: lines can be told apart without understanding them.
    Lines,
    /// JSON, or what is no index at all: everything is taken.
    Other,
}

/// Where one is in an index of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Outside the entries.
    Head,
    /// Among the entries, whose names stand at this indent once one was seen; whether this is the wanted one.
    Entries { indent: Option<usize>, wanted: bool },
}

impl Excerpt {
    /// Nothing yet, of a chart.
    #[must_use]
    pub fn of(chart: &str) -> Self {
        let (line, taken) = (Vec::new(), Vec::new());
        Self { chart: chart.to_owned(), line, taken, form: Form::Open, part: Part::Head }
    }

    /// Takes what is wanted of the next piece.
    pub fn take(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while self.form != Form::Other {
            let Some(end) = memchr::memchr(b'\n', rest) else { break };
            let (line, after) = rest.split_at_checked(end + 1).unwrap_or((rest, &[]));
            rest = after;
            match self.line.is_empty() {
                true => self.judge(line),
                false => {
                    let mut whole = std::mem::take(&mut self.line);
                    whole.extend_from_slice(line);
                    self.judge(&whole);
                }
            }
        }
        match self.form {
            Form::Other => {
                let mut begun = std::mem::take(&mut self.line);
                self.taken.append(&mut begun);
                self.taken.extend_from_slice(rest);
            }
            Form::Open | Form::Lines => self.line.extend_from_slice(rest),
        }
    }

    /// What was taken, and whether it is less than the whole.
    #[must_use]
    pub fn done(mut self) -> (Vec<u8>, bool) {
        let last = std::mem::take(&mut self.line);
        self.judge(&last);
        (self.taken, self.form == Form::Lines)
    }

    /// How much is held.
    #[cfg(test)]
    fn held(&self) -> usize {
        self.taken.capacity() + self.line.capacity()
    }

    /// Looks at one line, its end included.
    fn judge(&mut self, line: &[u8]) {
        let text = line.trim_ascii();
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        if self.form == Form::Open && !text.is_empty() && !text.starts_with(b"#") && text != b"---" {
            let is_field = indent == 0 && text.first().is_some_and(u8::is_ascii_alphabetic) && text.contains(&b':');
            self.form = if is_field { Form::Lines } else { Form::Other };
        }
        let is_content = !text.is_empty() && !text.starts_with(b"#");
        if self.form == Form::Lines && is_content {
            self.settle(text, indent);
        }
        let taken = match (self.form, self.part) {
            (Form::Open | Form::Other, _) => true,
            (Form::Lines, Part::Head) => indent == 0,
            (Form::Lines, Part::Entries { wanted, .. }) => wanted || (is_content && indent == 0),
        };
        if taken {
            self.taken.extend_from_slice(line);
        }
    }

    fn settle(&mut self, text: &[u8], indent: usize) {
        if indent == 0 && !text.starts_with(b"-") {
            let is_entries = text.strip_prefix(b"entries:").is_some_and(|rest| {
                let rest = rest.trim_ascii();
                rest.is_empty() || rest.starts_with(b"#")
            });
            self.part = if is_entries { Part::Entries { indent: None, wanted: false } } else { Part::Head };
            return;
        }
        let Part::Entries { indent: names, wanted } = self.part else { return };
        // The first name says at which indent the others stand; a list may stand at the same.
        let at = names.unwrap_or(indent);
        let is_name = indent <= at && !text.starts_with(b"-");
        let wanted = if is_name { self.is_wanted(text) } else { wanted };
        self.part = Part::Entries { indent: Some(at), wanted };
    }

    /// Whether a line begins the wanted chart: `name:`, in quotes or not.
    fn is_wanted(&self, text: &[u8]) -> bool {
        let name = text.split(|byte| *byte == b':').next().unwrap_or_default().trim_ascii();
        let bare = |quote: &[u8]| name.strip_prefix(quote).and_then(|name| name.strip_suffix(quote));
        let name = bare(b"\"").or_else(|| bare(b"'")).unwrap_or(name);
        name == self.chart.as_bytes()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn taken(chart: &str, index: &str, piece: usize) -> (String, bool) {
        let mut excerpt = Excerpt::of(chart);
        index.as_bytes().chunks(piece).for_each(|piece| excerpt.take(piece));
        let (taken, is_less) = excerpt.done();
        (String::from_utf8(taken).unwrap(), is_less)
    }

    #[test]
    fn the_lines_of_one_chart_are_taken_however_the_index_is_cut_and_indented() {
        for (index, expected) in [
            (
                "apiVersion: v1\nentries:\n  a:\n  - version: 1\n  \"b\":\n  - version: 2\n    description: |\n      a:\n\n      c:\n  c:\n  - version: 3\ngenerated: now\n",
                "apiVersion: v1\nentries:\n  \"b\":\n  - version: 2\n    description: |\n      a:\n\n      c:\ngenerated: now\n",
            ),
            (
                "---\n# made by hand\ngenerated: now\nserverInfo:\n  b:\n  - no\nentries:\n    a:\n        - version: 1\n    b:\n        - version: 2\n    bb: [{version: 3}]",
                "---\n# made by hand\ngenerated: now\nserverInfo:\nentries:\n    b:\n        - version: 2\n",
            ),
            (
                "entries:\n  b: [{version: 1},\n    {version: 2}]\n  a: []\n",
                "entries:\n  b: [{version: 1},\n    {version: 2}]\n",
            ),
            ("entries:\n  a: []\n", "entries:\n"),
        ] {
            for piece in [1, 2, 7, 1000] {
                assert_eq!(taken("b", index, piece), (expected.to_owned(), true), "{index} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn what_is_not_written_in_lines_is_taken_whole() {
        for index in ["{\"entries\": {\n\"b\": []}}", "<html>\nentries:\n", "", "\n\n", "- a\n- b\n", "entries"] {
            for piece in [1, 3, 1000] {
                let (text, is_less) = taken("b", index, piece);
                assert_eq!(text, index);
                assert!(!is_less || index.is_empty(), "{index}");
            }
        }
    }

    #[test]
    fn of_twenty_megabytes_no_more_is_held_than_one_chart_fills() {
        let mut excerpt = Excerpt::of("chart-500");
        let (mut passed, mut most) = (0, 0);
        excerpt.take(b"apiVersion: v1\nentries:\n");
        for chart in 0..1000 {
            let mut text = format!("  chart-{chart}:\n");
            for version in 0..50 {
                text.push_str(&format!(
                    "  - apiVersion: v2\n    appVersion: 1.{version}.0\n    version: 2.{version}.0\n"
                ));
                text.push_str(&format!("    description: {}\n", "words ".repeat(60)));
            }
            for piece in text.as_bytes().chunks(16_000) {
                excerpt.take(piece);
                passed += piece.len();
                most = most.max(excerpt.held());
            }
        }
        assert!(passed > 20_000_000, "{passed}");
        assert!(most < 80_000, "{most} bytes held");
        let (taken, _) = excerpt.done();
        assert_eq!(taken.windows(11).filter(|window| window == b"appVersion:").count(), 50);
    }
}
