//! One source file: which parts are tests, which names it imports, which paths it says.

use crate::lexer::{Token, tokens};

/// A file under `src`, cut into tokens.
pub struct Source {
    pub path: String,
    /// Where it stands below the crate's root; the program's own file stands at `main`.
    pub module: Vec<String>,
    pub tokens: Vec<Token>,
    /// For every token: does it belong to a part that is only built for tests?
    pub test: Vec<bool>,
    /// For every token: the modules written inside this file that it stands in.
    inner: Vec<Vec<String>>,
    pub imports: Vec<Import>,
}

/// One leaf of a `use`.
pub struct Import {
    pub path: Vec<String>,
    /// The name it has here; `None` for a star.
    pub name: Option<String>,
    pub at: usize,
}

impl Source {
    pub fn read(path: &str, text: &str) -> Source {
        let tokens = tokens(text);
        let test = test_parts(&tokens);
        let inner = inner_modules(&tokens);
        let imports = imports(&tokens);
        Source { path: path.to_owned(), module: module_of(path), tokens, test, inner, imports }
    }

    /// The module a token stands in.
    pub fn module_at(&self, at: usize) -> Vec<String> {
        [self.module.clone(), self.inner[at].clone()].concat()
    }

    pub fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.tokens[at].line)
    }

    pub fn room(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    /// Does an item of this name stand here?
    pub fn defines(&self, name: &str) -> bool {
        const ITEMS: &[&str] =
            &["struct", "enum", "union", "trait", "fn", "type", "const", "static", "mod", "macro_rules"];
        self.tokens.windows(2).any(|pair| {
            pair[1].is_word(name) && pair[0].word().is_some_and(|word| ITEMS.contains(&word) || word == "mut")
        })
    }

    /// Modules this file declares (`mod name;`), each with whether it is only built for tests.
    pub fn declared(&self) -> impl Iterator<Item = (&str, bool)> {
        self.tokens.windows(3).zip(&self.test).filter_map(|(three, test)| {
            (three[0].is_word("mod") && three[2].is_sign(";")).then(|| three[1].word().map(|name| (name, *test)))?
        })
    }

    /// Every path of two words and more outside of imports.
    pub fn inline_paths(&self) -> Vec<(usize, Vec<String>)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            if self.tokens[at].is_word("use") {
                at = skip_to(&self.tokens, at, ";");
                continue;
            }
            let joined = at > 0 && (self.tokens[at - 1].is_sign("::") || self.tokens[at - 1].is_sign("."));
            let start = at;
            let mut path = Vec::new();
            while let Some(word) = self.tokens.get(at).and_then(Token::word) {
                path.push(word.to_owned());
                at += 1;
                let goes_on = self.tokens.get(at).is_some_and(|t| t.is_sign("::"))
                    && self.tokens.get(at + 1).is_some_and(|t| t.word().is_some());
                if !goes_on {
                    break;
                }
                at += 1;
            }
            if path.len() > 1 && !joined {
                found.push((start, path));
            }
            at = at.max(start + 1);
        }
        found
    }
}

/// `src/text/clean.rs` is `text::clean`, `src/text/mod.rs` is `text`, `src/lib.rs` is the root itself.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || module == ["lib"] {
        module.pop();
    }
    module
}

fn skip_to(tokens: &[Token], at: usize, sign: &str) -> usize {
    tokens.iter().skip(at).position(|t| t.is_sign(sign)).map_or(tokens.len(), |n| at + n + 1)
}

/// The end of a bracketed group that opens at `at`.
fn group_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_usize;
    for (n, token) in tokens.iter().enumerate().skip(at) {
        if ["{", "(", "["].iter().any(|s| token.is_sign(s)) {
            depth += 1;
        }
        if ["}", ")", "]"].iter().any(|s| token.is_sign(s)) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return n + 1;
            }
        }
    }
    tokens.len()
}

fn test_parts(tokens: &[Token]) -> Vec<bool> {
    let mut marks = vec![false; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let inner = tokens[at].is_sign("#") && tokens.get(at + 1).is_some_and(|t| t.is_sign("!"));
        let open = at + 1 + usize::from(inner);
        let attribute = tokens[at].is_sign("#") && tokens.get(open).is_some_and(|t| t.is_sign("["));
        if attribute && is_for_tests(&tokens[open + 1..]) {
            let end = if inner { tokens.len() } else { item_end(tokens, at) };
            marks[at..end].fill(true);
            at = end.max(at + 1);
        } else {
            at += 1;
        }
    }
    marks
}

