use std::sync::Arc;

use super::*;
use crate::diagnostic::{Look, Problems, Texts, show_all};
use crate::fleetfile::shape::{self, Form};

/// Reads a TOML text and shows all that is wrong with it.
fn check<T>(text: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> (T, String) {
    let file: Arc<str> = "fleet.toml".into();
    let mut problems = Vec::new();
    let root = shape::read(Form::Toml, &file, text, &mut problems);
    let desk = Desk::new(Arc::clone(&file), "/fleet");
    let mut section = Section::new(&desk, "a test", root.table().unwrap(), root.span);
    let value = read(&mut section);
    section.finish();
    problems.extend(desk.take());
    let problems: Problems = problems.into_iter().collect();
    (value, show_all(&problems, &Texts::of(file, text), Look::default()))
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_the_word_that_was_probably_meant() {
    let text = "start = '5pm'\npromethus = 1\ntoken = 'abc'\nmode = 'windw'\nzone = 'Europe/Berln'\nurl = 'htp://x'\n";
    let (_, shown) = check(text, |section| {
        section.time("start");
        section.optional("prometheus");
        section.secret("token");
        section.choice("mode", &[("window", 1), ("automatic", 2)]);
        section.zone("zone");
        section.url("url", &["https", "http"]);
        section.required("name");
    });
    let expected = "\
fleet.toml:1:1: `name` is missing in a test
  |
1 | start = '5pm'
  | ^ it wants a text

fleet.toml:1:9: `start` wants a time like `17:00`, found `5pm`
  |
1 | start = '5pm'
  |         ^^^^^

fleet.toml:2:1: unknown key `promethus` in a test
  |
2 | promethus = 1
  | ^^^^^^^^^ did you mean `prometheus`?

fleet.toml:3:9: the credential `token` is written out in the file
  |
3 | token = ***
  |         ^^^ refer to it: `token = { env = \"NAME\" }`, or `file`, or `command`

fleet.toml:4:8: `mode` does not know `windw`: did you mean `window`?
  |
4 | mode = 'windw'
  |        ^^^^^^^

fleet.toml:5:8: `zone` does not know the zone `Europe/Berln`: did you mean `Europe/Berlin`?
  |
5 | zone = 'Europe/Berln'
  |        ^^^^^^^^^^^^^^

fleet.toml:6:7: `url` is an address of `htp`: did you mean `http`?
  |
6 | url = 'htp://x'
  |       ^^^^^^^^^
";
    assert_eq!(shown, expected);
}

#[test]
fn a_section_that_records_hears_every_key_and_misses_none() {
    let desk = Desk::new("", "");
    let mut section = Section::recording(&desk);
    section.required(("id", "its id"));
    section.tables("sources", "a source", |inner| inner.flag("own"));
    section.table("chart", "a chart", |inner| inner.required("name"));
    assert!(desk.take().is_empty());
    let schema = Wants::Table(section.into_notes()).schema();
    assert_eq!(schema["required"], serde_json::json!(["id"]));
    assert_eq!(schema["properties"]["id"]["description"], "its id");
    assert_eq!(schema["properties"]["sources"]["items"]["properties"]["own"]["type"], "boolean");
    assert_eq!(schema["properties"]["chart"]["required"], serde_json::json!(["name"]));
}

#[test]
fn the_usual_keys_of_a_source_become_its_endpoint() {
    use crate::fleetfile::endpoint::{Address, Auth, HeaderValue};
    let text = "kind = 'loki'\nurl = 'https://loki.example.test/x/'\ntenant = 'acme'\nusername = 'me'\n\
                password = { command = ['pass', 'a b'] }\nca = 'ca/acme.pem'\ninterval = '10m'\n";
    let (usual, shown) = check(text, |section| section.usual_keys(Shelf::Place, &Defaults::default()));
    assert_eq!(shown, "");
    assert_eq!(
        usual.reached.address,
        Some(Address::Url(crate::text::clean::Clean::line("https://loki.example.test/x/")))
    );
    let reach = usual.reached.reach;
    assert_eq!(reach.interval.as_secs(), 600);
    assert_eq!(reach.stale_after.as_secs(), 1800);
    assert!(matches!(&reach.auth, Auth::Basic(name, _) if name.as_str() == "me"));
    assert!(matches!(reach.headers.as_slice(), [(name, HeaderValue::Plain(_))] if name.as_str() == "X-Scope-OrgID"));
}

#[test]
fn credentials_in_headers_and_addresses_are_refused_and_not_repeated() {
    for text in [
        "kind = 'x'\nurl = 'https://me:hunter2@example.test'\n",
        "kind = 'x'\nurl = 'ftp://me:hunter2@example.test'\n",
        "kind = 'x'\nurl = 'https://e.test'\nheaders = { Authorization = 'hunter2' }\n",
        "kind = 'x'\nurl = 'https://e.test'\nproxy = 'socks5://me:hunter2@e.test:1'\n",
        "kind = 'x'\nrepository = 'https://me:hunter2@e.test/a.git'\n",
        "kind = 'x'\nurl = 'https://e.test'\ntoken = { env = 'hunter2-' }\n",
        "kind = 'x'\nurl = 'https://e.test'\ntoken = { env = ['hunter2'] }\n",
    ] {
        let (_, shown) = check(text, |section| section.usual_keys(Shelf::Place, &Defaults::default()));
        assert!(!shown.is_empty(), "{text}");
        // What an address holds is hidden by the veil over a whole file, which is laid on later.
        let words: Vec<&str> = shown.lines().filter(|line| !line.contains(" | ")).collect();
        assert!(!words.concat().contains("hunter2"), "{shown}");
    }
}
