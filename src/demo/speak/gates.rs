//! A customer's gate repository: what was offered, what the change board let through, and what closed by itself then.

use chrono::TimeDelta;

use super::git::{Commit, Repository};
use super::place::Spot;
use crate::demo::answer::Answer;
use crate::demo::course::Offer;
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::domain::clock::Moment;

/// How long the pipeline takes to notice that all an item waited for is there.
const CLOSES: TimeDelta = TimeDelta::seconds(11);

/// Answers what stands below the repository's address.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    let offers = glance.course(spot.one, "production").offers;
    Repository::of(&commits(&spot.one.id, &offers, glance.at)).answer(rest, question)
}

/// The history of a gate repository until a moment, oldest first.
fn commits(customer: &str, offers: &[Offer<'_>], at: Moment) -> Vec<Commit> {
    let mut commits: Vec<Commit> = offers.iter().flat_map(|offer| of_offer(customer, offer)).collect();
    commits.retain(|commit| commit.at <= at);
    // Whatever is written at one moment keeps its order: a ledger only grows.
    commits.sort_by_key(|commit| commit.at);
    commits
}

fn of_offer(customer: &str, offer: &Offer<'_>) -> Vec<Commit> {
    let version = &offer.release.version;
    let machine = |at: Moment, subject: String, files: Vec<(String, Option<String>)>| Commit {
        at,
        author: "git".to_owned(),
        mail: format!("ci@{customer}.example"),
        subject,
        files,
    };
    let waits = format!("staging/{version}\nchange-board/{version}\n# rollout of {version} for {customer}\n");
    let pending = format!("production/{version}.autoclose");
    // Both when the version is offered: nothing may come to be in between what was read already.
    let mut commits = vec![
        machine(offer.created, format!("put: {pending}"), vec![(pending.clone(), Some(waits.clone()))]),
        machine(
            offer.created,
            format!("put: staging/{version}"),
            vec![(format!("staging/{version}"), Some("verified-by: nightly\n".to_owned()))],
        ),
    ];
    if let Some((when, who)) = &offer.approval {
        let name = who.split('@').next().unwrap_or(who);
        commits.push(Commit {
            at: *when,
            author: name.to_owned(),
            mail: if who.contains('@') { who.clone() } else { format!("{who}@{customer}.example") },
            subject: format!("put: change-board/{version}"),
            files: vec![(format!("change-board/{version}"), Some(format!("approved-by: {who}\n")))],
        });
        let closed = vec![(pending.clone(), None), (format!("production/{version}"), Some(waits))];
        commits.push(machine(*when + CLOSES, format!("put: {pending} (via autoclose)"), closed));
    }
    commits
}
