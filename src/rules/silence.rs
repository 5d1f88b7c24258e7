//! Silences: one inventory over all Alertmanagers, with what each of them does.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use regex::{Regex, RegexBuilder};

use crate::domain::alert::{Alert, AlertOrigin, Matcher, Operator, Silence};
use crate::domain::clock::Moment;
use crate::domain::fact::What;
use crate::rules::alert::SilenceInContext;
use crate::rules::alert::merge::Merged;
use crate::rules::calendar::{Entry, EntryKind};
use crate::rules::hearing::{Basis, Told};
use crate::rules::turn::{has_come, is_nearer};

/// How long before its end a silence is said to expire: long enough for the next shift to see it.
const EXPIRING: TimeDelta = TimeDelta::hours(24);
/// How far a silence may reach beyond the maintenance it is for.
const SLACK: TimeDelta = TimeDelta::hours(2);
/// The most memory one compiled expression may take: what people write needs a few kilobytes.
const EXPRESSION_BYTES: usize = 1 << 20;
/// Values no person names: whoever matches all of them matches everything.
const ANYTHING: [&str; 3] = ["quarterdeck-probe", "0", "x y/Z_9.é"];

/// Every silence of one installation that is not over, once, by its end.
#[must_use]
pub fn inventory(told: &[Told<'_>], alerts: &[Merged], calendar: &[Entry], at: Moment) -> Vec<SilenceInContext> {
    let mut newest: BTreeMap<&str, (&Arc<Silence>, &Told<'_>)> = BTreeMap::new();
    for told in told {
        let What::Silence(silence) = told.what else { continue };
        let slot = newest.entry(silence.id.as_str()).or_insert((silence, told));
        // Members of a cluster share their silences; the freshest word on one counts.
        if (told.at, std::cmp::Reverse(told.source)) > (slot.1.at, std::cmp::Reverse(slot.1.source)) {
            *slot = (silence, told);
        }
    }
    let live = newest.into_values().filter(|(silence, _)| !has_come(silence.ends, at));
    let mut silences: Vec<SilenceInContext> =
        live.map(|(silence, told)| in_context(silence, told, alerts, calendar, at)).collect();
    silences.sort_by(|a, b| (a.silence.ends, &a.silence.id).cmp(&(b.silence.ends, &b.silence.id)));
    silences
}

/// The silences that were told and are not over, once each.
#[must_use]
pub fn live(inventory: &[SilenceInContext]) -> Vec<Arc<Silence>> {
    inventory.iter().map(|one| Arc::clone(&one.silence)).collect()
}

fn in_context(
    silence: &Arc<Silence>,
    told: &Told<'_>,
    alerts: &[Merged],
    calendar: &[Entry],
    at: Moment,
) -> SilenceInContext {
    let tests: Vec<Test<'_>> = silence.matchers.iter().map(Test::of).collect();
    let matches = |one: &&Merged| {
        one.alert.origin == AlertOrigin::Alertmanager && tests.iter().all(|test| test.holds_for(&one.alert))
    };
    let matches = u32::try_from(alerts.iter().filter(matches).count()).unwrap_or(u32::MAX);
    let mut remarks = Vec::new();
    let begun = has_come(silence.starts, at);
    if begun && is_nearer(silence.ends, EXPIRING + TimeDelta::nanoseconds(1), at) {
        remarks.push("expiring".to_owned());
    }
    if tests.iter().any(|test| matches!(test.kind, Kind::Broken)) {
        remarks.push("invalid-matcher".to_owned());
    } else if tests.iter().all(Test::holds_for_anything) {
        remarks.push("matches-all".to_owned());
    }
    // A stale list of alerts can't say that there is nothing to match.
    if matches == 0 && begun && !told.stale {
        remarks.push("unmatched".to_owned());
    }
    remarks
        .extend(calendar.iter().filter(|entry| is_for(silence, entry)).map(|one| format!("maintenance:{}", one.title)));
    remarks.dedup();
    SilenceInContext {
        silence: Arc::clone(silence),
        environment: told.environment.cloned(),
        begun,
        matches,
        remarks,
        basis: Basis::of(told),
    }
}

/// Whether a silence was made for a maintenance: it names it, or lies where it lies.
fn is_for(silence: &Silence, entry: &Entry) -> bool {
    if entry.kind != EntryKind::Maintenance {
        return false;
    }
    let named = silence.comment.as_str().to_lowercase().contains(&entry.title.to_lowercase());
    let lies_in = entry.end.is_some_and(|end| {
        silence.starts >= entry.start - SLACK && silence.ends <= end + SLACK && silence.ends > entry.start
    });
    !entry.title.is_empty() && (named || lies_in)
}

/// One matcher, made ready.
struct Test<'a> {
    matcher: &'a Matcher,
    kind: Kind,
}

enum Kind {
    Text,
    Expression(Box<Regex>),
    Broken,
}

impl<'a> Test<'a> {
    fn of(matcher: &'a Matcher) -> Self {
        let kind = match matcher.operator {
            Operator::Equal | Operator::Unequal => Kind::Text,
            Operator::Matches | Operator::MatchesNot => {
                let anchored = format!("^(?:{})$", matcher.value);
                let mut builder = RegexBuilder::new(&anchored);
                builder.size_limit(EXPRESSION_BYTES).dfa_size_limit(EXPRESSION_BYTES).nest_limit(64);
                builder.build().map_or(Kind::Broken, |expression| Kind::Expression(Box::new(expression)))
            }
        };
        Self { matcher, kind }
    }

    /// An absent label is an empty one, as for the Alertmanager itself.
    fn holds_for(&self, alert: &Alert) -> bool {
        self.holds(alert.label(self.matcher.name.as_str()).unwrap_or(""))
    }

    fn holds_for_anything(&self) -> bool {
        ANYTHING.iter().all(|value| self.holds(value))
    }

    fn holds(&self, value: &str) -> bool {
        match (&self.kind, self.matcher.operator) {
            (Kind::Text, Operator::Equal) => value == self.matcher.value.as_str(),
            (Kind::Text, _) => value != self.matcher.value.as_str(),
            (Kind::Expression(expression), Operator::MatchesNot) => !expression.is_match(value),
            (Kind::Expression(expression), _) => expression.is_match(value),
            (Kind::Broken, _) => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::domain::alert::AlertState;
    use crate::rules::alert::merge::merged;
    use crate::rules::alert::tests::entry;
    use crate::rules::fixture::{Spoken, acme, ago, clean, evaluates, fires, now, said, told};

    fn silence(matchers: &[(&str, Operator, &str)], starts: Moment, ends: Moment) -> Silence {
        let matcher = |(name, operator, value): &(&str, Operator, &str)| Matcher {
            name: clean(name),
            operator: *operator,
            value: clean(value),
        };
        Silence {
            id: clean("s1"),
            matchers: matchers.iter().map(matcher).collect(),
            created_by: clean("ann"),
            comment: clean("Q4 upgrade, ann"),
            starts,
            ends,
        }
    }

    fn judge(spoken: &[Spoken], calendar: &[Entry]) -> Vec<SilenceInContext> {
        let mut all = vec![
            fires("alertmanager", "Crash", &[("pod", "api-0"), ("severity", "critical")]),
            fires("alertmanager", "Crash", &[("pod", "api-1")]),
            fires("alertmanager", "Watchdog", &[]),
            evaluates("prometheus", "Crash", &[("pod", "api-9")], AlertState::Pending),
        ];
        all.extend(spoken.iter().cloned());
        let told = told(&all);
        inventory(&told, &merged(&acme(), &told), calendar, now())
    }

    fn of(silence: Silence) -> Spoken {
        said("alertmanager", What::Silence(Arc::new(silence)))
    }

    #[test]
    fn matchers_match_as_those_of_an_alertmanager() {
        use Operator::{Equal, Matches, MatchesNot, Unequal};
        for (matchers, count, remarks) in [
            (vec![("alertname", Equal, "Crash")], 2, vec![]),
            (vec![("alertname", Equal, "Crash"), ("pod", Equal, "api-0")], 1, vec![]),
            (vec![("pod", Matches, "api-.*")], 2, vec![]),
            (vec![("pod", Matches, "pi-0")], 0, vec!["unmatched"]), // anchored at both ends
            (vec![("pod", Matches, "api-0|api-1")], 2, vec![]),     // as a whole
            (vec![("severity", Equal, "")], 2, vec![]),             // absent is empty
            (vec![("pod", MatchesNot, "api-0"), ("alertname", Equal, "Crash")], 1, vec![]),
            (vec![("alertname", Equal, "Gone")], 0, vec!["unmatched"]),
            (vec![("alertname", Matches, ".+")], 3, vec!["matches-all"]),
            (vec![("alertname", Unequal, "Watchdog")], 2, vec!["matches-all"]),
            (vec![], 3, vec!["matches-all"]),
            (vec![("pod", Matches, "api-(")], 0, vec!["invalid-matcher", "unmatched"]),
            (vec![("pod", Matches, "(((a{99}){99}){99})")], 0, vec!["invalid-matcher", "unmatched"]), // a bomb
        ] {
            let seen = judge(&[of(silence(&matchers, ago(60), ago(-3 * 24 * 60)))], &[]).remove(0);
            assert_eq!(
                (seen.matches, seen.remarks),
                (count, remarks.into_iter().map(str::to_owned).collect()),
                "{matchers:?}"
            );
        }
    }

    #[test]
    fn a_silence_is_said_once_until_it_is_over() {
        let crash = [("alertname", Operator::Equal, "Crash")];
        let lasting = |minutes: i64| of(silence(&crash, ago(60), ago(-minutes)));
        let twice =
            [lasting(2000), Spoken { source: crate::rules::fixture::source("alertmanager[b]"), ..lasting(2000) }];
        assert_eq!(judge(&twice, &[]).len(), 1);
        assert!(judge(&[lasting(0)], &[]).is_empty());
        assert_eq!(judge(&[lasting(24 * 60)], &[])[0].remarks, ["expiring"]);
        assert!(judge(&[lasting(24 * 60 + 1)], &[])[0].remarks.is_empty());
        let gone = [("alertname", Operator::Equal, "Gone")];
        let ahead = of(silence(&gone, ago(-10), ago(-20)));
        assert!(judge(&[ahead], &[])[0].remarks.is_empty()); // it does nothing yet
        let old = of(silence(&gone, ago(60), ago(-3000))).stale();
        let seen = judge(&[old], &[]).remove(0);
        assert!(seen.remarks.is_empty() && seen.basis.stale);
    }

    #[test]
    fn a_silence_is_tied_to_the_maintenance_it_names_or_lies_in() {
        let crash = [("alertname", Operator::Equal, "Crash")];
        let work = |title: &str, start, end| entry(EntryKind::Maintenance, title, start, end);
        for (calendar, tied) in [
            (work("Q4 upgrade", ago(-9000), ago(-9200)), true), // named
            (work("Disks", ago(50), ago(-1900)), true),         // lies in it
            (work("Disks", ago(50), ago(-100)), false),         // reaches far beyond it
            (work("Disks", ago(-9000), ago(-9200)), false),
            (entry(EntryKind::Freeze, "Q4 upgrade", ago(50), ago(-2000)), false),
        ] {
            let title = format!("maintenance:{}", calendar.title);
            let seen = judge(&[of(silence(&crash, ago(60), ago(-2000)))], &[calendar]).remove(0);
            assert_eq!(seen.remarks.contains(&title), tied, "{title}");
        }
    }
}
