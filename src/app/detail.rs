//! Everything about the chosen row: each of its fields, in words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::Value;

use crate::app::state::State;
use crate::app::window::window;
use crate::domain::clock::{Moment, Tz};
use crate::text::width::{Align, wrap};
use crate::ui::action::Action;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::views::Visit;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};

/// The fields of the row with a key.
struct Fields<'k> {
    key: &'k str,
}

impl Visit for Fields<'_> {
    type Out = Option<Value>;

    fn see<R: View>(self, rows: &Rows<R>) -> Option<Value> {
        let row = rows.iter().find(|row| row.key() == self.key)?;
        serde_json::to_value(row).ok()
    }
}

/// Draws the chosen row's fields.
pub fn draw(first: usize, state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let (Some(board), Some(pane)) = (&state.board, state.pane()) else { return };
    let Some(key) = pane.chosen() else { return };
    let size = (screen.width.saturating_sub(8).min(110), screen.height.saturating_sub(4));
    let inside = window(key, size, theme, screen, buf);
    let Some(value) = board.views.visit(state.place.view, Fields { key }) else {
        Pen::new(buf, theme, inside, 0).write("no longer there", Role::Muted);
        return;
    };
    let mut lines = Vec::new();
    let lens = Lens { now: state.now, zone: state.settings.zone, zones: &board.header.zones };
    let zone = lens.zone_of(pane.about(board).as_ref());
    told(String::new(), &value, zone, &mut lines);
    let width = usize::from(inside.width).saturating_sub(NAME + 1);
    let rows = lines.into_iter().flat_map(|(name, text)| {
        let wrapped = wrap(&text, width.max(8));
        wrapped.into_iter().enumerate().map(move |(n, line)| (if n == 0 { name.clone() } else { String::new() }, line))
    });
    let rows: Vec<(String, String)> = rows.collect();
    let height = usize::from(inside.height.saturating_sub(2));
    let first = first.min(rows.len().saturating_sub(height));
    for (n, (name, line)) in rows.iter().skip(first).take(height).enumerate() {
        let mut pen = Pen::new(buf, theme, inside, u16::try_from(n).unwrap_or(u16::MAX));
        pen.cell(name, Role::Muted, NAME, Align::Left).skip(1).write(line, Role::Text);
    }
    hints(state, inside, buf);
}

/// What can be done from here, in the keys that do it.
fn hints(state: &State, inside: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let about = state.board.as_ref().and_then(|board| state.pane()?.about(board));
    let page = about.map(|id| format!("page of {id}"));
    let mut pen = Pen::new(buf, theme, inside, inside.height.saturating_sub(1));
    let hints = [
        (Action::Open, page.as_deref().unwrap_or_default()),
        (Action::Link, "elsewhere"),
        (Action::Copy, "copy"),
        (Action::Back, "close"),
    ];
    for (action, says) in hints.iter().filter(|(_, says)| !says.is_empty()) {
        let Some(key) = state.settings.keys.key(*action) else { continue };
        pen.write(key.shown(theme.signs), Role::Key).skip(1).write(says, Role::Muted).skip(2);
    }
}

/// The width of a field's name.
const NAME: usize = 24;

/// Fields as lines: an object's with dots, a list's things a line each, moments by the wall clock that is looked at, what is
/// unknown as such.
fn told(name: String, value: &Value, zone: Tz, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (field, inner) in fields {
                told(if name.is_empty() { field.clone() } else { format!("{name}.{field}") }, inner, zone, into);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                into.push((if n == 0 { name.clone() } else { String::new() }, briefly(item, zone)));
            }
        }
        Value::Null => into.push((name, "unknown".to_owned())),
        one => into.push((name, briefly(one, zone))),
    }
}

/// A thing in one line. What nobody knows of a thing in a list is left out: the list would be mostly that.
fn briefly(value: &Value, zone: Tz) -> String {
    match value {
        Value::Object(fields) => {
            let known = fields.iter().filter(|(_, inner)| !is_nothing(inner));
            let said = known.map(|(field, inner)| match inner {
                Value::Object(_) | Value::Array(_) => format!("{field} ({})", briefly(inner, zone)),
                _ => format!("{field} {}", briefly(inner, zone)),
            });
            said.collect::<Vec<_>>().join(" · ")
        }
        Value::Array(items) => items.iter().map(|item| briefly(item, zone)).collect::<Vec<_>>().join(", "),
        Value::Null => "unknown".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => match text.parse::<Moment>() {
            Ok(at) if text.contains('T') => at.with_timezone(&zone).format("%a %-d %b %Y %H:%M:%S %Z").to_string(),
            _ => text.clone(),
        },
        Value::Number(n) => n.to_string(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
    }
}
