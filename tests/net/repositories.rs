//! Git repositories: copied, read, followed, and never obeyed.

use std::path::Path;
use std::process::Command;

use quarterdeck::domain::fault::Fault;
use quarterdeck::fleetfile::endpoint::{Address, Auth, Endpoint};
use quarterdeck::fleetfile::secret::Secret;
use quarterdeck::net::door::{Door, GitAsk, SshWay};
use quarterdeck::net::roads::{BoundDoor, Roads};
use quarterdeck::text::clean::Clean;

use crate::ground::{Set, endpoint};
use crate::real::{self, Commit};
use crate::rude::{Act, Rude};

fn git(folder: &Path, words: &str) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Anna", "-c", "user.email=anna@acme.test", "-c", "init.defaultBranch=main"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_COMMITTER_DATE", "2026-11-20T10:00:00Z");
    assert!(command.current_dir(folder).args(words.split(' ')).status().unwrap().success(), "git {words}");
}

fn write(folder: &Path, file: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn all() -> GitAsk {
    GitAsk {
        branch: Some("main".to_owned()),
        depth: None,
        below: vec![],
        file_limit: 1000,
        mark: None,
        ssh: SshWay::default(),
    }
}

fn door(cache: &Path, address: &str) -> BoundDoor {
    let repository = Endpoint { address: Address::Repository(Clean::line(address)), ..endpoint("http://unused.test") };
    Roads::new(std::sync::Arc::new(Set::default()), cache.to_owned()).door(&repository)
}

#[tokio::test]
async fn a_repository_is_copied_read_and_followed() {
    let (origin, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let work = origin.path();
    git(work, "init -q");
    write(work, "production/2026.40.1", "passed: yes\n");
    write(work, "logo.png", [0, 159, 146]);
    write(work, "large", "x".repeat(2000));
    std::os::unix::fs::symlink("/etc/passwd", work.join("link")).unwrap();
    git(work, "add .");
    git(work, "commit -qm first");
    let clock = std::sync::Arc::new(Set::default());
    let address = Address::Repository(Clean::line(&work.display().to_string()));
    let repository = Endpoint { address, ..endpoint("http://unused.test") };
    let door = Roads::new(clock.clone(), cache.path().to_owned()).door(&repository);
    let reply = door.git(all()).await.unwrap();
    let files: Vec<_> = reply.files.iter().map(|file| (file.path.as_str(), file.text.as_deref())).collect();
    assert_eq!(
        files,
        [("large", None), ("link", None), ("logo.png", None), ("production/2026.40.1", Some("passed: yes\n"))]
    );
    assert_eq!((reply.commits.len(), reply.rewritten), (1, false));

    git(work, "mv production/2026.40.1 production/2026.41.0");
    git(work, "commit -qm second");
    let reply = door.git(GitAsk { below: vec!["production".to_owned()], ..all() }).await.unwrap();
    let newest = &reply.commits[0];
    assert_eq!(
        (newest.author.as_str(), newest.mail.as_str(), newest.subject.as_str()),
        ("Anna", "anna@acme.test", "second")
    );
    assert_eq!(newest.committed.to_rfc3339(), "2026-11-20T10:00:00+00:00");
    assert_eq!(newest.signature, "N");
    assert_eq!(newest.touched, [('R', "production/2026.41.0".to_owned())]);
    assert_eq!((reply.files.len(), reply.commits.len(), reply.rewritten), (1, 2, false));
    assert_eq!(reply.tip, newest.hash);

    git(work, "commit -q --amend -m rewritten");
    assert!(door.git(all()).await.unwrap().rewritten, "the last tip known is gone from the history");
    assert!(door.git(all()).await.unwrap().rewritten, "one poll would be over before anybody looked");
    clock.forward(4 * 24 * 3600);
    assert!(!door.git(all()).await.unwrap().rewritten);
}

#[tokio::test]
async fn only_as_much_history_is_fetched_as_wanted_and_a_longer_one_is_no_rewrite() {
    let (origin, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    git(origin.path(), "init -q");
    for n in 0..5 {
        git(origin.path(), &format!("commit -q --allow-empty -m c{n}"));
    }
    let door = door(cache.path(), &format!("file://{}", origin.path().display()));
    let ask = GitAsk { depth: Some(2), ..all() };
    assert_eq!(door.git(ask.clone()).await.unwrap().commits.len(), 2);
    git(origin.path(), "commit -q --allow-empty -m c5");
    let reply = door.git(ask).await.unwrap();
    assert_eq!((reply.commits[0].subject.as_str(), reply.commits.len(), reply.rewritten), ("c5", 2, false));
}

#[tokio::test]
async fn nothing_an_address_or_a_branch_says_is_run() {
    let cache = tempfile::tempdir().unwrap();
    let mark = cache.path().join("ran");
    for address in [
        format!("ext::sh -c touch% {}", mark.display()),
        format!("--upload-pack=touch {}", mark.display()),
        "no/such/place".to_owned(),
    ] {
        assert!(door(cache.path(), &address).git(all()).await.is_err(), "{address}");
    }
    let odd = GitAsk { branch: Some(format!("--upload-pack=touch {}", mark.display())), ..all() };
    assert!(matches!(door(cache.path(), "/tmp").git(odd).await.unwrap_err(), Fault::Garbled { .. }));
    assert!(!mark.exists());
}

#[tokio::test]
async fn a_closed_repository_opens_to_its_credential_alone() {
    let Some(host) = real::git_host() else { return };
    let files = &[("production/1", Some("x"))];
    let first = Commit { author: "Anna <anna@acme.test>", at: "2026-11-20T10:00:00Z", message: "open", files };
    let tip = host.commit("gates", &first);
    let cache = tempfile::tempdir().unwrap();
    let open = door(cache.path(), &host.url("gates")).git(all()).await.unwrap();
    assert_eq!(open.tip, tip);

    let path = cache.path().join("password");
    for (password, expected) in [("secret", true), ("planted-wrong-one", false)] {
        std::fs::write(&path, password).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let mut closed = endpoint("http://unused.test");
        closed.address = Address::Repository(Clean::line(&host.closed_url("gates")));
        closed.auth = Auth::Basic(Clean::line("anna"), Secret::File(path.clone()));
        let roads = Roads::new(std::sync::Arc::new(Set::default()), cache.path().join(password));
        let got = roads.door(&closed).git(all()).await;
        assert_eq!(got.is_ok(), expected, "{got:?}");
        if let Err(fault) = got {
            assert!(matches!(fault, Fault::Unauthorised { .. }), "{fault:?}");
            assert!(!format!("{fault:?}").contains("planted"));
        }
    }
    assert!(!tree_holds(cache.path(), b"planted-wrong-one", &path), "no credential is left in the cache");
}

/// What git says of servers that answer, and of those that do not, is what the contract of the sources replays.
#[tokio::test]
async fn a_server_that_is_no_repository_or_never_answers_is_named_for_it() {
    let said = |body: &str| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
        Act::Last(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    };
    let nothing = "expected a git repository, \
        got one without any branch (a login page, a wrong address, or nothing in it yet)";
    for (act, expected) in [
        (said("<!doctype html><title>Sign in</title>"), nothing),
        (said("{\"unexpected\":[1,2,3]}"), nothing),
        (said(""), nothing),
        (
            Act::Last(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "nothing at `the repository` (404)",
        ),
        (Act::Last(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n".to_vec()), "answered 503"),
        (Act::Hang, "no answer within 1 s"),
    ] {
        let server = Rude::new(move |_| act.clone()).await;
        let cache = tempfile::tempdir().unwrap();
        let address = Address::Repository(Clean::line(&format!("http://127.0.0.1:{}/gates.git", server.port)));
        let timeout = std::time::Duration::from_secs(1);
        let repository = Endpoint { address, timeout, ..endpoint("http://unused.test") };
        let roads = Roads::new(std::sync::Arc::new(Set::default()), cache.path().to_owned());
        assert_eq!(roads.door(&repository).git(all()).await.unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn what_a_fetch_that_was_killed_leaves_is_cleared_away_and_a_broken_copy_is_made_anew() {
    let (origin, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    git(origin.path(), "init -q");
    git(origin.path(), "commit -q --allow-empty -m one");
    let door = door(cache.path(), &format!("file://{}", origin.path().display()));
    let first = door.git(all()).await.unwrap();
    let copy = std::fs::read_dir(cache.path().join("git")).unwrap().next().unwrap().unwrap().path();
    write(&copy, "objects/pack/tmp_pack_half", "half");
    write(&copy, "refs/quarterdeck/tip.lock", "");
    git(origin.path(), "commit -q --allow-empty -m two");
    assert_eq!(door.git(all()).await.unwrap().commits.len(), 2);
    assert!(!copy.join("objects/pack/tmp_pack_half").exists());

    write(&copy, "refs/quarterdeck/tip", "no hash at all\n");
    std::fs::write(copy.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n").unwrap();
    assert_eq!(door.git(all()).await.unwrap().commits.len(), 2);
    std::fs::remove_dir_all(copy.join("objects")).unwrap();
    let again = door.git(all()).await.unwrap();
    assert_eq!((again.commits.len(), again.commits[1].hash == first.tip), (2, true));
}

#[tokio::test]
async fn a_copy_nobody_asked_for_in_a_month_goes() {
    let (origin, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    git(origin.path(), "init -q");
    git(origin.path(), "commit -q --allow-empty -m one");
    let clock = std::sync::Arc::new(Set::default());
    let copies = || std::fs::read_dir(cache.path().join("git")).unwrap().count();
    for (days, address, expected) in [(0, "file://", 1), (20, "", 2), (20, "", 1)] {
        clock.forward(days * 24 * 3600);
        let address = Address::Repository(Clean::line(&format!("{address}{}", origin.path().display())));
        let repository = Endpoint { address, ..endpoint("http://unused.test") };
        let roads = Roads::new(clock.clone(), cache.path().to_owned());
        roads.door(&repository).git(all()).await.unwrap();
        assert_eq!(copies(), expected, "after {days} days more");
    }
}

#[tokio::test]
async fn the_oldest_commit_of_a_cut_history_is_not_believed_to_have_brought_everything() {
    let (origin, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    git(origin.path(), "init -q");
    for name in ["one", "two", "three"] {
        write(origin.path(), name, name);
        git(origin.path(), "add .");
        git(origin.path(), &format!("commit -q -m {name}"));
    }
    git(origin.path(), "tag -a -m applied applied HEAD~1");
    let door = door(cache.path(), &format!("file://{}", origin.path().display()));
    let ask = GitAsk { depth: Some(2), mark: Some("applied".to_owned()), ..all() };
    let reply = door.git(ask.clone()).await.unwrap();
    assert_eq!(reply.commits[0].touched, [('A', "three".to_owned())]);
    assert_eq!((reply.commits.len(), reply.commits[1].touched.len()), (2, 0));
    // The tag's own commit, not the tag.
    assert_eq!(reply.mark.as_ref(), Some(&reply.commits[1].hash));
    assert_eq!(door.git(GitAsk { mark: Some("nothing".to_owned()), ..ask }).await.unwrap().mark, None);
}

fn tree_holds(folder: &Path, word: &[u8], but: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path != but).any(|path| {
        if path.is_dir() {
            return tree_holds(&path, word, but);
        }
        std::fs::read(&path).unwrap().windows(word.len()).any(|window| window == word)
    })
}
