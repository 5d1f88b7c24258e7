//! Dhall, by way of the `dhall-to-json` program: with imports only where they are allowed, and never for long.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::spell;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked whether it is done.
const GLANCE: Duration = Duration::from_millis(5);
/// What it may print.
const MOST: u64 = 64 << 20;
/// Kilobytes of memory it may reserve, and seconds of work it may do. An expression may be small and its value endless.
const BOUNDS: &str = "ulimit -v 8388608; ulimit -t 20; exec dhall-to-json --file \"$1\"";

/// What could not be done, and what to do about it.
pub(super) struct Failed {
    pub what: String,
    pub help: Option<String>,
}

/// The JSON a Dhall file stands for.
pub(super) fn to_json(path: &Path, text: &str, imports: Imports) -> Result<String, Failed> {
    if let (Imports::Refused, Some(import)) = (imports, first_import(text)) {
        return Err(Failed {
            what: format!("this file imports `{import}`, and imports are off"),
            help: Some("allow them with `--allow-imports`, if every file it may reach is to be trusted".to_owned()),
        });
    }
    if !is_installed() {
        return Err(Failed {
            what: "a Dhall file needs the program `dhall-to-json`, and it is not installed".to_owned(),
            help: Some("install it from https://github.com/dhall-lang/dhall-haskell/releases, or write the file as TOML or JSON".to_owned()),
        });
    }
    let failed = |what: String| Failed { what, help: None };
    let mut child = Command::new("sh")
        .args(["-c", BOUNDS, "sh"])
        .arg(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("`dhall-to-json` does not start: {}", spell::io(&error))))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err, status) = std::thread::scope(|scope| {
        let out = scope.spawn(|| drain(out));
        let err = scope.spawn(|| drain(err));
        let mut waited = Duration::ZERO;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) if waited < PATIENCE => {
                    std::thread::sleep(GLANCE);
                    waited += GLANCE;
                }
                Ok(None) => break Err(format!("`dhall-to-json` was not done within {} s", PATIENCE.as_secs())),
                Err(error) => break Err(format!("`dhall-to-json`: {}", spell::io(&error))),
            }
        };
        if status.is_err() {
            // It may have ended by itself since; then there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
        }
        (out.join().unwrap_or_default(), err.join().unwrap_or_default(), status)
    });
    let status = status.map_err(failed)?;
    if !status.success() {
        let said = String::from_utf8_lossy(&err);
        let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(8).collect();
        let said = if said.is_empty() { "it ran out of memory or time".to_owned() } else { said.join(" ") };
        return Err(failed(format!("`dhall-to-json` does not accept it: {said}")));
    }
    String::from_utf8(out).map_err(|_| failed("`dhall-to-json` printed something that is no text".to_owned()))
}

/// Whether Dhall files may read other files, variables and addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Imports {
    /// They may not.
    #[default]
    Refused,
    /// They may.
    Allowed,
}

fn drain(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What was read until a pipe broke is all there is.
        let _ = pipe.take(MOST).read_to_end(&mut bytes);
    }
    bytes
}

fn is_installed() -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join("dhall-to-json").is_file())
}

/// The first import of a Dhall text. Rather one too many than one too few: what looks like one is one.
fn first_import(text: &str) -> Option<String> {
    let mut code = Code { rest: text, before: ' ', depth: Vec::new() };
    code.first_import()
}

/// A walk over the parts of a Dhall text that are neither comment nor literal.
struct Code<'t> {
    rest: &'t str,
    before: char,
    /// The literals we are inside an interpolation of, with the braces open in each.
    depth: Vec<(&'static str, usize)>,
}

