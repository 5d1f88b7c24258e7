//! A matrix: an installation on each line, a thing on each column, and in the cell how the two get on.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::text::plain::ascii;
use crate::text::width::{Align, width};
use crate::ui::action::Action;
use crate::ui::pane::{Point, Scene, Took};
use crate::ui::panes::pictured::Picture;
use crate::ui::panes::table::Table;
use crate::ui::role::Role;
use crate::ui::widgets::line::{Edge, Pen};
use crate::ui::widgets::page::page;
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::lens::Lens;
use crate::views::rows::View;

/// What a matrix is made of, for one view.
pub struct Kind<R: View> {
    /// The column of a row: its rank among the columns, and its name.
    pub column: for<'r> fn(&'r R) -> (usize, &'r str),
    /// What is said in a cell where there is room for all of it.
    pub cell: for<'r> fn(&'r R) -> Cow<'r, str>,
    /// What is said where there is room for the most telling of it alone, and nothing where the mark says it.
    pub brief: for<'r> fn(&'r R) -> Cow<'r, str>,
    /// What is said where there is not: three signs at most.
    pub short: fn(&R) -> String,
    /// What is said about the chosen cell.
    pub about: fn(&R, &Lens<'_>) -> String,
    /// What stands beside the matrix about the chosen column.
    pub beside: Option<Beside<R>>,
    /// What the title says.
    pub says: &'static str,
    /// What the marks mean, the commonest first.
    pub legend: &'static [(Tone, &'static str)],
    /// What a short cell says.
    pub shorts: &'static str,
}

/// Something drawn beside a matrix: about the column of the chosen row.
pub struct Beside<R: View> {
    /// The columns of the screen it takes.
    pub width: u16,
    /// What of a row is counted over the fleet.
    pub value: for<'r> fn(&'r R) -> &'r str,
    /// Says it in one line, on a screen without room beside the matrix.
    pub line: fn(&R, &Spread) -> String,
    /// Draws it.
    pub draw: fn(&R, &Spread, &Scene<'_>, Rect, &mut Buffer),
}

/// How often each value stands in a column, and how many of those are not as they should be. Counted once per board.
pub type Spread = BTreeMap<String, (usize, usize)>;

/// One cell: the worst of what belongs there.
#[derive(Clone, Copy, Debug)]
struct Cell {
    at: usize,
    tone: Tone,
}

/// A matrix of a view's rows.
pub struct Matrix<R: View> {
    kind: &'static Kind<R>,
    columns: Vec<Head>,
    lines: Vec<(String, BTreeMap<usize, Cell>)>,
    spreads: Vec<Spread>,
    /// By a row's place in the table: its line and column.
    of: Vec<(usize, usize)>,
    widest: usize,
    first: usize,
    height: usize,
}

/// A column: its name, and how wide the longest text in it is, whole and brief.
struct Head {
    name: String,
    whole: usize,
    brief: usize,
}

impl Head {
    /// The cells it takes on the screen.
    fn cells(&self, words: Words) -> usize {
        match words {
            Words::Whole => width(&self.name).max(self.whole + 2) + 2,
            Words::Brief => width(&self.name).min(NAME).max(self.brief + 2) + 1,
            Words::Short(most) => (width(&self.name) + 1).clamp(SHORT, most.max(SHORT)),
        }
    }
}

/// How much is said in the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    /// All there is to say.
    Whole,
    /// The most telling of it.
    Brief,
    /// A few signs, below so much of a column's name at most.
    Short(usize),
}

/// The width of a cell that has no room for words.
const SHORT: usize = 6;

/// As much of a column's name is shown above brief texts at least.
const NAME: usize = 9;

/// As many rows there have to be for a line about the marks.
const HIGH: u16 = 28;

