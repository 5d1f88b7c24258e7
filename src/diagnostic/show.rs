//! Problems as text for people, with the line and the spot underlined, and as rows for editors and pipelines.

use serde::Serialize;

use super::problem::{Problem, Problems, Severity, Span};
use super::texts::{Text, Texts};
use crate::text::clean::{Clean, visible};
use crate::text::width::{shorten, shorten_start, width};

/// Blanks a tab is shown as.
const TAB: &str = "    ";
/// What stands in place of a credential.
const HIDDEN: &str = "***";
/// Marks that may stand on one letter of a shown line.
const MOST_MARKS: usize = 4;

/// How problems are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The cells a shown line of a file may take; of longer ones the surroundings of the spot are shown.
    pub width: usize,
    /// Whether parts are told apart by colour.
    pub colour: Colour,
}

/// Whether there is colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// For files, pipes and `NO_COLOR`.
    Without,
    /// For a terminal: its own sixteen colours.
    Ansi,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 120, colour: Colour::Without }
    }
}

/// All problems, a blank line between two, each line ended.
#[must_use]
pub fn show_all(problems: &Problems, texts: &Texts, look: Look) -> String {
    let shown: Vec<_> = problems.iter().map(|problem| show(problem, texts, look)).collect();
    shown.join("\n")
}

/// One problem: where and what, then the line with the spot underlined. All of it is harmless on a terminal.
#[must_use]
pub fn show(problem: &Problem, texts: &Texts, look: Look) -> String {
    let mut page = Page { out: String::new(), colour: look.colour, severity: problem.severity };
    let spot = problem.span.and_then(|span| Some((span, texts.get(&problem.file)?)));
    let mut place = Clean::line(&problem.file).to_string();
    if let Some((span, text)) = spot {
        let at = text.place(span.start);
        place.push_str(&format!(":{}:{}", at.line, at.column));
    }
    page.say(Role::Place, &place);
    page.plain(": ");
    if problem.severity == Severity::Warning {
        page.say(Role::Spot, "warning");
        page.plain(": ");
    }
    page.say(Role::What, Clean::line(&problem.what).as_str());
    page.end();

    let mut asides: Vec<(&str, &str)> = problem.notes.iter().map(|note| ("note", note.as_str())).collect();
    let under = match (&problem.label, &problem.help) {
        (Some(label), help) => {
            asides.splice(0..0, help.iter().map(|help| ("help", help.as_str())));
            Some(label)
        }
        (None, help) => help.as_ref(),
    };
    let mut margin = 1;
    if let Some((span, text)) = spot {
        margin = page.quote(&Quote::new(text, span, problem.hidden(), look.width), under.map(String::as_str));
    } else if let Some(under) = under {
        asides.insert(0, ("help", under));
    }
    for (kind, words) in asides {
        page.plain(&" ".repeat(margin + 1));
        page.say(Role::Margin, "=");
        page.plain(&format!(" {kind}: "));
        page.plain(Clean::line(words).as_str());
        page.end();
    }
    page.out
}

/// One problem as a row: places count from one, columns in characters; the end is the first character after the spot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The file as the person named it.
    pub file: Clean,
    /// Null where the file as a whole is meant; so with the other places.
    pub line: Option<usize>,
    /// See `line`.
    pub column: Option<usize>,
    /// See `line`.
    pub end_line: Option<usize>,
    /// See `line`.
    pub end_column: Option<usize>,
    /// `error` or `warning`.
    pub severity: Severity,
    /// What is wrong.
    pub message: Clean,
    /// A few words on the spot.
    pub label: Option<Clean>,
    /// What to do about it.
    pub help: Option<Clean>,
    /// What else helps to understand it.
    pub notes: Vec<Clean>,
}

/// All problems as rows, in reading order.
#[must_use]
pub fn entries(problems: &Problems, texts: &Texts) -> Vec<Entry> {
    let clean = |words: &Option<String>| words.as_deref().map(Clean::line);
    let entry = |problem: &Problem| {
        let spot = problem.span.and_then(|span| Some((span, texts.get(&problem.file)?)));
        let start = spot.map(|(span, text)| text.place(span.start));
        let end = spot.map(|(span, text)| text.place(span.end.max(span.start)));
        Entry {
            file: Clean::line(&problem.file),
            line: start.map(|place| place.line),
            column: start.map(|place| place.column),
            end_line: end.map(|place| place.line),
            end_column: end.map(|place| place.column),
            severity: problem.severity,
            message: Clean::line(&problem.what),
            label: clean(&problem.label),
            help: clean(&problem.help),
            notes: problem.notes.iter().map(|note| Clean::line(note)).collect(),
        }
    };
    problems.iter().map(entry).collect()
}

