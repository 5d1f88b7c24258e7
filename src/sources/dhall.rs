//! Dhall as configuration files use it: `let`, records, lists, texts, optionals and unions, worked out in place.
//!
//! A customer's file is never run by a program and reaches nothing: functions and imports are left alone, and a file
//! that has them counts as not read. What is reported as wrong is only what no reader could take: an end in the middle.

mod join;
mod reader;

use std::collections::BTreeMap;
use std::rc::Rc;

use self::reader::{Reader, Stop};

/// A value of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Worth {
    /// A text.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// `True` or `False`.
    Flag(bool),
    /// A list.
    List(Vec<Rc<Worth>>),
    /// A record.
    Record(BTreeMap<String, Rc<Worth>>),
    /// `None`.
    Nothing,
    /// A type of alternatives, by their names.
    Union(Vec<String>),
    /// Any other type.
    Type,
}

/// What came of the files of a configuration.
#[derive(Debug, Default)]
pub struct Read {
    /// What the files stand for that could be worked out.
    pub values: Vec<Rc<Worth>>,
    /// The files that end in the middle, and how.
    pub broken: Vec<(String, String)>,
    /// The files that are more than can be worked out here: imports, functions, types of their own.
    pub beyond: Vec<String>,
}

/// Works out files.
pub fn read_all<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> Read {
    let mut read = Read::default();
    for (path, text) in files {
        match Reader::new(text).file() {
            Ok(value) => read.values.push(value),
            Err(Stop::Ended(why)) => read.broken.push((path.to_owned(), why)),
            Err(Stop::Beyond) => read.beyond.push(path.to_owned()),
        }
    }
    read
}

/// How many values are looked at for a version.
const LOOKED_AT: usize = 20_000;

/// The version a configuration wants in an environment: of the record whose `name` it is, or that stands under its name.
#[must_use]
pub fn version_of(values: &[Rc<Worth>], environment: &str) -> Option<String> {
    let mut left = values.to_vec();
    for _ in 0..LOOKED_AT {
        let value = left.pop()?;
        match &*value {
            Worth::Record(fields) => {
                let named = fields.get("name").is_some_and(|name| **name == Worth::Text(environment.to_owned()));
                let own = fields.get("version").filter(|_| named);
                let under = fields.get(environment).and_then(|inner| match &**inner {
                    Worth::Record(fields) => fields.get("version"),
                    _ => None,
                });
                if let Some(Worth::Text(version)) = own.or(under).map(|version| &**version) {
                    return Some(version.clone());
                }
                left.extend(fields.values().rev().map(Rc::clone));
            }
            Worth::List(items) => left.extend(items.iter().rev().map(Rc::clone)),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// The value as Dhall would write it, types as `T`.
    fn shown(value: &Worth) -> String {
        match value {
            Worth::Text(text) => format!("{text:?}"),
            Worth::Number(number) => number.clone(),
            Worth::Flag(flag) => flag.to_string(),
            Worth::List(items) => format!("[{}]", items.iter().map(|item| shown(item)).collect::<Vec<_>>().join(" ")),
            Worth::Record(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
                format!("{{{}}}", fields.join(" "))
            }
            Worth::Nothing => "None".to_owned(),
            Worth::Union(names) => format!("<{}>", names.join("|")),
            Worth::Type => "T".to_owned(),
        }
    }

    fn told(text: &str) -> String {
        let read = read_all([("a.dhall", text)].into_iter());
        match (read.values.first(), read.broken.first()) {
            (Some(value), _) => shown(value),
            (None, Some((_, why))) => format!("! {why}"),
            (None, None) => "?".to_owned(),
        }
    }

    #[test]
    fn configuration_is_worked_out_and_what_is_beyond_it_is_left_alone() {
        for (text, expected) in [
            ("{ a = 1, `b c` = +2, d = -3.5e2 }", "{a=1 b c=+2 d=-3.5e2}"),
            ("{ , a = 1, }", "{a=1}"),
            ("{=}", "{}"),
            ("[ , 1, 2 ]", "[1 2]"),
            ("[] : List { a : Text }", "[]"),
            ("let x : Natural = 1 let y = [ x ] in { x, y }", "{x=1 y=[1]}"),
            ("{ a = 1, b = { c = 2 } } /\\ { b = { d = 3 } }", "{a=1 b={c=2 d=3}}"),
            ("{ a = 1, b = 2 } // { b = 3 }", "{a=1 b=3}"),
            ("({ a = { b = Some \"x\" } }).a.b", "\"x\""),
            ("{ a.b.c = 1 }", "{a={b={c=1}}}"),
            ("{ n = None Text, t = True && False }", "{n=None t=false}"),
            ("let who = \"acme\" in \"for ${who} \\\"\\u0041\\n\\$\"", "\"for acme \\\"A\\n$\""),
            ("''\n  one\n    two ''${x}\n  ''", "\"one\\n  two ${x}\\n\""),
            ("if True then 1 else 2", "1"),
            ("let Kind = < Small | Large : Natural > in [ Kind.Small ]", "[\"Small\"]"),
            ("[ 1 ] # [ 2 ] -- a comment", "[1 2]"),
            ("{- one {- two -} -} 1", "1"),
            ("{ a = 1 }.{ a }", "{a=1}"),
            ("let f = \\(x : Text) -> x in f \"a\"", "?"),
            ("./other.dhall", "?"),
            ("https://example.test/a.dhall", "?"),
            ("env:HOME", "?"),
            ("Natural/show 3", "?"),
            ("unknown", "?"),
            ("{ a = 1", "! it ends inside a record"),
            ("[ 1,", "! it ends inside a list"),
            ("\"abc", "! it ends inside a text"),
            ("''abc", "! it ends inside a text"),
            ("{- abc", "! it ends inside a comment"),
            ("let x = 1", "! it ends after `let`"),
            ("", "! it is empty"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn the_version_of_an_environment_is_found_by_name() {
        let file = include_str!("../../tests/samples/config/1/dhall/config.dhall");
        let read = read_all([("config.dhall", file)].into_iter());
        assert_eq!(version_of(&read.values, "production").as_deref(), Some("2026.40.1"));
        assert_eq!(version_of(&read.values, "staging").as_deref(), Some("2026.41.0"));
        assert_eq!(version_of(&read.values, "qa"), None);
        let read = read_all([("a", "{ production = { version = \"1\" }, version = \"2\" }")].into_iter());
        assert_eq!(version_of(&read.values, "production").as_deref(), Some("1"));
    }

    #[test]
    fn what_doubles_and_what_nests_without_end_is_given_up_on() {
        let doubling: String = (0..60).map(|n| format!("let x{} = [ x{n}, x{n} ] ", n + 1)).collect();
        assert!(told(&format!("let x0 = [ 1 ] {doubling} in x1")).starts_with('['));
        let texts: String = (0..60).map(|n| format!("let x{} = x{n} ++ x{n} ", n + 1)).collect();
        assert_eq!(told(&format!("let x0 = \"aaaaaaaa\" {texts} in x60")), "?");
        assert_eq!(told(&"(".repeat(100_000)), "?");
        assert_eq!(told(&"let x = ".repeat(100_000)), "?");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(let |in |x|=| |[{}\\[\\]()<>|:,.#\"'$/\\\\+-]|\\$\\{|''|Some |None |1|\\PC){0,60}") {
            let _ = read_all([("a", text.as_str())].into_iter());
        }
    }
}
