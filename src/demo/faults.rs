//! Faults: laid on an address by hand, or on a third of the customers by a scenario.

use std::fmt;
use std::time::Duration;

use chrono::TimeDelta;

use super::answer::Answer;
use super::dice::number;
use super::question::Question;
use super::scenario::Scenario;
use super::world::World;
use super::writes::{Fault, Writes};
use crate::domain::clock::Moment;

/// The connection breaks in the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

/// What came of a fault.
pub enum Suffered {
    /// This is answered instead.
    Answered(Answer),
    /// Answered as usual, but as of this moment.
    At(Moment),
}

/// The fault that lies on a question's address, where there is one.
#[must_use]
pub fn of(world: &World, writes: &Writes, question: &Question, at: Moment) -> Option<Fault> {
    let path = question.path.join("/");
    writes.fault(&path).or_else(|| of_scenario(world, question.path.first()?, at))
}

/// When the network is down, a third of the customers are away, each in its own way, and come back within the hour.
fn of_scenario(world: &World, id: &str, at: Moment) -> Option<Fault> {
    if world.setup.scenario != Scenario::NetworkDown || world.installation(id).is_none() {
        return None;
    }
    let draw = number(&format!("{id}{}", world.setup.seed), 300);
    let from = world.setup.anchor + TimeDelta::seconds(20);
    let until = world.setup.anchor + TimeDelta::minutes(30 + i64::try_from(draw).unwrap_or_default());
    let ways = [Fault::Hang, Fault::Reset, Fault::Broken, Fault::Hang, Fault::Login, Fault::Slow];
    let way = ways.get(usize::try_from(draw / 17).unwrap_or_default() % ways.len())?;
    (draw < 100 && (from..until).contains(&at)).then_some(*way)
}

/// Makes a client suffer a fault.
///
/// # Errors
/// When the fault is that there is no answer.
pub async fn suffer(fault: Fault, now: Moment) -> Result<Suffered, Broken> {
    let answer = match fault {
        Fault::Hang => {
            tokio::time::sleep(Duration::from_secs(900)).await;
            return Err(Broken);
        }
        Fault::Reset => return Err(Broken),
        Fault::Slow => {
            tokio::time::sleep(Duration::from_secs(7)).await;
            return Ok(Suffered::At(now));
        }
        // The certificates themselves tell.
        Fault::Expired => return Ok(Suffered::At(now)),
        Fault::Skewed => return Ok(Suffered::At(now - TimeDelta::minutes(34))),
        Fault::Broken => Answer::text(500, "internal server error\n"),
        Fault::Unauthorized => Answer::text(401, "unauthorized\n"),
        Fault::Login => {
            let page = "<!doctype html>\n<html><head><title>Sign in</title></head><body><form></form></body></html>\n";
            Answer::bytes("text/html; charset=utf-8", page.as_bytes().to_vec())
        }
        Fault::Garbage => {
            Answer::bytes("application/json", b"{\"status\":\"succ\x1b]52;c;aGk=\x07\xff\xfe\x00[[[[".to_vec())
        }
    };
    Ok(Suffered::Answered(answer))
}
