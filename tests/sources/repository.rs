//! Repositories of samples. One is recorded as a stream of `git fast-export`; it is made into a real one and read by the
//! real road, and what is mangled is what git brought from there.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::endpoint::{Address, Reach};
use quarterdeck::net::door::{Door, GitAsk, GitReply};
use quarterdeck::net::gittext::{self, Asked};
use quarterdeck::net::roads::Roads;
use quarterdeck::runtime::clock::MachineClock;
use quarterdeck::text::Clean;

use super::Mangle;

/// What a source hears of a repository.
pub async fn told(stream: &[u8], ask: &GitAsk, mangle: Option<Mangle>) -> Result<GitReply, Fault> {
    // What becomes of servers that answer so; `tests/net/repositories.rs` has real ones do it.
    match mangle {
        None | Some(Mangle::Flip(_) | Mangle::Slow) => {}
        Some(Mangle::Empty | Mangle::Html | Mangle::OtherType) => return Err(gittext::nothing_there()),
        Some(Mangle::Cut) => {
            let asked = Asked { credential: None, branch: None, allowed: Duration::from_secs(10) };
            return Err(gittext::fault(b"fatal: early EOF\nfatal: fetch-pack: invalid index-pack output", asked));
        }
    }
    let mut reply = stored(stream, ask).await;
    if let Some(Mangle::Flip(seed)) = mangle {
        flip(&mut reply, &mut fastrand::Rng::with_seed(seed));
    }
    Ok(reply)
}

/// What the real road reads from a real repository made from a stream. Made once for each stream and question.
async fn stored(stream: &[u8], ask: &GitAsk) -> GitReply {
    static READ: Mutex<BTreeMap<(Vec<u8>, String), GitReply>> = Mutex::new(BTreeMap::new());
    let key = (stream.to_vec(), format!("{ask:?}"));
    if let Some(reply) = READ.lock().unwrap().get(&key) {
        return reply.clone();
    }
    let folder = tempfile::tempdir().unwrap();
    let bare = folder.path().join("origin.git");
    let git = |words: &[&str], input: &[u8]| {
        let mut command = Command::new("git");
        command.args(words).current_dir(folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        assert!(child.wait().unwrap().success(), "git {words:?}");
    };
    git(&["init", "-q", "--bare", "-b", "main", "origin.git"], b"");
    git(&["--git-dir", "origin.git", "fast-import", "--quiet"], stream);
    let address = Address::Repository(Clean::line(&bare.display().to_string()));
    let roads = Roads::new(Arc::new(MachineClock), folder.path().join("cache"));
    let reply = roads.door(&Reach::default().to(address)).git(ask.clone()).await.unwrap();
    READ.lock().unwrap().insert(key, reply.clone());
    reply
}

/// Changes letters in everything strangers write into a repository, and leaves a few things out.
fn flip(reply: &mut GitReply, dice: &mut fastrand::Rng) {
    let mut texts: Vec<&mut String> = Vec::new();
    reply.commits.retain(|_| dice.u8(..) > 40);
    for commit in &mut reply.commits {
        texts.extend([&mut commit.author, &mut commit.mail, &mut commit.subject, &mut commit.signature]);
        texts.extend(commit.touched.iter_mut().map(|(_, path)| path));
    }
    for file in &mut reply.files {
        texts.push(&mut file.path);
        if dice.u8(..) < 40 {
            file.text = None;
        }
        texts.extend(&mut file.text);
    }
    for text in texts {
        let mut bytes = std::mem::take(text).into_bytes();
        for _ in 0..bytes.len() / 10 {
            let at = dice.usize(..bytes.len());
            bytes[at] = *dice.choice(b"/.#:\n\r\t\0a1\xc3\x9f\xe2").unwrap();
        }
        *text = String::from_utf8_lossy(&bytes).into_owned();
    }
}
