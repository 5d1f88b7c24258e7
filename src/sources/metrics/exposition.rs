//! The exposition format of metrics, read as it arrives: only the wanted names are looked at closely, nothing is kept.
//!
//! Prometheus' text format and OpenMetrics, with UTF-8 names in quotes. A line is one step of `memchr`; of a line that is
//! not wanted only its first bytes are read.

use std::borrow::Cow;

use crate::domain::fault::Fault;
use crate::text::clean::Clean;

/// The longest line that is looked at.
const LONGEST_LINE: usize = 1 << 20;

/// One sample of a wanted name.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'l> {
    /// The metric's name.
    pub name: Cow<'l, str>,
    /// Its labels, unescaped, in their order.
    pub labels: Vec<(Cow<'l, str>, Cow<'l, str>)>,
    /// Its value.
    pub value: f64,
    /// When it was taken, in milliseconds since 1970, where it says so.
    pub timestamp: Option<i64>,
}

impl Sample<'_> {
    /// The value of a label; an empty one is as good as none.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_ref()).filter(|v| !v.is_empty())
    }
}

/// Which dialect is spoken: they differ in timestamps and in how they end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Prometheus' text format: milliseconds, ends anywhere.
    Text,
    /// OpenMetrics: seconds, ends with `# EOF`.
    Open,
}

impl Dialect {
    /// By the answer's content type.
    #[must_use]
    pub fn of(content_type: Option<&str>) -> Self {
        let is_open = content_type.is_some_and(|text| text.trim_start().starts_with("application/openmetrics-text"));
        if is_open { Self::Open } else { Self::Text }
    }
}

/// The names that are looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    names: Vec<String>,
    /// How long they are, each length once.
    lengths: Vec<usize>,
    /// Whether some name begins with a byte: most lines are passed over by this alone.
    begins: [bool; 256],
    /// Which marks of names there are: most others are passed over by theirs, without being compared.
    marks: [u64; MARKS / 64],
}

/// How many different marks names may have.
const MARKS: usize = 4096;

/// A number made of the beginning, the middle and the end of a name.
fn mark(name: &[u8]) -> (usize, u64) {
    let eight = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let middle = name.get(name.len() / 2..).unwrap_or_default();
    let mixed = eight(name.first_chunk()) ^ eight(middle.first_chunk()).rotate_left(21);
    let mixed = (mixed ^ eight(name.last_chunk()).rotate_left(43)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let [high, low, ..] = mixed.to_be_bytes();
    let number = (usize::from(high) << 8 | usize::from(low)) % MARKS;
    (number / 64, 1 << (number % 64))
}

impl Wanted {
    /// These names.
    #[must_use]
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        let mut begins = [false; 256];
        let mut marks = [0; MARKS / 64];
        for name in &names {
            let (word, bit) = mark(name.as_bytes());
            if let Some(word) = marks.get_mut(word) {
                *word |= bit;
            }
            if let Some(begins) = name.bytes().next().and_then(|first| begins.get_mut(usize::from(first))) {
                *begins = true;
            }
        }
        let mut lengths: Vec<usize> = names.iter().map(String::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self { names, lengths, begins, marks }
    }

    /// Whether the name a line begins with is wanted. Most lines fail at the sign that would end the name, most of the
    /// others at the name's mark.
    fn leads(&self, line: &[u8]) -> bool {
        let ends = |length: usize| matches!(line.get(length), Some(b'{' | b' ' | b'\t'));
        let is_one = |name: &[u8]| {
            let (word, bit) = mark(name);
            self.marks.get(word).is_some_and(|word| word & bit != 0)
                && self.names.binary_search_by(|wanted| wanted.as_bytes().cmp(name)).is_ok()
        };
        self.lengths.iter().any(|length| ends(*length) && line.get(..*length).is_some_and(is_one))
    }

    fn holds(&self, name: &str) -> bool {
        self.names.binary_search_by(|wanted| wanted.as_str().cmp(name)).is_ok()
    }
}

/// Reads an exposition piece by piece.
#[derive(Debug)]
pub struct Scanner<'w> {
    wanted: &'w Wanted,
    dialect: Dialect,
    /// The beginning of a line whose end is still to come.
    rest: Vec<u8>,
    /// Passing over a line that is too long to be honest.
    skipping: bool,
    begun: bool,
    ended: bool,
    n_odd: usize,
    first_odd: Option<Clean>,
}

/// How a whole exposition ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Wanted lines that could not be read.
    pub n_odd: usize,
    /// The first of them.
    pub first_odd: Option<Clean>,
    /// Why it may not be the whole; none where it is.
    pub partial: Option<&'static str>,
}

