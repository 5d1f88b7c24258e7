//! Waves: one version on its way into the whole fleet, held against the windows it has to fit.

use crate::domain::clock::Moment;
use crate::domain::id::ProductId;
use crate::rules;
use crate::rules::judge::Verdict;
use crate::rules::wave::{Count, Part, waves};

/// One version on its way into the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    /// What.
    pub product: ProductId,
    /// Which version.
    pub to: String,
    /// How the rollouts stand.
    pub count: Count,
    /// When the last one under way will be through, where that can be said.
    pub projected: Option<Moment>,
    /// When the first window of one under way closes.
    pub window_ends: Option<Moment>,
    /// Whether all under way will be through before their windows close.
    pub fits: Option<bool>,
}

/// The waves of all that was judged.
#[must_use]
pub fn of<'v>(verdicts: impl IntoIterator<Item = &'v Verdict>) -> Vec<Wave> {
    let parts = verdicts.into_iter().flat_map(|verdict| {
        let installation = &verdict.installation;
        verdict.rollouts.iter().map(move |rollout| {
            let at = installation.environments.iter().position(|one| one.name == rollout.environment);
            let window = at.and_then(|at| verdict.next_windows.get(at)).and_then(Option::as_ref);
            Part { installation: &installation.id, rollout, window }
        })
    });
    let told = |wave: rules::wave::Wave| Wave {
        product: wave.product,
        to: wave.to.text().to_owned(),
        projected: wave.projected,
        window_ends: wave.window_ends,
        fits: wave.fits,
        count: wave.count,
    };
    waves(parts).into_iter().map(told).collect()
}
