//! Other people's programs, run with bounds: no shell, no terminal, so much time, so much output.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

use super::system::system;

/// What a program brought.
pub struct Output {
    /// What it printed.
    pub out: Vec<u8>,
    /// What it complained.
    pub complaint: Vec<u8>,
    /// Whether it said it succeeded.
    pub good: bool,
    /// How it ended, in words.
    pub ended: String,
}

/// Why a program brought nothing.
#[derive(Debug)]
pub enum Failure {
    /// It is not installed.
    Absent,
    /// It could not be started.
    Start(std::io::Error),
    /// It took longer than allowed and was ended.
    Slow(Duration),
    /// It printed more than allowed and was ended.
    Flood(u64),
    /// Its output broke off.
    Broken(std::io::Error),
}

impl Failure {
    /// In words that follow the program's name.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Absent => "is not installed".to_owned(),
            Self::Start(error) => format!("did not start: {}", system(error)),
            Self::Slow(allowed) => format!("did not end within {} s", allowed.as_secs()),
            Self::Flood(limit) => format!("printed more than {limit} bytes"),
            Self::Broken(error) => format!("broke off: {}", system(error)),
        }
    }
}

/// The bytes of complaint that are kept.
const COMPLAINT: u64 = 16 << 10;

/// Runs a program to its end. It is killed, and whatever it started with it, when time or output run over and when the
/// caller gives up.
///
/// # Errors
/// When it could not be run to its end; a bad exit is no error here.
pub async fn run(command: Command, allowed: Duration, limit: u64) -> Result<Output, Failure> {
    run_on(command, Vec::new(), allowed, limit).await
}

/// Runs a program on an input.
///
/// # Errors
/// As [`run`].
pub async fn run_on(mut command: Command, input: Vec<u8>, allowed: Duration, limit: u64) -> Result<Output, Failure> {
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // A group of its own: it can't ask at our terminal, and its children end with it.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Absent,
        _ => Failure::Start(error),
    })?;
    let mut group = Group(child.id());
    let (to, out, complaint) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let work = async {
        let (_, out, complaint) = tokio::try_join!(
            feed(to, &input),
            read(out, limit, Over::Fails),
            read(complaint, COMPLAINT, Over::IsLeftOut)
        )?;
        let status = child.wait().await.map_err(Failure::Broken)?;
        Ok(Output { out, complaint, good: status.success(), ended: status.to_string() })
    };
    let done = match tokio::time::timeout(allowed, work).await {
        Ok(done) => done,
        Err(_) => Err(Failure::Slow(allowed)),
    };
    if done.is_ok() {
        group.0 = None;
    }
    done
}

/// A program with all it started; killed when dropped before its end.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) {
            // It may be gone already.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

async fn feed(to: Option<ChildStdin>, input: &[u8]) -> Result<(), Failure> {
    let Some(mut to) = to else { return Ok(()) };
    match to.write_all(input).await {
        // It may have heard enough; how it ends tells the rest.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(Failure::Broken),
    }
}

/// What happens to bytes over the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Fails,
    IsLeftOut,
}

async fn read(from: Option<impl AsyncRead + Unpin>, limit: u64, over: Over) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let Some(mut from) = from else { return Ok(bytes) };
    (&mut from).take(limit).read_to_end(&mut bytes).await.map_err(Failure::Broken)?;
    // The rest is read and thrown away, so that a talkative program doesn't wait for us for ever.
    let mut scrap = [0; 4096];
    loop {
        match from.read(&mut scrap).await.map_err(Failure::Broken)? {
            0 => return Ok(bytes),
            _ if over == Over::Fails => return Err(Failure::Flood(limit)),
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    async fn ended(script: &str, allowed: u64) -> String {
        match run(shell(script), Duration::from_secs(allowed), 100).await {
            Ok(output) if output.good => String::from_utf8(output.out).unwrap(),
            Ok(output) => output.ended,
            Err(failure) => failure.words(),
        }
    }

    #[tokio::test]
    async fn a_program_is_bounded_in_time_and_output() {
        for (script, allowed, expected) in [
            ("printf fine", 60, "fine"),
            ("cat", 60, ""), // no input to wait for
            ("head -c 100000 /dev/zero >&2; printf fine", 60, "fine"),
            ("exit 3", 60, "exit status: 3"),
            ("sleep 600", 0, "did not end within 0 s"),
            ("yes", 60, "printed more than 100 bytes"),
        ] {
            assert_eq!(ended(script, allowed).await, expected, "{script}");
        }
    }

    #[tokio::test]
    async fn what_a_program_started_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        // The grandchild keeps the pipes open: without an end for the whole group nothing would close them.
        let script = format!("sleep 600 & echo $! > {}; printf fine; yes >&1", pid.display());
        assert_eq!(ended(&script, 60).await, "printed more than 100 bytes");
        let grandchild = std::fs::read_to_string(&pid).unwrap();
        let there = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", grandchild.trim())).unwrap_or_default();
            state.contains(") ") && !state.contains(") Z")
        };
        while there() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_program_reads_its_input_to_the_end() {
        let input = vec![b'x'; 300_000];
        let output = run_on(shell("wc -c"), input, Duration::from_secs(60), 100).await.ok().unwrap();
        assert_eq!(String::from_utf8(output.out).unwrap().trim(), "300000");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_said_to_be_absent() {
        let failure = run(Command::new("quarterdeck-no-such-program"), Duration::from_secs(60), 1).await.err().unwrap();
        assert_eq!(failure.words(), "is not installed");
    }
}
