//! Roles: what a colour is for. A pane names roles; a theme says how each looks.

use crate::views::column::Tone;

/// Lists the roles with their names in theme files and what takes over where a theme leaves one out.
macro_rules! roles {
    ($($(#[$about:meta])* $name:ident = $word:literal, else $fallback:ident;)*) => {
        /// What a colour is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $($(#[$about])* $name,)*
        }

        impl Role {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in theme files.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What takes over where a theme leaves it out. `text` stands for itself.
            #[must_use]
            pub fn fallback(self) -> Self {
                match self { $(Self::$name => Self::$fallback,)* }
            }
        }
    };
}

roles! {
    /// Ordinary text.
    Text = "text", else Text;
    /// What matters less.
    Muted = "muted", else Text;
    /// What leads the eye.
    Accent = "accent", else Text;
    /// Titles of panes and views.
    Title = "title", else Accent;
    /// Rules and frames.
    Border = "border", else Muted;
    /// The line above everything.
    Header = "header", else Text;
    /// The line below everything.
    Footer = "footer", else Muted;
    /// The view that is open, among the tabs.
    Tab = "tab", else Accent;
    /// The name of a key.
    Key = "key", else Accent;
    /// The row that is chosen.
    Selected = "selected", else Text;
    /// A row that is marked.
    Marked = "marked", else Accent;
    /// The letters a filter found.
    Match = "match", else Accent;
    /// As it should be.
    Ok = "ok", else Text;
    /// Higher or earlier than expected.
    Ahead = "ahead", else Accent;
    /// Waits for somebody or some time.
    Waiting = "waiting", else Accent;
    /// Too old to rest on.
    Stale = "stale", else Muted;
    /// Nobody could say.
    Unknown = "unknown", else Waiting;
    /// Needs somebody, not at once.
    Warning = "warning", else Text;
    /// Needs somebody now.
    Critical = "critical", else Warning;
    /// A window in which changes may roll out.
    Window = "window", else Ok;
    /// An announced maintenance.
    Maintenance = "maintenance", else Waiting;
    /// A time in which nothing may.
    Freeze = "freeze", else Ahead;
    /// The last day of something.
    Deadline = "deadline", else Warning;
    /// The present day or moment.
    Today = "today", else Accent;
    /// The full part of a bar.
    Full = "full", else Accent;
    /// The empty part of a bar.
    Empty = "empty", else Muted;
}

impl Role {
    /// The role of that name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.word() == word)
    }

    /// Whether it only orders the picture, and says nothing about the state of something.
    #[must_use]
    pub fn is_quiet(self) -> bool {
        match self {
            Self::Text
            | Self::Muted
            | Self::Accent
            | Self::Title
            | Self::Border
            | Self::Header
            | Self::Footer
            | Self::Tab
            | Self::Key
            | Self::Selected
            | Self::Empty => true,
            Self::Marked
            | Self::Match
            | Self::Ok
            | Self::Ahead
            | Self::Waiting
            | Self::Stale
            | Self::Unknown
            | Self::Warning
            | Self::Critical
            | Self::Window
            | Self::Maintenance
            | Self::Freeze
            | Self::Deadline
            | Self::Today
            | Self::Full => false,
        }
    }

    /// The role a tone is drawn in.
    #[must_use]
    pub fn toned(tone: Tone) -> Self {
        match tone {
            Tone::Plain => Self::Text,
            Tone::Muted => Self::Muted,
            Tone::Ok => Self::Ok,
            Tone::Ahead => Self::Ahead,
            Tone::Waiting => Self::Waiting,
            Tone::Stale => Self::Stale,
            Tone::Unknown => Self::Unknown,
            Tone::Warning => Self::Warning,
            Tone::Critical => Self::Critical,
        }
    }
}
