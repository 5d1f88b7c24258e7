//! GitLab: its version and its runners', releases of a product, and for one environment the deployment that waits or runs,
//! its pipelines with their manual jobs, freeze periods, and tickets by their labels.

mod deliveries;
mod desk;
mod pipelines;
mod protection;
mod runners;

use serde::Deserialize;

use crate::domain::clock::{Dated, Moment};
use crate::domain::delivery::{ListKind, Release};
use crate::domain::fact::{Evidence, Fact, Gap, GapKind, Heard, Sighting, What};
use crate::domain::fault::Fault;
use crate::domain::id::{ProductId, Scope};
use crate::fleetfile::section::Section;
use crate::net::door::{Ask, Door, Pending};
use crate::sources::cron;
use crate::sources::kind::{Built, Kind, Setting, Source, Stands};
use crate::sources::paging;
use crate::sources::reading::{items, json, moment, part, told};
use crate::text::clean::Clean;
use deliveries::{WireDeployment, read_deployments};
use pipelines::WirePipeline;

/// GitLab.
pub static KIND: Kind = Kind {
    name: "gitlab",
    about: "deliveries with their manual jobs and approvals, freeze periods, tickets by label, its own version and its runners'; releases of a product",
    example: r#"{ kind = "gitlab", url = "https://gitlab.example.test", project = "ops/rollout", environment = "production" }"#,
    stands: Stands::PlaceOrProduct,
    build,
};

struct GitLab {
    /// The project, encoded once for a path.
    project: Option<String>,
    environment: Option<Clean>,
    /// The path as it was written; none where a number was.
    path: Option<Clean>,
    /// The labels a ticket must have; none where tickets are not asked for.
    labels: Option<String>,
    runners: Option<Runners>,
    /// Whose releases are told, where it stands among them.
    product: Option<ProductId>,
}

/// Whose runners are asked for.
#[derive(Clone, Copy)]
enum Runners {
    /// Those of the project.
    Project,
    /// All of the installation: an administrator's right.
    All,
}

fn build(section: &mut Section<'_>, setting: &Setting<'_>) -> Option<Built> {
    let project = section.optional(("project", "the project's path or number"));
    let environment = section.optional(("environment", "the environment's name there; this one's unless said"));
    let labels = section.texts(("labels", "tickets are told that have all of these labels"));
    let runners = section.choice(
        ("runners", "whose runners' versions are told; nobody's unless said"),
        &[("project", Runners::Project), ("all", Runners::All)],
    );
    for (key, wanted) in [("labels", labels.is_some()), ("runners", matches!(runners, Some(Runners::Project)))] {
        if wanted && project.is_none() {
            section.refuse(key, format!("`{key}` without `project`: whose are meant?"));
        }
    }
    let releases = matches!(setting.scope, Scope::Product(_));
    if releases && project.is_none() && !section.is_recording() {
        section.refuse("project", "`project` is missing: whose releases are meant?");
    }
    let own = match setting.scope {
        Scope::Place(place) => place.environment.as_ref().map(|name| Clean::line(name.as_str())),
        Scope::Product(_) | Scope::Fleet => None,
    };
    let is_number = |path: &Clean| path.as_str().chars().all(|c| c.is_ascii_digit());
    Some(Built::new(GitLab {
        path: project.clone().filter(|path| !is_number(path)),
        labels: labels.map(|labels| labels.iter().map(Clean::as_str).collect::<Vec<_>>().join(",")),
        runners,
        project: project.map(|path| encoded(path.as_str())),
        environment: environment.or(own),
        product: setting.product.filter(|_| releases).cloned(),
    }))
}

/// A project's path as one segment of an address.
fn encoded(path: &str) -> String {
    path.trim_matches('/').replace('%', "%25").replace('/', "%2F").replace(' ', "%20")
}

/// How many items a page has.
const PAGE: &str = "100";
/// How many pages of a list are turned.
const PAGES: usize = 10;

