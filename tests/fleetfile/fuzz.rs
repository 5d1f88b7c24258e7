//! No text panics, whatever it is, and every place that is named lies in its file.

use proptest::prelude::*;
use quarterdeck::diagnostic::{Look, show_all};
use quarterdeck::fleetfile::load::{Options, load_text};
use quarterdeck::fleetfile::shape::Form;
use quarterdeck::sources::build::build_all;

const EXAMPLE: &str = include_str!("good/example/fleet.toml");

/// Reads a text as a fleet file and shows all that is wrong.
fn read(form: Form, text: &str) {
    let mut draft = load_text("fleet", text, form, &Options::default());
    let (_, found) = build_all(&draft.loaded.entries, &draft.loaded.fleet);
    draft.add(found);
    let len = text.strip_prefix('\u{feff}').unwrap_or(text).len();
    for problem in draft.problems.iter() {
        for span in problem.span.iter().chain(problem.hidden()) {
            assert!(span.start <= span.end && span.end <= len, "{span:?} of {len}: {problem:?}\n{text}");
        }
    }
    let shown = show_all(&draft.problems, &draft.texts, Look::default());
    assert!(!shown.contains('\u{1b}'));
}

/// Pieces fleet files are made of, sound and otherwise.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "[fleet]\n",
        "[",
        "]",
        "[[",
        "]]\n",
        "{",
        "}",
        ",",
        "=",
        ".",
        "\n",
        "\"",
        "'",
        "\"\"\"",
        "#",
        "\\",
        "\u{feff}",
        "é",
        "\u{1b}[31m",
        "name",
        "= \"x\"\n",
        "[[installations]]\n",
        "id = \"a\"\n",
        "plan = \"saas\"\n",
        "[[installations.environments]]\n",
        "sources = [{ kind = \"prometheus\" }]\n",
        "token = \"x\"",
        "url = \"https://me:pw@x\"\n",
        "[windows.a]\n",
        "rrule = \"FREQ=WEEKLY;BYDAY=MO\"\n",
        "start = 17:00:00\n",
        "2026-02-30",
        "1e999",
        "0x7fffffffffffffffff",
        "inf",
        "nan",
        "true",
        "[products.kubernetes]\n",
        "[plans.a]\nbased_on = \"a\"\n",
        "duration = \"999999999999999d\"\n",
        "since = 0001-01-01\n",
    ];
    prop_oneof![4 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

/// A JSON tree with keys as a fleet file has them.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "[a-z0-9:./=;-]{0,12}".prop_map(Into::into),
        proptest::sample::select(vec![
            "saas",
            "production",
            "FREQ=DAILY",
            "17:00",
            "4h",
            "https://x.test",
            "kubernetes"
        ])
        .prop_map(Into::into),
    ];
    let key = proptest::sample::select(vec![
        "fleet",
        "name",
        "timezone",
        "include",
        "history",
        "defaults",
        "products",
        "kubernetes",
        "windows",
        "monday",
        "rrule",
        "start",
        "duration",
        "since",
        "plans",
        "saas",
        "based_on",
        "installations",
        "id",
        "plan",
        "environments",
        "sources",
        "kind",
        "url",
        "token",
        "env",
        "file",
        "command",
        "extended_support",
        "line",
        "until",
        "pin",
        "maintenances",
        "freezes",
        "status_pages",
        "affects",
        "access",
        "viewers",
        "soc",
        "releases",
        "cycles",
        "lifecycle",
        "chart",
        "metrics",
        "evidence",
        "rollout",
    ]);
    leaf.prop_recursive(8, 96, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn bytes_that_are_any_text_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        read(Form::Toml, &text);
        read(Form::Json, &text);
    }

    #[test]
    fn pieces_in_any_order_do_not_panic(pieces in proptest::collection::vec(piece(), 0..60)) {
        let text = pieces.concat();
        read(Form::Toml, &text);
        read(Form::Json, &text);
    }

    #[test]
    fn trees_of_any_shape_do_not_panic(tree in tree()) {
        read(Form::Json, &tree.to_string());
        read(Form::Json, &format!("{tree:#}"));
    }

    #[test]
    fn a_good_file_with_a_bite_out_of_it_does_not_panic(
        at in 0..EXAMPLE.len(), n in 0_usize..80, more in "[\\[\\]{}\"'=.,\\n a-z0-9é]{0,8}",
    ) {
        let mut chars: Vec<char> = EXAMPLE.chars().collect();
        let at = at.min(chars.len());
        let end = (at + n).min(chars.len());
        chars.splice(at..end, more.chars());
        read(Form::Toml, &chars.into_iter().collect::<String>());
    }

    #[test]
    fn a_good_file_with_one_byte_turned_does_not_panic(at in 0..EXAMPLE.len(), bit in 0_u8..8) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        bytes[at] ^= 1 << bit;
        read(Form::Toml, &String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn what_nests_without_end_is_refused_and_not_followed() {
    for deep in [
        format!("{}1", "a.".repeat(250) + "a = "),
        format!("[{}a]", "a.".repeat(290)),
        "[a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a]\n".repeat(50),
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{a.a.a.a=[\n".repeat(5_000)),
        format!("a = {}", format!("{{{}a = [\n", "a.".repeat(280)).repeat(79)),
    ] {
        read(Form::Toml, &deep);
    }
    for deep in ["[".repeat(1_000_000), "{\"a\":".repeat(1_000_000), "[{\"a\":[".repeat(1_000)] {
        read(Form::Json, &deep);
    }
}
