//! Each law against a fault planted into a small sound house.

use crate::lexer::{Piece, tokens};
use crate::paths::House;
use crate::tree::Tree;
use crate::{LAWS, Law, laws, registries};

/// A house in which every law has something to look at, and nothing to say.
fn sound() -> Tree {
    Tree::default()
        .with("README.md", "| kind | about |\n| `loki` | logs |\n")
        .with("src/lib.rs", "//! Rooms.\npub mod domain;\npub mod net;\npub mod rules;\npub mod runtime;\npub mod sources;\npub mod text;\npub mod ui;\npub mod views;\npub mod cli;\n")
        .with("src/main.rs", "fn main() { quarterdeck::cli::run() }\n")
        .with("src/cli/mod.rs", "pub fn run() { crate::runtime::clock::System.now(); }\n")
        .with("src/text/mod.rs", "pub mod clean;\npub use clean::Clean;\n")
        .with("src/text/clean.rs", "pub struct Clean(String);\n")
        .with("src/domain/mod.rs", "mod facts;\nmod id;\npub use facts::Facts;\npub use id::*;\n")
        .with("src/domain/id.rs", "use crate::text::Clean;\npub struct Id(Clean);\n")
        .with("src/domain/facts.rs", "use super::Id;\npub struct Facts(Vec<Id>);\n")
        .with("src/rules/mod.rs", "mod drift;\npub use drift::kind;\n")
        .with("src/rules/drift.rs", "use crate::domain::{self, Facts};\npub fn kind(_: &Facts, _: domain::Id) {}\n")
        .with("src/views/mod.rs", "mod column;\npub mod drift;\nviews! { drift }\n")
        .with("src/views/column.rs", "pub struct Column;\n")
        .with("src/views/drift.rs", "use super::column::Column;\npub struct Row;\npub const COLUMNS: &[Column] = &[];\npub fn rows() { crate::rules::kind() }\n")
        .with("src/net/mod.rs", "mod door;\npub use door::Door;\n")
        .with("src/net/door.rs", "pub trait Door { }\npub async fn ask() {}\n")
        .with("src/sources/mod.rs", "mod kind;\nmod loki;\npub use kind::Kind;\npub static KINDS: &[&Kind] = &[&loki::KIND];\n")
        .with("src/sources/kind.rs", "pub struct Kind { pub name: &'static str }\n")
        .with("src/sources/loki.rs", "use super::Kind;\nuse crate::net::Door;\npub static KIND: Kind = Kind { name: \"loki\", about: \"logs\", build };\n")
        .with("tests/samples/loki/3.0/one/answer.json", "")
        .with("src/ui/mod.rs", "mod panes;\nmod theme;\n")
        .with("src/ui/theme.rs", "const DARK: &str = include_str!(\"../../themes/dark.toml\");\n")
        .with("src/ui/panes/mod.rs", "mod map;\nconst PANES: &[fn()] = &[map::open];\n")
        .with("src/ui/panes/map.rs", "use crate::views::drift::Row;\nstruct Map(Row);\nimpl Pane for Map {}\n")
        .with("themes/dark.toml", "")
        .with("src/runtime/mod.rs", "pub mod clock;\n")
        .with("src/runtime/clock.rs", "pub struct System;\nimpl System { pub fn now(&self) { chrono::Utc::now(); } }\n")
}

/// The law finds exactly this, at this place, in the sound house with one file changed.
fn caught(law: Law, path: &str, text: &str, place: &str, words: &str) {
    let found = law(&House::of(&sound().with(path, text)));
    let [one] = found.as_slice() else { panic!("{} breaches instead of one in {path}: {found:#?}", found.len()) };
    assert_eq!(one.place, place, "{one}");
    assert!(one.words.contains(words), "`{words}` is not said in: {one}");
}

fn silent(law: Law, path: &str, text: &str) {
    assert_eq!(law(&House::of(&sound().with(path, text))), [], "{path}:\n{text}");
}

#[test]
fn a_sound_house_breaks_no_law() {
    let sound_house = House::of(&sound());
    for (name, law) in LAWS {
        assert_eq!(law(&sound_house), [], "{name}");
    }
}