/// How the screen is divided.
#[derive(Clone, Copy, Debug)]
struct Layout {
    label: usize,
    words: Words,
    /// The first column shown, and how many.
    from: usize,
    shown: usize,
    matrix: Rect,
    beside: Rect,
    /// The row of what the marks mean, and the one of what the chosen column is like, where there is room for them.
    legend: Option<u16>,
    told: Option<u16>,
}

impl<R: View> Matrix<R> {
    /// A matrix of a kind.
    #[must_use]
    pub fn of(kind: &'static Kind<R>) -> Self {
        Self {
            kind,
            columns: Vec::new(),
            lines: Vec::new(),
            spreads: Vec::new(),
            of: Vec::new(),
            widest: 0,
            first: 0,
            height: 20,
        }
    }

    fn layout(&self, area: Rect, column: usize) -> Layout {
        let label = self.widest.clamp(8, if area.width >= 100 { 24 } else { 16 });
        let room = |wide: u16| usize::from(area.width - wide).saturating_sub(label + 5);
        let all = self.columns.len().max(1);
        let needs = |words: Words| self.columns.iter().map(|column| column.cells(words)).sum::<usize>();
        let full = needs(Words::Whole);
        let wide = self.kind.beside.as_ref().map_or(0, |beside| beside.width);
        let wide = if area.width >= 120 { wide.min(area.width / 3) } else { 0 };
        // Words in the cells are worth more than what stands beside them.
        let wide = if full <= room(0) && full > room(wide) { 0 } else { wide };
        // The last row is what the chosen cell says; above it, what its column is like, unless that stands beside.
        let told = (self.kind.beside.is_some() && wide == 0).then(|| area.height.saturating_sub(2));
        let above = told.unwrap_or_else(|| area.height.saturating_sub(1));
        let legend = (told.is_none() || area.height >= HIGH).then(|| above.saturating_sub(1));
        let matrix = Rect { width: area.width - wide, height: legend.unwrap_or(above), ..area };
        let beside = Rect { x: area.x + matrix.width, width: wide, height: matrix.height, ..area };
        let room = room(wide);
        let words = if full <= room {
            Words::Whole
        } else if needs(Words::Brief) <= room {
            Words::Brief
        } else {
            Words::Short((SHORT..=24).take_while(|most| needs(Words::Short(*most)) <= room).last().unwrap_or(SHORT))
        };
        let shown = if matches!(words, Words::Short(_)) { (room / SHORT).clamp(1, all) } else { all };
        let from = page(0, column, all, shown).start;
        Layout { label, words, from, shown, matrix, beside, legend, told }
    }

    fn spot(&self, at: usize) -> (usize, usize) {
        self.of.get(at).copied().unwrap_or((0, 0))
    }

    /// The row nearest to a column on a line.
    fn nearest(&self, line: usize, column: usize) -> Option<usize> {
        let (_, cells) = self.lines.get(line)?;
        cells.iter().min_by_key(|(at, _)| at.abs_diff(column)).map(|(_, cell)| cell.at)
    }

    fn step(&self, action: Action, at: usize) -> Option<usize> {
        let (line, column) = self.spot(at);
        let last = self.lines.len().saturating_sub(1);
        let (_, cells) = self.lines.get(line)?;
        match action {
            Action::Left => cells.range(..column).next_back().map(|(_, cell)| cell.at).or(Some(at)),
            Action::Right => cells.range(column + 1..).next().map(|(_, cell)| cell.at).or(Some(at)),
            Action::Up => self.nearest(line.saturating_sub(1), column),
            Action::Down => self.nearest((line + 1).min(last), column),
            Action::PageUp => self.nearest(line.saturating_sub(self.height), column),
            Action::PageDown => self.nearest((line + self.height).min(last), column),
            Action::Top => self.nearest(0, column),
            Action::Bottom => self.nearest(last, column),
            _ => None,
        }
    }

    fn go(&mut self, to: usize, table: &mut Table<R>, board: &Board) -> Took {
        self.first = page(self.first, self.spot(to).0, self.lines.len(), self.height).start;
        table.move_to(to, board)
    }
}

