//! `quarterdeck show`: one view, once, without a screen.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use chrono::Days;

use crate::app::picture::of_view;
use crate::app::settings::Settings;
use crate::cli::args::{Common, FailOn, Show};
use crate::cli::ending::{Ending, print, say};
use crate::cli::gather::gather;
use crate::cli::logs::{self, Question, Since};
use crate::cli::open::{self, Ready};
use crate::cli::{settings, time};
use crate::domain::access::Access;
use crate::domain::clock::{Clock, Dated, Moment, day_of};
use crate::domain::facts::Facts;
use crate::domain::fleet::Fleet;
use crate::domain::id::InstallationId;
use crate::domain::version::Version;
use crate::export::table::Style;
use crate::export::{Format, Sheet, Written};
use crate::rules::judge::Judge;
use crate::runtime::clock::MachineClock;
use crate::views::board::Board;
use crate::views::column::Tone;
use crate::views::lens::Lens;
use crate::views::rows::{Rows, View};
use crate::views::{ViewName, Visit};

/// What was asked for, understood.
struct Wanted {
    view: ViewName,
    format: &'static Format,
    settings: Settings,
    size: (u16, u16),
    wait: Duration,
    at: Option<Dated>,
    from: Option<Dated>,
    to: Option<Dated>,
    logs: Since,
}

