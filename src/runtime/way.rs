//! The shortest way of a cursor from one cell to another, and what it costs.
//!
//! Every terminal since the VT100 knows these; a line feed only ever goes down, for the terminal is raw.

/// A column and a row.
pub type Spot = (u16, u16);

/// How many bytes the shortest way takes.
#[must_use]
pub fn cost(from: Option<Spot>, to: Spot) -> usize {
    let absolute = match to {
        (0, 0) => 3,
        (0, y) => 3 + digits(y + 1),
        (x, y) => 4 + digits(x + 1) + digits(y + 1),
    };
    from.map_or(absolute, |from| absolute.min(down(from.1, to.1).0 + across(from.0, to.0).0))
}

/// The shortest way itself.
#[must_use]
pub fn shortest(from: Option<Spot>, to: Spot) -> String {
    if let Some(from) = from {
        let ((down_cost, down), (across_cost, across)) = (down(from.1, to.1), across(from.0, to.0));
        if down_cost + across_cost <= cost(None, to) {
            return down.told() + &across.told();
        }
    }
    match to {
        (0, 0) => "\x1b[H".to_owned(),
        (0, y) => format!("\x1b[{}H", y + 1),
        (x, y) => format!("\x1b[{};{}H", y + 1, x + 1),
    }
}

/// One leg of a way.
#[derive(Clone, Copy, Debug)]
enum Leg {
    /// Nothing to be done.
    Stay,
    /// This, so many times.
    Repeat(&'static str, u16),
    /// A number and the letter of what is done with it.
    Counted(u16, char),
}

impl Leg {
    fn told(self) -> String {
        match self {
            Self::Stay => String::new(),
            Self::Repeat(what, times) => what.repeat(usize::from(times)),
            Self::Counted(1, letter) => format!("\x1b[{letter}"),
            Self::Counted(n, letter) => format!("\x1b[{n}{letter}"),
        }
    }
}

fn digits(n: u16) -> usize {
    match n {
        0..10 => 1,
        10..100 => 2,
        100..1000 => 3,
        1000..10_000 => 4,
        10_000.. => 5,
    }
}

fn counted(n: u16) -> usize {
    if n == 1 { 3 } else { 3 + digits(n) }
}

fn down(from: u16, to: u16) -> (usize, Leg) {
    let (by, each, what, letter) = if to >= from { (to - from, 1, "\n", 'B') } else { (from - to, 2, "\x1bM", 'A') };
    let repeated = each * usize::from(by);
    match by {
        0 => (0, Leg::Stay),
        _ if repeated <= counted(by) => (repeated, Leg::Repeat(what, by)),
        _ => (counted(by), Leg::Counted(by, letter)),
    }
}

fn across(from: u16, to: u16) -> (usize, Leg) {
    if from == to {
        return (0, Leg::Stay);
    }
    if to == 0 {
        return (1, Leg::Repeat("\r", 1));
    }
    let column = (counted(to + 1), Leg::Counted(to + 1, 'G'));
    let relative = match to.checked_sub(from) {
        Some(by) => (counted(by), Leg::Counted(by, 'C')),
        None if usize::from(from - to) <= counted(from - to) => {
            (usize::from(from - to), Leg::Repeat("\x08", from - to))
        }
        None => (counted(from - to), Leg::Counted(from - to, 'D')),
    };
    if relative.0 <= column.0 { relative } else { column }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_cost_is_the_length_and_the_way_leads_there(from in (0_u16..300, 0_u16..90), to in (0_u16..300, 0_u16..90)) {
            let way = shortest(Some(from), to);
            prop_assert_eq!(way.len(), cost(Some(from), to));
            let mut terminal = vt100::Parser::new(90, 300, 0);
            terminal.process(shortest(None, from).as_bytes());
            terminal.process(way.as_bytes());
            prop_assert_eq!(terminal.screen().cursor_position(), (to.1, to.0));
            prop_assert_eq!(shortest(None, to).len(), cost(None, to));
        }
    }
}
