//! The picture of the state: header, tabs, what needs you now, the view, the footer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::layer::Layer;
use crate::app::layout::{self, LEAST, Parts};
use crate::app::overlay;
use crate::app::state::State;
use crate::app::urgent::Urgent;
use crate::text::width::{Align, width};
use crate::text::words;
use crate::ui::action::Action;
use crate::ui::pane::Scene;
use crate::ui::role::Role;
use crate::ui::widgets::line::Pen;
use crate::ui::widgets::state::{Nothing, draw as draw_nothing};
use crate::views::ViewName;
use crate::views::board::{Board, SourceCount};
use crate::views::column::Tone;
use crate::views::last::KEPT;
use crate::views::rows::View;

/// Draws everything. Reads the state and changes nothing.
pub fn draw(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    buf.set_style(screen, theme.style(Role::Text));
    let Some(board) = &state.board else { return waiting(state, screen, buf) };
    if screen.width < LEAST.0 || screen.height < LEAST.1 {
        return small(state, screen, buf);
    }
    let scene = Scene {
        board,
        now: state.travel.unwrap_or(state.now),
        theme,
        keys: &state.settings.keys,
        zone: state.settings.zone,
        focused: state.layers.is_empty(),
    };
    header(state, board, screen, buf);
    tabs(state, screen, buf);
    let parts = Parts::of(state, screen);
    if !parts.urgent.is_empty() {
        urgent(state, &scene, parts.urgent, buf);
    }
    title(state, parts.title, buf);
    body(state, &scene, parts.body, buf);
    footer(state, screen, buf);
    overlay::draw(state, screen, buf);
}

fn header(state: &State, board: &Board, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let head = &board.header;
    let zone = scene_zone(state, board);
    let now = state.travel.unwrap_or(state.now);
    let clock =
        format!("{} {}{}", words::stamp(&now.with_timezone(&zone)), theme.signs.down, state.settings.zone.word());
    let live = if board.is_last_known() {
        (format!("last known, {}", words::ago(state.now - head.judged_at)), Role::Warning)
    } else if state.travel.is_some() {
        ("time travel".to_owned(), Role::Warning)
    } else if state.paused {
        ("paused".to_owned(), Role::Warning)
    } else {
        ("live".to_owned(), Role::Ok)
    };
    let dot = theme.signs.mark(if board.is_last_known() { Tone::Stale } else { Tone::Ok });
    let failing = head.sources.failing;
    let (sources, briefly) = match (failing, head.sources.never) {
        (0, 0) if head.sources.stale > 0 => {
            (format!("{} not heard from lately", head.sources.stale), format!("{} stale", head.sources.stale))
        }
        (0, 0) if head.sources.ok == 0 => ("nobody is asked".to_owned(), "none asked".to_owned()),
        (0, 0) => ("all sources answer".to_owned(), "all answer".to_owned()),
        (0, waiting) => (format!("{waiting} not asked yet"), format!("{waiting} to ask")),
        (failing, _) => (format!("{failing} failing"), format!("{failing} failing")),
    };
    let mut pen = Pen::new(buf, theme, screen, 0).on(Role::Header);
    pen.write(&format!(" {} {}", theme.signs.emblem, head.fleet), Role::Title);
    let sees = match &head.visible {
        Some(these) => format!("   sees {}", these.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ")),
        None => format!(
            "   {}  {}",
            words::plural(count(head.installations), "installation", "installations"),
            words::plural(count(head.environments), "environment", "environments"),
        ),
    };
    let room = usize::from(screen.width);
    // On a narrow screen the day goes first: who does not answer must not be what is cut off.
    let around = width(&head.access) + width(&live.0) + width(&sources) + width(&head.fleet) + 14;
    let short =
        format!("{} {}{}", now.with_timezone(&zone).format("%H:%M"), theme.signs.down, state.settings.zone.word());
    let clock = if width(&clock) + around <= room { clock } else { short };
    let sources = if width(&clock) + around <= room { sources } else { briefly };
    let right = format!("{clock}   {}  {dot} {}   {sources} ", head.access, live.0);
    if width(&head.fleet) + width(&sees) + width(&right) + 6 <= room {
        pen.write(&sees, Role::Header);
    }
    pen.skip(1).right(width(&right).min(room));
    pen.write(&format!("{clock}   "), Role::Header).write(&head.access, Role::Accent).write("  ", Role::Header);
    pen.write(&format!("{dot} {}", live.0), live.1).write("   ", Role::Header);
    pen.write(&sources, if failing > 0 { Role::Warning } else { Role::Muted });
}

fn scene_zone(state: &State, board: &Board) -> chrono_tz::Tz {
    let lens = crate::views::lens::Lens { now: state.now, zone: state.settings.zone, zones: &board.header.zones };
    lens.zone_of(state.place.installation.as_ref())
}

fn tabs(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    for tab in layout::tabs(state, usize::from(screen.width)) {
        let mut pen = Pen::new(buf, theme, screen, 1);
        let role = if tab.view == state.place.view { Role::Tab } else { Role::Muted };
        pen.skip(tab.x).write(&tab.name, role);
        if tab.asks > 0 {
            pen.write(&tab.badge(), Role::Critical);
        }
    }
}

fn urgent(state: &State, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let theme = scene.theme;
    let rows = usize::from(area.height.saturating_sub(1));
    let places = |lines: usize| state.urgent.iter().take(lines).map(|line| 1 + line.more).sum::<usize>();
    let all = places(usize::MAX);
    // Where there is more than room, the title says so, and how to see the rest.
    let counted = match (places(rows), state.settings.keys.key(Action::Attention)) {
        (shown, Some(key)) if shown < all => format!("{shown} of {all}, {} shows all", key.shown(theme.signs)),
        (shown, None) if shown < all => format!("{shown} of {all}"),
        (_, _) => all.to_string(),
    };
    let mut pen = Pen::new(buf, theme, area, 0);
    let number = format!(" {counted} {}", theme.signs.line.repeat(2));
    pen.write(&needs(state, scene), Role::Title);
    let rest = usize::from(pen.room()).saturating_sub(width(&number));
    pen.write(&theme.signs.line.repeat(rest), Role::Border).write(&number, Role::Border);
    if all == 0 {
        let (text, role) = quiet(scene.board.header.sources);
        Pen::new(buf, theme, area, 1).skip(1).write(&text, role);
        return;
    }
    let lens = scene.lens();
    // On a narrow screen production goes without saying: the words behind need the room more.
    let placed = |line: &Urgent| line.place(area.width < NARROW);
    let place = state.urgent.iter().take(rows).map(|line| width(&placed(line))).max().unwrap_or(0).min(28);
    for (n, line) in state.urgent.iter().take(rows).enumerate() {
        let row = &line.row;
        let role = Role::toned(row.tone());
        let mut pen = Pen::new(buf, theme, area, u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1));
        if state.flashes(&row.key()) {
            pen = pen.on(Role::Today);
        }
        // How long one has, or else how long it has been so: never one taken for the other.
        let when = match (row.deadline, row.since) {
            (Some(at), _) => words::left(at - lens.now),
            (None, Some(at)) => format!("for {}", lens.age(at)),
            (None, None) => String::new(),
        };
        let room = usize::from(pen.room());
        pen.skip(1).write(theme.signs.mark(row.tone()), role).skip(1).cell(
            &placed(line),
            Role::Text,
            place,
            Align::Left,
        );
        let end = width(&when).max(11);
        let middle = room.saturating_sub(place + end + 7);
        pen.skip(2).cell(&row.what, role, width(&row.what).min(middle), Align::Left);
        let left = middle.saturating_sub(width(&row.what));
        let why =
            if row.why.is_empty() || left < WHY { String::new() } else { format!(" {} {}", theme.signs.dot, row.why) };
        pen.cell(&why, Role::Text, left, Align::Left).skip(1).cell(&when, Role::Muted, end, Align::Right);
    }
}