#[test]
fn an_import_that_looks_up_is_caught_however_it_is_written() {
    let check = |text: &str, place: &str, words: &str| caught(laws::floors, "src/rules/drift.rs", text, place, words);
    check("use crate::views::drift;", "src/rules/drift.rs:1", "looks up to `views::drift` (floor 4)");
    check(
        "\nuse crate::{text::Clean, net::{door::Door as D}};",
        "src/rules/drift.rs:2",
        "looks up to `net::door::Door`",
    );
    check("use super::super::runtime;", "src/rules/drift.rs:1", "looks up to `runtime`");
    check("fn f() { crate::ui::theme::load() }", "src/rules/drift.rs:1", "looks up to `ui::theme::load`");
    check("fn f() { super::super::ui::theme::load() }", "src/rules/drift.rs:1", "looks up to `ui::theme::load`");
    check("pub(in crate::ui) fn f() {}", "src/rules/drift.rs:1", "looks up to `ui`");
    check("mod deep { use super::super::super::ui; }", "src/rules/drift.rs:1", "looks up to `ui`");
    caught(laws::floors, "src/main.rs", "fn main() { quarterdeck::runtime::go() }", "src/main.rs:1", "may not use");
}

#[test]
fn a_room_beside_is_as_forbidden_as_one_above() {
    caught(laws::floors, "src/net/door.rs", "use crate::views::Row;", "src/net/door.rs:1", "looks up to `views::Row`");
    caught(laws::floors, "src/net/door.rs", "use crate::rules::kind;", "src/net/door.rs:1", "`net` may not use");
}

#[test]
fn a_door_to_one_file_opens_no_other() {
    let house = |text: &str| {
        let tree = sound()
            .with("src/fleetfile/mod.rs", "mod load;\nmod secret;\npub use load::Load;\npub use secret::Secret;\n")
            .with("src/fleetfile/load.rs", "pub struct Load;\n")
            .with("src/fleetfile/secret.rs", "pub struct Secret;\n")
            .with("src/net/door.rs", text);
        House::of(&tree)
    };
    assert_eq!(laws::floors(&house("use crate::fleetfile::Secret;")), []);
    assert_eq!(laws::floors(&house("use crate::fleetfile::{self, secret::Secret};")), []);
    assert_eq!(laws::floors(&house("use crate::fleetfile::Load;")).len(), 1);
    assert_eq!(laws::floors(&house("use crate::fleetfile;\nfn f(_: fleetfile::Load) {}")).len(), 1);
}

#[test]
fn a_re_export_opens_no_door() {
    let house = sound()
        .with("src/views/drift.rs", "pub use crate::rules::kind;\n")
        .with("src/ui/theme.rs", "use crate::views::drift::kind;\n");
    let found = laws::floors(&House::of(&house));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].words.contains("`ui` may not use `rules::drift::kind`"), "{found:?}");
}

#[test]
fn a_room_nobody_gave_a_floor_is_caught() {
    caught(laws::floors, "src/utils/mod.rs", "", "src/utils/mod.rs", "a room without a floor");
}

#[test]
fn tests_may_stand_on_what_lies_above() {
    silent(laws::floors, "src/rules/drift.rs", "#[cfg(test)]\nmod tests { use crate::views::drift; }");
    silent(laws::floors, "src/rules/drift.rs", "#[cfg(test)]\nuse crate::views::drift;");
    caught(
        laws::floors,
        "src/rules/drift.rs",
        "#[cfg(test)]\nuse crate::views::drift;\nuse crate::net::Door;",
        "src/rules/drift.rs:3",
        "looks up",
    );
    let not = "#[cfg(not(test))]\nuse crate::views::drift;";
    caught(laws::floors, "src/rules/drift.rs", not, "src/rules/drift.rs:2", "looks up");
    let file = sound()
        .with("src/rules/mod.rs", "mod drift;\n#[cfg(test)]\nmod tables;\n")
        .with("src/rules/tables.rs", "use crate::views::drift;\n");
    assert_eq!(laws::floors(&House::of(&file)), []);
}

