//! What needs somebody now, as the first screen tells it: what presses many places alike is told once.

use std::collections::BTreeMap;

use crate::views::attention::Row;
use crate::views::cell;
use crate::views::column::Tone;
use crate::views::rows::View;

/// One line of what needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urgent {
    /// The most pressing of them.
    pub row: Row,
    /// In how many more places it is just the same.
    pub more: usize,
}

impl Urgent {
    /// Where: `acme/production +5`; briefly, `acme +5`.
    #[must_use]
    pub fn place(&self, brief: bool) -> String {
        let whole = self.row.place();
        let place = if brief { cell::brief(&whole) } else { &whole };
        match self.more {
            0 => place.to_owned(),
            more => format!("{place} +{more}"),
        }
    }
}

/// The lines, in the order of the rows.
#[must_use]
pub fn told<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<Urgent> {
    let mut lines: Vec<Urgent> = Vec::new();
    let mut known: BTreeMap<(Tone, &str, &str, &str), usize> = BTreeMap::new();
    for row in rows {
        if burns(row) {
            lines.push(Urgent { row: row.clone(), more: 0 });
            continue;
        }
        let alike = (row.tone(), row.view.as_str(), row.what.as_str(), row.who.as_str());
        match known.get(&alike).and_then(|at| lines.get_mut(*at)) {
            Some(line) => line.more += 1,
            None => {
                known.insert(alike, lines.len());
                lines.push(Urgent { row: row.clone(), more: 0 });
            }
        }
    }
    lines
}

/// Whether it happens right now: each place of a fire is told.
fn burns(row: &Row) -> bool {
    matches!(row.view.as_str(), "alerts" | "rollouts" | "sources")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn row(installation: &str, view: &str, what: &str) -> Row {
        serde_json::from_value(serde_json::json!({
            "severity": "critical", "installation": installation, "environment": "production", "what": what,
            "why": "", "since": null, "deadline": null, "who": "us", "view": view, "subject": "", "cause": what,
        }))
        .unwrap()
    }

    #[test]
    fn what_ends_everywhere_on_the_same_day_is_one_line_and_every_fire_is_its_own() {
        let rows = [
            row("acme", "alerts", "DiskFull"),
            row("acme", "lifecycle", "gitlab 19.3 expired 2 d ago"),
            row("globex", "alerts", "DiskFull"),
            row("globex", "lifecycle", "gitlab 19.3 expired 2 d ago"),
            row("hooli", "lifecycle", "gitlab 19.3 expired 2 d ago"),
        ];
        let places: Vec<String> = told(&rows).iter().map(|line| line.place(false)).collect();
        assert_eq!(places, ["acme/production", "acme/production +2", "globex/production"]);
        let places: Vec<String> = told(&rows).iter().map(|line| line.place(true)).collect();
        assert_eq!(places, ["acme", "acme +2", "globex"]);
    }
}
