//! Laws about lists that must agree with a folder: sources, views, themes, panes, formats.

use std::collections::BTreeSet;

use crate::lexer::{Token, tokens};
use crate::paths::House;
use crate::source::Source;
use crate::tree::{Breach, Tree, breach};

const KINDS: &str = "src/sources/mod.rs";
const VIEWS: &str = "src/views/mod.rs";

/// Every kind of source is in `KINDS`, says what it is, has a sample and a line in the README.
pub fn kinds(house: &House) -> Vec<Breach> {
    let tree = &house.tree;
    let listed = list_after(tree, KINDS, "KINDS");
    let mut found = Vec::new();
    let mut made = BTreeSet::new();
    for (path, text) in tree.files("src/sources/", ".rs").filter(|(path, _)| *path != KINDS) {
        let source = Source::read(path, text);
        for at in kind_statics(&source.tokens) {
            let item = source.tokens[at].word().unwrap_or_default();
            let said = [&source.module[1..], &[item.to_owned()]].concat().join("::");
            if !listed.contains(&said) {
                found.push(breach(source.place(at), format!("`&{said}` is not in KINDS of {KINDS}")));
            }
            found.extend(kind_is_complete(tree, &source, at));
            made.insert(said);
        }
    }
    for entry in listed.difference(&made) {
        found.push(breach(KINDS, format!("KINDS lists `{entry}`, and no file makes it")));
    }
    found
}

/// Places of names `X` in `static X: Kind`.
fn kind_statics(tokens: &[Token]) -> Vec<usize> {
    let is_kind = |four: &[Token]| four[0].is_word("static") && four[2].is_sign(":") && four[3].is_word("Kind");
    tokens.windows(4).enumerate().filter(|(_, four)| is_kind(four)).map(|(at, _)| at + 1).collect()
}

fn kind_is_complete(tree: &Tree, source: &Source, at: usize) -> Vec<Breach> {
    let end = source.tokens.iter().skip(at).position(|t| t.is_sign(";")).map_or(source.tokens.len(), |n| at + n);
    let field = |name: &str| {
        let three = source.tokens[at..end].windows(3).find(|w| w[0].is_word(name) && w[1].is_sign(":"))?;
        three[2].text().filter(|text| !text.trim().is_empty())
    };
    let place = source.place(at);
    let Some(name) = field("name") else { return vec![breach(place, "a kind without a `name: \"..\"`")] };
    let mut found = Vec::new();
    let samples = format!("tests/samples/{name}/");
    if tree.files(&samples, "").next().is_none() {
        found.push(breach(&*place, format!("kind `{name}` has no sample: {samples}<version>/<case>/ is missing")));
    }
    let Some(about) = field("about") else {
        found.push(breach(place, format!("kind `{name}` does not say what it is (`about`)")));
        return found;
    };
    let line = format!("| `{name}` | ");
    if !tree.text("README.md").unwrap_or_default().lines().any(|have| have.starts_with(&line)) {
        found.push(breach(place, format!("README.md lacks a line for this kind, such as: {line}{about} |")));
    }
    found
}

/// Every file in `views` that makes rows is in the `views!` list, and the list names no other.
pub fn views(house: &House) -> Vec<Breach> {
    let tree = &house.tree;
    let listed = list_after(tree, VIEWS, "views");
    let mut found = Vec::new();
    let mut made = BTreeSet::new();
    for (path, text) in tree.files("src/views/", ".rs").filter(|(path, _)| *path != VIEWS) {
        let source = Source::read(path, text);
        let shipped = |name: &str| {
            source.tokens.windows(2).zip(&source.test).any(|(pair, test)| {
                !test && pair[1].is_word(name) && ["struct", "fn", "const"].iter().any(|item| pair[0].is_word(item))
            })
        };
        if !(shipped("Row") && shipped("COLUMNS")) {
            continue;
        }
        let name = source.module[1..].join("::");
        if !listed.contains(&name) {
            found.push(breach(path, format!("view `{name}` is not in the `views!` list of {VIEWS}")));
        }
        made.insert(name);
    }
    for entry in listed.iter().filter(|entry| !made.contains(*entry)) {
        let is_file = tree.text(&format!("src/views/{entry}.rs")).is_some();
        if !is_file && entry.chars().all(|c| c.is_lowercase() || c == '_') {
            found.push(breach(VIEWS, format!("`views!` lists `{entry}`, and there is no such file")));
        }
    }
    found
}

