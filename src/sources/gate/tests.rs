use super::*;

/// What a commit touched: how, and which paths.
type Touched<'a> = &'a [(char, &'a str)];
/// A commit: when, by whom, their mail address, what it touched.
type Made<'a> = (i64, &'a str, &'a str, Touched<'a>);
use crate::net::door::GitFile;

/// A repository from files with their text, and commits, newest first: when, author, mail, what they touched.
fn repository(files: &[(&str, &str)], commits: &[Made<'_>]) -> GitReply {
    let file = |(path, text): &(&str, &str)| GitFile { path: (*path).to_owned(), text: Some((*text).to_owned()) };
    let commit = |(at, author, mail, touched): &(i64, &str, &str, &[(char, &str)])| GitCommit {
        hash: "0".repeat(40),
        author: (*author).to_owned(),
        mail: (*mail).to_owned(),
        committed: Moment::from_timestamp(*at, 0).unwrap(),
        subject: "put: another/thing".to_owned(),
        signature: "N".to_owned(),
        touched: touched.iter().map(|(how, path)| (*how, (*path).to_owned())).collect(),
    };
    GitReply {
        tip: "0".repeat(40),
        files: files.iter().map(file).collect(),
        commits: commits.iter().map(commit).collect(),
        rewritten: false,
        mark: None,
    }
}

/// The gates told, as `version state since who(evidence) waits`.
fn lines(heard: &Heard) -> Vec<String> {
    let line = |fact: &Fact| {
        let What::Gate(gate) = &fact.what else { panic!("{fact:?}") };
        let who = gate.who.as_ref().map(|who| format!(" {}({:?})", who.name, who.evidence)).unwrap_or_default();
        let since = gate.since.map(|since| format!(" {}", since.timestamp())).unwrap_or_default();
        let waits: Vec<&str> = gate.waits_for.iter().map(Clean::as_str).collect();
        let waits = if waits.is_empty() { String::new() } else { format!(" [{}]", waits.join("|")) };
        format!("{} {:?}{since}{who}{waits}", gate.version.as_ref().map_or("*", Clean::as_str), gate.state)
    };
    heard.facts.iter().map(line).collect()
}

#[test]
fn what_passed_a_simple_gate_is_told_newest_first_by_commit_and_anything_else_waits() {
    let reply = repository(
        &[
            ("go/2026.9.0", "by: ada"),
            ("go/2026.40.0", ""),
            ("go/2026.10.0", "free words"),
            ("go/.keep", ""),
            ("go/a/b", ""),
        ],
        &[
            (30, "Ben Lee", "ben@acme.test", &[('A', "go/2026.10.0")]),
            (20, "git", "ci@acme.test", &[('A', "go/2026.40.0"), ('M', "go/2026.9.0")]),
            (10, "git", "ci@acme.test", &[('A', "go/2026.9.0")]),
        ],
    );
    assert_eq!(
        lines(&read_ledger(&reply, "go")),
        [
            "* Waiting",
            "2026.10.0 Passed 30 Ben Lee(CommitAuthor)",
            "2026.40.0 Passed 20 git(Unknown)",
            "2026.9.0 Passed 10 ada(ItemMetadata)",
        ]
    );
}

#[test]
fn an_item_waits_by_the_letter_of_its_lines_up_to_the_first_hash() {
    for (text, waits) in [
        ("a/1\nb/1\n", "[b/1]"),
        ("a/1", "[its closing, all it waited for is there]"),
        ("a/1\n#\nb/1\n", "[its closing, all it waited for is there]"),
        ("\n\n", "[its closing, all it waited for is there]"),
        ("a", "[its closing, all it waited for is there]"), // a folder is there
        ("a/1\r\nb/1", "[a/1|b/1]"),                        // no line end but `\n`: it waits for ever
        (" a/1\n", "[ a/1]"),
        (" # no comment: it does not begin the line\n", "[ # no comment: it does not begin the line]"),
    ] {
        let reply = repository(&[("a/1", ""), ("go/1.autoclose", text)], &[]);
        assert_eq!(lines(&read_ledger(&reply, "go")), ["* Ahead".to_owned(), format!("1 Waiting {waits}")], "{text:?}");
    }
}

#[test]
fn a_closed_item_is_let_through_by_the_person_behind_what_it_waited_for() {
    let files =
        [("board/1", "approved-by: ada@acme.test"), ("test/1", ""), ("go/1", "test/1\nboard/1\n# by: ci-bot\n")];
    let closed: Touched<'_> = &[('R', "go/1")];
    let history: &[Made<'_>] = &[
        (40, "git", "ci@acme.test", closed),
        (30, "git", "ci@acme.test", &[('A', "board/1")]),
        (20, "git", "ci@acme.test", &[('A', "test/1")]),
        (10, "git", "ci@acme.test", &[('A', "go/1.autoclose")]),
    ];
    // Its own free text names a machine: that is what it says, and evidence of nobody.
    assert_eq!(lines(&read_ledger(&repository(&files, history), "go"))[1], "1 Passed 40 ci-bot(Unknown)");
    let silent = [files[0], files[1], ("go/1", "test/1\nboard/1\n# for acme\n")];
    let heard = read_ledger(&repository(&silent, history), "go");
    assert_eq!(lines(&heard)[1], "1 Passed 40 ada@acme.test(ItemMetadata)");
    // Without a history nobody knows that it waited for anything.
    assert_eq!(lines(&read_ledger(&repository(&silent, &[]), "go"))[1], "1 Passed");
}

#[test]
fn circles_dead_ends_and_other_gates_are_no_trouble() {
    let reply = repository(
        &[("go/1", "go/1\n"), ("go/1.autoclose", "go/2"), ("gone/1", ""), ("go.old/1", ""), ("go", "")],
        &[(10, "", "", &[('A', "go/1.autoclose"), ('A', "go/1")])],
    );
    assert_eq!(lines(&read_ledger(&reply, "go")), ["* Ahead", "1 Passed 10 (Unknown)"]);
}

#[test]
fn a_gate_nobody_has_passed_yet_is_a_gap_that_names_those_there_are() {
    let heard = read_ledger(&repository(&[("a/1", ""), ("b/1", ""), ("README", "")], &[]), "go");
    assert_eq!(lines(&heard), ["* Waiting"]);
    assert_eq!(heard.gaps[0].why.as_str(), "no such gate yet: there are `a`, `b`");
}

proptest::proptest! {
    #[test]
    fn no_repository_panics_and_what_is_in_the_tree_has_passed(
        files in proptest::collection::vec(("[a-b]/[1-3](\\.autoclose)?", "([ab]/[1-3]\n|#|\r|by: x\n|\n){0,4}"), 0..8),
    ) {
        let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        files.sort_unstable();
        files.dedup_by_key(|(path, _)| *path);
        let touched: Vec<(char, &str)> = files.iter().map(|(path, _)| ('A', *path)).collect();
        let heard = read_ledger(&repository(&files, &[(10, "A", "", &touched)]), "a");
        let passed = heard.facts.iter().filter(|fact| matches!(&fact.what, What::Gate(gate) if gate.state == GateState::Passed));
        let there = files.iter().filter(|(path, _)| path.starts_with("a/") && !path.ends_with(AUTOCLOSE));
        proptest::prop_assert_eq!(passed.count(), there.count());
    }
}