impl<'w> Scanner<'w> {
    /// Begins.
    #[must_use]
    pub fn new(wanted: &'w Wanted, dialect: Dialect) -> Self {
        Self {
            wanted,
            dialect,
            rest: Vec::new(),
            skipping: false,
            begun: false,
            ended: false,
            n_odd: 0,
            first_odd: None,
        }
    }

    /// Takes the next piece; pieces may end anywhere.
    ///
    /// # Errors
    /// When it is no exposition at all, such as a login page.
    pub fn feed(&mut self, piece: &[u8], each: &mut impl FnMut(&Sample<'_>)) -> Result<(), Fault> {
        let mut piece = piece;
        if !self.rest.is_empty() || self.skipping {
            let Some(end) = memchr::memchr(b'\n', piece) else {
                self.hold(piece);
                return Ok(());
            };
            let (head, tail) = piece.split_at_checked(end).unwrap_or((piece, &[]));
            self.hold(head);
            let line = std::mem::take(&mut self.rest);
            if !std::mem::take(&mut self.skipping) {
                self.line(&line, each)?;
            }
            piece = tail.get(1..).unwrap_or_default();
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', piece) {
            let line = piece.get(start..end).unwrap_or_default();
            start = end + 1;
            // The common case, decided by one byte.
            let first = line.first().map_or(0, |byte| usize::from(*byte));
            let may_matter = self.wanted.begins.get(first).is_some_and(|begins| *begins) && self.wanted.leads(line);
            if may_matter || !self.begun || matches!(line.first(), Some(b'{' | b'#' | b' ' | b'\t')) {
                self.line(line, each)?;
            }
        }
        self.hold(piece.get(start..).unwrap_or_default());
        Ok(())
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.rest.len().saturating_add(bytes.len()) > LONGEST_LINE {
            self.skipping = true;
            self.odd("a line of more than a megabyte");
            self.rest = Vec::new();
        } else if !self.skipping {
            self.rest.extend_from_slice(bytes);
        }
    }

    /// Ends: the last line may lack its end.
    ///
    /// # Errors
    /// When it was no exposition at all.
    pub fn finish(mut self, each: &mut impl FnMut(&Sample<'_>)) -> Result<Ending, Fault> {
        let last = std::mem::take(&mut self.rest);
        let cut = !last.is_empty() && !self.ended && last != b"# EOF";
        if !last.is_empty() {
            self.line(&last, each)?;
        }
        if !self.begun {
            return Err(strange("an empty answer"));
        }
        let partial = match self.dialect {
            Dialect::Open if !self.ended => Some("it breaks off: `# EOF` is missing"),
            Dialect::Text | Dialect::Open if cut => Some("it ends in the middle of a line"),
            Dialect::Text | Dialect::Open => None,
        };
        Ok(Ending { n_odd: self.n_odd, first_odd: self.first_odd, partial })
    }

    fn line(&mut self, line: &[u8], each: &mut impl FnMut(&Sample<'_>)) -> Result<(), Fault> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let n_blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let line = line.get(n_blanks..).unwrap_or_default();
        if line.is_empty() || self.ended {
            return Ok(());
        }
        let is_comment = line.starts_with(b"#");
        if !self.begun {
            if !is_comment {
                self.begin(line)?;
            }
            self.begun = true;
        }
        if is_comment {
            self.ended = self.dialect == Dialect::Open && line.trim_ascii_end() == b"# EOF";
            return Ok(());
        }
        let in_quotes = line.starts_with(b"{");
        if !in_quotes && !self.wanted.leads(line) {
            return Ok(());
        }
        // Names and values are UTF-8 by definition; what isn't must not hide a version.
        let text = String::from_utf8_lossy(line);
        match Reader::new(&text).sample(self.dialect) {
            Some(sample) if !in_quotes || self.wanted.holds(&sample.name) => each(&sample),
            Some(_) => {}
            None => self.odd(&text),
        }
        Ok(())
    }

    /// The first line that says something decides whether this is an exposition.
    fn begin(&self, line: &[u8]) -> Result<(), Fault> {
        let text = String::from_utf8_lossy(line.get(..line.len().min(4096)).unwrap_or_default());
        if line.starts_with(b"<") {
            return Err(strange("HTML (a login page or a wrong address)"));
        }
        // A very long first line was cut above: its beginning is enough.
        if line.len() > 4096 || Reader::new(&text).sample(self.dialect).is_some() {
            return Ok(());
        }
        Err(strange(&format!("the text `{}`", Clean::line_within(&text, 60))))
    }

    fn odd(&mut self, line: &str) {
        self.n_odd += 1;
        self.first_odd.get_or_insert_with(|| Clean::line_within(line, 100));
    }
}

fn strange(why: &str) -> Fault {
    Fault::Garbled { expected: "an exposition of metrics", why: Clean::line(why) }
}

/// Reads one line from its beginning.
struct Reader<'l> {
    left: &'l str,
}

impl<'l> Reader<'l> {
    fn new(left: &'l str) -> Self {
        Self { left }
    }

    /// A whole sample; none where the line is none.
    fn sample(mut self, dialect: Dialect) -> Option<Sample<'l>> {
        let mut name = self.name();
        let mut labels = Vec::new();
        self.blanks();
        if self.takes('{') {
            labels.reserve(8);
            self.labels(&mut name, &mut labels)?;
        }
        let name = name?;
        // An exemplar follows after ` # `; it is not ours.
        let (numbers, _) = self.left.split_once('#').unwrap_or((self.left, ""));
        let mut words = numbers.split_ascii_whitespace();
        let value = number(words.next()?)?;
        let timestamp = match words.next() {
            None => None,
            Some(word) => Some(milliseconds(word, dialect)?),
        };
        words.next().is_none().then_some(Sample { name, labels, value, timestamp })
    }

    fn blanks(&mut self) {
        if matches!(self.left.as_bytes().first(), Some(b' ' | b'\t')) {
            self.left = self.left.trim_start_matches([' ', '\t']);
        }
    }

    fn takes(&mut self, sign: char) -> bool {
        match self.left.strip_prefix(sign) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    /// A name without quotes.
    fn name(&mut self) -> Option<Cow<'l, str>> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':');
        let end = self.left.bytes().position(|byte| !is_part(byte)).unwrap_or(self.left.len());
        let (name, left) = self.left.split_at_checked(end)?;
        self.left = left;
        let is_name = name.starts_with(|c: char| !c.is_ascii_digit());
        is_name.then_some(Cow::Borrowed(name))
    }

    /// A text in quotes, unescaped.
    fn quoted(&mut self) -> Option<Cow<'l, str>> {
        if !self.takes('"') {
            return None;
        }
        let end = memchr::memchr2(b'"', b'\\', self.left.as_bytes())?;
        let (plain, left) = self.left.split_at_checked(end)?;
        if let Some(left) = left.strip_prefix('"') {
            self.left = left;
            return Some(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        let mut signs = left.chars();
        loop {
            match signs.next()? {
                '"' => break,
                '\\' => match signs.next()? {
                    'n' => text.push('\n'),
                    escaped @ ('\\' | '"') => text.push(escaped),
                    // What nobody escapes stands as it is, as Prometheus has it.
                    other => text.extend(['\\', other]),
                },
                sign => text.push(sign),
            }
        }
        self.left = signs.as_str();
        Some(Cow::Owned(text))
    }

    /// What stands between braces: labels, and first the metric's name where it is in quotes.
    fn labels(
        &mut self,
        name: &mut Option<Cow<'l, str>>,
        labels: &mut Vec<(Cow<'l, str>, Cow<'l, str>)>,
    ) -> Option<()> {
        loop {
            self.blanks();
            if self.takes('}') {
                return Some(());
            }
            let key = if self.left.starts_with('"') { self.quoted()? } else { self.name()? };
            self.blanks();
            if self.takes('=') {
                self.blanks();
                labels.push((key, self.quoted()?));
            } else if name.is_none() && labels.is_empty() {
                *name = Some(key);
            } else {
                return None;
            }
            self.blanks();
            if !self.takes(',') && !self.left.starts_with('}') {
                return None;
            }
        }
    }
}

/// A value: Go writes infinities with a sign, and others in any case.
fn number(word: &str) -> Option<f64> {
    match word {
        "+Inf" | "Inf" | "inf" | "+inf" => Some(f64::INFINITY),
        "-Inf" | "-inf" => Some(f64::NEG_INFINITY),
        "NaN" | "nan" => Some(f64::NAN),
        // Rust would also take `infinity`; numbers begin with a digit, a sign or a point.
        _ if word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) => word.parse().ok(),
        _ => None,
    }
}

/// A timestamp in milliseconds: the text format writes them whole, OpenMetrics writes seconds.
fn milliseconds(word: &str, dialect: Dialect) -> Option<i64> {
    match dialect {
        Dialect::Text => word.parse().ok(),
        Dialect::Open => {
            let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
            let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
            if whole.contains(['e', 'E']) || rest.contains(['e', 'E']) {
                let seconds: f64 = number(word)?;
                let within = seconds.is_finite() && seconds.abs() < 1e12;
                return within.then(|| format!("{:.0}", seconds * 1000.0)).and_then(|text| text.parse().ok());
            }
            let thousandths: String = rest.chars().chain("000".chars()).take(3).collect();
            let whole: i64 = whole.parse().ok()?;
            let thousandths: i64 = thousandths.parse().ok()?;
            whole.checked_mul(1000)?.checked_add(thousandths)?.checked_mul(sign)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::string_slice)]
mod tests;
