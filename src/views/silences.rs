//! The inventory of silences over all Alertmanagers.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::clock::Moment;
use crate::domain::id::{EnvironmentName, InstallationId};
use crate::rules::alert::SilenceInContext;
use crate::rules::hearing::Basis;
use crate::views::cell::{brief, place, unless_stale};
use crate::views::column::{Column, Tone};
use crate::views::rows::{Part, Topic, View};

/// One silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose.
    pub installation: InstallationId,
    /// Where; none for all of the installation.
    pub environment: Option<EnvironmentName>,
    /// Its id.
    pub id: String,
    /// What it matches, as Alertmanager writes it.
    pub matchers: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// Whether it holds already.
    pub begun: bool,
    /// From when.
    pub starts: Moment,
    /// Until when.
    pub ends: Moment,
    /// How many alerts it matches now.
    pub matches: u32,
    /// What is remarkable about it.
    pub remarks: Vec<String>,
    /// Who told it.
    #[serde(flatten)]
    pub basis: Basis,
}

impl Row {
    fn of(installation: &InstallationId, one: &SilenceInContext) -> Self {
        let silence = &one.silence;
        Self {
            installation: installation.clone(),
            environment: one.environment.clone(),
            id: silence.id.to_string(),
            matchers: silence
                .matchers
                .iter()
                .map(|matcher| format!("{}{}\"{}\"", matcher.name, matcher.operator.sign(), matcher.value))
                .collect(),
            created_by: silence.created_by.to_string(),
            comment: silence.comment.to_string(),
            begun: one.begun,
            starts: silence.starts,
            ends: silence.ends,
            matches: one.matches,
            remarks: one.remarks.clone(),
            basis: one.basis.clone(),
        }
    }
}

impl View for Row {
    const NAME: &'static str = "silences";
    const TITLE: &'static str = "Silences";
    const ABOUT: &'static str = "what is silenced, by whom, until when, and whether it still matches anything";
    const ROWS: [&'static str; 2] = ["silence", "silences"];
    const ORDER: &'static str = "soonest to end first";
    const NOTHING: [&'static str; 2] = ["nothing is silenced", "sources of kind `alertmanager` tell silences"];
    const GROUPS: &'static [&'static str] = &["remarks", "by"];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::<Self>::new(
            "where",
            9,
            |row, _| place(&row.installation, row.environment.as_ref()),
            |a, b| (&a.installation, &a.environment).cmp(&(&b.installation, &b.environment)),
        )
        .brief(4, |row, _| brief(&place(&row.installation, row.environment.as_ref())).to_owned().into()),
        Column::<Self>::new("matchers", 9, |row, _| row.matchers.join(" ").into(), |a, b| a.matchers.cmp(&b.matchers)),
        Column::<Self>::new("matches", 7, |row, _| row.matches.to_string().into(), |a, b| a.matches.cmp(&b.matches))
            .right(),
        Column::<Self>::new(
            "begins",
            8,
            |row, lens| if row.begun { "begun".into() } else { lens.until(row.starts).into() },
            |a, b| a.starts.cmp(&b.starts),
        )
        .right()
        .toned(|row| if row.begun { Tone::Plain } else { Tone::Waiting }),
        Column::<Self>::new("ends", 9, |row, lens| lens.until(row.ends).into(), |a, b| a.ends.cmp(&b.ends)).right(),
        Column::<Self>::new("remarks", 7, |row, _| row.remarks.join(", ").into(), |a, b| a.remarks.cmp(&b.remarks))
            .toned(Self::tone),
        Column::<Self>::new("by", 5, |row, _| row.created_by.as_str().into(), |a, b| a.created_by.cmp(&b.created_by)),
        Column::<Self>::new("comment", 4, |row, _| row.comment.as_str().into(), |a, b| a.comment.cmp(&b.comment)),
    ];

    fn rows(part: &Part<'_>) -> Vec<Self> {
        match part {
            Part::Fleet(_) => Vec::new(),
            Part::One(_, verdict) => {
                verdict.silences.iter().map(|one| Self::of(&verdict.installation.id, one)).collect()
            }
        }
    }

    fn key(&self) -> String {
        format!("{}/{}", self.installation, self.id)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.ends.cmp(&other.ends).then_with(|| self.key().cmp(&other.key()))
    }

    fn tone(&self) -> Tone {
        let worst = if self.remarks.iter().any(|remark| remark == "matches-all") {
            Tone::Critical
        } else if self.remarks.iter().any(|remark| !remark.starts_with("maintenance:")) {
            Tone::Warning
        } else {
            Tone::Plain
        };
        unless_stale(self.basis.stale, worst)
    }

    fn installation(&self) -> Option<&InstallationId> {
        Some(&self.installation)
    }

    fn topic(&self) -> Topic<'_> {
        Topic { silence: Some(&self.id), since: Some(self.starts), ..Topic::default() }
    }

    fn environment(&self) -> Option<&EnvironmentName> {
        self.environment.as_ref()
    }
}