impl Source for GitLab {
    fn poll<'a>(&'a self, door: &'a dyn Door, now: Moment) -> Pending<'a, Result<Heard, Fault>> {
        Box::pin(async move {
            let mut heard = Heard::default();
            if let (Some(product), Some(project)) = (&self.product, &self.project) {
                let path = format!("api/v4/projects/{project}/releases");
                let ask = Ask::get(path).with("order_by", "released_at").with("sort", "desc").with("per_page", PAGE);
                let (pages, whole) = pages(door, ask).await?;
                let list = if whole { ListKind::Whole } else { ListKind::Newest };
                for body in pages {
                    read_releases(&body, (product, list), &mut heard)?;
                }
                return Ok(heard);
            }
            read_version(&door.ask(Ask::get("api/v4/version")).await?.body, &mut heard)?;
            if let Some(whose) = self.runners {
                runners::ask(door, whose, self.project.as_deref(), &mut heard).await?;
            }
            let Some(project) = &self.project else { return Ok(heard) };
            let base = format!("api/v4/projects/{project}");
            // A renamed project answers under its old name, by a redirect, until somebody else takes that name.
            self.read_project(&door.ask(Ask::get(&base)).await?.body, &mut heard)?;
            if let Some(labels) = &self.labels {
                desk::ask(door, &base, labels, &mut heard).await?;
            }
            if let Some(environment) = &self.environment {
                deliveries(door, &base, environment, &mut heard).await?;
            }
            let freezes = door.ask(Ask::get(format!("{base}/freeze_periods"))).await.map(|reply| reply.body);
            if let Some(freezes) = missing_or_hidden(freezes, "freeze periods", &mut heard)? {
                read_freezes(&freezes, now, &mut heard)?;
            }
            Ok(heard)
        })
    }
}

/// The deployments of an environment, the pipeline of the newest one, and the newest pipeline of a tag: before a job down
/// in it begins, no deployment tells of it.
async fn deliveries(door: &dyn Door, base: &str, environment: &Clean, heard: &mut Heard) -> Result<(), Fault> {
    let protection = protection::ask(door, base, environment, heard).await?;
    // Sorted the other way round unless asked: without `desc` the oldest would be read.
    let newest = |list: &str| Ask::get(format!("{base}/{list}")).with("order_by", "id").with("sort", "desc");
    let ask = newest("deployments").with("environment", environment.as_str()).with("per_page", "5");
    let deployments = read_deployments(&door.ask(ask).await?.body, &protection, heard)?;
    let ask = newest("pipelines").with("scope", "tags").with("per_page", "1");
    let listed = door.ask(ask).await.map(|reply| reply.body);
    let mut pipelines: Vec<WirePipeline> = Vec::new();
    if let Some(listed) = missing_or_hidden(listed, "pipelines", heard)? {
        items(&listed, "a list of pipelines", heard, |one: WirePipeline, _| pipelines.push(one))?;
    }
    let deployed = deployments.first().and_then(WireDeployment::pipeline);
    pipelines.retain(|one| deployed.is_none_or(|deployed| one.id > deployed.id));
    for pipeline in pipelines.iter().chain(deployed) {
        pipelines::ask(door, base, pipeline, environment, &protection, heard).await?;
    }
    Ok(())
}

/// The pages of a list, and whether these are all. By `Link` alone: it serves keyset and offset, with totals and without.
async fn pages(door: &dyn Door, first: Ask) -> Result<(Vec<Vec<u8>>, bool), Fault> {
    let (mut ask, mut pages) = (first, Vec::new());
    for _ in 0..PAGES {
        let reply = door.ask(ask).await?;
        let next = paging::next(&reply);
        pages.push(reply.body);
        match next {
            Some(next) => ask = Ask::get(next),
            None => return Ok((pages, true)),
        }
    }
    Ok((pages, false))
}

/// What came of a part that this token may not see: GitLab says 404 as often as 403, and both are a gap.
fn missing_or_hidden<T>(outcome: Result<T, Fault>, place: &str, heard: &mut Heard) -> Result<Option<T>, Fault> {
    if let Err(fault @ Fault::Missing { .. }) = &outcome {
        heard.gaps.push(gap(place, &fault.to_string(), GapKind::Forbidden));
    }
    // What is garbled here is garbled as a whole: a login page is no missing right.
    if matches!(outcome, Err(Fault::Garbled { .. })) {
        return outcome.map(Some);
    }
    part(outcome.map(Some), place, heard)
}

