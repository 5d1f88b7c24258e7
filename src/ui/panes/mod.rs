//! The panes: every view has a table; those that are more than a table have a file of their own here.

pub mod fleet;
pub mod lifecycle;
pub mod pictured;
pub mod rollouts;
pub mod table;
mod train;

use crate::ui::pane::Pane;
use crate::ui::panes::table::Table;
use crate::views::ViewName;

/// The pane a view opens with. Narrowed to one installation, a view may have another picture.
#[must_use]
pub fn of(view: ViewName, _narrowed: bool) -> Box<dyn Pane> {
    match view {
        ViewName::Attention => Box::new(Table::new(|board| &board.views.attention)),
        ViewName::Fleet => pictured::behind(fleet::table(), fleet::Map::default()),
        ViewName::Drift => Box::new(Table::new(|board| &board.views.drift)),
        ViewName::Lifecycle => pictured::over(Table::new(|board| &board.views.lifecycle), lifecycle::Time::default()),
        ViewName::Calendar => Box::new(Table::new(|board| &board.views.calendar)),
        ViewName::Rollouts => pictured::over(Table::new(|board| &board.views.rollouts), rollouts::Trains::default()),
        ViewName::Readiness => Box::new(Table::new(|board| &board.views.readiness)),
        ViewName::Alerts => Box::new(Table::new(|board| &board.views.alerts)),
        ViewName::Silences => Box::new(Table::new(|board| &board.views.silences)),
        ViewName::Logs => Box::new(Table::new(|board| &board.views.logs)),
        ViewName::Status => Box::new(Table::new(|board| &board.views.status)),
        ViewName::Assurance => Box::new(Table::new(|board| &board.views.assurance)),
        ViewName::Sources => Box::new(Table::new(|board| &board.views.sources)),
    }
}