#[test]
fn comments_and_texts_are_not_imports() {
    let text = r##"
        // use crate::ui::theme;
        /* use crate::ui; /* crate::ui::x */ crate::ui::y */
        /// See [`crate::ui::theme`].
        fn f<'a>(_: &'a str) -> char { let _ = "crate::ui::theme // \" crate::ui"; let _ = r#"crate::ui"#; '"' }
    "##;
    silent(laws::floors, "src/rules/drift.rs", text);
    caught(laws::floors, "src/rules/drift.rs", &format!("{text}\nuse crate::ui;"), "src/rules/drift.rs:7", "looks up");
}

#[test]
fn two_files_that_stand_on_each_other_are_caught() {
    let text = "use super::facts::Facts;\npub struct Id;\n";
    caught(laws::circles, "src/domain/id.rs", text, "src/domain/facts.rs", "src/domain/facts.rs -> src/domain/id.rs");
}

#[test]
fn a_circle_through_the_list_of_a_room_is_caught() {
    let text = "use super::Facts;\npub struct Id;\n";
    caught(laws::circles, "src/domain/id.rs", text, "src/domain/facts.rs", "src/domain/facts.rs -> src/domain/id.rs");
}

#[test]
fn a_circle_of_three_files_is_caught() {
    let house = sound()
        .with("src/text/mod.rs", "mod a;\nmod b;\nmod c;\n")
        .with("src/text/a.rs", "fn f() { super::b::f() }\n")
        .with("src/text/b.rs", "fn f() { crate::text::c::f() }\n")
        .with("src/text/c.rs", "use super::a;\n");
    let found = laws::circles(&House::of(&house));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].words.contains("src/text/a.rs -> src/text/b.rs -> src/text/c.rs"), "{found:?}");
}

#[test]
fn two_rooms_that_stand_on_each_other_are_caught() {
    let house = sound().with("src/text/clean.rs", "use crate::rules::drift;\npub struct Clean;\n");
    let found = laws::circles(&House::of(&house));
    assert!(found.iter().any(|b| b.words == "a circle of imports: domain -> rules -> text"), "{found:?}");
}

#[test]
fn a_file_that_passes_its_size_is_caught() {
    let lines = |n: usize| "// one line\n".repeat(n);
    silent(laws::sizes, "src/text/clean.rs", &lines(500));
    caught(laws::sizes, "src/text/clean.rs", &lines(501), "src/text/clean.rs", "501 lines, 500 at most");
    caught(laws::sizes, "tests/program.rs", &lines(501), "tests/program.rs", "501 lines");
    silent(laws::sizes, "src/main.rs", &lines(59));
    caught(laws::sizes, "src/main.rs", &lines(60), "src/main.rs", "60 lines, 59 at most");
}

#[test]
fn a_second_clock_is_caught() {
    for text in [
        "fn f() { chrono::Utc::now(); }",
        "fn f() { Local::now(); }",
        "fn f() { std::time::Instant::now(); }",
        "fn f() { SystemTime::now(); }",
        "fn f() { tokio::time::Instant::now(); }",
        "use std::time::Instant as Tick;\nfn f() { Tick::now(); }",
        "const F: fn() -> Instant = Instant::now;",
        "fn f(since: Instant) { since.elapsed(); }",
    ] {
        let line = text.lines().count();
        caught(laws::clock, "src/net/door.rs", text, &format!("src/net/door.rs:{line}"), "reads the time");
    }
    silent(laws::clock, "src/net/door.rs", "fn f(clock: &dyn Clock) { clock.now(); } // Utc::now()");
    silent(laws::clock, "src/net/door.rs", "#[cfg(test)]\nmod tests { fn f() { Instant::now(); } }");
    let pure = "#[cfg(test)]\nmod tests {\nfn f() { Instant::now(); } }";
    caught(laws::clock, "src/rules/drift.rs", pure, "src/rules/drift.rs:3", "reads the time");
}

#[test]
fn waiting_in_a_pure_room_is_caught() {
    for (text, word) in [
        ("async fn f() {}", "async"),
        ("fn f() { g().await }", "await"),
        ("struct S(std::sync::Mutex<u8>);", "Mutex"),
        ("struct S(RwLock<u8>);", "RwLock"),
        ("fn f() { tokio::spawn(g()); }", "tokio"),
        ("fn f(_: std::net::TcpStream) {}", "TcpStream"),
    ] {
        for room in ["rules", "ui", "app", "text", "views", "export", "domain", "diagnostic", "fleetfile"] {
            let path = format!("src/{room}/planted.rs");
            caught(laws::purity, &path, text, &format!("{path}:1"), word);
        }
        silent(laws::purity, "src/net/door.rs", text);
    }
}

