//! What is asked outside the board: exactly what the pane on screen wants to know, started and stopped as that changes.

use crate::app::effect::{Effect, Ticket};
use crate::app::running::Running;
use crate::app::state::State;
use crate::domain::clock::Moment;
use crate::views::asked::{News, Span, Topic};

/// Starts what is wanted and not asked, stops what is asked and no longer wanted.
pub fn reconcile(state: &mut State) -> Vec<Effect> {
    let travel = state.travel;
    let wanted = match (&state.board, state.pane()) {
        (Some(board), Some(pane)) if !state.paused && !board.is_last_known() => pane.asks(board),
        _ => Vec::new(),
    };
    if wanted.is_empty() && state.asking.running.is_empty() {
        return Vec::new();
    }
    let wanted: Vec<(Topic, Topic)> = wanted.into_iter().map(|topic| (at(topic.clone(), travel), topic)).collect();
    let mut effects = Vec::new();
    let running = std::mem::take(&mut state.asking.running);
    let (stay, go): (Vec<_>, Vec<_>) =
        running.into_iter().partition(|one| wanted.iter().any(|(asked, _)| *asked == one.asked));
    state.asking.running = stay;
    for one in go {
        state.pane_mut().hear(&one.wanted, News::Over);
        effects.push(Effect::Hush(one.ticket));
    }
    for (asked, wanted) in wanted {
        if state.asking.running.iter().any(|one| one.asked == asked) {
            continue;
        }
        state.asking.last += 1;
        let ticket = Ticket(state.asking.last);
        state.pane_mut().hear(&wanted, News::Begun);
        state.asking.running.push(Running { ticket, wanted, asked: asked.clone() });
        state.changed = true;
        effects.push(Effect::Ask(ticket, asked));
    }
    effects
}

/// A topic at another time than the present.
fn at(topic: Topic, travel: Option<Moment>) -> Topic {
    match (topic, travel) {
        (Topic::Logs(mut logs), Some(until)) => {
            let from = match logs.span {
                Span::Back(back) => until - chrono::TimeDelta::from_std(back).unwrap_or_default(),
                Span::Since(from) | Span::Between(from, _) => from.min(until),
            };
            logs.span = match logs.span {
                Span::Between(_, end) => Span::Between(from, end.min(until)),
                Span::Back(_) | Span::Since(_) => Span::Between(from, until),
            };
            logs.follow = false;
            Topic::Logs(logs)
        }
        (Topic::Figures(installation, _), Some(until)) => Topic::Figures(installation, Some(until)),
        (topic, None) => topic,
    }
}

/// Gives news to the pane that wants them. News of what is no longer asked are late, and dropped.
pub fn told(state: &mut State, ticket: Ticket, news: News) {
    let Some(topic) = state.asking.running.iter().find(|one| one.ticket == ticket).map(|one| one.wanted.clone()) else {
        return;
    };
    state.pane_mut().hear(&topic, news);
    state.changed = true;
}
