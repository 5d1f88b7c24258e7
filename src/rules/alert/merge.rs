//! The same alert told by many is one alert: members of a pair by fingerprint, a Prometheus by the labels it shows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::domain::alert::{Alert, AlertOrigin, AlertState};
use crate::domain::fact::What;
use crate::domain::fleet::Installation;
use crate::domain::id::EnvironmentName;
use crate::rules::hearing::{Basis, Told};

/// One alert, all who tell it together.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// In which environment, where it is known.
    pub environment: Option<EnvironmentName>,
    /// The alert, as its freshest teller says it.
    pub alert: Arc<Alert>,
    /// Where it stands: one who says it is active outweighs those who do not.
    pub state: AlertState,
    /// Who told it.
    pub basis: Basis,
}

/// One voice saying one alert.
struct Voice<'a> {
    alert: &'a Arc<Alert>,
    told: &'a Told<'a>,
}

type Voices<'a> = BTreeMap<(&'a str, Option<EnvironmentName>), Vec<Voice<'a>>>;

/// Every alert of one installation once, in a stable order.
///
/// Alertmanagers are joined by fingerprint within an environment. What a Prometheus says is the same alert when all
/// labels it shows are among those of an Alertmanager's: external labels are added on the way.
#[must_use]
pub fn merged(installation: &Installation, told: &[Told<'_>]) -> Vec<Merged> {
    let mut managed = one_each(voices(installation, told, AlertOrigin::Alertmanager));
    let own = one_each(voices(installation, told, AlertOrigin::Prometheus));
    let index = Index::over(&managed);
    let matches: Vec<Option<usize>> = own.iter().map(|one| index.find(one, &managed)).collect();
    drop(index);
    for (one, same) in own.into_iter().zip(matches) {
        match same.and_then(|at| managed.get_mut(at)) {
            // A fresh Prometheus vouches for what a silent Alertmanager said last; what hides it is not its business.
            Some(known) if known.basis.stale && !one.basis.stale && known.state == AlertState::Firing => {
                known.basis = one.basis;
            }
            Some(_) => {}
            None => managed.push(one),
        }
    }
    managed.sort_by(|a, b| (&a.environment, &a.alert.fingerprint).cmp(&(&b.environment, &b.alert.fingerprint)));
    managed
}

fn voices<'a>(installation: &Installation, told: &'a [Told<'a>], origin: AlertOrigin) -> Voices<'a> {
    let mut voices: Voices<'a> = BTreeMap::new();
    for told in told {
        let What::Alert(alert) = told.what else { continue };
        if alert.origin == origin {
            let environment = told.environment.cloned().or_else(|| place_of(installation, alert));
            voices.entry((alert.fingerprint.as_str(), environment)).or_default().push(Voice { alert, told });
        }
    }
    voices
}

/// The environment an alert of the whole installation is about, where its labels name one.
fn place_of(installation: &Installation, alert: &Alert) -> Option<EnvironmentName> {
    let named = ["environment", "env", "stage"].into_iter().find_map(|name| alert.label(name));
    let by_name = named.and_then(|name| installation.environment(name));
    let by_namespace = || {
        let namespace = alert.label("namespace")?;
        let lives = |text: &crate::text::clean::Clean| text.as_str() == namespace;
        let mut homes = installation.environments.iter().filter(|one| one.namespace.as_ref().is_some_and(lives));
        // Two environments may share a namespace's name in two clusters: then it tells nothing.
        homes.next().filter(|_| homes.next().is_none())
    };
    by_name.or_else(by_namespace).map(|environment| environment.name.clone())
}

fn one_each(mut voices: Voices<'_>) -> Vec<Merged> {
    // Who speaks for the installation as a whole joins the environment that says the same alert.
    let nowhere: Vec<&str> = voices.keys().filter(|(_, place)| place.is_none()).map(|(print, _)| *print).collect();
    for print in nowhere {
        let home = voices.keys().find(|(other, place)| *other == print && place.is_some()).cloned();
        if let Some(home) = home {
            let moved = voices.remove(&(print, None)).unwrap_or_default();
            voices.entry(home).or_default().extend(moved);
        }
    }
    voices.into_iter().filter_map(|((_, environment), voices)| one_of(environment, &voices)).collect()
}

fn one_of(environment: Option<EnvironmentName>, voices: &[Voice<'_>]) -> Option<Merged> {
    let fresh = voices.iter().any(|voice| !voice.told.stale);
    let heard = || voices.iter().filter(move |voice| !fresh || !voice.told.stale);
    let state = heard().map(|voice| voice.alert.state).min()?;
    let of_state = heard().filter(|voice| voice.alert.state == state);
    let best = of_state.min_by_key(|voice| (std::cmp::Reverse(voice.told.at), voice.told.source))?;
    Some(Merged { environment, alert: Arc::clone(best.alert), state, basis: Basis::of(best.told) })
}

/// Finds alerts by their labels: whoever shares the rarest label is looked at closely.
struct Index<'a>(HashMap<(&'a str, &'a str), Vec<usize>>);

impl Index<'_> {
    fn over(managed: &[Merged]) -> Index<'_> {
        let mut index: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (at, one) in managed.iter().enumerate() {
            for (name, value) in &one.alert.labels {
                index.entry((name.as_str(), value.as_str())).or_default().push(at);
            }
        }
        Index(index)
    }

    fn find(&self, one: &Merged, managed: &[Merged]) -> Option<usize> {
        let labels = &one.alert.labels;
        let mut rarest: Option<&Vec<usize>> = None;
        for (name, value) in labels {
            let these = self.0.get(&(name.as_str(), value.as_str()))?;
            if rarest.is_none_or(|least| these.len() < least.len()) {
                rarest = Some(these);
            }
        }
        rarest?.iter().copied().find(|at| {
            managed.get(*at).is_some_and(|other| {
                let same_place =
                    other.environment.is_none() || one.environment.is_none() || other.environment == one.environment;
                same_place && labels.iter().all(|(name, value)| other.alert.labels.get(name) == Some(value))
            })
        })
    }
}
