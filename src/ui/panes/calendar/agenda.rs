//! What is on from the first day of a page on, day by day, and how much of it at which hour of the chosen one.

use chrono::Timelike;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::clock::{Day, Moment, day_of, end_of, start_of};
use crate::domain::state::EntryKind;
use crate::text::plain::ascii;
use crate::text::width::{Align, width};
use crate::text::words;
use crate::ui::pane::Scene;
use crate::ui::panes::calendar::{Item, Quarter, parts, role};
use crate::ui::role::Role;
use crate::ui::widgets::bar;
use crate::ui::widgets::line::{Edge, Pen};
use crate::views::calendar::said;
use crate::views::column::Tone;

/// One line of the agenda.
fn one(item: &Item, scene: &Scene<'_>, mut pen: Pen<'_>) {
    let lens = scene.lens();
    let zone = lens.zone_of(None);
    let short = item.end.filter(|end| *end - item.start <= chrono::TimeDelta::hours(24));
    let hours = match (item.end, short) {
        // A last day is a day, not an hour.
        (_, Some(_)) if matches!(item.kind, EntryKind::Deadline | EntryKind::AnnounceBy) => String::new(),
        (_, Some(end)) => lens.hours(item.start, end, None),
        (Some(end), None) => format!("until {}", words::short_day(day_of(end, zone), lens.today())),
        (None, None) => String::new(),
    };
    let mut whose = format!(" · {}", item.whose);
    if item.expected > 0 {
        whose.push_str(&format!(" · {}", words::plural(item.expected, "rollout waits", "rollouts wait")));
    }
    let signs = scene.theme.signs;
    let plain = |text: &str| if signs.ascii { ascii(text) } else { text.to_owned() };
    let (hours, title, whose) = (plain(&hours), plain(&item.title), plain(&whose));
    pen.skip(4).cell(&hours, Role::Muted, 13, Align::Left);
    pen.cell(said(item.kind), role(item.kind), 12, Align::Left);
    // What is wrong and whom it touches is read to the end: it is the title that gives room.
    let behind = item.wrong.iter().map(|word| width(word) + 4).sum::<usize>() + width(&whose);
    let room = usize::from(pen.room()).saturating_sub(behind).max(TITLE);
    pen.cell(&title, Role::Text, width(&title).min(room), Align::Left);
    let room = usize::from(pen.room()).saturating_sub(behind - width(&whose));
    pen.cell(&whose, Role::Text, width(&whose).min(room), Align::Left);
    for word in &item.wrong {
        pen.skip(2).write(signs.mark(Tone::Warning), Role::Warning).skip(1).write(word, Role::Warning);
    }
}

/// The cells of a title that are kept whatever stands behind it.
const TITLE: usize = 10;

impl Quarter {
    /// The days of the agenda from a day on, each with what begins on it: what goes on from an earlier day was told there,
    /// unless that is out of sight.
    fn told(&self, from: Day) -> impl Iterator<Item = (Day, impl Iterator<Item = &Item>)> {
        self.days.range(from..).filter_map(move |(date, items)| {
            let goes_on = move |item: &&Item| *date > from && item.first < *date;
            let mut items = items.iter().filter(move |item| !goes_on(item)).peekable();
            items.peek().is_some().then_some((*date, items))
        })
    }

    /// Turns the agenda's page where the chosen day is not on it.
    pub(super) fn turn(&mut self) {
        let Some(day) = self.day else { return };
        let height = usize::from(parts(self.area).agenda.height);
        let from = self.from.filter(|from| *from <= day);
        let seen = from.is_some_and(|from| {
            let before = self.told(from).take_while(|(date, _)| *date < day);
            before.map(|(_, items)| 1 + items.count()).sum::<usize>() < height
        });
        if !seen {
            self.from = Some(day);
        }
    }

    pub(super) fn agenda(&self, day: Day, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let lens = scene.lens();
        let zone = lens.zone_of(None);
        let mut below = 0;
        for (date, items) in self.told(self.from.unwrap_or(day)) {
            if below >= area.height {
                return;
            }
            let edge = Edge { chosen: date == day, marked: false, focused: scene.focused };
            let mut pen = Pen::edged(buf, scene.theme, area, below, edge);
            let title = words::day(date, lens.today());
            let near = words::relative_day(date, lens.today());
            pen.name(width(&title), |pen| {
                pen.write(&title, Role::Title);
            });
            pen.skip(2).write(&near, Role::Muted);
            if below == 0 {
                pen.skip(2).write(zone.name(), Role::Muted);
            }
            below += 1;
            for item in items {
                if below >= area.height {
                    return;
                }
                one(item, scene, Pen::new(buf, scene.theme, area, below));
                below += 1;
            }
        }
        if below == 0 {
            Pen::new(buf, scene.theme, area, 0).skip(2).write("nothing is planned from this day on", Role::Muted);
        }
    }

    /// How many windows and maintenances are open in each hour of the day: how many people it takes.
    pub(super) fn load(&self, day: Day, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
        let zone = scene.lens().zone_of(None);
        let (from, to) = (start_of(day, zone), end_of(day, zone));
        let mut hours = [0_usize; 24];
        let items = self.days.get(&day).into_iter().flatten();
        for row in items.filter(|item| matches!(item.kind, EntryKind::Window | EntryKind::Maintenance)) {
            let (start, end) = (row.start.max(from), row.end.unwrap_or(row.start).min(to));
            let hour = |at: Moment| usize::try_from(at.with_timezone(&zone).hour()).unwrap_or(0);
            let last = if end > start { hour(end - chrono::TimeDelta::seconds(1)) } else { hour(start) };
            for slot in hours.iter_mut().take(last + 1).skip(hour(start)) {
                *slot += row.count;
            }
        }
        let most = hours.iter().copied().max().unwrap_or(0);
        let signs = scene.theme.signs;
        let mut pen = Pen::new(buf, scene.theme, area, 1);
        pen.skip(2).write("Load by the hour", Role::Title).skip(2);
        if most == 0 {
            pen.write("nobody is needed on this day", Role::Muted);
            return;
        }
        let peak = hours.iter().position(|n| *n == most).unwrap_or(0);
        pen.write(&format!("most at {peak}:00: {most} open at once"), Role::Muted);
        let mut pen = Pen::new(buf, scene.theme, area, 2);
        pen.skip(2);
        for n in hours {
            let sign = bar::height(n, most).and_then(|height| signs.heights.get(height)).copied().unwrap_or(signs.dot);
            pen.write(&sign.repeat(2), if n == 0 { Role::Empty } else { Role::Full });
        }
        let mut pen = Pen::new(buf, scene.theme, area, 3);
        pen.skip(2);
        for hour in [0, 6, 12, 18] {
            pen.cell(&hour.to_string(), Role::Muted, 12, Align::Left);
        }
    }
}
