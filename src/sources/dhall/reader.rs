//! The reader of Dhall: words out of letters, values out of words, in one go.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Worth;
use super::join::{DEEP, LONG, join};

/// Why a file stands for nothing here.
#[derive(Debug)]
pub enum Stop {
    /// It ends in the middle, and where.
    Ended(String),
    /// It has what is not worked out here.
    Beyond,
}

type Made = Result<Rc<Worth>, Stop>;

/// How many steps may be taken.
const STEPS: usize = 200_000;

/// Words that begin what is not worked out.
const BEYOND: &[&str] =
    &["forall", "merge", "assert", "toMap", "missing", "using", "as", "with", "env", "showConstructor"];
/// Words that end an expression.
const ENDS: &[&str] = &["in", "then", "else", "let"];
/// Operators, those that bind loosest first.
const OPERATORS: &[(&str, u8)] = &[
    ("||", 1),
    ("++", 3),
    ("+", 2),
    ("#", 4),
    ("&&", 5),
    ("//\\\\", 8),
    ("⩓", 8),
    ("/\\", 6),
    ("∧", 6),
    ("//", 7),
    ("⫽", 7),
    ("*", 9),
    ("==", 10),
    ("!=", 11),
];

/// A walk over one file.
pub struct Reader<'t> {
    rest: &'t str,
    names: Vec<(String, Rc<Worth>)>,
    deep: usize,
    steps: usize,
}

impl<'t> Reader<'t> {
    /// At the beginning of a file.
    pub fn new(text: &'t str) -> Self {
        Self { rest: text, names: Vec::new(), deep: 0, steps: 0 }
    }

    /// The value a file stands for.
    ///
    /// # Errors
    /// Where it ends in the middle, or is beyond this reader.
    pub fn file(mut self) -> Made {
        self.skip()?;
        if self.rest.is_empty() {
            return Err(ended("it is empty"));
        }
        let value = self.expression("after its beginning")?;
        self.skip()?;
        if self.rest.is_empty() { Ok(value) } else { Err(Stop::Beyond) }
    }

    /// Blanks and comments.
    fn skip(&mut self) -> Result<(), Stop> {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with("--") {
                self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
            } else if self.rest.starts_with("{-") {
                let mut open = 0_usize;
                loop {
                    if self.take("{-") {
                        open += 1;
                    } else if self.take("-}") {
                        open -= 1;
                    } else if self.letter().is_none() {
                        return Err(ended("it ends inside a comment"));
                    }
                    if open == 0 {
                        break;
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn letter(&mut self) -> Option<char> {
        let mut letters = self.rest.chars();
        let letter = letters.next()?;
        self.rest = letters.as_str();
        Some(letter)
    }

    /// A mark after blanks.
    fn mark(&mut self, mark: &str) -> Result<bool, Stop> {
        self.skip()?;
        Ok(self.take(mark))
    }

    /// A mark that must come now.
    fn need(&mut self, mark: &str, place: &str) -> Result<(), Stop> {
        match self.mark(mark)? {
            true => Ok(()),
            false if self.rest.is_empty() => Err(ended(&format!("it ends {place}"))),
            false => Err(Stop::Beyond),
        }
    }

    /// The word ahead, not taken.
    fn word(&self) -> &'t str {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/')))
            .unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or_default();
        if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { word } else { "" }
    }

    fn is_word(&mut self, word: &str) -> Result<bool, Stop> {
        self.skip()?;
        Ok(self.word() == word && self.take(word))
    }

    /// A name: a word, or any text between backticks.
    fn name(&mut self, place: &str) -> Result<String, Stop> {
        self.skip()?;
        if self.take("`") {
            let Some((name, rest)) = self.rest.split_once('`') else { return Err(ended("it ends inside a name")) };
            self.rest = rest;
            return Ok(name.to_owned());
        }
        let word = self.word();
        if word.is_empty() {
            return Err(if self.rest.is_empty() { ended(&format!("it ends {place}")) } else { Stop::Beyond });
        }
        self.take(word);
        Ok(word.to_owned())
    }

    fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > STEPS || self.deep > DEEP { Err(Stop::Beyond) } else { Ok(()) }
    }

    fn expression(&mut self, place: &str) -> Made {
        self.deep += 1;
        self.step()?;
        let known = self.names.len();
        let made = self.any(place);
        self.names.truncate(known);
        self.deep -= 1;
        made
    }

    fn any(&mut self, place: &str) -> Made {
        if self.is_word("let")? {
            loop {
                self.step()?;
                let name = self.name("after `let`")?;
                if self.mark(":")? {
                    self.expression("after `let`")?;
                }
                self.need("=", "after `let`")?;
                let value = self.expression("after `let`")?;
                self.names.push((name, value));
                if !self.is_word("let")? {
                    break;
                }
            }
            if !self.is_word("in")? {
                return Err(if self.rest.is_empty() { ended("it ends after `let`") } else { Stop::Beyond });
            }
            return self.expression("after `in`");
        }
        if self.is_word("if")? {
            let flag = self.expression("after `if`")?;
            if !self.is_word("then")? {
                return Err(Stop::Beyond);
            }
            let one = self.expression("after `then`")?;
            if !self.is_word("else")? {
                return Err(Stop::Beyond);
            }
            let other = self.expression("after `else`")?;
            return match *flag {
                Worth::Flag(true) => Ok(one),
                Worth::Flag(false) => Ok(other),
                _ => Err(Stop::Beyond),
            };
        }
        let value = self.joined(0, place)?;
        self.skip()?;
        if self.rest.starts_with("::") || self.rest.starts_with("->") {
            return Err(Stop::Beyond);
        }
        if self.take(":") {
            self.expression("after `:`")?;
        }
        Ok(value)
    }

    /// Values joined by operators that bind at least so tightly.
    fn joined(&mut self, least: u8, place: &str) -> Made {
        let mut left = self.applied(place)?;
        loop {
            self.step()?;
            self.skip()?;
            let operator = OPERATORS.iter().find(|(mark, _)| self.rest.starts_with(mark));
            let Some((mark, binds)) = operator.filter(|(_, binds)| *binds >= least) else { return Ok(left) };
            self.take(mark);
            let right = self.joined(binds + 1, "after an operator")?;
            left = Rc::new(join(mark, &left, &right, 0).ok_or(Stop::Beyond)?);
        }
    }

    /// `Some x`, `None T`, `List T`; any other function is beyond this reader.
    fn applied(&mut self, place: &str) -> Made {
        if self.is_word("Some")? {
            return self.value("after `Some`");
        }
        if self.is_word("None")? {
            self.value("after `None`")?;
            return Ok(Rc::new(Worth::Nothing));
        }
        let head = self.value(place)?;
        self.skip()?;
        let begins = self.rest.starts_with(['"', '[', '{', '(', '<', '`']) || self.rest.starts_with("''");
        let digits = self.rest.starts_with(|c: char| c.is_ascii_digit());
        let word = self.word();
        if !begins && !digits && (word.is_empty() || ENDS.contains(&word)) {
            return Ok(head);
        }
        if *head == Worth::Type {
            self.value("inside a type")?;
            return Ok(head);
        }
        Err(Stop::Beyond)
    }

    fn value(&mut self, place: &str) -> Made {
        self.deep += 1;
        self.step()?;
        let mut value = self.bare(place)?;
        while self.rest.starts_with('.') && !self.rest.starts_with("..") {
            self.take(".");
            if self.mark("{")? {
                value = self.chosen(&value)?;
                continue;
            }
            let name = self.name("after `.`")?;
            value = match &*value {
                Worth::Record(fields) => fields.get(&name).map(Rc::clone).ok_or(Stop::Beyond)?,
                Worth::Union(names) if names.contains(&name) => Rc::new(Worth::Text(name)),
                _ => return Err(Stop::Beyond),
            };
        }
        self.deep -= 1;
        Ok(value)
    }

    /// `.{ a, b }`
    fn chosen(&mut self, from: &Worth) -> Made {
        let Worth::Record(fields) = from else { return Err(Stop::Beyond) };
        let mut some = BTreeMap::new();
        while !self.mark("}")? {
            let name = self.name("inside a record")?;
            let value = fields.get(&name).ok_or(Stop::Beyond)?;
            some.insert(name, Rc::clone(value));
            if !self.mark(",")? && !self.rest.starts_with('}') {
                return Err(Stop::Beyond);
            }
        }
        Ok(Rc::new(Worth::Record(some)))
    }

    fn bare(&mut self, place: &str) -> Made {
        self.skip()?;
        if self.rest.is_empty() {
            return Err(ended(&format!("it ends {place}")));
        }
        if self.take("''") {
            return self.lines();
        }
        if self.take("\"") {
            return self.text();
        }
        if self.take("[") {
            return self.list();
        }
        if self.take("{") {
            return self.record();
        }
        if self.take("<") {
            return self.union();
        }
        if self.take("(") {
            let value = self.expression("inside parentheses")?;
            self.need(")", "inside parentheses")?;
            return Ok(value);
        }
        if let Some(number) = self.number() {
            return Ok(Rc::new(Worth::Number(number)));
        }
        let quoted = self.rest.starts_with('`');
        let name = self.name(place)?;
        if let Some((_, value)) = self.names.iter().rev().find(|(known, _)| *known == name) {
            return Ok(Rc::clone(value));
        }
        let built_in = match name.as_str() {
            "True" => Worth::Flag(true),
            "False" => Worth::Flag(false),
            "Text" | "Natural" | "Integer" | "Double" | "Bool" | "List" | "Optional" | "Type" | "Date" | "Time" => {
                Worth::Type
            }
            _ => return Err(Stop::Beyond),
        };
        if quoted || BEYOND.contains(&name.as_str()) { Err(Stop::Beyond) } else { Ok(Rc::new(built_in)) }
    }

    fn number(&mut self) -> Option<String> {
        let unsigned = self.rest.strip_prefix(['+', '-']).unwrap_or(self.rest);
        if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let sign = self.rest.len() - unsigned.len();
        let mut before = ' ';
        let end = unsigned.find(|c: char| {
            let sign = matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
            before = c;
            !(sign || c.is_ascii_alphanumeric() || c == '.')
        });
        let (number, rest) = self.rest.split_at_checked(sign + end.unwrap_or(unsigned.len()))?;
        self.rest = rest;
        Some(number.to_owned())
    }

    fn list(&mut self) -> Made {
        let mut items = Vec::new();
        self.mark(",")?;
        while !self.mark("]")? {
            items.push(self.expression("inside a list")?);
            if !self.mark(",")? && !self.rest.starts_with(']') {
                return Err(if self.rest.is_empty() { ended("it ends inside a list") } else { Stop::Beyond });
            }
        }
        Ok(Rc::new(Worth::List(items)))
    }

    fn record(&mut self) -> Made {
        const INSIDE: &str = "inside a record";
        let mut record = Rc::new(Worth::Record(BTreeMap::new()));
        let mut is_type = false;
        if self.mark("=")? {
            self.need("}", INSIDE)?;
            return Ok(record);
        }
        self.mark(",")?;
        while !self.mark("}")? {
            let mut path = vec![self.name(INSIDE)?];
            while self.mark(".")? {
                path.push(self.name(INSIDE)?);
            }
            let mut value = if self.mark("=")? {
                self.expression(INSIDE)?
            } else if self.mark(":")? {
                is_type = true;
                self.expression(INSIDE)?
            } else {
                // A name alone is a field of the value it stands for.
                let name = path.first().cloned().unwrap_or_default();
                let known = self.names.iter().rev().find(|(known, _)| *known == name);
                let value = known.map(|(_, value)| Rc::clone(value));
                self.skip()?;
                value
                    .ok_or_else(|| if self.rest.is_empty() { ended("it ends inside a record") } else { Stop::Beyond })?
            };
            for name in path.into_iter().rev() {
                value = Rc::new(Worth::Record(BTreeMap::from([(name, value)])));
            }
            record = Rc::new(join("/\\", &record, &value, 0).ok_or(Stop::Beyond)?);
            if !self.mark(",")? && !self.rest.starts_with('}') {
                return Err(if self.rest.is_empty() { ended("it ends inside a record") } else { Stop::Beyond });
            }
        }
        Ok(if is_type { Rc::new(Worth::Type) } else { record })
    }

    fn union(&mut self) -> Made {
        const INSIDE: &str = "inside a type";
        let mut names = Vec::new();
        self.mark("|")?;
        while !self.mark(">")? {
            names.push(self.name(INSIDE)?);
            if self.mark(":")? {
                self.expression(INSIDE)?;
            }
            if !self.mark("|")? && !self.rest.starts_with('>') {
                return Err(if self.rest.is_empty() { ended("it ends inside a type") } else { Stop::Beyond });
            }
        }
        Ok(Rc::new(Worth::Union(names)))
    }

    /// What `${` begins.
    fn inserted(&mut self, text: &mut String) -> Result<(), Stop> {
        let value = self.expression("inside a text")?;
        self.need("}", "inside a text")?;
        let Worth::Text(inner) = &*value else { return Err(Stop::Beyond) };
        text.push_str(inner);
        if text.len() > LONG { Err(Stop::Beyond) } else { Ok(()) }
    }

    fn text(&mut self) -> Made {
        let mut text = String::new();
        loop {
            if self.take("${") {
                self.inserted(&mut text)?;
                continue;
            }
            match self.letter().ok_or_else(|| ended("it ends inside a text"))? {
                '"' => return Ok(Rc::new(Worth::Text(text))),
                '\\' => match self.letter().ok_or_else(|| ended("it ends inside a text"))? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'b' | 'f' => text.push(' '),
                    'u' => text.push(self.code()?),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
    }

    /// `\u0041` or `\u{41}`.
    fn code(&mut self) -> Result<char, Stop> {
        let braced = self.take("{");
        let end = self.rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(self.rest.len());
        let length = if braced { end } else { end.min(4) };
        let (digits, rest) = self.rest.split_at_checked(length).ok_or(Stop::Beyond)?;
        let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).ok_or(Stop::Beyond)?;
        self.rest = rest;
        if braced && !self.take("}") { Err(Stop::Beyond) } else { Ok(code) }
    }

    /// A text of several lines, without the blanks they have in common.
    fn lines(&mut self) -> Made {
        let mut text = String::new();
        self.take("\n");
        loop {
            if self.take("'''") {
                text.push_str("''");
            } else if self.take("''${") {
                text.push_str("${");
            } else if self.take("''") {
                break;
            } else if self.take("${") {
                self.inserted(&mut text)?;
            } else {
                text.push(self.letter().ok_or_else(|| ended("it ends inside a text"))?);
            }
        }
        let blank = |line: &&str| line.chars().take_while(|c| *c == ' ').count();
        let last = text.lines().count();
        let counts = |(n, line): &(usize, &str)| !line.trim().is_empty() || n + 1 == last;
        let common = text.lines().enumerate().filter(counts).map(|(_, line)| blank(&line)).min().unwrap_or(0);
        let lines: Vec<String> = text.split('\n').map(|line| line.chars().skip(common).collect()).collect();
        Ok(Rc::new(Worth::Text(lines.join("\n"))))
    }
}

fn ended(why: &str) -> Stop {
    Stop::Ended(why.to_owned())
}
