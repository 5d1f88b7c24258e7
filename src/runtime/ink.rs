//! The fewest bytes that turn one picture into another: where to go, which looks to change, what to write.
//!
//! Only what every terminal since the VT100 understands, and ECMA-48 beside it: absolute and relative moves, rendition,
//! and, where a terminal fills erased cells with the ground, erasing instead of writing blanks.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::runtime::way;
use crate::text::width::width;

/// Whether erased cells get the ground colour that is set: nearly everywhere, not in GNU screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erase {
    /// They do: blanks need not be written.
    Fills,
    /// They do not.
    Plain,
}

/// How cells look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// What shows even where nothing is written.
const SHOWN_ON_BLANKS: Modifier =
    Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT).union(Modifier::SLOW_BLINK);

impl Look {
    const USUAL: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// What of it shows on a blank.
    pub(super) fn of_blank(self) -> Self {
        let modifier = self.modifier & SHOWN_ON_BLANKS;
        Self { fg: if modifier.is_empty() { Color::Reset } else { self.fg }, modifier, ..self }
    }

    /// Whether a blank looks the same in both.
    fn blank_alike(self, other: Self) -> bool {
        self.of_blank() == other.of_blank()
    }

    /// Whether a cell can be written in this look.
    fn takes(self, cell: &Cell) -> bool {
        let other = Self::of(cell);
        if cell.symbol() == " " { self.blank_alike(other) } else { self == other }
    }
}

/// Whether two cells cannot be told apart by the eye.
#[must_use]
pub fn alike(one: &Cell, other: &Cell) -> bool {
    one == other || (one.symbol() == " " && other.symbol() == " " && Look::of(one).blank_alike(Look::of(other)))
}

/// Cells beside each other in one look.
#[derive(Clone, Copy, Debug)]
struct Run {
    y: u16,
    x: u16,
    end: u16,
    look: Look,
    /// Whether it is blank so far: then any look does in which a blank looks like that.
    blank: bool,
    /// Whether it erases its whole row.
    clears: bool,
    /// Its place among the looks.
    rank: usize,
}

/// The longest stretch that is written again rather than jumped over.
const BRIDGE: u16 = 4;

/// The shortest stretch of blanks that is erased rather than written.
const ERASED: u16 = 8;

/// The bytes that turn what is on the terminal into the other picture. Both have the same area.
///
/// A jump costs less than a change of looks, and a whole row erased less than its blanks one by one: which order is
/// shortest depends on the picture, so all are tried.
#[must_use]
pub fn strokes(front: &Buffer, back: &Buffer, erase: Erase) -> Vec<u8> {
    let best = shortest(runs(front, back), back, erase);
    let mut cleared = front.clone();
    let clears = clears(&mut cleared, back, erase);
    if clears.is_empty() {
        return best;
    }
    let runs = clears.into_iter().chain(runs(&cleared, back)).collect();
    let other = shortest(runs, back, erase);
    if other.len() < best.len() { other } else { best }
}

/// The runs in the order that takes the fewest bytes.
fn shortest(mut runs: Vec<Run>, back: &Buffer, erase: Erase) -> Vec<u8> {
    let mut looks: Vec<Look> = Vec::new();
    for run in runs.iter().filter(|run| !run.blank) {
        if !looks.contains(&run.look) {
            looks.push(run.look);
        }
    }
    for run in &mut runs {
        let alike = |look: &Look| if run.blank { look.blank_alike(run.look) } else { *look == run.look };
        let known = looks.iter().position(alike).unwrap_or(looks.len());
        run.rank = if run.clears { 0 } else { known + 1 };
    }
    runs.sort_by_key(|run| (run.y, run.rank > 0, run.x));
    let mut best = written(&runs, back, erase);
    runs.sort_by_key(|run| (run.y, run.rank, run.x));
    let by_row = written(&runs, back, erase);
    runs.sort_by_key(|run| (run.rank, run.y, run.x));
    let by_look = written(&runs, back, erase);
    let nearest = nearest(&runs, back, erase);
    for other in [Some(by_row), Some(by_look), nearest].into_iter().flatten() {
        if other.len() < best.len() {
            best = other;
        }
    }
    best
}

