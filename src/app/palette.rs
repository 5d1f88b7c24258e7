//! The palette: every action by its name, the best match first.

use crate::text::fuzzy::Fuzzy;
use crate::ui::action::Action;

/// The actions a typed text finds, best first. An empty text finds all of them, in their own order.
#[must_use]
pub fn found(typed: &str) -> Vec<Action> {
    let fuzzy = Fuzzy::new(typed);
    let mut scored: Vec<(u32, usize, Action)> = Action::ALL
        .iter()
        .enumerate()
        .filter_map(|(n, action)| {
            // The name counts double: who types it knows what they want.
            let name = fuzzy.score(action.word()).map(|score| score.saturating_mul(2));
            let says = fuzzy.score(action.says());
            name.max(says).map(|score| (score, n, *action))
        })
        .collect();
    scored.sort_by_key(|(score, n, _)| (std::cmp::Reverse(*score), *n));
    scored.into_iter().map(|(_, _, action)| action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found_first_by_its_own_name() {
        for action in Action::ALL {
            let first = found(action.word());
            assert!(first.iter().take(2).any(|one| one == action), "{}: {first:?}", action.word());
        }
    }

    #[test]
    fn nothing_typed_finds_everything_and_nonsense_nothing() {
        assert_eq!(found("").len(), Action::ALL.len());
        assert!(found("zzzzqqqq").is_empty());
    }
}
