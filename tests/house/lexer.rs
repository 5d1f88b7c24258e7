//! Rust source as words and signs, so that no law is fooled by a comment or a text.

/// One piece of source. Comments, lifetimes and numbers are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// An identifier or a keyword.
    Word(String),
    /// What stands inside a text literal.
    Text(String),
    /// One sign; `::` is the only one of two characters.
    Sign(&'static str),
}

/// A piece with its line, counted from one.
#[derive(Clone, Debug)]
pub struct Token {
    pub piece: Piece,
    pub line: usize,
}

impl Token {
    pub fn is_word(&self, word: &str) -> bool {
        matches!(&self.piece, Piece::Word(w) if w == word)
    }

    pub fn is_sign(&self, sign: &str) -> bool {
        matches!(self.piece, Piece::Sign(s) if s == sign)
    }

    pub fn word(&self) -> Option<&str> {
        if let Piece::Word(word) = &self.piece { Some(word) } else { None }
    }

    pub fn text(&self) -> Option<&str> {
        if let Piece::Text(text) = &self.piece { Some(text) } else { None }
    }
}

const SIGNS: &[(char, &str)] = &[
    ('{', "{"),
    ('}', "}"),
    ('(', "("),
    (')', ")"),
    ('[', "["),
    (']', "]"),
    ('<', "<"),
    ('>', ">"),
    (';', ";"),
    (',', ","),
    ('.', "."),
    ('=', "="),
    (':', ":"),
    ('#', "#"),
    ('!', "!"),
    ('*', "*"),
    ('&', "&"),
    ('$', "$"),
];

/// Cuts a source text into tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    Lexer { rest: source.chars().collect(), at: 0, line: 1, found: Vec::new() }.run()
}

struct Lexer {
    rest: Vec<char>,
    at: usize,
    line: usize,
    found: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.rest.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn step(&mut self) -> char {
        let c = self.peek(0);
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        c
    }

    fn push(&mut self, piece: Piece, line: usize) {
        self.found.push(Token { piece, line });
    }

    fn run(mut self) -> Vec<Token> {
        while self.at < self.rest.len() {
            let line = self.line;
            match self.peek(0) {
                '/' if self.peek(1) == '/' => self.line_comment(),
                '/' if self.peek(1) == '*' => self.block_comment(),
                '"' => self.text(line),
                '\'' => self.quote(),
                ':' if self.peek(1) == ':' => {
                    self.at += 2;
                    self.push(Piece::Sign("::"), line);
                }
                c if c == '_' || c.is_alphabetic() => self.word(line),
                c if c.is_ascii_digit() => self.number(),
                c => {
                    self.step();
                    if let Some((_, sign)) = SIGNS.iter().find(|(known, _)| *known == c) {
                        self.push(Piece::Sign(sign), line);
                    }
                }
            }
        }
        self.found
    }

    fn line_comment(&mut self) {
        while self.at < self.rest.len() && self.peek(0) != '\n' {
            self.step();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.rest.len() {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => (depth, self.at) = (depth + 1, self.at + 2),
                ('*', '/') => (depth, self.at) = (depth - 1, self.at + 2),
                _ => drop(self.step()),
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn text(&mut self, line: usize) {
        self.step();
        let mut text = String::new();
        while self.at < self.rest.len() {
            match self.step() {
                '"' => break,
                '\\' => {
                    text.push('\\');
                    text.push(self.step());
                }
                c => text.push(c),
            }
        }
        self.push(Piece::Text(text), line);
    }

    /// `r"..."`, `r#"..."#`: ends at a quote with as many hashes as it began with.
    fn raw_text(&mut self, line: usize) {
        let mut hashes = 0;
        while self.peek(0) == '#' {
            self.step();
            hashes += 1;
        }
        self.step();
        let mut text = String::new();
        while self.at < self.rest.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|n| self.peek(n) == '#') {
                self.at += 1 + hashes;
                break;
            }
            text.push(self.step());
        }
        self.push(Piece::Text(text), line);
    }

    /// A character such as `'{'` or `'\n'`, or the name of a lifetime.
    fn quote(&mut self) {
        self.step();
        if self.peek(0) == '\\' {
            self.step();
            self.step();
            while self.at < self.rest.len() && self.step() != '\'' {}
        } else if self.peek(1) == '\'' {
            self.step();
            self.step();
        } else {
            while self.peek(0) == '_' || self.peek(0).is_alphanumeric() {
                self.step();
            }
        }
    }

    fn number(&mut self) {
        while self.peek(0) == '_' || self.peek(0).is_alphanumeric() {
            self.step();
        }
    }

    fn word(&mut self, line: usize) {
        let mut word = String::new();
        while self.peek(0) == '_' || self.peek(0).is_alphanumeric() {
            word.push(self.step());
        }
        match (word.as_str(), self.peek(0), self.peek(1)) {
            ("r" | "br" | "cr", '"', _) | ("r" | "br" | "cr", '#', '"' | '#') => self.raw_text(line),
            ("b" | "c", '"', _) => self.text(line),
            ("b", '\'', _) => self.quote(),
            ("r", '#', _) => {
                self.step();
                self.word(line);
            }
            _ => self.push(Piece::Word(word), line),
        }
    }
}