impl<R: View> Picture<R> for Matrix<R> {
    fn actions(&self) -> &'static [Action] {
        &[
            Action::Open,
            Action::Filter,
            Action::Map,
            Action::Left,
            Action::Right,
            Action::Focus,
            Action::Copy,
            Action::Export,
        ]
    }

    fn says(&self, _table: &Table<R>) -> String {
        self.kind.says.to_owned()
    }

    fn settle(&mut self, table: &mut Table<R>, board: &Board) {
        let mut names: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        for row in table.rows(board) {
            names.insert((self.kind.column)(row), 0);
        }
        for (n, at) in names.values_mut().enumerate() {
            *at = n;
        }
        let mut widths = vec![(0, 0); names.len()];
        self.spreads = vec![Spread::new(); names.len()];
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut lines: Vec<(String, BTreeMap<usize, Cell>)> = Vec::new();
        let mut spots = Vec::with_capacity(table.len());
        self.widest = 0;
        for (at, row) in table.rows(board).enumerate() {
            let name = row.installation().map_or("fleet", |id| id.as_str());
            let line = *known.entry(name).or_insert(lines.len());
            if line == lines.len() {
                self.widest = self.widest.max(width(name));
                lines.push((name.to_owned(), BTreeMap::new()));
            }
            let column = names.get(&(self.kind.column)(row)).copied().unwrap_or(0);
            let cell = Cell { at, tone: row.tone() };
            if let (Some(beside), Some(spread)) = (&self.kind.beside, self.spreads.get_mut(column)) {
                let value = (beside.value)(row);
                if !spread.contains_key(value) {
                    spread.insert(value.to_owned(), (0, 0));
                }
                if let Some((all, off)) = spread.get_mut(value) {
                    *all += 1;
                    *off += usize::from(!matches!(cell.tone, Tone::Ok | Tone::Ahead));
                }
            }
            if let Some((whole, brief)) = widths.get_mut(column) {
                *whole = width(&(self.kind.cell)(row)).max(*whole);
                *brief = width(&(self.kind.brief)(row)).max(*brief);
            }
            if let Some((_, cells)) = lines.get_mut(line) {
                let kept = cells.entry(column).or_insert(cell);
                if kept.tone < cell.tone {
                    *kept = cell;
                }
            }
            spots.push((line, column));
        }
        let head = |((_, name), (whole, brief)): (&(usize, &str), (usize, usize))| Head {
            name: (*name).to_owned(),
            whole,
            brief,
        };
        self.columns = names.keys().zip(widths).map(head).collect();
        // The installation with the worst cells stands first.
        let bad = |cells: &BTreeMap<usize, Cell>| {
            let mut tones: Vec<Tone> =
                cells.values().map(|cell| cell.tone).filter(|tone| *tone > Tone::Ahead).collect();
            tones.sort_unstable_by(|a, b| b.cmp(a));
            tones
        };
        let mut order: Vec<(Vec<Tone>, usize)> =
            lines.iter().enumerate().map(|(n, (_, cells))| (bad(cells), n)).collect();
        order.sort_by(|(a, n), (b, m)| b.cmp(a).then(n.cmp(m)));
        let mut place = vec![0; lines.len()];
        for (new, (_, old)) in order.iter().enumerate() {
            if let Some(place) = place.get_mut(*old) {
                *place = new;
            }
        }
        let moved: Vec<_> = order.iter().filter_map(|(_, old)| lines.get(*old).cloned()).collect();
        self.lines = moved;
        self.of = spots.into_iter().map(|(line, n)| (place.get(line).copied().unwrap_or(0), n)).collect();
        // As long as nobody chose a cell, it is the worst of the installation that stands first.
        let worst = self.lines.first().and_then(|(_, cells)| cells.values().rev().max_by_key(|cell| cell.tone));
        if let Some(worst) = worst {
            table.begin_at(worst.at, board);
        }
        self.first = page(self.first, self.spot(table.at()).0, self.lines.len(), self.height).start;
    }

    fn fits(&mut self, area: Rect) {
        self.height = usize::from(self.layout(area, 0).matrix.height.saturating_sub(1)).max(1);
    }

    fn take(&mut self, action: Action, table: &mut Table<R>, board: &Board) -> Took {
        match self.step(action, table.at()) {
            Some(to) => self.go(to, table, board),
            None => Took::Passed,
        }
    }

    fn point(&mut self, at: Point, area: Rect, table: &mut Table<R>, board: &Board) -> Took {
        let (line, column) = self.spot(table.at());
        let layout = self.layout(area, column);
        match at {
            Point::WheelUp => self.take(Action::Up, table, board),
            Point::WheelDown => self.take(Action::Down, table, board),
            Point::Click(x, y) => {
                let height = usize::from(layout.matrix.height.saturating_sub(1));
                let shown = page(self.first, line, self.lines.len(), height);
                let line = usize::from(y.saturating_sub(area.y)).checked_sub(1).map(|row| row + shown.start);
                let mut x = usize::from(x.saturating_sub(area.x)).saturating_sub(layout.label + 5);
                let columns = self.columns.iter().enumerate().skip(layout.from).take(layout.shown);
                let under = columns.take_while(|(_, column)| {
                    let wide = column.cells(layout.words);
                    let here = x < wide;
                    x = x.saturating_sub(wide);
                    !here
                });
                let column = (layout.from + under.count()).min(self.columns.len().saturating_sub(1));
                let to = line.filter(|line| shown.contains(line)).and_then(|line| self.nearest(line, column));
                to.map_or(Took::Passed, |to| self.go(to, table, board))
            }
        }
    }

    fn draw(&self, table: &Table<R>, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let (line, column) = self.spot(table.at());
        let layout = self.layout(area, column);
        self.heads(layout, column, scene, buf);
        let height = usize::from(layout.matrix.height.saturating_sub(1));
        for (n, at) in page(self.first, line, self.lines.len(), height).enumerate() {
            if let Some(one) = self.lines.get(at) {
                let below = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1);
                let edge = Edge { chosen: at == line, marked: false, focused: scene.focused };
                let pen = Pen::edged(buf, scene.theme, layout.matrix, below, edge);
                self.line(one, (at == line).then_some(column), layout, table, scene, pen);
            }
        }
        let Some(row) = table.row(scene.board, table.at()) else { return };
        let mut pen = Pen::new(buf, scene.theme, area, area.height.saturating_sub(1));
        let tone = row.tone();
        let about = (self.kind.about)(row, &scene.lens());
        let about = if scene.theme.signs.ascii { ascii(&about) } else { about };
        pen.skip(2).write(scene.theme.signs.mark(tone), Role::toned(tone)).skip(1).write(&about, Role::Text);
        if let Some(row) = layout.legend {
            self.legend(layout.words, scene, Pen::new(buf, scene.theme, area, row));
        }
        let (Some(spread), Some(beside)) = (self.spreads.get(column), &self.kind.beside) else { return };
        match layout.told {
            Some(below) => {
                let line = (beside.line)(row, spread);
                let line = if scene.theme.signs.ascii { ascii(&line) } else { line };
                Pen::new(buf, scene.theme, area, below).skip(4).write(&line, Role::Muted);
            }
            None => (beside.draw)(row, spread, scene, layout.beside, buf),
        }
    }
}

