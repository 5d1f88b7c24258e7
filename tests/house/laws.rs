//! Laws about single files and about who names whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::lexer::{Token, tokens};
use crate::paths::House;
use crate::source::Source;
use crate::tree::{Breach, breach};
use crate::{CLOCK, HAND, PURE, ROOMS, SCREENLESS};

/// Every room has a floor, and what a room may use lies on a lower one.
pub fn floors(house: &House) -> Vec<Breach> {
    let mut found: Vec<Breach> = house
        .sources
        .values()
        .filter(|source| !source.room().is_empty() && room(source.room()).is_none())
        .map(|source| breach(&*source.path, format!("`{}` is a room without a floor", source.room())))
        .collect();
    for mention in house.mentions().iter().filter(|mention| !mention.test) {
        let Some((_, floor, may)) = room(mention.from.room()) else { continue };
        // A re-export opens no door: what is named and where it is made must both be allowed.
        for path in [&mention.written, &mention.meant] {
            let Some(target) = path.first().filter(|target| **target != mention.from.room()) else { continue };
            let said = path.join("::");
            let below = room(target).is_some_and(|(_, at, _)| at < floor);
            let allowed = may.iter().any(|door| {
                if *door == "*" {
                    return below;
                }
                let doorway = format!("{door}::");
                said == *door || said.starts_with(&doorway) || doorway.starts_with(&format!("{said}::"))
            });
            let by_re_export = path == &mention.written && mention.meant != mention.written;
            let room_is_open = may.iter().any(|door| door.split("::").next() == Some(target));
            if allowed || (by_re_export && room_is_open) {
                continue;
            }
            let words = match room(target) {
                Some((_, above, _)) if above >= floor => {
                    format!("`{}` (floor {floor}) looks up to `{said}` (floor {above})", mention.from.room())
                }
                Some(_) => format!("`{}` may not use `{said}`: it may use {}", mention.from.room(), may.join(", ")),
                None => continue,
            };
            found.push(breach(mention.from.place(mention.at), words));
            break; // one mention, one breach
        }
    }
    settled(found)
}

/// No two files, and no two rooms, stand on each other. A `mod.rs` listing what lies below it is not an import.
pub fn circles(house: &House) -> Vec<Breach> {
    let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut rooms: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mention in house.mentions().iter().filter(|mention| !mention.test) {
        for path in [&mention.written, &mention.meant] {
            let Some(target) = house.owner(path) else { continue };
            let from = mention.from;
            let lists = target.module.starts_with(&from.module);
            // The way through a list to what it re-exports is no import of the list.
            let passes = path == &mention.written && mention.meant != mention.written;
            if target.path != from.path && !lists && !passes {
                files.entry(&from.path).or_default().insert(&target.path);
            }
            if target.room() != from.room() && !from.room().is_empty() && !target.room().is_empty() {
                rooms.entry(from.room()).or_default().insert(target.room());
            }
        }
    }
    [knots(&files), knots(&rooms)]
        .concat()
        .into_iter()
        .map(|knot| breach(knot[0], format!("a circle of imports: {}", knot.join(" -> "))))
        .collect()
}

/// Groups of nodes that all reach each other.
fn knots<'a>(edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for next in edges.get(node).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|node| (*node, reach(node))).collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for (node, seen) in &reached {
        if !seen.contains(node) || done.contains(node) {
            continue;
        }
        let knot: Vec<&str> =
            seen.iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(node))).copied().collect();
        done.extend(&knot);
        found.push(knot);
    }
    found
}

/// A file fits in the head, and the program's own file in one look.
pub fn sizes(house: &House) -> Vec<Breach> {
    ["src/", "tests/", "benches/"]
        .iter()
        .flat_map(|folder| house.tree.files(folder, ".rs"))
        .filter_map(|(path, text)| {
            let (lines, most) = (text.lines().count(), if path == "src/main.rs" { 59 } else { 500 });
            (lines > most).then(|| breach(path, format!("{lines} lines, {most} at most")))
        })
        .collect()
}

/// One file reads the time. A test outside the pure rooms may, to bound its own waiting.
pub fn clock(house: &House) -> Vec<Breach> {
    each_token(house, |source, at| {
        let tokens = &source.tokens;
        let after = |sign: &str| at > 0 && tokens[at - 1].is_sign(sign);
        let word = tokens[at].word()?;
        let by_name = after("::") && ["now", "now_utc", "now_local", "today"].contains(&word);
        let by_age = after(".") && word == "elapsed" && tokens.get(at + 1).is_some_and(|t| t.is_sign("("));
        let excused = source.path == CLOCK || (house.is_test(source, at) && !is_pure(source));
        let asks = by_name || by_age;
        (asks && !excused).then(|| format!("`{word}` reads the time; only {CLOCK} may"))
    })
}

/// Nothing in a pure room waits, locks, or reaches the network.
pub fn purity(house: &House) -> Vec<Breach> {
    const WAITS: &[&str] = &["async", "await", "Mutex", "RwLock", "Condvar", "tokio"];
    const REACHES: &[&str] = &["reqwest", "hyper", "rustls", "TcpStream", "TcpListener", "UdpSocket", "UnixStream"];
    each_token(house, |source, at| {
        let word = source.tokens[at].word().filter(|word| WAITS.contains(word) || REACHES.contains(word))?;
        is_pure(source).then(|| format!("`{word}` in the pure room `{}`", source.room()))
    })
}

