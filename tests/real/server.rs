//! One started program: its folder, its ports, its log, its end.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::http::{Answer, Request, connect};
use super::{find, program, until};

/// How a server is started: given its folder and its ports, what it is called with.
pub struct Plan<'a> {
    pub program: &'static str,
    pub n_ports: usize,
    /// Writes what the program reads and returns its arguments.
    pub arguments: &'a dyn Fn(&Path, &[u16]) -> Vec<String>,
    /// It is ready when this path answers 200 on the last port, or, without a path, when that port takes connections.
    pub ready: Option<&'static str>,
}

/// A running server. Dropping it ends it; a failing test prints its log.
pub struct Server {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    ready: Option<&'static str>,
    pub ports: Vec<u16>,
    folder: TempDir,
    child: Option<Child>,
}

impl Server {
    /// Starts it and waits until it is ready; nothing where the test is to be left out.
    pub fn start(plan: &Plan<'_>) -> Option<Server> {
        let program = program(plan.program)?;
        // Between finding a free port and using it another program may take it: then once more with others.
        for _ in 0..5 {
            let folder = TempDir::with_prefix("quarterdeck-").unwrap();
            let ports = free_ports(plan.n_ports);
            let arguments = (plan.arguments)(folder.path(), &ports);
            let (name, program, ready) = (plan.program, program.clone(), plan.ready);
            let mut server = Server { name, program, arguments, ready, ports, folder, child: None };
            match server.launch() {
                Ok(()) => return Some(server),
                Err(log) if log.contains("in use") => {}
                Err(log) => panic!("{} did not start:\n{log}", server.name),
            }
        }
        panic!("{} found no free port in five attempts", plan.program)
    }

    fn launch(&mut self) -> Result<(), String> {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = with_this_thread(&self.program);
        command.args(&self.arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        let mut gone = false;
        until(self.name, || {
            gone = self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_some());
            gone || self.is_ready()
        });
        if gone { Err(self.log()) } else { Ok(()) }
    }

    fn is_ready(&self) -> bool {
        let Some(port) = self.ports.last() else { return true };
        match self.ready {
            Some(path) => Request::get(path).send(*port).is_ok_and(|answer| answer.status == 200),
            None => connect(*port).is_ok(),
        }
    }

    /// Ends it and keeps its folder.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same ports and folder.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn restart(&mut self) {
        self.stop();
        if let Err(log) = self.launch() {
            panic!("{} did not come back:\n{log}", self.name);
        }
    }

    /// The port its readiness was asked on: the only one of most servers.
    pub fn port(&self) -> u16 {
        *self.ports.last().unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a file into its folder, whole or not at all.
    pub fn put(&self, name: &str, text: &str) {
        put(self.folder(), name, text);
    }

    pub fn get(&self, path: &str) -> Answer {
        Request::get(path).send(self.port()).unwrap_or_else(|e| panic!("{} {path}: {e}", self.name))
    }

    /// Sends a JSON document.
    pub fn post(&self, path: &str, json: &str) -> Answer {
        let headers = &[("content-type", "application/json")];
        let request = Request { method: "POST", path, headers, body: json.as_bytes() };
        request.send(self.port()).unwrap_or_else(|e| panic!("{} {path}: {e}", self.name))
    }

    /// Asks for a path until its answer is as wanted, and returns that answer.
    pub fn until(&self, path: &str, so: impl Fn(&str) -> bool) -> String {
        let mut last = String::new();
        until(&format!("{} {path}", self.name), || {
            last = Request::get(path).send(self.port()).map(|answer| answer.text()).unwrap_or_default();
            so(&last)
        });
        last
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_file()).unwrap_or_default()).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the last words of {}:\n{}", self.name, lines[lines.len().saturating_sub(60)..].join("\n"));
        }
    }
}

/// A command that dies with the thread that starts it, so that a killed test run leaves nothing behind.
fn with_this_thread(program: &Path) -> Command {
    match find("setpriv") {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.arg("--pdeathsig").arg("KILL").arg("--").arg(program);
            command
        }
        None => Command::new(program),
    }
}

/// Ports that are free now: held together while they are chosen, so that no two are the same.
pub fn free_ports(n: usize) -> Vec<u16> {
    let held: Vec<TcpListener> = (0..n).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

pub fn put(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let half = file.with_extension("half-written");
    fs::write(&half, text).unwrap();
    fs::rename(half, file).unwrap();
}

/// Runs a program to its end and returns what it said.
///
/// # Panics
/// When it fails.
pub fn run(command: &mut Command) -> String {
    let done = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}