fn gap(place: &str, why: &str, kind: GapKind) -> Gap {
    Gap { place: Clean::line(place), why: Clean::line(why), kind }
}

#[derive(Deserialize)]
struct WireProject {
    path_with_namespace: String,
    #[serde(default)]
    archived: bool,
}

impl GitLab {
    /// Understands what the project says of itself: only whether it is still what was meant.
    fn read_project(&self, body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
        let project: WireProject = json(body, "a project of a GitLab")?;
        let now_called = project.path_with_namespace.trim_matches('/');
        let moved = |path: &&Clean| !path.as_str().trim_matches('/').eq_ignore_ascii_case(now_called);
        if let Some(path) = self.path.as_ref().filter(moved) {
            let why = format!("`{path}` is called `{now_called}` now: write `project = \"{now_called}\"`");
            heard.gaps.push(gap("project", &why, GapKind::Odd));
        }
        if project.archived {
            heard.gaps.push(gap("project", "it is archived: nothing is delivered from there any more", GapKind::Odd));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct WireVersion {
    version: String,
}

fn read_version(body: &[u8], heard: &mut Heard) -> Result<(), Fault> {
    let version: WireVersion = json(body, "the version of a GitLab")?;
    heard.facts.push(Fact::here(What::Sighting(Sighting {
        product: "gitlab".into(),
        version: Clean::line(&version.version),
        evidence: Evidence::Answered,
        part: None,
    })));
    Ok(())
}

#[derive(Deserialize)]
struct WireRelease {
    tag_name: String,
    released_at: Option<String>,
    #[serde(default)]
    upcoming_release: bool,
    #[serde(rename = "_links")]
    links: Option<WireLinks>,
}

#[derive(Deserialize)]
struct WireLinks {
    #[serde(rename = "self")]
    own: Option<String>,
}

/// Understands the releases. One dated in the future is not published yet.
fn read_releases(body: &[u8], (product, list): (&ProductId, ListKind), heard: &mut Heard) -> Result<(), Fault> {
    items(body, "a list of releases", heard, |one: WireRelease, heard| {
        if !one.upcoming_release {
            heard.facts.push(Fact::here(What::Release(Box::new(Release {
                product: product.clone(),
                version: Clean::line_within(&one.tag_name, 100),
                published: one.released_at.as_deref().and_then(moment).map(Dated::At),
                prerelease: false,
                chart: None,
                url: told(one.links.as_ref().and_then(|links| links.own.as_deref())),
                list,
            }))));
        }
    })
}

#[derive(Deserialize)]
struct WireFreeze {
    freeze_start: String,
    freeze_end: String,
    cron_timezone: String,
}

/// Understands freeze periods: those that hold now and those to come.
fn read_freezes(body: &[u8], now: Moment, heard: &mut Heard) -> Result<(), Fault> {
    items(body, "a list of freeze periods", heard, |one: WireFreeze, heard| {
        match cron::freezes(&one.freeze_start, &one.freeze_end, &one.cron_timezone, now) {
            Ok(freezes) => {
                heard.facts.extend(freezes.into_iter().map(|freeze| Fact::here(What::Freeze(Box::new(freeze)))))
            }
            Err(why) => heard.gaps.push(gap("freeze period", &why, GapKind::Odd)),
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_segment_encoded_once() {
        assert_eq!(encoded("ops/rollout"), "ops%2Frollout");
        assert_eq!(encoded("/42/"), "42");
    }

    #[test]
    fn a_release_of_tomorrow_is_not_published() {
        let body = br#"[{"tag_name":"2.0.0","released_at":"2027-01-01T00:00:00Z","upcoming_release":true},
            {"tag_name":"1.0.0","released_at":"2026-01-01T00:00:00Z"}]"#;
        let mut heard = Heard::default();
        read_releases(body, (&"x".into(), ListKind::Whole), &mut heard).unwrap();
        assert_eq!(heard.facts.len(), 1);
    }
}