/// `test]`, `cfg(test`, `cfg(all(test`: parts that exist for tests alone. `cfg(not(test))` and `cfg(any(test, ..))` ship.
fn is_for_tests(attribute: &[Token]) -> bool {
    let starts = |pattern: &[&str]| {
        attribute.len() >= pattern.len()
            && pattern.iter().zip(attribute).all(|(want, token)| token.is_word(want) || token.is_sign(want))
    };
    starts(&["test", "]"])
        || starts(&["tokio", "::", "test"])
        || starts(&["cfg", "(", "test", ")"])
        || starts(&["cfg", "(", "all", "(", "test"])
}

/// Where the item that begins at `at` (with its attributes) ends.
fn item_end(tokens: &[Token], mut at: usize) -> usize {
    while at < tokens.len() && tokens[at].is_sign("#") {
        at = group_end(tokens, at);
    }
    let first = tokens[at..].iter().filter_map(Token::word).find(|w| !["pub", "crate", "super", "in"].contains(w));
    let ends_with_semicolon = matches!(first, Some("use" | "static" | "type" | "let" | "const"));
    let mut depth = 0_i32;
    while at < tokens.len() {
        let token = &tokens[at];
        if ["{", "(", "["].iter().any(|s| token.is_sign(s)) {
            depth += 1;
        } else if ["}", ")", "]"].iter().any(|s| token.is_sign(s)) {
            depth -= 1;
            if depth < 0 {
                return at;
            }
            if depth == 0 && token.is_sign("}") && !ends_with_semicolon {
                return at + 1;
            }
        } else if depth == 0 && token.is_sign(";") {
            return at + 1;
        }
        at += 1;
    }
    at
}

fn inner_modules(tokens: &[Token]) -> Vec<Vec<String>> {
    let mut open: Vec<Option<String>> = Vec::new();
    let mut found = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        if token.is_sign("{") {
            let named = at >= 2 && tokens[at - 2].is_word("mod");
            open.push(if named { tokens[at - 1].word().map(str::to_owned) } else { None });
        } else if token.is_sign("}") {
            open.pop();
        }
        found.push(open.iter().flatten().cloned().collect());
    }
    found
}

fn imports(tokens: &[Token]) -> Vec<Import> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // `impl Trait + use<'a>` imports nothing.
        if tokens[at].is_word("use") && !tokens.get(at + 1).is_some_and(|t| t.is_sign("<")) {
            at = import_tree(tokens, at + 1, Vec::new(), &mut found);
        } else {
            at += 1;
        }
    }
    found
}

fn import_tree(tokens: &[Token], mut at: usize, mut path: Vec<String>, found: &mut Vec<Import>) -> usize {
    let start = at;
    while at < tokens.len() {
        let token = &tokens[at];
        if token.is_sign("::") {
            if path.is_empty() {
                path.push("::".to_owned()); // a path from outside: it resolves to nothing of ours
            }
            at += 1;
        } else if token.is_sign("*") {
            found.push(Import { path, name: None, at: start });
            return at + 1;
        } else if token.is_sign("{") {
            at += 1;
            while at < tokens.len() && !tokens[at].is_sign("}") {
                let next = if tokens[at].is_sign(",") { at } else { import_tree(tokens, at, path.clone(), found) };
                at = if next == at { at + 1 } else { next };
            }
            return at + 1;
        } else if let Some(word) = token.word() {
            at += 1;
            if word != "self" || path.is_empty() {
                path.push(word.to_owned());
            }
            if tokens.get(at).is_some_and(|t| t.is_sign("::")) {
                continue;
            }
            let renamed = tokens.get(at).is_some_and(|t| t.is_word("as"));
            let name = if renamed { tokens.get(at + 1).and_then(Token::word) } else { path.last().map(String::as_str) };
            found.push(Import { name: name.map(str::to_owned), path, at: start });
            return at + if renamed { 2 } else { 0 };
        } else {
            return at;
        }
    }
    at
}
