//! Git over HTTP: git's own server program behind a socket, with repositories a test writes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use tempfile::TempDir;

use super::program;
use super::server::{put, run};

/// Serves the bare repositories of its folder at `/NAME.git`, for reading, to `anna:secret` alone where asked.
pub struct GitHost {
    folder: TempDir,
    port: u16,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// One commit to be made.
pub struct Commit<'a> {
    /// `Name <mail>`.
    pub author: &'a str,
    /// RFC 3339.
    pub at: &'a str,
    pub message: &'a str,
    /// Paths and their new text; no text deletes.
    pub files: &'a [(&'a str, Option<&'a str>)],
}

pub fn git_host() -> Option<GitHost> {
    program("git")?;
    let backend = PathBuf::from(run(Command::new("git").arg("--exec-path")).trim()).join("git-http-backend");
    let folder = TempDir::with_prefix("quarterdeck-").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let closing = Arc::new(AtomicBool::new(false));
    let (root, closed) = (folder.path().to_owned(), Arc::clone(&closing));
    let thread = std::thread::spawn(move || {
        for stream in listener.incoming() {
            if closed.load(Ordering::SeqCst) {
                return;
            }
            // A client that goes away in the middle is its own affair.
            let _ = answer(stream.unwrap(), &root, &backend);
        }
    });
    Some(GitHost { folder, port, closing, thread: Some(thread) })
}

impl GitHost {
    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, repository: &str) -> String {
        format!("http://127.0.0.1:{}/{repository}.git", self.port)
    }

    /// The same repository behind a password: `anna`, `secret`.
    pub fn closed_url(&self, repository: &str) -> String {
        format!("http://127.0.0.1:{}/closed/{repository}.git", self.port)
    }

    pub fn path(&self, repository: &str) -> PathBuf {
        self.folder.path().join(format!("{repository}.git"))
    }

    /// Adds a commit to a repository's `main`, which comes to be with its first, and returns its id.
    pub fn commit(&self, repository: &str, commit: &Commit<'_>) -> String {
        let bare = self.path(repository);
        let work = self.folder.path().join(format!("{repository}.work"));
        if !bare.exists() {
            run(git(self.folder.path()).args(["init", "-q", "--bare", "-b", "main"]).arg(&bare));
            run(git(self.folder.path()).args(["init", "-q", "-b", "main"]).arg(&work));
        }
        for (name, text) in commit.files {
            match text {
                Some(text) => put(&work, name, text),
                None => std::fs::remove_file(work.join(name)).unwrap(),
            }
        }
        run(git(&work).args(["add", "-A"]));
        let (name, mail) = commit.author.trim_end_matches('>').split_once(" <").unwrap();
        run(git(&work)
            .env("GIT_AUTHOR_NAME", name)
            .env("GIT_AUTHOR_EMAIL", mail)
            .env("GIT_AUTHOR_DATE", commit.at)
            .env("GIT_COMMITTER_NAME", name)
            .env("GIT_COMMITTER_EMAIL", mail)
            .env("GIT_COMMITTER_DATE", commit.at)
            .args(["commit", "-q", "--allow-empty", "-m", commit.message]));
        run(git(&work).args(["push", "-q", "--force"]).arg(&bare).arg("main"));
        run(git(&work).args(["rev-parse", "HEAD"])).trim().to_owned()
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // wakes the listener
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// git without what a person has configured on this machine.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// One request, by the rules of CGI.
fn answer(stream: TcpStream, root: &Path, backend: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        headers.push((name.trim().to_lowercase(), value.trim().to_owned()));
    }
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let body = if header("transfer-encoding") == Some("chunked") {
        read_chunks(&mut reader)?
    } else {
        let mut body = vec![0; header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0)];
        reader.read_exact(&mut body)?;
        body
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let closed = path.strip_prefix("/closed");
    // `anna:secret` in base64.
    if closed.is_some() && header("authorization") != Some("Basic YW5uYTpzZWNyZXQ=") {
        return stream.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    }
    let mut child = Command::new(backend)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("GIT_PROTOCOL", header("git-protocol").unwrap_or_default())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding").unwrap_or_default())
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", closed.unwrap_or(path))
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", header("content-type").unwrap_or_default())
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || drop(input.write_all(&body)));
    let said = child.wait_with_output()?.stdout;
    let _ = feeder.join();
    let text = String::from_utf8_lossy(&said);
    let status = text.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK").to_owned();
    stream.write_all(format!("HTTP/1.1 {status}\r\nConnection: close\r\n").as_bytes())?;
    stream.write_all(&said)
}

fn read_chunks(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(whole);
        }
        whole.extend_from_slice(&chunk[..size]);
    }
}