impl<R: View> Matrix<R> {
    /// A column's name in so many cells: where another one begins alike, by its last part.
    fn head<'n>(&self, name: &'n str, cells: usize) -> Cow<'n, str> {
        let short = beginning(name, cells);
        let same = |other: &Head| other.name != name && beginning(&other.name, cells) == short;
        let alike = self.columns.iter().any(same);
        match name.split_once('-').filter(|_| alike && short != name) {
            Some((first, _)) => {
                let last = name.rsplit('-').next().unwrap_or_default();
                let told = format!("{}-{last}", beginning(first, 1));
                beginning(&told, cells).to_owned().into()
            }
            None => short.into(),
        }
    }

    fn heads(&self, layout: Layout, column: usize, scene: &Scene<'_>, buf: &mut Buffer) {
        let mut pen = Pen::new(buf, scene.theme, layout.matrix, 0);
        let more = if layout.from > 0 { scene.theme.signs.ellipsis } else { "" };
        pen.skip(4).cell("installation", Role::Muted, layout.label, Align::Left).cell(
            more,
            Role::Muted,
            1,
            Align::Left,
        );
        for (n, one) in self.columns.iter().enumerate().skip(layout.from).take(layout.shown) {
            let role = if n == column { Role::Accent } else { Role::Muted };
            let wide = one.cells(layout.words);
            pen.cell(&self.head(&one.name, wide - 1), role, wide - 1, Align::Left).skip(1);
        }
        if layout.from + layout.shown < self.columns.len() {
            pen.right(1).write(scene.theme.signs.ellipsis, Role::Muted);
        }
    }

    /// What the marks mean.
    fn legend(&self, words: Words, scene: &Scene<'_>, mut pen: Pen<'_>) {
        pen.skip(2);
        for (tone, word) in self.kind.legend {
            if usize::from(pen.room()) < width(word) + 4 {
                return;
            }
            pen.write(scene.theme.signs.mark(*tone), Role::toned(*tone)).skip(1).write(word, Role::Muted).skip(2);
        }
        if matches!(words, Words::Short(_)) && usize::from(pen.room()) > width(self.kind.shorts) {
            pen.write(self.kind.shorts, Role::Muted);
        }
    }

    fn line(
        &self,
        (name, cells): &(String, BTreeMap<usize, Cell>),
        chosen: Option<usize>,
        layout: Layout,
        table: &Table<R>,
        scene: &Scene<'_>,
        mut pen: Pen<'_>,
    ) {
        let signs = scene.theme.signs;
        let worst = cells.values().map(|cell| cell.tone).max().unwrap_or(Tone::Plain);
        pen.name(1 + layout.label, |pen| {
            pen.cell(signs.mark(worst), Role::toned(worst), 2, Align::Left);
            pen.cell(name, Role::Text, layout.label, Align::Left);
        });
        pen.skip(1);
        for (n, column) in self.columns.iter().enumerate().skip(layout.from).take(layout.shown) {
            let wide = column.cells(layout.words);
            let Some((cell, row)) = cells.get(&n).and_then(|cell| Some((cell, table.row(scene.board, cell.at)?)))
            else {
                pen.cell(signs.dot, Role::Empty, wide, Align::Left);
                continue;
            };
            let here = chosen == Some(n);
            let role = Role::toned(cell.tone);
            let text = match layout.words {
                Words::Whole => (self.kind.cell)(row),
                Words::Brief => (self.kind.brief)(row),
                Words::Short(_) => (self.kind.short)(row).into(),
            };
            let text = if signs.ascii { Cow::Owned(ascii(&text)) } else { text };
            let mark = signs.mark(cell.tone);
            if here {
                pen.block(&format!("{mark} {text}"), role, wide.saturating_sub(1)).skip(1);
                continue;
            }
            let quiet = if cell.tone == Tone::Ok { Role::Muted } else { role };
            pen.write(mark, role).skip(1).cell(&text, quiet, wide.saturating_sub(3), Align::Left).skip(1);
        }
    }
}

/// The beginning of a name, with no sign for what is cut: the whole name stands below.
fn beginning(name: &str, cells: usize) -> &str {
    let fits = name
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| name.get(..*end).is_some_and(|start| width(start) <= cells));
    name.get(..fits.last().unwrap_or(0)).unwrap_or_default()
}
