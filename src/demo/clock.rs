//! Time that runs as fast as one likes, stands still, or jumps.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use crate::domain::clock::{Clock, Moment};

/// The fastest that simulated time may run: a day a second.
pub const FASTEST: f64 = 86_400.0;

/// A clock that follows another one at a speed of its own.
#[derive(Clone)]
pub struct Simulated {
    base: Arc<dyn Clock>,
    hands: Arc<Mutex<Hands>>,
}

/// Where the hands stood when the speed was last touched.
#[derive(Clone, Copy)]
struct Hands {
    real: Moment,
    simulated: Moment,
    speed: f64,
    paused: bool,
}

impl Hands {
    fn at(self, real: Moment) -> Moment {
        if self.paused {
            return self.simulated;
        }
        let passed = (real - self.real).as_seconds_f64().max(0.0) * self.speed;
        self.simulated + span(passed)
    }
}

impl Simulated {
    /// A clock that shows `start` now and runs at `speed` against `base` from here on.
    #[must_use]
    pub fn new(base: Arc<dyn Clock>, start: Moment, speed: f64) -> Self {
        let hands = Hands { real: base.now(), simulated: start, speed: bounded(speed), paused: false };
        Self { base, hands: Arc::new(Mutex::new(hands)) }
    }

    /// Simulated seconds per real second; zero while paused.
    #[must_use]
    pub fn speed(&self) -> f64 {
        let hands = self.hands();
        if hands.paused { 0.0 } else { hands.speed }
    }

    /// Runs at another speed from now on.
    pub fn set_speed(&self, speed: f64) {
        self.settle(|hands| hands.speed = bounded(speed));
    }

    /// Stands still, or goes on.
    pub fn set_paused(&self, paused: bool) {
        self.settle(|hands| hands.paused = paused);
    }

    /// Goes to another moment at once.
    pub fn jump(&self, to: Moment) {
        self.settle(|hands| hands.simulated = to);
    }

    /// How long it really takes until the clock shows so much more; none while it stands still.
    #[must_use]
    pub fn real(&self, simulated: std::time::Duration) -> Option<std::time::Duration> {
        let speed = self.speed();
        (speed > 0.0).then(|| std::time::Duration::try_from_secs_f64(simulated.as_secs_f64() / speed).ok()).flatten()
    }

    fn settle(&self, change: impl FnOnce(&mut Hands)) {
        let real = self.base.now();
        let mut hands = self.hands();
        hands.simulated = hands.at(real);
        hands.real = real;
        change(&mut hands);
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Simulated {
    fn now(&self) -> Moment {
        let real = self.base.now();
        self.hands().at(real)
    }
}

/// Seconds with decimals as a span, to the millisecond.
fn span(seconds: f64) -> TimeDelta {
    std::time::Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|passed| TimeDelta::from_std(passed).ok())
        .and_then(|passed| TimeDelta::try_milliseconds(passed.num_milliseconds()))
        .unwrap_or_default()
}

fn bounded(speed: f64) -> f64 {
    if speed.is_finite() { speed.clamp(0.0, FASTEST) } else { 1.0 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    struct Hand(Mutex<Moment>);

    impl Clock for Hand {
        fn now(&self) -> Moment {
            *self.0.lock().unwrap()
        }
    }

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_passes_in_two_minutes_stands_still_and_jumps() {
        let hand = Arc::new(Hand(Mutex::new(at("2026-11-21T08:00:00Z"))));
        let pass = |seconds| *hand.0.lock().unwrap() += TimeDelta::seconds(seconds);
        let clock = Simulated::new(hand.clone(), at("2026-11-16T15:00:00Z"), 120.0);
        for (real, change, shown) in [
            (0, None, "2026-11-16T15:00:00Z"),
            (30, None, "2026-11-16T16:00:00Z"),
            (0, Some(0.0), "2026-11-16T16:00:00Z"),
            (60, None, "2026-11-16T16:00:00Z"),
            (0, Some(60.0), "2026-11-16T16:00:00Z"),
            (1, None, "2026-11-16T16:01:00Z"),
        ] {
            pass(real);
            if let Some(speed) = change {
                clock.set_speed(speed);
            }
            assert_eq!(clock.now(), at(shown));
        }
        clock.set_paused(true);
        pass(5);
        assert_eq!((clock.now(), clock.speed()), (at("2026-11-16T16:01:00Z"), 0.0));
        clock.jump(at("2026-11-19T16:00:00Z"));
        clock.set_paused(false);
        pass(2);
        assert_eq!(clock.now(), at("2026-11-19T16:02:00Z"));
    }

    #[test]
    fn odd_speeds_are_bounded() {
        let hand = Arc::new(Hand(Mutex::new(at("2026-11-21T08:00:00Z"))));
        for (asked, got) in [(f64::NAN, 1.0), (f64::INFINITY, 1.0), (-3.0, 0.0), (1e12, FASTEST)] {
            assert_eq!(Simulated::new(hand.clone(), hand.now(), asked).speed(), got);
        }
    }
}