/// Rows that had better be erased before anything is written to them: done so in the picture that is given.
fn clears(front: &mut Buffer, back: &Buffer, erase: Erase) -> Vec<Run> {
    let mut clears = Vec::new();
    let area = back.area;
    for y in area.top()..area.bottom() {
        let Some(last) = back.cell((area.right().saturating_sub(1), y)) else { continue };
        let look = Look { fg: Color::Reset, modifier: Modifier::empty(), ..Look::of(last) };
        let plain = last.symbol() == " " && Look::of(last).blank_alike(look);
        if !plain || (erase == Erase::Plain && look.bg != Color::Reset) {
            continue;
        }
        let blank = |x: u16| back.cell((x, y)).is_some_and(|cell| cell.symbol() == " " && look.takes(cell));
        let changed = |x: u16| match (front.cell((x, y)), back.cell((x, y))) {
            (Some(old), Some(new)) => !alike(old, new),
            (_, _) => false,
        };
        let won = (area.left()..area.right()).filter(|x| blank(*x) && changed(*x)).count();
        let lost = (area.left()..area.right()).filter(|x| !blank(*x) && !changed(*x)).count();
        if won > lost + usize::from(ERASED) {
            for x in area.left()..area.right() {
                if let Some(cell) = front.cell_mut((x, y)) {
                    cell.reset();
                    cell.bg = look.bg;
                }
            }
            clears.push(Run { y, x: area.left(), end: area.right(), look, blank: true, clears: true, rank: 0 });
        }
    }
    clears
}

fn runs(front: &Buffer, back: &Buffer) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let area = back.area;
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        while x < area.right() {
            let end = cluster(front, back, x, y);
            let changed = |x: u16| match (front.cell((x, y)), back.cell((x, y))) {
                (Some(old), Some(new)) => !alike(old, new),
                (_, _) => false,
            };
            if (x..end).any(changed) {
                let mut at = x;
                while let Some(cell) = back.cell((at, y)).filter(|_| at < end) {
                    add(&mut runs, (at, y), cell, back);
                    at = at.saturating_add(cells(cell));
                }
            }
            x = end;
        }
    }
    runs
}

/// The end of the cells that hang together: over a wide character that is, or was, on both of them.
fn cluster(front: &Buffer, back: &Buffer, x: u16, y: u16) -> u16 {
    let wide = |buf: &Buffer, x: u16| buf.cell((x, y)).map_or(1, cells);
    let mut end = x + 1;
    let mut at = x;
    while at < end {
        end = end.max(at + wide(front, at)).max(at + wide(back, at)).min(back.area.right());
        at += 1;
    }
    end
}

/// Adds a cell to the run before it, or begins one.
fn add(runs: &mut Vec<Run>, (x, y): (u16, u16), cell: &Cell, back: &Buffer) {
    let end = x.saturating_add(cells(cell));
    let blank = cell.symbol() == " ";
    if let Some(run) = runs.last_mut()
        && run.y == y
        && run.end <= x
        && bridged(run, x, back)
    {
        if run.look.takes(cell) {
            run.end = end;
            run.blank &= blank;
            return;
        }
        // Blanks before a text take its look.
        if run.blank && !blank && Look::of(cell).blank_alike(run.look) {
            *run = Run { end, look: Look::of(cell), blank: false, ..*run };
            return;
        }
    }
    runs.push(Run { y, x, end, look: Look::of(cell), blank, clears: false, rank: 0 });
}

/// Whether what stands unchanged between a run and a cell may as well be written again.
fn bridged(run: &Run, x: u16, back: &Buffer) -> bool {
    x - run.end <= BRIDGE
        && (run.end..x).all(|x| {
            back.cell((x, run.y)).is_some_and(|cell| {
                let plain = cell.symbol().len() == 1 && cell.symbol() != " ";
                (plain && !run.blank && run.look.takes(cell)) || (cell.symbol() == " " && run.look.takes(cell))
            })
        })
}

fn cells(cell: &Cell) -> u16 {
    if cell.symbol().len() == 1 {
        return 1;
    }
    u16::try_from(width(cell.symbol())).unwrap_or(1).max(1)
}

fn written(runs: &[Run], back: &Buffer, erase: Erase) -> Vec<u8> {
    let mut ink = Ink::new(back, erase);
    for run in runs {
        ink.run(run, back);
    }
    ink.bytes
}

/// How many distances are compared at most: beyond that the picture is so new that moves hardly count.
const COMPARED: usize = 400_000;

/// The runs one look after the other, and of each look always the one that is nearest: columns of a table are walked
/// down, where the next row is one line feed away. Runs come sorted by their looks.
fn nearest(runs: &[Run], back: &Buffer, erase: Erase) -> Option<Vec<u8>> {
    let looks = || runs.chunk_by(|one, next| one.rank == next.rank);
    if looks().map(|group| group.len() * group.len()).sum::<usize>() > COMPARED {
        return None;
    }
    let mut ink = Ink::new(back, erase);
    for group in looks() {
        let mut left = group.to_vec();
        while let Some((n, _)) = left.iter().enumerate().min_by_key(|(_, run)| way::cost(ink.at, (run.x, run.y))) {
            ink.run(&left.remove(n), back);
        }
    }
    Some(ink.bytes)
}