impl Code<'_> {
    fn first_import(&mut self) -> Option<String> {
        const STARTS: [&str; 7] = ["./", "../", "~/", "http://", "https://", "env:", "missing"];
        loop {
            let c = self.rest.chars().next()?;
            let begins_word = !(self.before.is_alphanumeric() || matches!(self.before, '_' | '-' | '/' | '.'));
            let rooted = c == '/' && begins_word && !self.rest.starts_with("//") && !self.rest.starts_with("/\\");
            let starts = STARTS.iter().any(|start| self.rest.starts_with(start));
            if rooted || (starts && begins_word) || self.rest.starts_with("../") {
                return Some(
                    self.rest.chars().take_while(|c| !c.is_whitespace() && !")],}".contains(*c)).take(80).collect(),
                );
            }
            if self.rest.starts_with("--") {
                self.skip_to("\n");
            } else if self.rest.starts_with("{-") {
                self.skip_comment();
            } else if self.rest.starts_with("''") {
                self.step(2);
                self.literal("''");
            } else if c == '"' {
                self.step(1);
                self.literal("\"");
            } else if c == '`' {
                self.step(1);
                self.skip_to("`");
            } else {
                match (c, self.depth.last_mut()) {
                    ('{', Some((_, open))) => *open += 1,
                    ('}', Some((_, open))) if *open > 0 => *open -= 1,
                    ('}', Some((end, _))) => {
                        let end = *end;
                        self.depth.pop();
                        self.step(1);
                        self.literal(end);
                        continue;
                    }
                    _ => {}
                }
                self.step(1);
            }
        }
    }

    /// Passes over a literal up to its end, or into an interpolation of it.
    fn literal(&mut self, end: &'static str) {
        while let Some(c) = self.rest.chars().next() {
            let escaped: &[&str] = if end == "\"" { &["\\\\", "\\\"", "\\$"] } else { &["'''", "''${"] };
            if let Some(escape) = escaped.iter().find(|escape| self.rest.starts_with(**escape)) {
                self.step(escape.chars().count());
            } else if self.rest.starts_with(end) {
                self.step(end.chars().count());
                return;
            } else if self.rest.starts_with("${") {
                self.step(2);
                self.before = ' ';
                self.depth.push((end, 0));
                return;
            } else {
                self.before = c;
                self.step(1);
            }
        }
    }

    fn skip_to(&mut self, end: &str) {
        let n = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.rest = self.rest.get(n..).unwrap_or_default();
        self.before = ' ';
    }

    fn skip_comment(&mut self) {
        let mut open = 0_usize;
        loop {
            if self.rest.starts_with("{-") {
                open += 1;
                self.step(2);
            } else if self.rest.starts_with("-}") {
                open -= 1;
                self.step(2);
                if open == 0 {
                    self.before = ' ';
                    return;
                }
            } else if self.rest.is_empty() {
                return;
            } else {
                self.step(1);
            }
        }
    }

    fn step(&mut self, n: usize) {
        let mut letters = self.rest.chars();
        for _ in 0..n {
            if let Some(c) = letters.next() {
                self.before = c;
            }
        }
        self.rest = letters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_wherever_code_stands_and_nowhere_else() {
        for (text, import) in [
            ("{ a = 1 }", None),
            ("{ url = \"https://example.test/a\" }", None),
            ("-- see https://example.test\n{ a = 1 }", None),
            ("{- ./x {- ../y -} ./z -} { a = 1 }", None),
            ("''\n./x ''' ./y ''${./z}\n''", None),
            ("List/map Natural/even { a = 1 } // { b = 2 } /\\ { c = 3 }", None),
            ("let x = ./x.dhall in x", Some("./x.dhall")),
            ("let x = ../x.dhall in x", Some("../x.dhall")),
            ("[~/x]", Some("~/x")),
            ("(/etc/passwd as Text)", Some("/etc/passwd")),
            ("https://example.test/x sha256:00", Some("https://example.test/x")),
            ("env:HOME as Text", Some("env:HOME")),
            ("\"${env:HOME as Text}\"", Some("env:HOME")),
            ("\"a ${\"b ${./c}\"}\"", Some("./c")),
            ("''\n${ { a = 1 }.a } ${./d}\n''", Some("./d")),
            ("\"\\${./x}\"", None),
        ] {
            assert_eq!(first_import(text).as_deref(), import, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd_to_look_through(text in "[{}\\-\"'$`./a~ \\\\\n]{0,60}") {
            let _ = first_import(&text);
        }
    }
}