/// The line a spot begins in, harmless and cut to what fits around the spot.
struct Quote {
    line: usize,
    before: String,
    spot: String,
    after: String,
    /// The line in which the spot ends, if that is a later one.
    until: Option<usize>,
}

impl Quote {
    fn new(text: &Text, span: Span, hidden: &[Span], room: usize) -> Self {
        let (first, last) = text.line_around(span.start);
        let start = text.floor(span.start).min(last);
        let end = text.floor(span.end).clamp(start, last);
        let line = text.place(span.start).line;
        let until = text.place(span.end.saturating_sub(1).max(span.start)).line;

        let window = Window { text: text.text(), hidden, most: room.saturating_mul(2) };
        let spot = shorten(&window.forward(start, end), room).into_owned();
        let free = room - width(&spot).min(room);
        let (before, after) = (window.backward(first, start), window.forward(end, last));
        // What one side doesn't need, the other may have.
        let right = width(&after).min(free / 2).max(free.saturating_sub(width(&before)));
        let after = shorten(&after, right).into_owned();
        let before = shorten_start(&before, free - width(&after).min(free)).into_owned();
        Self { line, before, spot, after, until: (until > line).then_some(until) }
    }
}

/// Shows stretches of a text: every character that could do harm is replaced, what is hidden stays hidden, and no more
/// than `most` characters are looked at.
struct Window<'t> {
    text: &'t str,
    hidden: &'t [Span],
    most: usize,
}

impl Window<'_> {
    fn forward(&self, start: usize, end: usize) -> String {
        let part = self.text.get(start..end).unwrap_or_default();
        let stop = part.char_indices().nth(self.most).map_or(end, |(at, _)| start + at);
        self.render(start, stop)
    }

    fn backward(&self, start: usize, end: usize) -> String {
        let part = self.text.get(start..end).unwrap_or_default();
        let from = part.char_indices().rev().nth(self.most).map_or(start, |(at, _)| start + at);
        self.render(from, end)
    }

    fn render(&self, start: usize, end: usize) -> String {
        let mut out = String::new();
        let mut inside = None;
        let mut n_marks = 0;
        for (at, c) in self.text.get(start..end).unwrap_or_default().char_indices() {
            let at = start + at;
            let cover = self.hidden.iter().find(|span| span.start <= at && at < span.end);
            match (cover, visible(c)) {
                (Some(span), _) => {
                    if inside != Some(span) {
                        out.push_str(HIDDEN);
                    }
                    n_marks = 0;
                }
                (None, _) if c == '\t' => out.push_str(TAB),
                (None, shown) => {
                    n_marks = if width(shown.encode_utf8(&mut [0; 4])) == 0 { n_marks + 1 } else { 0 };
                    if n_marks <= MOST_MARKS {
                        out.push(shown);
                    }
                }
            }
            inside = cover;
        }
        out
    }
}

/// What a piece of the text is, for its colour.
#[derive(Clone, Copy)]
enum Role {
    Place,
    What,
    Margin,
    Spot,
}

struct Page {
    out: String,
    colour: Colour,
    severity: Severity,
}

impl Page {
    /// Writes the quoted line and what stands under it; answers the width of the margin.
    fn quote(&mut self, quote: &Quote, under: Option<&str>) -> usize {
        let number = quote.line.to_string();
        let margin = number.len();
        let blank = " ".repeat(margin);
        self.say(Role::Margin, &format!("{blank} |"));
        self.end();
        self.say(Role::Margin, &format!("{number} |"));
        self.plain(&format!(" {}{}{}", quote.before, quote.spot, quote.after));
        self.end();
        self.say(Role::Margin, &format!("{blank} |"));
        self.plain(&" ".repeat(1 + width(&quote.before)));
        let mut words = "^".repeat(width(&quote.spot).max(1));
        if let Some(under) = under {
            words.push(' ');
            words.push_str(Clean::line(under).as_str());
        }
        if let Some(until) = quote.until {
            words.push_str(&format!(" (to line {until})"));
        }
        self.say(Role::Spot, &words);
        self.end();
        margin
    }

    fn plain(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn say(&mut self, role: Role, text: &str) {
        let code = match (self.colour, role, self.severity) {
            (Colour::Without, ..) => return self.plain(text),
            (Colour::Ansi, Role::Place | Role::What, _) => "1",
            (Colour::Ansi, Role::Margin, _) => "34",
            (Colour::Ansi, Role::Spot, Severity::Error) => "31",
            (Colour::Ansi, Role::Spot, Severity::Warning) => "33",
        };
        self.out.push_str(&format!("\x1b[{code}m{text}\x1b[0m"));
    }

    fn end(&mut self) {
        self.out.truncate(self.out.trim_end_matches(' ').len());
        self.out.push('\n');
    }
}

#[cfg(test)]
mod tests;