/// The screen sees boards: it never names a rule or the store of facts.
pub fn screen_sees_boards(house: &House) -> Vec<Breach> {
    let on_screen = |source: &Source| ["ui", "app", "export"].contains(&source.room());
    let rules = house.mentions().into_iter().filter(|m| {
        on_screen(m.from) && !m.test && [&m.written, &m.meant].iter().any(|p| p.first().is_some_and(|r| r == "rules"))
    });
    let mut found: Vec<Breach> =
        rules.map(|m| breach(m.from.place(m.at), format!("`{}` names a rule", m.from.room()))).collect();
    found.extend(each_token(house, |source, at| {
        let named = source.tokens[at].is_word("Facts") && on_screen(source) && !house.is_test(source, at);
        named.then(|| format!("`{}` names the store of facts", source.room()))
    }));
    settled(found)
}

/// Rooms of the data wing and of the ground know of no screen.
pub fn sources_see_no_screen(house: &House) -> Vec<Breach> {
    each_token(house, |source, at| {
        let word = source.tokens[at].word().filter(|word| ["ratatui", "crossterm"].contains(word))?;
        SCREENLESS.contains(&source.room()).then(|| format!("`{}` names `{word}`: that is the screen's", source.room()))
    })
}

/// The data wing has no word for changing anything, but in the one hand that may.
pub fn reads_only(house: &House) -> Vec<Breach> {
    each_token(house, |source, at| {
        let tokens = &source.tokens;
        let room = source.room();
        if !["net", "sources"].contains(&room) || source.path == HAND || house.is_test(source, at) {
            return None;
        }
        let said = tokens[at].word().or(tokens[at].text())?;
        // A question may be a POST (a long query, an access review, a token), but only `net` puts it so.
        let verb = ["PUT", "PATCH", "DELETE"].contains(&said) || (said == "POST" && room == "sources");
        let called = |name: &str| tokens[at].is_word(name) && at > 0 && tokens[at - 1].is_sign(".");
        let call = ["put", "patch", "delete"].iter().any(|name| called(name))
            && tokens.get(at + 1).is_some_and(|t| t.is_sign("("));
        (verb || call).then(|| format!("`{said}` changes something; only {HAND} may"))
    })
}

/// What ships is excused from a lint by `expect` with its reason, never by a mute `allow`; a dependency says why it is there.
pub fn reasons(house: &House) -> Vec<Breach> {
    let mut found = each_token(house, |source, at| {
        let tokens = &source.tokens;
        let opens = tokens.get(at + 1).is_some_and(|t| t.is_sign("("));
        let attribute = opens && at > 0 && tokens[at - 1].is_sign("[");
        if !attribute || house.is_test(source, at) {
            return None;
        }
        let says_why = tokens[at..].iter().take_while(|t| !t.is_sign("]")).any(|t| t.is_word("reason"));
        let mute = tokens[at].is_word("allow") || (tokens[at].is_word("expect") && !says_why);
        mute.then(|| "an exception is `#[expect(.., reason = \"..\")]`".to_owned())
    });
    let mut in_dependencies = false;
    for (n, line) in house.tree.text("Cargo.toml").unwrap_or_default().lines().enumerate() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        } else if in_dependencies && line.contains('=') && !line.contains("# ") {
            found.push(breach(format!("Cargo.toml:{}", n + 1), "a dependency carries its reason (`# ..`)"));
        }
    }
    found
}

/// Every file is declared where it stands, and `lib.rs` declares rooms and does nothing else.
pub fn lists(house: &House) -> Vec<Breach> {
    let declared: BTreeSet<Vec<String>> = house
        .sources
        .values()
        .flat_map(|source| source.declared().map(|(name, _)| crate::paths::below(&source.module, name)))
        .collect();
    let mut found: Vec<Breach> = house
        .sources
        .values()
        .filter(|s| !s.module.is_empty() && s.path != "src/main.rs" && !declared.contains(&s.module))
        .map(|source| breach(&*source.path, "no `mod` line declares this file"))
        .collect();
    let roof = tokens(house.tree.text("src/lib.rs").unwrap_or_default());
    for statement in roof.split(|t| t.is_sign(";")).filter(|statement| !statement.is_empty()) {
        let words: Vec<&str> = statement.iter().filter_map(Token::word).collect();
        if !matches!(words.as_slice(), ["pub", "mod", _]) {
            let place = format!("src/lib.rs:{}", statement[0].line);
            found.push(breach(place, "lib.rs lists rooms (`pub mod name;`) and does nothing else"));
        }
    }
    found
}

fn each_token(house: &House, law: impl Fn(&Source, usize) -> Option<String>) -> Vec<Breach> {
    let mut found = Vec::new();
    for source in house.sources.values() {
        for at in 0..source.tokens.len() {
            if let Some(words) = law(source, at) {
                found.push(breach(source.place(at), words));
            }
        }
    }
    settled(found)
}

fn is_pure(source: &Source) -> bool {
    PURE.contains(&source.room())
}

fn room(name: &str) -> Option<&'static (&'static str, u8, &'static [&'static str])> {
    ROOMS.iter().find(|(room, _, _)| *room == name)
}

/// In order, each once.
fn settled(mut found: Vec<Breach>) -> Vec<Breach> {
    found.sort();
    found.dedup();
    found
}
