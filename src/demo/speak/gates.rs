//! A customer's gate repository: what was offered, what the change board let through, and what closed by itself then.

use chrono::TimeDelta;

use super::git::{Commit, Repository};
use super::place::Spot;
use crate::demo::answer::Answer;
use crate::demo::course::Offer;
use crate::demo::glance::Glance;
use crate::demo::question::Question;
use crate::demo::writes::Write;
use crate::domain::clock::Moment;

/// How long the pipeline takes to notice that all an item waited for is there.
const CLOSES: TimeDelta = TimeDelta::seconds(11);

/// Answers what stands below the repository's address. What is pushed into the folder of the change board is its approval.
#[must_use]
pub fn answer(glance: &Glance<'_>, spot: &Spot<'_>, rest: &[&str], question: &Question) -> Answer {
    let mut repository = repository(glance, &spot.one.id, &glance.course(spot.one, "production").offers);
    if question.method != "POST" || *rest != ["git-receive-pack"] {
        return repository.answer(rest, question);
    }
    let (answer, pushed) = repository.pushed(question);
    match pushed {
        Some(pushed) => answer.writing(Write::Push { installation: spot.one.id.clone(), pushed }),
        None => answer,
    }
}

/// A gate repository as it is: what the pipeline and the board put there, and what was pushed in between.
fn repository(glance: &Glance<'_>, customer: &str, offers: &[Offer<'_>]) -> Repository {
    let pushes = || glance.writes.pushes.iter().filter(|(whose, ..)| whose == customer);
    let is_pushed = |commit: &Commit| {
        let brings = |path: &String| pushes().any(|(_, pushed, _)| pushed.files.iter().any(|(new, _)| new == path));
        commit.files.iter().any(|(path, _)| brings(path))
    };
    let mut commits: Vec<Commit> = offers.iter().flat_map(|offer| of_offer(customer, offer)).collect();
    commits.retain(|commit| commit.at <= glance.at && !is_pushed(commit));
    // Whatever is written at one moment keeps its order: a ledger only grows.
    commits.sort_by_key(|commit| commit.at);
    let mut made = Repository::default();
    let mut commits = commits.iter().peekable();
    for (_, pushed, at) in pushes() {
        while let Some(commit) = commits.next_if(|commit| commit.at <= *at) {
            made.commit(commit);
        }
        made.take(pushed);
    }
    commits.for_each(|commit| made.commit(commit));
    made
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
