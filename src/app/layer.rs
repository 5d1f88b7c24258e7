//! What lies on top of the view, as a stack: Esc takes the uppermost away.

use crate::app::palette::Found;
use crate::app::prompt::Prompt;
use crate::ui::pane::Entry;
use crate::views::link::Link;

/// Something on top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The filter is being typed. It holds while it is typed; Esc brings back what was there before.
    Filter {
        /// The line.
        prompt: Prompt,
        /// What the filter was before.
        before: String,
    },
    /// An action is looked for by name.
    Palette {
        /// The line.
        prompt: Prompt,
        /// What the line finds: looked for when a key changes it, not when it is drawn.
        found: Vec<Found>,
        /// Which of the found ones is chosen.
        chosen: usize,
    },
    /// The keys of this view. Scrolled by lines.
    Help {
        /// The first line shown.
        first: usize,
    },
    /// The tour, at a step.
    Tour {
        /// Which step.
        step: usize,
    },
    /// A time to judge at is being typed.
    Travel {
        /// The line.
        prompt: Prompt,
        /// Why the last try was no time.
        wrong: Option<String>,
    },
    /// A form is chosen in which the view is written to a file.
    Export {
        /// Which one is chosen.
        chosen: usize,
    },
    /// Something is typed for the view.
    Typing {
        /// What.
        what: Entry,
        /// The line.
        prompt: Prompt,
    },
    /// Where the chosen row can be looked at elsewhere.
    Links {
        /// All of them.
        links: Vec<Link>,
        /// Which is chosen.
        chosen: usize,
    },
    /// A link nobody could open here: written out, for the terminal's own hand or the person's.
    Link {
        /// The address.
        url: String,
    },
    /// Everything about the chosen row.
    Detail {
        /// The first line shown.
        first: usize,
    },
}

impl Layer {
    /// Whether a line is typed into it.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        match self {
            Self::Filter { .. } | Self::Palette { .. } | Self::Travel { .. } | Self::Typing { .. } => true,
            Self::Help { .. }
            | Self::Tour { .. }
            | Self::Export { .. }
            | Self::Links { .. }
            | Self::Link { .. }
            | Self::Detail { .. } => false,
        }
    }
}
