//! The pulse: whether monitoring itself lives. Silence from monitoring is not health.

use crate::domain::fact::What;
use crate::domain::id::EnvironmentName;
use crate::rules::hearing::Told;
use crate::rules::standing::Standing;
use crate::rules::teller::Teller;

/// How the monitoring of one environment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pulse {
    /// It answers, and the alert that always fires does.
    Beating,
    /// It answers, but the alert that always fires is missing: what it says can't be trusted.
    Missing,
    /// It does not answer.
    Deaf,
    /// It was not asked yet.
    Unheard,
    /// There is none.
    Unwatched,
}

/// The pulse of one environment. `watchdog` is the alert that always fires, where the agreement has one.
#[must_use]
pub fn pulse(
    environment: &EnvironmentName,
    watchdog: Option<&str>,
    tellers: &[Teller<'_>],
    told: &[Told<'_>],
) -> Pulse {
    let mut monitors = tellers.iter().filter(|one| one.is_monitoring() && one.speaks_of(environment)).peekable();
    if monitors.peek().is_none() {
        return Pulse::Unwatched;
    }
    let mut unheard = true;
    let mut answers = false;
    for one in monitors {
        unheard &= one.standing == Standing::Never;
        answers |= one.answers();
    }
    match (watchdog, answers) {
        (_, false) if unheard => Pulse::Unheard,
        (_, false) => Pulse::Deaf,
        (None, true) => Pulse::Beating,
        (Some(name), true) if told.iter().any(|told| beats(told, environment, name)) => Pulse::Beating,
        (Some(_), true) => Pulse::Missing,
    }
}

fn beats(told: &Told<'_>, environment: &EnvironmentName, watchdog: &str) -> bool {
    match told.what {
        What::Alert(alert) => {
            !told.stale && told.environment.is_none_or(|place| place == environment) && alert.name() == watchdog
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixture::{Did, Sources, Spoken, fires, told, unreachable};

    #[test]
    fn the_pulse_of_an_environment() {
        use Did::{Answered, Failed, FellSilent, Nothing};
        let beat = |by| fires(by, "Watchdog", &[]);
        let pair = |a, b| Sources::new([("alertmanager[a]", a), ("alertmanager[b]", b)]);
        for (sources, spoken, watchdog, expected) in [
            (pair(Answered, Answered), vec![beat("alertmanager[a]")], Some("Watchdog"), Pulse::Beating),
            (pair(Answered, Failed(unreachable())), vec![beat("alertmanager[a]")], Some("Watchdog"), Pulse::Beating),
            (pair(Answered, Answered), vec![fires("alertmanager[a]", "Crash", &[])], Some("Watchdog"), Pulse::Missing),
            (pair(Answered, Answered), vec![beat("staging/alertmanager")], Some("Watchdog"), Pulse::Missing),
            (pair(Answered, Answered), vec![beat("-/alertmanager")], Some("Watchdog"), Pulse::Beating),
            (pair(Answered, FellSilent(9)), vec![beat("alertmanager[b]").stale()], Some("Watchdog"), Pulse::Missing),
            (pair(Answered, Answered), vec![], None, Pulse::Beating),
            (pair(Failed(unreachable()), FellSilent(9)), vec![], Some("Watchdog"), Pulse::Deaf),
            (pair(Failed(unreachable()), Nothing), vec![], None, Pulse::Deaf),
            (pair(Nothing, Nothing), vec![], Some("Watchdog"), Pulse::Unheard),
            (Sources::new([("kubernetes", Answered)]), vec![], Some("Watchdog"), Pulse::Unwatched),
            (Sources::new([("staging/prometheus", Answered)]), vec![], Some("Watchdog"), Pulse::Unwatched),
        ] {
            let spoken: Vec<Spoken> = spoken;
            let felt = pulse(&"production".into(), watchdog, &sources.tellers(), &told(&spoken));
            assert_eq!(felt, expected, "{spoken:?}");
        }
    }
}
