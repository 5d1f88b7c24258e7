//! The panes: every view has a table; those that are more than a table have a file of their own here.

pub mod alerts;
pub mod assurance;
pub mod calendar;
pub mod drift;
mod figures;
pub mod fleet;
pub mod installation;
pub mod lifecycle;
pub mod logs;
pub mod matrix;
pub mod pictured;
pub mod rollouts;
pub mod status;
mod story;
pub mod table;
mod train;

use crate::ui::pane::Pane;
use crate::ui::panes::table::Table;
use crate::views::ViewName;

/// The pane a view opens with. Narrowed to one installation, a view may have another picture.
#[must_use]
pub fn of(view: ViewName, narrowed: bool) -> Box<dyn Pane> {
    match view {
        ViewName::Attention => Box::new(Table::new(|board| &board.views.attention)),
        ViewName::Fleet if narrowed => Box::new(installation::Page::default()),
        ViewName::Fleet => pictured::behind(fleet::table(), fleet::Map::default()),
        // One installation alone is no matrix.
        ViewName::Drift if !narrowed => pictured::over(Table::new(|board| &board.views.drift), drift::matrix()),
        ViewName::Drift => Box::new(Table::new(|board| &board.views.drift)),
        ViewName::Lifecycle => pictured::over(Table::new(|board| &board.views.lifecycle), lifecycle::Time::default()),
        ViewName::Calendar => pictured::over(Table::new(|board| &board.views.calendar), calendar::Quarter::default()),
        ViewName::Rollouts => pictured::over(Table::new(|board| &board.views.rollouts), rollouts::Trains::default()),
        ViewName::Readiness => Box::new(Table::new(|board| &board.views.readiness)),
        ViewName::Alerts => pictured::over(Table::new(|board| &board.views.alerts), alerts::Groups::default()),
        ViewName::Silences => Box::new(Table::new(|board| &board.views.silences)),
        ViewName::Logs => Box::new(logs::Logs::default()),
        ViewName::Status => pictured::over(Table::new(|board| &board.views.status), status::Pages::default()),
        ViewName::Assurance if !narrowed => {
            pictured::over(Table::new(|board| &board.views.assurance), assurance::matrix())
        }
        ViewName::Assurance => Box::new(Table::new(|board| &board.views.assurance)),
        ViewName::Sources => Box::new(Table::new(|board| &board.views.sources)),
    }
}
