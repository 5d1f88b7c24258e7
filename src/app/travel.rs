//! Time travel: judging at another moment, typed as people say it.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::prompt::Prompt;
use crate::app::state::State;
use crate::app::window::{typed, window};
use crate::domain::clock::{Moment, local, start_of};
use crate::ui::role::Role;
use crate::ui::theme::Theme;
use crate::ui::widgets::line::Pen;

/// Reads `2026-12-03`, `2026-12-03 17:00`, RFC 3339, `+3d`, `-12h`, or `now`. None is the present.
///
/// # Errors
/// Says what a time looks like.
pub fn read(text: &str, state: &State) -> Result<Option<Moment>, String> {
    let text = text.trim();
    let zone = state.board.as_ref().map_or(chrono_tz::UTC, |board| board.header.zone());
    if text.is_empty() || text == "now" {
        return Ok(None);
    }
    if let Some(offset) = offset(text) {
        return Ok(state.now.checked_add_signed(offset));
    }
    if let Ok(moment) = text.parse::<Moment>() {
        return Ok(Some(moment));
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Some(start_of(day, zone)));
    }
    match NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M") {
        Ok(wall) => Ok(Some(local(wall, zone))),
        Err(_) => Err(format!("`{text}` is no time: write `2026-12-03 17:00`, `+3d`, `-12h` or `now`")),
    }
}

fn offset(text: &str) -> Option<TimeDelta> {
    let forward = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let body: String = text.chars().skip(1).collect();
    let unit = body.chars().last()?;
    let amount: i64 = body.trim_end_matches(unit).parse().ok()?;
    let amount = forward * amount;
    match unit {
        'm' => TimeDelta::try_minutes(amount),
        'h' => TimeDelta::try_hours(amount),
        'd' => TimeDelta::try_days(amount),
        'w' => TimeDelta::try_weeks(amount),
        _ => None,
    }
}

/// Draws the line in which a time is typed.
pub fn draw(prompt: &Prompt, wrong: Option<&str>, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let inside = window("Judge at what time?", (62, 7), theme, screen, buf);
    typed(prompt, "> ", &mut Pen::new(buf, theme, inside, 0));
    let (text, role) = match wrong {
        Some(why) => (why, Role::Critical),
        None => ("2026-12-03 17:00, +3d, -12h; nothing or `now` comes back to the present", Role::Muted),
    };
    for (n, line) in crate::text::width::wrap(text, usize::from(inside.width)).iter().enumerate() {
        let row = u16::try_from(n).unwrap_or(u16::MAX).saturating_add(2);
        Pen::new(buf, theme, inside, row).write(line, role);
    }
}
