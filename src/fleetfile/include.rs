//! Which files a pattern such as `installations/*.toml` names.

use std::path::{Component, Path, PathBuf};

/// Files one pattern may name.
const MOST: usize = 100_000;

/// What a pattern named.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// Files, sorted.
    pub files: Vec<PathBuf>,
    /// The folders that were looked into: a file that appears there later may be meant too.
    pub folders: Vec<PathBuf>,
}

/// The files a pattern names, from a folder. `*` and `?` stand for any characters but `/`; hidden files need their dot.
///
/// # Errors
/// The words that follow the pattern.
pub(super) fn matched(pattern: &str, folder: &Path) -> Result<Matched, String> {
    if pattern.contains("**") {
        return Err("holds `**`: name each level, as in `*/*.toml`".to_owned());
    }
    if pattern.contains(['[', ']', '{', '}']) {
        return Err("holds a bracket: only `*` and `?` stand for others".to_owned());
    }
    let mut found = Matched::default();
    let mut at = vec![folder.to_owned()];
    for component in Path::new(pattern).components() {
        let name = match component {
            Component::Normal(name) => name.to_string_lossy(),
            Component::RootDir => {
                at = vec![PathBuf::from("/")];
                continue;
            }
            Component::ParentDir => {
                at = at.into_iter().map(|path| path.join("..")).collect();
                continue;
            }
            Component::CurDir | Component::Prefix(_) => continue,
        };
        if !name.contains(['*', '?']) {
            at = at.into_iter().map(|path| path.join(&*name)).collect();
            continue;
        }
        let mut next = Vec::new();
        for folder in at {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let entry_name = entry.file_name();
                if entry_name.to_str().is_some_and(|text| fits(&name, text)) {
                    next.push(folder.join(&entry_name));
                }
            }
            found.folders.push(folder);
            if next.len() > MOST {
                return Err(format!("names more than {MOST} files"));
            }
        }
        at = next;
    }
    at.retain(|path| path.is_file());
    at.sort();
    found.files = at;
    Ok(found)
}

/// Whether a name fits a pattern, in one pass with one step back.
fn fits(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(letter) = name.get(n) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(sign) if *sign == '?' || sign == letter => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    n = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|sign| *sign == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_what_a_shell_would_say() {
        for (pattern, name, is_fit) in [
            ("*.toml", "acme.toml", true),
            ("*.toml", "acme.json", false),
            ("*.toml", ".toml", false),
            (".*", ".toml", true),
            ("a?c*", "abc", true),
            ("a?c*", "abbc", false),
            ("*a*b*", "xaxxbx", true),
            ("*a*b", "xaxxbx", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, name), is_fit, "{pattern} {name}");
        }
    }
}