#[test]
fn a_screen_that_names_a_rule_or_the_facts_is_caught() {
    for room in ["ui", "app", "export"] {
        let path = format!("src/{room}/planted.rs");
        let place = format!("{path}:1");
        caught(laws::screen_sees_boards, &path, "use crate::rules::drift;", &place, "names a rule");
        caught(laws::screen_sees_boards, &path, "use crate::domain::Facts;", &place, "the store of facts");
        caught(
            laws::screen_sees_boards,
            &path,
            "fn f(_: &crate::domain::facts::Facts) {}",
            &place,
            "the store of facts",
        );
        silent(laws::screen_sees_boards, &path, "use crate::domain::Id;");
    }
}

#[test]
fn a_source_that_names_the_screen_is_caught() {
    let check =
        |text, words| caught(laws::sources_see_no_screen, "src/sources/loki.rs", text, "src/sources/loki.rs:1", words);
    check("use ratatui::style::Style;", "ratatui");
    check("fn f(_: crossterm::event::Event) {}", "crossterm");
    let pane = "use crate::ui::theme::Theme;";
    caught(laws::floors, "src/sources/loki.rs", pane, "src/sources/loki.rs:1", "looks up to `ui::theme::Theme`");
}

#[test]
fn a_verb_that_changes_something_is_caught() {
    for text in
        ["fn f() { client.request(Method::PUT) }", "fn f() { client.delete(url) }", "const V: &str = \"PATCH\";"]
    {
        caught(laws::reads_only, "src/net/door.rs", text, "src/net/door.rs:1", "changes something");
        silent(laws::reads_only, "src/net/hand.rs", text);
    }
    let ask = "fn f() { Method::POST }";
    caught(laws::reads_only, "src/sources/loki.rs", ask, "src/sources/loki.rs:1", "changes something");
    silent(laws::reads_only, "src/net/door.rs", ask);
}

#[test]
fn an_exception_or_a_dependency_without_a_reason_is_caught() {
    let place = "src/net/door.rs:1";
    for text in
        ["#[allow(clippy::panic)]\nfn f() {}", "#![expect(clippy::panic)]", "#[allow(dead_code, reason = \"x\")]"]
    {
        caught(laws::reasons, "src/net/door.rs", text, place, "an exception is");
    }
    silent(laws::reasons, "src/net/door.rs", "#[expect(clippy::panic, reason = \"x\")]\nfn f() { s.expect(\"y\") }");
    silent(laws::reasons, "src/net/door.rs", "#[cfg(test)]\n#[allow(clippy::panic)]\nmod tests {}");
    let toml = "[package]\nname = \"x\"\n[dependencies]\nurl = \"2\" # addresses\nhex = \"0.4\"\n[lints]\na = 1\n";
    caught(laws::reasons, "Cargo.toml", toml, "Cargo.toml:5", "carries its reason");
}

#[test]
fn a_file_nobody_declares_is_caught() {
    caught(laws::lists, "src/text/lost.rs", "", "src/text/lost.rs", "no `mod` line");
}

#[test]
fn code_in_lib_is_caught() {
    let text = sound().text("src/lib.rs").unwrap().to_owned() + "pub use text::Clean;\n";
    caught(laws::lists, "src/lib.rs", &text, "src/lib.rs:11", "lists rooms");
}

#[test]
fn a_kind_that_is_not_listed_sampled_and_told_is_caught() {
    let list = "mod kind;\nmod loki;\npub static KINDS: &[&Kind] = &[\n    // &loki::KIND,\n];\n";
    caught(registries::kinds, "src/sources/mod.rs", list, "src/sources/loki.rs:3", "`&loki::KIND` is not in KINDS");
    let list = "pub static KINDS: &[&Kind] = &[&loki::KIND, &gone::KIND];\n";
    caught(registries::kinds, "src/sources/mod.rs", list, "src/sources/mod.rs", "`gone::KIND`, and no file makes it");
    caught(registries::kinds, "README.md", "", "src/sources/loki.rs:3", "such as: | `loki` | logs |");
    let unsampled = sound().without("tests/samples/loki/");
    assert!(registries::kinds(&House::of(&unsampled))[0].words.contains("no sample"));
    let mute = "pub static KIND: Kind = Kind { name: \"loki\", about: \"\", build };\n";
    caught(registries::kinds, "src/sources/loki.rs", mute, "src/sources/loki.rs:1", "does not say what it is");
}