/// Every palette in `themes` is built in, and every palette that is built in exists.
pub fn themes(house: &House) -> Vec<Breach> {
    let tree = &house.tree;
    let there: BTreeSet<String> = tree.files("themes/", ".toml").map(|(path, _)| path.to_owned()).collect();
    let mut built_in = BTreeSet::new();
    let mut found = Vec::new();
    for (path, text) in tree.files("src/ui/", ".rs") {
        let all = tokens(text);
        for (at, token) in all.iter().enumerate() {
            let embedded = at > 2 && all[at - 3].is_word("include_str");
            let Some(tail) = token.text().filter(|_| embedded).and_then(|text| text.split("themes/").nth(1)) else {
                continue;
            };
            let name = format!("themes/{tail}");
            if !there.contains(&name) {
                found.push(breach(format!("{path}:{}", token.line), format!("{name} does not exist")));
            }
            built_in.insert(name);
        }
    }
    let lost = there.difference(&built_in).map(|name| breach(&**name, "no `include_str!` in src/ui builds it in"));
    found.extend(lost);
    found
}

/// Every pane of its own is in the list of panes.
pub fn panes(house: &House) -> Vec<Breach> {
    let tree = &house.tree;
    const PANES: &str = "src/ui/panes/mod.rs";
    let all = tokens(tree.text(PANES).unwrap_or_default());
    let named = |name: &str| all.windows(2).any(|pair| pair[0].is_word(name) && pair[1].is_sign("::"));
    tree.files("src/ui/panes/", ".rs")
        .filter(|(path, text)| *path != PANES && is_pane(&tokens(text)))
        .filter_map(|(path, _)| {
            let name = path.trim_start_matches("src/ui/panes/").trim_end_matches(".rs").trim_end_matches("/mod");
            (!named(name.split('/').next().unwrap_or(name))).then(|| breach(path, format!("no line in {PANES}")))
        })
        .collect()
}

/// Every format a board is written in is in `FORMATS`.
pub fn formats(house: &House) -> Vec<Breach> {
    const FORMATS: &str = "src/export/mod.rs";
    let listed = list_after(&house.tree, FORMATS, "FORMATS");
    let made = house.tree.files("src/export/", ".rs").filter(|(_, text)| {
        let is_format = |four: &[Token]| four[0].is_word("static") && four[2].is_sign(":") && four[3].is_word("Format");
        tokens(text).windows(4).any(is_format)
    });
    made.filter_map(|(path, _)| {
        let name = path.trim_start_matches("src/export/").trim_end_matches(".rs");
        (!listed.contains(&format!("{name}::FORMAT"))).then(|| breach(path, format!("not in FORMATS of {FORMATS}")))
    })
    .collect()
}

fn is_pane(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| pair[0].is_word("Pane") && pair[1].is_word("for"))
}

/// The paths named in the first brackets after a word: `KINDS: &[&Kind] = &[&a::KIND]`, `views! { drift, fleet }`.
fn list_after(tree: &Tree, path: &str, word: &str) -> BTreeSet<String> {
    let all = tokens(tree.text(path).unwrap_or_default());
    let mut listed = BTreeSet::new();
    for at in (0..all.len()).filter(|at| all[*at].is_word(word)) {
        let rest = &all[at + 1..];
        let opening = match rest.first() {
            // `views! { .. }`: a call, not the macro's definition.
            Some(t) if t.is_sign("!") => 1,
            Some(t) if t.is_sign(":") => match rest.iter().position(|t| t.is_sign("=")) {
                Some(equals) => equals + 1,
                None => continue,
            },
            _ => continue,
        };
        let mut name = String::new();
        let mut depth = 0_usize;
        for token in &rest[opening..] {
            if ["{", "[", "("].iter().any(|s| token.is_sign(s)) {
                depth += 1;
            } else if ["}", "]", ")"].iter().any(|s| token.is_sign(s)) {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            } else if depth == 1 {
                match token.word() {
                    Some(word) => name.push_str(word),
                    None if token.is_sign("::") => name.push_str("::"),
                    None => listed.extend(Some(std::mem::take(&mut name)).filter(|name| !name.is_empty())),
                }
            }
        }
        listed.extend(Some(name).filter(|name| !name.is_empty()));
    }
    listed
}
