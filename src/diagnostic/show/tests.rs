//! What a problem looks like, spot by spot.
#![allow(clippy::unwrap_used, clippy::panic, clippy::as_conversions, clippy::expect_used)]

use super::*;
use proptest::prelude::*;

const PLAIN: Look = Look { width: 40, colour: Colour::Without };

fn spot(text: &str, word: &str) -> Span {
    let start = text.find(word).unwrap();
    Span { start, end: start + word.len() }
}

/// The problem `bad` with the help `mend it`, shown.
fn check(text: &str, span: Span, expected: &str) {
    let problem = Problem::error("f.toml", "bad").at(span).help("mend it");
    assert_eq!(show(&problem, &Texts::of("f.toml", text), PLAIN), expected, "{span:?} in {text:?}");
}

#[test]
fn the_example_of_the_style_page() {
    let mut text = "\n".repeat(41);
    text.push_str("    promethus = \"https://prometheus.acme.example.test\"\n");
    let problem = Problem::error("fleet.toml", "unknown key `promethus` in a source of acme/production")
        .at(spot(&text, "promethus"))
        .help("did you mean `prometheus`?");
    let shown = show(&problem, &Texts::of("fleet.toml", text), Look::default());
    assert_eq!(
        shown,
        "\
fleet.toml:42:5: unknown key `promethus` in a source of acme/production
   |
42 |     promethus = \"https://prometheus.acme.example.test\"
   |     ^^^^^^^^^ did you mean `prometheus`?
"
    );
}

#[test]
fn the_spot_is_under_its_text_whatever_stands_before() {
    for (text, word, expected) in [
        ("a = 1", "1", "f.toml:1:5: bad\n  |\n1 | a = 1\n  |     ^ mend it\n"),
        ("\ta = 1\n", "a", "f.toml:1:2: bad\n  |\n1 |     a = 1\n  |     ^ mend it\n"),
        ("\"日本\" = x", "x", "f.toml:1:8: bad\n  |\n1 | \"日本\" = x\n  |          ^ mend it\n"),
        ("x = \"日本\"", "日本", "f.toml:1:6: bad\n  |\n1 | x = \"日本\"\n  |      ^^^^ mend it\n"),
        ("e\u{301} = x", "x", "f.toml:1:6: bad\n  |\n1 | e\u{301} = x\n  |     ^ mend it\n"),
        ("a = 1\r\nb = 2\r\n", "2", "f.toml:2:5: bad\n  |\n2 | b = 2\n  |     ^ mend it\n"),
        ("a = \"\x1b[31m\u{202e}\"", "\"", "f.toml:1:5: bad\n  |\n1 | a = \"�[31m�\"\n  |     ^ mend it\n"),
    ] {
        check(text, spot(text, word), expected);
    }
}

#[test]
fn ends_of_files_and_lines_can_be_pointed_at() {
    for (text, start, end, expected) in [
        ("", 0, 0, "f.toml:1:1: bad\n  |\n1 |\n  | ^ mend it\n"),
        ("a = ", 4, 4, "f.toml:1:5: bad\n  |\n1 | a =\n  |     ^ mend it\n"),
        ("a = \n", 4, 5, "f.toml:1:5: bad\n  |\n1 | a =\n  |     ^ mend it\n"),
        ("a = \r\n", 5, 6, "f.toml:1:6: bad\n  |\n1 | a =\n  |     ^ mend it\n"),
        ("a = 1\n", 6, 6, "f.toml:2:1: bad\n  |\n2 |\n  | ^ mend it\n"),
        ("a = 1", 90, 99, "f.toml:1:6: bad\n  |\n1 | a = 1\n  |      ^ mend it\n"),
        ("日", 1, 2, "f.toml:1:1: bad\n  |\n1 | 日\n  | ^ mend it\n"),
        ("[a]\nb = 1\n", 0, 9, "f.toml:1:1: bad\n  |\n1 | [a]\n  | ^^^ mend it (to line 2)\n"),
    ] {
        check(text, Span { start, end }, expected);
    }
}

#[test]
fn of_a_long_line_the_surroundings_are_shown() {
    let long = format!("{}BAD{}", "a".repeat(100), "b".repeat(100));
    let expected = format!(
        "f.toml:1:101: bad\n  |\n1 | …{}BAD{}…\n  | {}^^^ mend it\n",
        "a".repeat(18),
        "b".repeat(17),
        " ".repeat(19)
    );
    check(&long, spot(&long, "BAD"), &expected);
    let wide = format!("x{}", "日".repeat(100));
    let expected = format!("f.toml:1:1: bad\n  |\n1 | x{}…\n  | ^ mend it\n", "日".repeat(19));
    check(&wide, Span { start: 0, end: 1 }, &expected);
    let all = format!("f.toml:1:1: bad\n  |\n1 | {}…\n  | {} mend it\n", "a".repeat(39), "^".repeat(40));
    check(&"a".repeat(300), Span { start: 0, end: 300 }, &all);
}

