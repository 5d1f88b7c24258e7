//! References to credentials. What is written out is refused, and never repeated.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::super::secret::Secret;
use super::super::shape::{Node, Table, Value};
use super::super::spell;
use super::reader::Section;
use crate::text::clean::Clean;

/// Reads what stands under a key that wants a credential.
pub(super) fn read(section: &Section<'_>, key: &str, node: &Node) -> Option<Secret> {
    match &node.value {
        Value::Table(table) => {
            let mut inner = Section::new(section.desk(), format!("the credential `{key}`"), table, node.span);
            let secret = reference(&mut inner, key, table);
            inner.finish();
            secret
        }
        _ => {
            let problem = section.problem(node.span, format!("the credential `{key}` is written out in the file"));
            let advice = format!("refer to it: `{key} = {{ env = \"NAME\" }}`, or `file`, or `command`");
            section.note(problem.help(advice).redact(node.span));
            None
        }
    }
}

fn reference(inner: &mut Section<'_>, key: &str, table: &Table) -> Option<Secret> {
    let env = inner.optional(("env", "the variable that holds it"));
    let file = inner.path(("file", "the file that holds it, readable by its owner alone"));
    let command = inner.texts(("command", "a program that prints it, with its arguments"));
    let n_ways = ["env", "file", "command"].iter().filter(|way| inner.has(way)).count();
    if n_ways != 1 {
        let what = if n_ways == 0 { "says nowhere where it is" } else { "says more than one place" };
        inner.note(
            inner
                .problem(inner.span(), format!("the credential `{key}` {what}"))
                .help("use one of `env`, `file` or `command`"),
        );
        return None;
    }
    if let Some(name) = env {
        if !spell::is_variable(name.as_str()) {
            // Somebody may have put the credential itself where its name belongs.
            let at = inner.spot("env");
            inner.note(inner.problem(at, "`env` wants the name of a variable, such as `ACME_TOKEN`").redact(at));
            return None;
        }
        return Some(Secret::Env(name));
    }
    if let Some(path) = file {
        guarded(inner, &path);
        return Some(Secret::File(path));
    }
    let words = command?;
    if words.is_empty() {
        inner.refuse("command", "`command` names no program");
        return None;
    }
    // The words as written: what was cleaned is for screens.
    let written = table.get("command").and_then(|item| item.node.list()).unwrap_or_default();
    Some(Secret::Command(written.iter().filter_map(|word| word.text().map(str::to_owned)).collect()))
}

/// Notes a file that others may read, and one that isn't there.
fn guarded(inner: &Section<'_>, path: &Path) {
    let at = inner.spot("file");
    let shown = Clean::line(&path.display().to_string());
    match std::fs::metadata(path) {
        Ok(about) if about.permissions().mode() & 0o077 != 0 => inner.note(
            inner
                .problem(at, format!("others may read the credential in `{shown}`"))
                .help(format!("make it yours alone: `chmod 600 {shown}`")),
        ),
        Ok(about) if about.is_dir() => inner.complain(at, format!("`{shown}` is a folder")),
        Ok(_) => {}
        // Where a fleet file is checked is not always where it is used.
        Err(error) => {
            inner.note(inner.warning(at, format!("no credential can be read from `{shown}`: {}", spell::io(&error))))
        }
    }
}
