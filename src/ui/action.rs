//! One table of actions. Keys, footers, help, the palette and the pages about keys all read it.

/// Lists the actions: name in files, usual keys, and what it does in a few words.
macro_rules! actions {
    ($($name:ident = $word:literal, [$($key:literal),*], $says:literal;)*) => {
        /// Something a person can ask the cockpit to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(
                #[doc = $says]
                $name,
            )*
        }

        impl Action {
            /// All of them, in the order in which help lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the file of keys and in the palette.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The keys it has unless somebody says otherwise.
            #[must_use]
            pub fn usual_keys(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($key),*],)* }
            }

            /// What it does.
            #[must_use]
            pub fn says(self) -> &'static str {
                match self { $(Self::$name => $says,)* }
            }
        }
    };
}

actions! {
    Up         = "up",          ["up", "k"],               "one up";
    Down       = "down",        ["down", "j"],             "one down";
    Left       = "left",        ["left", "h"],             "to the left";
    Right      = "right",       ["right", "l"],            "to the right";
    PageUp     = "page-up",     ["pageup", "ctrl-b"],      "one page up";
    PageDown   = "page-down",   ["pagedown", "ctrl-f"],    "one page down";
    Top        = "top",         ["home"],                  "to the first";
    Bottom     = "bottom",      ["end", "G"],              "to the last";
    Open       = "open",        ["enter"],                 "open what is chosen";
    Back       = "back",        ["esc", "backspace"],      "back to where you were";
    Forward    = "forward",     ["ctrl-o"],                "forward again";
    Page       = "installation", ["I"],                    "the page of the installation it is about";
    NextView   = "next-view",   ["tab"],                   "the next view";
    LastView   = "last-view",   ["backtab"],               "the view before";
    View1      = "view-1",      ["1"],                     "Fleet";
    View2      = "view-2",      ["2"],                     "Drift";
    View3      = "view-3",      ["3"],                     "Lifecycle";
    View4      = "view-4",      ["4"],                     "Calendar";
    View5      = "view-5",      ["5"],                     "Rollouts";
    View6      = "view-6",      ["6"],                     "Alerts";
    View7      = "view-7",      ["7"],                     "Logs";
    View8      = "view-8",      ["8"],                     "Status";
    View9      = "view-9",      ["9"],                     "Assurance";
    Sources    = "sources",     ["0"],                     "Sources";
    Readiness  = "readiness",   ["a"],                     "Readiness: may it roll?";
    Attention  = "attention",   ["n"],                     "everything that needs you now";
    Silences   = "silences",    ["i"],                     "the inventory of silences";
    Filter     = "filter",      ["/"],                     "filter: words, key:value, -not";
    Palette    = "palette",     [":", "ctrl-p"],           "find any action by name";
    Help       = "help",        ["?"],                     "the keys of this view";
    Sort       = "sort",        ["s"],                     "sort by the next column";
    Reverse    = "reverse",     ["S"],                     "sort the other way round";
    Group      = "group",       ["g"],                     "group by the next field";
    Focus      = "focus",       ["f"],                     "only what is not as it should be";
    Mark       = "mark",        ["space"],                 "mark, for several at once";
    Map        = "map",         ["m"],                     "the other picture of this view";
    Query      = "query",       ["Q"],                     "which log lines";
    Follow     = "follow",      ["F"],                     "follow what is written, and stop";
    Longer     = "longer",      ["]"],                     "a longer stretch of time";
    Shorter    = "shorter",     ["["],                     "a shorter stretch of time";
    Reason     = "reason",      ["R"],                     "say why logs are read";
    Copy       = "copy",        ["y"],                     "copy what is chosen";
    Link       = "link",        ["o"],                     "open it elsewhere: Grafana, GitLab, ...";
    Export     = "export",      ["e"],                     "write this view, or what is marked, to a file";
    Zone       = "zone",        ["z"],                     "whose wall clock";
    Theme      = "theme",       ["t"],                     "the next theme";
    TimeTravel = "time-travel", ["v"],                     "judge at another time";
    Pause      = "pause",       ["p"],                     "stop asking, and go on";
    Refresh    = "refresh",     ["r"],                     "ask every source of this again now";
    Tour       = "tour",        ["T"],                     "the tour of five steps";
    Redraw     = "redraw",      ["ctrl-l"],                "draw everything anew";
    Suspend    = "suspend",     ["ctrl-z"],                "back to the shell for a while";
    Quit       = "quit",        ["q", "ctrl-c"],           "leave";
}

impl Action {
    /// The action of that name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.word() == word)
    }
}