#[test]
fn labels_notes_warnings_and_whole_files() {
    let texts = Texts::of("f.toml", "a = 1");
    let problem =
        Problem::warning("f.toml", "odd").at(4..5).label("this").help("drop it").note("one").note("two\nlines");
    assert_eq!(
        show(&problem, &texts, PLAIN),
        "f.toml:1:5: warning: odd\n  |\n1 | a = 1\n  |     ^ this\n  = help: drop it\n  = note: one\n  = note: two lines\n"
    );
    let unread = Problem::error("g.toml", "can't be read").at(3..4).help("does it exist?");
    assert_eq!(show(&unread, &texts, PLAIN), "g.toml: can't be read\n  = help: does it exist?\n");
    let both: Problems = [unread, problem.clone()].into_iter().collect();
    let shown = show_all(&both, &texts, PLAIN);
    assert!(shown.contains("two lines\n\ng.toml: can't"), "{shown}");
    let coloured = show(&problem, &texts, Look { colour: Colour::Ansi, ..PLAIN });
    assert!(coloured.contains("\x1b[33m^ this\x1b[0m"), "{coloured:?}");
    assert_eq!(Clean::lines(&coloured, 9), Clean::lines(&show(&problem, &texts, PLAIN), 9));
}

#[test]
fn a_redacted_secret_is_not_shown() {
    let text = "token = \"hunter2\" # not hunter3";
    let texts = Texts::of("f.toml", text);
    let problem = Problem::error("f.toml", "a credential is written here").redact(spot(text, "\"hunter2\""));
    let at_secret = problem.clone().at(spot(text, "\"hunter2\""));
    assert_eq!(
        show(&at_secret, &texts, PLAIN),
        "f.toml:1:9: a credential is written here\n  |\n1 | token = *** # not hunter3\n  |         ^^^\n"
    );
    let beside = show(&problem.clone().at(spot(text, "hunter3")), &texts, PLAIN);
    assert!(beside.contains("\n1 | token = *** # not hunter3\n  |                   ^^^^^^^\n"), "{beside}");
    let within = show(&problem.at(spot(text, "unter")), &texts, PLAIN);
    assert!(!within.contains("unter2"), "{within}");
}

#[test]
fn rows_for_editors_say_where_it_ends_too() {
    let texts = Texts::of("f.toml", "a = 日本\nb = 2\n");
    let problems: Problems =
        [Problem::error("f.toml", "bad\x1b[1m").at(4..10).help("mend it"), Problem::warning("g.toml", "gone")]
            .into_iter()
            .collect();
    assert_eq!(
        serde_json::to_string(&entries(&problems, &texts)).unwrap(),
        r#"[{"file":"f.toml","line":1,"column":5,"end_line":1,"end_column":7,"severity":"error","message":"bad","label":null,"help":"mend it","notes":[]},"#.to_owned()
            + r#"{"file":"g.toml","line":null,"column":null,"end_line":null,"end_column":null,"severity":"warning","message":"gone","label":null,"help":null,"notes":[]}]"#
    );
}

#[test]
fn thousands_of_problems_in_one_line_of_megabytes_are_shown() {
    let texts = Texts::of("f.json", "{\"日\":1},".repeat(200_000));
    let problems: Problems = (0..5_000).map(|n| Problem::error("f.json", "bad").at(n * 400..n * 400 + 3)).collect();
    assert_eq!(show_all(&problems, &texts, PLAIN).lines().count(), 5_000 * 5 - 1);
}

proptest! {
    #[test]
    fn any_spot_in_any_text_is_shown_harmlessly(
        text in "(\\PC|[a-z =\\n\\r\\t]|\u{1b}\\[1m|日|e\u{301}){0,60}", start in 0usize..200, len in 0usize..80,
        secret in 0usize..100, room in 0usize..60,
    ) {
        let problem = Problem::error("f.toml", text.clone())
            .at(Span { start, end: start + len }).label(text.clone()).redact(secret..secret + 5);
        let texts = Texts::of("f.toml", text.as_str());
        let shown = show(&problem, &texts, Look { width: room, ..PLAIN });
        prop_assert_eq!(shown.lines().count(), 4, "{}", &shown);
        for line in shown.lines() {
            prop_assert!(line.chars().all(|c| !c.is_control() && visible(c) == c || c == '\u{200d}'), "{:?}", line);
        }
        let quoted = shown.lines().nth(2).unwrap();
        prop_assert!(width(quoted) <= room + 6, "{:?} in {}", quoted, room);
        prop_assert_eq!(entries(&[problem].into_iter().collect(), &texts).len(), 1);
    }

    #[test]
    fn a_secret_in_its_place_is_never_shown(before in "[a日\t ]{0,80}", after in "[a日\t ]{0,80}", at in 0usize..200, room in 0usize..90) {
        let text = format!("{before}SECRET{after}");
        let problem = Problem::error("f.toml", "bad").at(at..at + 4).redact(before.len()..before.len() + 6);
        let shown = show(&problem, &Texts::of("f.toml", text), Look { width: room, ..PLAIN });
        prop_assert!(!shown.contains(|c| "SECRT".contains(c)), "{}", shown);
    }
}