/// Shows a view.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(common: &Common, show: &Show) -> color_eyre::Result<Ending> {
    let wanted = match understood(common, show) {
        Ok(wanted) => wanted,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let Ready { loaded, asked, .. } = match open::open(common) {
        Ok(ready) => ready,
        Err(ending) => return Ok(ending),
    };
    let access = match access(common, show, &loaded.fleet) {
        Ok(access) => access,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let fleet = access.sees(&loaded.fleet);
    let sources = asked.into_iter().filter(|one| fleet.sources.contains_key(&one.id)).collect::<Vec<_>>();
    if wanted.view == ViewName::Logs && !show.offline {
        let read =
            logs::read(Question { fleet: &fleet, access: &access, sources: &sources, show, wanted: wanted.logs })?;
        let at = MachineClock.now();
        let mut board = Board::of(&Judge::default().judge(&fleet, &Facts::new(), at), &access);
        board.views.logs = Rows::new([Arc::new(read.rows)]);
        match written(&Arc::new(board), &wanted) {
            Ok(text) => print(&text)?,
            Err(why) => {
                say(why.as_str());
                return Ok(Ending::Wrong);
            }
        }
        for line in &read.said {
            say(line);
        }
        return Ok(read.ending);
    }
    let at = wanted.at.map(|dated| dated.begins(fleet.zone));
    let mut judge = match judging(&wanted, &fleet, at.unwrap_or_else(|| MachineClock.now())) {
        Ok(judge) => judge,
        Err(why) => {
            say(&why);
            return Ok(Ending::Wrong);
        }
    };
    let n_sources = sources.len();
    let facts = if show.offline || n_sources == 0 { Facts::new() } else { gather(sources, wanted.wait)? };
    let unreached = n_sources > 0 && !show.offline && facts.iter().all(|(_, feed)| feed.heard.is_none());
    let fleet = with_version(fleet, show.version.as_deref());
    let at = at.unwrap_or_else(|| MachineClock.now());
    let judged = judge.judge(&fleet, &facts, at);
    let board = Arc::new(Board::of(&judged, &access));
    match written(&board, &wanted) {
        Ok(text) => print(&text)?,
        Err(why) => {
            say(why.as_str());
            return Ok(Ending::Wrong);
        }
    }
    if unreached {
        say("no source could be reached; `quarterdeck doctor` says why");
        return Ok(Ending::Unreached);
    }
    let bad = show.fail_on.is_some_and(|level| board.views.visit(wanted.view, Worst) >= least(level));
    Ok(if bad { Ending::Found } else { Ending::Done })
}

/// A judge whose calendar reaches as far as was asked: from today and ninety-two days on, unless said.
fn judging(wanted: &Wanted, fleet: &Fleet, at: Moment) -> Result<Judge, String> {
    if wanted.view != ViewName::Calendar {
        return Ok(Judge::default());
    }
    let begins = wanted.from.unwrap_or(Dated::On(day_of(at, fleet.zone))).begins(fleet.zone);
    let first = day_of(begins, fleet.zone);
    let last = Dated::On(first.checked_add_days(Days::new(CALENDAR_DAYS)).unwrap_or(first));
    let ends = wanted.to.unwrap_or(last).ends(fleet.zone);
    if ends <= begins {
        let day = |at: Moment| at.with_timezone(&fleet.zone).format("%a %-d %b %Y %H:%M").to_string();
        return Err(format!(
            "the calendar would end ({}) before it begins ({}): mend `--to`, or say `--from` too",
            day(ends),
            day(begins)
        ));
    }
    Ok(Judge::spanning(begins, ends))
}

/// How far the calendar reaches unless somebody says otherwise.
const CALENDAR_DAYS: u64 = 92;

fn understood(common: &Common, show: &Show) -> Result<Wanted, String> {
    let dated = |text: &Option<String>| text.as_deref().map(time::dated).transpose();
    let view = ViewName::of(&show.view).ok_or_else(|| format!("there is no view `{}`", show.view))?;
    let format = Format::named(&show.format).ok_or_else(|| format!("there is no format `{}`", show.format))?;
    if let Some(only) = format.only.filter(|only| *only != view) {
        return Err(format!("`{}` is for `{}` alone: nothing else has dates of its own", format.name, only.name()));
    }
    Ok(Wanted {
        view,
        format,
        settings: settings::for_a_picture(common)?,
        size: (show.width, show.height),
        wait: time::duration(&show.wait)?,
        at: dated(&show.at)?,
        from: dated(&show.from)?,
        to: dated(&show.to)?,
        logs: Since { since: time::duration(&show.since)?, until: dated(&show.at)? },
    })
}

/// Who looks: `--read-only` and `--installation` cut down before anything is judged.
fn access(common: &Common, show: &Show, fleet: &Fleet) -> Result<Access, String> {
    let access = if common.read_only { Access::reader() } else { Access::operator() };
    if show.installation.is_empty() && show.named.is_empty() {
        return Ok(access);
    }
    let mut these: BTreeSet<InstallationId> = BTreeSet::new();
    for id in show.installation.iter().chain(&show.named) {
        if fleet.installation(id).is_none() {
            let near = crate::diagnostic::did_you_mean(id, fleet.installations.keys().map(|known| known.as_str()));
            return Err(format!(
                "there is no installation `{id}`{}",
                near.map_or(String::new(), |near| format!(", {near}"))
            ));
        }
        these.insert(id.as_str().into());
    }
    Ok(access.limited_to(these))
}

/// The fleet with every environment meaning this version: how `readiness --version` asks about another than the target.
fn with_version(mut fleet: Fleet, version: Option<&str>) -> Fleet {
    let Some(version) = version else { return fleet };
    let catalog = Arc::clone(&fleet.catalog);
    for installation in fleet.installations.values_mut() {
        for environment in &mut Arc::make_mut(installation).environments {
            if let Some(id) = &environment.product
                && let Some(product) = catalog.get(id.as_str())
            {
                environment.pins.insert(id.clone(), Version::read(product.scheme, version));
            }
        }
    }
    fleet
}

fn written(board: &Arc<Board>, wanted: &Wanted) -> Written {
    let now = board.header.judged_at;
    let settings = &wanted.settings;
    let lens = Lens { now, zone: settings.zone, zones: &board.header.zones };
    let terminal = std::io::stdout().is_terminal();
    let width = terminal.then(|| crossterm::terminal::size().ok()).flatten().map(|(width, _)| usize::from(width));
    let draw = || Some(of_view(settings.clone(), Arc::clone(board), wanted.view, now, wanted.size));
    let style = Style { width, ascii: settings.ascii };
    (wanted.format.write)(&Sheet { board, view: wanted.view, lens: &lens, style, draw: &draw })
}

/// The worst tone among the rows.
struct Worst;

impl Visit for Worst {
    type Out = Tone;

    fn see<R: View>(self, rows: &Rows<R>) -> Tone {
        rows.iter().map(View::tone).max().unwrap_or(Tone::Plain)
    }
}

/// What `--fail-on` counts. Unknown and stale are no kind of good: they count as warnings.
fn least(level: FailOn) -> Tone {
    match level {
        FailOn::Warning => Tone::Stale,
        FailOn::Critical => Tone::Critical,
    }
}
