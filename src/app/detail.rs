//! Everything about the chosen row: each of its fields, in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::Value;

use crate::app::drawer::Drawer;
use crate::app::state::State;
use crate::domain::clock::{Moment, Tz};
use crate::text::plain::ascii;
use crate::text::width::{Align, width, wrap};
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::views::Visit;
use crate::views::cell::UNKNOWN;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};

mod fields;

use fields::Fields;

/// What is told about a row.
struct Told {
    /// What it is called by: the columns that stay on the narrowest screen.
    title: String,
    lines: Vec<(String, String)>,
}

/// The row with a key, in words.
struct Tell<'a> {
    key: &'a str,
    lens: &'a Lens<'a>,
}

impl Visit for Tell<'_> {
    type Out = Option<Told>;

    fn see<R: View>(self, rows: &Rows<R>) -> Option<Told> {
        let row = rows.iter().find(|row| row.key() == self.key)?;
        let fields = Fields::of(row)?;
        let called = R::COLUMNS.iter().filter(|column| column.keep == 9).map(|column| (column.cell)(row, self.lens));
        let called: Vec<_> = called.filter(|text| !text.is_empty() && text != UNKNOWN).collect();
        // What nobody knows is told where its column says so; what there is nothing to know about is left out.
        let unknown = |name: &str| {
            R::COLUMNS.iter().any(|column| column.name == name && (column.cell)(row, self.lens) == UNKNOWN)
        };
        let mut lines = Vec::new();
        let words = Words { zone: self.lens.zone_of(row.installation()), now: self.lens.now };
        for (name, value) in fields.0 {
            if is_nothing(&value) && !unknown(&name) {
                continue;
            }
            words.field(&name, &value, &mut lines);
        }
        Some(Told { title: called.join("  "), lines })
    }
}

/// The chosen row in words, wrapped to the width of the screen.
fn told(state: &State, across: u16) -> Option<(Told, usize)> {
    let (board, pane) = (state.board.as_ref()?, state.pane()?);
    let now = state.travel.unwrap_or(state.now);
    let lens = Lens { now, zone: state.settings.zone, zones: &board.header.zones };
    let mut told = board.views.visit(state.place.view, Tell { key: pane.chosen()?, lens: &lens })?;
    let name = told.lines.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let room = Drawer::room(across).saturating_sub(name + 2).max(8);
    let wrapped = told.lines.drain(..).flat_map(|(name, text)| {
        let lines = wrap(&text, room).into_iter().enumerate();
        lines.map(move |(n, line)| (if n == 0 { name.clone() } else { String::new() }, line))
    });
    told.lines = wrapped.collect();
    Some((told, name))
}

/// How far it can be scrolled.
#[must_use]
pub fn last(state: &State) -> usize {
    let lines = told(state, state.size.0).map_or(0, |(told, _)| told.lines.len());
    lines.saturating_sub(Drawer::rows(lines, state.size.1))
}

/// Draws the chosen row's fields.
pub fn draw(first: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let gone = || (Told { title: "no longer there".to_owned(), lines: Vec::new() }, 0);
    let (told, name) = told(state, screen.width).unwrap_or_else(gone);
    let plain = |text: &str| if theme.signs.ascii { ascii(text) } else { text.to_owned() };
    let drawer = Drawer::pull(&plain(&told.title), told.lines.len(), theme, screen, buf);
    let height = usize::from(drawer.inside.height);
    let first = first.min(told.lines.len().saturating_sub(height));
    for (row, (field, line)) in (0..drawer.inside.height).zip(told.lines.iter().skip(first)) {
        let mut pen = Pen::new(buf, theme, drawer.inside, row);
        pen.cell(field, Role::Muted, name, Align::Left).skip(2).write(&plain(line), Role::Text);
    }
    let about = state.board.as_ref().and_then(|board| state.pane()?.about(board));
    let page = about.map(|id| format!("page of {id}")).unwrap_or_default();
    let hints =
        [(Action::Open, page.as_str()), (Action::Link, "elsewhere"), (Action::Copy, "copy"), (Action::Back, "close")];
    drawer.foot(&hints, told.lines.len().saturating_sub(first), state, buf);
}

/// How values are said.
struct Words {
    zone: Tz,
    now: Moment,
}

impl Words {
    /// One field in lines: a list's things and an object's fields a line each.
    fn field(&self, name: &str, value: &Value, into: &mut Vec<(String, String)>) {
        let (name, value) = match (name.strip_suffix("_ms"), name.strip_suffix("_s"), value.as_i64()) {
            (Some(name), _, Some(n)) => (name, Value::String(format!("{n} ms"))),
            (None, Some(name), Some(n)) => {
                (name, Value::String(words::fixed(chrono::TimeDelta::try_seconds(n).unwrap_or_default())))
            }
            (_, _, _) => (name, value.clone()),
        };
        let name = name.replace('_', " ");
        let lines: Vec<String> = match &value {
            Value::Array(items) => items.iter().map(|item| self.briefly(item)).collect(),
            Value::Object(fields) => {
                let known = fields.iter().filter(|(_, inner)| !is_nothing(inner));
                known.map(|(field, inner)| format!("{}  {}", field.replace('_', " "), self.briefly(inner))).collect()
            }
            one => vec![self.briefly(one)],
        };
        into.extend(lines.into_iter().enumerate().map(|(n, line)| {
            let name = if n == 0 { name.clone() } else { String::new() };
            (name, line)
        }));
    }

    /// A thing in one line. What nobody knows of a thing in a list is left out: the list would be mostly that.
    fn briefly(&self, value: &Value) -> String {
        match value {
            Value::Object(fields) => {
                let known = fields.iter().filter(|(_, inner)| !is_nothing(inner));
                let said = known.map(|(field, inner)| match inner {
                    Value::Object(_) | Value::Array(_) => format!("{field} ({})", self.briefly(inner)),
                    _ => format!("{field} {}", self.briefly(inner)),
                });
                said.collect::<Vec<_>>().join(" · ")
            }
            Value::Array(items) => items.iter().map(|item| self.briefly(item)).collect::<Vec<_>>().join(", "),
            Value::Null => "unknown".to_owned(),
            Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::String(text) => match text.parse::<Moment>() {
                Ok(at) if text.contains('T') => self.moment(at),
                _ => text.clone(),
            },
            Value::Number(n) => n.to_string(),
        }
    }

    /// A moment by the wall clock that is looked at, and how far from now it is.
    fn moment(&self, at: Moment) -> String {
        format!("{} · {}", at.with_timezone(&self.zone).format("%a %-d %b %Y %H:%M:%S %Z"), words::ago(self.now - at))
    }
}

/// Whether there is nothing to tell: of what is only said where it is so, that it is not.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}