#[test]
fn a_view_that_is_not_listed_is_caught() {
    let list = "views! {}\n";
    caught(
        registries::views,
        "src/views/mod.rs",
        list,
        "src/views/drift.rs",
        "view `drift` is not in the `views!` list",
    );
    let list = "views! { drift, gone }\n";
    caught(registries::views, "src/views/mod.rs", list, "src/views/mod.rs", "`gone`, and there is no such file");
}

#[test]
fn a_theme_that_is_not_built_in_is_caught() {
    caught(registries::themes, "themes/light.toml", "", "themes/light.toml", "no `include_str!`");
    let text = "const A: &str = include_str!(\"../../themes/dark.toml\");\nconst B: &str = include_str!(\"../../themes/gone.toml\");";
    caught(registries::themes, "src/ui/theme.rs", text, "src/ui/theme.rs:2", "themes/gone.toml does not exist");
}

#[test]
fn a_pane_that_is_not_listed_is_caught() {
    let text = "struct Lost<R>(R);\nimpl<R: Row> Pane for Lost<R> {}\n";
    caught(registries::panes, "src/ui/panes/lost.rs", text, "src/ui/panes/lost.rs", "no line in src/ui/panes/mod.rs");
}

#[test]
fn a_format_that_is_not_listed_is_caught() {
    let text = "pub static FORMAT: Format = Format { name: \"lost\" };\n";
    caught(
        registries::formats,
        "src/export/lost.rs",
        text,
        "src/export/lost.rs",
        "not in FORMATS of src/export/mod.rs",
    );
}

#[test]
fn source_text_is_cut_as_the_compiler_cuts_it() {
    let words = |source: &str| -> String {
        let shown = tokens(source).into_iter().map(|t| match t.piece {
            Piece::Word(word) => word,
            Piece::Text(text) => format!("<{text}>"),
            Piece::Sign(sign) => sign.to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    };
    for (source, cut) in [
        ("a::b // c\nd", "a :: b d"),
        ("a /* b /* c */ d */ e", "a e"),
        (r##"r#"a " b"# c"##, r#"<a " b> c"#),
        (r#""a \" b" c"#, r#"<a \" b> c"#),
        ("'a' b 'c d", "b d"),
        (r"'\'' b '\u{1F600}' c", "b c"),
        ("b'x' b\"y\" c\"z\"", "<y> <z>"),
        ("r#async x", "async x"),
        ("1_000u64 2.5e3 a.0", ". a ."),
        ("\"one\ntwo\" x", "<one\ntwo> x"),
        ("\"open", "<open>"),
        ("", ""),
    ] {
        assert_eq!(words(source), cut, "{source}");
    }
    assert_eq!(tokens("\"one\ntwo\" x")[1].line, 2);
}

/// A law that looks at nothing says nothing: with its list taken away, this very project breaks it.
#[test]
fn the_lists_of_this_project_are_the_ones_the_laws_read() {
    let tree = Tree::real();
    let without_list = |path: &str, list: &str| {
        let text = tree.text(path).unwrap();
        assert!(text.contains(list), "{path} has no `{list}`");
        tree.clone().with(path, &text.replace(list, "nothing_of_the_kind"))
    };
    let views = registries::views(&House::of(&without_list("src/views/mod.rs", "views!")));
    assert!(views.len() >= 13, "{views:?}");
    let themes = registries::themes(&House::of(&without_list("src/ui/theme.rs", "include_str")));
    assert!(themes.len() >= 3, "{themes:?}");
    let panes = registries::panes(&House::of(&tree.clone().with("src/ui/panes/mod.rs", "")));
    assert!(!panes.is_empty());
    let kinds = registries::kinds(&House::of(&tree.clone().with("src/sources/mod.rs", "")));
    let files = tree.files("src/sources/", ".rs").filter(|(_, text)| text.contains("static KIND: Kind")).count();
    assert!(kinds.len() >= files, "{kinds:?}");
}
