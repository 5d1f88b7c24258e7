#![allow(clippy::unwrap_used, clippy::manual_is_multiple_of, dead_code, missing_docs)]
mod common;
#[test]
fn look() {
    use common::{board, screen};
    let spec = std::env::var("LOOK").unwrap_or_else(|_| "full 120 36 24 unicode : ".into());
    let (head, keys) = spec.split_once(':').unwrap();
    let head: Vec<&str> = head.split_whitespace().collect();
    let mood = match head[0] {
        "full" => board::Mood::Full,
        "stale" => board::Mood::Stale,
        "loading" => board::Mood::Loading,
        "failing" => board::Mood::Failing,
        _ => board::Mood::Empty,
    };
    let theme = quarterdeck::ui::theme::Theme::plain();
    let theme = if head[4] == "ascii" { theme.in_ascii() } else { theme };
    let mut state = screen::cockpit(board::now(), (head[1].parse().unwrap(), head[2].parse().unwrap()), theme);
    screen::news(&mut state, board::board(mood, head[3].parse().unwrap()));
    screen::press(&mut state, keys);
    println!("{}", screen::text(&screen::picture(&state)));
}