/// A terminal being written to: where its cursor is and how it writes, as far as that is known.
struct Ink {
    bytes: Vec<u8>,
    at: Option<(u16, u16)>,
    look: Option<Look>,
    erase: Erase,
    across: u16,
}

impl Ink {
    fn new(back: &Buffer, erase: Erase) -> Self {
        Self { bytes: Vec::new(), at: None, look: None, erase, across: back.area.right() }
    }

    fn run(&mut self, run: &Run, back: &Buffer) {
        match self.look {
            Some(look) if look == run.look || (run.blank && look.blank_alike(run.look)) => {}
            _ => self.wear(run.look),
        }
        if run.clears {
            self.go(run.x, run.y);
            self.bytes.extend_from_slice(b"\x1b[K");
            return;
        }
        let mut x = run.x;
        while x < run.end {
            let Some(cell) = back.cell((x, run.y)) else { return };
            let blanks = (x..run.end).take_while(|x| back.cell((*x, run.y)).is_some_and(|one| one.symbol() == " "));
            let blanks = u16::try_from(blanks.count()).unwrap_or(u16::MAX);
            if blanks >= ERASED.min(self.across - x) && self.fills() && blanks > 3 {
                self.go(x, run.y);
                if x + blanks == self.across {
                    self.bytes.extend_from_slice(b"\x1b[K");
                } else {
                    self.say(format_args!("\x1b[{blanks}X"));
                }
                x += blanks;
                continue;
            }
            self.go(x, run.y);
            self.bytes.extend_from_slice(cell.symbol().as_bytes());
            let wide = cells(cell);
            x += wide;
            // Terminals differ in how wide they take what is made of several characters; and at the edge the cursor waits.
            let sure = cell.symbol().chars().count() == 1 && x < self.across;
            self.at = sure.then_some((x, run.y));
        }
    }

    /// Whether blanks in the look that is worn come of erasing.
    fn fills(&self) -> bool {
        let plain = self.look.is_some_and(|look| (look.modifier & SHOWN_ON_BLANKS).is_empty());
        let usual = self.look.is_some_and(|look| look.bg == Color::Reset);
        plain && (usual || self.erase == Erase::Fills)
    }

    fn say(&mut self, text: std::fmt::Arguments<'_>) {
        // Memory takes everything.
        let _ = self.bytes.write_fmt(text);
    }

    /// The shortest way to a cell.
    fn go(&mut self, x: u16, y: u16) {
        let to = (x, y);
        if self.at != Some(to) {
            self.bytes.extend_from_slice(way::shortest(self.at, to).as_bytes());
            self.at = Some(to);
        }
    }

    /// Changes the look: by what differs, or from scratch, whichever is shorter.
    fn wear(&mut self, look: Look) {
        let scratch = {
            let told = told(Look::USUAL, look);
            if told.is_empty() { String::new() } else { format!("0;{told}") }
        };
        let codes = match self.look {
            Some(worn) => {
                let step = told(worn, look);
                if step.len() <= scratch.len() || (scratch.is_empty() && step.is_empty()) { step } else { scratch }
            }
            None => scratch,
        };
        if self.look != Some(look) {
            self.say(format_args!("\x1b[{codes}m"));
        }
        self.look = Some(look);
    }
}

/// Modifiers, with the codes that begin and end them.
const MODIFIERS: [(Modifier, &str, &str); 8] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::SLOW_BLINK, "5", "25"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

/// The codes from one look to another.
fn told(from: Look, to: Look) -> String {
    let mut codes: Vec<String> = Vec::new();
    let mut had = from.modifier;
    let gone = had - to.modifier;
    for (modifier, _, end) in MODIFIERS {
        if gone.contains(modifier) && had.contains(modifier) {
            codes.push(end.to_owned());
            // Bold and dim end together.
            had -= if end == "22" { Modifier::BOLD | Modifier::DIM } else { modifier };
        }
    }
    for (modifier, begin, _) in MODIFIERS {
        if to.modifier.contains(modifier) && !had.contains(modifier) {
            codes.push(begin.to_owned());
        }
    }
    if from.fg != to.fg {
        codes.push(colour(to.fg, 30));
    }
    if from.bg != to.bg {
        codes.push(colour(to.bg, 40));
    }
    codes.join(";")
}

fn colour(color: Color, base: u8) -> String {
    let (plain, bright) = (|n: u8| (base + n).to_string(), |n: u8| (base + 60 + n).to_string());
    match color {
        Color::Reset => plain(9),
        Color::Black => plain(0),
        Color::Red => plain(1),
        Color::Green => plain(2),
        Color::Yellow => plain(3),
        Color::Blue => plain(4),
        Color::Magenta => plain(5),
        Color::Cyan => plain(6),
        Color::Gray => plain(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
    }
}