/// What it is worth that nothing needs anybody: as much as what was heard.
fn quiet(sources: SourceCount) -> (String, Role) {
    let all = sources.ok + sources.stale + sources.failing + sources.never;
    let of = words::plural(count(all), "source", "sources");
    if all == 0 {
        ("nothing that was heard; nobody is asked".to_owned(), Role::Unknown)
    } else if sources.ok == all {
        ("nothing".to_owned(), Role::Ok)
    } else if sources.ok + sources.stale + sources.failing == 0 {
        (format!("nothing yet: waiting for {of}"), Role::Waiting)
    } else if sources.ok == 0 {
        (format!("nobody can say: none of {of} answers"), Role::Unknown)
    } else {
        (format!("nothing that was heard; {} of {of} not heard from", all - sources.ok), Role::Unknown)
    }
}

/// Whom it needs, and when: what was known last may be over.
fn needs(state: &State, scene: &Scene<'_>) -> String {
    if scene.board.is_last_known() {
        format!(" Needed you {} ", words::ago(state.now - scene.board.header.judged_at))
    } else {
        " Needs you now ".to_owned()
    }
}

/// The view: of what was known last, there may be none.
fn body(state: &State, scene: &Scene<'_>, area: Rect, buf: &mut Buffer) {
    let kept = KEPT.contains(&state.place.view) && state.place.installation.is_none();
    if scene.board.is_last_known() && !kept {
        let says = ["reading the fleet file", "of this view nothing is kept between two runs"];
        draw_nothing(Nothing::Empty { says }, None, scene, area, buf);
    } else if let Some(pane) = state.pane() {
        pane.draw(scene, area, buf);
    }
}

