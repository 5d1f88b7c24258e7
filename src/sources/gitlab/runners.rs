//! Runners: each has many managers, and every manager a version of its own.

use serde::Deserialize;

use super::{PAGE, Runners, missing_or_hidden, pages};
use crate::domain::fact::{Evidence, Fact, GapKind, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::net::door::{Ask, Door};
use crate::sources::reading::items;
use crate::text::clean::Clean;

/// How many runners are asked for their managers.
const ASKED: usize = 30;

/// Asks for the versions of the runners that work.
pub(super) async fn ask(
    door: &dyn Door,
    whose: Runners,
    project: Option<&str>,
    heard: &mut Heard,
) -> Result<(), Fault> {
    let path = match (whose, project) {
        (Runners::Project, Some(project)) => format!("api/v4/projects/{project}/runners"),
        _ => "api/v4/runners/all".to_owned(),
    };
    let asked = pages(door, Ask::get(path).with("per_page", PAGE)).await;
    let Some((bodies, mut whole)) = missing_or_hidden(asked, "runners", heard)? else { return Ok(()) };
    let mut runners = Vec::new();
    for body in &bodies {
        items(body, "a list of runners", heard, |one: WireRunner, _| runners.push(one))?;
    }
    runners.retain(WireRunner::works);
    whole &= runners.len() <= ASKED;
    if !whole {
        heard.gaps.push(super::gap("runners", "more runners than are asked", GapKind::Partial));
    }
    for runner in runners.iter().take(ASKED) {
        let managers = door.ask(Ask::get(format!("api/v4/runners/{}/managers", runner.id))).await;
        if let Some(reply) = missing_or_hidden(managers, "runners", heard)? {
            read_managers(&reply.body, runner, heard)?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct WireRunner {
    id: u64,
    description: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    paused: bool,
}

impl WireRunner {
    /// What was never seen, or long ago, says nothing about today.
    fn works(&self) -> bool {
        !self.paused && matches!(self.status.as_str(), "online" | "active")
    }
}

#[derive(Deserialize)]
struct WireManager {
    #[serde(default)]
    system_id: String,
    version: Option<String>,
    #[serde(default)]
    status: String,
}

fn read_managers(body: &[u8], runner: &WireRunner, heard: &mut Heard) -> Result<(), Fault> {
    let name = runner.description.as_deref().filter(|name| !name.is_empty());
    items(body, "the managers of a runner", heard, |one: WireManager, heard| {
        // An offline one runs nothing.
        let Some(version) = one.version.filter(|version| !version.is_empty() && one.status == "online") else { return };
        let part = format!("{} {}", name.unwrap_or("runner"), one.system_id);
        heard.facts.push(Fact::here(What::Sighting(Sighting {
            product: "gitlab-runner".into(),
            version: Clean::line_within(&version, 100),
            evidence: Evidence::Reported,
            part: Some(Clean::line_within(&part, 100)),
        })));
    })
}
