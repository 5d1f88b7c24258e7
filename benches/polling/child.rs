//! A process that is measured, and ends with us.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A running process that is talked to line by line.
pub struct Child {
    process: std::process::Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a process spent and holds.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    pub cpu: Duration,
    /// Resident bytes.
    pub memory: u64,
    pub threads: usize,
    pub files: usize,
}

impl Child {
    pub fn start(mut command: Command) -> std::io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn()?;
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Ok(Self { process, input, output })
    }

    /// This very program, in another role.
    pub fn ourselves(words: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(words);
        Self::start(command).unwrap()
    }

    pub fn ask(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").unwrap();
        self.hear()
    }

    pub fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the process is gone");
        line.trim_end().to_owned()
    }

    pub fn spent(&self) -> Spent {
        let folder = format!("/proc/{}", self.process.id());
        let stat = std::fs::read_to_string(format!("{folder}/stat")).unwrap();
        // After the name in brackets, which may hold blanks: state is field 3, user and system time are 14 and 15.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = [11, 12].iter().map(|n| fields[*n].parse::<u64>().unwrap()).sum();
        let status = std::fs::read_to_string(format!("{folder}/status")).unwrap();
        let number = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        Spent {
            // Linux counts in hundredths of a second.
            cpu: Duration::from_millis(ticks * 10),
            memory: number("VmRSS:") << 10,
            threads: number("Threads:") as usize,
            files: std::fs::read_dir(format!("{folder}/fd")).map_or(0, Iterator::count),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
