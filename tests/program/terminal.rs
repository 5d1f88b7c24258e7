//! A real terminal: a tmux server of its own, gone when dropped.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::real;

pub struct Terminal {
    folder: TempDir,
}

impl Terminal {
    /// A shell in a terminal of 120 columns, or nothing, said aloud, where there is no tmux.
    pub fn open() -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("left out: every test that needs a terminal, because this machine has no tmux");
            return None;
        }
        let terminal = Self { folder: tempfile::tempdir().unwrap() };
        let shell = "env PS1='ready> ' bash --norc --noprofile";
        let opened = terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "36", shell]);
        assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
        terminal.until("the prompt", |screen| screen.contains("ready>"));
        let raw = format!("cat >> '{}'", terminal.path("raw").display());
        assert!(terminal.tmux(&["pipe-pane", "-o", &raw]).status.success());
        terminal.note("before");
        Some(terminal)
    }

    fn tmux(&self, words: &[&str]) -> Output {
        let mut tmux = Command::new("tmux");
        tmux.env_remove("TMUX").arg("-S").arg(self.folder.path().join("socket")).args(words).output().unwrap()
    }

    fn told(&self, format: &str) -> String {
        String::from_utf8(self.tmux(&["display-message", "-p", format]).stdout).unwrap().trim().to_owned()
    }

    pub fn key(&self, key: &str) {
        assert!(self.tmux(&["send-keys", key]).status.success());
    }

    /// Presses a key, and waits for what it does: keys sent in one breath may be read as one, as escape and a letter are.
    pub fn key_for(&self, key: &str, so: impl Fn(&str) -> bool) {
        self.key(key);
        self.until(&format!("what {key} does"), so);
    }

    pub fn line(&self, line: &str) {
        assert!(self.tmux(&["send-keys", line, "Enter"]).status.success());
    }

    pub fn resize(&self, width: u16, height: u16) {
        assert!(self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]).status.success());
        let size = format!("{width}x{height}");
        real::until(&size, || self.told("#{pane_width}x#{pane_height}") == size);
    }

    pub fn resize_at_once(&self, width: u16, height: u16) {
        assert!(self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]).status.success());
    }

    /// Pastes in brackets, as a terminal does for a program that asked for it.
    pub fn paste(&self, text: &str) {
        assert!(self.tmux(&["set-buffer", text]).status.success());
        assert!(self.tmux(&["paste-buffer", "-p"]).status.success());
    }

    /// Tells that the focus went and came.
    pub fn focus(&self) {
        self.bytes(b"\x1b[O\x1b[I");
    }

    /// What a terminal sends, in one breath.
    pub fn bytes(&self, bytes: &[u8]) {
        let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let words: Vec<&str> = ["send-keys", "-H"].into_iter().chain(bytes.iter().map(String::as_str)).collect();
        assert!(self.tmux(&words).status.success());
    }

    /// Another size, and a key with it.
    pub fn resize_with(&self, width: u16, height: u16, key: &str) {
        let size = [width.to_string(), height.to_string()];
        let words = ["resize-window", "-x", &size[0], "-y", &size[1], ";", "send-keys", key];
        assert!(self.tmux(&words).status.success());
    }

    pub fn until(&self, what: &str, so: impl Fn(&str) -> bool) {
        real::until(what, || so(&String::from_utf8_lossy(&self.tmux(&["capture-pane", "-p"]).stdout)));
    }

    /// Opens the demo, and waits for its fleet.
    pub fn demo(&self) {
        self.demo_with("");
    }

    /// The same, with something before the program's name.
    pub fn demo_with(&self, before: &str) {
        self.line(&format!("clear; {before} {} demo; echo ended $?", env!("CARGO_BIN_EXE_quarterdeck")));
        self.until("the fleet", |screen| screen.contains("northwind") && screen.contains("installations"));
        self.is_taken();
    }

    pub fn is_taken(&self) {
        real::until("the alternate screen", || self.told("#{alternate_on}") == "1");
    }

    /// No alternate screen, a cursor, no mouse, no pasting and no focus told, and the settings of the line as they were.
    pub fn is_as_it_was(&self, when: &str) {
        real::until(&format!("a terminal given back when {when}"), || {
            self.told("#{alternate_on}#{cursor_flag}#{mouse_any_flag}#{keypad_cursor_flag}") == "0100"
        });
        // What tmux does not tell stands in the bytes: together with the alternate screen everything else was given up.
        real::until(&format!("every mode given back when {when}"), || {
            let raw = std::fs::read(self.path("raw")).unwrap_or_default();
            let raw = String::from_utf8_lossy(&raw);
            let (before, after) = raw.rsplit_once("\u{1b}[?1049l").unwrap_or_default();
            let said = before.rsplit_once('\u{18}').map_or("", |(_, said)| said);
            let modes = ["?2004l", "?1004l", "?1006l", "?1003l", "?1000l", "?2026l", "[0m"];
            modes.iter().all(|mode| said.contains(mode)) && !after.contains("\u{1b}[?1049h")
        });
        real::until("the shell", || self.told("#{pane_current_command}") == "bash");
        self.note("after");
        assert_eq!(self.noted("after"), self.noted("before"), "{when}");
    }

    /// Has the shell write down the settings of the line.
    fn note(&self, name: &str) {
        let (path, rough) = (self.path(name), self.path("rough"));
        let _ = std::fs::remove_file(&path);
        self.line(&format!(
            "stty -a | sed 's/rows [0-9]*; columns [0-9]*;//' > {0}; mv {0} {1}",
            rough.display(),
            path.display()
        ));
        real::until("the settings of the line", || path.exists());
    }

    fn noted(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Everything that was written to the terminal so far.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path("raw")).unwrap_or_default()).into_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program's process under the shell.
    pub fn process(&self) -> Option<String> {
        let shell = self.told("#{pane_pid}");
        let children = Path::new("/proc").join(&shell).join("task").join(&shell).join("children");
        let children = std::fs::read_to_string(children).unwrap_or_default();
        children
            .split_whitespace()
            .find(|child| {
                let name = std::fs::read_to_string(Path::new("/proc").join(child).join("comm"));
                name.is_ok_and(|name| name.trim() == "quarterdeck")
            })
            .map(str::to_owned)
    }

    pub fn nothing_runs(&self) {
        real::until("nothing to run any more", || self.process().is_none());
    }

    pub fn kill(&self, signal: &str) {
        let process = self.process().expect("it runs");
        assert!(Command::new("kill").arg(format!("-{signal}")).arg(process).status().unwrap().success());
    }

    /// Takes the terminal away.
    pub fn close(&self) {
        assert!(self.tmux(&["kill-server"]).status.success());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}
