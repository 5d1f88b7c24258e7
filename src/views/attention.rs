//! What needs somebody now, across everything, in the order of pressure.

use std::cmp::{Ordering, Reverse};

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::alert::Severity;
use crate::rules::attention::Item;
use crate::text::words;
use crate::views::ViewName;
use crate::views::cell::{NONE, brief, known_first, or_none, severity};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, Topic, View};

/// One thing that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// How much it presses.
    pub severity: Severity,
    /// Whose; none for the fleet as a whole.
    pub installation: Option<InstallationId>,
    /// Where.
    pub environment: Option<EnvironmentName>,
    /// What.
    pub what: String,
    /// Why, or what to know about it.
    pub why: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Until when something must be done.
    pub deadline: Option<Moment>,
    /// Who must act: `us`, `customer`, `upstream`.
    pub who: String,
    /// The view it opens.
    pub view: String,
    /// What to choose there.
    pub subject: String,
    /// What causes it.
    pub cause: String,
}

impl Row {
    fn of(item: &Item) -> Self {
        Self {
            severity: item.severity,
            installation: item.installation.clone(),
            environment: item.environment.clone(),
            what: item.what.clone(),
            why: item.why.clone(),
            since: item.since,
            deadline: item.deadline,
            who: item.who.word().to_owned(),
            view: item.view.to_owned(),
            subject: item.subject.clone(),
            cause: item.cause.clone(),
        }
    }

    /// Where, as one word: `acme/production`.
    #[must_use]
    pub fn place(&self) -> String {
        match (&self.installation, &self.environment) {
            (Some(installation), Some(environment)) => format!("{installation}/{environment}"),
            (Some(installation), None) => installation.to_string(),
            (None, _) => "fleet".to_owned(),
        }
    }
}

impl View for Row {
    const NAME: &'static str = "attention";
    const TITLE: &'static str = "Needs you now";
    const ABOUT: &'static str = "what needs somebody now, most pressing first";
    const ROWS: [&'static str; 2] = ["item", "items"];
    const NOTHING: [&'static str; 2] = ["nothing needs you", "what does is ranked here, the most pressing first"];
    const ORDER: &'static str = "most pressing first";
    const GROUPS: &'static [&'static str] = &["severity", "who"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new("severity", 9, |row, _| row.severity.word().into(), |a, b| b.severity.cmp(&a.severity))
            .marked(Self::tone)
            .brief(3, |_, _| "".into()),
        Column::<Self>::new("where", 9, |row, _| row.place().into(), |a, b| a.place().cmp(&b.place()))
            .brief(4, |row, _| brief(&row.place()).to_owned().into()),
        Column::<Self>::new("what", 9, |row, _| row.what.as_str().into(), |a, b| a.what.cmp(&b.what))
            .toned(Self::tone)
            .spilling(),
        Column::<Self>::new("why", 6, |row, _| row.why.as_str().into(), |a, b| a.why.cmp(&b.why)),
        Column::<Self>::new(
            "since",
            5,
            |row, lens| row.since.map_or(NONE.into(), |since| lens.age(since).into()),
            |a, b| known_first(&a.since, &b.since),
        )
        .right(),
        Column::<Self>::new(
            "deadline",
            9,
            |row, lens| row.deadline.map_or(NONE.into(), |at| words::left(at - lens.now).into()),
            |a, b| known_first(&a.deadline, &b.deadline),
        )
        .right(),
        Column::<Self>::new("who", 4, |row, _| or_none(Some(&row.who)), |a, b| a.who.cmp(&b.who)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        let items = match part {
            Part::Fleet(judged) => &judged.attention,
            Part::One(_, verdict) => &verdict.attention,
        };
        items.iter().map(Self::of).collect()
    }

    fn key(&self) -> String {
        format!("{}|{}|{}", self.place(), self.cause, self.subject)
    }

    fn order(&self, other: &Self) -> Ordering {
        Reverse(self.severity)
            .cmp(&Reverse(other.severity))
            .then_with(|| known_first(&self.deadline, &other.deadline))
            .then_with(|| known_first(&self.since, &other.since))
            .then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        severity(self.severity)
    }

    fn installation(&self) -> Option<&InstallationId> {
        self.installation.as_ref()
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }

    fn topic(&self) -> Topic<'_> {
        Topic { since: self.since, ..Topic::default() }
    }

    fn leads(&self) -> Option<(ViewName, &str)> {
        Some((ViewName::of(&self.view)?, self.subject.as_str()))
    }
}