fn title(state: &State, area: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let mut pen = Pen::new(buf, theme, area, 0);
    pen.skip(1);
    let step = if theme.signs.ascii { " > " } else { " › " };
    let view = state.place.view;
    let opened = state.pane().and_then(|pane| pane.opened());
    // The page of one is a page of the fleet; every other view is looked at for one.
    if let Some(id) = state.place.installation.as_ref().filter(|_| view != ViewName::Fleet) {
        pen.write(id.as_str(), Role::Accent).write(step, Role::Muted);
    }
    match &opened {
        Some(opened) => pen.write(view.title(), Role::Muted).write(step, Role::Muted).write(opened, Role::Title),
        None => pen.write(view.title(), Role::Title),
    };
    pen.skip(1);
    let line = theme.signs.line.repeat(2);
    let mut part = |text: &str, role| {
        pen.write(&line, Role::Border).skip(1).write(text, role).skip(1);
    };
    if let Some(pane) = state.pane() {
        let (shown, all) = pane.count();
        // How a list is sorted and sifted says nothing of the one thing that is open.
        let says = if opened.is_none() { pane.says() } else { String::new() };
        if !says.is_empty() {
            part(&says, Role::Muted);
        }
        if let Some(Layer::Filter { .. }) = state.layers.last() {
            part(&format!("/{}_", state.place.filter), Role::Accent);
        } else if !state.place.filter.is_empty() {
            part(&format!("/{}", state.place.filter), Role::Accent);
        }
        if state.place.focus && opened.is_none() {
            part("only what is not as it should be", Role::Warning);
        }
        // Where nothing was heard, none is a claim: what stands below says what is known.
        if opened.is_none() && (all > 0 || !says.is_empty()) {
            let [one, many] = pane.rows();
            let counted = words::plural(count(all), one, many);
            let counted = if shown == all { counted } else { format!("{} of {counted}", words::count(count(shown))) };
            part(counted.trim_end(), Role::Muted);
        }
        // Of the whole fleet the header tells.
        let silent = state.heard.failing + state.heard.stale;
        if state.place.installation.is_some() && silent > 0 {
            let all = silent + state.heard.ok + state.heard.never;
            part(
                &format!("{silent} of {} not heard from", words::plural(count(all), "source", "sources")),
                Role::Warning,
            );
        }
    }
    pen.rule(Role::Border);
}

fn footer(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let mut pen = Pen::new(buf, theme, screen, screen.height.saturating_sub(1));
    pen.skip(1);
    if let Some((text, _)) = &state.notice {
        pen.write(text, Role::Accent);
        return;
    }
    if let Some(trouble) = &state.trouble {
        pen.write(theme.signs.mark(Tone::Warning), Role::Warning).skip(1).write(trouble, Role::Warning);
        return;
    }
    let here = state.pane().map(|pane| pane.actions()).unwrap_or_default();
    // Room for what teaches the rest and for the way out is kept first.
    let always = [Action::Palette, Action::Help, Action::Quit];
    let wide = |action: &Action| match state.settings.keys.key(*action) {
        Some(key) => width(key.shown(theme.signs)) + width(action.word()) + 3,
        None => 0,
    };
    let mut room = usize::from(pen.room()).saturating_sub(always.iter().map(wide).sum());
    let here = here.iter().take_while(|action| {
        let fits = wide(action) <= room;
        room = room.saturating_sub(wide(action));
        fits
    });
    for action in here.chain(&always) {
        let Some(key) = state.settings.keys.key(*action) else { continue };
        let key = key.shown(theme.signs);
        if usize::from(pen.room()) < width(key) + width(action.word()) + 1 {
            break;
        }
        pen.write(key, Role::Key).skip(1).write(action.word(), Role::Footer).skip(2);
    }
}

/// Before the first board: says what is waited for.
fn waiting(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let mut pen = Pen::new(buf, theme, screen, screen.height / 2);
    let text = "asking the fleet";
    let left = usize::from(screen.width).saturating_sub(width(text) + 2) / 2;
    pen.skip(left).write(theme.signs.emblem, Role::Accent).skip(1).write(text, Role::Muted);
    overlay::draw(state, screen, buf);
}

/// On a screen too small for the whole: says so, and still shows what needs somebody.
fn small(state: &State, screen: Rect, buf: &mut Buffer) {
    let theme = &state.settings.theme;
    let wants = format!("needs {}x{}, has {}x{}", LEAST.0, LEAST.1, screen.width, screen.height);
    Pen::new(buf, theme, screen, 0).write(&wants, Role::Muted);
    for (n, line) in state.urgent.iter().take(usize::from(screen.height)).enumerate() {
        let row = &line.row;
        let mut pen = Pen::new(buf, theme, screen, u16::try_from(n).unwrap_or(u16::MAX).saturating_add(1));
        let role = Role::toned(row.tone());
        pen.write(theme.signs.mark(row.tone()), role).skip(1).write(&line.place(true), Role::Text);
        pen.skip(1).write(&row.what, role);
    }
}

/// The least cells in which the beginning of a reason says something.
const WHY: usize = 12;

/// Below this many columns a place in production is told by its installation alone.
const NARROW: u16 = 100;

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_nothing_presses_is_worth_what_was_heard() {
        for (ok, stale, failing, never, said) in [
            (3, 0, 0, 0, "nothing"),
            (0, 0, 0, 0, "nothing that was heard; nobody is asked"),
            (0, 0, 0, 3, "nothing yet: waiting for 3 sources"),
            (0, 1, 2, 0, "nobody can say: none of 3 sources answers"),
            (1, 1, 1, 0, "nothing that was heard; 2 of 3 sources not heard from"),
        ] {
            assert_eq!(quiet(SourceCount { ok, stale, failing, never }).0, said);
        }
    }
}
