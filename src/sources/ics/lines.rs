//! The form of a calendar: folded lines, properties with parameters, components within components.

use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// How deep components may lie in each other. Honest ones need three.
const DEEPEST: usize = 8;

/// What is read of one calendar. Nobody's year has more.
const MOST_LINES: usize = 500_000;

/// One property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name, in capitals.
    pub name: String,
    /// Its parameters, names in capitals.
    pub parameters: Vec<(String, String)>,
    /// Its value as written.
    pub value: String,
}

/// A component, such as a calendar or an event in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Its name, in capitals.
    pub name: String,
    /// Its properties.
    pub lines: Vec<Line>,
    /// What lies in it.
    pub inner: Vec<Component>,
}

impl Line {
    /// A parameter, its name in capitals.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value as the text a person wrote: without its escapes.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match (letter, letter == '\\') {
                (_, false) => text.push(letter),
                (_, true) => match letters.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => text.push('\\'),
                },
            }
        }
        text
    }
}

impl Component {
    /// The first property of that name.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// All properties of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }
}

/// Reads the calendars of a file, mostly one.
///
/// # Errors
/// What came instead of a calendar.
pub fn read(body: &[u8]) -> Result<Vec<Component>, Fault> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut open: Vec<Component> = Vec::new();
    let mut calendars = Vec::new();
    for text in unfolded(body) {
        let Some(line) = property(&text) else {
            match open.is_empty() {
                true => return Err(strange(body)),
                // A line nobody can read says nothing; the event around it stands.
                false => continue,
            }
        };
        match (line.name.as_str(), open.last_mut()) {
            ("BEGIN", _) => {
                let name = line.value.trim().to_ascii_uppercase();
                if open.len() >= DEEPEST || (open.is_empty() && name != "VCALENDAR") {
                    return Err(strange(body));
                }
                open.push(Component { name, ..Component::default() });
            }
            ("END", Some(_)) => {
                let Some(done) = open.pop() else { continue };
                if done.name != line.value.trim().to_ascii_uppercase() {
                    return Err(garbled(&format!("`END:{}` inside of `{}`", line.value.trim(), done.name)));
                }
                match open.last_mut() {
                    Some(around) => around.inner.push(done),
                    None => calendars.push(done),
                }
            }
            (_, Some(inside)) => inside.lines.push(line),
            (_, None) => return Err(strange(body)),
        }
    }
    if !open.is_empty() {
        return Err(garbled("one that ends in the middle"));
    }
    if calendars.is_empty() {
        return Err(strange(body));
    }
    Ok(calendars)
}

fn garbled(why: &str) -> Fault {
    Fault::Garbled { expected: "a calendar (.ics)", why: Clean::line_within(why, 200) }
}

fn strange(body: &[u8]) -> Fault {
    let what = crate::net::answer::strange(body);
    garbled(what.as_deref().unwrap_or("something that does not begin with `BEGIN:VCALENDAR`"))
}

/// Lines as they were before they were folded: a line that begins with a blank goes on with the one before. Folding
/// counts octets, so it is undone before bytes become text.
fn unfolded(body: &[u8]) -> Vec<String> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in body.split(|byte| *byte == b'\n').take(MOST_LINES) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.split_first(), lines.last_mut()) {
            (Some((b' ' | b'\t', rest)), Some(last)) => last.extend_from_slice(rest),
            (Some(_), _) => lines.push(line.to_vec()),
            (None, _) => {}
        }
    }
    lines.into_iter().map(|line| String::from_utf8_lossy(&line).into_owned()).collect()
}

/// `NAME;PARAMETER="value: with signs";OTHER=x:value`.
fn property(text: &str) -> Option<Line> {
    let mut quoted = false;
    let mut marks = text.char_indices().filter_map(|(at, letter)| {
        quoted ^= letter == '"';
        (!quoted && matches!(letter, ':' | ';')).then_some((at, letter))
    });
    let mut cuts = Vec::new();
    let colon = loop {
        match marks.next()? {
            (at, ':') => break at,
            (at, _) => cuts.push(at),
        }
    };
    let (head, value) = text.split_at_checked(colon)?;
    let value = value.strip_prefix(':')?.to_owned();
    cuts.push(colon);
    let mut pieces = Vec::new();
    let mut from = 0;
    for cut in cuts {
        pieces.push(head.get(from..cut)?);
        from = cut + 1;
    }
    let (name, parameters) = pieces.split_first()?;
    let name = name.trim().to_ascii_uppercase();
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let parameter = |text: &&str| {
        let (name, value) = text.split_once('=')?;
        Some((name.trim().to_ascii_uppercase(), value.trim().trim_matches('"').to_owned()))
    };
    is_name.then(|| Line { name, parameters: parameters.iter().filter_map(parameter).collect(), value })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn event(lines: &str) -> Component {
        let body = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        read(body.as_bytes()).unwrap().remove(0).inner.remove(0)
    }

    #[test]
    fn folded_lines_are_one_even_where_a_letter_was_cut_in_two() {
        let body = b"BEGIN:VCALENDAR\r\nSUMMARY:Gr\xc3\r\n \xbc\xc3\x9fe an al\n\tle\r\nEND:VCALENDAR\r\n";
        assert_eq!(read(body).unwrap()[0].lines[0].value, "Grüße an alle");
    }

    #[test]
    fn parameters_may_hold_the_signs_that_end_them() {
        let event = event("dtstart;tzid=\"Zone: odd; one\";VALUE=DATE-TIME:20261026T170000");
        let line = event.line("DTSTART").unwrap();
        assert_eq!(line.parameter("TZID"), Some("Zone: odd; one"));
        assert_eq!(line.parameter("VALUE"), Some("DATE-TIME"));
        assert_eq!(line.value, "20261026T170000");
    }

    #[test]
    fn escapes_in_texts_are_undone() {
        let event = event(r"SUMMARY:One\, two\; three\nfour \\ five\");
        assert_eq!(event.line("SUMMARY").unwrap().text(), "One, two; three\nfour \\ five\\");
    }

    #[test]
    fn what_is_no_calendar_is_refused_for_what_it_is() {
        for body in [
            "",
            "<!doctype html><title>Sign in</title>",
            "{\"a\":1}",
            "BEGIN:VCARD\nEND:VCARD",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR",
            "BEGIN:VCALENDAR\nSUMMARY:x",
            "SUMMARY:x",
            "END:VCALENDAR",
        ] {
            assert!(matches!(read(body.as_bytes()), Err(Fault::Garbled { .. })), "{body}");
        }
    }
}
